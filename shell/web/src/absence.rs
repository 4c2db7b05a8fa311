//! *I am away*: from which day to which, and who reads what young people ask for meanwhile (CARE-07).

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::absence::NotAway;
use domain::series::at;
use ids::{AbsenceId, PersonId, Timestamp};
use jiff::civil::Time;
use store::{NewAbsence, StoreError};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;

/// The key of what is said when whoever was chosen cannot read for one.
pub(crate) const NO_DEPUTY: &str = "absence-not-deputy";

#[derive(Template)]
#[template(path = "absence/index.html")]
pub(crate) struct AbsencePage {
    pub(crate) page: Page,
    pub(crate) standing: Vec<Standing>,
    pub(crate) deputies: Vec<(PersonId, String)>,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) chosen: String,
    pub(crate) problem: Option<&'static str>,
}

/// An absence that is not over.
pub(crate) struct Standing {
    pub(crate) id: AbsenceId,
    pub(crate) when: String,
    pub(crate) deputy: String,
}

/// `GET /away`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(page(&ctx, &Fields::default(), None).await?))
}

/// `POST /away`; pressed twice it is entered once.
pub(crate) async fn add(ctx: Ctx, fields: Fields) -> Result<Response, WebError> {
    let person = clinician(&ctx).await?;
    let Some((starts, ends)) = days(&ctx, &fields) else {
        return again(&ctx, &fields, "absence-not-days").await;
    };
    let Ok(deputy) = fields.one("deputy").parse() else {
        return again(&ctx, &fields, NO_DEPUTY).await;
    };
    match ctx.state.db.add_absence(ctx.by()?, NewAbsence { person, deputy, starts, ends }).await {
        Ok(Ok(())) => Ok(Redirect::to("/away").into_response()),
        Ok(Err(why)) => again(&ctx, &fields, not_away_key(why)).await,
        // Somebody who treats no more, perhaps since the form was opened.
        Err(StoreError::NotFound) => again(&ctx, &fields, NO_DEPUTY).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /away/end`.
pub(crate) async fn end(ctx: Ctx, fields: Fields) -> Result<Redirect, WebError> {
    let person = clinician(&ctx).await?;
    let id = fields.one("absence").parse().map_err(|_| WebError::NotFound)?;
    ctx.state.db.end_absence(ctx.by()?, person, id).await?;
    Ok(Redirect::to("/away"))
}

/// From the first moment of the first day to the last of the last.
fn days(ctx: &Ctx, fields: &Fields) -> Option<(Timestamp, Timestamp)> {
    let zone = &ctx.state.settings.time_zone;
    let (from, to) = fields.day("from").zip(fields.day("to"))?;
    Some((at(from, Time::midnight(), zone)?, at(to.tomorrow().ok()?, Time::midnight(), zone)?))
}

pub(crate) const fn not_away_key(why: NotAway) -> &'static str {
    match why {
        NotAway::Backwards => "absence-not-backwards",
        NotAway::Past => "absence-not-past",
        NotAway::TooLong => "absence-not-long",
        NotAway::TooMany => "absence-not-many",
    }
}

/// Whoever is signed in, if they have a day (SEC-028).
async fn clinician(ctx: &Ctx) -> Result<PersonId, WebError> {
    let person = ctx.signed_in()?.sign_in.person;
    if ctx.has_day().await? { Ok(person) } else { Err(WebError::NotFound) }
}

async fn again(ctx: &Ctx, fields: &Fields, key: &'static str) -> Result<Response, WebError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page(ctx, fields, Some(key)).await?)).into_response())
}

async fn page(ctx: &Ctx, fields: &Fields, problem: Option<&'static str>) -> Result<String, WebError> {
    let person = clinician(ctx).await?;
    let (db, by, page) = (&ctx.state.db, ctx.by()?, Page::new(ctx));
    let standing = db.absences_of(by, person).await?.into_iter().map(|one| {
        // The last day is the one before the first moment that is no longer part of it.
        let last = one.absence.ends.minus(core::time::Duration::from_secs(1));
        let (from, to) = (page.day(one.absence.starts), page.day(last));
        let when = match from == to {
            true => page.headed(from),
            false => page.words.with_all("absence-when", [("from", from.into()), ("to", to.into())]),
        };
        Standing { id: one.id, when, deputy: one.deputy.full().into_revealed() }
    });
    let standing = standing.collect();
    let deputies = db.colleagues(by, ctx.signed_in()?.organization).await?;
    let deputies = deputies.into_iter().map(|(person, name)| (person, name.full().into_revealed())).collect();
    let (today, _) = page.entry(ctx.now);
    let day = |name| match fields.one(name) {
        "" => today.clone(),
        written => written.to_owned(),
    };
    let (from, to, chosen) = (day("from"), day("to"), fields.one("deputy").to_owned());
    Ok(AbsencePage { page, standing, deputies, from, to, chosen, problem }.render()?)
}
