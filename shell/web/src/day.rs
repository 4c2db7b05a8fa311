//! The clinician's day: today's hours, who waits, a new link in one tap.

use std::fmt::Write;

use askama::Template;
use axum::response::{Html, Redirect};
use axum::{Form, Json};
use domain::audit::Actor;
use domain::meeting::{Day, Invitation, MeetingKind, Mode, SessionState};
use domain::readiness::Point;
use domain::staff::PractitionerRole;
use ids::{AppointmentId, InvitationId, PersonId, SessionId, Timestamp};
use qrcode::{Color, QrCode};
use serde::{Deserialize, Serialize};
use store::{Agenda, Invitee, Meeting, News};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::{Page, day_around};
use crate::plan::Choice;
use crate::request::{self, DayRequest};
use crate::state::WaitingNow;

#[derive(Template)]
#[template(path = "day/index.html")]
pub(crate) struct DayPage {
    pub(crate) page: Page,
    /// What the page's script will hear when it asks whether there is something new.
    pub(crate) live: Live,
    pub(crate) waiting: Vec<Waiting>,
    /// What young people asked for that the reader may read, unread ones first.
    pub(crate) requests: Vec<DayRequest>,
    pub(crate) hours: Vec<Hour>,
    /// Minutes on the screen today, called-off hours not counted.
    pub(crate) on_screen: u64,
    /// Hours of other days to which a care worker answered, and nobody has decided.
    pub(crate) answered: Vec<NotClosed>,
    /// Hours that are over and not closed.
    pub(crate) not_closed: Vec<NotClosed>,
    /// The reader administers an organisation as well.
    pub(crate) administers: bool,
}

/// An hour that is over and not closed, or of another day and not decided.
pub(crate) struct NotClosed {
    pub(crate) id: AppointmentId,
    pub(crate) starts: Timestamp,
}

/// Somebody who waits, by initials only: other eyes may fall on this page (CARE-12).
pub(crate) struct Waiting {
    pub(crate) session: SessionId,
    pub(crate) initials: String,
    pub(crate) since: Timestamp,
}

/// One hour of the day.
pub(crate) struct Hour {
    pub(crate) id: AppointmentId,
    pub(crate) session: SessionId,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) kind: MeetingKind,
    pub(crate) mode: Mode,
    pub(crate) state: HourState,
    /// It is its time, by the clock.
    pub(crate) is_now: bool,
    /// Its door is open, or its room is: it is what one goes to now.
    pub(crate) is_near: bool,
    /// Its room is not open yet, and people may be waiting or on their way: one can say that one is late.
    pub(crate) may_be_late: bool,
    /// Ended, and its time is not over: it can be opened again.
    pub(crate) may_reopen: bool,
    /// A care worker answered to it, and nobody has decided.
    pub(crate) is_answered: bool,
    pub(crate) guests: Vec<Guest>,
    /// The one thing that is missing before an hour on the screen, and whose (CARE-08).
    pub(crate) missing: Option<(PersonId, Point)>,
}

/// Somebody invited who is no host.
pub(crate) struct Guest {
    pub(crate) invitation: InvitationId,
    pub(crate) name: String,
    pub(crate) initials: String,
}

/// How far an hour has come, for the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HourState {
    Planned,
    Open,
    Ended,
    Cancelled,
}

impl Hour {
    pub(crate) fn kind_key(&self) -> &'static str {
        self.kind.key()
    }

    pub(crate) fn mode_key(&self) -> &'static str {
        self.mode.key()
    }

    /// The one thing missing, as long as the hour is on the screen and not over.
    pub(crate) fn missing(&self) -> Option<(PersonId, &'static str)> {
        let missing = self.missing.filter(|_| self.has_room());
        missing.map(|(patient, point)| (patient, point.key()))
    }

    /// Whether there is a room to go to.
    pub(crate) fn has_room(&self) -> bool {
        self.mode == Mode::Video && !self.state.is_over()
    }

    /// The word that says how far it has come.
    pub(crate) fn state_key(&self) -> &'static str {
        if self.is_now && self.state == HourState::Planned { "day-state-now" } else { self.state.key() }
    }

    /// The colour of that word; the word says the same.
    pub(crate) fn color(&self) -> &'static str {
        let is_now = self.state == HourState::Open || (self.is_now && !self.state.is_over());
        if is_now { "brand1" } else { "neutral" }
    }
}

impl DayPage {
    /// Whether something stands unread: it comes before the hours then.
    pub(crate) fn has_unread(&self) -> bool {
        self.requests.iter().any(|one| one.is_unread)
    }
}

impl HourState {
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Ended | Self::Cancelled)
    }

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Planned => "day-state-planned",
            Self::Open => "day-state-open",
            Self::Ended => "day-state-ended",
            Self::Cancelled => "day-state-cancelled",
        }
    }

    pub(crate) const fn action_key(self) -> &'static str {
        match self {
            Self::Open => "day-back-in",
            Self::Planned | Self::Ended | Self::Cancelled => "day-open",
        }
    }
}

impl From<SessionState> for HourState {
    fn from(state: SessionState) -> Self {
        match state {
            SessionState::Planned => Self::Planned,
            SessionState::Open { .. } => Self::Open,
            SessionState::Ended { .. } => Self::Ended,
        }
    }
}

#[derive(Template)]
#[template(path = "day/new_link.html")]
pub(crate) struct NewLinkPage {
    pub(crate) page: Page,
    pub(crate) name: String,
    pub(crate) message: String,
    /// The same without the link: where a phone is shared, a link is no help (rule 13).
    pub(crate) plain: String,
    /// The link for a phone's camera.
    pub(crate) code: Code,
}

/// The form behind *new link*.
#[derive(Deserialize)]
pub(crate) struct NewLink {
    invitation: String,
}

/// `GET /day`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    let held = ctx.held().await?;
    let (person, day) = own_day(&ctx, &held)?;
    let agenda = ctx.state.db.agenda(ctx.by()?, person, &day).await?;
    let Agenda { meetings, undecided, not_closed, requests, readiness, news } = agenda;
    let sessions: Vec<SessionId> = meetings.iter().map(|meeting| meeting.appointment.session).collect();
    let mut waiting = Vec::new();
    for now in (ctx.state.ports.waiting)(&sessions) {
        waiting.extend(meetings.iter().find_map(|meeting| Waiting::of(meeting, &now)));
    }
    waiting.sort_by_key(|person| person.since);
    let hour = |meeting: Meeting| {
        // Where she herself is not invited, her readiness is nobody's question.
        let patient = meeting.appointment.patient.filter(|patient| meeting.invites(*patient));
        let missing = patient.and_then(|patient| Some((patient, readiness.get(&patient)?.missing()?)));
        Hour { missing, ..Hour::of(meeting, &undecided, ctx.now) }
    };
    let hours: Vec<Hour> = meetings.into_iter().map(hour).collect();
    let screens = hours.iter().filter(|hour| hour.mode == Mode::Video && hour.state != HourState::Cancelled);
    let on_screen = screens.map(|hour| hour.ends.since(hour.starts).as_secs() / 60).sum();
    let not_closed = not_closed.into_iter().map(|(id, starts)| NotClosed { id, starts }).collect();
    let is_today = |id: AppointmentId| hours.iter().any(|hour| hour.id == id);
    let later = undecided.into_iter().filter(|(id, _)| !is_today(*id));
    let answered = later.map(|(id, starts)| NotClosed { id, starts }).collect();
    let (page, live) = (Page::new(&ctx), Live::of(&ctx, &news));
    let requests = request::of_day(&ctx, &page, &requests);
    let administers = !ctx.offices_of(&held).is_empty();
    let shown =
        DayPage { page, live, waiting, requests, hours, on_screen, answered, not_closed, administers };
    Ok(Html(shown.render()?))
}

/// What the page's script asks for again and again; numbers only, so nothing personal is read. The page carries the same
/// that the script will hear, so that it never reloads for nothing.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Live {
    /// Who waits at a door now.
    pub(crate) waiting: usize,
    /// Open requests that the reader may read.
    pub(crate) requests: usize,
    /// How many of them nobody has seen.
    pub(crate) unread: usize,
    /// Hours to which a care worker answered, and nobody has decided.
    pub(crate) answers: usize,
}

impl Live {
    fn of(ctx: &Ctx, news: &News) -> Self {
        let waiting = (ctx.state.ports.waiting)(&news.hosted).len();
        Self { waiting, requests: news.requests, unread: news.unread, answers: news.undecided }
    }

    /// As the script hears it. Numbers cannot fail; if they did, the script would look again and be right.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// `GET /day/waiting`.
pub(crate) async fn waiting(ctx: Ctx) -> Result<Json<Live>, WebError> {
    let (person, day) = own_day(&ctx, &ctx.held().await?)?;
    let news = ctx.state.db.news_of(person, &day).await?;
    Ok(Json(Live::of(&ctx, &news)))
}

/// The form behind *open again*.
#[derive(Deserialize)]
pub(crate) struct Reopen {
    session: String,
}

/// `POST /day/reopen`: an ended meeting is opened again by its host, for when it was ended too soon. Everybody's seat
/// and link are as before; whoever was ended singly stays so.
pub(crate) async fn reopen(ctx: Ctx, Form(form): Form<Reopen>) -> Result<Redirect, WebError> {
    let wanted: SessionId = form.session.parse().map_err(|_| WebError::NotFound)?;
    let by = ctx.by()?;
    let meetings = meetings(&ctx).await?;
    let found = meetings.iter().find(|meeting| meeting.appointment.session == wanted);
    let may = found.is_some_and(|meeting| is_host(meeting, by.actor) && may_reopen(meeting, ctx.now));
    if !may {
        return Err(WebError::NotFound);
    }
    ctx.state.db.reopen_session(by, wanted).await?;
    Ok(Redirect::to("/day"))
}

fn is_host(meeting: &Meeting, actor: Actor) -> bool {
    let stands = |invitee: &&Invitee| {
        let Invitation { role, withdrawn, ended_for, .. } = &invitee.invitation;
        role.is_host() && withdrawn.is_none() && ended_for.is_none() && invitee.blocked.is_none()
    };
    meeting.people.iter().filter(stands).any(|host| actor == Actor::Person(host.invitation.person))
}

/// Ended, and its time is not over.
fn may_reopen(meeting: &Meeting, now: Timestamp) -> bool {
    meeting.state.is_ended() && now < meeting.appointment.window.closes()
}

/// `POST /day/link`: a new link to an invited person of one of today's hours. The old one stops working in the same
/// step. The answer shows the link once; it is stored as a hash only (SEC-009).
pub(crate) async fn new_link(ctx: Ctx, Form(form): Form<NewLink>) -> Result<Html<String>, WebError> {
    let wanted: InvitationId = form.invitation.parse().map_err(|_| WebError::NotFound)?;
    let meetings = meetings(&ctx).await?;
    let found = meetings.iter().find(|meeting| guest_of(meeting, wanted).is_some());
    link_page(&ctx, found.ok_or(WebError::NotFound)?, wanted).await
}

/// Makes a new link for somebody invited and shows it, once.
pub(crate) async fn link_page(
    ctx: &Ctx,
    meeting: &Meeting,
    wanted: InvitationId,
) -> Result<Html<String>, WebError> {
    let invitee = guest_of(meeting, wanted).ok_or(WebError::NotFound)?;
    let issued = ctx.state.db.issue_link(ctx.by()?, wanted).await?;
    let link = format!("{}/j/{}", ctx.state.settings.base_url, issued.token.reveal());
    let page = Page::new(ctx);
    let html = NewLinkPage {
        name: invitee.name.full().into_revealed(),
        message: message(&page, meeting, Some(&link)),
        plain: message(&page, meeting, None),
        code: Code::of(&link)?,
        page,
    }
    .render()?;
    Ok(Html(html))
}

/// Today's meetings of whoever is signed in.
pub(crate) async fn meetings(ctx: &Ctx) -> Result<Vec<Meeting>, WebError> {
    let (person, day) = own_day(ctx, &ctx.held().await?)?;
    Ok(ctx.state.db.day_of(ctx.by()?, person, &day).await?)
}

/// Whose day it is, and which; only staff have a day, for others there is no such page (SEC-028).
fn own_day(ctx: &Ctx, held: &[PractitionerRole]) -> Result<(PersonId, Day), WebError> {
    let person = ctx.signed_in()?.sign_in.person;
    if !ctx.has_day_by(held) {
        return Err(WebError::NotFound);
    }
    let (from, to) = day_around(ctx.now, &ctx.state.settings.time_zone);
    Ok((person, Day { from, to, now: ctx.now }))
}

fn guest_of(meeting: &Meeting, wanted: InvitationId) -> Option<&Invitee> {
    guests_of(meeting).find(|invitee| invitee.invitation.id == wanted)
}

/// Those who come by a link: everybody invited who is no host and whose invitation stands.
pub(crate) fn guests_of(meeting: &Meeting) -> impl Iterator<Item = &Invitee> {
    let comes = |invitee: &&Invitee| {
        let Invitation { role, withdrawn, .. } = &invitee.invitation;
        !role.is_host() && withdrawn.is_none() && invitee.blocked.is_none()
    };
    meeting.people.iter().filter(comes)
}

impl Waiting {
    fn of(meeting: &Meeting, now: &WaitingNow) -> Option<Self> {
        let here = meeting.appointment.session == now.session;
        let sits = |invitee: &&Invitee| here && invitee.invitation.participant == now.participant;
        let invitee = meeting.people.iter().find(sits)?;
        let initials = invitee.name.initials().into_revealed();
        Some(Self { session: now.session, initials, since: now.since })
    }
}

impl Hour {
    fn of(meeting: Meeting, answered: &[(AppointmentId, Timestamp)], now: Timestamp) -> Self {
        let may_reopen = may_reopen(&meeting, now);
        let guest = |invitee: &Invitee| Guest {
            invitation: invitee.invitation.id,
            name: invitee.name.full().into_revealed(),
            initials: invitee.name.initials().into_revealed(),
        };
        let mut invitees: Vec<&Invitee> = guests_of(&meeting).collect();
        invitees.sort_by_key(|invitee| invitee.invitation.role);
        let guests = invitees.into_iter().map(guest).collect();
        let appointment = meeting.appointment;
        let soon = appointment.window.opens() <= now && now < appointment.window.closes();
        let may_be_late = soon && appointment.mode == Mode::Video && meeting.state == SessionState::Planned;
        let state = if appointment.cancelled.is_some() { HourState::Cancelled } else { meeting.state.into() };
        let is_now = (appointment.window.starts..appointment.window.ends).contains(&now);
        Self {
            id: appointment.id,
            session: appointment.session,
            starts: appointment.window.starts,
            ends: appointment.window.ends,
            kind: appointment.kind,
            mode: appointment.mode,
            state,
            is_now,
            is_near: !state.is_over() && (soon || state == HourState::Open),
            may_be_late,
            may_reopen,
            is_answered: answered.iter().any(|(id, _)| *id == appointment.id),
            guests,
            missing: None,
        }
    }
}

/// A neutral text for the message, with the link or without: no name, no service (SEC-012).
fn message(page: &Page, meeting: &Meeting, link: Option<&str>) -> String {
    let starts = meeting.appointment.window.starts;
    let mut arguments = vec![("day", page.day(starts).into()), ("time", page.time(starts).into())];
    let with_link = link.is_some();
    arguments.extend(link.map(|link| ("link", link.into())));
    let sign = meeting.appointment.sign.as_ref();
    arguments.extend(sign.map(|sign| ("sign", sign.reveal().as_str().into())));
    let key = match (with_link, sign.is_some()) {
        (true, true) => "day-link-sms",
        (true, false) => "day-link-sms-unsigned",
        (false, true) => "day-link-plain",
        (false, false) => "day-link-plain-unsigned",
    };
    page.words.with_all(key, arguments)
}

/// A link as a QR code, for a template to draw.
pub(crate) struct Code {
    /// Modules along each side, the quiet zone included.
    pub(crate) side: usize,
    /// The dark modules as an SVG path of unit squares.
    pub(crate) path: String,
}

/// Light modules around a QR code (ISO/IEC 18004 asks for four).
const QUIET_MODULES: usize = 4;

impl Code {
    pub(crate) fn of(link: &str) -> Result<Self, WebError> {
        let code = QrCode::new(link).map_err(|_| WebError::BadRequest)?;
        let width = code.width();
        let mut path = String::new();
        for (at, color) in code.to_colors().into_iter().enumerate() {
            let (x, y) = (at % width + QUIET_MODULES, at / width + QUIET_MODULES);
            if color == Color::Dark {
                let _ = write!(path, "M{x} {y}h1v1h-1z");
            }
        }
        Ok(Self { side: width + 2 * QUIET_MODULES, path })
    }
}
