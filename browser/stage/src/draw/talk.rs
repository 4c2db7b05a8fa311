//! Written words: the sealed chat, what was said to the hosts alone, and the notes to and from those who wait, which are
//! not sealed and say so.

use call::{ChatLine, Confided, View};

use super::{Screen, keyed, last_key};
use crate::dom;
use crate::words::filled;

impl Screen {
    pub(super) fn draw_chat(&mut self, view: &View) {
        let keys: Vec<String> = view.chat.iter().map(|line| dom::digits(line.number)).collect();
        let list = dom::by_id("chat-list");
        keyed(&list, "chat-line", &keys, |index, element| {
            let line = &view.chat[index];
            dom::set_text(&dom::part(element, "name"), line.name.reveal());
            dom::set_text(&dom::part(element, "text"), line.text.reveal());
            dom::mark(element, "data-own", line.is_yours);
        });
        list.set_scroll_top(list.scroll_height());
        let unseen = |line: &&ChatLine| !line.is_yours && line.number > self.chat_seen;
        match view.chat.last().filter(unseen) {
            // Whoever has the chat open is read to.
            Some(line) if self.panel.as_deref() == Some("chat") => {
                self.chat_seen = line.number;
                self.announce(&[line.name.reveal().as_str(), ": ", line.text.reveal()].concat());
            }
            Some(_) => {
                dom::show(&dom::by_id("chat-new"), true);
                self.announce(&self.words.get("chat-came"));
            }
            None => {}
        }
        dom::set(&dom::by_id("view-room"), "data-chat", &dom::digits(view.chat.len() as u64));
        dom::show(&dom::by_id("chat-empty"), view.chat.is_empty());
    }

    pub(super) fn draw_notes(&mut self, view: &View) {
        let keys: Vec<String> = view.notes.iter().map(|note| dom::digits(note.number)).collect();
        let list = dom::by_id("notes");
        let before = last_key(&list);
        keyed(&list, "note-line", &keys, |index, element| {
            let note = &view.notes[index];
            dom::set_text(&dom::part(element, "name"), note.from.reveal());
            dom::set_text(&dom::part(element, "text"), note.text.reveal());
        });
        dom::show(&dom::by_id("notes-box"), !view.notes.is_empty());
        if last_key(&list) != before
            && let Some(last) = view.notes.last()
        {
            self.announce(&[last.from.reveal().as_str(), ": ", last.text.reveal()].concat());
        }
        self.draw_notes_sent(view);
    }

    fn draw_notes_sent(&self, view: &View) {
        for note in &view.notes_sent {
            let selector = ["#lobby-list [data-id=\"", &note.to.text(), "\"]"].concat();
            if let Ok(Some(guest)) = dom::document().query_selector(&selector) {
                dom::show_text(&dom::part(&guest, "sent"), Some(note.text.reveal()));
            }
        }
    }

    /// For hosts: what she wants to say, until it is put away; where she is stands in the crisis panel (CARE-06, CARE-14).
    pub(super) fn draw_confided(&self, view: &View) {
        let Some(list) = dom::find("confided") else { return };
        let said: Vec<&Confided> = view.confided.iter().filter(|one| one.opening.is_some()).collect();
        let keys: Vec<String> = said.iter().map(|one| one.participant.text()).collect();
        keyed(&list, "confided-line", &keys, |index, element| {
            let one = said[index];
            let who = self.words.with("confided", "name", one.name.reveal());
            let text = one.opening.as_ref().map(|text| text.reveal().clone());
            let line = dom::part(element, "text");
            if line.text_content() != text {
                self.announce(&who);
            }
            dom::set_text(&dom::part(element, "name"), &who);
            dom::set_text(&line, text.as_deref().unwrap_or_default());
        });
        dom::show(&list, !keys.is_empty());
        let places: Vec<String> = view.confided.iter().filter_map(|one| self.place(one)).collect();
        if let Some(line) = dom::find("crisis-place") {
            dom::show_text(&line, (!places.is_empty()).then(|| places.join(" ")).as_deref());
        }
    }

    /// Where somebody is and can be rung, by her own word of today.
    fn place(&self, one: &Confided) -> Option<String> {
        let (place, phone) = one.whereabouts.as_ref()?;
        let gap = if place.reveal().is_empty() || phone.reveal().is_empty() { "" } else { ", " };
        let what = [place.reveal().as_str(), gap, phone.reveal()].concat();
        Some(filled(&self.words.with("place", "name", one.name.reveal()), "what", &what))
    }

    /// What a host says of the room with one tap.
    pub(crate) fn door_note(&self) -> String {
        self.words.get("door-note")
    }

    /// Before the chat is gone the host is asked what must be noted (CARE-06).
    pub(crate) fn ask_what_to_note(&self, view: &View) {
        draw_chat_left("leave-chat", view);
        dom::show(&dom::by_id("leave-note"), !view.chat.is_empty());
        dom::show(&dom::by_id("leave-nothing"), view.chat.is_empty());
    }

    /// A host whom another one's *end* or another tab spared the question is asked it now (CARE-06).
    pub(super) fn ask_what_to_note_after(&self, view: &View) {
        if let Some(note) = dom::find("ended-note") {
            draw_chat_left("ended-chat", view);
            dom::show(&note, !self.noted && !view.chat.is_empty());
        }
    }
}

fn draw_chat_left(list: &str, view: &View) {
    let keys: Vec<String> = view.chat.iter().map(|line| dom::digits(line.number)).collect();
    keyed(&dom::by_id(list), "chat-line", &keys, |index, element| {
        let line = &view.chat[index];
        dom::set_text(&dom::part(element, "name"), line.name.reveal());
        dom::set_text(&dom::part(element, "text"), line.text.reveal());
    });
}
