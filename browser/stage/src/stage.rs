//! The stage: what happens goes into the call, what the call asks is done, what has changed is drawn.

use call::{Beginning, Call, Changes, MediaCommand, MediaEvent, Output, Phase, SocketCommand};
use ids::{EndReason, ParticipantId, SessionId, Timestamp, TrackKind};
use protocol::frame::FrameEvent;
use protocol::group::GroupEvent;
use protocol::wire::ServerMessage;

use crate::connection::Connection;
use crate::devices::{Blocked, Devices};
use crate::draw::{Local, Screen};
use crate::inbox::{Alarm, ConnectionEvent, Event, Said, SocketEvent};
use crate::memory::{self, Before, Means};
use crate::scan::{Scan, Scanned};
use crate::socket::Socket;
use crate::sound::Sound;
use crate::workers::Mates;
use crate::{devices, dom, network};

/// Outputs done at one go; the call never has nearly as many.
const OUTPUTS_MAX: usize = 10_000;

/// What the page was given by the server.
pub(crate) struct Given {
    pub(crate) session: SessionId,
    /// The path of the socket.
    pub(crate) socket: String,
    /// The folder of the assets.
    pub(crate) assets: String,
    /// Whether one's own picture is hidden unless asked for.
    pub(crate) hides_self: bool,
}

/// Everything that the page holds.
pub(crate) struct Stage {
    pub(crate) given: Given,
    pub(crate) call: Call,
    pub(crate) screen: Screen,
    pub(crate) devices: Devices,
    pub(crate) sound: Sound,
    /// How the person takes part, once chosen.
    pub(crate) means: Option<Means>,
    /// What each device last said no with, by track number.
    pub(crate) blocked: [Option<Blocked>; 3],
    pub(crate) speed: Option<Option<u32>>,
    /// Arrive as soon as the call is ready for it.
    pub(crate) arrive_soon: bool,
    /// Pressed *as last time*: arrive as soon as the devices have answered.
    pub(crate) arrive_with_devices: bool,
    scan: Option<Scan>,
    publishing: [bool; 3],
    mates: Mates,
    socket: Option<Socket>,
    connection: Option<Connection>,
    wants_connection: bool,
    numbers: u32,
    alarm: Alarm,
    /// What she wrote was given to the call since she came inside.
    told: bool,
}

/// The time by this machine's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as i64)
}

/// Whether this is a phone or tablet.
pub(crate) fn is_touched() -> bool {
    let query = dom::window().match_media("(pointer: coarse)").ok().flatten();
    query.is_some_and(|query| query.matches())
}

impl Stage {
    /// Begins the call; a page that was reloaded goes straight back.
    pub(crate) fn new(given: Given) -> Self {
        let before = memory::before(&given.session.text());
        let beginning = Beginning {
            session: given.session,
            returning: before.is_some(),
            someone_came_in: before == Some(Before::SomeoneCameIn),
            closed_fast: before == Some(Before::ClosedFast),
        };
        let screen = Screen::new(memory::self_view().unwrap_or(!given.hides_self));
        screen.offer_last_time();
        dom::by_id_as::<web_sys::HtmlInputElement>("noise").set_checked(memory::dampens_noise());
        let mut stage = Self {
            call: Call::new(beginning, now()),
            screen,
            devices: Devices::of_last_time(),
            sound: Sound::default(),
            means: None,
            blocked: [None; 3],
            speed: None,
            arrive_soon: before == Some(Before::Arrived),
            arrive_with_devices: false,
            scan: None,
            publishing: [false; 3],
            mates: Mates::default(),
            socket: None,
            connection: None,
            wants_connection: false,
            numbers: 0,
            alarm: Alarm::new(),
            told: false,
            given,
        };
        if before.is_some() {
            stage.start_workers();
        } else {
            stage.screen.check_early();
            network::measure([&stage.given.assets, "/group-worker.wasm"].concat());
        }
        stage.settle();
        stage
    }

    /// Something happened.
    pub(crate) fn handle(&mut self, event: Event) {
        let focused = dom::focused();
        match event {
            Event::Press { what, id } => self.pressed(&what, &id),
            Event::Submit { what, id, text } => self.submitted(&what, &id, &text),
            Event::Choose { what, value } => self.chosen(&what, &value),
            Event::Escape => self.close_panel(),
            Event::Socket(number, event) => self.socket_event(number, event),
            Event::GroupWorker(said) => self.group_said(said),
            Event::FrameWorker(said) => self.frame_said(said),
            Event::Connection(number, event) => self.connection_event(number, event),
            Event::Track { track, number, got } => self.track_answered(track, number, got),
            Event::TrackEnded { track, number, taken } => self.track_ended(track, number, taken),
            Event::Devices(found) => self.screen.draw_devices(&found, &mut self.devices),
            Event::DevicesChanged => devices::list(),
            Event::Due => {
                self.alarm.has_rung();
                self.call.handle_timeout(now());
            }
            Event::Second => self.second(),
            Event::Level => self.screen.draw_level(self.sound.level()),
            Event::Hidden(hidden) => self.hidden(hidden),
            Event::Online => self.call.handle_online(now()),
            Event::Speed(speed) => self.speed_measured(speed),
            Event::WorkersDue => self.workers_due(),
            Event::Scan(number, happened) => self.scan_event(number, happened),
            Event::Drawing(frame, path) => self.screen.draw_code(&frame, &path),
            Event::SoundBlocked => self.screen.sound_blocked(true),
        }
        self.settle();
        self.screen.keep_focus(focused);
    }

    /// Does what the call asks until it asks nothing more.
    fn settle(&mut self) {
        for _ in 0..OUTPUTS_MAX {
            match self.call.poll_output() {
                Output::Send(message) => {
                    if let Some(socket) = &self.socket {
                        socket.send(&protocol::encode(&message));
                    }
                }
                Output::Socket(command) => self.do_socket(command),
                Output::Group(command) => self.mates.group.send(protocol::pack(&command)),
                Output::Frame(command) => self.mates.frame.send(protocol::pack(&command)),
                Output::Media(command) => self.do_media(command),
                Output::View => self.draw(),
                Output::Timeout(at) => return self.alarm.set(at, now()),
            }
        }
    }

    fn next_number(&mut self) -> u32 {
        self.numbers = self.numbers.wrapping_add(1);
        self.numbers
    }

    fn do_socket(&mut self, command: SocketCommand) {
        if let Some(old) = self.socket.take() {
            old.close();
        }
        if command == SocketCommand::Open {
            let number = self.next_number();
            self.socket = Socket::open(&self.given.socket, number);
            if self.socket.is_none() {
                self.call.handle_socket_closed(now());
            }
        }
    }

    fn socket_event(&mut self, number: u32, event: SocketEvent) {
        if self.socket.as_ref().is_none_or(|socket| socket.number() != number) {
            return;
        }
        match event {
            SocketEvent::Open => self.call.handle_socket_open(now()),
            SocketEvent::Closed => {
                self.socket = None;
                self.call.handle_socket_closed(now());
            }
            SocketEvent::Message(bytes) => match protocol::decode::<ServerMessage>(&bytes) {
                Ok(message) => self.call.handle_server(message, now()),
                Err(protocol::DecodeError::Version(_)) => self.screen.say_outdated(),
                Err(_) => {}
            },
        }
    }

    pub(crate) fn start_workers(&mut self) {
        if !self.mates.are_started() && self.mates.start(&self.given.assets).is_err() {
            self.call.handle_worker_lost(now());
        }
    }

    fn workers_due(&mut self) {
        if self.mates.frame.running().is_none() || self.mates.group.running().is_none() {
            self.call.handle_worker_lost(now());
        }
    }

    fn group_said(&mut self, said: Said) {
        match said {
            Said::Ready => self.mates.group.is_ready_now(),
            Said::Lost => self.call.handle_worker_lost(now()),
            Said::Message(bytes) => match protocol::unpack::<GroupEvent>(&bytes) {
                Ok(event) => self.call.handle_group(event, now()),
                Err(_) => self.call.handle_worker_lost(now()),
            },
        }
    }

    fn frame_said(&mut self, said: Said) {
        match said {
            Said::Ready => {
                self.mates.frame.is_ready_now();
                self.make_connection();
            }
            Said::Lost => self.call.handle_worker_lost(now()),
            Said::Message(bytes) => match protocol::unpack::<FrameEvent>(&bytes) {
                Ok(event) => self.call.handle_frame(&event, now()),
                Err(_) => self.call.handle_worker_lost(now()),
            },
        }
    }

    fn do_media(&mut self, command: MediaCommand) {
        match command {
            MediaCommand::CreateOffer => {
                self.wants_connection = true;
                self.make_connection();
            }
            MediaCommand::ApplyAnswer { sdp } => {
                if let Some(connection) = &self.connection {
                    connection.answer(&sdp);
                }
            }
            MediaCommand::Publish { track, on } => self.publish(track, on),
            MediaCommand::StopAllTracks => {
                self.stop_scanning();
                for track in TrackKind::ALL {
                    self.publish(track, false);
                }
                self.draw_own();
            }
            MediaCommand::Reconnect => {
                if let Some(old) = self.connection.take() {
                    old.close();
                }
            }
            MediaCommand::BlankAll => self.screen.blank(true),
            MediaCommand::Unblank => self.screen.blank(false),
        }
    }

    /// Makes the wanted connection; without a running frame worker there is none (SEC-018).
    fn make_connection(&mut self) {
        if !self.wants_connection {
            return;
        }
        let number = self.next_number();
        let Some(worker) = self.mates.frame.running() else { return };
        self.wants_connection = false;
        if let Some(old) = self.connection.take() {
            old.close();
        }
        match Connection::new(number, worker) {
            Ok(connection) => self.use_connection(connection),
            Err(_) => self.call.handle_media(MediaEvent::Failed, now()),
        }
        self.screen.forget_lines();
    }

    /// What is to be sent already goes on the connection, should it be the last of all to be ready.
    fn use_connection(&mut self, connection: Connection) {
        for track in TrackKind::ALL {
            if self.publishing[usize::from(track.number())]
                && let Some(held) = self.devices.held(track)
            {
                connection.send(track, Some(&held));
            }
        }
        self.connection = Some(connection);
    }

    fn connection_event(&mut self, number: u32, event: ConnectionEvent) {
        if self.connection.as_ref().is_none_or(|connection| connection.number() != number) {
            return;
        }
        let event = match event {
            ConnectionEvent::Offer(Some(sdp)) => MediaEvent::OfferReady { sdp },
            ConnectionEvent::Connected => MediaEvent::Connected,
            ConnectionEvent::Troubled => return,
            ConnectionEvent::Offer(None)
            | ConnectionEvent::AnswerRefused
            | ConnectionEvent::StillTroubled
            | ConnectionEvent::Failed => MediaEvent::Failed,
        };
        self.call.handle_media(event, now());
    }

    /// Asks for a device unless it is held. The camera looks away from whoever holds the device only while something is
    /// shown: however showing ended, the next picture is of the one who turns it on.
    pub(crate) fn ask_device(&mut self, track: TrackKind) {
        if track == TrackKind::Camera {
            self.devices.turn(self.call.view().own.showing && is_touched());
        }
        self.devices.ask(track);
    }

    fn publish(&mut self, track: TrackKind, on: bool) {
        self.publishing[usize::from(track.number())] = on;
        let held = self.devices.held(track);
        match (&self.connection, held) {
            (Some(_), Some(held)) if on && held.muted() => self.device_is_gone(track, true),
            (Some(connection), Some(held)) if on => connection.send(track, Some(&held)),
            (_, None) if on => self.ask_device(track),
            (Some(connection), _) if !on => connection.send(track, None),
            _ => {}
        }
        if !on {
            self.devices.let_go(track);
        }
        self.draw_own();
    }

    fn track_answered(
        &mut self,
        kind: TrackKind,
        number: u32,
        got: Result<web_sys::MediaStreamTrack, Blocked>,
    ) {
        let Some(got) = self.devices.answered(kind, number, got) else { return };
        let index = usize::from(kind.number());
        self.blocked[index] = got.as_ref().err().copied();
        match got {
            Ok(track) if self.publishing[index] && track.muted() => self.device_is_gone(kind, true),
            Ok(track) => {
                if self.publishing[index]
                    && let Some(connection) = &self.connection
                {
                    connection.send(kind, Some(&track));
                }
                // Only the check shows the level.
                if kind.is_audio() && self.screen.shows_check() {
                    self.sound.measure(Some(&track));
                }
                devices::list();
            }
            Err(why) => {
                self.call.handle_media(MediaEvent::TrackLost { track: kind }, now());
                if matches!(self.call.view().phase, Phase::Inside) {
                    self.screen.say_lost(kind, why);
                }
            }
        }
        self.draw_own();
        self.devices_have_answered();
    }

    /// Unplugged, or taken by the system, for a telephone call for one: in the room it is off, and said to be, until one
    /// turns it on oneself; another device may hear and show what this one did not. Before, another takes over, and what
    /// was taken comes back by itself: nobody hears it yet.
    fn track_ended(&mut self, track: TrackKind, number: u32, taken: bool) {
        let inside = matches!(self.call.view().phase, Phase::Inside);
        if (taken && (!inside || track == TrackKind::Screen)) || !self.devices.ended(track, number, taken) {
            return;
        }
        if inside {
            self.device_is_gone(track, taken);
        } else {
            self.ask_device(track);
        }
        self.draw_own();
    }

    /// In the room: off, told to the others, and said here. A page that goes to sleep is told as that.
    fn device_is_gone(&mut self, track: TrackKind, taken: bool) {
        self.devices.let_go(track);
        self.call.handle_media(MediaEvent::TrackLost { track }, now());
        let notice = match (track, taken) {
            _ if dom::document().hidden() && taken => return,
            (TrackKind::Microphone, true) => "notice-microphone-taken",
            (TrackKind::Microphone, false) => "notice-microphone-gone",
            (TrackKind::Camera, true) => "notice-camera-taken",
            (TrackKind::Camera, false) => "notice-camera-gone",
            (TrackKind::Screen, _) => return,
        };
        self.screen.notice(notice);
    }

    fn speed_measured(&mut self, speed: Option<u32>) {
        if self.speed.flatten().is_none() {
            self.speed = Some(speed);
            self.screen.draw_speed(speed);
        }
        self.start_workers();
    }

    /// A phone that goes to the background stops the camera by itself; a desktop that changes its tab does not.
    fn hidden(&mut self, hidden: bool) {
        if is_touched() || !hidden {
            self.call.set_asleep(hidden, now());
        }
        if !hidden {
            crate::wake::keep_awake(matches!(self.call.view().phase, Phase::Inside));
            self.call.handle_timeout(now());
            // A telephone call may have stopped the players.
            self.screen.sound_blocked(false);
        }
    }

    /// Scans this person's code, or stops when that is what is going on.
    pub(crate) fn scan(&mut self, person: ParticipantId) {
        self.stop_scanning();
        let (number, held) = (self.next_number(), self.devices.held(TrackKind::Camera));
        match Scan::start(person, number, &self.given.assets, held) {
            Ok(scan) => {
                self.scan = Some(scan);
                self.screen.show_scanner(true);
            }
            Err(_) => self.screen.scanning_failed(),
        }
    }

    /// Closes whichever panel is open; a camera that only its scanner showed does not stay on unseen.
    pub(crate) fn close_panel(&mut self) {
        self.stop_scanning();
        self.screen.close_panel();
    }

    pub(crate) fn stop_scanning(&mut self) {
        if let Some(scan) = self.scan.take() {
            scan.stop();
        }
        self.screen.show_scanner(false);
    }

    fn scan_event(&mut self, number: u32, happened: Scanned) {
        let Some(scan) = self.scan.as_mut().filter(|scan| scan.number() == number) else {
            if let Scanned::Camera(Some(late)) = happened {
                late.stop();
            }
            return;
        };
        match happened {
            Scanned::Camera(Some(camera)) => scan.use_camera(camera),
            Scanned::Look => scan.look(),
            Scanned::Picture(picture) => scan.read(&picture),
            Scanned::Read(None) => scan.look_again(),
            Scanned::Read(Some(code)) => {
                let person = scan.person;
                self.stop_scanning();
                // A refusal only means that the moment has passed.
                let _ = self.call.pair(person, &code);
            }
            Scanned::Camera(None) | Scanned::Lost => {
                self.stop_scanning();
                self.screen.scanning_failed();
            }
        }
    }

    fn second(&mut self) {
        let view = self.call.view();
        self.screen.draw_second(view, self.connection.as_ref(), self.call.server_time(now()));
        self.call.handle_timeout(now());
    }

    /// Draws what has changed.
    fn draw(&mut self) {
        let changes = self.call.take_changes();
        if changes.has(Changes::PHASE) {
            self.stop_scanning();
            self.phase_changed();
        }
        let view_now = self.call.server_time(now());
        let view = self.call.view();
        if self.screen.draw(view, changes, self.connection.as_ref(), view_now) {
            self.sound.knock();
        }
        if self.arrive_soon && matches!(view.phase, Phase::Checking) {
            self.arrive_soon = false;
            self.screen.returned = self.means.is_none();
            if self.means.is_some() {
                self.arrive();
            } else {
                // A refusal here only means that the phase has moved on.
                let _ = self.call.arrive(false, false, now());
            }
        }
        if changes.has(Changes::OWN.and(Changes::PHASE)) {
            if matches!(self.call.view().phase, Phase::Inside) {
                let lost = self.call.view().own.lost;
                let why = |track: TrackKind| Some((track, self.blocked[usize::from(track.number())]?));
                self.screen.is_lost(lost.and_then(why));
            }
            self.draw_own();
        }
    }

    fn phase_changed(&mut self) {
        let inside = matches!(self.call.view().phase, Phase::Inside);
        crate::wake::keep_awake(inside);
        if inside {
            self.sound.measure(None);
        }
        if inside && !self.told {
            self.tell();
        }
        self.told = inside;
        let before = match self.call.view().phase {
            Phase::SomeoneCameIn { .. } => Some(Before::SomeoneCameIn),
            Phase::ClosedFast => Some(Before::ClosedFast),
            Phase::Waiting { .. } | Phase::Inside | Phase::SteppedOut { .. } => Some(Before::Arrived),
            Phase::Ended { why: EndReason::ServerStopping } => Some(Before::Arrived),
            Phase::Ended { .. } | Phase::Refused { .. } => None,
            Phase::Connecting | Phase::Reconnecting | Phase::Checking | Phase::Entering => return,
        };
        memory::remember_now(&self.given.session.text(), before);
    }

    pub(crate) fn draw_own(&mut self) {
        let camera = self.devices.held(TrackKind::Camera);
        let microphone = self.devices.held(TrackKind::Microphone);
        let local = Local {
            means: self.means,
            camera: camera.as_ref(),
            microphone: microphone.is_some(),
            blocked: &self.blocked,
        };
        self.screen.draw_own(self.call.view(), &local);
    }
}
