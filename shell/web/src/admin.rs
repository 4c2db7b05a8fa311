//! The administrator's pages: one organisation, who works there, whom it works with, whom to call (SEC-071).
//!
//! They open for whoever holds the role of administrator in that organisation now; for everybody else they are not there
//! (SEC-028). No young person is named on any of them.

pub(crate) mod helplines;
pub(crate) mod log;
pub(crate) mod partners;
pub(crate) mod staff;
pub(crate) mod support;

use core::str::FromStr;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::helplines::plain;
use domain::people::{Organization, OrganizationKind};
use domain::questions::Month;
use domain::staff::StaffRole;
use ids::{OrganizationId, PersonId};
use store::{Partner, Staff};

use crate::account::role_key;
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::plan::Choice;
use crate::questions::{CountedLine, counted_lines};

/// Characters of an organisation's name.
const PLACE_CHARS_MAX: usize = 120;

impl Choice for OrganizationKind {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Clinic, "clinic", "admin-kind-clinic"),
        (Self::Institution, "institution", "admin-kind-institution"),
        (Self::Municipality, "municipality", "admin-kind-municipality"),
        (Self::School, "school", "admin-kind-school"),
        (Self::Other, "other", "admin-kind-other"),
    ];
}

impl Choice for StaffRole {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Administrator, "administrator", role_key(Self::Administrator)),
        (Self::Clinician, "clinician", role_key(Self::Clinician)),
        (Self::Leader, "leader", role_key(Self::Leader)),
        (Self::CareWorker, "care-worker", role_key(Self::CareWorker)),
        (Self::Support, "support", role_key(Self::Support)),
    ];
}

/// One organisation.
#[derive(Template)]
#[template(path = "admin/office.html")]
pub(crate) struct OfficePage {
    pub(crate) page: Page,
    /// Where the way back leads, and the key of its words.
    pub(crate) back: (&'static str, &'static str),
    pub(crate) id: OrganizationId,
    /// Name and kind as the form has them.
    pub(crate) own: PlaceForm,
    pub(crate) name: String,
    pub(crate) staff: Vec<Listed>,
    pub(crate) partners: Vec<Partner>,
    /// What young people answered who wanted to be counted only.
    pub(crate) counted: Vec<CountedLine>,
    /// The form for another organisation.
    pub(crate) other: PlaceForm,
    /// Other organisations that one administers.
    pub(crate) offices: Vec<Organization>,
    /// Which form could not be done, and the key of the words.
    pub(crate) problem: Option<(&'static str, &'static str)>,
}

/// Somebody who works here.
pub(crate) struct Listed {
    pub(crate) person: PersonId,
    pub(crate) name: String,
    pub(crate) roles: Vec<&'static str>,
    pub(crate) has_passkey: bool,
}

/// An organisation's name and kind as they were typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlaceForm {
    pub(crate) prefix: &'static str,
    pub(crate) name: String,
    pub(crate) kind: Option<OrganizationKind>,
}

impl PlaceForm {
    pub(crate) fn of(prefix: &'static str, organization: &Organization) -> Self {
        Self { prefix, name: organization.name.clone(), kind: Some(organization.kind) }
    }

    pub(crate) fn sent(prefix: &'static str, fields: &Fields) -> Self {
        let kind = OrganizationKind::read(fields.one("kind"));
        Self { prefix, name: fields.one("name").to_owned(), kind }
    }

    /// Name and kind, or the key of what is wrong.
    pub(crate) fn read(&self) -> Result<(String, OrganizationKind), &'static str> {
        let name = plain(&self.name, PLACE_CHARS_MAX).ok().flatten().ok_or("admin-not-name")?;
        Ok((name, self.kind.ok_or("admin-not-kind")?))
    }

    pub(crate) fn kinds(&self) -> &'static [(OrganizationKind, &'static str, &'static str)] {
        OrganizationKind::OFFERED
    }

    pub(crate) fn is_kind(&self, kind: &OrganizationKind) -> bool {
        self.kind == Some(*kind)
    }
}

impl OfficePage {
    pub(crate) fn is_open(&self, form: &str) -> bool {
        self.problem.is_some_and(|(about, _)| about == form)
    }
}

impl Listed {
    fn of(staff: Staff) -> Self {
        Self {
            person: staff.person,
            name: staff.name.full().into_revealed(),
            roles: staff.roles.into_iter().map(role_key).collect(),
            has_passkey: staff.passkeys > 0,
        }
    }
}

/// The organisation in an address, if whoever is signed in administers it now; every step of the records asks again.
pub(crate) async fn administered(ctx: &Ctx, id: &str) -> Result<OrganizationId, WebError> {
    ctx.signed_in()?;
    let id: OrganizationId = id.parse().map_err(|_| WebError::NotFound)?;
    if ctx.offices().await?.contains(&id) { Ok(id) } else { Err(WebError::NotFound) }
}

/// What an address names within an organisation that whoever is signed in administers now: somebody who works there, or
/// a partner of it. Whether it is theirs is asked by every step of the records.
pub(crate) async fn within<T: FromStr>(
    ctx: &Ctx,
    (organization, named): &(String, String),
) -> Result<(OrganizationId, T), WebError> {
    let organization = administered(ctx, organization).await?;
    Ok((organization, named.parse().map_err(|_| WebError::NotFound)?))
}

/// The answer to a form that could not be done.
pub(crate) fn refused<T: Template>(page: &T) -> Result<Response, WebError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

/// `GET /admin`: to the organisation that one administers.
pub(crate) async fn show(ctx: Ctx) -> Result<Redirect, WebError> {
    ctx.signed_in()?;
    let offices = ctx.offices().await?;
    let first = offices.first().ok_or(WebError::NotFound)?;
    Ok(Redirect::to(&format!("/admin/{first}")))
}

/// `GET /admin/{organization}`.
pub(crate) async fn office(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let id = administered(&ctx, &id).await?;
    Ok(Html(page(&ctx, id).await?.render()?))
}

/// `POST /admin/{organization}/name`.
pub(crate) async fn rename(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = administered(&ctx, &id).await?;
    let form = PlaceForm::sent("", &fields);
    match form.read() {
        Ok((name, kind)) => {
            let changed = Organization { id, name, kind };
            ctx.state.db.rename_organization(ctx.by()?, id, &changed).await?;
            Ok(Redirect::to(&format!("/admin/{id}")).into_response())
        }
        Err(key) => {
            let shown = page(&ctx, id).await?;
            refused(&OfficePage { own: form, problem: Some(("name", key)), ..shown })
        }
    }
}

/// The page of an organisation.
pub(crate) async fn page(ctx: &Ctx, id: OrganizationId) -> Result<OfficePage, WebError> {
    let found = ctx.state.db.office(ctx.by()?, id).await?;
    let mut offices = Vec::new();
    for other in ctx.offices().await? {
        if other != id {
            offices.push(ctx.state.db.organization(other, ctx.now).await?);
        }
    }
    let back = match ctx.has_day().await? {
        true => ("/day", "book-back"),
        false => ("/account", "passkey-account-link"),
    };
    let month = Month::of(ctx.now, &ctx.state.settings.time_zone);
    let counted = ctx.state.db.counted(ctx.by()?, id, month).await?;
    let page = Page::new(ctx);
    Ok(OfficePage {
        counted: counted_lines(&page, &counted),
        page,
        back,
        id,
        own: PlaceForm::of("", &found.organization),
        name: found.organization.name,
        staff: found.staff.into_iter().map(Listed::of).collect(),
        partners: found.partners,
        other: PlaceForm { prefix: "other-", ..PlaceForm::default() },
        offices,
        problem: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_role_is_offered_and_reads_back() {
        for kind in OrganizationKind::ALL {
            let sent = OrganizationKind::OFFERED.iter().find(|(one, ..)| *one == kind).expect("offered").1;
            assert_eq!(OrganizationKind::read(sent), Some(kind));
        }
        for role in StaffRole::ALL {
            let sent = StaffRole::OFFERED.iter().find(|(one, ..)| *one == role).expect("offered").1;
            assert_eq!(StaffRole::read(sent), Some(role));
        }
        assert_eq!(StaffRole::read("root"), None);
    }
}
