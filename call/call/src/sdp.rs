//! Strikes a client's own addresses out of its offer before anything else sees it (SEC-004).

/// The offer without candidates and without any address.
///
/// ICE works all the same: the server's candidates are in the answer, and it learns where packets come from as they
/// come (RFC 8445 §7.3.1.3).
pub(crate) fn without_addresses(sdp: &str) -> String {
    let mut kept = String::with_capacity(sdp.len());
    for line in sdp.lines() {
        if line.starts_with("a=candidate:")
            || line.starts_with("a=end-of-candidates")
            || line.starts_with("a=remote-candidates:")
        {
            continue;
        }
        if line.starts_with("c=") {
            kept.push_str("c=IN IP4 0.0.0.0");
        } else if line.starts_with("a=rtcp:") {
            kept.push_str("a=rtcp:9 IN IP4 0.0.0.0");
        } else if line.starts_with("o=") {
            push_origin(&mut kept, line);
        } else {
            kept.push_str(line);
        }
        kept.push_str("\r\n");
    }
    kept
}

/// `o=<user> <id> <version> IN IP4 <address>` with a neutral address (RFC 8866 §5.2).
fn push_origin(kept: &mut String, line: &str) {
    for word in line.split(' ').take(3) {
        kept.push_str(word);
        kept.push(' ');
    }
    kept.push_str("IN IP4 127.0.0.1");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_004_no_address_of_the_client_is_left_in_the_offer() {
        let offer = "v=0\r\no=- 46117 2 IN IP4 192.0.2.7\r\ns=-\r\nt=0 0\r\nm=audio 40123 UDP/TLS/RTP/SAVPF 111\r\n\
            c=IN IP6 2001:db8::7\r\na=rtcp:40124 IN IP4 192.0.2.7\r\na=mid:0\r\n\
            a=candidate:1 1 udp 2113937151 192.0.2.7 40123 typ host\r\na=end-of-candidates\r\na=sendonly\r\n";
        let clean = without_addresses(offer);
        assert!(!clean.contains("192.0.2.7") && !clean.contains("2001:db8"), "{clean}");
        assert!(!clean.contains("candidate"));
        assert!(clean.contains("o=- 46117 2 IN IP4 127.0.0.1\r\n"));
        assert!(clean.contains("a=mid:0\r\na=sendonly\r\n"));
    }
}
