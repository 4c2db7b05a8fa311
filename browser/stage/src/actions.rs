//! What the person does: each press, each sent text and each choice, by the `data-do` of its control.

use call::{NotNow, OwnScreen, Phase};
use ids::{ASIDE_CHARS_MAX, LeaveReason, ParticipantId, Personal, TrackKind};
use protocol::content::{Around, Aside, Lead, Picture, Reaction};
use protocol::wire::Answer;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlInputElement};

use crate::dom;
use crate::draw::surrounding;
use crate::memory::{self, Means};
use crate::stage::{Stage, now};

/// What she wants to say, where she is, and where she can be rung: fields that only her page has.
const TOLD: [&str; 3] = ["tell-opening", "tell-place", "tell-phone"];

impl Stage {
    /// A button was pressed.
    pub(crate) fn pressed(&mut self, what: &str, id: &str) {
        match what {
            "arrive" => self.arrive(),
            "as-last-time" => self.as_last_time(),
            "try-again" => self.try_devices(),
            "test-speaker" => self.sound.test(),
            "close-fast" => self.close_fast(),
            "leave" => self.leave_pressed(),
            "leave-now" => self.leave(LeaveReason::Left),
            "done-for-today" => self.leave(LeaveReason::DoneForToday),
            "end-for-all" => self.end_for_all(),
            "close-dialog" => close_dialog(),
            "open" => {
                self.stop_scanning();
                self.screen.toggle_panel(id);
            }
            "close-panel" => self.close_panel(),
            "scan-stop" => self.stop_scanning(),
            "close-notice" => self.screen.close_notice(),
            "hear" => self.screen.sound_blocked(false),
            "hide" => {
                if let Some(line) = dom::find(id) {
                    dom::show(&line, false);
                }
            }
            "notify" => self.screen.ask_to_notify(),
            "self-view" => {
                self.screen.toggle_self_view();
                self.draw_own();
            }
            "use-here" => reload(),
            _ => self.pressed_in_room(what, id),
        }
    }

    /// What needs the call; a refusal means that the moment has passed, and the screen already says so.
    fn pressed_in_room(&mut self, what: &str, id: &str) {
        let now = now();
        let own = self.call.view().own;
        let _ = match what {
            "microphone" => {
                self.call.set_microphone(!own.microphone, now);
                Ok(())
            }
            "camera" => {
                self.call.set_camera(!own.camera, now);
                Ok(())
            }
            "pause" if own.paused => {
                self.call.resume(now);
                Ok(())
            }
            "pause" => self.call.pause(now),
            "share" if own.screen == OwnScreen::Off => self.call.share_screen(now),
            "share" => {
                self.call.stop_screen(now);
                Ok(())
            }
            "step-out" => self.call.step_out(now),
            "step-in" => self.call.step_in(now),
            "someone-came-in" => {
                let done = self.call.someone_came_in(now);
                self.forget_said();
                done
            }
            "carry-on" => self.carry_on(),
            "show" => self.show(id != "off"),
            "show-not" => self.call.react(Reaction::No, now),
            "lead" => id.parse().map_or(Ok(()), |step| self.call.lead(Lead(step), now)),
            "picture" => id.parse().map_or(Ok(()), |number| self.call.choose_picture(Picture(number), now)),
            "react" => reaction(id).map_or(Ok(()), |reaction| self.call.react(reaction, now)),
            "say" => self.call.chat(id, now),
            "pair-code" => self.call.make_pairing_code(),
            "without-me" => self.call.without_me(true, now),
            "stay" => {
                self.screen.has_answered();
                self.call.without_me(false, now)
            }
            _ => return self.pressed_about_person(what, id),
        };
    }

    /// Turns the camera to show something, or back. A phone has a camera for that on its other side.
    fn show(&mut self, on: bool) -> Result<(), NotNow> {
        self.call.show(on, now())?;
        if self.call.view().own.sending.camera {
            self.ask_device(TrackKind::Camera);
        }
        Ok(())
    }

    fn pressed_about_person(&mut self, what: &str, id: &str) {
        let Ok(person) = id.parse::<ParticipantId>() else { return };
        let _ = match what {
            "admit" => self.call.admit(person, now()),
            "pair-scan" => {
                self.scan(person);
                Ok(())
            }
            "say-door" => self.call.note(person, &self.screen.door_note(), now()),
            "put-away" => {
                self.call.put_away(person);
                self.screen.focus_on_view();
                Ok(())
            }
            "send-back" => self.call.send_back(person),
            "ask-without-her" => self.call.ask_without_her(person),
            "answer-yes" => self.answer(person, Answer::Yes),
            "answer-not-today" => self.answer(person, Answer::NotToday),
            "answer-say-first" => self.answer(person, Answer::SayFirst),
            "end-for" => self.call.end_for(person),
            _ => Ok(()),
        };
    }

    fn answer(&mut self, about: ParticipantId, answer: Answer) -> Result<(), NotNow> {
        self.screen.has_answered();
        self.call.answer(about, answer)
    }

    /// A form with one text was sent.
    pub(crate) fn submitted(&mut self, what: &str, id: &str, text: &str) {
        let person = id.parse::<ParticipantId>();
        let _ = match (what, person) {
            ("chat", _) => self.call.chat(text, now()),
            ("note", Ok(person)) => self.call.note(person, text, now()),
            ("pair", Ok(person)) => self.call.pair(person, text),
            _ => Ok(()),
        };
    }

    /// A choice was made.
    pub(crate) fn chosen(&mut self, what: &str, value: &str) {
        match what {
            "means" => {
                self.means = Means::from_value(value);
                self.try_devices();
            }
            "choose-microphone" => self.change_device(TrackKind::Microphone, what, value),
            "choose-camera" => self.change_device(TrackKind::Camera, what, value),
            "noise" => {
                memory::remember_noise(dom::by_id_as::<HtmlInputElement>(what).checked());
                self.renew_device(TrackKind::Microphone);
            }
            "choose-speaker" => {
                memory::remember_device(what, value);
                use_speaker(value);
            }
            "around" => {
                if let Some(one) = surrounding(value) {
                    self.call.say_around(self.call.view().own.around.toggled(one), now());
                    let view = self.call.view();
                    if !matches!(view.phase, Phase::Checking | Phase::Refused { .. }) {
                        memory::remember_around(view.own.around);
                    }
                }
            }
            // As the browser counts for `maxlength`.
            "tell" => self.screen.say_full(value.encode_utf16().count() >= ASIDE_CHARS_MAX),
            _ => {}
        }
    }

    /// Asks for what the chosen means need, and lets go of the rest; *neither* asks for nothing.
    fn try_devices(&mut self) {
        let means = self.means.unwrap_or(Means::Neither);
        self.blocked = [None; 3];
        let wanted = [(TrackKind::Microphone, means.microphone()), (TrackKind::Camera, means.camera())];
        for (track, wanted) in wanted {
            if wanted {
                self.ask_device(track);
            } else {
                self.devices.let_go(track);
            }
        }
        if !means.microphone() {
            self.sound.measure(None);
        }
        self.draw_own();
    }

    fn change_device(&mut self, track: TrackKind, control: &str, device: &str) {
        memory::remember_device(control, device);
        self.devices.choose(track, device);
        self.renew_device(track);
    }

    /// Asks for a device anew that is held or asked for, because something about it was chosen.
    fn renew_device(&mut self, track: TrackKind) {
        if self.devices.is_wanted(track) {
            self.devices.let_go(track);
            self.ask_device(track);
        }
    }

    fn as_last_time(&mut self) {
        self.means = memory::means();
        let around = memory::around();
        if around != Around::NOTHING {
            self.call.say_around(around, now());
        }
        self.arrive_with_devices = true;
        self.try_devices();
        self.devices_have_answered();
    }

    /// After *as last time*: everything asked for has answered, so in we go.
    pub(crate) fn devices_have_answered(&mut self) {
        let Some(means) = self.means.filter(|_| self.arrive_with_devices) else { return };
        let ready = |held: bool, wanted: bool, blocked: bool| held || !wanted || blocked;
        let microphone = self.devices.held(TrackKind::Microphone).is_some();
        let camera = self.devices.held(TrackKind::Camera).is_some();
        let answered = ready(microphone, means.microphone(), self.blocked[0].is_some())
            && ready(camera, means.camera(), self.blocked[1].is_some());
        if !answered {
            return;
        }
        self.arrive_with_devices = false;
        // What is blocked is shown with its guidance instead of being passed over.
        if self.blocked[0].is_none() && self.blocked[1].is_none() {
            self.arrive();
        }
    }

    pub(crate) fn arrive(&mut self) {
        let Some(means) = self.means else { return };
        memory::remember_means(means);
        memory::remember_around(self.call.view().own.around);
        self.start_workers();
        match self.call.view().phase {
            Phase::Checking | Phase::Refused { .. } => {
                let camera = means.camera() && self.blocked[1].is_none();
                let microphone = means.microphone() && self.blocked[0].is_none();
                let _ = self.call.arrive(microphone, camera, now());
            }
            _ => {
                self.arrive_soon = true;
                self.screen.enter_soon();
            }
        }
    }

    /// Inside: what she wrote goes to the hosts when the lock is closed around one, and not before (SEC-098). What she wants
    /// to say is said once; where she is stands.
    pub(crate) fn tell(&mut self) {
        let written = |id| Personal::new(dom::value(id).trim().to_owned());
        let [text, place, phone] = [written(TOLD[0]), written(TOLD[1]), written(TOLD[2])];
        if self.call.confide(Aside::Opening { text }, now()).is_ok() {
            dom::set_value(TOLD[0], "");
        }
        // A refusal means that there is nothing to say.
        let _ = self.call.confide(Aside::Whereabouts { place, phone }, now());
    }

    /// Somebody came in, or it was closed fast: neither fields nor browser know any more what was said about the room, what
    /// she wanted to say and where she is.
    fn forget_said(&self) {
        memory::remember_around(Around::NOTHING);
        for id in TOLD {
            dom::set_value(id, "");
        }
        self.screen.offer_last_time();
    }

    fn carry_on(&mut self) -> Result<(), NotNow> {
        match self.call.view().phase {
            Phase::Ended { .. } => {
                go("/goodbye");
                return Ok(());
            }
            // Not heard yet: leaving the page would lose it.
            Phase::ClosedFast => return Ok(()),
            _ => {}
        }
        self.call.carry_on(now())
    }

    /// Gone from the screen first, then told (CARE-02).
    fn close_fast(&mut self) {
        self.call.close_fast(now());
        self.screen.go_neutral();
        self.forget_said();
    }

    fn leave_pressed(&mut self) {
        let is_host = self.call.view().you.as_ref().is_some_and(|you| you.role.is_host());
        match dom::find("leave-dialog") {
            Some(dialog) if is_host => {
                self.screen.ask_what_to_note(self.call.view());
                let _ = dialog.unchecked_ref::<HtmlDialogElement>().show_modal();
            }
            _ => self.leave(LeaveReason::Left),
        }
    }

    fn leave(&mut self, reason: LeaveReason) {
        close_dialog();
        self.screen.noted = true;
        self.call.leave(reason, now());
    }

    fn end_for_all(&mut self) {
        close_dialog();
        self.screen.noted = true;
        if self.call.end_for_all().is_err() {
            self.call.leave(LeaveReason::Left, now());
        }
    }
}

fn close_dialog() {
    if let Some(dialog) = dom::find("leave-dialog") {
        dialog.unchecked_ref::<HtmlDialogElement>().close();
    }
}

fn reaction(name: &str) -> Option<Reaction> {
    match name {
        "yes" => Some(Reaction::Yes),
        "no" => Some(Reaction::No),
        "hand" => Some(Reaction::Hand),
        "heart" => Some(Reaction::Heart),
        "thumb" => Some(Reaction::Thumb),
        _ => None,
    }
}

/// Leaves this page without a way back to it in the history.
pub(crate) fn go(path: &str) {
    let _ = dom::window().location().replace(path);
}

fn reload() {
    let _ = dom::window().location().reload();
}

/// Plays all sound on this speaker, where the browser lets us choose.
pub(crate) fn use_speaker(device: &str) {
    let Ok(players) = dom::document().query_selector_all("audio") else { return };
    for index in 0..players.length() {
        let Some(player) = players.get(index) else { continue };
        crate::draw::use_speaker(&player, device);
    }
}
