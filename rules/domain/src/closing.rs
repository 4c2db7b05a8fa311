//! Closing: what became of an hour, proposed from what the room saw, decided by the clinician (CARE-10).
//!
//! Office, telephone, visit and video hours are closed alike. A proposal is never more than that; only one thing is
//! not left to anybody: an hour to which the clinician did not come is never written down as hers (CARE-09).

use core::time::Duration;

use ids::{GoneReason, Role, Timestamp};
use serde::{Deserialize, Serialize};

use crate::meeting::{Cause, Mode, Party};

/// The longest way that can be written down, one way and back together.
pub const TRAVEL_MINUTES_MAX: u16 = 24 * 60;

/// What became of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It was held, perhaps another way than booked.
    Held {
        /// How.
        mode: Mode,
    },
    /// It was not held.
    NotHeld {
        /// On whose side the cause was.
        by: Party,
        /// Why, as told.
        cause: Cause,
    },
}

/// How useful the clinician found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Usefulness {
    /// Little.
    Little,
    /// Some.
    Some,
    /// Much.
    Much,
}

/// What an hour cost each side in minutes on the road; the baseline that video is held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Travel {
    /// The clinic's people.
    pub ours: u16,
    /// Hers.
    pub hers: u16,
    /// Those who went with her, all together.
    pub escort: u16,
}

/// One person's time in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attended {
    /// In which role.
    pub role: Role,
    /// When the first admission began.
    pub came: Timestamp,
    /// How long all admissions lasted together.
    pub stayed: Duration,
    /// How long the camera was on.
    pub pictured: Duration,
    /// By what.
    pub device: Option<DeviceKind>,
    /// Over what.
    pub network: Option<NetworkKind>,
    /// How often the line was lost.
    pub lost: u16,
    /// How the last of them ended; `None`: still there.
    pub ended: Option<GoneReason>,
}

impl Attended {
    /// The same person came once more.
    pub fn goes_on(&mut self, next: &Self) {
        self.stayed = self.stayed.saturating_add(next.stayed);
        self.pictured = self.pictured.saturating_add(next.pictured);
        self.lost = self.lost.saturating_add(next.lost);
        self.device = next.device.or(self.device);
        self.network = next.network.or(self.network);
        self.ended = next.ended;
    }
}

/// What somebody sits in front of, as the browser calls itself: no more than this is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeviceKind {
    /// A telephone.
    Phone,
    /// A tablet.
    Tablet,
    /// A computer.
    Computer,
}

/// How sound and picture travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NetworkKind {
    /// As datagrams, as they should.
    Open,
    /// As a stream, because the network lets nothing else out.
    Narrow,
}

/// Why a closing cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotClosable {
    /// It has not begun.
    #[error("not yet")]
    NotYet,
    /// It was called off; there is nothing to close.
    #[error("cancelled")]
    Cancelled,
    /// Nobody of ours was in the room: that she did not come cannot be said (CARE-09).
    #[error("not hers to bear")]
    NotHers,
    /// More than a day and a night on the road.
    #[error("too much travel")]
    Travel,
}

/// How an hour stood when it is closed.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// How it was to be held in the end.
    pub mode: Mode,
    /// How it was booked at first.
    pub booked: Mode,
    /// When it was to begin.
    pub starts: Timestamp,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// Who was in its room.
    pub attended: &'a [Attended],
    /// From when the rest was by telephone, if that was said.
    pub telephone: Option<Timestamp>,
    /// The present moment.
    pub now: Timestamp,
}

impl Seen<'_> {
    fn came(&self, is_one: impl Fn(Role) -> bool) -> bool {
        self.attended.iter().any(|one| is_one(one.role))
    }

    /// What most likely became of it, for the clinician to confirm in one tap.
    #[must_use]
    pub fn proposal(&self) -> Outcome {
        if self.mode != Mode::Video {
            return Outcome::Held { mode: self.mode };
        }
        match (self.came(Role::is_host), self.came(|role| !role.is_host())) {
            (true, true) => Outcome::Held { mode: Mode::Video },
            // They never met on the screen, and talked all the same.
            _ if self.telephone.is_some() => Outcome::Held { mode: Mode::Phone },
            (true, false) => Outcome::NotHeld { by: Party::YoungPerson, cause: Cause::DidNotCome },
            (false, _) => Outcome::NotHeld { by: Party::Clinic, cause: Cause::SomethingElse },
        }
    }

    /// Whether it most likely was partly by telephone: it began on the screen, and somebody said that the rest was not.
    #[must_use]
    pub fn proposes_partly_phone(&self) -> bool {
        self.telephone.is_some() && self.proposal() == Outcome::Held { mode: Mode::Video }
    }

    /// The time during which it was held on the screen: the longest stay of anybody who is no host.
    #[must_use]
    pub fn held(&self) -> Duration {
        let guests = self.attended.iter().filter(|one| !one.role.is_host());
        guests.map(|one| one.stayed).max().unwrap_or_default()
    }

    /// Whether it most likely was a support talk rather than treatment: it went over to the telephone, or her camera
    /// was off for most of it. Proposed and never set (CARE-11).
    #[must_use]
    pub fn proposes_support(&self) -> bool {
        let Outcome::Held { .. } = self.proposal() else { return false };
        let video = self.attended.iter().filter(|one| one.role == Role::YoungPerson);
        let mostly_sound = |one: &Attended| one.pictured.saturating_mul(2) < one.stayed;
        let went_over = self.mode == Mode::Phone && self.booked == Mode::Video;
        went_over || (self.mode == Mode::Video && video.into_iter().any(mostly_sound))
    }

    /// Whether this may be written down.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn check(&self, outcome: Outcome, travel: Travel) -> Result<(), NotClosable> {
        if self.is_cancelled {
            return Err(NotClosable::Cancelled);
        }
        if self.now < self.starts && self.attended.is_empty() {
            return Err(NotClosable::NotYet);
        }
        let blames_her =
            matches!(outcome, Outcome::NotHeld { by: Party::YoungPerson, cause: Cause::DidNotCome });
        if self.mode == Mode::Video && blames_her && !self.came(Role::is_host) {
            return Err(NotClosable::NotHers);
        }
        let most = travel.ours.max(travel.hers).max(travel.escort);
        if most > TRAVEL_MINUTES_MAX { Err(NotClosable::Travel) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTS: Timestamp = Timestamp::from_millis(1_000_000);

    fn attended(role: Role) -> Attended {
        Attended {
            role,
            came: STARTS,
            stayed: Duration::from_secs(1_200),
            pictured: Duration::from_secs(1_000),
            device: Some(DeviceKind::Phone),
            network: Some(NetworkKind::Open),
            lost: 0,
            ended: Some(GoneReason::Left),
        }
    }

    fn seen(attended: &[Attended]) -> Seen<'_> {
        let now = STARTS.plus(Duration::from_secs(3_600));
        let (mode, booked) = (Mode::Video, Mode::Video);
        Seen { mode, booked, starts: STARTS, is_cancelled: false, attended, telephone: None, now }
    }

    const HERS: Outcome = Outcome::NotHeld { by: Party::YoungPerson, cause: Cause::DidNotCome };

    #[test]
    fn each_time_that_somebody_came_counts() {
        let once = Attended { lost: 1, ..attended(Role::YoungPerson) };
        let mut twice = once;
        twice.goes_on(&once);
        assert_eq!((twice.lost, twice.stayed, twice.pictured), (2, once.stayed * 2, once.pictured * 2));
    }

    #[test]
    fn what_the_room_saw_is_proposed() {
        let (host, young) = (attended(Role::Host), attended(Role::YoungPerson));
        assert_eq!(seen(&[host, young]).proposal(), Outcome::Held { mode: Mode::Video });
        assert_eq!(seen(&[host]).proposal(), HERS);
        let ours = Outcome::NotHeld { by: Party::Clinic, cause: Cause::SomethingElse };
        assert_eq!(seen(&[]).proposal(), ours);
        assert_eq!(seen(&[young]).proposal(), ours, "she came and nobody was there");
        let visit = Seen { mode: Mode::Visit, ..seen(&[]) };
        assert_eq!(visit.proposal(), Outcome::Held { mode: Mode::Visit });
    }

    #[test]
    fn the_rest_by_telephone_is_proposed_as_it_was_said() {
        let (host, young) = (attended(Role::Host), attended(Role::YoungPerson));
        let by_phone = |attended| Seen { telephone: Some(STARTS), ..seen(attended) };
        let (both, alone, neither) = ([host, young], [host], []);
        assert_eq!(by_phone(&both).proposal(), Outcome::Held { mode: Mode::Video });
        assert!(by_phone(&both).proposes_partly_phone() && !seen(&both).proposes_partly_phone());
        for never_met in [&alone[..], &neither[..]] {
            assert_eq!(by_phone(never_met).proposal(), Outcome::Held { mode: Mode::Phone }, "CARE-09");
            assert!(!by_phone(never_met).proposes_partly_phone(), "all of it was");
        }
        assert!(!Seen { mode: Mode::Phone, ..by_phone(&both) }.proposes_partly_phone());
    }

    #[test]
    fn a_support_talk_is_proposed_when_it_was_mostly_sound_or_went_over_to_the_telephone() {
        let (host, young) = (attended(Role::Host), attended(Role::YoungPerson));
        assert!(!seen(&[host, young]).proposes_support());
        let unseen = Attended { pictured: Duration::from_secs(500), ..young };
        assert!(seen(&[host, unseen]).proposes_support(), "her camera was off for most of it");
        let unseen = Attended { pictured: Duration::ZERO, ..host };
        assert!(!seen(&[unseen, young]).proposes_support(), "the clinician's own camera says nothing");
        assert!(Seen { mode: Mode::Phone, ..seen(&[]) }.proposes_support(), "booked for the screen");
        let phone = Seen { mode: Mode::Phone, booked: Mode::Phone, ..seen(&[]) };
        assert!(!phone.proposes_support(), "a call that was to be a call");
        assert!(!seen(&[]).proposes_support(), "it was not held");
    }

    #[test]
    fn an_hour_to_which_nobody_of_ours_came_is_never_hers() {
        let host = [attended(Role::Host)];
        assert_eq!(seen(&[]).check(HERS, Travel::default()), Err(NotClosable::NotHers));
        assert_eq!(seen(&host).check(HERS, Travel::default()), Ok(()));
        let said_so = Outcome::NotHeld { by: Party::YoungPerson, cause: Cause::NotToday };
        assert_eq!(seen(&[]).check(said_so, Travel::default()), Ok(()), "what she said herself is told");
        let office = Seen { mode: Mode::Office, ..seen(&[]) };
        assert_eq!(office.check(HERS, Travel::default()), Ok(()), "no room of ours has seen it");
    }

    #[test]
    fn what_has_not_begun_or_was_called_off_is_not_closed() {
        let held = Outcome::Held { mode: Mode::Video };
        let early = Seen { now: STARTS.minus(Duration::from_secs(60)), ..seen(&[]) };
        assert_eq!(early.check(held, Travel::default()), Err(NotClosable::NotYet));
        let (host, young) = (attended(Role::Host), attended(Role::YoungPerson));
        let both = [host, young];
        let early = Seen { now: STARTS.minus(Duration::from_secs(60)), ..seen(&both) };
        assert_eq!(early.check(held, Travel::default()), Ok(()), "it was held earlier than booked");
        let off = Seen { is_cancelled: true, ..seen(&both) };
        assert_eq!(off.check(held, Travel::default()), Err(NotClosable::Cancelled));
        let far = Travel { hers: TRAVEL_MINUTES_MAX + 1, ..Travel::default() };
        assert_eq!(seen(&both).check(held, far), Err(NotClosable::Travel));
    }
}
