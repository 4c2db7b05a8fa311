//! The one place of the server that reads a clock; everything below it is handed the moment.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ids::Timestamp;

/// The wall clock, for records and for people.
#[expect(clippy::disallowed_methods, reason = "the server's one reading of the wall clock")]
pub(crate) fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The monotonic clock, for timers and media.
#[expect(clippy::disallowed_methods, reason = "the server's one reading of the monotonic clock")]
pub(crate) fn steady() -> Instant {
    Instant::now()
}
