//! Which alarms are on, so that each is told once and its end is told too.

use core::time::Duration;

use ids::Timestamp;
use protocol::group::{GroupEvent, LockAlarm};

use crate::watch::Together;

/// How long a refused attempt stays on the lock: long enough to be read.
const SHOWN: Duration = Duration::from_secs(10);

/// The alarms that are on.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    /// Attempts that were refused, each until the moment when it is no longer shown.
    attempts: Vec<(LockAlarm, Timestamp)>,
    doubted: bool,
    diverged: bool,
}

impl Alarms {
    /// An attempt was refused.
    pub(crate) fn attempt(&mut self, alarm: LockAlarm, now: Timestamp) -> Option<GroupEvent> {
        let until = now.plus(SHOWN);
        if let Some(active) = self.attempts.iter_mut().find(|(active, _)| *active == alarm) {
            active.1 = until;
            return None;
        }
        self.attempts.push((alarm, until));
        Some(GroupEvent::Alarm(alarm))
    }

    /// Time passed, and this is whether members are together. When they are together again that is told at once, and
    /// what is still to be read is told after it. An alarm ends only when nothing is doubted any more.
    pub(crate) fn tick(&mut self, together: Together, now: Timestamp) -> Vec<GroupEvent> {
        let was_on = self.on();
        let (doubted, was_doubted) = (together != Together::Yes, self.doubted);
        self.doubted = doubted;
        let newly = together == Together::No && !self.diverged;
        let healed = !doubted && self.diverged;
        self.diverged = doubted && (self.diverged || newly);
        self.attempts.retain(|(_, until)| *until > now);
        let mut events = Vec::new();
        if doubted != was_doubted {
            events.push(GroupEvent::Doubt { doubted });
        }
        if newly {
            events.push(GroupEvent::Alarm(LockAlarm::Diverged));
        } else if healed {
            events.push(GroupEvent::AlarmOver);
            events.extend(self.attempts.iter().map(|(alarm, _)| GroupEvent::Alarm(*alarm)));
        } else if was_on && !self.on() {
            events.push(GroupEvent::AlarmOver);
        }
        events
    }

    /// Whether nothing was doubted when that was last asked.
    pub(crate) const fn are_together(&self) -> bool {
        !self.doubted
    }

    fn on(&self) -> bool {
        self.diverged || !self.attempts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alarm_is_told_once_and_so_is_the_end() {
        let at = Timestamp::from_millis;
        let mut alarms = Alarms::default();
        let ghost = GroupEvent::Alarm(LockAlarm::GhostRefused);
        let doubt = |doubted| GroupEvent::Doubt { doubted };
        assert_eq!(alarms.tick(Together::Doubted, at(0)), [doubt(true)]);
        assert_eq!(alarms.tick(Together::No, at(0)), [GroupEvent::Alarm(LockAlarm::Diverged)]);
        assert_eq!(alarms.tick(Together::Doubted, at(500)), [], "half a heal is none");
        assert_eq!(
            alarms.attempt(LockAlarm::GhostRefused, at(600)),
            Some(GroupEvent::Alarm(LockAlarm::GhostRefused))
        );
        assert_eq!(alarms.attempt(LockAlarm::GhostRefused, at(700)), None);
        assert_eq!(
            alarms.tick(Together::Yes, at(1000)),
            [doubt(false), GroupEvent::AlarmOver, ghost],
            "the other is still on"
        );
        assert_eq!(alarms.tick(Together::Yes, at(10_700)), [GroupEvent::AlarmOver]);
        assert_eq!(alarms.tick(Together::Yes, at(11_000)), []);
    }
}
