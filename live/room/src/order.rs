//! The MLS delivery service: makes sure of one group, asks hosts' workers to add and remove, and puts commits and
//! sealed messages in order, unread.
//!
//! A host's worker is asked to add only somebody whom that very page clicked on, or a device that it has been in a
//! group with (SEC-014). Where no such host is left, the person waits again and any host may click.

use core::time::Duration;
use std::collections::BTreeSet;

use ids::{ConnectionId, GoneReason, GroupId, ParticipantId};
use protocol::wire::{AddGround, Commit, DeviceKey, KeyPackageHash, RejectReason, Sealed, ServerMessage};

use crate::api::Now;
use crate::group::Group;
use crate::room::Room;
use crate::seat::{Ask, Seat, Stage};

/// A worker that has not answered after this long is asked again.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(5);
/// After so many askings without a commit the person waits again, where hosts see it and can click.
const ASKS_MAX: usize = 4;

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Next,
    /// Somebody was faster, or the world has changed: rebuild.
    Lost,
}

impl Room {
    /// Makes a group when a host is here and no host here is in one; says whether it did.
    ///
    /// The server alone decides who creates it, so that two hosts cannot make two.
    pub(crate) fn keep_group(&mut self, now: Now) -> bool {
        if self.group.is_some() && !self.hosts_in_group().is_empty() {
            return false;
        }
        let is_ready = |seat: &Seat| seat.is_host_here() && self.line_of(seat).is_some();
        let Some((founder, seat)) = self.seats.iter().find(|(_, seat)| is_ready(seat)) else { return false };
        let (founder, line) = (*founder, seat.line);
        self.end_group();
        let group = self.entropy.id(now.wall, GroupId::from_parts);
        self.group = Some(Group::new(group, founder));
        // The founder hears that it is let in before it hears what to do.
        self.show();
        if let Some((connection, line)) = line.and_then(|id| Some((id, self.lines.get_mut(&id)?))) {
            (line.joined, line.sealed) = (Some(group), None);
            self.send(connection, ServerMessage::CreateGroup { group });
        }
        true
    }

    /// Ends the group; its members forget its keys.
    pub(crate) fn end_group(&mut self) {
        let Some(group) = self.group.take() else { return };
        let mut told = Vec::new();
        for (connection, line) in &mut self.lines {
            if line.joined.take().is_some() {
                told.push(*connection);
            }
        }
        for connection in told {
            self.send(connection, ServerMessage::GroupEnded { group: group.id });
        }
        for seat in self.seats.values_mut() {
            seat.asked = None;
        }
    }

    /// Asks hosts to add those whose admission stands and whose page is not in the group; says whether somebody had
    /// to be put back to waiting because no host may add them.
    pub(crate) fn ask_for_adds(&mut self, now: Now) -> bool {
        let mut changed = false;
        for participant in self.everyone() {
            let Some(seat) = self.seats.get(&participant) else { continue };
            let Some(hash) = self.wants_add(seat) else { continue };
            let hosts = self.hosts_in_group();
            let adders = self.who_may_add(participant, seat, &hosts);
            let unheard =
                seat.asked.is_some_and(|ask| ask.before + 1 >= ASKS_MAX && now.mono >= ask.at + ASK_AGAIN);
            if adders.is_empty() || unheard {
                // Nobody is there who could; a person who is known from before stays in the grace for a host.
                if !hosts.is_empty() || seat.click.is_some() {
                    self.end_admission(participant, GoneReason::DoorClosed, now);
                    self.set_stage(participant, Stage::Away);
                    changed = true;
                }
                continue;
            }
            let pages: Vec<_> = adders.iter().map(|(page, _)| *page).collect();
            if let Some(ask) = next_ask(seat.asked.as_ref(), Some(hash), &pages, now) {
                let ground = adders.into_iter().find(|(page, _)| *page == ask.of).map(|(_, ground)| ground);
                self.ask_for_add(participant, ask, ground.unwrap_or(AddGround::CameBack));
            }
        }
        changed
    }

    fn ask_for_add(&mut self, participant: ParticipantId, ask: Ask, ground: AddGround) {
        let Some(seat) = self.seats.get_mut(&participant) else { return };
        let Some(package) = &seat.key_package else { return };
        let key_package = package.bytes.clone();
        seat.asked = Some(ask);
        // The host hears of the admission before it hears what to do.
        self.show();
        self.send(ask.of, ServerMessage::AddWanted { participant, key_package, ground });
    }

    /// The key package to add, when somebody is here, has one, and the page on the line is not in the group.
    fn wants_add(&self, seat: &Seat) -> Option<KeyPackageHash> {
        let line = self.line_of(seat)?;
        let group = self.group.as_ref().map(|group| group.id);
        let apart = group.is_none() || line.joined != group;
        (seat.is_here() && apart).then(|| seat.key_package.as_ref().map(|package| package.hash))?
    }

    /// The page of the host who clicked, then those of hosts who have met the device.
    fn who_may_add(
        &self,
        participant: ParticipantId,
        seat: &Seat,
        hosts: &[ParticipantId],
    ) -> Vec<(ConnectionId, AddGround)> {
        let device = self.line_of(seat).and_then(|line| line.device.clone());
        let hash = seat.key_package.as_ref().map(|package| package.hash);
        let (Some(device), Some(hash)) = (device, hash) else { return Vec::new() };
        let candidate = |host: &ParticipantId| {
            let host_seat = self.seats.get(host).filter(|_| *host != participant)?;
            let page = host_seat.line?;
            if self.has_clicked(seat, *host, page) {
                return Some((page, AddGround::Clicked(hash)));
            }
            let host_device = self.line_of(host_seat)?.device.clone()?;
            let knows = self.met.knows(&(*host, host_device), &(participant, device.clone()));
            knows.then_some((page, AddGround::CameBack))
        };
        let mut adders: Vec<_> = hosts.iter().filter_map(candidate).collect();
        adders.sort_by_key(|(_, ground)| *ground == AddGround::CameBack);
        adders
    }

    /// Whether this page of this host clicked on the very key package that is here now.
    fn has_clicked(&self, seat: &Seat, host: ParticipantId, line: ConnectionId) -> bool {
        let hash = seat.key_package.as_ref().map(|package| package.hash);
        seat.click.is_some_and(|click| click.by == host && click.line == line && Some(click.hash) == hash)
    }

    /// Asks a host to remove those who are in the group and should not be.
    pub(crate) fn ask_for_removals(&mut self, now: Now) {
        let hosts = self.hosts_in_group();
        let pages: Vec<_> = hosts.iter().filter_map(|host| self.seats.get(host)?.line).collect();
        let Some(group) = &mut self.group else { return };
        let mut wanted = Vec::new();
        for participant in &group.members {
            if self.seats.get(participant).is_some_and(Seat::is_member) {
                group.removal_asked.remove(participant);
            } else if let Some(ask) = next_ask(group.removal_asked.get(participant), None, &pages, now) {
                group.removal_asked.insert(*participant, ask);
                wanted.push((ask.of, *participant));
            }
        }
        for (of, participant) in wanted {
            self.send(of, ServerMessage::RemoveWanted { participant });
        }
    }

    /// Hosts who are here and whose page is in the group.
    fn hosts_in_group(&self) -> Vec<ParticipantId> {
        let Some(group) = &self.group else { return Vec::new() };
        let is_in = |seat: &Seat| self.line_of(seat).is_some_and(|line| line.joined == Some(group.id));
        self.seats
            .iter()
            .filter(|(_, seat)| seat.is_host_here() && is_in(seat))
            .map(|(who, _)| *who)
            .collect()
    }

    pub(crate) fn line_of(&self, seat: &Seat) -> Option<&crate::seat::Line> {
        seat.line.and_then(|connection| self.lines.get(&connection))
    }

    /// The pages in the group whose person has a live admission and has not stepped out. A line that is silent but
    /// open is among them: what it missed it could never catch up with.
    fn pages_in_group(&self) -> Vec<(ParticipantId, ConnectionId)> {
        let Some(group) = &self.group else { return Vec::new() };
        let page = |(who, seat): (&ParticipantId, &Seat)| {
            let connection = seat.line.filter(|_| seat.is_member())?;
            let line = self.lines.get(&connection)?;
            (line.joined == Some(group.id)).then_some((*who, connection))
        };
        self.seats.iter().filter_map(page).collect()
    }

    /// A commit arrived.
    ///
    /// # Errors
    /// Only a host who is in the group may commit (SEC-013).
    pub(crate) fn commit(
        &mut self,
        from: ParticipantId,
        connection: ConnectionId,
        commit: &Commit,
    ) -> Result<(), RejectReason> {
        let Some(seat) = self.seats.get(&from).filter(|seat| seat.is_here()) else {
            return Err(RejectReason::NotAdmitted);
        };
        if !seat.is_host_here() {
            return Err(RejectReason::NotHost);
        }
        if commit.welcome.is_some() == commit.added.is_empty() || has_doubles(commit) {
            return Err(RejectReason::BadMessage);
        }
        #[cfg(feature = "evil")]
        if self.commit_on_the_other_side(from, commit) {
            return Ok(());
        }
        let joined = self.lines.get(&connection).and_then(|line| line.joined);
        let Some(group) = self.group.as_ref().filter(|group| joined == Some(group.id)) else {
            return Err(RejectReason::NotAdmitted);
        };
        let (id, epoch) = (group.id, group.epoch);
        match self.place_of(from, connection, commit, group) {
            Place::Next => self.put_in_place(from, commit),
            Place::Lost => {
                self.send(connection, ServerMessage::CommitLost { group: id, epoch });
                self.forget_asks(connection);
            }
        }
        Ok(())
    }

    fn place_of(
        &self,
        from: ParticipantId,
        connection: ConnectionId,
        commit: &Commit,
        group: &Group,
    ) -> Place {
        if commit.group != group.id || commit.epoch != group.epoch {
            return Place::Lost;
        }
        let may_add = |(added, hash): &(ParticipantId, KeyPackageHash)| {
            let Some(seat) = self.seats.get(added).filter(|_| *added != from) else { return false };
            let wanted = self.wants_add(seat) == Some(*hash);
            let replaced = !group.members.contains(added) || commit.removed.contains(added);
            let may = self.who_may_add(*added, seat, &[from]).iter().any(|(page, _)| *page == connection);
            wanted && replaced && may
        };
        let may_remove = |removed: &ParticipantId| {
            let stays = self.seats.get(removed).is_some_and(Seat::is_member);
            let returns = commit.added.iter().any(|(added, _)| added == removed);
            *removed != from
                && group.members.contains(removed)
                && (!stays || returns || self.is_apart(*removed))
        };
        let good = commit.added.iter().all(may_add) && commit.removed.iter().all(may_remove);
        if good { Place::Next } else { Place::Lost }
    }

    /// Let in, but the page on the line is not the one that is in the group: its old leaf may go.
    fn is_apart(&self, participant: ParticipantId) -> bool {
        self.seats.get(&participant).is_some_and(|seat| self.wants_add(seat).is_some())
    }

    /// Delivers a commit to everyone in the group, its maker included, and the welcome to those it adds.
    fn put_in_place(&mut self, from: ParticipantId, commit: &Commit) {
        let pages = self.pages_in_group();
        let Some(group) = &mut self.group else { return };
        group.accept(commit);
        let id = group.id;
        let message = ServerMessage::Commit { from, commit: Commit { welcome: None, ..commit.clone() } };
        #[cfg(feature = "evil")]
        let pages = self.evil.without_victims(pages);
        for (_, connection) in pages {
            self.send(connection, message.clone());
        }
        for (added, _) in &commit.added {
            self.welcome(*added, id, commit.welcome.as_deref().unwrap_or_default());
        }
        self.remember_who_met();
    }

    /// The last step into the room; only for somebody whose admission stands, as `place_of` has just seen.
    pub(crate) fn welcome(&mut self, added: ParticipantId, group: GroupId, welcome: &[u8]) {
        let Some(seat) = self.seats.get_mut(&added).filter(|seat| seat.is_here()) else { return };
        (seat.key_package, seat.click, seat.asked) = (None, None, None);
        let Some(connection) = seat.line else { return };
        if let Some(line) = self.lines.get_mut(&connection) {
            (line.joined, line.sealed) = (Some(group), None);
            line.key_package_wanted = false;
        }
        self.send(connection, ServerMessage::Joined { group, welcome: welcome.to_vec() });
    }

    fn remember_who_met(&mut self) {
        let pages = self.pages_in_group();
        let device =
            |(who, connection): &(ParticipantId, ConnectionId)| -> Option<(ParticipantId, DeviceKey)> {
                Some((*who, self.lines.get(connection)?.device.clone()?))
            };
        let everyone: Vec<_> = pages.iter().filter_map(device).collect();
        self.met.together(&everyone);
    }

    /// A page whose commit was lost is asked again for whatever still stands.
    fn forget_asks(&mut self, connection: ConnectionId) {
        for seat in self.seats.values_mut() {
            seat.asked = seat.asked.filter(|ask| ask.of != connection);
        }
        if let Some(group) = &mut self.group {
            group.removal_asked.retain(|_, ask| ask.of != connection);
        }
    }

    /// Relays something sealed to everyone else in the group, unread.
    ///
    /// # Errors
    /// The sender must be in the group, with a live admission.
    pub(crate) fn relay(
        &mut self,
        from: ParticipantId,
        connection: ConnectionId,
        sealed: &Sealed,
    ) -> Result<(), RejectReason> {
        let pages = self.pages_in_group();
        let is_in = pages.contains(&(from, connection));
        if !is_in || self.group.as_ref().map(|group| group.id) != Some(sealed.group) {
            return Err(RejectReason::NotAdmitted);
        }
        #[cfg(feature = "evil")]
        self.evil.remember(from, sealed);
        #[cfg(feature = "evil")]
        let pages = self.hoarded(from, sealed, pages);
        for (_, to) in pages.into_iter().filter(|(who, _)| *who != from) {
            self.send(to, ServerMessage::Sealed { from, sealed: sealed.clone() });
        }
        Ok(())
    }
}

/// What to ask next of these pages: nothing while an answer may still come, then the next page in turn.
fn next_ask(
    before: Option<&Ask>,
    hash: Option<KeyPackageHash>,
    pages: &[ConnectionId],
    now: Now,
) -> Option<Ask> {
    let before = before.filter(|old| old.hash == hash);
    if before.is_some_and(|old| pages.contains(&old.of) && now.mono < old.at + ASK_AGAIN) {
        return None;
    }
    let times = before.map_or(0, |old| old.before.saturating_add(1));
    let of = *pages.iter().cycle().nth(times.checked_rem(pages.len())?)?;
    Some(Ask { of, hash, at: now.mono, before: times })
}

fn has_doubles(commit: &Commit) -> bool {
    let added: BTreeSet<_> = commit.added.iter().map(|(who, _)| who).collect();
    let removed: BTreeSet<_> = commit.removed.iter().collect();
    added.len() != commit.added.len() || removed.len() != commit.removed.len()
}
