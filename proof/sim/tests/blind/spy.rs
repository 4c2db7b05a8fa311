//! What a server that wants to know does with the packets that it holds: puts frames together, tries to get a cipher's
//! envelope off them, and writes files that a decoder takes.

use std::collections::BTreeMap;

use sfu::Overheard;

/// Bytes of an AES-GCM tag.
const TAG: usize = 16;
/// How frames may begin behind their tag (RFC 6386 §9), key frames with the size of our pictures: no segments, no
/// filter, one partition.
const KEY_FRAME: [u8; 13] = [0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 0, 0, 0, 0, 0, 0];
const OTHER_FRAME: [u8; 6] = [0; 6];
/// Bytes of the tag before it.
const FRAME_TAG: usize = 3;
/// How much of a frame is its first partition, at a guess: an eighth.
const FIRST_PARTITION: usize = 8;

/// Lengths of header that are tried whatever the header says; ours are of five to seven bytes.
const CUTS: core::ops::RangeInclusive<usize> = 3..=9;

/// How the server tries to make a frame of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// As it came.
    AsItIs,
    /// Without the first byte.
    WithoutFirstByte,
    /// Without what stands where a tag would.
    WithoutTag,
    /// Without the tag and the SFrame header (RFC 9605 §4.3) that follows this many clear bytes, which stay.
    Unwrapped {
        /// How many.
        clear: usize,
    },
    /// Without the tag, the SFrame header and the clear bytes before it.
    Inside {
        /// How many there are.
        clear: usize,
    },
    /// Without the tag and a header of this length, whatever the header says; the clear bytes stay.
    Cut {
        /// Clear bytes.
        clear: usize,
        /// Bytes of header.
        header: usize,
    },
    /// Unwrapped, with a frame header of the server's own making laid over what stands there, so that a decoder takes
    /// even noise for a picture.
    Grafted,
}

impl Attempt {
    /// What is tried on pictures: one byte of each frame is clear by design.
    pub(crate) fn on_pictures() -> Vec<Self> {
        let cuts = CUTS.map(|header| Self::Cut { clear: 1, header });
        let whole = [Self::AsItIs, Self::WithoutFirstByte, Self::WithoutTag];
        let opened = [
            Self::Unwrapped { clear: 1 },
            Self::Unwrapped { clear: 0 },
            Self::Inside { clear: 1 },
            Self::Grafted,
        ];
        whole.into_iter().chain(opened).chain(cuts).collect()
    }

    /// What is tried on sound, of which no byte is clear.
    pub(crate) fn on_sound() -> Vec<Self> {
        let cuts = CUTS.map(|header| Self::Cut { clear: 0, header });
        let whole = [Self::AsItIs, Self::WithoutFirstByte, Self::WithoutTag];
        let opened = [Self::Unwrapped { clear: 0 }, Self::Unwrapped { clear: 1 }, Self::Inside { clear: 1 }];
        whole.into_iter().chain(opened).chain(cuts).collect()
    }

    /// The frame that the server hopes for.
    pub(crate) fn on(self, frame: &[u8]) -> Vec<u8> {
        let without_tag = &frame[..frame.len().saturating_sub(TAG)];
        match self {
            Self::AsItIs => frame.to_vec(),
            Self::WithoutFirstByte => frame.get(1..).unwrap_or_default().to_vec(),
            Self::WithoutTag => without_tag.to_vec(),
            Self::Unwrapped { clear } => {
                let header = header_length(frame.get(clear..).unwrap_or_default());
                without(without_tag, clear, header)
            }
            Self::Inside { clear } => {
                Self::Unwrapped { clear }.on(frame).get(clear..).unwrap_or_default().to_vec()
            }
            Self::Cut { clear, header } => without(without_tag, clear, header),
            Self::Grafted => graft(Self::Unwrapped { clear: 1 }.on(frame)),
        }
    }
}

fn without(frame: &[u8], clear: usize, header: usize) -> Vec<u8> {
    let kept = [frame.get(..clear), frame.get(clear + header..)];
    kept.map(Option::unwrap_or_default).concat()
}

/// The length of an SFrame header: the config byte, then key id and counter where they do not fit into it.
fn header_length(sealed: &[u8]) -> usize {
    let config = sealed.first().copied().map_or(0, usize::from);
    let (key_id, counter) = (config >> 4, config & 15);
    let extra = |field: usize| if field & 8 == 0 { 0 } else { (field & 7) + 1 };
    1 + extra(key_id) + extra(counter)
}

/// Gives a frame a beginning that a decoder believes; the one clear byte says which kind it is.
fn graft(mut frame: Vec<u8>) -> Vec<u8> {
    let Some(first) = frame.first().filter(|_| frame.len() > FRAME_TAG + KEY_FRAME.len()) else {
        return frame;
    };
    let is_key_frame = first & 1 == 0;
    let beginning: &[u8] = if is_key_frame { &KEY_FRAME } else { &OTHER_FRAME };
    let partition = u32::try_from(frame.len() / FIRST_PARTITION).expect("a frame is small");
    let tag = (partition << 5) | 0x10 | u32::from(!is_key_frame);
    frame[..FRAME_TAG].copy_from_slice(&tag.to_le_bytes()[..FRAME_TAG]);
    frame[FRAME_TAG..FRAME_TAG + beginning.len()].copy_from_slice(beginning);
    frame
}

/// One sender's packets of one track in the order in which they were sent.
pub(crate) fn in_order<'p>(packets: impl Iterator<Item = &'p Overheard>) -> Vec<&'p Overheard> {
    let by_number: BTreeMap<(u32, u64), &Overheard> =
        packets.map(|packet| ((packet.ssrc, packet.sequence), packet)).collect();
    by_number.into_values().collect()
}

/// Puts VP8 frames together (RFC 7741 §4): everything of one RTP time, behind the payload descriptors; incomplete
/// frames are left out.
pub(crate) fn frames_of_pictures(packets: &[&Overheard]) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut open: Option<(Vec<u8>, u32, u64)> = None;
    for packet in packets {
        let Some((starts, piece)) = behind_descriptor(&packet.payload) else { continue };
        let follows = |time: u32, next: u64| time == packet.timestamp && next == packet.sequence;
        open = match open.take() {
            Some((mut frame, time, next)) if follows(time, next) => {
                frame.extend_from_slice(piece);
                Some((frame, time, next + 1))
            }
            _ if starts => Some((piece.to_vec(), packet.timestamp, packet.sequence + 1)),
            _ => None,
        };
        if packet.marker
            && let Some((frame, ..)) = open.take()
        {
            frames.push(frame);
        }
    }
    frames
}

/// What follows the payload descriptor, and whether a frame starts there.
fn behind_descriptor(payload: &[u8]) -> Option<(bool, &[u8])> {
    let (first, mut rest) = payload.split_first()?;
    let mut skip = |bytes: usize| {
        let (skipped, tail) = rest.split_at_checked(bytes)?;
        rest = tail;
        skipped.first().copied()
    };
    if first & 0x80 != 0 {
        let extensions = skip(1)?;
        // A picture id is of one byte or, with its first bit, of two.
        if extensions & 0x80 != 0 && skip(1)? & 0x80 != 0 {
            skip(1)?;
        }
        if extensions & 0x40 != 0 {
            skip(1)?;
        }
        if extensions & 0x30 != 0 {
            skip(1)?;
        }
    }
    Some((first & 0x10 != 0 && first & 0x07 == 0, rest))
}

/// Sound has one packet a frame.
pub(crate) fn frames_of_sound(packets: &[&Overheard]) -> Vec<Vec<u8>> {
    packets.iter().map(|packet| packet.payload.to_vec()).collect()
}

/// An IVF file with VP8.
pub(crate) fn ivf(frames: &[Vec<u8>], size: (u16, u16), per_second: u32) -> Vec<u8> {
    let mut file = b"DKIF\0\0\x20\0VP80".to_vec();
    file.extend(size.0.to_le_bytes());
    file.extend(size.1.to_le_bytes());
    for number in [per_second, 1, u32::try_from(frames.len()).expect("a short story"), 0] {
        file.extend(number.to_le_bytes());
    }
    for (time, frame) in (0_u64..).zip(frames) {
        file.extend(u32::try_from(frame.len()).expect("a frame is small").to_le_bytes());
        file.extend(time.to_le_bytes());
        file.extend_from_slice(frame);
    }
    file
}

/// An Ogg file (RFC 3533) with mono Opus (RFC 7845), one packet of 20 ms a page.
pub(crate) fn ogg(frames: &[Vec<u8>]) -> Vec<u8> {
    let head = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0";
    let tags = b"OpusTags\0\0\0\0\0\0\0\0";
    let mut file = [page(0, 2, 0, head), page(1, 0, 0, tags)].concat();
    for (number, frame) in (2_u32..).zip(frames) {
        file.extend(page(number, 0, u64::from(number - 1) * 960, frame));
    }
    file
}

fn page(number: u32, kind: u8, samples: u64, packet: &[u8]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(kind);
    page.extend(samples.to_le_bytes());
    page.extend(1_u32.to_le_bytes());
    page.extend(number.to_le_bytes());
    page.extend([0; 4]);
    let mut lacing = vec![u8::MAX; packet.len() / 255];
    lacing.push(u8::try_from(packet.len() % 255).expect("a remainder"));
    page.push(u8::try_from(lacing.len()).expect("a packet of sound is small"));
    page.extend(lacing);
    page.extend_from_slice(packet);
    let sum = checksum(&page);
    page[22..26].copy_from_slice(&sum.to_le_bytes());
    page
}

/// CRC-32 as Ogg wants it: polynomial 0x04c11db7, nothing turned round.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ (u32::from(*byte) << 24), |sum, _| {
            if sum & 0x8000_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x04c1_1db7 }
        })
    })
}

/// How many frames are alike, byte for byte, to an earlier one once their envelopes are off. A cipher that used a
/// nonce twice would show here when a clip starts again.
pub(crate) fn repeated(frames: &[Vec<u8>], clear: usize) -> usize {
    let mut seen = std::collections::BTreeSet::new();
    frames.iter().filter(|frame| !seen.insert(Attempt::Unwrapped { clear }.on(frame))).count()
}

/// The envelope of RFC 9605 with a cipher that does nothing: what each attempt is made for.
#[test]
fn every_attempt_opens_the_envelope_that_it_is_made_for() {
    let frame: Vec<u8> = (0..100).collect();
    let wrap = |clear: usize, header: &[u8]| [&frame[..clear], header, &frame[clear..], &[0; TAG]].concat();
    // Key id in four bytes, counter in the config byte; then a counter of two bytes.
    for header in [&[0xb3, 1, 2, 0, 1][..], &[0xb9, 1, 2, 0, 1, 9, 9]] {
        assert_eq!(header_length(header), header.len());
        for clear in [0, 1] {
            assert_eq!(Attempt::Unwrapped { clear }.on(&wrap(clear, header)), frame);
            assert_eq!(Attempt::Cut { clear, header: header.len() }.on(&wrap(clear, header)), frame);
            assert_eq!(Attempt::Inside { clear }.on(&wrap(clear, header)), frame[clear..]);
        }
    }
    assert_eq!(Attempt::WithoutTag.on(&wrap(0, &[])), frame);
    assert_eq!(Attempt::WithoutFirstByte.on(&frame), frame[1..]);
    assert_eq!(Attempt::AsItIs.on(&frame), frame);
    for attempt in Attempt::on_pictures().into_iter().chain(Attempt::on_sound()) {
        for length in 0..frame.len() {
            attempt.on(&frame[..length]);
        }
    }
}
