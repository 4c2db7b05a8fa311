//! Messages to people about an appointment: what there is to say, by which way, and how far one has come.
//!
//! Pure: `store` keeps [`Progress`] in a row and writes back what the methods here decide, `server` carries. The rule
//! that all of this serves: **nothing is sent twice by itself** (SEC-060). What may have arrived is *in doubt*, and
//! only a person's press makes it leave again.

mod contact;
mod news;
mod segments;
mod timing;

use core::time::Duration;

use ids::Timestamp;
use serde::{Deserialize, Serialize};

pub use contact::{Contact, MailAddress, NotAnAddress, PhoneNumber};
pub use news::{Heard, Hour, Notice, Said, news};
pub use segments::{Alphabet, Segments, in_gsm};
pub use timing::{Lead, NotATime, Occasion, Planned, QuietHours, Rules, Timetable};

/// How often a message is tried before somebody has to look at it.
pub const TRIES_MAX: u32 = 8;
/// The wait after the first refusal; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// The longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_secs(60 * 60);

/// The way that a message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// Electronic mail.
    Mail,
    /// A text message to a telephone.
    Sms,
}

impl Channel {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Sms];
}

/// What a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MessageKind {
    /// There is an appointment.
    Invitation,
    /// It is at another time.
    Moved,
    /// It is at the same time, in another way.
    OtherWay,
    /// It is at the same time, with somebody else.
    OtherHost,
    /// It will not be.
    Cancelled,
    /// It is soon.
    Reminder,
    /// Here is a new personal link; the one before works no longer.
    NewLink,
    /// She would like company: to the adult of *our agreement*, never to herself.
    LookIn,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Invitation,
        Self::Moved,
        Self::OtherWay,
        Self::OtherHost,
        Self::Cancelled,
        Self::Reminder,
        Self::NewLink,
        Self::LookIn,
    ];

    /// Whether it says how the hour is, for a calendar; a reminder and a new link say it to those who know, and who is
    /// asked to look in hears of no hour.
    #[must_use]
    pub const fn is_news(self) -> bool {
        !matches!(self, Self::Reminder | Self::NewLink | Self::LookIn)
    }

    /// Whether the program sends it by the clock, without anybody having pressed anything.
    #[must_use]
    pub const fn by_the_clock(self) -> bool {
        matches!(self, Self::Reminder)
    }

    /// Whether it takes a new personal link although she has pressed an older one and may be inside by it. Everything
    /// else leaves a pressed link alone, so that no message can put her out of a meeting (CARE-01).
    #[must_use]
    pub const fn replaces_a_pressed_link(self) -> bool {
        matches!(self, Self::NewLink)
    }

    /// Whether it is about an hour, said to whoever is invited to it: it is taken back when the hour changes, listed for
    /// its hosts, and says what was last heard.
    #[must_use]
    pub const fn is_about_an_hour(self) -> bool {
        !matches!(self, Self::LookIn)
    }

    /// Whether a link makes sense in it at all.
    #[must_use]
    pub const fn may_have_a_link(self) -> bool {
        !matches!(self, Self::Cancelled | Self::LookIn)
    }
}

/// Which of the neutral wordings the inviter chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Wording {
    /// As one greets somebody one knows.
    #[default]
    Warm,
    /// Time and no more.
    Plain,
    /// Says nothing to whoever does not know what it is about.
    Bare,
}

impl Wording {
    /// Every wording.
    pub const ALL: [Self; 3] = [Self::Warm, Self::Plain, Self::Bare];
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Waits for its time.
    Queued,
    /// A worker is sending it; nobody else may.
    Claimed,
    /// The next server on its way has taken it.
    Sent,
    /// It certainly did not leave, and nobody tries again by itself.
    Failed,
    /// It may have arrived. Only a person's press sends it again.
    InDoubt,
    /// Taken back before it left.
    Withdrawn,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Claimed, Self::Sent, Self::Failed, Self::InDoubt, Self::Withdrawn];

    /// Whether it may have been read: whatever comes after it follows on what it said.
    #[must_use]
    pub const fn may_have_arrived(self) -> bool {
        matches!(self, Self::Claimed | Self::Sent | Self::InDoubt)
    }
}

/// Why a message has not left, or is in doubt; a code, never an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// There is no address or number of this kind in the register, or it is none.
    NoAddress,
    /// Its time was over before it could leave.
    TooLate,
    /// The invitation was withdrawn, or the person is blocked.
    NotInvited,
    /// The appointment has changed since; a newer message says how it is.
    Superseded,
    /// The next server could not be reached.
    Unreachable,
    /// The next server's certificate is not one that we trust, or it offers no encryption.
    NotTrusted,
    /// The next server did not take our user and password.
    SignInRefused,
    /// The next server said *not now*.
    Busy,
    /// The next server refused this message.
    Refused,
    /// The next server refused the recipient.
    RecipientRefused,
    /// The message was out and no answer came.
    Silence,
    /// The line broke after the message was out.
    LineLost,
    /// The gateway answered that something went wrong on its side.
    GatewayFault,
    /// The program stopped while it was sending.
    Stopped,
    /// The worker did not report in time.
    LeaseOver,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 15] = [
        Self::NoAddress,
        Self::TooLate,
        Self::NotInvited,
        Self::Superseded,
        Self::Unreachable,
        Self::NotTrusted,
        Self::SignInRefused,
        Self::Busy,
        Self::Refused,
        Self::RecipientRefused,
        Self::Silence,
        Self::LineLost,
        Self::GatewayFault,
        Self::Stopped,
        Self::LeaseOver,
    ];

    /// Whether it lies with the next server as a whole and not with this message: then others wait as well.
    #[must_use]
    pub const fn concerns_the_way(self) -> bool {
        matches!(self, Self::Unreachable | Self::NotTrusted | Self::SignInRefused)
    }
}

/// What became of one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The next server has taken it.
    Accepted,
    /// It was certainly not taken; it may be tried `again` then, by itself.
    NotYet {
        /// Why.
        why: Reason,
        /// When; `None` when there is no use in another try.
        again: Option<Timestamp>,
    },
    /// It was certainly not taken, and would not be.
    Refused(Reason),
    /// It may have been taken.
    Unknown(Reason),
}

/// How far one message has come: what a row of the outbox holds of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The state.
    pub state: State,
    /// Not before this moment.
    pub due: Timestamp,
    /// Not after this moment.
    pub useless_after: Timestamp,
    /// How often it was claimed; a report names the claim that it is about.
    pub claims: u32,
    /// How often it was tried since a person last asked for it.
    pub tries: u32,
    /// Until when the claim holds; only while claimed.
    pub lease: Option<Timestamp>,
    /// Why it failed, is in doubt, or waits for another try.
    pub reason: Option<Reason>,
    /// Whether an earlier try is in doubt for good: a person has asked for another one since.
    pub doubted: bool,
}

impl Progress {
    /// A new message that waits.
    #[must_use]
    pub const fn new(due: Timestamp, useless_after: Timestamp) -> Self {
        let (state, lease, reason) = (State::Queued, None, None);
        Self { state, due, useless_after, claims: 0, tries: 0, lease, reason, doubted: false }
    }

    /// A worker takes it for so long; the number of the claim, or `None` when it is not its time. A message whose time
    /// is over fails instead.
    pub fn claim(&mut self, now: Timestamp, lease: Duration) -> Option<u32> {
        if self.state != State::Queued || now < self.due {
            return None;
        }
        if self.useless_after < now {
            self.fail(Reason::TooLate);
            return None;
        }
        self.state = State::Claimed;
        self.claims = self.claims.saturating_add(1);
        self.tries = self.tries.saturating_add(1);
        self.lease = Some(now.plus(lease));
        self.reason = None;
        Some(self.claims)
    }

    /// A worker reports on its claim; whether that changed anything. A report that comes after the lease ran out still
    /// settles the doubt, as sent or as failed, but never what a person has asked for since.
    pub fn settle(&mut self, claim: u32, outcome: Outcome) -> bool {
        if claim != self.claims || !matches!(self.state, State::Claimed | State::InDoubt) {
            return false;
        }
        match outcome {
            Outcome::Accepted => self.end(State::Sent, None),
            Outcome::Refused(why) => self.fail(why),
            Outcome::Unknown(why) => self.end(State::InDoubt, Some(why)),
            Outcome::NotYet { why, again } => {
                let tries_left = self.state == State::Claimed && self.tries < TRIES_MAX;
                match again.filter(|again| tries_left && *again <= self.useless_after) {
                    Some(again) => {
                        self.end(State::Queued, Some(why));
                        self.due = again;
                    }
                    None => self.fail(why),
                }
            }
        }
        true
    }

    /// The claim's time is over without a report: it may have arrived; whether that was so.
    pub fn lease_over(&mut self, now: Timestamp) -> bool {
        let over = self.state == State::Claimed && self.lease.is_none_or(|until| until < now);
        if over {
            self.end(State::InDoubt, Some(Reason::LeaseOver));
        }
        over
    }

    /// The program that claimed it has stopped without a report: it may have arrived; whether that was so.
    pub fn found_at_start(&mut self) -> bool {
        let found = self.state == State::Claimed;
        if found {
            self.end(State::InDoubt, Some(Reason::Stopped));
        }
        found
    }

    /// A person asks for it once more; whether that can be. The only way out of a doubt.
    pub fn send_again(&mut self, now: Timestamp) -> bool {
        let can = matches!(self.state, State::Failed | State::InDoubt) && now <= self.useless_after;
        if can {
            self.doubted |= self.state == State::InDoubt;
            self.end(State::Queued, None);
            self.due = now;
            self.tries = 0;
        }
        can
    }

    /// It is not wanted any more; whether it could still be held back. What was in doubt before somebody asked for it
    /// again is in doubt once more: it may have arrived then.
    pub fn withdraw(&mut self) -> bool {
        let can = self.state == State::Queued;
        if can {
            self.end(if self.doubted { State::InDoubt } else { State::Withdrawn }, None);
        }
        can
    }

    /// It cannot be sent at all (no address, not invited); only from the queue.
    pub fn fail_before_sending(&mut self, why: Reason) -> bool {
        let can = self.state == State::Queued;
        if can {
            self.fail(why);
        }
        can
    }

    fn fail(&mut self, why: Reason) {
        self.end(State::Failed, Some(why));
    }

    fn end(&mut self, state: State, reason: Option<Reason>) {
        self.state = state;
        self.reason = reason;
        self.lease = None;
    }
}

/// How long to wait after so many tries: a minute, doubled each time, an hour at most.
#[must_use]
pub fn wait_after(tries: u32) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    FIRST_WAIT.saturating_mul(2_u32.saturating_pow(doublings)).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEASE: Duration = Duration::from_secs(100);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Claim,
        Settle { back: u32, outcome: u8 },
        LeaseOver,
        Restart,
        Press,
        Withdraw,
        Wait(i64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => Just(Step::Claim),
            4 => (0..2_u32, 0..4_u8).prop_map(|(back, outcome)| Step::Settle { back, outcome }),
            1 => Just(Step::LeaseOver),
            1 => Just(Step::Restart),
            2 => Just(Step::Press),
            1 => Just(Step::Withdraw),
            3 => (0..200_i64).prop_map(Step::Wait),
        ];
        proptest::collection::vec(step, 0..60)
    }

    /// What really happened, told apart from the rules: how often it left for good or perhaps, and how often a person
    /// asked for it.
    #[derive(Debug, Default)]
    struct World {
        left_or_perhaps: u32,
        presses: u32,
        /// A claim after which nobody knows yet.
        out: Option<u32>,
    }

    fn outcome_of(number: u8, now: i64) -> Outcome {
        match number {
            0 => Outcome::Accepted,
            1 => Outcome::NotYet { why: Reason::Busy, again: Some(at(now + 30)) },
            2 => Outcome::Refused(Reason::Refused),
            _ => Outcome::Unknown(Reason::Silence),
        }
    }

    /// One step in the rules and in the world beside them.
    fn take(step: Step, progress: &mut Progress, world: &mut World, now: &mut i64) {
        match step {
            Step::Wait(seconds) => *now += seconds,
            Step::Claim => {
                if let Some(claim) = progress.claim(at(*now), LEASE) {
                    assert!(world.out.is_none(), "SEC-060: claimed while another claim is unsettled");
                    world.out = Some(claim);
                }
            }
            Step::Settle { back, outcome } => {
                let claim = progress.claims.saturating_sub(back);
                let said = outcome_of(outcome, *now);
                let heard = progress.settle(claim, said);
                if heard && world.out.take().is_some() {
                    world.left_or_perhaps +=
                        u32::from(matches!(said, Outcome::Accepted | Outcome::Unknown(_)));
                }
            }
            Step::LeaseOver | Step::Restart => {
                let over = match step {
                    Step::LeaseOver => progress.lease_over(at(*now)),
                    _ => progress.found_at_start(),
                };
                if over && world.out.take().is_some() {
                    world.left_or_perhaps += 1;
                }
            }
            Step::Press => world.presses += u32::from(progress.send_again(at(*now))),
            Step::Withdraw => _ = progress.withdraw(),
        }
    }

    proptest! {
        /// SEC-060: by itself a message leaves at most once; each further time a person has pressed for it.
        #[test]
        fn nothing_leaves_twice_by_itself(steps in steps()) {
            let (mut progress, mut world, mut now) = (Progress::new(at(0), at(5_000)), World::default(), 0);
            for step in steps {
                let before = progress;
                take(step, &mut progress, &mut world, &mut now);
                prop_assert!(world.left_or_perhaps <= world.presses + 1, "{before:?} {step:?} {progress:?}");
                let pressed = matches!(step, Step::Press);
                if before.state == State::InDoubt && progress.state == State::Queued {
                    prop_assert!(pressed, "SEC-060: only a press sends again what is in doubt");
                }
                if matches!(before.state, State::Sent | State::Withdrawn) {
                    prop_assert_eq!(before, progress, "what is over stays over");
                }
                prop_assert_eq!(progress.state == State::Claimed, progress.lease.is_some());
                prop_assert!(progress.tries <= TRIES_MAX);
            }
        }
    }

    #[test]
    fn a_message_goes_its_ways() {
        let mut message = Progress::new(at(10), at(100_000));
        assert_eq!(message.claim(at(9), LEASE), None, "not before its time");
        let claim = message.claim(at(10), LEASE).expect("it is time");
        assert_eq!(message.claim(at(11), LEASE), None, "one worker at a time");
        assert!(!message.lease_over(at(110)), "the lease holds to its last moment");
        let busy = Outcome::NotYet { why: Reason::Busy, again: Some(at(70)) };
        assert!(message.settle(claim, busy));
        assert_eq!((message.state, message.due, message.reason), (State::Queued, at(70), Some(Reason::Busy)));

        let claim = message.claim(at(70), LEASE).expect("it is time again");
        assert!(message.lease_over(at(171)));
        assert_eq!((message.state, message.reason), (State::InDoubt, Some(Reason::LeaseOver)));
        assert_eq!(message.claim(at(500), LEASE), None, "SEC-060: a doubt is never sent by itself");
        assert!(message.settle(claim, Outcome::Accepted), "the worker's late word settles the doubt");
        assert_eq!(message.state, State::Sent);
        assert!(!message.send_again(at(600)), "what was taken is not sent again");
    }

    #[test]
    fn a_late_report_does_not_undo_a_press() {
        let mut message = Progress::new(at(0), at(100_000));
        let claim = message.claim(at(0), LEASE).expect("it is time");
        assert!(message.found_at_start());
        assert_eq!(message.reason, Some(Reason::Stopped));
        assert!(message.send_again(at(300)));
        assert!(!message.settle(claim, Outcome::Refused(Reason::Refused)));
        assert_eq!((message.state, message.tries), (State::Queued, 0));
        let second = message.claim(at(300), LEASE).expect("she asked for it");
        assert!(!message.settle(claim, Outcome::Accepted), "a report about another claim");
        assert!(message.settle(second, Outcome::Unknown(Reason::LineLost)));
    }

    #[test]
    fn tries_come_to_an_end() {
        let mut message = Progress::new(at(0), at(100_000));
        for number in 1..=TRIES_MAX {
            let claim = message.claim(message.due, LEASE).expect("it waits");
            let again = Some(message.due.plus(wait_after(number)));
            assert!(message.settle(claim, Outcome::NotYet { why: Reason::Unreachable, again }));
        }
        assert_eq!((message.state, message.reason), (State::Failed, Some(Reason::Unreachable)));
        assert!(message.send_again(at(99_999)));
        assert!(message.claim(at(99_999), LEASE).is_some(), "a press gives new tries");
    }

    #[test]
    fn what_is_too_late_fails_and_stays_so() {
        let mut message = Progress::new(at(0), at(50));
        assert_eq!(message.claim(at(51), LEASE), None);
        assert_eq!((message.state, message.reason), (State::Failed, Some(Reason::TooLate)));
        assert!(!message.send_again(at(52)));
        let mut message = Progress::new(at(0), at(50));
        let claim = message.claim(at(40), LEASE).expect("just in time");
        let busy = Outcome::NotYet { why: Reason::Busy, again: Some(at(51)) };
        assert!(message.settle(claim, busy));
        assert_eq!(message.state, State::Failed, "another try would come too late");
    }

    #[test]
    fn waits_double_and_stop_at_an_hour() {
        let minutes: Vec<u64> = (1..=9).map(|tries| wait_after(tries).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_after(u32::MAX), WAIT_MAX);
    }
}
