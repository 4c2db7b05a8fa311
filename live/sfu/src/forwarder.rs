//! One session's media: who is connected, who may be heard and seen, and which packet goes where.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use ids::{PEERS_MAX, ParticipantId, TrackKind, WAITING_MAX};
use protocol::media::{Line, line};
use protocol::wire::{MediaState, Slot};
use str0m::rtp::RtpPacket;

use crate::demux::Demux;
use crate::endpoint::{Endpoint, Heard, Sink};
use crate::grant::MediaGrant;
use crate::keyframe::{KeyframeLimiter, Shape};
use crate::leg::{Incoming, Run, Verdict};
use crate::offer::{self, OfferError};
use crate::places::{Places, Shown};
use crate::srtp::Profile;
use crate::types::{IceSecrets, Output, Packet, SfuConfig, SfuEvent, Transport};
use crate::watch::Watch;

/// Connections in one session: everybody inside and everybody who waits.
const CONNECTIONS_MAX: usize = PEERS_MAX + WAITING_MAX;
/// RFC 8839 §5.4.
const UFRAG_CHARS: core::ops::RangeInclusive<usize> = 4..=256;
const PASSWORD_CHARS: core::ops::RangeInclusive<usize> = 22..=256;
/// The moment that stands for "no deadline".
const FAR: Duration = Duration::from_secs(3_600);

/// The forwarder of one session.
///
/// Commands: [`connect`](Self::connect), [`disconnect`](Self::disconnect), [`open`](Self::open),
/// [`pause`](Self::pause), [`set_screen`](Self::set_screen), [`set_sending`](Self::set_sending),
/// [`request_keyframes`](Self::request_keyframes).
/// Input: [`handle_packet`](Self::handle_packet), [`handle_timeout`](Self::handle_timeout).
/// Output: [`poll_output`](Self::poll_output), until it returns [`Output::Timeout`], after every call of the others.
/// Getters: [`accepts`](Self::accepts), [`profile`](Self::profile), [`slots`](Self::slots),
/// [`media_states`](Self::media_states).
///
/// A connection forwards nothing by itself; only [`open`](Self::open) with a grant does, and the grant holds over
/// reconnections of the same participant until [`pause`](Self::pause) or [`disconnect`](Self::disconnect). There is
/// no `Debug`: the forwarder holds client addresses (SEC-005).
pub struct Forwarder {
    config: SfuConfig,
    members: BTreeMap<ParticipantId, Member>,
    demux: Demux<ParticipantId>,
    screen: Option<ParticipantId>,
    connections: u64,
    outputs: VecDeque<Output>,
    heard: Vec<Heard>,
    /// Who receives each track, and on which line; made anew when the slots change.
    listeners: BTreeMap<(ParticipantId, TrackKind), Vec<(ParticipantId, u8)>>,
    now: Instant,
    #[cfg(feature = "evil")]
    pub(crate) liar: Option<crate::evil::Liar>,
    #[cfg(feature = "evil")]
    pub(crate) overheard: Option<Vec<crate::evil::Overheard>>,
}

#[derive(Default)]
struct Member {
    endpoint: Option<Endpoint>,
    grant: Option<MediaGrant>,
    places: Places,
    watch: Watch,
    keyframes: [KeyframeLimiter; 3],
}

/// Whether this m-line carries pictures.
pub(crate) fn is_picture(index: u8) -> bool {
    !matches!(line(index), Some(Line::Send(TrackKind::Microphone) | Line::Receive(TrackKind::Microphone)))
}

impl Forwarder {
    /// A forwarder without participants.
    #[must_use]
    pub fn new(config: SfuConfig, now: Instant) -> Self {
        Self {
            config,
            members: BTreeMap::new(),
            demux: Demux::default(),
            screen: None,
            connections: 0,
            outputs: VecDeque::new(),
            heard: Vec::new(),
            listeners: BTreeMap::new(),
            now,
            #[cfg(feature = "evil")]
            liar: None,
            #[cfg(feature = "evil")]
            overheard: None,
        }
    }

    /// Answers an offer: transport only. Replaces an older connection of the same participant; forwards nothing
    /// unless the participant holds a grant.
    ///
    /// # Errors
    /// The offer or the credentials are unusable, or the session is full; an older connection then stays.
    pub fn connect(
        &mut self,
        participant: ParticipantId,
        offer: &str,
        secrets: IceSecrets,
        now: Instant,
    ) -> Result<String, OfferError> {
        self.now = self.now.max(now);
        check_secrets(&secrets)?;
        let connected = self.members.values().filter(|member| member.endpoint.is_some()).count();
        let known = self.members.get(&participant).is_some_and(|member| member.endpoint.is_some());
        if connected >= CONNECTIONS_MAX && !known {
            return Err(OfferError::Full);
        }
        let offer = offer::take_in(offer)?;
        let ufrag = secrets.ufrag.clone();
        let connection = self.connections + 1;
        let (endpoint, answer) = Endpoint::accept(&self.config, offer, secrets, connection, now)?;
        self.connections = connection;
        self.hang_up(participant, now);
        self.demux.register(&ufrag, participant);
        let member = self.members.entry(participant).or_default();
        member.endpoint = Some(endpoint);
        self.bind_legs(participant);
        self.with_endpoint(participant, |endpoint, sink| endpoint.timeout(now, sink));
        self.settle(participant, now);
        Ok(answer)
    }

    /// Ends a participant's connection and grant.
    pub fn disconnect(&mut self, participant: ParticipantId, now: Instant) {
        self.now = self.now.max(now);
        self.pause(participant, now);
        self.hang_up(participant, now);
        self.members.remove(&participant);
        if self.screen == Some(participant) {
            self.screen = None;
        }
    }

    /// Lets a participant be heard and seen, hear and see.
    pub fn open(&mut self, grant: MediaGrant, now: Instant) {
        self.now = self.now.max(now);
        let member = self.members.entry(grant.participant()).or_default();
        member.grant = Some(grant);
        self.reseat(now);
    }

    /// Stops forwarding to and from a participant at once (SEC-024); the connection stays.
    pub fn pause(&mut self, participant: ParticipantId, now: Instant) {
        self.now = self.now.max(now);
        if let Some(member) = self.members.get_mut(&participant)
            && member.grant.take().is_some()
        {
            self.reseat(now);
        }
    }

    /// Whose screen is the room's screen; its holder needs a grant for it too.
    pub fn set_screen(&mut self, holder: Option<ParticipantId>, now: Instant) {
        self.now = self.now.max(now);
        if self.screen != holder {
            self.screen = holder;
            self.reseat(now);
        }
    }

    /// Asks the senders of all pictures that this participant receives for a key frame, as far as the limit allows.
    pub fn request_keyframes(&mut self, participant: ParticipantId, now: Instant) {
        self.now = self.now.max(now);
        let slots = self.slots(participant).to_vec();
        for slot in slots.iter().filter(|slot| slot.track != TrackKind::Microphone) {
            self.want_keyframe(slot.participant, slot.track, now);
        }
    }

    /// What a client says that it sends from now on.
    pub fn set_sending(&mut self, participant: ParticipantId, tracks: &[TrackKind], now: Instant) {
        self.now = self.now.max(now);
        if let Some(member) = self.members.get_mut(&participant) {
            member.watch.set_sending(tracks, now);
        }
        self.watch(participant, now);
    }

    /// Whether a packet seems to be for somebody here; cheap and without proof.
    #[must_use]
    pub fn accepts(&self, packet: &Packet<'_>) -> bool {
        self.demux.route(packet).is_some()
    }

    /// Takes a packet from the network; `false` when it was nobody's.
    pub fn handle_packet(&mut self, now: Instant, packet: &Packet<'_>) -> bool {
        self.now = self.now.max(now);
        let Some(participant) = self.demux.route(packet) else { return false };
        let accepted = self.with_endpoint(participant, |endpoint, sink| endpoint.receive(packet, now, sink));
        if accepted != Some(true) {
            return false;
        }
        self.demux.remember(packet, participant);
        self.settle(participant, now);
        true
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        let everyone: Vec<ParticipantId> = self.members.keys().copied().collect();
        for participant in everyone {
            self.with_endpoint(participant, |endpoint, sink| {
                if endpoint.next() <= now {
                    endpoint.timeout(now, sink);
                }
            });
            self.settle(participant, now);
            for track in [TrackKind::Camera, TrackKind::Screen] {
                self.ask_for_keyframe(participant, track, now);
            }
            self.watch(participant, now);
        }
    }

    /// What to do next.
    #[must_use]
    pub fn poll_output(&mut self) -> Output {
        self.outputs.pop_front().unwrap_or_else(|| Output::Timeout(self.next()))
    }

    /// The SRTP profile of a participant's connection, once negotiated.
    #[must_use]
    pub fn profile(&self, participant: ParticipantId) -> Option<Profile> {
        self.members.get(&participant)?.endpoint.as_ref()?.profile()
    }

    /// How a participant's media travels, once a way was found.
    #[must_use]
    pub fn transport(&self, participant: ParticipantId) -> Option<Transport> {
        self.members.get(&participant)?.endpoint.as_ref()?.transport()
    }

    /// Who is seen where by this participant.
    #[must_use]
    pub fn slots(&self, participant: ParticipantId) -> &[Slot] {
        self.members.get(&participant).map_or(&[], |member| member.places.slots())
    }

    fn next(&self) -> Instant {
        let endpoints = self.members.values().filter_map(|m| m.endpoint.as_ref()).map(Endpoint::next);
        let watches = self.members.values().filter(|m| m.grant.is_some()).filter_map(|m| m.watch.next());
        let connected = self.members.values().filter(|m| m.endpoint.is_some());
        let keyframes = connected.flat_map(|m| m.keyframes.iter().filter_map(KeyframeLimiter::next));
        endpoints.chain(watches).chain(keyframes).min().unwrap_or(self.now + FAR)
    }

    fn hang_up(&mut self, participant: ParticipantId, now: Instant) {
        self.with_endpoint(participant, |endpoint, sink| endpoint.close(now, sink));
        self.heard.clear();
        self.demux.forget(participant);
        if let Some(member) = self.members.get_mut(&participant) {
            member.endpoint = None;
        }
    }

    fn with_endpoint<T>(
        &mut self,
        participant: ParticipantId,
        run: impl FnOnce(&mut Endpoint, &mut Sink<'_>) -> T,
    ) -> Option<T> {
        let endpoint = self.members.get_mut(&participant)?.endpoint.as_mut()?;
        let mut sink = Sink { outputs: &mut self.outputs, heard: &mut self.heard };
        Some(run(endpoint, &mut sink))
    }

    /// Acts on everything that an endpoint just said.
    fn settle(&mut self, participant: ParticipantId, now: Instant) {
        let mut heard = std::mem::take(&mut self.heard);
        for said in heard.drain(..) {
            self.act(participant, said, now);
        }
        // The buffer is kept; what acting itself produced has been acted on further down.
        if self.heard.is_empty() {
            self.heard = heard;
        }
    }

    fn act(&mut self, participant: ParticipantId, said: Heard, now: Instant) {
        match said {
            Heard::Connected => self.outputs.push_back(Output::Event(SfuEvent::Connected(participant))),
            #[cfg(feature = "evil")]
            Heard::Media { track, mut packet } => {
                self.overhear(participant, track, &packet);
                if let Some((sender, track)) = self.lie(participant, track, &mut packet) {
                    self.forward(sender, track, &packet, now);
                }
            }
            #[cfg(not(feature = "evil"))]
            Heard::Media { track, packet } => self.forward(participant, track, &packet, now),
            Heard::KeyframeWanted { line } => {
                let leg = self.members.get_mut(&participant).and_then(|m| m.endpoint.as_mut()?.leg(line));
                // There is none of sound, whatever a client asks for.
                let source = leg.and_then(|leg| leg.source()).filter(|(_, track)| !track.is_audio());
                if let Some((sender, track)) = source {
                    self.want_keyframe(sender, track, now);
                }
            }
            Heard::Dead => {
                self.demux.forget(participant);
                if let Some(member) = self.members.get_mut(&participant) {
                    member.endpoint = None;
                }
                self.outputs.push_back(Output::Event(SfuEvent::Dead(participant)));
            }
        }
    }

    /// The participant after this one, in a circle.
    #[cfg(feature = "evil")]
    pub(crate) fn next_after(&self, participant: ParticipantId) -> ParticipantId {
        let later = self.members.keys().find(|who| **who > participant);
        later.or_else(|| self.members.keys().next()).copied().unwrap_or(participant)
    }

    /// Hands a packet to everybody on whose lines the track stands. That is where the slots put it, and slots come
    /// from grants: no slot, no packet.
    fn forward(&mut self, sender: ParticipantId, track: TrackKind, packet: &RtpPacket, now: Instant) {
        let Some(member) = self.members.get_mut(&sender) else { return };
        member.watch.heard(track, now);
        let Some(connection) = member.endpoint.as_ref().map(|endpoint| endpoint.connection) else { return };
        let shape =
            if track == TrackKind::Microphone { Shape::SOUND } else { Shape::of_vp8(&packet.payload) };
        if shape.starts
            && let Some(limiter) = member.keyframes.get_mut(usize::from(track.number()))
        {
            limiter.arrived();
        }
        let run = Run { connection, ssrc: packet.header.ssrc };
        let incoming = Incoming { run, sequence: *packet.seq_no, time: packet.header.timestamp, shape };
        let mut keyframe_wanted = false;
        let listeners = self.listeners.remove(&(sender, track)).unwrap_or_default();
        for (receiver, line) in &listeners {
            keyframe_wanted |= self.pass_on(*receiver, *line, packet, &incoming);
            self.settle(*receiver, now);
        }
        self.listeners.insert((sender, track), listeners);
        if keyframe_wanted {
            self.want_keyframe(sender, track, now);
        }
    }

    fn count_listeners(&mut self) {
        self.listeners.clear();
        for (receiver, member) in &self.members {
            for slot in member.places.slots() {
                let of_track = self.listeners.entry((slot.participant, slot.track)).or_default();
                of_track.push((*receiver, slot.line));
            }
        }
    }

    /// One packet to one receiver; says whether it lacks a key frame.
    fn pass_on(
        &mut self,
        receiver: ParticipantId,
        line: u8,
        packet: &RtpPacket,
        incoming: &Incoming,
    ) -> bool {
        let now = packet.timestamp;
        let verdict = self.with_endpoint(receiver, |endpoint, sink| {
            let verdict = endpoint.leg(line)?.pass(incoming, now);
            if let Verdict::Forward(out) = verdict {
                endpoint.send(line, packet, &out, sink);
                return None;
            }
            Some(verdict)
        });
        matches!(verdict, Some(Some(Verdict::NeedsKeyframe)))
    }

    fn want_keyframe(&mut self, sender: ParticipantId, track: TrackKind, now: Instant) {
        let member = self.members.get_mut(&sender);
        if let Some(limiter) = member.and_then(|m| m.keyframes.get_mut(usize::from(track.number()))) {
            limiter.want();
            self.ask_for_keyframe(sender, track, now);
        }
    }

    fn ask_for_keyframe(&mut self, sender: ParticipantId, track: TrackKind, now: Instant) {
        let member = self.members.get_mut(&sender).filter(|member| member.endpoint.is_some());
        let limiter = member.and_then(|m| m.keyframes.get_mut(usize::from(track.number())));
        if limiter.is_some_and(|limiter| limiter.take(now)) {
            self.with_endpoint(sender, |endpoint, sink| endpoint.request_keyframe(track, now, sink));
            self.settle(sender, now);
        }
    }

    /// How the media of everybody with a grant reaches the forwarder, as last told; for somebody who has just come.
    pub fn media_states(&self) -> impl Iterator<Item = (ParticipantId, MediaState)> + '_ {
        let granted = self.members.iter().filter(|(_, member)| member.grant.is_some());
        granted.map(|(participant, member)| (*participant, member.watch.told()))
    }

    fn watch(&mut self, participant: ParticipantId, now: Instant) {
        if let Some(member) = self.members.get_mut(&participant)
            && member.grant.is_some()
            && let Some(state) = member.watch.take_change(now)
        {
            self.outputs.push_back(Output::Event(SfuEvent::MediaState { participant, state }));
        }
    }

    /// Gives everybody with a grant a place with everybody else, and nobody else anything.
    fn reseat(&mut self, now: Instant) {
        let shown: Vec<Shown> = self.members.iter().filter_map(|(who, member)| shown(*who, member)).collect();
        let screen = self.screen.filter(|holder| {
            let grant = self.members.get(holder).and_then(|member| member.grant.as_ref());
            grant.is_some_and(|grant| grant.allows(TrackKind::Screen))
        });
        let mut changed = Vec::new();
        for (who, member) in &mut self.members {
            let others: Vec<Shown> = shown.iter().filter(|s| s.participant != *who).copied().collect();
            let moved = if member.grant.is_some() {
                member.places.seat(&others, screen.filter(|holder| holder != who))
            } else {
                member.places.clear()
            };
            if moved {
                changed.push(*who);
            }
        }
        if !changed.is_empty() {
            self.count_listeners();
        }
        for who in changed {
            let slots = self.slots(who).to_vec();
            self.outputs.push_back(Output::Event(SfuEvent::SlotsChanged { to: who, slots }));
            for slot in self.bind_legs(who) {
                self.want_keyframe(slot.participant, slot.track, now);
            }
        }
        self.watch_all(now);
    }

    fn watch_all(&mut self, now: Instant) {
        let everyone: Vec<ParticipantId> = self.members.keys().copied().collect();
        for participant in everyone {
            self.watch(participant, now);
        }
    }

    /// Brings an endpoint's legs in line with the slots; returns the slots whose pictures are newly bound.
    fn bind_legs(&mut self, participant: ParticipantId) -> Vec<Slot> {
        let Some(member) = self.members.get_mut(&participant) else { return Vec::new() };
        let Some(endpoint) = member.endpoint.as_mut() else { return Vec::new() };
        let slots = member.places.slots();
        let mut fresh = Vec::new();
        for (line, leg) in endpoint.legs() {
            let slot = slots.iter().find(|slot| slot.line == line);
            if leg.bind(slot.map(|slot| (slot.participant, slot.track))) {
                fresh.extend(slot.filter(|slot| slot.track != TrackKind::Microphone));
            }
        }
        fresh
    }
}

fn shown(participant: ParticipantId, member: &Member) -> Option<Shown> {
    let grant = member.grant.as_ref()?;
    let (microphone, camera) = (grant.allows(TrackKind::Microphone), grant.allows(TrackKind::Camera));
    Some(Shown { participant, microphone, camera })
}

fn check_secrets(secrets: &IceSecrets) -> Result<(), OfferError> {
    let is_ice_char = |c: u8| c.is_ascii_alphanumeric() || c == b'+' || c == b'/';
    let sound = |text: &str, length: &core::ops::RangeInclusive<usize>| {
        length.contains(&text.len()) && text.bytes().all(is_ice_char)
    };
    if sound(&secrets.ufrag, &UFRAG_CHARS) && sound(&secrets.password, &PASSWORD_CHARS) {
        Ok(())
    } else {
        Err(OfferError::Credentials)
    }
}
