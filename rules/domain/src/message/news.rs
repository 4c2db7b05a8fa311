//! What is news to somebody about an appointment: the difference between what was last said to her and how it is.
//!
//! Nothing is told as a chain of events. Whoever was never told of an hour is invited to it as it is now, however often
//! it was moved meanwhile, and hears nothing when it is off (SEC-065).

use ids::{PersonId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{MessageKind, Occasion, Wording};
use crate::meeting::Mode;

/// How people are told about an appointment; whoever books it chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Notice {
    /// In which words.
    pub wording: Wording,
    /// Whether a personal link goes along, where there is one at all (CARE-13: a text without one is a choice).
    pub with_link: bool,
}

/// An appointment as far as people are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hour {
    /// When it begins.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// How people meet.
    pub way: Mode,
    /// Who holds it; `None`: not known (a message from before that was kept).
    pub host: Option<PersonId>,
}

/// What may have reached somebody about an appointment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Heard {
    /// The last news.
    pub said: Option<Said>,
    /// Until when she may expect it, by the last message of any kind; `None`: nothing was heard at all. A reminder may
    /// come through where the invitation did not: it puts nothing into a calendar, but whoever had one may come.
    pub until: Option<Timestamp>,
}

/// The last news about an appointment that may have reached somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Said {
    /// What it said.
    pub kind: MessageKind,
    /// How the appointment was then.
    pub hour: Hour,
}

/// What there is to tell; `None` when she knows it all, or need not know that it ever was.
#[must_use]
pub fn news(heard: &Heard, now: &Hour, is_off: bool) -> Option<Occasion> {
    let Some(said) = heard.said else {
        return match (is_off, heard.until.is_some()) {
            (false, _) => Some(Occasion::Booked),
            (true, true) => Some(Occasion::Cancelled),
            (true, false) => None,
        };
    };
    let knows_it_is_off = said.kind == MessageKind::Cancelled;
    match (knows_it_is_off, is_off) {
        (true, true) => None,
        (false, true) => Some(Occasion::Cancelled),
        (true, false) => Some(Occasion::Booked),
        (false, false) => changed(&said.hour, now),
    }
}

/// The change that matters most; the text about it says time and way as well.
fn changed(then: &Hour, now: &Hour) -> Option<Occasion> {
    if then.host.zip(now.host).is_some_and(|(then, now)| then != now) {
        Some(Occasion::HandedOver)
    } else if (then.starts, then.ends) != (now.starts, now.ends) {
        Some(Occasion::Moved)
    } else if then.way != now.way {
        Some(Occasion::Converted)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours() -> impl Strategy<Value = Hour> {
        let ways = proptest::sample::select(Mode::ALL.to_vec());
        let hosts = proptest::option::of((0..2_u8).prop_map(|host| PersonId::from_bytes([host; 16])));
        (0..3_i64, 1..3_i64, ways, hosts).prop_map(|(starts, length, way, host)| Hour {
            starts: Timestamp::from_millis(starts),
            ends: Timestamp::from_millis(starts + length),
            way,
            host,
        })
    }

    fn kinds() -> impl Strategy<Value = MessageKind> {
        let news = MessageKind::ALL.iter().copied().filter(|kind| kind.is_news());
        proptest::sample::select(news.collect::<Vec<_>>())
    }

    proptest! {
        /// SEC-065: after each piece of news she knows how it is; there is none when she knows already.
        #[test]
        fn whoever_is_told_knows_it_and_is_told_once(
            said in proptest::option::of((kinds(), hours())),
            reminded in any::<bool>(),
            now in hours(),
            is_off in any::<bool>(),
        ) {
            let said = said.map(|(kind, hour)| Said { kind, hour });
            let until = (reminded || said.is_some()).then_some(now.ends);
            let heard = Heard { said, until };
            if let Some(occasion) = news(&heard, &now, is_off) {
                let then = Heard { said: Some(Said { kind: occasion.kind(), hour: now }), until: Some(now.ends) };
                prop_assert_eq!(news(&then, &now, is_off), None, "told twice");
                prop_assert_eq!(occasion == Occasion::Cancelled, is_off);
            } else if let Some(said) = said {
                let knows_off = said.kind == MessageKind::Cancelled;
                let same = (said.hour.starts, said.hour.ends, said.hour.way) == (now.starts, now.ends, now.way);
                prop_assert!(knows_off == is_off && (is_off || same), "she does not know: {said:?} {now:?}");
            } else {
                prop_assert!(is_off && !reminded, "never told of it");
            }
        }
    }

    #[test]
    fn what_changed_most_is_told() {
        let hour = Hour {
            starts: Timestamp::from_millis(1),
            ends: Timestamp::from_millis(2),
            way: Mode::Video,
            host: Some(PersonId::from_bytes([1; 16])),
        };
        let said = Said { kind: MessageKind::Invitation, hour };
        let told =
            |now: Hour, is_off| news(&Heard { said: Some(said), until: Some(said.hour.ends) }, &now, is_off);
        let other = Hour { host: Some(PersonId::from_bytes([2; 16])), ..hour };
        assert_eq!(told(other, false), Some(Occasion::HandedOver));
        let later = Hour { ends: Timestamp::from_millis(3), way: Mode::Phone, ..hour };
        assert_eq!(told(Hour { host: other.host, ..later }, false), Some(Occasion::HandedOver));
        assert_eq!(told(later, false), Some(Occasion::Moved));
        assert_eq!(told(Hour { way: Mode::Phone, ..hour }, false), Some(Occasion::Converted));
        assert_eq!(told(later, true), Some(Occasion::Cancelled));
        assert_eq!(told(Hour { host: None, ..hour }, false), None, "an unknown host is no news");
        let nothing = Heard::default();
        assert_eq!(news(&nothing, &hour, true), None, "she never knew of it");
        let reminded = Heard { said: None, until: Some(hour.ends) };
        assert_eq!(news(&reminded, &hour, false), Some(Occasion::Booked), "a reminder invites nobody");
        assert_eq!(news(&reminded, &hour, true), Some(Occasion::Cancelled), "but she may come");
    }
}
