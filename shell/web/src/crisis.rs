//! The crisis panel of an hour's hosts: whom to ring, what was agreed, whom to tell, and what was done when (CARE-14).
//!
//! It is written into the page of the meeting, outside what the stage draws. A small script of its own notes each step in
//! the tab and tells it here until it is heard.

use axum::extract::Path;
use axum::http::StatusCode;
use domain::crisis::{CrisisStep, Told};
use domain::our_agreement::{OurAgreement, Reach};
use ids::{CrisisStepId, ParticipantId, SessionId, Timestamp};
use store::{NewCrisisStep, Noting, Seat, StoreError};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::helplines::Help;
use crate::page::Page;
use crate::plan::Choice;
use crate::state::{LocalLine, Numbers};

impl Choice for CrisisStep {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Opened, "opened", "crisis-did-opened"),
        (Self::RangAdult, "rang-adult", "crisis-did-adult"),
        (Self::RangEmergency, "rang-emergency", "crisis-did-emergency"),
        (Self::RangPolice, "rang-police", "crisis-did-police"),
        (Self::RangDoctor, "rang-doctor", "crisis-did-doctor"),
        (Self::RangChildWelfare, "rang-child-welfare", "crisis-did-child-welfare"),
        (Self::ToldHer, "told-her", "crisis-did-told-her"),
        (Self::ToldChildWelfare, "told-child-welfare", "crisis-did-told-child-welfare"),
        (Self::ToldClinic, "told-clinic", "crisis-did-told-clinic"),
        (Self::Stayed, "stayed", "crisis-did-stayed"),
    ];
}

/// What a step is called; a number that was rung is named as the organisation writes it.
pub(crate) fn did(page: &Page, numbers: &Numbers, step: CrisisStep) -> String {
    let number = match step {
        CrisisStep::RangEmergency => &numbers.emergency,
        CrisisStep::RangPolice => &numbers.police,
        CrisisStep::RangDoctor => &numbers.doctor,
        _ => return page.words.get(step.key()),
    };
    page.words.with(step.key(), "number", number.as_str())
}

/// The panel as it is written into the page.
pub(crate) struct Panel {
    /// Whose panel it is: nobody else's sign-in in the same tab tells what this one noted.
    pub(crate) seat: ParticipantId,
    /// What was agreed; `None` when nothing is, or not with whoever reads.
    pub(crate) agreed: Option<AgreedHere>,
    /// Whom to ring.
    pub(crate) lines: Vec<LocalLine>,
    /// The line for children and young people, where the local child-welfare emergency service is not entered.
    pub(crate) child_line: Option<String>,
    /// What can be pressed when it is done: what a script sends, and the words.
    pub(crate) taps: Vec<(&'static str, String)>,
    /// What is called what notes itself.
    pub(crate) opened: String,
    /// What stands already.
    pub(crate) noted: Vec<NotedLine>,
    /// A time of day, and what is said when something is noted or taken back, with holes for the script.
    pub(crate) clock: String,
    pub(crate) said: String,
    pub(crate) unsaid: String,
}

/// What of their agreement is needed when it is urgent.
pub(crate) struct AgreedHere {
    pub(crate) adult: Option<AdultHere>,
    pub(crate) hard: Option<String>,
    /// The key of the words for how she is reached.
    pub(crate) reach: Option<&'static str>,
    pub(crate) answers: Option<String>,
}

/// The adult nearby.
pub(crate) struct AdultHere {
    pub(crate) name: String,
    pub(crate) may_be_rung: bool,
    /// The number as it is read.
    pub(crate) written: Option<String>,
    /// The number as it is dialled.
    pub(crate) dialled: Option<String>,
}

/// A step that stands.
pub(crate) struct NotedLine {
    pub(crate) id: CrisisStepId,
    pub(crate) kind: &'static str,
    pub(crate) words: String,
    pub(crate) at: Timestamp,
    pub(crate) is_own: bool,
}

impl AdultHere {
    /// The number as it is read and as it is dialled, when they may be rung.
    pub(crate) fn to_ring(&self) -> Option<(&str, &str)> {
        let numbers = self.written.as_deref().zip(self.dialled.as_deref());
        numbers.filter(|_| self.may_be_rung)
    }
}

impl AgreedHere {
    fn of(page: &Page, agreed: &OurAgreement) -> Self {
        let adult = agreed.adult.as_ref().map(|adult| AdultHere {
            name: adult.name.clone(),
            may_be_rung: adult.may_be_rung,
            written: adult.phone.as_ref().map(|phone| page.number(phone)),
            dialled: adult.phone.as_ref().map(|phone| page.dialled(phone)),
        });
        let reach = agreed.reach.map(|reach| match reach {
            Reach::Message => "crisis-reach-message",
            Reach::Call => "crisis-reach-call",
            Reach::Mail => "crisis-reach-mail",
            Reach::Adult => "crisis-reach-adult",
        });
        Self { adult, hard: agreed.hard.clone(), reach, answers: agreed.answers.clone() }
    }
}

impl Panel {
    /// The panel for whoever sits here; `None` for everybody who does not lead the hour.
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn of(
        ctx: &Ctx,
        page: &Page,
        seat: &Seat,
        agreed: Option<&OurAgreement>,
    ) -> Result<Option<Self>, WebError> {
        if !seat.role.is_host() {
            return Ok(None);
        }
        let steps = match ctx.state.db.crisis_steps_in(ctx.by()?, seat.session).await {
            Ok(steps) => steps,
            // Somebody who led this hour and does not any more.
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let help = Help::of(ctx).await?;
        let line = |one: store::NotedStep| NotedLine {
            id: one.id,
            kind: value_of(one.step),
            words: did(page, &help.numbers, one.step),
            at: one.done,
            is_own: one.by == seat.person,
        };
        let noted = steps.into_iter().map(line).collect();
        Ok(Some(Self { noted, ..Self::from_parts(page, seat.key.participant, agreed, help) }))
    }

    /// The panel of an hour in which nothing was noted yet.
    pub(crate) fn from_parts(
        page: &Page,
        seat: ParticipantId,
        agreed: Option<&OurAgreement>,
        help: Help,
    ) -> Self {
        let Help { numbers, urgent: lines, .. } = help;
        let has_child_welfare = lines.iter().any(|line| line.key == "admin-line-child-welfare");
        let deeds = CrisisStep::OFFERED.iter().filter(|(step, ..)| step.is_deed());
        let hole = |name: &str| format!("{{{name}}}").into();
        let with_holes = |key| page.words.with_all(key, [("what", hole("what")), ("time", hole("time"))]);
        Self {
            seat,
            agreed: agreed.map(|agreed| AgreedHere::of(page, agreed)),
            lines,
            child_line: (!has_child_welfare).then(|| numbers.child_line.clone()),
            taps: deeds.map(|(step, value, _)| (*value, did(page, &numbers, *step))).collect(),
            opened: did(page, &numbers, CrisisStep::Opened),
            noted: Vec::new(),
            clock: page.words.with_all("site-time", [("hour", hole("hour")), ("minute", hole("minute"))]),
            said: with_holes("crisis-noted"),
            unsaid: with_holes("crisis-undone"),
        }
    }
}

/// What a browser sends for a step.
fn value_of(step: CrisisStep) -> &'static str {
    CrisisStep::OFFERED.iter().find(|(one, ..)| *one == step).map_or("", |(_, value, _)| value)
}

/// `POST /meeting/{session}/crisis`: a step, or that it was taken back; the same step again is one. What somebody else noted
/// in this tab waits for them (409).
pub(crate) async fn note(
    ctx: Ctx,
    Path(session): Path<String>,
    fields: Fields,
) -> Result<StatusCode, WebError> {
    let session: SessionId = session.parse().map_err(|_| WebError::NotFound)?;
    let seat = ctx.seat(session).await?;
    if !seat.role.is_host() {
        return Err(WebError::NotFound);
    }
    let new = read(&fields).ok_or(WebError::BadRequest)?;
    if fields.one("seat") != seat.key.participant.to_string() {
        return Ok(StatusCode::CONFLICT);
    }
    Ok(match ctx.state.db.note_crisis_step(ctx.by()?, seat.session, new).await? {
        Noting::Stands => StatusCode::NO_CONTENT,
        Noting::Refused => StatusCode::UNPROCESSABLE_ENTITY,
    })
}

/// A step as the script tells it.
fn read(fields: &Fields) -> Option<NewCrisisStep> {
    let moment = |name| fields.one(name).parse().ok().map(Timestamp::from_millis);
    Some(NewCrisisStep {
        id: fields.one("id").parse().ok()?,
        step: CrisisStep::read(fields.one("kind"))?,
        told: Told { done: moment("done")?, said: moment("said")? },
        undone: fields.is_ticked("undone"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_name_and_words() {
        assert_eq!(CrisisStep::OFFERED.len(), CrisisStep::ALL.len());
        for step in CrisisStep::ALL {
            assert_eq!(CrisisStep::read(value_of(step)), Some(step));
            assert!(crate::i18n::exists(step.key()), "{}", step.key());
        }
    }

    #[test]
    fn a_step_is_read_whole_or_not_at_all() {
        let id = CrisisStepId::from_bytes([7; 16]).to_string();
        let whole =
            [("id", id.as_str()), ("kind", "rang-adult"), ("done", "1000"), ("said", "2500"), ("undone", "")];
        let read_back = read(&Fields::of(&whole)).expect("whole");
        assert_eq!((read_back.step, read_back.undone), (CrisisStep::RangAdult, false));
        assert_eq!(read_back.told.said.since(read_back.told.done).as_millis(), 1_500);
        for without in ["id", "kind", "done", "said"] {
            let some: Vec<_> = whole.iter().filter(|(name, _)| *name != without).copied().collect();
            assert!(read(&Fields::of(&some)).is_none(), "without {without}");
        }
        let undone = [&whole[..4], &[("undone", "yes")]].concat();
        assert!(read(&Fields::of(&undone)).expect("whole").undone);
    }
}
