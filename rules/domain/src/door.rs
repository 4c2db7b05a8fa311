//! The door: who may be in the room, in which role, on which ground, until when.
//!
//! [`decide`] is pure, and it is the only place where an [`Admission`] comes into being (SEC-001). Every transport
//! asks it. Facts are of two kinds, told apart by type: [`CuttingFacts`] act at once on those inside;
//! [`ClosingFacts`] keep new people out but cut nobody while a host is present. Above both stands CARE-01: nothing
//! but her own choice, a block for safety or the end of the session keeps a young person from her own clinician.

use ids::{AdmissionId, Capabilities, ParticipantId, RefuseReason, Role, SessionId, Timestamp, WaitReason};
use serde::{Deserialize, Serialize};

use crate::meeting::{Window, WithdrawnBy};

/// What the registers say about one seat in one session; loaded afresh whenever something may have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What acts at once, also on somebody inside.
    pub cutting: CuttingFacts,
    /// What keeps new people out.
    pub closing: ClosingFacts,
}

/// Facts that act at once on those inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CuttingFacts {
    /// The invitation and its role.
    pub invitation: Invited,
    /// On the block list of this meeting, for safety.
    pub blocked: bool,
    /// The person's own no to the meeting.
    pub own_withdrawal: bool,
    /// The person signed out, or was signed out for safety. A sign-in that merely ran out is not this.
    pub signed_out: bool,
    /// A host ended the session for everyone.
    pub session_ended: bool,
    /// A host ended the session for this person.
    pub ended_for: bool,
}

/// Facts that keep new people out and cut nobody while a host is present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosingFacts {
    /// The appointment's time with its margins.
    pub window: Window,
    /// Whether a young person is invited, for whom a place is kept free (CARE-01).
    pub young_person_invited: bool,
    /// Whether she is a small child who comes with her parents, so that nobody need ask her.
    pub comes_with_parents: bool,
    /// Whether anybody is expected in a room at all.
    pub planned: Planned,
    /// Until about when the clinician has said to be late; it keeps nobody out, it is only told (CARE-09).
    pub late_until: Option<Timestamp>,
}

/// What the calendar says about a meeting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Planned {
    /// It stands, and is held on the screen.
    #[default]
    OnScreen,
    /// It stands, and is held another way: by telephone, at the clinic, where she lives.
    OffScreen,
    /// It was called off.
    Cancelled,
}

/// How the registers know a seat's invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Invited {
    /// There is none, or it is somebody else's (which must look the same, SEC-028).
    No,
    /// It stands.
    Yes {
        /// In which role.
        role: Role,
        /// When it ends although the meeting goes on.
        until: Option<Timestamp>,
    },
    /// It was taken back.
    Withdrawn {
        /// In which role it was.
        role: Role,
        /// By whom.
        by: WithdrawnBy,
    },
}

impl Invited {
    /// The role that was given, also by an invitation taken back.
    #[must_use]
    pub const fn role(&self) -> Option<Role> {
        match *self {
            Self::No => None,
            Self::Yes { role, .. } | Self::Withdrawn { role, .. } => Some(role),
        }
    }
}

/// Somebody asks to come in or to stay.
#[derive(Debug)]
pub struct Request<'a> {
    /// Into which session.
    pub session: SessionId,
    /// Who.
    pub participant: ParticipantId,
    /// The id that an admission gets if this is a yes to somebody who has none.
    pub admission: AdmissionId,
    /// The admission that stands, for somebody inside or back on the same device.
    pub standing: Option<&'a Admission>,
    /// How the room stands.
    pub room: RoomState,
}

/// What only the running room knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomState {
    /// Whether a host other than the one who asks is there.
    pub host: HostPresence,
    /// A host who is inside clicked *let in* on the very key package that waits now.
    pub clicked: bool,
    /// A host sent the person back, and has not let them in again.
    pub sent_back: bool,
    /// A host ended the session for everyone, perhaps not yet stored.
    pub session_ended: bool,
    /// A host ended the session for this person, perhaps not yet stored.
    pub ended_for: bool,
    /// Places left.
    pub places_free: usize,
    /// Whether the young person is inside and has her place.
    pub young_person_inside: bool,
    /// Every young person who is here has said yes to this person, and one of them is inside now (SEC-114).
    pub her_yes: bool,
    /// A young person has said no to this person, or wants to agree on what to say first; hers alone to change (SEC-114).
    pub her_no: bool,
    /// Is inside without the yes of a young person who is inside too, or by the yes of one who is not there any more and
    /// has not agreed to that (SEC-115).
    pub behind_her_back: bool,
}

/// Whether a host is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostPresence {
    /// At least one, who sees the lobby.
    Inside,
    /// The last one went a moment ago; those inside stay for a while.
    Grace,
    /// None has come yet.
    NotYet,
    /// None any more.
    Lost,
}

/// The door's answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Come in, or stay.
    Admit(Admission),
    /// Not now.
    Wait {
        /// Why.
        why: WaitReason,
        /// When it may change by itself, if a moment is known.
        reconsider_at: Option<Timestamp>,
    },
    /// No; waiting will not help.
    Refuse {
        /// Why.
        why: RefuseReason,
        /// When it may change by itself, if a moment is known.
        reconsider_at: Option<Timestamp>,
    },
}

/// The door's yes. Only [`decide`] makes one; it cannot be built, copied or read back from storage.
#[derive(Debug, PartialEq, Eq)]
pub struct Admission {
    id: AdmissionId,
    session: SessionId,
    participant: ParticipantId,
    role: Role,
    capabilities: Capabilities,
    admitted_at: Timestamp,
    until: Option<Timestamp>,
}

impl Admission {
    /// Its id; an admission renewed by the door keeps it.
    #[must_use]
    pub const fn id(&self) -> AdmissionId {
        self.id
    }

    /// Into which session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Whose.
    #[must_use]
    pub const fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// In which role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// What it lets the participant do.
    #[must_use]
    pub const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// When it began.
    #[must_use]
    pub const fn admitted_at(&self) -> Timestamp {
        self.admitted_at
    }

    /// When it ends by itself; the door must be asked again no later.
    #[must_use]
    pub const fn until(&self) -> Option<Timestamp> {
        self.until
    }
}

/// Decides whether somebody may come in or stay.
#[must_use]
pub fn decide(request: &Request<'_>, facts: &Facts, now: Timestamp) -> Decision {
    let Some(role) = facts.cutting.invitation.role() else {
        return refuse(RefuseReason::NotInvited);
    };
    if let Some(why) = cut(role, &facts.cutting, &request.room, now) {
        return refuse(why);
    }
    if request.room.sent_back && !lets_in(role, &facts.closing, &request.room) {
        return wait(WaitReason::SentBack);
    }
    match request.standing.filter(|admission| is_for(admission, request, role)) {
        Some(_) if role == Role::Guardian && request.room.behind_her_back => wait(WaitReason::NotYetLetIn),
        Some(admission) => stay(admission, &request.room, until(role, &facts.cutting)),
        None => enter(request, role, facts, now),
    }
}

/// Whether somebody in this role comes in only by the yes of the young person whose hour it is. Her no counts whatever is
/// said of her elsewhere meanwhile (SEC-114).
#[must_use]
pub const fn needs_her_yes(role: Role, facts: &ClosingFacts, her_no: bool) -> bool {
    matches!(role, Role::Guardian) && (her_no || facts.young_person_invited && !facts.comes_with_parents)
}

/// Whether a host's click lets in. To a parent who lacks her yes it is as if nobody had clicked: the answer is the same
/// in every word, so that it does not tell that she was asked (SEC-114).
const fn lets_in(role: Role, facts: &ClosingFacts, room: &RoomState) -> bool {
    room.clicked && (room.her_yes || !needs_her_yes(role, facts, room.her_no))
}

/// The first cutting fact that speaks against this person, whether inside or out.
fn cut(role: Role, facts: &CuttingFacts, room: &RoomState, now: Timestamp) -> Option<RefuseReason> {
    if facts.own_withdrawal {
        return Some(RefuseReason::OwnWithdrawal);
    }
    if facts.blocked {
        return Some(RefuseReason::Blocked);
    }
    if facts.session_ended || room.session_ended {
        return Some(RefuseReason::SessionEnded);
    }
    if facts.ended_for || room.ended_for {
        return Some(RefuseReason::EndedForYou);
    }
    if facts.signed_out {
        return Some(RefuseReason::SignedOut);
    }
    match facts.invitation {
        Invited::No => Some(RefuseReason::NotInvited),
        Invited::Withdrawn { by: WithdrawnBy::Invitee, .. } => Some(RefuseReason::OwnWithdrawal),
        Invited::Withdrawn { by: WithdrawnBy::Clinician, .. } => Some(RefuseReason::InvitationWithdrawn),
        // CARE-01: what others take back does not part a young person from her own clinician, who decides.
        Invited::Withdrawn { by: WithdrawnBy::Other, .. } if role == Role::YoungPerson => None,
        Invited::Withdrawn { by: WithdrawnBy::Other, .. } => Some(RefuseReason::InvitationWithdrawn),
        Invited::Yes { .. } => until(role, facts).filter(|end| *end <= now).map(|_| RefuseReason::TooLate),
    }
}

/// When the invitation ends by itself; a young person's lasts as long as her session (CARE-01).
fn until(role: Role, facts: &CuttingFacts) -> Option<Timestamp> {
    match facts.invitation {
        Invited::Yes { until, .. } if role != Role::YoungPerson => until,
        _ => None,
    }
}

/// Whether a standing admission is this seat's, in the role that the invitation gives today.
fn is_for(admission: &Admission, request: &Request<'_>, role: Role) -> bool {
    admission.session == request.session
        && admission.participant == request.participant
        && admission.role == role
}

/// Somebody inside: no closing fact is looked at while a host is present, as the missing argument shows.
fn stay(admission: &Admission, room: &RoomState, until: Option<Timestamp>) -> Decision {
    let host_is_there = matches!(room.host, HostPresence::Inside | HostPresence::Grace);
    if !admission.role.is_host() && !host_is_there {
        return wait(WaitReason::HostLost);
    }
    Decision::Admit(Admission { until, ..renew(admission) })
}

const fn renew(old: &Admission) -> Admission {
    Admission {
        id: old.id,
        session: old.session,
        participant: old.participant,
        role: old.role,
        capabilities: old.capabilities,
        admitted_at: old.admitted_at,
        until: old.until,
    }
}

/// Somebody outside.
fn enter(request: &Request<'_>, role: Role, facts: &Facts, now: Timestamp) -> Decision {
    let room = &request.room;
    if let Some(closed) = closed(role, &facts.closing, room.host, now) {
        return closed;
    }
    let first_host = role.is_host() && room.host != HostPresence::Inside;
    let clicked = room.host == HostPresence::Inside && lets_in(role, &facts.closing, room);
    if !first_host && !clicked {
        return wait(match room.host {
            // "Soon" would not be true.
            HostPresence::Inside if !has_place(role, &facts.closing, room) => WaitReason::RoomFull,
            HostPresence::Inside => WaitReason::NotYetLetIn,
            HostPresence::NotYet => match facts.closing.late_until {
                Some(until) if now < until => {
                    return Decision::Wait { why: WaitReason::HostLate, reconsider_at: Some(until) };
                }
                _ => WaitReason::NoHost,
            },
            HostPresence::Grace | HostPresence::Lost => WaitReason::HostLost,
        });
    }
    if !has_place(role, &facts.closing, room) {
        return wait(WaitReason::RoomFull);
    }
    Decision::Admit(Admission {
        id: request.admission,
        session: request.session,
        participant: request.participant,
        role,
        capabilities: if role.is_host() { Capabilities::HOST } else { Capabilities::MEMBER },
        admitted_at: now,
        until: until(role, &facts.cutting),
    })
}

/// What the closing facts say to somebody outside.
///
/// They never bind a host, who opens the room, nor a young person while her clinician is there (CARE-01).
fn closed(role: Role, facts: &ClosingFacts, host: HostPresence, now: Timestamp) -> Option<Decision> {
    if role.is_host() || (role == Role::YoungPerson && host == HostPresence::Inside) {
        return None;
    }
    match facts.planned {
        Planned::OnScreen => {}
        Planned::OffScreen => return Some(refuse(RefuseReason::NotOnScreen)),
        Planned::Cancelled => return Some(refuse(RefuseReason::Cancelled)),
    }
    if now < facts.window.opens() {
        let reconsider_at = Some(facts.window.opens());
        return Some(Decision::Wait { why: WaitReason::TooEarly, reconsider_at });
    }
    (facts.window.closes() <= now).then(|| refuse(RefuseReason::TooLate))
}

/// Whether there is a place, with one kept free for the young person until she has hers.
const fn has_place(role: Role, facts: &ClosingFacts, room: &RoomState) -> bool {
    let kept = facts.young_person_invited && !room.young_person_inside && !matches!(role, Role::YoungPerson);
    room.places_free > kept as usize
}

const fn wait(why: WaitReason) -> Decision {
    Decision::Wait { why, reconsider_at: None }
}

const fn refuse(why: RefuseReason) -> Decision {
    Decision::Refuse { why, reconsider_at: None }
}
