//! Asking the door, and what follows from its answers. The only place where an admission begins or ends, and where
//! a media grant is minted from one (SEC-001).

use core::time::Duration;

use domain::door::{self, Admission, Decision, Request, RoomState};
use ids::{
    AdmissionId, EndReason, GoneReason, PEERS_MAX, ParticipantId, PersonId, RefuseReason, Role, WAITING_MAX,
    WaitReason,
};
use protocol::group::{Attestation, PERSON_LABEL, PersonTag};
use protocol::wire::{Presence, ServerMessage};
use sfu::MediaGrant;
use sha2::{Digest, Sha256};

use crate::api::{Now, Output, RecordId, Recorded, RoomEvent};
use crate::room::{Room, Start};
use crate::seat::{Attested, Seat, Stage};

/// After a record failed, the door waits this long before it says yes again.
const RETRY: Duration = Duration::from_secs(5);
/// How long a page may use what the server attests about it.
const ATTESTATION_GOOD: Duration = Duration::from_secs(12 * 60 * 60);

impl Room {
    /// Asks the door about everyone; says whether somebody's stage changed.
    pub(crate) fn ask_the_door(&mut self, now: Now) -> bool {
        let mut changed = false;
        for participant in self.everyone() {
            changed |= self.ask_for(participant, now);
        }
        changed
    }

    fn ask_for(&mut self, participant: ParticipantId, now: Now) -> bool {
        let id = self.entropy.id(now.wall, AdmissionId::from_parts);
        let Some(seat) = self.seats.get(&participant) else { return false };
        let line = seat.line.and_then(|connection| self.lines.get(&connection));
        // Somebody with no page open is not asked about, unless there is an admission to take back.
        if !seat.has_place() && line.is_none() {
            return false;
        }
        let knocked = line.is_some_and(|line| line.knocked);
        match self.decide(participant, id, now) {
            Decision::Admit(admission) if seat.has_place() => self.renew(participant, admission, now),
            Decision::Admit(admission) if self.may_begin(seat, knocked, now) => {
                self.begin(participant, admission, now)
            }
            Decision::Admit(_) if knocked => {
                self.outside(participant, Ok(WaitReason::NotYetLetIn), None, now)
            }
            Decision::Wait { why, reconsider_at } if knocked || seat.has_place() => {
                self.outside(participant, Ok(why), reconsider_at, now)
            }
            Decision::Admit(_) | Decision::Wait { .. } => {
                let refused = matches!(seat.stage, Stage::Refused { .. });
                if refused {
                    self.set_stage(participant, Stage::Away);
                }
                refused
            }
            Decision::Refuse { why, reconsider_at } => {
                self.outside(participant, Err(why), reconsider_at, now)
            }
        }
    }

    /// An admission begins only for somebody whose page is there and can be added to the group.
    fn may_begin(&self, seat: &Seat, knocked: bool, now: Now) -> bool {
        let patient = seat.retry_at.is_none_or(|at| now.mono >= at);
        knocked && patient && !self.ended && seat.lost_at.is_none() && seat.key_package.is_some()
    }

    fn decide(&self, participant: ParticipantId, id: AdmissionId, now: Now) -> Decision {
        let Some(seat) = self.seats.get(&participant) else {
            return Decision::Refuse { why: RefuseReason::NotInvited, reconsider_at: None };
        };
        let request = Request {
            session: self.config.session,
            participant,
            admission: id,
            standing: self.standing(seat),
            room: self.state_for(participant, seat),
        };
        door::decide(&request, &seat.facts, now.wall)
    }

    /// The admission that stands. On another device it does not: that must be clicked again (SEC-014).
    fn standing<'a>(&self, seat: &'a Seat) -> Option<&'a Admission> {
        let device = seat.line.and_then(|connection| self.lines.get(&connection)?.device.as_ref());
        let same_device = device.is_none() || device == seat.admitted_device.as_ref();
        match &seat.stage {
            Stage::Inside { admission, .. } | Stage::Entering { admission, .. } if same_device => {
                Some(admission)
            }
            _ => None,
        }
    }

    fn state_for(&self, participant: ParticipantId, seat: &Seat) -> RoomState {
        let package = seat.key_package.as_ref().map(|package| package.hash);
        let clicked = seat.click.is_some_and(|click| Some(click.hash) == package);
        let places = self.seats.iter().filter(|(who, other)| **who != participant && other.has_place());
        let is_young_person_inside =
            |other: &Seat| other.has_place() && other.role() == Some(Role::YoungPerson);
        RoomState {
            host: self.host_presence(participant, !seat.has_place()),
            clicked,
            sent_back: seat.sent_back,
            session_ended: self.ended,
            ended_for: seat.ended_for,
            places_free: PEERS_MAX.saturating_sub(places.count()),
            young_person_inside: self.seats.values().any(is_young_person_inside),
            her_yes: self.her_yes(seat),
            her_no: seat.question.has_a_no(),
            behind_her_back: self.is_behind_her_back(seat),
        }
    }

    /// The door said yes again; only the admission's own end may have moved.
    fn renew(&mut self, participant: ParticipantId, renewed: Admission, now: Now) -> bool {
        let Some(seat) = self.seats.get_mut(&participant) else { return false };
        match &mut seat.stage {
            Stage::Inside { admission, .. } | Stage::Entering { admission, .. }
                if admission.id() == renewed.id() =>
            {
                *admission = renewed;
                false
            }
            // Another device was admitted by the door, as the first host is: the old admission ends here, the next
            // round begins the new one.
            _ => {
                self.end_admission(participant, GoneReason::DoorClosed, now);
                self.set_stage(participant, Stage::Away);
                true
            }
        }
    }

    /// The door said yes: have it recorded. Nothing else happens before that is done.
    fn begin(&mut self, participant: ParticipantId, admission: Admission, now: Now) -> bool {
        if self.start == Start::NotYet {
            self.start = Start::Recording(self.record(RoomEvent::SessionStarted { at: now.wall }));
        }
        let Some(seat) = self.seats.get(&participant) else { return false };
        let event = RoomEvent::AdmissionBegun {
            admission: admission.id(),
            participant,
            person: seat.person,
            role: admission.role(),
            by: seat.click.map(|click| click.by),
            at: now.wall,
            until: admission.until(),
        };
        let device = seat.line.and_then(|connection| self.lines.get(&connection)?.device.clone());
        let record = self.record(event);
        self.comes_by_her_yes(participant);
        if let Some(seat) = self.seats.get_mut(&participant) {
            seat.admitted_device = device;
            seat.sent_back = false;
            seat.retry_at = None;
            seat.stage = Stage::Entering { admission, record };
        }
        true
    }

    /// A record was written or failed; if an admission waited for it, it begins or does not.
    pub(crate) fn admission_recorded(&mut self, record: RecordId, how: Recorded, now: Now) {
        let waits = |seat: &Seat| matches!(seat.stage, Stage::Entering { record: own, .. } if own == record);
        let Some((participant, seat)) = self.seats.iter_mut().find(|(_, seat)| waits(seat)) else { return };
        let participant = *participant;
        let Stage::Entering { admission, .. } = core::mem::replace(&mut seat.stage, Stage::Away) else {
            return;
        };
        if how == Recorded::Failed {
            seat.click = None;
            seat.question.is_used_up();
            seat.retry_at = Some(now.mono + RETRY);
            seat.stage = Stage::Waiting { why: WaitReason::NotYetLetIn, reconsider_at: None };
            return;
        }
        let up = seat.line.is_some() && seat.lost_at.is_none();
        let presence = if up { Presence::Here } else { Presence::LineLost };
        let grant = MediaGrant::mint(participant, &admission.capabilities());
        seat.stage = Stage::Inside { admission, presence };
        self.media.open(grant, now.mono);
    }

    /// Lets media flow again for somebody whose admission stands.
    pub(crate) fn reopen_media(&mut self, participant: ParticipantId, now: Now) {
        let awake = |seat: &&Seat| seat.is_member() && seat.presence() != Some(Presence::DeviceAsleep);
        let admission = self.seats.get(&participant).filter(awake).and_then(Seat::admission);
        if let Some(admission) = admission {
            let grant = MediaGrant::mint(participant, &admission.capabilities());
            self.media.open(grant, now.mono);
        }
    }

    /// The door said no, or not now: whoever has a place loses it; says whether the stage changed.
    fn outside(
        &mut self,
        participant: ParticipantId,
        why: Result<WaitReason, RefuseReason>,
        reconsider_at: Option<ids::Timestamp>,
        now: Now,
    ) -> bool {
        let why = self.if_there_is_room_to_wait(participant, why);
        let had_place = self.seats.get(&participant).is_some_and(Seat::has_place);
        let behind = self.seats.get(&participant).is_some_and(|seat| self.is_behind_her_back(seat));
        if had_place && behind && why.is_ok() {
            self.waits_again(participant, now);
        } else if had_place {
            self.end_admission(participant, gone_reason(why), now);
        }
        if why.is_err() {
            self.media.disconnect(participant, now.mono);
        }
        let Some(seat) = self.seats.get_mut(&participant) else { return false };
        if !matches!(seat.stage, Stage::Waiting { .. }) {
            seat.since = now.wall;
        }
        seat.stage = match why {
            Ok(why) => Stage::Waiting { why, reconsider_at },
            Err(why) => Stage::Refused { why, reconsider_at },
        };
        had_place
    }

    /// Sent back, by whom or whatever: on no host's worker without a click (SEC-014, SEC-115).
    pub(crate) fn waits_again(&mut self, participant: ParticipantId, now: Now) {
        self.end_admission(participant, GoneReason::SentBack, now);
        self.workers_forget(participant);
        if let Some(seat) = self.seats.get_mut(&participant) {
            seat.key_package = None;
        }
    }

    /// The waiting room is limited, but never for a young person or a host (CARE-01, SEC-025).
    fn if_there_is_room_to_wait(
        &self,
        participant: ParticipantId,
        why: Result<WaitReason, RefuseReason>,
    ) -> Result<WaitReason, RefuseReason> {
        let Some(seat) = self.seats.get(&participant) else { return why };
        let has_a_chair = seat.has_place() || matches!(seat.stage, Stage::Waiting { .. });
        let goes_first = matches!(seat.role(), Some(Role::YoungPerson | Role::Host));
        if why.is_err() || has_a_chair || goes_first {
            return why;
        }
        let waiting = self.seats.values().filter(|seat| matches!(seat.stage, Stage::Waiting { .. })).count();
        if waiting >= WAITING_MAX { Err(RefuseReason::WaitingRoomFull) } else { why }
    }

    /// Ends what an admission gives, the forwarder first (SEC-024), and has its end recorded. The caller says which
    /// stage comes next. Nothing happens to somebody without a place.
    pub(crate) fn end_admission(&mut self, participant: ParticipantId, reason: GoneReason, now: Now) {
        self.media.pause(participant, now.mono);
        if self.screen == Some(participant) {
            self.screen = None;
            self.media.set_screen(None, now.mono);
        }
        let Some(seat) = self.seats.get_mut(&participant) else { return };
        (seat.click, seat.asked) = (None, None);
        // Whoever stepped out or lost the line was announced then, with the same reason.
        let announced = seat.presence().and_then(gone_reason_of);
        let was_inside = seat.admission().is_some();
        let (Stage::Inside { admission, .. } | Stage::Entering { admission, .. }) =
            core::mem::replace(&mut seat.stage, Stage::Away)
        else {
            return;
        };
        seat.since = now.wall;
        seat.admitted_device = None;
        seat.question.is_used_up();
        let (person, line) = (seat.person, seat.line);
        let (transport, pictured) = (seat.transport, seat.picture.end(now.mono));
        if let Some(line) = line.and_then(|connection| self.lines.get_mut(&connection)) {
            line.joined = None;
        }
        let admission = admission.id();
        let transport = self.media.transport(participant).or(transport);
        let at = now.wall;
        self.record(RoomEvent::AdmissionEnded {
            admission,
            participant,
            person,
            reason,
            away: announced,
            at,
            transport,
            pictured,
        });
        if was_inside && announced != Some(reason) {
            self.tell_gone(participant, reason, now);
        }
    }

    /// Ends the session for everyone.
    pub(crate) fn end_for_all(&mut self, by: ParticipantId, now: Now) {
        self.ended = true;
        self.record(RoomEvent::SessionEnded { by, at: now.wall });
        for participant in self.everyone() {
            self.media.disconnect(participant, now.mono);
            self.end_admission(participant, GoneReason::EndedByHost, now);
            self.set_stage(participant, Stage::Away);
        }
        self.end_group();
        for connection in self.lines.keys().copied().collect::<Vec<_>>() {
            self.end_line(connection, EndReason::EndedForAll);
        }
    }

    /// Ends the session for one person, inside or waiting.
    pub(crate) fn end_for(&mut self, participant: ParticipantId, by: ParticipantId, now: Now) {
        self.workers_forget(participant);
        let Some(seat) = self.seats.get_mut(&participant) else { return };
        seat.ended_for = true;
        let (person, line) = (seat.person, seat.line);
        self.media.pause(participant, now.mono);
        self.record(RoomEvent::EndedFor { participant, person, by, at: now.wall });
        // Of somebody who waits again that was the last word to hosts; it is over as well.
        if self.seats.get(&participant).is_some_and(|seat| !seat.has_place() && seat.gone.is_some()) {
            self.tell_hosts_gone(participant, GoneReason::EndedByHost, now);
        }
        self.end_admission(participant, GoneReason::EndedByHost, now);
        self.set_stage(participant, Stage::Away);
        self.media.disconnect(participant, now.mono);
        if let Some(connection) = line {
            self.end_line(connection, EndReason::EndedForYou);
        }
    }

    /// Has the server's statement signed for each page whose person the door does not refuse.
    pub(crate) fn ask_for_attestations(&mut self, now: Now) {
        let mut asked = Vec::new();
        for (connection, line) in &mut self.lines {
            let Some(seat) = self.seats.get(&line.participant).filter(|seat| seat.line == Some(*connection))
            else {
                continue;
            };
            let (Some(device), Some(role)) = (line.device.clone(), seat.role()) else { continue };
            if line.attested != Attested::No || matches!(seat.stage, Stage::Refused { .. }) {
                continue;
            }
            line.attested = Attested::Asked;
            let attestation = Attestation {
                session: self.config.session,
                participant: line.participant,
                person: person_tag(&self.config.organization_key, seat.person),
                role,
                name: seat.name.clone(),
                device,
                issued: now.wall,
                expires: now.wall.plus(ATTESTATION_GOOD),
            };
            asked.push(Output::Attest { connection: *connection, attestation });
        }
        self.outputs.extend(asked);
    }

    /// Asks each page once for a key package when its person waits, or is let in and not in the group.
    pub(crate) fn ask_for_key_packages(&mut self) {
        let group = self.group.as_ref().map(|group| group.id);
        let mut wanted = Vec::new();
        for (connection, line) in &mut self.lines {
            let Some(seat) = self.seats.get(&line.participant).filter(|seat| seat.line == Some(*connection))
            else {
                continue;
            };
            let outside = matches!(seat.stage, Stage::Waiting { .. });
            let apart = seat.is_here() && (group.is_none() || line.joined != group);
            let lacks = line.knocked && seat.key_package.is_none() && !line.key_package_wanted;
            if lacks && (outside || apart) {
                line.key_package_wanted = true;
                wanted.push(*connection);
            }
        }
        for connection in wanted {
            self.send(connection, ServerMessage::KeyPackageWanted);
        }
    }
}

/// The pseudonym under which everyone in the room knows a person again.
fn person_tag(organization_key: &[u8; 32], person: PersonId) -> PersonTag {
    let digest = Sha256::new()
        .chain_update(PERSON_LABEL)
        .chain_update(organization_key)
        .chain_update(person.as_bytes())
        .finalize();
    let mut tag = [0; 16];
    tag.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    PersonTag(tag)
}

/// What those inside are told, and what is recorded, when the door takes an admission back.
const fn gone_reason(why: Result<WaitReason, RefuseReason>) -> GoneReason {
    match why {
        Ok(WaitReason::SentBack) => GoneReason::SentBack,
        Err(RefuseReason::EndedForYou | RefuseReason::SessionEnded) => GoneReason::EndedByHost,
        Err(RefuseReason::OwnWithdrawal | RefuseReason::SignedOut) => GoneReason::Left,
        _ => GoneReason::DoorClosed,
    }
}

/// The reason that was told when this presence began.
pub(crate) const fn gone_reason_of(presence: Presence) -> Option<GoneReason> {
    match presence {
        Presence::Here => None,
        Presence::SteppedOut => Some(GoneReason::SteppedOut),
        Presence::SomeoneCameIn => Some(GoneReason::SomeoneCameIn),
        Presence::LineLost => Some(GoneReason::LineLost),
        Presence::DeviceAsleep => Some(GoneReason::DeviceAsleep),
    }
}
