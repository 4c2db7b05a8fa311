//! For a young person: what she is asked before it happens in her hour (SEC-114, SEC-115). One box, which stands in the
//! room, in the waiting room and on the page of one who stepped out, and on no other (CARE-03).

use call::View;
use protocol::wire::{Answer, AskedAbout, WithoutHer};
use web_sys::HtmlElement;

use super::{Screen, keyed};
use crate::dom;

impl Screen {
    pub(super) fn draw_asked(&self, view: &View) {
        let Some(area) = dom::find("asked") else { return };
        let asked = &view.asked;
        let keys: Vec<String> = asked.people.iter().map(|person| person.participant.text()).collect();
        keyed(&dom::by_id("asked-list"), "asked-line", &keys, |index, element| {
            self.draw_question(element, &asked.people[index]);
        });
        let without = asked.without_you.filter(|how| *how != WithoutHer::Agreed);
        let stays = without == Some(WithoutHer::Stays);
        let text = without.map(|_| self.words.get(if stays { "asked-stays" } else { "asked-without" }));
        self.show_and_say("asked-without", text.as_deref());
        let minutes = dom::by_id("asked-without");
        dom::set_text(&dom::part(&minutes, "text"), &text.unwrap_or_default());
        dom::show(&dom::part(&minutes, "stay"), !stays);
        dom::show(&area, without.is_some() || !keys.is_empty());
        if let Some(place) = dom::find(&["asked-in-", self.shown].concat())
            && area.parent_element().as_ref() != Some(place.as_ref())
        {
            let _ = place.append_child(&area);
        }
    }

    fn draw_question(&self, element: &HtmlElement, person: &AskedAbout) {
        let with_name = |key: &str| self.words.with(key, "name", person.name.reveal());
        let text = with_name(match person.said {
            None => "asked-who",
            Some(Answer::Yes) => "asked-said-yes",
            Some(Answer::NotToday) => "asked-said-not-today",
            Some(Answer::SayFirst) => "asked-said-say-first",
        });
        let line = dom::part(element, "text");
        if line.text_content().as_deref() != Some(&text) {
            dom::set_text(&line, &text);
            self.announce(&text);
        }
        let no = person.said == Some(Answer::NotToday);
        let after_all = with_name("asked-after-all");
        dom::set_text(&dom::part(element, "after-all"), &after_all);
        dom::show(&dom::part(element, "after-all"), no);
        for (part, key, shown) in [
            ("yes", "asked-yes", !no && person.said != Some(Answer::Yes)),
            ("not-today", "asked-not-today", !no),
            ("say-first", "asked-say-first", person.said.is_none()),
        ] {
            let button = dom::part(element, part);
            dom::set(&button, "aria-label", &with_name(key));
            dom::show(&button, shown);
        }
    }

    /// The button that was pressed may be gone with the answer.
    pub(crate) fn has_answered(&self) {
        if let Some(heading) = dom::find("asked-heading") {
            let _ = heading.focus();
        }
    }
}
