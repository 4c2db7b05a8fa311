//! The world of one run: everything happens here, in virtual time, in one order.

use core::time::Duration;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use domain::door::Facts;
use ids::{
    Assurance, ConnectionId, ParticipantId, PersonId, Personal, Role, SessionId, Timestamp, TrackKind,
};
use impair::Profile;
use peer::call::{Beginning, Call, SocketCommand, View};
use peer::group::{Memory, SoftDevice};
use peer::{Clips, Manners, Peer, PeerConfig, PeerEvent};
use protocol::wire::{ClientMessage, ServerMessage};
use room::{Arrival, Recorded, Room, RoomConfig};
use sfu::{Packet, SfuConfig, Transmit, Transport};

use crate::clips::clips_of;
use crate::line::{Down, Line, Socket};
use crate::log::Log;
use crate::person::{Person, Tally};
use crate::shell::Shell;

/// The server's only media address.
const SERVER: ([u8; 4], u16) = ([203, 0, 113, 1], 443);
/// When every run begins: inside the booked time.
const START_MS: i64 = 1_800_000_000_000;
/// Time goes on in steps of at least this.
const TICK: Duration = Duration::from_millis(1);
/// Rounds at one moment; more means that two cores turn in circles.
const ROUNDS_MAX: usize = 1_000;

/// A session and everybody in it.
pub struct World {
    seed: u64,
    began: Instant,
    now: Duration,
    room: Room,
    shell: Shell,
    people: BTreeMap<ParticipantId, Person>,
    log: Log,
    room_due: Duration,
    connections: u64,
    session: SessionId,
    /// Whether every message is printed as it is put on a socket; for looking into a story that went wrong.
    pub traces: bool,
}

impl World {
    /// An empty session. Seeds this thread's small generator too, which str0m draws from.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can come from nowhere else; a run only counts from it"
    )]
    pub fn new(seed: u64) -> Self {
        fastrand::seed(seed);
        let began = Instant::now();
        let shell = Shell::new([3; 32]);
        let session = SessionId::from_bytes([9; 16]);
        let config = RoomConfig {
            session,
            organization_key: shell.organization_key(),
            sfu: SfuConfig { udp: vec![SocketAddr::from(SERVER)], tcp: Vec::new() },
            seed: spread(seed, 0),
        };
        let now = room::Now { wall: Timestamp::from_millis(START_MS), mono: began };
        let people = BTreeMap::new();
        let log = Log::default();
        Self {
            seed,
            began,
            now: Duration::ZERO,
            room: Room::new(config, now),
            shell,
            people,
            log,
            room_due: Duration::ZERO,
            connections: 0,
            session,
            traces: std::env::var_os("SIM_TRACE").is_some(),
        }
    }

    /// Somebody is invited and has a line, but has not opened the page yet.
    pub fn invite(&mut self, number: u8, role: Role, line: &str) -> ParticipantId {
        let participant = ParticipantId::from_bytes([number; 16]);
        self.shell.invite(participant, role, Timestamp::from_millis(START_MS));
        let outside = SocketAddr::from(([198, 51, 100, number], 40_000));
        let seed = self.seed.wrapping_mul(1_000).wrapping_add(u64::from(number) * 2);
        let person = Person {
            role,
            peer: None,
            memory: Memory::default(),
            own_clips: None,
            kept: None,
            #[cfg(feature = "unsealed")]
            unsealed: false,
            line: Line::new(profile(line), seed, outside),
            frames: BTreeMap::new(),
            lies: 0,
            phase: String::new(),
            changed: false,
            due: Duration::ZERO,
            pages: 0,
        };
        self.people.insert(participant, person);
        participant
    }

    /// Opens the page; hosts let in whoever knocks, everybody arrives with microphone and camera as said.
    pub fn open_page(&mut self, who: ParticipantId, arrive: (bool, bool)) {
        let admit_everyone = self.person(who).role.is_host();
        self.open_page_with(who, Manners { arrive: Some(arrive), admit_everyone });
    }

    /// Opens the page, or opens it again as a reload does.
    pub fn open_page_with(&mut self, who: ParticipantId, manners: Manners) {
        self.close_page(who);
        let now = self.peer_now();
        let (session, seed) = (self.session, spread(self.seed, who.as_bytes()[0]));
        let person = self.people.get_mut(&who).expect("invited");
        let device = SoftDevice::from_seed(seed).expect("all but one seed in four thousand million");
        let config = PeerConfig {
            beginning: Beginning {
                session,
                returning: person.pages > 0,
                someone_came_in: false,
                closed_fast: false,
            },
            transport: peer::Transport::Udp,
            addresses: vec![inside_address(who)],
            device,
            memory: person.memory.clone(),
            clips: person.own_clips.clone().unwrap_or_else(|| clips_of(who)),
            manners,
            #[cfg(feature = "unsealed")]
            unsealed: person.unsealed,
        };
        person.pages += 1;
        person.peer = Some(Peer::new(config, now));
        self.say(who, "opens the page");
        self.settle();
    }

    /// From the next page on, this person sends these instead of frames that say whose they are.
    pub fn give_clips(&mut self, who: ParticipantId, clips: Clips) {
        self.people.get_mut(&who).expect("invited").own_clips = Some(clips);
    }

    /// From the next page on, this person neither seals nor opens.
    #[cfg(feature = "unsealed")]
    pub fn leave_unsealed(&mut self, who: ParticipantId) {
        self.people.get_mut(&who).expect("invited").unsealed = true;
    }

    /// What this person's page does by itself from now on.
    pub fn set_manners(&mut self, who: ParticipantId, manners: Manners) {
        let person = self.people.get_mut(&who).expect("invited");
        person.peer.as_mut().expect("the page is open").set_manners(manners);
    }

    /// Keeps what this person gets, for a story that looks into it.
    pub fn keep_frames(&mut self, who: ParticipantId) {
        self.people.get_mut(&who).expect("invited").kept.get_or_insert_default();
    }

    /// The page is gone without a word, as when a browser is killed.
    pub fn close_page(&mut self, who: ParticipantId) {
        let person = self.people.get_mut(&who).expect("invited");
        if person.peer.take().is_some() {
            person.phase.clear();
            self.hang_up(who);
            self.say(who, "closes the page");
        }
    }

    /// The person does something.
    pub fn act<T>(&mut self, who: ParticipantId, act: impl FnOnce(&mut Call, Timestamp) -> T) -> T {
        let now = self.peer_now();
        let person = self.people.get_mut(&who).expect("invited");
        let answer = person.peer.as_mut().expect("the page is open").act(now, act);
        self.settle();
        answer
    }

    /// The line gets worse or better.
    pub fn set_line(&mut self, who: ParticipantId, line: &str) {
        self.people.get_mut(&who).expect("invited").line.set_profile(profile(line));
        self.say(who, &format!("has another line: {line}"));
    }

    /// Nothing passes any more in either direction, or everything again.
    pub fn tear_off(&mut self, who: ParticipantId, torn_off: bool) {
        self.people.get_mut(&who).expect("invited").line.tear_off(torn_off);
        self.say(who, if torn_off { "is torn off" } else { "is back on the net" });
    }

    /// The network between gives this person another address; neither side is told.
    pub fn change_address(&mut self, who: ParticipantId, port: u16) {
        self.people.get_mut(&who).expect("invited").line.outside.set_port(port);
        self.say(who, "is seen at another address");
    }

    /// The registers change, and the room is told.
    pub fn change_facts(&mut self, who: ParticipantId, change: impl FnOnce(&mut Facts)) {
        self.shell.change(who, change);
        self.room.handle_facts_changed(&[who]);
        self.say(who, "has other facts");
        self.settle();
    }

    /// The room, for stories about a server that lies.
    pub fn room(&mut self) -> &mut Room {
        &mut self.room
    }

    /// Somebody.
    ///
    /// # Panics
    /// Nobody of that number was invited.
    #[must_use]
    pub fn person(&self, who: ParticipantId) -> &Person {
        self.people.get(&who).expect("invited")
    }

    /// What somebody's page shows.
    #[must_use]
    pub fn view(&self, who: ParticipantId) -> &View {
        self.person(who).peer().call().view()
    }

    /// What came of `of`'s track at `at`.
    #[must_use]
    pub fn tally(&self, at: ParticipantId, of: ParticipantId, track: TrackKind) -> Tally {
        self.person(at).tally(of, track)
    }

    /// Counts frames anew.
    pub fn forget_frames(&mut self) {
        for person in self.people.values_mut() {
            person.frames.clear();
        }
    }

    /// What happened so far.
    #[must_use]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// Time since the start.
    #[must_use]
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// Lets time pass.
    pub fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.step(end);
        }
    }

    /// Lets time pass until something holds; how long it took, or nothing when it never held.
    pub fn run_until(&mut self, span: Duration, holds: impl Fn(&Self) -> bool) -> Option<Duration> {
        let start = self.now;
        while !holds(self) {
            if self.now >= start + span {
                return None;
            }
            self.step(start + span);
        }
        Some(self.now - start)
    }

    /// Goes to the next moment at which anything happens, at most to `end`.
    fn step(&mut self, end: Duration) {
        let next = self.next().unwrap_or(end).min(end).max(self.now + TICK);
        self.now = whole_ticks(next);
        if self.room_due <= self.now {
            self.room.handle_timeout(self.room_now());
        }
        self.arrive_at_server();
        self.settle();
        self.arrive_at_people();
        let (now, peer_now) = (self.now, self.peer_now());
        for person in self.people.values_mut().filter(|person| person.due <= now) {
            if let Some(peer) = &mut person.peer {
                peer.handle_timeout(peer_now);
            }
        }
        self.settle();
    }

    fn next(&self) -> Option<Duration> {
        let peers = self.people.values().filter(|person| person.peer.is_some()).map(|person| person.due);
        let lines = self.people.values().filter_map(|person| person.line.next());
        peers.chain(lines).chain([self.room_due]).min()
    }

    fn arrive_at_server(&mut self) {
        let (now, room_now) = (self.now, self.room_now());
        let everyone: Vec<ParticipantId> = self.people.keys().copied().collect();
        for who in everyone {
            self.open_socket(who);
            while let Some((connection, bytes)) = self.line(who).message_up(now) {
                self.room.handle_message(connection, &bytes, room_now);
                self.drain_room();
            }
            while let Some(connection) = self.line(who).closed(now) {
                self.room.handle_disconnected(connection, room_now);
                self.drain_room();
            }
            while let Some(bytes) = self.line(who).arrived_up(now) {
                let (source, destination) = (self.line(who).outside, SocketAddr::from(SERVER));
                let packet = Packet { transport: Transport::Udp, source, destination, bytes: &bytes };
                self.room.handle_packet(&packet, room_now);
                self.drain_room();
            }
        }
    }

    fn open_socket(&mut self, who: ParticipantId) {
        let now = self.now;
        let line = self.line(who);
        let Socket::Opening(at) = line.socket else { return };
        if at > now || line.is_torn_off() {
            return;
        }
        self.connections += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.connections.to_be_bytes());
        let connection = ConnectionId::from_bytes(id);
        self.line(who).socket = Socket::Open(connection);
        let facts = self.shell.facts(who).expect("invited");
        let arrival = Arrival {
            connection,
            participant: who,
            person: PersonId::from_bytes(*who.as_bytes()),
            name: Personal::new(format!("Person {}", who.as_bytes()[0])),
            given: Personal::new("Person".to_owned()),
            assurance: Assurance::Link,
            facts,
        };
        self.room.handle_connected(arrival, self.room_now());
        self.drain_room();
        let now = self.peer_now();
        if let Some(peer) = self.people.get_mut(&who).and_then(|person| person.peer.as_mut()) {
            peer.handle_socket_open(now);
        }
    }

    fn arrive_at_people(&mut self) {
        let (now, peer_now) = (self.now, self.peer_now());
        for (who, person) in &mut self.people {
            while let Some((connection, down)) = person.line.message_down(now) {
                let is_present = person.line.socket == Socket::Open(connection);
                let Some(peer) = person.peer.as_mut().filter(|_| is_present) else { continue };
                match down {
                    Down::Message(bytes) => peer.handle_message(&bytes, peer_now),
                    Down::Close => {
                        person.line.socket = Socket::Closed;
                        peer.handle_socket_closed(peer_now);
                    }
                }
            }
            while let Some(bytes) = person.line.arrived_down(now) {
                if let Some(peer) = &mut person.peer {
                    peer.handle_packet(SocketAddr::from(SERVER), inside_address(*who), &bytes, peer_now);
                }
            }
        }
    }

    /// Lets everybody say what there is to say, until all are quiet at this moment.
    fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            self.drain_room();
            let everyone: Vec<ParticipantId> = self.people.keys().copied().collect();
            let mut quiet = true;
            for who in everyone {
                quiet &= !self.drain_peer(who);
            }
            if quiet {
                self.note_phases();
                return;
            }
        }
        panic!("the world never comes to rest");
    }

    fn drain_room(&mut self) {
        for _ in 0..ROUNDS_MAX * 100 {
            let output = self.room.poll_output();
            if let room::Output::Timeout(deadlines) = output {
                let wall = deadlines.wall.map(|at| at.since(Timestamp::from_millis(START_MS)));
                self.room_due = wall.unwrap_or(Duration::MAX).min(self.since_start(deadlines.mono));
                return;
            }
            self.obey_room(output);
        }
        panic!("the room never comes to rest");
    }

    fn obey_room(&mut self, output: room::Output) {
        let now = self.room_now();
        match output {
            room::Output::Send { connection, message } => {
                self.put_down(connection, Down::Message(protocol::encode(&*message)));
            }
            room::Output::Close { connection } => self.put_down(connection, Down::Close),
            room::Output::LoadFacts { participants } => {
                for participant in participants {
                    if let Some(facts) = self.shell.facts(participant) {
                        self.room.handle_facts(participant, facts, now);
                    }
                }
            }
            room::Output::Attest { connection, attestation } => {
                self.room.handle_attested(connection, self.shell.sign(&attestation), now);
            }
            room::Output::Record { record, event } => {
                self.log.say(self.now, format!("recorded: {}", name_of(&event)));
                self.room.handle_recorded(record, Recorded::Written, now);
            }
            room::Output::RouteMedia { .. } | room::Output::Timeout(_) => {}
            room::Output::Transmit(Transmit { destination, bytes, .. }) => {
                let now = self.now;
                if let Some(person) = self.people.values_mut().find(|p| p.line.outside == destination) {
                    person.line.send_down(now, bytes);
                }
            }
        }
    }

    fn put_down(&mut self, connection: ConnectionId, down: Down) {
        let (now, traces) = (self.now, self.traces);
        let mut everyone = self.people.iter_mut();
        let holder = everyone.find(|(_, person)| person.line.socket == Socket::Open(connection));
        if let Some((who, person)) = holder {
            if traces {
                trace::<ServerMessage>(now, "->", *who, down.bytes());
            }
            let at = now + person.line.socket_delay();
            person.line.messages_down.push_back((at, connection, down));
        }
    }

    /// Says whether the peer had anything to say.
    fn drain_peer(&mut self, who: ParticipantId) -> bool {
        let mut busy = false;
        loop {
            let began = self.began;
            let Some(person) = self.people.get_mut(&who) else { return busy };
            let Some(peer) = &mut person.peer else { return busy };
            match peer.poll_output() {
                peer::Output::Timeout(at) => {
                    person.due = at.saturating_duration_since(began);
                    return busy;
                }
                output => self.obey_peer(who, output),
            }
            busy = true;
        }
    }

    fn obey_peer(&mut self, who: ParticipantId, output: peer::Output) {
        let now = self.now;
        match output {
            peer::Output::Send(bytes) => {
                if self.traces {
                    trace::<ClientMessage>(now, "<-", who, &bytes);
                }
                let line = self.line(who);
                if let Socket::Open(connection) = line.socket {
                    line.messages_up.push_back((now + line.socket_delay(), connection, bytes));
                }
            }
            peer::Output::Socket(SocketCommand::Open) => {
                self.hang_up(who);
                let line = self.line(who);
                // Three ways before a socket stands: one for TCP, one for the upgrade, one for the answer.
                line.socket = Socket::Opening(now + line.socket_delay() * 3);
            }
            peer::Output::Socket(SocketCommand::Close) => self.hang_up(who),
            peer::Output::Transmit { bytes, .. } => self.line(who).send_up(now, bytes),
            peer::Output::Event(event) => self.hear(who, event),
            peer::Output::Timeout(_) => {}
        }
    }

    fn hear(&mut self, who: ParticipantId, event: PeerEvent) {
        let now = self.now;
        let tells = |of| self.people.get(&of).is_some_and(|maker| maker.own_clips.is_none());
        let tells = matches!(&event, PeerEvent::Frame(frame) if tells(frame.participant));
        let person = self.people.get_mut(&who).expect("it spoke");
        match event {
            PeerEvent::Frame(frame) => {
                if person.take_frame(&frame, tells, now) {
                    let of = frame.participant.as_bytes()[0];
                    self.say(who, &format!("gets the first frame of {of} {:?}", frame.track));
                }
            }
            PeerEvent::Connected(_) => self.say(who, "is connected"),
            PeerEvent::Remember(memory) => person.memory = memory,
            PeerEvent::Changed(_) => person.changed = true,
        }
    }

    /// The page lets go of its socket; the server hears of it after what was sent before.
    fn hang_up(&mut self, who: ParticipantId) {
        let now = self.now;
        let line = self.line(who);
        if let Socket::Open(connection) = line.socket {
            line.closing.push_back((now + line.socket_delay(), connection));
        }
        line.socket = Socket::Closed;
    }

    fn note_phases(&mut self) {
        let now = self.now;
        for (who, person) in &mut self.people {
            let Some(peer) = person.peer.as_ref().filter(|_| core::mem::take(&mut person.changed)) else {
                continue;
            };
            let view = peer.call().view();
            let phase = format!("{:?}", view.phase);
            let name = phase.split([' ', '{']).next().unwrap_or_default();
            let members = view.lock.epoch.as_ref().map_or(0, |epoch| epoch.members.len());
            let alarm = view.lock.alarm.as_ref().map(|alarm| format!(", {alarm:?}")).unwrap_or_default();
            let standing = format!("{name}, {members} in the group{alarm}");
            if standing != person.phase {
                self.log.say(now, format!("{} is {standing}", who.as_bytes()[0]));
                person.phase = standing;
            }
        }
    }

    fn say(&mut self, who: ParticipantId, sentence: &str) {
        self.log.say(self.now, format!("{} {sentence}", who.as_bytes()[0]));
    }

    fn line(&mut self, who: ParticipantId) -> &mut Line {
        &mut self.people.get_mut(&who).expect("invited").line
    }

    fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.began)
    }

    fn room_now(&self) -> room::Now {
        room::Now { wall: Timestamp::from_millis(START_MS).plus(self.now), mono: self.began + self.now }
    }

    fn peer_now(&self) -> peer::Now {
        peer::Now { wall: Timestamp::from_millis(START_MS).plus(self.now), mono: self.began + self.now }
    }
}

/// The address that a client itself knows of.
fn inside_address(who: ParticipantId) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, who.as_bytes()[0]], 50_000))
}

fn profile(text: &str) -> Profile {
    text.parse().expect("a good profile")
}

/// Prints the kind of a message, not what is in it.
fn trace<M: serde::de::DeserializeOwned + core::fmt::Debug>(
    now: Duration,
    way: &str,
    who: ParticipantId,
    bytes: &[u8],
) {
    let message = protocol::decode::<M>(bytes).map(|message| format!("{message:?}")).unwrap_or_default();
    let kind = message.split([' ', '(']).next().unwrap_or_default();
    if !matches!(kind, "Ping" | "Pong" | "Sealed") {
        eprintln!("{:>8} ms  {way} {} {kind}", now.as_millis(), who.as_bytes()[0]);
    }
}

/// Thirty-two bytes of a seed, for one purpose.
fn spread(seed: u64, purpose: u8) -> [u8; 32] {
    let mut bytes = [purpose; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes[8] = 1;
    bytes
}

/// Up to the next whole millisecond.
fn whole_ticks(at: Duration) -> Duration {
    Duration::from_millis(u64::try_from(at.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX))
}

/// The name of an event, without what is in it.
fn name_of(event: &room::RoomEvent) -> &'static str {
    match event {
        room::RoomEvent::SessionStarted { .. } => "session started",
        room::RoomEvent::AdmissionBegun { .. } => "admission begun",
        room::RoomEvent::AdmissionEnded { .. } => "admission ended",
        room::RoomEvent::EndedFor { .. } => "ended for one",
        room::RoomEvent::SessionEnded { .. } => "session ended",
    }
}
