//! Codes for cameras: draws the one that this device shows, and reads the other's from a picture (docs/security/who-is-who.md).

use qrcode::{EcLevel, QrCode};
use rxing::common::HybridBinarizer;
use rxing::qrcode::QRCodeReader;
use rxing::{BinaryBitmap, Luma8Source, Reader as _};
use wasm_bindgen::prelude::wasm_bindgen;

/// Light squares around a code, without which no reader finds it (ISO/IEC 18004).
const QUIET: usize = 4;
/// Pixels of a picture that is looked at; the script sends far smaller ones.
const PIXELS_MAX: usize = 2_000_000;
/// Characters of a code; ours has under a hundred.
const CODE_CHARS_MAX: usize = 256;

/// A drawing of squares.
#[wasm_bindgen]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    side: usize,
    path: String,
}

#[wasm_bindgen]
impl Drawing {
    /// Draws a text; `None` when it is too long for a code.
    #[must_use]
    pub fn of(text: &str) -> Option<Drawing> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == qrcode::Color::Dark {
                let (column, row) = (index % width + QUIET, index / width + QUIET);
                path.push_str(&["M", &column.to_string(), " ", &row.to_string(), "h1v1h-1z"].concat());
            }
        }
        Some(Drawing { side: width + 2 * QUIET, path })
    }

    /// Squares on a side, the quiet ones included.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn side(&self) -> usize {
        self.side
    }

    /// The dark squares as an SVG path.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn path(&self) -> String {
        self.path.clone()
    }
}

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
    use super::*;

    const CODE: &str =
        "c2Ftcm9tLXBhaXItdjEBAQEBAQEBAQEBAQEBAQEBICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAkJCQkJCQkJ";

    /// The picture that a camera would have of the drawing, each square so many pixels wide.
    fn seen(drawing: &Drawing, scale: usize) -> (Vec<u8>, usize) {
        let width = drawing.side * scale;
        let mut light = vec![230_u8; width * width];
        for square in drawing.path.split('M').filter(|square| !square.is_empty()) {
            let (x, rest) = square.split_once(' ').expect("a column");
            let (y, _) = rest.split_once('h').expect("a row");
            let (x, y): (usize, usize) = (x.parse().expect("a number"), y.parse().expect("a number"));
            for dy in 0..scale {
                for dx in 0..scale {
                    light[(y * scale + dy) * width + x * scale + dx] = 40;
                }
            }
        }
        (light, width)
    }

    #[test]
    fn what_one_device_draws_another_reads() {
        let drawing = Drawing::of(CODE).expect("short enough");
        for scale in [3, 5, 8] {
            let (light, width) = seen(&drawing, scale);
            assert_eq!(read_code(&light, width).as_deref(), Some(CODE), "{scale}");
        }
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
        let drawing = Drawing::of(CODE).expect("short enough");
        let (light, width) = seen(&drawing, 4);
        for cut in (0..light.len() / width).step_by(7) {
            // A code that leaves the picture: read or not, never a panic.
            let _ = read_code(&light[..cut * width], width);
        }
        assert_eq!(Drawing::of(&"x".repeat(10_000)), None);
    }
}
