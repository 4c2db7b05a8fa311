//! The peer connection: str0m at frame level, with the agreed m-lines.
//!
//! Frames reach the packetizer sealed. That works for VP8 because the payload descriptor stands outside the seal and
//! the one clear byte tells key frames; nothing here looks further into a frame.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ids::TrackKind;
use protocol::media::{LINES, Line, line};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, Frequency, KeyframeRequestKind, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::{Candidate, Event, IceConnectionState, Input, Rtc, RtcConfig};

use crate::clip::{Clip, Picture};
use crate::peer::Transport;
use crate::profile::{Profile, negotiated};

/// Outputs of one drain; more means that the stack below turns in circles.
const OUTPUTS_MAX: usize = 10_000;
/// Pause between two key frame requests of ours on one line.
const KEYFRAME_PAUSE: Duration = Duration::from_millis(500);
/// How far a clip may fall behind before what was missed is left out.
const BEHIND_MAX: Duration = Duration::from_millis(500);

/// The engine could not be made or the answer is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no peer connection")]
pub(crate) struct EngineError;

/// What the engine has to say.
#[derive(Debug)]
pub(crate) enum Heard {
    Transmit { source: SocketAddr, destination: SocketAddr, bytes: Vec<u8> },
    Connected,
    Failed,
    Frame { line: u8, bytes: Vec<u8>, whole: bool },
}

/// One track that is being sent.
struct Playing {
    place: usize,
    due: Instant,
}

/// One peer connection.
pub(crate) struct Engine {
    rtc: Rtc,
    protocol: Protocol,
    mids: Vec<Mid>,
    pending: Option<SdpPendingOffer>,
    born: Instant,
    next: Instant,
    connected: bool,
    dead: bool,
    playing: [Option<Playing>; 3],
    asked: [Option<Instant>; LINES],
    pub(crate) profile: Option<Profile>,
    pub(crate) heard: Vec<Heard>,
}

impl Engine {
    /// Makes the connection and its offer.
    pub(crate) fn offer(
        transport: Transport,
        addresses: &[SocketAddr],
        now: Instant,
    ) -> Result<(Self, String), EngineError> {
        let config = RtcConfig::new().clear_codecs().enable_opus(true, false).enable_vp8(true);
        let mut rtc = config.build(now);
        for address in addresses {
            rtc.add_local_candidate(candidate(transport, *address)?);
        }
        let mut api = rtc.sdp_api();
        let lines = (0..=u8::MAX).map_while(line);
        let mids = lines
            .map(|line| {
                let (track, direction) = match line {
                    Line::Send(track) => (track, Direction::SendOnly),
                    Line::Receive(track) => (track, Direction::RecvOnly),
                };
                let kind = if track.is_audio() { MediaKind::Audio } else { MediaKind::Video };
                api.add_media(kind, direction, None, None, None)
            })
            .collect();
        let (offer, pending) = api.apply().ok_or(EngineError)?;
        let engine = Self {
            rtc,
            protocol: match transport {
                Transport::Udp => Protocol::Udp,
                Transport::Tcp => Protocol::Tcp,
            },
            mids,
            pending: Some(pending),
            born: now,
            next: now,
            connected: false,
            dead: false,
            playing: [const { None }; 3],
            asked: [None; LINES],
            profile: None,
            heard: Vec::new(),
        };
        Ok((engine, offer.to_sdp_string()))
    }

    /// Takes the server's answer.
    pub(crate) fn answer(&mut self, sdp: &str, now: Instant) -> Result<(), EngineError> {
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(|_| EngineError)?;
        let pending = self.pending.take().ok_or(EngineError)?;
        self.rtc.sdp_api().accept_answer(pending, answer).map_err(|_| EngineError)?;
        self.timeout(now);
        Ok(())
    }

    /// Sends a track from now on, from the start of its clip, or stops.
    pub(crate) fn publish(&mut self, track: TrackKind, on: bool, now: Instant) {
        if let Some(playing) = self.playing.get_mut(usize::from(track.number())) {
            *playing = on.then_some(Playing { place: 0, due: now });
        }
    }

    pub(crate) fn stop_all(&mut self) {
        self.playing = [const { None }; 3];
    }

    /// Takes a packet from the network.
    pub(crate) fn receive(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
        now: Instant,
    ) {
        if self.profile.is_none() {
            self.profile = negotiated(bytes);
        }
        let Ok(receive) = Receive::new(self.protocol, source, destination, bytes) else { return };
        let input = Input::Receive(now, receive);
        if self.rtc.accepts(&input) && self.rtc.handle_input(input).is_err() {
            self.fail();
        }
        self.drain();
    }

    pub(crate) fn timeout(&mut self, now: Instant) {
        if self.rtc.handle_input(Input::Timeout(now)).is_err() {
            self.fail();
        }
        self.drain();
    }

    /// When [`Self::timeout`] or [`Self::take_due`] has something to do.
    pub(crate) fn next(&self) -> Option<Instant> {
        if self.dead {
            return None;
        }
        let frames = self.playing.iter().flatten().map(|playing| playing.due).filter(|_| self.connected);
        frames.chain([self.next]).min()
    }

    /// The frame of this track that is to be sent by now, and its moment.
    pub(crate) fn take_due<'c>(
        &mut self,
        track: TrackKind,
        clip: &'c Clip,
        now: Instant,
    ) -> Option<(&'c Picture, Instant)> {
        let playing = self.playing.get_mut(usize::from(track.number()))?.as_mut()?;
        if !self.connected || playing.due > now {
            return None;
        }
        if now.saturating_duration_since(playing.due) > BEHIND_MAX {
            playing.due = now;
        }
        let at = playing.due;
        let picture = clip.frames().get(playing.place).or_else(|| clip.frames().first())?;
        playing.place = playing.place.saturating_add(1);
        if playing.place >= clip.frames().len() {
            playing.place = 0;
        }
        playing.due += clip.pace();
        Some((picture, at))
    }

    /// Sends one frame, sealed already.
    pub(crate) fn write(&mut self, track: TrackKind, frame: &[u8], at: Instant, now: Instant) {
        let (codec, clock) = if track.is_audio() {
            (Codec::Opus, Frequency::FORTY_EIGHT_KHZ)
        } else {
            (Codec::Vp8, Frequency::NINETY_KHZ)
        };
        let passed = at.saturating_duration_since(self.born).as_micros();
        let Ok(passed) = u64::try_from(passed) else { return };
        let time = MediaTime::from_micros(passed).rebase(clock);
        let Some(mid) = self.mids.get(usize::from(track.number())) else { return };
        let Some(writer) = self.rtc.writer(*mid) else { return };
        let payload_type =
            writer.payload_params().find(|params| params.spec().codec == codec).map(|p| p.pt());
        let Some(payload_type) = payload_type else { return };
        if writer.write(payload_type, at, time, frame).is_err() {
            self.fail();
        }
        self.timeout(now);
    }

    /// Asks for a key frame on a receiving line, not in storms.
    pub(crate) fn want_key_frame(&mut self, line: u8, now: Instant) {
        let Some(asked) = self.asked.get_mut(usize::from(line)) else { return };
        if asked.is_some_and(|at| now < at + KEYFRAME_PAUSE) {
            return;
        }
        *asked = Some(now);
        let Some(mut writer) = self.mids.get(usize::from(line)).and_then(|mid| self.rtc.writer(*mid)) else {
            return;
        };
        // Before the first packet there is nobody to ask; the room asks by itself when the key is in use.
        if writer.request_keyframe(None, KeyframeRequestKind::Pli).is_ok() {
            self.timeout(now);
        }
    }

    fn fail(&mut self) {
        if !self.dead {
            self.dead = true;
            self.connected = false;
            self.heard.push(Heard::Failed);
        }
    }

    fn drain(&mut self) {
        for _ in 0..OUTPUTS_MAX {
            match self.rtc.poll_output() {
                Ok(str0m::Output::Timeout(at)) => {
                    self.next = at;
                    if !self.rtc.is_alive() {
                        self.fail();
                    }
                    return;
                }
                Ok(str0m::Output::Transmit(transmit)) => self.heard.push(Heard::Transmit {
                    source: transmit.source,
                    destination: transmit.destination,
                    bytes: transmit.contents.into(),
                }),
                Ok(str0m::Output::Event(event)) => self.hear(event),
                Err(_) => return self.fail(),
            }
        }
        self.fail();
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Connected => {
                self.connected = true;
                self.heard.push(Heard::Connected);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.fail(),
            Event::MediaData(data) => {
                if let Some(line) = self.line_of(data.mid) {
                    let whole = data.contiguous;
                    self.heard.push(Heard::Frame { line, bytes: data.data.to_vec(), whole });
                }
            }
            // The clip starts again: its first frame is a key frame.
            Event::KeyframeRequest(request) => {
                let track = self.line_of(request.mid).map(usize::from);
                if let Some(playing) = track.and_then(|track| self.playing.get_mut(track)?.as_mut()) {
                    playing.place = 0;
                }
            }
            _ => {}
        }
    }

    fn line_of(&self, mid: Mid) -> Option<u8> {
        let index = self.mids.iter().position(|known| *known == mid)?;
        u8::try_from(index).ok()
    }
}

/// One of our own addresses as ICE knows it; over TCP it is we who connect (RFC 6544).
fn candidate(transport: Transport, address: SocketAddr) -> Result<Candidate, EngineError> {
    let candidate = match transport {
        Transport::Udp => Candidate::builder().udp().host(address).build(),
        Transport::Tcp => Candidate::builder().tcp().host(address).tcptype(TcpType::Active).build(),
    };
    candidate.map_err(|_| EngineError)
}
