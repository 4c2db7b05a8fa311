//! Whom to call, as a page shows it: what the reader's organisation entered, else what the installation is set to
//! (CARE-14, CARE-15).

use domain::helplines::{Answers, Line, Sentence, spoken};
use domain::people::Language;
use store::{Helplines, Place};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::plan::Choice;
use crate::state::{LocalLine, Numbers, Support};

/// Whom to call and who helps with the technology, for the reader of this request.
pub(crate) struct Help {
    pub(crate) numbers: Numbers,
    /// Whom a clinician rings when it is urgent, in that order (CARE-14).
    pub(crate) urgent: Vec<LocalLine>,
    pub(crate) support: Option<Support>,
}

impl Help {
    /// What the reader is shown.
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn of(ctx: &Ctx) -> Result<Self, WebError> {
        let place = ctx.sign_in.as_ref().map_or(Place::Anybody, |one| Place::Of(one.organization));
        let entered = ctx.state.db.helplines_at(place, ctx.now).await?;
        let language = Language::from_tag(ctx.words.lang().code()).unwrap_or_default();
        Ok(Self::from_parts(
            &entered,
            &ctx.state.settings.numbers,
            ctx.state.settings.support.as_ref(),
            language,
        ))
    }

    pub(crate) fn from_parts(
        entered: &Helplines,
        numbers: &Numbers,
        support: Option<&Support>,
        language: Language,
    ) -> Self {
        let number = |line, default: &String| {
            entered.line(line).map_or_else(|| default.clone(), |answers| answers.number.clone())
        };
        let local = [(Line::ChildWelfare, "admin-line-child-welfare"), (Line::Clinic, "admin-line-clinic")];
        let local = local.into_iter().filter_map(|(line, key)| {
            let Answers { number, hours } = entered.line(line)?.clone();
            Some(LocalLine { key, number, hours })
        });
        let said = Sentence::ALL.into_iter();
        let said = said.filter_map(|one| spoken(&entered.texts(one), language).map(str::to_owned));
        let numbers = Numbers {
            child_line: number(Line::ChildLine, &numbers.child_line),
            doctor: number(Line::Doctor, &numbers.doctor),
            emergency: number(Line::Emergency, &numbers.emergency),
            police: number(Line::Police, &numbers.police),
            local: local.collect(),
            said: said.collect(),
        };
        let urgent = urgent(entered, &numbers);
        let own = entered.line(Line::Support).cloned();
        let own =
            own.map(|Answers { number, hours }| Support { phone: number, hours: hours.unwrap_or_default() });
        Self { numbers, urgent, support: own.or_else(|| support.cloned()) }
    }
}

/// Whom a clinician rings when it is urgent: those who always answer, then those whom the organisation has entered.
fn urgent(entered: &Helplines, numbers: &Numbers) -> Vec<LocalLine> {
    let lines = [
        (Line::Emergency, Some(&numbers.emergency)),
        (Line::Police, Some(&numbers.police)),
        (Line::Doctor, Some(&numbers.doctor)),
        (Line::ChildWelfare, None),
        (Line::Duty, None),
        (Line::Clinic, None),
    ];
    let line = |(line, number): (Line, Option<&String>)| {
        let (entered, key) = (entered.line(line), line.key());
        let number = entered.map(|answers| &answers.number).or(number)?.clone();
        Some(LocalLine { key, number, hours: entered.and_then(|answers| answers.hours.clone()) })
    };
    lines.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_organisation_entered_stands_before_what_the_installation_is_set_to() {
        let answers = |number: &str, hours: &str| Answers::read(number, hours).expect("good").expect("typed");
        let entered = Helplines {
            lines: vec![
                (Line::Doctor, answers("73 00 00 01", "")),
                (Line::ChildWelfare, answers("73 00 00 02", "hele døgnet")),
            ],
            sentences: vec![(Sentence::OutOfHours, Language::Bokmal, "Ring barnevernvakta.".to_owned())],
        };
        let set = Some(Support { phone: "73 00 00 09".to_owned(), hours: "8–15".to_owned() });
        let help = Help::from_parts(&entered, &Numbers::default(), set.as_ref(), Language::English);
        assert_eq!(
            (help.numbers.child_line.as_str(), help.numbers.doctor.as_str()),
            ("116 111", "73 00 00 01")
        );
        let local: Vec<_> =
            help.numbers.local.iter().map(|one| (one.number.as_str(), one.hours.as_deref())).collect();
        assert_eq!(local, [("73 00 00 02", Some("hele døgnet"))]);
        assert_eq!(help.numbers.said, ["Ring barnevernvakta."], "Bokmål stands in");
        assert_eq!(help.support.expect("the installation's").phone, "73 00 00 09");
        let urgent: Vec<_> = help.urgent.iter().map(|one| (one.key, one.number.as_str())).collect();
        let wanted = [
            ("admin-line-emergency", "113"),
            ("admin-line-police", "112"),
            ("admin-line-doctor", "73 00 00 01"),
            ("admin-line-child-welfare", "73 00 00 02"),
        ];
        assert_eq!(urgent, wanted, "CARE-14");
        assert_eq!(help.urgent[3].hours.as_deref(), Some("hele døgnet"));
    }
}
