//! Seats and lines: a seat is a person's place in the session, a line is one socket. A seat survives its lines.

use std::time::{Duration, Instant};

use domain::door::{Admission, Facts};
use ids::{
    Assurance, ConnectionId, GoneReason, GroupId, ParticipantId, PersonId, Personal, RefuseReason, Role,
    Timestamp, WaitReason,
};
use protocol::wire::{
    Asking, DeviceKey, GonePerson, KeyPackageHash, Presence, PresentPerson, WaitingPerson, WithoutHer,
};
use sfu::Transport;

use crate::api::RecordId;
use crate::her::Question;
use crate::rate::Rate;
use crate::show::Shown;

/// One person's place.
pub(crate) struct Seat {
    pub(crate) person: PersonId,
    pub(crate) name: Personal<String>,
    /// The first name.
    pub(crate) given: Personal<String>,
    pub(crate) assurance: Assurance,
    pub(crate) facts: Facts,
    /// The newest socket that has said `Hello`.
    pub(crate) line: Option<ConnectionId>,
    /// Since when no line is up; the seat is kept for a while.
    pub(crate) lost_at: Option<Instant>,
    /// Since when the device sleeps.
    pub(crate) asleep_since: Option<Instant>,
    /// The device has slept for as long as a lost seat is kept.
    pub(crate) overslept: bool,
    pub(crate) stage: Stage,
    /// Waiting since; not moved by a reload.
    pub(crate) since: Timestamp,
    /// What adding this person would add; made by the present page.
    pub(crate) key_package: Option<Package>,
    /// A host's *let in*.
    pub(crate) click: Option<Click>,
    /// The device that the standing admission was given to.
    pub(crate) admitted_device: Option<DeviceKey>,
    pub(crate) sent_back: bool,
    pub(crate) ended_for: bool,
    /// Recording failed; the door is not asked again before.
    pub(crate) retry_at: Option<Instant>,
    /// The last `AddWanted` about this person.
    pub(crate) asked: Option<Ask>,
    /// Why and when the person was last told to be gone.
    pub(crate) gone: Option<(GoneReason, Timestamp)>,
    /// How the media travelled when it last stood.
    pub(crate) transport: Option<Transport>,
    pub(crate) picture: Picture,
    /// What young people were asked about this person.
    pub(crate) question: Question,
    /// Of a young person: how it stands with some minutes without her.
    pub(crate) without_her: Option<WithoutHer>,
}

/// How long somebody's camera was on during an admission.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Picture {
    since: Option<Instant>,
    total: Duration,
}

impl Picture {
    /// The page said whether it sends a picture.
    pub(crate) fn turn(&mut self, on: bool, now: Instant) {
        match (self.since, on) {
            (None, true) => self.since = Some(now),
            (Some(since), false) => {
                self.total = self.total.saturating_add(now.saturating_duration_since(since));
                self.since = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    /// The admission is over: how long it was on, and from the beginning again.
    pub(crate) fn end(&mut self, now: Instant) -> Duration {
        self.turn(false, now);
        core::mem::take(&mut self.total)
    }
}

/// Where a seat stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Not here: has not knocked yet, left, or was away too long.
    Away,
    Waiting {
        why: WaitReason,
        reconsider_at: Option<Timestamp>,
    },
    Refused {
        why: RefuseReason,
        reconsider_at: Option<Timestamp>,
    },
    /// The door said yes; it takes effect when it is recorded.
    Entering {
        admission: Admission,
        record: RecordId,
    },
    Inside {
        admission: Admission,
        presence: Presence,
    },
}

/// A key package that waits to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: KeyPackageHash,
}

/// A host's *let in*, which names what was on the host's screen (SEC-014).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Click {
    pub(crate) by: ParticipantId,
    /// The host's page, whose worker alone knows of the click.
    pub(crate) line: ConnectionId,
    pub(crate) hash: KeyPackageHash,
}

/// A request to a host's worker that has not been answered by a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) of: ConnectionId,
    /// Which key package; `None` for a removal.
    pub(crate) hash: Option<KeyPackageHash>,
    pub(crate) at: Instant,
    /// How often it was asked before.
    pub(crate) before: usize,
}

impl Seat {
    pub(crate) fn new(person: PersonId, name: Personal<String>, assurance: Assurance, facts: Facts) -> Self {
        Self {
            person,
            given: name.clone(),
            name,
            assurance,
            facts,
            line: None,
            lost_at: None,
            asleep_since: None,
            overslept: false,
            stage: Stage::Away,
            since: Timestamp::from_millis(0),
            key_package: None,
            click: None,
            admitted_device: None,
            sent_back: false,
            ended_for: false,
            retry_at: None,
            asked: None,
            gone: None,
            transport: None,
            picture: Picture::default(),
            question: Question::default(),
            without_her: None,
        }
    }

    pub(crate) const fn role(&self) -> Option<Role> {
        self.facts.cutting.invitation.role()
    }

    /// The admission in force; one that is still being recorded is not.
    pub(crate) const fn admission(&self) -> Option<&Admission> {
        match &self.stage {
            Stage::Inside { admission, .. } => Some(admission),
            _ => None,
        }
    }

    pub(crate) const fn presence(&self) -> Option<Presence> {
        match self.stage {
            Stage::Inside { presence, .. } => Some(presence),
            _ => None,
        }
    }

    pub(crate) fn set_presence(&mut self, new: Presence) {
        if let Stage::Inside { presence, .. } = &mut self.stage {
            *presence = new;
        }
    }

    /// Let in and not stepped out: may be in the group, though the line may be lost.
    pub(crate) const fn is_member(&self) -> bool {
        matches!(self.presence(), Some(Presence::Here | Presence::LineLost | Presence::DeviceAsleep))
    }

    /// Let in, not stepped out, the line is up and the page on it has knocked.
    pub(crate) const fn is_here(&self) -> bool {
        let present = matches!(self.presence(), Some(Presence::Here | Presence::DeviceAsleep));
        present && self.lost_at.is_none() && self.line.is_some()
    }

    /// A host who is here.
    pub(crate) fn is_host_here(&self) -> bool {
        self.is_here() && self.admission().is_some_and(|admission| admission.capabilities().host)
    }

    /// Somebody else who is here.
    pub(crate) fn is_guest_here(&self) -> bool {
        self.is_here() && !self.is_host_here()
    }

    /// Takes one of the room's places.
    pub(crate) const fn has_place(&self) -> bool {
        matches!(self.stage, Stage::Entering { .. } | Stage::Inside { .. })
    }

    pub(crate) fn as_waiting(
        &self,
        participant: ParticipantId,
        asking: Option<Asking>,
    ) -> Option<WaitingPerson> {
        let (Stage::Waiting { why, .. }, Some(role)) = (&self.stage, self.role()) else {
            return None;
        };
        Some(WaitingPerson {
            participant,
            name: self.name.clone(),
            role,
            assurance: self.assurance,
            since: self.since,
            here: self.line.is_some() && self.lost_at.is_none(),
            why: *why,
            asking,
            key_package: self.key_package.as_ref().map(|package| package.bytes.clone()),
        })
    }

    /// Who is gone, unless they are here or wait again.
    pub(crate) fn as_gone(&self, participant: ParticipantId) -> Option<GonePerson> {
        let back = match &self.stage {
            Stage::Waiting { .. } | Stage::Entering { .. } => true,
            Stage::Inside { presence, .. } => *presence == Presence::Here,
            Stage::Away | Stage::Refused { .. } => false,
        };
        let (reason, at) = self.gone.filter(|_| !back)?;
        Some(GonePerson { participant, name: self.name.clone(), reason, at })
    }

    pub(crate) fn as_present(&self, participant: ParticipantId, presence: Presence) -> Option<PresentPerson> {
        let Stage::Inside { admission, .. } = &self.stage else {
            return None;
        };
        Some(PresentPerson {
            participant,
            name: self.name.clone(),
            role: admission.role(),
            assurance: self.assurance,
            since: admission.admitted_at(),
            presence,
            without_her: self.without_her,
        })
    }
}

/// One socket.
pub(crate) struct Line {
    pub(crate) participant: ParticipantId,
    /// From `Hello`.
    pub(crate) device: Option<DeviceKey>,
    pub(crate) attested: Attested,
    pub(crate) knocked: bool,
    /// When the last message came.
    pub(crate) heard: Instant,
    /// When the last sealed message came; none yet of those in this group.
    pub(crate) sealed: Option<Instant>,
    /// In a group, and its heartbeats are missing.
    pub(crate) is_quiet: bool,
    pub(crate) asleep: bool,
    pub(crate) rate: Rate,
    /// The group that this page has a place in.
    pub(crate) joined: Option<GroupId>,
    pub(crate) key_package_wanted: bool,
    pub(crate) shown: Shown,
}

/// How far the server's statement about this page has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attested {
    No,
    Asked,
    Yes,
}

impl Line {
    pub(crate) fn new(participant: ParticipantId, now: Instant) -> Self {
        Self {
            participant,
            device: None,
            attested: Attested::No,
            knocked: false,
            heard: now,
            sealed: None,
            is_quiet: false,
            asleep: false,
            rate: Rate::new(now),
            joined: None,
            key_package_wanted: false,
            shown: Shown::default(),
        }
    }
}
