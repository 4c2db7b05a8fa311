//! The sockets that media goes over: datagrams, or a stream where datagrams do not pass. All that comes in goes into one
//! channel, read by a thread of its own while the peer works.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use peer::Transport;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, UdpSocket};
use tokio::sync::mpsc;

use crate::clock::now;

/// Bytes of one packet.
const PACKET_BYTES: usize = 2_048;
/// Packets that wait to be handled; seconds of what a full room sends.
const PACKETS_MAX: usize = 8_192;
/// Packets that wait to get into a stream; what does not fit is lost, as on a datagram's way.
const UNSENT_MAX: usize = 1_024;
/// Bytes asked for as a socket's buffer; the kernel gives at most `net.core.rmem_max`.
const RECEIVE_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// Addresses of a server that one of ours has streams to.
const STREAMS_MAX: usize = 8;
/// Time between two attempts to open a stream.
const STREAM_PAUSE: Duration = Duration::from_secs(1);
/// An address that is nobody's (RFC 5737); asked for to learn which of ours leads outward. Nothing is sent to it.
const OUTWARD: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// A packet with where it came from and to.
pub(crate) struct Packet {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) bytes: Vec<u8>,
}

/// All sockets for media.
pub(crate) struct Sockets {
    ours: Vec<(SocketAddr, Socket)>,
    incoming: mpsc::Sender<Packet>,
}

enum Socket {
    Datagrams(Arc<UdpSocket>),
    Streams(Streams),
}

/// Streams from one address, opened when the first packet is sent; the address is ours before.
struct Streams {
    fresh: Option<TcpSocket>,
    to: BTreeMap<SocketAddr, Stream>,
}

struct Stream {
    unsent: mpsc::Sender<Vec<u8>>,
    opened: Instant,
}

impl Sockets {
    /// Opens a socket on each address that may lead to the server; what comes in comes out of the channel.
    pub(crate) async fn open(
        transport: Transport,
        address: Option<IpAddr>,
    ) -> anyhow::Result<(Self, mpsc::Receiver<Packet>)> {
        let (incoming, packets) = mpsc::channel(PACKETS_MAX);
        let mut addresses = match address {
            Some(address) => vec![address],
            None => outward().await.into_iter().chain([IpAddr::V4(Ipv4Addr::LOCALHOST)]).collect(),
        };
        addresses.dedup();
        let mut ours = Vec::new();
        for address in addresses {
            let socket = match transport {
                Transport::Udp => datagrams(address, &incoming).await,
                Transport::Tcp => stream(SocketAddr::new(address, 0)).map(|(local, fresh)| {
                    (local, Socket::Streams(Streams { fresh: Some(fresh), to: BTreeMap::new() }))
                }),
            };
            ours.push(socket.context("no socket for media")?);
        }
        Ok((Self { ours, incoming }, packets))
    }

    /// Our own addresses.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.ours.iter().map(|(address, _)| *address).collect()
    }

    /// Sends a packet; what the network does not take is lost, as on any network.
    pub(crate) async fn send(&mut self, source: SocketAddr, destination: SocketAddr, bytes: Vec<u8>) {
        match self.ours.iter_mut().find(|(address, _)| *address == source) {
            Some((_, Socket::Datagrams(socket))) => drop(socket.send_to(&bytes, destination).await),
            Some((local, Socket::Streams(streams))) => {
                streams.send(*local, destination, bytes, &self.incoming);
            }
            None => {}
        }
    }
}

async fn datagrams(
    address: IpAddr,
    incoming: &mpsc::Sender<Packet>,
) -> std::io::Result<(SocketAddr, Socket)> {
    let socket = Arc::new(UdpSocket::bind((address, 0)).await?);
    // A smaller buffer loses more on a loaded machine and is no reason to stay away.
    drop(socket2::SockRef::from(&*socket).set_recv_buffer_size(RECEIVE_BUFFER_BYTES));
    let local = socket.local_addr()?;
    tokio::spawn(read_datagrams(socket.clone(), local, incoming.clone()));
    Ok((local, Socket::Datagrams(socket)))
}

/// A TCP socket that is bound and not connected.
fn stream(local: SocketAddr) -> std::io::Result<(SocketAddr, TcpSocket)> {
    let socket = if local.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(local)?;
    Ok((socket.local_addr()?, socket))
}

/// The address of ours that leads outward, if there is a way out.
async fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await.ok()?;
    socket.connect(OUTWARD).await.ok()?;
    socket.local_addr().ok().map(|local| local.ip()).filter(|ip| !ip.is_loopback())
}

async fn read_datagrams(socket: Arc<UdpSocket>, destination: SocketAddr, incoming: mpsc::Sender<Packet>) {
    let mut buffer = [0; PACKET_BYTES];
    while !incoming.is_closed() {
        match socket.recv_from(&mut buffer).await {
            Ok((length, source)) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                if incoming.send(Packet { source, destination, bytes }).await.is_err() {
                    return;
                }
            }
            // A port that is closed at the other end shows here; the connection says for itself when it is lost.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

impl Streams {
    fn send(
        &mut self,
        local: SocketAddr,
        remote: SocketAddr,
        bytes: Vec<u8>,
        incoming: &mpsc::Sender<Packet>,
    ) {
        let is_up = self.to.get(&remote).is_some_and(|stream| !stream.unsent.is_closed());
        if !is_up {
            self.connect(local, remote, incoming);
        }
        if let Some(stream) = self.to.get(&remote) {
            // The stream is slower than the peer, or gone: lost.
            drop(stream.unsent.try_send(bytes));
        }
    }

    fn connect(&mut self, local: SocketAddr, remote: SocketAddr, incoming: &mpsc::Sender<Packet>) {
        let now = now().mono;
        let too_soon = |stream: &Stream| now < stream.opened + STREAM_PAUSE;
        let known = self.to.get(&remote);
        if known.is_some_and(too_soon) || (known.is_none() && self.to.len() >= STREAMS_MAX) {
            return;
        }
        let again = || stream(local).ok().map(|(_, socket)| socket);
        let Some(socket) = self.fresh.take().or_else(again) else { return };
        let (unsent, packets) = mpsc::channel(UNSENT_MAX);
        self.to.insert(remote, Stream { unsent, opened: now });
        tokio::spawn(run_stream(socket, local, remote, packets, incoming.clone()));
    }
}

/// Connects, then reads and writes until either end is gone.
async fn run_stream(
    socket: TcpSocket,
    local: SocketAddr,
    remote: SocketAddr,
    packets: mpsc::Receiver<Vec<u8>>,
    incoming: mpsc::Sender<Packet>,
) {
    let connected = match socket.connect(remote).await {
        Ok(connected) => connected,
        Err(error) => return tracing::warn!(kind = ?error.kind(), "no stream for media"),
    };
    // Without it a stream is only slower.
    drop(connected.set_nodelay(true));
    let (reading, writing) = connected.into_split();
    let ended = tokio::select! {
        read = read_stream(reading, local, remote, incoming) => read,
        written = write_stream(writing, packets) => written,
    };
    tracing::debug!(ended = ?ended.map_err(|error| error.kind()), "the stream for media ends");
}

async fn read_stream(
    stream: OwnedReadHalf,
    destination: SocketAddr,
    source: SocketAddr,
    incoming: mpsc::Sender<Packet>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let length = usize::from(stream.read_u16().await?);
        if length > PACKET_BYTES {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await?;
        if incoming.send(Packet { source, destination, bytes }).await.is_err() {
            return Ok(());
        }
    }
}

async fn write_stream(
    mut stream: OwnedWriteHalf,
    mut packets: mpsc::Receiver<Vec<u8>>,
) -> std::io::Result<()> {
    let mut framed = Vec::with_capacity(PACKET_BYTES);
    while let Some(packet) = packets.recv().await {
        let Ok(length) = u16::try_from(packet.len()) else { continue };
        framed.clear();
        framed.extend(length.to_be_bytes());
        framed.extend(packet);
        stream.write_all(&framed).await?;
    }
    Ok(())
}
