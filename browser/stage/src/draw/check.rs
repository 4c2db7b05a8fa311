//! The device check: what was chosen, what works, and what to do about what does not.

use ids::TrackKind;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlMeterElement, HtmlOptionElement, HtmlSelectElement, MediaDeviceInfo};

use super::Screen;
use super::own::Local;
use crate::devices::{self, Blocked, Devices};
use crate::memory::{self, Means};
use crate::{dom, network};

impl Screen {
    /// Offers what worked the last time.
    pub(crate) fn offer_last_time(&self) {
        let means = memory::means();
        let text = means.map(|means| self.words.get(&["as-last-time-", means.value()].concat()));
        let text = text.map(|text| match self.own_around(memory::around()) {
            Some(around) => [text, around].join(". "),
            None => text,
        });
        dom::show_text(&dom::by_id("as-last-time"), text.as_deref());
        dom::set(
            &dom::by_id("arrive"),
            "data-variant",
            if means.is_some() { "secondary" } else { "primary" },
        );
    }

    pub(super) fn draw_check(&self, local: &Local<'_>) {
        let Local { means, microphone, blocked, .. } = *local;
        let camera = local.camera.is_some();
        for choice in [Means::Both, Means::Sound, Means::Neither] {
            let radio: HtmlInputElement = dom::by_id_as(&["means-", choice.value()].concat());
            if radio.checked() != (means == Some(choice)) {
                radio.set_checked(means == Some(choice));
            }
        }
        let wants_camera = means.is_some_and(Means::camera);
        let wants_microphone = means.is_some_and(Means::microphone);
        let check = dom::by_id("check-devices");
        let appears = wants_microphone && check.hidden();
        dom::show(&check, wants_microphone);
        dom::show(&dom::by_id("check-preview"), wants_camera);
        dom::show(&dom::by_id("check-level"), wants_microphone && microphone);
        let no_camera = blocked[1].filter(|_| wants_camera && !camera);
        let no_microphone = blocked[0].filter(|_| wants_microphone && !microphone);
        self.draw_blocked(no_microphone, no_camera);
        dom::show(&dom::by_id("arrive"), means.is_some());
        if appears {
            dom::bring_into_view(&check);
        }
    }

    /// What is missing and what helps, shown and said.
    fn draw_blocked(&self, microphone: Option<Blocked>, camera: Option<Blocked>) {
        let text = match (microphone, camera) {
            (Some(why), Some(also)) if why == also => Some(["blocked-both-", why.key()].concat()),
            (Some(why), _) => Some(["blocked-microphone-", why.key()].concat()),
            (None, Some(why)) => Some(["blocked-camera-", why.key()].concat()),
            (None, None) => None,
        };
        if let Some((key, why)) = text.zip(microphone.or(camera)) {
            let (text, steps) = (self.words.get(&key), self.steps(why));
            let line = dom::by_id("blocked-text");
            if dom::by_id("check-blocked").hidden() || line.text_content().as_ref() != Some(&text) {
                self.announce(&[text.as_str(), &steps].join(" "));
            }
            dom::set_text(&line, &text);
            dom::set_text(&dom::by_id("blocked-steps"), &steps);
        }
        let place = dom::by_id("check-blocked");
        let appears = microphone.or(camera).is_some() && place.hidden();
        dom::show(&place, microphone.or(camera).is_some());
        if appears {
            dom::bring_into_view(&place);
        }
    }

    /// What helps, in words for this system.
    pub(super) fn steps(&self, why: Blocked) -> String {
        let what = if why == Blocked::NotAllowed { system() } else { why.key() };
        self.words.get(&["blocked-steps-", what].concat())
    }

    /// What she writes fills its place: said at once, or what comes after it would be lost without a word.
    pub(crate) fn say_full(&self, full: bool) {
        self.show_word("tell-full", full);
    }

    /// Whether the check is what is shown.
    pub(crate) fn shows_check(&self) -> bool {
        self.shown == "view-check"
    }

    /// The level of the microphone.
    pub(crate) fn draw_level(&self, level: f64) {
        if self.shows_check() {
            dom::by_id_as::<HtmlMeterElement>("level").set_value(level);
        }
    }

    /// What the network carries, in words; a picture wants two megabits.
    pub(crate) fn draw_speed(&self, speed: Option<u32>) {
        let key = match speed {
            Some(kbit) if kbit >= network::ENOUGH_KBIT => "network-good",
            Some(_) => "network-weak",
            None => "network-unknown",
        };
        dom::set_text(&dom::by_id("network"), &self.words.get(key));
        dom::set(&dom::by_id("network"), "data-state", key);
    }

    /// Fills the lists of devices, in the check and in the room.
    pub(crate) fn draw_devices(&self, found: &[MediaDeviceInfo], held: &mut Devices) {
        for (track, control) in
            [(TrackKind::Microphone, "choose-microphone"), (TrackKind::Camera, "choose-camera")]
        {
            let chosen = held.chosen(track).unwrap_or_default();
            self.fill(control, found, devices::kind_of(track), &chosen);
        }
        let speaker = memory::device("choose-speaker").unwrap_or_default();
        self.fill("choose-speaker", found, web_sys::MediaDeviceKind::Audiooutput, &speaker);
    }

    fn fill(&self, control: &str, found: &[MediaDeviceInfo], kind: web_sys::MediaDeviceKind, chosen: &str) {
        let selector = ["select[data-do=", control, "]"].concat();
        let Ok(selects) = dom::document().query_selector_all(&selector) else { return };
        let named: Vec<&MediaDeviceInfo> =
            found.iter().filter(|device| device.kind() == kind && !device.label().is_empty()).collect();
        for index in 0..selects.length() {
            let Some(select) = selects.get(index) else { continue };
            let select: HtmlSelectElement = select.unchecked_into();
            dom::empty(&select);
            for device in &named {
                let selected = device.device_id() == chosen;
                let option = HtmlOptionElement::new_with_text_and_value_and_default_selected_and_selected(
                    &device.label(),
                    &device.device_id(),
                    selected,
                    selected,
                );
                if let Ok(option) = option {
                    let _ = select.append_child(&option);
                }
            }
            if let Some(row) = select.parent_element() {
                // One device is no choice.
                dom::show(row.unchecked_ref(), named.len() > 1);
            }
        }
    }
}

/// Which system's steps to show when the browser blocks a device.
fn system() -> &'static str {
    let agent = dom::window().navigator().user_agent().unwrap_or_default();
    let has = |name: &str| dom::has(&agent, name);
    if has("iPhone") || has("iPad") {
        "ios"
    } else if has("Android") {
        "android"
    } else if has("Mac OS") {
        "mac"
    } else if has("Windows") {
        "windows"
    } else {
        "other"
    }
}
