//! Watches that everyone is in the same epoch (SEC-019), and counts who has acknowledged it.
//!
//! Every member says every second, sealed, which epoch authenticator it holds and which heartbeat of each of the others
//! it has heard last. A server that withholds a commit from somebody or runs two groups cannot forge that. It can keep
//! heartbeats back, and silence of somebody whose line it calls up is itself the sign; it can give them out late, and
//! then the numbers that they name are old. What counts is therefore not when a heartbeat came but when we said what it
//! answers.

use core::time::Duration;
use std::collections::VecDeque;

use ids::{DIVERGENCE_NOTICED_MS, HEARTBEAT_INTERVAL_MS, OWN_LINE_ASKED_MS, ParticipantId, Timestamp};
use protocol::content::{Heard, Heartbeat, SelfState};

/// Time between two ticks, which delays every judgement.
const TICK_MS: u64 = 500;
/// How long one who should be heard may be silent; the page still asks whether its own line is to blame.
const SILENCE: Duration = Duration::from_millis(DIVERGENCE_NOTICED_MS - TICK_MS - OWN_LINE_ASKED_MS);
/// How long messages of an epoch that we do not have may come before something is wrong.
const FOREIGN: Duration = Duration::from_millis(3_000);
/// After this long without another one, a foreign message was a straggler.
const FOREIGN_FORGOTTEN: Duration = Duration::from_millis(10_000);
/// A gap between two judgements that means that this page itself stood still; then nobody else is to blame yet.
const STOOD_STILL: Duration = Duration::from_millis(3 * TICK_MS);
const HEARTBEAT: Duration = Duration::from_millis(HEARTBEAT_INTERVAL_MS);
/// One who asks is answered at once, but no more often than this.
const ANSWER: Duration = Duration::from_millis(TICK_MS);
/// Own heartbeats whose answers still count.
const SAID_MAX: usize = 64;

/// What is known about everyone's epoch.
#[derive(Debug)]
pub(crate) struct Watch {
    own: ParticipantId,
    since: Timestamp,
    authenticator: Vec<u8>,
    peers: Vec<Peer>,
    here: Vec<ParticipantId>,
    /// From when on each must have been heard, if the server calls the line up.
    spans: Vec<(ParticipantId, Timestamp)>,
    acknowledged: bool,
    beaten: Option<Timestamp>,
    number: u64,
    /// Our latest heartbeats and when each was said.
    said: VecDeque<(u64, Timestamp)>,
    /// Somebody asked for an answer.
    asked: bool,
    /// Somebody has been silent for too long; our heartbeats ask for an answer.
    missing: bool,
    foreign: Option<(Timestamp, Timestamp)>,
    lagging: Option<Timestamp>,
    judged: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Peer {
    participant: ParticipantId,
    /// The MLS signature key: a new leaf of the same person starts anew.
    key: Vec<u8>,
    /// When a heartbeat of this epoch last came.
    came: Option<Timestamp>,
    /// When we said what the newest of them answers: then, at the earliest, it was written.
    fresh: Option<Timestamp>,
    number: Option<u64>,
}

impl Watch {
    /// Starts watching the first epoch.
    pub(crate) fn new(
        own: ParticipantId,
        authenticator: Vec<u8>,
        others: Vec<(ParticipantId, Vec<u8>)>,
        now: Timestamp,
    ) -> Self {
        let mut watch = Self {
            own,
            since: now,
            authenticator: Vec::new(),
            peers: Vec::new(),
            here: Vec::new(),
            spans: Vec::new(),
            acknowledged: false,
            beaten: None,
            number: 0,
            said: VecDeque::new(),
            asked: false,
            missing: false,
            foreign: None,
            lagging: None,
            judged: None,
        };
        watch.enter(authenticator, others, now);
        watch
    }

    /// A new epoch: everyone must be heard again.
    pub(crate) fn enter(
        &mut self,
        authenticator: Vec<u8>,
        others: Vec<(ParticipantId, Vec<u8>)>,
        now: Timestamp,
    ) {
        self.since = now;
        self.authenticator = authenticator;
        self.acknowledged = false;
        self.beaten = None;
        self.foreign = None;
        self.lagging = None;
        let old = core::mem::take(&mut self.peers);
        let number = |key: &[u8]| old.iter().find(|peer| peer.key == key).and_then(|peer| peer.number);
        self.peers = others
            .into_iter()
            .map(|(participant, key)| Peer {
                number: number(&key),
                participant,
                key,
                came: None,
                fresh: None,
            })
            .collect();
    }

    /// Whose line the server calls up. Whoever returns gets the time to speak, once for each answer to what was said
    /// since: a server that calls a line up and down in turn gains no more (SEC-019).
    pub(crate) fn here(&mut self, participants: &[ParticipantId], now: Timestamp) {
        for who in participants {
            let stayed = self.here.contains(who);
            let heard = self.peers.iter().find(|peer| peer.participant == *who).and_then(|peer| peer.fresh);
            match self.spans.iter_mut().find(|(there, _)| there == who) {
                None => self.spans.push((*who, now)),
                Some((_, since)) if !stayed && heard.is_some_and(|heard| heard >= *since) => *since = now,
                Some(_) => {}
            }
        }
        self.here = participants.to_vec();
        self.spans.retain(|(who, _)| {
            self.peers.iter().any(|peer| peer.participant == *who) || self.here.contains(who)
        });
    }

    /// A heartbeat opened. `false` when its number does not count up: a replay.
    pub(crate) fn heard(&mut self, key: &[u8], heartbeat: &Heartbeat, now: Timestamp) -> bool {
        let Some(peer) = self.peers.iter_mut().find(|peer| peer.key == key) else { return false };
        if peer.number.is_some_and(|last| heartbeat.number <= last) {
            return false;
        }
        peer.number = Some(heartbeat.number);
        self.asked |= heartbeat.asks;
        if heartbeat.authenticator == self.authenticator {
            peer.came = Some(now);
            let ours = heartbeat.heard.iter().find(|heard| heard.from == self.own);
            let said = |heard: &Heard| self.said.iter().find(|(number, _)| *number == heard.number);
            peer.fresh = peer.fresh.max(ours.and_then(said).map(|(_, at)| *at));
        }
        true
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
        self.said.push_back((self.number, now));
        let heard = |peer: &Peer| Some(Heard { from: peer.participant, number: peer.number? });
        Some(Heartbeat {
            number: self.number,
            authenticator: self.authenticator.clone(),
            heard: self.peers.iter().filter_map(heard).collect(),
            asks: self.missing,
            state,
        })
    }

    /// Whether members are apart, as far as can be seen from here.
    pub(crate) fn diverged(&mut self, now: Timestamp) -> bool {
        self.forgive_own_standstill(now);
        self.forget_stragglers(now);
        let silent = self.peers.iter().any(|peer| self.is_silent(peer, now));
        if silent && !self.missing {
            self.beaten = None;
        }
        self.missing = silent;
        let foreign = self.foreign.is_some_and(|(first, _)| now.since(first) >= FOREIGN);
        let lagging = self.lagging.is_some_and(|since| now.since(since) >= FOREIGN);
        silent || foreign || lagging
    }

    /// A phone that slept or a page that stood still has heard nobody; everyone gets the time to speak again.
    fn forgive_own_standstill(&mut self, now: Timestamp) {
        if self.judged.replace(now).is_some_and(|last| now.since(last) >= STOOD_STILL) {
            self.spans.iter_mut().for_each(|(_, since)| *since = now);
        }
    }

    /// When this epoch began.
    pub(crate) fn since(&self) -> Timestamp {
        self.since
    }

    fn is_silent(&self, peer: &Peer, now: Timestamp) -> bool {
        let here = self.here.contains(&peer.participant);
        let span = self.spans.iter().find(|(who, _)| *who == peer.participant);
        let Some((_, here)) = span.filter(|_| here) else { return false };
        let last = peer.fresh.unwrap_or(self.since).max(*here).max(self.since);
        now.since(last) >= SILENCE
    }

    /// Foreign messages mean nothing once everyone was heard in our epoch after the last of them.
    fn forget_stragglers(&mut self, now: Timestamp) {
        let Some((_, last)) = self.foreign else { return };
        let heard_since = self.peers.iter().all(|peer| peer.came.is_some_and(|came| came > last));
        let healed = heard_since && !self.peers.is_empty();
        if healed || now.since(last) >= FOREIGN_FORGOTTEN {
            self.foreign = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: ParticipantId = ParticipantId::from_bytes([9; 16]);
    const NORA: ParticipantId = ParticipantId::from_bytes([1; 16]);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn watch() -> Watch {
        let mut watch = Watch::new(ME, vec![7], vec![(NORA, vec![1])], at(0));
        watch.here(&[NORA], at(0));
        watch
    }

    /// Nora's heartbeat, which answers none of ours.
    fn beat(number: u64, authenticator: u8) -> Heartbeat {
        let state = SelfState::default();
        Heartbeat { number, authenticator: vec![authenticator], heard: vec![], asks: false, state }
    }

    /// We say something, and Nora answers it at once.
    fn answered(watch: &mut Watch, number: u64, authenticator: u8, now: Timestamp) -> bool {
        let ours = watch.beat(true, SelfState::default(), now).expect("at once");
        let heard = vec![Heard { from: ME, number: ours.number }];
        watch.heard(&[1], &Heartbeat { heard, ..beat(number, authenticator) }, now)
    }

    #[test]
    fn silence_of_one_whose_line_is_up_is_noticed_in_time() {
        let mut watch = watch();
        assert!(answered(&mut watch, 1, 7, at(1_000)));
        assert!(!watch.diverged(at(4_500)));
        assert!(watch.diverged(at(5_000)));
        watch.here(&[], at(5_600));
        assert!(!watch.diverged(at(5_600)), "a lost line is not the lock's fault");
        watch.here(&[NORA], at(6_000));
        for half_second in 13..20 {
            assert!(!watch.diverged(at(half_second * 500)), "time to speak after coming back");
        }
        assert!(watch.diverged(at(10_000)));
    }

    #[test]
    fn heartbeats_that_were_saved_up_are_no_sign_of_life() {
        let mut watch = watch();
        let mut theirs = Watch::new(NORA, vec![7], vec![(ME, vec![9])], at(0));
        let state = SelfState::default();
        let mut saved = Vec::new();
        let mut noticed = None;
        // For ten seconds both speak and the server gives out each second one; then it withholds a commit from us, but
        // has ten heartbeats of Nora left.
        for second in 0..20 {
            let now = at(second * 1_000);
            let ours = watch.beat(true, state, now).expect("at once");
            if second < 10 {
                assert!(theirs.heard(&[9], &ours, now));
                saved.push(theirs.beat(true, state, now).expect("at once"));
                saved.push(theirs.beat(true, state, now).expect("at once"));
            }
            assert!(watch.heard(&[1], &saved.remove(0), now), "genuine and new");
            for tick in 0..2 {
                if watch.diverged(at(second * 1_000 + tick * 500)) {
                    noticed.get_or_insert(second * 1_000 + tick * 500);
                }
            }
        }
        assert!(
            noticed.is_some_and(|at| at <= 8_000),
            "given out late, they answer what is long past: {noticed:?}"
        );
    }

    #[test]
    fn the_first_to_be_missed_is_asked_and_who_is_asked_answers_soon() {
        let mut watch = watch();
        let state = SelfState::default();
        assert!(answered(&mut watch, 1, 7, at(1_000)));
        assert!(watch.beat(true, state, at(4_600)).is_some_and(|beat| !beat.asks));
        assert!(watch.diverged(at(5_000)));
        let question = watch.beat(false, state, at(5_000)).expect("before it is due");
        assert!(question.asks);
        let mut theirs = Watch::new(NORA, vec![7], vec![(ME, vec![9])], at(0));
        assert!(theirs.beat(true, state, at(5_000)).is_some());
        assert!(theirs.heard(&[9], &question, at(5_200)));
        assert_eq!(theirs.beat(false, state, at(5_300)), None, "nobody can be made to talk without pause");
        let answer = theirs.beat(false, state, at(5_500)).expect("before it is due");
        assert_eq!(answer.heard, [Heard { from: ME, number: question.number }]);
        assert!(watch.heard(&[1], &answer, at(5_600)));
        assert!(!watch.diverged(at(5_600)));
        assert!(watch.beat(true, state, at(5_700)).is_some_and(|beat| !beat.asks));
    }

    #[test]
    fn a_number_that_was_never_said_answers_nothing() {
        let mut watch = watch();
        for second in 1..=5 {
            let heard =
                vec![Heard { from: ME, number: 1_000 + second }, Heard { from: NORA, number: second }];
            let now = at(i64::try_from(second).expect("small") * 1_000);
            assert!(watch.heard(&[1], &Heartbeat { heard, ..beat(second, 7) }, now));
        }
        assert!(watch.diverged(at(5_000)));
    }

    #[test]
    fn a_line_called_up_and_down_in_turn_hides_no_silence() {
        let mut watch = watch();
        assert!(answered(&mut watch, 1, 7, at(1_000)));
        let mut alarmed = None;
        for tenth in 11..120 {
            let now = at(tenth * 100);
            watch.here(if tenth % 2 == 0 { &[NORA] } else { &[] }, now);
            if tenth % 2 == 0 && alarmed.is_none() && watch.diverged(now) {
                alarmed = Some(tenth * 100);
            }
        }
        assert!(alarmed.is_some_and(|at| at <= 6_000), "SEC-019: {alarmed:?}");
        assert!(answered(&mut watch, 2, 7, at(12_000)));
        watch.here(&[], at(12_100));
        watch.here(&[NORA], at(20_000));
        assert!(!watch.diverged(at(20_500)), "who was heard before the line went gets time to speak again");
    }

    #[test]
    fn a_page_that_stood_still_blames_nobody_for_it() {
        let mut watch = watch();
        assert!(answered(&mut watch, 1, 7, at(1_000)));
        assert!(!watch.diverged(at(1_000)));
        for half_second in 22..30 {
            assert!(!watch.diverged(at(half_second * 500)), "ten seconds of sleep, then time to speak");
        }
        assert!(watch.diverged(at(15_000)), "silence after that is silence");
    }

    #[test]
    fn a_heartbeat_of_another_epoch_is_no_sign_of_life_in_this_one() {
        let mut watch = watch();
        for second in 1..=5 {
            let now = at(i64::try_from(second).expect("small") * 1_000);
            assert!(answered(&mut watch, second, 8, now));
        }
        assert!(watch.diverged(at(5_000)));
        assert!(!watch.newly_acknowledged());
        assert!(answered(&mut watch, 6, 7, at(5_100)));
        assert!(!watch.diverged(at(5_200)), "healed");
        assert!(watch.newly_acknowledged());
        assert!(!watch.newly_acknowledged(), "told once");
    }

    #[test]
    fn a_heartbeat_that_does_not_count_up_is_a_replay() {
        let mut watch = watch();
        assert!(watch.heard(&[1], &beat(5, 7), at(1)));
        assert!(!watch.heard(&[1], &beat(5, 7), at(2)));
        watch.enter(vec![9], vec![(NORA, vec![1])], at(3));
        assert!(!watch.heard(&[1], &beat(4, 9), at(4)), "numbers go on over epochs");
        assert!(watch.heard(&[1], &beat(6, 9), at(5)));
    }

    #[test]
    fn messages_of_an_unknown_epoch_alarm_unless_they_were_stragglers() {
        let mut watch = watch();
        watch.foreign(at(100));
        assert!(answered(&mut watch, 1, 7, at(200)));
        assert!(!watch.diverged(at(3_500)), "everyone was heard after it");
        watch.foreign(at(4_000));
        watch.foreign(at(6_000));
        assert!(answered(&mut watch, 2, 7, at(5_900)));
        assert!(watch.diverged(at(7_000)));
    }
}
