//! Who is in the room, in everybody's own words: said here, shown there, and never worded as proof (CARE-05).

use call::{Tile, View};
use protocol::content::{Around, Surrounding};
use protocol::wire::Presence;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::Screen;
use crate::dom;
use crate::words::filled;

impl Screen {
    /// The boxes at the check and in the lock are one; what is ticked stands beside one's own picture too.
    pub(super) fn draw_own_around(&self, around: Around) {
        let Ok(boxes) = dom::document().query_selector_all("[data-do=around]") else { return };
        for index in 0..boxes.length() {
            let Some(node) = boxes.get(index) else { continue };
            let field: &HtmlInputElement = node.unchecked_ref();
            field.set_checked(surrounding(&field.value()).is_some_and(|one| around.says(one)));
        }
        dom::show_text(&dom::by_id("own-around"), self.own_around(around).as_deref());
    }

    /// What one says oneself, in a sentence.
    pub(super) fn own_around(&self, around: Around) -> Option<String> {
        self.around(around).map(|what| self.words.with("around-own", "what", &what))
    }

    /// What the other says, on the tile while they are there; the words to be read out when that has changed.
    pub(super) fn draw_around(&self, element: &Element, tile: &Tile) -> Option<String> {
        let said = tile.said.filter(|_| tile.presence == Presence::Here);
        let with_name = |key| self.words.with(key, "name", tile.name.reveal());
        let what = self.around(said.unwrap_or_default().around);
        let text = what.map(|what| filled(&with_name("around-says"), "what", &what));
        let line = dom::part(element, "around");
        let was = line.text_content().filter(|was| !was.is_empty());
        dom::show_text(&line, text.as_deref());
        match text {
            _ if was == text => None,
            // Whoever is gone is said to be gone, and nothing more.
            None => said.map(|_| with_name("around-no-more")),
            said => said,
        }
    }

    /// At each member in the lock, as what they say themselves.
    pub(super) fn draw_members_around(&self, view: &View) {
        for tile in &view.people {
            let selector =
                ["#members [data-id=\"", &tile.participant.text(), "\"] [data-part=around]"].concat();
            let Ok(Some(line)) = dom::document().query_selector(&selector) else { continue };
            let text = match self.around(tile.said.unwrap_or_default().around) {
                Some(what) => self.words.with("around-member", "what", &what),
                None => self.words.get("around-nothing"),
            };
            dom::set_text(&line, &text);
        }
    }

    fn around(&self, around: Around) -> Option<String> {
        let mut said = String::new();
        for one in around.all() {
            if !said.is_empty() {
                said.push_str(", ");
            }
            said.push_str(&self.words.get(&["around-", key(one)].concat()));
        }
        Some(said).filter(|said| !said.is_empty())
    }
}

/// What a box in the page stands for.
pub(crate) fn surrounding(value: &str) -> Option<Surrounding> {
    Surrounding::ALL.iter().copied().find(|one| key(*one) == value)
}

const fn key(one: Surrounding) -> &'static str {
    match one {
        Surrounding::Alone => "alone",
        Surrounding::Parent => "parent",
        Surrounding::Staff => "staff",
        Surrounding::Friend => "friend",
        Surrounding::Other => "other",
        Surrounding::Outside => "outside",
    }
}
