//! The shard's side of the sockets and of what rooms ask for: messages out, attestations, errands, closing.

use domain::connections::Happening;
use ids::{ConnectionId, ParticipantId, SessionId};
use protocol::group::{ATTESTATION_LABEL, Attestation, SignedAttestation};
use protocol::wire::{Presence, ServerMessage};
use room::{RecordId, Recorded, RoomEvent};
use sfu::Transport;
use store::SeatKey;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::shard::{Errand, Line, LineOrder, LineState, Shard, now};

impl Shard {
    pub(super) fn send(&mut self, session: SessionId, connection: ConnectionId, message: &ServerMessage) {
        let Some(line) = self.rooms.get(&session).and_then(|seated| seated.lines.get(&connection)) else {
            return;
        };
        match message {
            ServerMessage::Waiting { since, .. } => self.waiting.set(session, line.participant, Some(*since)),
            ServerMessage::Admitted { .. } | ServerMessage::Refused { .. } | ServerMessage::Ended { .. } => {
                self.waiting.set(session, line.participant, None);
            }
            ServerMessage::Answer { .. } => self.connections.note(line.participant, Happening::Answered),
            _ => {}
        }
        if let Err(TrySendError::Full(_)) = line.orders.try_send(LineOrder::Send(protocol::encode(message))) {
            // Who reads too slowly is closed and comes back; holding more would let one socket fill the memory.
            metrics::counter!("samrom_sockets_too_slow").increment(1);
            self.connections.note(line.participant, Happening::TooSlow);
            self.drop_line(session, connection);
        }
    }

    /// Closes a socket that the room gave up itself.
    pub(super) fn close(&mut self, session: SessionId, connection: ConnectionId) {
        let Some(line) = self.take_line(session, connection) else { return };
        self.connections.note(line.participant, Happening::Closed);
        // Where the queue is full the socket is closed all the same, because its sender ends here.
        let _ = line.orders.try_send(LineOrder::Close);
    }

    /// Notes how lines stand that stood otherwise before; asked after whatever comes seldom, never after a packet.
    pub(super) fn note_lines(&mut self, session: SessionId) {
        let Some(seated) = self.rooms.get_mut(&session) else { return };
        for participant in seated.people.keys() {
            let now = seated.room.line_state(*participant).unwrap_or_default();
            let before = seated.noted.insert(*participant, now).unwrap_or_default();
            let is_open = seated.lines.values().any(|line| line.participant == *participant);
            for what in happened(before, now, is_open) {
                self.connections.note(*participant, what);
            }
        }
    }

    /// Takes a line out; whose last it was waits no longer.
    pub(super) fn take_line(&mut self, session: SessionId, connection: ConnectionId) -> Option<Line> {
        let seated = self.rooms.get_mut(&session)?;
        let line = seated.lines.remove(&connection)?;
        if !seated.lines.values().any(|other| other.participant == line.participant) {
            self.waiting.set(session, line.participant, None);
        }
        Some(line)
    }

    /// Closes a socket behind the room's back; its task will say that it is gone.
    fn drop_line(&mut self, session: SessionId, connection: ConnectionId) {
        if let Some(line) = self.rooms.get_mut(&session).and_then(|seated| seated.lines.get_mut(&connection))
        {
            let (closed, _) = mpsc::channel(1);
            line.orders = closed;
        }
    }

    pub(super) fn attest(&mut self, session: SessionId, connection: ConnectionId, attestation: &Attestation) {
        let Some(seated) = self.rooms.get_mut(&session) else { return };
        let statement = protocol::pack(attestation);
        let signature = seated.home.signer.sign(ATTESTATION_LABEL, &statement).to_vec();
        seated.room.handle_attested(connection, SignedAttestation { statement, signature }, now());
    }

    pub(super) fn ask_for_facts(&mut self, session: SessionId, participants: &[ParticipantId]) {
        let Some(seated) = self.rooms.get(&session) else { return };
        let seat = |who: &ParticipantId| {
            seated.people.get(who).map(|known| SeatKey { participant: *who, sign_in: known.sign_in })
        };
        let seats = participants.iter().filter_map(seat).collect();
        // The room asks again by itself, so a full queue costs seconds, not safety.
        if self.errands.try_send(Errand::LoadFacts { session, seats }).is_err() {
            too_slow();
        }
    }

    pub(super) fn ask_to_record(&mut self, session: SessionId, record: RecordId, event: RoomEvent) {
        let Some(seated) = self.rooms.get_mut(&session) else { return };
        let host = match &event {
            RoomEvent::AdmissionBegun { by, .. } => *by,
            RoomEvent::EndedFor { by, .. } | RoomEvent::SessionEnded { by, .. } => Some(*by),
            RoomEvent::SessionStarted { .. } | RoomEvent::AdmissionEnded { .. } => None,
        };
        let device = match &event {
            RoomEvent::AdmissionBegun { participant, .. } => seated.device_of(*participant),
            _ => None,
        };
        let by = host.and_then(|host| seated.people.get(&host)).map(|known| known.person);
        if self
            .errands
            .try_send(Errand::Record { session, record, event: Box::new(event), by, device })
            .is_err()
        {
            too_slow();
            seated.room.handle_recorded(record, Recorded::Failed, now());
        }
    }

    pub(super) fn drop_if_idle(&mut self, session: SessionId) {
        if self.rooms.get(&session).is_some_and(|seated| seated.lines.is_empty() && seated.room.is_idle()) {
            self.forget_room(session);
        }
    }

    /// A room panicked: its sockets are closed, and its people come back to a new one.
    pub(super) fn lose_room(&mut self, session: SessionId) {
        tracing::error!(%session, "a room was lost to a fault of ours");
        self.forget_room(session);
    }

    fn forget_room(&mut self, session: SessionId) {
        self.rooms.remove(&session);
        self.routes.forget(session);
        self.deadlines.remove(session);
        self.waiting.forget(session);
    }
}

/// What happened between two looks at a line; why somebody stepped out is nobody's business here.
fn happened(before: LineState, now: LineState, is_open: bool) -> impl Iterator<Item = Happening> {
    let line = match (before.0, now.0) {
        (before, now) if before == now => None,
        (_, Some(Presence::LineLost)) if is_open => Some(Happening::Silent),
        (_, Some(Presence::LineLost)) => Some(Happening::Lost),
        (_, Some(Presence::DeviceAsleep)) => Some(Happening::Asleep),
        (Some(Presence::LineLost | Presence::DeviceAsleep), Some(_)) => Some(Happening::CameBack),
        _ => None,
    };
    let media = now.1.filter(|_| before.1 != now.1).map(|way| match way {
        Transport::Udp => Happening::Datagrams,
        Transport::Tcp => Happening::Stream,
    });
    line.into_iter().chain(media)
}

fn too_slow() {
    tracing::error!("the clerk cannot keep up with the rooms");
    metrics::counter!("samrom_store_failures").increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_to_a_line_is_told_once_and_nothing_of_what_she_does() {
        let told = |before, now, is_open| happened(before, now, is_open).collect::<Vec<_>>();
        let at = |presence| (Some(presence), Some(Transport::Udp));
        let (here, lost) = (at(Presence::Here), at(Presence::LineLost));
        assert_eq!(told((None, None), here, true), [Happening::Datagrams]);
        assert_eq!(told(here, here, true), []);
        assert_eq!(told(here, lost, true), [Happening::Silent]);
        assert_eq!(told(here, lost, false), [Happening::Lost]);
        assert_eq!(told(lost, here, true), [Happening::CameBack]);
        assert_eq!(told(here, at(Presence::DeviceAsleep), true), [Happening::Asleep]);
        assert_eq!(told(here, (Some(Presence::Here), Some(Transport::Tcp)), true), [Happening::Stream]);
        for hers in [Presence::SteppedOut, Presence::SomeoneCameIn] {
            assert_eq!(told(here, at(hers), true), [], "SEC-116: {hers:?}");
            assert_eq!(told(at(hers), here, true), []);
        }
    }
}
