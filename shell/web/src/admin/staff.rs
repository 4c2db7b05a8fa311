//! One who works here: entered, given roles, handed a link for a passkey, signed out, no longer here.

use core::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::staff::{NotChangeable, StaffRole};
use ids::{OrganizationId, PersonId, Timestamp};
use store::{Staff, StaffEntry, StoreError};

use crate::admin::{administered, refused, within};
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::people::form::{PersonForm, Problem};
use crate::plan::Choice;

/// How long a one-time link works: a working day and the night after it.
const LINK_LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// The form by which somebody is entered who works here.
#[derive(Template)]
#[template(path = "admin/new.html")]
pub(crate) struct NewPage {
    pub(crate) page: Page,
    pub(crate) organization: OrganizationId,
    pub(crate) id: PersonId,
    pub(crate) form: PersonForm,
    pub(crate) roles: Roles,
    pub(crate) problem: Option<Problem>,
}

/// One who works here.
#[derive(Template)]
#[template(path = "admin/member.html")]
pub(crate) struct MemberPage {
    pub(crate) page: Page,
    pub(crate) organization: OrganizationId,
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) form: PersonForm,
    pub(crate) roles: Roles,
    pub(crate) passkeys: u32,
    pub(crate) sign_ins: u32,
    pub(crate) link_until: Option<Timestamp>,
    pub(crate) works_elsewhere: bool,
    pub(crate) alone_for: u32,
    /// Colleagues who may take those young people on.
    pub(crate) heirs: Vec<(PersonId, String)>,
    /// The part that could not be done, the id of the field, the key of the words.
    pub(crate) problem: Option<(&'static str, &'static str, &'static str)>,
}

/// A one-time link, shown once.
#[derive(Template)]
#[template(path = "admin/link.html")]
pub(crate) struct LinkPage {
    pub(crate) page: Page,
    pub(crate) organization: OrganizationId,
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) link: String,
    pub(crate) until: Timestamp,
    pub(crate) keeps_others: bool,
}

/// The roles that are ticked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roles(pub(crate) Vec<StaffRole>);

impl Roles {
    fn sent(fields: &Fields) -> Self {
        Self(fields.many("role").filter_map(StaffRole::read).collect())
    }

    pub(crate) fn offered(&self) -> &'static [(StaffRole, &'static str, &'static str)] {
        StaffRole::OFFERED
    }

    pub(crate) fn holds(&self, role: &StaffRole) -> bool {
        self.0.contains(role)
    }
}

impl MemberPage {
    pub(crate) fn is_open(&self, part: &str) -> bool {
        self.problem.is_some_and(|(about, ..)| about == part)
    }

    /// What is said first of what could not be done: of what was typed, or of what was pressed.
    pub(crate) fn lead_key(&self) -> &'static str {
        if self.is_open("name") { "people-not-yet" } else { "people-not-done" }
    }

    fn of(page: Page, organization: OrganizationId, entry: &StaffEntry) -> Self {
        Self {
            page,
            organization,
            id: entry.person,
            name: entry.name.full().into_revealed(),
            form: PersonForm::stored("", &entry.name, entry.language, &entry.contact),
            roles: Roles(entry.roles.clone()),
            passkeys: entry.passkeys,
            sign_ins: entry.sign_ins,
            link_until: entry.link_until,
            works_elsewhere: entry.works_elsewhere,
            alone_for: entry.alone_for,
            heirs: Vec::new(),
            problem: None,
        }
    }
}

/// `GET /admin/{organization}/new`.
pub(crate) async fn new(ctx: Ctx, Path(organization): Path<String>) -> Result<Html<String>, WebError> {
    let organization = administered(&ctx, &organization).await?;
    let id = ctx.state.db.new_person_id(ctx.now)?;
    let form = PersonForm::empty("", ctx.words.lang());
    let (page, roles) = (Page::new(&ctx), Roles(vec![StaffRole::Clinician]));
    Ok(Html(NewPage { page, organization, id, form, roles, problem: None }.render()?))
}

/// `POST /admin/{organization}/new`.
pub(crate) async fn add(
    ctx: Ctx,
    Path(organization): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let organization = administered(&ctx, &organization).await?;
    let (form, roles) = (PersonForm::sent("", &fields), Roles::sent(&fields));
    let id: PersonId = fields.one("id").parse().map_err(|_| WebError::BadRequest)?;
    let new = match form.staff(id) {
        Ok(new) => new,
        Err(problem) => {
            let (page, form) = (Page::new(&ctx), form.wrong(problem));
            return refused(&NewPage { page, organization, id, form, roles, problem: Some(problem) });
        }
    };
    ctx.state.db.add_staff(ctx.by()?, (organization, organization), &new, &roles.0).await?;
    back(organization, id)
}

/// `GET /admin/{organization}/staff/{person}`.
pub(crate) async fn show(ctx: Ctx, Path(at): Path<(String, String)>) -> Result<Html<String>, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    Ok(Html(member(&ctx, organization, id).await?.render()?))
}

/// `POST /admin/{organization}/staff/{person}/name`: name, language and where messages reach them.
pub(crate) async fn change(
    ctx: Ctx,
    Path(at): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let form = PersonForm::sent("", &fields);
    match form.staff(id) {
        Ok(changed) => {
            ctx.state.db.change_staff(ctx.by()?, organization, organization, &changed).await?;
            back(organization, id)
        }
        Err(problem) => {
            let shown = member(&ctx, organization, id).await?;
            let problem_shown = Some(("name", problem.field, problem.key));
            refused(&MemberPage { form: form.wrong(problem), problem: problem_shown, ..shown })
        }
    }
}

/// `POST /admin/{organization}/staff/{person}/roles`.
pub(crate) async fn roles(
    ctx: Ctx,
    Path(at): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let wanted = Roles::sent(&fields);
    let done = ctx.state.db.set_roles(ctx.by()?, organization, id, &wanted.0).await;
    settle(&ctx, (organization, id), done.map(drop), "roles").await
}

/// `POST /admin/{organization}/staff/{person}/link`: the answer shows the link once; it is stored as a hash only.
pub(crate) async fn link(
    ctx: Ctx,
    Path(at): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let keeps_others = fields.is_ticked("keep");
    let made =
        ctx.state.db.hand_out_staff_link(ctx.by()?, (organization, id), keeps_others, LINK_LASTS).await;
    let issued = match made {
        Ok(issued) => issued,
        Err(error) => return settle(&ctx, (organization, id), Err(error), "link").await,
    };
    let entry = ctx.state.db.staff_member(ctx.by()?, organization, id).await?;
    let html = LinkPage {
        page: Page::new(&ctx),
        organization,
        id,
        name: entry.name.full().into_revealed(),
        link: format!("{}/first/{}", ctx.state.settings.base_url, issued.token.reveal()),
        until: issued.link.expires,
        keeps_others,
    }
    .render()?;
    Ok(Html(html).into_response())
}

/// `POST /admin/{organization}/staff/{person}/sign-out`: everywhere at once.
pub(crate) async fn sign_out(ctx: Ctx, Path(at): Path<(String, String)>) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let done = ctx.state.db.sign_out_everywhere(ctx.by()?, organization, id).await;
    settle(&ctx, (organization, id), done.map(drop), "end").await
}

/// `POST /admin/{organization}/staff/{person}/end`: passkeys, sign-ins, links and roles end.
pub(crate) async fn end(ctx: Ctx, Path(at): Path<(String, String)>) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let done = ctx.state.db.dismiss(ctx.by()?, organization, id).await;
    settle(&ctx, (organization, id), done.map(drop), "end").await
}

/// `POST /admin/{organization}/staff/{person}/list`: the young people whom nobody else answers for go to a colleague.
pub(crate) async fn list(
    ctx: Ctx,
    Path(at): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (organization, id) = within(&ctx, &at).await?;
    let to: PersonId = fields.one("to").parse().map_err(|_| WebError::NotFound)?;
    ctx.state.db.give_list(ctx.by()?, organization, (id, to)).await?;
    back(organization, id)
}

/// Back to the page after what was done; with words when a rule stood against it.
async fn settle(
    ctx: &Ctx,
    (organization, id): (OrganizationId, PersonId),
    done: Result<(), StoreError>,
    part: &'static str,
) -> Result<Response, WebError> {
    let key = match done {
        Ok(()) if ctx.signed_in()?.sign_in.person == id => return Ok(Redirect::to("/admin").into_response()),
        Ok(()) => return back(organization, id),
        Err(StoreError::Staff(NotChangeable::LastAdministrator)) => "admin-not-last",
        Err(StoreError::Staff(NotChangeable::WorksElsewhere)) => "admin-not-elsewhere",
        Err(error) => return Err(error.into()),
    };
    let shown = member(ctx, organization, id).await?;
    refused(&MemberPage { problem: Some((part, part, key)), ..shown })
}

async fn member(ctx: &Ctx, organization: OrganizationId, id: PersonId) -> Result<MemberPage, WebError> {
    let (by, db) = (ctx.by()?, &ctx.state.db);
    let entry = db.staff_member(by, organization, id).await?;
    let mut shown = MemberPage::of(Page::new(ctx), organization, &entry);
    if entry.alone_for > 0 {
        let staff = db.staff_of(by, organization).await?.into_iter();
        let treats = |one: &Staff| one.person != id && one.roles.iter().any(|role| role.has_caseload());
        let heirs = staff.filter(treats).map(|one| (one.person, one.name.full().into_revealed()));
        shown.heirs = heirs.collect();
    }
    Ok(shown)
}

fn back(organization: OrganizationId, id: PersonId) -> Result<Response, WebError> {
    Ok(Redirect::to(&format!("/admin/{organization}/staff/{id}")).into_response())
}
