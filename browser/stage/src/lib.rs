//! The page's own module: joins the call's state machine to the browser and draws it into the server's page.
//!
//! It holds no key: sealing happens in two workers that speak over a channel of their own. What happens is queued in
//! `inbox`, decided by `call`, done by `stage`, and drawn by `draw`. `connection`, `devices`, `socket` and `workers`
//! are the browser's machinery; `actions` is what the person does.

mod actions;
mod connection;
mod devices;
mod dom;
mod draw;
mod inbox;
mod memory;
mod network;
mod offer;
mod safety_words;
mod scan;
mod socket;
mod sound;
mod stage;
mod wake;
mod words;
mod workers;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

use inbox::{Event, every, listen, post};
use stage::{Given, Stage};

/// Shares out the page's memory.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Milliseconds between two looks at the level of the microphone.
const LEVEL_MS: i32 = 120;

/// Begins when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    if !connection::is_possible() {
        actions::go("/unsupported");
        return;
    }
    let Some(given) = given() else { return };
    listen_to_the_person();
    listen_to_the_machine();
    inbox::begin(Stage::new(given));
}

/// What the server wrote into the page.
fn given() -> Option<Given> {
    let stage = dom::by_id("stage");
    let text = |name: &str| stage.get_attribute(name).unwrap_or_default();
    Some(Given {
        session: text("data-session").parse().ok()?,
        socket: text("data-socket"),
        assets: text("data-assets"),
        hides_self: stage.has_attribute("data-hides-self"),
    })
}

/// One listener of each kind for the whole page; controls say with `data-do` what they do.
fn listen_to_the_person() {
    let document = dom::document();
    listen(&document, "click", |event: web_sys::Event| {
        let Some((control, what)) = control(&event, "button[data-do]") else { return };
        let id = nearest_id(&control);
        post(Event::Press { what, id });
    });
    // With every letter: whoever writes more than there is room for is told at once.
    listen(&document, "input", |event: web_sys::Event| {
        let Some((control, what)) = control(&event, ":not(form)[data-do]") else { return };
        let value = dom::property(&control, "value").as_string().unwrap_or_default();
        post(Event::Choose { what, value });
    });
    listen(&document, "submit", |event: web_sys::Event| {
        let Some((form, what)) = control(&event, "form[data-do]") else { return };
        event.prevent_default();
        let Ok(Some(field)) = form.query_selector("input,textarea") else { return };
        let field: HtmlInputElement = field.unchecked_into();
        let text = dom::property(&field, "value").as_string().unwrap_or_default();
        dom::set_property(&field, "value", &"".into());
        post(Event::Submit { what, id: nearest_id(&form), text });
    });
    listen(&document, "keydown", |event: KeyboardEvent| {
        if event.key() == "Escape" {
            post(Event::Escape);
        }
    });
}

fn listen_to_the_machine() {
    let (window, document) = (dom::window(), dom::document());
    listen(&document, "visibilitychange", |_: web_sys::Event| {
        post(Event::Hidden(dom::document().hidden()));
    });
    listen(&window, "beforeunload", |event: web_sys::Event| {
        if draw::chat_would_go() {
            event.prevent_default();
        }
    });
    listen(&window, "online", |_: web_sys::Event| post(Event::Online));
    devices::watch();
    every(1_000, || post(Event::Second));
    every(LEVEL_MS, || post(Event::Level));
}

/// The control that an event is about, and what it does.
fn control(event: &web_sys::Event, selector: &str) -> Option<(Element, String)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let control = target.closest(selector).ok()??;
    let what = control.get_attribute("data-do")?;
    Some((control, what))
}

/// Whom or what a control is about.
fn nearest_id(control: &Element) -> String {
    let about = control.closest("[data-id]").ok().flatten();
    about.and_then(|about| about.get_attribute("data-id")).unwrap_or_default()
}
