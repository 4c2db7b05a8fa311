//! The MLS worker: a thin shell around [`group::Member`] for `assets/ts/group-worker.ts`.
//!
//! The script holds what only a browser has: the device key, which WebCrypto never gives out, and the store in which
//! pins survive. It asks [`GroupWorker::poll`] what is to be done after everything that it hands in.

mod codes;

use group::{Member, Memory, Output};
use ids::Timestamp;
use protocol::group::GroupEvent;
use protocol::wire::DeviceKey;
use wasm_bindgen::prelude::wasm_bindgen;

pub use codes::Drawing;

/// What is to be done with a [`Work`].
#[wasm_bindgen]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// Post the bytes to the page: a packed `GroupEvent`.
    Event,
    /// Post the bytes to the frame worker and to nobody else: packed `FrameKeys`.
    Keys,
    /// Sign the bytes with the device key and bring the signature back with the ticket.
    Sign,
    /// Store the bytes for the next start.
    Remember,
}

/// One thing to be done.
#[wasm_bindgen]
pub struct Work {
    kind: WorkKind,
    ticket: u32,
    bytes: Vec<u8>,
    drawing: Option<Drawing>,
}

#[wasm_bindgen]
impl Work {
    /// What is to be done.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn kind(&self) -> WorkKind {
        self.kind
    }

    /// For [`WorkKind::Sign`]: comes back with the signature.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn ticket(&self) -> u32 {
        self.ticket
    }

    /// When the event is one's own code: the same for a camera.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn drawing(&self) -> Option<Drawing> {
        self.drawing.clone()
    }

    /// The bytes; taken once, and the work is gone with it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl From<Output> for Work {
    fn from(output: Output) -> Self {
        let work = |kind, bytes| Self { kind, ticket: 0, bytes, drawing: None };
        match output {
            Output::Event(GroupEvent::PairingCode { code }) => {
                let drawing = Drawing::of(&code);
                Self { drawing, ..work(WorkKind::Event, protocol::pack(&GroupEvent::PairingCode { code })) }
            }
            Output::Event(event) => work(WorkKind::Event, protocol::pack(&event)),
            Output::Keys(keys) => work(WorkKind::Keys, protocol::pack(&keys)),
            Output::SignWithDevice { ticket, bytes } => Self { ticket, ..work(WorkKind::Sign, bytes) },
            Output::Remember(memory) => work(WorkKind::Remember, memory.to_bytes()),
        }
    }
}

/// The member on this browser's device.
#[wasm_bindgen]
pub struct GroupWorker(Member);

#[wasm_bindgen]
impl GroupWorker {
    /// A member on the device with this public key (uncompressed), with what was stored before.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(device: &[u8], memory: &[u8]) -> Self {
        Self(Member::new(DeviceKey(device.to_vec()), Memory::from_bytes(memory)))
    }

    /// Takes a packed `GroupCommand`; `false` when it was not that.
    pub fn handle_command(&mut self, command: &[u8], now: f64) -> bool {
        protocol::unpack(command).map(|command| self.0.handle_command(command, moment(now))).is_ok()
    }

    /// Takes the device's signature for a ticket.
    pub fn handle_signature(&mut self, ticket: u32, signature: &[u8], now: f64) {
        self.0.handle_device_signature(ticket, signature, moment(now));
    }

    /// What is to be done next, if anything.
    pub fn poll(&mut self) -> Option<Work> {
        self.0.poll_output().map(Work::from)
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
    use ids::SessionId;
    use protocol::group::GroupCommand;

    use super::*;

    #[test]
    fn a_start_tells_the_device_key() {
        let mut worker = GroupWorker::new(&[4; 65], b"");
        let session = SessionId::from_bytes([1; 16]);
        assert!(worker.handle_command(&protocol::pack(&GroupCommand::Start { session }), 1.5));
        let work = worker.poll().expect("the device key");
        assert_eq!(work.kind(), WorkKind::Event);
        let device = DeviceKey(vec![4; 65]);
        assert_eq!(protocol::unpack(&work.into_bytes()), Ok(GroupEvent::Device { device }));
        assert!(worker.poll().is_none());
        assert!(!worker.handle_command(b"\xff rubbish", 2.0));
    }
}
