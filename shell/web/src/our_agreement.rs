//! *Our agreement*, made together by a young person and her clinician, and what stands before a first hour on the
//! screen (CARE-01, CARE-02, CARE-03, CARE-08).

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::our_agreement::{
    Adult, Gone, NotAgreed, OurAgreement, Part, Reach, Signal, Step, Then, WAITS, Written as Typed,
};
use domain::readiness::{Point, REASON_CHARS_MAX, Readiness, Standing};
use ids::{PersonId, Personal};
use store::{Agreed, Answer, Written};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::people::one::hers;
use crate::plan::Choice;

impl Choice for Reach {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Message, "message", "agreement-reach-message"),
        (Self::Call, "call", "agreement-reach-call"),
        (Self::Mail, "mail", "agreement-reach-mail"),
        (Self::Adult, "adult", "agreement-reach-adult"),
    ];
}

impl Choice for Then {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::NextTime, "next-time", "agreement-then-next-time"),
        (Self::Message, "message", "agreement-then-message"),
        (Self::Call, "call", "agreement-then-call"),
        (Self::CallAdult, "call-adult", "agreement-then-call-adult"),
    ];
}

impl Choice for Signal {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Hand, "hand", "agreement-signal-hand"),
        (Self::Heart, "heart", "agreement-signal-heart"),
        (Self::Thumb, "thumb", "agreement-signal-thumb"),
    ];
}

impl Choice for Point {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::MetInPerson, "met", "agreement-point-met"),
        (Self::Consent, "consent", "agreement-point-consent"),
        (Self::Shown, "shown", "agreement-point-shown"),
        (Self::Safety, "safety", "agreement-point-safety"),
        (Self::Agreement, "agreement", "agreement-point-agreement"),
    ];
}

/// The name of a way of being gone in a form, and the key of its words.
pub(crate) const fn gone_words(gone: Gone) -> (&'static str, &'static str) {
    match gone {
        Gone::LineLost => ("lost", "agreement-gone-lost"),
        Gone::SomeoneCameIn => ("came-in", "agreement-gone-came-in"),
        Gone::ClosedFast => ("fast", "agreement-gone-fast"),
    }
}

/// The page of their agreement.
#[derive(Template)]
#[template(path = "our_agreement/index.html")]
pub(crate) struct OurPage {
    pub(crate) page: Page,
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) written: Option<String>,
    pub(crate) points: Vec<PointLine>,
    /// What could not be saved: the id of the field, the key of the words.
    pub(crate) problem: Option<(String, &'static str)>,
}

/// Their agreement as a form: as it stands, or as it was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    pub(crate) seen: u32,
    pub(crate) reach: String,
    pub(crate) answers: String,
    pub(crate) steps: Vec<StepForm>,
    pub(crate) hard: String,
    pub(crate) has_adult: bool,
    pub(crate) adult_name: String,
    pub(crate) adult_phone: String,
    pub(crate) adult_may: bool,
    pub(crate) adult_look_in: bool,
    pub(crate) signal: String,
    pub(crate) signal_meaning: String,
    pub(crate) sign: String,
    pub(crate) devices_met: bool,
}

/// What is done when she is gone in one way, as a form.
#[derive(Debug, Clone)]
pub(crate) struct StepForm {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    pub(crate) wait: String,
    pub(crate) then: String,
}

/// One point of readiness.
#[derive(Debug, Clone)]
pub(crate) struct PointLine {
    pub(crate) value: &'static str,
    pub(crate) key: &'static str,
    pub(crate) standing: Standing,
    /// On which day it was settled or opened.
    pub(crate) day: String,
    pub(crate) by_hand: bool,
}

impl PointLine {
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self.standing, Standing::Settled(_))
    }

    /// The id of the field for a reason.
    pub(crate) fn reason_id(&self) -> String {
        format!("reason-{}", self.value)
    }

    pub(crate) fn is_opened(&self) -> bool {
        matches!(self.standing, Standing::Opened(_))
    }
}

impl OurPage {
    pub(crate) fn reaches(&self) -> &'static [(Reach, &'static str, &'static str)] {
        Reach::OFFERED
    }

    pub(crate) fn thens(&self) -> &'static [(Then, &'static str, &'static str)] {
        Then::OFFERED
    }

    pub(crate) fn signals(&self) -> &'static [(Signal, &'static str, &'static str)] {
        Signal::OFFERED
    }

    pub(crate) fn waits(&self) -> [String; WAITS.len()] {
        WAITS.map(|minutes| minutes.to_string())
    }

    pub(crate) fn is_about(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|(about, _)| about == field)
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.points.iter().all(|point| point.standing.is_answered())
    }
}

impl Form {
    /// As it stands.
    pub(crate) fn stored(seen: u32, page: &OurAgreement) -> Self {
        let word = |word: Option<&'static str>| word.unwrap_or_default().to_owned();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let step = |gone| {
            let ((name, key), step) = (gone_words(gone), page.step(gone));
            let wait = step.map(|step| step.wait_minutes.to_string()).unwrap_or_default();
            StepForm { name, key, wait, then: word(step.map(|step| value(step.then))) }
        };
        let adult = page.adult.as_ref();
        Self {
            seen,
            reach: word(page.reach.map(value)),
            answers: text(&page.answers),
            steps: Gone::ALL.map(step).into(),
            hard: text(&page.hard),
            has_adult: adult.is_some(),
            adult_name: adult.map(|adult| adult.name.clone()).unwrap_or_default(),
            adult_phone: adult.and_then(|adult| adult.phone.clone()).unwrap_or_default(),
            adult_may: adult.is_some_and(|adult| adult.may_be_rung),
            adult_look_in: adult.is_some_and(|adult| adult.may_look_in),
            signal: word(page.signal.map(value)),
            signal_meaning: text(&page.signal_meaning),
            sign: text(&page.sign),
            devices_met: page.devices_met,
        }
    }

    /// As it was sent.
    pub(crate) fn sent(fields: &Fields) -> Self {
        let text = |name: &str| fields.one(name).to_owned();
        let step = |gone| {
            let (name, key) = gone_words(gone);
            let (wait, then) = (text(&format!("{name}-wait")), text(&format!("{name}-then")));
            StepForm { name, key, wait, then }
        };
        Self {
            seen: fields.one("seen").parse().unwrap_or_default(),
            reach: text("reach"),
            answers: text("answers"),
            steps: Gone::ALL.map(step).into(),
            hard: text("hard"),
            has_adult: fields.is_ticked("has-adult"),
            adult_name: text("adult-name"),
            adult_phone: text("adult-phone"),
            adult_may: fields.is_ticked("adult-may"),
            adult_look_in: fields.is_ticked("adult-look-in"),
            signal: text("signal"),
            signal_meaning: text("signal-meaning"),
            sign: text("sign"),
            devices_met: fields.is_ticked("devices-met"),
        }
    }

    /// What it says.
    fn read(&self) -> Result<OurAgreement, NotAgreed> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut choices = OurAgreement {
            reach: Reach::read(&self.reach),
            answers: some(&self.answers),
            hard: some(&self.hard),
            signal: Signal::read(&self.signal),
            signal_meaning: some(&self.signal_meaning),
            sign: some(&self.sign),
            devices_met: self.devices_met,
            adult: Some(Adult {
                name: self.adult_name.clone(),
                phone: some(&self.adult_phone),
                may_be_rung: self.adult_may,
                may_look_in: self.adult_look_in,
            }),
            ..OurAgreement::default()
        };
        for (gone, form) in Gone::ALL.into_iter().zip(&self.steps) {
            let Some(then) = Then::read(&form.then) else { continue };
            let wait_minutes = form.wait.parse().map_err(|_| NotAgreed::Wait(gone))?;
            let step = Some(Step { wait_minutes, then });
            match gone {
                Gone::LineLost => choices.line_lost = step,
                Gone::SomeoneCameIn => choices.someone_came_in = step,
                Gone::ClosedFast => choices.closed_fast = step,
            }
        }
        OurAgreement::read(Typed { choices, has_adult: self.has_adult })
    }
}

/// What a browser sends for a choice.
pub(crate) fn value<T: Choice>(choice: T) -> &'static str {
    T::OFFERED.iter().find(|(one, ..)| *one == choice).map_or("", |(_, value, _)| value)
}

/// The field that something is wrong with, and the key of the words.
fn problem_of(why: NotAgreed) -> (String, &'static str) {
    let field = |part| match part {
        Part::Reach => "answers".to_owned(),
        Part::Gone(gone) => gone_words(gone).0.to_owned(),
        Part::Hard => "hard".to_owned(),
        Part::Adult => "adult-name".to_owned(),
        Part::Signal => "signal-meaning".to_owned(),
        Part::Sign => "sign".to_owned(),
    };
    match why {
        NotAgreed::LineTooLong(part) => (field(part), "agreement-not-line"),
        NotAgreed::SignTooLong => (field(Part::Sign), "agreement-not-sign"),
        NotAgreed::AdultName => (field(Part::Adult), "agreement-not-adult-name"),
        NotAgreed::AdultPhone => ("adult-phone".to_owned(), "agreement-not-adult-phone"),
        NotAgreed::AdultNotAsked => ("adult-look-in".to_owned(), "agreement-not-look-in"),
        NotAgreed::AdultNotToBeRung(Part::Gone(gone)) => {
            (field(Part::Gone(gone)), "agreement-not-adult-rung")
        }
        NotAgreed::AdultNotToBeRung(_) => ("reach".to_owned(), "agreement-not-adult-rung"),
        NotAgreed::Wait(gone) => (field(Part::Gone(gone)), "agreement-not-wait"),
    }
}

/// `GET /people/{id}/agreement`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let id = hers(&ctx, &id).await?;
    let agreed = ctx.state.db.our_agreement(ctx.by()?, id).await?;
    Ok(Html(page(&ctx, id, &agreed, None).render()?))
}

/// `POST /people/{id}/agreement`; pressed twice it is saved once.
pub(crate) async fn save(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let form = Form::sent(&fields);
    let problem = match form.read() {
        Ok(page) => match ctx.state.db.write_our_agreement(ctx.by()?, id, form.seen, &page).await? {
            Written::Stands => return Ok(back(id).into_response()),
            Written::ChangedMeanwhile => ("save".to_owned(), "agreement-not-changed"),
        },
        Err(why) => problem_of(why),
    };
    again(&ctx, id, Some(form), problem).await
}

/// `POST /people/{id}/ready`: one point is ticked, opened with a reason, or taken back.
pub(crate) async fn ready(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let point = Point::read(fields.one("point")).ok_or(WebError::BadRequest)?;
    let answer = match fields.one("do") {
        "tick" => Answer::Tick,
        "back" => Answer::TakeBack,
        "open" => match reason(fields.one("reason")) {
            Some(reason) => Answer::Open(Personal::new(reason)),
            None => {
                let field = format!("reason-{}", value(point));
                return again(&ctx, id, None, (field, "agreement-not-reason")).await;
            }
        },
        _ => return Err(WebError::BadRequest),
    };
    ctx.state.db.answer_point(ctx.by()?, id, point, &answer).await?;
    Ok(back(id).into_response())
}

/// A reason as it is kept: one line, not empty, not longer than it may be.
fn reason(written: &str) -> Option<String> {
    domain::helplines::plain(written, REASON_CHARS_MAX).ok().flatten()
}

fn back(id: PersonId) -> Redirect {
    Redirect::to(&format!("/people/{id}/agreement"))
}

async fn again(
    ctx: &Ctx,
    id: PersonId,
    form: Option<Form>,
    problem: (String, &'static str),
) -> Result<Response, WebError> {
    let agreed = ctx.state.db.our_agreement(ctx.by()?, id).await?;
    let mut page = page(ctx, id, &agreed, Some(problem));
    if let Some(form) = form {
        // Whoever presses again has seen that somebody else wrote, and writes over it.
        page.form = Form { seen: agreed.revision, ..form };
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

fn page(ctx: &Ctx, id: PersonId, agreed: &Agreed, problem: Option<(String, &'static str)>) -> OurPage {
    let page = Page::new(ctx);
    let written = agreed.written.map(|at| page.words.with_all("agreement-saved", page.moment(at)));
    let points = points(&page, &agreed.readiness);
    let name = agreed.name.given.reveal().clone();
    OurPage { page, id, name, form: Form::stored(agreed.revision, &agreed.page), written, points, problem }
}

/// Every point of readiness as a line.
pub(crate) fn points(page: &Page, readiness: &Readiness) -> Vec<PointLine> {
    let line = |&(point, value, key): &(Point, &'static str, &'static str)| {
        let standing = readiness.of(point);
        let day = match standing {
            Standing::Open => String::new(),
            Standing::Settled(at) | Standing::Opened(at) => page.long_day(at),
        };
        PointLine { value, key, standing, day, by_hand: point.is_ticked_by_hand() }
    };
    Point::OFFERED.iter().map(line).collect()
}
