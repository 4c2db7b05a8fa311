//! The client put together: call, group, seal and peer connection, each handed what the others say.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use call::{Beginning, Call, Changes, LettingIn, MediaCommand, MediaEvent, Phase, SocketCommand};
use group::{Member, Memory, SoftDevice};
use ids::{ParticipantId, Timestamp, TrackKind};
#[cfg(feature = "unsealed-for-proof")]
use protocol::content::Content;
use protocol::frame::FrameCommand;
#[cfg(feature = "unsealed-for-proof")]
use protocol::group::{GroupCommand, GroupEvent};
#[cfg(feature = "unsealed-for-proof")]
use protocol::wire::Sealed;
use protocol::wire::ServerMessage;
use seal::Sealer;

use crate::clip::{Clip, is_vp8_key_frame};
use crate::engine::{Engine, Heard};
use crate::profile::Profile;

/// Rounds of handing things on after one input; more means that two cores turn in circles.
const ROUNDS_MAX: usize = 10_000;

/// The present moment, by both clocks; every input brings it.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// By the wall clock.
    pub wall: Timestamp,
    /// By a clock that never jumps.
    pub mono: Instant,
}

/// What a peer sends when a track is on; without a clip the track cannot be had, as with a browser without a camera.
#[derive(Debug, Clone, Default)]
pub struct Clips {
    /// Sound.
    pub microphone: Option<Clip>,
    /// Picture.
    pub camera: Option<Clip>,
    /// Screen.
    pub screen: Option<Clip>,
}

impl Clips {
    /// Made-up frames on every track.
    #[must_use]
    pub fn made_up() -> Self {
        let clip = |track| Some(Clip::made_up(track));
        Self {
            microphone: clip(TrackKind::Microphone),
            camera: clip(TrackKind::Camera),
            screen: clip(TrackKind::Screen),
        }
    }

    const fn of(&self, track: TrackKind) -> Option<&Clip> {
        match track {
            TrackKind::Microphone => self.microphone.as_ref(),
            TrackKind::Camera => self.camera.as_ref(),
            TrackKind::Screen => self.screen.as_ref(),
        }
    }
}

/// What a peer does by itself, for want of a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manners {
    /// Arrives as soon as that is possible, with microphone and camera on or off.
    pub arrive: Option<(bool, bool)>,
    /// As a host: lets in everybody whose credential is found good.
    pub admit_everyone: bool,
}

/// What media goes over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    #[default]
    Udp,
    /// A stream that the peer opens (ICE-TCP, RFC 6544), each packet behind its length (RFC 4571); framing is the
    /// shell's job.
    Tcp,
}

/// How a peer begins.
pub struct PeerConfig {
    /// The session.
    pub beginning: Beginning,
    /// What media goes over.
    pub transport: Transport,
    /// The addresses of its own sockets; never a wildcard.
    pub addresses: Vec<SocketAddr>,
    /// Its device key.
    pub device: SoftDevice,
    /// What it remembers of earlier sessions.
    pub memory: Memory,
    /// What it sends.
    pub clips: Clips,
    /// What it does by itself.
    pub manners: Manners,
    /// Neither seals nor opens media and chat, so that a test can show what a server would see.
    #[cfg(feature = "unsealed-for-proof")]
    pub unsealed: bool,
}

/// What a peer wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this binary message over the WebSocket.
    Send(Vec<u8>),
    /// Open or close the WebSocket.
    Socket(SocketCommand),
    /// Send this datagram.
    Transmit {
        /// From which of its own addresses.
        source: SocketAddr,
        /// To whom.
        destination: SocketAddr,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Something happened.
    Event(PeerEvent),
    /// Nothing more now; call [`Peer::handle_timeout`] at this moment at the latest.
    Timeout(Instant),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerEvent {
    /// The view has changed.
    Changed(Changes),
    /// The media transport stands, with this SRTP profile if the handshake showed one.
    Connected(Option<Profile>),
    /// A frame was opened.
    Frame(Frame),
    /// To be kept for the next start.
    Remember(Memory),
}

/// An opened frame of somebody else's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whose.
    pub participant: ParticipantId,
    /// Which track.
    pub track: TrackKind,
    /// The codec's bytes.
    pub bytes: Vec<u8>,
    /// Whether a decoder can start here.
    pub starts: bool,
    /// When it was opened.
    pub at: Instant,
}

/// A whole native client.
///
/// * Getters: [`call`](Self::call), [`profile`](Self::profile).
/// * Inputs: [`handle_socket_open`](Self::handle_socket_open), [`handle_socket_closed`](Self::handle_socket_closed),
///   [`handle_message`](Self::handle_message), [`handle_packet`](Self::handle_packet),
///   [`handle_timeout`](Self::handle_timeout), and [`act`](Self::act) for what the person does.
/// * Output: [`poll_output`](Self::poll_output), until it returns [`Output::Timeout`], after every call of the others.
pub struct Peer {
    call: Call,
    member: Member,
    sealer: Sealer,
    engine: Option<Engine>,
    device: SoftDevice,
    transport: Transport,
    addresses: Vec<SocketAddr>,
    clips: Clips,
    manners: Manners,
    sources: BTreeMap<u8, (ParticipantId, TrackKind)>,
    outputs: VecDeque<Output>,
    call_due: Timestamp,
    now: Now,
    #[cfg(feature = "unsealed-for-proof")]
    unsealed: bool,
}

impl Peer {
    /// Begins; poll at once.
    #[must_use]
    pub fn new(config: PeerConfig, now: Now) -> Self {
        let call = Call::new(config.beginning, now.wall);
        let member = Member::new(config.device.key(), config.memory);
        let mut peer = Self {
            call,
            member,
            sealer: Sealer::new(),
            engine: None,
            device: config.device,
            transport: config.transport,
            addresses: config.addresses,
            clips: config.clips,
            manners: config.manners,
            sources: BTreeMap::new(),
            outputs: VecDeque::new(),
            call_due: now.wall,
            now,
            #[cfg(feature = "unsealed-for-proof")]
            unsealed: config.unsealed,
        };
        peer.pump();
        peer
    }

    /// The call: view and phase.
    #[must_use]
    pub const fn call(&self) -> &Call {
        &self.call
    }

    /// The SRTP profile of the present connection, as the server's hello showed it.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        self.engine.as_ref().and_then(|engine| engine.profile)
    }

    /// Changes what it does by itself.
    pub const fn set_manners(&mut self, manners: Manners) {
        self.manners = manners;
    }

    /// The person does something.
    pub fn act<T>(&mut self, now: Now, act: impl FnOnce(&mut Call, Timestamp) -> T) -> T {
        self.now = now;
        let answer = act(&mut self.call, now.wall);
        self.pump();
        answer
    }

    /// The WebSocket stands.
    pub fn handle_socket_open(&mut self, now: Now) {
        self.act(now, Call::handle_socket_open);
    }

    /// The WebSocket is gone.
    pub fn handle_socket_closed(&mut self, now: Now) {
        self.act(now, Call::handle_socket_closed);
    }

    /// A binary message came over the WebSocket; what cannot be read is dropped.
    pub fn handle_message(&mut self, bytes: &[u8], now: Now) {
        if let Ok(message) = protocol::decode::<ServerMessage>(bytes) {
            self.act(now, |call, wall| call.handle_server(message, wall));
        }
    }

    /// A datagram came.
    pub fn handle_packet(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8], now: Now) {
        self.now = now;
        if let Some(engine) = &mut self.engine {
            engine.receive(source, destination, bytes, now.mono);
        }
        self.pump();
    }

    /// The moment of the last [`Output::Timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        if self.call_due <= now.wall {
            self.call.handle_timeout(now.wall);
        }
        if let Some(engine) = &mut self.engine {
            engine.timeout(now.mono);
        }
        self.pump();
        self.send_frames();
        self.pump();
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Timeout(self.next_timeout()))
    }

    fn next_timeout(&self) -> Instant {
        // The wall clock's moment, told by the other clock; an hour stands for never.
        let far = Duration::from_secs(3_600);
        let call = self.now.mono + self.call_due.since(self.now.wall).min(far);
        self.engine.as_ref().and_then(Engine::next).map_or(call, |engine| engine.min(call))
    }

    /// Hands on what the cores say to each other until all are quiet.
    fn pump(&mut self) {
        for _ in 0..ROUNDS_MAX {
            let quiet = !(self.pump_call() | self.pump_member() | self.pump_sealer() | self.pump_engine());
            if quiet && !self.mind_manners() {
                return;
            }
        }
    }

    fn pump_call(&mut self) -> bool {
        let mut busy = false;
        loop {
            match self.call.poll_output() {
                call::Output::Timeout(at) => {
                    self.call_due = at;
                    return busy;
                }
                call::Output::Send(message) => {
                    self.outputs.push_back(Output::Send(protocol::encode(&message)));
                }
                call::Output::Socket(command) => self.outputs.push_back(Output::Socket(command)),
                #[cfg(feature = "unsealed-for-proof")]
                call::Output::Group(command) if self.unsealed => self.group_command_unsealed(command),
                call::Output::Group(command) => self.member.handle_command(command, self.now.wall),
                call::Output::Frame(command) => self.frame_command(&command),
                call::Output::Media(command) => self.media_command(command),
                call::Output::View => {
                    let changes = self.call.take_changes();
                    self.outputs.push_back(Output::Event(PeerEvent::Changed(changes)));
                }
            }
            busy = true;
        }
    }

    fn pump_member(&mut self) -> bool {
        let mut busy = false;
        while let Some(output) = self.member.poll_output() {
            busy = true;
            match output {
                group::Output::Event(event) => self.call.handle_group(event, self.now.wall),
                group::Output::Keys(keys) => self.sealer.handle_keys(keys, self.now.wall),
                group::Output::SignWithDevice { ticket, bytes } => {
                    let signature = self.device.sign(&bytes);
                    self.member.handle_device_signature(ticket, &signature, self.now.wall);
                }
                group::Output::Remember(memory) => {
                    self.outputs.push_back(Output::Event(PeerEvent::Remember(memory)));
                }
            }
        }
        busy
    }

    fn pump_sealer(&mut self) -> bool {
        let mut busy = false;
        while let Some(event) = self.sealer.poll_event() {
            busy = true;
            self.call.handle_frame(&event, self.now.wall);
        }
        busy
    }

    fn pump_engine(&mut self) -> bool {
        let Some(engine) = &mut self.engine else { return false };
        let heard = core::mem::take(&mut engine.heard);
        let busy = !heard.is_empty();
        for heard in heard {
            match heard {
                Heard::Transmit { source, destination, bytes } => {
                    self.outputs.push_back(Output::Transmit { source, destination, bytes });
                }
                Heard::Connected => {
                    let profile = self.profile();
                    self.outputs.push_back(Output::Event(PeerEvent::Connected(profile)));
                    self.call.handle_media(MediaEvent::Connected, self.now.wall);
                }
                Heard::Failed => self.call.handle_media(MediaEvent::Failed, self.now.wall),
                Heard::Frame { line, bytes, whole } => self.take_frame(line, &bytes, whole),
            }
        }
        busy
    }

    /// Does what was asked for in place of a person; says whether it did anything.
    fn mind_manners(&mut self) -> bool {
        let wall = self.now.wall;
        if let (Some((microphone, camera)), Phase::Checking) = (self.manners.arrive, &self.call.view().phase)
        {
            return self.call.arrive(microphone, camera, wall).is_ok();
        }
        if !self.manners.admit_everyone {
            return false;
        }
        let possible = self
            .call
            .view()
            .lobby
            .iter()
            .find(|guest| guest.here && matches!(guest.letting_in, LettingIn::Possible { .. }));
        let Some(guest) = possible.map(|guest| guest.participant) else { return false };
        self.call.admit(guest, wall).is_ok()
    }

    fn frame_command(&mut self, command: &FrameCommand) {
        if let FrameCommand::Bind { line, source } = *command {
            match source {
                Some(source) => self.sources.insert(line, source),
                None => self.sources.remove(&line),
            };
        }
        self.sealer.handle_command(command);
    }

    fn media_command(&mut self, command: MediaCommand) {
        let (mono, wall) = (self.now.mono, self.now.wall);
        match command {
            MediaCommand::CreateOffer => match Engine::offer(self.transport, &self.addresses, mono) {
                Ok((engine, sdp)) => {
                    self.engine = Some(engine);
                    self.call.handle_media(MediaEvent::OfferReady { sdp }, wall);
                }
                Err(_) => self.call.handle_media(MediaEvent::Failed, wall),
            },
            MediaCommand::ApplyAnswer { sdp } => {
                let applied = self.engine.as_mut().map(|engine| engine.answer(&sdp, mono));
                if applied.is_some_and(|applied| applied.is_err()) {
                    self.call.handle_media(MediaEvent::Failed, wall);
                }
            }
            MediaCommand::Publish { track, on: true } if self.clips.of(track).is_none() => {
                self.call.handle_media(MediaEvent::TrackLost { track }, wall);
            }
            MediaCommand::Publish { track, on } => {
                if let Some(engine) = &mut self.engine {
                    engine.publish(track, on, mono);
                }
            }
            MediaCommand::StopAllTracks => {
                if let Some(engine) = &mut self.engine {
                    engine.stop_all();
                }
            }
            MediaCommand::Reconnect => self.engine = None,
            // There is no screen to blank: lines that may not be shown are not bound, so no frame comes out.
            MediaCommand::BlankAll | MediaCommand::Unblank => {}
        }
    }

    fn send_frames(&mut self) {
        let Now { wall, mono } = self.now;
        let Some(engine) = &mut self.engine else { return };
        for track in TrackKind::ALL {
            let Some(clip) = self.clips.of(track) else { continue };
            while let Some((picture, at)) = engine.take_due(track, clip, mono) {
                #[cfg(feature = "unsealed-for-proof")]
                if self.unsealed {
                    engine.write(track, &picture.bytes, at, mono);
                    continue;
                }
                // No key: the frame is dropped, never sent in the clear (SEC-018).
                if let Some(sealed) = self.sealer.seal(track, &picture.bytes, wall) {
                    engine.write(track, sealed, at, mono);
                }
            }
        }
    }

    fn take_frame(&mut self, line: u8, bytes: &[u8], whole: bool) {
        let Some((participant, track)) = self.sources.get(&line).copied() else { return };
        if !whole
            && !track.is_audio()
            && let Some(engine) = &mut self.engine
        {
            engine.want_key_frame(line, self.now.mono);
        }
        #[cfg(feature = "unsealed-for-proof")]
        if self.unsealed {
            return self.give(participant, track, bytes.to_vec());
        }
        if let Ok(opened) = self.sealer.open(line, bytes, self.now.wall) {
            let opened = opened.to_vec();
            self.give(participant, track, opened);
        }
    }

    /// Lines of chat go round the member and not through it; everything else is as ever.
    #[cfg(feature = "unsealed-for-proof")]
    fn group_command_unsealed(&mut self, command: GroupCommand) {
        let wall = self.now.wall;
        match command {
            GroupCommand::Seal(content @ Content::Chat { .. }) => {
                let Some(epoch) = &self.call.view().lock.epoch else { return };
                let sealed = Sealed { group: epoch.group, message: protocol::pack(&content) };
                self.call.handle_group(GroupEvent::SendSealed(sealed), wall);
            }
            GroupCommand::Open { from, sealed } => match protocol::unpack(&sealed.message) {
                Ok(content @ Content::Chat { .. }) => {
                    self.call.handle_group(GroupEvent::Opened { from, content }, wall);
                }
                _ => self.member.handle_command(GroupCommand::Open { from, sealed }, wall),
            },
            command => self.member.handle_command(command, wall),
        }
    }

    fn give(&mut self, participant: ParticipantId, track: TrackKind, bytes: Vec<u8>) {
        let starts = track.is_audio() || is_vp8_key_frame(&bytes);
        let frame = Frame { participant, track, bytes, starts, at: self.now.mono };
        self.outputs.push_back(Output::Event(PeerEvent::Frame(frame)));
    }
}
