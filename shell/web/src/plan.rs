//! The words of planning: what each kind, way, side and cause is called, and what a browser sends for it.

use domain::booking::NotBookable;
use domain::closing::{NotClosable, Usefulness};
use domain::meeting::{Cause, MeetingKind, Mode, Party};
use ids::Role;

/// A choice in a form: its value, and the key of its words.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// Every value in the order in which it is offered.
    const OFFERED: &'static [(Self, &'static str, &'static str)];

    /// The key of its words.
    fn key(self) -> &'static str {
        Self::OFFERED.iter().find(|(one, ..)| *one == self).map_or("", |(.., key)| key)
    }

    /// What was sent.
    fn read(value: &str) -> Option<Self> {
        Self::OFFERED.iter().find(|(_, name, _)| *name == value).map(|(one, ..)| *one)
    }
}

/// The key of a choice's words, for templates.
pub(crate) fn key<T: Choice>(choice: &T) -> &'static str {
    choice.key()
}

impl Choice for MeetingKind {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Consultation, "talk", "plan-kind-talk"),
        (Self::WithParents, "with-parents", "plan-kind-with-parents"),
        (Self::ParentsOnly, "parents", "plan-kind-parents"),
        (Self::FamilyContact, "family", "plan-kind-family"),
        (Self::LowThreshold, "low", "plan-kind-low"),
        (Self::Guidance, "guidance", "plan-kind-guidance"),
        (Self::CarePlanning, "cooperation", "plan-kind-cooperation"),
        (Self::Practice, "practice", "plan-kind-practice"),
    ];
}

impl Choice for Mode {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Video, "video", "plan-mode-video"),
        (Self::Phone, "phone", "plan-mode-phone"),
        (Self::Office, "office", "plan-mode-office"),
        (Self::Visit, "visit", "plan-mode-visit"),
    ];
}

impl Choice for Party {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::YoungPerson, "young", "plan-party-young"),
        (Self::Family, "family", "plan-party-family"),
        (Self::Home, "home", "plan-party-home"),
        (Self::Clinic, "clinic", "plan-party-clinic"),
        (Self::Other, "other", "plan-party-other"),
    ];
}

impl Choice for Cause {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Ill, "ill", "plan-cause-ill"),
        (Self::NotToday, "not-today", "plan-cause-not-today"),
        (Self::DidNotCome, "did-not-come", "plan-cause-did-not-come"),
        (Self::Travel, "travel", "plan-cause-travel"),
        (Self::SomethingElse, "something-else", "plan-cause-something-else"),
        (Self::Technology, "technology", "plan-cause-technology"),
    ];
}

impl Choice for Usefulness {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Little, "little", "plan-useful-little"),
        (Self::Some, "some", "plan-useful-some"),
        (Self::Much, "much", "plan-useful-much"),
    ];
}

/// What a role is called among staff.
pub(crate) const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Host => "plan-role-host",
        Role::YoungPerson => "plan-role-young",
        Role::Guardian => "plan-role-guardian",
        Role::CareWorker => "plan-role-care-worker",
        Role::Professional => "plan-role-professional",
        Role::Interpreter => "plan-role-interpreter",
        Role::Support => "plan-role-support",
    }
}

/// Why an hour cannot be booked or changed, in words that say what to do.
pub(crate) const fn not_bookable_key(why: NotBookable) -> &'static str {
    match why {
        NotBookable::Past => "plan-not-past",
        NotBookable::TooFarAhead => "plan-not-far",
        NotBookable::Length => "plan-not-length",
        NotBookable::YouAreTaken => "plan-not-you",
        NotBookable::SomebodyIsTaken => "plan-not-somebody",
        NotBookable::NoPause => "plan-not-pause",
        NotBookable::ChangedMeanwhile => "plan-not-changed",
        NotBookable::Begun => "plan-not-begun",
        NotBookable::Cancelled => "plan-not-cancelled",
        NotBookable::Closed => "plan-not-closed",
        NotBookable::Protected => "plan-not-protected",
    }
}

/// Why an hour cannot be closed so.
pub(crate) const fn not_closable_key(why: NotClosable) -> &'static str {
    match why {
        NotClosable::NotYet => "plan-close-not-yet",
        NotClosable::Cancelled => "plan-not-cancelled",
        NotClosable::NotHers => "plan-close-not-hers",
        NotClosable::Travel => "plan-close-travel",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_back<T: Choice + core::fmt::Debug>(all: &[T]) {
        assert_eq!(all.len(), T::OFFERED.len(), "all of them are offered");
        for one in all {
            let (_, value, _) =
                T::OFFERED.iter().find(|(offered, ..)| offered == one).expect("it is offered");
            assert_eq!(T::read(value), Some(*one));
            assert!(one.key().starts_with("plan-"));
        }
        assert_eq!(T::read("nothing of ours"), None);
    }

    #[test]
    fn every_choice_is_offered_and_reads_back() {
        reads_back(&MeetingKind::ALL);
        reads_back(&Mode::ALL);
        reads_back(&[Party::YoungPerson, Party::Family, Party::Home, Party::Clinic, Party::Other]);
        reads_back(&[
            Cause::Ill,
            Cause::NotToday,
            Cause::DidNotCome,
            Cause::Travel,
            Cause::SomethingElse,
            Cause::Technology,
        ]);
        reads_back(&[Usefulness::Little, Usefulness::Some, Usefulness::Much]);
    }
}
