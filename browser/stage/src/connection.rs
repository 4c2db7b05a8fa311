//! The browser's peer connection: the m-lines of `protocol::media`, one-way, each with its sealing transform before
//! any track (SEC-018).

use ids::TrackKind;
use protocol::media::{Line, line};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    MediaStreamTrack, RtcBundlePolicy, RtcConfiguration, RtcPeerConnection, RtcPeerConnectionState,
    RtcRtpEncodingParameters, RtcRtpTransceiver, RtcRtpTransceiverDirection, RtcRtpTransceiverInit,
    RtcSdpType, RtcSessionDescriptionInit, Worker,
};

use crate::inbox::{ConnectionEvent, Event, after, post};
use crate::{dom, offer};

/// Bits a second that a camera sends at most.
const CAMERA_BITS_MAX: u32 = 1_500_000;
/// Bits a second that a screen sends at most.
const SCREEN_BITS_MAX: u32 = 2_500_000;
/// Milliseconds that a connection may be troubled before another is made.
const TROUBLED_MS: i32 = 2_000;

/// One peer connection.
pub(crate) struct Connection {
    number: u32,
    peer: RtcPeerConnection,
    lines: Vec<RtcRtpTransceiver>,
    _watch: Closure<dyn FnMut()>,
}

impl Connection {
    /// Makes the connection with all its lines and starts to make its offer.
    ///
    /// # Errors
    /// What the browser says when it cannot: then there is neither sound nor picture, never unsealed ones.
    pub(crate) fn new(number: u32, frame_worker: &Worker) -> Result<Self, JsValue> {
        let configuration = RtcConfiguration::new();
        configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
        let peer = RtcPeerConnection::new_with_configuration(&configuration)?;
        let purposes = (0..=u8::MAX).map_while(|index| Some((index, line(index)?)));
        let lines = purposes
            .map(|(index, purpose)| add_line(&peer, index, purpose, frame_worker))
            .collect::<Result<_, _>>()
            .inspect_err(|_| peer.close())?;
        let connection = Self { number, _watch: watch(number, &peer), peer, lines };
        connection.offer();
        Ok(connection)
    }

    /// Which connection this is, counted from the page's start.
    pub(crate) const fn number(&self) -> u32 {
        self.number
    }

    fn offer(&self) {
        let (number, peer) = (self.number, self.peer.clone());
        spawn_local(async move {
            let sdp = make_offer(&peer).await.ok();
            post(Event::Connection(number, ConnectionEvent::Offer(sdp)));
        });
    }

    /// Uses the server's answer.
    pub(crate) fn answer(&self, sdp: &str) {
        let description = RtcSessionDescriptionInit::new(RtcSdpType::Answer);
        description.set_sdp(sdp);
        let (number, promise) = (self.number, self.peer.set_remote_description(&description));
        spawn_local(async move {
            if JsFuture::from(promise).await.is_err() {
                post(Event::Connection(number, ConnectionEvent::AnswerRefused));
            }
        });
    }

    /// Sends this track, or nothing; the transform stays where it is.
    pub(crate) fn send(&self, kind: TrackKind, track: Option<&MediaStreamTrack>) {
        let Some(line) = self.lines.get(usize::from(kind.number())) else { return };
        let promise = line.sender().replace_track(track);
        spawn_local(async move {
            // The only refusal is a closed connection, whose end is told by itself.
            let _ = JsFuture::from(promise).await;
        });
    }

    /// What arrives on a receiving line.
    pub(crate) fn received(&self, line: u8) -> Option<MediaStreamTrack> {
        self.lines.get(usize::from(line)).map(|line| line.receiver().track())
    }

    /// Ends it, for good.
    pub(crate) fn close(&self) {
        self.peer.set_onconnectionstatechange(None);
        self.peer.close();
    }
}

/// Tells how the connection fares. The closure holds the connection, so it lives no longer than it.
fn watch(number: u32, peer: &RtcPeerConnection) -> Closure<dyn FnMut()> {
    let watched = peer.clone();
    let closure = Closure::<dyn FnMut()>::new(move || {
        let event = match watched.connection_state() {
            RtcPeerConnectionState::Connected => ConnectionEvent::Connected,
            RtcPeerConnectionState::Failed => ConnectionEvent::Failed,
            RtcPeerConnectionState::Disconnected => {
                watch_trouble(number, watched.clone());
                ConnectionEvent::Troubled
            }
            _ => return,
        };
        post(Event::Connection(number, event));
    });
    peer.set_onconnectionstatechange(Some(closure.as_ref().unchecked_ref()));
    closure
}

fn add_line(
    peer: &RtcPeerConnection,
    index: u8,
    purpose: Line,
    frame_worker: &Worker,
) -> Result<RtcRtpTransceiver, JsValue> {
    let (track, sends) = match purpose {
        Line::Send(track) => (track, true),
        Line::Receive(track) => (track, false),
    };
    let init = RtcRtpTransceiverInit::new();
    init.set_direction(if sends {
        RtcRtpTransceiverDirection::Sendonly
    } else {
        RtcRtpTransceiverDirection::Recvonly
    });
    if sends && !track.is_audio() {
        let encoding = RtcRtpEncodingParameters::new();
        encoding.set_max_bitrate(if track == TrackKind::Screen { SCREEN_BITS_MAX } else { CAMERA_BITS_MAX });
        init.set_send_encodings(&js_sys::Array::of1(&encoding));
    }
    let kind = if track.is_audio() { "audio" } else { "video" };
    let line = peer.add_transceiver_with_str_and_init(kind, &init);
    let options = js_sys::Object::new();
    dom::set_property(&options, "line", &index.into());
    let transform = new_transform(frame_worker, &options)?;
    let end: JsValue = if sends { line.sender().into() } else { line.receiver().into() };
    js_sys::Reflect::set(&end, &"transform".into(), &transform)?;
    Ok(line)
}

/// `new RTCRtpScriptTransform(worker, options)`, for which web-sys has no stable name yet.
fn new_transform(frame_worker: &Worker, options: &JsValue) -> Result<JsValue, JsValue> {
    let make: js_sys::Function = dom::property(&dom::window(), "RTCRtpScriptTransform").dyn_into()?;
    js_sys::Reflect::construct(&make, &js_sys::Array::of2(frame_worker, options))
}

async fn make_offer(peer: &RtcPeerConnection) -> Result<String, JsValue> {
    let made = JsFuture::from(peer.create_offer()).await?;
    let sdp = dom::property(&made, "sdp").as_string().unwrap_or_default();
    let description = RtcSessionDescriptionInit::new(RtcSdpType::Offer);
    description.set_sdp(&sdp);
    JsFuture::from(peer.set_local_description(&description)).await?;
    Ok(offer::shortened(&sdp))
}

/// Browsers take up to half a minute to call a dead connection dead; we wait a few seconds.
fn watch_trouble(number: u32, peer: RtcPeerConnection) {
    after(TROUBLED_MS, move || {
        if peer.connection_state() == RtcPeerConnectionState::Disconnected {
            post(Event::Connection(number, ConnectionEvent::StillTroubled));
        }
    });
}

/// Whether this browser can seal media at all; without it there is no call (SEC-018).
pub(crate) fn is_possible() -> bool {
    let window = dom::window();
    !dom::property(&window, "RTCRtpScriptTransform").is_undefined()
        && !dom::property(&window, "RTCPeerConnection").is_undefined()
        && !dom::property(&window.navigator(), "mediaDevices").is_undefined()
}
