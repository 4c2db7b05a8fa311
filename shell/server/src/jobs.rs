//! What the server does by itself, by the clock.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ids::Timestamp;
use store::{Db, HeadError, HeadWritten, Pace, StoreError};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::clock;

/// How often the audit chain's head is signed and written outside the database (SEC-007).
const HEAD_INTERVAL: Duration = Duration::from_secs(10);
/// How often the database's log is folded into its file: seldom is much at a time, and then writers wait for the disk.
const FOLD_INTERVAL: Duration = Duration::from_millis(200);
/// How often the wall clock is compared with the steady one.
const CLOCK_INTERVAL: Duration = Duration::from_secs(10);
/// What counts as a step of the clock.
const CLOCK_STEP_MS: i64 = 2_000;

/// Writes the head every few seconds until `stop` turns true; the first and the last are written by the caller.
pub(crate) async fn write_heads(db: Db, file: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(HEAD_INTERVAL);
    ticks.tick().await;
    loop {
        tokio::select! {
            _ = ticks.tick() => write_head(&db, &file, Pace::Gentle).await,
            // An error means that nobody can ask any more, which is a stop as well.
            () = async { _ = stop.wait_for(|stop| *stop).await } => return,
        }
    }
}

/// Writes the head now. A chain that does not hold is told, and the old head stays.
pub(crate) async fn write_head(db: &Db, file: &Path, pace: Pace) {
    match store::write_head(db, file, clock::wall(), pace).await {
        Ok(HeadWritten::Renewed(_)) => {}
        Ok(HeadWritten::First(head)) => {
            tracing::info!(entries = head.sequence, "the audit chain was checked and its first head signed");
        }
        Err(StoreError::Head(error @ (HeadError::Forged | HeadError::Malformed | HeadError::Broken(_)))) => {
            tracing::error!(%error, "the audit head was not renewed; run `samrom audit verify`");
        }
        Err(error) => {
            tracing::error!(%error, "the audit head could not be written now; it is tried again in a moment");
        }
    }
}

/// Folds the database's log into its file a little at a time, so that no page waits for it.
pub(crate) async fn fold(db: Db, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(FOLD_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if let Err(error) = db.fold().await {
                    tracing::error!(%error, "the database's log could not be folded now; it is tried again in a moment");
                    // A disk that is full is told now and then, not several times a second.
                    ticks.reset_after(HEAD_INTERVAL);
                }
            }
            () = async { _ = stop.wait_for(|stop| *stop).await } => return,
        }
    }
}

/// Tells when the wall clock was put forward or back: records and deadlines of links go by it, meetings do not.
pub(crate) async fn watch_clock(mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(CLOCK_INTERVAL);
    let mut before = (clock::wall(), clock::steady());
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = async { _ = stop.wait_for(|stop| *stop).await } => return,
        }
        let now = (clock::wall(), clock::steady());
        if let Some(seconds) = stepped(before, now) {
            tracing::warn!(seconds, "the clock of this machine was put forward (or back, where negative)");
        }
        before = now;
    }
}

/// By how many seconds the wall clock went otherwise than the steady one, when that is more than clocks do by themselves.
fn stepped(before: (Timestamp, Instant), now: (Timestamp, Instant)) -> Option<i64> {
    let wall = now.0.as_millis().saturating_sub(before.0.as_millis());
    let steady = i64::try_from(now.1.duration_since(before.1).as_millis()).unwrap_or(i64::MAX);
    let by = wall.saturating_sub(steady);
    (by.abs() >= CLOCK_STEP_MS).then_some(by / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_clock_is_seen_and_its_going_is_not() {
        let (wall, steady) = (clock::wall(), clock::steady());
        let at = |ms: i64| Timestamp::from_millis(wall.as_millis() + ms);
        let later = |ms| steady + Duration::from_millis(ms);
        assert_eq!(stepped((at(0), steady), (at(10_000), later(10_000))), None);
        assert_eq!(stepped((at(0), steady), (at(10_900), later(10_000))), None);
        assert_eq!(stepped((at(0), steady), (at(3_610_000), later(10_000))), Some(3_600));
        assert_eq!(stepped((at(0), steady), (at(-3_590_000), later(10_000))), Some(-3_600));
    }
}
