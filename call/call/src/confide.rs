//! What one says about oneself: to the hosts alone, kept on this page until the lock is closed around one of them
//! (CARE-06, CARE-14), and to everybody inside, who is in the room (CARE-05).

use core::mem::discriminant;

use ids::{ParticipantId, Role, Timestamp};
use protocol::content::{Around, Aside};
use protocol::group::GroupCommand;

use crate::commands::NotNow;
use crate::output::Output;
use crate::people::keep_last;
use crate::view::Confided;
use crate::{Call, Changes};

/// People whose words a host's page keeps; the oldest go first.
const CONFIDED_MAX: usize = 16;

/// What is still to be said, and whether anything was.
#[derive(Debug, Default)]
pub(crate) struct Confiding {
    waits: Vec<Aside>,
    told: bool,
}

impl Call {
    /// Says something to the hosts alone. It leaves this page when the lock is closed around a host, never before, and
    /// the latest of its kind counts.
    ///
    /// # Errors
    /// Empty or too long, or the session is over.
    pub fn confide(&mut self, aside: Aside, now: Timestamp) -> Result<(), NotNow> {
        if self.is_over() {
            return Err(NotNow::WrongPhase);
        }
        if !aside.is_fit() {
            return Err(NotNow::BadText);
        }
        self.confiding.waits.retain(|waits| discriminant(waits) != discriminant(&aside));
        self.confiding.waits.push(aside);
        self.settle(now);
        Ok(())
    }

    /// Says who is in the room, to everybody inside and sealed like one's state (CARE-05). Before one is inside it waits.
    pub fn say_around(&mut self, around: Around, now: Timestamp) {
        if !self.is_over() && self.view.own.around != around {
            self.view.own.around = around;
            self.changed(Changes::OWN);
            self.settle(now);
        }
    }

    /// Somebody came in, or it was closed fast: nothing of it holds any more, here and in the worker.
    pub(crate) fn unsay(&mut self, now: Timestamp) {
        self.view.own.around = Around::NOTHING;
        self.changed(Changes::OWN);
        if core::mem::take(&mut self.confiding).told {
            self.push(Output::Group(GroupCommand::Unsay));
        }
        self.settle(now);
    }

    /// A host has read what somebody wanted to say; it is kept nowhere.
    pub fn put_away(&mut self, participant: ParticipantId) {
        for one in self.view.confided.iter_mut().filter(|one| one.participant == participant) {
            if one.opening.take().is_some() {
                self.changes = self.changes.and(Changes::CONFIDED);
            }
        }
    }

    /// Gives to the worker what waits, once there is a host to say it to.
    pub(crate) fn say_confided(&mut self) {
        if self.confiding.waits.is_empty() || self.sealed().is_err() {
            return;
        }
        let members = self.view.lock.epoch.as_ref().map(|epoch| epoch.members.as_slice());
        if members.unwrap_or_default().iter().any(|member| member.role.is_host()) {
            self.confiding.told = true;
            for aside in core::mem::take(&mut self.confiding.waits) {
                self.push(Output::Group(GroupCommand::Confide(aside)));
            }
        }
    }

    /// Only a young person has such words, by the role in her credential; a guest's page that says some is not heard.
    pub(crate) fn was_confided(&mut self, from: ParticipantId, aside: Aside) {
        let Some(epoch) = self.view.lock.epoch.as_ref().filter(|_| self.is_inside()) else { return };
        let mut young = epoch.members.iter().filter(|member| member.role == Role::YoungPerson);
        let Some(member) = young.find(|member| member.participant == from) else { return };
        let name = member.name.clone();
        let all = &mut self.view.confided;
        let place = all.iter().position(|one| one.participant == from).unwrap_or_else(|| {
            keep_last(all, CONFIDED_MAX - 1);
            all.push(Confided { participant: from, name, opening: None, whereabouts: None });
            all.len().saturating_sub(1)
        });
        let Some(one) = all.get_mut(place) else { return };
        match aside {
            Aside::Opening { text } => one.opening = Some(text),
            Aside::Whereabouts { place, phone } => one.whereabouts = Some((place, phone)),
        }
        self.changed(Changes::CONFIDED);
    }
}
