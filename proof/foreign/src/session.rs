//! A live room in which several people say anything, in any order, while sockets come and go, time passes, facts
//! change and records fail. Bytes tell the story; whatever it is, the room comes to rest, and what only those with an
//! admission may have goes to nobody else (SEC-001, SEC-023).
//!
//! Two people are inside from the start, and workers answer what the room asks them, so that a story need not be long
//! to be about something.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use domain::door::{ClosingFacts, CuttingFacts, Facts, Invited, Planned};
use domain::meeting::Window;
use ids::{Assurance, ConnectionId, GroupId, ParticipantId, PersonId, Personal, Role, SessionId, Timestamp};
use protocol::group::SignedAttestation;
use protocol::wire::{ClientMessage, Commit, DeviceKey, KeyPackageHash, Sealed, ServerMessage};
use room::{Arrival, Now, Output, RecordId, Recorded, Room, RoomConfig, RoomEvent};
use sha2::{Digest as _, Sha256};

/// Who is invited. Nobody ever may let in the last one: she is blocked.
const SEATS: [Role; 5] = [Role::Host, Role::Host, Role::YoungPerson, Role::Guardian, Role::Support];
const BLOCKED: u8 = 4;
/// Sockets of one story.
const PAGES_MAX: usize = 24;
/// Steps of one story.
const STEPS_MAX: usize = 400;
/// Outputs in a row before the room must have come to rest.
const OUTPUTS_MAX: usize = 5_000;
/// What workers answer in a row.
const ANSWERS_MAX: usize = 24;
const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Time that a step takes by itself; as fast as anybody may speak in the long run.
const STEP: Duration = Duration::from_millis(34);
const SERVER: ([u8; 4], u16) = ([192, 0, 2, 1], 443);

const fn seat(number: u8) -> ParticipantId {
    ParticipantId::from_bytes([number; 16])
}

/// The seat that foreign bytes mean.
fn seat_of(id: ParticipantId) -> ParticipantId {
    let [first, ..] = *id.as_bytes();
    seat(first.checked_rem(BLOCKED + 1).unwrap_or_default())
}

fn role_of(participant: ParticipantId) -> Role {
    let [number, ..] = *participant.as_bytes();
    SEATS.get(usize::from(number)).copied().unwrap_or(Role::Support)
}

fn hash_of(bytes: &[u8]) -> KeyPackageHash {
    KeyPackageHash(Sha256::digest(bytes).into())
}

fn facts(number: u8) -> Facts {
    let invitation = Invited::Yes { role: role_of(seat(number)), until: None };
    Facts {
        cutting: CuttingFacts {
            invitation,
            blocked: number == BLOCKED,
            own_withdrawal: false,
            signed_out: false,
            session_ended: false,
            ended_for: false,
        },
        closing: ClosingFacts {
            window: Window::new(START, START.plus(Duration::from_secs(3_600))),
            young_person_invited: true,
            comes_with_parents: false,
            planned: Planned::OnScreen,
            late_until: None,
        },
    }
}

/// One socket and the page at its other end, with a toy group: the room must not be able to tell.
struct Page {
    connection: ConnectionId,
    who: ParticipantId,
    group: Option<(GroupId, u64)>,
    members: BTreeSet<ParticipantId>,
    asks: VecDeque<ServerMessage>,
}

/// How the shell writes records.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writing {
    AtOnce,
    Failing,
    /// Not before it is told to.
    Later,
}

/// A room and everything around it.
pub(crate) struct Session {
    room: Room,
    now: Now,
    facts: BTreeMap<ParticipantId, Facts>,
    pages: Vec<Page>,
    packages: BTreeMap<ParticipantId, KeyPackageHash>,
    writing: Writing,
    unanswered: VecDeque<(RecordId, RoomEvent)>,
    /// Whose admission has been written and has not ended.
    admitted: BTreeSet<ParticipantId>,
    made: u32,
}

impl Session {
    /// A session with a host and a young person inside.
    pub(crate) fn two_inside(mono: Instant) -> Self {
        let now = Now { wall: START, mono };
        let config = RoomConfig {
            session: SessionId::from_bytes([9; 16]),
            organization_key: [8; 32],
            sfu: sfu::SfuConfig { udp: vec![SERVER.into()], tcp: Vec::new() },
            seed: [7; 32],
        };
        let mut session = Self {
            room: Room::new(config, now),
            now,
            facts: (0..=BLOCKED).map(|number| (seat(number), facts(number))).collect(),
            pages: Vec::new(),
            packages: BTreeMap::new(),
            writing: Writing::AtOnce,
            unanswered: VecDeque::new(),
            admitted: BTreeSet::new(),
            made: 0,
        };
        for number in [0, 2] {
            session.arrive(number);
        }
        session.say_apt(0, ClientMessage::Admit { participant: seat(2), hash: KeyPackageHash([0; 32]) });
        assert!(session.admitted.contains(&seat(0)) && session.admitted.contains(&seat(2)));
        assert!(session.pages.iter().all(|page| page.group.is_some()), "both are in the group");
        session
    }

    /// Lives through a story: steps of what, who, a length and that many bytes.
    pub(crate) fn live(&mut self, story: &[u8]) {
        let mut rest = story;
        for _ in 0..STEPS_MAX {
            let Some((&[what, who, length], tail)) = rest.split_first_chunk::<3>() else { return };
            let (bytes, next) = tail.split_at(usize::from(length).min(tail.len()));
            rest = next;
            self.step(what, who, bytes);
            self.pass(STEP);
        }
    }

    fn step(&mut self, what: u8, who: u8, bytes: &[u8]) {
        let page = usize::from(who).checked_rem(self.pages.len()).unwrap_or_default();
        let first = bytes.first().copied().unwrap_or_default();
        match what & 15 {
            0 => self.say(page, bytes),
            1..=7 => {
                if let Ok(message) = protocol::unpack::<ClientMessage>(bytes) {
                    self.say_apt(page, message);
                }
            }
            8 => self.arrive(who.checked_rem(BLOCKED + 1).unwrap_or_default()),
            9 => self.open(who.checked_rem(BLOCKED + 1).unwrap_or_default()),
            10 => {
                if let Some(page) = self.pages.get(page) {
                    self.room.handle_disconnected(page.connection, self.now);
                    self.rest();
                }
            }
            11 => self.pass(Duration::from_millis(u64::from(first) * 500)),
            12 => self.change_facts(who, first),
            13 => self.write(first),
            14 => {
                let (source, destination) = (([198, 51, 100, 7], u16::from(who)).into(), SERVER.into());
                let packet = sfu::Packet { transport: sfu::Transport::Udp, source, destination, bytes };
                self.room.handle_packet(&packet, self.now);
                self.rest();
            }
            _ => self.stray(bytes),
        }
    }

    /// Opens a socket for a seat.
    fn open(&mut self, number: u8) {
        let who = seat(number);
        let Some(facts) = self.facts.get(&who).cloned().filter(|_| self.pages.len() < PAGES_MAX) else {
            return;
        };
        self.made += 1;
        let mut id = [0; 16];
        id[..4].copy_from_slice(&self.made.to_be_bytes());
        let connection = ConnectionId::from_bytes(id);
        let (group, members, asks) = (None, BTreeSet::new(), VecDeque::new());
        self.pages.push(Page { connection, who, group, members, asks });
        let person = PersonId::from_bytes(*who.as_bytes());
        let name = Personal::new(format!("name {number}"));
        let (given, assurance) = (name.clone(), Assurance::Link);
        let arrival = Arrival { connection, participant: who, person, name, given, assurance, facts };
        self.room.handle_connected(arrival, self.now);
        self.rest();
    }

    /// Opens a socket, says hello and knocks.
    fn arrive(&mut self, number: u8) {
        let before = self.pages.len();
        self.open(number);
        if self.pages.len() > before {
            self.say_apt(before, ClientMessage::Hello { device: DeviceKey(Vec::new()), returning: false });
            self.knock(before);
        }
    }

    fn knock(&mut self, page: usize) {
        self.made += 1;
        let key_package = self.made.to_be_bytes().to_vec();
        self.say_apt(page, ClientMessage::Knock { key_package, hash: KeyPackageHash([0; 32]) });
    }

    /// Says something with the ids and hashes in it that it takes to be understood; a fuzzer finds no hash by itself.
    fn say_apt(&mut self, page: usize, message: ClientMessage) {
        let Some(Page { who, group, .. }) = self.pages.get(page) else { return };
        let (who, group) = (*who, *group);
        let mut package = |key_package: Vec<u8>| {
            let hash = hash_of(&key_package);
            self.packages.insert(who, hash);
            (key_package, hash)
        };
        let apt = match message {
            ClientMessage::Hello { device, returning } => {
                let mut key = vec![4; 65];
                key[1..3]
                    .copy_from_slice(&[device.0.first().copied().unwrap_or_default(), who.as_bytes()[0]]);
                ClientMessage::Hello { device: DeviceKey(key), returning }
            }
            ClientMessage::Knock { key_package, .. } => {
                let (key_package, hash) = package(key_package);
                ClientMessage::Knock { key_package, hash }
            }
            ClientMessage::StepIn { key_package, .. } => {
                let (key_package, hash) = package(key_package);
                ClientMessage::StepIn { key_package, hash }
            }
            ClientMessage::Admit { participant, hash } => {
                let participant = seat_of(participant);
                let hash = self.packages.get(&participant).copied().unwrap_or(hash);
                ClientMessage::Admit { participant, hash }
            }
            ClientMessage::SendBack { participant } => {
                ClientMessage::SendBack { participant: seat_of(participant) }
            }
            ClientMessage::EndFor { participant } => {
                ClientMessage::EndFor { participant: seat_of(participant) }
            }
            ClientMessage::Note { participant, text } => {
                ClientMessage::Note { participant: seat_of(participant), text }
            }
            ClientMessage::Sealed(sealed) => {
                let group = group.map_or(sealed.group, |(group, _)| group);
                ClientMessage::Sealed(Sealed { group, ..sealed })
            }
            ClientMessage::Commit(commit) => ClientMessage::Commit(self.apt_commit(commit, group)),
            other => other,
        };
        self.say(page, &protocol::encode(&apt));
    }

    fn apt_commit(&self, commit: Commit, group: Option<(GroupId, u64)>) -> Commit {
        let (group, epoch) = group.unwrap_or((commit.group, commit.epoch));
        let added = commit.added.into_iter().map(|(who, hash)| {
            let who = seat_of(who);
            (who, self.packages.get(&who).copied().unwrap_or(hash))
        });
        let (added, removed) = (added.collect(), commit.removed.into_iter().map(seat_of).collect());
        Commit { group, epoch, added, removed, ..commit }
    }

    fn say(&mut self, page: usize, bytes: &[u8]) {
        if let Some(page) = self.pages.get(page) {
            self.room.handle_message(page.connection, bytes, self.now);
            self.rest();
        }
    }

    fn pass(&mut self, by: Duration) {
        self.now = Now { wall: self.now.wall.plus(by), mono: self.now.mono + by };
        self.room.handle_timeout(self.now);
        self.rest();
    }

    /// Turns one fact over; that she is blocked never changes.
    fn change_facts(&mut self, who: u8, which: u8) {
        let who = seat(who.checked_rem(BLOCKED).unwrap_or_default());
        let Some(facts) = self.facts.get_mut(&who) else { return };
        let cutting = &mut facts.cutting;
        match which & 7 {
            0 => cutting.blocked ^= true,
            1 => cutting.own_withdrawal ^= true,
            2 => cutting.signed_out ^= true,
            3 => cutting.session_ended ^= true,
            4 => cutting.ended_for ^= true,
            5 => cutting.invitation = Invited::Yes { role: role_of(who), until: Some(self.now.wall) },
            6 => facts.closing.window = Window::new(self.now.wall, self.now.wall.plus(STEP)),
            _ => facts.closing.young_person_invited ^= true,
        }
        self.room.handle_facts_changed(&[who]);
        self.rest();
    }

    fn write(&mut self, how: u8) {
        self.writing = match how & 3 {
            0 | 1 => Writing::AtOnce,
            2 => Writing::Failing,
            _ => Writing::Later,
        };
        let written = if how & 4 == 0 { Recorded::Written } else { Recorded::Failed };
        if self.writing != Writing::Later {
            while let Some((record, event)) = self.unanswered.pop_front() {
                self.answer(record, &event, written);
            }
        }
        self.rest();
    }

    /// Inputs that answer nothing and belong to nobody.
    fn stray(&mut self, bytes: &[u8]) {
        let connection = ConnectionId::from_bytes([0xee; 16]);
        self.room.handle_message(connection, bytes, self.now);
        self.room.handle_disconnected(connection, self.now);
        let attestation = SignedAttestation { statement: bytes.to_vec(), signature: bytes.to_vec() };
        self.room.handle_attested(connection, attestation, self.now);
        self.room.handle_recorded(RecordId(u64::MAX), Recorded::Written, self.now);
        self.room.handle_facts(seat(77), facts(77), self.now);
        if bytes == [0xff] {
            self.room.handle_stopping(self.now);
        }
        self.rest();
    }

    /// Does what a shell does until the room has nothing more to say, and lets workers answer.
    fn rest(&mut self) {
        for _ in 0..ANSWERS_MAX {
            self.drain();
            if !self.work() {
                break;
            }
        }
        self.drain();
        self.nobody_sees_without_an_admission();
    }

    fn drain(&mut self) {
        for _ in 0..OUTPUTS_MAX {
            match self.room.poll_output() {
                Output::Timeout(_) => return,
                output => self.obey(output),
            }
        }
        panic!("the room never comes to rest");
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Send { connection, message } => self.hear(connection, *message),
            Output::Close { connection } => {
                if let Some(page) = self.pages.iter_mut().find(|page| page.connection == connection) {
                    page.asks.clear();
                }
            }
            Output::LoadFacts { participants } => {
                for participant in participants {
                    if let Some(facts) = self.facts.get(&participant).cloned() {
                        self.room.handle_facts(participant, facts, self.now);
                    }
                }
            }
            Output::Attest { connection, attestation } => {
                let statement = protocol::pack(&attestation);
                let signed = SignedAttestation { statement, signature: vec![1; 64] };
                self.room.handle_attested(connection, signed, self.now);
            }
            Output::Record { record, event } => self.record(record, event),
            Output::RouteMedia { .. } | Output::Transmit(_) | Output::Timeout(_) => {}
        }
    }

    fn record(&mut self, record: RecordId, event: RoomEvent) {
        match &event {
            RoomEvent::AdmissionBegun { participant, by, .. } => {
                assert_ne!(*participant, seat(BLOCKED), "let in somebody who is blocked");
                let by = by.unwrap_or(*participant);
                assert!(role_of(by).is_host(), "let in by somebody who is no host");
            }
            RoomEvent::AdmissionEnded { participant, .. } => {
                self.admitted.remove(participant);
            }
            RoomEvent::EndedFor { by, .. } | RoomEvent::SessionEnded { by, .. } => {
                assert!(role_of(*by).is_host(), "ended by somebody who is no host");
            }
            RoomEvent::SessionStarted { .. } => {}
        }
        match self.writing {
            Writing::AtOnce => self.answer(record, &event, Recorded::Written),
            Writing::Failing => self.answer(record, &event, Recorded::Failed),
            Writing::Later => self.unanswered.push_back((record, event)),
        }
    }

    fn answer(&mut self, record: RecordId, event: &RoomEvent, how: Recorded) {
        if let (RoomEvent::AdmissionBegun { participant, .. }, Recorded::Written) = (event, how) {
            self.admitted.insert(*participant);
        }
        self.room.handle_recorded(record, how, self.now);
    }

    fn hear(&mut self, connection: ConnectionId, message: ServerMessage) {
        let Some(page) = self.pages.iter_mut().find(|page| page.connection == connection) else { return };
        if is_for_those_inside(&message) {
            assert!(self.admitted.contains(&page.who), "told somebody without an admission");
        }
        if matches!(message, ServerMessage::Lobby { .. } | ServerMessage::AddWanted { .. }) {
            assert!(role_of(page.who).is_host(), "told somebody who is no host");
        }
        page.hear(message);
    }

    /// One page's worker answers one thing; says whether there was any.
    fn work(&mut self) -> bool {
        let Some(page) = self.pages.iter().position(|page| !page.asks.is_empty()) else { return false };
        match self.pages[page].asks.pop_front() {
            Some(ServerMessage::KeyPackageWanted) => self.made_package(page),
            Some(ServerMessage::AddWanted { participant, key_package, .. }) => {
                let commit = self.pages[page].commit(Some((participant, hash_of(&key_package))), participant);
                self.send_commit(page, commit);
            }
            Some(ServerMessage::RemoveWanted { participant }) => {
                let commit = self.pages[page].commit(None, participant);
                self.send_commit(page, commit);
            }
            _ => {}
        }
        true
    }

    fn made_package(&mut self, page: usize) {
        let Page { connection, who, .. } = self.pages[page];
        self.made += 1;
        let key_package = self.made.to_be_bytes().to_vec();
        let hash = hash_of(&key_package);
        self.packages.insert(who, hash);
        let knock = protocol::encode(&ClientMessage::Knock { key_package, hash });
        self.room.handle_message(connection, &knock, self.now);
    }

    fn send_commit(&mut self, page: usize, commit: Option<Commit>) {
        if let Some(commit) = commit {
            let commit = protocol::encode(&ClientMessage::Commit(commit));
            self.room.handle_message(self.pages[page].connection, &commit, self.now);
        }
    }

    fn nobody_sees_without_an_admission(&self) {
        for number in 0..=BLOCKED {
            let slots = self.room.slots(seat(number));
            let may_see = slots.is_empty() || self.admitted.contains(&seat(number));
            let all_may_be_seen = slots.iter().all(|slot| self.admitted.contains(&slot.participant));
            assert!(may_see && all_may_be_seen, "media without an admission");
        }
    }
}

/// What the room says to nobody who waits.
const fn is_for_those_inside(message: &ServerMessage) -> bool {
    matches!(
        message,
        ServerMessage::Sealed { .. }
            | ServerMessage::Commit { .. }
            | ServerMessage::Joined { .. }
            | ServerMessage::Roster { .. }
            | ServerMessage::Lobby { .. }
            | ServerMessage::AddWanted { .. }
            | ServerMessage::RemoveWanted { .. }
            | ServerMessage::CreateGroup { .. }
            | ServerMessage::Slots { .. }
    )
}

impl Page {
    fn hear(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::CreateGroup { group } => {
                (self.group, self.members) = (Some((group, 0)), BTreeSet::from([self.who]));
            }
            ServerMessage::GroupEnded { .. }
            | ServerMessage::Ended { .. }
            | ServerMessage::Waiting { .. } => self.group = None,
            ServerMessage::Joined { group, welcome } => {
                let welcome = protocol::unpack::<(u64, BTreeSet<ParticipantId>)>(&welcome);
                let (epoch, members) = welcome.unwrap_or_default();
                (self.group, self.members) = (Some((group, epoch)), members);
            }
            ServerMessage::Commit { commit, .. }
                if self.group.is_some_and(|(group, _)| group == commit.group) =>
            {
                self.group = Some((commit.group, commit.epoch.saturating_add(1)));
                self.members.retain(|member| !commit.removed.contains(member));
                self.members.extend(commit.added.into_iter().map(|(added, _)| added));
            }
            ServerMessage::KeyPackageWanted
            | ServerMessage::AddWanted { .. }
            | ServerMessage::RemoveWanted { .. } => self.asks.push_back(message),
            _ => {}
        }
    }

    /// A commit that adds, or else removes, this participant; an old leaf of somebody who comes back goes with it.
    fn commit(
        &self,
        added: Option<(ParticipantId, KeyPackageHash)>,
        participant: ParticipantId,
    ) -> Option<Commit> {
        let (group, epoch) = self.group?;
        let is_there = self.members.contains(&participant);
        let removed = if added.is_none() || is_there { vec![participant] } else { Vec::new() };
        let after: BTreeSet<_> = self.members.iter().copied().chain([participant]).collect();
        let welcome = added.map(|_| protocol::pack(&(epoch.saturating_add(1), after)));
        let added = added.into_iter().collect();
        Some(Commit { group, epoch, message: b"toy".to_vec(), added, removed, welcome })
    }
}
