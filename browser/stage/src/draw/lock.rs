//! The lock: calm on the surface, the whole truth behind a tap (CARE-06).

use call::View;
use protocol::group::{EpochView, KnownAs, LockAlarm};

use super::lobby::known_key;
use super::{Screen, keyed};
use crate::{dom, safety_words};

impl Screen {
    pub(super) fn draw_lock(&mut self, view: &View) {
        let lock = &view.lock;
        let root = dom::document().document_element().unwrap_or_else(|| dom::by_id("main").into());
        let epoch = lock.epoch.as_ref();
        dom::set(&root, "data-epoch", &epoch.map(|epoch| dom::digits(epoch.epoch)).unwrap_or_default());
        dom::set(&root, "data-members", &dom::digits(epoch.map_or(0, |epoch| epoch.members.len()) as u64));
        dom::set(&root, "data-alarm", lock.alarm.map(alarm_key).unwrap_or_default());
        dom::set(
            &root,
            "data-frames",
            &[
                dom::digits(lock.frames.sealed),
                dom::digits(lock.frames.opened),
                dom::digits(lock.frames.no_key),
                dom::digits(lock.frames.refused),
            ]
            .join(" "),
        );
        let state = match (lock.alarm, epoch) {
            _ if lock.doubted && !lock.stopped => "asking",
            (Some(_), _) => "broken",
            (None, Some(_)) => "closed",
            (None, None) => "closing",
        };
        let opener = dom::by_id("open-lock");
        if opener.get_attribute("data-state").as_deref() != Some(state) {
            dom::set(&opener, "data-state", state);
            dom::set_text(&dom::part(&opener, "label"), &self.words.get(&["lock-", state].concat()));
        }
        let alarm = lock.alarm.map(|alarm| {
            let stopped = if lock.stopped { "lock-stopped" } else { "lock-goes-on" };
            let what = self.words.get(&["alarm-", alarm_key(alarm)].concat());
            [what, self.words.get(stopped)].join(" ")
        });
        // A refused attempt hides no doubt.
        let asks = (lock.doubted && !lock.stopped).then(|| self.words.get("lock-asks"));
        // The line is calm until something is known to be wrong.
        dom::mark(&dom::by_id("alarm"), "data-calm", asks.is_some() && alarm.is_none());
        let alarm = match (asks, alarm) {
            (Some(asks), Some(alarm)) => Some([asks, alarm].join(" ")),
            (asks, alarm) => asks.or(alarm),
        };
        let line = dom::by_id("alarm");
        if alarm.is_some() && line.text_content() != alarm {
            self.announce(alarm.as_deref().unwrap_or_default());
        }
        dom::show_text(&line, alarm.as_deref());
        let over = self.words.get("alarm-over");
        if alarm.is_some() && dom::by_id("notice-text").text_content() == Some(over) {
            self.close_notice();
        }
        // What an alarm stopped does not come on by itself; who is heard again is told, and who is not.
        if self.stopped && !lock.stopped && epoch.is_some() {
            self.notice("alarm-over");
        }
        self.stopped = lock.stopped || (self.stopped && epoch.is_none());
        if let Some(epoch) = epoch {
            self.draw_epoch(epoch);
        }
        self.draw_pairing(view);
    }

    fn draw_epoch(&self, epoch: &EpochView) {
        let keys: Vec<String> = epoch.members.iter().map(|member| member.participant.text()).collect();
        keyed(&dom::by_id("members"), "member-line", &keys, |index, element| {
            let member = &epoch.members[index];
            dom::set_text(&dom::part(element, "name"), member.name.reveal());
            dom::set_text(&dom::part(element, "role"), &self.role(member.role));
            let known = self.words.get(known_key(member.known));
            dom::set_text(
                &dom::part(element, "known"),
                &match since(member.known) {
                    Some(at) => [known, day(at)].join(" "),
                    None => known,
                },
            );
            dom::show(&dom::part(element, "pair"), member.known != KnownAs::Own);
        });
        let words: Vec<String> =
            epoch.safety_words.iter().map(|number| safety_words::word(*number)).collect();
        let keys: Vec<String> = (0..words.len()).map(|index| dom::digits(index as u64)).collect();
        keyed(&dom::by_id("safety-words"), "safety-word", &keys, |index, element| {
            dom::set_text(element, &words[index]);
        });
    }

    /// The own code for the other's camera: black on white whatever the colours of the page.
    pub(crate) fn draw_code(&self, frame: &str, path: &str) {
        let drawing = dom::by_id("pairing-drawing");
        dom::set(&dom::part(&drawing, "drawing"), "viewBox", frame);
        dom::set(&dom::part(&drawing, "squares"), "d", path);
        dom::show(&drawing, true);
    }

    /// The camera's picture while scanning. What to do with it is read with the button that gets the focus.
    pub(crate) fn show_scanner(&self, shown: bool) {
        let scanner = dom::by_id("scanner");
        let begins = shown && scanner.hidden();
        dom::show(&scanner, shown);
        if begins {
            dom::show(&dom::by_id("scan-failed"), false);
            let _ = dom::part(&scanner, "stop").focus();
        }
    }

    /// No camera to scan with: the code can be typed.
    pub(crate) fn scanning_failed(&self) {
        let text = self.words.get("scan-failed");
        self.announce(&text);
        dom::show_text(&dom::by_id("scan-failed"), Some(&text));
    }

    fn draw_pairing(&self, view: &View) {
        dom::show_text(&dom::by_id("pairing-code"), view.lock.pairing_code.as_deref());
        let result = view
            .lock
            .paired
            .map(|(_, matched)| self.words.get(if matched { "pair-matched" } else { "pair-wrong" }));
        let line = dom::by_id("paired");
        if result.is_some() && line.text_content() != result {
            self.announce(result.as_deref().unwrap_or_default());
        }
        dom::show_text(&line, result.as_deref());
    }
}

const fn since(known: KnownAs) -> Option<ids::Timestamp> {
    match known {
        KnownAs::SameAsSince(at) | KnownAs::MetInPerson(at) | KnownAs::Changed { last_seen: at } => Some(at),
        KnownAs::Own | KnownAs::New => None,
    }
}

/// A day as the page's language writes it; the browser knows how.
fn day(at: ids::Timestamp) -> String {
    let date = js_sys::Date::new(&(at.as_millis() as f64).into());
    let language =
        dom::document().document_element().and_then(|root| root.get_attribute("lang")).unwrap_or_default();
    // Plain English would put the month first.
    let language = if language == "en" { "en-GB" } else { &language };
    String::from(date.to_locale_date_string(language, &js_sys::Object::new()))
}

const fn alarm_key(alarm: LockAlarm) -> &'static str {
    match alarm {
        LockAlarm::Diverged => "diverged",
        LockAlarm::GhostRefused => "ghost-refused",
        LockAlarm::ForbiddenCommit => "forbidden-commit",
        LockAlarm::BadCredential => "bad-credential",
        LockAlarm::WorkerLost => "worker-lost",
    }
}
