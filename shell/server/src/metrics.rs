//! Figures for operators on a loopback port of their own: counts and times, never a person, a meeting or an address
//! (SEC-012).

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;

/// Starts counting and serves `/metrics`; without this call counting costs nothing.
///
/// # Errors
/// When the port is taken.
pub(crate) async fn serve(port: u16) -> anyhow::Result<()> {
    let handle = PrometheusBuilder::new().install_recorder().context("starting the metrics")?;
    describe();
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(at).await.context("opening the metrics port")?;
    let pages = Router::new().route("/metrics", get(move || std::future::ready(handle.render())));
    tokio::spawn(async move {
        if axum::serve(listener, pages).await.is_err() {
            tracing::error!("the metrics port was lost");
        }
    });
    Ok(())
}

fn describe() {
    use metrics::Unit::Count;
    metrics::describe_gauge!("samrom_rooms", Count, "Rooms that are open on a shard");
    metrics::describe_gauge!("samrom_sockets", Count, "WebSockets that are open");
    metrics::describe_counter!("samrom_media_packets_in", Count, "Packets that reached a room");
    metrics::describe_counter!("samrom_media_packets_out", Count, "Packets that rooms sent");
    metrics::describe_counter!("samrom_media_packets_unknown", Count, "Packets that belonged to no room");
    metrics::describe_counter!(
        "samrom_media_packets_dropped",
        Count,
        "Packets dropped before they were sent"
    );
    metrics::describe_counter!(
        "samrom_sockets_too_slow",
        Count,
        "WebSockets closed because they read too slowly"
    );
    metrics::describe_counter!("samrom_messages_sent", Count, "Messages that the next server took");
    metrics::describe_counter!("samrom_messages_put_off", Count, "Messages that wait for another try");
    metrics::describe_counter!("samrom_messages_failed", Count, "Messages that were not sent");
    metrics::describe_counter!("samrom_messages_in_doubt", Count, "Messages that may have arrived");
    metrics::describe_counter!("samrom_store_failures", Count, "Writes or reads of records that failed");
}
