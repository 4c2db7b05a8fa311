//! Nobody comes in or stays behind her back: what a young person is asked about parents who wait in her hour, what she
//! says, and what follows (CARE-04, SEC-114, SEC-115).
//!
//! Whether a parent may come in or stay is the door's word; here stand the questions and answers that the door is told
//! of. Of two young people neither answers for the other.

use std::collections::{BTreeMap, BTreeSet};

use domain::door;
use ids::{ParticipantId, Role};
use protocol::wire::{Answer, AskedAbout, Asking, HerWord, Presence, Press, RejectReason, WithoutHer};

use crate::api::Now;
use crate::room::Room;
use crate::seat::{Click, Seat, Stage};

/// What young people were asked about one parent. It lasts as long as the seat, so that a no outlives a reload.
#[derive(Debug, Default)]
pub(crate) struct Question {
    /// Those who see it.
    before: BTreeSet<ParticipantId>,
    said: BTreeMap<ParticipantId, Answer>,
    /// The press that laid it, which her yes lets in by.
    press: Option<Click>,
    /// By whose yes the parent is inside.
    inside_by: BTreeSet<ParticipantId>,
}

impl Question {
    /// The admission is over, and with it the yes that it came from.
    pub(crate) fn is_used_up(&mut self) {
        self.inside_by.clear();
        self.take_yes_back(|_| true);
    }

    /// Whether anybody has said no, or wants to agree on what to say first.
    pub(crate) fn has_a_no(&self) -> bool {
        self.said.values().any(|answer| *answer != Answer::Yes)
    }

    fn take_yes_back(&mut self, gone: impl Fn(ParticipantId) -> bool) {
        self.said.retain(|her, answer| *answer != Answer::Yes || !gone(*her));
    }
}

/// What a young person's page is shown: [`protocol::wire::ServerMessage::Asked`].
pub(crate) type Shown = (Vec<AskedAbout>, Option<WithoutHer>);

/// Whether she is in the room at this moment and sees what happens in it.
fn is_awake(young: &Seat) -> bool {
    is_young(young) && young.is_here() && young.presence() == Some(Presence::Here)
}

/// Whether a young person is inside, or out by her own step; after *someone came in* nothing is asked.
fn can_be_asked(seat: &Seat) -> bool {
    is_young(seat) && seat.presence().is_some_and(|presence| presence != Presence::SomeoneCameIn)
}

/// Whether questions stand on her page: her line is up, or she is out by her own step.
fn sees_questions(seat: &Seat) -> bool {
    is_young(seat) && (seat.is_here() || seat.presence() == Some(Presence::SteppedOut))
}

fn is_young(seat: &Seat) -> bool {
    seat.role() == Some(Role::YoungPerson)
}

fn needs_her_yes(seat: &Seat) -> bool {
    seat.role().is_some_and(|role| door::needs_her_yes(role, &seat.facts.closing, seat.question.has_a_no()))
}

/// What one young person's word is; none from somebody who is gone without a no.
fn word_of(her: ParticipantId, young: &Seat, question: &Question) -> Option<HerWord> {
    let there = can_be_asked(young);
    match question.said.get(&her) {
        Some(Answer::NotToday) => Some(HerWord::NotToday),
        Some(Answer::SayFirst) => Some(HerWord::SayFirst),
        Some(Answer::Yes) if is_awake(young) => Some(HerWord::Yes),
        Some(Answer::Yes) => there.then_some(HerWord::YesWhenBack),
        None if question.before.contains(&her) => there.then_some(HerWord::Asked),
        None => there.then_some(HerWord::ToAsk),
    }
}

impl Room {
    /// The word that counts about a parent, and whose it is.
    fn her_word(&self, seat: &Seat) -> (HerWord, Vec<(ParticipantId, &Seat)>) {
        if !self.seats.values().any(can_be_asked) {
            return (HerWord::NotHere, Vec::new());
        }
        let young = self.seats.iter().filter(|(_, young)| is_young(young));
        let words: Vec<_> = young
            .filter_map(|(her, young)| Some((word_of(*her, young, &seat.question)?, *her, young)))
            .collect();
        let least = words.iter().map(|(word, ..)| *word).min().unwrap_or(HerWord::NotHere);
        let hers = words.into_iter().filter(|(word, ..)| *word == least);
        (least, hers.map(|(_, her, young)| (her, young)).collect())
    }

    /// Whether all who are here have said yes.
    pub(crate) fn her_yes(&self, seat: &Seat) -> bool {
        self.her_word(seat).0 == HerWord::Yes
    }

    /// What hosts are told about a parent who waits; nothing about anybody else.
    pub(crate) fn asking(&self, seat: &Seat) -> Option<Asking> {
        if !needs_her_yes(seat) {
            return None;
        }
        let (word, hers) = self.her_word(seat);
        Some(Asking { word, whose: hers.into_iter().map(|(_, young)| young.given.clone()).collect() })
    }

    /// What each young person who can be asked is shown.
    pub(crate) fn shown_to_her(&self) -> BTreeMap<ParticipantId, Shown> {
        let young = self.seats.iter().filter(|(_, seat)| sees_questions(seat));
        young.map(|(her, seat)| (*her, (self.asked_about(*her), seat.without_her))).collect()
    }

    fn asked_about(&self, her: ParticipantId) -> Vec<AskedAbout> {
        let laid = |seat: &Seat| is_laid_before(her, seat);
        let mut seats: Vec<_> = self.seats.iter().filter(|(_, seat)| laid(seat)).collect();
        seats.sort_by_key(|(who, seat)| (seat.since, **who));
        let about = |(who, seat): (&ParticipantId, &Seat)| AskedAbout {
            participant: *who,
            name: seat.name.clone(),
            said: seat.question.said.get(&her).copied(),
        };
        seats.into_iter().map(about).collect()
    }

    /// Whether a host's press may let this person in now. If not, it has asked her, or is refused: while she has not
    /// said yes it asks nothing again (SEC-114).
    ///
    /// # Errors
    /// She is not here, or it is hers to decide.
    pub(crate) fn may_let_in(&mut self, press: Click, whom: ParticipantId) -> Result<bool, RejectReason> {
        let Some(seat) = self.seats.get(&whom).filter(|seat| needs_her_yes(seat)) else { return Ok(true) };
        let (word, hers) = self.her_word(seat);
        match word.press() {
            Press::LetsIn => return Ok(true),
            Press::Asks | Press::Waits => {}
            Press::SheIsNotHere => return Err(RejectReason::SheIsNotHere),
            Press::SheDecides => return Err(RejectReason::SheDecides),
        }
        let hers: Vec<_> = hers.into_iter().map(|(her, _)| her).collect();
        if let Some(seat) = self.seats.get_mut(&whom) {
            seat.question.before.extend(hers);
            seat.question.press = Some(press);
        }
        Ok(false)
    }

    /// A young person answers. Her no takes the press back, and whoever has just come in by her yes waits again; her yes
    /// lets in by the press, if it still stands.
    ///
    /// # Errors
    /// She is not here, or was not asked about somebody who waits.
    pub(crate) fn answer(
        &mut self,
        her: ParticipantId,
        about: ParticipantId,
        answer: Answer,
        now: Now,
    ) -> Result<(), RejectReason> {
        let knocked = |seat: &Seat| self.line_of(seat).is_some_and(|line| line.knocked);
        let sees = |seat: &&Seat| sees_questions(seat) && knocked(seat);
        self.seats.get(&her).filter(sees).ok_or(RejectReason::NotAdmitted)?;
        let laid = |seat: &&mut Seat| is_laid_before(her, seat) || is_inside_by(her, seat);
        let seat = self.seats.get_mut(&about).filter(laid).ok_or(RejectReason::NobodyThere)?;
        let comes_in = is_inside_by(her, seat);
        if comes_in && answer == Answer::Yes {
            return Ok(());
        }
        seat.question.said.insert(her, answer);
        if comes_in {
            // A second word right after the first: the door, asked next, finds the no.
            self.waits_again(about, now);
            return Ok(());
        }
        match answer {
            Answer::Yes => self.let_in_by_her(about, now),
            Answer::NotToday => {
                seat.question.press = None;
                self.workers_forget(about);
            }
            Answer::SayFirst => {}
        }
        Ok(())
    }

    /// The press that asked lets in, if the host is still there on that page and the parent's page is the same. If not,
    /// hosts see her yes and press again.
    fn let_in_by_her(&mut self, about: ParticipantId, now: Now) {
        let Some(seat) = self.seats.get(&about).filter(|seat| self.her_yes(seat)) else { return };
        let Some(press) = seat.question.press else { return };
        let pressed_by = self.seats.get(&press.by);
        if pressed_by.is_some_and(|host| host.is_host_here() && host.line == Some(press.line)) {
            // What speaks against it is told to hosts by what they are shown.
            let _ = self.let_in(press, about, now);
        }
    }

    /// By whose yes somebody comes in at this moment; nobody's where none is needed.
    pub(crate) fn comes_by_her_yes(&mut self, participant: ParticipantId) {
        let Some(seat) = self.seats.get(&participant).filter(|seat| needs_her_yes(seat)) else { return };
        let by = self.her_word(seat).1.into_iter().map(|(her, _)| her).collect();
        if let Some(seat) = self.seats.get_mut(&participant) {
            seat.question.inside_by = by;
        }
    }

    /// Whether somebody who needs her yes is inside by the yes of one who is not there any more and has not agreed to that,
    /// or without the yes of one who is inside: of two young people neither answers for the other (SEC-115).
    pub(crate) fn is_behind_her_back(&self, seat: &Seat) -> bool {
        if !needs_her_yes(seat) {
            return false;
        }
        let with_her = |her: &ParticipantId| {
            let agreed = |young: &Seat| {
                young.presence() == Some(Presence::SteppedOut)
                    && young.without_her == Some(WithoutHer::Agreed)
            };
            self.seats.get(her).is_some_and(|young| {
                let there = young.is_member() && !young.overslept;
                is_young(young) && (there || agreed(young))
            })
        };
        let by = &seat.question.inside_by;
        let unasked =
            |(her, young): (&ParticipantId, &Seat)| is_young(young) && young.is_member() && !by.contains(her);
        !by.iter().all(with_her) || self.seats.iter().any(unasked)
    }

    /// Forgets what is over: questions about somebody who does not wait any more, before somebody who is gone, and the
    /// yes of one who is gone. A no is not over.
    pub(crate) fn forget_what_was_asked(&mut self) {
        let there: BTreeSet<_> =
            self.seats.iter().filter(|(_, seat)| can_be_asked(seat)).map(|(her, _)| *her).collect();
        for seat in self.seats.values_mut() {
            let waits = matches!(seat.stage, Stage::Waiting { .. });
            seat.question.before.retain(|her| waits && there.contains(her));
            seat.question.take_yes_back(|her| !waits || !there.contains(&her));
            seat.question.press = seat.question.press.filter(|_| waits);
            let holds = match seat.without_her {
                Some(WithoutHer::Asked) => seat.is_member(),
                Some(WithoutHer::Agreed) => seat.presence() == Some(Presence::SteppedOut),
                Some(WithoutHer::Stays) => seat.admission().is_some(),
                None => true,
            };
            seat.without_her = seat.without_her.filter(|_| holds);
        }
    }

    /// She steps out: a yes that let nobody in yet is asked for again.
    pub(crate) fn yes_is_taken_back(&mut self, her: ParticipantId) {
        for seat in self.seats.values_mut() {
            seat.question.take_yes_back(|who| who == her);
        }
    }

    /// A host asks for some minutes without her.
    ///
    /// # Errors
    /// She is not inside, or has said that she stays.
    pub(crate) fn ask_without_her(&mut self, her: ParticipantId) -> Result<(), RejectReason> {
        let inside = |seat: &&mut Seat| is_young(seat) && seat.is_here();
        let seat = self.seats.get_mut(&her).filter(inside).ok_or(RejectReason::NobodyThere)?;
        if seat.without_her == Some(WithoutHer::Stays) {
            return Err(RejectReason::SheDecides);
        }
        seat.without_her = Some(WithoutHer::Asked);
        Ok(())
    }

    /// She answers. With her yes she steps out, and whoever came in by her yes may stay until she is back; unasked it is
    /// stepping out and nothing more.
    ///
    /// # Errors
    /// She is not inside, or was not asked.
    pub(crate) fn without_me(
        &mut self,
        her: ParticipantId,
        agreed: bool,
        now: Now,
    ) -> Result<(), RejectReason> {
        let asked = |seat: &&mut Seat| seat.is_member() && seat.without_her.is_some();
        let seat = self.seats.get_mut(&her).filter(asked);
        if agreed {
            if let Some(seat) = seat {
                seat.without_her = Some(WithoutHer::Agreed);
            }
            return self.page_steps_out(her, false, now);
        }
        seat.ok_or(RejectReason::NobodyThere)?.without_her = Some(WithoutHer::Stays);
        Ok(())
    }
}

/// Whether this person is coming in or inside by her yes.
fn is_inside_by(her: ParticipantId, seat: &Seat) -> bool {
    seat.has_place() && seat.question.inside_by.contains(&her)
}

/// Whether she was asked about this person, who waits and needs her yes.
fn is_laid_before(her: ParticipantId, seat: &Seat) -> bool {
    let asked = seat.question.before.contains(&her) || seat.question.said.contains_key(&her);
    asked && matches!(seat.stage, Stage::Waiting { .. }) && needs_her_yes(seat)
}
