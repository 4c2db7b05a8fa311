//! One SFrame key (RFC 9605) with its counter or its replay window: the only place that touches the cipher.

use sframe::CipherSuite;
use sframe::frame::{EncryptedFrameView, MediaFrameView, MonotonicCounter};
use sframe::key::{DecryptionKey, EncryptionKey};

use crate::replay::ReplayWindow;

/// AES-128-GCM with SHA-256 and the full tag of sixteen bytes (RFC 9605 §4.5, suite 4).
const SUITE: CipherSuite = CipherSuite::AesGcm128Sha256;

/// A key that seals, each counter once.
pub struct SealingKey {
    key: EncryptionKey,
    counter: MonotonicCounter,
}

impl SealingKey {
    /// Derives the key with this id from a base key (RFC 9605 §4.4.2); it starts counting at `first`.
    #[must_use]
    pub fn derive(base: &[u8], key_id: u64, first: u64) -> Option<Self> {
        let key = EncryptionKey::derive_from(SUITE, key_id, base).ok()?;
        Some(Self { key, counter: MonotonicCounter::with_start_value(first, u64::MAX) })
    }

    /// Writes `clear` ‖ header ‖ sealed `payload` ‖ tag into `out`; the tag covers header and `clear`.
    pub fn seal(&mut self, clear: &[u8], payload: &[u8], out: &mut Vec<u8>) -> Option<()> {
        MediaFrameView::try_with_meta_data(&mut self.counter, payload, clear)
            .and_then(|view| view.encrypt_into(&self.key, out).map(drop))
            .ok()
    }
}

/// A sealed frame, taken apart but not yet believed.
pub struct SealedFrame<'a>(EncryptedFrameView<'a>);

impl<'a> SealedFrame<'a> {
    /// Reads the header that follows the clear bytes; `None` when there is none.
    #[must_use]
    pub fn parse(clear: &'a [u8], sealed: &'a [u8]) -> Option<Self> {
        EncryptedFrameView::try_with_meta_data(sealed, clear).ok().map(Self)
    }

    /// The key id that the header claims.
    #[must_use]
    pub fn key_id(&self) -> u64 {
        self.0.header().key_id()
    }
}

/// A key that opens, each counter once.
pub struct OpeningKey {
    id: u64,
    key: DecryptionKey,
    window: ReplayWindow,
}

impl OpeningKey {
    /// Derives the key with this id from a base key (RFC 9605 §4.4.2).
    #[must_use]
    pub fn derive(base: &[u8], key_id: u64) -> Option<Self> {
        let key = DecryptionKey::derive_from(SUITE, key_id, base).ok()?;
        Some(Self { id: key_id, key, window: ReplayWindow::default() })
    }

    /// The key's id.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Writes the clear bytes ‖ the opened payload into `out`; `None` for a forgery or a replay.
    ///
    /// The counter is remembered only when the frame was authentic, so that a forged one can neither use up a counter
    /// nor spoil the key.
    pub fn open(&mut self, frame: &SealedFrame<'_>, out: &mut Vec<u8>) -> Option<()> {
        let counter = frame.0.header().counter();
        if !self.window.admits(counter) {
            return None;
        }
        frame.0.decrypt_into(&self.key, out).ok()?;
        self.window.record(counter);
        Some(())
    }
}
