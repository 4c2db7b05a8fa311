//! What a camera may see while somebody scans a code: any picture at all, and codes with any squares.

use group_worker::read_code;

/// Light of a dark and of a light square.
const SQUARE: [u8; 2] = [40, 230];
/// Light squares around a code.
const QUIET: usize = 4;
/// Pixels a square.
const SCALE: usize = 2;
/// Sizes of codes that are tried in a picture: version 1 (21 squares a side) to version 4 (33).
const VERSIONS: u8 = 4;
/// And without one: up to the last.
const VERSIONS_FOUND: u8 = 40;
/// Kinds of inputs.
const PICTURE: u8 = 0;
pub(crate) const PICTURE_OF_CODE: u8 = 1;
pub(crate) const SQUARES: u8 = 2;
/// Places of the three large marks that readers look for, seven squares each.
const MARK: usize = 7;

/// The squares of a code as they are, in most inputs; sometimes the same as a picture in which the code must be found,
/// or any picture at all, which is a thousand times slower to look through. The first byte says which, the second the
/// size.
pub fn camera(data: &[u8]) {
    let [how, size, rest @ ..] = data else { return };
    let text = match how % 16 {
        PICTURE => picture(*size, rest),
        PICTURE_OF_CODE => picture_of_code(*size, rest),
        _ => return squares(*size, rest),
    };
    if let Some(text) = text {
        assert!(text.len() <= 256, "longer than any code of ours");
    }
}

fn picture(size: u8, light: &[u8]) -> Option<String> {
    let width = usize::from(size % 128) + 1;
    let whole = light.len() - light.len() % width;
    read_code(light.get(..whole)?, width)
}

fn picture_of_code(size: u8, squares: &[u8]) -> Option<String> {
    let side = side(size % VERSIONS);
    let width = (side + 2 * QUIET) * SCALE;
    let light = (0..width * width).map(|pixel| {
        let (x, y) = (pixel % width / SCALE, pixel / width / SCALE);
        let inside = (QUIET..QUIET + side).contains(&x) && (QUIET..QUIET + side).contains(&y);
        SQUARE[usize::from(!(inside && is_dark(squares, x - QUIET, y - QUIET, side)))]
    });
    read_code(&light.collect::<Vec<u8>>(), width)
}

/// What the reader makes of squares that it has found. Every error is as good as another.
fn squares(size: u8, squares: &[u8]) {
    let side = side(size % VERSIONS_FOUND);
    let found = rqrr::SimpleGrid::from_func(side, |column, row| is_dark(squares, column, row, side));
    let _ = rqrr::Grid::new(found).decode();
}

/// Squares on a side, for version 1 and so many more (ISO/IEC 18004 §6.1).
fn side(version: u8) -> usize {
    21 + 4 * usize::from(version)
}

fn is_dark(squares: &[u8], column: usize, row: usize, side: usize) -> bool {
    mark(column, row, side).unwrap_or_else(|| {
        let place = row * side + column;
        squares.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
    })
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

/// A code with this text, as [`camera`] takes it as such a kind; `None` when it does not fit.
pub(crate) fn seed(kind: u8, text: &str) -> Option<Vec<u8>> {
    let drawing = group_worker::Drawing::of(text)?;
    let side = drawing.side() - 2 * QUIET;
    let size = u8::try_from((side - 21) / 4).ok().filter(|size| *size < VERSIONS)?;
    let mut squares = vec![0_u8; (side * side).div_ceil(8)];
    for square in drawing.path().split('M').filter(|square| !square.is_empty()) {
        let (column, rest) = square.split_once(' ')?;
        let (row, _) = rest.split_once('h')?;
        let place = (row.parse::<usize>().ok()? - QUIET) * side + column.parse::<usize>().ok()? - QUIET;
        squares[place / 8] |= 1 << (place % 8);
    }
    Some([vec![kind, size], squares].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_ours_is_read_so_that_what_is_near_it_is_tried_as_well() {
        for text in ["samrom", &"x".repeat(40)] {
            let seed = seed(PICTURE_OF_CODE, text).expect("it fits");
            let [PICTURE_OF_CODE, size, squares @ ..] = &seed[..] else { panic!("not as it is taken") };
            assert_eq!(picture_of_code(*size, squares).as_deref(), Some(text));
        }
    }
}
