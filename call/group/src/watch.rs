//! Watches that everyone is in the same epoch (SEC-019), and counts who has acknowledged it.
//!
//! Every member says twice a second, sealed, which epoch authenticator it holds and which heartbeat of each of the others
//! it has heard last. A server that withholds a commit from somebody or runs two groups cannot forge that. It can keep
//! heartbeats back, and silence of somebody whose line it calls up is itself the sign; it can give them out late, and
//! then the numbers that they name are old. What counts is therefore not when a heartbeat came but when we said what it
//! answers.

use core::time::Duration;
use std::collections::VecDeque;

use ids::{DIVERGENCE_NOTICED_MS, HEARTBEAT_INTERVAL_MS, ParticipantId, SILENCE_DOUBTED_MS, Timestamp};
use protocol::content::{Heard, Heartbeat, SelfState};

use crate::life::{Clock, Life, TICK_MS};

/// Silence of one who should be heard after which they are in another epoch, unless our own line is to blame.
const APART_MS: u64 = DIVERGENCE_NOTICED_MS - TICK_MS;
/// How long messages of an epoch that we do not have may come before something is wrong.
const FOREIGN: Duration = Duration::from_millis(3_000);
/// After this long without another one, a foreign message was a straggler, if everyone was heard since.
const STRAGGLED: Duration = Duration::from_millis(1_200);
/// After this long without another one it was a straggler in any case.
const FOREIGN_FORGOTTEN: Duration = Duration::from_millis(10_000);
const HEARTBEAT: Duration = Duration::from_millis(HEARTBEAT_INTERVAL_MS);
/// One who asks is answered at once, but no more often than this.
const ANSWER: Duration = Duration::from_millis(200);
/// Own heartbeats whose answers still count.
const SAID_MAX: usize = 64;
/// People of a session whose silence is remembered; those who went come last.
const LIVES_MAX: usize = 64;

/// Whether members are together, as far as can be seen from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Together {
    /// Everyone was heard.
    Yes,
    /// Somebody has not been heard for too long; our own line may be to blame.
    Doubted,
    /// They are apart, or our own line is to blame.
    No,
}

/// What is known about everyone's epoch. It lives as long as the session: a server that orders epochs, or brings us
/// into one group after another, gives nobody more time.
#[derive(Debug)]
pub(crate) struct Watch {
    own: ParticipantId,
    since: Timestamp,
    authenticator: Vec<u8>,
    clock: Clock,
    peers: Vec<Peer>,
    lives: Vec<Life>,
    here: Vec<ParticipantId>,
    acknowledged: bool,
    beaten: Option<Timestamp>,
    number: u64,
    /// Our latest heartbeats and when each was said, in counted time.
    said: VecDeque<(u64, u64)>,
    /// Somebody asked for an answer.
    asked: bool,
    /// Somebody has been silent for too long; our heartbeats ask for an answer.
    missing: bool,
    foreign: Option<(Timestamp, Timestamp)>,
    lagging: Option<Timestamp>,
}

/// One of the others in the present epoch.
#[derive(Debug, Clone)]
struct Peer {
    participant: ParticipantId,
    /// The MLS signature key: a new leaf of the same person counts its heartbeats anew.
    key: Vec<u8>,
    /// When a heartbeat of this epoch last came.
    came: Option<Timestamp>,
    number: Option<u64>,
}

impl Watch {
    /// Nobody to watch yet.
    pub(crate) fn new(own: ParticipantId, now: Timestamp) -> Self {
        Self {
            own,
            since: now,
            authenticator: Vec::new(),
            clock: Clock::default(),
            peers: Vec::new(),
            lives: Vec::new(),
            here: Vec::new(),
            acknowledged: false,
            beaten: None,
            number: 0,
            said: VecDeque::new(),
            asked: false,
            missing: false,
            foreign: None,
            lagging: None,
        }
    }

    /// We are in a group anew. Who was not there while we were away gets the time to speak.
    pub(crate) fn resume(&mut self, now: Timestamp) {
        let at = self.clock.at(now);
        self.lives.iter_mut().for_each(|life| life.credit(at));
    }

    /// A new epoch: everyone must be heard in it. How long each has been silent goes on.
    pub(crate) fn enter(
        &mut self,
        authenticator: Vec<u8>,
        others: Vec<(ParticipantId, Vec<u8>)>,
        now: Timestamp,
    ) {
        let at = self.clock.at(now);
        self.since = now;
        self.authenticator = authenticator;
        self.acknowledged = false;
        self.beaten = None;
        self.foreign = None;
        self.lagging = None;
        let old = core::mem::take(&mut self.peers);
        let number = |key: &[u8]| old.iter().find(|peer| peer.key == key).and_then(|peer| peer.number);
        let came_after_us = !old.is_empty();
        self.peers = others
            .into_iter()
            .map(|(participant, key)| Peer { number: number(&key), participant, key, came: None })
            .collect();
        for peer in &self.peers {
            if !self.lives.iter().any(|life| life.participant == peer.participant) {
                let begin = if came_after_us { Life::newcomer } else { Life::found };
                self.lives.push(begin(peer.participant, at));
            }
        }
        if self.lives.len() > LIVES_MAX {
            let peers = &self.peers;
            self.lives.retain(|life| peers.iter().any(|peer| peer.participant == life.participant));
        }
        self.lines(at);
    }

    /// Whose line the server calls up.
    pub(crate) fn here(&mut self, participants: &[ParticipantId], now: Timestamp) {
        self.here = participants.to_vec();
        let at = self.clock.at(now);
        self.lines(at);
    }

    fn lines(&mut self, at: u64) {
        for life in &mut self.lives {
            let who = life.participant;
            let up = self.here.contains(&who) && self.peers.iter().any(|peer| peer.participant == who);
            life.line(up, at);
        }
    }

    /// A heartbeat opened. `false` when it says nothing about the present: it does not count up, its sender is in
    /// another epoch, or it is one that was kept back.
    pub(crate) fn heard(&mut self, key: &[u8], heartbeat: &Heartbeat, now: Timestamp) -> bool {
        let at = self.clock.at(now);
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.key == key) else { return false };
        if peer.number.is_some_and(|last| heartbeat.number <= last) {
            return false;
        }
        peer.number = Some(heartbeat.number);
        self.asked |= heartbeat.asks;
        if heartbeat.authenticator != self.authenticator {
            return false;
        }
        peer.came = Some(now);
        let ours = heartbeat.heard.iter().find(|heard| heard.from == self.own);
        let said = |heard: &Heard| self.said.iter().find(|(number, _)| *number == heard.number);
        let who = peer.participant;
        let Some(life) = self.lives.iter_mut().find(|life| life.participant == who) else { return false };
        if let Some((_, said)) = ours.and_then(said) {
            life.answered(*said, at);
        }
        life.silence(at) < SILENCE_DOUBTED_MS
    }

    /// A message came that no key of ours opens.
    pub(crate) fn foreign(&mut self, now: Timestamp) {
        let first = self.foreign.map_or(now, |(first, _)| first);
        self.foreign = Some((first, now));
    }

    /// The server says that the group is further than we are.
    pub(crate) fn lag(&mut self, now: Timestamp) {
        self.lagging.get_or_insert(now);
    }

    /// Whether we wait for a commit that the server says there is.
    pub(crate) fn is_lagging(&self) -> bool {
        self.lagging.is_some()
    }

    /// Whether all the others hold this epoch; `true` once for each epoch.
    pub(crate) fn newly_acknowledged(&mut self) -> bool {
        let all = self.peers.iter().all(|peer| peer.came.is_some());
        let newly = all && !self.acknowledged;
        self.acknowledged |= newly;
        newly
    }

    /// The next heartbeat, if one is due; `at_once` when something changed.
    pub(crate) fn beat(&mut self, at_once: bool, state: SelfState, now: Timestamp) -> Option<Heartbeat> {
        let at = self.clock.at(now);
        let pause = if self.asked { ANSWER } else { HEARTBEAT };
        let due = at_once || self.beaten.is_none_or(|beaten| now.since(beaten) >= pause);
        if !due {
            return None;
        }
        self.asked = false;
        self.beaten = Some(now);
        self.number += 1;
        if self.said.len() == SAID_MAX {
            self.said.pop_front();
        }
        self.said.push_back((self.number, at));
        let heard = |peer: &Peer| Some(Heard { from: peer.participant, number: peer.number? });
        Some(Heartbeat {
            number: self.number,
            authenticator: self.authenticator.clone(),
            heard: self.peers.iter().filter_map(heard).collect(),
            asks: self.missing,
            state,
        })
    }

    /// Whether this epoch has just begun, for as long as the next heartbeat may take.
    pub(crate) fn is_young(&self, now: Timestamp) -> bool {
        now.since(self.since) < HEARTBEAT
    }

    /// Whether members are together, as far as can be seen from here.
    pub(crate) fn together(&mut self, now: Timestamp) -> Together {
        let at = self.clock.at(now);
        self.forget_stragglers(now);
        let peers = &self.peers;
        let inside = |life: &&Life| peers.iter().any(|peer| peer.participant == life.participant);
        let silence = self.lives.iter().filter(inside).map(|life| life.silence(at)).max().unwrap_or_default();
        let missing = silence >= SILENCE_DOUBTED_MS;
        if missing && !self.missing {
            self.beaten = None;
        }
        self.missing = missing;
        let foreign = self.foreign.is_some_and(|(first, _)| now.since(first) >= FOREIGN);
        let lagging = self.lagging.is_some_and(|since| now.since(since) >= FOREIGN);
        if silence >= APART_MS || foreign || lagging {
            Together::No
        } else if missing {
            Together::Doubted
        } else {
            Together::Yes
        }
    }

    /// When this epoch began.
    pub(crate) fn since(&self) -> Timestamp {
        self.since
    }

    /// Foreign messages mean nothing once everyone was heard in our epoch after the last of them.
    fn forget_stragglers(&mut self, now: Timestamp) {
        let Some((_, last)) = self.foreign else { return };
        let heard_since = self.peers.iter().all(|peer| peer.came.is_some_and(|came| came > last));
        let healed = heard_since && !self.peers.is_empty() && now.since(last) >= STRAGGLED;
        if healed || now.since(last) >= FOREIGN_FORGOTTEN {
            self.foreign = None;
        }
    }
}

#[cfg(test)]
mod tests;
