//! How people are told of an hour, as a form asks for it: in which words, with a link or without, under which sign.
//!
//! The words are shown as they will be read, so that whoever books knows what she sends.

use domain::message::{Notice, Wording};
use domain::protection::{Carries, Protection};
use ids::Personal;
use store::Manner;

use crate::form::Fields;
use crate::page::Page;

/// Letters of a recognition sign; a text message has little room.
pub(crate) const SIGN_LETTERS_MAX: usize = 24;

/// The choice as it stands in the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// In which words; `None`: not by message.
    pub(crate) wording: Option<Wording>,
    /// With a link.
    pub(crate) with_link: bool,
    /// The recognition sign.
    pub(crate) sign: String,
}

/// One way to say it.
pub(crate) struct Sample {
    pub(crate) value: &'static str,
    pub(crate) text: String,
    pub(crate) chosen: bool,
}

impl Default for Told {
    /// As one greets somebody one knows, with a link.
    fn default() -> Self {
        Self { wording: Some(Wording::Warm), with_link: true, sign: String::new() }
    }
}

impl Told {
    /// As last time.
    pub(crate) fn of(last: Option<Manner>) -> Self {
        let Some(Manner { sign, notice }) = last else { return Self::default() };
        Self {
            wording: notice.map(|notice| notice.wording),
            with_link: notice.is_none_or(|notice| notice.with_link),
            sign: sign.map(Personal::into_revealed).unwrap_or_default(),
        }
    }

    /// Without a link when the address is protected: that is chosen anew for each hour (SEC-073).
    pub(crate) fn for_whom(self, protection: Protection) -> Self {
        let usual = self.with_link;
        let carries = Protection::may_carry([protection], Carries::NOTHING);
        Self { with_link: usual && carries.link, ..self }
    }

    /// What was sent. `None` when the sign is too long; it is kept in [`Told::kept`].
    pub(crate) fn read(fields: &Fields) -> Option<Self> {
        let told = Self::kept(fields);
        (told.sign.chars().count() <= SIGN_LETTERS_MAX).then_some(told)
    }

    /// What was sent, whatever it is, to show it again.
    pub(crate) fn kept(fields: &Fields) -> Self {
        let words = fields.one("words");
        let wording = Wording::ALL.into_iter().find(|wording| value(*wording) == words);
        let wording = wording.or_else(|| (words != NOT_BY_MESSAGE).then_some(Wording::Warm));
        Self { wording, with_link: fields.one("link") != "no", sign: one_line(fields.one("sign")) }
    }

    /// For the records.
    pub(crate) fn notice(&self) -> Option<Notice> {
        self.wording.map(|wording| Notice { wording, with_link: self.with_link })
    }

    /// For the records.
    pub(crate) fn sign(&self) -> Option<Personal<String>> {
        (!self.sign.is_empty()).then(|| Personal::new(self.sign.clone()))
    }

    /// Every way to say it, in the reader's language.
    pub(crate) fn samples(&self, page: &Page) -> Vec<Sample> {
        let when = page.words.get("notice-when");
        let text = |wording| {
            page.words.with(&format!("message-invitation-{}", value(wording)), "when", when.as_str())
        };
        let mut samples: Vec<Sample> = Wording::ALL
            .into_iter()
            .map(|wording| Sample {
                value: value(wording),
                text: format!("«{}»", text(wording)),
                chosen: self.wording == Some(wording),
            })
            .collect();
        let text = page.words.get("notice-none");
        samples.push(Sample { value: NOT_BY_MESSAGE, text, chosen: self.wording.is_none() });
        samples
    }
}

/// What a browser sends when nobody is to be told by message.
const NOT_BY_MESSAGE: &str = "none";

const fn value(wording: Wording) -> &'static str {
    match wording {
        Wording::Warm => "warm",
        Wording::Plain => "plain",
        Wording::Bare => "bare",
    }
}

/// Without what a header or a telephone could trip over.
fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_control() || letter.is_whitespace())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_says_is_read_back() {
        let told = Told::read(&Fields::of(&[("words", "bare"), ("link", "no"), ("sign", " Blå \t fugl ")]));
        let wanted = Told { wording: Some(Wording::Bare), with_link: false, sign: "Blå fugl".to_owned() };
        assert_eq!(told, Some(wanted));
        let none = Told::read(&Fields::of(&[("words", "none"), ("link", "yes")])).expect("readable");
        assert_eq!((none.notice(), none.sign()), (None, None));
        assert_eq!(Told::read(&Fields::default()), Some(Told::default()), "a form from before has the usual");
        let long = "a".repeat(SIGN_LETTERS_MAX + 1);
        assert_eq!(Told::read(&Fields::of(&[("sign", &long)])), None);
        assert_eq!(Told::kept(&Fields::of(&[("sign", &long)])).sign, long, "nothing is lost");
    }

    #[test]
    fn as_last_time() {
        let last = Manner {
            sign: Some(Personal::new("Grønn båt".to_owned())),
            notice: Some(Notice { wording: Wording::Plain, with_link: false }),
        };
        let told = Told::of(Some(last));
        assert_eq!(
            (told.wording, told.with_link, told.sign.as_str()),
            (Some(Wording::Plain), false, "Grønn båt")
        );
        assert_eq!(Told::of(None), Told::default());
        for protection in Protection::ALL {
            let told = Told::default().for_whom(protection);
            assert_eq!(told.with_link, !protection.is_graded(), "SEC-073: {protection:?}");
        }
        assert_eq!(Told::of(Some(Manner::default())).wording, None, "she chose not to");
    }
}
