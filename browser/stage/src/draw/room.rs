//! The others: a tile each, with their picture, their sound, and the honest word when a picture stands still.

use core::time::Duration;

use call::{Gone, MediaStatus, Tile, View};
use ids::{GoneReason, Role};
use js_sys::{Function, Promise};
use protocol::content::Reaction;
use protocol::wire::{Presence, WithoutHer};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement, HtmlMediaElement, MediaStream, MediaStreamTrack};

use super::phase::time_of_day;
use super::{Screen, keyed};
use crate::connection::Connection;
use crate::inbox::{Event, post};
use crate::{dom, memory};

impl Screen {
    pub(super) fn draw_people(&mut self, view: &View, connection: Option<&Connection>) {
        let others: Vec<&Tile> = view.people.iter().filter(|tile| !tile.is_you).collect();
        let keys: Vec<String> = others.iter().map(|tile| tile.participant.text()).collect();
        let tiles = dom::by_id("tiles");
        dom::set(&tiles, "data-count", &dom::digits(keys.len() as u64));
        let many = others.len() > 2;
        dom::mark(&tiles, "data-many", many);
        keyed(&tiles, "tile", &keys, |index, element| {
            let tile = others[index];
            let is_gone = view.gone.iter().any(|gone| gone.participant == tile.participant);
            // Whoever comes finds the others there: nothing of theirs has changed.
            let is_entering = view.lock.epoch.is_none();
            self.draw_tile(element, tile, many, connection);
            let status = self.new_status(element, tile, (is_gone, is_entering));
            match (status, self.draw_around(element, tile)) {
                (Some(status), Some(around)) => self.announce(&[status, around].join(" ")),
                (Some(text), None) | (None, Some(text)) => self.announce(&text),
                (None, None) => {}
            }
        });
        dom::show(&dom::by_id("alone"), others.is_empty());
        self.draw_shared(view, connection);
        self.draw_signal(&others);
        self.draw_gone(view);
        self.draw_roster(view);
        let own = view.people.iter().find(|tile| tile.is_you);
        let reaction = own.and_then(|tile| tile.reaction);
        draw_sign(&dom::by_id("own-reaction"), reaction.map(|(reaction, _)| reaction));
    }

    fn draw_tile(&self, element: &Element, tile: &Tile, many: bool, connection: Option<&Connection>) {
        let name = tile.name.reveal();
        dom::set_text(&dom::part(element, "name"), name);
        dom::set_text(&dom::part(element, "initial"), &initial(name));
        let said = tile.said.unwrap_or_default();
        let arrives = tile.lines.camera.or(tile.lines.microphone).is_some_and(|line| {
            connection.and_then(|connection| connection.received(line)).is_some_and(|track| !track.muted())
        });
        let (key, still) = status(tile, arrives);
        dom::set(element, "data-status", key);
        self.draw_still(element, name, still.then_some(key), many);
        let muted = tile.said.is_some() && !said.microphone && !said.paused;
        dom::show(&dom::part(element, "muted"), muted && !still);
        let has_picture = said.camera && tile.lines.camera.is_some() && tile.presence == Presence::Here;
        dom::show(&dom::part(element, "picture"), has_picture);
        dom::mark(element, "data-showing", said.showing);
        self.draw_picture(element, name, said);
        let reaction = tile.reaction.map(|(reaction, _)| reaction);
        self.draw_reaction(element, name, reaction);
        self.attach(&dom::part(element, "picture"), tile.lines.camera, connection);
        self.attach(&dom::part(element, "sound"), tile.lines.microphone, connection);
    }

    /// Why a picture stands still; where there are many, what is a choice is shown in short.
    fn draw_still(&self, element: &Element, name: &str, still: Option<&str>, many: bool) {
        let short = many && matches!(still, Some("off" | "sound-only"));
        let ending = if short { "-short" } else { "" };
        let text = still.map(|key| self.words.with(&["still-", key, ending].concat(), "name", name));
        dom::show_text(&dom::part(element, "status"), text.as_deref());
    }

    /// What is to be read out when the status has changed: one sentence, once. How somebody is there when she is, not that
    /// she is on her way; that she is gone as what it is, by the list of those who are. A slow line passes and changes
    /// nothing else.
    fn new_status(
        &self,
        element: &Element,
        tile: &Tile,
        (is_gone, is_entering): (bool, bool),
    ) -> Option<String> {
        let is = |attribute: &str| element.get_attribute(attribute).unwrap_or_default();
        let (key, before, trouble) = (is("data-status"), is("data-said"), is("data-trouble"));
        let (key, before) = (key.as_str(), if before.is_empty() { "flowing" } else { &before });
        let is_trouble = matches!(key, "network" | "no-answer");
        dom::set(element, "data-trouble", if is_trouble { key } else { "" });
        let is_new = if is_trouble { trouble != key } else { before != key };
        // That a picture flows is half of it as long as nobody has said how they are there.
        let is_half = key == "unknown" || (key == "flowing" && tile.said.is_none());
        if !is_new || is_half || (key == "joining" && is_entering) {
            return None;
        }
        if !is_trouble {
            dom::set(element, "data-said", key);
        }
        let is_more = key == "flowing" && matches!(before, "off" | "sound-only");
        let is_said = key != "joining" && !is_more && !is_gone;
        is_said.then(|| self.words.with(&["still-", key].concat(), "name", tile.name.reveal()))
    }

    fn draw_reaction(&self, element: &Element, name: &str, reaction: Option<Reaction>) {
        let is_new = draw_sign(&dom::part(element, "reaction"), reaction);
        if let Some(reaction) = reaction.filter(|_| is_new) {
            let key = ["reaction-", reaction_key(reaction)].concat();
            self.announce(&[name, ": ", &self.words.get(&key)].concat());
        }
    }

    /// Her signal, for those alone whose page knows which reaction it is and from which seat (CARE-05): it stays with its
    /// time until it is put away, and is said in the place of the reaction.
    fn draw_signal(&self, others: &[&Tile]) {
        let Some(line) = dom::find("signal") else { return };
        let is = |name: &str, value: &str| line.get_attribute(name).as_deref() == Some(value);
        let hers = others.iter().find(|tile| is("data-of", &tile.participant.text()));
        let Some((reaction, at)) = hers.and_then(|tile| tile.reaction) else { return };
        let given = dom::digits(at.as_millis().unsigned_abs());
        if !is("data-sign", reaction_key(reaction)) || is("data-at", &given) {
            return;
        }
        dom::set(&line, "data-at", &given);
        dom::set_text(&dom::part(&line, "time"), &time_of_day(at));
        dom::show(&line, true);
        self.announce(&dom::part(&line, "text").text_content().unwrap_or_default());
    }

    /// Plays what arrives on a line, or nothing; only when it has changed.
    fn attach(&self, element: &Element, line: Option<u8>, connection: Option<&Connection>) {
        let line = line.filter(|_| !self.blanked);
        let wanted = line.map(|line| dom::digits(line.into())).unwrap_or_default();
        if element.get_attribute("data-line").unwrap_or_default() == wanted {
            return;
        }
        let player: &HtmlMediaElement = element.unchecked_ref();
        match line.and_then(|line| connection?.received(line)) {
            Some(track) => play(player, &track),
            None => player.set_src_object(None),
        }
        dom::set(element, "data-line", &wanted);
        if let Some(speaker) = memory::device("choose-speaker").filter(|_| element.tag_name() == "AUDIO") {
            use_speaker(player, &speaker);
        }
    }

    fn draw_shared(&self, view: &View, connection: Option<&Connection>) {
        let holder =
            view.screen.and_then(|holder| view.people.iter().find(|tile| tile.participant == holder));
        let other = holder.filter(|tile| !tile.is_you);
        let area = dom::by_id("shared");
        dom::show(&area, other.is_some());
        dom::set(&dom::by_id("view-room"), "data-shared", dom::truth(other.is_some()));
        let text =
            other.map(|tile| self.words.with("shared-by", "name", tile.name.reveal())).unwrap_or_default();
        let label = dom::part(&area, "name");
        if label.text_content().as_deref() != Some(&text) && other.is_some() {
            self.announce(&text);
        }
        dom::set_text(&label, &text);
        self.attach(&dom::part(&area, "picture"), other.and_then(|tile| tile.lines.screen), connection);
    }

    /// Who went and why, told apart at once (CARE-02).
    fn draw_gone(&self, view: &View) {
        // Whoever waits at the door again is shown there, not among the gone.
        let waits = |gone: &&Gone| view.lobby.iter().any(|guest| guest.participant == gone.participant);
        let gone: Vec<&Gone> = view.gone.iter().filter(|gone| !waits(gone)).collect();
        let keys: Vec<String> = gone
            .iter()
            .map(|gone| [gone.participant.text(), dom::digits(gone.at.as_millis().unsigned_abs())].join("@"))
            .collect();
        let list = dom::by_id("gone");
        keyed(&list, "gone-line", &keys, |index, element| {
            let gone = gone[index];
            let key = gone_key(gone.reason);
            let text = self.words.with(&["gone-", key].concat(), "name", gone.name.reveal());
            dom::set(element, "data-reason", key);
            let agreed = self.agreed(gone);
            dom::show_text(&dom::part(element, "agreed"), agreed.as_deref());
            let line = dom::part(element, "text");
            if line.text_content().as_deref() != Some(&text) {
                dom::set_text(&line, &text);
                self.announce(&[&text, " ", &agreed.unwrap_or_default()].concat());
            }
        });
        dom::show(&list, !gone.is_empty());
    }

    /// What was agreed for this way of being gone, and until when is waited first: for the clinician alone, whose page has
    /// it (CARE-02). Nothing is suggested earlier, and without an agreement nothing at all (CARE-03).
    fn agreed(&self, gone: &Gone) -> Option<String> {
        let way = match gone.reason {
            GoneReason::LineLost | GoneReason::DeviceAsleep => "lost",
            GoneReason::SomeoneCameIn => "came-in",
            GoneReason::ClosedFast => "fast",
            _ => return None,
        };
        let agreed = dom::find(&["agreed-", way].concat())?;
        let hers = agreed.get_attribute("data-of")? == gone.participant.text();
        let minutes: u64 = agreed.get_attribute("data-wait")?.parse().ok()?;
        let until = gone.at.plus(Duration::from_secs(minutes.saturating_mul(60)));
        let key = if agreed.has_attribute("data-rings") { "agreed" } else { "agreed-no-call" };
        let wait = self.words.with(key, "time", &time_of_day(until));
        hers.then(|| [&wait, " ", &agreed.text_content().unwrap_or_default()].concat())
    }

    /// For hosts: everyone inside, with what a host may do.
    fn draw_roster(&self, view: &View) {
        let Some(list) = dom::find("roster") else { return };
        let others: Vec<&Tile> = view.people.iter().filter(|tile| !tile.is_you).collect();
        let keys: Vec<String> = others.iter().map(|tile| tile.participant.text()).collect();
        keyed(&list, "roster-line", &keys, |index, element| {
            let tile = others[index];
            dom::set_text(&dom::part(element, "name"), tile.name.reveal());
            dom::set_text(&dom::part(element, "role"), &self.role(tile.role));
            self.draw_without_her(element, tile, others.len() > 1);
        });
    }

    /// At a young person's line: minutes without her, and what she has said to that (SEC-115).
    fn draw_without_her(&self, element: &HtmlElement, tile: &Tile, are_others_here: bool) {
        let key = tile.without_her.map(|how| match how {
            WithoutHer::Asked => "without-asked",
            WithoutHer::Stays => "without-stays",
            WithoutHer::Agreed => "without-agreed",
        });
        let text = key.map(|key| self.words.with(key, "name", tile.name.reveal()));
        let line = dom::part(element, "without");
        if let Some(text) = text.as_deref().filter(|text| line.text_content().as_deref() != Some(*text)) {
            self.announce(text);
        }
        dom::show_text(&line, text.as_deref());
        let ask = dom::part(element, "ask-without");
        dom::show(&ask, tile.role == Role::YoungPerson && are_others_here);
        dom::mark(&ask, "disabled", tile.without_her.is_some() || tile.presence != Presence::Here);
    }

    pub(super) fn role(&self, role: Role) -> String {
        self.words.get(match role {
            Role::Host => "role-host",
            Role::YoungPerson => "role-young",
            Role::Guardian => "role-guardian",
            Role::CareWorker => "role-care",
            Role::Professional => "role-professional",
            Role::Interpreter => "role-interpreter",
            Role::Support => "role-support",
        })
    }

    /// The connection is a new one: every line is to be attached again.
    pub(crate) fn forget_lines(&self) {
        let Ok(players) = dom::document().query_selector_all("[data-line]") else { return };
        for index in 0..players.length() {
            if let Some(player) = players.get(index) {
                let player: HtmlMediaElement = player.unchecked_into();
                player.set_src_object(None);
                dom::set(&player, "data-line", "");
            }
        }
    }

    /// Dark and silent from the next frame on, or back.
    pub(crate) fn blank(&mut self, blanked: bool) {
        self.blanked = blanked;
        if let Some(body) = dom::document().body() {
            dom::mark(&body, "data-blank", blanked);
        }
        if blanked {
            self.forget_lines();
        }
    }

    /// The browser plays no sound before a press.
    pub(crate) fn sound_blocked(&self, blocked: bool) {
        dom::show(&dom::by_id("hear"), blocked);
        if blocked {
            return;
        }
        let Ok(players) = dom::document().query_selector_all("audio, video") else { return };
        for index in 0..players.length() {
            if let Some(player) = players.get(index) {
                start(player.unchecked_ref());
            }
        }
    }
}

/// The first letter, large; the browser knows the letters, so this module carries no table of them.
fn initial(name: &str) -> String {
    let first: String = name.chars().take(1).collect();
    String::from(js_sys::JsString::from(first).to_upper_case())
}

/// Plays a track and nothing else in this element.
pub(crate) fn play(player: &HtmlMediaElement, track: &MediaStreamTrack) {
    let Ok(stream) = MediaStream::new() else { return };
    stream.add_track(track);
    player.set_src_object(Some(&stream));
    start(player);
}

/// Plays sound on this speaker, where the browser lets us choose; one that is gone leaves it on the system's own.
pub(crate) fn use_speaker(player: &JsValue, speaker: &str) {
    let Ok(choose) = dom::property(player, "setSinkId").dyn_into::<Function>() else { return };
    let Ok(promise) = choose.call1(player, &speaker.into()) else { return };
    let promise: Promise = promise.unchecked_into();
    spawn_local(async move {
        let _ = JsFuture::from(promise).await;
    });
}

fn start(player: &HtmlMediaElement) {
    let Ok(promise) = player.play() else { return };
    let player = player.clone();
    spawn_local(async move {
        if let Err(error) = JsFuture::from(promise).await {
            let refused = dom::property(&error, "name").as_string().as_deref() == Some("NotAllowedError");
            if refused && !player.muted() {
                post(Event::SoundBlocked);
            }
        }
    });
}

/// The key of the word on a tile, and whether the picture stands still for that reason. What arrives here is known
/// here, whatever else is unknown.
const fn status(tile: &Tile, arrives: bool) -> (&'static str, bool) {
    match (tile.presence, tile.status) {
        (Presence::SteppedOut, _) => ("stepped-out", true),
        (Presence::SomeoneCameIn, _) => ("someone-came-in", true),
        (Presence::DeviceAsleep, _) => ("asleep", true),
        (Presence::LineLost, _) => ("line-lost", true),
        (Presence::Here, _) if tile.known.is_none() => ("joining", true),
        (Presence::Here, MediaStatus::PausedByThem) => ("paused", true),
        (Presence::Here, MediaStatus::TheirNetwork) => ("network", true),
        (Presence::Here, MediaStatus::NoAnswer) => ("no-answer", true),
        (Presence::Here, MediaStatus::Unknown) if !arrives => ("unknown", true),
        (Presence::Here, MediaStatus::Off) => ("off", true),
        (Presence::Here, MediaStatus::Flowing | MediaStatus::Unknown) => match tile.said {
            Some(said) if !said.camera => ("sound-only", true),
            _ => ("flowing", false),
        },
    }
}

const fn gone_key(reason: GoneReason) -> &'static str {
    match reason {
        GoneReason::Left => "left",
        GoneReason::SteppedOut => "stepped-out",
        GoneReason::ClosedFast => "closed-fast",
        GoneReason::SomeoneCameIn => "someone-came-in",
        GoneReason::LineLost => "line-lost",
        GoneReason::DeviceAsleep => "asleep",
        GoneReason::SentBack => "sent-back",
        GoneReason::EndedByHost => "ended",
        GoneReason::DoorClosed => "door-closed",
    }
}

/// Shows a reaction's sign, or none; whether another stood there.
fn draw_sign(mark: &HtmlElement, reaction: Option<Reaction>) -> bool {
    dom::show(mark, reaction.is_some());
    let name = reaction.map_or("", reaction_key);
    let is_new = mark.get_attribute("data-sign").as_deref() != Some(name);
    if is_new {
        dom::set(mark, "data-sign", name);
        dom::set(&dom::part(mark, "sign"), "href", &["#icon-", name].concat());
    }
    is_new
}

const fn reaction_key(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Yes => "yes",
        Reaction::No => "no",
        Reaction::Hand => "hand",
        Reaction::Heart => "heart",
        Reaction::Thumb => "thumb",
    }
}
