//! A forwarder, some clients and the air between them; time stands still unless a test moves it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ids::{Capabilities, ParticipantId, TrackKind};
use protocol::media::{LINES, Line, line};
use sfu::{
    Forwarder, IceSecrets, MediaGrant, OfferError, Output, Packet, SfuConfig, SfuEvent, Transmit, Transport,
};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequest, MediaKind, Mid};
use str0m::net::{Protocol, Receive, TcpType};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Rtc, RtcConfig};

/// One way through the air.
const LATENCY: Duration = Duration::from_millis(10);
/// How far time moves at once.
const STEP: Duration = Duration::from_millis(5);
pub(crate) const SERVER_UDP: ([u8; 4], u16) = ([203, 0, 113, 1], 443);

/// A packet that a client received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) line: u8,
    pub(crate) sequence: u64,
    pub(crate) time: u32,
    pub(crate) marker: bool,
    pub(crate) payload: Vec<u8>,
}

/// A browser's side of one connection.
pub(crate) struct Client {
    pub(crate) rtc: Rtc,
    pub(crate) address: SocketAddr,
    pub(crate) transport: Transport,
    mids: Vec<Mid>,
    pending: Option<SdpPendingOffer>,
    pub(crate) received: Vec<Received>,
    pub(crate) keyframe_requests: Vec<KeyframeRequest>,
    pub(crate) connected: bool,
    sequences: [u64; 3],
}

/// Everything of one test.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) forwarder: Forwarder,
    pub(crate) clients: BTreeMap<ParticipantId, Client>,
    pub(crate) events: Vec<SfuEvent>,
    air: VecDeque<(Instant, Hop)>,
    pub(crate) answers: Vec<String>,
    /// Loses the next packet of media on its way to a client.
    pub(crate) drop_next_media_down: bool,
}

enum Hop {
    Up(Transmit),
    Down(Transmit),
}

pub(crate) fn person(number: u8) -> ParticipantId {
    ParticipantId::from_bytes([number; 16])
}

pub(crate) fn address(number: u8) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, number], 40_000))
}

fn secrets(number: usize) -> IceSecrets {
    IceSecrets { ufrag: format!("room{number:04}"), password: format!("password{number:020}") }
}

impl Client {
    pub(crate) fn new(address: SocketAddr, transport: Transport, now: Instant) -> (Self, String) {
        Self::with_config(RtcConfig::new(), address, transport, now)
    }

    pub(crate) fn with_config(
        config: RtcConfig,
        address: SocketAddr,
        transport: Transport,
        now: Instant,
    ) -> (Self, String) {
        let mut rtc = config.set_rtp_mode(true).build(now);
        rtc.add_local_candidate(candidate(address, transport));
        let mut api = rtc.sdp_api();
        let mut mids = Vec::new();
        for index in 0..u8::try_from(LINES).expect("few lines") {
            let (track, direction) = match line(index).expect("below the count") {
                Line::Send(track) => (track, Direction::SendOnly),
                Line::Receive(track) => (track, Direction::RecvOnly),
            };
            let kind = if track == TrackKind::Microphone { MediaKind::Audio } else { MediaKind::Video };
            mids.push(api.add_media(kind, direction, None, None, None));
        }
        let (offer, pending) = api.apply().expect("there are changes");
        let client = Self {
            rtc,
            address,
            transport,
            mids,
            pending: Some(pending),
            received: Vec::new(),
            keyframe_requests: Vec::new(),
            connected: false,
            sequences: [1_000, 2_000, 3_000],
        };
        (client, offer.to_sdp_string())
    }

    pub(crate) fn take_answer(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("the answer is SDP");
        let pending = self.pending.take().expect("one answer for one offer");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("the answer fits the offer");
    }

    pub(crate) fn mid(&self, line: u8) -> Mid {
        self.mids[usize::from(line)]
    }

    /// Writes one packet on a sending line.
    pub(crate) fn write(&mut self, track: TrackKind, payload: &[u8], now: Instant) {
        let number = usize::from(track.number());
        let codec = if track == TrackKind::Microphone { Codec::Opus } else { Codec::Vp8 };
        let params = self.rtc.codec_config().find(|p| p.spec().codec == codec).expect("agreed upon");
        let payload_type = params.pt();
        let mid = self.mids[number];
        let sequence = self.sequences[number];
        self.sequences[number] += 1;
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(mid, None).expect("a sending line has a stream");
        let time = u32::try_from(sequence * 3_000).expect("tests are short");
        let write = RtpWrite::new(payload_type, sequence.into(), time, now, payload);
        stream.write_rtp(write.marker(true).nackable(codec == Codec::Vp8));
    }
}

pub(crate) fn candidate(address: SocketAddr, transport: Transport) -> Candidate {
    match transport {
        Transport::Udp => Candidate::host(address, "udp"),
        Transport::Tcp => Candidate::builder().tcp().host(address).tcptype(TcpType::Active).build(),
    }
    .expect("a usable address")
}

const fn protocol_of(transport: Transport) -> Protocol {
    match transport {
        Transport::Udp => Protocol::Udp,
        Transport::Tcp => Protocol::Tcp,
    }
}

impl World {
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can come from nowhere else; tests only count from it"
    )]
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let server = SocketAddr::from(SERVER_UDP);
        let config = SfuConfig { udp: vec![server], tcp: vec![server] };
        Self {
            now,
            forwarder: Forwarder::new(config, now),
            clients: BTreeMap::new(),
            events: Vec::new(),
            air: VecDeque::new(),
            answers: Vec::new(),
            drop_next_media_down: false,
        }
    }

    /// A world in which this many people are connected and let in.
    pub(crate) fn with_people(count: u8) -> Self {
        let mut world = Self::new();
        for number in 1..=count {
            world.join(person(number));
            world.open(person(number));
        }
        world.run_until_connected();
        world
    }

    pub(crate) fn join(&mut self, who: ParticipantId) {
        self.join_from(who, address(who.as_bytes()[0]), Transport::Udp);
    }

    pub(crate) fn join_from(&mut self, who: ParticipantId, address: SocketAddr, transport: Transport) {
        let (client, offer) = Client::new(address, transport, self.now);
        self.introduce(who, client, &offer).expect("a good offer is answered");
    }

    pub(crate) fn introduce(
        &mut self,
        who: ParticipantId,
        mut client: Client,
        offer: &str,
    ) -> Result<(), OfferError> {
        let answer = self.forwarder.connect(who, offer, secrets(self.answers.len()), self.now)?;
        client.take_answer(&answer);
        self.answers.push(answer);
        self.clients.insert(who, client);
        self.collect();
        Ok(())
    }

    pub(crate) fn open(&mut self, who: ParticipantId) {
        self.forwarder.open(MediaGrant::mint(who, &Capabilities::MEMBER), self.now);
        self.collect();
    }

    pub(crate) fn client(&mut self, who: ParticipantId) -> &mut Client {
        self.clients.get_mut(&who).expect("a client of this test")
    }

    /// Everybody sends one packet on a track, then time passes.
    pub(crate) fn speak(&mut self, who: ParticipantId, track: TrackKind, payload: &[u8]) {
        let now = self.now;
        self.client(who).write(track, payload, now);
        self.run_for(STEP);
    }

    pub(crate) fn run_until_connected(&mut self) {
        for _ in 0..1_000 {
            if self.clients.values().all(|client| client.connected) {
                self.run_for(LATENCY * 3);
                return;
            }
            self.run_for(STEP);
        }
        panic!("not connected within five seconds");
    }

    pub(crate) fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            self.now = end.min(self.now + STEP);
            self.deliver();
            self.forwarder.handle_timeout(self.now);
            self.collect();
            self.drive_clients();
        }
    }

    fn deliver(&mut self) {
        let due = self.air.iter().take_while(|(at, _)| *at <= self.now).count();
        let hops: Vec<Hop> = self.air.drain(..due).map(|(_, hop)| hop).collect();
        for hop in hops {
            match hop {
                Hop::Up(sent) => {
                    let Transmit { transport, source, destination, bytes } = sent;
                    let packet = Packet { transport, source, destination, bytes: &bytes };
                    self.forwarder.handle_packet(self.now, &packet);
                    self.collect();
                }
                Hop::Down(sent) => self.hand_down(&sent),
            }
        }
    }

    fn hand_down(&mut self, sent: &Transmit) {
        let now = self.now;
        let proto = protocol_of(sent.transport);
        for client in self.clients.values_mut().filter(|client| client.address == sent.destination) {
            let receive =
                Receive::new(proto, sent.source, sent.destination, &sent.bytes).expect("our own packet");
            client.rtc.handle_input(Input::Receive(now, receive)).expect("a sane client");
            // Every packet is drained before the next: str0m keeps one event.
            let sent = client.drain();
            self.air.extend(sent.into_iter().map(|sent| (now + LATENCY, Hop::Up(sent))));
        }
    }

    fn collect(&mut self) {
        loop {
            match self.forwarder.poll_output() {
                Output::Transmit(sent) if self.drop_next_media_down && is_media(&sent.bytes) => {
                    self.drop_next_media_down = false;
                }
                Output::Transmit(sent) => self.air.push_back((self.now + LATENCY, Hop::Down(sent))),
                Output::Event(event) => self.events.push(event),
                Output::Timeout(_) => return,
            }
        }
    }

    fn drive_clients(&mut self) {
        let now = self.now;
        for client in self.clients.values_mut() {
            let sent = client.drive(now);
            self.air.extend(sent.into_iter().map(|sent| (now + LATENCY, Hop::Up(sent))));
        }
    }

    /// Puts foreign bytes on the air towards the server.
    pub(crate) fn inject(&mut self, sent: Transmit) {
        self.air.push_back((self.now, Hop::Up(sent)));
    }

    /// What one client received on one line, in order of arrival.
    pub(crate) fn received(&mut self, who: ParticipantId, line: u8) -> Vec<Received> {
        self.client(who).received.iter().filter(|r| r.line == line).cloned().collect()
    }
}

impl Client {
    pub(crate) fn drive(&mut self, now: Instant) -> Vec<Transmit> {
        self.rtc.handle_input(Input::Timeout(now)).expect("a sane client");
        self.drain()
    }

    fn drain(&mut self) -> Vec<Transmit> {
        let mut sent = Vec::new();
        loop {
            match self.rtc.poll_output().expect("a sane client") {
                str0m::Output::Timeout(_) => return sent,
                str0m::Output::Transmit(transmit) => sent.push(Transmit {
                    transport: self.transport,
                    source: self.address,
                    destination: transmit.destination,
                    bytes: transmit.contents.into(),
                }),
                str0m::Output::Event(event) => self.hear(event),
            }
        }
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::KeyframeRequest(request) => self.keyframe_requests.push(request),
            Event::RtpPacket(packet) => {
                let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
                let index = self.mids.iter().position(|known| Some(*known) == mid).expect("on a known line");
                self.received.push(Received {
                    line: u8::try_from(index).expect("few lines"),
                    sequence: *packet.seq_no,
                    time: packet.header.timestamp,
                    marker: packet.header.marker,
                    payload: packet.payload.to_vec(),
                });
            }
            _ => {}
        }
    }
}

/// RTP and not RTCP (RFC 5761 §4).
fn is_media(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|b| (128..192).contains(b))
        && bytes.get(1).is_some_and(|b| !(64..96).contains(&(b & 0x7f)))
}

/// A packet of a key frame, with a picture id; the rest is noise.
pub(crate) fn key_packet(picture: u8, noise: u8) -> Vec<u8> {
    picture_packet(picture, noise, 0x00)
}

/// A packet of a frame that leans on others.
pub(crate) fn delta_packet(picture: u8, noise: u8) -> Vec<u8> {
    picture_packet(picture, noise, 0x01)
}

fn picture_packet(picture: u8, noise: u8, clear: u8) -> Vec<u8> {
    let mut packet = vec![0x90, 0x80, 0x80, picture, clear];
    packet.extend((0..200_u8).map(|i| i.wrapping_mul(31).wrapping_add(noise)));
    packet
}
