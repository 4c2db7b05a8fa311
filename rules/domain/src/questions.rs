//! Three questions after an hour: did you get it said, did you feel understood, how next time. When they may be put,
//! what an answer is, and when numbers may be shown.
//!
//! Words, never scores. They are put to her alone, after an hour that ended as hours end, at most weekly, and not when
//! her clinician chose otherwise or the crisis panel was opened: then a form is not what she needs (CARE-06, CARE-08).

use core::fmt;

use ids::{GoneReason, Role, Timestamp};
use jiff::Timestamp as Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::meeting::MeetingKind;

/// Days from one time that she is asked to the next, by the calendar.
pub const DAYS_BETWEEN: i32 = 7;
/// Numbers are shown from so many answers on; fewer might be somebody.
pub const SHOWN_FROM: u32 = 5;

/// How far something was so, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Felt {
    /// Yes.
    Yes,
    /// Some of it.
    Partly,
    /// No.
    No,
}

impl Felt {
    /// Every answer, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Partly, Self::No];
}

/// How she would like it next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NextTime {
    /// On the screen.
    Screen,
    /// By telephone.
    Phone,
    /// In the same room.
    InPerson,
    /// It is all the same to her.
    Same,
}

impl NextTime {
    /// Every answer, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Screen, Self::Phone, Self::InPerson, Self::Same];
}

/// Which question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// Did you get said what you wanted?
    GotSaid,
    /// Did you feel understood today?
    Understood,
    /// Next time?
    NextTime,
}

impl Question {
    /// Every question, in the order in which they are put.
    pub const ALL: [Self; 3] = [Self::GotSaid, Self::Understood, Self::NextTime];
}

/// What she answered; what is empty she did not want to answer. It prints redacted (SEC-021).
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// Did you get said what you wanted?
    pub got_said: Option<Felt>,
    /// Did you feel understood today?
    pub understood: Option<Felt>,
    /// Next time?
    pub next_time: Option<NextTime>,
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹answers›")
    }
}

/// One answer by itself: all that a number knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// Did you get said what you wanted?
    GotSaid(Felt),
    /// Did you feel understood today?
    Understood(Felt),
    /// Next time?
    NextTime(NextTime),
}

impl Answer {
    /// Every answer to every question, in the order of the form.
    pub const ALL: [Self; 10] = [
        Self::GotSaid(Felt::Yes),
        Self::GotSaid(Felt::Partly),
        Self::GotSaid(Felt::No),
        Self::Understood(Felt::Yes),
        Self::Understood(Felt::Partly),
        Self::Understood(Felt::No),
        Self::NextTime(NextTime::Screen),
        Self::NextTime(NextTime::Phone),
        Self::NextTime(NextTime::InPerson),
        Self::NextTime(NextTime::Same),
    ];

    /// To which question.
    #[must_use]
    pub const fn question(self) -> Question {
        match self {
            Self::GotSaid(_) => Question::GotSaid,
            Self::Understood(_) => Question::Understood,
            Self::NextTime(_) => Question::NextTime,
        }
    }
}

impl Answers {
    /// Whether she answered none of them.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.got_said.is_none() && self.understood.is_none() && self.next_time.is_none()
    }

    /// Each answer by itself.
    pub fn each(self) -> impl Iterator<Item = Answer> {
        let said = self.got_said.map(Answer::GotSaid);
        let understood = self.understood.map(Answer::Understood);
        [said, understood, self.next_time.map(Answer::NextTime)].into_iter().flatten()
    }
}

/// Who gets to see the answers: her choice, and none is made for her.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Readers {
    /// The clinician whom the form names.
    Clinician,
    /// Nobody: they are counted, without anybody and without a day.
    Statistics,
}

/// How her part in an hour stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stay {
    /// She was not let in.
    NeverIn,
    /// She is in the room still.
    Inside,
    /// It is over.
    Over {
        /// How it ended.
        reason: GoneReason,
        /// How she was gone at that moment, if she was.
        away: Option<GoneReason>,
        /// The host ended it for her and not for everybody.
        for_her_alone: bool,
    },
}

impl Stay {
    /// Whether it ended as hours end: she left, or everybody's hour was ended while she was there. Nothing that tells
    /// of a line, a door or somebody else is an ordinary end (CARE-02).
    #[must_use]
    pub const fn ended_well(self) -> bool {
        match self {
            Self::NeverIn | Self::Inside => false,
            Self::Over { reason: GoneReason::Left, away, .. } => {
                matches!(away, None | Some(GoneReason::SteppedOut))
            }
            Self::Over { reason: GoneReason::EndedByHost, away, for_her_alone } => {
                away.is_none() && !for_her_alone
            }
            Self::Over {
                reason:
                    GoneReason::SteppedOut
                    | GoneReason::ClosedFast
                    | GoneReason::SomeoneCameIn
                    | GoneReason::LineLost
                    | GoneReason::DeviceAsleep
                    | GoneReason::SentBack
                    | GoneReason::DoorClosed,
                ..
            } => false,
        }
    }
}

impl Stay {
    /// Whether somebody else may sit at her screen now: she closed fast, or somebody had come in. Then her page says nothing
    /// that is hers until she opens it (CARE-03).
    #[must_use]
    pub const fn may_be_watched(self) -> bool {
        const fn warns(how: GoneReason) -> bool {
            matches!(how, GoneReason::ClosedFast | GoneReason::SomeoneCameIn)
        }
        match self {
            Self::NeverIn | Self::Inside => false,
            Self::Over { reason, away: Some(away), .. } => warns(reason) || warns(away),
            Self::Over { reason, away: None, .. } => warns(reason),
        }
    }
}

/// What is known of an hour before she is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// As whom she came.
    pub role: Role,
    /// What kind of hour it was.
    pub kind: MeetingKind,
    /// Whether others use the device after her.
    pub is_shared: bool,
    /// How her part in it stands.
    pub stay: Stay,
    /// Whether the crisis panel was opened in it.
    pub crisis_opened: bool,
    /// Whether her clinician chose that she is not asked, in this hour or at all.
    pub is_switched_off: bool,
    /// When she was last asked after another hour.
    pub last_asked: Option<Timestamp>,
}

/// Why she is not asked; nobody is told, there is simply no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotOffered {
    /// It is not her hour, or nothing was about anybody.
    #[error("not hers")]
    NotHers,
    /// Others use the device after her; what ended there leaves no trace (SEC-088).
    #[error("a lent device")]
    SharedDevice,
    /// It did not end as hours end, or not yet.
    #[error("no ordinary end")]
    Abnormal,
    /// The crisis panel was opened.
    #[error("a crisis")]
    Crisis,
    /// Her clinician chose that she is not asked.
    #[error("switched off")]
    SwitchedOff,
    /// She was asked less than a week ago.
    #[error("asked lately")]
    AskedLately,
}

/// Whether she may be asked after an hour.
///
/// # Errors
/// The first reason why not.
pub fn offer(facts: &Facts, now: Timestamp, zone: &TimeZone) -> Result<(), NotOffered> {
    if facts.role != Role::YoungPerson || facts.kind == MeetingKind::Practice {
        return Err(NotOffered::NotHers);
    }
    if facts.is_shared {
        return Err(NotOffered::SharedDevice);
    }
    if !facts.stay.ended_well() {
        return Err(NotOffered::Abnormal);
    }
    if facts.crisis_opened {
        return Err(NotOffered::Crisis);
    }
    if facts.is_switched_off {
        return Err(NotOffered::SwitchedOff);
    }
    match facts.last_asked {
        Some(last) if days_between(last, now, zone) < DAYS_BETWEEN => Err(NotOffered::AskedLately),
        _ => Ok(()),
    }
}

/// Days by the calendar on the wall: who meets every Tuesday is asked every Tuesday, however long each talk is.
fn days_between(last: Timestamp, now: Timestamp, zone: &TimeZone) -> i32 {
    let days = date(last, zone).until(date(now, zone)).map(|span| span.get_days());
    // Further apart than the calendar counts.
    days.unwrap_or(DAYS_BETWEEN)
}

fn date(at: Timestamp, zone: &TimeZone) -> Date {
    Instant::from_millisecond(at.as_millis()).unwrap_or_default().to_zoned(zone.clone()).date()
}

/// A month: all that a number knows of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of a moment.
    #[must_use]
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        let date = date(at, zone);
        Self { year: date.year(), month: date.month() }
    }

    /// Reads what [`Month`] writes: `2026-11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let date = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        Some(Self { year: date.year(), month: date.month() })
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }

    /// The month, from 1.
    #[must_use]
    pub const fn month(self) -> i8 {
        self.month
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// How often something was answered in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// In which month.
    pub month: Month,
    /// What.
    pub answer: Answer,
    /// How often.
    pub times: u32,
}

/// The numbers that may be shown: of months that are over, so that nobody can see one answer come, and of questions that
/// were answered at least [`SHOWN_FROM`] times.
#[must_use]
pub fn shown(counted: &[Counted], current: Month) -> Vec<Counted> {
    let of_question = |one: &Counted| {
        let alike =
            |other: &&Counted| other.month == one.month && other.answer.question() == one.answer.question();
        counted.iter().filter(alike).map(|other| other.times).fold(0, u32::saturating_add)
    };
    let may_be_shown = |one: &&Counted| one.month < current && of_question(one) >= SHOWN_FROM;
    counted.iter().filter(may_be_shown).copied().collect()
}
