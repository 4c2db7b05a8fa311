//! *I am ill today*: the rest of the day in one form; each hour is handed over, held by telephone, or called off.

use core::time::Duration;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use domain::booking::{Change, NotBookable};
use domain::meeting::{Cause, MeetingKind, Mode, Party, SessionState};
use ids::{AppointmentId, PersonId, Timestamp};
use store::{Meeting, StoreError, Wanted};

use crate::ctx::Ctx;
use crate::day::meetings;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::plan::{Choice, not_bookable_key};

/// The rest of the day.
#[derive(Template)]
#[template(path = "day/ill.html")]
pub(crate) struct IllPage {
    pub(crate) page: Page,
    pub(crate) hours: Vec<IllHour>,
    pub(crate) colleagues: Vec<(PersonId, String)>,
    /// It was done; what became of each hour stands beside it.
    pub(crate) is_done: bool,
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
    pub(crate) became: Option<&'static str>,
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
    Ok(Html(IllPage { page: Page::new(&ctx), hours, colleagues, is_done: false }.render()?))
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
        let id = hour.id;
        let Ok(seen) = fields.one(&format!("seen-{id}")).parse::<u32>() else { continue };
        hour.became = one(&ctx, id, wish, seen).await?;
    }
    let html = IllPage { page: Page::new(&ctx), hours, colleagues, is_done: true }.render()?;
    Ok(Html(html).into_response())
}

/// What became of one hour; `None` when nothing was asked for it.
async fn one(
    ctx: &Ctx,
    appointment: AppointmentId,
    wish: &str,
    seen: u32,
) -> Result<Option<&'static str>, WebError> {
    let by = ctx.by()?;
    let timetable = ctx.state.settings.timetable();
    let (change, became) = match wish {
        "cancel" => (Change::Cancel { by: Party::Clinic, cause: Cause::Ill }, "ill-cancelled"),
        "phone" => (Change::Convert(Mode::Phone), "ill-by-phone"),
        other => {
            let Ok(to) = other.parse::<PersonId>() else { return Ok(None) };
            return match ctx.state.db.hand_over(by, (appointment, seen), to, &timetable).await {
                Ok(()) => Ok(Some("ill-handed")),
                Err(StoreError::Booking(NotBookable::YouAreTaken)) => Ok(Some("ill-not-free")),
                Err(StoreError::Booking(why)) => Ok(Some(not_bookable_key(why))),
                Err(error) => Err(error.into()),
            };
        }
    };
    let wanted = Wanted { appointment, change, seen, pause: Duration::ZERO };
    match ctx.state.db.change_appointment(by, wanted, &timetable).await {
        Ok(_) => Ok(Some(became)),
        Err(StoreError::Booking(why)) => Ok(Some(not_bookable_key(why))),
        Err(error) => Err(error.into()),
    }
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
