//! How people are told of an hour, as a form asks for it: in which words, with a link or without, under which sign.
//!
//! The words are shown as they will be read, so that whoever books knows what she sends.

use domain::helplines::turns_direction;
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
    /// Whether somebody's address is protected: then a link is chosen by who knows that (SEC-095).
    pub(crate) is_protected: bool,
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
        Self { wording: Some(Wording::Warm), with_link: true, is_protected: false, sign: String::new() }
    }
}

impl Told {
    /// As last time.
    pub(crate) fn of(last: Option<Manner>) -> Self {
        let Some(Manner { sign, notice }) = last else { return Self::default() };
        Self {
            wording: notice.map(|notice| notice.wording),
            with_link: notice.is_none_or(|notice| notice.with_link),
            is_protected: false,
            sign: sign.map(Personal::into_revealed).unwrap_or_default(),
        }
    }

    /// Signed with what the two agreed on, which outranks the last time.
    pub(crate) fn signed(self, agreed: Option<Personal<String>>) -> Self {
        Self { sign: agreed.map_or(self.sign, Personal::into_revealed), ..self }
    }

    /// Without a link when the address is protected: that is chosen anew for each hour (SEC-073).
    pub(crate) fn for_whom(self, protection: Protection) -> Self {
        let carries = Protection::may_carry([protection], Carries::NOTHING);
        Self { with_link: self.with_link && carries.link, is_protected: protection.is_graded(), ..self }
    }

    /// As it stands for an hour; where nothing was chosen and somebody's address is protected, without a link.
    pub(crate) fn of_hour(notice: Option<Notice>, is_protected: bool) -> Self {
        let told = Self::of(Some(Manner { sign: None, notice }));
        let with_link = told.with_link && (notice.is_some() || !is_protected);
        Self { with_link, is_protected, ..told }
    }

    /// What a browser sends for *with a link*. With a protected address it is another word: a form from before the
    /// grading chooses no link.
    pub(crate) const fn link_value(&self) -> &'static str {
        if self.is_protected { WITH_LINK_ALTHOUGH } else { WITH_LINK }
    }

    /// What was sent, about people whose address is protected or not. `None` when the sign is too long; it is kept in
    /// [`Told::kept`].
    pub(crate) fn read(fields: &Fields, is_protected: bool) -> Option<Self> {
        let told = Self::kept(fields, is_protected);
        (told.sign.chars().count() <= SIGN_LETTERS_MAX).then_some(told)
    }

    /// What was sent, whatever it is, to show it again.
    pub(crate) fn kept(fields: &Fields, is_protected: bool) -> Self {
        let words = fields.one("words");
        let wording = Wording::ALL.into_iter().find(|wording| value(*wording) == words);
        let wording = wording.or_else(|| (words != NOT_BY_MESSAGE).then_some(Wording::Warm));
        let with_link = match fields.one("link") {
            WITHOUT_LINK => false,
            WITH_LINK_ALTHOUGH => true,
            _ => !is_protected,
        };
        Self { wording, with_link, is_protected, sign: one_line(fields.one("sign")) }
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

/// What a browser sends for a link, for one although somebody's address is protected, and for none.
const WITH_LINK: &str = "yes";
const WITH_LINK_ALTHOUGH: &str = "yes-although";
const WITHOUT_LINK: &str = "no";
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
    text.split(|letter: char| letter.is_control() || letter.is_whitespace() || turns_direction(letter))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_says_is_read_back() {
        let sent = Fields::of(&[("words", "bare"), ("link", "no"), ("sign", " Blå \t fugl ")]);
        let told = Told::read(&sent, false);
        let (wording, sign) = (Some(Wording::Bare), "Blå fugl".to_owned());
        let wanted = Told { wording, with_link: false, is_protected: false, sign };
        assert_eq!(told, Some(wanted));
        let none = Told::read(&Fields::of(&[("words", "none"), ("link", "yes")]), false).expect("readable");
        assert_eq!((none.notice(), none.sign()), (None, None));
        assert_eq!(
            Told::read(&Fields::default(), false),
            Some(Told::default()),
            "a form from before has the usual"
        );
        let turned =
            Told::read(&Fields::of(&[("sign", "Blå\u{202e} fugl\u{2066}")]), false).expect("readable");
        assert_eq!(turned.sign, "Blå fugl", "what comes after it, the link too, is written as it is meant");
        let long = "a".repeat(SIGN_LETTERS_MAX + 1);
        assert_eq!(Told::read(&Fields::of(&[("sign", &long)]), false), None);
        assert_eq!(Told::kept(&Fields::of(&[("sign", &long)]), false).sign, long, "nothing is lost");
    }

    /// SEC-095: a link goes to a protected address only when whoever chose it was told of the protection.
    #[test]
    fn sec_095_a_form_from_before_the_grading_chooses_no_link() {
        let with_link = |value, is_protected| {
            Told::read(&Fields::of(&[("link", value)]), is_protected).expect("readable").with_link
        };
        for (value, open, graded) in
            [("yes", true, false), ("", true, false), ("no", false, false), ("yes-although", true, true)]
        {
            assert_eq!((with_link(value, false), with_link(value, true)), (open, graded), "{value}");
        }
        for protection in Protection::ALL {
            let offered = Told::default().for_whom(protection);
            assert!(with_link(offered.link_value(), protection.is_graded()), "what is offered can be chosen");
        }
        let chosen = Some(Notice { wording: Wording::Plain, with_link: true });
        assert!(Told::of_hour(chosen, true).with_link, "it was chosen for this very hour");
        assert!(!Told::of_hour(None, true).with_link && Told::of_hour(None, false).with_link);
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
