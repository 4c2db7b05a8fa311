//! Members of staff: the roles they hold in organisations, and the one-time links by which they make a passkey.

use ids::{OrganizationId, PersonId, PractitionerRoleId, StaffLinkId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a member of staff is in an organisation; the role in a meeting is the invitation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StaffRole {
    /// Enters people and gives roles.
    Administrator,
    /// Treats young people.
    Clinician,
    /// Leads a unit.
    Leader,
    /// Works where young people live.
    CareWorker,
    /// Helps others with the technology.
    Support,
}

impl StaffRole {
    /// Every role, in the order in which pages list them.
    pub const ALL: [Self; 5] =
        [Self::Administrator, Self::Clinician, Self::Leader, Self::CareWorker, Self::Support];

    /// Whether it opens the day, the list of young people and the booking (SEC-071).
    #[must_use]
    pub const fn has_caseload(self) -> bool {
        matches!(self, Self::Clinician | Self::Leader)
    }

    /// Whether it opens the pages on which people and roles are entered (SEC-071).
    #[must_use]
    pub const fn administers(self) -> bool {
        matches!(self, Self::Administrator)
    }
}

/// Why roles cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotChangeable {
    /// Nobody would be left who administers the organisation (SEC-074).
    #[error("nobody would be left who administers the organisation")]
    LastAdministrator,
    /// The person has a role in another organisation as well, where somebody else decides (SEC-075).
    #[error("the person works for another organisation as well")]
    WorksElsewhere,
    /// A young person would be left with nobody who answers for her (SEC-077).
    #[error("a young person would be left with nobody")]
    NobodyLeft,
}

/// What a person holds in an organisation after a change, and what begins and ends with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChange {
    /// Roles to give.
    pub begins: Vec<StaffRole>,
    /// Roles to end.
    pub ends: Vec<StaffRole>,
}

impl RoleChange {
    /// From the roles that a person holds to those that she is to hold, in an organisation that so many others
    /// administer.
    ///
    /// # Errors
    /// [`NotChangeable::LastAdministrator`].
    pub fn between(
        held: &[StaffRole],
        wanted: &[StaffRole],
        other_administrators: u32,
    ) -> Result<Self, NotChangeable> {
        let only_in = |some: &[StaffRole], others: &[StaffRole]| -> Vec<StaffRole> {
            let is_only = |role: &StaffRole| some.contains(role) && !others.contains(role);
            StaffRole::ALL.into_iter().filter(is_only).collect()
        };
        let change = Self { begins: only_in(wanted, held), ends: only_in(held, wanted) };
        if other_administrators == 0 && change.ends.contains(&StaffRole::Administrator) {
            return Err(NotChangeable::LastAdministrator);
        }
        Ok(change)
    }
}

/// One person's role in one organisation (FHIR PractitionerRole).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PractitionerRole {
    /// Its id.
    pub id: PractitionerRoleId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub organization: OrganizationId,
    /// As what.
    pub role: StaffRole,
    /// Since when.
    pub since: Timestamp,
    /// Until when, if it was ended.
    pub ended: Option<Timestamp>,
}

/// A one-time link by which a member of staff makes a passkey. Fetching it consumes nothing; a finished
/// registration does (SEC-041).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffLink {
    /// Its id.
    pub id: StaffLinkId,
    /// For whom.
    pub person: PersonId,
    /// SHA-256 of the token in the address.
    pub token_hash: [u8; 32],
    /// Whether older passkeys and sign-ins stay when it is used.
    pub keeps_others: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops working.
    pub expires: Timestamp,
    /// When a registration was finished with it.
    pub used: Option<Timestamp>,
    /// When a newer link took its place.
    pub replaced: Option<Timestamp>,
}

/// Why a staff link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StaffLinkRefused {
    /// There is no such link.
    Unknown,
    /// A passkey was made with it.
    Used,
    /// A newer one took its place.
    Replaced,
    /// Its time is over.
    Expired,
}

impl StaffLink {
    /// Whether a registration may be begun and finished with it.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, now: Timestamp) -> Result<(), StaffLinkRefused> {
        if self.used.is_some() {
            return Err(StaffLinkRefused::Used);
        }
        if self.replaced.is_some() {
            return Err(StaffLinkRefused::Replaced);
        }
        if now < self.created || self.expires <= now {
            return Err(StaffLinkRefused::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some_roles() -> impl Strategy<Value = Vec<StaffRole>> {
        prop::sample::subsequence(StaffRole::ALL.to_vec(), 0..=5)
    }

    #[test]
    fn sec_071_only_those_who_treat_or_lead_have_a_caseload_and_only_administrators_administer() {
        for role in StaffRole::ALL {
            let treats = matches!(role, StaffRole::Clinician | StaffRole::Leader);
            assert_eq!(role.has_caseload(), treats, "{role:?}");
            assert_eq!(role.administers(), role == StaffRole::Administrator, "{role:?}");
        }
    }

    proptest! {
        /// SEC-074: whoever changes what, somebody administers afterwards if somebody did before.
        #[test]
        fn sec_074_somebody_always_administers(held in some_roles(), wanted in some_roles(), others in 0_u32..3) {
            let administers = |roles: &[StaffRole]| roles.iter().any(|role| role.administers());
            match RoleChange::between(&held, &wanted, others) {
                Ok(change) => {
                    prop_assert!(others > 0 || !administers(&held) || administers(&wanted));
                    let mut after: Vec<_> = held.iter().filter(|role| !change.ends.contains(role)).collect();
                    after.extend(&change.begins);
                    after.sort();
                    prop_assert_eq!(after, wanted.iter().collect::<Vec<_>>(), "it leads to what was wanted");
                }
                Err(why) => {
                    prop_assert_eq!(why, NotChangeable::LastAdministrator);
                    prop_assert!(others == 0 && administers(&held) && !administers(&wanted));
                }
            }
        }
    }

    #[test]
    fn a_staff_link_works_once_until_it_expires_or_is_replaced() {
        let at = Timestamp::from_millis;
        let mut link = StaffLink {
            id: StaffLinkId::from_parts(at(0), [0; 10]),
            person: PersonId::from_parts(at(0), [0; 10]),
            token_hash: [0; 32],
            keeps_others: false,
            created: at(10),
            expires: at(100),
            used: None,
            replaced: None,
        };
        assert_eq!(link.check(at(10)), Ok(()));
        assert_eq!(link.check(at(99)), Ok(()));
        assert_eq!(link.check(at(100)), Err(StaffLinkRefused::Expired));
        assert_eq!(link.check(at(9)), Err(StaffLinkRefused::Expired));
        link.replaced = Some(at(20));
        assert_eq!(link.check(at(30)), Err(StaffLinkRefused::Replaced));
        link.used = Some(at(15));
        assert_eq!(link.check(at(30)), Err(StaffLinkRefused::Used));
    }
}
