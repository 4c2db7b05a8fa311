//! Who sits where on one receiver's m-lines: a person keeps the place for as long as both are there.

use ids::{ParticipantId, TrackKind};
use protocol::media::{OTHERS_MAX, SCREEN_LINE, lines_of_place};
use protocol::wire::Slot;

/// Somebody who may be shown to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) participant: ParticipantId,
    pub(crate) microphone: bool,
    pub(crate) camera: bool,
}

/// The places of one receiver.
#[derive(Debug, Default)]
pub(crate) struct Places {
    people: [Option<ParticipantId>; OTHERS_MAX],
    slots: Vec<Slot>,
}

impl Places {
    /// Seats exactly these people (the receiver is not among them) and this screen; says whether a slot changed.
    pub(crate) fn seat(&mut self, shown: &[Shown], screen: Option<ParticipantId>) -> bool {
        for place in &mut self.people {
            if place.is_some_and(|who| !shown.iter().any(|s| s.participant == who)) {
                *place = None;
            }
        }
        for newcomer in shown {
            if !self.people.contains(&Some(newcomer.participant))
                && let Some(free) = self.people.iter_mut().find(|place| place.is_none())
            {
                *free = Some(newcomer.participant);
            }
        }
        let slots = self.slots_for(shown, screen);
        let changed = slots != self.slots;
        self.slots = slots;
        changed
    }

    /// Empties every place; says whether there was anybody.
    pub(crate) fn clear(&mut self) -> bool {
        self.seat(&[], None)
    }

    /// The m-lines in use, in order.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    fn slots_for(&self, shown: &[Shown], screen: Option<ParticipantId>) -> Vec<Slot> {
        let mut slots = Vec::new();
        for (place, who) in self.people.iter().enumerate() {
            let seated = who.and_then(|who| shown.iter().find(|s| s.participant == who));
            let (Some(seated), Some((sound, picture))) = (seated, lines_of_place(place)) else { continue };
            if seated.microphone {
                slots.push(slot(sound, seated.participant, TrackKind::Microphone));
            }
            if seated.camera {
                slots.push(slot(picture, seated.participant, TrackKind::Camera));
            }
        }
        slots.extend(screen.map(|holder| slot(SCREEN_LINE, holder, TrackKind::Screen)));
        slots
    }
}

const fn slot(line: u8, participant: ParticipantId, track: TrackKind) -> Slot {
    Slot { line, participant, track }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: u8) -> Shown {
        Shown { participant: ParticipantId::from_bytes([number; 16]), microphone: true, camera: true }
    }

    #[test]
    fn who_stays_is_not_moved_when_others_come_and_go() {
        let mut places = Places::default();
        assert!(places.seat(&[shown(1), shown(2), shown(3)], None));
        assert!(places.seat(&[shown(2), shown(3)], None));
        assert!(places.seat(&[shown(2), shown(3), shown(4)], Some(shown(2).participant)));
        let lines: Vec<_> = places.slots().iter().map(|s| (s.line, s.participant.as_bytes()[0])).collect();
        assert_eq!(lines, [(3, 4), (4, 4), (5, 2), (6, 2), (7, 3), (8, 3), (SCREEN_LINE, 2)]);
        assert!(!places.seat(&[shown(4), shown(3), shown(2)], Some(shown(2).participant)));
        assert!(places.clear());
        assert!(places.slots().is_empty());
    }

    #[test]
    fn a_track_that_is_not_granted_has_no_line() {
        let mut places = Places::default();
        places.seat(&[Shown { camera: false, ..shown(1) }], None);
        assert_eq!(places.slots().len(), 1);
    }
}
