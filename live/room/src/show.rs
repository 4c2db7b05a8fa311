//! What each page is shown: worked out from the room's state after every input, sent where it differs from before.
//!
//! Nobody else decides to tell a page about lobby, roster, screen or grace, so that no path forgets to (complaint 1:
//! "I waited and nobody knew").

use std::collections::BTreeMap;

use ids::{
    Capabilities, ConnectionId, KEY_PACKAGE_BYTES_MAX, MESSAGE_BYTES_MAX, ParticipantId, Personal,
    RefuseReason, Timestamp, WaitReason,
};
use protocol::wire::{GonePerson, Presence, PresentPerson, ServerMessage, WaitingPerson};

use crate::her;
use crate::room::Room;
use crate::seat::{Seat, Stage};

/// Bytes of key packages in one `Lobby`; the rest of a message is left for names and times.
const LOBBY_KEY_PACKAGES_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 2 * KEY_PACKAGE_BYTES_MAX;

/// What one page has been told.
#[derive(Default, Clone, PartialEq)]
pub(crate) struct Shown {
    status: Option<Status>,
    lobby: Option<Vec<WaitingPerson>>,
    roster: Option<Vec<PresentPerson>>,
    screen: Option<ParticipantId>,
    grace: Option<Timestamp>,
    asked: Option<her::Shown>,
}

/// How a page's own seat stands.
#[derive(Clone, PartialEq)]
enum Status {
    Waiting {
        why: WaitReason,
        since: Timestamp,
        reconsider_at: Option<Timestamp>,
        seen_by: Vec<Personal<String>>,
    },
    Refused(RefuseReason),
    Admitted {
        capabilities: Capabilities,
        until: Option<Timestamp>,
    },
}

impl Room {
    /// Tells every page what has changed for it.
    pub(crate) fn show(&mut self) {
        let common = Common::of(self);
        let media: Vec<_> = self.media.media_states().collect();
        let mut messages = Vec::new();
        for (connection, line) in &mut self.lines {
            let Some(seat) = self.seats.get(&line.participant).filter(|seat| seat.line == Some(*connection))
            else {
                continue;
            };
            let view = common.for_seat(line.participant, seat, line.knocked, line.shown.status.as_ref());
            changes(&line.shown, &view, |message| messages.push((*connection, message)));
            // Changes are told as they come; whoever has just come in learns what they have come to.
            if line.shown.roster.is_none() && view.roster.is_some() {
                let others = media.iter().filter(|(who, _)| *who != line.participant);
                let states = others.map(|(participant, state)| ServerMessage::Media {
                    participant: *participant,
                    state: *state,
                });
                messages.extend(states.map(|message| (*connection, message)));
            }
            if line.shown.lobby.is_none() && view.lobby.is_some() && !common.gone.is_empty() {
                messages.push((*connection, ServerMessage::WentBefore { people: common.gone.clone() }));
            }
            line.shown = view;
        }
        for (connection, message) in messages {
            self.send(connection, message);
        }
    }

    /// Sends to every page whose person is here, except one.
    pub(crate) fn tell_those_here(&mut self, but: Option<ParticipantId>, message: &ServerMessage) {
        let here: Vec<ConnectionId> = self
            .seats
            .iter()
            .filter(|(who, seat)| seat.is_here() && Some(**who) != but)
            .filter_map(|(_, seat)| seat.line)
            .collect();
        for connection in here {
            self.send(connection, message.clone());
        }
    }
}

/// What is the same for several pages.
struct Common {
    lobby: Vec<WaitingPerson>,
    roster: Vec<PresentPerson>,
    /// The same as guests may know it.
    roster_for_guests: Vec<PresentPerson>,
    gone: Vec<GonePerson>,
    seen_by: Vec<Personal<String>>,
    screen: Option<ParticipantId>,
    grace: Option<Timestamp>,
    asked: BTreeMap<ParticipantId, her::Shown>,
}

impl Common {
    fn of(room: &Room) -> Self {
        let waits = |(who, seat): (&ParticipantId, &Seat)| seat.as_waiting(*who, room.asking(seat));
        let mut lobby: Vec<_> = room.seats.iter().filter_map(waits).collect();
        lobby.sort_by_key(|person| (person.since, person.participant));
        limit_key_packages(&mut lobby);
        let mut roster: Vec<_> = room
            .seats
            .iter()
            .filter_map(|(who, seat)| seat.as_present(*who, room.seen_presence(seat)?))
            .collect();
        roster.sort_by_key(|person| (person.since, person.participant));
        let for_guests = |person: &PresentPerson| PresentPerson {
            presence: person.presence.for_guests(),
            without_her: None,
            ..person.clone()
        };
        let mut gone: Vec<_> = room.seats.iter().filter_map(|(who, seat)| seat.as_gone(*who)).collect();
        gone.sort_by_key(|person| (person.at, person.participant));
        let hosts = room.seats.values().filter(|seat| seat.is_host_here());
        Self {
            lobby,
            roster_for_guests: roster.iter().map(for_guests).collect(),
            roster,
            gone,
            seen_by: hosts.map(|seat| seat.given.clone()).collect(),
            screen: room.screen,
            grace: room.grace.map(|grace| grace.wall),
            asked: room.shown_to_her(),
        }
    }

    fn for_seat(&self, who: ParticipantId, seat: &Seat, knocked: bool, before: Option<&Status>) -> Shown {
        let status = self.status(seat, knocked, before);
        let asked = self.asked.get(&who).filter(|_| knocked).cloned();
        if !seat.is_here() || !knocked {
            return Shown { status, asked, ..Shown::default() };
        }
        Shown {
            status,
            lobby: seat.is_host_here().then(|| self.lobby.clone()),
            roster: Some(if seat.is_host_here() { &self.roster } else { &self.roster_for_guests }.clone()),
            screen: self.screen,
            grace: self.grace,
            asked,
        }
    }

    fn status(&self, seat: &Seat, knocked: bool, before: Option<&Status>) -> Option<Status> {
        let waiting = |why, reconsider_at| Status::Waiting {
            why,
            since: seat.since,
            reconsider_at,
            seen_by: self.seen_by.clone(),
        };
        match &seat.stage {
            Stage::Refused { why, .. } => Some(Status::Refused(*why)),
            _ if !knocked => None,
            Stage::Away => None,
            Stage::Waiting { why, reconsider_at } => Some(waiting(*why, *reconsider_at)),
            Stage::Entering { .. } => before.cloned(),
            Stage::Inside { presence: Presence::SteppedOut | Presence::SomeoneCameIn, .. } => {
                Some(waiting(WaitReason::SteppedOut, None))
            }
            Stage::Inside { admission, .. } => {
                let (capabilities, until) = (admission.capabilities(), admission.until());
                Some(Status::Admitted { capabilities, until })
            }
        }
    }
}

/// Keeps a `Lobby` under the size limit: the smallest packages stay, so that nobody crowds out an ordinary one.
fn limit_key_packages(lobby: &mut [WaitingPerson]) {
    let size = |person: &WaitingPerson| person.key_package.as_ref().map_or(0, Vec::len);
    let mut by_size: Vec<usize> = (0..lobby.len()).collect();
    by_size.sort_by_key(|place| lobby.get(*place).map_or(0, size));
    let mut total = 0_usize;
    for place in by_size {
        if let Some(person) = lobby.get_mut(place) {
            total = total.saturating_add(size(person));
            if total > LOBBY_KEY_PACKAGES_BYTES_MAX {
                person.key_package = None;
            }
        }
    }
}

fn changes(old: &Shown, new: &Shown, mut say: impl FnMut(ServerMessage)) {
    if new.status != old.status
        && let Some(status) = &new.status
    {
        say(match status.clone() {
            Status::Waiting { why, since, reconsider_at, seen_by } => {
                ServerMessage::Waiting { why, since, reconsider_at, seen_by }
            }
            Status::Refused(why) => ServerMessage::Refused { why },
            Status::Admitted { capabilities, until } => ServerMessage::Admitted { capabilities, until },
        });
    }
    if new.roster != old.roster
        && let Some(people) = new.roster.clone()
    {
        say(ServerMessage::Roster { people });
    }
    if new.lobby != old.lobby
        && let Some(people) = new.lobby.clone()
    {
        say(ServerMessage::Lobby { people });
    }
    // Somebody who is no longer inside is told nothing about the room, not even that it emptied.
    let entered = old.roster.is_none();
    if new.roster.is_some() && (entered || new.screen != old.screen) {
        say(ServerMessage::Screen { holder: new.screen });
    }
    if new.roster.is_some() && (entered || new.grace != old.grace) {
        say(ServerMessage::HostGrace { until: new.grace });
    }
    if new.asked != old.asked
        && let Some((people, without_you)) = new.asked.clone()
    {
        say(ServerMessage::Asked { people, without_you });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::{Assurance, Role};

    #[test]
    fn a_crowd_of_fat_key_packages_does_not_crowd_out_an_ordinary_one() {
        let person = |number: u8, bytes: usize| WaitingPerson {
            participant: ParticipantId::from_bytes([number; 16]),
            name: Personal::new(String::new()),
            role: Role::Guardian,
            assurance: Assurance::Link,
            since: Timestamp::from_millis(0),
            here: true,
            why: WaitReason::NotYetLetIn,
            asking: None,
            key_package: Some(vec![0; bytes]),
        };
        let mut lobby: Vec<_> = (0..31).map(|number| person(number, KEY_PACKAGE_BYTES_MAX)).collect();
        lobby.push(person(31, 900));
        limit_key_packages(&mut lobby);
        assert!(lobby.last().is_some_and(|last| last.key_package.is_some()));
        let bytes = protocol::encode(&ServerMessage::Lobby { people: lobby });
        assert!(bytes.len() <= MESSAGE_BYTES_MAX, "{}", bytes.len());
    }
}
