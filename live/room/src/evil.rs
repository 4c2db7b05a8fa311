//! A server that cheats, for tests of the members' own defences: it withholds commits, forks the order, asks for a
//! ghost, replays, and listens. Behind the feature `evil`, which no shipped program enables.

use std::collections::{BTreeSet, VecDeque};

use ids::{ConnectionId, GroupId, ParticipantId};
use protocol::wire::{AddGround, Commit, Sealed, ServerMessage};

use crate::room::Room;
use crate::seat::Seat;

/// Messages kept by a server that listens; later ones pass unheard.
const OVERHEARD_MAX: usize = 100_000;

/// What the cheating server does from now on.
#[derive(Default)]
pub(crate) struct State {
    withheld: BTreeSet<ParticipantId>,
    other_side: BTreeSet<ParticipantId>,
    sealed: Vec<(ParticipantId, Sealed)>,
    hoard: Option<Hoard>,
    overheard: Option<Vec<Vec<u8>>>,
}

/// Sealed words on their way to one member, given out half as often as they come.
struct Hoard {
    victim: ParticipantId,
    said: u64,
    store: VecDeque<(ParticipantId, Sealed)>,
}

impl State {
    /// The pages that the ordinary order still reaches.
    pub(crate) fn without_victims(
        &self,
        mut pages: Vec<(ParticipantId, ConnectionId)>,
    ) -> Vec<(ParticipantId, ConnectionId)> {
        pages.retain(|(who, _)| !self.withheld.contains(who) && !self.other_side.contains(who));
        pages
    }

    pub(crate) fn remember(&mut self, from: ParticipantId, sealed: &Sealed) {
        self.sealed.push((from, sealed.clone()));
    }

    /// A message as it came off a socket.
    pub(crate) fn overhear(&mut self, bytes: &[u8]) {
        if let Some(overheard) = self.overheard.as_mut().filter(|kept| kept.len() < OVERHEARD_MAX) {
            overheard.push(bytes.to_vec());
        }
    }

    /// A message as it is put on a socket.
    pub(crate) fn overhear_own(&mut self, message: &ServerMessage) {
        if self.overheard.is_some() {
            self.overhear(&protocol::encode(message));
        }
    }
}

/// One cheat.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Commits no longer reach this member.
    Withhold(ParticipantId),
    /// Commits made on this side reach only this side; commits of the others only the others.
    Fork(BTreeSet<ParticipantId>),
    /// Asks a host's worker to add somebody on a ground that is a lie.
    Ghost {
        /// Which host.
        host: ParticipantId,
        /// The ghost's seat.
        ghost: ParticipantId,
        /// The ghost's key package.
        key_package: Vec<u8>,
        /// The lie.
        ground: AddGround,
    },
    /// Sealed words reach this member in order but ever later, so that there is a store of genuine ones.
    Hoard(ParticipantId),
    /// Sends everything sealed so far to everyone again.
    Replay,
    /// The forwarder lies about media from now on, or stops lying.
    Media(Option<sfu::Evil>),
    /// Keeps everything that passes from now on: what comes off the sockets and goes onto them, and every packet of
    /// media with the transport's cipher off.
    Listen,
    /// Plays honestly again; what was withheld stays lost.
    Stop,
}

impl Room {
    /// Cheats.
    pub fn evil(&mut self, deed: Deed) {
        match deed {
            Deed::Withhold(who) => {
                self.evil.withheld.insert(who);
            }
            Deed::Fork(side) => self.evil.other_side = side,
            Deed::Ghost { host, ghost, key_package, ground } => {
                self.send_to(host, ServerMessage::AddWanted { participant: ghost, key_package, ground });
            }
            Deed::Hoard(victim) => {
                self.evil.hoard = Some(Hoard { victim, said: 0, store: VecDeque::new() });
            }
            Deed::Replay => {
                for (from, sealed) in self.evil.sealed.clone() {
                    let others = |who: &&ParticipantId| **who != from;
                    let inside =
                        self.seats.iter().filter(|(_, seat)| Seat::is_here(seat)).map(|(who, _)| who);
                    for to in inside.filter(others).copied().collect::<Vec<_>>() {
                        self.send_to(to, ServerMessage::Sealed { from, sealed: sealed.clone() });
                    }
                }
            }
            Deed::Media(evil) => self.media.set_evil(evil),
            Deed::Listen => {
                self.evil.overheard.get_or_insert_default();
                self.media.listen();
            }
            Deed::Stop => (self.evil.withheld, self.evil.other_side) = (BTreeSet::new(), BTreeSet::new()),
        }
    }

    /// Sealed words that were said and not yet given out.
    #[must_use]
    pub fn evil_store(&self) -> usize {
        self.evil.hoard.as_ref().map_or(0, |hoard| hoard.store.len())
    }

    /// Every message in the clear of the transport since [`Deed::Listen`], both ways, in order.
    #[must_use]
    pub fn evil_messages(&self) -> &[Vec<u8>] {
        self.evil.overheard.as_deref().unwrap_or_default()
    }

    /// Every packet of media since [`Deed::Listen`], in order.
    #[must_use]
    pub fn evil_packets(&self) -> &[sfu::Overheard] {
        self.media.overheard()
    }

    /// The pages that these words reach at once; in the hoard's victim's place an earlier one goes out, every other time.
    pub(crate) fn hoarded(
        &mut self,
        from: ParticipantId,
        sealed: &Sealed,
        mut pages: Vec<(ParticipantId, ConnectionId)>,
    ) -> Vec<(ParticipantId, ConnectionId)> {
        let Some(hoard) = &mut self.evil.hoard else { return pages };
        let Some(place) = pages.iter().position(|(who, _)| *who == hoard.victim && *who != from) else {
            return pages;
        };
        let (_, to) = pages.remove(place);
        hoard.store.push_back((from, sealed.clone()));
        hoard.said += 1;
        let out = if hoard.said.is_multiple_of(2) { hoard.store.pop_front() } else { None };
        if let Some((from, sealed)) = out {
            self.send(to, ServerMessage::Sealed { from, sealed });
        }
        pages
    }

    /// The group's id, for building lies about it.
    #[must_use]
    pub fn evil_group(&self) -> Option<GroupId> {
        self.group.as_ref().map(|group| group.id)
    }

    /// Delivers a commit of the forked side to that side alone; says whether it was one.
    pub(crate) fn commit_on_the_other_side(&mut self, from: ParticipantId, commit: &Commit) -> bool {
        if !self.evil.other_side.contains(&from) {
            return false;
        }
        for to in self.evil.other_side.clone() {
            let commit = Commit { welcome: None, ..commit.clone() };
            self.send_to(to, ServerMessage::Commit { from, commit });
        }
        for (added, _) in &commit.added {
            self.welcome(*added, commit.group, commit.welcome.as_deref().unwrap_or_default());
        }
        true
    }
}
