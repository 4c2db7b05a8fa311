//! Organisations that one works with, and the people who come from there as professionals.

use askama::Template;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::people::Organization;
use ids::{OrganizationId, PersonId};
use store::PartnerPerson;

use crate::admin::{OfficePage, PlaceForm, administered, page, refused, within};
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::people::form::PersonForm;

/// One organisation that one works with.
#[derive(Template)]
#[template(path = "admin/partner.html")]
pub(crate) struct PartnerPage {
    pub(crate) page: Page,
    pub(crate) organization: OrganizationId,
    pub(crate) id: OrganizationId,
    pub(crate) name: String,
    pub(crate) place: PlaceForm,
    /// Whether it is theirs alone to change.
    pub(crate) is_theirs: bool,
    pub(crate) people: Vec<Professional>,
    /// The form for somebody new.
    pub(crate) new: (PersonId, PersonForm),
    /// The form that could not be done, the id of the field, the key of the words.
    pub(crate) problem: Option<(String, String, &'static str)>,
}

/// Somebody who comes from there.
pub(crate) struct Professional {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) form: PersonForm,
}

impl PartnerPage {
    pub(crate) fn is_open(&self, form: &str) -> bool {
        self.problem.as_ref().is_some_and(|(about, ..)| about == form)
    }
}

impl Professional {
    pub(crate) fn of(person: &PartnerPerson) -> Self {
        let prefix = format!("{}-", person.person);
        Self {
            id: person.person,
            name: person.name.full().into_revealed(),
            form: PersonForm::stored(&prefix, &person.name, person.language, &person.contact),
        }
    }
}

/// `POST /admin/{organization}/partners`.
pub(crate) async fn add(
    ctx: Ctx,
    Path(organization): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let organization = administered(&ctx, &organization).await?;
    let form = PlaceForm::sent("other-", &fields);
    match form.read() {
        Ok((name, kind)) => {
            let id = ctx.state.db.add_partner(ctx.by()?, organization, &name, kind).await?;
            back(organization, id)
        }
        Err(key) => {
            let shown = page(&ctx, organization).await?;
            refused(&OfficePage { other: form, problem: Some(("other", key)), ..shown })
        }
    }
}

/// `GET /admin/{organization}/partners/{partner}`.
pub(crate) async fn show(ctx: Ctx, Path(at): Path<(String, String)>) -> Result<Html<String>, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    Ok(Html(partner(&ctx, organization, id).await?.render()?))
}

/// `POST /admin/{organization}/partners/{partner}/name`.
pub(crate) async fn rename(
    ctx: Ctx,
    Path(at): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let form = PlaceForm::sent("", &fields);
    match form.read() {
        Ok((name, kind)) => {
            let changed = Organization { id, name, kind };
            ctx.state.db.rename_organization(ctx.by()?, organization, &changed).await?;
            back(organization, id)
        }
        Err(key) => {
            let shown = partner(&ctx, organization, id).await?;
            let problem = Some(("name".to_owned(), "name".to_owned(), key));
            refused(&PartnerPage { place: form, problem, ..shown })
        }
    }
}

/// `POST /admin/{organization}/partners/{partner}/people`: somebody new, or somebody who is changed.
pub(crate) async fn person(
    ctx: Ctx,
    Path(at): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let who: PersonId = fields.one("id").parse().map_err(|_| WebError::BadRequest)?;
    let mut shown = partner(&ctx, organization, id).await?;
    let is_known = shown.people.iter().any(|one| one.id == who);
    let prefix = if is_known { format!("{who}-") } else { "new-".to_owned() };
    let form = PersonForm::sent(&prefix, &fields);
    let new = match form.staff(who) {
        Ok(new) => new,
        Err(problem) => {
            let part = if is_known { who.to_string() } else { "new".to_owned() };
            shown.problem = Some((part, format!("{prefix}{}", problem.field), problem.key));
            match shown.people.iter_mut().find(|one| one.id == who) {
                Some(one) => one.form = form.wrong(problem),
                None => shown.new = (who, form.wrong(problem)),
            }
            return refused(&shown);
        }
    };
    let by = ctx.by()?;
    match is_known {
        true => ctx.state.db.change_staff(by, organization, id, &new).await?,
        false => ctx.state.db.add_staff(by, (organization, id), &new, &[]).await?,
    }
    back(organization, id)
}

async fn partner(
    ctx: &Ctx,
    organization: OrganizationId,
    id: OrganizationId,
) -> Result<PartnerPage, WebError> {
    let found = ctx.state.db.partner(ctx.by()?, organization, id).await?;
    let form = PersonForm::empty("new-", ctx.words.lang());
    Ok(PartnerPage {
        page: Page::new(ctx),
        organization,
        id,
        place: PlaceForm::of("", &found.organization),
        name: found.organization.name,
        is_theirs: found.administers_itself,
        people: found.people.iter().map(Professional::of).collect(),
        new: (ctx.state.db.new_person_id(ctx.now)?, form),
        problem: None,
    })
}

fn back(organization: OrganizationId, id: OrganizationId) -> Result<Response, WebError> {
    Ok(Redirect::to(&format!("/admin/{organization}/partners/{id}")).into_response())
}
