//! What the server says, and where each thing goes.

use ids::{Capabilities, EndReason, Personal, RefuseReason, TEXT_CHARS_MAX, Timestamp, WaitReason};
use protocol::group::GroupCommand;
use protocol::wire::{RejectReason, ServerMessage};

use crate::join::Errand;
use crate::output::Output;
use crate::people::keep_last;
use crate::view::NoteLine;
use crate::{Call, Changes, NOTES_MAX, Phase};

impl Call {
    pub(crate) fn server_message(&mut self, message: ServerMessage, now: Timestamp) {
        if let ServerMessage::Welcome(welcome) = message {
            return self.welcomed(*welcome, now);
        }
        if self.join.welcome.is_none() {
            return self.before_welcome(&message, now);
        }
        match message {
            ServerMessage::Welcome(_) => {}
            ServerMessage::Waiting { why, since, reconsider_at, seen_by } => {
                self.waits(Phase::Waiting { why, since, reconsider_at, seen_by });
            }
            ServerMessage::Refused { why } => self.refused(why),
            ServerMessage::Admitted { capabilities, until } => self.admitted(capabilities, until, now),
            ServerMessage::Ended { reason } => self.ended(reason, now),
            ServerMessage::Note { from, text, at } => self.note_came(from, text, at),
            ServerMessage::Pong { at, .. } => self.set_clock(at, now),
            ServerMessage::Answer { sdp } => self.answered(sdp),
            ServerMessage::KeyPackageWanted => self.key_package_wanted(),
            ServerMessage::Rejected { why } => self.rejected(why, now),
            ServerMessage::Gone { participant, reason, at } => self.gone(participant, reason, at),
            ServerMessage::Asked { people, without_you } => self.asked_is(people, without_you),
            other => self.room_message(other, now),
        }
    }

    /// What is heard only by those inside; at any other time it is stale and dropped.
    fn room_message(&mut self, message: ServerMessage, now: Timestamp) {
        if let ServerMessage::Joined { group, welcome } = message {
            // The welcome may overtake the admission; its keys are of no use before it.
            if !self.is_away() {
                self.expect_group(group, now);
                self.push(Output::Group(GroupCommand::Join { group, welcome }));
            }
            return;
        }
        if !self.is_inside() {
            return;
        }
        match message {
            ServerMessage::CreateGroup { group } => {
                self.expect_group(group, now);
                self.push(Output::Group(GroupCommand::CreateGroup { group }));
            }
            ServerMessage::Commit { from, commit } if self.group.id == Some(commit.group) => {
                self.push(Output::Group(GroupCommand::Commit { from, commit }));
            }
            ServerMessage::CommitLost { group, epoch } if self.group.id == Some(group) => {
                self.push(Output::Group(GroupCommand::CommitLost { group, epoch }));
            }
            ServerMessage::Sealed { from, sealed } if self.group.id == Some(sealed.group) => {
                self.push(Output::Group(GroupCommand::Open { from, sealed }));
            }
            ServerMessage::AddWanted { participant, key_package, ground } if self.is_host() => {
                self.push(Output::Group(GroupCommand::Add { participant, key_package, ground }));
            }
            ServerMessage::RemoveWanted { participant } if self.is_host() => {
                self.push(Output::Group(GroupCommand::Remove { participant }));
            }
            ServerMessage::GroupEnded { group } => self.group_ended(group),
            ServerMessage::Lobby { people } => self.lobby_is(people),
            ServerMessage::Roster { people } => self.roster_is(people),
            ServerMessage::WentBefore { people } => self.went_before(people),
            ServerMessage::Slots { slots } => self.slots_are(slots),
            ServerMessage::Media { participant, state } => self.media_is(participant, state),
            ServerMessage::Screen { holder } => {
                self.view.screen = holder;
                let you = self.view.you.as_ref().map(|you| you.participant);
                self.screen_is(holder.is_some() && holder == you);
                self.changed(Changes::PEOPLE);
            }
            ServerMessage::HostGrace { until } => {
                self.view.grace = until;
                self.changed(Changes::PHASE);
            }
            _ => {}
        }
    }

    /// Before the welcome only an end or a refusal can be meant for us.
    fn before_welcome(&mut self, message: &ServerMessage, now: Timestamp) {
        match message {
            ServerMessage::Refused { why } => self.refused(*why),
            ServerMessage::Ended { reason } => self.ended(*reason, now),
            _ => {}
        }
    }

    fn waits(&mut self, waiting: Phase) {
        match self.view.phase {
            Phase::SteppedOut { .. } | Phase::SomeoneCameIn { .. } | Phase::ClosedFast => {
                return self.away_is_told();
            }
            Phase::Checking if !self.join.arrived => return,
            Phase::Inside => {
                self.forget_room();
                // Whatever was asked for before leaving the group was forgotten with it.
                if core::mem::take(&mut self.join.wanted_inside) {
                    self.ask_key_package(Errand::Knock);
                }
            }
            _ => {}
        }
        self.set_phase(waiting);
    }

    /// The door's yes. While away it changes nothing here, and the server is told again that we are away.
    fn admitted(&mut self, capabilities: Capabilities, until: Option<Timestamp>, now: Timestamp) {
        if self.is_away() {
            return self.tell_away(now);
        }
        if !self.join.arrived {
            return;
        }
        self.join.wanted_inside = false;
        if let Some(you) = &mut self.view.you {
            you.capabilities = Some(capabilities);
            you.until = until;
        }
        self.changed(Changes::PHASE);
        self.set_phase(Phase::Inside);
    }

    fn refused(&mut self, why: RefuseReason) {
        self.forget_room();
        if self.view.phase == Phase::ClosedFast {
            // There is no seat left to tell it from.
            self.close_line();
            return self.set_phase(Phase::Ended { why: EndReason::YouLeft });
        }
        self.set_phase(Phase::Refused { why });
    }

    fn ended(&mut self, why: EndReason, now: Timestamp) {
        if why == EndReason::ServerStopping {
            return self.lose_line(now);
        }
        self.forget_room();
        self.end(why, now);
    }

    /// The room is forgotten already; nothing reopens the line.
    pub(crate) fn end(&mut self, why: EndReason, now: Timestamp) {
        self.close_line();
        self.set_phase(Phase::Ended { why });
        self.draw_people(now);
        self.draw_lobby(now);
        self.draw_asked();
    }

    fn key_package_wanted(&mut self) {
        if self.join.arrived && !self.is_away() {
            self.join.wanted_inside = matches!(self.view.phase, Phase::Inside);
            self.ask_key_package(Errand::Knock);
        }
    }

    fn note_came(&mut self, from: Personal<String>, text: Personal<String>, at: Timestamp) {
        if text.reveal().chars().count() <= TEXT_CHARS_MAX {
            let number = self.view.notes.last().map_or(1, |note| note.number.saturating_add(1));
            self.view.notes.push(NoteLine { number, from, text, at });
            keep_last(&mut self.view.notes, NOTES_MAX);
            self.changed(Changes::NOTES);
        }
    }

    fn rejected(&mut self, why: RejectReason, now: Timestamp) {
        self.view.rejected = Some(why);
        self.changed(Changes::REJECTED);
        match why {
            RejectReason::ScreenTaken => self.screen_refused(),
            RejectReason::BadOffer => self.media_failed(now),
            // The server holds us for outside already: that is what was to be told.
            RejectReason::NotAdmitted | RejectReason::NobodyThere | RejectReason::BadMessage
                if self.is_away() =>
            {
                self.away_is_told();
            }
            RejectReason::StaleKeyPackage
            | RejectReason::NobodyThere
            | RejectReason::RoomFull
            | RejectReason::SheDecides
            | RejectReason::SheIsNotHere => {
                self.clicks_are_off();
            }
            // It no longer knows the seat that was stepped out of: arrive anew.
            RejectReason::NotAdmitted | RejectReason::BadMessage
                if self.view.phase == Phase::Entering && self.join.steps_in =>
            {
                self.join.steps_in = false;
                self.ask_key_package(Errand::Knock);
            }
            RejectReason::NotHost
            | RejectReason::NotAdmitted
            | RejectReason::BadMessage
            | RejectReason::TooFast => {}
        }
    }

    pub(crate) fn is_host(&self) -> bool {
        self.view.you.as_ref().is_some_and(|you| you.role.is_host())
    }

    /// Out by one's own step, and only by that.
    pub(crate) const fn has_stepped_out(&self) -> bool {
        matches!(
            self.view.phase,
            Phase::SteppedOut { .. } | Phase::Waiting { why: WaitReason::SteppedOut, .. }
        )
    }
}
