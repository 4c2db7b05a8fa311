//! One queue for everything that happens to the page, so that no two handlers ever run inside one another.
//!
//! Browser callbacks only [`post`]. The first post drains the queue; a post from within (a click that a handler
//! causes, a track that ends while it is being replaced) is left for the loop that already runs.

use std::cell::RefCell;
use std::collections::VecDeque;

use ids::{Timestamp, TrackKind};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventTarget, MediaDeviceInfo, MediaStreamTrack};

use crate::devices::Blocked;
use crate::scan::Scanned;
use crate::stage::Stage;

/// The call is asked again after this long at the latest.
const LONGEST_WAIT_MS: u128 = 60_000;

/// Something happened.
pub(crate) enum Event {
    /// A button was pressed: its `data-do` and the nearest `data-id`.
    Press { what: String, id: String },
    /// A form with one text was sent: its `data-do`, the nearest `data-id`, the text.
    Submit { what: String, id: String, text: String },
    /// A choice was made: the control's `data-do` and its value.
    Choose { what: String, value: String },
    /// The Escape key.
    Escape,
    /// About the WebSocket with this number.
    Socket(u32, SocketEvent),
    /// The MLS worker.
    GroupWorker(Said),
    /// The frame worker.
    FrameWorker(Said),
    /// About the peer connection with this number.
    Connection(u32, ConnectionEvent),
    /// A device answered the request with this number.
    Track { track: TrackKind, number: u32, got: Result<MediaStreamTrack, Blocked> },
    /// A local track ended by itself, or was `taken`: muted by the system, for a telephone call for one.
    TrackEnded { track: TrackKind, number: u32, taken: bool },
    /// The devices of this machine.
    Devices(Vec<MediaDeviceInfo>),
    /// The set of devices changed.
    DevicesChanged,
    /// The moment that the call waits for has come.
    Due,
    /// A second has passed.
    Second,
    /// Time to show the level of the microphone.
    Level,
    /// The page was hidden or shown.
    Hidden(bool),
    /// The machine has a network again, perhaps another one.
    Online,
    /// What the network carries, in kilobits a second; `None` when it could not be measured.
    Speed(Option<u32>),
    /// The workers have had the time that they may take to start.
    WorkersDue,
    /// About the scanning with this number.
    Scan(u32, Scanned),
    /// The own code as a drawing: the box around it, and the path of its dark squares.
    Drawing(String, String),
    /// The browser refuses to play sound before a press.
    SoundBlocked,
}

/// About a WebSocket.
pub(crate) enum SocketEvent {
    Open,
    Message(Vec<u8>),
    Closed,
}

/// What a worker said.
pub(crate) enum Said {
    Ready,
    Message(Vec<u8>),
    Lost,
}

/// About a peer connection.
pub(crate) enum ConnectionEvent {
    /// The offer, or nothing when none could be made.
    Offer(Option<String>),
    /// The answer could not be used.
    AnswerRefused,
    Connected,
    /// Media has stopped; it may come back by itself.
    Troubled,
    /// It has been troubled for too long.
    StillTroubled,
    Failed,
}

thread_local! {
    static QUEUE: RefCell<VecDeque<Event>> = const { RefCell::new(VecDeque::new()) };
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// Raises the curtain: from now on events are handled.
pub(crate) fn begin(stage: Stage) {
    STAGE.with(|place| *place.borrow_mut() = Some(stage));
    drain();
}

/// Something happened.
pub(crate) fn post(event: Event) {
    QUEUE.with(|queue| queue.borrow_mut().push_back(event));
    drain();
}

fn drain() {
    STAGE.with(|place| {
        let Ok(mut place) = place.try_borrow_mut() else { return };
        let Some(stage) = place.as_mut() else { return };
        while let Some(event) = QUEUE.with(|queue| queue.borrow_mut().pop_front()) {
            stage.handle(event);
        }
    });
}

/// Listens for as long as the page lives.
pub(crate) fn listen<E: JsCast + 'static>(
    target: &EventTarget,
    name: &str,
    mut then: impl FnMut(E) + 'static,
) {
    let closure =
        Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| then(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Calls back once after so many milliseconds.
pub(crate) fn after(ms: i32, then: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(then);
    let _ = crate::dom::window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), ms);
}

/// The one moment that the call waits for. There is never more than one: timers that each set the next one would grow
/// with every event until the page does nothing else.
pub(crate) struct Alarm {
    rings: Closure<dyn FnMut()>,
    set: Option<(Timestamp, i32)>,
}

impl Alarm {
    /// Nothing to wait for yet.
    pub(crate) fn new() -> Self {
        Self { rings: Closure::new(|| post(Event::Due)), set: None }
    }

    /// It has rung.
    pub(crate) fn has_rung(&mut self) {
        self.set = None;
    }

    /// Rings at this moment instead of any other.
    pub(crate) fn set(&mut self, at: Timestamp, now: Timestamp) {
        if self.set.is_some_and(|(set, _)| set == at) {
            return;
        }
        let window = crate::dom::window();
        if let Some((_, timer)) = self.set.take() {
            window.clear_timeout_with_handle(timer);
        }
        let wait = at.since(now).as_millis().min(LONGEST_WAIT_MS);
        let timer = window.set_timeout_with_callback_and_timeout_and_arguments_0(
            self.rings.as_ref().unchecked_ref(),
            i32::try_from(wait).unwrap_or_default(),
        );
        self.set = timer.ok().map(|timer| (at, timer));
    }
}

/// Calls back again and again, for as long as the page lives.
pub(crate) fn every(ms: i32, then: impl FnMut() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(then);
    let _ = crate::dom::window()
        .set_interval_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), ms);
    closure.forget();
}
