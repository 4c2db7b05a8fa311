//! Microphone, camera and screen of this machine: asked for when wanted, let go of when not, so that the lamp tells
//! the truth.

use ids::TrackKind;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    MediaDeviceInfo, MediaDeviceKind, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack,
};

use crate::dom::{self, property, set_property};
use crate::inbox::{Event, listen, post};
use crate::memory;

/// Why a device could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocked {
    /// The person, the browser or the system said no.
    NotAllowed,
    /// There is none.
    NotFound,
    /// Another program holds it.
    InUse,
    /// The person closed the choice (screen share).
    Dismissed,
}

impl Blocked {
    /// How it is called in the keys of its words.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::NotAllowed => "not-allowed",
            Self::NotFound => "not-found",
            Self::InUse => "in-use",
            Self::Dismissed => "dismissed",
        }
    }
}

/// One kind of local track.
#[derive(Default)]
struct Slot {
    held: Option<MediaStreamTrack>,
    /// Counts requests; an answer to an older one is thrown away.
    number: u32,
    asking: bool,
    /// The chosen device; the system's own choice when `None`.
    device: Option<String>,
}

/// The local tracks.
#[derive(Default)]
pub(crate) struct Devices {
    slots: [Slot; 3],
    /// The camera that looks away from whoever holds the device is wanted.
    away: bool,
}

impl Devices {
    /// No device held, those chosen the last time preferred.
    pub(crate) fn of_last_time() -> Self {
        let mut devices = Self::default();
        for (track, control) in
            [(TrackKind::Microphone, "choose-microphone"), (TrackKind::Camera, "choose-camera")]
        {
            devices.slot(track).device = memory::device(control);
        }
        devices
    }

    fn slot(&mut self, track: TrackKind) -> &mut Slot {
        let [microphone, camera, screen] = &mut self.slots;
        match track {
            TrackKind::Microphone => microphone,
            TrackKind::Camera => camera,
            TrackKind::Screen => screen,
        }
    }

    /// The live track of this kind, if one is held.
    pub(crate) fn held(&mut self, track: TrackKind) -> Option<MediaStreamTrack> {
        self.slot(track).held.clone()
    }

    /// Whether a track of this kind is held or asked for.
    pub(crate) fn is_wanted(&mut self, track: TrackKind) -> bool {
        let slot = self.slot(track);
        slot.held.is_some() || slot.asking
    }

    /// Asks for a device unless it is held or asked for; answered by [`Event::Track`].
    pub(crate) fn ask(&mut self, track: TrackKind) {
        let slot = self.slot(track);
        if slot.held.is_some() || slot.asking {
            return;
        }
        slot.number = slot.number.wrapping_add(1);
        slot.asking = true;
        let (number, device) = (slot.number, slot.device.clone());
        let away = self.away && track == TrackKind::Camera;
        spawn_local(async move {
            let got = acquire(track, device, away).await;
            post(Event::Track { track, number, got });
        });
    }

    /// A device answered; gives the track if it is still wanted, stops it if not.
    pub(crate) fn answered(
        &mut self,
        kind: TrackKind,
        number: u32,
        got: Result<MediaStreamTrack, Blocked>,
    ) -> Option<Result<MediaStreamTrack, Blocked>> {
        let slot = self.slot(kind);
        if slot.number != number {
            if let Ok(track) = got {
                track.stop();
            }
            return None;
        }
        slot.asking = false;
        if let Ok(track) = &got {
            for (name, taken) in [("ended", false), ("mute", true)] {
                listen(track, name, move |_: web_sys::Event| {
                    post(Event::TrackEnded { track: kind, number, taken });
                });
            }
            // The track's own `clone` would be a second one, and the first would keep the lamp on for ever.
            slot.held = Some(Clone::clone(track));
        }
        Some(got)
    }

    /// A track ended by itself or was taken; whether it was the one in use. What the system took is let go of, so that it
    /// does not come back by itself.
    pub(crate) fn ended(&mut self, track: TrackKind, number: u32, taken: bool) -> bool {
        let slot = self.slot(track);
        if slot.number != number || slot.held.is_none() {
            return false;
        }
        if taken {
            self.let_go(track);
        } else {
            // What was chosen is gone: the system's own choice comes next.
            (slot.held, slot.device) = (None, None);
        }
        true
    }

    /// Stops and lets go; a request under way is forgotten.
    pub(crate) fn let_go(&mut self, track: TrackKind) {
        let slot = self.slot(track);
        slot.number = slot.number.wrapping_add(1);
        slot.asking = false;
        if let Some(track) = slot.held.take() {
            track.stop();
        }
    }

    /// Remembers a choice of device; the caller asks anew.
    pub(crate) fn choose(&mut self, track: TrackKind, device: &str) {
        self.slot(track).device = (!device.is_empty()).then(|| device.to_owned());
    }

    /// Turns the camera away from whoever holds the device, or back to its choice; the caller asks anew.
    pub(crate) fn turn(&mut self, away: bool) {
        if self.away != away {
            self.away = away;
            self.let_go(TrackKind::Camera);
        }
    }

    /// The chosen device.
    pub(crate) fn chosen(&mut self, track: TrackKind) -> Option<String> {
        let slot = self.slot(track);
        let of_track = slot.held.as_ref().and_then(|track| {
            let settings =
                property(track, "getSettings").dyn_into::<js_sys::Function>().ok()?.call0(track).ok()?;
            property(&settings, "deviceId").as_string().filter(|device| !device.is_empty())
        });
        of_track.or_else(|| slot.device.clone())
    }
}

async fn acquire(track: TrackKind, device: Option<String>, away: bool) -> Result<MediaStreamTrack, Blocked> {
    let device = device.filter(|_| !away);
    let stream = match request(track, device.as_deref(), away).await {
        // The chosen device may be unplugged: any other will do.
        Err(Blocked::NotFound) if device.is_some() => request(track, None, away).await?,
        other => other?,
    };
    stream.get_tracks().get(0).dyn_into().map_err(|_| Blocked::NotFound)
}

async fn request(track: TrackKind, device: Option<&str>, away: bool) -> Result<MediaStream, Blocked> {
    let devices = media_devices().ok_or(Blocked::NotFound)?;
    let promise = if track == TrackKind::Screen {
        let constraints = js_sys::Object::new();
        set_property(&constraints, "video", &limits(&[("frameRate", 15)]));
        set_property(&constraints, "audio", &false.into());
        let ask: js_sys::Function =
            property(&devices, "getDisplayMedia").dyn_into().map_err(|_| Blocked::NotFound)?;
        ask.call1(&devices, &constraints).and_then(|promise| promise.dyn_into::<js_sys::Promise>())
    } else {
        devices.get_user_media_with_constraints(&constraints(track, device, away))
    };
    match JsFuture::from(promise.map_err(|error| reason(track, &error))?).await {
        Ok(stream) => Ok(stream.unchecked_into()),
        Err(error) => Err(reason(track, &error)),
    }
}

fn constraints(track: TrackKind, device: Option<&str>, away: bool) -> MediaStreamConstraints {
    let wish = if track.is_audio() {
        // Near sound: breath and a low *mm* survive, because nothing gates or cuts quiet passages. The gain lifts whoever
        // speaks softly; the echo goes, or without a headset the other would hear herself.
        let wish = js_sys::Object::new();
        set_property(&wish, "echoCancellation", &true.into());
        set_property(&wish, "autoGainControl", &true.into());
        set_property(&wish, "noiseSuppression", &memory::dampens_noise().into());
        wish
    } else {
        limits(&[("width", 1280), ("height", 720), ("frameRate", 30)])
    };
    if away {
        set_property(&wish, "facingMode", &"environment".into());
    }
    if let Some(device) = device {
        let exact = js_sys::Object::new();
        set_property(&exact, "exact", &device.into());
        set_property(&wish, "deviceId", &exact);
    }
    let constraints = MediaStreamConstraints::new();
    if track.is_audio() {
        constraints.set_audio(&wish);
    } else {
        constraints.set_video(&wish);
    }
    constraints
}

fn limits(wishes: &[(&str, u32)]) -> js_sys::Object {
    let limits = js_sys::Object::new();
    for (name, value) in wishes {
        let ideal = js_sys::Object::new();
        set_property(&ideal, "ideal", &(*value).into());
        set_property(&limits, name, &ideal);
    }
    limits
}

fn reason(track: TrackKind, error: &JsValue) -> Blocked {
    match property(error, "name").as_string().as_deref() {
        Some("NotAllowedError" | "AbortError") if track == TrackKind::Screen => Blocked::Dismissed,
        Some("NotAllowedError" | "SecurityError") => Blocked::NotAllowed,
        Some("NotReadableError" | "AbortError") => Blocked::InUse,
        _ => Blocked::NotFound,
    }
}

fn media_devices() -> Option<MediaDevices> {
    dom::window().navigator().media_devices().ok()
}

/// Whether this browser can share a screen; phones cannot.
pub(crate) fn can_share() -> bool {
    media_devices().is_some_and(|devices| property(&devices, "getDisplayMedia").is_function())
}

/// Watches for devices that are plugged in or out.
pub(crate) fn watch() {
    if let Some(devices) = media_devices() {
        listen(&devices, "devicechange", |_: web_sys::Event| post(Event::DevicesChanged));
    }
}

/// Asks which devices there are; answered by [`Event::Devices`].
pub(crate) fn list() {
    let Some(promise) = media_devices().and_then(|devices| devices.enumerate_devices().ok()) else { return };
    spawn_local(async move {
        let Ok(found) = JsFuture::from(promise).await else { return };
        let found: js_sys::Array = found.unchecked_into();
        post(Event::Devices(found.iter().map(JsCast::unchecked_into::<MediaDeviceInfo>).collect()));
    });
}

/// The kind of device behind a track.
pub(crate) const fn kind_of(track: TrackKind) -> MediaDeviceKind {
    if track.is_audio() { MediaDeviceKind::Audioinput } else { MediaDeviceKind::Videoinput }
}
