//! The two clocks and the system's randomness: the only place where the bot reads either.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ids::Timestamp;
use peer::Now;

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "this is the bot's one clock")]
pub(crate) fn now() -> Now {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Now { wall, mono: Instant::now() }
}

/// Random bytes for a device key.
#[expect(clippy::disallowed_methods, reason = "this is the bot's one source of randomness")]
pub(crate) fn seed() -> anyhow::Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(seed)
}
