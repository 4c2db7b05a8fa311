//! What the person does.

use ids::{EndReason, LeaveReason, ParticipantId, Personal, TEXT_CHARS_MAX, Timestamp};
use protocol::content::{Content, Lead, Picture, Reaction};
use protocol::group::GroupCommand;
use protocol::wire::ClientMessage;

use crate::join::Errand;
use crate::output::Output;
use crate::people::keep_last;
use crate::view::{NoteSent, OwnScreen};
use crate::{Call, Changes, NOTES_MAX, Phase};

/// Why a command is not possible now; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// Not inside.
    #[error("not inside")]
    NotInside,
    /// Inside, but the group is not joined yet, or the lock has an alarm.
    #[error("the lock is not closed")]
    NotLocked,
    /// Only hosts may.
    #[error("not a host")]
    NotHost,
    /// The admission does not allow it.
    #[error("not allowed")]
    NotAllowed,
    /// Nobody with that seat there.
    #[error("nobody there")]
    NobodyThere,
    /// The key package has not come, was not looked at, or is bad.
    #[error("the key package is not found good")]
    NotLookedAt,
    /// Empty or too long.
    #[error("empty or too long")]
    BadText,
    /// It makes no sense in this phase.
    #[error("not in this phase")]
    WrongPhase,
    /// She was asked, and it is hers to decide (SEC-114, SEC-115).
    #[error("hers to decide")]
    SheDecides,
    /// She is not here and cannot be asked (SEC-114).
    #[error("she is not here")]
    SheIsNotHere,
}

impl Call {
    /// Goes to the waiting room, with microphone and camera as chosen in the device check.
    ///
    /// # Errors
    /// Not before the server's welcome, and not when already there.
    pub fn arrive(&mut self, microphone: bool, camera: bool, now: Timestamp) -> Result<(), NotNow> {
        if !matches!(self.view.phase, Phase::Checking | Phase::Refused { .. }) || self.join.welcome.is_none()
        {
            return Err(NotNow::WrongPhase);
        }
        self.join.arrived = true;
        self.view.own.microphone = microphone;
        self.view.own.camera = camera;
        self.view.own.muted_for_you = false;
        self.changed(Changes::OWN);
        self.set_phase(Phase::Entering);
        self.ask_key_package(Errand::Knock);
        self.settle(now);
        Ok(())
    }

    /// A host sends somebody who is inside back to waiting.
    ///
    /// # Errors
    /// Not a host inside.
    pub fn send_back(&mut self, participant: ParticipantId) -> Result<(), NotNow> {
        self.tell_as_host(ClientMessage::SendBack { participant })?;
        self.push(Output::Group(GroupCommand::SentBack { participant }));
        Ok(())
    }

    /// A host ends the meeting for one person, inside or waiting.
    ///
    /// # Errors
    /// Not a host inside.
    pub fn end_for(&mut self, participant: ParticipantId) -> Result<(), NotNow> {
        self.tell_as_host(ClientMessage::EndFor { participant })?;
        self.push(Output::Group(GroupCommand::SentBack { participant }));
        Ok(())
    }

    /// A host ends the meeting for everyone.
    ///
    /// # Errors
    /// Not a host inside.
    pub fn end_for_all(&mut self) -> Result<(), NotNow> {
        self.tell_as_host(ClientMessage::EndForAll)
    }

    /// A host writes to somebody who waits; to be labelled as not sealed.
    ///
    /// # Errors
    /// Not a host inside, nobody there, or no fit text.
    pub fn note(&mut self, participant: ParticipantId, text: &str, now: Timestamp) -> Result<(), NotNow> {
        let text = fit(text)?;
        self.as_host()?;
        if !self.is_waiting(participant) {
            return Err(NotNow::NobodyThere);
        }
        let at = self.server_time(now);
        self.view.notes_sent.push(NoteSent { to: participant, text: text.clone(), at });
        keep_last(&mut self.view.notes_sent, NOTES_MAX);
        self.changed(Changes::NOTES);
        self.push(Output::Send(ClientMessage::Note { participant, text }));
        Ok(())
    }

    /// Wishes to be heard, or not. While pausing it is remembered for afterwards.
    pub fn set_microphone(&mut self, on: bool, now: Timestamp) {
        self.wish(|own| own.microphone = on, now);
    }

    /// Wishes to be seen, or not: an equal choice (CARE-11). While pausing it is remembered for afterwards.
    pub fn set_camera(&mut self, on: bool, now: Timestamp) {
        self.wish(|own| (own.camera, own.showing) = (on, own.showing && on), now);
    }

    /// Asks for the room's only screen share; the picture is sent once the server grants it.
    ///
    /// # Errors
    /// Not inside, lock not closed, or not allowed.
    pub fn share_screen(&mut self, now: Timestamp) -> Result<(), NotNow> {
        self.sealed()?;
        if !self.view.you.as_ref().and_then(|you| you.capabilities).is_some_and(|can| can.screen) {
            return Err(NotNow::NotAllowed);
        }
        if self.view.own.screen == OwnScreen::Off {
            self.view.own.screen = OwnScreen::Asked;
            self.changed(Changes::OWN);
            self.push(Output::Send(ClientMessage::TakeScreen));
        }
        self.settle(now);
        Ok(())
    }

    /// Gives the screen share back.
    pub fn stop_screen(&mut self, now: Timestamp) {
        self.drop_screen();
        self.settle(now);
    }

    /// Turns the camera to show something, or back; whoever had it off has it off again afterwards (CARE-11). Turned back
    /// it is at any time; during a pause nothing is shown.
    ///
    /// # Errors
    /// To show: not inside, lock not closed, or pausing.
    pub fn show(&mut self, on: bool, now: Timestamp) -> Result<(), NotNow> {
        if on {
            self.sealed()?;
            if self.view.own.paused {
                return Err(NotNow::WrongPhase);
            }
        }
        if on && !self.view.own.showing {
            self.own.camera_before = self.view.own.camera;
        }
        let camera = on || self.camera_after_showing();
        self.wish(|own| (own.showing, own.camera) = (on, camera), now);
        Ok(())
    }

    /// The camera as it is wished when nothing is shown any more.
    const fn camera_after_showing(&self) -> bool {
        let own = &self.view.own;
        if own.showing { self.own.camera_before } else { own.camera }
    }

    /// A host leads the others through something, or through nothing more.
    ///
    /// # Errors
    /// Not a host, or, to lead: not inside, or lock not closed.
    pub fn lead(&mut self, lead: Lead, now: Timestamp) -> Result<(), NotNow> {
        if lead != Lead::NOTHING {
            self.sealed()?;
        }
        self.as_host()?;
        self.view.own.lead = lead;
        self.changed(Changes::OWN);
        self.settle(now);
        Ok(())
    }

    /// Answers what is led with a picture; the same again takes it back.
    ///
    /// # Errors
    /// Nothing is led through with pictures.
    pub fn choose_picture(&mut self, picture: Picture, now: Timestamp) -> Result<(), NotNow> {
        self.sealed()?;
        if !self.view.lead.is_step() {
            return Err(NotNow::WrongPhase);
        }
        let own = &mut self.view.own;
        own.picture = if own.picture == picture { Picture::NONE } else { picture };
        self.changed(Changes::OWN);
        self.settle(now);
        Ok(())
    }

    /// Pauses: nothing is sent, one still hears and sees the others, and they are told under the seal. It ends what one
    /// shows, so that the room is not seen again when the pause is over.
    ///
    /// # Errors
    /// Not inside.
    pub fn pause(&mut self, now: Timestamp) -> Result<(), NotNow> {
        if !self.is_inside() {
            return Err(NotNow::NotInside);
        }
        self.drop_screen();
        let camera = self.camera_after_showing();
        self.wish(|own| (own.paused, own.showing, own.camera) = (true, false, camera), now);
        Ok(())
    }

    /// Ends the pause: microphone and camera are as wished before or during it.
    pub fn resume(&mut self, now: Timestamp) {
        self.wish(|own| own.paused = false, now);
    }

    /// Steps out: tracks stop here first, the seat is kept.
    ///
    /// # Errors
    /// Neither inside nor waiting.
    pub fn step_out(&mut self, now: Timestamp) -> Result<(), NotNow> {
        if !matches!(self.view.phase, Phase::Inside | Phase::Waiting { .. } | Phase::Entering) {
            return Err(NotNow::WrongPhase);
        }
        self.join.agreed = false;
        self.go_away(Phase::SteppedOut { told: false }, now);
        Ok(())
    }

    /// Comes back in after stepping out, muted.
    ///
    /// # Errors
    /// Not stepped out.
    pub fn step_in(&mut self, now: Timestamp) -> Result<(), NotNow> {
        if !self.has_stepped_out() {
            return Err(NotNow::WrongPhase);
        }
        self.come_back(now);
        Ok(())
    }

    /// Somebody came in (CARE-03): both ways are dark at once, whatever the network does; told until it is heard. What was
    /// said about the room and to the hosts alone is said no more.
    ///
    /// # Errors
    /// Only when there is nothing to hide any more.
    pub fn someone_came_in(&mut self, now: Timestamp) -> Result<(), NotNow> {
        if self.is_over() || self.view.phase == Phase::ClosedFast {
            return Err(NotNow::WrongPhase);
        }
        if !matches!(self.view.phase, Phase::SomeoneCameIn { .. }) {
            self.go_away(Phase::SomeoneCameIn { told: false }, now);
            self.unsay(now);
        }
        Ok(())
    }

    /// The one who pressed *someone came in*, and nobody else, undoes it; one comes back muted.
    ///
    /// # Errors
    /// It was not pressed.
    pub fn carry_on(&mut self, now: Timestamp) -> Result<(), NotNow> {
        if !matches!(self.view.phase, Phase::SomeoneCameIn { .. }) {
            return Err(NotNow::WrongPhase);
        }
        self.come_back(now);
        Ok(())
    }

    /// Writes a line of chat, sealed to the group.
    ///
    /// # Errors
    /// Not inside, lock not closed, not allowed, or no fit text.
    pub fn chat(&mut self, text: &str, now: Timestamp) -> Result<(), NotNow> {
        let text = fit(text)?;
        self.sealed()?;
        let you = self.view.you.as_ref().ok_or(NotNow::NotInside)?;
        if !you.capabilities.is_some_and(|can| can.chat) {
            return Err(NotNow::NotAllowed);
        }
        let (participant, name) = (you.participant, you.name.clone());
        let at = self.server_time(now);
        self.push(Output::Group(GroupCommand::Seal(Content::Chat { text: text.clone(), at })));
        self.chat_came(participant, name, text, at);
        Ok(())
    }

    /// Sends a wordless reaction, sealed to the group.
    ///
    /// # Errors
    /// Not inside or lock not closed.
    pub fn react(&mut self, reaction: Reaction, now: Timestamp) -> Result<(), NotNow> {
        self.sealed()?;
        self.push(Output::Group(GroupCommand::Seal(Content::Reaction(reaction))));
        if let Some(you) = self.view.you.as_ref().map(|you| you.participant) {
            self.people.reacted(you, reaction, now);
        }
        self.settle(now);
        Ok(())
    }

    /// Leaves: tracks stop here first, then the server is told.
    pub fn leave(&mut self, reason: LeaveReason, now: Timestamp) {
        if self.is_over() || self.view.phase == Phase::ClosedFast {
            return;
        }
        self.forget_room();
        self.say_goodbye(reason, now);
    }

    /// Closes fast (CARE-02): dark at once, then told as the safety signal that it is, until it is heard. Nothing brings
    /// this page back.
    pub fn close_fast(&mut self, now: Timestamp) {
        if self.is_over() || self.view.phase == Phase::ClosedFast {
            return;
        }
        if self.join.arrived {
            self.go_away(Phase::ClosedFast, now);
            return self.unsay(now);
        }
        self.unsay(now);
        self.forget_room();
        self.blank();
        self.say_goodbye(LeaveReason::ClosedFast, now);
    }

    fn say_goodbye(&mut self, reason: LeaveReason, now: Timestamp) {
        if self.line.is_open() {
            self.push(Output::Send(ClientMessage::Leave { reason }));
        }
        self.end(EndReason::YouLeft, now);
    }

    /// The page of a device that sleeps goes to the background, or comes back, muted.
    pub fn set_asleep(&mut self, asleep: bool, now: Timestamp) {
        if self.is_over() || self.join.asleep == asleep {
            return;
        }
        self.join.asleep = asleep;
        if asleep && self.is_inside() {
            // Here first: whoever is told as asleep is not heard, and comes back muted.
            self.stop_media();
        }
        if !asleep {
            // Clocks and sockets slept too: whether the line is alive is found out now, not when it would have been.
            self.line_timeout(now);
            self.handle_online(now);
        }
        if self.view.online {
            self.push(Output::Send(ClientMessage::Asleep { asleep }));
        }
        self.settle(now);
    }

    /// Binds a member's device to the code scanned in person.
    ///
    /// # Errors
    /// Not inside or lock not closed.
    pub fn pair(&mut self, participant: ParticipantId, code: &str) -> Result<(), NotNow> {
        self.sealed()?;
        if code.is_empty() || code.len() > TEXT_CHARS_MAX {
            return Err(NotNow::BadText);
        }
        self.push(Output::Group(GroupCommand::Pair { participant, code: code.to_owned() }));
        Ok(())
    }

    /// Asks for the code that the other side scans; it comes in [`crate::Lock::pairing_code`].
    ///
    /// # Errors
    /// Not inside or lock not closed.
    pub fn make_pairing_code(&mut self) -> Result<(), NotNow> {
        self.sealed()?;
        self.push(Output::Group(GroupCommand::MakePairingCode));
        Ok(())
    }

    /// Only a host inside may.
    pub(crate) fn as_host(&self) -> Result<(), NotNow> {
        if !self.is_inside() {
            return Err(NotNow::NotInside);
        }
        if self.is_host() { Ok(()) } else { Err(NotNow::NotHost) }
    }

    fn tell_as_host(&mut self, message: ClientMessage) -> Result<(), NotNow> {
        self.as_host()?;
        self.push(Output::Send(message));
        Ok(())
    }

    /// Only inside, in the group and with the lock unbroken.
    pub(crate) const fn sealed(&self) -> Result<(), NotNow> {
        if !self.is_inside() {
            Err(NotNow::NotInside)
        } else if !self.may_send() {
            Err(NotNow::NotLocked)
        } else {
            Ok(())
        }
    }

    fn wish(&mut self, change: impl FnOnce(&mut crate::OwnMedia), now: Timestamp) {
        if self.is_over() {
            return;
        }
        change(&mut self.view.own);
        self.view.own.muted_for_you = false;
        self.view.own.lost = None;
        self.changed(Changes::OWN);
        self.settle(now);
    }

    /// Here first: tracks, picture and sound; only then is the server told, until it has heard.
    pub(crate) fn go_away(&mut self, away: Phase, now: Timestamp) {
        self.forget_room();
        self.blank();
        let was_known = self.join.arrived;
        self.set_phase(away);
        if was_known {
            self.tell_away(now);
        }
        self.settle(now);
    }

    fn come_back(&mut self, now: Timestamp) {
        self.join.retell_at = None;
        self.join.agreed = false;
        if self.join.welcome.is_none() {
            self.set_phase(Phase::Reconnecting);
            return;
        }
        if !self.join.arrived {
            self.set_phase(Phase::Checking);
            return;
        }
        self.set_phase(Phase::Entering);
        self.ask_key_package(Errand::StepIn);
        self.settle(now);
    }
}

/// A text that is neither empty nor too long.
fn fit(text: &str) -> Result<Personal<String>, NotNow> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(NotNow::BadText);
    }
    Ok(Personal::new(text.to_owned()))
}
