//! Closing an hour: proposed from what the room saw, confirmed in three taps (CARE-10), with a plain summary to copy. What was
//! noted when it was urgent stands beside it (CARE-14).

use core::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::closing::{Attended, DeviceKind, NetworkKind, Outcome, Travel, Usefulness};
use domain::meeting::{Cause, Mode, Party};
use ids::{AppointmentId, GoneReason, PersonId, Personal, Role};
use store::{Closing, Encounter, Meeting, NewTask, NotedStep, StoreError, seen_of};

use crate::appointment::{Shown, own};
use crate::crisis::did;
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::helplines::Help;
use crate::page::Page;
use crate::plan::{Choice, not_bookable_key, not_closable_key, role_key};
use crate::state::Numbers;

/// Rows for tasks on an empty form.
const TASK_ROWS: usize = 3;
/// Characters in one task.
const TASK_CHARS_MAX: usize = 300;
/// A step that was heard of so much later than it was done says so.
const HEARD_LATE: Duration = Duration::from_secs(5 * 60);

/// The closing form, and once closed the summary above it.
#[derive(Template)]
#[template(path = "appointment/close.html")]
pub(crate) struct ClosePage {
    pub(crate) page: Page,
    pub(crate) hour: Shown,
    pub(crate) revision: u32,
    pub(crate) chosen: Chosen,
    pub(crate) usefulness: Option<Usefulness>,
    pub(crate) support_talk: bool,
    /// Whether the rest was by telephone, to be confirmed; `None`: nobody said so.
    pub(crate) partly_phone: Option<bool>,
    /// From when it was, if that was said.
    pub(crate) phone_since: Option<String>,
    /// Whether it looks like a support talk; said and never ticked (CARE-11).
    pub(crate) proposes_support: bool,
    /// Who was in the room and how it was, one line each.
    pub(crate) there: Vec<String>,
    /// What was noted when it was urgent, one line each.
    pub(crate) crisis: Vec<String>,
    pub(crate) travel: Travel,
    pub(crate) tasks: Vec<TaskRow>,
    /// Whether she sees the tasks on her own page; `None`: it is not an hour of hers.
    pub(crate) for_her: Option<bool>,
    /// Who may take a task on.
    pub(crate) owners: Vec<(PersonId, String)>,
    /// A plain text for the record system, once it is closed.
    pub(crate) summary: Option<String>,
    pub(crate) problem: Option<&'static str>,
}

/// A task being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskRow {
    pub(crate) text: String,
    pub(crate) owner: String,
    pub(crate) due: String,
}

/// What became of it, as it is ticked; perhaps not yet whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) is_held: bool,
    /// How it was held, or how it was booked.
    pub(crate) mode: Mode,
    pub(crate) by: Option<Party>,
    pub(crate) cause: Option<Cause>,
}

impl Chosen {
    pub(crate) const fn of(outcome: Outcome, booked: Mode) -> Self {
        match outcome {
            Outcome::Held { mode } => Self { is_held: true, mode, by: None, cause: None },
            Outcome::NotHeld { by, cause } => {
                Self { is_held: false, mode: booked, by: Some(by), cause: Some(cause) }
            }
        }
    }

    /// As it was sent; what was not sent is as before.
    fn sent(self, fields: &Fields) -> Self {
        Self {
            is_held: match fields.one("outcome") {
                "held" => true,
                "not-held" => false,
                _ => self.is_held,
            },
            mode: Mode::read(fields.one("mode")).unwrap_or(self.mode),
            by: Party::read(fields.one("by")),
            cause: Cause::read(fields.one("cause")),
        }
    }
}

impl ClosePage {
    pub(crate) fn is_by(&self, party: &Party) -> bool {
        self.chosen.by == Some(*party)
    }

    pub(crate) fn is_cause(&self, wanted: &Cause) -> bool {
        self.chosen.cause == Some(*wanted)
    }

    /// The key of the heading.
    pub(crate) const fn heading_key(&self) -> &'static str {
        if self.summary.is_some() { "close-done" } else { "close-title" }
    }

    /// Those who came or were to come by a link.
    pub(crate) fn guests(&self) -> String {
        let guests = self.hour.people.iter().filter(|one| one.comes_by_link);
        guests.map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn is_useful(&self, wanted: &Usefulness) -> bool {
        self.usefulness == Some(*wanted)
    }

    pub(crate) fn modes(&self) -> &'static [(Mode, &'static str, &'static str)] {
        Mode::OFFERED
    }

    pub(crate) fn parties(&self) -> &'static [(Party, &'static str, &'static str)] {
        Party::OFFERED
    }

    pub(crate) fn causes(&self) -> &'static [(Cause, &'static str, &'static str)] {
        Cause::OFFERED
    }

    pub(crate) fn usefulnesses(&self) -> &'static [(Usefulness, &'static str, &'static str)] {
        Usefulness::OFFERED
    }

    /// Whether somebody travelled to it as booked.
    pub(crate) const fn is_away(&self) -> bool {
        matches!(self.hour.mode, Mode::Office | Mode::Visit)
    }
}

/// `GET /appointment/{id}/close`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let (meeting, record) = load(&ctx, &id).await?;
    Ok(Html(page(&ctx, &meeting, &record).await?.render()?))
}

/// `POST /appointment/{id}/close`.
pub(crate) async fn close(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let (meeting, record) = load(&ctx, &id).await?;
    let appointment: AppointmentId = meeting.appointment.id;
    let seen = fields.one("seen").parse().map_err(|_| WebError::BadRequest)?;
    let key = match read(&fields) {
        Ok(closing) => match ctx.state.db.close_appointment(ctx.by()?, appointment, seen, &closing).await {
            Ok(()) => {
                return Ok(Redirect::to(&format!("/appointment/{appointment}/close")).into_response());
            }
            Err(StoreError::Closing(why)) => not_closable_key(why),
            Err(StoreError::Booking(why)) => not_bookable_key(why),
            Err(error) => return Err(error.into()),
        },
        Err(key) => key,
    };
    let mut page = page(&ctx, &meeting, &record).await?;
    page.keep(&fields);
    page.problem = Some(key);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

async fn load(ctx: &Ctx, id: &str) -> Result<(Meeting, Encounter), WebError> {
    let meeting = own(ctx, id).await?;
    let record = ctx.state.db.encounter(ctx.by()?, meeting.appointment.id).await?;
    let shown = Shown::of(&meeting, record.closing.is_some(), ctx.now);
    if shown.may_close { Ok((meeting, record)) } else { Err(WebError::NotFound) }
}

async fn page(ctx: &Ctx, meeting: &Meeting, record: &Encounter) -> Result<ClosePage, WebError> {
    let page = Page::new(ctx);
    // Asked for its numbers only when somebody rang.
    let numbers = if record.crisis.is_empty() { Numbers::default() } else { Help::of(ctx).await?.numbers };
    let booked = record.ways.first().map_or(meeting.appointment.mode, |(mode, _)| *mode);
    let telephone = record.telephone.map(|one| one.since);
    let seen = seen_of(&meeting.appointment, booked, &record.attended, telephone, ctx.now);
    let proposal = seen.proposal();
    let written = record.closing.as_ref().map(|(closing, _)| closing);
    let summary = written.map(|closing| summary(&page, meeting, record, closing, &numbers));
    let owner = |one: &store::Invitee| (one.invitation.person, one.name.full().into_revealed());
    let is_hers =
        |one: &store::Invitee| one.invitation.role == Role::YoungPerson && one.invitation.withdrawn.is_none();
    Ok(ClosePage {
        for_her: meeting.people.iter().any(is_hers).then_some(true),
        hour: Shown::of(meeting, written.is_some(), ctx.now),
        revision: record.revision,
        chosen: Chosen::of(written.map_or(proposal, |closing| closing.outcome), meeting.appointment.mode),
        usefulness: written.and_then(|closing| closing.usefulness),
        support_talk: written.is_some_and(|closing| closing.support_talk),
        partly_phone: match written {
            Some(closing) if closing.partly_phone => Some(true),
            Some(_) => telephone.map(|_| false),
            None => telephone.map(|_| seen.proposes_partly_phone()),
        },
        phone_since: telephone.map(|since| page.time(since)),
        travel: written.map(|closing| closing.travel).unwrap_or_default(),
        tasks: vec![TaskRow::default(); TASK_ROWS],
        owners: meeting.people.iter().map(owner).collect(),
        proposes_support: written.is_none() && seen.proposes_support(),
        there: record.attended.iter().map(|one| there(&page, one)).collect(),
        crisis: record.crisis.iter().map(|one| noted(&page, &numbers, one)).collect(),
        summary,
        problem: None,
        page,
    })
}

impl ClosePage {
    /// What was written stays written when it could not be kept.
    fn keep(&mut self, fields: &Fields) {
        self.chosen = self.chosen.sent(fields);
        self.usefulness = Usefulness::read(fields.one("usefulness"));
        self.support_talk = fields.is_ticked("support-talk");
        self.partly_phone = self.partly_phone.map(|_| fields.is_ticked("partly-phone"));
        self.travel = travel(fields).unwrap_or(self.travel);
        self.for_her = self.for_her.map(|_| fields.is_ticked("for-her"));
        self.tasks = rows(fields);
        self.tasks.resize(TASK_ROWS.max(self.tasks.len()), TaskRow::default());
    }
}

/// What was done when it was urgent, in words: 14.32 Ringte 113.
fn noted(page: &Page, numbers: &Numbers, one: &NotedStep) -> String {
    let line = format!("{} {}", page.time(one.done), did(page, numbers, one.step));
    if one.noted.since(one.done) < HEARD_LATE {
        return line;
    }
    format!("{line} ({})", page.words.with("close-crisis-late", "time", page.time(one.noted)))
}

/// One person's time in the room, in words.
fn there(page: &Page, one: &Attended) -> String {
    let words = &page.words;
    let minutes = |time: Duration| time.as_secs().div_ceil(60);
    let mut parts = vec![format!(
        "{}: {}",
        words.get(role_key(one.role)),
        words.with("close-sum-minutes", "minutes", minutes(one.stayed))
    )];
    parts.push(match minutes(one.pictured) {
        0 => words.get("close-there-sound"),
        with_picture => words.with("close-there-picture", "minutes", with_picture),
    });
    parts.extend(one.device.map(|device| words.get(device_key(device))));
    if one.network == Some(NetworkKind::Narrow) {
        parts.push(words.get("close-there-narrow"));
    }
    if one.lost > 0 {
        parts.push(words.with("close-there-lost", "times", one.lost));
    }
    parts.extend(one.ended.map(|how| words.get(ended_key(how))));
    parts.join(", ")
}

const fn device_key(device: DeviceKind) -> &'static str {
    match device {
        DeviceKind::Phone => "close-there-phone",
        DeviceKind::Tablet => "close-there-tablet",
        DeviceKind::Computer => "close-there-computer",
    }
}

const fn ended_key(how: GoneReason) -> &'static str {
    match how {
        GoneReason::Left => "close-there-left",
        GoneReason::SteppedOut => "close-there-stepped-out",
        GoneReason::ClosedFast => "close-there-closed-fast",
        GoneReason::SomeoneCameIn => "close-there-someone-came-in",
        GoneReason::LineLost => "close-there-line-lost",
        GoneReason::DeviceAsleep => "close-there-asleep",
        GoneReason::SentBack => "close-there-sent-back",
        GoneReason::EndedByHost | GoneReason::DoorClosed => "close-there-ended",
    }
}

fn outcome(fields: &Fields) -> Option<Outcome> {
    match fields.one("outcome") {
        "held" => Some(Outcome::Held { mode: Mode::read(fields.one("mode"))? }),
        "not-held" => Some(Outcome::NotHeld {
            by: Party::read(fields.one("by"))?,
            cause: Cause::read(fields.one("cause"))?,
        }),
        _ => None,
    }
}

fn travel(fields: &Fields) -> Option<Travel> {
    let minutes = |name| match fields.one(name) {
        "" => Some(0),
        text => text.parse().ok(),
    };
    Some(Travel { ours: minutes("ours")?, hers: minutes("hers")?, escort: minutes("escort")? })
}

fn rows(fields: &Fields) -> Vec<TaskRow> {
    let (owners, days): (Vec<_>, Vec<_>) = (fields.many("owner").collect(), fields.many("due").collect());
    let row = |(number, text): (usize, &str)| TaskRow {
        text: text.chars().take(TASK_CHARS_MAX).collect(),
        owner: owners.get(number).copied().unwrap_or_default().to_owned(),
        due: days.get(number).copied().unwrap_or_default().to_owned(),
    };
    fields.many("task").enumerate().map(row).filter(|row| !row.text.is_empty()).collect()
}

/// What is to be written; or the key of what is missing.
fn read(fields: &Fields) -> Result<Closing, &'static str> {
    let outcome = outcome(fields).ok_or("close-not-outcome")?;
    let travel = travel(fields).ok_or("plan-close-travel")?;
    let (mut tasks, for_her) = (Vec::new(), fields.is_ticked("for-her"));
    for row in rows(fields) {
        let owner = row.owner.parse().map_err(|_| "close-not-owner")?;
        let is_day = row.due.is_empty() || row.due.parse::<jiff::civil::Date>().is_ok();
        if !is_day {
            return Err("close-not-due");
        }
        let due = (!row.due.is_empty()).then_some(row.due);
        tasks.push(NewTask { owner, description: Personal::new(row.text), due, for_her });
    }
    let usefulness = Usefulness::read(fields.one("usefulness"));
    // What was held by telephone altogether was not partly so, and what was not held was not at all.
    let began_otherwise = matches!(outcome, Outcome::Held { mode } if mode != Mode::Phone);
    let partly_phone = began_otherwise && fields.is_ticked("partly-phone");
    let support_talk = fields.is_ticked("support-talk");
    Ok(Closing { outcome, usefulness, support_talk, partly_phone, travel, tasks })
}

/// From when the rest was by telephone; of an hour that was by telephone altogether it is said with how it was held.
fn telephone(page: &Page, record: &Encounter, closing: &Closing) -> Option<String> {
    closing.partly_phone.then(|| match record.telephone {
        Some(one) => page.words.with("close-sum-telephone", "time", page.time(one.since)),
        None => page.words.get("close-sum-partly-phone"),
    })
}

/// A plain text to paste into the record system: when, how, who and how long, what was agreed.
fn summary(
    page: &Page,
    meeting: &Meeting,
    record: &Encounter,
    closing: &Closing,
    numbers: &Numbers,
) -> String {
    let words = &page.words;
    let window = &meeting.appointment.window;
    let mut lines = Vec::new();
    let kind = words.get(meeting.appointment.kind.key());
    lines.push(format!(
        "{} {}. {kind}.",
        page.long_day(window.starts),
        page.span(window.starts, window.ends)
    ));
    lines.push(match closing.outcome {
        Outcome::Held { mode } => words.with("close-sum-held", "how", words.get(mode.key())),
        Outcome::NotHeld { by, cause } => words.with_all(
            "close-sum-not",
            [("by", words.get(by.key()).into()), ("cause", words.get(cause.key()).into())],
        ),
    });
    lines.extend(telephone(page, record, closing));
    let minutes = |one: &Attended| {
        let minutes = one.stayed.as_secs().div_ceil(60);
        format!("{} {}", words.get(role_key(one.role)), words.with("close-sum-minutes", "minutes", minutes))
    };
    if !record.attended.is_empty() {
        let people: Vec<String> = record.attended.iter().map(minutes).collect();
        lines.push(words.with("close-sum-there", "people", people.join(", ")));
    }
    for one in record.crisis.iter().filter(|one| one.step.is_deed()) {
        let line = [("time", page.time(one.done).into()), ("what", did(page, numbers, one.step).into())];
        lines.push(words.with_all("close-sum-crisis", line));
    }
    let ways: Vec<String> = record.ways.iter().map(|(mode, _)| words.get(mode.key())).collect();
    if !ways.is_empty() {
        lines.push(words.with("close-sum-ways", "ways", ways.join(", ")));
    }
    if closing.support_talk {
        lines.push(words.get("close-sum-support"));
    }
    for task in &record.tasks {
        let mut line = format!("– {} ({}", task.description.reveal(), task.owner.full().reveal());
        if let Some(due) = &task.due {
            line.push_str(", ");
            line.push_str(&page.long_written(due));
        }
        line.push(')');
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outcome_is_mandatory() {
        let held = Fields::of(&[("outcome", "held"), ("mode", "phone")]);
        let closing = read(&held).expect("enough");
        assert_eq!(closing.outcome, Outcome::Held { mode: Mode::Phone });
        assert_eq!((closing.usefulness, closing.tasks.len(), closing.travel), (None, 0, Travel::default()));
        let partly = |how: &[(&'static str, &'static str)]| {
            read(&Fields::of(&[&[("partly-phone", "yes")], how].concat())).expect("enough")
        };
        assert!(partly(&[("outcome", "held"), ("mode", "video")]).partly_phone);
        assert!(!partly(&[("outcome", "held"), ("mode", "phone")]).partly_phone, "all of it was");
        assert_eq!(read(&Fields::default()), Err("close-not-outcome"));
        assert_eq!(read(&Fields::of(&[("outcome", "not-held"), ("by", "young")])), Err("close-not-outcome"));
    }

    #[test]
    fn what_is_half_ticked_stays_ticked() {
        let before = Chosen::of(Outcome::Held { mode: Mode::Phone }, Mode::Video);
        let half = before.sent(&Fields::of(&[("outcome", "not-held"), ("mode", "phone"), ("by", "young")]));
        assert_eq!(
            half,
            Chosen { is_held: false, mode: Mode::Phone, by: Some(Party::YoungPerson), cause: None }
        );
        assert!(before.sent(&Fields::default()).is_held);
    }

    #[test]
    fn a_task_has_words_an_owner_and_perhaps_a_day() {
        let owner = PersonId::from_bytes([1; 16]).to_string();
        let base = [("outcome", "held"), ("mode", "video"), ("task", ""), ("owner", ""), ("due", "")];
        let with = |text, owner, due| {
            Fields::of(&[&base[..], &[("task", text), ("owner", owner), ("due", due)]].concat())
        };
        let tasks = read(&with("Ring skolen", &owner, "2026-11-30")).expect("whole").tasks;
        assert_eq!(tasks.len(), 1, "an empty row is no task");
        assert_eq!(tasks[0].due.as_deref(), Some("2026-11-30"));
        assert!(!tasks[0].for_her, "she sees what was ticked for her, and nothing else");
        let ticked = Fields::of(
            &[&base[..], &[("task", "Ring skolen"), ("owner", &owner), ("due", ""), ("for-her", "yes")]]
                .concat(),
        );
        assert!(read(&ticked).expect("whole").tasks[0].for_her);
        assert_eq!(read(&with("Ring skolen", "", "")), Err("close-not-owner"));
        assert_eq!(read(&with("Ring skolen", &owner, "i morgen")), Err("close-not-due"));
    }
}
