//! Serves the pages: plain HTTP on loopback, HTTPS everywhere else, and a stop that lets requests finish.

mod authority;
mod certificates;
mod peers;
mod tls;

pub(crate) use authority::Authority;
pub(crate) use certificates::Certificates;
pub(crate) use peers::Peers;
pub(crate) use tls::TlsListener;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// Connections of one listener at a time; the next waits in the kernel's queue (SEC-025).
const CONNECTIONS_MAX: usize = 8_192;
/// Time that a client has for the head of a request; whoever drips it byte by byte is closed (SEC-025).
const HEAD_TIME_MAX: Duration = Duration::from_secs(20);

/// Serves until `stop` turns true; requests under way are finished first.
pub(crate) async fn serve<L>(mut listener: L, pages: Router, peers: Peers, stop: watch::Receiver<bool>)
where
    L: Listener<Addr = SocketAddr>,
{
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = stopped(stop.clone()) => break,
        };
        if !peers.may_connect(from) {
            continue;
        }
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let (pages, peers, stop) = (pages.clone(), peers.clone(), stop.clone());
        connections.spawn(async move {
            carry(stream, (from, peers), pages, stop).await;
            drop(place);
        });
    }
    while connections.join_next().await.is_some() {}
}

/// Serves one connection; a WebSocket leaves it for a task of its own.
async fn carry<S>(stream: S, (from, peers): (SocketAddr, Peers), pages: Router, stop: watch::Receiver<bool>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        let client = peers.client(from, request.headers());
        request.extensions_mut().insert(ConnectInfo(client));
        pages.clone().oneshot(request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer).with_upgrades());
    // How a connection failed is its client's affair, and would name an address.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stopped(stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that nobody can ask any more, which is a stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}
