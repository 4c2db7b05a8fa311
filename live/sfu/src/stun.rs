//! Just enough STUN (RFC 8489) to see for whom a binding request is, before any state is touched.

const HEADER: usize = 20;
const MAGIC: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const USERNAME: u16 = 0x0006;
/// RFC 8445 §16.1.
const USE_CANDIDATE: u16 = 0x0025;
/// RFC 8489 §14.3.
const USERNAME_BYTES_MAX: usize = 513;

/// What is read of a binding request; nothing of it is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BindingRequest<'a> {
    /// The part of the USERNAME before the colon: the receiver's own ufrag (RFC 8445 §7.2.2).
    pub(crate) local_ufrag: &'a str,
    /// Whether the client wants this path used.
    pub(crate) nominates: bool,
}

/// Reads a binding request.
pub(crate) fn binding_request(packet: &[u8]) -> Option<BindingRequest<'_>> {
    let (header, mut rest) = packet.split_at_checked(HEADER)?;
    if !header.starts_with(&BINDING_REQUEST) || header.get(4..8)? != MAGIC {
        return None;
    }
    let mut local_ufrag = None;
    let mut nominates = false;
    while let Some((head, tail)) = rest.split_first_chunk::<4>() {
        let [kind_high, kind_low, length_high, length_low] = *head;
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        let value = tail.get(..length)?;
        match u16::from_be_bytes([kind_high, kind_low]) {
            USERNAME if length > USERNAME_BYTES_MAX => return None,
            USERNAME => local_ufrag = Some(core::str::from_utf8(value).ok()?.split_once(':')?.0),
            USE_CANDIDATE => nominates = true,
            _ => {}
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    Some(BindingRequest { local_ufrag: local_ufrag?, nominates })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[u8]) -> Vec<u8> {
        let mut packet = vec![0, 1, 0, u8::try_from(attributes.len()).expect("short")];
        packet.extend(MAGIC);
        packet.extend([7; 12]);
        packet.extend(attributes);
        packet
    }

    fn local_ufrag(packet: &[u8]) -> Option<&str> {
        binding_request(packet).map(|request| request.local_ufrag)
    }

    #[test]
    fn a_nomination_is_seen() {
        let plain = request(&[0, 6, 0, 4, b'm', b':', b'y', b'o']);
        let nominating = request(&[0, 6, 0, 4, b'm', b':', b'y', b'o', 0, 0x25, 0, 0]);
        assert!(!binding_request(&plain).expect("a request").nominates);
        assert!(binding_request(&nominating).expect("a request").nominates);
    }

    #[test]
    fn the_ufrag_is_found_behind_other_attributes() {
        let packet = request(&[
            0x80, 0x22, 0, 3, b'a', b'b', b'c', 0, 0, 6, 0, 5, b'm', b'e', b':', b'y', b'o', 0, 0, 0,
        ]);
        assert_eq!(local_ufrag(&packet), Some("me"));
    }

    #[test]
    fn cut_off_and_lying_lengths_are_refused() {
        assert_eq!(local_ufrag(&request(&[0, 6, 0, 50, b'm', b':', b'y', 0])), None);
        assert_eq!(local_ufrag(&request(&[0, 6, 0, 2, b'm', b'e', 0, 0])), None, "no colon");
        assert_eq!(local_ufrag(&[0, 1, 0]), None);
        let whole = request(&[0, 6, 0, 4, b'm', b':', b'y', b'o']);
        for length in 0..whole.len() {
            assert_eq!(local_ufrag(whole.get(..length).expect("in range")), None);
        }
        assert_eq!(local_ufrag(&whole), Some("m"));
    }
}
