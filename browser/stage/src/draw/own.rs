//! Oneself: preview, own tile, buttons for microphone, camera, pause and screen.

use call::{OwnScreen, Phase, View};
use protocol::wire::Presence;
use wasm_bindgen::JsCast;
use web_sys::{HtmlMediaElement, MediaStreamTrack};

use super::{Screen, room};
use crate::devices::Blocked;
use crate::dom;
use crate::memory::{self, Means};

/// What is known of this machine's own devices.
pub(crate) struct Local<'a> {
    /// How the person takes part, once chosen.
    pub(crate) means: Option<Means>,
    /// The picture of the camera, if it is on.
    pub(crate) camera: Option<&'a MediaStreamTrack>,
    /// Whether the microphone is on.
    pub(crate) microphone: bool,
    /// What each device last said no with.
    pub(crate) blocked: &'a [Option<Blocked>; 3],
}

impl Screen {
    pub(crate) fn draw_own(&mut self, view: &View, local: &Local<'_>) {
        let camera = local.camera;
        self.draw_preview("check-picture", camera, true);
        self.draw_preview("waiting-picture", camera, self.self_view);
        let own = view.own;
        let seen = own.sending.camera && camera.is_some();
        // Whoever shows something has to see what is in the picture.
        let shown = (self.self_view || own.showing) && seen;
        self.draw_preview("own-picture", camera, shown);
        let tile = dom::by_id("own");
        dom::set(&tile, "data-shown", dom::truth(shown));
        dom::mark(&tile, "data-showing", own.showing);
        let toggle = dom::by_id("self-view");
        dom::show(&toggle, seen);
        dom::set_text(&toggle, &self.words.get(if self.self_view { "self-hide" } else { "self-show" }));
        self.button("microphone", own.microphone && !own.paused, "microphone-on", "microphone-off");
        self.button("camera", own.camera && !own.paused, "camera-on", "camera-off");
        self.button("pause", own.paused, "resume", "pause");
        dom::show(&dom::by_id("share"), self.can_share);
        self.button("share", own.screen != OwnScreen::Off, "share-stop", "share");
        self.show_word("sharing-word", own.screen == OwnScreen::On);
        self.show_word("showing-word", own.showing);
        self.show_word("paused-word", own.paused);
        self.returned &= !own.microphone && !own.camera;
        self.seen = seen;
        self.draw_mark(view);
        // Whoever turns something on has read that the lock is whole.
        if (own.microphone || own.camera) && self.says_lock_is_whole() {
            self.close_notice();
        }
        self.draw_own_around(own.around);
        self.draw_check(local);
    }

    /// Whether one is seen and heard, which depends on the others and on the lock too.
    pub(super) fn draw_mark(&self, view: &View) {
        let own = view.own;
        let unheard = is_unheard(view);
        dom::set(&dom::by_id("own"), "data-camera", dom::truth(self.seen && !unheard));
        let mark = match (own.paused, unheard, self.seen) {
            (true, ..) => "own-paused",
            (false, true, _) => "own-unheard",
            (false, false, true) => "own-camera-on",
            (false, false, false) => "own-camera-off",
        };
        dom::set_text(&dom::by_id("own-mark"), &self.words.get(mark));
        let muted = matches!(view.phase, Phase::Inside) && (own.muted_for_you || self.returned);
        let muted = muted && !own.paused && !view.lock.stopped;
        let line = dom::by_id("muted-word");
        let begins = muted && line.hidden();
        self.show_word("muted-word", muted);
        // Said after the lock's word in the same moment, it must not take its place.
        if begins && self.says_lock_is_whole() {
            let muted = line.text_content().unwrap_or_default();
            self.announce(&[self.words.get("alarm-over"), muted].join(" "));
        }
    }

    /// Whether the notice above the room says that an alarm is over.
    fn says_lock_is_whole(&self) -> bool {
        let text = dom::by_id("notice-text").text_content();
        text == Some(self.words.get("alarm-over")) && !dom::by_id("notice").hidden()
    }

    /// A button that is on or off; the words are on the button, never colour alone.
    fn button(&self, id: &str, on: bool, on_key: &str, off_key: &str) {
        let button = dom::by_id(id);
        dom::set(&button, "data-on", dom::truth(on));
        dom::set_text(&dom::part(&button, "label"), &self.words.get(if on { on_key } else { off_key }));
    }

    fn draw_preview(&self, id: &str, camera: Option<&MediaStreamTrack>, shown: bool) {
        let element = dom::by_id(id);
        let player: &HtmlMediaElement = element.unchecked_ref();
        let wanted = camera.filter(|_| shown).map(MediaStreamTrack::id).unwrap_or_default();
        if element.get_attribute("data-track").unwrap_or_default() != wanted {
            match camera.filter(|_| shown) {
                Some(track) => room::play(player, track),
                None => player.set_src_object(None),
            }
            dom::set(&element, "data-track", &wanted);
        }
        dom::show(&element, !wanted.is_empty());
    }

    /// One tap on the own tile, remembered.
    pub(crate) fn toggle_self_view(&mut self) {
        self.self_view = !self.self_view;
        memory::remember_self_view(self.self_view);
    }
}

/// Somebody came in at the other side and nobody else is there: nothing goes to anybody now. A lost line or a sleeping
/// device is not certain enough to say so.
fn is_unheard(view: &View) -> bool {
    let mut others = view.people.iter().filter(|tile| !tile.is_you).map(|tile| tile.presence);
    let blanked = |presence| matches!(presence, Presence::SomeoneCameIn | Presence::SteppedOut);
    view.people.iter().any(|tile| !tile.is_you && tile.presence == Presence::SomeoneCameIn)
        && others.all(blanked)
}
