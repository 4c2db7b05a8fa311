//! One appointment: when, how, who; moved, held another way or called off in two taps; a link for who comes.
//!
//! Only its hosts see it; for everybody else there is no such page (SEC-028). Each form carries the sequence that its
//! reader had before their eyes, so that a late press from an older tab changes nothing that was not seen.

use core::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::audit::Purpose;
use domain::booking::{Change, NotBookable, PAUSE_DEFAULT, Span};
use domain::meeting::{Cancelled, Cause, MeetingKind, Mode, Party};
use domain::message::State;
use domain::series::at;
use domain::vouching::may_vouch;
use ids::{AppointmentId, InvitationId, PersonId, Role, SessionId, Timestamp};
use store::{AskedIn, Invitee, Meeting, MessageLine, StoreError, Wanted};

use crate::ctx::Ctx;
use crate::day::{guests_of, link_page};
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::plan::{Choice, not_bookable_key, role_key};
use crate::questions::of_hour;

/// The longest delay that one tells of; after that the hour is moved.
const LATE_MINUTES_MAX: u64 = 60;

/// One appointment for its hosts.
#[derive(Template)]
#[template(path = "appointment/show.html")]
pub(crate) struct AppointmentPage {
    pub(crate) page: Page,
    pub(crate) hour: Shown,
    /// Why the last change could not be made.
    pub(crate) problem: Option<&'static str>,
    /// The form that could not be done, so that it stands open.
    pub(crate) part: &'static str,
    /// The new time as it was typed.
    pub(crate) typed: Typed,
    /// The ways in which it may be held (SEC-073).
    pub(crate) ways: Vec<Mode>,
    pub(crate) ask_for_pause: bool,
    /// Hours that come after it in its series.
    pub(crate) later: usize,
    /// Whether she is asked after it, when it is an hour of hers.
    pub(crate) asked: Option<AskedIn>,
}

/// A time as a form has it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed {
    pub(crate) date: String,
    pub(crate) time: String,
    pub(crate) minutes: String,
}

/// An appointment as it is shown.
pub(crate) struct Shown {
    pub(crate) id: AppointmentId,
    pub(crate) session: SessionId,
    pub(crate) patient: Option<PersonId>,
    pub(crate) kind: MeetingKind,
    pub(crate) mode: Mode,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) sequence: u32,
    pub(crate) cancelled: Option<Cancelled>,
    /// Somebody has been in its room.
    pub(crate) has_begun: bool,
    /// A host ended it for everybody.
    pub(crate) has_ended: bool,
    /// It is over, or was begun: what became of it can be written down.
    pub(crate) may_close: bool,
    pub(crate) is_closed: bool,
    /// Its time is over.
    pub(crate) is_past: bool,
    pub(crate) people: Vec<Invited>,
    /// Whether a guest may come by a device that is lent, or be vouched for.
    pub(crate) may_lend: bool,
}

/// Somebody who is invited.
pub(crate) struct Invited {
    pub(crate) invitation: InvitationId,
    pub(crate) name: String,
    pub(crate) role_key: &'static str,
    pub(crate) comes_by_link: bool,
    /// Whether a message has told how the hour is now: the key of the words, and the colour that says the same.
    pub(crate) told: Option<(&'static str, &'static str)>,
}

impl Shown {
    /// Whether time and way can still change.
    pub(crate) const fn may_change(&self) -> bool {
        self.cancelled.is_none() && !self.has_begun && !self.is_closed
    }

    /// Whether she may come from it on the screen, and be asked something then.
    pub(crate) fn may_be_asked_after(&self) -> bool {
        self.mode == Mode::Video && self.cancelled.is_none() && !self.is_closed
    }

    pub(crate) fn minutes(&self) -> u64 {
        self.ends.since(self.starts).as_secs() / 60
    }

    /// Whether there is a room to go to, or back to.
    pub(crate) fn has_room(&self) -> bool {
        let stands = self.cancelled.is_none() && !self.is_closed && !self.has_ended;
        stands && self.mode == Mode::Video
    }

    /// Whether the room is what one comes for, rather than closing.
    pub(crate) fn comes_for_room(&self) -> bool {
        self.has_room() && !self.is_past
    }
}

impl AppointmentPage {
    /// Every other way that may be at her grading (SEC-073).
    pub(crate) fn modes(&self) -> Vec<&'static (Mode, &'static str, &'static str)> {
        let may_be = |mode: &Mode| *mode != self.hour.mode && self.ways.contains(mode);
        Mode::OFFERED.iter().filter(|(mode, ..)| may_be(mode)).collect()
    }

    pub(crate) fn is_open(&self, part: &str) -> bool {
        self.part == part
    }

    pub(crate) fn parties(&self) -> &'static [(Party, &'static str, &'static str)] {
        Party::OFFERED
    }

    /// What is said of the questions after it, and what can be chosen.
    pub(crate) fn questions(&self) -> Option<(&'static str, Option<(&'static str, &'static str)>)> {
        self.asked.map(of_hour)
    }

    /// Why something is called off beforehand; that somebody did not come is not known yet.
    pub(crate) fn causes(&self) -> Vec<&'static (Cause, &'static str, &'static str)> {
        Cause::OFFERED.iter().filter(|(cause, ..)| *cause != Cause::DidNotCome).collect()
    }
}

/// `GET /appointment/{id}`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let meeting = own(&ctx, &id).await?;
    Ok(Html(page(&ctx, meeting, None).await?.render()?))
}

/// `POST /appointment/{id}/move`.
pub(crate) async fn shift(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let zone = &ctx.state.settings.time_zone;
    let starts = fields.day("date").zip(fields.time("time")).and_then(|(day, time)| at(day, time, zone));
    let minutes = fields.one("minutes").parse::<u64>().ok();
    let Some((starts, minutes)) = starts.zip(minutes) else {
        let meeting = own(&ctx, &id).await?;
        return unchanged(&ctx, meeting, ("move", "book-not-when"), &fields).await;
    };
    let span = Span::new(starts, Duration::from_secs(minutes.saturating_mul(60)));
    change(&ctx, &id, &fields, Change::Move(span)).await
}

/// `POST /appointment/{id}/convert`.
pub(crate) async fn convert(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let mode = Mode::read(fields.one("mode")).ok_or(WebError::BadRequest)?;
    change(&ctx, &id, &fields, Change::Convert(mode)).await
}

/// `POST /appointment/{id}/cancel`.
pub(crate) async fn cancel(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let by = Party::read(fields.one("by")).ok_or(WebError::BadRequest)?;
    let cause = Cause::read(fields.one("cause")).ok_or(WebError::BadRequest)?;
    let off = Change::Cancel { by, cause };
    let rest = if fields.is_ticked("series") { rest_of_series(&ctx, &id).await? } else { Vec::new() };
    let response = change(&ctx, &id, &fields, off).await?;
    if response.status().is_redirection() {
        for (appointment, seen) in rest {
            let wanted = Wanted { appointment, change: off, seen, pause: Duration::ZERO };
            match ctx.state.db.change_appointment(ctx.by()?, wanted, &ctx.state.settings.timetable()).await {
                // One that was changed or begun in this moment stays; the clinician sees it in her calendar.
                Ok(_) | Err(StoreError::Booking(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(response)
}

/// The hours after this one in its series, for its host.
async fn rest_of_series(ctx: &Ctx, id: &str) -> Result<Vec<(AppointmentId, u32)>, WebError> {
    let meeting = own(ctx, id).await?;
    Ok(ctx.state.db.rest_of_series(meeting.appointment.id, ctx.now).await?)
}

/// `POST /appointment/{id}/late`: those who wait are told at once, and that it is not their fault (CARE-09).
pub(crate) async fn late(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Redirect, WebError> {
    let meeting = own(&ctx, &id).await?;
    let minutes: u64 = fields.one("minutes").parse().map_err(|_| WebError::BadRequest)?;
    let delay = Duration::from_secs(minutes.min(LATE_MINUTES_MAX).saturating_mul(60));
    let from = meeting.appointment.window.starts.max(ctx.now);
    let until = (!delay.is_zero()).then(|| from.plus(delay));
    ctx.state.db.say_late(ctx.by()?, meeting.appointment.id, until).await?;
    Ok(Redirect::to("/day"))
}

/// `POST /appointment/{id}/link`: a new link for one of those who come by one; the old one stops working (CARE-13).
pub(crate) async fn link(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Html<String>, WebError> {
    let wanted: InvitationId = fields.one("invitation").parse().map_err(|_| WebError::NotFound)?;
    let meeting = own(&ctx, &id).await?;
    link_page(&ctx, &meeting, wanted).await
}

async fn change(ctx: &Ctx, id: &str, fields: &Fields, change: Change) -> Result<Response, WebError> {
    let meeting = own(ctx, id).await?;
    let appointment = meeting.appointment.id;
    let seen = fields.one("seen").parse().map_err(|_| WebError::BadRequest)?;
    let pause = if fields.is_ticked("without-pause") { Duration::ZERO } else { PAUSE_DEFAULT };
    let wanted = Wanted { appointment, change, seen, pause };
    match ctx.state.db.change_appointment(ctx.by()?, wanted, &ctx.state.settings.timetable()).await {
        Ok(_) => Ok(Redirect::to(&format!("/appointment/{appointment}")).into_response()),
        Err(StoreError::Booking(why)) => {
            // Somebody else may have changed it: it is shown as it is now.
            let meeting = own(ctx, id).await?;
            let part = match (why, change) {
                // What is typed is for another hour than the one that now stands.
                (NotBookable::ChangedMeanwhile, _) => "",
                (_, Change::Move(_)) => "move",
                (_, Change::Convert(_)) => "convert",
                (_, Change::Cancel { .. }) => "cancel",
            };
            unchanged(ctx, meeting, (part, not_bookable_key(why)), fields).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn unchanged(
    ctx: &Ctx,
    meeting: Meeting,
    (part, key): (&'static str, &'static str),
    fields: &Fields,
) -> Result<Response, WebError> {
    let mut page = page(ctx, meeting, Some(key)).await?;
    page.part = part;
    if part == "move" {
        let text = |name| fields.one(name).to_owned();
        page.typed = Typed { date: text("date"), time: text("time"), minutes: text("minutes") };
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

async fn page(
    ctx: &Ctx,
    meeting: Meeting,
    problem: Option<&'static str>,
) -> Result<AppointmentPage, WebError> {
    let record = ctx.state.db.encounter(ctx.by()?, meeting.appointment.id).await?;
    let mut hour = Shown::of(&meeting, record.closing.is_some(), ctx.now);
    if meeting.appointment.notice.is_some() && !hour.has_begun && !hour.is_closed && !hour.is_past {
        let lines = ctx.state.db.messages_of(ctx.by()?, Purpose::Care, hour.id).await?;
        for (invited, invitee) in hour.people.iter_mut().zip(standing(&meeting)) {
            invited.told = invited.comes_by_link.then(|| told(&lines, invitee.invitation.person));
        }
    }
    let ask_for_pause = problem == Some(not_bookable_key(NotBookable::NoPause));
    let later = ctx.state.db.rest_of_series(hour.id, ctx.now).await?.len();
    let ways = ctx.state.db.ways_of(ctx.by()?, hour.id).await?;
    let asked = ctx.state.db.asked_in(hour.id, ctx.now).await?.filter(|_| hour.may_be_asked_after());
    let page = Page::new(ctx);
    let (date, time) = page.entry(hour.starts);
    let typed = Typed { date, time, minutes: hour.minutes().to_string() };
    Ok(AppointmentPage { page, hour, problem, part: "", typed, ways, ask_for_pause, later, asked })
}

/// An appointment in which whoever is signed in is host.
pub(crate) async fn own(ctx: &Ctx, id: &str) -> Result<Meeting, WebError> {
    let by = ctx.by()?;
    let id: AppointmentId = id.parse().map_err(|_| WebError::NotFound)?;
    let person = ctx.signed_in()?.sign_in.person;
    // Asked before anything is read, so that nobody's name is opened, nor a reading logged, for somebody who may not.
    if !ctx.has_day().await? || !ctx.state.db.is_host_of(person, id, ctx.now).await? {
        return Err(WebError::NotFound);
    }
    Ok(ctx.state.db.meeting(by, Purpose::Care, id).await?)
}

fn standing(meeting: &Meeting) -> impl Iterator<Item = &Invitee> {
    meeting.people.iter().filter(|one| one.invitation.withdrawn.is_none())
}

/// How far the newest news to somebody has come.
fn told(lines: &[MessageLine], person: PersonId) -> (&'static str, &'static str) {
    let news = |line: &&MessageLine| line.person == person && line.kind.is_news();
    match lines.iter().rev().find(news).map(|line| line.progress.state) {
        Some(State::Sent) => ("appointment-told", "success"),
        Some(State::Queued | State::Claimed) => ("appointment-telling", "neutral"),
        Some(State::InDoubt) => ("appointment-in-doubt", "warning"),
        Some(State::Failed) => ("appointment-not-told", "danger"),
        Some(State::Withdrawn) | None => ("appointment-untold", "warning"),
    }
}

impl Shown {
    pub(crate) fn of(meeting: &Meeting, is_closed: bool, now: Timestamp) -> Self {
        let links: Vec<InvitationId> = guests_of(meeting).map(|guest| guest.invitation.id).collect();
        let invited = standing(meeting).map(|one| Invited {
            invitation: one.invitation.id,
            name: one.name.full().into_revealed(),
            role_key: role_key(one.invitation.role),
            comes_by_link: links.contains(&one.invitation.id),
            told: None,
        });
        let appointment = &meeting.appointment;
        let may_come = |one: &Invitee| may_vouch(Role::Host, one.invitation.role);
        let is_due = appointment.cancelled.is_none() && now < appointment.window.closes();
        let has_begun = meeting.state != domain::meeting::SessionState::Planned;
        Self {
            id: appointment.id,
            session: appointment.session,
            patient: appointment.patient,
            kind: appointment.kind,
            mode: appointment.mode,
            starts: appointment.window.starts,
            ends: appointment.window.ends,
            sequence: appointment.sequence,
            cancelled: appointment.cancelled,
            has_begun,
            has_ended: matches!(meeting.state, domain::meeting::SessionState::Ended { .. }),
            may_close: appointment.cancelled.is_none() && (has_begun || appointment.window.starts <= now),
            is_closed,
            is_past: appointment.window.ends <= now,
            people: invited.collect(),
            may_lend: is_due && appointment.mode == Mode::Video && standing(meeting).any(may_come),
        }
    }
}
