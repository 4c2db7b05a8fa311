//! A call with everything around it played by hand: socket, workers, media engine and clock.

use std::collections::BTreeSet;

use call::{Beginning, Call, MediaCommand, MediaEvent, Output, Phase};
use ids::{Assurance, Capabilities, GroupId, ParticipantId, Personal, Role, SessionId, Timestamp, TrackKind};
use protocol::frame::FrameCommand;
use protocol::group::{EpochView, GroupCommand, GroupEvent, KnownAs, MemberView, SignedAttestation};
use protocol::wire::{
    ClientMessage, DeviceKey, KeyPackageHash, Presence, PresentPerson, ServerMessage, Welcome,
};

/// The session of every scene.
pub(crate) const SESSION: SessionId = SessionId::from_bytes([1; 16]);
/// Its group.
pub(crate) const GROUP: GroupId = GroupId::from_bytes([2; 16]);
/// The seat of the one whose call is played.
pub(crate) const ME: ParticipantId = ParticipantId::from_bytes([3; 16]);
/// Another seat.
pub(crate) const OTHER: ParticipantId = ParticipantId::from_bytes([4; 16]);
/// A third seat.
pub(crate) const THIRD: ParticipantId = ParticipantId::from_bytes([5; 16]);
/// A clock of ours that is five seconds late.
const LATE_MS: i64 = 5_000;

/// The call and its surroundings.
pub(crate) struct Scene {
    pub(crate) call: Call,
    pub(crate) now: Timestamp,
    /// Everything asked for since last taken.
    pub(crate) log: Vec<Output>,
    /// Tracks that the engine sends.
    pub(crate) live: BTreeSet<TrackKind>,
    pub(crate) blank: bool,
    pub(crate) timeout: Timestamp,
    role: Role,
}

impl Scene {
    pub(crate) fn begin(role: Role) -> Self {
        Self::begin_with(
            role,
            Beginning { session: SESSION, returning: false, someone_came_in: false, closed_fast: false },
        )
    }

    pub(crate) fn begin_with(role: Role, beginning: Beginning) -> Self {
        let now = Timestamp::from_millis(1_000_000);
        let call = Call::new(beginning, now);
        let mut scene =
            Self { call, now, log: Vec::new(), live: BTreeSet::new(), blank: false, timeout: now, role };
        scene.drain();
        scene
    }

    /// Polls to the end and plays the media engine; checks the promises that hold at every moment.
    pub(crate) fn drain(&mut self) {
        for _ in 0..10_000 {
            match self.call.poll_output() {
                Output::Timeout(at) => {
                    self.timeout = at;
                    self.promises();
                    return;
                }
                output => {
                    self.note(&output);
                    self.log.push(output);
                }
            }
        }
        panic!("the call never came to rest");
    }

    fn note(&mut self, output: &Output) {
        let inside = self.call.view().phase == Phase::Inside;
        match output {
            Output::Media(MediaCommand::Publish { track, on: true }) => {
                assert!(inside, "a track was started outside");
                self.live.insert(*track);
            }
            Output::Media(MediaCommand::Publish { track, on: false }) => {
                self.live.remove(track);
            }
            Output::Media(MediaCommand::StopAllTracks) => self.live.clear(),
            Output::Media(MediaCommand::BlankAll) => self.blank = true,
            Output::Media(MediaCommand::Unblank) => {
                assert!(inside, "pictures were shown outside");
                self.blank = false;
            }
            Output::Send(ClientMessage::Sealed(_) | ClientMessage::Commit(_))
            | Output::Group(GroupCommand::Seal(_) | GroupCommand::Confide(_)) => {
                assert!(inside, "sealed outside");
            }
            _ => {}
        }
    }

    fn promises(&self) {
        let view = self.call.view();
        if view.phase != Phase::Inside || view.lock.stopped || view.lock.epoch.is_none() {
            assert!(self.live.is_empty(), "tracks run in {:?}", view.phase);
        }
        let own = &view.own;
        assert!(
            !own.showing || own.camera && !own.paused,
            "something is shown without a camera, or in a pause"
        );
        if view.lock.stopped {
            assert!(self.blank, "a broken lock shows pictures");
        }
    }

    /// Takes what was asked for so far.
    pub(crate) fn take(&mut self) -> Vec<Output> {
        self.log.retain(|output| *output != Output::View);
        std::mem::take(&mut self.log)
    }

    /// What was sent to the server since last taken; the rest of the log is dropped.
    pub(crate) fn sent(&mut self) -> Vec<ClientMessage> {
        let only_sent = |output| if let Output::Send(message) = output { Some(message) } else { None };
        self.take().into_iter().filter_map(only_sent).collect()
    }

    pub(crate) fn server(&mut self, message: ServerMessage) {
        self.call.handle_server(message, self.now);
        self.drain();
    }

    pub(crate) fn group(&mut self, event: GroupEvent) {
        self.call.handle_group(event, self.now);
        self.drain();
    }

    pub(crate) fn media(&mut self, event: MediaEvent) {
        self.call.handle_media(event, self.now);
        self.drain();
    }

    /// The person does something.
    pub(crate) fn act<T>(&mut self, act: impl FnOnce(&mut Call, Timestamp) -> T) -> T {
        let answer = act(&mut self.call, self.now);
        self.drain();
        answer
    }

    /// Lets time pass, calling at each timeout on the way.
    pub(crate) fn wait_ms(&mut self, ms: i64) {
        let end = Timestamp::from_millis(self.now.as_millis() + ms);
        while self.timeout <= end {
            self.now = self.now.max(self.timeout);
            self.call.handle_timeout(self.now);
            self.drain();
            assert!(self.timeout > self.now, "a timeout that does not move");
        }
        self.now = end;
    }

    /// Lets time pass while the server answers pings.
    pub(crate) fn wait_with_server_ms(&mut self, ms: i64) {
        for _ in 0..ms / 500 {
            self.wait_ms(500);
            self.server(ServerMessage::Pong { number: 0, at: self.server_now() });
        }
    }

    /// The server answers the last of the page's questions whether the line is alive.
    pub(crate) fn answers(&mut self) {
        let ping = |output: &Output| {
            if let Output::Send(ClientMessage::Ping { number }) = output { Some(*number) } else { None }
        };
        let number = self.log.iter().rev().find_map(ping).expect("the page asked");
        self.server(ServerMessage::Pong { number, at: self.server_now() });
    }

    pub(crate) fn server_now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis() + LATE_MS)
    }

    /// The worker has its device key, and the socket stands.
    pub(crate) fn connect(&mut self) {
        self.group(GroupEvent::Device { device: DeviceKey(vec![4; 65]) });
        self.call.handle_socket_open(self.now);
        self.drain();
    }

    pub(crate) fn welcome(&mut self) {
        let welcome = Welcome {
            session: SESSION,
            you: ME,
            role: self.role,
            name: Personal::new("Me".to_owned()),
            attestation: SignedAttestation { statement: vec![1], signature: vec![2] },
            organization_key: [7; 32],
            at: self.server_now(),
        };
        self.server(ServerMessage::Welcome(Box::new(welcome)));
        self.media(MediaEvent::OfferReady { sdp: "v=0\r\n".to_owned() });
    }

    pub(crate) fn key_package(&mut self, byte: u8) {
        self.group(GroupEvent::KeyPackage { key_package: vec![byte], hash: KeyPackageHash([byte; 32]) });
    }

    pub(crate) fn admitted(&mut self) {
        let capabilities = if self.role.is_host() { Capabilities::HOST } else { Capabilities::MEMBER };
        self.server(ServerMessage::Admitted { capabilities, until: None });
    }

    /// The group is joined in this epoch with these others: young people around a host, hosts around anybody else.
    pub(crate) fn epoch(&mut self, epoch: u64, others: &[ParticipantId]) {
        self.epoch_of(epoch, others, if self.role.is_host() { Role::YoungPerson } else { Role::Host });
    }

    /// The same, with others of this role.
    pub(crate) fn epoch_of(&mut self, epoch: u64, others: &[ParticipantId], theirs: Role) {
        let own = self.role;
        let members = [ME].iter().chain(others).enumerate().map(|(leaf, &participant)| MemberView {
            participant,
            name: Personal::new("Somebody".to_owned()),
            role: if participant == ME { own } else { theirs },
            leaf: u32::try_from(leaf).expect("a few members"),
            known: KnownAs::New,
        });
        let members = members.collect();
        self.group(GroupEvent::Epoch(EpochView {
            group: GROUP,
            epoch,
            members,
            safety_words: [1, 2, 3, 4, 5, 6],
        }));
    }

    pub(crate) fn roster(&mut self, others: &[(ParticipantId, Presence)]) {
        let me = [(ME, Presence::Here)];
        let people = me.iter().chain(others).map(|&(participant, presence)| PresentPerson {
            participant,
            name: Personal::new("Somebody".to_owned()),
            role: Role::Host,
            assurance: Assurance::SignedIn,
            since: self.server_now(),
            presence,
            without_her: None,
        });
        let people = people.collect();
        self.server(ServerMessage::Roster { people });
    }

    /// From nothing to inside with one other, microphone and camera on.
    pub(crate) fn inside(role: Role) -> Self {
        let mut scene = Self::begin(role);
        scene.go_inside();
        scene.take();
        scene
    }

    /// The way in of one whose call has begun.
    pub(crate) fn go_inside(&mut self) {
        self.connect();
        self.welcome();
        self.act(|call, now| call.arrive(true, true, now)).expect("the welcome has come");
        self.key_package(1);
        self.media(MediaEvent::Connected);
        self.admitted();
        self.server(ServerMessage::Joined { group: GROUP, welcome: vec![9] });
        self.epoch(1, &[OTHER]);
        self.roster(&[(OTHER, Presence::Here)]);
    }

    pub(crate) fn bindings(&self) -> Vec<(u8, Option<(ParticipantId, TrackKind)>)> {
        let bind = |output: &Output| match output {
            Output::Frame(FrameCommand::Bind { line, source }) => Some((*line, *source)),
            _ => None,
        };
        self.log.iter().filter_map(bind).collect()
    }
}
