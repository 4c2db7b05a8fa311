//! *Our agreement*: one page that a young person and her clinician make together when they first meet, and that the
//! product obeys (CARE-02, CARE-03, CARE-14).
//!
//! Papers stay short (CARE-08): every part is a choice of few or one line, each may be left open, and what is left open is
//! never guessed. What stands here decides what a clinician is shown when she is gone; without it nothing is suggested.

use core::time::Duration;

use ids::{Personal, Timestamp};
use serde::{Deserialize, Serialize};

use crate::message::PhoneNumber;

/// Characters in one line of the page.
pub const LINE_CHARS_MAX: usize = 300;
/// Characters in the recognition sign; what a text message carries beside its words.
pub const SIGN_CHARS_MAX: usize = 20;
/// Characters in the name of the adult nearby.
pub const ADULT_CHARS_MAX: usize = 80;
/// Minutes that can be agreed upon before anything is done.
pub const WAITS: [u8; 5] = [2, 5, 10, 20, 30];

/// How she wants to be reached between hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reach {
    /// By text message.
    Message,
    /// By telephone.
    Call,
    /// By mail.
    Mail,
    /// Through the adult nearby.
    Adult,
}

impl Reach {
    /// Every way, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Message, Self::Call, Self::Mail, Self::Adult];
}

/// What the clinician does when she has not come back after the agreed wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Then {
    /// Nothing; they speak of it the next time.
    NextTime,
    /// Sends a text message.
    Message,
    /// Rings her.
    Call,
    /// Rings the adult nearby; only where that adult may be rung.
    CallAdult,
}

impl Then {
    /// Everything that can be agreed upon, the gentlest first.
    pub const ALL: [Self; 4] = [Self::NextTime, Self::Message, Self::Call, Self::CallAdult];

    /// Whether a telephone rings where she is: it can betray her (CARE-03).
    #[must_use]
    pub const fn rings(self) -> bool {
        matches!(self, Self::Call | Self::CallAdult)
    }
}

/// What was agreed for one way of being gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Step {
    /// Minutes that are waited first; one of [`WAITS`].
    pub wait_minutes: u8,
    /// What is done then.
    pub then: Then,
}

impl Step {
    /// Until when is waited by somebody who has been gone since this moment; nothing is suggested earlier (CARE-03).
    #[must_use]
    pub fn not_before(self, gone_since: Timestamp) -> Timestamp {
        gone_since.plus(Duration::from_secs(u64::from(self.wait_minutes).saturating_mul(60)))
    }
}

/// The ways of being gone for which something is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gone {
    /// The line broke, or her device fell asleep.
    LineLost,
    /// She pressed *someone came in*.
    SomeoneCameIn,
    /// She closed fast: a safety signal (CARE-02).
    ClosedFast,
}

impl Gone {
    /// Every way, in the order of the page.
    pub const ALL: [Self; 3] = [Self::LineLost, Self::SomeoneCameIn, Self::ClosedFast];
}

/// Which of the ordinary reactions is her signal to the clinician: on her screen it looks like any other (CARE-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Signal {
    /// A hand raised.
    Hand,
    /// A heart.
    Heart,
    /// A thumb up.
    Thumb,
}

impl Signal {
    /// Every signal. Yes and no are none: they are answers.
    pub const ALL: [Self; 3] = [Self::Hand, Self::Heart, Self::Thumb];
}

/// Whom a clinician rings when the rest of an hour is taken by telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ring<'a> {
    /// She herself.
    Her,
    /// The adult through whom she wants to be reached.
    Adult {
        /// What she calls them.
        name: &'a str,
        /// Where they are reached.
        phone: &'a str,
    },
}

/// The adult who is near her during an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adult {
    /// What she calls them.
    pub name: String,
    /// Where they are reached, in international form.
    pub phone: Option<String>,
    /// Whether she agreed that they may be rung.
    pub may_be_rung: bool,
    /// Whether she may ask them, by a message without a name, to look in after an hour; nobody but she does.
    #[serde(default)]
    pub may_look_in: bool,
}

/// The page as it stands. It prints redacted: every line is hers (SEC-021).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OurAgreement {
    /// How she wants to be reached.
    pub reach: Option<Reach>,
    /// When she answers, in her words.
    pub answers: Option<String>,
    /// What is done when the line breaks.
    pub line_lost: Option<Step>,
    /// What is done when somebody comes in.
    pub someone_came_in: Option<Step>,
    /// What is done when she closes fast.
    pub closed_fast: Option<Step>,
    /// What helps when it gets hard, in her words.
    pub hard: Option<String>,
    /// Who is near, if anybody.
    pub adult: Option<Adult>,
    /// Her signal.
    pub signal: Option<Signal>,
    /// What it means, in her words; only beside a signal.
    pub signal_meaning: Option<String>,
    /// The word or picture that signs every text.
    pub sign: Option<String>,
    /// Whether their two devices have met.
    pub devices_met: bool,
}

impl core::fmt::Debug for OurAgreement {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("‹our agreement›")
    }
}

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// How she is reached, and when she answers.
    Reach,
    /// What happens when she is gone in this way.
    Gone(Gone),
    /// What helps when it gets hard.
    Hard,
    /// The adult nearby.
    Adult,
    /// The signal.
    Signal,
    /// The recognition sign.
    Sign,
}

/// Why a page cannot stand as it is; each has words, and nothing that was written is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotAgreed {
    /// A line has more than [`LINE_CHARS_MAX`] characters.
    #[error("a line is too long")]
    LineTooLong(Part),
    /// The recognition sign has more than [`SIGN_CHARS_MAX`] characters.
    #[error("the sign is too long")]
    SignTooLong,
    /// The adult has no name, or a long one.
    #[error("the adult has no name")]
    AdultName,
    /// What stands for the adult's telephone is no telephone number.
    #[error("this is no telephone number")]
    AdultPhone,
    /// The adult is to be rung, but may not be, or cannot.
    #[error("the adult may not be rung")]
    AdultNotToBeRung(Part),
    /// The adult may be asked to look in, but there is no number to ask by, or no sign to know the message by.
    #[error("the adult cannot be asked to look in")]
    AdultNotAsked,
    /// A wait is none of [`WAITS`].
    #[error("no such wait")]
    Wait(Gone),
}

/// The page as it was written in a form, before anything is known of it.
#[derive(Clone, Default)]
pub struct Written {
    /// The choices.
    pub choices: OurAgreement,
    /// Whether an adult is named at all.
    pub has_adult: bool,
}

impl core::fmt::Debug for Written {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("‹our agreement, as written›")
    }
}

impl OurAgreement {
    /// Reads a page as it was written: lines without blanks around them, numbers in one form, nothing empty.
    ///
    /// # Errors
    /// The first part that cannot stand.
    pub fn read(written: Written) -> Result<Self, NotAgreed> {
        let Written { choices: mut page, has_adult } = written;
        page.answers = line(page.answers, Part::Reach)?;
        page.hard = line(page.hard, Part::Hard)?;
        page.signal_meaning = line(page.signal_meaning, Part::Signal)?.filter(|_| page.signal.is_some());
        page.sign = one_line(page.sign);
        if page.sign.as_ref().is_some_and(|sign| sign.chars().count() > SIGN_CHARS_MAX) {
            return Err(NotAgreed::SignTooLong);
        }
        page.adult = match page.adult.filter(|_| has_adult) {
            Some(adult) => Some(adult.read()?),
            None => None,
        };
        let may_be_rung = page.adult_to_ring().is_some();
        for gone in Gone::ALL {
            let Some(step) = page.step(gone) else { continue };
            if !WAITS.contains(&step.wait_minutes) {
                return Err(NotAgreed::Wait(gone));
            }
            if step.then == Then::CallAdult && !may_be_rung {
                return Err(NotAgreed::AdultNotToBeRung(Part::Gone(gone)));
            }
        }
        if page.reach == Some(Reach::Adult) && !may_be_rung {
            return Err(NotAgreed::AdultNotToBeRung(Part::Reach));
        }
        if page.adult.as_ref().is_some_and(|adult| adult.may_look_in) && page.adult_to_look_in().is_none() {
            return Err(NotAgreed::AdultNotAsked);
        }
        Ok(page)
    }

    /// What was agreed for this way of being gone.
    #[must_use]
    pub const fn step(&self, gone: Gone) -> Option<Step> {
        match gone {
            Gone::LineLost => self.line_lost,
            Gone::SomeoneCameIn => self.someone_came_in,
            Gone::ClosedFast => self.closed_fast,
        }
    }

    /// The adult nearby, if she agreed that they may be rung and there is a number.
    #[must_use]
    pub fn adult_to_ring(&self) -> Option<(&str, &str)> {
        let adult = self.adult.as_ref().filter(|adult| adult.may_be_rung)?;
        Some((adult.name.as_str(), adult.phone.as_deref()?))
    }

    /// Whom a clinician rings when the rest of an hour is taken by telephone: the adult through whom she wants to be reached,
    /// else she herself.
    #[must_use]
    pub fn to_ring(&self) -> Ring<'_> {
        let adult = self.adult_to_ring().filter(|_| self.reach == Some(Reach::Adult));
        adult.map_or(Ring::Her, |(name, phone)| Ring::Adult { name, phone })
    }

    /// Whether it may be that her own telephone rings when the line breaks: unless they agreed on something else.
    #[must_use]
    pub fn may_ring_her(&self) -> bool {
        self.to_ring() == Ring::Her && self.line_lost.is_none_or(|step| step.then == Then::Call)
    }

    /// The adult nearby, if she may ask them to look in: there is a number to ask by, and a sign by which they know whom
    /// it is from. Without both the message would help nobody (CARE-06).
    #[must_use]
    pub fn adult_to_look_in(&self) -> Option<(&str, &str)> {
        let adult = self.adult.as_ref().filter(|adult| adult.may_look_in && self.sign.is_some())?;
        Some((adult.name.as_str(), adult.phone.as_deref()?))
    }

    /// What is still open of what must be settled before a first hour on the screen: how she is reached and what is done
    /// for each way of being gone. The rest may stay open for ever.
    #[must_use]
    pub fn open_parts(&self) -> Vec<Part> {
        let reach = self.reach.is_none().then_some(Part::Reach);
        let steps = Gone::ALL.into_iter().filter(|gone| self.step(*gone).is_none()).map(Part::Gone);
        reach.into_iter().chain(steps).collect()
    }

    /// The recognition sign, for a text.
    #[must_use]
    pub fn recognition_sign(&self) -> Option<Personal<String>> {
        self.sign.clone().map(Personal::new)
    }
}

impl Adult {
    fn read(self) -> Result<Self, NotAgreed> {
        let name = one_line(Some(self.name)).ok_or(NotAgreed::AdultName)?;
        if name.chars().count() > ADULT_CHARS_MAX {
            return Err(NotAgreed::AdultName);
        }
        let phone = match one_line(self.phone) {
            Some(written) => {
                Some(PhoneNumber::parse(&written).map_err(|_| NotAgreed::AdultPhone)?.reveal().to_owned())
            }
            None => None,
        };
        Ok(Self { name, phone, ..self })
    }
}

/// One line without blanks around it; `None` when nothing was written.
fn one_line(written: Option<String>) -> Option<String> {
    let written = written?;
    let words = written.split(|sign: char| sign.is_whitespace() || sign.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

fn line(written: Option<String>, part: Part) -> Result<Option<String>, NotAgreed> {
    let line = one_line(written);
    let fits = line.as_ref().is_none_or(|line| line.chars().count() <= LINE_CHARS_MAX);
    if fits { Ok(line) } else { Err(NotAgreed::LineTooLong(part)) }
}
