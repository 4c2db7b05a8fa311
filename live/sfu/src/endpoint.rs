//! One participant's connection: an `Rtc` of str0m in RTP mode behind our own words.
//!
//! A panic inside str0m kills this endpoint alone. After each mutation the `Rtc` is drained to its timeout, as its
//! contract asks.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use ids::TrackKind;
use protocol::media::{LINES, Line, SENDING_LINES, line};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Frequency, KeyframeRequestKind, Mid, Pt};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::rtp::{Extension, ExtensionMap, RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, IceCreds, Input, Rtc, RtcConfig};

use crate::leg::{Leg, Outgoing};
use crate::offer::{CleanOffer, OfferError, constant_bitrate, group_places};
use crate::path::{Path, Paths};
use crate::srtp::{Profile, gcm_only, negotiated_profile};
use crate::types::{IceSecrets, Output, Packet, SfuConfig, Transmit, Transport};

/// SSRCs that one client may use; three tracks need three, and a few replacements are borne.
const SSRCS_MAX: usize = 12;
/// Errors of the stack below before an endpoint counts as dead.
const ERRORS_MAX: u32 = 100;
/// Pause after an error of the stack below.
const ERROR_PAUSE: Duration = Duration::from_millis(50);
/// Outputs of one drain; more means that the stack below turns in circles.
const OUTPUTS_MAX: usize = 10_000;
/// Packets kept for each picture line to answer NACKs.
const SEND_BUFFER_PACKETS: usize = 512;

/// What an endpoint has to say to the forwarder.
pub(crate) enum Heard {
    /// The transport stands.
    Connected,
    /// A packet on the line of this track.
    Media { track: TrackKind, packet: Box<RtpPacket> },
    /// The receiver needs a key frame on this line.
    KeyframeWanted { line: u8 },
    /// The endpoint is gone.
    Dead,
}

/// Where an endpoint puts what it produces.
pub(crate) struct Sink<'a> {
    pub(crate) outputs: &'a mut VecDeque<Output>,
    pub(crate) heard: &'a mut Vec<Heard>,
}

/// One connection.
pub(crate) struct Endpoint {
    rtc: Rtc,
    /// Counts connections over the life of the forwarder.
    pub(crate) connection: u64,
    mids: [Mid; LINES],
    ssrcs: Vec<(Ssrc, TrackKind)>,
    legs: Vec<Leg>,
    sound: Pt,
    picture: Pt,
    profile: Option<Profile>,
    paths: Paths,
    next: Instant,
    errors: u32,
    alive: bool,
}

impl Endpoint {
    /// Answers an offer.
    pub(crate) fn accept(
        config: &SfuConfig,
        offer: CleanOffer,
        secrets: IceSecrets,
        connection: u64,
        now: Instant,
    ) -> Result<(Self, String), OfferError> {
        let mids = offer.mids;
        let made = catch_unwind(AssertUnwindSafe(|| {
            let mut rtc = rtc_config(secrets).build(now);
            add_candidates(&mut rtc, config);
            let answer = rtc.sdp_api().accept_offer(offer.sdp).map_err(|_| OfferError::Malformed)?;
            Ok((rtc, answer.to_sdp_string()))
        }));
        let (rtc, answer) = made.map_err(|_| OfferError::Internal)??;
        Self::answered(rtc, mids, &answer, connection, now)
    }

    /// The connection behind an answer, if it is one that can be used.
    fn answered(
        rtc: Rtc,
        mids: [Mid; LINES],
        answer: &str,
        connection: u64,
        now: Instant,
    ) -> Result<(Self, String), OfferError> {
        let payload_type = |codec| {
            let params = rtc.codec_config().find(|p| p.spec().codec == codec).map(|p| p.pt());
            params.ok_or(OfferError::Unsupported)
        };
        let (sound, picture) = (payload_type(Codec::Opus)?, payload_type(Codec::Vp8)?);
        let negotiated = |mid: &Mid| rtc.media(*mid).is_some_and(|media| !media.remote_pts().is_empty());
        if !mids.iter().all(negotiated) {
            return Err(OfferError::Unsupported);
        }
        let legs = (0..=u8::MAX).map_while(line).filter_map(|line| match line {
            Line::Receive(track) => Some(Leg::new(track)),
            Line::Send(_) => None,
        });
        let legs = legs.collect();
        let endpoint = Self {
            rtc,
            connection,
            mids,
            ssrcs: Vec::new(),
            legs,
            sound,
            picture,
            profile: None,
            paths: Paths::default(),
            next: now,
            errors: 0,
            alive: true,
        };
        Ok((endpoint, constant_bitrate(&group_places(answer))))
    }

    /// How its packets travel, once the client has chosen a way.
    pub(crate) fn transport(&self) -> Option<Transport> {
        self.paths.current().map(|path| path.transport)
    }

    /// Takes a packet; `false` when it is not this endpoint's.
    pub(crate) fn receive(&mut self, packet: &Packet<'_>, now: Instant, sink: &mut Sink<'_>) -> bool {
        let proto = match packet.transport {
            Transport::Udp => Protocol::Udp,
            Transport::Tcp => Protocol::Tcp,
        };
        let received = self.guarded(sink, |this| {
            let Ok(receive) = Receive::new(proto, packet.source, packet.destination, packet.bytes) else {
                return false;
            };
            let input = Input::Receive(now, receive);
            if !this.rtc.accepts(&input) {
                return false;
            }
            if this.rtc.handle_input(input).is_err() {
                this.errors += 1;
            }
            true
        });
        if received == Some(true) {
            self.paths.accepted(packet, now);
            self.drain(now, sink);
        }
        received == Some(true)
    }

    /// Lets time pass.
    pub(crate) fn timeout(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.guarded(sink, |this| {
            if this.rtc.handle_input(Input::Timeout(now)).is_err() {
                this.errors += 1;
            }
        });
        self.drain(now, sink);
    }

    /// When [`Self::timeout`] is due.
    pub(crate) const fn next(&self) -> Instant {
        self.next
    }

    /// The SRTP profile, once the handshake has come so far.
    pub(crate) const fn profile(&self) -> Option<Profile> {
        self.profile
    }

    /// The leg on this receiving m-line.
    pub(crate) fn leg(&mut self, line: u8) -> Option<&mut Leg> {
        self.legs.get_mut(usize::from(line).checked_sub(SENDING_LINES)?)
    }

    /// All legs with their m-lines.
    pub(crate) fn legs(&mut self) -> impl Iterator<Item = (u8, &mut Leg)> {
        (0..=u8::MAX).skip(SENDING_LINES).zip(&mut self.legs)
    }

    /// Asks the client for a key frame of a track; `false` when no packet of it has come yet.
    pub(crate) fn request_keyframe(&mut self, track: TrackKind, now: Instant, sink: &mut Sink<'_>) -> bool {
        let Some(ssrc) = self.ssrcs.iter().rev().find(|(_, of)| *of == track).map(|(ssrc, _)| *ssrc) else {
            return false;
        };
        self.guarded(sink, |this| {
            if let Some(stream) = this.rtc.direct_api().stream_rx(&ssrc) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        });
        self.timeout(now, sink);
        true
    }

    /// Sends a packet on a receiving m-line of this client, at the moment when it arrived.
    pub(crate) fn send(&mut self, line: u8, packet: &RtpPacket, out: &Outgoing, sink: &mut Sink<'_>) {
        let Some(mid) = self.mids.get(usize::from(line)).copied() else { return };
        let picture = crate::forwarder::is_picture(line);
        let payload_type = if picture { self.picture } else { self.sound };
        self.guarded(sink, |this| {
            let mut direct = this.rtc.direct_api();
            let Some(stream) = direct.stream_tx_by_mid(mid, None) else { return };
            let (sequence, payload) = (out.sequence.into(), packet.payload.clone());
            let write = RtpWrite::new(payload_type, sequence, out.time, packet.timestamp, payload)
                .marker(packet.header.marker)
                .nackable(picture);
            stream.write_rtp(match out.patch {
                Some(patch) => write.vp8_patch(patch),
                None => write,
            });
        });
        self.timeout(packet.timestamp, sink);
    }

    /// Closes the connection with a goodbye, as far as it is up.
    pub(crate) fn close(&mut self, now: Instant, sink: &mut Sink<'_>) {
        self.guarded(sink, |this| this.rtc.close().is_ok());
        self.drain(now, sink);
    }

    /// Runs something on str0m; a panic there ends this endpoint and nothing else.
    fn guarded<T>(&mut self, sink: &mut Sink<'_>, run: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if !self.alive {
            return None;
        }
        let result = catch_unwind(AssertUnwindSafe(|| run(&mut *self))).ok();
        if result.is_none() || self.errors > ERRORS_MAX {
            self.die(sink);
        }
        result
    }

    fn die(&mut self, sink: &mut Sink<'_>) {
        if self.alive {
            self.alive = false;
            sink.heard.push(Heard::Dead);
        }
    }

    fn drain(&mut self, now: Instant, sink: &mut Sink<'_>) {
        for _ in 0..OUTPUTS_MAX {
            match self.guarded(sink, |this| this.rtc.poll_output()) {
                None => return,
                Some(Ok(str0m::Output::Timeout(at))) => {
                    self.next = at;
                    if !self.rtc.is_alive() {
                        self.die(sink);
                    }
                    return;
                }
                Some(Ok(str0m::Output::Transmit(transmit))) => self.transmit(transmit, sink),
                Some(Ok(str0m::Output::Event(event))) => self.hear(event, sink),
                Some(Err(_)) => {
                    self.errors += 1;
                    self.next = now + ERROR_PAUSE;
                    if !self.rtc.is_alive() {
                        self.die(sink);
                    }
                    return;
                }
            }
        }
        self.die(sink);
    }

    /// STUN goes back to where it came from; everything else goes the way in use.
    fn transmit(&mut self, transmit: str0m::net::Transmit, sink: &mut Sink<'_>) {
        let transport = match transmit.proto {
            Protocol::Udp => Transport::Udp,
            Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => Transport::Tcp,
        };
        if self.profile.is_none() {
            self.profile = negotiated_profile(&transmit.contents);
        }
        let asked = Path { transport, client: transmit.destination, server: transmit.source };
        let is_stun = transmit.contents.first().is_some_and(|first| *first < 4);
        let path = self.paths.current().filter(|_| !is_stun).unwrap_or(asked);
        sink.outputs.push_back(Output::Transmit(Transmit {
            transport: path.transport,
            source: path.server,
            destination: path.client,
            bytes: transmit.contents.into(),
        }));
    }

    fn hear(&mut self, event: Event, sink: &mut Sink<'_>) {
        match event {
            Event::Connected => sink.heard.push(Heard::Connected),
            Event::RtpPacket(packet) => {
                if let Some(track) = self.track_of(packet.header.ssrc) {
                    sink.heard.push(Heard::Media { track, packet: Box::new(packet) });
                }
            }
            Event::KeyframeRequest(request) => {
                let index = self.mids.iter().position(|mid| *mid == request.mid);
                if let Some(line) = index.and_then(|index| u8::try_from(index).ok()) {
                    sink.heard.push(Heard::KeyframeWanted { line });
                }
            }
            _ => {}
        }
    }

    /// The track that an SSRC belongs to, fixed by the m-line on which its first packet came (SEC-022).
    fn track_of(&mut self, ssrc: Ssrc) -> Option<TrackKind> {
        if let Some((_, track)) = self.ssrcs.iter().find(|(known, _)| *known == ssrc) {
            return Some(*track);
        }
        let mid = self.rtc.direct_api().stream_rx(&ssrc)?.mid();
        let index = self.mids.iter().position(|known| *known == mid)?;
        let Some(Line::Send(track)) = u8::try_from(index).ok().and_then(line) else { return None };
        if self.ssrcs.len() >= SSRCS_MAX {
            return None;
        }
        self.ssrcs.push((ssrc, track));
        Some(track)
    }
}

/// Answers an offer as [`Endpoint::accept`] does, but with one certificate for all: to make one costs a hundred times the
/// rest. A panic is not caught.
pub(crate) fn fuzz_accept(offer: CleanOffer, now: Instant) {
    use std::sync::OnceLock;

    use str0m::crypto::dtls::DtlsCert;

    static CERTIFICATE: OnceLock<Option<DtlsCert>> = OnceLock::new();
    let certificate = CERTIFICATE.get_or_init(|| gcm_only().dtls_provider.generate_certificate());
    let Some(certificate) = certificate.clone() else { return };
    let secrets = IceSecrets { ufrag: "fuzzfuzz".to_owned(), password: "fuzz".repeat(6) };
    let mut rtc = rtc_config(secrets).set_dtls_cert(certificate).build(now);
    add_candidates(&mut rtc, &SfuConfig::default());
    let Ok(answer) = rtc.sdp_api().accept_offer(offer.sdp) else { return };
    if let Ok((mut endpoint, _)) = Endpoint::answered(rtc, offer.mids, &answer.to_sdp_string(), 0, now) {
        let (mut outputs, mut heard) = (VecDeque::new(), Vec::new());
        endpoint.drain(now, &mut Sink { outputs: &mut outputs, heard: &mut heard });
    }
}

fn rtc_config(secrets: IceSecrets) -> RtcConfig {
    let mut config = RtcConfig::new()
        .set_crypto_provider(gcm_only())
        .set_local_ice_credentials(IceCreds { ufrag: secrets.ufrag, pass: secrets.password })
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_send_buffer_video(SEND_BUFFER_PACKETS)
        .set_extension_map(extensions())
        .clear_codecs()
        .enable_vp8(true);
    config.codec_config().add_config(
        Pt::new_with_value(111),
        None,
        Codec::Opus,
        Frequency::FORTY_EIGHT_KHZ,
        Some(2),
        // Without discontinuous transmission: a silence that is not sent shows who speaks.
        FormatParams {
            min_p_time: Some(10),
            use_inband_fec: Some(true),
            use_dtx: Some(false),
            ..FormatParams::default()
        },
    );
    config
}

/// No audio level and no orientation: what is not negotiated is not sent, and cannot leak.
fn extensions() -> ExtensionMap {
    let mut extensions = ExtensionMap::empty();
    extensions.set(3, Extension::TransportSequenceNumber);
    extensions.set(4, Extension::RtpMid);
    extensions
}

/// The server's own candidates, the only ones that ever stand in an answer.
fn add_candidates(rtc: &mut Rtc, config: &SfuConfig) {
    let udp = config.udp.iter().filter_map(|address| Candidate::host(*address, "udp").ok());
    let tcp = config.tcp.iter().filter_map(|address| {
        Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build().ok()
    });
    for candidate in udp.chain(tcp) {
        rtc.add_local_candidate(candidate);
    }
}

#[cfg(test)]
mod tests {
    use protocol::media::LINES;
    use str0m::media::{Direction, MediaKind};

    use super::*;

    fn endpoint() -> Endpoint {
        let now = crate::test_start();
        let mut client = Rtc::new(now);
        let mut api = client.sdp_api();
        for index in 0..u8::try_from(LINES).expect("few lines") {
            let (track, direction) = match line(index).expect("below the count") {
                Line::Send(track) => (track, Direction::SendOnly),
                Line::Receive(track) => (track, Direction::RecvOnly),
            };
            let kind = if track == TrackKind::Microphone { MediaKind::Audio } else { MediaKind::Video };
            api.add_media(kind, direction, None, None, None);
        }
        let (offer, _) = api.apply().expect("there are changes");
        let offer = crate::offer::take_in(&offer.to_sdp_string()).expect("a good offer");
        let secrets = IceSecrets { ufrag: "room0001".to_owned(), password: "p".repeat(22) };
        let (endpoint, _) =
            Endpoint::accept(&SfuConfig::default(), offer, secrets, 1, now).expect("answered");
        endpoint
    }

    #[test]
    fn a_panic_in_one_stack_ends_that_endpoint_and_is_told_once() {
        let mut endpoint = endpoint();
        let (mut outputs, mut heard) = (VecDeque::new(), Vec::new());
        let mut sink = Sink { outputs: &mut outputs, heard: &mut heard };
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let result = endpoint.guarded(&mut sink, |_| -> () { panic!("as if str0m had a fault") });
        std::panic::set_hook(hook);
        assert_eq!(result, None);
        endpoint.timeout(crate::test_start(), &mut sink);
        assert!(matches!(heard.as_slice(), [Heard::Dead]));
    }
}
