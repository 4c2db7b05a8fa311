//! Whom to call and what the organisation says itself, as an administrator enters it (CARE-14, CARE-15, SEC-076).

use askama::Template;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::helplines::{Answers, HOURS_CHARS_MAX, Line, NotPlain, SENTENCE_CHARS_MAX, Sentence, plain};
use domain::people::Language;
use ids::OrganizationId;
use store::Helplines;

use crate::admin::{administered, refused};
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::i18n::Lang;
use crate::page::Page;
use crate::plan::Choice;
use crate::state::Settings;

impl Choice for Line {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::ChildLine, "child-line", "admin-line-child-line"),
        (Self::Doctor, "doctor", "admin-line-doctor"),
        (Self::Emergency, "emergency", "admin-line-emergency"),
        (Self::Police, "police", "admin-line-police"),
        (Self::ChildWelfare, "child-welfare", "admin-line-child-welfare"),
        (Self::Clinic, "clinic", "admin-line-clinic"),
        (Self::Duty, "duty", "admin-line-duty"),
        (Self::Support, "support", "admin-line-support"),
    ];
}

impl Choice for Sentence {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::OutOfHours, "out-of-hours", "admin-says-out-of-hours"),
        (Self::RequestsRead, "requests-read", "admin-says-requests-read"),
    ];
}

/// Whom to call.
#[derive(Template)]
#[template(path = "admin/helplines.html")]
pub(crate) struct HelplinesPage {
    pub(crate) page: Page,
    pub(crate) organization: OrganizationId,
    pub(crate) lines: Vec<LineRow>,
    pub(crate) says: Vec<SaysRow>,
    /// The id of the field, the key of the words.
    pub(crate) problem: Option<(String, &'static str)>,
}

/// One number with its hours, as typed.
pub(crate) struct LineRow {
    pub(crate) value: &'static str,
    pub(crate) key: &'static str,
    pub(crate) number: String,
    pub(crate) hours: String,
    /// What stands there when nothing is typed.
    pub(crate) default: Option<String>,
}

/// One sentence in one language, as typed.
pub(crate) struct SaysRow {
    pub(crate) field: String,
    pub(crate) key: &'static str,
    pub(crate) language: Lang,
    pub(crate) text: String,
}

impl HelplinesPage {
    pub(crate) fn is_about(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|(about, _)| about == field)
    }

    pub(crate) fn is_number(&self, value: &str) -> bool {
        self.is_about(&format!("{value}-number"))
    }

    pub(crate) fn is_hours(&self, value: &str) -> bool {
        self.is_about(&format!("{value}-hours"))
    }

    pub(crate) fn hours_max(&self) -> usize {
        HOURS_CHARS_MAX
    }

    pub(crate) fn text_max(&self) -> usize {
        SENTENCE_CHARS_MAX
    }
}

/// The name of the field of a sentence in a language.
fn field_of(value: &str, language: Language) -> String {
    format!("{value}-{}", language.tag())
}

/// `GET /admin/{organization}/helplines`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let id = administered(&ctx, &id).await?;
    let entered = ctx.state.db.helplines(id, ctx.now).await?;
    let typed = |line: Line| {
        entered
            .line(line)
            .cloned()
            .map_or_else(Default::default, |answers| (answers.number, answers.hours.unwrap_or_default()))
    };
    let said = |sentence: Sentence, language: Language| {
        let texts = entered.texts(sentence);
        texts.into_iter().find(|(one, _)| *one == language).map(|(_, text)| text).unwrap_or_default()
    };
    Ok(Html(form(&ctx, id, typed, said).render()?))
}

/// `POST /admin/{organization}/helplines/save`.
pub(crate) async fn save(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = administered(&ctx, &id).await?;
    match read(&fields) {
        Ok(new) => {
            ctx.state.db.set_helplines(ctx.by()?, id, &new).await?;
            Ok(Redirect::to(&format!("/admin/{id}/helplines")).into_response())
        }
        Err(problem) => {
            let text = |name: &str| fields.one(name).to_owned();
            let typed = |line: Line| {
                let value = value_of(line);
                (text(&format!("{value}-number")), text(&format!("{value}-hours")))
            };
            let said = |sentence: Sentence, language: Language| text(&field_of(value_of(sentence), language));
            refused(&HelplinesPage { problem: Some(problem), ..form(&ctx, id, typed, said) })
        }
    }
}

/// What a browser sends for a choice.
fn value_of<T: Choice>(one: T) -> &'static str {
    T::OFFERED.iter().find(|(offered, ..)| *offered == one).map_or("", |(_, value, _)| value)
}

/// Everything that was typed, understood; or the field that was not, and the key of the words.
fn read(fields: &Fields) -> Result<Helplines, (String, &'static str)> {
    let mut new = Helplines::default();
    for (line, value, _) in Line::OFFERED {
        let (number, hours) = (format!("{value}-number"), format!("{value}-hours"));
        match Answers::read(fields.one(&number), fields.one(&hours)) {
            Ok(Some(answers)) => new.lines.push((*line, answers)),
            Ok(None) => {}
            Err(NotPlain::Number) => return Err((number, "admin-not-number")),
            Err(NotPlain::Long) => return Err((hours, "admin-not-short")),
            Err(NotPlain::Marks) => return Err((hours, "admin-not-plain")),
        }
    }
    for (sentence, value, _) in Sentence::OFFERED {
        for language in Language::ALL {
            let field = field_of(value, language);
            match plain(fields.one(&field), SENTENCE_CHARS_MAX) {
                Ok(Some(text)) => new.sentences.push((*sentence, language, text)),
                Ok(None) => {}
                Err(NotPlain::Long) => return Err((field, "admin-not-short")),
                Err(NotPlain::Number | NotPlain::Marks) => return Err((field, "admin-not-plain")),
            }
        }
    }
    Ok(new)
}

/// The form with what is typed in it.
fn form(
    ctx: &Ctx,
    organization: OrganizationId,
    typed: impl Fn(Line) -> (String, String),
    said: impl Fn(Sentence, Language) -> String,
) -> HelplinesPage {
    let row = |(line, value, key): &(Line, &'static str, &'static str)| {
        let (number, hours) = typed(*line);
        LineRow { value, key, number, hours, default: default_of(*line, &ctx.state.settings) }
    };
    let mut says = Vec::new();
    for (sentence, value, key) in Sentence::OFFERED {
        for language in Language::ALL {
            let text = said(*sentence, language);
            let shown = Lang::from_tag(language.tag()).unwrap_or_default();
            says.push(SaysRow { field: field_of(value, language), key, language: shown, text });
        }
    }
    let lines = Line::OFFERED.iter().map(row).collect();
    HelplinesPage { page: Page::new(ctx), organization, lines, says, problem: None }
}

/// What the installation is set to.
fn default_of(line: Line, settings: &Settings) -> Option<String> {
    let numbers = &settings.numbers;
    match line {
        Line::ChildLine => Some(numbers.child_line.clone()),
        Line::Doctor => Some(numbers.doctor.clone()),
        Line::Emergency => Some(numbers.emergency.clone()),
        Line::Police => Some(numbers.police.clone()),
        Line::Support => settings.support.as_ref().map(|support| support.phone.clone()),
        Line::ChildWelfare | Line::Clinic | Line::Duty => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_and_sentence_has_a_field() {
        assert_eq!((Line::OFFERED.len(), Sentence::OFFERED.len()), (Line::ALL.len(), Sentence::ALL.len()));
        let fields: std::collections::BTreeSet<_> = Line::OFFERED.iter().map(|(_, value, _)| value).collect();
        assert_eq!(fields.len(), Line::ALL.len(), "each its own");
        let typed =
            [("doctor-number", "73 00 00 00"), ("doctor-hours", "kveld"), ("out-of-hours-nn", "Ring.")];
        let read = read(&Fields::of(&typed)).expect("understood");
        assert_eq!(read.line(Line::Doctor).expect("typed").hours.as_deref(), Some("kveld"));
        assert_eq!(read.texts(Sentence::OutOfHours), [(Language::Nynorsk, "Ring.".to_owned())]);
    }

    #[test]
    fn sec_076_what_is_no_plain_text_comes_back_with_its_field() {
        for (field, text, key) in [
            ("child-welfare-number", "ring oss", "admin-not-number"),
            ("out-of-hours-nb", "<a href=x>", "admin-not-plain"),
            ("requests-read-en", &"x".repeat(281), "admin-not-short"),
        ] {
            assert_eq!(read(&Fields::of(&[(field, text)])), Err((field.to_owned(), key)));
        }
        let long = "x".repeat(61);
        let hours = [("clinic-number", "113"), ("clinic-hours", long.as_str())];
        assert_eq!(read(&Fields::of(&hours)), Err(("clinic-hours".to_owned(), "admin-not-short")));
    }
}
