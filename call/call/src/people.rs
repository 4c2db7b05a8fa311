//! The people inside: roster, lock, heartbeats and the forwarder's word, merged to one tile each.

use ids::{PEERS_MAX, ParticipantId, Personal, TEXT_CHARS_MAX, Timestamp, TrackKind, WAITING_MAX};
use protocol::content::{Heartbeat, Lead, Reaction, SelfState};
use protocol::group::{GroupCommand, MemberView};
use protocol::wire::{GonePerson, MediaState, Presence, PresentPerson};

use crate::few::Few;
use crate::output::Output;
use crate::view::{ChatLine, Gone, Lines, MediaStatus, Tile};
use crate::{CHAT_LINES_MAX, Call, Changes, GONE_MAX, NO_ANSWER_MS, REACTION_SHOWN_MS};

/// Names kept for those who go.
const NAMES_MAX: usize = 4 * (PEERS_MAX + WAITING_MAX);

/// What is known of the people inside.
#[derive(Debug, Default)]
pub(crate) struct People {
    roster: Vec<PresentPerson>,
    names: Few<ParticipantId, Personal<String>>,
    heard: Few<ParticipantId, Heard>,
    media: Few<ParticipantId, MediaState>,
    reactions: Few<ParticipantId, (Reaction, Timestamp)>,
}

/// The last sealed word of a member.
#[derive(Debug, Clone, Copy)]
struct Heard {
    leaf: u32,
    number: u64,
    state: SelfState,
    at: Timestamp,
}

impl People {
    /// Everyone whose line is up, by the server's word; who is not is shown as away.
    pub(crate) fn here(&self) -> Vec<ParticipantId> {
        let here = |person: &&PresentPerson| matches!(person.presence, Presence::Here);
        self.roster.iter().filter(here).map(|person| person.participant).collect()
    }

    /// A heartbeat counts only when its number is new for this leaf: the server cannot turn an old one into the last.
    pub(crate) fn heard(&mut self, from: ParticipantId, leaf: u32, heartbeat: &Heartbeat, now: Timestamp) {
        let last = self.heard.get(from).filter(|heard| heard.leaf == leaf);
        if last.is_none_or(|last| heartbeat.number > last.number) {
            let heard = Heard { leaf, number: heartbeat.number, state: heartbeat.state, at: now };
            self.heard.set(from, heard);
        }
    }

    /// What a member leads, by the member's own sealed word, if anything.
    pub(crate) fn lead_of(&self, host: ParticipantId) -> Option<Lead> {
        self.heard.get(host).map(|heard| heard.state.lead).filter(|lead| *lead != Lead::NOTHING)
    }

    pub(crate) fn reacted(&mut self, from: ParticipantId, reaction: Reaction, now: Timestamp) {
        self.reactions.set(from, (reaction, now));
    }

    /// Forgets the word of those who left the group or came back with another leaf.
    pub(crate) fn keep_leaves(&mut self, members: &[MemberView]) {
        self.heard.keep(|who, heard| members.iter().any(|m| m.participant == who && m.leaf == heard.leaf));
    }

    pub(crate) fn remember(&mut self, participant: ParticipantId, name: &Personal<String>) {
        if self.names.len() < NAMES_MAX || self.names.has(participant) {
            self.names.set(participant, name.clone());
        }
    }

    /// One honest word: *paused* only by the person's own sealed statement, *their network* while the line is up,
    /// *no answer* when there is nothing at all, and *unknown* when that is the truth.
    fn status(&self, person: &PresentPerson, now: Timestamp) -> MediaStatus {
        let media = self.media.get(person.participant).copied();
        let Some(heard) = self.heard.get(person.participant) else {
            return match (person.presence, media) {
                (Presence::LineLost, _) => MediaStatus::NoAnswer,
                (_, Some(MediaState::Late)) => MediaStatus::TheirNetwork,
                _ => MediaStatus::Unknown,
            };
        };
        let fresh = now.since(heard.at).as_millis() < u128::from(NO_ANSWER_MS);
        let sends = heard.state.microphone || heard.state.camera || heard.state.screen;
        match media {
            _ if fresh && heard.state.paused => MediaStatus::PausedByThem,
            _ if person.presence == Presence::LineLost => MediaStatus::NoAnswer,
            Some(MediaState::Late) => MediaStatus::TheirNetwork,
            Some(MediaState::Flowing) if sends => MediaStatus::Flowing,
            _ if !fresh => MediaStatus::NoAnswer,
            Some(MediaState::Silent) if sends => MediaStatus::TheirNetwork,
            _ if !sends => MediaStatus::Off,
            Some(MediaState::Flowing | MediaState::Idle | MediaState::Silent) | None => MediaStatus::Unknown,
        }
    }
}

impl Call {
    pub(crate) fn roster_is(&mut self, people: Vec<PresentPerson>) {
        self.people.roster = people.into_iter().take(2 * PEERS_MAX).collect();
        for person in &self.people.roster {
            if matches!(person.presence, Presence::Here | Presence::DeviceAsleep) {
                self.view.gone.retain(|gone| gone.participant != person.participant);
            }
        }
        for person in self.people.roster.clone() {
            self.people.remember(person.participant, &person.name);
        }
        let people = &mut self.people;
        let roster = &people.roster;
        let inside = |who: ParticipantId| roster.iter().any(|person| person.participant == who);
        people.media.keep(|who, _| inside(who));
        people.reactions.keep(|who, _| inside(who));
    }

    pub(crate) fn media_is(&mut self, participant: ParticipantId, state: MediaState) {
        if self.people.media.len() < 2 * PEERS_MAX || self.people.media.has(participant) {
            self.people.media.set(participant, state);
        }
    }

    /// Who went before this page was here.
    pub(crate) fn went_before(&mut self, people: Vec<GonePerson>) {
        for person in people.into_iter().take(GONE_MAX) {
            self.people.remember(person.participant, &person.name);
            self.gone(person.participant, person.reason, person.at);
        }
    }

    pub(crate) fn gone(&mut self, participant: ParticipantId, reason: ids::GoneReason, at: Timestamp) {
        // Whoever waits again needs a press, whatever this host's worker remembers (SEC-014, SEC-115).
        if reason == ids::GoneReason::SentBack && self.as_host().is_ok() {
            self.push(Output::Group(GroupCommand::Forget { participant }));
        }
        let Some(name) = self.people.names.get(participant).cloned() else { return };
        self.view.gone.retain(|gone| gone.participant != participant);
        self.view.gone.push(Gone { participant, name, reason, at });
        keep_last(&mut self.view.gone, GONE_MAX);
        self.changed(Changes::PEOPLE);
    }

    pub(crate) fn chat_came(
        &mut self,
        from: ParticipantId,
        name: Personal<String>,
        text: Personal<String>,
        at: Timestamp,
    ) {
        if text.reveal().chars().count() > TEXT_CHARS_MAX {
            return;
        }
        let is_yours = self.view.you.as_ref().is_some_and(|you| you.participant == from);
        let number = self.view.chat.last().map_or(1, |line| line.number.saturating_add(1));
        self.view.chat.push(ChatLine { number, from, name, is_yours, text, at });
        keep_last(&mut self.view.chat, CHAT_LINES_MAX);
        self.changed(Changes::CHAT);
    }

    pub(crate) fn forget_people(&mut self) {
        let names = core::mem::take(&mut self.people.names);
        self.people = People { names, ..People::default() };
        self.lobby = crate::lobby::Looks::default();
        self.view.gone.clear();
        self.view.screen = None;
        self.view.grace = None;
        self.changed(Changes::PEOPLE.and(Changes::LOBBY));
    }

    pub(crate) fn people_timeout(&mut self, now: Timestamp) {
        let shown = u128::from(REACTION_SHOWN_MS);
        self.people.reactions.keep(|_, (_, at)| now.since(*at).as_millis() < shown);
    }

    pub(crate) fn draw_people(&mut self, now: Timestamp) {
        let people: Vec<Tile> = if self.is_inside() {
            self.people.roster.iter().map(|person| self.tile(person, now)).collect()
        } else {
            Vec::new()
        };
        if self.view.people != people {
            self.view.people = people;
            self.changed(Changes::PEOPLE);
        }
    }

    fn tile(&self, person: &PresentPerson, now: Timestamp) -> Tile {
        let who = person.participant;
        let is_you = self.view.you.as_ref().is_some_and(|you| you.participant == who);
        let members = self.view.lock.epoch.as_ref().map(|epoch| epoch.members.as_slice());
        let member = members.unwrap_or_default().iter().find(|member| member.participant == who);
        let (said, status) = if is_you {
            (Some(self.view.own.sending), self.own_status())
        } else {
            (self.people.heard.get(who).map(|heard| heard.state), self.people.status(person, now))
        };
        Tile {
            participant: who,
            is_you,
            name: person.name.clone(),
            role: person.role,
            assurance: person.assurance,
            since: person.since,
            presence: person.presence,
            known: member.map(|member| member.known),
            said,
            status,
            lines: self.lines_of(who),
            reaction: self.people.reactions.get(who).copied(),
            without_her: person.without_her,
        }
    }

    const fn own_status(&self) -> MediaStatus {
        let sending = self.view.own.sending;
        if sending.paused {
            MediaStatus::PausedByThem
        } else if sending.microphone || sending.camera || sending.screen {
            MediaStatus::Flowing
        } else {
            MediaStatus::Off
        }
    }

    fn lines_of(&self, who: ParticipantId) -> Lines {
        let mut lines = Lines::default();
        for (line, &(participant, track)) in self.group.bound.iter() {
            if participant == who {
                match track {
                    TrackKind::Microphone => lines.microphone = Some(line),
                    TrackKind::Camera => lines.camera = Some(line),
                    TrackKind::Screen => lines.screen = Some(line),
                }
            }
        }
        lines
    }
}

/// Keeps the newest of a list.
pub(crate) fn keep_last<T>(list: &mut Vec<T>, max: usize) {
    let surplus = list.len().saturating_sub(max);
    list.drain(..surplus);
}
