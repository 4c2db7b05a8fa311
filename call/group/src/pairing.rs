//! The code that one person shows and another scans when they meet in person; see `docs/security/who-is-who.md`.
//!
//! It names a session and the showing device, with no server in between. It is no secret: it only says which device
//! was in the room.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ids::SessionId;
use protocol::wire::DeviceKey;
use sha2::{Digest, Sha256};

const PREFIX: &[u8] = b"samrom-pair-v1";
const RANDOM_BYTES: usize = 8;
const HASH_BYTES: usize = 32;
const CODE_CHARS_MAX: usize = 256;

/// Makes the code that shows `device`.
pub(crate) fn make(session: SessionId, device: &DeviceKey, random: [u8; RANDOM_BYTES]) -> String {
    URL_SAFE_NO_PAD.encode([PREFIX, session.as_bytes(), &device_hash(device), &random].concat())
}

/// Whether a scanned code shows this device in this session.
pub(crate) fn shows(code: &str, session: SessionId, device: &DeviceKey) -> bool {
    if code.len() > CODE_CHARS_MAX {
        return false;
    }
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(code.trim()) else { return false };
    let Some(rest) = bytes.strip_prefix(PREFIX) else { return false };
    let Some(rest) = rest.strip_prefix(session.as_bytes().as_slice()) else { return false };
    let Some((hash, random)) = rest.split_at_checked(HASH_BYTES) else { return false };
    hash == device_hash(device) && random.len() == RANDOM_BYTES
}

fn device_hash(device: &DeviceKey) -> [u8; HASH_BYTES] {
    Sha256::new().chain_update(b"samrom device hash v1\0").chain_update(&device.0).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_shows_its_device_in_its_session_and_nothing_else() {
        let session = SessionId::from_bytes([3; 16]);
        let device = DeviceKey(vec![4; 65]);
        let code = make(session, &device, [9; 8]);
        assert!(shows(&code, session, &device));
        assert!(shows(&format!(" {code}\n"), session, &device), "scanners add blanks");
        assert!(!shows(&code, session, &DeviceKey(vec![5; 65])));
        assert!(!shows(&code, SessionId::from_bytes([4; 16]), &device));
        for cut in 0..code.len() {
            assert!(!shows(&code[..cut], session, &device));
        }
        assert!(!shows(&"A".repeat(100_000), session, &device));
    }
}
