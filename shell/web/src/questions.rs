//! The three questions after an hour: the form on her page, what her clinician is shown of it beside the own view, and
//! the switches by which a clinician chooses that she is not asked.
//!
//! Words, never scores. Nobody is chosen for her to tell: without her choice nothing is sent.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::questions::{Answer, Answers, Counted, Felt, Month, NextTime, Question, Readers};
use ids::Personal;
use store::{AskedIn, Asking, Sent, ToldThen};

use crate::aftercare;
use crate::appointment::own;
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::people::one::hers;
use crate::plan::Choice;

impl Choice for Felt {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Yes, "yes", "questions-felt-yes"),
        (Self::Partly, "partly", "questions-felt-partly"),
        (Self::No, "no", "questions-felt-no"),
    ];
}

impl Choice for NextTime {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Screen, "screen", "questions-next-screen"),
        (Self::Phone, "phone", "questions-next-phone"),
        (Self::InPerson, "meet", "questions-next-meet"),
        (Self::Same, "same", "questions-next-same"),
    ];
}

/// What a browser sends for each of those who may see the answers.
const CLINICIAN: &str = "clinician";
const STATISTICS: &str = "statistics";

/// What her page shows of the questions.
pub(crate) enum Shown {
    /// The form.
    Form(Form),
    /// Whom she told, and what.
    Told {
        /// The clinician's first name.
        to: String,
        /// Questions and answers, as keys.
        lines: Vec<(&'static str, &'static str)>,
    },
    /// A sentence, by its key.
    Said(&'static str),
}

/// The form, as it stands or as it was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    /// The first name of the clinician whom she may tell.
    pub(crate) to: Option<String>,
    pub(crate) chosen: Answers,
    pub(crate) readers: Option<Readers>,
    /// It was sent without a choice of who sees it.
    pub(crate) is_refused: bool,
}

/// One question of the form.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    /// Value, key of the words, whether it is chosen.
    pub(crate) answers: Vec<(&'static str, &'static str, bool)>,
    pub(crate) is_unanswered: bool,
}

const fn question_words(question: Question) -> (&'static str, &'static str) {
    match question {
        Question::GotSaid => ("got-said", "questions-got-said"),
        Question::Understood => ("understood", "questions-understood"),
        Question::NextTime => ("next-time", "questions-next-time"),
    }
}

/// The key of an answer's words.
fn answer_key(answer: Answer) -> &'static str {
    match answer {
        Answer::GotSaid(felt) | Answer::Understood(felt) => felt.key(),
        Answer::NextTime(next) => next.key(),
    }
}

fn offered<T: Choice>(chosen: Option<T>) -> Vec<(&'static str, &'static str, bool)> {
    T::OFFERED.iter().map(|(one, value, key)| (*value, *key, chosen == Some(*one))).collect()
}

impl Form {
    /// As it was sent.
    fn sent(fields: &Fields) -> Self {
        Self {
            to: None,
            chosen: Answers {
                got_said: Felt::read(fields.one("got-said")),
                understood: Felt::read(fields.one("understood")),
                next_time: NextTime::read(fields.one("next-time")),
            },
            readers: match fields.one("readers") {
                CLINICIAN => Some(Readers::Clinician),
                STATISTICS => Some(Readers::Statistics),
                _ => None,
            },
            is_refused: false,
        }
    }

    /// The questions in their order.
    pub(crate) fn questions(&self) -> Vec<Asked> {
        let asked = |question| {
            let (name, key) = question_words(question);
            let answers = match question {
                Question::GotSaid => offered(self.chosen.got_said),
                Question::Understood => offered(self.chosen.understood),
                Question::NextTime => offered(self.chosen.next_time),
            };
            let is_unanswered = !answers.iter().any(|(.., chosen)| *chosen);
            Asked { name, key, answers, is_unanswered }
        };
        Question::ALL.map(asked).into()
    }

    pub(crate) fn is_for_clinician(&self) -> bool {
        self.readers == Some(Readers::Clinician)
    }

    pub(crate) fn is_for_statistics(&self) -> bool {
        self.readers == Some(Readers::Statistics)
    }
}

impl Shown {
    /// What there is to show; `None`: she is not asked.
    pub(crate) fn of(asking: Asking) -> Option<Self> {
        match asking {
            Asking::No | Asking::New => None,
            Asking::Open { to } => {
                let to = to.map(Personal::into_revealed);
                Some(Self::Form(Form { to, ..Form::default() }))
            }
            Asking::Settled => Some(Self::Said("questions-settled")),
            Asking::TakenBack => Some(Self::Said("questions-taken-back")),
            Asking::Told { to, answers } => {
                let line = |answer: Answer| (question_words(answer.question()).1, answer_key(answer));
                let lines = answers.each().map(line).collect();
                Some(Self::Told { to: to.into_revealed(), lines })
            }
        }
    }
}

/// How she is asked after the hour that this browser comes from; the first time it is written down that she is. Where that
/// cannot be, she is not: the page with its numbers comes first.
pub(crate) async fn asking(ctx: &Ctx, found: Asking) -> Result<Asking, WebError> {
    if !matches!(found, Asking::New) {
        return Ok(found);
    }
    let (browser, zone) = (ctx.signed_in()?.sign_in.id, &ctx.state.settings.time_zone);
    match ctx.state.db.offer_questions(ctx.by()?, browser, zone).await {
        Ok(asking) => Ok(asking),
        Err(error) => {
            tracing::error!(%error, "nobody could be asked");
            Ok(Asking::No)
        }
    }
}

/// `POST /goodbye/questions`: sent once, however often it is pressed. Without a choice of who sees it nothing is kept, and
/// what was chosen comes back.
pub(crate) async fn send(ctx: Ctx, fields: Fields) -> Result<Response, WebError> {
    let browser = ctx.signed_in()?.sign_in.id;
    let form = Form::sent(&fields);
    let sent = match (form.chosen.is_empty(), form.readers) {
        (true, _) => Sent::Nothing,
        (false, Some(Readers::Clinician)) => Sent::ToClinician(form.chosen),
        (false, Some(Readers::Statistics)) => {
            Sent::Counted(form.chosen, Month::of(ctx.now, &ctx.state.settings.time_zone))
        }
        (false, None) => {
            let html = aftercare::refused(&ctx, Form { is_refused: true, ..form }).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response());
        }
    };
    ctx.state.db.answer_questions(ctx.by()?, browser, sent).await?;
    ctx.leave_form("/goodbye#questions").await
}

/// `POST /goodbye/questions/back`.
pub(crate) async fn take_back(ctx: Ctx) -> Result<Redirect, WebError> {
    let browser = ctx.signed_in()?.sign_in.id;
    ctx.state.db.take_back_answers(ctx.by()?, browser).await?;
    Ok(Redirect::to("/goodbye#questions"))
}

/// `POST /people/{id}/questions`: whether she is asked after her hours.
pub(crate) async fn switch(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Redirect, WebError> {
    let id = hers(&ctx, &id).await?;
    ctx.state.db.ask_after_hours(ctx.by()?, id, asks(&fields)?).await?;
    Ok(Redirect::to(&format!("/people/{id}")))
}

/// `POST /appointment/{id}/questions`: whether she is asked after this hour.
pub(crate) async fn switch_hour(
    ctx: Ctx,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Redirect, WebError> {
    let hour = own(&ctx, &id).await?.appointment.id;
    ctx.state.db.ask_after_hour(ctx.by()?, hour, asks(&fields)?).await?;
    Ok(Redirect::to(&format!("/appointment/{hour}")))
}

fn asks(fields: &Fields) -> Result<bool, WebError> {
    match fields.one("do") {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(WebError::BadRequest),
    }
}

/// What an hour's own page says of the questions after it: the key of the sentence, and of the button with its value if
/// it can be chosen there.
pub(crate) const fn of_hour(asked: AskedIn) -> (&'static str, Option<(&'static str, &'static str)>) {
    match asked {
        AskedIn { person_off: true, .. } => ("questions-hour-person-off", None),
        AskedIn { hour_off: true, .. } => ("questions-hour-off", Some(("on", "questions-hour-turn-on"))),
        AskedIn { .. } => ("questions-hour-on", Some(("off", "questions-hour-turn-off"))),
    }
}

/// One hour after which she told her clinician something, beside the clinician's own view: two things, never one number.
pub(crate) struct ToldLine {
    pub(crate) day: String,
    /// What it is about and what was answered, as keys; what she did not answer is said as that.
    pub(crate) hers: [(&'static str, &'static str); 3],
    /// The key of the own view.
    pub(crate) own: &'static str,
}

impl ToldLine {
    pub(crate) fn of(page: &Page, told: &ToldThen) -> Self {
        let key = |key: Option<&'static str>| key.unwrap_or("questions-course-unanswered");
        let Answers { got_said, understood, next_time } = told.answers;
        Self {
            day: page.headed(page.long_day(told.starts)),
            hers: [
                ("questions-course-got-said", key(got_said.map(Felt::key))),
                ("questions-course-understood", key(understood.map(Felt::key))),
                ("questions-course-next-time", key(next_time.map(NextTime::key))),
            ],
            own: told.own.map_or("questions-course-own-none", Choice::key),
        }
    }
}

/// The numbers of one month and question.
pub(crate) struct CountedLine {
    pub(crate) month: String,
    pub(crate) question_key: &'static str,
    pub(crate) answers: Vec<String>,
}

/// Numbers that may be shown, by month and question.
pub(crate) fn counted_lines(page: &Page, counted: &[Counted]) -> Vec<CountedLine> {
    let mut lines: Vec<((Month, Question), CountedLine)> = Vec::new();
    let mut sorted = counted.to_vec();
    sorted.sort_by_key(|one| (core::cmp::Reverse(one.month), one.answer));
    for one in sorted {
        let at = (one.month, one.answer.question());
        let answer = page.words.get(answer_key(one.answer));
        let said = page.words.with_all(
            "questions-count-times",
            [("answer", answer.into()), ("times", one.times.to_string().into())],
        );
        match lines.last_mut() {
            Some((last, line)) if *last == at => line.answers.push(said),
            _ => {
                let month = page.words.get(format!("site-month-{}", one.month.month()));
                let arguments = [("month", month.into()), ("year", one.month.year().to_string().into())];
                let month = page.headed(page.words.with_all("questions-count-month", arguments));
                let question_key = question_words(at.1).1;
                lines.push((at, CountedLine { month, question_key, answers: vec![said] }));
            }
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_answer_is_offered_and_reads_back() {
        for answer in Answer::ALL {
            let (name, _) = question_words(answer.question());
            let value = match answer {
                Answer::GotSaid(felt) | Answer::Understood(felt) => {
                    Felt::OFFERED.iter().find(|(one, ..)| *one == felt).expect("offered").1
                }
                Answer::NextTime(next) => {
                    NextTime::OFFERED.iter().find(|(one, ..)| *one == next).expect("offered").1
                }
            };
            let form = Form::sent(&Fields::of(&[(name, value)]));
            assert_eq!(form.chosen.each().collect::<Vec<_>>(), [answer]);
            assert_eq!(form.readers, None, "nobody is chosen for her");
        }
        let silent = Form::sent(&Fields::of(&[("got-said", ""), ("readers", "everybody")]));
        assert!(silent.chosen.is_empty() && silent.readers.is_none());
    }

    #[test]
    fn numbers_stand_by_month_and_question_the_newest_first() {
        let month = |text| Month::parse(text).expect("a month");
        let count = |text, answer, times| Counted { month: month(text), answer, times };
        let lines = counted_lines(
            &Page::sample(Lang::Nb),
            &[
                count("2026-09", Answer::GotSaid(Felt::No), 5),
                count("2026-10", Answer::NextTime(NextTime::InPerson), 6),
                count("2026-10", Answer::GotSaid(Felt::Partly), 2),
                count("2026-10", Answer::GotSaid(Felt::Yes), 3),
            ],
        );
        let shown: Vec<_> = lines.iter().map(|line| (line.month.as_str(), line.answers.join(", "))).collect();
        let wanted =
            [("Oktober 2026", "Ja: 3, Litt: 2"), ("Oktober 2026", "Møtes: 6"), ("September 2026", "Nei: 5")];
        assert_eq!(shown, wanted.map(|(month, said)| (month, said.to_owned())));
    }
}
