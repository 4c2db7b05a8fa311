//! Saying that somebody is who they are, and lending them a device for one hour (SEC-085…SEC-089).
//!
//! Who comes by a link holds the link and nothing more. Who is met by a member of staff in the flesh can be vouched for:
//! then the clinician reads *verified by a member of staff*. Nobody who is known by a link alone makes anybody surer.

use ids::{Assurance, Role, Timestamp};

use crate::door::Planned;
use crate::meeting::Window;

/// By what a member of staff knows that somebody is who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KnownBy {
    /// They know each other.
    Acquaintance,
    /// By a document with a picture.
    Document,
}

/// What stands about an hour for which a device is lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// Its time.
    pub window: Window,
    /// What the calendar says.
    pub planned: Planned,
    /// Whether its session has ended.
    pub has_ended: bool,
}

/// Why a device cannot be lent for an hour now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotLent {
    /// Its door is not open yet.
    TooEarly,
    /// It is over.
    Over,
    /// It was called off.
    CalledOff,
    /// It is not held on the screen.
    OffScreen,
}

/// Whether somebody with this role in an hour may vouch for a guest of that hour, or lend them a device: a host for the
/// young person and her family, the staff where she lives for her alone.
#[must_use]
pub const fn may_vouch(voucher: Role, guest: Role) -> bool {
    match voucher {
        Role::Host => matches!(guest, Role::YoungPerson | Role::Guardian),
        Role::CareWorker => matches!(guest, Role::YoungPerson),
        _ => false,
    }
}

/// How sure we are of a guest whom somebody brings who is that sure themselves and knows them like that.
#[must_use]
pub const fn assurance(voucher: Assurance, known: Option<KnownBy>) -> Assurance {
    match (voucher, known) {
        (Assurance::SignedIn, Some(_)) => Assurance::Vouched,
        _ => Assurance::Link,
    }
}

/// Whether a device can be lent for an hour now.
///
/// # Errors
/// Why not.
pub fn lend(hour: &Hour, now: Timestamp) -> Result<(), NotLent> {
    match hour.planned {
        Planned::Cancelled => return Err(NotLent::CalledOff),
        Planned::OffScreen => return Err(NotLent::OffScreen),
        Planned::OnScreen => {}
    }
    if hour.has_ended || hour.window.closes() <= now {
        return Err(NotLent::Over);
    }
    if now < hour.window.opens() { Err(NotLent::TooEarly) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_vouches_for_her_and_her_family_and_the_staff_for_her_alone() {
        let mut allowed = Vec::new();
        for voucher in Role::ALL {
            for guest in Role::ALL {
                if may_vouch(voucher, guest) {
                    allowed.push((voucher, guest));
                }
            }
        }
        let expected = [
            (Role::Host, Role::YoungPerson),
            (Role::Host, Role::Guardian),
            (Role::CareWorker, Role::YoungPerson),
        ];
        assert_eq!(allowed, expected, "SEC-086");
    }

    #[test]
    fn nobody_makes_anybody_surer_than_they_are_themselves() {
        for known in [None, Some(KnownBy::Acquaintance), Some(KnownBy::Document)] {
            for voucher in [Assurance::Link, Assurance::Vouched] {
                assert_eq!(assurance(voucher, known), Assurance::Link, "SEC-085");
            }
            let expected = if known.is_some() { Assurance::Vouched } else { Assurance::Link };
            assert_eq!(assurance(Assurance::SignedIn, known), expected, "SEC-085");
        }
    }

    #[test]
    fn a_device_is_lent_while_the_door_can_be_open() {
        let at = Timestamp::from_millis;
        let window = Window::new(at(10_000_000), at(13_600_000));
        let hour = |planned, has_ended| Hour { window, planned, has_ended };
        let held = hour(Planned::OnScreen, false);
        let (opens, closes) = (window.opens(), window.closes());
        assert_eq!(lend(&held, at(opens.as_millis() - 1)), Err(NotLent::TooEarly));
        assert_eq!(lend(&held, opens), Ok(()));
        assert_eq!(lend(&held, at(closes.as_millis() - 1)), Ok(()));
        assert_eq!(lend(&held, closes), Err(NotLent::Over));
        assert_eq!(lend(&hour(Planned::OnScreen, true), opens), Err(NotLent::Over));
        assert_eq!(lend(&hour(Planned::Cancelled, false), opens), Err(NotLent::CalledOff));
        assert_eq!(lend(&hour(Planned::OffScreen, false), opens), Err(NotLent::OffScreen));
    }
}
