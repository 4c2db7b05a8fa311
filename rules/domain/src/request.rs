//! What a young person asks for, when it will be read, and who may read it: no free text into the void (CARE-07).
//!
//! She cannot call in; she can ask. Pure: the registers bring who answers for her and who is away, [`ground`] says
//! whether somebody may read, [`OfficeHours::after`] from when the whole team does. FHIR calls this a Task with intent
//! *proposal*: requested, received, completed, cancelled.

use core::time::Duration;

use ids::Timestamp;
use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};
use serde::{Deserialize, Serialize};

use crate::series::at;

/// Requests of one young person that may be open at a time.
pub const OPEN_MAX: usize = 5;
/// Characters in her own line.
pub const LINE_CHARS_MAX: usize = 300;
/// Working hours after which the whole team reads what nobody has seen.
pub const UNREAD_DEFAULT: Duration = Duration::from_secs(4 * 60 * 60);
/// Days that are looked through for working hours; two weeks of Christmas are far from it.
const DAYS_MAX: i32 = 120;

/// What she asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wish {
    /// An extra talk.
    ExtraTalk,
    /// Rather meet in the same room.
    InPerson,
    /// Another time than the one that was agreed.
    OtherTime,
}

impl Wish {
    /// Every wish, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::ExtraTalk, Self::InPerson, Self::OtherTime];
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// Nobody has said that it was seen.
    Asked,
    /// Somebody has, and something is still to be done.
    Seen,
    /// It was answered.
    Answered,
    /// She took it back.
    Withdrawn,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Seen, Self::Answered, Self::Withdrawn];

    /// Whether something is still to be done.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Seen)
    }
}

/// What she reads beside *seen*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Reply {
    /// She will be rung; offered only when she said that she may be (a ringing phone can betray her, CARE-03).
    WillRing,
    /// She will get an hour.
    WillBook,
}

/// What somebody does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Staff say that it was seen, and what comes.
    See(Reply),
    /// Staff say that it was answered.
    Answer,
    /// She takes it back.
    Withdraw,
}

/// It was answered or taken back meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request is closed")]
pub struct Closed;

/// How a request stands after a step; the same when the step was taken before.
///
/// # Errors
/// [`Closed`] when it can no longer be taken.
pub const fn step(standing: Standing, step: Step) -> Result<Standing, Closed> {
    match (standing, step) {
        (Standing::Asked | Standing::Seen, Step::See(_)) => Ok(Standing::Seen),
        (Standing::Asked | Standing::Seen | Standing::Answered, Step::Answer) => Ok(Standing::Answered),
        (Standing::Asked | Standing::Seen | Standing::Withdrawn, Step::Withdraw) => Ok(Standing::Withdrawn),
        (Standing::Answered, Step::See(_) | Step::Withdraw)
        | (Standing::Withdrawn, Step::See(_) | Step::Answer) => Err(Closed),
    }
}

/// Why a request cannot be sent; each has kind words, and nothing that was written is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotAsked {
    /// Her line has more than [`LINE_CHARS_MAX`] characters.
    #[error("the line is too long")]
    TooLong,
    /// [`OPEN_MAX`] of hers are open.
    #[error("too many are open")]
    TooMany,
}

/// Her own line as it is kept: one line without blanks around it; `None` when she wrote nothing.
///
/// # Errors
/// [`NotAsked::TooLong`].
pub fn line(written: &str) -> Result<Option<String>, NotAsked> {
    let words: Vec<&str> = written
        .split(|sign: char| sign.is_whitespace() || sign.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    if line.chars().count() > LINE_CHARS_MAX {
        return Err(NotAsked::TooLong);
    }
    Ok((!line.is_empty()).then_some(line))
}

/// Whether one more may be sent when so many are open.
///
/// # Errors
/// [`NotAsked::TooMany`].
pub const fn one_more(open: usize) -> Result<(), NotAsked> {
    if open < OPEN_MAX { Ok(()) } else { Err(NotAsked::TooMany) }
}

/// Who somebody is to a request, as the registers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// Answers for her.
    pub is_responsible: bool,
    /// Reads in the place of somebody who answers for her and is away now.
    pub is_deputy: bool,
    /// Treats young people at her clinic.
    pub is_team: bool,
    /// Is the one who said that it was seen.
    pub has_seen: bool,
    /// Whether anybody at all answers for her.
    pub somebody_is_responsible: bool,
}

/// On which ground somebody may read a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ground {
    /// Answers for her.
    Responsible,
    /// Has taken it on.
    Seen,
    /// Reads for somebody who is away.
    Deputy,
    /// Nobody has seen it in the set time, or nobody answers for her.
    Team,
}

/// On which ground somebody may read a request now; `None`: not at all, and for them there is no such request.
///
/// `team_from` is the moment that she was told when she asked (see [`OfficeHours::after`]).
#[must_use]
pub fn ground(standing: Standing, team_from: Timestamp, reader: &Reader, now: Timestamp) -> Option<Ground> {
    if reader.is_responsible {
        return Some(Ground::Responsible);
    }
    if reader.has_seen && reader.is_team {
        return Some(Ground::Seen);
    }
    if !standing.is_open() {
        return None;
    }
    if reader.is_deputy && reader.is_team {
        return Some(Ground::Deputy);
    }
    let is_due = standing == Standing::Asked && team_from <= now;
    (reader.is_team && (is_due || !reader.somebody_is_responsible)).then_some(Ground::Team)
}

/// When a clinic works; holidays are not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeHours {
    days: [bool; 7],
    opens: Time,
    closes: Time,
}

impl OfficeHours {
    /// When a clinic reads requests unless it says otherwise: weekdays from eight to half past three.
    pub const CLINIC_DEFAULT: Self = Self {
        days: [true, true, true, true, true, false, false],
        opens: time(8, 0, 0, 0),
        closes: time(15, 30, 0, 0),
    };

    /// The same hours on these days; `None` when there are no days or no hours.
    #[must_use]
    pub fn new(days: &[Weekday], opens: Time, closes: Time) -> Option<Self> {
        let mut open = [false; 7];
        for day in days {
            if let Some(open) = open.get_mut(usize::try_from(day.to_monday_zero_offset()).unwrap_or(7)) {
                *open = true;
            }
        }
        (!days.is_empty() && opens < closes).then_some(Self { days: open, opens, closes })
    }

    /// From when to when on a day of work.
    #[must_use]
    pub const fn times(&self) -> (Time, Time) {
        (self.opens, self.closes)
    }

    /// Whether somebody works on this day.
    #[must_use]
    pub fn is_open_on(&self, day: Date) -> bool {
        let number = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(7);
        self.days.get(number).copied().unwrap_or(false)
    }

    /// The moment at which so much working time has gone by since another; by the clock on the wall, so that the day on
    /// which the clocks change is as long as it is. Where no work is done for months it is that very moment: what nobody
    /// would read is read by everybody at once.
    #[must_use]
    pub fn after(&self, since: Timestamp, amount: Duration, zone: &TimeZone) -> Timestamp {
        let first =
            Instant::from_millisecond(since.as_millis()).unwrap_or_default().to_zoned(zone.clone()).date();
        let mut left = amount;
        for number in 0..DAYS_MAX {
            let Ok(day) = first.checked_add(Span::new().days(number)) else { break };
            if !self.is_open_on(day) {
                continue;
            }
            let Some((opens, closes)) = at(day, self.opens, zone).zip(at(day, self.closes, zone)) else {
                break;
            };
            let from = opens.max(since);
            let there_is = closes.since(from);
            if !there_is.is_zero() && left <= there_is {
                return from.plus(left);
            }
            left = left.saturating_sub(there_is);
        }
        since
    }
}
