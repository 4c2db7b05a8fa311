//! What the server does by itself, by the clock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use store::{Db, HeadWritten};
use tokio::sync::watch;

use crate::clock;

/// How often the audit chain's head is signed and written outside the database (SEC-007).
const HEAD_INTERVAL: Duration = Duration::from_secs(60);

/// Writes the head every minute until `stop` turns true; the first and the last are written by the caller.
pub(crate) async fn write_heads(db: Db, file: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(HEAD_INTERVAL);
    ticks.tick().await;
    loop {
        tokio::select! {
            _ = ticks.tick() => write_head(&db, &file).await,
            // An error means that nobody can ask any more, which is a stop as well.
            () = async { _ = stop.wait_for(|stop| *stop).await } => return,
        }
    }
}

/// Writes the head now. A chain that does not hold is told, and the old head stays.
pub(crate) async fn write_head(db: &Db, file: &Path) {
    match store::write_head(db, file, clock::wall()).await {
        Ok(HeadWritten::Renewed(_)) => {}
        Ok(HeadWritten::First(head)) => {
            tracing::info!(entries = head.sequence, "the audit chain was checked and its first head signed");
        }
        Err(error) => {
            tracing::error!(%error, "the audit head was not renewed; run `samrom audit verify`");
        }
    }
}
