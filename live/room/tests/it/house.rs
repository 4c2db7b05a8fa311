//! A room with a shell around it that does what the server does, and pages that do what pages do.
//!
//! A [`Page`] follows the protocol with a toy group: its "welcome" carries the epoch, nothing is encrypted. That is
//! enough, because the room must not be able to tell.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use domain::door::{ClosingFacts, CuttingFacts, Facts, Invited, Planned};
use domain::meeting::Window;
use ids::{
    Assurance, ConnectionId, GroupId, PING_INTERVAL_MS, ParticipantId, PersonId, Personal, Role, SessionId,
    Timestamp,
};
use protocol::group::SignedAttestation;
use protocol::wire::{ClientMessage, Commit, DeviceKey, KeyPackageHash, Sealed, ServerMessage};
use room::{Arrival, Deadlines, Now, Output, RecordId, Recorded, Room, RoomConfig, RoomEvent};
use sha2::{Digest, Sha256};

/// The booked start, early enough inside the window that long tests stay in it.
pub(crate) const START: i64 = 1_800_000_000_000;

pub(crate) fn who(number: u8) -> ParticipantId {
    ParticipantId::from_bytes([number; 16])
}

pub(crate) fn hash_of(bytes: &[u8]) -> KeyPackageHash {
    KeyPackageHash(Sha256::digest(bytes).into())
}

/// Facts that speak for somebody in this role.
pub(crate) fn good_facts(role: Role) -> Facts {
    let starts = Timestamp::from_millis(START);
    let window = Window::new(starts, starts.plus(Duration::from_secs(3_600)));
    Facts {
        cutting: CuttingFacts {
            invitation: Invited::Yes { role, until: None },
            blocked: false,
            own_withdrawal: false,
            signed_out: false,
            session_ended: false,
            ended_for: false,
        },
        closing: ClosingFacts {
            window,
            young_person_invited: true,
            comes_with_parents: false,
            planned: Planned::OnScreen,
            late_until: None,
        },
    }
}

/// One page in a browser.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) connection: ConnectionId,
    pub(crate) participant: ParticipantId,
    pub(crate) device: DeviceKey,
    pub(crate) key_package: Option<Vec<u8>>,
    pub(crate) group: Option<GroupId>,
    pub(crate) epoch: u64,
    pub(crate) members: BTreeSet<ParticipantId>,
    pub(crate) got: Vec<ServerMessage>,
    /// What the server asked this worker to do and it has not done.
    pub(crate) asks: VecDeque<ServerMessage>,
    pub(crate) closed: bool,
}

/// One thing that went into the room or came out of it.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    Opened(ConnectionId, ParticipantId),
    Said(ConnectionId, ClientMessage),
    Dropped(ConnectionId),
    Facts(ParticipantId, Box<Facts>),
    Answered(RecordId, Recorded),
    Output(Output),
}

/// The room and everything around it.
pub(crate) struct House {
    pub(crate) room: Room,
    pub(crate) now: Now,
    pub(crate) facts: BTreeMap<ParticipantId, Facts>,
    pub(crate) pages: Vec<Page>,
    pub(crate) records: Vec<RoomEvent>,
    /// Records that the shell has not answered.
    pub(crate) unanswered: VecDeque<RecordId>,
    /// Everything that went in and came out, in order.
    pub(crate) log: Vec<(Timestamp, Seen)>,
    pub(crate) deadlines: Option<Deadlines>,
    /// The shell answers records at once.
    pub(crate) writes: bool,
    /// Workers answer at once.
    pub(crate) works: bool,
    made: u32,
}

impl House {
    pub(crate) fn new() -> Self {
        let began = Instant::now();
        let now = Now { wall: Timestamp::from_millis(START), mono: began };
        let config = RoomConfig {
            session: SessionId::from_bytes([9; 16]),
            organization_key: [8; 32],
            sfu: sfu::SfuConfig { udp: vec![([192, 0, 2, 1], 443).into()], tcp: Vec::new() },
            seed: [7; 32],
        };
        Self {
            room: Room::new(config, now),
            now,
            facts: BTreeMap::new(),
            pages: Vec::new(),
            records: Vec::new(),
            unanswered: VecDeque::new(),
            log: Vec::new(),
            deadlines: None,
            writes: true,
            works: true,
            made: 0,
        }
    }

    /// Registers a person and returns the seat.
    pub(crate) fn invite(&mut self, number: u8, role: Role) -> ParticipantId {
        self.facts.insert(who(number), good_facts(role));
        who(number)
    }

    /// Opens a socket; nothing is said on it yet.
    pub(crate) fn open(&mut self, participant: ParticipantId, device: u8) -> usize {
        self.made += 1;
        let mut id = [0; 16];
        id[..4].copy_from_slice(&self.made.to_be_bytes());
        let connection = ConnectionId::from_bytes(id);
        let mut key = vec![4; 65];
        key[1] = device;
        key[2] = participant.as_bytes()[0];
        self.pages.push(Page {
            connection,
            participant,
            device: DeviceKey(key),
            key_package: None,
            group: None,
            epoch: 0,
            members: BTreeSet::new(),
            got: Vec::new(),
            asks: VecDeque::new(),
            closed: false,
        });
        let facts = self.facts.get(&participant).expect("the test invited this person").clone();
        self.log.push((self.now.wall, Seen::Opened(connection, participant)));
        self.log.push((self.now.wall, Seen::Facts(participant, Box::new(facts.clone()))));
        let person = PersonId::from_bytes(*participant.as_bytes());
        let name = Personal::new(format!("name {}", participant.as_bytes()[0]));
        let given = Personal::new("first".to_owned());
        let assurance = Assurance::Link;
        let arrival = Arrival { connection, participant, person, name, given, assurance, facts };
        self.room.handle_connected(arrival, self.now);
        self.pump();
        self.pages.len() - 1
    }

    /// Opens a page and lets it say hello and knock, as a page does when its person presses the button.
    pub(crate) fn arrive(&mut self, participant: ParticipantId) -> usize {
        self.arrive_on(participant, 1)
    }

    pub(crate) fn arrive_on(&mut self, participant: ParticipantId, device: u8) -> usize {
        let page = self.open(participant, device);
        self.hello(page);
        self.knock(page);
        page
    }

    /// A host and a young person, inside and in one group.
    pub(crate) fn two_inside() -> (Self, usize, usize) {
        let mut house = Self::new();
        let (host, young) = (house.invite(1, Role::Host), house.invite(2, Role::YoungPerson));
        let host = house.arrive(host);
        let young = house.arrive(young);
        house.click(host, young);
        assert!(house.is_joined(young), "the young person was welcomed");
        (house, host, young)
    }

    pub(crate) fn hello(&mut self, page: usize) {
        let device = self.pages[page].device.clone();
        self.say(page, &ClientMessage::Hello { device, returning: false });
    }

    pub(crate) fn fresh_package(&mut self, page: usize) -> (Vec<u8>, KeyPackageHash) {
        self.made += 1;
        let bytes = format!("package {} of {}", self.made, self.pages[page].connection).into_bytes();
        self.pages[page].key_package = Some(bytes.clone());
        let hash = hash_of(&bytes);
        (bytes, hash)
    }

    pub(crate) fn knock(&mut self, page: usize) {
        let (key_package, hash) = self.fresh_package(page);
        self.say(page, &ClientMessage::Knock { key_package, hash });
    }

    pub(crate) fn step_in(&mut self, page: usize) {
        let (key_package, hash) = self.fresh_package(page);
        self.say(page, &ClientMessage::StepIn { key_package, hash });
    }

    /// A host presses *let in* on what is on the screen.
    pub(crate) fn click(&mut self, host: usize, guest: usize) {
        let hash = hash_of(self.pages[guest].key_package.as_ref().expect("the guest has knocked"));
        let participant = self.pages[guest].participant;
        self.say(host, &ClientMessage::Admit { participant, hash });
    }

    pub(crate) fn chat(&mut self, page: usize, text: &str) {
        if let Some(group) = self.pages[page].group {
            self.say(page, &ClientMessage::Sealed(Sealed { group, message: text.as_bytes().to_vec() }));
        }
    }

    pub(crate) fn say(&mut self, page: usize, message: &ClientMessage) {
        self.say_bytes(page, &protocol::encode(message));
    }

    pub(crate) fn say_bytes(&mut self, page: usize, bytes: &[u8]) {
        if !self.pages[page].closed {
            self.deliver(self.pages[page].connection, bytes);
            self.pump();
        }
    }

    fn deliver(&mut self, connection: ConnectionId, bytes: &[u8]) {
        if let Ok(message) = protocol::decode(bytes) {
            self.log.push((self.now.wall, Seen::Said(connection, message)));
        }
        self.room.handle_message(connection, bytes, self.now);
    }

    /// The socket breaks.
    pub(crate) fn drop_line(&mut self, page: usize) {
        if !self.pages[page].closed {
            self.pages[page].closed = true;
            self.log.push((self.now.wall, Seen::Dropped(self.pages[page].connection)));
            self.room.handle_disconnected(self.pages[page].connection, self.now);
            self.pump();
        }
    }

    pub(crate) fn set_facts(&mut self, participant: ParticipantId, change: impl FnOnce(&mut Facts)) {
        let facts = self.facts.get_mut(&participant).expect("the test invited this person");
        change(facts);
        self.room.handle_facts_changed(&[participant]);
        self.pump();
    }

    /// Time passes, and every open page pings.
    pub(crate) fn wait(&mut self, millis: u64) {
        let pages: Vec<usize> = (0..self.pages.len()).collect();
        self.wait_with(millis, &pages);
    }

    /// Time passes; only these pages ping.
    pub(crate) fn wait_with(&mut self, millis: u64, pages: &[usize]) {
        let mut left = millis;
        while left > 0 {
            let step = left.min(PING_INTERVAL_MS);
            left -= step;
            self.jump(step);
            for page in pages {
                self.say(*page, &ClientMessage::Ping { number: 0 });
            }
        }
    }

    /// Time passes in silence; the room is called at its deadlines, as the shell does.
    pub(crate) fn jump(&mut self, millis: u64) {
        let end = self.now.mono + Duration::from_millis(millis);
        for _ in 0..1_000 {
            let next = self.deadlines.map_or(end, |deadlines| self.earlier(&deadlines)).min(end);
            let by = next.saturating_duration_since(self.now.mono);
            self.now = Now { wall: self.now.wall.plus(by), mono: self.now.mono + by };
            self.room.handle_timeout(self.now);
            self.pump();
            if next == end {
                return;
            }
        }
        panic!("the room asks for too many deadlines");
    }

    fn earlier(&self, deadlines: &Deadlines) -> Instant {
        let wall = deadlines.wall.map(|wall| self.now.mono + wall.since(self.now.wall));
        let next = wall.map_or(deadlines.mono, |wall| wall.min(deadlines.mono));
        // Wall time has whole milliseconds; a deadline between two of them is met at the later.
        next.max(self.now.mono + Duration::from_millis(1))
    }

    /// Does what the server's shell does until the room has nothing more to say.
    pub(crate) fn pump(&mut self) {
        for _ in 0..2_000 {
            let output = self.room.poll_output();
            if let Output::Timeout(deadlines) = output {
                self.deadlines = Some(deadlines);
                if !(self.works && self.work()) {
                    return;
                }
                continue;
            }
            self.log.push((self.now.wall, Seen::Output(output.clone())));
            self.obey(output);
        }
        panic!("the room never comes to rest");
    }

    fn obey(&mut self, output: Output) {
        match output {
            Output::Send { connection, message } => {
                if let Some(page) = self.pages.iter_mut().find(|page| page.connection == connection) {
                    page.hear(*message);
                }
            }
            Output::Close { connection } => {
                if let Some(page) = self.pages.iter_mut().find(|page| page.connection == connection) {
                    page.closed = true;
                }
            }
            Output::LoadFacts { participants } => {
                for participant in participants {
                    let facts =
                        self.facts.get(&participant).expect("only known people are asked about").clone();
                    self.log.push((self.now.wall, Seen::Facts(participant, Box::new(facts.clone()))));
                    self.room.handle_facts(participant, facts, self.now);
                }
            }
            Output::Attest { connection, attestation } => {
                let statement = protocol::pack(&attestation);
                let signed = SignedAttestation { statement, signature: vec![1; 64] };
                self.room.handle_attested(connection, signed, self.now);
            }
            Output::Record { record, event } => {
                self.records.push(event);
                self.unanswered.push_back(record);
                if self.writes {
                    self.answer(Recorded::Written);
                }
            }
            Output::RouteMedia { .. } | Output::Transmit(_) => {}
            Output::Timeout(_) => unreachable!("pump looks at timeouts itself"),
        }
    }

    /// Answers the oldest record.
    pub(crate) fn answer(&mut self, how: Recorded) {
        if let Some(record) = self.unanswered.pop_front() {
            self.log.push((self.now.wall, Seen::Answered(record, how)));
            self.room.handle_recorded(record, how, self.now);
        }
    }

    /// Every worker answers one thing; says whether there was any.
    fn work(&mut self) -> bool {
        let page = (0..self.pages.len())
            .find(|page| !self.pages[*page].closed && !self.pages[*page].asks.is_empty());
        page.is_some_and(|page| self.work_one(page))
    }

    /// One page's worker answers what it was asked first.
    pub(crate) fn work_one(&mut self, page: usize) -> bool {
        let Some(ask) = self.pages[page].asks.pop_front() else { return false };
        let message = match ask {
            ServerMessage::KeyPackageWanted => {
                let (key_package, hash) = self.fresh_package(page);
                Some(ClientMessage::Knock { key_package, hash })
            }
            ServerMessage::AddWanted { participant, key_package, .. } => {
                self.pages[page].add(participant, &key_package)
            }
            ServerMessage::RemoveWanted { participant } => self.pages[page].remove(participant),
            _ => None,
        };
        if let Some(message) = message {
            self.deliver(self.pages[page].connection, &protocol::encode(&message));
        }
        true
    }

    // What a test wants to know.

    pub(crate) fn got(&self, page: usize, is: impl Fn(&ServerMessage) -> bool) -> bool {
        self.pages[page].got.iter().any(is)
    }

    pub(crate) fn last(&self, page: usize, is: impl Fn(&ServerMessage) -> bool) -> Option<&ServerMessage> {
        self.pages[page].got.iter().rev().find(|message| is(message))
    }

    /// Forgets what pages have heard, so that a test can look at what comes next.
    pub(crate) fn forget(&mut self) {
        for page in &mut self.pages {
            page.got.clear();
        }
        self.records.clear();
        self.log.clear();
    }

    pub(crate) fn is_joined(&self, page: usize) -> bool {
        self.pages[page].group.is_some()
    }

    pub(crate) fn heard_chat(&self, page: usize, text: &str) -> bool {
        self.got(page, |message| {
            matches!(message, ServerMessage::Sealed { sealed, .. } if sealed.message == text.as_bytes())
        })
    }

    /// Whether the forwarder gives the first the second's media.
    pub(crate) fn sees(&self, one: usize, other: usize) -> bool {
        let other = self.pages[other].participant;
        self.room.slots(self.pages[one].participant).iter().any(|slot| slot.participant == other)
    }

    pub(crate) fn lobby(&self, host: usize) -> Vec<ParticipantId> {
        match self.last(host, |message| matches!(message, ServerMessage::Lobby { .. })) {
            Some(ServerMessage::Lobby { people }) => people.iter().map(|person| person.participant).collect(),
            _ => Vec::new(),
        }
    }
}

impl Page {
    pub(crate) fn hear(&mut self, message: ServerMessage) {
        match &message {
            ServerMessage::CreateGroup { group } => {
                (self.group, self.epoch, self.members) =
                    (Some(*group), 0, BTreeSet::from([self.participant]));
            }
            ServerMessage::GroupEnded { .. }
            | ServerMessage::Ended { .. }
            | ServerMessage::Waiting { .. } => {
                self.group = None;
            }
            ServerMessage::Joined { group, welcome } => {
                let (epoch, members): (u64, BTreeSet<ParticipantId>) =
                    protocol::unpack(welcome).unwrap_or((0, BTreeSet::new()));
                (self.group, self.epoch, self.members) = (Some(*group), epoch, members);
            }
            ServerMessage::Commit { commit, .. } if self.group == Some(commit.group) => {
                self.epoch = commit.epoch + 1;
                self.apply(commit);
            }
            ServerMessage::KeyPackageWanted
            | ServerMessage::AddWanted { .. }
            | ServerMessage::RemoveWanted { .. } => self.asks.push_back(message.clone()),
            _ => {}
        }
        self.got.push(message);
    }

    fn apply(&mut self, commit: &Commit) {
        for removed in &commit.removed {
            self.members.remove(removed);
        }
        self.members.extend(commit.added.iter().map(|(added, _)| *added));
    }

    pub(crate) fn add(&self, participant: ParticipantId, key_package: &[u8]) -> Option<ClientMessage> {
        let group = self.group?;
        let removed: Vec<_> = self.members.get(&participant).copied().into_iter().collect();
        let mut after = self.members.clone();
        after.insert(participant);
        Some(ClientMessage::Commit(Commit {
            group,
            epoch: self.epoch,
            message: b"add".to_vec(),
            added: vec![(participant, hash_of(key_package))],
            removed,
            welcome: Some(protocol::pack(&(self.epoch + 1, after))),
        }))
    }

    pub(crate) fn remove(&self, participant: ParticipantId) -> Option<ClientMessage> {
        Some(ClientMessage::Commit(Commit {
            group: self.group?,
            epoch: self.epoch,
            message: b"remove".to_vec(),
            added: Vec::new(),
            removed: vec![participant],
            welcome: None,
        }))
    }
}
