//! Which of the page's views is shown, and the words about where one is.

use call::{Phase, Transport, View};
use ids::{EndReason, RefuseReason, Timestamp, WaitReason};
use web_sys::Element;

use super::{NEUTRAL, Screen};
use crate::dom;

impl Screen {
    pub(super) fn draw_phase(&mut self, view: &View) {
        let root = dom::document().document_element().unwrap_or_else(|| dom::by_id("main").into());
        let (name, section) = place(&view.phase);
        let early = self.checks_early && view.phase == Phase::Connecting;
        self.closed_fast |= view.phase == Phase::ClosedFast;
        let section = match (self.closed_fast, early) {
            (true, _) => NEUTRAL,
            (false, true) => "view-check",
            (false, false) => section,
        };
        dom::set(&root, "data-phase", name);
        dom::set(&root, "data-online", dom::truth(view.online));
        dom::set(&root, "data-transport", transport(view.transport));
        let arrived = matches!(view.phase, Phase::Waiting { .. } | Phase::Inside);
        self.show_word("offline", arrived && !view.online);
        self.show_word("no-media", arrived && view.transport == Transport::Impossible);
        // One's own line is named before anybody else's is blamed for a still picture.
        let inside = view.phase == Phase::Inside;
        let connecting = inside && view.online && view.transport == Transport::Connecting;
        self.stood &= inside || view.phase == Phase::Reconnecting;
        self.stood |= inside && view.transport == Transport::Connected;
        self.show_word("media-again", connecting && self.stood);
        match &view.phase {
            Phase::Waiting { why, since, seen_by, reconsider_at } => {
                dom::set(&root, "data-why", wait_key(*why));
                let seen_by: Vec<&str> = seen_by.iter().map(|name| name.reveal().as_str()).collect();
                self.draw_waiting(*why, &seen_by, *reconsider_at);
                dom::set(
                    &dom::by_id("waiting-clock"),
                    "data-since",
                    &dom::digits(since.as_millis().unsigned_abs()),
                );
            }
            Phase::Refused { why } => {
                let key = ["refused-", refuse_key(*why)].concat();
                dom::set_text(&dom::by_id("refused-text"), &self.words.get(&key));
                let heading = if is_over(*why) { "ended-heading" } else { "refused-heading" };
                let line = dom::part(&dom::by_id("view-refused"), "heading");
                dom::set_text(&line, &self.words.get(heading));
            }
            Phase::Ended { why } => {
                let key = ["ended-", end_key(*why)].concat();
                dom::set_text(&dom::by_id("ended-text"), &self.words.get(&key));
                dom::show(&dom::by_id("use-here"), *why == EndReason::OpenedElsewhere);
                self.ask_what_to_note_after(view);
            }
            Phase::Reconnecting => dom::set_text(&dom::by_id("start-text"), &self.words.get("reconnecting")),
            Phase::Entering => dom::set_text(&dom::by_id("start-text"), &self.words.get("entering")),
            _ => {}
        }
        dom::show(&dom::by_id("start-more"), view.phase == Phase::Reconnecting);
        self.show_view(section);
    }

    fn draw_waiting(&self, why: WaitReason, names: &[&str], reconsider_at: Option<Timestamp>) {
        let seen = self.names(names);
        let key = ["waiting-", wait_key(why)].concat();
        let text = match reconsider_at.filter(|_| why == WaitReason::HostLate) {
            Some(about) => self.words.with(&key, "time", &time_of_day(about)),
            None => self.words.get(&key),
        };
        let seen = (!seen.is_empty()).then(|| self.words.with("waiting-seen", "names", &seen));
        let (why_line, seen_line) = (dom::by_id("waiting-why"), dom::by_id("waiting-seen"));
        // What stands there when she comes is read with the page. What says more goes first, and alone.
        let is = |line: &Element, text: &str| line.text_content().as_deref() == Some(text);
        let new = if is(&why_line, &text) {
            // The sentence for *not yet* says already that one is seen.
            seen.as_deref().filter(|seen| why != WaitReason::NotYetLetIn && !is(&seen_line, seen))
        } else {
            Some(text.as_str())
        };
        if let Some(new) = new.filter(|_| self.shown == "view-waiting") {
            self.announce(new);
        }
        dom::set_text(&why_line, &text);
        dom::show_text(&seen_line, seen.as_deref());
        let by_itself = reconsider_at.is_some() && why != WaitReason::HostLate;
        dom::show(&dom::by_id("waiting-by-itself"), by_itself);
    }

    /// Names as one says them.
    pub(super) fn names(&self, names: &[&str]) -> String {
        match names.split_last() {
            Some((last, others)) if !others.is_empty() => {
                [&others.join(", "), " ", &self.words.get("and"), " ", last].concat()
            }
            _ => names.concat(),
        }
    }

    pub(super) fn draw_rejection(&self, view: &View) {
        if let Some(why) = view.rejected {
            self.say(&self.words.get(&["rejected-", reject_key(why)].concat()));
        }
    }

    fn show_view(&mut self, section: &'static str) {
        if self.shown == section {
            return;
        }
        self.close_panel();
        dom::show(&dom::by_id(self.shown), false);
        let now = dom::by_id(section);
        // What she wants to say goes with her, with what is written in it.
        if let (Some(tell), Ok(Some(place))) = (dom::find("tell"), now.query_selector("[data-part=tell]")) {
            let _ = place.append_child(&tell);
        }
        dom::show(&now, true);
        dom::set(&dom::by_id("main"), "data-view", section);
        self.shown = section;
        self.focus_on_view();
    }

    /// Where the focus goes when what had it is gone.
    pub(crate) fn focus_on_view(&self) {
        let _ = dom::part(&dom::by_id(self.shown), "heading").focus();
    }

    /// The device check stands before anything else is there: it needs neither the server nor the large MLS worker.
    pub(crate) fn check_early(&mut self) {
        self.checks_early = true;
        self.show_view("view-check");
    }

    /// Pressed before the rest was there.
    pub(crate) fn enter_soon(&mut self) {
        self.checks_early = false;
        dom::set_text(&dom::by_id("start-text"), &self.words.get("entering"));
        self.show_view("view-start");
    }

    /// Closed fast: nothing on this screen says what it was, whatever the call says from now on.
    pub(crate) fn go_neutral(&mut self) {
        self.closed_fast = true;
        self.show_view(NEUTRAL);
    }
}

/// The name for tests and styles, and the view.
const fn place(phase: &Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Connecting => ("connecting", "view-start"),
        Phase::Reconnecting => ("reconnecting", "view-start"),
        Phase::Checking => ("checking", "view-check"),
        Phase::Entering => ("entering", "view-start"),
        Phase::Waiting { .. } => ("waiting", "view-waiting"),
        Phase::Refused { .. } => ("refused", "view-refused"),
        Phase::Inside => ("inside", "view-room"),
        Phase::SteppedOut { .. } => ("stepped-out", "view-out"),
        Phase::SomeoneCameIn { .. } => ("someone-came-in", NEUTRAL),
        Phase::ClosedFast => ("closed-fast", NEUTRAL),
        Phase::Ended { .. } => ("ended", "view-ended"),
    }
}

const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::None => "none",
        Transport::Connecting => "connecting",
        Transport::Connected => "connected",
        Transport::Impossible => "impossible",
    }
}

const fn wait_key(why: WaitReason) -> &'static str {
    match why {
        WaitReason::TooEarly => "too-early",
        WaitReason::NoHost => "no-host",
        WaitReason::HostLate => "host-late",
        WaitReason::NotYetLetIn => "not-yet",
        WaitReason::SentBack => "sent-back",
        WaitReason::SteppedOut => "stepped-out",
        WaitReason::HostLost => "host-lost",
        WaitReason::RoomFull => "room-full",
    }
}

const fn refuse_key(why: RefuseReason) -> &'static str {
    match why {
        RefuseReason::NotInvited | RefuseReason::Blocked => "not-invited",
        RefuseReason::InvitationWithdrawn => "withdrawn",
        RefuseReason::SessionEnded => "session-ended",
        RefuseReason::TooLate => "too-late",
        RefuseReason::Cancelled => "cancelled",
        RefuseReason::NotOnScreen => "not-on-screen",
        RefuseReason::EndedForYou => "ended-for-you",
        RefuseReason::OwnWithdrawal => "own-withdrawal",
        RefuseReason::SignedOut => "signed-out",
        RefuseReason::WaitingRoomFull => "waiting-room-full",
    }
}

/// Refused because it is over: said as to those who were inside, not as to somebody before a shut door.
const fn is_over(why: RefuseReason) -> bool {
    matches!(why, RefuseReason::EndedForYou | RefuseReason::SessionEnded | RefuseReason::TooLate)
}

const fn end_key(why: EndReason) -> &'static str {
    match why {
        EndReason::EndedForAll => "for-all",
        EndReason::EndedForYou => "for-you",
        EndReason::YouLeft => "you-left",
        EndReason::OpenedElsewhere => "elsewhere",
        EndReason::ServerStopping => "server-stopping",
    }
}

const fn reject_key(why: protocol::wire::RejectReason) -> &'static str {
    use protocol::wire::RejectReason;
    match why {
        RejectReason::NotHost | RejectReason::NotAdmitted => "not-allowed",
        RejectReason::StaleKeyPackage => "stale",
        RejectReason::NobodyThere => "nobody-there",
        RejectReason::ScreenTaken => "screen-taken",
        RejectReason::BadMessage | RejectReason::BadOffer => "bad-message",
        RejectReason::TooFast => "too-fast",
        RejectReason::RoomFull => "room-full",
        RejectReason::SheDecides => "she-decides",
        RejectReason::SheIsNotHere => "she-is-not-here",
    }
}

/// The time of day as the page's language writes it, in the clinic's zone as the server's own pages have it: 14.35 or
/// 14:35, never with seconds.
pub(super) fn time_of_day(at: Timestamp) -> String {
    let language = dom::document().document_element().and_then(|root| root.get_attribute("lang"));
    let language = language.unwrap_or_default();
    // Milliseconds since 1970 are whole numbers far below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "a moment of this century fits")]
    let date = js_sys::Date::new(&(at.as_millis() as f64).into());
    let options = js_sys::Object::new();
    for name in ["hour", "minute"] {
        dom::set_property(&options, name, &"2-digit".into());
    }
    if let Some(zone) = dom::by_id("stage").get_attribute("data-zone") {
        dom::set_property(&options, "timeZone", &zone.into());
    }
    // British: hours from 00 to 23, and a colon.
    let text = String::from(date.to_locale_string("en-GB", &options));
    if language == "en" { text } else { text.split(':').collect::<Vec<_>>().join(".") }
}
