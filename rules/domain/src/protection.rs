//! Protected addresses: what may be shown, offered and sent about a person at each grading (SEC-072, SEC-073).
//!
//! The population register grades an address when somebody may be looking for the person. Whoever asks here says who
//! looks or what would leave; the answer is the same for every page, message and record.

use crate::meeting::Mode;

/// How a person's address is graded in the population register, from open to the strictest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protection {
    /// Not graded.
    #[default]
    Open,
    /// The address itself tells that somebody is a client, such as an institution's (code 19).
    ClientAddress,
    /// Kept from private persons (code 7).
    Confidential,
    /// Known to as few as possible (code 6).
    StrictlyConfidential,
}

/// How near somebody who looks stands to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nearness {
    /// The person herself.
    Herself,
    /// One of those who answer for her, or whoever sends her a message on their behalf.
    CareTeam,
    /// Anybody else, colleagues and administrators included.
    Elsewhere,
}

/// What a message about an hour may carry beside its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Carries {
    /// A personal link.
    pub link: bool,
    /// Where it is: a building, a room, a way there.
    pub place: bool,
}

impl Protection {
    /// Every grading, the strictest last.
    pub const ALL: [Self; 4] =
        [Self::Open, Self::ClientAddress, Self::Confidential, Self::StrictlyConfidential];

    /// Whether there is any grading at all.
    #[must_use]
    pub const fn is_graded(self) -> bool {
        !matches!(self, Self::Open)
    }

    /// Whether telephone number and mail address may be shown to whoever stands so near.
    #[must_use]
    pub const fn shows_contact(self, to: Nearness) -> bool {
        match to {
            Nearness::Herself | Nearness::CareTeam => true,
            Nearness::Elsewhere => !self.is_graded(),
        }
    }

    /// Whether an hour may be held in this way: nobody is led to where a strictly confidential person lives.
    #[must_use]
    pub const fn offers(self, mode: Mode) -> bool {
        !matches!((self, mode), (Self::StrictlyConfidential, Mode::Visit))
    }

    /// What may stand in a message, whoever gets it, about an hour that concerns these people: the young person whom it
    /// is for and whoever the message goes to. One graded person among them is enough. `chosen` is what the clinician
    /// chose for this very hour; without a grading everything may stand there.
    #[must_use]
    pub fn may_carry(concerned: impl IntoIterator<Item = Self>, chosen: Carries) -> Carries {
        let strictest = concerned.into_iter().max().unwrap_or_default();
        if strictest.is_graded() { chosen } else { Carries { link: true, place: true } }
    }
}

impl Carries {
    /// Nothing but the time: what a message about a graded person carries as long as nobody chose otherwise.
    pub const NOTHING: Self = Self { link: false, place: false };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERYTHING: Carries = Carries { link: true, place: true };

    fn graded_somehow() -> impl Strategy<Value = Protection> {
        (0_usize..4).prop_map(|number| Protection::ALL[number])
    }

    #[test]
    fn sec_072_contact_details_of_graded_people_stay_with_their_care_team() {
        for protection in Protection::ALL {
            assert!(protection.shows_contact(Nearness::Herself));
            assert!(protection.shows_contact(Nearness::CareTeam));
            assert_eq!(protection.shows_contact(Nearness::Elsewhere), protection == Protection::Open);
        }
    }

    #[test]
    fn sec_073_nobody_is_led_to_where_a_strictly_confidential_person_lives() {
        for protection in Protection::ALL {
            for mode in Mode::ALL {
                let refused = protection == Protection::StrictlyConfidential && mode == Mode::Visit;
                assert_eq!(protection.offers(mode), !refused, "{protection:?} {mode:?}");
            }
        }
    }

    proptest! {
        /// SEC-073: one graded person among those concerned is enough, and then only what was chosen leaves.
        #[test]
        fn sec_073_one_graded_person_is_enough(
            people in prop::collection::vec(graded_somehow(), 0..6),
            link in any::<bool>(),
            place in any::<bool>(),
        ) {
            let chosen = Carries { link, place };
            let carries = Protection::may_carry(people.iter().copied(), chosen);
            let graded = people.iter().any(|one| one.is_graded());
            prop_assert_eq!(carries, if graded { chosen } else { EVERYTHING });
        }

        /// A stricter grading never shows, offers or sends more.
        #[test]
        fn stricter_is_never_more(one in graded_somehow(), other in graded_somehow()) {
            let (mild, strict) = (one.min(other), one.max(other));
            for near in [Nearness::Herself, Nearness::CareTeam, Nearness::Elsewhere] {
                prop_assert!(mild.shows_contact(near) || !strict.shows_contact(near));
            }
            for mode in Mode::ALL {
                prop_assert!(mild.offers(mode) || !strict.offers(mode));
            }
            let of = |protection| Protection::may_carry([protection], Carries::NOTHING);
            prop_assert!(of(mild).link || !of(strict).link);
            prop_assert!(of(mild).place || !of(strict).place);
        }
    }
}
