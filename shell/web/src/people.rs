//! A clinician's young people: her own list, and a young person who is entered (SEC-070).

pub(crate) mod form;
pub(crate) mod one;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::protection::Protection;
use ids::PersonId;
use store::NewPatient;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::people::form::{PersonForm, Problem};
use crate::plan::Choice;

impl Choice for Protection {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Open, "open", "people-protection-open"),
        (Self::ClientAddress, "client", "people-protection-client"),
        (Self::Confidential, "confidential", "people-protection-confidential"),
        (Self::StrictlyConfidential, "strict", "people-protection-strict"),
    ];
}

/// One's own list.
#[derive(Template)]
#[template(path = "people/list.html")]
pub(crate) struct ListPage {
    pub(crate) page: Page,
    pub(crate) people: Vec<Listed>,
}

/// One of one's own young people, by initials; the name is a tap away (CARE-12).
pub(crate) struct Listed {
    pub(crate) id: PersonId,
    pub(crate) initials: String,
    pub(crate) name: String,
    pub(crate) protection: Protection,
}

/// The form by which a young person is entered.
#[derive(Template)]
#[template(path = "people/new.html")]
pub(crate) struct NewPage {
    pub(crate) page: Page,
    pub(crate) id: PersonId,
    pub(crate) form: PersonForm,
    pub(crate) protection: Protection,
    pub(crate) problem: Option<Problem>,
}

impl NewPage {
    pub(crate) fn protections(&self) -> &'static [(Protection, &'static str, &'static str)] {
        Protection::OFFERED
    }
}

/// Whoever is signed in and has a list of young people (SEC-071).
pub(crate) async fn clinician(ctx: &Ctx) -> Result<PersonId, WebError> {
    let person = ctx.signed_in()?.sign_in.person;
    if ctx.has_day().await? { Ok(person) } else { Err(WebError::NotFound) }
}

/// `GET /people`.
pub(crate) async fn list(ctx: Ctx) -> Result<Html<String>, WebError> {
    let person = clinician(&ctx).await?;
    let listed = |patient: store::CaseloadEntry| Listed {
        id: patient.id,
        initials: patient.name.initials().into_revealed(),
        name: patient.name.full().into_revealed(),
        protection: patient.protection,
    };
    let people = ctx.state.db.caseload(ctx.by()?, person).await?;
    let people = people.into_iter().map(listed).collect();
    Ok(Html(ListPage { page: Page::new(&ctx), people }.render()?))
}

/// `GET /people/new`.
pub(crate) async fn new(ctx: Ctx) -> Result<Html<String>, WebError> {
    clinician(&ctx).await?;
    let id = ctx.state.db.new_person_id(ctx.now)?;
    let form = PersonForm::empty("", ctx.words.lang());
    let html = NewPage { page: Page::new(&ctx), id, form, protection: Protection::Open, problem: None };
    Ok(Html(html.render()?))
}

/// `POST /people/new`.
pub(crate) async fn add(ctx: Ctx, fields: Fields) -> Result<Response, WebError> {
    clinician(&ctx).await?;
    let form = PersonForm::sent("", &fields);
    // A word that is not understood is no reason to enter her as if her address were open (SEC-095).
    let protection = match fields.one("protection") {
        "" => Protection::Open,
        word => Protection::read(word).ok_or(WebError::BadRequest)?,
    };
    let id: PersonId = fields.one("id").parse().map_err(|_| WebError::BadRequest)?;
    let understood = form.name().and_then(|(name, language)| Ok((name, language, form.contact()?)));
    let (name, language, contact) = match understood {
        Ok(understood) => understood,
        Err(problem) => {
            let form = form.wrong(problem);
            let page = NewPage { page: Page::new(&ctx), id, form, protection, problem: Some(problem) };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
        }
    };
    let new = NewPatient { id, name, language, contact, protection };
    ctx.state.db.enter_patient(ctx.by()?, &new).await?;
    Ok(Redirect::to(&format!("/people/{id}")).into_response())
}
