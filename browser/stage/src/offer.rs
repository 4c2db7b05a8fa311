//! Makes an offer short before it goes: eighteen m-lines with every codec of a browser are more than the limit.
//!
//! Only what the room uses is named: Opus, VP8 and VP8's retransmissions. The browser itself keeps its own offer; the
//! answer picks from this subset of it. What says who speaks (audio levels) is not offered. Firefox marks bundled
//! lines with port 0; here they look like every other line.

use crate::dom::has;

/// The offer with Opus and VP8 only.
pub(crate) fn shortened(sdp: &str) -> String {
    let mut short = String::with_capacity(sdp.len() / 2);
    let mut sections = sdp.split_inclusive('\n').peekable();
    let mut section: Vec<&str> = Vec::new();
    while let Some(line) = sections.next() {
        section.push(line);
        if sections.peek().is_none_or(|next| next.starts_with("m=")) {
            push_section(&mut short, &section);
            section.clear();
        }
    }
    short
}

fn push_section(short: &mut String, section: &[&str]) {
    let kept = payload_types(section);
    for line in section {
        if line.starts_with("a=bundle-only")
            || has(line, "rtp-hdrext:ssrc-audio-level")
            || has(line, "rtp-hdrext:csrc-audio-level")
        {
            continue;
        }
        if line.starts_with("m=") && !kept.is_empty() {
            push_media_line(short, line, &kept);
        } else if payload_type_of(line).is_none_or(|number| kept.is_empty() || kept.contains(&number)) {
            short.push_str(line);
        }
    }
}

/// The payload types to keep in one section: the codec itself and what repeats it.
fn payload_types<'a>(section: &[&'a str]) -> Vec<&'a str> {
    let mut kept = Vec::new();
    for line in section {
        let Some((number, codec)) = attribute(line, "a=rtpmap:") else { continue };
        let codec = codec.to_ascii_lowercase();
        if codec.starts_with("opus/") || codec.starts_with("vp8/") {
            kept.push(number);
        }
    }
    for line in section {
        let Some((number, parameters)) = attribute(line, "a=fmtp:") else { continue };
        let repeats = parameters.trim_end().strip_prefix("apt=").is_some_and(|of| kept.contains(&of));
        if repeats && !kept.contains(&number) {
            kept.push(number);
        }
    }
    kept
}

/// `m=video 9 UDP/TLS/RTP/SAVPF 96 97 …` with only the kept payload types.
fn push_media_line(short: &mut String, line: &str, kept: &[&str]) {
    let mut words = line.trim_end().split(' ');
    for word in words.by_ref().take(3) {
        short.push_str(if word == "0" { "9" } else { word });
        short.push(' ');
    }
    let numbers: Vec<&str> = words.filter(|number| kept.contains(number)).collect();
    short.push_str(&numbers.join(" "));
    short.push_str("\r\n");
}

fn payload_type_of(line: &str) -> Option<&str> {
    ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"]
        .iter()
        .find_map(|name| attribute(line, name))
        .map(|(number, _)| number)
        .filter(|number| *number != "*")
}

fn attribute<'a>(line: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    line.strip_prefix(name)?.split_once(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n\
        a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 45 46\r\na=mid:1\r\na=rtcp-fb:* nack\r\na=rtpmap:96 VP8/90000\r\n\
        a=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:45 AV1/90000\r\n\
        a=rtpmap:46 rtx/90000\r\na=fmtp:46 apt=45\r\n";

    #[test]
    fn only_opus_and_vp8_with_its_retransmissions_stay() {
        let short = shortened(OFFER);
        assert!(short.contains("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"));
        assert!(short.contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"));
        for gone in ["red/", "G722", "AV1", "a=fmtp:46", "a=fmtp:63"] {
            assert!(!short.contains(gone), "{gone}");
        }
        for kept in ["a=mid:1", "a=rtcp-fb:* nack", "a=rtcp-fb:96 nack pli", "a=fmtp:97 apt=96", "v=0\r\n"] {
            assert!(short.contains(kept), "{kept}");
        }
    }

    #[test]
    fn bundled_lines_look_like_others_and_nothing_tells_who_speaks() {
        let firefox = OFFER.replace("m=video 9", "m=video 0").replace(
            "a=mid:1",
            "a=bundle-only\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=mid:1",
        );
        assert_eq!(shortened(&firefox), shortened(OFFER));
    }

    #[test]
    fn a_short_offer_is_left_as_it_is() {
        let short = shortened(OFFER);
        assert_eq!(shortened(&short), short);
    }
}
