//! The lock: what the two workers say, which lines may show whom, and what an alarm does.

use ids::{GroupId, OWN_LINE_ASKED_MS, ParticipantId, Timestamp, TrackKind};
use protocol::content::Content;
use protocol::frame::{FrameCommand, FrameEvent};
use protocol::group::{EpochView, GroupCommand, GroupEvent, LockAlarm};
use protocol::media::{Line, line};
use protocol::wire::{ClientMessage, Slot};

use crate::few::Few;
use crate::output::{MediaCommand, Output};
use crate::view::FrameCounts;
use crate::{Call, Changes, Lock, Phase, is_due, later};

/// The MLS core has no clock: time is passed to it this often.
const TICK_MS: u64 = 500;
/// Every so many ticks the frame worker is asked how frames fare.
const TICKS_PER_COUNT: u32 = 4;
/// How long the server may say other things instead of answering.
const UNANSWERED_MS: u64 = 3_000;
/// At most one request for key frames in this time.
const KEYFRAMES_EVERY_MS: u64 = 500;

/// A participant's track.
pub(crate) type Source = (ParticipantId, TrackKind);

/// The state of the group as the page needs it.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// The group that we were told to make or join; epochs of any other are not ours.
    pub(crate) id: Option<GroupId>,
    pub(crate) tick_at: Option<Timestamp>,
    ticks: u32,
    slots: Vec<Slot>,
    pub(crate) bound: Few<u8, Source>,
    here: Vec<ParticipantId>,
    pub(crate) keyframes_at: Option<Timestamp>,
    keyframes_last: Option<Timestamp>,
    /// The others fell silent, and the server was asked whether our own line is the reason.
    doubt: Option<Doubt>,
}

/// Whether our own line is why the others are silent: the server was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Doubt {
    /// By this question.
    ping: u32,
    /// When it answered.
    answered: Option<Timestamp>,
    /// The worker says that the others are apart from us, if our own line is not to blame.
    apart: bool,
    /// When one or the other is believed.
    until: Option<Timestamp>,
}

impl Group {
    /// When a doubt ends, one way or the other.
    pub(crate) fn doubt_until(&self) -> Option<Timestamp> {
        self.doubt.and_then(|doubt| doubt.until)
    }
}

impl Call {
    pub(crate) fn group_event(&mut self, event: GroupEvent, now: Timestamp) {
        match event {
            GroupEvent::Device { device } => {
                self.join.device = Some(device);
                self.say_hello();
            }
            GroupEvent::KeyPackage { key_package, hash } => self.key_package_made(key_package, hash),
            GroupEvent::Looked { participant, hash, known } => self.looked(participant, hash, known),
            GroupEvent::SendCommit(commit) if self.is_ours(commit.group) => {
                self.push(Output::Send(ClientMessage::Commit(commit)));
            }
            GroupEvent::SendSealed(sealed) if self.is_ours(sealed.group) => {
                self.push(Output::Send(ClientMessage::Sealed(sealed)));
            }
            GroupEvent::SendCommit(_) | GroupEvent::SendSealed(_) => {}
            GroupEvent::Epoch(epoch) => self.epoch_is(epoch),
            GroupEvent::Opened { from, content } => self.opened(from, content, now),
            GroupEvent::Confided { from, aside } => self.was_confided(from, aside),
            GroupEvent::KeyInUse { .. } => self.want_keyframes(now),
            GroupEvent::PairingCode { code } => {
                self.view.lock.pairing_code = Some(code);
                self.changed(Changes::LOCK);
            }
            GroupEvent::Paired { participant, matched } => {
                self.view.lock.paired = Some((participant, matched));
                self.changed(Changes::LOCK);
            }
            GroupEvent::Doubt { doubted: true } => self.ask_own_line(now),
            GroupEvent::Doubt { doubted: false } => {
                self.end_doubt();
            }
            GroupEvent::Alarm(LockAlarm::Diverged) => self.apart(now),
            GroupEvent::Alarm(alarm) => self.alarmed(alarm),
            GroupEvent::AlarmOver => self.alarm_over(),
        }
    }

    pub(crate) fn frame_event(&mut self, event: &FrameEvent, now: Timestamp) {
        match event {
            FrameEvent::KeyInUse { line: Some(index), .. } => {
                let picture = !matches!(line(*index), Some(Line::Receive(TrackKind::Microphone)) | None);
                if picture && self.group.bound.has(*index) {
                    self.want_keyframes(now);
                }
            }
            FrameEvent::KeyInUse { line: None, .. } => {}
            &FrameEvent::Counts { sealed, opened, no_key, refused } => {
                let frames = FrameCounts { sealed, opened, no_key, refused };
                if self.view.lock.frames != frames {
                    self.view.lock.frames = frames;
                    self.changed(Changes::LOCK);
                }
            }
        }
    }

    /// A line that stands still, either way, looks like a fork but is none; it is lost soon, which stops everything
    /// too. The page says meanwhile that it asks (SEC-019).
    fn ask_own_line(&mut self, now: Timestamp) {
        if self.group.doubt.is_none() {
            self.ping(now);
            let ping = self.line.last_ping();
            self.group.doubt = Some(Doubt { ping, answered: None, apart: false, until: None });
            self.show_doubt();
        }
    }

    /// The others are apart from us. Once the server has answered, they have a moment to be heard after all.
    fn apart(&mut self, now: Timestamp) {
        self.ask_own_line(now);
        if let Some(doubt) = &mut self.group.doubt {
            doubt.apart = true;
            if let Some(answered) = doubt.answered {
                doubt.until = Some(later(answered, OWN_LINE_ASKED_MS).max(now));
            }
        }
    }

    /// A word from the server. Only an answer shows that the line is alive both ways; a server that says everything but
    /// that has lost us.
    pub(crate) fn doubt_hears(&mut self, pong: Option<u32>, now: Timestamp) {
        let Some(doubt) = self.group.doubt.as_mut().filter(|doubt| doubt.answered.is_none()) else { return };
        if pong == Some(doubt.ping) {
            doubt.answered = Some(now);
            doubt.until = doubt.apart.then(|| later(now, OWN_LINE_ASKED_MS));
        } else {
            doubt.until.get_or_insert(later(now, UNANSWERED_MS));
        }
    }

    fn end_doubt(&mut self) -> Option<Doubt> {
        let doubt = self.group.doubt.take();
        self.show_doubt();
        doubt
    }

    fn show_doubt(&mut self) {
        let doubted = self.group.doubt.is_some();
        if self.view.lock.doubted != doubted {
            self.view.lock.doubted = doubted;
            self.changed(Changes::LOCK);
        }
    }

    pub(crate) fn group_timeout(&mut self, now: Timestamp) {
        if is_due(self.group.doubt_until(), now) {
            match self.end_doubt().and_then(|doubt| doubt.answered) {
                Some(_) => self.alarmed(LockAlarm::Diverged),
                None => return self.lose_line(now),
            }
        }
        if is_due(self.group.tick_at, now) {
            self.group.tick_at = Some(later(now, TICK_MS));
            self.group.ticks = self.group.ticks.wrapping_add(1);
            self.push(Output::Group(GroupCommand::Tick));
            if self.is_inside() && self.group.ticks.is_multiple_of(TICKS_PER_COUNT) {
                self.push(Output::Frame(FrameCommand::Count));
            }
        }
        if is_due(self.group.keyframes_at, now) {
            self.group.keyframes_at = None;
            self.want_keyframes(now);
        }
    }

    /// A group that we are to make or join.
    pub(crate) fn expect_group(&mut self, group: GroupId, now: Timestamp) {
        self.group.id = Some(group);
        self.group.tick_at.get_or_insert(now);
    }

    pub(crate) fn slots_are(&mut self, slots: Vec<Slot>) {
        self.group.slots = slots;
    }

    /// Brings the frame worker's lines to what slots, group and phase allow (SEC-017).
    pub(crate) fn rebind(&mut self) {
        let wanted = self.sources();
        let lost: Vec<u8> =
            self.group.bound.iter().map(|(line, _)| line).filter(|line| !wanted.has(*line)).collect();
        for line in lost {
            self.push(Output::Frame(FrameCommand::Bind { line, source: None }));
        }
        for (line, &source) in wanted.iter() {
            if self.group.bound.get(line) != Some(&source) {
                self.outputs.push_back(Output::Frame(FrameCommand::Bind { line, source: Some(source) }));
            }
        }
        self.group.bound = wanted;
    }

    /// Whose track each line may show: only members of the present epoch, only on a line made for such a track.
    fn sources(&self) -> Few<u8, Source> {
        let mut sources = Few::default();
        let Some(epoch) = self.view.lock.epoch.as_ref().filter(|_| self.may_send()) else { return sources };
        for slot in &self.group.slots {
            let is_you = self.view.you.as_ref().is_some_and(|you| you.participant == slot.participant);
            let member = epoch.members.iter().any(|member| member.participant == slot.participant);
            let fits = member && !is_you && line(slot.line) == Some(Line::Receive(slot.track));
            if fits && !sources.has(slot.line) {
                sources.set(slot.line, (slot.participant, slot.track));
            }
        }
        sources
    }

    /// Tells the worker whose line is up, when that has changed.
    pub(crate) fn tell_who_is_here(&mut self) {
        if self.view.lock.epoch.is_none() {
            return;
        }
        let here = self.people.here();
        if self.group.here != here {
            self.group.here.clone_from(&here);
            self.push(Output::Group(GroupCommand::Here { participants: here }));
        }
    }

    /// A new peer connection: its lines have to be bound and its key frames asked for anew.
    pub(crate) fn media_is_new(&mut self) {
        self.unbind();
        self.republish();
    }

    pub(crate) fn forget_group(&mut self) {
        self.unbind();
        self.group = Group::default();
        let frames = self.view.lock.frames;
        let lost = self.view.lock.alarm == Some(LockAlarm::WorkerLost);
        self.view.lock = Lock { frames, ..Lock::default() };
        if lost {
            self.view.lock.alarm = Some(LockAlarm::WorkerLost);
            self.view.lock.stopped = true;
        }
        self.changed(Changes::LOCK);
    }

    /// The server ended the group, as when its only host comes back on a new page: keys are forgotten and nothing is
    /// sent until the next group; then one is heard and seen again as before, because one never left.
    pub(crate) fn group_ended(&mut self, group: GroupId) {
        if self.group.id != Some(group) {
            return;
        }
        self.leave_group();
        self.forget_group();
    }

    fn unbind(&mut self) {
        for (line, _) in core::mem::take(&mut self.group.bound).iter() {
            self.push(Output::Frame(FrameCommand::Bind { line, source: None }));
        }
    }

    fn is_ours(&self, group: GroupId) -> bool {
        self.is_inside() && self.group.id == Some(group)
    }

    fn epoch_is(&mut self, epoch: EpochView) {
        let waits = matches!(self.view.phase, Phase::Entering | Phase::Waiting { .. });
        if self.group.id != Some(epoch.group) || !(self.is_inside() || waits) {
            return;
        }
        self.people.keep_leaves(&epoch.members);
        self.own.speak_up();
        self.view.lock.epoch = Some(epoch);
        self.changed(Changes::LOCK.and(Changes::PEOPLE));
    }

    fn opened(&mut self, from: ParticipantId, content: Content, now: Timestamp) {
        let Some(epoch) = self.view.lock.epoch.as_ref().filter(|_| self.is_inside()) else { return };
        let Some(member) = epoch.members.iter().find(|member| member.participant == from) else { return };
        let (name, leaf) = (member.name.clone(), member.leaf);
        match content {
            Content::Chat { text, at } => self.chat_came(from, name, text, at),
            Content::Reaction(reaction) => self.people.reacted(from, reaction, now),
            // Between workers; they keep it to themselves.
            Content::SentBack { .. } | Content::Aside { .. } => {}
            Content::Heartbeat(heartbeat) => self.people.heard(from, leaf, &heartbeat, now),
        }
    }

    /// Asks for key frames now, or soon when that was just done: storms of requests help nobody.
    fn want_keyframes(&mut self, now: Timestamp) {
        if !self.is_inside() {
            return;
        }
        let free_at = self.group.keyframes_last.map(|last| later(last, KEYFRAMES_EVERY_MS));
        match free_at.filter(|&free| free > now) {
            Some(free) => self.group.keyframes_at = Some(free),
            None => {
                self.group.keyframes_last = Some(now);
                self.push(Output::Send(ClientMessage::WantKeyframes));
            }
        }
    }

    /// Fail closed (SEC-018): only a refused ghost leaves the talk as it is, because nobody was added.
    fn alarmed(&mut self, alarm: LockAlarm) {
        self.changed(Changes::LOCK);
        if alarm == LockAlarm::GhostRefused {
            self.view.lock.alarm.get_or_insert(alarm);
            return;
        }
        self.stop_media();
        self.blank();
        self.view.lock.stopped = true;
        if self.view.lock.alarm != Some(LockAlarm::WorkerLost) {
            self.view.lock.alarm = Some(alarm);
        }
    }

    /// Sound and picture of the others come back; one's own stay off until one turns them on.
    fn alarm_over(&mut self) {
        if self.view.lock.alarm == Some(LockAlarm::WorkerLost) {
            return;
        }
        self.view.lock.alarm = None;
        self.view.lock.stopped = false;
        self.changed(Changes::LOCK);
    }

    pub(crate) fn blank(&mut self) {
        if !self.own.blanked {
            self.own.blanked = true;
            self.push(Output::Media(MediaCommand::BlankAll));
        }
    }
}
