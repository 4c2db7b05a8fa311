//! Draws the call's view into the server's page. State that belongs to an element lives in the element (`data-…`),
//! so a redraw touches only what has changed: no flicker, no lost focus, no chatter from a screen reader.

mod around;
mod asked;
mod check;
mod ends;
mod lead;
mod lobby;
mod lock;
mod own;
mod phase;
mod room;
mod talk;

use call::{Changes, MediaStatus, View};
use ids::{ParticipantId, Timestamp, TrackKind};
use web_sys::{Element, HtmlElement};

use crate::connection::Connection;
use crate::words::Words;

use crate::devices::Blocked;
use crate::{devices, dom};
pub(crate) use around::surrounding;
pub(crate) use own::Local;
pub(crate) use room::{play, use_speaker};

/// The page that says nothing.
const NEUTRAL: &str = "view-neutral";

/// What is on the screen.
pub(crate) struct Screen {
    words: Words,
    /// Whether one's own picture is shown in the room.
    self_view: bool,
    /// One's own picture is on its way to the others.
    seen: bool,
    blanked: bool,
    /// Neutral for good.
    closed_fast: bool,
    /// Somebody who has just come looks at devices while the rest is loading.
    checks_early: bool,
    /// The view that is shown, by the id of its section.
    shown: &'static str,
    panel: Option<String>,
    /// Those whose waiting was already told by a sound.
    knocked: Vec<ParticipantId>,
    /// The newest line of chat that was seen.
    chat_seen: u64,
    /// The hour's last minutes, with the young person inside.
    lands: bool,
    /// Sound and picture have stood since one came in; only then do they come again.
    stood: bool,
    grace: bool,
    can_share: bool,
    /// The device whose loss was said last, and why it was lost.
    lost: Option<(TrackKind, Blocked)>,
    /// An alarm of the lock has stopped sound and picture.
    stopped: bool,
    /// Came back after a reload and has turned nothing on yet.
    pub(crate) returned: bool,
    /// The host was asked what must be noted, and went.
    pub(crate) noted: bool,
    title: String,
    icon: String,
}

impl Screen {
    /// The screen as the server sent it.
    pub(crate) fn new(self_view: bool) -> Self {
        let icon = icon().and_then(|icon| icon.get_attribute("href")).unwrap_or_default();
        Self {
            words: Words::of_page(),
            self_view,
            seen: false,
            blanked: false,
            closed_fast: false,
            checks_early: false,
            shown: "view-start",
            panel: None,
            knocked: Vec::new(),
            chat_seen: 0,
            lands: false,
            stood: false,
            grace: false,
            can_share: devices::can_share(),
            lost: None,
            stopped: false,
            returned: false,
            noted: false,
            title: dom::document().title(),
            icon,
        }
    }

    /// Draws what has changed; whether somebody new waits, who deserves a sound.
    pub(crate) fn draw(
        &mut self,
        view: &View,
        changes: Changes,
        connection: Option<&Connection>,
        now: Timestamp,
    ) -> bool {
        let mut knock = false;
        if changes.has(Changes::PHASE) {
            self.draw_phase(view);
        }
        if changes.has(Changes::REJECTED) {
            self.draw_rejection(view);
        }
        if changes.has(Changes::PEOPLE.and(Changes::PHASE).and(Changes::LOBBY)) {
            self.draw_people(view, connection);
        }
        let landed = self.draw_time_left(view, now);
        if changes.has(Changes::LOBBY) || landed {
            knock = self.draw_lobby(view);
        }
        if changes.has(Changes::ASKED.and(Changes::PHASE)) {
            self.draw_asked(view);
        }
        if changes.has(Changes::LOCK.and(Changes::PHASE)) {
            self.draw_lock(view);
        }
        if changes.has(Changes::PEOPLE.and(Changes::LOCK)) {
            self.draw_mark(view);
            self.draw_members_around(view);
        }
        if changes.has(Changes::CONFIDED) {
            self.draw_confided(view);
        }
        if changes.has(Changes::PEOPLE.and(Changes::OWN)) {
            self.draw_lead(view);
        }
        if changes.has(Changes::CHAT) {
            self.draw_chat(view);
        }
        if changes.has(Changes::NOTES) {
            self.draw_notes(view);
        }
        self.draw_title(view);
        self.draw_clocks(view, now);
        let grace_begins = view.grace.is_some() && !self.grace;
        self.grace = view.grace.is_some();
        knock || grace_begins
    }

    /// A second has passed: clocks, and tiles of which nothing is known but what arrives.
    pub(crate) fn draw_second(&mut self, view: &View, connection: Option<&Connection>, now: Timestamp) {
        self.draw_time_left(view, now);
        self.draw_clocks(view, now);
        if view.people.iter().any(|tile| !tile.is_you && tile.status == MediaStatus::Unknown) {
            self.draw_people(view, connection);
        }
    }

    /// A device is missing in the room; said once.
    pub(crate) fn is_lost(&mut self, lost: Option<(TrackKind, Blocked)>) {
        match lost {
            Some((track, why)) if self.lost != lost => self.say_lost(track, why),
            Some(_) => {}
            None => self.lost = None,
        }
    }

    /// A device could not be had in the room: what happened, what it means for the others, and what helps. Said at
    /// each attempt, or a press on a button would be answered by nothing.
    pub(crate) fn say_lost(&mut self, track: TrackKind, why: Blocked) {
        self.lost = Some((track, why));
        let (what, means) = match track {
            TrackKind::Microphone => ("blocked-microphone-", "notice-not-heard"),
            TrackKind::Camera => ("blocked-camera-", "notice-not-seen"),
            TrackKind::Screen => return self.notice("notice-screen-lost"),
        };
        let what = self.words.get(&[what, why.key()].concat());
        self.say(&[what, self.words.get(means), self.steps(why)].join(" "));
    }

    /// Shows an element and says this to those who listen instead of looking, or hides it.
    fn show_and_say(&self, id: &str, text: Option<&str>) {
        let element = dom::by_id(id);
        if let Some(text) = text.filter(|_| element.hidden()) {
            self.announce(text);
        }
        dom::show(&element, text.is_some());
    }

    /// The same for an element whose words stand in the page.
    fn show_word(&self, id: &str, shown: bool) {
        let text = dom::by_id(id).text_content().unwrap_or_default();
        self.show_and_say(id, shown.then_some(text.as_str()));
    }

    /// Says something once to those who listen instead of looking.
    fn announce(&self, text: &str) {
        // Whoever came in hears no screen reader name anybody (CARE-03).
        if self.shown == NEUTRAL {
            return;
        }
        let line = dom::by_id("announcer");
        // The same text twice is said twice only when it is a new one to the browser.
        let again = line.text_content().as_deref() == Some(text);
        line.set_text_content(Some(&if again { [text, "\u{a0}"].concat() } else { text.to_owned() }));
    }

    /// Shows a short word above the room and says it.
    pub(crate) fn notice(&self, key: &str) {
        let text = self.words.get(key);
        self.say(&text);
    }

    fn say(&self, text: &str) {
        dom::set_text(&dom::by_id("notice-text"), text);
        dom::show(&dom::by_id("notice"), true);
        self.announce(text);
    }

    /// The person has read it.
    pub(crate) fn close_notice(&self) {
        dom::show(&dom::by_id("notice"), false);
    }

    /// The page is older than the server.
    pub(crate) fn say_outdated(&self) {
        self.notice("outdated");
    }

    /// Tab title: that somebody waits, and never who (CARE-12).
    fn draw_title(&self, view: &View) {
        let neutral = self.shown == NEUTRAL;
        if neutral {
            dom::set_text(&dom::by_id("announcer"), "");
        }
        let title = if neutral {
            self.words.get("neutral-title")
        } else if !self.lands && view.lobby.iter().any(|guest| guest.here) {
            self.words.get("title-waits")
        } else {
            self.title.clone()
        };
        let document = dom::document();
        if document.title() != title {
            document.set_title(&title);
        }
        if let Some(icon) = icon() {
            let plain = dom::by_id("stage").get_attribute("data-plain-icon").unwrap_or_default();
            dom::set(&icon, "href", if neutral { &plain } else { &self.icon });
        }
    }

    /// Moves every clock on.
    fn draw_clocks(&self, view: &View, now: Timestamp) {
        let Ok(clocks) = dom::document().query_selector_all("[data-since]") else { return };
        for index in 0..clocks.length() {
            let Some(clock) = clocks.get(index) else { continue };
            let clock: Element = wasm_bindgen::JsCast::unchecked_into(clock);
            let since =
                clock.get_attribute("data-since").and_then(|text| text.parse().ok()).unwrap_or_default();
            let seconds = now.since(Timestamp::from_millis(since)).as_secs();
            dom::set_text(&clock, &minutes_and_seconds(seconds));
        }
        let grace = view.grace.map(|until| until.since(now).as_secs());
        let text = grace.map(|left| self.words.with("grace", "left", &minutes_and_seconds(left)));
        dom::set_text(&dom::by_id("grace"), text.as_deref().unwrap_or_default());
        self.show_and_say("grace", text.as_deref());
    }

    /// What had the focus may be gone, hidden or past use; then the heading of what is shown has it, never nothing.
    pub(crate) fn keep_focus(&self, before: Option<Element>) {
        let Some(at) = dom::focused().or(before) else { return };
        if at.is_connected() && at.closest("[hidden], [disabled]").is_ok_and(|found| found.is_none()) {
            return;
        }
        let panel =
            self.panel.as_ref().map_or_else(|| self.shown.to_owned(), |name| ["panel-", name].concat());
        let _ = dom::part(&dom::by_id(&panel), "heading").focus();
    }

    /// Which panel is open.
    pub(crate) fn toggle_panel(&mut self, name: &str) {
        let same = self.panel.as_deref() == Some(name);
        self.close_panel();
        if same {
            return;
        }
        let Some(panel) = dom::find(&["panel-", name].concat()) else { return };
        self.panel = Some(name.to_owned());
        dom::show(&panel, true);
        dom::set(&dom::by_id("view-room"), "data-panel", name);
        self.mark_openers();
        let _ = dom::part(&panel, "heading").focus();
        if name == "chat" {
            let number = last_key(&dom::by_id("chat-list"));
            self.chat_seen = number.and_then(|number| number.parse().ok()).unwrap_or(0);
            dom::show(&dom::by_id("chat-new"), false);
        }
    }

    /// Closes the panel and gives the focus back to what opened it.
    pub(crate) fn close_panel(&mut self) {
        let Some(name) = self.panel.take() else { return };
        if let Some(panel) = dom::find(&["panel-", &name].concat()) {
            dom::show(&panel, false);
        }
        dom::set(&dom::by_id("view-room"), "data-panel", "");
        self.mark_openers();
        if let Some(opener) = dom::find(&["open-", &name].concat()) {
            let _ = opener.focus();
        }
    }

    fn mark_openers(&self) {
        for name in ["chat", "lock", "devices", "people", "lead"] {
            if let Some(opener) = dom::find(&["open-", name].concat()) {
                dom::set(&opener, "aria-expanded", dom::truth(self.panel.as_deref() == Some(name)));
            }
        }
    }
}

/// The page's sign in its tab.
fn icon() -> Option<Element> {
    dom::document().query_selector("link[rel=icon]").ok().flatten()
}

/// Whether a host who closes the page now would lose a chat from which something may have to be noted (CARE-06).
pub(crate) fn chat_would_go() -> bool {
    let is_inside = dom::document()
        .document_element()
        .is_some_and(|root| root.get_attribute("data-phase").as_deref() == Some("inside"));
    let is_empty = dom::find("chat-list").is_none_or(|list| list.first_element_child().is_none());
    is_inside && !is_empty && dom::find("leave-dialog").is_some()
}

/// The key of a list's last child, as [`keyed`] gave it.
fn last_key(list: &Element) -> Option<String> {
    list.last_element_child()?.get_attribute("data-id")
}

/// Brings a list's children in line with keys: kept by `data-id`, made from a template, in this order.
fn keyed(list: &Element, template: &str, keys: &[String], mut fill: impl FnMut(usize, &HtmlElement)) {
    bring_in_line(list, template, keys, &mut fill);
}

/// The same once for all lists: a copy for each would be carried by every phone.
fn bring_in_line(list: &Element, template: &str, keys: &[String], fill: &mut dyn FnMut(usize, &HtmlElement)) {
    let mut old: Vec<HtmlElement> = Vec::new();
    let children = list.children();
    for index in 0..children.length() {
        if let Some(child) = children.item(index) {
            old.push(wasm_bindgen::JsCast::unchecked_into(child));
        }
    }
    for (index, key) in keys.iter().enumerate() {
        let found = old.iter().position(|child| child.get_attribute("data-id").as_ref() == Some(key));
        let child = match found {
            Some(place) => old.remove(place),
            None => {
                let made = dom::copy(template);
                dom::set(&made, "data-id", key);
                made
            }
        };
        let in_place = children.item(index as u32);
        if in_place.as_ref() != Some(child.as_ref()) {
            let _ = list.insert_before(&child, in_place.as_deref());
        }
        fill(index, &child);
    }
    for child in old {
        child.remove();
    }
}

/// `3:07`.
fn minutes_and_seconds(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let gap = if seconds < 10 { ":0" } else { ":" };
    [&dom::digits(minutes), gap, &dom::digits(seconds)].concat()
}
