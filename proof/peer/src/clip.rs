//! What a peer sends: encoded frames from a file, or made up with nothing but a valid frame header.

use core::time::Duration;

use ids::TrackKind;

/// Frames in one clip; a clip is repeated, so a few seconds are enough.
const FRAMES_MAX: usize = 20_000;
/// Bytes of one frame.
const FRAME_BYTES_MAX: usize = 1 << 20;
/// IVF: a file header of 32 bytes, then 12 bytes before each frame.
const IVF_HEADER: usize = 32;
const IVF_FRAME_HEADER: usize = 12;

/// One encoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The codec's bytes.
    pub bytes: Vec<u8>,
    /// Whether a decoder can start here.
    pub starts: bool,
}

/// Encoded frames, played at an even pace and repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    frames: Vec<Picture>,
    pace: Duration,
}

/// Bytes are not such a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClipError {
    /// Not VP8 in IVF.
    #[error("not an IVF file with VP8")]
    NotIvf,
    /// Not Opus in Ogg.
    #[error("not an Ogg file with Opus")]
    NotOgg,
    /// There are no frames in it, or the first is no key frame.
    #[error("no frames to start with")]
    Empty,
}

impl Clip {
    /// A clip of these frames.
    ///
    /// # Errors
    /// There are none, or a decoder could not start at the first.
    pub fn new(frames: Vec<Picture>, pace: Duration) -> Result<Self, ClipError> {
        let starts = frames.first().is_some_and(|frame| frame.starts);
        if starts && !pace.is_zero() { Ok(Self { frames, pace }) } else { Err(ClipError::Empty) }
    }

    /// Reads VP8 in IVF, as `ffmpeg -c:v libvpx -f ivf` writes it.
    ///
    /// # Errors
    /// Other bytes.
    pub fn from_ivf(bytes: &[u8]) -> Result<Self, ClipError> {
        let header = bytes.get(..IVF_HEADER).ok_or(ClipError::NotIvf)?;
        if !header.starts_with(b"DKIF") || header.get(8..12) != Some(b"VP80") {
            return Err(ClipError::NotIvf);
        }
        let rate = u64::from(number(header, 16).ok_or(ClipError::NotIvf)?);
        let scale = u64::from(number(header, 20).ok_or(ClipError::NotIvf)?);
        let pace = scale.saturating_mul(1_000_000).checked_div(rate).ok_or(ClipError::NotIvf)?;
        let mut rest = bytes.get(IVF_HEADER..).unwrap_or_default();
        let mut frames = Vec::new();
        while frames.len() < FRAMES_MAX
            && let Some((head, tail)) = rest.split_at_checked(IVF_FRAME_HEADER)
        {
            let length = number(head, 0).and_then(|n| usize::try_from(n).ok()).ok_or(ClipError::NotIvf)?;
            let Some((frame, next)) = tail.split_at_checked(length.min(FRAME_BYTES_MAX)) else { break };
            frames.push(Picture { bytes: frame.to_vec(), starts: is_vp8_key_frame(frame) });
            rest = next;
        }
        Self::new(frames, Duration::from_micros(pace))
    }

    /// Reads Opus in Ogg with one packet of 20 ms each, as `ffmpeg -c:a libopus -f ogg` writes it.
    ///
    /// # Errors
    /// Other bytes.
    pub fn from_ogg(bytes: &[u8]) -> Result<Self, ClipError> {
        let packets = ogg_packets(bytes).ok_or(ClipError::NotOgg)?;
        let mut packets = packets.into_iter();
        if !packets.next().is_some_and(|head| head.starts_with(b"OpusHead")) {
            return Err(ClipError::NotOgg);
        }
        // The second packet holds tags.
        let sound = packets.skip(1).map(|bytes| Picture { bytes, starts: true });
        Self::new(sound.take(FRAMES_MAX).collect(), Duration::from_millis(20))
    }

    /// Pictures that no decoder shows but every packetizer takes: a VP8 frame header (RFC 6386 §9.1) before noise.
    #[must_use]
    pub fn made_up_pictures(per_second: u32, bytes: usize) -> Self {
        let frame = |number: u32| {
            let starts = number == 0;
            let mut frame = if starts {
                vec![0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]
            } else {
                vec![0x11, 0x02, 0x00]
            };
            frame.extend((frame.len()..bytes).map(|place| noise(number, place)));
            Picture { bytes: frame, starts }
        };
        let per_second = per_second.max(1);
        Self { frames: (0..3 * per_second).map(frame).collect(), pace: Duration::from_secs(1) / per_second }
    }

    /// Sound that no decoder plays as anything but noise: an Opus header byte (RFC 6716 §3.1) before noise.
    #[must_use]
    pub fn made_up_sound(bytes: usize) -> Self {
        let frame = |number: u32| {
            // Full band, 20 ms, mono, one frame.
            let mut frame = vec![0xf8];
            frame.extend((1..bytes).map(|place| noise(number, place)));
            Picture { bytes: frame, starts: true }
        };
        Self { frames: (0..150).map(frame).collect(), pace: Duration::from_millis(20) }
    }

    /// Made-up frames such as this track carries.
    #[must_use]
    pub fn made_up(track: TrackKind) -> Self {
        match track {
            TrackKind::Microphone => Self::made_up_sound(80),
            TrackKind::Camera => Self::made_up_pictures(30, 2_500),
            TrackKind::Screen => Self::made_up_pictures(5, 12_000),
        }
    }

    /// All frames, in order.
    #[must_use]
    pub fn frames(&self) -> &[Picture] {
        &self.frames
    }

    /// Time between two frames.
    #[must_use]
    pub const fn pace(&self) -> Duration {
        self.pace
    }
}

/// The P bit of the frame tag is off in a key frame (RFC 6386 §9.1).
pub(crate) fn is_vp8_key_frame(frame: &[u8]) -> bool {
    frame.first().is_some_and(|first| first & 1 == 0)
}

fn noise(number: u32, place: usize) -> u8 {
    let place = u32::try_from(place).unwrap_or(u32::MAX);
    let mixed = number.wrapping_mul(0x9e37_79b9) ^ place.wrapping_mul(0x85eb_ca6b);
    mixed.wrapping_mul(0xc2b2_ae35).to_be_bytes()[0]
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    bytes.try_into().ok().map(u32::from_le_bytes)
}

/// The packets of an Ogg file's only stream (RFC 3533 §6).
fn ogg_packets(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    const HEADER: usize = 27;
    let mut packets = Vec::new();
    let mut open = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && packets.len() <= FRAMES_MAX {
        let (header, tail) = rest.split_at_checked(HEADER)?;
        if !header.starts_with(b"OggS") {
            return None;
        }
        let (lacing, mut body) = tail.split_at_checked(usize::from(*header.last()?))?;
        for &length in lacing {
            let (piece, next) = body.split_at_checked(usize::from(length))?;
            open.extend_from_slice(piece);
            body = next;
            // A piece of less than 255 bytes ends its packet.
            if length < u8::MAX {
                packets.push(core::mem::take(&mut open));
            }
        }
        rest = body;
    }
    Some(packets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ivf(frames: &[&[u8]]) -> Vec<u8> {
        let mut file = b"DKIF\0\0\x20\0VP80\x40\x01\xf0\0".to_vec();
        file.extend(30_u32.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend([0; 8]);
        for frame in frames {
            file.extend(u32::try_from(frame.len()).expect("small").to_le_bytes());
            file.extend([0; 8]);
            file.extend_from_slice(frame);
        }
        file
    }

    #[test]
    fn frames_come_out_of_an_ivf_file() {
        let clip = Clip::from_ivf(&ivf(&[&[0x10, 1, 2], &[0x11, 3]])).expect("two frames");
        assert_eq!(clip.pace(), Duration::from_micros(33_333));
        let starts: Vec<_> = clip.frames().iter().map(|f| (f.bytes.len(), f.starts)).collect();
        assert_eq!(starts, [(3, true), (2, false)]);
        assert_eq!(Clip::from_ivf(&ivf(&[&[0x11, 3]])), Err(ClipError::Empty));
        assert_eq!(Clip::from_ivf(b"DKIF"), Err(ClipError::NotIvf));
        let whole = ivf(&[&[0x10, 1, 2]]);
        for cut in 0..whole.len() {
            assert!(Clip::from_ivf(&whole[..cut]).is_err());
        }
    }

    fn ogg(packets: &[&[u8]]) -> Vec<u8> {
        let mut file = Vec::new();
        for packet in packets {
            file.extend(b"OggS");
            file.extend([0; 22]);
            let mut lacing = vec![255; packet.len() / 255];
            lacing.push(u8::try_from(packet.len() % 255).expect("below 255"));
            file.push(u8::try_from(lacing.len()).expect("small"));
            file.extend(lacing);
            file.extend_from_slice(packet);
        }
        file
    }

    #[test]
    fn packets_come_out_of_an_ogg_file() {
        let long = [7; 600];
        let clip = Clip::from_ogg(&ogg(&[b"OpusHead", b"OpusTags", b"\xf8one", &long])).expect("two packets");
        assert_eq!(clip.frames().iter().map(|f| f.bytes.len()).collect::<Vec<_>>(), [4, 600]);
        assert_eq!(Clip::from_ogg(&ogg(&[b"vorbis"])), Err(ClipError::NotOgg));
        assert_eq!(Clip::from_ogg(b"OggS"), Err(ClipError::NotOgg));
    }

    #[test]
    fn made_up_pictures_start_with_a_key_frame() {
        let clip = Clip::made_up(TrackKind::Camera);
        assert!(is_vp8_key_frame(&clip.frames()[0].bytes));
        assert!(clip.frames()[1..].iter().all(|frame| !frame.starts && !is_vp8_key_frame(&frame.bytes)));
    }
}
