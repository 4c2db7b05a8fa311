//! What a host leads through: a wish to be shown something, and the steps and pictures of small children. The page
//! has one element for each; here it is only said which of them is meant.

use call::View;
use protocol::content::SelfState;
use web_sys::{Element, HtmlElement};

use super::Screen;
use crate::dom;

impl Screen {
    /// Shows the step that is led and marks what was pressed.
    pub(super) fn draw_lead(&self, view: &View) {
        let lead = dom::digits(view.lead.0.into());
        dom::set(&dom::by_id("view-room"), "data-lead", &lead);
        each("[data-led]", |step| {
            let is_it = step.get_attribute("data-led").as_ref() == Some(&lead);
            let begins = is_it && step.hidden();
            dom::show(step, is_it);
            if begins {
                self.announce(&dom::part(step, "heading").text_content().unwrap_or_default());
            }
        });
        // During a pause nothing is shown.
        each("[data-do=show]:not([data-id])", |show| dom::mark(show, "disabled", view.own.paused));
        press("[data-do=lead]", &dom::digits(view.own.lead.0.into()));
        press("[data-led]:not([hidden]) [data-do=picture]", &dom::digits(view.own.picture.0.into()));
    }

    /// The picture that somebody has chosen, for whoever leads; said once.
    pub(super) fn draw_picture(&self, element: &Element, name: &str, said: SelfState) {
        let chosen = dom::part(element, "chosen");
        let before = chosen.get_attribute("data-id").unwrap_or_default();
        let picture = dom::digits(said.picture.0.into());
        if before == picture {
            return;
        }
        dom::set(&chosen, "data-id", &picture);
        let selector = ["[data-pictures]:not([hidden]) [data-id=\"", &picture, "\"]"].concat();
        let of_step = dom::document().query_selector(&selector).ok().flatten();
        let words = of_step.and_then(|of_step| of_step.text_content()).unwrap_or_default();
        let text = [name, ": ", words.trim()].concat();
        dom::show_text(&chosen, Some(text.as_str()).filter(|_| !words.is_empty()));
        if !words.is_empty() {
            self.announce(&text);
        }
    }
}

fn each(selector: &str, mut act: impl FnMut(&HtmlElement)) {
    let Ok(found) = dom::document().query_selector_all(selector) else { return };
    for index in 0..found.length() {
        if let Some(element) = found.get(index) {
            act(wasm_bindgen::JsCast::unchecked_ref(&element));
        }
    }
}

fn press(selector: &str, id: &str) {
    each(selector, |button| {
        let pressed = button.get_attribute("data-id").as_deref() == Some(id);
        dom::set(button, "aria-pressed", dom::truth(pressed));
    });
}
