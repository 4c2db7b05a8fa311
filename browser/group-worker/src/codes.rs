//! Draws the code that this device shows to the other's camera (docs/security/who-is-who.md).

use qrcode::{EcLevel, QrCode};
use wasm_bindgen::prelude::wasm_bindgen;

/// Light squares around a code, without which no reader finds it (ISO/IEC 18004).
const QUIET: usize = 4;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_squares_within_its_quiet_ring_and_too_long_a_text_is_none() {
        let drawing = Drawing::of("samrom").expect("short enough");
        assert_eq!(drawing.side(), 21 + 2 * QUIET);
        let inside = QUIET..QUIET + 21;
        for square in drawing.path().split('M').filter(|square| !square.is_empty()) {
            let (column, rest) = square.split_once(' ').expect("a column");
            let (row, _) = rest.split_once('h').expect("a row");
            assert!(inside.contains(&column.parse().expect("a number")));
            assert!(inside.contains(&row.parse().expect("a number")));
        }
        assert!(drawing.path().starts_with("M4 4h1v1h-1z"), "a mark stands in the first corner");
        assert_eq!(Drawing::of(&"x".repeat(10_000)), None);
    }
}
