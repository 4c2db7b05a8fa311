//! Reads the other device's code from pictures of a camera (docs/security/who-is-who.md).
//!
//! A module and a worker of its own, loaded when somebody scans: what reads pictures of the world is kept away from what
//! holds keys, and when it breaks, only the scanning is over.

use rxing::common::HybridBinarizer;
use rxing::qrcode::QRCodeReader;
use rxing::{BinaryBitmap, Luma8Source, Reader as _};
use wasm_bindgen::prelude::wasm_bindgen;

/// Pixels of a picture that is looked at; the script sends far smaller ones.
const PIXELS_MAX: usize = 2_000_000;
/// Characters of a code; ours has under a hundred.
const CODE_CHARS_MAX: usize = 256;

/// Reads a code from a picture of so many pixels in a row, a byte of light each; `None` when there is none in it.
#[wasm_bindgen]
#[must_use]
pub fn read_code(light: &[u8], width: usize) -> Option<String> {
    if width == 0 || light.len() > PIXELS_MAX || !light.len().is_multiple_of(width) {
        return None;
    }
    let (across, down) = (u32::try_from(width).ok()?, u32::try_from(light.len() / width).ok()?);
    let picture = Luma8Source::new_with_slice(light, across, down).ok()?;
    let mut picture = BinaryBitmap::new(HybridBinarizer::new(picture));
    let code = QRCodeReader.decode(&mut picture).ok()?;
    Some(code.getText()).filter(|text| text.len() <= CODE_CHARS_MAX).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode};

    use super::*;

    const CODE: &str =
        "c2Ftcm9tLXBhaXItdjEBAQEBAQEBAQEBAQEBAQEBICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAkJCQkJCQkJ";
    /// Light squares around a code.
    const QUIET: usize = 4;

    /// The picture that a camera would have of a code with this text, each square so many pixels wide.
    fn seen(text: &str, scale: usize) -> (Vec<u8>, usize) {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("short enough");
        let side = code.width();
        let width = (side + 2 * QUIET) * scale;
        let light = |pixel: usize| {
            let (x, y) = (pixel % width / scale, pixel / width / scale);
            let inside = (QUIET..QUIET + side).contains(&x) && (QUIET..QUIET + side).contains(&y);
            if inside && code[(x - QUIET, y - QUIET)] == Color::Dark { 40 } else { 230 }
        };
        ((0..width * width).map(light).collect(), width)
    }

    #[test]
    fn a_code_is_read_near_and_far() {
        for scale in [2, 3, 5, 8] {
            let (light, width) = seen(CODE, scale);
            assert_eq!(read_code(&light, width).as_deref(), Some(CODE), "{scale}");
        }
        let (light, width) = seen(&"x".repeat(CODE_CHARS_MAX + 1), 3);
        assert_eq!(read_code(&light, width), None, "longer than any of ours");
    }

    #[test]
    fn pictures_without_a_code_and_no_pictures_give_nothing() {
        let mut noise = 7_u32;
        let grain: Vec<u8> = (0..640 * 480)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.to_be_bytes()[0]
            })
            .collect();
        for (light, width) in [(grain.as_slice(), 640), (&grain[..641], 640), (&[], 0), (&[], 640), (&[3], 1)]
        {
            assert_eq!(read_code(light, width), None);
        }
        assert_eq!(read_code(&vec![0; PIXELS_MAX + 640], 640), None);
        let (light, width) = seen(CODE, 4);
        for cut in (0..light.len() / width).step_by(7) {
            // A code that leaves the picture: read or not, never a panic.
            let _ = read_code(&light[..cut * width], width);
        }
    }
}
