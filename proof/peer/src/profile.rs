//! Which SRTP profile was negotiated, read from the server's hello as it comes in: an independent look at what the
//! server claims (SEC-020).

/// An SRTP protection profile (RFC 5764 §4.1.2, RFC 7714 §14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `SRTP_AEAD_AES_128_GCM`.
    Aes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM`.
    Aes256Gcm,
    /// Any other, by its number.
    Other(u16),
}

const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const RECORD_HEADER: usize = 13;
const MESSAGE_HEADER: usize = 12;
const USE_SRTP: [u8; 2] = [0, 14];

/// The profile in a datagram that begins with a DTLS 1.2 ServerHello; `None` for any other.
pub(crate) fn negotiated(datagram: &[u8]) -> Option<Profile> {
    if *datagram.first()? != HANDSHAKE || *datagram.get(RECORD_HEADER)? != SERVER_HELLO {
        return None;
    }
    let hello = datagram.get(RECORD_HEADER + MESSAGE_HEADER..)?;
    // Version, random, session id, cipher suite, compression (RFC 5246 §7.4.1.3).
    let session = usize::from(*hello.get(34)?);
    let mut extensions = hello.get(35usize.checked_add(session)?.checked_add(3 + 2)?..)?;
    while let (Some(kind), Some(length)) = (extensions.get(..2), extensions.get(2..4)) {
        let length = usize::from(u16::from_be_bytes(length.try_into().ok()?));
        let (body, rest) = extensions.get(4..)?.split_at_checked(length)?;
        if kind == USE_SRTP {
            let number = body.get(2..4)?.try_into().ok().map(u16::from_be_bytes)?;
            return Some(match number {
                7 => Profile::Aes128Gcm,
                8 => Profile::Aes256Gcm,
                other => Profile::Other(other),
            });
        }
        extensions = rest;
    }
    None
}
