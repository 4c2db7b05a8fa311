//! Meetings: the planned appointment, its one session, who is invited in which role, and the links they hold.

use core::time::Duration;

use ids::{
    AppointmentId, InvitationId, LinkId, OrganizationId, ParticipantId, PersonId, Personal, Role, SessionId,
    SignInId, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::message::Notice;

/// A planned meeting (FHIR Appointment).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// The organisation that answers for it.
    pub organization: OrganizationId,
    /// What kind of meeting it is.
    pub kind: MeetingKind,
    /// How people meet.
    pub mode: Mode,
    /// The young person whom it is about, if it is about one.
    pub patient: Option<PersonId>,
    /// The responsible clinician.
    pub responsible: PersonId,
    /// When it is.
    pub window: Window,
    /// Counts the changes of time, way and standing; every calendar file and message says it (RFC 5545 §3.8.7.4).
    pub sequence: u32,
    /// Called off, by whom and why as told.
    pub cancelled: Option<Cancelled>,
    /// The recognition sign: a word or picture that signs every text and page.
    pub sign: Option<Personal<String>>,
    /// How people are told of it; `None`: not by message.
    pub notice: Option<Notice>,
    /// Its session: what people are let into.
    pub session: SessionId,
}

/// What a meeting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MeetingKind {
    /// The young person's own hour.
    Consultation,
    /// Her hour, with parents or foster parents there.
    WithParents,
    /// Parents or foster parents without her.
    ParentsOnly,
    /// She and her family, who live apart, with somebody who helps.
    FamilyContact,
    /// A short talk without a case, soon.
    LowThreshold,
    /// A guidance session for the staff around her; she is not there.
    Guidance,
    /// Several agencies at one table, with or without her.
    CarePlanning,
    /// To learn how it works; nothing is about anybody.
    Practice,
}

impl MeetingKind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Consultation,
        Self::WithParents,
        Self::ParentsOnly,
        Self::FamilyContact,
        Self::LowThreshold,
        Self::Guidance,
        Self::CarePlanning,
        Self::Practice,
    ];

    /// Whether the young person herself is always there: without her it is another kind of hour.
    #[must_use]
    pub const fn is_hers(self) -> bool {
        matches!(self, Self::Consultation | Self::WithParents | Self::FamilyContact | Self::LowThreshold)
    }

    /// Whether she is never there.
    #[must_use]
    pub const fn is_without_her(self) -> bool {
        matches!(self, Self::ParentsOnly | Self::Guidance)
    }

    /// Whether it makes no sense without somebody of her family.
    #[must_use]
    pub const fn needs_family(self) -> bool {
        matches!(self, Self::WithParents | Self::ParentsOnly | Self::FamilyContact)
    }
}

/// How people meet; all are booked and closed alike, so that what video changes can be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mode {
    /// In a room of Samrom.
    #[default]
    Video,
    /// By telephone.
    Phone,
    /// At the clinic.
    Office,
    /// Where she lives.
    Visit,
}

impl Mode {
    /// Every way, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Video, Self::Phone, Self::Office, Self::Visit];
}

/// An appointment called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// When.
    pub at: Timestamp,
    /// On whose side the cause was.
    pub by: Party,
    /// Why, as told.
    pub cause: Cause,
}

/// On whose side something was; told, never judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Party {
    /// The young person.
    YoungPerson,
    /// Her family.
    Family,
    /// Where she lives.
    Home,
    /// The clinic.
    Clinic,
    /// Somebody else who was to come.
    Other,
}

/// Why an hour was not held or was called off, as told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// Somebody is ill.
    Ill,
    /// Not today; nobody needs to say more.
    NotToday,
    /// Nobody came, and nobody said why.
    DidNotCome,
    /// Travel, escort or a car that was not there.
    Travel,
    /// Something else had to come first.
    SomethingElse,
    /// Line or device.
    Technology,
}

/// When a meeting is, and how much earlier and later its door answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The booked start.
    pub starts: Timestamp,
    /// The booked end.
    pub ends: Timestamp,
    /// How long before the start people may be let in.
    pub early: Duration,
    /// How long after the end people may still be let in.
    pub late: Duration,
}

impl Window {
    /// How long before the start the door opens unless the clinic says otherwise.
    pub const EARLY_DEFAULT: Duration = Duration::from_secs(30 * 60);
    /// How long after the end the door stays open unless the clinic says otherwise.
    pub const LATE_DEFAULT: Duration = Duration::from_secs(60 * 60);

    /// A window with the default margins.
    #[must_use]
    pub const fn new(starts: Timestamp, ends: Timestamp) -> Self {
        Self { starts, ends, early: Self::EARLY_DEFAULT, late: Self::LATE_DEFAULT }
    }

    /// The first moment when people may be let in.
    #[must_use]
    pub fn opens(&self) -> Timestamp {
        self.starts.minus(self.early)
    }

    /// The first moment when new people are no longer let in.
    #[must_use]
    pub fn closes(&self) -> Timestamp {
        self.ends.plus(self.late)
    }
}

/// One day of the calendar, looked at from one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// The moment from which it is looked at.
    pub now: Timestamp,
}

impl Day {
    /// Longer than from the opening of any door to its closing: whoever looks for hours whose door is open need look no
    /// further.
    pub const AROUND: Duration = Duration::from_secs(12 * 60 * 60);

    /// Whether an hour belongs to it: it begins on this day, or its door is open now, so that an evening talk is not lost
    /// at midnight.
    #[must_use]
    pub fn has(&self, hour: &Window) -> bool {
        (self.from..self.to).contains(&hour.starts) || (hour.opens()..hour.closes()).contains(&self.now)
    }
}

/// One running of a meeting, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Of which appointment.
    pub appointment: AppointmentId,
    /// How far it has come.
    pub state: SessionState,
}

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionState {
    /// Nobody has been let in yet.
    Planned,
    /// Somebody has been let in.
    Open {
        /// When the first was.
        since: Timestamp,
    },
    /// A host ended it for everyone.
    Ended {
        /// When.
        at: Timestamp,
    },
}

impl SessionState {
    /// Whether it was ended for everyone.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Ended { .. })
    }
}

/// One person's invitation to one appointment; the role comes from here and from nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// To what.
    pub appointment: AppointmentId,
    /// Who.
    pub person: PersonId,
    /// The seat that this person has in the appointment's session.
    pub participant: ParticipantId,
    /// In which role.
    pub role: Role,
    /// When the invitation ends although the meeting goes on (a parent's five minutes); `None`: with the meeting.
    pub until: Option<Timestamp>,
    /// Withdrawn, and by whom.
    pub withdrawn: Option<Withdrawal>,
    /// When a host ended the meeting for this person.
    pub ended_for: Option<Timestamp>,
}

/// An invitation taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// By whom.
    pub by: WithdrawnBy,
    /// When.
    pub at: Timestamp,
}

/// Who took an invitation back; it decides whether that may keep a young person out (CARE-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WithdrawnBy {
    /// The invited person said no.
    Invitee,
    /// The responsible clinician or a colleague in the host role, for example because it went to the wrong number.
    Clinician,
    /// Anybody else: a parent, an office, a rule.
    Other,
}

/// A personal link: a door handle, not the door. Fetching it binds and consumes nothing (CARE-13, SEC-009).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalLink {
    /// Its id.
    pub id: LinkId,
    /// The invitation that it leads to.
    pub invitation: InvitationId,
    /// SHA-256 of the token in the address.
    pub token_hash: [u8; 32],
    /// When it was made.
    pub created: Timestamp,
    /// When pressing it stops working.
    pub expires: Timestamp,
    /// The browser that pressed; only that one may use the link again.
    pub bound: Option<SignInId>,
    /// When a newer link took its place.
    pub replaced: Option<Timestamp>,
}

impl PersonalLink {
    /// Whether pressing works for this browser; a browser that never pressed has none.
    #[must_use]
    pub fn may_press(&self, browser: Option<SignInId>, now: Timestamp) -> bool {
        let fresh = self.replaced.is_none() && self.created <= now && now < self.expires;
        fresh && (self.bound.is_none() || self.bound == browser)
    }
}

/// Somebody who must not come into an appointment, for safety (R17 of the risk list).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// From what.
    pub appointment: AppointmentId,
    /// Who.
    pub person: PersonId,
    /// Who decided.
    pub decided_by: PersonId,
    /// Since when.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_for_the_browser_that_pressed_first_and_for_no_other() {
        let at = Timestamp::from_millis;
        let (hers, other) = (SignInId::from_parts(at(1), [1; 10]), SignInId::from_parts(at(1), [2; 10]));
        let mut link = PersonalLink {
            id: LinkId::from_parts(at(0), [0; 10]),
            invitation: InvitationId::from_parts(at(0), [0; 10]),
            token_hash: [0; 32],
            created: at(10),
            expires: at(100),
            bound: None,
            replaced: None,
        };
        assert!(link.may_press(None, at(10)));
        link.bound = Some(hers);
        assert!(link.may_press(Some(hers), at(50)));
        assert!(!link.may_press(Some(other), at(50)));
        assert!(!link.may_press(None, at(50)));
        assert!(!link.may_press(Some(hers), at(100)));
        link.replaced = Some(at(60));
        assert!(!link.may_press(Some(hers), at(61)));
    }

    #[test]
    fn the_window_has_its_margins_on_both_sides() {
        let hour = Window::new(Timestamp::from_millis(10_000_000), Timestamp::from_millis(13_600_000));
        assert_eq!(hour.opens(), Timestamp::from_millis(10_000_000 - 1_800_000));
        assert_eq!(hour.closes(), Timestamp::from_millis(13_600_000 + 3_600_000));
    }
}
