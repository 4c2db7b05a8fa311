//! What a browser remembers about other devices: pins for good, admitted devices for a session.
//!
//! The room gives the whole memory out whenever it changes ([`crate::Output::Remember`]) and gets it back at the next
//! start. No name is kept: a person is remembered as a hash of the organisation and of the pseudonym it gives them.

use ids::{ParticipantId, Role, SessionId, Timestamp};
use protocol::group::KnownAs;
use protocol::wire::DeviceKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::credential::{Trust, Verified};

/// Devices remembered; the one seen longest ago goes first, a device met in person last.
const PINS_MAX: usize = 512;
/// Devices remembered as admitted, over all sessions.
const ADMITTED_MAX: usize = 64;
/// Seats remembered as sent back, over all sessions.
const SENT_BACK_MAX: usize = 64;

/// Everything remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Devices of people with whom this device was in a group.
    pub pins: Vec<Pin>,
    /// Devices that were inside a session; they may come back without a click while they are admitted.
    pub admitted: Vec<Admitted>,
    /// Seats that nobody returns to without a click of our own: first those that the server named, then those that a host
    /// has sent back.
    pub sent_back: Vec<(SessionId, ParticipantId)>,
}

/// A device that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The device.
    pub device: DeviceKey,
    /// Hash of the organisation and its pseudonym for the person.
    pub person: [u8; 32],
    /// Where it was first seen; in that session it still counts as new.
    pub first_session: SessionId,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// When its code was scanned in person.
    pub met: Option<Timestamp>,
}

/// A device that was inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    /// Inside which session.
    pub session: SessionId,
    /// In which seat.
    pub participant: ParticipantId,
    /// In which role; another role needs a new click.
    pub role: Role,
    /// The device.
    pub device: DeviceKey,
}

impl Memory {
    /// Reads what [`to_bytes`](Self::to_bytes) wrote; anything else is an empty memory.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        protocol::unpack(bytes).unwrap_or_default()
    }

    /// The memory as bytes, for a browser's store.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        protocol::pack(self)
    }

    /// How a device is known.
    pub(crate) fn known(&self, who: &Verified, trust: &Trust) -> KnownAs {
        if let Some(pin) = self.pins.iter().find(|pin| pin.device == who.device) {
            return match pin.met {
                Some(met) => KnownAs::MetInPerson(met),
                None if pin.first_session == trust.session => self.changed(who, trust),
                None => KnownAs::SameAsSince(pin.first_seen),
            };
        }
        self.changed(who, trust)
    }

    /// Remembers that a device was in the group with us.
    pub(crate) fn saw(&mut self, who: &Verified, trust: &Trust, now: Timestamp) {
        self.pin(who, trust, now);
        if !self.is_sent_back(who.participant, trust.session) {
            self.admit(who, trust.session);
        }
    }

    /// Remembers that a device's code was scanned in person; that alone lets nobody in.
    pub(crate) fn met(&mut self, who: &Verified, trust: &Trust, now: Timestamp) {
        self.pin(who, trust, now);
        if let Some(pin) = self.pins.iter_mut().find(|pin| pin.device == who.device) {
            pin.met = Some(now);
        }
    }

    fn pin(&mut self, who: &Verified, trust: &Trust, now: Timestamp) {
        match self.pins.iter_mut().find(|pin| pin.device == who.device) {
            Some(pin) => pin.last_seen = now,
            None => {
                self.make_place();
                self.pins.push(Pin {
                    device: who.device.clone(),
                    person: person(who, trust),
                    first_session: trust.session,
                    first_seen: now,
                    last_seen: now,
                    met: None,
                });
            }
        }
    }

    /// Whether this very device was inside this session in this seat and role.
    pub(crate) fn was_inside(&self, who: &Verified, session: SessionId) -> bool {
        self.admitted.iter().any(|admitted| {
            admitted.session == session
                && admitted.participant == who.participant
                && admitted.role == who.role
                && admitted.device == who.device
        })
    }

    /// New, unless the same person had another device before.
    fn changed(&self, who: &Verified, trust: &Trust) -> KnownAs {
        let person = person(who, trust);
        self.pins
            .iter()
            .filter(|pin| pin.person == person && pin.device != who.device)
            .map(|pin| pin.last_seen)
            .max()
            .map_or(KnownAs::New, |last_seen| KnownAs::Changed { last_seen })
    }

    fn admit(&mut self, who: &Verified, session: SessionId) {
        if self.was_inside(who, session) {
            return;
        }
        if self.admitted.len() >= ADMITTED_MAX {
            self.admitted.remove(0);
        }
        let Verified { participant, role, device, .. } = who.clone();
        self.admitted.push(Admitted { session, participant, role, device });
    }

    /// A host's word: nobody may come back to this seat without a click of our own, not on the same device, not in another
    /// group.
    pub(crate) fn send_back(&mut self, participant: ParticipantId, session: SessionId) {
        self.forget_admitted(participant, session);
        self.sent_back.retain(|sent| *sent != (session, participant));
        if self.sent_back.len() >= SENT_BACK_MAX {
            self.sent_back.remove(0);
        }
        self.sent_back.push((session, participant));
    }

    /// The server's word for the same. It pushes no host's word out, however many seats the server names (SEC-014).
    pub(crate) fn forget(&mut self, participant: ParticipantId, session: SessionId) {
        self.forget_admitted(participant, session);
        if !self.is_sent_back(participant, session) && self.sent_back.len() < SENT_BACK_MAX {
            self.sent_back.insert(0, (session, participant));
        }
    }

    fn forget_admitted(&mut self, participant: ParticipantId, session: SessionId) {
        self.admitted.retain(|admitted| admitted.session != session || admitted.participant != participant);
    }

    /// Our host clicked on somebody.
    pub(crate) fn clicked(&mut self, participant: ParticipantId, session: SessionId) {
        self.sent_back.retain(|sent| *sent != (session, participant));
    }

    fn is_sent_back(&self, participant: ParticipantId, session: SessionId) -> bool {
        self.sent_back.contains(&(session, participant))
    }

    fn make_place(&mut self) {
        if self.pins.len() < PINS_MAX {
            return;
        }
        let oldest = self.pins.iter().enumerate().min_by_key(|(_, pin)| (pin.met.is_some(), pin.last_seen));
        if let Some((place, _)) = oldest {
            self.pins.swap_remove(place);
        }
    }
}

fn person(who: &Verified, trust: &Trust) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"samrom pinned person v1\0")
        .chain_update(trust.organization_key)
        .chain_update(who.person.0)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use ids::Personal;
    use protocol::group::PersonTag;

    use super::*;

    fn trust(session: u8) -> Trust {
        Trust { session: SessionId::from_bytes([session; 16]), organization_key: [1; 32] }
    }

    fn who(device: u8) -> Verified {
        Verified {
            participant: ParticipantId::from_bytes([9; 16]),
            person: PersonTag([7; 16]),
            role: Role::YoungPerson,
            name: Personal::new("Nora".to_owned()),
            device: DeviceKey(vec![device; 65]),
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_device_is_new_in_its_first_session_and_known_in_the_next() {
        let mut memory = Memory::default();
        assert_eq!(memory.known(&who(1), &trust(1)), KnownAs::New);
        memory.saw(&who(1), &trust(1), at(10));
        assert_eq!(memory.known(&who(1), &trust(1)), KnownAs::New, "a reload does not make it known");
        assert_eq!(memory.known(&who(1), &trust(2)), KnownAs::SameAsSince(at(10)));
    }

    #[test]
    fn another_device_of_the_same_person_is_told() {
        let mut memory = Memory::default();
        memory.saw(&who(1), &trust(1), at(10));
        memory.saw(&who(1), &trust(2), at(20));
        assert_eq!(memory.known(&who(2), &trust(3)), KnownAs::Changed { last_seen: at(20) });
        memory.saw(&who(2), &trust(3), at(30));
        assert_eq!(
            memory.known(&who(2), &trust(3)),
            KnownAs::Changed { last_seen: at(20) },
            "still, after a reload"
        );
        let renamed = Verified { name: Personal::new("Nora B.".to_owned()), role: Role::Support, ..who(3) };
        let changed = KnownAs::Changed { last_seen: at(30) };
        assert_eq!(
            memory.known(&renamed, &trust(3)),
            changed,
            "the name and the role do not make the person"
        );
        let somebody_else = Verified { person: PersonTag([8; 16]), ..who(3) };
        assert_eq!(memory.known(&somebody_else, &trust(3)), KnownAs::New, "nor does the same name");
    }

    #[test]
    fn met_in_person_outlives_and_outranks() {
        let mut memory = Memory::default();
        memory.met(&who(1), &trust(1), at(5));
        assert_eq!(memory.known(&who(1), &trust(1)), KnownAs::MetInPerson(at(5)));
        assert!(!memory.was_inside(&who(1), trust(1).session), "SEC-014: met is not let in");
        for device in 0..PINS_MAX {
            let mut other = who(2);
            other.device = DeviceKey(device.to_be_bytes().to_vec());
            memory.saw(&other, &trust(2), at(6));
        }
        assert_eq!(memory.pins.len(), PINS_MAX);
        assert_eq!(memory.known(&who(1), &trust(3)), KnownAs::MetInPerson(at(5)));
    }

    #[test]
    fn only_the_same_device_seat_and_role_may_come_back() {
        let mut memory = Memory::default();
        memory.saw(&who(1), &trust(1), at(10));
        let session = trust(1).session;
        assert!(memory.was_inside(&who(1), session));
        assert!(!memory.was_inside(&who(2), session));
        assert!(!memory.was_inside(&who(1), trust(2).session));
        let risen = Verified { role: Role::Host, ..who(1) };
        assert!(!memory.was_inside(&risen, session), "SEC-014: a new role needs a new click");
        memory.saw(&who(2), &trust(2), at(20));
        memory.send_back(who(1).participant, session);
        assert!(!memory.was_inside(&who(1), session), "SEC-014: who was sent back needs a new click");
        assert!(memory.was_inside(&who(2), trust(2).session), "another session is another matter");
        memory.saw(&who(1), &trust(1), at(30));
        assert!(!memory.was_inside(&who(1), session), "being seen in a group again does not undo it");
        memory.clicked(who(1).participant, session);
        memory.saw(&who(1), &trust(1), at(40));
        assert!(memory.was_inside(&who(1), session), "a click does");
    }

    #[test]
    fn the_server_pushes_no_hosts_word_out_however_many_seats_it_names() {
        let mut memory = Memory::default();
        let session = trust(1).session;
        let seat = |number: u8| ParticipantId::from_bytes([number; 16]);
        memory.forget(seat(1), session);
        memory.send_back(seat(9), session);
        for number in 100..=255 {
            memory.forget(seat(number), session);
        }
        memory.saw(&who(1), &trust(1), at(10));
        assert!(!memory.was_inside(&who(1), session), "sent back by a host, and in the group still");
        memory.send_back(seat(2), session);
        assert!(memory.is_sent_back(seat(9), session), "and what the server named makes room first");
        assert!(memory.sent_back.len() <= SENT_BACK_MAX);
    }

    #[test]
    fn memory_survives_as_bytes_without_a_name_in_it() {
        let mut memory = Memory::default();
        memory.saw(&who(1), &trust(1), at(10));
        let bytes = memory.to_bytes();
        assert_eq!(Memory::from_bytes(&bytes), memory);
        assert!(!bytes.windows(4).any(|window| window == b"Nora"));
        assert_eq!(Memory::from_bytes(b"rubbish"), Memory::default());
    }
}
