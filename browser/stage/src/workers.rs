//! The two workers and the channel between them; the page keeps no end of it, so keys never pass through here.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, MessageEvent, MessagePort, Worker, WorkerOptions, WorkerType};

use crate::dom;
use crate::inbox::{Event, Said, after, listen, post};

/// Milliseconds in which a worker must have begun to run.
const START_MS: i32 = 20_000;

/// A worker and what waits for it to run.
#[derive(Default)]
pub(crate) struct Mate {
    worker: Option<Worker>,
    ready: bool,
    waiting: Vec<Vec<u8>>,
}

impl Mate {
    fn start(&mut self, address: &str, port: &MessagePort, tell: fn(Said) -> Event) -> Result<(), JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        if dom::is_shared() {
            // A worker of this name keeps no key beyond the page (SEC-088).
            options.set_name("shared");
        }
        let worker = Worker::new_with_options(address, &options)?;
        listen(&worker, "message", move |event: MessageEvent| post(read(&event.data(), tell)));
        listen(&worker, "error", move |_: web_sys::Event| post(tell(Said::Lost)));
        listen(&worker, "messageerror", move |_: web_sys::Event| post(tell(Said::Lost)));
        let hello = js_sys::Object::new();
        dom::set_property(&hello, "port", port);
        worker.post_message_with_transfer(&hello, &js_sys::Array::of1(port))?;
        self.worker = Some(worker);
        Ok(())
    }

    /// The worker runs: what waited goes now.
    pub(crate) fn is_ready_now(&mut self) {
        self.ready = true;
        for bytes in core::mem::take(&mut self.waiting) {
            self.send(bytes);
        }
    }

    /// Sends a packed message.
    pub(crate) fn send(&mut self, bytes: Vec<u8>) {
        match &self.worker {
            Some(worker) if self.ready => {
                let _ = worker.post_message(&Uint8Array::from(bytes.as_slice()));
            }
            _ => self.waiting.push(bytes),
        }
    }

    /// The worker itself, for transforms; only when it runs.
    pub(crate) fn running(&self) -> Option<&Worker> {
        self.worker.as_ref().filter(|_| self.ready)
    }
}

/// The two workers.
#[derive(Default)]
pub(crate) struct Mates {
    /// MLS.
    pub(crate) group: Mate,
    /// SFrame.
    pub(crate) frame: Mate,
}

impl Mates {
    /// Starts both; `folder` is where the assets lie.
    ///
    /// # Errors
    /// What the browser says when it starts no worker.
    pub(crate) fn start(&mut self, folder: &str) -> Result<(), JsValue> {
        let channel = MessageChannel::new()?;
        self.group.start(&[folder, "/group-worker.js"].concat(), &channel.port1(), Event::GroupWorker)?;
        self.frame.start(&[folder, "/frame-worker.js"].concat(), &channel.port2(), Event::FrameWorker)?;
        after(START_MS, || post(Event::WorkersDue));
        Ok(())
    }

    /// Whether they were started.
    pub(crate) const fn are_started(&self) -> bool {
        self.frame.worker.is_some()
    }
}

fn read(data: &JsValue, tell: fn(Said) -> Event) -> Event {
    if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
        return tell(Said::Message(bytes.to_vec()));
    }
    // The MLS worker draws the code that it makes; what it says itself comes as a message like any other.
    if let Some(path) = dom::property(data, "drawing").as_string() {
        return Event::Drawing(dom::property(data, "frame").as_string().unwrap_or_default(), path);
    }
    tell(if data.as_string().as_deref() == Some("ready") { Said::Ready } else { Said::Lost })
}
