//! Booking: who, when, how long, how. Everything else has a default and lies behind a fold.
//!
//! The form carries the id of the hour that it will make, so that a second press, a reload and another tab are the
//! same booking; what cannot be booked comes back with everything as it was written (nothing is lost).

use core::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::booking::{NotBookable, PAUSE_DEFAULT};
use domain::meeting::{MeetingKind, Mode, Window};
use domain::protection::Protection;
use domain::series::{NoPattern, Pattern, at};
use ids::{AppointmentId, PersonId, Role, Timestamp};
use jiff::civil::Weekday;
use store::{Name, NewAppointment, NewBooking, Patient, StoreError};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::notice::Told;
use crate::page::Page;
use crate::people::clinician;
use crate::plan::{Choice, not_bookable_key, role_key};

/// The lengths that one tap gives, in minutes.
pub(crate) const LENGTHS: [u32; 4] = [10, 20, 30, 45];
/// How long before each later hour of a series its invitation leaves.
const SERIES_TOLD_BEFORE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Weekdays that a series can have, from Monday.
const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Whom to book with.
#[derive(Template)]
#[template(path = "book/who.html")]
pub(crate) struct WhoPage {
    pub(crate) page: Page,
    pub(crate) people: Vec<Who>,
}

/// One young person of the reader's own.
pub(crate) struct Who {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) protection: Protection,
}

/// The booking form.
#[derive(Template)]
#[template(path = "book/form.html")]
pub(crate) struct FormPage {
    pub(crate) page: Page,
    pub(crate) who: Who,
    pub(crate) form: Filled,
    /// Why it could not be booked, and which field it is about.
    pub(crate) problem: Option<(&'static str, &'static str)>,
}

/// The form as it is filled in.
pub(crate) struct Filled {
    pub(crate) id: AppointmentId,
    pub(crate) kind: MeetingKind,
    pub(crate) mode: Mode,
    pub(crate) date: String,
    pub(crate) time: String,
    pub(crate) minutes: String,
    pub(crate) others: Vec<Other>,
    pub(crate) without_pause: bool,
    pub(crate) ask_for_pause: bool,
    pub(crate) repeats: bool,
    pub(crate) days: Vec<u8>,
    pub(crate) second_time: String,
    pub(crate) until: String,
    pub(crate) every: String,
    pub(crate) told: Told,
}

/// Somebody else who may be invited.
pub(crate) struct Other {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) role_key: &'static str,
    pub(crate) chosen: bool,
}

impl FormPage {
    pub(crate) fn kinds(&self) -> &'static [(MeetingKind, &'static str, &'static str)] {
        MeetingKind::OFFERED
    }

    /// Every way that may be at her grading (SEC-073).
    pub(crate) fn modes(&self) -> Vec<&'static (Mode, &'static str, &'static str)> {
        Mode::OFFERED.iter().filter(|(mode, ..)| self.who.protection.offers(*mode)).collect()
    }

    pub(crate) fn lengths(&self) -> [String; 4] {
        LENGTHS.map(|minutes| minutes.to_string())
    }

    pub(crate) fn is_about(&self, field: &str) -> bool {
        self.problem.is_some_and(|(about, _)| about == field)
    }

    /// Whether the fold around rarer choices stands open.
    pub(crate) fn is_rare(&self) -> bool {
        self.form.kind != MeetingKind::Consultation || self.form.others.iter().any(|other| other.chosen)
    }
}

/// What became of each hour of a series.
#[derive(Template)]
#[template(path = "book/series.html")]
pub(crate) struct SeriesPage {
    pub(crate) page: Page,
    pub(crate) hours: Vec<SeriesHour>,
    pub(crate) who: PersonId,
}

impl SeriesPage {
    pub(crate) fn heading_key(&self) -> &'static str {
        let is_booked = self.hours.iter().any(|hour| hour.not.is_none());
        if is_booked { "book-series-title" } else { "book-series-none" }
    }
}

/// One hour of a series.
pub(crate) struct SeriesHour {
    pub(crate) id: AppointmentId,
    pub(crate) starts: Timestamp,
    /// Why it could not be booked.
    pub(crate) not: Option<&'static str>,
}

/// `GET /book`.
pub(crate) async fn who(ctx: Ctx) -> Result<Html<String>, WebError> {
    let person = clinician(&ctx).await?;
    let people = ctx.state.db.caseload(ctx.by()?, person).await?;
    let people = people.iter().map(|one| Who::of(one.id, &one.name, one.protection)).collect();
    Ok(Html(WhoPage { page: Page::new(&ctx), people }.render()?))
}

/// `GET /book/{person}`.
pub(crate) async fn show(ctx: Ctx, Path(person): Path<String>) -> Result<Html<String>, WebError> {
    let patient = patient(&ctx, &person).await?;
    let me = ctx.signed_in()?.sign_in.person;
    let told = Told::of(ctx.state.db.last_manner(ctx.by()?, patient.id, me).await?);
    let told = told.for_whom(patient.protection);
    let told = told.signed(ctx.state.db.agreed_sign(ctx.by()?, patient.id).await?);
    let form = Filled { told, ..Filled::new(&ctx, &patient)? };
    Ok(Html(FormPage { page: Page::new(&ctx), who: Who::to_book(&patient), form, problem: None }.render()?))
}

/// `POST /book/{person}`.
pub(crate) async fn book(ctx: Ctx, Path(person): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let patient = patient(&ctx, &person).await?;
    let wish = match Wish::read(&ctx, &patient, &fields) {
        Ok(wish) => wish,
        Err(problem) => return again(&ctx, &patient, &fields, problem),
    };
    if let [starts] = wish.starts.as_slice() {
        let id = wish.id;
        return match one(&ctx, &patient, &wish, (id, *starts), None).await? {
            Ok(()) => Ok(Redirect::to(&format!("/appointment/{id}")).into_response()),
            Err(why) => again(&ctx, &patient, &fields, Problem::Book(why)),
        };
    }
    let mut hours = Vec::with_capacity(wish.starts.len());
    for (number, starts) in (0_u16..).zip(&wish.starts) {
        let id = nth(wish.id, number);
        // Sixty messages at once help nobody: the first hour is told of now, each later one when it comes near.
        let tell_from = (number > 0).then(|| starts.minus(SERIES_TOLD_BEFORE));
        let booked = one(&ctx, &patient, &wish, (id, *starts), tell_from).await?;
        let not = booked.err().map(not_bookable_key);
        hours.push(SeriesHour { id, starts: *starts, not });
    }
    let html = SeriesPage { page: Page::new(&ctx), hours, who: patient.id }.render()?;
    Ok(Html(html).into_response())
}

/// Books one hour of a wish; the inner error is a reason that has words.
async fn one(
    ctx: &Ctx,
    patient: &Patient,
    wish: &Wish,
    (id, starts): (AppointmentId, Timestamp),
    tell_from: Option<Timestamp>,
) -> Result<Result<(), NotBookable>, WebError> {
    let responsible = ctx.signed_in()?.sign_in.person;
    let new = NewBooking {
        id,
        appointment: NewAppointment {
            organization: patient.organization,
            kind: wish.kind,
            mode: wish.mode,
            patient: Some(patient.id),
            responsible,
            window: Window::new(starts, starts.plus(wish.length)),
            sign: wish.told.sign(),
            notice: wish.told.notice(),
        },
        people: wish.people.clone(),
        pause: wish.pause,
        tell_from,
    };
    match ctx.state.db.book(ctx.by()?, &new, &ctx.state.settings.timetable()).await {
        Ok(_) => Ok(Ok(())),
        Err(StoreError::Booking(why)) => Ok(Err(why)),
        Err(error) => Err(error.into()),
    }
}

/// The id of an hour of a series, the same at every press: the form's id, counted on.
fn nth(first: AppointmentId, number: u16) -> AppointmentId {
    let mut bytes = *first.as_bytes();
    let [.., high, low] = &mut bytes;
    let next = u16::from_be_bytes([*high, *low]).wrapping_add(number);
    [*high, *low] = next.to_be_bytes();
    AppointmentId::from_bytes(bytes)
}

/// A young person of one's own; somebody else's look as if there were none (SEC-028, SEC-031).
async fn patient(ctx: &Ctx, person: &str) -> Result<Patient, WebError> {
    let clinician = clinician(ctx).await?;
    let id: PersonId = person.parse().map_err(|_| WebError::NotFound)?;
    Ok(ctx.state.db.own_patient(ctx.by()?, clinician, id).await?)
}

fn again(ctx: &Ctx, patient: &Patient, fields: &Fields, problem: Problem) -> Result<Response, WebError> {
    let form = Filled::from_fields(ctx, patient, fields, problem)?;
    let problem = Some((problem.field(), problem.key()));
    let html = FormPage { page: Page::new(ctx), who: Who::to_book(patient), form, problem }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
}

impl Who {
    fn of(id: PersonId, name: &Name, protection: Protection) -> Self {
        Self { id, name: name.full().into_revealed(), protection }
    }

    fn to_book(patient: &Patient) -> Self {
        Self::of(patient.id, &patient.name, patient.protection)
    }
}

/// What is asked for, once it has been understood.
struct Wish {
    id: AppointmentId,
    kind: MeetingKind,
    mode: Mode,
    starts: Vec<Timestamp>,
    length: Duration,
    people: Vec<(PersonId, Role)>,
    pause: Duration,
    told: Told,
}

/// Why a form could not be understood or booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Problem {
    When,
    Length,
    Family,
    Pattern(NoPattern),
    SecondTime,
    Until,
    Sign,
    Book(NotBookable),
}

impl Problem {
    const fn key(self) -> &'static str {
        match self {
            Self::When => "book-not-when",
            Self::Length => "book-not-length",
            Self::Family => "book-not-family",
            Self::Pattern(NoPattern::Empty) => "book-not-days",
            Self::Pattern(NoPattern::Backwards) | Self::Until => "book-not-until",
            Self::Pattern(NoPattern::Rhythm) => "book-not-every",
            Self::Pattern(NoPattern::Count) => "book-not-count",
            Self::SecondTime => "book-not-second",
            Self::Sign => "notice-not-sign",
            Self::Book(why) => not_bookable_key(why),
        }
    }

    /// The id of the field that it is about.
    const fn field(self) -> &'static str {
        match self {
            Self::Length | Self::Book(NotBookable::Length) => "minutes",
            Self::Family => "with",
            Self::Pattern(NoPattern::Empty) => "days",
            Self::Pattern(NoPattern::Backwards | NoPattern::Count) | Self::Until => "until",
            Self::Pattern(NoPattern::Rhythm) => "every",
            Self::SecondTime => "second",
            Self::Sign => "sign",
            Self::When | Self::Book(_) => "date",
        }
    }
}

impl Wish {
    fn read(ctx: &Ctx, patient: &Patient, fields: &Fields) -> Result<Self, Problem> {
        let kind = MeetingKind::read(fields.one("kind")).unwrap_or(MeetingKind::Consultation);
        let people = people(patient, kind, fields)?;
        let minutes: u64 = fields.one("minutes").parse().map_err(|_| Problem::Length)?;
        let pause = if fields.is_ticked("without-pause") { Duration::ZERO } else { PAUSE_DEFAULT };
        Ok(Self {
            id: fields.one("id").parse().map_err(|_| Problem::When)?,
            kind,
            mode: Mode::read(fields.one("mode")).unwrap_or_default(),
            starts: starts(ctx, fields)?,
            length: Duration::from_secs(minutes.saturating_mul(60)),
            people,
            pause,
            told: Told::read(fields, patient.protection.is_graded()).ok_or(Problem::Sign)?,
        })
    }
}

/// Everybody who is to come beside the clinician.
fn people(patient: &Patient, kind: MeetingKind, fields: &Fields) -> Result<Vec<(PersonId, Role)>, Problem> {
    let chosen: Vec<PersonId> = fields.many("with").filter_map(|id| id.parse().ok()).collect();
    let related = patient.related.iter().filter(|one| chosen.contains(&one.person));
    let mut people: Vec<(PersonId, Role)> = related.map(|one| (one.person, one.role)).collect();
    if kind.needs_family() && !people.iter().any(|(_, role)| *role == Role::Guardian) {
        return Err(Problem::Family);
    }
    if kind.is_hers() || (!kind.is_without_her() && fields.is_ticked("with-her")) {
        people.insert(0, (patient.id, Role::YoungPerson));
    }
    Ok(people)
}

/// The start of the hour, or of each hour of the series.
fn starts(ctx: &Ctx, fields: &Fields) -> Result<Vec<Timestamp>, Problem> {
    let zone = &ctx.state.settings.time_zone;
    let (day, time) = fields.day("date").zip(fields.time("time")).ok_or(Problem::When)?;
    if !fields.is_ticked("repeats") {
        return Ok(vec![at(day, time, zone).ok_or(Problem::When)?]);
    }
    let numbers: Vec<usize> = fields.many("days").filter_map(|number| number.parse().ok()).collect();
    let mut days: Vec<Weekday> =
        numbers.into_iter().filter_map(|number| WEEKDAYS.get(number).copied()).collect();
    if days.is_empty() {
        days.push(day.weekday());
    }
    let mut times = vec![time];
    if !fields.one("second").is_empty() {
        times.push(fields.time("second").ok_or(Problem::SecondTime)?);
    }
    let until = fields.day("until").ok_or(Problem::Until)?;
    let every = fields.one("every").parse().unwrap_or(1);
    let pattern = Pattern::new((day, until), days, times, every).map_err(Problem::Pattern)?;
    Ok(pattern.starts(zone))
}

impl Filled {
    /// An empty form: the next quarter of an hour, half an hour long, on the screen.
    fn new(ctx: &Ctx, patient: &Patient) -> Result<Self, WebError> {
        let (date, time) = Page::new(ctx).next_quarter();
        Ok(Self {
            id: ctx.state.db.new_appointment_id(ctx.now)?,
            kind: MeetingKind::Consultation,
            mode: Mode::Video,
            date,
            time,
            minutes: "30".to_owned(),
            others: others(patient, &Fields::default()),
            without_pause: false,
            ask_for_pause: false,
            repeats: false,
            days: Vec::new(),
            second_time: String::new(),
            until: String::new(),
            every: "1".to_owned(),
            told: Told::default(),
        })
    }

    /// The form as it was sent.
    fn from_fields(
        ctx: &Ctx,
        patient: &Patient,
        fields: &Fields,
        problem: Problem,
    ) -> Result<Self, WebError> {
        let fresh = Self::new(ctx, patient)?;
        // An id that is taken by something else is no use a second time.
        let taken = problem == Problem::Book(NotBookable::ChangedMeanwhile);
        let id = fields.one("id").parse().ok().filter(|_| !taken).unwrap_or(fresh.id);
        let text = |name| fields.one(name).to_owned();
        let asks = problem == Problem::Book(NotBookable::NoPause) || fields.is_ticked("without-pause");
        Ok(Self {
            id,
            kind: MeetingKind::read(fields.one("kind")).unwrap_or(MeetingKind::Consultation),
            mode: Mode::read(fields.one("mode")).unwrap_or_default(),
            date: text("date"),
            time: text("time"),
            minutes: text("minutes"),
            others: others(patient, fields),
            without_pause: fields.is_ticked("without-pause"),
            ask_for_pause: asks,
            repeats: fields.is_ticked("repeats"),
            days: fields.many("days").filter_map(|number| number.parse().ok()).collect(),
            second_time: text("second"),
            until: text("until"),
            every: text("every"),
            told: Told::kept(fields, patient.protection.is_graded()),
        })
    }

    pub(crate) fn has_day(&self, number: &usize) -> bool {
        self.days.iter().any(|day| usize::from(*day) == *number)
    }
}

fn others(patient: &Patient, fields: &Fields) -> Vec<Other> {
    let chosen: Vec<PersonId> = fields.many("with").filter_map(|id| id.parse().ok()).collect();
    let other = |one: &store::Related| Other {
        id: one.person,
        name: one.name.full().into_revealed(),
        role_key: role_key(one.role),
        chosen: chosen.contains(&one.person),
    };
    patient.related.iter().map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hour_of_a_series_has_an_id_of_its_own_that_is_the_same_at_every_press() {
        let first = AppointmentId::from_parts(Timestamp::from_millis(1), [255; 10]);
        let ids: std::collections::BTreeSet<_> = (0..60).map(|number| nth(first, number)).collect();
        assert_eq!(ids.len(), 60);
        assert_eq!(nth(first, 0), first);
        assert_eq!(nth(first, 7), nth(first, 7));
    }
}
