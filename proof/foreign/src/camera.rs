//! What a camera may see while somebody scans a code: any picture at all, and codes with any squares.

use code_worker::read_code;

/// Light of a dark and of a light square.
const SQUARE: [u8; 2] = [40, 230];
/// Light squares around a code.
const QUIET: usize = 4;
/// Pixels a square.
const SCALE: usize = 2;
/// Sizes of codes that are tried: version 1 (21 squares a side) to version 4 (33).
const VERSIONS: u8 = 4;
/// Places of the three large marks that readers look for, seven squares each.
const MARK: usize = 7;

/// A picture, or a code with marks that can be found and anything else in it. The first byte says which, and how wide.
pub fn camera(data: &[u8]) {
    let Some((&how, rest)) = data.split_first() else { return };
    let (light, width) = if how.is_multiple_of(2) { picture(how, rest) } else { code(how, rest) };
    if let Some(text) = read_code(&light, width) {
        assert!(text.len() <= 256, "longer than any code of ours");
    }
}

fn picture(how: u8, light: &[u8]) -> (Vec<u8>, usize) {
    let width = usize::from(how / 2) + 1;
    let whole = light.len() - light.len() % width;
    (light.iter().copied().take(whole).collect(), width)
}

fn code(how: u8, squares: &[u8]) -> (Vec<u8>, usize) {
    let side = 17 + 4 * (1 + usize::from(how / 2 % VERSIONS));
    let width = (side + 2 * QUIET) * SCALE;
    let is_dark = |column: usize, row: usize| {
        if let Some(dark) = mark(column, row, side) {
            return dark;
        }
        let place = row * side + column;
        squares.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
    };
    let light = (0..width * width).map(|pixel| {
        let (x, y) = (pixel % width / SCALE, pixel / width / SCALE);
        let inside = (QUIET..QUIET + side).contains(&x) && (QUIET..QUIET + side).contains(&y);
        SQUARE[usize::from(!(inside && is_dark(x - QUIET, y - QUIET)))]
    });
    (light.collect(), width)
}

/// Whether a square of the three marks, of the light around them or of the two dotted lines is dark (ISO/IEC 18004 §6.3).
fn mark(column: usize, row: usize, side: usize) -> Option<bool> {
    let near = |at: usize| if at <= MARK { Some(at) } else { (at + MARK + 1 >= side).then(|| side - 1 - at) };
    let corner = |at: usize| at + MARK + 1 >= side;
    if corner(column) && corner(row) {
        return None;
    }
    match (near(column), near(row)) {
        (Some(x), Some(y)) => {
            // Rings around the middle of the mark, the fourth ring being the light around it.
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            Some(matches!(ring, 0 | 1 | 3))
        }
        _ if row == 6 => Some(column.is_multiple_of(2)),
        _ if column == 6 => Some(row.is_multiple_of(2)),
        _ => None,
    }
}

/// Squares of a code with this text, as [`camera`] takes them; `None` when it does not fit.
pub(crate) fn seed(text: &str) -> Option<Vec<u8>> {
    let drawing = group_worker::Drawing::of(text)?;
    let side = drawing.side() - 2 * QUIET;
    let version = u8::try_from((side - 17) / 4).ok().filter(|version| (1..=VERSIONS).contains(version))?;
    let mut squares = vec![0_u8; (side * side).div_ceil(8)];
    for square in drawing.path().split('M').filter(|square| !square.is_empty()) {
        let (column, rest) = square.split_once(' ')?;
        let (row, _) = rest.split_once('h')?;
        let place = (row.parse::<usize>().ok()? - QUIET) * side + column.parse::<usize>().ok()? - QUIET;
        squares[place / 8] |= 1 << (place % 8);
    }
    Some([vec![1 + 2 * (version - 1)], squares].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_ours_is_read_so_that_what_is_near_it_is_tried_as_well() {
        for text in ["samrom", &"x".repeat(40)] {
            let seed = seed(text).expect("it fits");
            let (how, squares) = seed.split_first().expect("not empty");
            let (light, width) = code(*how, squares);
            assert_eq!(read_code(&light, width).as_deref(), Some(text));
        }
    }
}
