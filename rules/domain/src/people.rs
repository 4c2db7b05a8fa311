//! Organisations, people and their signed-in browsers, as the registers hold them.

use ids::{Assurance, OrganizationId, PersonId, Personal, SignInId, Timestamp};
use serde::{Deserialize, Serialize};

/// A clinic, institution, municipality or school (FHIR Organization).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name as the public register has it.
    pub name: String,
    /// What it is.
    pub kind: OrganizationKind,
}

/// What an organisation is; the interface never shows it where another eye may fall (CARE-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OrganizationKind {
    /// An outpatient clinic.
    Clinic,
    /// An institution where young people live.
    Institution,
    /// A municipality's service.
    Municipality,
    /// A school.
    School,
    /// Something else that one works with.
    Other,
}

impl OrganizationKind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::Clinic, Self::Institution, Self::Municipality, Self::School, Self::Other];
}

/// A person in our registers: practitioner, patient or related person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// The organisation whose register this is.
    pub organization: OrganizationId,
    /// What the person is called by those who know her.
    pub given_name: Personal<String>,
    /// The rest of the name.
    pub family_name: Personal<String>,
    /// Where a text message reaches the person, if known.
    pub phone: Option<Personal<String>>,
    /// The language of texts and pages: `nb`, `nn` or `en`.
    pub language: Language,
}

/// A language that every text exists in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// Bokmål.
    #[default]
    Bokmal,
    /// Nynorsk.
    Nynorsk,
    /// English.
    English,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: [Self; 3] = [Self::Bokmal, Self::Nynorsk, Self::English];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Bokmal => "nb",
            Self::Nynorsk => "nn",
            Self::English => "en",
        }
    }

    /// The language with this tag, if we speak it.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

/// A person's signed-in browser; the cookie holds a token of which only the hash is kept (SEC-009).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// Who is signed in.
    pub person: PersonId,
    /// How sure we are of who it is.
    pub assurance: Assurance,
    /// SHA-256 of the cookie's token.
    pub token_hash: [u8; 32],
    /// Since when.
    pub started: Timestamp,
    /// No new page is answered after this; it cuts nobody who is inside.
    pub expires: Timestamp,
    /// When the person signed out, or was signed out for safety; this cuts.
    pub ended: Option<Timestamp>,
}

impl SignIn {
    /// Whether a page may be answered on the ground of this sign-in.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.started <= now && now < self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_good_from_its_start_until_it_expires_or_ends() {
        let at = Timestamp::from_millis;
        let mut sign_in = SignIn {
            id: SignInId::from_parts(at(0), [0; 10]),
            person: PersonId::from_parts(at(0), [0; 10]),
            assurance: Assurance::Link,
            token_hash: [0; 32],
            started: at(10),
            expires: at(20),
            ended: None,
        };
        assert!(!sign_in.is_good(at(9)));
        assert!(sign_in.is_good(at(10)));
        assert!(sign_in.is_good(at(19)));
        assert!(!sign_in.is_good(at(20)));
        sign_in.ended = Some(at(12));
        assert!(!sign_in.is_good(at(13)));
    }

    #[test]
    fn every_language_is_found_by_its_tag() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
        assert_eq!(Language::from_tag("no"), None);
    }
}
