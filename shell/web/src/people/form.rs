//! The fields by which somebody is entered or changed, as they were typed and as they are understood.
//!
//! What cannot be understood comes back as it was typed, with the field that it is about (nothing is lost).

use domain::helplines::plain;
use domain::message::{Channel, Contact, MailAddress, PhoneNumber};
use domain::people::Language;
use ids::{NAME_CHARS_MAX, PersonId, Personal};
use store::{Name, NewStaff};

use crate::form::Fields;
use crate::i18n::Lang;

/// What stands in the way, by the field that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The name of the field.
    pub(crate) field: &'static str,
    /// The key of the words.
    pub(crate) key: &'static str,
}

/// How messages are to reach somebody, as a form offers it: value and key of the words.
const WAYS: [(&str, &str); 3] =
    [("sms", "people-way-sms"), ("mail", "people-way-mail"), ("none", "people-way-none")];

/// The fields as they were typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct PersonForm {
    /// Goes before the id of each field, so that several forms may stand on one page.
    pub(crate) prefix: String,
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) language: String,
    pub(crate) way: String,
    pub(crate) phone: String,
    pub(crate) mail: String,
    /// The field that something is wrong with.
    pub(crate) wrong: Option<&'static str>,
}

impl PersonForm {
    /// An empty form in the reader's language.
    pub(crate) fn empty(prefix: &str, language: Lang) -> Self {
        let (language, way) = (language.code().to_owned(), "none".to_owned());
        Self { prefix: prefix.to_owned(), language, way, ..Self::default() }
    }

    /// As it was sent.
    pub(crate) fn sent(prefix: &str, fields: &Fields) -> Self {
        let text = |name| fields.one(name).to_owned();
        Self {
            prefix: prefix.to_owned(),
            given: text("given"),
            family: text("family"),
            language: text("language"),
            way: text("way"),
            phone: text("phone"),
            mail: text("mail"),
            wrong: None,
        }
    }

    /// As it stands in the records.
    pub(crate) fn stored(prefix: &str, name: &Name, language: Language, contact: &Contact) -> Self {
        Self {
            given: name.given.reveal().clone(),
            family: name.family.reveal().clone(),
            language: language.tag().to_owned(),
            ..Self::reached(prefix, contact)
        }
    }

    /// Where messages reach somebody, as it stands in the records.
    pub(crate) fn reached(prefix: &str, contact: &Contact) -> Self {
        let way = match contact.channel() {
            Some(Channel::Sms) => "sms",
            Some(Channel::Mail) => "mail",
            None => "none",
        };
        Self {
            prefix: prefix.to_owned(),
            way: way.to_owned(),
            phone: contact.phone.as_ref().map(|phone| phone.reveal().to_owned()).unwrap_or_default(),
            mail: contact.mail.as_ref().map(|mail| mail.reveal().to_owned()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The same form with what is wrong in it.
    pub(crate) fn wrong(self, problem: Problem) -> Self {
        Self { wrong: Some(problem.field), ..self }
    }

    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        self.wrong == Some(field)
    }

    pub(crate) fn is_way(&self, way: &str) -> bool {
        self.way == way
    }

    pub(crate) fn speaks(&self, tag: &str) -> bool {
        self.language == tag
    }

    pub(crate) fn languages(&self) -> [Lang; 3] {
        Lang::ALL
    }

    pub(crate) fn ways(&self) -> [(&'static str, &'static str); 3] {
        WAYS
    }

    /// The name and the language.
    pub(crate) fn name(&self) -> Result<(Name, Language), Problem> {
        let part = |field, text: &str| {
            plain(text, NAME_CHARS_MAX).map_err(|_| Problem { field, key: "people-not-name" })
        };
        let missing = Problem { field: "given", key: "people-not-given" };
        let given = part("given", &self.given)?.ok_or(missing)?;
        let family = part("family", &self.family)?.unwrap_or_default();
        let unknown = Problem { field: "language", key: "people-not-language" };
        let language = Language::from_tag(&self.language).ok_or(unknown)?;
        Ok((Name { given: Personal::new(given), family: Personal::new(family) }, language))
    }

    /// Somebody who works somewhere, as the form says it.
    pub(crate) fn staff(&self, id: PersonId) -> Result<NewStaff, Problem> {
        let (name, language) = self.name()?;
        Ok(NewStaff { id, name, language, contact: self.contact()? })
    }

    /// Where messages reach the person.
    pub(crate) fn contact(&self) -> Result<Contact, Problem> {
        let problem = |field, key| Problem { field, key };
        let phone = match self.phone.as_str() {
            "" => None,
            text => Some(PhoneNumber::parse(text).map_err(|_| problem("phone", "people-not-phone"))?),
        };
        let mail = match self.mail.as_str() {
            "" => None,
            text => Some(MailAddress::parse(text).map_err(|_| problem("mail", "people-not-mail"))?),
        };
        let wanted = match self.way.as_str() {
            "sms" if phone.is_none() => return Err(problem("phone", "people-not-sms-without")),
            "mail" if mail.is_none() => return Err(problem("mail", "people-not-mail-without")),
            "sms" => Some(Channel::Sms),
            "mail" => Some(Channel::Mail),
            _ if phone.is_some() || mail.is_some() => return Err(problem("way", "people-not-none-with")),
            _ => None,
        };
        Ok(Contact { mail, phone, wanted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> PersonForm {
        PersonForm::sent("", &Fields::of(pairs))
    }

    #[test]
    fn what_was_typed_is_understood_or_comes_back_with_its_field() {
        let form = typed(&[("given", " Nora "), ("family", "Prøve"), ("language", "nn")]);
        let (name, language) = form.name().expect("understood");
        assert_eq!((name.full().reveal().as_str(), language), ("Nora Prøve", Language::Nynorsk));
        for (pairs, field) in [
            (&[("given", " "), ("language", "nb")][..], "given"),
            (&[("given", "<b>"), ("language", "nb")], "given"),
            (&[("given", "Nora"), ("family", "a\nb"), ("language", "nb")], "family"),
            (&[("given", "Nora"), ("language", "de")], "language"),
        ] {
            assert_eq!(typed(pairs).name().expect_err("refused").field, field, "{pairs:?}");
        }
    }

    #[test]
    fn a_way_that_leads_nowhere_is_never_stored() {
        let good = typed(&[("way", "sms"), ("phone", "998 87 766"), ("mail", "n@example.org")]);
        let contact = good.contact().expect("understood");
        assert_eq!(contact.channel(), Some(Channel::Sms));
        assert_eq!(typed(&[("way", "none")]).contact(), Ok(Contact::default()));
        for (pairs, field) in [
            (&[("way", "sms")][..], "phone"),
            (&[("way", "mail"), ("phone", "99887766")], "mail"),
            (&[("way", "mail"), ("mail", "nora")], "mail"),
            (&[("way", "sms"), ("phone", "12")], "phone"),
            (&[("way", "none"), ("phone", "99887766")], "way"),
        ] {
            assert_eq!(typed(pairs).contact().expect_err("refused").field, field, "{pairs:?}");
        }
    }

    #[test]
    fn what_is_stored_reads_back_from_the_form() {
        let form = typed(&[
            ("given", "Nora"),
            ("language", "en"),
            ("way", "mail"),
            ("phone", "99887766"),
            ("mail", "n@x.no"),
        ]);
        let ((name, language), contact) =
            (form.name().expect("understood"), form.contact().expect("understood"));
        let again = PersonForm::stored("", &name, language, &contact);
        assert_eq!(again.name().map(|(_, language)| language), Ok(Language::English));
        assert_eq!(again.contact(), Ok(contact));
    }
}
