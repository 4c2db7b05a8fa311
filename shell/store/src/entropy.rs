//! Randomness for ids, keys and tokens, all from the system's generator (SEC-029).

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::error::Result;

/// Bytes from the system's generator.
#[expect(
    clippy::disallowed_methods,
    reason = "the store makes ids, keys and tokens; this is its only source"
)]
pub(crate) fn random<const BYTES: usize>() -> Result<Zeroizing<[u8; BYTES]>> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    rand::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// Ten bytes for a new id.
pub(crate) fn random_id_part() -> Result<[u8; 10]> {
    Ok(*random()?)
}
