//! Who waits in which room at this moment, for pages that show it; written by the shards, read by the pages.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use ids::{ParticipantId, SessionId, Timestamp};

/// Everybody who waits.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<HashMap<SessionId, BTreeMap<ParticipantId, Timestamp>>>);

impl Waiting {
    /// Says who waits in a room.
    pub(crate) fn set(&self, session: SessionId, participant: ParticipantId, since: Option<Timestamp>) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let people = rooms.entry(session).or_default();
        match since {
            Some(since) => _ = people.insert(participant, since),
            None => _ = people.remove(&participant),
        }
        if people.is_empty() {
            rooms.remove(&session);
        }
    }

    /// The room is gone.
    pub(crate) fn forget(&self, session: SessionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
    }

    /// Who waits in these rooms.
    pub(crate) fn of(&self, sessions: &[SessionId]) -> Vec<(SessionId, ParticipantId, Timestamp)> {
        let rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let people = |session: &SessionId| {
            let session = *session;
            rooms.get(&session).into_iter().flatten().map(move |(who, since)| (session, *who, *since))
        };
        sessions.iter().flat_map(people).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_wait_now_in_the_rooms_asked_for_are_told() {
        let waiting = Waiting::default();
        let (here, there) = (SessionId::from_bytes([1; 16]), SessionId::from_bytes([2; 16]));
        let (one, two) = (ParticipantId::from_bytes([3; 16]), ParticipantId::from_bytes([4; 16]));
        let at = Timestamp::from_millis(5);
        waiting.set(here, one, Some(at));
        waiting.set(there, two, Some(at));
        assert_eq!(waiting.of(&[here]), [(here, one, at)]);
        waiting.set(here, one, None);
        assert_eq!(waiting.of(&[here]), []);
        waiting.forget(there);
        assert_eq!(waiting.of(&[here, there]), []);
    }
}
