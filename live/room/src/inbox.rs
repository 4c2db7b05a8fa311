//! What a page says and what is done about it. Foreign bytes come in here (SEC-023, SEC-025).

use ids::{
    ConnectionId, EndReason, GoneReason, KEY_PACKAGE_BYTES_MAX, LeaveReason, ParticipantId, Personal,
    SDP_BYTES_MAX, TEXT_CHARS_MAX, TrackKind,
};
use protocol::wire::{ClientMessage, DeviceKey, KeyPackageHash, Presence, RejectReason, ServerMessage};
use sfu::IceSecrets;
use sha2::{Digest, Sha256};

use crate::api::{Now, Output};
use crate::rate::Verdict;
use crate::room::Room;
use crate::seat::{Attested, Click, Package, Seat, Stage};

/// Bytes in an uncompressed P-256 point.
const DEVICE_KEY_BYTES: usize = 65;

impl Room {
    pub(crate) fn receive(&mut self, connection: ConnectionId, bytes: &[u8], now: Now) {
        let Some(line) = self.lines.get_mut(&connection) else { return };
        match line.rate.message(now.mono) {
            Verdict::Take => {}
            Verdict::Drop => return,
            Verdict::DropAndTell => return self.reject(connection, RejectReason::TooFast),
            Verdict::Close => {
                let line = self.lines.remove(&connection);
                self.outputs.push_back(Output::Close { connection });
                if let Some(line) = line {
                    self.line_closed(connection, &line, now);
                }
                return;
            }
        }
        self.line_heard(connection, now);
        let result = match protocol::decode(bytes) {
            Ok(message) => self.act(connection, message, now),
            Err(_) => Err(RejectReason::BadMessage),
        };
        if let Err(why) = result {
            self.reject(connection, why);
        }
    }

    fn reject(&mut self, connection: ConnectionId, why: RejectReason) {
        self.send(connection, ServerMessage::Rejected { why });
    }

    fn act(
        &mut self,
        connection: ConnectionId,
        message: ClientMessage,
        now: Now,
    ) -> Result<(), RejectReason> {
        let line = self.lines.get(&connection).ok_or(RejectReason::BadMessage)?;
        let who = line.participant;
        match message {
            ClientMessage::Ping { number } => {
                self.send(connection, ServerMessage::Pong { number, at: now.wall });
                return Ok(());
            }
            ClientMessage::Hello { device, returning: _ } => return self.hello(connection, device, now),
            _ => {}
        }
        if self.lines.get(&connection).is_none_or(|line| line.attested != Attested::Yes) {
            return Err(RejectReason::BadMessage);
        }
        match message {
            ClientMessage::Knock { key_package, hash } => self.knock(who, key_package, hash, now),
            ClientMessage::Offer { sdp } => self.offer(who, &sdp, now),
            ClientMessage::Leave { reason } => {
                self.leave(who, reason, now);
                Ok(())
            }
            ClientMessage::Asleep { asleep } => {
                self.asleep(connection, asleep, now);
                Ok(())
            }
            ClientMessage::StepIn { key_package, hash } => self.step_in(who, key_package, hash, now),
            ClientMessage::StepOut { someone_came_in } => self.page_steps_out(who, someone_came_in, now),
            ClientMessage::Answer { about, answer } => self.answer(who, about, answer, now),
            ClientMessage::WithoutMe { agreed } => self.without_me(who, agreed, now),
            other => self.act_inside(who, connection, other, now),
        }
    }

    /// What only somebody who is inside may say.
    fn act_inside(
        &mut self,
        who: ParticipantId,
        connection: ConnectionId,
        message: ClientMessage,
        now: Now,
    ) -> Result<(), RejectReason> {
        let seat = self.seats.get(&who).filter(|seat| seat.is_here()).ok_or(RejectReason::NotAdmitted)?;
        let capabilities = seat.admission().ok_or(RejectReason::NotAdmitted)?.capabilities();
        match message {
            ClientMessage::Commit(commit) => self.commit(who, connection, &commit),
            ClientMessage::Sealed(sealed) => {
                self.relay(who, connection, &sealed)?;
                self.sealed_heard(connection, now);
                Ok(())
            }
            ClientMessage::Sending { tracks } => {
                self.media.set_sending(who, &tracks, now.mono);
                if let Some(seat) = self.seats.get_mut(&who) {
                    seat.picture.turn(tracks.contains(&TrackKind::Camera), now.mono);
                }
                Ok(())
            }
            ClientMessage::TakeScreen if capabilities.screen => self.take_screen(who, now),
            ClientMessage::DropScreen => {
                self.drop_screen(who, now);
                Ok(())
            }
            ClientMessage::WantKeyframes => {
                self.media.request_keyframes(who, now.mono);
                Ok(())
            }
            ClientMessage::Admit { .. }
            | ClientMessage::SendBack { .. }
            | ClientMessage::EndFor { .. }
            | ClientMessage::EndForAll
            | ClientMessage::AskWithoutHer { .. }
            | ClientMessage::Note { .. } => {
                if capabilities.host {
                    self.act_as_host(who, connection, message, now)
                } else {
                    Err(RejectReason::NotHost)
                }
            }
            _ => Err(RejectReason::BadMessage),
        }
    }

    fn act_as_host(
        &mut self,
        host: ParticipantId,
        connection: ConnectionId,
        message: ClientMessage,
        now: Now,
    ) -> Result<(), RejectReason> {
        match message {
            ClientMessage::Admit { participant, hash } => {
                self.admit(Click { by: host, line: connection, hash }, participant, now)
            }
            ClientMessage::SendBack { participant } => self.send_back(host, participant, now),
            ClientMessage::EndFor { participant } => {
                let there = |seat: &&Seat| seat.has_place() || matches!(seat.stage, Stage::Waiting { .. });
                if participant == host || self.seats.get(&participant).filter(there).is_none() {
                    return Err(RejectReason::NobodyThere);
                }
                self.end_for(participant, host, now);
                Ok(())
            }
            ClientMessage::EndForAll => {
                self.end_for_all(host, now);
                Ok(())
            }
            ClientMessage::AskWithoutHer { participant } => self.ask_without_her(participant),
            ClientMessage::Note { participant, text } => self.note(host, participant, text, now),
            _ => Err(RejectReason::BadMessage),
        }
    }

    /// The newest page to say `Hello` has the seat; an older one is told so and stops.
    fn hello(&mut self, connection: ConnectionId, device: DeviceKey, now: Now) -> Result<(), RejectReason> {
        let line = self.lines.get_mut(&connection).ok_or(RejectReason::BadMessage)?;
        if line.device.is_some() || device.0.len() != DEVICE_KEY_BYTES {
            return Err(RejectReason::BadMessage);
        }
        line.device = Some(device);
        let who = line.participant;
        if let Some(older) = self.seats.get(&who).and_then(|seat| seat.line) {
            self.end_line(older, EndReason::OpenedElsewhere);
        }
        let Some(seat) = self.seats.get_mut(&who) else { return Err(RejectReason::BadMessage) };
        seat.line = Some(connection);
        // A key package and a click on it belong to the page that is gone.
        (seat.key_package, seat.click, seat.asked) = (None, None, None);
        if matches!(seat.presence(), Some(Presence::Here | Presence::DeviceAsleep)) {
            seat.set_presence(Presence::LineLost);
        }
        if seat.has_place() || matches!(seat.stage, Stage::Waiting { .. }) {
            seat.lost_at = seat.lost_at.or(Some(now.mono));
        }
        self.drop_screen(who, now);
        self.media.disconnect(who, now.mono);
        Ok(())
    }

    /// Arrives: waits from now on, or is back where the seat was.
    fn knock(
        &mut self,
        who: ParticipantId,
        bytes: Vec<u8>,
        hash: KeyPackageHash,
        now: Now,
    ) -> Result<(), RejectReason> {
        let package = checked(bytes, hash)?;
        let seat = self.seats.get_mut(&who).ok_or(RejectReason::BadMessage)?;
        let connection = seat.line.ok_or(RejectReason::BadMessage)?;
        let line = self.lines.get_mut(&connection).ok_or(RejectReason::BadMessage)?;
        line.knocked = true;
        line.key_package_wanted = false;
        (line.joined, line.sealed) = (None, None);
        seat.key_package = Some(package);
        seat.lost_at = None;
        if seat.presence() == Some(Presence::LineLost) {
            seat.set_presence(Presence::Here);
        }
        self.reopen_media(who, now);
        Ok(())
    }

    fn offer(&mut self, who: ParticipantId, sdp: &str, now: Now) -> Result<(), RejectReason> {
        let refused = |seat: &Seat| matches!(seat.stage, Stage::Refused { .. });
        if sdp.len() > SDP_BYTES_MAX || self.seats.get(&who).is_none_or(refused) {
            return Err(RejectReason::BadOffer);
        }
        let (ufrag, password) = (self.entropy.text(), self.entropy.text());
        let secrets = IceSecrets { ufrag: ufrag.clone(), password };
        let answer = self.media.connect(who, sdp, secrets, now.mono).map_err(|_| RejectReason::BadOffer)?;
        self.outputs.push_back(Output::RouteMedia { ufrag });
        self.send_to(who, ServerMessage::Answer { sdp: answer });
        Ok(())
    }

    fn leave(&mut self, who: ParticipantId, reason: LeaveReason, now: Now) {
        let gone = match reason {
            LeaveReason::Left | LeaveReason::DoneForToday => GoneReason::Left,
            LeaveReason::ClosedFast => GoneReason::ClosedFast,
        };
        // One whose seat was given up meanwhile says what it was (CARE-02).
        let seat = self.seats.get(&who);
        let waited = seat.is_some_and(|seat| match seat.stage {
            Stage::Waiting { .. } => true,
            Stage::Away => {
                gone == GoneReason::ClosedFast
                    && matches!(seat.gone, Some((GoneReason::LineLost | GoneReason::DeviceAsleep, _)))
            }
            _ => false,
        });
        self.media.disconnect(who, now.mono);
        self.end_admission(who, gone, now);
        self.set_stage(who, Stage::Away);
        if waited {
            self.tell_hosts_gone(who, gone, now);
        }
        if let Some(connection) = self.seats.get(&who).and_then(|seat| seat.line) {
            self.end_line(connection, EndReason::YouLeft);
        }
        if let Some(seat) = self.seats.get_mut(&who) {
            (seat.lost_at, seat.sent_back) = (None, false);
        }
    }

    fn asleep(&mut self, connection: ConnectionId, asleep: bool, now: Now) {
        let Some(line) = self.lines.get_mut(&connection) else { return };
        line.asleep = asleep;
        let who = line.participant;
        let Some(seat) = self.seats.get_mut(&who) else { return };
        match (seat.presence(), asleep) {
            (Some(Presence::Here), true) => {
                seat.set_presence(Presence::DeviceAsleep);
                // Nobody listens, and nobody is heard, who is shown as gone.
                self.media.pause(who, now.mono);
                self.tell_gone(who, GoneReason::DeviceAsleep, now);
            }
            (Some(Presence::DeviceAsleep), false) => {
                seat.set_presence(Presence::Here);
                self.reopen_media(who, now);
            }
            _ => {}
        }
    }

    /// Taken from every page whose person has been let in, one that has only just come back and not knocked included:
    /// what was pressed while the line was down is told as what it is, not as a lost line (CARE-02, CARE-03).
    pub(crate) fn page_steps_out(
        &mut self,
        who: ParticipantId,
        someone_came_in: bool,
        now: Now,
    ) -> Result<(), RejectReason> {
        let let_in = |seat: &&mut Seat| seat.admission().is_some();
        let seat = self.seats.get_mut(&who).filter(let_in).ok_or(RejectReason::NotAdmitted)?;
        seat.lost_at = None;
        if let Some(line) = seat.line.and_then(|connection| self.lines.get_mut(&connection)) {
            line.knocked = true;
            line.key_package_wanted = false;
        }
        // A page says it until it is heard; the others are told once, and stepping out takes no *someone came in* back.
        let told = match seat.presence() {
            Some(Presence::SomeoneCameIn) => true,
            Some(Presence::SteppedOut) => !someone_came_in,
            _ => false,
        };
        if !told {
            self.step_out(who, someone_came_in, now);
        }
        Ok(())
    }

    fn step_out(&mut self, who: ParticipantId, someone_came_in: bool, now: Now) {
        let (presence, reason) = if someone_came_in {
            (Presence::SomeoneCameIn, GoneReason::SomeoneCameIn)
        } else {
            (Presence::SteppedOut, GoneReason::SteppedOut)
        };
        // The forwarder first, then the group (SEC-024).
        self.media.pause(who, now.mono);
        self.drop_screen(who, now);
        let Some(seat) = self.seats.get_mut(&who) else { return };
        seat.set_presence(presence);
        (seat.key_package, seat.click, seat.asked) = (None, None, None);
        self.yes_is_taken_back(who);
        let Some(seat) = self.seats.get(&who) else { return };
        if let Some(line) = seat.line.and_then(|connection| self.lines.get_mut(&connection)) {
            line.joined = None;
        }
        self.tell_gone(who, reason, now);
    }

    fn step_in(
        &mut self,
        who: ParticipantId,
        bytes: Vec<u8>,
        hash: KeyPackageHash,
        now: Now,
    ) -> Result<(), RejectReason> {
        let package = checked(bytes, hash)?;
        let out = |seat: &&mut Seat| {
            matches!(seat.presence(), Some(Presence::SteppedOut | Presence::SomeoneCameIn))
        };
        let seat = self.seats.get_mut(&who).filter(out).ok_or(RejectReason::NotAdmitted)?;
        seat.key_package = Some(package);
        seat.set_presence(Presence::Here);
        seat.lost_at = None;
        if let Some(line) = seat.line.and_then(|connection| self.lines.get_mut(&connection)) {
            line.knocked = true;
            line.key_package_wanted = false;
        }
        self.reopen_media(who, now);
        Ok(())
    }

    fn take_screen(&mut self, who: ParticipantId, now: Now) -> Result<(), RejectReason> {
        if self.screen.is_some_and(|holder| holder != who) {
            return Err(RejectReason::ScreenTaken);
        }
        self.screen = Some(who);
        self.media.set_screen(self.screen, now.mono);
        Ok(())
    }

    fn drop_screen(&mut self, who: ParticipantId, now: Now) {
        if self.screen == Some(who) {
            self.screen = None;
            self.media.set_screen(None, now.mono);
        }
    }

    /// A host lets one person in, naming what is on the host's screen (SEC-014), or asks her first (SEC-114).
    fn admit(&mut self, click: Click, whom: ParticipantId, now: Now) -> Result<(), RejectReason> {
        let waits = |seat: &&mut Seat| matches!(seat.stage, Stage::Waiting { .. });
        let seat = self.seats.get_mut(&whom).filter(waits).ok_or(RejectReason::NobodyThere)?;
        if seat.line.is_none() || seat.lost_at.is_some() {
            return Err(RejectReason::NobodyThere);
        }
        if seat.key_package.as_ref().map(|package| package.hash) != Some(click.hash) {
            return Err(RejectReason::StaleKeyPackage);
        }
        if self.may_let_in(click, whom)? { self.let_in(click, whom, now) } else { Ok(()) }
    }

    /// The door is asked about a click on somebody who waits.
    pub(crate) fn let_in(&mut self, click: Click, whom: ParticipantId, now: Now) -> Result<(), RejectReason> {
        let seat = self.seats.get_mut(&whom).ok_or(RejectReason::NobodyThere)?;
        seat.click = Some(click);
        self.ask_the_door(now);
        // A click that the door does not follow is forgotten: it must not let somebody in later, unseen.
        let seat = self.seats.get_mut(&whom).ok_or(RejectReason::NobodyThere)?;
        match seat.stage {
            Stage::Entering { .. } => {
                self.met.clicked(click.by, whom);
                Ok(())
            }
            Stage::Waiting { why: ids::WaitReason::RoomFull, .. } => {
                seat.click = None;
                Err(RejectReason::RoomFull)
            }
            _ => {
                seat.click = None;
                Err(RejectReason::NobodyThere)
            }
        }
    }

    fn send_back(&mut self, host: ParticipantId, whom: ParticipantId, now: Now) -> Result<(), RejectReason> {
        if whom == host || self.seats.get(&whom).is_none_or(|seat| !seat.has_place()) {
            return Err(RejectReason::NobodyThere);
        }
        self.waits_again(whom, now);
        if let Some(seat) = self.seats.get_mut(&whom) {
            seat.sent_back = true;
        }
        Ok(())
    }

    /// The workers of the hosts who are here will not add this person without a click of their own.
    pub(crate) fn workers_forget(&mut self, whom: ParticipantId) {
        let hosts = self.seats.iter().filter(|(_, seat)| seat.role().is_some_and(ids::Role::is_host));
        let hosts: Vec<_> = hosts.map(|(host, _)| *host).collect();
        self.met.send_back(whom, hosts);
    }

    fn note(
        &mut self,
        host: ParticipantId,
        to: ParticipantId,
        text: Personal<String>,
        now: Now,
    ) -> Result<(), RejectReason> {
        let length = text.reveal().chars().count();
        if length == 0 || length > TEXT_CHARS_MAX {
            return Err(RejectReason::BadMessage);
        }
        let out = [Presence::SteppedOut, Presence::SomeoneCameIn];
        let waits = |seat: &&Seat| {
            matches!(seat.stage, Stage::Waiting { .. }) || seat.presence().is_some_and(|p| out.contains(&p))
        };
        let there = self.seats.get(&to).filter(waits).is_some_and(|seat| seat.line.is_some());
        let from = self.seats.get(&host).map(|seat| seat.name.clone());
        let Some(from) = from.filter(|_| there) else { return Err(RejectReason::NobodyThere) };
        self.send_to(to, ServerMessage::Note { from, text, at: now.wall });
        Ok(())
    }
}

fn checked(bytes: Vec<u8>, hash: KeyPackageHash) -> Result<Package, RejectReason> {
    let fits = !bytes.is_empty() && bytes.len() <= KEY_PACKAGE_BYTES_MAX;
    let right = fits && <[u8; 32]>::from(Sha256::digest(&bytes)) == hash.0;
    right.then_some(Package { bytes, hash }).ok_or(RejectReason::BadMessage)
}
