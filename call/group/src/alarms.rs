//! Which alarms are on, so that each is told once and its end is told too.

use core::time::Duration;

use ids::Timestamp;
use protocol::group::{GroupEvent, LockAlarm};

/// How long a refused attempt stays on the lock: long enough to be read.
const SHOWN: Duration = Duration::from_secs(10);

/// The alarms that are on.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    /// Attempts that were refused, each until the moment when it is no longer shown.
    attempts: Vec<(LockAlarm, Timestamp)>,
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

    /// Time passed, and this is whether members are apart. When they are together again that is told at once, and what
    /// is still to be read is told after it.
    pub(crate) fn tick(&mut self, diverged: bool, now: Timestamp) -> Vec<GroupEvent> {
        let was_on = self.on();
        let newly = diverged && !self.diverged;
        let healed = !diverged && self.diverged;
        self.diverged = diverged;
        self.attempts.retain(|(_, until)| *until > now);
        if newly {
            return vec![GroupEvent::Alarm(LockAlarm::Diverged)];
        }
        if healed {
            let still = self.attempts.iter().map(|(alarm, _)| GroupEvent::Alarm(*alarm));
            return [GroupEvent::AlarmOver].into_iter().chain(still).collect();
        }
        if was_on && !self.on() { vec![GroupEvent::AlarmOver] } else { Vec::new() }
    }

    /// Whether members were apart when that was last asked.
    pub(crate) const fn are_apart(&self) -> bool {
        self.diverged
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
        assert_eq!(alarms.tick(true, at(0)), [GroupEvent::Alarm(LockAlarm::Diverged)]);
        assert_eq!(alarms.tick(true, at(500)), []);
        assert_eq!(
            alarms.attempt(LockAlarm::GhostRefused, at(600)),
            Some(GroupEvent::Alarm(LockAlarm::GhostRefused))
        );
        assert_eq!(alarms.attempt(LockAlarm::GhostRefused, at(700)), None);
        assert_eq!(alarms.tick(false, at(1000)), [GroupEvent::AlarmOver, ghost], "the other is still on");
        assert_eq!(alarms.tick(false, at(10_700)), [GroupEvent::AlarmOver]);
        assert_eq!(alarms.tick(false, at(11_000)), []);
    }
}
