//! Opens one shard's sockets: UDP and TCP on the same port, with buffers that hold a burst.

use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

/// Bytes that the kernel may hold for us in each direction; a key frame to seven others is about a megabyte.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// Attempts to find a port that is free for UDP and TCP alike when the system chooses.
const ATTEMPTS_MAX: usize = 20;

/// Sockets of one shard before its thread has a runtime.
pub(crate) struct Ports {
    udp: std::net::UdpSocket,
    tcp: Option<std::net::TcpListener>,
    port: u16,
}

impl Ports {
    /// Binds them. Port 0 lets the system choose.
    ///
    /// # Errors
    /// What the system says, mostly that a port is taken.
    pub(crate) fn open(address: IpAddr, port: u16, with_tcp: bool) -> io::Result<Self> {
        let attempts = if port == 0 { ATTEMPTS_MAX } else { 1 };
        let mut last = io::Error::other("no port was tried");
        for _ in 0..attempts {
            match Self::open_once(address, port, with_tcp) {
                Ok(ports) => return Ok(ports),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn open_once(address: IpAddr, port: u16, with_tcp: bool) -> io::Result<Self> {
        let udp = open_udp(SocketAddr::new(address, port))?;
        let port = udp.local_addr()?.port();
        let tcp = if with_tcp { Some(open_tcp(SocketAddr::new(address, port))?) } else { None };
        Ok(Self { udp, tcp, port })
    }

    /// The port that was bound.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Whether TCP is open too.
    pub(crate) const fn has_tcp(&self) -> bool {
        self.tcp.is_some()
    }

    /// Hands the sockets to the runtime of the calling thread.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn into_tokio(self) -> io::Result<(UdpSocket, Option<TcpListener>)> {
        let tcp = self.tcp.map(TcpListener::from_std).transpose()?;
        Ok((UdpSocket::from_std(self.udp)?, tcp))
    }
}

fn open_udp(at: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    // The kernel gives what its limits allow; less is slower, not wrong.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER_BYTES);
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    Ok(socket.into())
}

fn open_tcp(at: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    socket.listen(128)?;
    Ok(socket.into())
}
