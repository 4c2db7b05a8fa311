//! An offer on its way in and an answer on its way out, as text: before str0m parses the one and before the client
//! gets the other.
//!
//! In: every line that can hold a client's address is dropped or blanked before anything parses it (SEC-004), and
//! the m-lines must be those of [`protocol::media`]. Out: sound and picture of one place belong together (one
//! `msid` stream, so that browsers keep lips and voice in step), and sound is asked for at constant bitrate.

use core::fmt::Write as _;

use ids::TrackKind;
use protocol::media::{LINES, Line, SCREEN_LINE, SENDING_LINES, line};
use str0m::change::SdpOffer;
use str0m::media::Mid;

/// Bytes in one `mid`; str0m holds sixteen.
const MID_BYTES_MAX: usize = 16;
/// Attributes that name candidates or addresses (RFC 8839 §5, RFC 3605).
const ADDRESS_ATTRIBUTES: [&str; 4] =
    ["a=candidate:", "a=remote-candidates:", "a=rtcp:", "a=end-of-candidates"];

/// Why an offer was not answered; says nothing of what stood in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The client's fault: longer than [`ids::SDP_BYTES_MAX`].
    #[error("offer too long")]
    TooLong,
    /// The client's fault: not the m-lines of `protocol::media`.
    #[error("not the agreed m-lines")]
    Lines,
    /// The client's fault: not SDP, or without what a connection needs.
    #[error("malformed offer")]
    Malformed,
    /// The client's fault: neither Opus and VP8 nor a way to secure them is offered.
    #[error("no common codec or transport")]
    Unsupported,
    /// The caller's fault: ICE credentials outside RFC 8839 §5.4.
    #[error("unusable ICE credentials")]
    Credentials,
    /// Nobody's fault: too many connections in this session.
    #[error("too many connections")]
    Full,
    /// Our fault: the stack below failed.
    #[error("the stack failed")]
    Internal,
}

/// An offer without addresses and with the agreed m-lines.
#[derive(Debug)]
pub(crate) struct CleanOffer {
    pub(crate) sdp: SdpOffer,
    /// The `mid` of each m-line.
    pub(crate) mids: [Mid; LINES],
}

/// Cleans, checks and parses an offer.
pub(crate) fn take_in(offer: &str) -> Result<CleanOffer, OfferError> {
    if offer.len() > ids::SDP_BYTES_MAX {
        return Err(OfferError::TooLong);
    }
    let clean = strip_addresses(offer);
    let mids = check_lines(&clean)?;
    let sdp = SdpOffer::from_sdp_string(&clean).map_err(|_| OfferError::Malformed)?;
    Ok(CleanOffer { sdp, mids })
}

/// The text without a client address: candidates are dropped, origin and connection lines blanked, ports made 9.
pub(crate) fn strip_addresses(sdp: &str) -> String {
    let mut clean = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        let line = line.trim_end();
        if ADDRESS_ATTRIBUTES.iter().any(|prefix| line.starts_with(prefix)) {
            continue;
        }
        if line.starts_with("o=") {
            clean.push_str("o=- 1 1 IN IP4 0.0.0.0");
        } else if line.starts_with("c=") {
            clean.push_str("c=IN IP4 0.0.0.0");
        } else if line.starts_with("m=") {
            push_with_port_nine(&mut clean, line);
        } else {
            clean.push_str(line);
        }
        clean.push_str("\r\n");
    }
    clean
}

fn push_with_port_nine(clean: &mut String, line: &str) {
    for (index, word) in line.split(' ').enumerate() {
        let separator = if index == 0 { "" } else { " " };
        let word = if index == 1 && word != "0" { "9" } else { word };
        // Writing to a string cannot fail.
        let _ = write!(clean, "{separator}{word}");
    }
}

/// What one m-line says of itself.
#[derive(Default)]
struct Section<'a> {
    kind: &'a str,
    port: &'a str,
    mid: Option<&'a str>,
    direction: Option<&'a str>,
}

fn check_lines(sdp: &str) -> Result<[Mid; LINES], OfferError> {
    let sections = sections(sdp).ok_or(OfferError::Lines)?;
    let mut mids = Vec::with_capacity(LINES);
    for (index, section) in sections.iter().enumerate() {
        let purpose = u8::try_from(index).ok().and_then(line).ok_or(OfferError::Lines)?;
        let mid = section.mid.filter(|mid| !mid.is_empty() && mid.len() <= MID_BYTES_MAX);
        let mid = Mid::from(mid.ok_or(OfferError::Lines)?);
        if !fits(section, purpose) || mids.contains(&mid) {
            return Err(OfferError::Lines);
        }
        mids.push(mid);
    }
    mids.try_into().map_err(|_| OfferError::Lines)
}

/// One-way lines only: with `sendrecv` one transform would serve two people.
fn fits(section: &Section<'_>, purpose: Line) -> bool {
    let (track, directions): (_, &[&str]) = match purpose {
        Line::Send(track) => (track, &["sendonly", "inactive"]),
        Line::Receive(track) => (track, &["recvonly"]),
    };
    let kind = if track == TrackKind::Microphone { "audio" } else { "video" };
    section.kind == kind
        && section.port != "0"
        && section.direction.is_some_and(|direction| directions.contains(&direction))
}

/// The m-lines, or nothing when there are more than agreed.
fn sections(sdp: &str) -> Option<Vec<Section<'_>>> {
    let mut sections: Vec<Section<'_>> = Vec::with_capacity(LINES);
    for line in sdp.lines() {
        if let Some(media) = line.strip_prefix("m=") {
            let mut words = media.split(' ');
            let (kind, port) = (words.next()?, words.next()?);
            sections.push(Section { kind, port, ..Section::default() });
            if sections.len() > LINES {
                return None;
            }
        } else if let (Some(attribute), Some(section)) = (line.strip_prefix("a="), sections.last_mut()) {
            match attribute {
                "sendonly" | "recvonly" | "sendrecv" | "inactive" => section.direction = Some(attribute),
                _ => section.mid = attribute.strip_prefix("mid:").or(section.mid),
            }
        }
    }
    Some(sections)
}

/// Groups the answer's sending lines into one media stream per place.
pub(crate) fn group_places(answer: &str) -> String {
    let mut grouped = String::with_capacity(answer.len());
    let mut index: Option<usize> = None;
    for line in answer.lines() {
        if line.starts_with("m=") {
            index = Some(index.map_or(0, |index| index + 1));
        }
        let names = index.and_then(stream_and_track);
        // Writing to a string cannot fail.
        let _ = match names {
            Some((stream, track)) if line.starts_with("a=msid:") => {
                write!(grouped, "a=msid:{stream} {track}\r\n")
            }
            Some((stream, track)) if line.starts_with("a=ssrc:") && line.contains(" msid:") => {
                let ssrc = line.split(' ').next().unwrap_or(line);
                write!(grouped, "{ssrc} msid:{stream} {track}\r\n")
            }
            _ if line.starts_with("a=msid-semantic:") => write!(grouped, "a=msid-semantic: WMS *\r\n"),
            _ => write!(grouped, "{line}\r\n"),
        };
    }
    grouped
}

/// Asks every sender of sound for constant bitrate and for packets in silence too (RFC 7587 §6.1): with variable
/// bitrate, sealed packets would tell by their size who speaks. str0m writes `usedtx` and knows no `cbr`.
pub(crate) fn constant_bitrate(answer: &str) -> String {
    let mut constant = String::with_capacity(answer.len());
    let mut is_sound = false;
    for line in answer.lines() {
        if line.starts_with("m=") {
            is_sound = line.starts_with("m=audio ");
        }
        let end = if is_sound && line.starts_with("a=fmtp:") { ";cbr=1" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(constant, "{line}{end}\r\n");
    }
    constant
}

/// Names that say nothing of who sits there.
fn stream_and_track(index: usize) -> Option<(String, String)> {
    let place = index.checked_sub(SENDING_LINES)? / 2;
    let screen = index == usize::from(SCREEN_LINE);
    let stream = if screen { "screen".to_owned() } else { format!("place-{place}") };
    Some((stream, format!("line-{index}")))
}

/// Takes in foreign text and, when it is an offer, answers it.
pub fn fuzz_offer(data: &[u8], now: std::time::Instant) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let clean = strip_addresses(text);
    assert!(
        !clean.lines().any(|line| line.starts_with("a=candidate:")),
        "no candidate gets as far as the parser"
    );
    if let Ok(clean) = take_in(text) {
        crate::endpoint::fuzz_accept(clean, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESSES: &str = "v=0\r\no=- 4 2 IN IP4 198.51.100.7\r\ns=-\r\nt=0 0\r\n\
        m=audio 50123 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 198.51.100.7\r\na=rtcp:50123 IN IP4 198.51.100.7\r\n\
        a=candidate:1 1 udp 1 198.51.100.7 50123 typ host\r\na=end-of-candidates\r\na=mid:0\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 96\r\n";

    #[test]
    fn no_address_of_the_client_is_left_to_parse() {
        let clean = strip_addresses(ADDRESSES);
        assert!(!clean.contains("198.51.100.7") && !clean.contains("50123"));
        assert!(clean.contains("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
        assert!(clean.contains("m=video 0 "), "a rejected line stays rejected");
        assert!(clean.contains("a=mid:0\r\n"));
    }

    #[test]
    fn other_lines_than_agreed_are_refused() {
        assert_eq!(take_in(ADDRESSES).err(), Some(OfferError::Lines));
        assert_eq!(take_in("").err(), Some(OfferError::Lines));
        assert_eq!(take_in(&"m=audio 9 X 1\r\n".repeat(40)).err(), Some(OfferError::Lines));
        assert_eq!(take_in(&"a".repeat(ids::SDP_BYTES_MAX + 1)).err(), Some(OfferError::TooLong));
    }

    #[test]
    fn sound_and_picture_of_a_place_share_a_stream() {
        assert_eq!(stream_and_track(2), None);
        let stream = |index| stream_and_track(index).expect("a receiving line").0;
        assert_eq!(stream(3), stream(4));
        assert_ne!(stream(4), stream(5));
        assert_eq!(stream(usize::from(SCREEN_LINE)), "screen");
    }
}
