//! The rest of an hour by telephone, for its hosts: whom to ring as agreed, when not to, and from when it was so.
//!
//! It stands where the crisis panel stands, outside what the stage draws, and the same script tells it until it is heard. A
//! ringing telephone can betray her: without a step that they agreed on, nothing suggests ringing while somebody is with her or
//! after she closed fast, and with one, nothing does before that time (CARE-03).

use axum::extract::Path;
use axum::http::StatusCode;
use domain::crisis::Told;
use domain::our_agreement::{Gone, OurAgreement, Ring, Then};
use ids::{ParticipantId, Role, SessionId, TelephoneId, Timestamp};
use store::{HerNumber, NewTelephone, Noting, Seat, StoreError};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::our_agreement::gone_words;
use crate::page::Page;

/// What a browser calls it among what it tells.
pub(crate) const KIND: &str = "telephone";

/// The part of the page as it is written.
pub(crate) struct Telephone {
    /// Her seat, by which the script knows whether it is she who is gone.
    pub(crate) of: Option<ParticipantId>,
    /// Whom to ring.
    pub(crate) whom: Whom,
    /// What they agreed for a line that breaks, in words.
    pub(crate) agreed: Option<String>,
    /// What is said while nothing suggests ringing, with a hole for the time.
    pub(crate) quiet: String,
    /// How she was last gone, by the name the script has for it, and since when, if ringing can betray her.
    pub(crate) betrays: Option<(&'static str, Timestamp)>,
    /// The server's time, by which the script knows how far its own clock is off.
    pub(crate) now: Timestamp,
    /// What stands already: the id, from when, and whether whoever reads said so.
    pub(crate) noted: Option<(TelephoneId, Timestamp, bool)>,
}

/// Whom to ring.
pub(crate) enum Whom {
    /// This number: whose it is if it is not hers, as it is read, as it is dialled.
    Number { name: Option<String>, written: String, dialled: String },
    /// Nobody, and the key of the words why.
    Nobody(&'static str),
}

impl Telephone {
    /// For whoever sits here; `None` for everybody who does not lead the hour.
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn of(
        ctx: &Ctx,
        page: &Page,
        seat: &Seat,
        agreed: Option<&OurAgreement>,
    ) -> Result<Option<Self>, WebError> {
        let found = match ctx.state.db.telephone_in(ctx.by()?, seat.session).await {
            Ok(found) => found,
            // Somebody who led this hour and does not any more.
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let noted = found.noted.map(|one| (one.id, one.since, one.by == seat.person));
        let betrays = found.betrays.map(|(gone, since)| (gone_words(gone).0, since));
        let parts = Self::from_parts(page, &found.number, agreed);
        Ok(Some(Self { of: found.of, betrays, now: ctx.now, noted, ..parts }))
    }

    /// Of an hour in which nothing was said yet.
    pub(crate) fn from_parts(page: &Page, number: &HerNumber, agreed: Option<&OurAgreement>) -> Self {
        let ring = |name: Option<&str>, phone: &str| Whom::Number {
            name: name.map(str::to_owned),
            written: page.number(phone),
            dialled: page.dialled(phone),
        };
        let whom = match (agreed.map_or(Ring::Her, OurAgreement::to_ring), number) {
            (Ring::Adult { name, phone }, _) => ring(Some(name), phone),
            (Ring::Her, HerNumber::Known(phone)) => ring(None, phone.reveal()),
            (Ring::Her, HerNumber::Missing) => Whom::Nobody("telephone-missing"),
            (Ring::Her, HerNumber::Protected) => Whom::Nobody("telephone-protected"),
            (Ring::Her, HerNumber::AgreedOtherwise) => Whom::Nobody("telephone-agreed-otherwise"),
        };
        let lost = agreed.and_then(|agreed| {
            let step = agreed.step(Gone::LineLost)?;
            let wait = page.words.with("telephone-agreed", "minutes", step.wait_minutes);
            Some(format!("{wait} {}", then_words(page, agreed, step.then)))
        });
        let quiet = page.words.with("telephone-quiet-until", "time", "{time}");
        let now = Timestamp::from_millis(0);
        Self { of: None, whom, agreed: lost, quiet, betrays: None, now, noted: None }
    }
}

/// What is done when she has not come back, as her clinician is told.
pub(crate) fn then_words(page: &Page, agreed: &OurAgreement, then: Then) -> String {
    match (then, agreed.adult_to_ring()) {
        (Then::CallAdult, Some((name, phone))) => {
            let words = [("name", name.into()), ("phone", page.number(phone).into())];
            page.words.with_all("agreement-told-call-adult", words)
        }
        (Then::NextTime | Then::CallAdult, _) => page.words.get("agreement-told-next-time"),
        (Then::Message, _) => page.words.get("agreement-told-message"),
        (Then::Call, _) => page.words.get("agreement-told-call"),
    }
}

/// Who may ring a young person when the line fails, for her own page; never on a device that was lent.
pub(crate) async fn may_ring(ctx: &Ctx, seat: &Seat) -> Result<Option<String>, WebError> {
    if seat.role != Role::YoungPerson || ctx.is_shared() {
        return Ok(None);
    }
    let name = ctx.state.db.may_be_rung_in(ctx.by()?, seat.key.sign_in, seat.session).await?;
    Ok(name.map(|name| name.into_revealed()))
}

/// `POST /meeting/{session}/telephone`: that the rest is by telephone, or that this was taken back; the same again is one. What
/// somebody else said in this tab waits for them (409).
pub(crate) async fn note(
    ctx: Ctx,
    Path(session): Path<String>,
    fields: Fields,
) -> Result<StatusCode, WebError> {
    let session: SessionId = session.parse().map_err(|_| WebError::NotFound)?;
    let seat = ctx.seat(session).await?;
    if !seat.role.is_host() {
        return Err(WebError::NotFound);
    }
    let new = read(&fields).ok_or(WebError::BadRequest)?;
    if fields.one("seat") != seat.key.participant.to_string() {
        return Ok(StatusCode::CONFLICT);
    }
    Ok(match ctx.state.db.note_telephone(ctx.by()?, seat.session, new).await? {
        Noting::Stands => StatusCode::NO_CONTENT,
        Noting::Refused => StatusCode::UNPROCESSABLE_ENTITY,
    })
}

/// As the script tells it.
fn read(fields: &Fields) -> Option<NewTelephone> {
    let moment = |name| fields.one(name).parse().ok().map(Timestamp::from_millis);
    Some(NewTelephone {
        id: fields.one("id").parse().ok().filter(|_| fields.one("kind") == KIND)?,
        told: Told { done: moment("done")?, said: moment("said")? },
        undone: fields.is_ticked("undone"),
    })
}
