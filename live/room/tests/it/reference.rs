//! The reference for the admission property: who may be inside, told only from what went in and what came out.
//!
//! It was written from the rules, not from the room: it has its own reading of the facts, of who is present, and of
//! which click lets in whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use domain::door::{ClosingFacts, Facts, Invited};
use domain::meeting::WithdrawnBy;
use ids::{
    AdmissionId, ConnectionId, HOST_GRACE_MS, KEY_PACKAGE_BYTES_MAX, LINE_LOST_MS, PEERS_MAX, ParticipantId,
    Role, Timestamp,
};
use protocol::wire::{Answer, ClientMessage, DeviceKey, KeyPackageHash, ServerMessage, WithoutHer};
use room::{Output, RecordId, Recorded, RoomEvent};

use crate::admission::{BREATH_MS, PEOPLE};
use crate::house::{House, START, Seen, hash_of, who};

/// What happened at all, so that a run in which nothing happens cannot pass.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) admissions: AtomicU64,
    pub(crate) welcomes: AtomicU64,
    pub(crate) sealed: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) ends: AtomicU64,
    pub(crate) slots: AtomicU64,
    pub(crate) by_her_yes: AtomicU64,
}

/// The reference: who may be inside, told from what went in and what came out.
#[derive(Default)]
pub(crate) struct Reference {
    read: usize,
    people: BTreeMap<ConnectionId, ParticipantId>,
    devices: BTreeMap<ConnectionId, DeviceKey>,
    welcomed: BTreeMap<ConnectionId, bool>,
    knocked: BTreeMap<ConnectionId, KeyPackageHash>,
    heard: BTreeMap<ConnectionId, Timestamp>,
    current: BTreeMap<ParticipantId, ConnectionId>,
    facts: BTreeMap<ParticipantId, Facts>,
    recording: BTreeMap<RecordId, (ParticipantId, AdmissionId)>,
    live: BTreeMap<ParticipantId, Live>,
    ended_for: BTreeMap<ParticipantId, ()>,
    ended: bool,
    said: Option<(ConnectionId, ClientMessage)>,
    host_last: Option<Timestamp>,
    /// The last press on each person.
    pressed: BTreeMap<ParticipantId, (ConnectionId, KeyPackageHash)>,
    /// The same before the newest message, should that be refused.
    pressed_before: BTreeMap<ParticipantId, (ConnectionId, KeyPackageHash)>,
    /// What each was last shown as asked: about whom, and whether for minutes without her.
    asked: BTreeMap<ParticipantId, (BTreeSet<ParticipantId>, bool)>,
    /// Who has said yes about whom: the young person, the parent.
    yes: BTreeSet<(ParticipantId, ParticipantId)>,
    /// Who has said anything else.
    no: BTreeSet<(ParticipantId, ParticipantId)>,
    /// Both before the newest message, should that be refused.
    said_before: [BTreeSet<(ParticipantId, ParticipantId)>; 2],
}

#[derive(Debug, Clone)]
struct Live {
    admission: AdmissionId,
    role: Role,
    device: Option<DeviceKey>,
    stepped_out: bool,
    someone_came_in: bool,
    /// Out with leave for the others to go on.
    agreed: bool,
    /// A parent who may be inside only with the young people who said yes.
    by: BTreeSet<ParticipantId>,
    effective: bool,
}

impl Reference {
    /// Reads on in the log; an error says what was wrong.
    pub(crate) fn read(&mut self, house: &House, tally: &Tally) -> Result<(), String> {
        while let Some((at, seen)) = house.log.get(self.read) {
            self.read += 1;
            self.see(seen, *at, tally).map_err(|wrong| format!("{wrong}, at {seen:?}"))?;
        }
        self.check_state(house, tally)
    }

    fn see(&mut self, seen: &Seen, now: Timestamp, tally: &Tally) -> Result<(), String> {
        match seen {
            Seen::Opened(connection, participant) => {
                self.people.insert(*connection, *participant);
                self.heard.insert(*connection, now);
            }
            Seen::Dropped(connection) => self.gone(*connection),
            Seen::Facts(participant, facts) => {
                self.facts.insert(*participant, (**facts).clone());
            }
            Seen::Said(connection, message) => self.say(*connection, message, now),
            Seen::Answered(record, how) => {
                if let Some((participant, admission)) = self.recording.remove(record)
                    && let Some(live) = self.live.get_mut(&participant)
                    && live.admission == admission
                {
                    if *how == Recorded::Written {
                        live.effective = true;
                    } else {
                        self.live.remove(&participant);
                    }
                }
            }
            Seen::Output(Output::Record { record, event }) => self.record(*record, event, now, tally)?,
            Seen::Output(Output::Send { connection, message }) => self.sent(*connection, message, tally)?,
            Seen::Output(Output::Close { connection }) => self.gone(*connection),
            Seen::Output(_) => {}
        }
        Ok(())
    }

    fn gone(&mut self, connection: ConnectionId) {
        let Some(participant) = self.people.get(&connection) else { return };
        if self.current.get(participant) == Some(&connection) {
            self.current.remove(participant);
        }
    }

    fn say(&mut self, connection: ConnectionId, message: &ClientMessage, now: Timestamp) {
        self.heard.insert(connection, now);
        self.said = Some((connection, message.clone()));
        self.pressed_before.clone_from(&self.pressed);
        self.said_before = [self.yes.clone(), self.no.clone()];
        let Some(participant) = self.people.get(&connection).copied() else { return };
        if let ClientMessage::Hello { device, .. } = message
            && device.0.len() == 65
            && !self.devices.contains_key(&connection)
        {
            self.devices.insert(connection, device.clone());
            self.current.insert(participant, connection);
        }
        if self.current.get(&participant) != Some(&connection) || !self.welcomed.contains_key(&connection) {
            return;
        }
        let sound = |bytes: &[u8], hash: &KeyPackageHash| {
            !bytes.is_empty() && bytes.len() <= KEY_PACKAGE_BYTES_MAX && hash_of(bytes) == *hash
        };
        match message {
            ClientMessage::Knock { key_package, hash } if sound(key_package, hash) => {
                self.knocked.insert(connection, *hash);
            }
            ClientMessage::StepIn { key_package, hash } if sound(key_package, hash) => {
                if let Some(live) = self.live.get_mut(&participant).filter(|live| live.stepped_out) {
                    (live.stepped_out, live.agreed, live.someone_came_in) = (false, false, false);
                    self.knocked.insert(connection, *hash);
                }
            }
            ClientMessage::StepOut { someone_came_in } => {
                self.goes_out(participant, |live| !someone_came_in && live.agreed);
                if let Some(live) = self.live.get_mut(&participant) {
                    live.someone_came_in |= *someone_came_in;
                }
            }
            ClientMessage::WithoutMe { agreed: true } => {
                let asked = self.asked.get(&participant).is_some_and(|(_, without)| *without);
                self.goes_out(participant, |live| if live.stepped_out { live.agreed } else { asked });
            }
            ClientMessage::Admit { participant: whom, hash } => {
                self.pressed.insert(*whom, (connection, *hash));
            }
            ClientMessage::Answer { about, answer } => {
                let asked =
                    self.asked.get(&participant).is_some_and(|(about_whom, _)| about_whom.contains(about));
                let mine = self.live.get(&participant);
                let young = mine.is_some_and(|live| live.role == Role::YoungPerson);
                if asked && *answer == Answer::NotToday {
                    self.pressed.remove(about);
                }
                let word = (participant, *about);
                let yes = *answer == Answer::Yes;
                // A word about somebody who is inside by it is one as well, if it takes it back.
                let takes_back =
                    !yes && self.live.get(about).is_some_and(|live| live.by.contains(&participant));
                if young && (asked || takes_back) {
                    let (said, other) =
                        if yes { (&mut self.yes, &mut self.no) } else { (&mut self.no, &mut self.yes) };
                    said.insert(word);
                    other.remove(&word);
                }
            }
            _ => {}
        }
    }

    /// Somebody steps out, and takes back every yes that has let nobody in.
    fn goes_out(&mut self, participant: ParticipantId, agreed: impl Fn(&Live) -> bool) {
        if let Some(live) = self.live.get_mut(&participant).filter(|live| live.effective) {
            live.agreed = agreed(live);
            if !core::mem::replace(&mut live.stepped_out, true) {
                self.yes.retain(|(her, _)| *her != participant);
            }
        }
    }

    fn record(
        &mut self,
        record: RecordId,
        event: &RoomEvent,
        now: Timestamp,
        tally: &Tally,
    ) -> Result<(), String> {
        match event {
            RoomEvent::AdmissionBegun { admission, participant, role, by, .. } => {
                self.may_begin(*participant, *role, *by, now)?;
                tally.admissions.fetch_add(1, Ordering::Relaxed);
                let device = self.current.get(participant).and_then(|c| self.devices.get(c)).cloned();
                let by = self.by_whose_yes(*participant, *role)?;
                tally.by_her_yes.fetch_add(u64::from(!by.is_empty()), Ordering::Relaxed);
                let (admission, role) = (*admission, *role);
                let live = Live {
                    admission,
                    role,
                    device,
                    stepped_out: false,
                    someone_came_in: false,
                    agreed: false,
                    by,
                    effective: false,
                };
                self.live.insert(*participant, live);
                self.recording.insert(record, (*participant, admission));
            }
            RoomEvent::AdmissionEnded { admission, participant, .. } => {
                tally.ends.fetch_add(1, Ordering::Relaxed);
                let ended = self.live.remove(participant);
                self.yes.retain(|(her, whom)| her != participant && whom != participant);
                check(ended.is_some_and(|live| live.admission == *admission), "an end without a beginning")?;
            }
            RoomEvent::EndedFor { participant, by, .. } => {
                check(self.is_effective_host(*by), "ended by somebody who may not")?;
                self.ended_for.insert(*participant, ());
            }
            RoomEvent::SessionEnded { by, .. } => {
                check(self.is_effective_host(*by), "ended for all by somebody who may not")?;
                self.ended = true;
            }
            RoomEvent::SessionStarted { .. } => {}
        }
        Ok(())
    }

    /// The reference's own idea of the door.
    fn may_begin(
        &self,
        participant: ParticipantId,
        role: Role,
        by: Option<ParticipantId>,
        now: Timestamp,
    ) -> Result<(), String> {
        let facts = self.facts.get(&participant).ok_or("let in without facts")?;
        check(!is_cut(facts, now), "let in against a cutting fact")?;
        check(
            facts.cutting.invitation.role() == Some(role),
            "let in in a role that is not the invitation's",
        )?;
        check(!self.ended && !self.ended_for.contains_key(&participant), "let in after the end")?;
        check(!self.live.contains_key(&participant), "let in twice")?;
        check(self.live.len() < PEERS_MAX, "let into a full room")?;
        let connection = self.current.get(&participant).ok_or("let in without a page")?;
        let package = self.knocked.get(connection).ok_or("let in without a knock")?;
        let Some(host) = by else {
            check(role == Role::Host, "let in without a click")?;
            let another = self.live.keys().any(|other| {
                *other != participant && (self.is_host_present(*other, now) || self.is_host_entering(*other))
            });
            return check(!another, "a second host let in without a click");
        };
        let (on, hash) = self.click_for(participant)?;
        check(hash == package, "the click named something else")?;
        check(self.people.get(on) == Some(&host), "the click is booked on another host")?;
        check(
            self.current.get(&host) == Some(on) && self.is_effective_host(host),
            "clicked by a host outside",
        )?;
        let window = &facts.closing.window;
        let open = window.opens() <= now && now < window.closes();
        check(open || role == Role::Host || role == Role::YoungPerson, "let in against a closing fact")
    }

    /// The click that lets somebody in: it has just come, or her yes has just come to it.
    fn click_for(&self, participant: ParticipantId) -> Result<(&ConnectionId, &KeyPackageHash), String> {
        match &self.said {
            Some((on, ClientMessage::Admit { participant: whom, hash })) if *whom == participant => {
                Ok((on, hash))
            }
            Some((_, ClientMessage::Answer { about, answer: Answer::Yes })) if *about == participant => {
                self.pressed.get(about).map(|(on, hash)| (on, hash)).ok_or("asked by nobody".into())
            }
            _ => Err("let in although nobody has just clicked".into()),
        }
    }

    /// Those by whose yes a parent comes in: everybody who is here and young, and one at least.
    fn by_whose_yes(&self, whom: ParticipantId, role: Role) -> Result<BTreeSet<ParticipantId>, String> {
        let closing = &self.facts.get(&whom).ok_or("let in without facts")?.closing;
        if role != Role::Guardian || (!self.is_refused(whom) && !asks_her(closing)) {
            return Ok(BTreeSet::new());
        }
        check(!self.is_refused(whom), "a parent let in against a no")?;
        let inside = self.young_inside();
        check(!inside.is_empty(), "a parent let in while she is not there")?;
        check(inside.iter().all(|her| self.yes.contains(&(*her, whom))), "a parent let in without her yes")?;
        Ok(inside)
    }

    /// Whether a young person has said anything but yes to this parent.
    fn is_refused(&self, whom: ParticipantId) -> bool {
        self.no.iter().any(|(_, about)| *about == whom)
    }

    fn young_inside(&self) -> BTreeSet<ParticipantId> {
        let young = self.live.iter().filter(|(_, live)| live.role == Role::YoungPerson && live.effective);
        young.filter(|(_, live)| !live.stepped_out).map(|(her, _)| *her).collect()
    }

    fn is_effective_host(&self, participant: ParticipantId) -> bool {
        self.live.get(&participant).is_some_and(|live| live.effective && live.role == Role::Host)
    }

    fn is_host_entering(&self, participant: ParticipantId) -> bool {
        self.live.get(&participant).is_some_and(|live| !live.effective && live.role == Role::Host)
    }

    fn is_host_present(&self, participant: ParticipantId, now: Timestamp) -> bool {
        let Some(connection) = self.current.get(&participant) else { return false };
        let heard = self
            .heard
            .get(connection)
            .is_some_and(|at| now.since(*at).as_millis() < u128::from(LINE_LOST_MS));
        let out = self.live.get(&participant).is_none_or(|live| live.stepped_out);
        self.is_effective_host(participant) && heard && !out && self.knocked.contains_key(connection)
    }

    /// Let in, recorded, on the present page, and not stepped out.
    fn is_inside(&self, connection: ConnectionId) -> bool {
        let Some(participant) = self.people.get(&connection) else { return false };
        self.current.get(participant) == Some(&connection) && self.is_inside_somewhere(*participant)
    }

    fn is_inside_somewhere(&self, participant: ParticipantId) -> bool {
        self.live.get(&participant).is_some_and(|live| live.effective && !live.stepped_out)
    }

    fn sent(
        &mut self,
        connection: ConnectionId,
        message: &ServerMessage,
        tally: &Tally,
    ) -> Result<(), String> {
        let inside = self.is_inside(connection);
        let host = self.people.get(&connection).is_some_and(|who| inside && self.is_effective_host(*who));
        match message {
            ServerMessage::Rejected { .. } => {
                if self.said.as_ref().is_some_and(|(on, _)| *on == connection) {
                    self.pressed.clone_from(&self.pressed_before);
                    [self.yes, self.no] = self.said_before.clone();
                }
                Ok(())
            }
            ServerMessage::Joined { .. } => {
                tally.welcomes.fetch_add(1, Ordering::Relaxed);
                check(inside, "a welcome without an admission")
            }
            ServerMessage::Sealed { from, .. } => {
                tally.sealed.fetch_add(1, Ordering::Relaxed);
                check(inside, "a sealed message to somebody without an admission")?;
                check(self.is_inside_somewhere(*from), "a sealed message from somebody without an admission")
            }
            ServerMessage::Commit { from, .. } => {
                tally.commits.fetch_add(1, Ordering::Relaxed);
                check(inside, "a commit to somebody without an admission")?;
                check(self.is_effective_host(*from), "a commit by somebody who is no host")
            }
            ServerMessage::AddWanted { participant, .. } => {
                check(host, "a request to somebody who is no host inside")?;
                check(
                    self.is_inside_somewhere(*participant),
                    "a request to add somebody without an admission",
                )
            }
            ServerMessage::Lobby { .. }
            | ServerMessage::CreateGroup { .. }
            | ServerMessage::CommitLost { .. }
            | ServerMessage::RemoveWanted { .. } => {
                check(host, "what is for hosts inside went to somebody else")
            }
            ServerMessage::Admitted { .. }
            | ServerMessage::Roster { .. }
            | ServerMessage::Slots { .. }
            | ServerMessage::Media { .. }
            | ServerMessage::Screen { .. }
            | ServerMessage::HostGrace { .. }
            | ServerMessage::Gone { .. } => check(inside, "what is for those inside went to somebody else"),
            ServerMessage::Note { .. } => {
                let by = self.said.as_ref().filter(|(_, said)| matches!(said, ClientMessage::Note { .. }));
                check(by.is_some_and(|(on, _)| self.is_inside(*on)), "a note that no host wrote")
            }
            ServerMessage::Asked { people, without_you } => {
                let her = *self.people.get(&connection).ok_or("asked nobody")?;
                let hers = |live: &Live| live.effective && live.role == Role::YoungPerson;
                check(self.live.get(&her).is_some_and(hers), "what is for her went to somebody else")?;
                let disturbed = self.live.get(&her).is_some_and(|live| live.someone_came_in);
                check(!disturbed || people.is_empty(), "a question on a page that somebody may look at")?;
                let about = people.iter().map(|about| about.participant).collect();
                let without = matches!(without_you, Some(WithoutHer::Asked | WithoutHer::Stays));
                self.asked.insert(her, (about, without));
                Ok(())
            }
            ServerMessage::Welcome(_) => {
                self.welcomed.insert(connection, true);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What must hold whenever the room has come to rest.
    fn check_state(&mut self, house: &House, tally: &Tally) -> Result<(), String> {
        let now = house.now.wall;
        for number in 0..PEOPLE {
            let participant = who(number + 1);
            let slots = house.room.slots(participant);
            tally.slots.fetch_add(slots.len() as u64, Ordering::Relaxed);
            let inside = self.is_inside_somewhere(participant);
            check(inside || slots.is_empty(), "media open for somebody without an admission")?;
            let others = slots.iter().all(|slot| self.is_inside_somewhere(slot.participant));
            check(others, "media open from somebody without an admission")?;
        }
        for (participant, live) in &self.live {
            let facts = self.facts.get(participant).ok_or("inside without facts")?;
            check(!is_cut(facts, now), "inside against a cutting fact")?;
            check(facts.cutting.invitation.role() == Some(live.role), "inside in a role taken away")?;
            let device = self.current.get(participant).and_then(|connection| self.devices.get(connection));
            let same = device.is_none() || device == live.device.as_ref();
            check(same, "inside on a device that nobody let in")?;
            let there = |her: &ParticipantId| {
                self.live
                    .get(her)
                    .is_some_and(|young| young.effective && (!young.stepped_out || young.agreed))
            };
            if live.role == Role::Guardian && (self.is_refused(*participant) || asks_her(&facts.closing)) {
                check(!self.is_refused(*participant), "a parent inside against a no")?;
                check(live.by.iter().all(there), "a parent inside behind her back")?;
                let unasked = self.young_inside().into_iter().any(|her| !live.by.contains(&her));
                check(!unasked, "a parent inside about whom one of them was not asked")?;
            }
        }
        check(!self.ended || self.live.is_empty(), "inside after the end for all")?;
        check(self.ended_for.keys().all(|who| !self.live.contains_key(who)), "inside after the end for her")?;
        self.check_hosts(now)
    }

    /// Nobody stays without a host beyond the grace.
    fn check_hosts(&mut self, now: Timestamp) -> Result<(), String> {
        if self.live.keys().any(|host| self.is_host_present(*host, now)) {
            self.host_last = Some(now);
        }
        let guests = self.live.values().any(|live| live.role != Role::Host && live.effective);
        let alone = now.since(self.host_last.unwrap_or(Timestamp::from_millis(START))).as_millis();
        let allowed = u128::from(HOST_GRACE_MS + LINE_LOST_MS + 2 * BREATH_MS + 20_000);
        check(!guests || alone <= allowed, "inside without a host")
    }
}

fn check(good: bool, wrong: &str) -> Result<(), String> {
    if good { Ok(()) } else { Err(wrong.into()) }
}

/// Whether parents come in by her yes alone.
const fn asks_her(facts: &ClosingFacts) -> bool {
    facts.young_person_invited && !facts.comes_with_parents
}

/// The reference's own reading of the cutting facts.
fn is_cut(facts: &Facts, now: Timestamp) -> bool {
    let facts = &facts.cutting;
    let by_invitation = match facts.invitation {
        Invited::No => true,
        Invited::Yes { role, until } => role != Role::YoungPerson && until.is_some_and(|until| until <= now),
        Invited::Withdrawn { role, by } => role != Role::YoungPerson || by != WithdrawnBy::Other,
    };
    by_invitation
        || facts.blocked
        || facts.own_withdrawal
        || facts.signed_out
        || facts.session_ended
        || facts.ended_for
}
