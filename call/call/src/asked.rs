//! What a young person is asked before it happens in her hour, and what she says: whether a parent who waits may come in
//! (SEC-114), and whether the others may have some minutes without her (SEC-115).

use ids::{ParticipantId, Role, Timestamp, WAITING_MAX};
use protocol::wire::{Answer, AskedAbout, ClientMessage, WithoutHer};

use crate::commands::NotNow;
use crate::output::Output;
use crate::view::Asked;
use crate::{Call, Changes, Phase};

impl Call {
    pub(crate) fn asked_is(&mut self, mut people: Vec<AskedAbout>, without_you: Option<WithoutHer>) {
        if self.view.you.as_ref().is_some_and(|you| you.role == Role::YoungPerson) {
            people.truncate(WAITING_MAX);
            self.asked = Asked { people, without_you };
        }
    }

    /// Questions stand in the room and where one is out by one's own step; nowhere else, and not after *someone came in*
    /// (CARE-03).
    pub(crate) fn draw_asked(&mut self) {
        let shown = self.is_inside() || self.has_stepped_out();
        let asked = if shown { self.asked.clone() } else { Asked::default() };
        if self.view.asked != asked {
            self.view.asked = asked;
            self.changed(Changes::ASKED);
        }
    }

    /// Answers whether somebody who waits may come in; she may answer otherwise later.
    ///
    /// # Errors
    /// She was not asked about this person.
    pub fn answer(&mut self, about: ParticipantId, answer: Answer) -> Result<(), NotNow> {
        if !self.view.asked.people.iter().any(|person| person.participant == about) {
            return Err(NotNow::NobodyThere);
        }
        self.push(Output::Send(ClientMessage::Answer { about, answer }));
        Ok(())
    }

    /// Answers whether the others may have some minutes without her. Yes steps out: tracks stop here first.
    ///
    /// # Errors
    /// Not asked, or not inside.
    pub fn without_me(&mut self, agreed: bool, now: Timestamp) -> Result<(), NotNow> {
        if !self.is_inside() {
            return Err(NotNow::NotInside);
        }
        if self.view.asked.without_you.is_none() {
            return Err(NotNow::NobodyThere);
        }
        if agreed {
            self.join.agreed = true;
            self.go_away(Phase::SteppedOut { told: false }, now);
        } else {
            self.push(Output::Send(ClientMessage::WithoutMe { agreed }));
        }
        Ok(())
    }

    /// A host asks a young person for some minutes without her.
    ///
    /// # Errors
    /// Not a host inside, she is not there, or she has said that she stays.
    pub fn ask_without_her(&mut self, participant: ParticipantId) -> Result<(), NotNow> {
        self.as_host()?;
        let hers = |tile: &&crate::Tile| tile.participant == participant && tile.role == Role::YoungPerson;
        let tile = self.view.people.iter().find(hers).ok_or(NotNow::NobodyThere)?;
        if tile.without_her == Some(WithoutHer::Stays) {
            return Err(NotNow::SheDecides);
        }
        self.push(Output::Send(ClientMessage::AskWithoutHer { participant }));
        Ok(())
    }
}
