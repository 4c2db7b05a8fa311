//! What is sent so that it can be recognised: a board of coloured fields, a tone, a word; and how far something that
//! came out is like them.

use fastrand::Rng;

/// The size of the picture.
pub(crate) const SIZE: (u16, u16) = (320, 240);
pub(crate) const PICTURES_PER_SECOND: u32 = 15;
/// Fields across and down, of forty pixels each.
const FIELDS: (usize, usize) = (8, 6);
const FIELD: usize = 40;
/// Only the middle of a field counts; codecs blur the edges.
const MARGIN: usize = 10;
const COLOURS: [[u8; 3]; 8] = [
    [0, 0, 0],
    [255, 255, 255],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 0],
    [255, 0, 255],
    [0, 255, 255],
];
/// How far a colour may be off, in each of red, green and blue.
const OFF_MAX: f64 = 70.0;
/// Pictures after which all fields take their next colour, so that there is always something to send.
const STEP: usize = 3;
const PICTURES: usize = 30;

/// Samples of one look at a sound: a tenth of a second.
const WINDOW: usize = 4_800;
const SAMPLES_PER_SECOND: f64 = 48_000.0;
/// Quieter than this is silence, which is like no tone.
const SILENCE: f64 = 100.0;

/// What one person sends.
pub(crate) struct Marker {
    board: Vec<usize>,
    /// The tone.
    pub(crate) hertz: u32,
    /// The word written in the chat.
    pub(crate) word: String,
}

impl Marker {
    /// Another one for every number.
    pub(crate) fn new(number: u64) -> Self {
        // Neighbouring seeds begin alike.
        let mut random = Rng::with_seed(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let board = (0..FIELDS.0 * FIELDS.1).map(|_| random.usize(..COLOURS.len())).collect();
        let word = (0..20).map(|_| random.alphanumeric()).collect();
        Self { board, hertz: if number == 1 { 1_000 } else { 1_700 }, word }
    }

    /// Two seconds of pictures as RGB.
    pub(crate) fn pictures(&self) -> Vec<u8> {
        (0..PICTURES).flat_map(|number| self.picture(number / STEP)).collect()
    }

    fn picture(&self, shift: usize) -> Vec<u8> {
        let (width, height) = (FIELDS.0 * FIELD, FIELDS.1 * FIELD);
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        places.flat_map(|(x, y)| self.colour(x / FIELD + y / FIELD * FIELDS.0, shift)).collect()
    }

    fn colour(&self, field: usize, shift: usize) -> [u8; 3] {
        COLOURS[(self.board[field] + shift) % COLOURS.len()]
    }

    /// How alike each of these pictures (RGB) is to the board, whatever step it is at: the share of fields of the
    /// right colour. Noise gets an eighth, as far as it hits any of the colours at all.
    pub(crate) fn likeness_of_pictures(&self, rgb: &[u8]) -> Vec<f64> {
        let pictures = rgb.chunks_exact(FIELDS.0 * FIELDS.1 * FIELD * FIELD * 3);
        pictures.map(|picture| self.likeness_of_picture(picture)).collect()
    }

    fn likeness_of_picture(&self, rgb: &[u8]) -> f64 {
        let fields: Vec<[f64; 3]> = (0..self.board.len()).map(|field| mean_of_field(rgb, field)).collect();
        let right = |shift: usize| {
            let is_right = |field: &usize| {
                let wanted = self.colour(*field, shift).map(f64::from);
                fields[*field].iter().zip(wanted).all(|(is, wanted)| (is - wanted).abs() <= OFF_MAX)
            };
            (0..fields.len()).filter(is_right).count()
        };
        let best = (0..COLOURS.len()).map(right).max().unwrap_or_default();
        best as f64 / fields.len() as f64
    }

    /// How much of each tenth of a second of these samples is the tone: the share of its energy (Goertzel).
    pub(crate) fn likeness_of_sound(&self, samples: &[i16]) -> Vec<f64> {
        samples.chunks_exact(WINDOW).map(|window| share_of_tone(window, f64::from(self.hertz))).collect()
    }
}

fn mean_of_field(rgb: &[u8], field: usize) -> [f64; 3] {
    let (left, top) = (field % FIELDS.0 * FIELD, field / FIELDS.0 * FIELD);
    let middle = MARGIN..FIELD - MARGIN;
    let mut sum = [0.0; 3];
    for (x, y) in middle.clone().flat_map(|y| middle.clone().map(move |x| (x, y))) {
        let at = ((top + y) * FIELDS.0 * FIELD + left + x) * 3;
        for (sum, colour) in sum.iter_mut().zip(&rgb[at..at + 3]) {
            *sum += f64::from(*colour);
        }
    }
    sum.map(|sum| sum / (middle.len() * middle.len()) as f64)
}

fn share_of_tone(window: &[i16], hertz: f64) -> f64 {
    let step = 2.0 * (core::f64::consts::TAU * hertz / SAMPLES_PER_SECOND).cos();
    let (mut one, mut two, mut energy) = (0.0, 0.0, 0.0);
    for sample in window.iter().copied().map(f64::from) {
        (one, two) = (sample + step * one - two, one);
        energy += sample * sample;
    }
    let length = window.len() as f64;
    if energy < SILENCE * SILENCE * length {
        return 0.0;
    }
    2.0 * (one * one + two * two - step * one * two) / (length * energy)
}

#[test]
fn a_marker_is_like_itself_and_like_nothing_else() {
    let (one, two) = (Marker::new(1), Marker::new(2));
    let pictures = one.pictures();
    assert!(one.likeness_of_pictures(&pictures).iter().all(|likeness| *likeness == 1.0));
    assert!(two.likeness_of_pictures(&pictures).iter().all(|likeness| *likeness < 0.4));
    let mut random = Rng::with_seed(3);
    let noise: Vec<u8> = (0..pictures.len()).map(|_| random.u8(..)).collect();
    assert!(one.likeness_of_pictures(&noise).iter().all(|likeness| *likeness < 0.4));

    let wave = |hertz: f64| {
        let sample = move |at: i32| {
            (f64::from(at) * hertz * core::f64::consts::TAU / SAMPLES_PER_SECOND).sin() * 8_000.0
        };
        (0..48_000).map(|at| sample(at) as i16).collect::<Vec<_>>()
    };
    assert!(one.likeness_of_sound(&wave(1_000.0)).iter().all(|likeness| *likeness > 0.99));
    assert!(one.likeness_of_sound(&wave(1_700.0)).iter().all(|likeness| *likeness < 0.01));
    let noise: Vec<i16> = (0..48_000).map(|_| random.i16(..)).collect();
    assert!(one.likeness_of_sound(&noise).iter().all(|likeness| *likeness < 0.01));
    assert!(one.likeness_of_sound(&[0; 48_000]).iter().all(|likeness| *likeness == 0.0));
}
