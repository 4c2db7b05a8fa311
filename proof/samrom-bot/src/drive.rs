//! Pumps bytes between a peer and its sockets.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use ids::LeaveReason;
use peer::call::{Beginning, Changes, Phase, SocketCommand};
use peer::group::{Memory, SoftDevice};
use peer::{Clips, Manners, Output, Peer, PeerConfig, PeerEvent, Transport};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::clock::{now, seed};
use crate::http::WayIn;
use crate::media::{Packet, Sockets};
use crate::report::Report;

/// Packets that are handled before the peer is asked what it wants to send.
const PACKETS_IN_A_ROW_MAX: usize = 32;
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(300);
/// What to do.
pub(crate) struct Task {
    pub(crate) way_in: WayIn,
    pub(crate) seconds: u64,
    pub(crate) manners: Manners,
    pub(crate) clips: Clips,
    pub(crate) screen: bool,
    pub(crate) say: Option<String>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) transport: Transport,
    #[cfg(feature = "unsealed-for-proof")]
    pub(crate) unsealed: bool,
}

type Stream = WebSocketStream<TcpStream>;

/// What happens at the WebSocket.
enum Line {
    Message(Vec<u8>),
    Closed,
}

struct Driver {
    way_in: WayIn,
    peer: Peer,
    sockets: Sockets,
    sender: Option<SplitSink<Stream, Message>>,
    receiver: Option<SplitStream<Stream>>,
    report: Report,
    start: Instant,
    screen: bool,
    say: Option<String>,
    ended: bool,
}

/// Joins, stays for the time given, says goodbye and reports.
///
/// # Errors
/// No sockets or no randomness; everything later is in the report.
pub(crate) async fn join(task: Task) -> anyhow::Result<Report> {
    let (sockets, incoming) = Sockets::open(task.transport, task.address).await?;
    let start = now();
    let config = PeerConfig {
        beginning: Beginning {
            session: task.way_in.session,
            returning: false,
            someone_came_in: false,
            closed_fast: false,
        },
        transport: task.transport,
        addresses: sockets.addresses(),
        device: SoftDevice::from_seed(seed()?).ok_or_else(|| anyhow!("an unlucky seed"))?,
        memory: Memory::default(),
        clips: task.clips,
        manners: task.manners,
        #[cfg(feature = "unsealed-for-proof")]
        unsealed: task.unsealed,
    };
    let mut driver = Driver {
        way_in: task.way_in,
        peer: Peer::new(config, start),
        sockets,
        sender: None,
        receiver: None,
        report: Report::default(),
        start: start.mono,
        screen: task.screen,
        say: task.say,
        ended: false,
    };
    driver.stay(incoming, start.mono + Duration::from_secs(task.seconds)).await;
    driver.goodbye().await;
    Ok(driver.report)
}

impl Driver {
    async fn stay(&mut self, mut incoming: mpsc::Receiver<Packet>, end: Instant) {
        let mut packets = Vec::with_capacity(PACKETS_IN_A_ROW_MAX);
        let mut due = self.work().await;
        while now().mono < end && !self.ended {
            let wake = due.min(end);
            tokio::select! {
                _ = incoming.recv_many(&mut packets, PACKETS_IN_A_ROW_MAX) => {
                    for Packet { source, destination, bytes } in packets.drain(..) {
                        self.peer.handle_packet(source, destination, &bytes, now());
                    }
                }
                line = read_line(&mut self.receiver) => match line {
                    Line::Message(bytes) => self.peer.handle_message(&bytes, now()),
                    Line::Closed => self.closed(),
                },
                () = tokio::time::sleep_until(wake.into()) => self.peer.handle_timeout(now()),
                _ = tokio::signal::ctrl_c() => return,
            }
            due = self.work().await;
        }
    }

    /// Leaves as a person does, and lets the goodbye get away.
    async fn goodbye(&mut self) {
        self.note();
        if !self.ended {
            let was = self.report.phase;
            self.peer.act(now(), |call, wall| call.leave(LeaveReason::Left, wall));
            self.work().await;
            self.report.phase = was;
        }
        tokio::time::sleep(GOODBYE).await;
    }

    fn closed(&mut self) {
        (self.sender, self.receiver) = (None, None);
        self.peer.handle_socket_closed(now());
    }

    /// Does everything that the peer wants done; says when it wants to be called again.
    async fn work(&mut self) -> Instant {
        loop {
            match self.peer.poll_output() {
                Output::Timeout(due) => return due,
                Output::Send(bytes) => self.send(bytes).await,
                Output::Socket(SocketCommand::Open) => self.open().await,
                Output::Socket(SocketCommand::Close) => {
                    if let Some(mut sender) = self.sender.take() {
                        // The socket may be gone already; closing it is then no news.
                        drop(sender.close().await);
                    }
                    self.receiver = None;
                }
                Output::Transmit { source, destination, bytes } => {
                    self.sockets.send(source, destination, bytes).await;
                }
                Output::Event(event) => self.event(event),
            }
        }
    }

    async fn send(&mut self, bytes: Vec<u8>) {
        let Some(sender) = &mut self.sender else { return };
        if sender.send(Message::binary(bytes)).await.is_err() {
            self.closed();
        }
    }

    async fn open(&mut self) {
        match connect(&self.way_in).await {
            Ok(stream) => {
                let (sender, receiver) = stream.split();
                (self.sender, self.receiver) = (Some(sender), Some(receiver));
                self.peer.handle_socket_open(now());
            }
            Err(error) => {
                tracing::warn!(%error, "the WebSocket does not open");
                self.closed();
            }
        }
    }

    fn event(&mut self, event: PeerEvent) {
        match event {
            PeerEvent::Changed(changes) => self.changed(changes),
            PeerEvent::Connected(profile) => self.report.connected(profile, self.start, now().mono),
            PeerEvent::Frame(frame) => self.report.frame(&frame, self.start),
            PeerEvent::Remember(_) => {}
        }
    }

    fn changed(&mut self, changes: Changes) {
        self.note();
        if changes.has(Changes::PHASE) {
            tracing::info!(phase = self.report.phase, "changed");
        }
        let view = self.peer.call().view();
        self.ended = matches!(view.phase, Phase::Ended { .. } | Phase::Refused { .. });
        if view.phase == Phase::Inside && view.lock.epoch.is_some() {
            self.do_once();
        }
    }

    /// What was asked for on the command line, as soon as it can be done.
    fn do_once(&mut self) {
        if let Some(text) = self.say.take() {
            let said = self.peer.act(now(), |call, wall| call.chat(&text, wall));
            tracing::info!(?said, "chat");
        }
        if core::mem::take(&mut self.screen) {
            let shared = self.peer.act(now(), peer::call::Call::share_screen);
            tracing::info!(?shared, "screen");
        }
    }

    fn note(&mut self) {
        self.report.look(self.peer.call(), self.start, now().mono);
    }
}

/// The next thing on the WebSocket; never, when there is none.
async fn read_line(receiver: &mut Option<SplitStream<Stream>>) -> Line {
    let Some(stream) = receiver else { return std::future::pending().await };
    loop {
        match stream.next().await {
            Some(Ok(Message::Binary(bytes))) => return Line::Message(bytes.to_vec()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Line::Closed,
            Some(Ok(_)) => {}
        }
    }
}

async fn connect(way_in: &WayIn) -> anyhow::Result<Stream> {
    let mut request = format!("ws://{}/ws/{}", way_in.host, way_in.session).into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("origin", HeaderValue::from_str(&format!("http://{}", way_in.host))?);
    headers.insert("cookie", HeaderValue::from_str(&way_in.cookie)?);
    let stream = TcpStream::connect(way_in.server).await?;
    stream.set_nodelay(true)?;
    Ok(client_async(request, stream).await?.0)
}
