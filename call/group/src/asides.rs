//! What one says to the hosts alone (CARE-06, CARE-14): an MLS targeted message to each of them
//! (draft-ietf-mls-targeted-messages) inside a message to the group, so that the server does not see that it was said.
//!
//! A targeted message is good in the epoch that it was made in, and a commit may overtake it. So whatever was said lately
//! is said again in the next epoch, and what stands is said to every host who comes. Each host shows it once.

use core::mem::discriminant;
use core::time::Duration;
use std::collections::VecDeque;

use ids::{ParticipantId, Timestamp};
use protocol::content::Aside;
use serde::{Deserialize, Serialize};

/// How long a commit may overtake what was said once.
const OVERTAKEN: Duration = Duration::from_secs(10);
/// Asides that a host remembers to have shown.
const SHOWN_MAX: usize = 64;

/// An aside with a number of its own, so that it is shown once however often it comes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Numbered {
    pub(crate) number: u64,
    pub(crate) aside: Aside,
}

/// What this member said, and what it was told.
#[derive(Default)]
pub(crate) struct Asides {
    said: Vec<Said>,
    shown: VecDeque<(ParticipantId, u64)>,
}

struct Said {
    numbered: Numbered,
    at: Timestamp,
    /// The hosts whom it was said to.
    to: Vec<ParticipantId>,
}

impl Said {
    /// Whether it stands for hosts who come later.
    const fn stands(&self) -> bool {
        matches!(self.numbered.aside, Aside::Whereabouts { .. })
    }

    fn may_be_overtaken(&self, now: Timestamp) -> bool {
        now.since(self.at) < OVERTAKEN
    }

    fn is_for(&self, host: ParticipantId, now: Timestamp) -> bool {
        self.stands() || self.to.is_empty() || (self.may_be_overtaken(now) && self.to.contains(&host))
    }
}

impl Asides {
    /// Takes something to say, in the place of an earlier one of its kind.
    pub(crate) fn say(&mut self, aside: Aside, now: Timestamp) {
        let latest = self.said.iter().map(|said| said.numbered.number).max().unwrap_or_default();
        self.said.retain(|said| discriminant(&said.numbered.aside) != discriminant(&aside));
        // The clock, so that a page that was loaded anew does not count from the beginning.
        let number = u64::try_from(now.as_millis()).unwrap_or_default().max(latest.saturating_add(1));
        self.said.push(Said { numbered: Numbered { number, aside }, at: now, to: Vec::new() });
    }

    /// Somebody came in where this member is: nothing of it is said to anybody any more.
    pub(crate) fn unsay(&mut self) {
        self.said.clear();
    }

    /// What is to be said now to these hosts, each named by seat; the bytes are a [`Numbered`].
    pub(crate) fn due(&mut self, hosts: &[ParticipantId], now: Timestamp) -> Vec<(ParticipantId, Vec<u8>)> {
        let mut due = Vec::new();
        for said in &mut self.said {
            let to: Vec<_> = hosts.iter().copied().filter(|host| said.is_for(*host, now)).collect();
            let bytes = protocol::pack(&said.numbered);
            due.extend(to.iter().map(|host| (*host, bytes.clone())));
            said.to.extend(to);
            said.to.sort_unstable();
            said.to.dedup();
        }
        // What was said once and arrived is not kept.
        self.said.retain(|said| said.stands() || said.to.is_empty() || said.may_be_overtaken(now));
        due
    }

    /// Whether this is the first time that it comes.
    pub(crate) fn is_new(&mut self, from: ParticipantId, number: u64) -> bool {
        if self.shown.contains(&(from, number)) {
            return false;
        }
        if self.shown.len() == SHOWN_MAX {
            self.shown.pop_front();
        }
        self.shown.push_back((from, number));
        true
    }
}

#[cfg(test)]
mod tests {
    use ids::Personal;

    use super::*;

    const HOST: ParticipantId = ParticipantId::from_bytes([1; 16]);
    const OTHER: ParticipantId = ParticipantId::from_bytes([2; 16]);

    fn opening() -> Aside {
        Aside::Opening { text: Personal::new("jeg vil snakke om helga".to_owned()) }
    }

    fn whereabouts(place: &str) -> Aside {
        Aside::Whereabouts { place: Personal::new(place.to_owned()), phone: Personal::new(String::new()) }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn heard(due: &[(ParticipantId, Vec<u8>)]) -> Vec<(ParticipantId, u64)> {
        due.iter()
            .map(|(host, bytes)| (*host, protocol::unpack::<Numbered>(bytes).expect("ours").number))
            .collect()
    }

    #[test]
    fn what_is_said_once_goes_to_those_who_were_there() {
        let mut asides = Asides::default();
        asides.say(opening(), at(0));
        assert_eq!(asides.due(&[], at(1)), [], "kept until somebody is there");
        let first = heard(&asides.due(&[HOST], at(60)));
        assert_eq!(first.len(), 1);
        assert_eq!(asides.due(&[OTHER], at(60)), [], "who comes later is not told");
        assert_eq!(asides.due(&[HOST], at(120)), [], "it is said once");
        assert!(asides.said.is_empty(), "and not kept");
    }

    #[test]
    fn what_a_commit_may_have_overtaken_is_said_again_under_its_number() {
        let mut asides = Asides::default();
        asides.say(opening(), at(0));
        let first = heard(&asides.due(&[HOST], at(0)));
        assert_eq!(heard(&asides.due(&[HOST, OTHER], at(1))), first);
        let mut host = Asides::default();
        let (_, number) = first[0];
        assert_eq!([host.is_new(OTHER, number), host.is_new(OTHER, number)], [true, false]);
    }

    #[test]
    fn what_stands_is_said_to_every_host_and_only_the_newest_stands() {
        let mut asides = Asides::default();
        asides.say(whereabouts("hjemme"), at(0));
        asides.say(whereabouts("hos bestemor"), at(0));
        let first = heard(&asides.due(&[HOST], at(0)));
        let later = heard(&asides.due(&[HOST, OTHER], at(3_000)));
        assert_eq!((first.len(), later.len()), (1, 2));
        assert!(later.iter().all(|(_, number)| *number == first[0].1));
    }

    #[test]
    fn what_is_unsaid_is_said_to_nobody_any_more() {
        let mut asides = Asides::default();
        asides.say(whereabouts("hjemme"), at(0));
        assert_eq!(asides.due(&[HOST], at(0)).len(), 1);
        asides.unsay();
        assert_eq!(asides.due(&[HOST, OTHER], at(1)), []);
    }

    #[test]
    fn numbers_grow_whatever_the_clock_does() {
        let mut asides = Asides::default();
        asides.say(whereabouts("hjemme"), at(100));
        let first = heard(&asides.due(&[HOST], at(100)))[0].1;
        asides.say(whereabouts("ute"), at(50));
        assert!(heard(&asides.due(&[HOST], at(50)))[0].1 > first);
    }
}
