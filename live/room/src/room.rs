//! The room itself: its state, its inputs and its outputs. What each input means is in the modules beside this one.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use domain::door::Facts;
use ids::{
    ConnectionId, EndReason, FACTS_RELOAD_MS, GoneReason, PEERS_MAX, ParticipantId, Timestamp, WAITING_MAX,
};
use protocol::group::SignedAttestation;
use protocol::wire::{Presence, ServerMessage, Slot, Welcome};
use sfu::{Forwarder, Packet, SfuEvent, Transport};

use crate::api::{Arrival, Deadlines, Now, Output, RecordId, Recorded, RoomConfig, RoomEvent};
use crate::entropy::Entropy;
use crate::group::{Group, Met};
use crate::seat::{Attested, Line, Seat, Stage};

/// Sockets of one room; some are about to be replaced by a reload, so there are more than seats.
const LINES_MAX: usize = 2 * (PEERS_MAX + WAITING_MAX);
/// Seats remembered in one room, those of people who left included; an invitation each.
const SEATS_MAX: usize = 256;
/// Rounds of asking the door after one input.
const SETTLING_ROUNDS_MAX: usize = 8;
pub(crate) const FACTS_RELOAD: Duration = Duration::from_millis(FACTS_RELOAD_MS);

/// The server's side of one session. Sans-I/O: it opens no socket and reads no clock.
///
/// Inputs: [`handle_connected`](Self::handle_connected), [`handle_message`](Self::handle_message),
/// [`handle_disconnected`](Self::handle_disconnected), [`handle_attested`](Self::handle_attested),
/// [`handle_recorded`](Self::handle_recorded), [`handle_facts`](Self::handle_facts),
/// [`handle_facts_changed`](Self::handle_facts_changed), [`handle_packet`](Self::handle_packet),
/// [`handle_timeout`](Self::handle_timeout), [`handle_stopping`](Self::handle_stopping).
/// Output: [`poll_output`](Self::poll_output) after every input, until it returns [`Output::Timeout`].
/// Getters: [`is_idle`](Self::is_idle), [`accepts`](Self::accepts), [`slots`](Self::slots),
/// [`line_state`](Self::line_state).
///
/// An admission takes effect when the shell has answered its `Record` with [`Recorded::Written`], not before; the
/// end of an admission takes effect at once and is recorded after (SEC-001, SEC-006, SEC-024).
pub struct Room {
    pub(crate) config: RoomConfig,
    pub(crate) entropy: Entropy,
    pub(crate) media: Forwarder,
    pub(crate) seats: BTreeMap<ParticipantId, Seat>,
    pub(crate) lines: BTreeMap<ConnectionId, Line>,
    pub(crate) group: Option<Group>,
    pub(crate) met: Met,
    pub(crate) grace: Option<Grace>,
    /// A host has been here.
    pub(crate) host_seen: bool,
    /// A host is here, as of the last look.
    pub(crate) host_here: bool,
    pub(crate) screen: Option<ParticipantId>,
    pub(crate) ended: bool,
    pub(crate) start: Start,
    pub(crate) next_record: u64,
    pub(crate) reload_at: Instant,
    pub(crate) deadlines: Deadlines,
    pub(crate) outputs: VecDeque<Output>,
    #[cfg(feature = "evil")]
    pub(crate) evil: crate::evil::State,
}

/// The last host is gone and everyone else stays for a while.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grace {
    pub(crate) wall: Timestamp,
    pub(crate) mono: Instant,
}

/// Whether the session's start has been recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    NotYet,
    Recording(RecordId),
    Recorded,
}

impl Room {
    /// An empty room.
    #[must_use]
    pub fn new(config: RoomConfig, now: Now) -> Self {
        Self {
            entropy: Entropy::new(config.seed),
            media: Forwarder::new(config.sfu.clone(), now.mono),
            seats: BTreeMap::new(),
            lines: BTreeMap::new(),
            group: None,
            met: Met::default(),
            grace: None,
            host_seen: false,
            host_here: false,
            screen: None,
            ended: false,
            start: Start::NotYet,
            next_record: 0,
            reload_at: now.mono + FACTS_RELOAD,
            deadlines: Deadlines { wall: None, mono: now.mono + FACTS_RELOAD },
            outputs: VecDeque::new(),
            #[cfg(feature = "evil")]
            evil: crate::evil::State::default(),
            config,
        }
    }

    /// Whether nobody is connected and nobody has a place, so that the shell may drop the room.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.lines.is_empty() && !self.seats.values().any(Seat::has_place)
    }

    /// Whether a packet seems to be for this room; cheap and without proof.
    #[must_use]
    pub fn accepts(&self, packet: &Packet<'_>) -> bool {
        self.media.accepts(packet)
    }

    /// Whose media the forwarder gives to this participant, and on which m-lines.
    #[must_use]
    pub fn slots(&self, participant: ParticipantId) -> &[Slot] {
        self.media.slots(participant)
    }

    /// How somebody's line stands as the others see it, and how their media travelled last; `None` for nobody.
    #[must_use]
    pub fn line_state(&self, participant: ParticipantId) -> Option<(Option<Presence>, Option<Transport>)> {
        let seat = self.seats.get(&participant)?;
        Some((self.seen_presence(seat), seat.transport))
    }

    /// An authenticated socket was opened.
    pub fn handle_connected(&mut self, arrival: Arrival, now: Now) {
        let Arrival { connection, participant, person, name, given, assurance, facts } = arrival;
        let known = self.seats.contains_key(&participant);
        if self.lines.len() >= LINES_MAX || (!known && self.seats.len() >= SEATS_MAX) {
            self.outputs.push_back(Output::Close { connection });
            return;
        }
        let mute = |line: &Line| line.participant == participant && line.device.is_none();
        let older: Vec<_> = self.lines.iter().filter(|(_, line)| mute(line)).map(|(id, _)| *id).collect();
        for connection in older {
            self.close(connection);
        }
        let seat = self
            .seats
            .entry(participant)
            .or_insert_with(|| Seat::new(person, name.clone(), assurance, facts.clone()));
        (seat.person, seat.name, seat.assurance, seat.facts) = (person, name, assurance, facts);
        seat.given = given;
        self.lines.insert(connection, Line::new(participant, now.mono));
        self.settle(now);
    }

    /// A socket delivered one binary message.
    pub fn handle_message(&mut self, connection: ConnectionId, bytes: &[u8], now: Now) {
        #[cfg(feature = "evil")]
        self.evil.overhear(bytes);
        self.receive(connection, bytes, now);
        self.settle(now);
    }

    /// A socket is gone.
    pub fn handle_disconnected(&mut self, connection: ConnectionId, now: Now) {
        if let Some(line) = self.lines.remove(&connection) {
            self.line_closed(connection, &line, now);
            self.settle(now);
        }
    }

    /// The shell signed an attestation.
    pub fn handle_attested(&mut self, connection: ConnectionId, attestation: SignedAttestation, now: Now) {
        let Some(line) = self.lines.get_mut(&connection).filter(|line| line.attested == Attested::Asked)
        else {
            return;
        };
        line.attested = Attested::Yes;
        let you = line.participant;
        let Some(seat) = self.seats.get(&you) else { return };
        let Some(role) = seat.role() else { return };
        let welcome = Welcome {
            session: self.config.session,
            you,
            role,
            name: seat.name.clone(),
            attestation,
            organization_key: self.config.organization_key,
            at: now.wall,
        };
        self.send(connection, ServerMessage::Welcome(Box::new(welcome)));
    }

    /// The shell wrote a record, or could not.
    pub fn handle_recorded(&mut self, record: RecordId, how: Recorded, now: Now) {
        if self.start == Start::Recording(record) {
            self.start = if how == Recorded::Written { Start::Recorded } else { Start::NotYet };
        }
        self.admission_recorded(record, how, now);
        self.settle(now);
    }

    /// Somebody's facts were loaded.
    pub fn handle_facts(&mut self, participant: ParticipantId, facts: Facts, now: Now) {
        if let Some(seat) = self.seats.get_mut(&participant) {
            seat.facts = facts;
            self.settle(now);
        }
    }

    /// Something was written that these people's facts may depend on.
    pub fn handle_facts_changed(&mut self, participants: &[ParticipantId]) {
        let known = participants.iter().copied().filter(|who| self.seats.contains_key(who));
        let participants: Vec<_> = known.collect();
        if !participants.is_empty() {
            self.outputs.push_back(Output::LoadFacts { participants });
        }
    }

    /// A packet came from the network; `false` when it was nobody's here.
    pub fn handle_packet(&mut self, packet: &Packet<'_>, now: Now) -> bool {
        self.media.handle_packet(now.mono, packet)
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Now) {
        self.media.handle_timeout(now.mono);
        let due = now.mono >= self.deadlines.mono || self.deadlines.wall.is_some_and(|wall| now.wall >= wall);
        if due {
            self.settle(now);
        }
    }

    /// The server is about to stop: everyone is told so and their admissions end.
    pub fn handle_stopping(&mut self, now: Now) {
        for participant in self.everyone() {
            self.end_admission(participant, GoneReason::LineLost, now);
            self.set_stage(participant, Stage::Away);
        }
        for connection in self.lines.keys().copied().collect::<Vec<_>>() {
            self.end_line(connection, EndReason::ServerStopping);
        }
        self.settle(now);
    }

    /// What to do next.
    #[must_use]
    pub fn poll_output(&mut self) -> Output {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return output;
            }
            match self.media.poll_output() {
                sfu::Output::Transmit(transmit) => return Output::Transmit(transmit),
                sfu::Output::Event(event) => self.media_event(event),
                sfu::Output::Timeout(at) => {
                    let mono = self.deadlines.mono.min(at);
                    return Output::Timeout(Deadlines { mono, ..self.deadlines });
                }
            }
        }
    }

    fn media_event(&mut self, event: SfuEvent) {
        match event {
            SfuEvent::SlotsChanged { to, slots } => {
                let seat = self.seats.get(&to).filter(|seat| seat.is_member());
                if let Some(connection) = seat.and_then(|seat| seat.line) {
                    self.send(connection, ServerMessage::Slots { slots });
                }
            }
            SfuEvent::MediaState { participant, state } => {
                let message = ServerMessage::Media { participant, state };
                self.tell_those_here(Some(participant), &message);
            }
            SfuEvent::Connected(participant) => {
                if let Some(seat) = self.seats.get_mut(&participant) {
                    seat.transport = self.media.transport(participant);
                }
            }
            SfuEvent::Dead(_) => {}
        }
    }

    /// Brings everything in line with the state that an input left behind. Every input but packets ends here.
    pub(crate) fn settle(&mut self, now: Now) {
        self.watch_lines(now);
        self.forget_what_was_asked();
        self.reload_facts(now);
        // Each round can only move people further out or begin what waits for a record, so this ends; the bound is
        // a belt beside the braces.
        for _ in 0..SETTLING_ROUNDS_MAX {
            self.watch_hosts(now);
            let moved = self.ask_the_door(now);
            let founded = self.keep_group(now);
            let put_back = self.ask_for_adds(now);
            if !(moved || founded || put_back) {
                break;
            }
        }
        self.ask_for_removals(now);
        self.ask_for_attestations(now);
        // A page hears where it stands before it is asked for anything.
        self.show();
        self.ask_for_key_packages();
        self.deadlines = self.next_deadlines(now);
    }

    fn reload_facts(&mut self, now: Now) {
        if now.mono < self.reload_at {
            return;
        }
        self.reload_at = now.mono + FACTS_RELOAD;
        let concerned = |seat: &Seat| seat.has_place() || seat.line.is_some();
        let participants: Vec<_> =
            self.seats.iter().filter(|(_, seat)| concerned(seat)).map(|(who, _)| *who).collect();
        if !participants.is_empty() {
            self.outputs.push_back(Output::LoadFacts { participants });
        }
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, message: ServerMessage) {
        #[cfg(feature = "evil")]
        self.evil.overhear_own(&message);
        self.outputs.push_back(Output::Send { connection, message: Box::new(message) });
    }

    pub(crate) fn send_to(&mut self, participant: ParticipantId, message: ServerMessage) {
        if let Some(connection) = self.seats.get(&participant).and_then(|seat| seat.line) {
            self.send(connection, message);
        }
    }

    /// Closes a socket and forgets it.
    pub(crate) fn close(&mut self, connection: ConnectionId) {
        if let Some(line) = self.lines.remove(&connection)
            && let Some(seat) = self.seats.get_mut(&line.participant)
            && seat.line == Some(connection)
        {
            seat.line = None;
        }
        self.outputs.push_back(Output::Close { connection });
    }

    /// Says that it is over, and closes.
    pub(crate) fn end_line(&mut self, connection: ConnectionId, reason: EndReason) {
        self.send(connection, ServerMessage::Ended { reason });
        self.close(connection);
    }

    pub(crate) fn record(&mut self, event: RoomEvent) -> RecordId {
        let record = RecordId(self.next_record);
        self.next_record = self.next_record.wrapping_add(1);
        self.outputs.push_back(Output::Record { record, event });
        record
    }

    pub(crate) fn everyone(&self) -> Vec<ParticipantId> {
        self.seats.keys().copied().collect()
    }

    pub(crate) fn set_stage(&mut self, participant: ParticipantId, stage: Stage) {
        if let Some(seat) = self.seats.get_mut(&participant) {
            seat.stage = stage;
        }
    }
}
