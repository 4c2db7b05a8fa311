//! The one place of the server that draws randomness: the system's generator and no other (SEC-029).

/// Fresh random bytes.
///
/// # Panics
/// As [`fill`].
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Fills a buffer with fresh random bytes.
///
/// # Panics
/// When the system has no randomness to give: nothing that we do is safe then, so stopping is right.
#[expect(clippy::disallowed_methods, reason = "the server's one source of randomness, the system's")]
pub(crate) fn fill(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the system's generator answers once the machine has started");
}
