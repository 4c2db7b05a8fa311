//! Lines that fall silent, seats that are kept, hosts who go, and when to look again.

use core::time::Duration;
use std::time::Instant;

use domain::door::HostPresence;
use ids::{
    ConnectionId, GoneReason, HEARTBEAT_MISSED_MS, HOST_GRACE_MS, LINE_LOST_MS, ParticipantId, SEAT_KEPT_MS,
    Timestamp,
};
use protocol::wire::{Presence, ServerMessage};

use crate::api::{Deadlines, Now};
use crate::room::{Grace, Room};
use crate::seat::{Line, Seat, Stage};

const LINE_LOST: Duration = Duration::from_millis(LINE_LOST_MS);
const HEARTBEAT_MISSED: Duration = Duration::from_millis(HEARTBEAT_MISSED_MS);
const SEAT_KEPT: Duration = Duration::from_millis(SEAT_KEPT_MS);
const HOST_GRACE: Duration = Duration::from_millis(HOST_GRACE_MS);

impl Room {
    /// A socket of somebody with a seat was closed by the other side or the network.
    pub(crate) fn line_closed(&mut self, connection: ConnectionId, line: &Line, now: Now) {
        let Some(seat) = self.seats.get_mut(&line.participant).filter(|seat| seat.line == Some(connection))
        else {
            return;
        };
        seat.line = None;
        seat.lost_at = seat.lost_at.or(Some(now.mono));
        self.tell_line_lost(line.participant, line.asleep, now);
    }

    /// Notices silent lines and seats that were kept long enough.
    pub(crate) fn watch_lines(&mut self, now: Now) {
        for participant in self.everyone() {
            self.watch_line(participant, now);
        }
        self.watch_heartbeats(now);
        // A socket that never says who it is for is not kept open.
        let mute = |line: &Line| line.device.is_none() && now.mono >= line.heard + SEAT_KEPT;
        let mute: Vec<_> = self.lines.iter().filter(|(_, line)| mute(line)).map(|(id, _)| *id).collect();
        for connection in mute {
            self.close(connection);
        }
    }

    /// Whoever the others are told is lost neither sends nor receives, whatever else the page says meanwhile: nobody
    /// listens who is shown as gone.
    fn watch_heartbeats(&mut self, now: Now) {
        let mut turned = Vec::new();
        for line in self.lines.values_mut() {
            let is_quiet = missed_at(line).is_some_and(|at| now.mono >= at);
            if core::mem::replace(&mut line.is_quiet, is_quiet) != is_quiet {
                turned.push((line.participant, is_quiet));
            }
        }
        for (participant, is_quiet) in turned {
            if is_quiet {
                self.media.pause(participant, now.mono);
            } else if self.seats.get(&participant).is_some_and(Seat::is_here) {
                self.reopen_media(participant, now);
            }
        }
    }

    fn watch_line(&mut self, participant: ParticipantId, now: Now) {
        let Some(seat) = self.seats.get_mut(&participant) else { return };
        let asleep = seat.presence() == Some(Presence::DeviceAsleep);
        seat.asleep_since = asleep.then(|| seat.asleep_since.unwrap_or(now.mono));
        seat.overslept = seat.asleep_since.is_some_and(|since| now.mono >= since + SEAT_KEPT);
        let line = seat.line.and_then(|connection| self.lines.get(&connection));
        if let Some(line) = line
            && seat.lost_at.is_none()
            && let Some(lost) = Some(lost_at(seat, line)).filter(|lost| now.mono >= *lost)
        {
            seat.lost_at = Some(lost);
            let asleep = line.asleep;
            self.tell_line_lost(participant, asleep, now);
        }
        let kept_until =
            self.seats.get(&participant).and_then(|seat| seat.lost_at).map(|lost| lost + SEAT_KEPT);
        if kept_until.is_some_and(|until| now.mono >= until) {
            self.give_seat_up(participant, now);
        }
    }

    fn give_seat_up(&mut self, participant: ParticipantId, now: Now) {
        let Some(seat) = self.seats.get_mut(&participant) else { return };
        let reason = seat.presence().and_then(crate::entry::gone_reason_of).unwrap_or(GoneReason::LineLost);
        seat.lost_at = None;
        let silent = |connection: &ConnectionId| {
            self.lines.get(connection).is_none_or(|line| now.mono >= line.heard + LINE_LOST)
        };
        let line = seat.line.filter(silent);
        let nobody_there = seat.line.is_none() || line.is_some();
        self.end_admission(participant, reason, now);
        self.set_stage(participant, Stage::Away);
        if nobody_there {
            self.media.disconnect(participant, now.mono);
        }
        if let Some(connection) = line {
            self.close(connection);
        }
    }

    /// Somebody's line just went; a seat that is stepped out or asleep keeps saying so.
    fn tell_line_lost(&mut self, participant: ParticipantId, asleep: bool, now: Now) {
        let Some(seat) = self.seats.get_mut(&participant) else { return };
        if seat.presence() != Some(Presence::Here) {
            return;
        }
        let presence = if asleep { Presence::DeviceAsleep } else { Presence::LineLost };
        seat.set_presence(presence);
        self.media.pause(participant, now.mono);
        let reason = if asleep { GoneReason::DeviceAsleep } else { GoneReason::LineLost };
        self.tell_gone(participant, reason, now);
    }

    /// A message came: the line is up, whatever was thought, unless a guest's heartbeats are missing on it; then only a
    /// sealed word or a new knock shows that the page is still in the group.
    pub(crate) fn line_heard(&mut self, connection: ConnectionId, now: Now) {
        let Some(line) = self.lines.get_mut(&connection) else { return };
        line.heard = now.mono;
        let asleep = line.asleep;
        let Some(seat) = self.seats.get_mut(&line.participant).filter(|seat| seat.line == Some(connection))
        else {
            return;
        };
        if !line.knocked || (line.is_quiet && !is_host(seat)) {
            return;
        }
        let was_lost = seat.lost_at.take().is_some();
        if seat.presence() == Some(Presence::LineLost) {
            seat.set_presence(if asleep { Presence::DeviceAsleep } else { Presence::Here });
        }
        if was_lost && seat.is_here() && !line.is_quiet {
            let participant = line.participant;
            self.reopen_media(participant, now);
        }
    }

    /// A sealed message came: its sender is in the group and awake.
    pub(crate) fn sealed_heard(&mut self, connection: ConnectionId, now: Now) {
        let Some(line) = self.lines.get_mut(&connection) else { return };
        line.sealed = Some(now.mono);
        if line.is_quiet {
            self.watch_heartbeats(now);
            self.line_heard(connection, now);
        }
    }

    /// How the others see somebody: a line whose heartbeats are missing is lost to them before it is given up here.
    pub(crate) fn seen_presence(&self, seat: &Seat) -> Option<Presence> {
        let is_quiet = self.line_of(seat).is_some_and(|line| line.is_quiet);
        seat.presence().map(|seen| if is_quiet && seen == Presence::Here { Presence::LineLost } else { seen })
    }

    /// Tells those inside why somebody is gone, at once (CARE-02): hosts why, guests no more than they are to know.
    pub(crate) fn tell_gone(&mut self, participant: ParticipantId, reason: GoneReason, now: Now) {
        self.tell_hosts_gone(participant, reason, now);
        let message = ServerMessage::Gone { participant, reason: reason.for_guests(), at: now.wall };
        let guests = self.seats.iter().filter(|(who, seat)| **who != participant && seat.is_guest_here());
        let lines: Vec<_> = guests.filter_map(|(_, seat)| seat.line).collect();
        for connection in lines {
            self.send(connection, message.clone());
        }
    }

    /// Tells the hosts why somebody is gone, and remembers it for a host who comes later (CARE-02).
    pub(crate) fn tell_hosts_gone(&mut self, participant: ParticipantId, reason: GoneReason, now: Now) {
        if let Some(seat) = self.seats.get_mut(&participant) {
            seat.gone = Some((reason, now.wall));
        }
        let hosts = self.seats.iter().filter(|(who, seat)| **who != participant && seat.is_host_here());
        let lines: Vec<_> = hosts.filter_map(|(_, seat)| seat.line).collect();
        for connection in lines {
            self.send(connection, ServerMessage::Gone { participant, reason, at: now.wall });
        }
    }

    /// Whether a host other than this person is there, as the door wants to know it.
    ///
    /// To somebody outside, a host whose admission is being recorded counts: two who knock at once must not both be
    /// the first (SEC-014). To somebody inside only a host who is really there does.
    pub(crate) fn host_presence(&self, but: ParticipantId, from_outside: bool) -> HostPresence {
        let is_host = |seat: &Seat| match &seat.stage {
            Stage::Entering { admission, .. } => from_outside && admission.capabilities().host,
            _ => seat.is_host_here(),
        };
        if self.seats.iter().any(|(who, seat)| *who != but && is_host(seat)) {
            return HostPresence::Inside;
        }
        match (self.grace, self.host_seen) {
            (Some(_), _) => HostPresence::Grace,
            (None, true) => HostPresence::Lost,
            (None, false) => HostPresence::NotYet,
        }
    }

    /// Starts, stops and ends the grace after the last host has gone.
    pub(crate) fn watch_hosts(&mut self, now: Now) {
        let here = self.seats.values().any(Seat::is_host_here);
        let was_here = core::mem::replace(&mut self.host_here, here);
        self.host_seen |= here;
        if here {
            self.grace = None;
            return;
        }
        let others_inside =
            self.seats.values().any(|seat| seat.admission().is_some_and(|a| !a.capabilities().host));
        if was_here && others_inside && self.grace.is_none() {
            self.grace = Some(Grace { wall: now.wall.plus(HOST_GRACE), mono: now.mono + HOST_GRACE });
        }
        if !others_inside || self.grace.is_some_and(|grace| now.mono >= grace.mono) {
            self.grace = None;
        }
        if self.grace.is_none() {
            self.end_group();
        }
    }

    /// When something may change by itself.
    pub(crate) fn next_deadlines(&self, now: Now) -> Deadlines {
        let mut mono = self.reload_at;
        let mut wall: Option<Timestamp> = None;
        // A moment that has passed was looked at just now; naming it again would make the shell spin.
        let mut sooner = |at: Instant| {
            if at > now.mono {
                mono = mono.min(at);
            }
        };
        if let Some(grace) = self.grace {
            sooner(grace.mono);
        }
        for seat in self.seats.values() {
            let line = seat.line.and_then(|connection| self.lines.get(&connection));
            match (seat.lost_at, line) {
                (Some(lost), _) => sooner(lost + SEAT_KEPT),
                (None, Some(line)) => sooner(lost_at(seat, line)),
                (None, None) => {}
            }
            seat.asleep_since.into_iter().for_each(|since| sooner(since + SEAT_KEPT));
            line.and_then(missed_at).into_iter().for_each(&mut sooner);
            seat.retry_at.into_iter().for_each(&mut sooner);
            seat.asked.iter().for_each(|ask| sooner(ask.at + crate::order::ASK_AGAIN));
            let reconsider = match &seat.stage {
                Stage::Waiting { reconsider_at, .. } | Stage::Refused { reconsider_at, .. } => *reconsider_at,
                Stage::Entering { admission, .. } | Stage::Inside { admission, .. } => admission.until(),
                Stage::Away => None,
            };
            wall = [wall, reconsider.filter(|at| *at > now.wall)].into_iter().flatten().min();
        }
        let removals = self.group.iter().flat_map(|group| group.removal_asked.values());
        removals.for_each(|ask| sooner(ask.at + crate::order::ASK_AGAIN));
        Deadlines { wall, mono }
    }
}

/// By the admission that stands: an invitation may just have been taken back, which the door has yet to say.
fn is_host(seat: &Seat) -> bool {
    seat.admission().is_some_and(|admission| admission.role().is_host())
}

/// When a line is lost for which nothing more comes: no word at all, or no sealed word of a guest's. A host who says
/// nothing sealed is still host of the room: the seat waits for the line.
fn lost_at(seat: &Seat, line: &Line) -> Instant {
    let sealed = line.joined.and(line.sealed).filter(|_| !is_host(seat));
    sealed.map_or(line.heard, |sealed| sealed.min(line.heard)) + LINE_LOST
}

/// When the next heartbeat of a member will have been missing for long enough to be told.
fn missed_at(line: &Line) -> Option<Instant> {
    line.joined.and(line.sealed).map(|at| at + HEARTBEAT_MISSED)
}
