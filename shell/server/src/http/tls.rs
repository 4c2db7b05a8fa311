//! HTTPS: handshakes run beside each other and have a time limit, so that a slow client keeps nobody else out.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificates::Current;

/// Time that a client has for its handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Handshakes under way at a time; the next waits in the kernel's queue.
const HANDSHAKES_MAX: usize = 256;

/// Certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file cannot be read or is no PEM.
    #[error("{what} cannot be read from {path}: {why}")]
    File {
        /// Certificate or key.
        what: &'static str,
        /// The file.
        path: String,
        /// What was wrong.
        why: rustls::pki_types::pem::Error,
    },
    /// They do not fit each other, or are of a kind that we do not speak.
    #[error("certificate and private key do not work together: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The server's side of TLS from a certificate chain and its key.
///
/// # Errors
/// When they do not fit each other.
pub(crate) fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Accepts TLS connections for axum.
pub(crate) struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    at: SocketAddr,
}

impl TlsListener {
    /// Starts accepting.
    ///
    /// # Errors
    /// When the listener has no address, which means that it is closed.
    pub(crate) fn start(listener: TcpListener, config: Current) -> io::Result<Self> {
        let at = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(64);
        tokio::spawn(accept(listener, config, sender));
        Ok(Self { ready, at })
    }
}

async fn accept(
    mut listener: TcpListener,
    config: Current,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let (stream, from) = tokio::select! {
            accepted = axum::serve::Listener::accept(&mut listener) => accepted,
            () = ready.closed() => return,
        };
        // Whatever certificate is in use at this moment.
        let (acceptor, ready) = (TlsAcceptor::from(Arc::clone(&config.borrow())), ready.clone());
        tokio::spawn(async move {
            // A failed handshake is the client's affair and says nothing that may be logged.
            if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await {
                let _ = ready.send((stream, from)).await;
            }
            drop(place);
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // The accepting task lives as long as this receiver, so this is never reached in practice.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.at)
    }
}
