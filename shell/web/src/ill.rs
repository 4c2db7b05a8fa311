//! *I am ill today*: the rest of the day in one form; each hour is called off, moved, held by telephone, or handed over.

use core::time::Duration;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use domain::booking::{Change, NotBookable, PAUSE_DEFAULT, Span};
use domain::meeting::{Cause, MeetingKind, Mode, Party, SessionState};
use domain::series::{at, working_days};
use ids::{AppointmentId, PersonId, Timestamp};
use jiff::civil::Date;
use store::{Meeting, StoreError, Wanted};

use crate::ctx::Ctx;
use crate::day::meetings;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::plan::{Choice, not_bookable_key};

/// Working days on which a moved hour is tried.
const DAYS_TRIED: usize = 10;

/// The rest of the day.
#[derive(Template)]
#[template(path = "day/ill.html")]
pub(crate) struct IllPage {
    pub(crate) page: Page,
    pub(crate) hours: Vec<IllHour>,
    pub(crate) colleagues: Vec<(PersonId, String)>,
    /// It was done; what became of each hour stands beside it.
    pub(crate) is_done: bool,
    /// The first day on which a moved hour may lie, as a form has it.
    pub(crate) back: String,
}

/// One hour that is still to come.
pub(crate) struct IllHour {
    pub(crate) id: AppointmentId,
    pub(crate) sequence: u32,
    pub(crate) starts: Timestamp,
    pub(crate) ends: Timestamp,
    pub(crate) kind: MeetingKind,
    pub(crate) mode: Mode,
    pub(crate) initials: String,
    /// What became of it, once it was asked for.
    pub(crate) became: Option<Became>,
}

/// What became of an hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Became {
    /// The key of its words.
    pub(crate) key: &'static str,
    /// When it is now, if it was moved.
    pub(crate) moved_to: Option<Timestamp>,
}

impl From<&'static str> for Became {
    fn from(key: &'static str) -> Self {
        Self { key, moved_to: None }
    }
}

impl From<NotBookable> for Became {
    fn from(why: NotBookable) -> Self {
        not_bookable_key(why).into()
    }
}

impl IllHour {
    pub(crate) fn kind_key(&self) -> &'static str {
        self.kind.key()
    }

    pub(crate) fn mode_key(&self) -> &'static str {
        self.mode.key()
    }

    fn of(meeting: &Meeting) -> Self {
        let appointment = &meeting.appointment;
        let hers = |one: &&store::Invitee| !one.invitation.role.is_host();
        let initials = meeting.people.iter().find(hers).map(|one| one.name.initials().into_revealed());
        Self {
            id: appointment.id,
            sequence: appointment.sequence,
            starts: appointment.window.starts,
            ends: appointment.window.ends,
            kind: appointment.kind,
            mode: appointment.mode,
            initials: initials.unwrap_or_default(),
            became: None,
        }
    }
}

/// `GET /day/ill`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    let hours = to_come(&ctx).await?;
    let colleagues = colleagues(&ctx).await?;
    let page = Page::new(&ctx);
    let back = page.tomorrow().and_then(|day| working_days(day).next());
    let back = back.map(|day| day.to_string()).unwrap_or_default();
    Ok(Html(IllPage { page, hours, colleagues, is_done: false, back }.render()?))
}

/// `POST /day/ill`: what was chosen for each hour; pressed twice it is done once.
pub(crate) async fn take(ctx: Ctx, fields: Fields) -> Result<Response, WebError> {
    let mut hours = to_come(&ctx).await?;
    let colleagues = colleagues(&ctx).await?;
    let wishes: Vec<String> =
        hours.iter().map(|hour| fields.one(&format!("do-{}", hour.id)).to_owned()).collect();
    // Asked before the first of them is done: a page that is not there must not have done half of it.
    let is_offered = |wish: &String| {
        wish.parse::<PersonId>().map_or(true, |to| colleagues.iter().any(|(person, _)| *person == to))
    };
    if !wishes.iter().all(is_offered) {
        return Err(WebError::NotFound);
    }
    for (hour, wish) in hours.iter_mut().zip(&wishes) {
        let Ok(seen) = fields.one(&format!("seen-{}", hour.id)).parse::<u32>() else { continue };
        hour.became = match wish.as_str() {
            "move" => Some(moved(&ctx, hour, seen, fields.day("back")).await?),
            wish => one(&ctx, hour.id, wish, seen).await?,
        };
    }
    let page = Page::new(&ctx);
    let html = IllPage { page, hours, colleagues, is_done: true, back: String::new() }.render()?;
    Ok(Html(html).into_response())
}

/// What became of one hour; `None` when nothing was asked for it.
async fn one(
    ctx: &Ctx,
    appointment: AppointmentId,
    wish: &str,
    seen: u32,
) -> Result<Option<Became>, WebError> {
    let by = ctx.by()?;
    let timetable = ctx.state.settings.timetable();
    let (change, became) = match wish {
        "cancel" => (Change::Cancel { by: Party::Clinic, cause: Cause::Ill }, "ill-cancelled"),
        "phone" => (Change::Convert(Mode::Phone), "ill-by-phone"),
        other => {
            let Ok(to) = other.parse::<PersonId>() else { return Ok(None) };
            return match ctx.state.db.hand_over(by, (appointment, seen), to, &timetable).await {
                Ok(()) => Ok(Some("ill-handed".into())),
                Err(StoreError::Booking(NotBookable::YouAreTaken)) => Ok(Some("ill-not-free".into())),
                Err(StoreError::Booking(why)) => Ok(Some(why.into())),
                Err(error) => Err(error.into()),
            };
        }
    };
    let wanted = Wanted { appointment, change, seen, pause: Duration::ZERO };
    match ctx.state.db.change_appointment(by, wanted, &timetable).await {
        Ok(_) => Ok(Some(became.into())),
        Err(StoreError::Booking(why)) => Ok(Some(why.into())),
        Err(error) => Err(error.into()),
    }
}

/// Moves an hour to the first working day on which everybody is free at the same time of day.
async fn moved(ctx: &Ctx, hour: &IllHour, seen: u32, back: Option<Date>) -> Result<Became, WebError> {
    let page = Page::new(ctx);
    let Some((back, tomorrow)) = back.zip(page.tomorrow()) else { return Ok("ill-not-back".into()) };
    let time = page.local(hour.starts).time();
    let length = hour.ends.since(hour.starts);
    for day in working_days(back.max(tomorrow)).take(DAYS_TRIED) {
        let Some(starts) = at(day, time, &ctx.state.settings.time_zone) else { continue };
        let change = Change::Move(Span::new(starts, length));
        let wanted = Wanted { appointment: hour.id, change, seen, pause: PAUSE_DEFAULT };
        match ctx.state.db.change_appointment(ctx.by()?, wanted, &ctx.state.settings.timetable()).await {
            Ok(_) => return Ok(Became { key: "ill-moved", moved_to: Some(starts) }),
            Err(StoreError::Booking(
                NotBookable::YouAreTaken | NotBookable::SomebodyIsTaken | NotBookable::NoPause,
            )) => {}
            Err(StoreError::Booking(why)) => return Ok(why.into()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok("ill-no-day".into())
}

/// One's own hours of today that have not begun and were not called off.
async fn to_come(ctx: &Ctx) -> Result<Vec<IllHour>, WebError> {
    let person = ctx.signed_in()?.sign_in.person;
    let meetings = meetings(ctx).await?;
    let stands = |meeting: &&Meeting| {
        let appointment = &meeting.appointment;
        appointment.responsible == person
            && appointment.cancelled.is_none()
            && meeting.state == SessionState::Planned
            && ctx.now < appointment.window.ends
    };
    Ok(meetings.iter().filter(stands).map(IllHour::of).collect())
}

/// Who may take an hour over.
async fn colleagues(ctx: &Ctx) -> Result<Vec<(PersonId, String)>, WebError> {
    let organization = ctx.signed_in()?.organization;
    let colleagues = ctx.state.db.colleagues(ctx.by()?, organization).await?;
    let name = |(person, name): (PersonId, store::Name)| (person, name.full().into_revealed());
    Ok(colleagues.into_iter().map(name).collect())
}
