//! Scans the other's code with a camera of this machine. The pictures go to a worker of their own and to nobody else;
//! the camera is let go of as soon as a code was found or the person has had enough.
//!
//! That worker has no device, no port and no keys: what reads pictures of the world is kept away from what holds keys,
//! and when it breaks, only the scanning is over.

use ids::ParticipantId;
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    HtmlMediaElement, MediaStream, MediaStreamConstraints, MediaStreamTrack, MessageEvent, Worker,
    WorkerOptions, WorkerType,
};

use crate::dom::{self, property, set_property};
use crate::draw::play;
use crate::inbox::{Event, after, listen, post};

/// Milliseconds between an answer of the worker and the next picture for it.
const LOOK_EVERY_MS: i32 = 150;
/// Milliseconds until a camera that has no picture yet is looked at again.
const LOOK_AGAIN_MS: i32 = 300;

/// What happens while scanning.
pub(crate) enum Scanned {
    /// The camera answered.
    Camera(Option<MediaStreamTrack>),
    /// Time for the next picture.
    Look,
    /// A picture of the camera, to be passed on.
    Picture(JsValue),
    /// The worker read this code; `None` when there was none in the picture, or when it has only just begun to run.
    Read(Option<String>),
    /// The worker is gone.
    Lost,
}

/// One scanning, from the press to the code.
pub(crate) struct Scan {
    /// Whose code it is.
    pub(crate) person: ParticipantId,
    number: u32,
    camera: Option<MediaStreamTrack>,
    worker: Worker,
}

impl Scan {
    /// Starts the worker and asks for a camera; `held` is the call's own, used when no other can be had.
    ///
    /// # Errors
    /// What the browser says when it starts no worker.
    pub(crate) fn start(
        person: ParticipantId,
        number: u32,
        folder: &str,
        held: Option<MediaStreamTrack>,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&[folder, "/code-worker.js"].concat(), &options)?;
        let tell = move |happened| post(Event::Scan(number, happened));
        listen(&worker, "message", move |event: MessageEvent| tell(heard(&event.data())));
        listen(&worker, "error", move |_: web_sys::Event| tell(Scanned::Lost));
        spawn_local(async move {
            let other = ask().await.ok();
            let camera = other.or_else(|| held.map(|held| held.clone()));
            post(Event::Scan(number, Scanned::Camera(camera)));
        });
        Ok(Self { person, number, camera: None, worker })
    }

    /// Which scanning this is, counted from the page's start.
    pub(crate) const fn number(&self) -> u32 {
        self.number
    }

    /// The camera is there: shows it. The looking begins when the worker runs, so that there is one loop alone.
    pub(crate) fn use_camera(&mut self, camera: MediaStreamTrack) {
        play(dom::by_id("scan-picture").unchecked_ref(), &camera);
        self.camera = Some(camera);
    }

    /// The next picture, a little later.
    pub(crate) fn look_again(&self) {
        let number = self.number;
        after(LOOK_EVERY_MS, move || post(Event::Scan(number, Scanned::Look)));
    }

    /// Takes a picture, or tries again until the camera has one.
    pub(crate) fn look(&self) {
        let number = self.number;
        spawn_local(async move {
            match picture().await {
                Ok(picture) => post(Event::Scan(number, Scanned::Picture(picture))),
                Err(_) => after(LOOK_AGAIN_MS, move || post(Event::Scan(number, Scanned::Look))),
            }
        });
    }

    /// Gives a picture to the worker.
    pub(crate) fn read(&self, picture: &JsValue) {
        let _ = self.worker.post_message_with_transfer(picture, &Array::of1(picture));
    }

    /// Lets go of camera and worker.
    pub(crate) fn stop(self) {
        if let Some(camera) = self.camera {
            camera.stop();
        }
        dom::by_id_as::<HtmlMediaElement>("scan-picture").set_src_object(None);
        self.worker.terminate();
    }
}

/// The camera that looks away from the person, if there is one.
async fn ask() -> Result<MediaStreamTrack, JsValue> {
    let wish = js_sys::Object::new();
    for (name, value) in [("facingMode", "environment".into()), ("width", 1280.into())] {
        let ideal = js_sys::Object::new();
        set_property(&ideal, "ideal", &value);
        set_property(&wish, name, &ideal);
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wish);
    let devices = dom::window().navigator().media_devices()?;
    let promise = devices.get_user_media_with_constraints(&constraints)?;
    let stream: MediaStream = JsFuture::from(promise).await?.unchecked_into();
    stream.get_tracks().get(0).dyn_into()
}

/// What the camera shows now, as the browser's own kind of picture, which goes to a worker without being copied.
async fn picture() -> Result<JsValue, JsValue> {
    let window = dom::window();
    let make: js_sys::Function = property(&window, "createImageBitmap").dyn_into()?;
    let promise: Promise = make.call1(&window, &dom::by_id("scan-picture"))?.dyn_into()?;
    JsFuture::from(promise).await
}

fn heard(said: &JsValue) -> Scanned {
    match said.as_string().as_deref() {
        Some("ready") => Scanned::Read(None),
        Some(_) => Scanned::Lost,
        None => Scanned::Read(property(said, "code").as_string()),
    }
}
