//! Those who wait, as a host sees them: nobody can be let in before the worker has looked at the key package.

use ids::{ParticipantId, Timestamp, WAITING_MAX};
use protocol::group::{GroupCommand, KnownAs};
use protocol::wire::{ClientMessage, HerWord, KeyPackageHash, Press, WaitingPerson};

use crate::commands::NotNow;
use crate::few::Few;
use crate::output::Output;
use crate::view::{Guest, LettingIn};
use crate::{Call, Changes};

/// Milliseconds after a click when the button comes back, should nothing have happened.
const CLICK_STANDS_MS: u128 = 8_000;

/// What was looked at.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    people: Vec<WaitingPerson>,
    looks: Few<ParticipantId, Look>,
}

/// One person's key package on the host's screen.
#[derive(Debug, Default)]
struct Look {
    package: Vec<u8>,
    /// Looks asked for and not yet answered; only the last answer counts.
    asked: u32,
    found: Option<(KeyPackageHash, Option<KnownAs>)>,
    clicked_at: Option<Timestamp>,
}

impl Call {
    pub(crate) fn lobby_is(&mut self, people: Vec<WaitingPerson>) {
        if !self.view.you.as_ref().is_some_and(|you| you.role.is_host()) {
            return;
        }
        let before = core::mem::take(&mut self.lobby.people);
        self.lobby.people = people.into_iter().take(WAITING_MAX).collect();
        self.words_changed(&before);
        let lobby = &mut self.lobby;
        lobby.looks.keep(|who, _| lobby.people.iter().any(|person| person.participant == who));
        for person in &self.lobby.people {
            self.people.remember(person.participant, &person.name);
            if !self.lobby.looks.has(person.participant) {
                self.lobby.looks.set(person.participant, Look::default());
            }
            let Some(look) = self.lobby.looks.get_mut(person.participant) else { continue };
            match &person.key_package {
                Some(package) if *package != look.package => {
                    *look = Look {
                        package: package.clone(),
                        asked: look.asked.saturating_add(1),
                        ..Look::default()
                    };
                    let command =
                        GroupCommand::Look { participant: person.participant, key_package: package.clone() };
                    self.outputs.push_back(Output::Group(command));
                }
                Some(_) => {}
                None => {
                    *look = Look { asked: look.asked, ..Look::default() };
                }
            }
        }
    }

    /// What she says may be pressed on at once, and her no takes every press back, from the worker too (SEC-114).
    fn words_changed(&mut self, before: &[WaitingPerson]) {
        for person in &self.lobby.people {
            let was = before.iter().find(|was| was.participant == person.participant).and_then(word);
            if word(person) == was {
                continue;
            }
            if let Some(look) = self.lobby.looks.get_mut(person.participant) {
                look.clicked_at = None;
            }
            if word(person) == Some(HerWord::NotToday) {
                let participant = person.participant;
                self.outputs.push_back(Output::Group(GroupCommand::Forget { participant }));
            }
        }
    }

    pub(crate) fn looked(
        &mut self,
        participant: ParticipantId,
        hash: KeyPackageHash,
        known: Option<KnownAs>,
    ) {
        if let Some(look) = self.lobby.looks.get_mut(participant) {
            look.asked = look.asked.saturating_sub(1);
            if look.asked == 0 && !look.package.is_empty() {
                look.found = Some((hash, known));
            }
        }
    }

    /// A host lets one person in; the click names the key package that was looked at (SEC-014). About a parent in her hour
    /// it asks her first, and her yes lets in by this very click (SEC-114).
    ///
    /// # Errors
    /// Not a host inside, nobody there, the key package is not (yet) found good, or it is hers to decide.
    pub fn admit(&mut self, participant: ParticipantId, now: Timestamp) -> Result<(), NotNow> {
        self.as_host()?;
        let look = self.lobby.looks.get_mut(participant).ok_or(NotNow::NobodyThere)?;
        let Some((hash, Some(_))) = look.found else { return Err(NotNow::NotLookedAt) };
        let guest = self.lobby.people.iter().find(|person| person.participant == participant);
        match guest.and_then(word).map(HerWord::press) {
            None | Some(Press::Asks | Press::LetsIn) => {}
            Some(Press::SheIsNotHere) => return Err(NotNow::SheIsNotHere),
            Some(Press::SheDecides | Press::Waits) => return Err(NotNow::SheDecides),
        }
        look.clicked_at = Some(now);
        self.push(Output::Group(GroupCommand::Clicked { participant, hash }));
        self.push(Output::Send(ClientMessage::Admit { participant, hash }));
        self.settle(now);
        Ok(())
    }

    /// The server refused something; a click may be tried again.
    pub(crate) fn clicks_are_off(&mut self) {
        for look in self.lobby.looks.values_mut() {
            look.clicked_at = None;
        }
    }

    pub(crate) fn is_waiting(&self, participant: ParticipantId) -> bool {
        self.lobby.people.iter().any(|person| person.participant == participant)
    }

    pub(crate) fn draw_lobby(&mut self, now: Timestamp) {
        let lobby: Vec<Guest> = self.lobby.people.iter().map(|person| self.guest(person, now)).collect();
        if self.view.lobby != lobby {
            self.view.lobby = lobby;
            self.changed(Changes::LOBBY);
        }
    }

    fn guest(&self, person: &WaitingPerson, now: Timestamp) -> Guest {
        let look = self.lobby.looks.get(person.participant);
        let clicked = look.and_then(|look| look.clicked_at);
        let under_way = clicked.is_some_and(|at| now.since(at).as_millis() < CLICK_STANDS_MS);
        let letting_in = match look.and_then(|look| look.found) {
            Some(_) if under_way => LettingIn::UnderWay,
            Some((hash, Some(known))) => LettingIn::Possible { known, hash },
            Some((_, None)) => LettingIn::BadCredential,
            None => LettingIn::NotYet,
        };
        Guest {
            participant: person.participant,
            name: person.name.clone(),
            role: person.role,
            assurance: person.assurance,
            since: person.since,
            here: person.here,
            why: person.why,
            asking: person.asking.clone(),
            letting_in,
        }
    }
}

fn word(person: &WaitingPerson) -> Option<HerWord> {
    person.asking.as_ref().map(|asking| asking.word)
}
