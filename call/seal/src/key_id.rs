//! The key id of a frame: which track, of which leaf, in which epoch (SEC-017).
//!
//! RFC 9605 §5.2 lays the id out as context ‖ index ‖ epoch. Our context is the track, so that each track has a key
//! and a counter of its own and a server cannot pass a camera off as a screen.

use ids::TrackKind;

/// Bits of the epoch inside the key id.
pub(crate) const EPOCH_BITS: u32 = 16;
/// Bits of the sender's leaf inside the key id.
pub(crate) const LEAF_BITS: u32 = 8;

/// What an SFrame key id says, before anything is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId {
    /// The track.
    pub track: TrackKind,
    /// The sender's leaf in the ratchet tree.
    pub leaf: u8,
    /// The low sixteen bits of the epoch.
    pub epoch: u16,
}

impl KeyId {
    /// The id for a sender's track in an epoch; `None` when the leaf does not fit (the tree never grows that far).
    #[must_use]
    pub fn new(track: TrackKind, leaf: u32, epoch: u64) -> Option<Self> {
        let [.., high, low] = epoch.to_be_bytes();
        Some(Self { track, leaf: u8::try_from(leaf).ok()?, epoch: u16::from_be_bytes([high, low]) })
    }

    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> u64 {
        (u64::from(self.track.number()) << (EPOCH_BITS + LEAF_BITS))
            | (u64::from(self.leaf) << EPOCH_BITS)
            | u64::from(self.epoch)
    }

    /// Reads the number on the wire; `None` when no track has that context.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        let track = TrackKind::from_number(u8::try_from(number >> (EPOCH_BITS + LEAF_BITS)).ok()?)?;
        let [.., leaf, high, low] = number.to_be_bytes();
        Some(Self { track, leaf, epoch: u16::from_be_bytes([high, low]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_round_trips_and_names_track_leaf_and_epoch() {
        for track in TrackKind::ALL {
            let id = KeyId::new(track, 7, 0x5_0001).expect("the leaf fits");
            assert_eq!(id.epoch, 1, "the low sixteen bits of the epoch");
            assert_eq!(KeyId::from_number(id.number()), Some(id));
        }
        let camera = KeyId::new(TrackKind::Camera, 7, 9).expect("the leaf fits");
        assert_eq!(camera.number(), (1 << 24) | (7 << 16) | 9, "the layout is frozen");
    }

    #[test]
    fn strange_key_ids_are_refused() {
        assert_eq!(KeyId::new(TrackKind::Camera, 256, 0), None);
        assert_eq!(KeyId::from_number(3 << 24), None, "there is no fourth track");
        assert_eq!(KeyId::from_number(u64::MAX), None);
    }
}
