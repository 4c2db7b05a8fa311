//! What happened to lines, for support: found by a short code that the page shows which fails, and naming nobody (SEC-116).
//!
//! Kept in memory alone, bounded in every direction, and forgotten after some hours. There is no address, no name and no id of
//! anybody in what is told: what happened to one seat's line, and when.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use ids::{OrganizationId, ParticipantId, Timestamp};

/// Letters of a code: none that is taken for another when it is read aloud or off a screen.
const ALPHABET: &[u8; 20] = b"ACDEFHJKMNPRTUVWXYZB";
/// Letters in a code.
const LETTERS: usize = 6;
/// How many letters each of them is one of.
const BASE: u64 = ALPHABET.len() as u64;
/// How many codes there are.
const CODES: u64 = BASE.pow(LETTERS as u32);
/// Happenings that are kept of one seat.
pub const HAPPENINGS_MAX: usize = 200;
/// Seats of which anything is kept.
pub const SEATS_MAX: usize = 2_000;
/// How long a code opens anything after the last that happened.
pub const KEPT: Duration = Duration::from_secs(12 * 60 * 60);

/// A support code: six letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u64);

/// What was typed is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a support code")]
pub struct NoCode;

impl fmt::Display for Code {
    /// In two groups of three, as it is read aloud.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0;
        for place in 0..LETTERS {
            let letter = usize::try_from(left % BASE).ok().and_then(|index| ALPHABET.get(index));
            left /= BASE;
            let gap = if place == LETTERS / 2 { " " } else { "" };
            write!(f, "{gap}{}", char::from(letter.copied().unwrap_or(b'A')))?;
        }
        Ok(())
    }
}

impl FromStr for Code {
    type Err = NoCode;

    /// However it is written: small or large letters, with blanks or dashes between them or without.
    fn from_str(text: &str) -> Result<Self, NoCode> {
        let letters = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
        let (mut number, mut worth, mut count) = (0_u64, 1_u64, 0_usize);
        for letter in letters {
            let letter = letter.to_ascii_uppercase();
            let value = ALPHABET.iter().position(|one| *one == letter).ok_or(NoCode)?;
            let value = u64::try_from(value).map_err(|_| NoCode)?;
            number = value.checked_mul(worth).and_then(|more| number.checked_add(more)).ok_or(NoCode)?;
            worth = worth.checked_mul(BASE).ok_or(NoCode)?;
            count = count.saturating_add(1);
        }
        if count == LETTERS { Ok(Self(number)) } else { Err(NoCode) }
    }
}

/// What happened to somebody's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Happening {
    /// The page was opened.
    Page,
    /// The line to the server was opened.
    Opened,
    /// The page's offer for sound and picture was answered.
    Answered,
    /// Sound and picture have a way, as datagrams.
    Datagrams,
    /// Sound and picture have a way, as a stream.
    Stream,
    /// The page fell asleep.
    Asleep,
    /// The line is open, and nothing is heard on it.
    Silent,
    /// The line was lost.
    Lost,
    /// The line was there again.
    CameBack,
    /// The page took in too slowly what was sent, and was closed.
    TooSlow,
    /// The line was closed.
    Closed,
}

impl Happening {
    /// Everything that can happen.
    pub const ALL: [Self; 11] = [
        Self::Page,
        Self::Opened,
        Self::Answered,
        Self::Datagrams,
        Self::Stream,
        Self::Asleep,
        Self::Silent,
        Self::Lost,
        Self::CameBack,
        Self::TooSlow,
        Self::Closed,
    ];
}

/// What is kept of one seat.
#[derive(Debug, Clone)]
struct Kept {
    organization: OrganizationId,
    code: Code,
    happened: VecDeque<(Timestamp, Happening)>,
    last: Timestamp,
}

/// The log of all connections.
///
/// [`Connections::code`] begins a seat, [`Connections::note`] adds to it, [`Connections::find`] tells it.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    seats: BTreeMap<ParticipantId, Kept>,
}

impl Connections {
    /// The code of a seat, for a page that shows it; the same as long as anything is kept of it. `drawn` is random.
    pub fn code(
        &mut self,
        seat: ParticipantId,
        organization: OrganizationId,
        now: Timestamp,
        drawn: u64,
    ) -> Code {
        self.seats.retain(|_, kept| now.since(kept.last) < KEPT);
        if !self.seats.contains_key(&seat) {
            self.make_room();
            let (code, happened) = (self.unused(drawn), VecDeque::new());
            self.seats.insert(seat, Kept { organization, code, happened, last: now });
        }
        self.seats.get(&seat).map_or(Code(drawn % CODES), |kept| kept.code)
    }

    /// Something happened to a seat's line; of a seat whose page nobody was given, nothing is kept.
    pub fn note(&mut self, seat: ParticipantId, now: Timestamp, what: Happening) {
        self.seats.retain(|_, kept| now.since(kept.last) < KEPT);
        let Some(kept) = self.seats.get_mut(&seat) else { return };
        kept.last = kept.last.max(now);
        if kept.happened.len() >= HAPPENINGS_MAX {
            kept.happened.pop_front();
        }
        kept.happened.push_back((now, what));
    }

    /// What happened under this code in the last hours, oldest first, for the organisation that answers for that hour;
    /// `None` for everybody else, and when there is none.
    #[must_use]
    pub fn find(
        &self,
        organization: OrganizationId,
        code: Code,
        now: Timestamp,
    ) -> Option<Vec<(Timestamp, Happening)>> {
        let kept = self.seats.values().find(|kept| kept.code == code && kept.organization == organization)?;
        let recent: Vec<_> = kept.happened.iter().filter(|(at, _)| now.since(*at) < KEPT).copied().collect();
        (!recent.is_empty()).then_some(recent)
    }

    /// Forgets the seat to which nothing has happened for longest, where there are too many.
    fn make_room(&mut self) {
        if self.seats.len() >= SEATS_MAX
            && let Some(oldest) = self.seats.iter().min_by_key(|(_, kept)| kept.last).map(|(seat, _)| *seat)
        {
            self.seats.remove(&oldest);
        }
    }

    /// The first code from a drawn one on that nobody has; there are many more codes than seats.
    fn unused(&self, drawn: u64) -> Code {
        let free = |code: &Code| self.seats.values().all(|kept| kept.code != *code);
        let from = drawn % CODES;
        let candidates = (0..=SEATS_MAX as u64).map(|step| Code(from.saturating_add(step) % CODES));
        candidates.into_iter().find(free).unwrap_or(Code(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLINIC: OrganizationId = OrganizationId::from_bytes([1; 16]);
    const OTHER: OrganizationId = OrganizationId::from_bytes([2; 16]);

    fn seat(number: u32) -> ParticipantId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        ParticipantId::from_bytes(bytes)
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(1_795_262_400_000 + minutes * 60_000)
    }

    #[test]
    fn a_code_is_six_letters_that_read_back_however_they_are_typed() {
        for number in [0, 1, 19, 20, 8_123_456, CODES - 1] {
            let written = Code(number).to_string();
            assert_eq!((written.len(), written.chars().nth(3)), (7, Some(' ')), "{written}");
            assert!(!written.contains(['I', 'L', 'O', 'Q', 'G', 'S']), "{written}");
            for typed in
                [written.clone(), written.to_lowercase(), written.replace(' ', ""), written.replace(' ', "-")]
            {
                assert_eq!(typed.parse(), Ok(Code(number)), "{typed}");
            }
        }
        for wrong in ["", "ACD", "ACD EFHJ", "ACD EF1", "ÆØÅ ÆØÅ", "ACD EFO"] {
            assert_eq!(wrong.parse::<Code>(), Err(NoCode), "{wrong}");
        }
    }

    /// SEC-116: for hours, to that organisation, and nothing under a code that is not there.
    #[test]
    fn sec_116_a_code_opens_one_seats_log_to_its_organisation_for_hours() {
        let mut log = Connections::default();
        let code = log.code(seat(1), CLINIC, at(0), 77);
        assert_eq!(log.find(CLINIC, code, at(0)), None, "nothing has happened yet");
        log.note(seat(1), at(0), Happening::Page);
        let other = log.code(seat(2), CLINIC, at(0), 77);
        assert_ne!(code, other, "drawn twice, and given once");
        log.note(seat(1), at(1), Happening::Opened);
        log.note(seat(3), at(1), Happening::Opened);
        assert_eq!(log.code(seat(1), CLINIC, at(2), 99), code, "a reload keeps it");
        log.note(seat(1), at(2), Happening::Page);
        let told = log.find(CLINIC, code, at(3)).expect("there");
        assert_eq!(told, [(at(0), Happening::Page), (at(1), Happening::Opened), (at(2), Happening::Page)]);
        assert_eq!(log.find(OTHER, code, at(3)), None);
        assert_eq!(log.find(CLINIC, Code(78 + 1), at(3)), None, "nobody's");
        assert_eq!(log.find(CLINIC, code, at(2 + 12 * 60)), None, "forgotten");
        assert_ne!(log.code(seat(1), CLINIC, at(3 + 12 * 60), 5), code, "and drawn anew");
        assert_eq!(log.seats.len(), 1, "what is forgotten takes no room");
        log.note(seat(9), at(4 + 24 * 60), Happening::Opened);
        assert!(log.seats.is_empty(), "whether anybody opens a page or not");
    }

    #[test]
    fn sec_116_it_is_bounded_in_every_direction() {
        let mut log = Connections::default();
        let first = log.code(seat(0), CLINIC, at(0), 0);
        for minute in 0..500 {
            log.note(seat(0), at(minute), Happening::Silent);
        }
        assert_eq!(log.find(CLINIC, first, at(500)).expect("there").len(), HAPPENINGS_MAX);
        let many = u32::try_from(SEATS_MAX).expect("few");
        for number in 1..many + 50 {
            log.code(seat(number), CLINIC, at(501), u64::from(number));
        }
        assert_eq!(log.seats.len(), SEATS_MAX);
        assert_eq!(log.find(CLINIC, first, at(502)), None, "the one longest at rest made room");
    }
}
