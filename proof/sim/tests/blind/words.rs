//! Looks for a word in what a server holds, in every form in which programs tend to write words.

/// Bytes of a word's piece; one piece is enough, in case that a word was cut up on its way.
const PIECE: usize = 8;
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The forms in which a word, or a piece of it, stands in these messages.
pub(crate) fn forms_found(word: &str, messages: &[Vec<u8>]) -> Vec<&'static str> {
    let everything = messages.concat().to_ascii_lowercase();
    let found = |written: &Vec<u8>| {
        let written = written.to_ascii_lowercase();
        written.windows(PIECE).any(|piece| holds(&everything, piece))
    };
    forms(word).into_iter().filter(|(_, written)| found(written)).map(|(form, _)| form).collect()
}

fn holds(everything: &[u8], piece: &[u8]) -> bool {
    let mut starts = everything.iter().enumerate().filter(|(_, byte)| piece.first() == Some(*byte));
    starts.any(|(at, _)| everything.get(at..at + piece.len()) == Some(piece))
}

fn forms(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = word.as_bytes();
    let hex = |byte: &u8| format!("{byte:02x}").into_bytes();
    vec![
        ("UTF-8", bytes.to_vec()),
        ("UTF-16, low byte first", word.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16, high byte first", word.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("hexadecimal", bytes.iter().flat_map(hex).collect()),
        ("base64, from a word's start", base64(bytes)),
        ("base64, one byte in", base64(bytes.get(2..).unwrap_or_default())),
        ("base64, two bytes in", base64(bytes.get(1..).unwrap_or_default())),
        ("backwards", bytes.iter().rev().copied().collect()),
        ("every bit turned", bytes.iter().map(|byte| !byte).collect()),
    ]
}

/// Base64 of whole groups of three bytes; what is left over is left out, for it depends on what follows.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let digit = |bits: u32| DIGITS[(bits & 63) as usize];
    let group = |group: &[u8]| {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        [bits >> 18, bits >> 12, bits >> 6, bits].map(digit)
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

#[test]
fn a_word_is_found_in_every_form_and_in_pieces() {
    let word = "Kjenner7Du9Igjen3Meg";
    for (form, written) in forms(word) {
        let message = [b"before ", &written[..], b" after"].concat();
        assert!(forms_found(word, &[message]).contains(&form), "{form}");
    }
    let two_pieces = [b"Kjenner7Du".to_vec(), b"9Igjen3Meg".to_vec()];
    assert_eq!(forms_found(word, &two_pieces), ["UTF-8"]);
    assert_eq!(base64(b"Kjenner7Du9Igjen3"), b"S2plbm5lcjdEdTlJZ2pl");
    assert_eq!(forms_found(word, &[b"something else altogether".to_vec()]), [""; 0]);
}
