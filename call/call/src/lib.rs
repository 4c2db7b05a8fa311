//! The client's side of a session, sans-I/O: one state machine between the WebSocket, the MLS worker, the frame
//! worker, the media engine and the view.
//!
//! It holds no key and sees none, reads no clock, and compiles to a small wasm module. What it guarantees:
//!
//! * nothing sealed and no track is sent unless the phase is [`Phase::Inside`] and the group is joined;
//! * on every way out the local tracks stop first, before anything is told to anybody (CARE-03);
//! * a line shows only a participant who is a member of the present epoch (SEC-017);
//! * an alarm of the lock stops sound and picture and says so (SEC-018).

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a core never panics on what it is told"
    )
)]

mod asked;
mod commands;
mod confide;
mod few;
mod join;
mod line;
mod lobby;
mod lock;
mod output;
mod own;
mod people;
mod sdp;
mod server;
mod view;

use std::collections::VecDeque;

use ids::{SessionId, Timestamp};
use protocol::frame::FrameEvent;
use protocol::group::{GroupCommand, GroupEvent};
use protocol::wire::ServerMessage;

pub use commands::NotNow;
pub use output::{MediaCommand, MediaEvent, Output, SocketCommand};
pub use view::{
    Asked, Changes, ChatLine, Confided, FrameCounts, Gone, Guest, LettingIn, Lines, Lock, MediaStatus,
    NoteLine, NoteSent, OwnMedia, OwnScreen, Phase, Tile, Transport, View, You,
};

/// Lines of chat that are kept; the oldest go first.
pub const CHAT_LINES_MAX: usize = 500;
/// Notes that are kept, each way.
pub const NOTES_MAX: usize = 50;
/// Names of those who went that are kept.
pub const GONE_MAX: usize = 16;
/// Milliseconds that a reaction is shown.
pub const REACTION_SHOWN_MS: u64 = 6_000;
/// Milliseconds of nothing at all after which somebody gives no answer.
pub const NO_ANSWER_MS: u64 = 3_000;
/// Milliseconds without a word from the server after which the line is lost: two pings unanswered.
pub const SERVER_SILENT_MS: u64 = 6_500;

/// How a call begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beginning {
    /// The session.
    pub session: SessionId,
    /// Whether this page was in the room before (a reload).
    pub returning: bool,
    /// Whether *someone came in* was pressed before the reload; only the one who pressed undoes it (CARE-03).
    pub someone_came_in: bool,
    /// Whether *close fast* was pressed before the reload, and the server may not have heard it (CARE-02).
    pub closed_fast: bool,
}

/// The client's side of a session.
///
/// * Getters: [`view`](Self::view), [`take_changes`](Self::take_changes), [`server_time`](Self::server_time).
/// * What happens: [`handle_socket_open`](Self::handle_socket_open),
///   [`handle_socket_closed`](Self::handle_socket_closed), [`handle_server`](Self::handle_server),
///   [`handle_group`](Self::handle_group), [`handle_frame`](Self::handle_frame),
///   [`handle_media`](Self::handle_media), [`handle_worker_lost`](Self::handle_worker_lost),
///   [`handle_online`](Self::handle_online), [`handle_timeout`](Self::handle_timeout).
/// * What the person does: [`arrive`](Self::arrive), [`admit`](Self::admit), [`send_back`](Self::send_back),
///   [`end_for`](Self::end_for), [`end_for_all`](Self::end_for_all), [`note`](Self::note),
///   [`set_microphone`](Self::set_microphone), [`set_camera`](Self::set_camera),
///   [`share_screen`](Self::share_screen), [`stop_screen`](Self::stop_screen), [`pause`](Self::pause),
///   [`resume`](Self::resume), [`step_out`](Self::step_out), [`step_in`](Self::step_in),
///   [`someone_came_in`](Self::someone_came_in), [`carry_on`](Self::carry_on), [`chat`](Self::chat),
///   [`react`](Self::react), [`leave`](Self::leave), [`close_fast`](Self::close_fast),
///   [`confide`](Self::confide), [`put_away`](Self::put_away), [`say_around`](Self::say_around),
///   [`set_asleep`](Self::set_asleep), [`pair`](Self::pair), [`make_pairing_code`](Self::make_pairing_code),
///   [`answer`](Self::answer), [`without_me`](Self::without_me), [`ask_without_her`](Self::ask_without_her).
/// * What to do: [`poll_output`](Self::poll_output).
///
/// After every call of the second and third kind, poll until [`Output::Timeout`] and do each output in order.
#[derive(Debug)]
pub struct Call {
    session: SessionId,
    view: View,
    changes: Changes,
    told_changes: Changes,
    outputs: VecDeque<Output>,
    line: line::Line,
    join: join::Join,
    own: own::Own,
    lobby: lobby::Looks,
    group: lock::Group,
    people: people::People,
    confiding: confide::Confiding,
    /// What the server last said that one is asked; the view has it where it is to be shown.
    asked: Asked,
}

impl Call {
    /// Begins: asks for the device key and opens the socket.
    #[must_use]
    pub fn new(beginning: Beginning, now: Timestamp) -> Self {
        let mut call = Self {
            session: beginning.session,
            view: View::default(),
            changes: Changes::PHASE,
            told_changes: Changes::NONE,
            outputs: VecDeque::new(),
            line: line::Line::new(now),
            join: join::Join::new(beginning.returning),
            own: own::Own::default(),
            lobby: lobby::Looks::default(),
            group: lock::Group::default(),
            people: people::People::default(),
            confiding: confide::Confiding::default(),
            asked: Asked::default(),
        };
        if beginning.someone_came_in || beginning.closed_fast {
            call.view.phase =
                if beginning.closed_fast { Phase::ClosedFast } else { Phase::SomeoneCameIn { told: false } };
            call.join.arrived = true;
            call.push(Output::Media(MediaCommand::BlankAll));
        }
        call.push(Output::Group(GroupCommand::Start { session: beginning.session }));
        call.open_line(now);
        call
    }

    /// What there is to be shown.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// What has changed in the view since this was last asked.
    pub fn take_changes(&mut self) -> Changes {
        self.told_changes = Changes::NONE;
        core::mem::take(&mut self.changes)
    }

    /// The server's clock at this moment of ours.
    #[must_use]
    pub fn server_time(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.as_millis().saturating_add(self.view.clock_offset_ms))
    }

    /// The next thing to do; [`Output::Timeout`] when there is nothing more at present.
    pub fn poll_output(&mut self) -> Output {
        if let Some(output) = self.outputs.pop_front() {
            return output;
        }
        if self.changes != self.told_changes {
            self.told_changes = self.changes;
            return Output::View;
        }
        Output::Timeout(self.next_timeout())
    }

    /// A message came from the server.
    pub fn handle_server(&mut self, message: ServerMessage, now: Timestamp) {
        if self.is_over() {
            return;
        }
        self.line.heard(now);
        let pong = if let ServerMessage::Pong { number, .. } = message { Some(number) } else { None };
        self.doubt_hears(pong, now);
        self.server_message(message, now);
        self.settle(now);
    }

    /// The MLS worker said something.
    pub fn handle_group(&mut self, event: GroupEvent, now: Timestamp) {
        if self.is_over() {
            return;
        }
        self.group_event(event, now);
        self.settle(now);
    }

    /// The frame worker said something.
    pub fn handle_frame(&mut self, event: &FrameEvent, now: Timestamp) {
        if self.is_over() {
            return;
        }
        self.frame_event(event, now);
        self.settle(now);
    }

    /// The media engine said something.
    pub fn handle_media(&mut self, event: MediaEvent, now: Timestamp) {
        if self.is_over() {
            return;
        }
        self.media_event(event, now);
        self.settle(now);
    }

    /// A worker died or did not start: fail closed (SEC-018).
    pub fn handle_worker_lost(&mut self, now: Timestamp) {
        self.handle_group(GroupEvent::Alarm(protocol::group::LockAlarm::WorkerLost), now);
    }

    /// The moment of the last [`Output::Timeout`] has come, or gone by.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if self.is_over() {
            return;
        }
        self.line_timeout(now);
        self.join_timeout(now);
        self.group_timeout(now);
        self.people_timeout(now);
        self.settle(now);
    }

    fn next_timeout(&self) -> Timestamp {
        let far = Timestamp::from_millis(i64::MAX);
        if self.is_over() {
            return far;
        }
        [
            self.line.next(),
            self.join.retell_at,
            self.join.media_again_at,
            self.group.tick_at,
            self.group.keyframes_at,
            self.group.doubt_until(),
        ]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(far)
    }

    const fn is_over(&self) -> bool {
        matches!(self.view.phase, Phase::Ended { .. })
    }

    const fn is_inside(&self) -> bool {
        matches!(self.view.phase, Phase::Inside)
    }

    const fn changed(&mut self, what: Changes) {
        self.changes = self.changes.and(what);
    }

    fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    fn set_phase(&mut self, phase: Phase) {
        if self.view.phase != phase {
            self.view.phase = phase;
            self.changed(Changes::PHASE);
        }
    }
}

/// A moment later by milliseconds.
fn later(from: Timestamp, ms: u64) -> Timestamp {
    from.plus(core::time::Duration::from_millis(ms))
}

/// Whether a planned moment has come.
fn is_due(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_some_and(|at| at <= now)
}
