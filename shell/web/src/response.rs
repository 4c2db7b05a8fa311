//! *Not today*, from an invited care worker where a young person lives; and what her clinician makes of it.
//!
//! The answer needs her knowledge, and changes nothing by itself: her link and the room stay open (CARE-01). When the
//! clinician talks with the staff instead, the ground is chosen and written down, and she is told unless a reason that is
//! written down forbids (CARE-04).

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response as Answer};
use domain::meeting::{Cause, Mode};
use domain::response::{self, Decision, Ground, Hour, NotAnswered, NotDecided, Standing, Withheld};
use ids::{AppointmentId, PersonId};
use store::{CareHour, Deciding, Meeting, NewResponse, Response, StoreError};

use crate::appointment::own;
use crate::ctx::{Ctx, Home};
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::plan::{Choice, not_bookable_key};

impl Choice for Ground {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Consent, "consent", "response-ground-consent"),
        (Self::Cooperation, "cooperation", "response-ground-cooperation"),
        (Self::Duty, "duty", "response-ground-duty"),
        (Self::NotAboutHer, "general", "response-ground-general"),
    ];
}

impl Choice for Withheld {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::HarmsHer, "harm", "response-withheld-harm"),
        (Self::EndangersSomebody, "danger", "response-withheld-danger"),
    ];
}

/// The care worker's page.
#[derive(Template)]
#[template(path = "response/hour.html")]
pub(crate) struct HourPage {
    pub(crate) page: Page,
    pub(crate) id: AppointmentId,
    /// Where the reader came from.
    pub(crate) home: Home,
    /// When, in words.
    pub(crate) when: String,
    pub(crate) who: String,
    pub(crate) mode_key: &'static str,
    /// Her own last answer, if it is of use.
    pub(crate) own: Option<Given>,
    /// Whether a device can be lent for it: it is held on the screen.
    pub(crate) lends: bool,
    /// Why nothing can be answered any more.
    pub(crate) over: Option<&'static str>,
    pub(crate) cause: Option<Cause>,
    pub(crate) offers: bool,
    pub(crate) problem: Option<&'static str>,
}

/// An answer in words.
pub(crate) struct Given {
    pub(crate) name: String,
    pub(crate) cause_key: &'static str,
    pub(crate) offers: bool,
    pub(crate) standing: Standing,
    /// When it was given, in words.
    pub(crate) when: String,
    pub(crate) talk: Option<AppointmentId>,
    pub(crate) ground_key: Option<&'static str>,
    pub(crate) withheld_key: Option<&'static str>,
}

impl Given {
    fn of(page: &Page, one: &Response) -> Self {
        Self {
            name: one.name.full().into_revealed(),
            cause_key: one.cause.key(),
            offers: one.offers_hour,
            standing: one.standing,
            when: page.words.with_all("request-moment", page.moment(one.given)),
            talk: one.talk,
            ground_key: one.ground.map(Choice::key),
            withheld_key: one.withheld.map(Choice::key),
        }
    }

    /// What became of it, as the care worker reads it.
    pub(crate) const fn standing_key(&self) -> &'static str {
        match self.standing {
            Standing::Given => "response-given",
            Standing::TakenBack => "response-taken-back",
            Standing::Kept => "response-kept",
            Standing::CalledOff => "response-called-off",
            Standing::Turned => "response-turned",
        }
    }

    /// What became of it, as the clinician reads it.
    pub(crate) const fn outcome_key(&self) -> &'static str {
        match self.standing {
            Standing::Given => "response-outcome-given",
            Standing::TakenBack => "response-outcome-back",
            Standing::Kept => "response-outcome-kept",
            Standing::CalledOff => "response-outcome-off",
            Standing::Turned => "response-outcome-talk",
        }
    }
}

impl HourPage {
    pub(crate) fn causes(&self) -> Vec<&'static (Cause, &'static str, &'static str)> {
        response::CAUSES
            .iter()
            .filter_map(|wanted| Cause::OFFERED.iter().find(|(one, ..)| one == wanted))
            .collect()
    }

    pub(crate) fn is_cause(&self, cause: &Cause) -> bool {
        self.cause == Some(*cause)
    }

    /// Whether an answer waits for the clinician.
    pub(crate) fn waits(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.standing == Standing::Given)
    }
}

/// `GET /not-today/{id}`.
pub(crate) async fn hour(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let (id, person) = care_worker(&ctx, &id).await?;
    Ok(Html(hour_page(&ctx, id, person, None).await?.render()?))
}

/// `POST /not-today/{id}`: given once, however often it is pressed.
pub(crate) async fn give(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Answer, WebError> {
    let (appointment, person) = care_worker(&ctx, &id).await?;
    let cause = Cause::read(fields.one("cause"));
    let (she_knows, offers_hour) = (fields.is_ticked("she-knows"), fields.is_ticked("offer"));
    let key = match cause {
        None => "response-not-cause",
        Some(cause) => {
            let new = NewResponse { appointment, person, she_knows, cause, offers_hour };
            match ctx.state.db.respond(ctx.by()?, new).await? {
                Ok(()) => return Ok(Redirect::to(&format!("/not-today/{appointment}")).into_response()),
                Err(why) => not_answered_key(why),
            }
        }
    };
    let mut page = hour_page(&ctx, appointment, person, Some(key)).await?;
    (page.cause, page.offers) = (cause, offers_hour);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// `POST /not-today/{id}/back`.
pub(crate) async fn take_back(ctx: Ctx, Path(id): Path<String>) -> Result<Redirect, WebError> {
    let (appointment, person) = care_worker(&ctx, &id).await?;
    ctx.state.db.take_back_response(ctx.by()?, appointment, person).await?;
    Ok(Redirect::to(&format!("/not-today/{appointment}")))
}

/// An hour to which this browser's person is invited as a care worker; for everybody else there is no such page.
async fn care_worker(ctx: &Ctx, id: &str) -> Result<(AppointmentId, PersonId), WebError> {
    let sign_in = &ctx.signed_in()?.sign_in;
    let id: AppointmentId = id.parse().map_err(|_| WebError::NotFound)?;
    // Asked before anything is read, so that nobody's name is opened, nor a reading logged, for somebody who may not.
    if ctx.state.db.is_browser_of_care_worker(sign_in.id, id, ctx.now).await? {
        Ok((id, sign_in.person))
    } else {
        Err(WebError::NotFound)
    }
}

async fn hour_page(
    ctx: &Ctx,
    id: AppointmentId,
    person: PersonId,
    problem: Option<&'static str>,
) -> Result<HourPage, WebError> {
    let CareHour { window, mode, clinician, hour, own } =
        ctx.state.db.care_hour(ctx.by()?, id, person).await?;
    if !hour.is_hers {
        // There is nobody whom one could answer for.
        return Err(WebError::NotFound);
    }
    let page = Page::new(ctx);
    let when = page.headed_span(window.starts, window.ends);
    let own = own.as_ref().map(|one| Given::of(&page, one));
    let over = over_key(&hour, ctx);
    Ok(HourPage {
        id,
        home: ctx.home().await?,
        when,
        who: clinician.given.into_revealed(),
        mode_key: mode.key(),
        lends: mode == Mode::Video,
        cause: None,
        // What was answered and decided before says nothing of now.
        offers: own.as_ref().is_some_and(|own| own.standing == Standing::Given && own.offers),
        own,
        over,
        problem,
        page,
    })
}

/// Why nothing can be answered to this hour any more.
fn over_key(hour: &Hour, ctx: &Ctx) -> Option<&'static str> {
    response::answer(hour, true, Cause::NotToday, ctx.now).err().map(not_answered_key)
}

const fn not_answered_key(why: NotAnswered) -> &'static str {
    match why {
        NotAnswered::SheDoesNotKnow => "response-not-knows",
        NotAnswered::Cause => "response-not-cause",
        NotAnswered::NotHers | NotAnswered::Over => "response-not-over",
        NotAnswered::CalledOff => "response-not-off",
    }
}

/// The clinician's page.
#[derive(Template)]
#[template(path = "response/decide.html")]
pub(crate) struct DecidePage {
    pub(crate) page: Page,
    pub(crate) id: AppointmentId,
    pub(crate) when: String,
    pub(crate) sequence: u32,
    /// The id of the talk that may come of it.
    pub(crate) talk: AppointmentId,
    pub(crate) answers: Vec<Given>,
    pub(crate) is_off: bool,
    pub(crate) ground: Option<Ground>,
    pub(crate) withheld: Option<Withheld>,
    pub(crate) problem: Option<&'static str>,
}

impl DecidePage {
    pub(crate) fn waits(&self) -> bool {
        self.answers.iter().any(|one| one.standing == Standing::Given)
    }

    pub(crate) fn is_offered(&self) -> bool {
        self.answers.iter().any(|one| one.standing == Standing::Given && one.offers)
    }

    pub(crate) fn grounds(&self) -> &'static [(Ground, &'static str, &'static str)] {
        Ground::OFFERED
    }

    pub(crate) fn reasons(&self) -> &'static [(Withheld, &'static str, &'static str)] {
        Withheld::OFFERED
    }

    pub(crate) fn is_ground(&self, ground: &Ground) -> bool {
        self.ground == Some(*ground)
    }

    pub(crate) fn is_withheld(&self, reason: &Withheld) -> bool {
        self.withheld == Some(*reason)
    }
}

/// `GET /appointment/{id}/response`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let meeting = own(&ctx, &id).await?;
    Ok(Html(decide_page(&ctx, &meeting, None).await?.render()?))
}

/// `POST /appointment/{id}/response`: decided once, however often it is pressed.
pub(crate) async fn decide(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Answer, WebError> {
    let meeting = own(&ctx, &id).await?;
    let appointment = meeting.appointment.id;
    let seen = fields.one("seen").parse().map_err(|_| WebError::BadRequest)?;
    let talk = fields.one("talk").parse().map_err(|_| WebError::BadRequest)?;
    let key = match read(&fields) {
        Err(key) => key,
        Ok(decision) => {
            let wanted = Deciding { appointment, seen, decision, talk };
            match ctx.state.db.decide_response(ctx.by()?, wanted, &ctx.state.settings.timetable()).await {
                Ok(Ok(Some(talk))) => {
                    return Ok(Redirect::to(&format!("/appointment/{talk}")).into_response());
                }
                Ok(Ok(None)) => {
                    return Ok(Redirect::to(&format!("/appointment/{appointment}")).into_response());
                }
                Ok(Err(why)) => not_decided_key(why),
                Err(StoreError::Booking(why)) => not_bookable_key(why),
                Err(error) => return Err(error.into()),
            }
        }
    };
    // Somebody else may have changed it: it is shown as it is now.
    let meeting = own(&ctx, &id).await?;
    let mut page = decide_page(&ctx, &meeting, Some(key)).await?;
    page.ground = Ground::read(fields.one("ground"));
    page.withheld = Withheld::read(fields.one("tell"));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// What was decided; or the key of what is missing.
fn read(fields: &Fields) -> Result<Decision, &'static str> {
    match fields.one("do") {
        "keep" => Ok(Decision::Keep),
        "off" => Ok(Decision::CallOff),
        "talk" => {
            let ground = Ground::read(fields.one("ground")).ok_or("response-not-ground")?;
            let withheld = match fields.one("tell") {
                "yes" => None,
                reason => Some(Withheld::read(reason).ok_or("response-not-tell")?),
            };
            Ok(Decision::StaffTalk { ground, withheld })
        }
        _ => Err("response-not-tell"),
    }
}

const fn not_decided_key(why: NotDecided) -> &'static str {
    match why {
        NotDecided::Meanwhile => "response-not-meanwhile",
        NotDecided::NotOffered => "response-not-offered",
        NotDecided::NothingToWithhold => "response-not-withheld",
    }
}

async fn decide_page(
    ctx: &Ctx,
    meeting: &Meeting,
    problem: Option<&'static str>,
) -> Result<DecidePage, WebError> {
    let appointment = &meeting.appointment;
    let answers = ctx.state.db.responses_to(ctx.by()?, appointment.id).await?;
    let page = Page::new(ctx);
    let window = &appointment.window;
    Ok(DecidePage {
        id: appointment.id,
        when: page.headed_span(window.starts, window.ends),
        sequence: appointment.sequence,
        talk: ctx.state.db.new_appointment_id(ctx.now)?,
        answers: answers.iter().map(|one| Given::of(&page, one)).collect(),
        is_off: appointment.cancelled.is_some(),
        ground: None,
        withheld: None,
        problem,
        page,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staff_talk_needs_a_ground_and_whether_she_is_told() {
        let with = |pairs: &[(&str, &str)]| read(&Fields::of(pairs));
        assert_eq!(with(&[("do", "talk")]), Err("response-not-ground"));
        assert_eq!(with(&[("do", "talk"), ("ground", "duty")]), Err("response-not-tell"));
        let told = Decision::StaffTalk { ground: Ground::Duty, withheld: None };
        assert_eq!(with(&[("do", "talk"), ("ground", "duty"), ("tell", "yes")]), Ok(told));
        let not = Decision::StaffTalk { ground: Ground::Duty, withheld: Some(Withheld::HarmsHer) };
        assert_eq!(with(&[("do", "talk"), ("ground", "duty"), ("tell", "harm")]), Ok(not));
        assert_eq!(with(&[("do", "off"), ("ground", "rubbish")]), Ok(Decision::CallOff));
        assert!(with(&[]).is_err());
    }

    #[test]
    fn every_ground_and_reason_is_offered() {
        for ground in Ground::ALL {
            assert!(Ground::OFFERED.iter().any(|(one, ..)| *one == ground));
        }
        for reason in Withheld::ALL {
            assert!(Withheld::OFFERED.iter().any(|(one, ..)| *one == reason));
        }
        assert_eq!(Ground::OFFERED.len() + Withheld::OFFERED.len(), Ground::ALL.len() + Withheld::ALL.len());
    }
}
