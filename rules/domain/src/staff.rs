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
    use super::*;

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
