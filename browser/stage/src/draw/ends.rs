//! For hosts: how much is left of the hour, calmly, and five minutes to land in that nobody knocks into.

use call::{Phase, View};
use ids::{Role, Timestamp};
use protocol::wire::Presence;

use super::Screen;
use crate::dom;

impl Screen {
    /// Draws what is left; whether the next one who waits may be heard again, who was held back while she landed.
    ///
    /// Nothing ends with the hour (CARE-01), and as long as she is inside, nothing hurries it to an end either: whoever
    /// comes in its last minutes or after stands in the lobby and makes no sound.
    pub(super) fn draw_time_left(&mut self, view: &View, now: Timestamp) -> bool {
        let Some(line) = dom::find("time-left").filter(|_| view.phase == Phase::Inside) else {
            self.lands = false;
            return false;
        };
        let ends = line.get_attribute("data-ends").and_then(|ends| ends.parse().ok());
        let left = ends.and_then(|ends| left(Timestamp::from_millis(ends), now));
        let text = left.map(|left| self.words.get(&["left-", left].concat()));
        if left == Some("5") && line.text_content() != text {
            self.announce(text.as_deref().unwrap_or_default());
        }
        dom::show_text(&line, text.as_deref());
        // A line that is lost for a moment and a device that sleeps end nothing.
        let inside =
            |presence| matches!(presence, Presence::Here | Presence::LineLost | Presence::DeviceAsleep);
        let she = |tile: &call::Tile| tile.role == Role::YoungPerson && inside(tile.presence);
        let lands = matches!(left, Some("5" | "over")) && view.people.iter().any(she);
        core::mem::replace(&mut self.lands, lands) && !lands
    }
}

/// How much is left of an hour, in the only four steps that are shown: nothing that ticks.
fn left(ends: Timestamp, now: Timestamp) -> Option<&'static str> {
    match ends.since(now).as_millis() {
        0 => Some("over"),
        1..=300_000 => Some("5"),
        300_001..=600_000 => Some("10"),
        600_001..=900_000 => Some("15"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn care_01_what_is_left_changes_four_times_and_then_stays() {
        let ends = Timestamp::from_millis(10_000_000);
        let at = |before: i64| left(ends, Timestamp::from_millis(10_000_000 - before));
        assert_eq!((at(900_001), at(900_000), at(600_001)), (None, Some("15"), Some("15")));
        assert_eq!((at(600_000), at(300_001)), (Some("10"), Some("10")));
        assert_eq!((at(300_000), at(1)), (Some("5"), Some("5")));
        assert_eq!((at(0), at(-86_400_000)), (Some("over"), Some("over")));
    }
}
