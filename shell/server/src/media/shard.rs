//! One shard: a thread that owns its rooms, its UDP port and its TCP port, and shares nothing (choice 1 of the media
//! design). It brings rooms their packets, messages and moments, and carries out what they ask for; everything slow
//! (records) is an errand for the clerk, who answers with an order.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::closing::DeviceKind;
use domain::connections::Happening;
use domain::door::Facts;
use ids::{AppointmentId, ConnectionId, ParticipantId, PersonId, SessionId, SignInId};
use protocol::wire::Presence;
use room::{Arrival, Now, Output, RecordId, Recorded, Room, RoomConfig, RoomEvent};
use sfu::framing::PACKET_BYTES_MAX;
use sfu::{Packet, SfuConfig, Transmit, Transport};
use store::{SeatKey, Subject};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};

use super::deadlines::Deadlines;
use super::ports::Ports;
use super::routes::Routes;
use super::tcp::{self, Leg, TcpEvent};
use super::waiting::Waiting;
use crate::connections::ConnectionLog;
use crate::{clock, entropy};

/// Datagrams taken before orders and timers get their turn again.
const BATCH_MAX: usize = 64;
/// Events of TCP streams that may wait for the shard.
const TCP_EVENTS_MAX: usize = 1_024;
/// How long a shard sleeps when no room has a deadline.
const IDLE: Duration = Duration::from_secs(60);
/// The finest time that a timer tells apart.
const TICK: Duration = Duration::from_millis(1);
/// How often figures are copied out, at most.
const COPY_OUT: Duration = Duration::from_secs(1);

/// What a room gets from the records.
#[derive(Clone)]
pub(crate) struct Home {
    /// The appointment that the session belongs to.
    pub(crate) appointment: AppointmentId,
    /// The organisation's key, which signs attestations.
    pub(crate) signer: store::SigningKey,
}

/// A socket and whose it is, ready for its room.
pub(crate) struct Newcomer {
    /// The session.
    pub(crate) session: SessionId,
    /// The person, with freshly loaded facts.
    pub(crate) arrival: Arrival,
    /// By which sign-in.
    pub(crate) sign_in: SignInId,
    /// By what.
    pub(crate) device: Option<DeviceKind>,
    /// What the room gets, should this be its first socket.
    pub(crate) home: Home,
    /// The way to the socket's task.
    pub(crate) line: mpsc::Sender<LineOrder>,
}

/// What a socket's task is told.
#[derive(Debug)]
pub(crate) enum LineOrder {
    /// Send these bytes.
    Send(Vec<u8>),
    /// Close, after what was sent before.
    Close,
}

/// What a shard is told.
pub(crate) enum Order {
    /// A socket was opened and its person's facts are loaded.
    Connected(Box<Newcomer>),
    /// A socket delivered a message.
    Message { session: SessionId, connection: ConnectionId, bytes: axum::body::Bytes },
    /// A socket is gone.
    Disconnected { session: SessionId, connection: ConnectionId },
    /// Facts that a room asked for.
    Facts { session: SessionId, participant: ParticipantId, facts: Box<Facts> },
    /// What became of a record.
    Recorded { session: SessionId, record: RecordId, how: Recorded },
    /// Something was written that facts may depend on.
    FactsChanged(Arc<[Subject]>),
    /// Nobody knows what was written: everybody's facts may have changed.
    Reload,
    /// Tell everybody that the server stops; answered when all is sent.
    Stop { done: oneshot::Sender<()> },
}

/// What a shard asks the clerk.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Load these people's facts.
    LoadFacts { session: SessionId, seats: Vec<SeatKey> },
    /// Write this down; `by` is the host who caused it, if one did, `device` what whoever was let in sits in front of.
    Record {
        session: SessionId,
        record: RecordId,
        event: Box<RoomEvent>,
        by: Option<PersonId>,
        device: Option<DeviceKind>,
    },
}

/// How a shard is set up.
pub(crate) struct ShardSetup {
    /// Its sockets.
    pub(crate) ports: Ports,
    /// The address that browsers send to.
    pub(crate) offered: std::net::IpAddr,
    /// Where its orders come from.
    pub(crate) orders: mpsc::Receiver<Order>,
    /// Where its errands go.
    pub(crate) errands: mpsc::Sender<Errand>,
    /// Where it says who waits.
    pub(crate) waiting: Arc<Waiting>,
    /// Where it says what happens to lines.
    pub(crate) connections: ConnectionLog,
}

/// Runs a shard on the calling thread until it is told to stop.
///
/// # Errors
/// When its sockets cannot be handed to the runtime.
pub(crate) fn run(setup: ShardSetup) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut shard = Shard::open(setup)?;
        shard.work().await;
        Ok(())
    })
}

/// A room with what the shell knows beside it.
pub(super) struct Seated {
    pub(super) room: Room,
    pub(super) home: Home,
    pub(super) lines: HashMap<ConnectionId, Line>,
    /// Who has been here, by which sign-in last.
    pub(super) people: HashMap<ParticipantId, Known>,
    /// How their lines stood when that was noted last.
    pub(super) noted: HashMap<ParticipantId, LineState>,
}

/// How a line stands as the others see it, and how its media travelled last.
pub(super) type LineState = (Option<Presence>, Option<Transport>);

impl Seated {
    /// What somebody's socket was opened from.
    pub(super) fn device_of(&self, participant: ParticipantId) -> Option<DeviceKind> {
        self.lines.values().find(|line| line.participant == participant)?.device
    }
}

/// One open socket.
pub(super) struct Line {
    pub(super) participant: ParticipantId,
    pub(super) device: Option<DeviceKind>,
    pub(super) orders: mpsc::Sender<LineOrder>,
}

/// Whose seat it is.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) person: PersonId,
    pub(super) sign_in: SignInId,
}

/// Figures since they were last copied out; counting per packet must cost nothing.
#[derive(Default)]
pub(super) struct Figures {
    packets_in: u64,
    packets_out: u64,
    dropped: u64,
    unknown: u64,
}

pub(super) struct Shard {
    udp: UdpSocket,
    /// How browsers name our port; the destination of every packet.
    here: SocketAddr,
    has_tcp: bool,
    legs: HashMap<SocketAddr, Leg>,
    tcp_events: mpsc::Receiver<TcpEvent>,
    pub(super) rooms: HashMap<SessionId, Seated>,
    pub(super) routes: Routes,
    pub(super) deadlines: Deadlines<SessionId>,
    orders: mpsc::Receiver<Order>,
    pub(super) errands: mpsc::Sender<Errand>,
    pub(super) waiting: Arc<Waiting>,
    pub(super) connections: ConnectionLog,
    figures: Figures,
    figures_changed: bool,
    copied_out: Instant,
}

impl Shard {
    fn open(setup: ShardSetup) -> io::Result<Self> {
        let here = SocketAddr::new(setup.offered, setup.ports.port());
        let has_tcp = setup.ports.has_tcp();
        let (udp, listener) = setup.ports.into_tokio()?;
        let (events, tcp_events) = mpsc::channel(TCP_EVENTS_MAX);
        if let Some(listener) = listener {
            tokio::spawn(tcp::accept(listener, events));
        }
        Ok(Self {
            udp,
            here,
            has_tcp,
            legs: HashMap::new(),
            tcp_events,
            rooms: HashMap::new(),
            routes: Routes::default(),
            deadlines: Deadlines::default(),
            orders: setup.orders,
            errands: setup.errands,
            waiting: setup.waiting,
            connections: setup.connections,
            figures: Figures::default(),
            figures_changed: false,
            copied_out: clock::steady(),
        })
    }

    async fn work(&mut self) {
        let mut buffer = vec![0; PACKET_BYTES_MAX];
        loop {
            let wake = self.wake_at();
            tokio::select! {
                order = self.orders.recv() => match order.map(|order| self.obey(order)) {
                    Some(ControlFlow::Continue(())) => {}
                    Some(ControlFlow::Break(())) | None => return,
                },
                ready = self.udp.readable() => if ready.is_ok() { self.take_datagrams(&mut buffer) },
                Some(event) = self.tcp_events.recv(), if self.has_tcp => self.take_tcp(event),
                () = tokio::time::sleep_until(wake.into()) => {}
            }
            self.run_due();
        }
    }

    /// The next deadline of a room, or the moment to copy figures out if any have changed.
    fn wake_at(&mut self) -> Instant {
        let rooms = self.deadlines.next().unwrap_or_else(|| clock::steady() + IDLE);
        if self.figures_changed { rooms.min(self.copied_out + COPY_OUT) } else { rooms }
    }

    fn run_due(&mut self) {
        let now = clock::steady();
        while let Some(session) = self.deadlines.due(now) {
            self.with_room(session, |room, now| room.handle_timeout(now));
            self.note_lines(session);
        }
        if self.figures_changed && now.saturating_duration_since(self.copied_out) >= COPY_OUT {
            self.copied_out = now;
            self.figures_changed = false;
            self.copy_figures_out();
        }
    }

    fn copy_figures_out(&mut self) {
        let Figures { packets_in, packets_out, dropped, unknown } = std::mem::take(&mut self.figures);
        metrics::counter!("samrom_media_packets_in").increment(packets_in);
        metrics::counter!("samrom_media_packets_out").increment(packets_out);
        metrics::counter!("samrom_media_packets_dropped").increment(dropped);
        metrics::counter!("samrom_media_packets_unknown").increment(unknown);
        metrics::gauge!("samrom_rooms", "shard" => self.here.port().to_string())
            .set(f64::from(u32::try_from(self.rooms.len()).unwrap_or(u32::MAX)));
    }

    fn obey(&mut self, order: Order) -> ControlFlow<()> {
        match order {
            Order::Connected(newcomer) => self.connect(*newcomer),
            Order::Message { session, connection, bytes } => {
                self.with_room(session, |room, now| room.handle_message(connection, &bytes, now));
                self.note_lines(session);
            }
            Order::Disconnected { session, connection } => self.disconnect(session, connection),
            Order::Facts { session, participant, facts } => {
                self.with_room(session, |room, now| room.handle_facts(participant, *facts, now));
            }
            Order::Recorded { session, record, how } => {
                self.with_room(session, |room, now| room.handle_recorded(record, how, now));
            }
            Order::FactsChanged(subjects) => self.facts_changed(|subject| subjects.contains(&subject)),
            Order::Reload => self.facts_changed(|_| true),
            Order::Stop { done } => {
                for session in self.rooms.keys().copied().collect::<Vec<_>>() {
                    self.with_room(session, Room::handle_stopping);
                }
                // The receiver may have stopped waiting; then nobody minds.
                let _ = done.send(());
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn connect(&mut self, newcomer: Newcomer) {
        let Newcomer { session, arrival, sign_in, device, home, line: orders } = newcomer;
        let fresh = !self.rooms.contains_key(&session);
        if fresh {
            let seated = self.open_room(session, home);
            self.rooms.insert(session, seated);
        }
        self.connections.note(arrival.participant, Happening::Opened);
        if let Some(seated) = self.rooms.get_mut(&session) {
            let Arrival { participant, person, connection, .. } = arrival;
            seated.lines.insert(connection, Line { participant, device, orders });
            seated.people.insert(participant, Known { person, sign_in });
        }
        self.with_room(session, |room, now| room.handle_connected(arrival, now));
    }

    fn open_room(&self, session: SessionId, home: Home) -> Seated {
        let tcp = if self.has_tcp { vec![self.here] } else { Vec::new() };
        let config = RoomConfig {
            session,
            organization_key: home.signer.public_key(),
            sfu: SfuConfig { udp: vec![self.here], tcp },
            seed: entropy::bytes(),
        };
        Seated {
            room: Room::new(config, now()),
            home,
            lines: HashMap::new(),
            people: HashMap::new(),
            noted: HashMap::new(),
        }
    }

    fn disconnect(&mut self, session: SessionId, connection: ConnectionId) {
        if let Some(line) = self.take_line(session, connection) {
            self.connections.note(line.participant, Happening::Closed);
            self.with_room(session, |room, now| room.handle_disconnected(connection, now));
            self.note_lines(session);
        }
    }

    /// Has the rooms load afresh the facts of everybody whom a change touches.
    fn facts_changed(&mut self, touched: impl Fn(Subject) -> bool) {
        let mut reload = Vec::new();
        for (session, seated) in &self.rooms {
            let all =
                touched(Subject::Session(*session)) || touched(Subject::Appointment(seated.home.appointment));
            let concerned = |(participant, known): (&ParticipantId, &Known)| {
                all || touched(Subject::Participant(*participant))
                    || touched(Subject::SignIn(known.sign_in))
                    || touched(Subject::Person(known.person))
            };
            let people = seated.people.iter().filter(|entry| concerned(*entry)).map(|(who, _)| *who);
            reload.push((*session, people.collect::<Vec<_>>()));
        }
        for (session, people) in reload.into_iter().filter(|(_, people)| !people.is_empty()) {
            self.with_room(session, |room, _| room.handle_facts_changed(&people));
        }
    }

    fn take_datagrams(&mut self, buffer: &mut [u8]) {
        for _ in 0..BATCH_MAX {
            let Ok((count, source)) = self.udp.try_recv_from(buffer) else { return };
            let bytes = buffer.get(..count).unwrap_or_default();
            self.take_packet(&Packet { transport: Transport::Udp, source, destination: self.here, bytes });
        }
    }

    fn take_tcp(&mut self, event: TcpEvent) {
        match event {
            TcpEvent::Opened { from, leg } => _ = self.legs.insert(from, leg),
            TcpEvent::Closed { from } => _ = self.legs.remove(&from),
            TcpEvent::Packet { from, bytes } => {
                let packet =
                    Packet { transport: Transport::Tcp, source: from, destination: self.here, bytes: &bytes };
                let taken = self.take_packet(&packet);
                match self.legs.get_mut(&from) {
                    Some(leg) if taken => leg.known = true,
                    // A stream whose first packet is for nobody here has no business here.
                    Some(leg) if !leg.known => _ = self.legs.remove(&from),
                    _ => {}
                }
            }
        }
    }

    /// Brings a packet to the room that it seems to be for; whether it is, the room's forwarder says.
    fn take_packet(&mut self, packet: &Packet<'_>) -> bool {
        let Some(route) = self.routes.find(packet) else {
            self.figures.unknown += 1;
            self.figures_changed = true;
            return false;
        };
        let mut at = None;
        let taken = self.with_room(route.session, |room, now| {
            at = Some(now.mono);
            room.handle_packet(packet, now)
        });
        if let (Some(true), Some(at)) = (taken, at) {
            self.routes.taken(packet, route, at);
            self.figures.packets_in += 1;
        }
        taken == Some(true)
    }

    /// Gives a room an input, then carries out all that it asks for. A panic costs that room, not its neighbours.
    fn with_room<T>(&mut self, session: SessionId, input: impl FnOnce(&mut Room, Now) -> T) -> Option<T> {
        self.figures_changed = true;
        let seated = self.rooms.get_mut(&session)?;
        let moment = now();
        let room = &mut seated.room;
        let Ok(answer) = catch_unwind(AssertUnwindSafe(|| input(room, moment))) else {
            self.lose_room(session);
            return None;
        };
        loop {
            let room = &mut self.rooms.get_mut(&session)?.room;
            let Ok(output) = catch_unwind(AssertUnwindSafe(|| room.poll_output())) else {
                self.lose_room(session);
                return None;
            };
            match output {
                Output::Timeout(deadlines) => {
                    self.deadlines.set(session, earliest(deadlines, moment));
                    break;
                }
                other => self.carry_out(session, other),
            }
        }
        self.drop_if_idle(session);
        Some(answer)
    }

    fn carry_out(&mut self, session: SessionId, output: Output) {
        match output {
            Output::Send { connection, message } => self.send(session, connection, &message),
            Output::Close { connection } => self.close(session, connection),
            Output::Attest { connection, attestation } => self.attest(session, connection, &attestation),
            Output::LoadFacts { participants } => self.ask_for_facts(session, &participants),
            Output::Record { record, event } => self.ask_to_record(session, record, event),
            Output::RouteMedia { ufrag } => self.routes.add(session, &ufrag, clock::steady()),
            Output::Transmit(transmit) => self.transmit(&transmit),
            Output::Timeout(_) => {}
        }
    }

    fn transmit(&mut self, packet: &Transmit) {
        let sent = match packet.transport {
            Transport::Udp => self.udp.try_send_to(&packet.bytes, packet.destination).is_ok(),
            Transport::Tcp => self.legs.get(&packet.destination).map(|leg| leg.send(&packet.bytes)).is_some(),
        };
        if sent {
            self.figures.packets_out += 1;
        } else {
            self.figures.dropped += 1;
        }
    }
}

pub(super) fn now() -> Now {
    Now { wall: clock::wall(), mono: clock::steady() }
}

/// The earlier of a room's two moments, by the clock that never jumps.
fn earliest(deadlines: room::Deadlines, now: Now) -> Instant {
    // A tick late, so that the wall clock has surely reached the moment.
    let wall = deadlines.wall.map(|wall| now.mono + wall.since(now.wall) + TICK);
    let moment = wall.map_or(deadlines.mono, |wall| wall.min(deadlines.mono));
    // Never now: a room that wants to be called at once, for ever, must not keep the shard from its neighbours.
    moment.max(now.mono + TICK)
}
