//! For hosts: everyone who waits, with clock, how the person is known, and what can be done.

use call::{Guest, LettingIn, View};
use ids::Assurance;
use protocol::group::KnownAs;
use protocol::wire::{Asking, HerWord, Press};
use web_sys::{HtmlElement, Notification, NotificationPermission};

use super::{Screen, keyed};
use crate::dom;

impl Screen {
    /// Draws the lobby; whether somebody new came.
    pub(super) fn draw_lobby(&mut self, view: &View) -> bool {
        let Some(list) = dom::find("lobby-list") else { return false };
        let keys: Vec<String> = view.lobby.iter().map(|guest| guest.participant.text()).collect();
        keyed(&list, "lobby-line", &keys, |index, element| self.draw_guest(element, &view.lobby[index]));
        dom::show(&dom::by_id("lobby"), !keys.is_empty());
        let root = dom::by_id("view-room");
        dom::set(&root, "data-waiting", &dom::digits(keys.len() as u64));
        self.draw_notify_button();
        if self.lands {
            // Told by a sound when she has landed, if they wait then.
            return false;
        }
        let here = view.lobby.iter().filter(|guest| guest.here);
        let new = here.clone().any(|guest| !self.knocked.contains(&guest.participant));
        self.knocked = here.map(|guest| guest.participant).collect();
        if new {
            let text = self.words.get("title-waits");
            self.announce(&text);
            notify(&text);
        }
        new
    }

    fn draw_guest(&self, element: &HtmlElement, guest: &Guest) {
        dom::set_text(&dom::part(element, "name"), guest.name.reveal());
        dom::set_text(&dom::part(element, "role"), &self.role(guest.role));
        dom::set(
            &dom::part(element, "clock"),
            "data-since",
            &dom::digits(guest.since.as_millis().unsigned_abs()),
        );
        let known = match guest.letting_in {
            _ if !guest.here => "lobby-away",
            LettingIn::NotYet => "lobby-not-yet",
            LettingIn::BadCredential => "lobby-bad",
            LettingIn::UnderWay => "lobby-under-way",
            LettingIn::Possible { known, .. } => known_key(known),
        };
        dom::set_text(&dom::part(element, "known"), &self.words.get(known));
        let verified = match guest.assurance {
            Assurance::Link => "assurance-link",
            Assurance::Vouched => "assurance-vouched",
            Assurance::SignedIn => "assurance-signed-in",
        };
        dom::set_text(&dom::part(element, "assurance"), &self.words.get(verified));
        let possible = matches!(guest.letting_in, LettingIn::Possible { .. }) && guest.here;
        let asks = self.draw_asking(element, guest.asking.as_ref());
        dom::mark(&dom::part(element, "admit"), "disabled", !possible || !asks);
    }

    /// What a press would do, where nobody comes in without her yes, and what she has said (SEC-114); whether it does
    /// anything.
    fn draw_asking(&self, element: &HtmlElement, asking: Option<&Asking>) -> bool {
        let word = asking.map(|asking| asking.word);
        let whose: Vec<&str> =
            asking.iter().flat_map(|asking| &asking.whose).map(|name| name.reveal().as_str()).collect();
        let names = self.names(&whose);
        let with_names = |key: &str| self.words.with(key, "names", &names);
        let text = word.map(|word| with_names(her_key(word)));
        let line = dom::part(element, "her");
        let answered =
            matches!(word, Some(HerWord::NotToday | HerWord::SayFirst | HerWord::Yes | HerWord::YesWhenBack));
        if let Some(text) =
            text.as_deref().filter(|text| answered && line.text_content().as_deref() != Some(*text))
        {
            self.announce(text);
        }
        dom::show_text(&line, text.as_deref());
        let admit = dom::part(element, "admit");
        let press = word.map(HerWord::press);
        let asks = matches!(press, Some(Press::Asks | Press::Waits));
        let label = if asks {
            with_names("ask-first")
        } else {
            admit.get_attribute("data-label").unwrap_or_default()
        };
        dom::set_text(&admit, &label);
        matches!(press, None | Some(Press::Asks | Press::LetsIn))
    }

    fn draw_notify_button(&self) {
        let ask = Notification::permission() == NotificationPermission::Default;
        dom::show(&dom::by_id("notify"), ask);
    }

    /// The host wants to be told when this page is not in front.
    pub(crate) fn ask_to_notify(&self) {
        // The answer is seen the next time that somebody waits.
        let _ = Notification::request_permission();
        dom::show(&dom::by_id("notify"), false);
    }
}

const fn her_key(word: HerWord) -> &'static str {
    match word {
        HerWord::NotHere => "her-not-here",
        HerWord::NotToday => "her-not-today",
        HerWord::SayFirst => "her-say-first",
        HerWord::ToAsk => "her-to-ask",
        HerWord::Asked => "her-asked",
        HerWord::YesWhenBack => "her-yes-when-back",
        HerWord::Yes => "her-yes",
    }
}

/// How a device is known, in words.
pub(super) const fn known_key(known: KnownAs) -> &'static str {
    match known {
        KnownAs::Own => "known-own",
        KnownAs::New => "known-new",
        KnownAs::SameAsSince(_) => "known-same",
        KnownAs::MetInPerson(_) => "known-met",
        KnownAs::Changed { .. } => "known-changed",
    }
}

/// "Someone is waiting", without a name (CARE-12), and only when the page is not looked at.
fn notify(text: &str) {
    if dom::document().hidden() && Notification::permission() == NotificationPermission::Granted {
        let _ = Notification::new(text);
    }
}
