//! A room, its clients and the air between them; time stands still unless a test moves it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use call::{Beginning, Call, SocketCommand};
use domain::door::{ClosingFacts, CuttingFacts, Facts, Invited, Planned};
use domain::meeting::Window;
use group::{Memory, SoftDevice};
use ids::{
    Assurance, ConnectionId, ParticipantId, PersonId, Personal, Role, SessionId, Timestamp, TrackKind,
};
use peer::{Clips, Frame, Manners, Now, Output, Peer, PeerConfig, PeerEvent, Profile};
use protocol::group::{ATTESTATION_LABEL, Attestation, SignedAttestation};
use room::{Arrival, Recorded, Room, RoomConfig};
use sfu::{Packet, SfuConfig, Transport};

/// One way through the air, for packets and messages alike.
const LATENCY: Duration = Duration::from_millis(10);
const STEP: Duration = Duration::from_millis(5);
const SERVER: ([u8; 4], u16) = ([203, 0, 113, 1], 443);
const SESSION: SessionId = SessionId::from_bytes([9; 16]);

/// Seats of the tests.
pub(crate) const CLINICIAN: ParticipantId = ParticipantId::from_bytes([1; 16]);
pub(crate) const YOUNG: ParticipantId = ParticipantId::from_bytes([2; 16]);
pub(crate) const CARER: ParticipantId = ParticipantId::from_bytes([3; 16]);

/// Everything of one test.
pub(crate) struct House {
    pub(crate) now: Now,
    transport: peer::Transport,
    /// What the room's packets went over.
    pub(crate) sent: Vec<Transport>,
    room: Room,
    organization: Ed25519KeyPair,
    pub(crate) guests: BTreeMap<ParticipantId, Guest>,
    connections: u8,
    air: VecDeque<(Instant, Hop)>,
}

/// One client and what came out of it.
pub(crate) struct Guest {
    pub(crate) peer: Peer,
    address: SocketAddr,
    connection: Option<ConnectionId>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) connected: Vec<Option<Profile>>,
    pub(crate) memory: Memory,
}

enum Hop {
    Opened(ConnectionId, ParticipantId),
    ToRoom(ConnectionId, Vec<u8>),
    ToPeer(ConnectionId, Vec<u8>),
    ClosedByPeer(ConnectionId),
    ClosedByRoom(ConnectionId),
    Up { source: SocketAddr, bytes: Vec<u8> },
    Down { destination: SocketAddr, bytes: Vec<u8> },
}

const fn role(who: ParticipantId) -> Role {
    match who.as_bytes()[0] {
        1 => Role::Host,
        2 => Role::YoungPerson,
        _ => Role::CareWorker,
    }
}

fn facts(who: ParticipantId, wall: Timestamp) -> Facts {
    let hour = Duration::from_secs(3_600);
    Facts {
        cutting: CuttingFacts {
            invitation: Invited::Yes { role: role(who), until: None },
            blocked: false,
            own_withdrawal: false,
            signed_out: false,
            session_ended: false,
            ended_for: false,
        },
        closing: ClosingFacts {
            window: Window::new(wall.minus(hour), wall.plus(hour)),
            young_person_invited: true,
            comes_with_parents: false,
            planned: Planned::OnScreen,
            late_until: None,
        },
    }
}

/// A peer as the tests want it: arrives by itself with both tracks on; hosts let everybody in.
pub(crate) fn config(who: ParticipantId, address: SocketAddr) -> PeerConfig {
    PeerConfig {
        beginning: Beginning {
            session: SESSION,
            returning: false,
            someone_came_in: false,
            closed_fast: false,
        },
        transport: peer::Transport::Udp,
        addresses: vec![address],
        device: device(who),
        memory: Memory::default(),
        clips: Clips::made_up(),
        manners: Manners { arrive: Some((true, true)), admit_everyone: role(who) == Role::Host },
        #[cfg(feature = "unsealed-for-proof")]
        unsealed: false,
    }
}

fn device(who: ParticipantId) -> SoftDevice {
    let mut seed = [7; 32];
    seed[0] = who.as_bytes()[0];
    SoftDevice::from_seed(seed).expect("a key")
}

impl House {
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can come from nowhere else; tests only count from it"
    )]
    pub(crate) fn over(transport: peer::Transport) -> Self {
        let now = Now { wall: Timestamp::from_millis(1_795_000_000_000), mono: Instant::now() };
        let organization = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).expect("a seed");
        let key = organization.public_key().as_ref().try_into().expect("thirty-two bytes");
        let server = vec![SocketAddr::from(SERVER)];
        let sfu = match transport {
            peer::Transport::Udp => SfuConfig { udp: server, tcp: vec![] },
            peer::Transport::Tcp => SfuConfig { udp: vec![], tcp: server },
        };
        let config = RoomConfig { session: SESSION, organization_key: key, sfu, seed: [3; 32] };
        let room = Room::new(config, room::Now { wall: now.wall, mono: now.mono });
        let (guests, air) = (BTreeMap::new(), VecDeque::new());
        Self { now, transport, sent: Vec::new(), room, organization, guests, connections: 0, air }
    }

    pub(crate) fn new() -> Self {
        Self::over(peer::Transport::Udp)
    }

    /// A house in which these people are inside and see each other.
    pub(crate) fn with(people: &[ParticipantId]) -> Self {
        let mut house = Self::new();
        for who in people {
            house.join(*who);
        }
        house.run(Duration::from_secs(3));
        house
    }

    pub(crate) fn join(&mut self, who: ParticipantId) {
        self.join_as(who, |_| {});
    }

    /// Joins with a configuration changed; a second call for the same seat is a reload.
    pub(crate) fn join_as(&mut self, who: ParticipantId, change: impl FnOnce(&mut PeerConfig)) {
        self.connections += 1;
        let address =
            SocketAddr::from(([198, 51, 100, who.as_bytes()[0]], 40_000 + u16::from(self.connections)));
        let mut config = config(who, address);
        config.transport = self.transport;
        change(&mut config);
        let peer = Peer::new(config, self.now);
        let guest = Guest {
            peer,
            address,
            connection: None,
            frames: Vec::new(),
            connected: Vec::new(),
            memory: Memory::default(),
        };
        self.guests.insert(who, guest);
        self.collect();
    }

    pub(crate) fn guest(&mut self, who: ParticipantId) -> &mut Guest {
        self.guests.get_mut(&who).expect("a guest of this test")
    }

    pub(crate) fn act<T>(&mut self, who: ParticipantId, act: impl FnOnce(&mut Call, Timestamp) -> T) -> T {
        let now = self.now;
        let answer = self.guest(who).peer.act(now, act);
        self.collect();
        answer
    }

    /// Cuts the WebSocket of somebody, as a lost network does.
    pub(crate) fn cut_socket(&mut self, who: ParticipantId) {
        let now = self.now;
        let guest = self.guest(who);
        let connection = guest.connection.take().expect("a socket");
        guest.peer.handle_socket_closed(now);
        self.room.handle_disconnected(connection, self.room_now());
        self.collect();
    }

    pub(crate) fn run(&mut self, span: Duration) {
        let end = self.now.mono + span;
        while self.now.mono < end {
            self.now.mono += STEP;
            self.now.wall = self.now.wall.plus(STEP);
            self.deliver();
            self.room.handle_timeout(self.room_now());
            self.collect();
            let now = self.now;
            for guest in self.guests.values_mut() {
                guest.peer.handle_timeout(now);
            }
            self.collect();
        }
    }

    /// The frames that one opened from another since last asked.
    pub(crate) fn take_frames(
        &mut self,
        at: ParticipantId,
        of: ParticipantId,
        track: TrackKind,
    ) -> Vec<Frame> {
        let frames = &mut self.guest(at).frames;
        let (taken, kept) = frames.drain(..).partition(|f| f.participant == of && f.track == track);
        *frames = kept;
        taken
    }

    pub(crate) fn forget_frames(&mut self) {
        for guest in self.guests.values_mut() {
            guest.frames.clear();
        }
    }

    const fn room_now(&self) -> room::Now {
        room::Now { wall: self.now.wall, mono: self.now.mono }
    }

    fn deliver(&mut self) {
        while self.air.front().is_some_and(|(at, _)| *at <= self.now.mono) {
            let Some((_, hop)) = self.air.pop_front() else { return };
            self.arrive(hop);
            self.collect();
        }
    }

    fn arrive(&mut self, hop: Hop) {
        let now = self.now;
        match hop {
            Hop::Opened(connection, participant) => {
                let arrival = Arrival {
                    connection,
                    participant,
                    person: PersonId::from_bytes(*participant.as_bytes()),
                    name: Personal::new("Somebody".to_owned()),
                    given: Personal::new("Somebody".to_owned()),
                    assurance: Assurance::Link,
                    facts: facts(participant, now.wall),
                };
                self.room.handle_connected(arrival, self.room_now());
                let guest = self.guests.values_mut().find(|guest| guest.connection == Some(connection));
                if let Some(guest) = guest {
                    guest.peer.handle_socket_open(now);
                }
            }
            Hop::ToRoom(connection, bytes) => self.room.handle_message(connection, &bytes, self.room_now()),
            Hop::ClosedByPeer(connection) => self.room.handle_disconnected(connection, self.room_now()),
            Hop::ToPeer(connection, bytes) => {
                let guest = self.guests.values_mut().find(|guest| guest.connection == Some(connection));
                if let Some(guest) = guest {
                    guest.peer.handle_message(&bytes, now);
                }
            }
            Hop::ClosedByRoom(connection) => {
                let guest = self.guests.values_mut().find(|guest| guest.connection == Some(connection));
                if let Some(guest) = guest {
                    guest.connection = None;
                    guest.peer.handle_socket_closed(now);
                }
            }
            Hop::Up { source, bytes } => {
                let destination = SocketAddr::from(SERVER);
                let transport = match self.transport {
                    peer::Transport::Udp => Transport::Udp,
                    peer::Transport::Tcp => Transport::Tcp,
                };
                let packet = Packet { transport, source, destination, bytes: &bytes };
                self.room.handle_packet(&packet, self.room_now());
            }
            Hop::Down { destination, bytes } => {
                let guest = self.guests.values_mut().find(|guest| guest.address == destination);
                if let Some(guest) = guest {
                    guest.peer.handle_packet(SocketAddr::from(SERVER), destination, &bytes, now);
                }
            }
        }
    }

    fn collect(&mut self) {
        self.collect_room();
        self.collect_guests();
        self.collect_room();
    }

    fn collect_room(&mut self) {
        let at = self.now.mono + LATENCY;
        loop {
            match self.room.poll_output() {
                room::Output::Timeout(_) => return,
                room::Output::Send { connection, message } => {
                    self.air.push_back((at, Hop::ToPeer(connection, protocol::encode(&*message))));
                }
                room::Output::Close { connection } => {
                    self.air.push_back((at, Hop::ClosedByRoom(connection)));
                }
                room::Output::LoadFacts { participants } => {
                    for who in participants {
                        self.room.handle_facts(who, facts(who, self.now.wall), self.room_now());
                    }
                }
                room::Output::Attest { connection, attestation } => {
                    let signed = self.sign(&attestation);
                    self.room.handle_attested(connection, signed, self.room_now());
                }
                room::Output::Record { record, event: _ } => {
                    self.room.handle_recorded(record, Recorded::Written, self.room_now());
                }
                room::Output::RouteMedia { .. } => {}
                room::Output::Transmit(sent) => {
                    self.sent.push(sent.transport);
                    let hop = Hop::Down { destination: sent.destination, bytes: sent.bytes };
                    self.air.push_back((at, hop));
                }
            }
        }
    }

    fn sign(&self, attestation: &Attestation) -> SignedAttestation {
        let statement = protocol::pack(attestation);
        let message = [ATTESTATION_LABEL, &statement].concat();
        SignedAttestation { signature: self.organization.sign(&message).as_ref().to_vec(), statement }
    }

    fn collect_guests(&mut self) {
        let at = self.now.mono + LATENCY;
        for (who, guest) in &mut self.guests {
            loop {
                match guest.peer.poll_output() {
                    Output::Timeout(_) => break,
                    Output::Send(bytes) => {
                        if let Some(connection) = guest.connection {
                            self.air.push_back((at, Hop::ToRoom(connection, bytes)));
                        }
                    }
                    Output::Socket(SocketCommand::Open) => {
                        self.connections += 1;
                        let connection = ConnectionId::from_bytes([self.connections; 16]);
                        guest.connection = Some(connection);
                        self.air.push_back((at, Hop::Opened(connection, *who)));
                    }
                    Output::Socket(SocketCommand::Close) => {
                        if let Some(connection) = guest.connection.take() {
                            self.air.push_back((at, Hop::ClosedByPeer(connection)));
                        }
                    }
                    Output::Transmit { source, destination: _, bytes } => {
                        self.air.push_back((at, Hop::Up { source, bytes }));
                    }
                    Output::Event(PeerEvent::Frame(frame)) => guest.frames.push(frame),
                    Output::Event(PeerEvent::Connected(profile)) => guest.connected.push(profile),
                    Output::Event(PeerEvent::Remember(memory)) => guest.memory = memory,
                    Output::Event(PeerEvent::Changed(_)) => {}
                }
            }
        }
    }
}
