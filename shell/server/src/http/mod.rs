//! Serves the pages: plain HTTP on loopback, HTTPS everywhere else, and a stop that lets requests finish.

mod authority;
mod tls;

pub(crate) use authority::Authority;
pub(crate) use tls::{TlsListener, config_from_files};

use std::net::SocketAddr;

use axum::Router;
use axum::serve::{Listener, ListenerExt as _};
use tokio::sync::watch;

/// Serves until `stop` turns true; requests under way are finished first.
pub(crate) async fn serve<L>(listener: L, pages: Router, mut stop: watch::Receiver<bool>)
where
    L: Listener<Addr = SocketAddr>,
{
    let stopped = async move {
        // An error means that the sender is gone, which is a stop as well.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    // The tap is what makes the peer's address known to handlers, for any kind of listener.
    let listener = listener.tap_io(|_| {});
    let pages = pages.into_make_service_with_connect_info::<SocketAddr>();
    if axum::serve(listener, pages).with_graceful_shutdown(stopped).await.is_err() {
        tracing::error!("a listener for pages was lost");
    }
}
