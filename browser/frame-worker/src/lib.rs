//! The worker that seals and opens media: a thin shell around [`seal::Sealer`] for `assets/ts/frame-worker.ts`.
//!
//! Frames pass through two buffers that live as long as the worker: the script writes a frame to [`FrameWorker::input`]
//! and reads the result at [`FrameWorker::output`], so that a frame is copied once in and once out. Whatever comes
//! out negative is to be dropped (SEC-018).

use ids::Timestamp;
use protocol::media::{Line, line};
use seal::Sealer;
use wasm_bindgen::prelude::wasm_bindgen;

/// Drop the frame.
const DROP: i32 = -1;
/// Bytes of one frame; a larger one is no frame of a camera, a screen or a microphone.
const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The sealer and its buffers.
#[wasm_bindgen]
#[derive(Default)]
pub struct FrameWorker {
    sealer: Sealer,
    input: Vec<u8>,
    output: Vec<u8>,
}

#[wasm_bindgen]
impl FrameWorker {
    /// A worker without keys: it drops everything.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes packed `FrameKeys` from the MLS worker; `false` when they were not that.
    pub fn handle_keys(&mut self, keys: &[u8], now: f64) -> bool {
        protocol::unpack(keys).map(|keys| self.sealer.handle_keys(keys, moment(now))).is_ok()
    }

    /// Takes a packed `FrameCommand` from the page; `false` when it was not that.
    pub fn handle_command(&mut self, command: &[u8]) -> bool {
        protocol::unpack(command).map(|command| self.sealer.handle_command(&command)).is_ok()
    }

    /// Makes place for a frame of so many bytes and says where in the module's memory; zero when it is too large.
    pub fn input(&mut self, length: usize) -> usize {
        if length > FRAME_BYTES_MAX {
            return 0;
        }
        self.input.resize(length, 0);
        self.input.as_ptr().addr()
    }

    /// Seals the frame in the input for a sending line or opens it for a receiving one; how many bytes came out, or
    /// a negative number to drop it.
    pub fn transform(&mut self, index: u8, now: f64) -> i32 {
        let now = moment(now);
        let done = match line(index) {
            Some(Line::Send(track)) => self.sealer.seal(track, &self.input, now),
            Some(Line::Receive(_)) => self.sealer.open(index, &self.input, now).ok(),
            None => None,
        };
        let Some(frame) = done else { return DROP };
        self.output.clear();
        self.output.extend_from_slice(frame);
        i32::try_from(self.output.len()).unwrap_or(DROP)
    }

    /// Where in the module's memory the last result lies.
    #[must_use]
    pub fn output(&self) -> usize {
        self.output.as_ptr().addr()
    }

    /// A packed `FrameEvent` for the page, if there is one.
    pub fn poll_event(&mut self) -> Option<Vec<u8>> {
        self.sealer.poll_event().map(|event| protocol::pack(&event))
    }
}

/// The script's clock counts milliseconds as a number with a fraction.
fn moment(now: f64) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float turned into an integer saturates, and half a millisecond is nothing"
    )]
    let millis = now as i64;
    Timestamp::from_millis(millis)
}

#[cfg(test)]
mod tests {
    use ids::{ParticipantId, TrackKind};
    use protocol::frame::{FrameCommand, FrameEvent, FrameKeys};
    use protocol::media::lines_of_place;

    use super::*;

    fn keys(own_leaf: u32) -> Vec<u8> {
        let person = |number| ParticipantId::from_bytes([number; 16]);
        let members = vec![(person(0), 0), (person(1), 1)];
        protocol::pack(&FrameKeys::Install { epoch: 3, base: [9; 32], own_leaf, members, removal: false })
    }

    fn put(worker: &mut FrameWorker, frame: &[u8]) {
        assert_ne!(worker.input(frame.len()), 0);
        worker.input.copy_from_slice(frame);
    }

    #[test]
    fn a_frame_goes_in_sealed_and_comes_out_opened() {
        let (mut one, mut two) = (FrameWorker::new(), FrameWorker::new());
        put(&mut one, b"a frame of sound");
        assert_eq!(one.transform(0, 1.0), DROP, "SEC-018: no key yet");
        assert!(one.handle_keys(&keys(0), 2.0));
        assert!(two.handle_keys(&keys(1), 2.0));
        let (sound, _) = lines_of_place(0).expect("a place");
        let source = Some((ParticipantId::from_bytes([0; 16]), TrackKind::Microphone));
        assert!(two.handle_command(&protocol::pack(&FrameCommand::Bind { line: sound, source })));
        let length = one.transform(0, 3.0);
        assert_eq!(usize::try_from(length), Ok(one.output.len()));
        put(&mut two, &one.output.clone());
        assert_eq!(two.transform(sound, 4.0), 16);
        assert_eq!(two.output, b"a frame of sound");
        let event = two.poll_event().expect("a key is in use");
        let told = protocol::unpack(&event);
        assert_eq!(told, Ok(FrameEvent::KeyInUse { epoch: 3, line: Some(sound) }));
    }

    #[test]
    fn rubbish_changes_nothing() {
        let mut worker = FrameWorker::new();
        assert!(!worker.handle_keys(b"rubbish that is not keys", 1.0));
        assert!(!worker.handle_command(&[200, 1]));
        assert_eq!(worker.transform(250, 1.0), DROP);
        assert_eq!(worker.input(FRAME_BYTES_MAX + 1), 0);
    }
}
