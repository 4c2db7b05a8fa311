//! What members say to each other under the seal; the server relays these bytes unread.

use ids::{ParticipantId, Personal, Timestamp};
use serde::{Deserialize, Serialize};

/// The plaintext of an MLS application message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// A line of chat.
    Chat {
        /// At most [`ids::TEXT_CHARS_MAX`] characters.
        text: Personal<String>,
        /// When the sender wrote it, by the sender's clock corrected to the server's.
        at: Timestamp,
    },
    /// A wordless signal; ordinary reactions all look the same on the wire.
    Reaction(Reaction),
    /// State and proof of being in the same epoch, every [`ids::HEARTBEAT_INTERVAL_MS`] and at each change.
    Heartbeat(Heartbeat),
    /// A host has sent somebody back to waiting, or ended the meeting for them; the other hosts' workers add that
    /// device no more without a click. Counts from hosts only.
    SentBack {
        /// Whom.
        participant: ParticipantId,
    },
    /// An [`Aside`] to one host, as an MLS targeted message (draft-ietf-mls-targeted-messages): made and opened by the
    /// workers, shut to everybody else in the group, and to the server a message like any other.
    Aside {
        /// The targeted message.
        message: Vec<u8>,
    },
}

/// What somebody says to the hosts alone (CARE-06, CARE-14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aside {
    /// What she wants to say today; said once, to the hosts who let her in.
    Opening {
        /// At most [`ids::ASIDE_CHARS_MAX`] characters.
        text: Personal<String>,
    },
    /// Where she is today and where she can be rung; said to every host who comes.
    Whereabouts {
        /// The place in her words, at most [`ids::ASIDE_CHARS_MAX`] characters; empty when she says only the number.
        place: Personal<String>,
        /// The number, at most [`ids::ASIDE_CHARS_MAX`] characters; empty when the one that is known is right.
        phone: Personal<String>,
    },
}

impl Aside {
    /// Whether everything in it is as long as it may be, and something is in it.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        let fits = |text: &Personal<String>| text.reveal().chars().count() <= ids::ASIDE_CHARS_MAX;
        match self {
            Self::Opening { text } => fits(text) && !text.reveal().trim().is_empty(),
            Self::Whereabouts { place, phone } => {
                let both = [place, phone];
                both.iter().all(|text| fits(text)) && both.iter().any(|text| !text.reveal().trim().is_empty())
            }
        }
    }
}

/// A wordless reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reaction {
    /// Yes.
    Yes,
    /// No.
    No,
    /// A hand raised.
    Hand,
    /// A heart.
    Heart,
    /// A thumb up.
    Thumb,
}

/// A member's sealed statement about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Counts up by one with each; a replay or a reordering is seen.
    pub number: u64,
    /// The epoch authenticator that the sender holds (RFC 9420 §8.7), filled in by the worker.
    pub authenticator: Vec<u8>,
    /// What the sender has heard of each of the others in this epoch, filled in by the worker: whoever finds a recent
    /// number of its own here knows that this heartbeat was not kept back (SEC-019).
    pub heard: Vec<Heard>,
    /// The sender has not heard from somebody for too long and would like to be answered at once.
    pub asks: bool,
    /// The sender's own word about its media.
    pub state: SelfState,
}

/// The newest heartbeat that a member has heard of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Whose.
    pub from: ParticipantId,
    /// Its [`Heartbeat::number`].
    pub number: u64,
}

/// What a member says about its own media and its room; this is how *paused by them* is known from a bad line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SelfState {
    /// The microphone is open.
    pub microphone: bool,
    /// The camera is on.
    pub camera: bool,
    /// A screen is shared.
    pub screen: bool,
    /// Everything is paused on purpose.
    pub paused: bool,
    /// Who is in the room with the member.
    pub around: Around,
    /// The camera is turned to show something: the others see the whole picture, large and uncut.
    pub showing: bool,
    /// What the sender leads through; a host's alone counts.
    pub lead: Lead,
    /// The picture that the sender has chosen as an answer to what is led.
    pub picture: Picture,
}

/// What a host leads the others through: nothing, a wish to be shown something, or one step of the picture mode for
/// small children. A byte, so that a step which a page does not know shows nothing there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lead(pub u8);

impl Lead {
    /// Nothing is led.
    pub const NOTHING: Self = Self(0);
    /// The host would like to be shown something: her room, a drawing, what she is practising.
    pub const SHOW: Self = Self(1);
    /// The first step of the picture mode; the others follow up to [`Self::LAST`].
    pub const FIRST: Self = Self(2);
    /// The last step of the picture mode.
    pub const LAST: Self = Self(8);

    /// Whether it is a step of the picture mode.
    #[must_use]
    pub const fn is_step(self) -> bool {
        self.0 >= Self::FIRST.0 && self.0 <= Self::LAST.0
    }
}

/// A picture chosen as an answer: its number among those of its step, from one; nothing is kept of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Picture(pub u8);

impl Picture {
    /// None chosen.
    pub const NONE: Self = Self(0);
}

/// What somebody says about who is in the room with them (CARE-05): a set of [`Surrounding`]s in one byte. It is shown as
/// what they say and never as proof. Nothing said is a state of its own, and bits that nobody knows say nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "u8")]
pub struct Around(u8);

/// One thing that somebody can say about the room; several people at one device say several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surrounding {
    /// Alone, with the door shut.
    Alone,
    /// A parent is there.
    Parent,
    /// Somebody who works there is there.
    Staff,
    /// A friend or a sibling is there.
    Friend,
    /// Somebody else is there.
    Other,
    /// Somebody outside may hear.
    Outside,
}

impl Surrounding {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Alone, Self::Parent, Self::Staff, Self::Friend, Self::Other, Self::Outside];

    const fn bit(self) -> u8 {
        match self {
            Self::Alone => 1,
            Self::Parent => 1 << 1,
            Self::Staff => 1 << 2,
            Self::Friend => 1 << 3,
            Self::Other => 1 << 4,
            Self::Outside => 1 << 5,
        }
    }
}

impl Around {
    /// Nothing is said.
    pub const NOTHING: Self = Self(0);
    const KNOWN: u8 = (1 << Surrounding::ALL.len()) - 1;
    /// Those with whom nobody is alone.
    const COMPANY: u8 = Self::KNOWN & !Surrounding::Alone.bit() & !Surrounding::Outside.bit();

    /// As one byte.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether this is said.
    #[must_use]
    pub const fn says(self, one: Surrounding) -> bool {
        self.0 & one.bit() != 0
    }

    /// Says one thing more, or takes it back; whoever is with somebody is not alone, and the last word counts.
    #[must_use]
    pub const fn toggled(self, one: Surrounding) -> Self {
        let excluded = match one {
            _ if self.says(one) => one.bit(),
            Surrounding::Alone => Self::COMPANY,
            Surrounding::Outside => 0,
            _ => Surrounding::Alone.bit(),
        };
        Self((self.0 | one.bit()) & !excluded)
    }

    /// Everything that is said, in the order in which it is shown.
    pub fn all(self) -> impl Iterator<Item = Surrounding> {
        Surrounding::ALL.iter().copied().filter(move |one| self.says(*one))
    }
}

impl From<u8> for Around {
    fn from(bits: u8) -> Self {
        let around = Self(bits & Self::KNOWN);
        // Of somebody who is alone with company nobody knows which of the two is true.
        if around.says(Surrounding::Alone) && around.0 & Self::COMPANY != 0 {
            return Self(around.0 & !Surrounding::Alone.bit());
        }
        around
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(all: &[Surrounding]) -> Around {
        all.iter().fold(Around::NOTHING, |around, one| around.toggled(*one))
    }

    #[test]
    fn care_05_what_is_said_about_the_room_is_a_set_of_which_nothing_is_one() {
        let several = [Surrounding::Parent, Surrounding::Friend, Surrounding::Outside];
        assert_eq!(said(&several).all().collect::<Vec<_>>(), several, "several people at one device");
        assert_eq!(said(&several).toggled(Surrounding::Parent).all().count(), 2, "and it is taken back");
        assert_eq!(Around::default(), Around::NOTHING);
        assert_eq!(Around::NOTHING.all().count(), 0);
        for one in Surrounding::ALL {
            assert_eq!(Around::from(said(&[one]).bits()).all().collect::<Vec<_>>(), [one]);
        }
    }

    #[test]
    fn nobody_is_alone_with_somebody() {
        use Surrounding::{Alone, Outside, Staff};
        assert_eq!(said(&[Staff, Alone]), said(&[Alone]), "the last word counts");
        assert_eq!(said(&[Alone, Staff]), said(&[Staff]));
        assert!(said(&[Alone, Outside]).says(Alone), "a shut door is no thick wall");
        for bits in 0..=u8::MAX {
            let read = Around::from(bits);
            let company = read.all().any(|one| one != Alone && one != Outside);
            assert!(!(read.says(Alone) && company), "whoever wrote {bits:#b}");
        }
    }

    #[test]
    fn bits_that_nobody_knows_say_nothing() {
        let odd = SelfState { around: Around(0b1100_0000), ..SelfState::default() };
        let read: SelfState = crate::unpack(&crate::pack(&odd)).expect("it can be read");
        assert_eq!(read.around, Around::NOTHING);
        let mixed = SelfState { around: Around(0b1000_0001), ..SelfState::default() };
        let read: SelfState = crate::unpack(&crate::pack(&mixed)).expect("it can be read");
        assert_eq!(read.around, said(&[Surrounding::Alone]));
        assert_eq!(crate::pack(&said(&[Surrounding::Outside])), [0b10_0000], "one byte");
    }
}
