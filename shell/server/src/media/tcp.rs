//! ICE-TCP, passive (RFC 6544): accepts streams where a network lets no UDP through, takes their frames apart and
//! feeds their send queues. Whether a stream belongs to anybody is for the shard to say.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sfu::framing::{Deframer, SendQueue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::timeout;

use crate::clock;

/// Streams of one shard; a meeting of eight needs eight.
const STREAMS_MAX: usize = 1_024;
/// Silence after which a stream is closed; ICE asks for consent every few seconds.
const SILENCE_MAX: Duration = Duration::from_secs(40);
/// How long one write may take before the stream counts as dead.
const WRITE_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes read at a time.
const READ_BYTES: usize = 16 * 1024;

/// What streams tell the shard.
pub(super) enum TcpEvent {
    /// A stream was accepted.
    Opened { from: SocketAddr, leg: Leg },
    /// A whole packet came.
    Packet { from: SocketAddr, bytes: Vec<u8> },
    /// The stream is gone.
    Closed { from: SocketAddr },
}

/// The shard's hand on one stream; dropping it closes the stream.
pub(super) struct Leg {
    shared: Arc<Shared>,
    /// Whether a room has taken a packet of it.
    pub(super) known: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<SendQueue>,
    changed: Notify,
    closed: Notify,
}

impl Leg {
    /// Queues a packet.
    pub(super) fn send(&self, bytes: &[u8]) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.push(bytes, clock::steady());
        self.shared.changed.notify_one();
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.shared.closed.notify_one();
    }
}

/// Accepts streams for as long as the shard listens.
pub(super) async fn accept(mut listener: TcpListener, events: mpsc::Sender<TcpEvent>) {
    let places = Arc::new(Semaphore::new(STREAMS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, from) = tokio::select! {
            accepted = axum::serve::Listener::accept(&mut listener) => accepted,
            () = events.closed() => return,
        };
        let events = events.clone();
        tokio::spawn(async move {
            run(stream, from, &events).await;
            let _ = events.send(TcpEvent::Closed { from }).await;
            drop(place);
        });
    }
}

async fn run(stream: TcpStream, from: SocketAddr, events: &mpsc::Sender<TcpEvent>) {
    // Packets wait for nothing: a voice that comes in one piece later is late.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let shared = Arc::new(Shared::default());
    let leg = Leg { shared: Arc::clone(&shared), known: false };
    if events.send(TcpEvent::Opened { from, leg }).await.is_err() {
        return;
    }
    let (read, write) = stream.into_split();
    tokio::select! {
        () = read_frames(read, from, events) => {}
        () = write_frames(write, &shared) => {}
        () = shared.closed.notified() => {}
    }
    let dropped = shared.queue.lock().unwrap_or_else(PoisonError::into_inner).take_dropped();
    metrics::counter!("samrom_media_packets_dropped").increment(dropped);
}

async fn read_frames(mut read: OwnedReadHalf, from: SocketAddr, events: &mpsc::Sender<TcpEvent>) {
    let mut deframer = Deframer::default();
    let mut buffer = vec![0; READ_BYTES];
    // Ends by silence, by the other side, by an error or by the shard going.
    while let Ok(Ok(count @ 1..)) = timeout(SILENCE_MAX, read.read(&mut buffer)).await {
        deframer.push(buffer.get(..count).unwrap_or_default());
        loop {
            let bytes = match deframer.next_packet() {
                Ok(Some(packet)) => packet.to_vec(),
                Ok(None) => break,
                Err(_) => return,
            };
            if events.send(TcpEvent::Packet { from, bytes }).await.is_err() {
                return;
            }
        }
    }
}

async fn write_frames(mut write: OwnedWriteHalf, shared: &Shared) {
    loop {
        let next = shared.queue.lock().unwrap_or_else(PoisonError::into_inner).pop(clock::steady());
        let Some(framed) = next else {
            shared.changed.notified().await;
            continue;
        };
        match timeout(WRITE_TIME_MAX, write.write_all(&framed)).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
}
