//! What a member of staff has here: passkeys, places where she is signed in, roles. Others have no such page (SEC-028).

use askama::Template;
use axum::Form;
use axum::body::Bytes;
use axum::response::{Html, Redirect, Response};
use domain::audit::Purpose;
use domain::staff::StaffRole;
use ids::{PasskeyId, PersonId, Personal, SignInId, Timestamp};
use serde::Deserialize;
use store::{Name, OwnPasskey, OwnSignIn, PersonKind};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;
use crate::passkey::{self, Brought, CeremonyBox, Stop, Why};
use crate::sign_in::way_on;

#[derive(Template)]
#[template(path = "passkey/account.html")]
pub(crate) struct AccountPage {
    pub(crate) page: Page,
    pub(crate) home: Option<String>,
    pub(crate) home_key: &'static str,
    pub(crate) roles: Vec<Role>,
    /// Whether one administers an organisation.
    pub(crate) administers: bool,
    pub(crate) passkeys: Vec<Key>,
    pub(crate) sign_ins: Vec<Place>,
    pub(crate) ceremony: CeremonyBox,
}

impl AccountPage {
    fn is_last(&self) -> bool {
        self.passkeys.len() == 1
    }
}

/// A role that one holds.
pub(crate) struct Role {
    pub(crate) key: &'static str,
    pub(crate) organization: String,
    pub(crate) since: Timestamp,
}

/// A passkey.
pub(crate) struct Key {
    pub(crate) id: PasskeyId,
    pub(crate) label: String,
    pub(crate) created: Timestamp,
    pub(crate) last_used: Option<Timestamp>,
}

/// Somewhere one is signed in.
pub(crate) struct Place {
    pub(crate) id: SignInId,
    pub(crate) started: Timestamp,
    pub(crate) expires: Timestamp,
    /// When it was last used, if this run of the program knows.
    pub(crate) seen: Option<Timestamp>,
    pub(crate) passkey: Option<String>,
    /// In the very browser that asks.
    pub(crate) this: bool,
}

impl From<OwnPasskey> for Key {
    fn from(own: OwnPasskey) -> Self {
        let OwnPasskey { id, label, created, last_used } = own;
        Self { id, label: label.into_revealed(), created, last_used }
    }
}

/// `GET /account`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    let (person, this) = staff(&ctx)?;
    let by = ctx.by()?;
    let db = &ctx.state.db;
    let mut roles = Vec::new();
    for held in db.roles_of(person, ctx.now).await? {
        let organization = db.organization(held.organization, ctx.now).await?.name;
        roles.push(Role { key: role_key(held.role), organization, since: held.since });
    }
    let place = |own: OwnSignIn| Place {
        this: own.id == this,
        id: own.id,
        started: own.started,
        expires: own.expires,
        seen: ctx.state.seen.last(own.id),
        passkey: own.passkey.map(Personal::into_revealed),
    };
    let (home, home_key) = way_on(ctx.home().await?);
    let html = AccountPage {
        home,
        home_key,
        roles,
        administers: !ctx.offices().await?.is_empty(),
        passkeys: db.passkeys_of(by, person).await?.into_iter().map(Key::from).collect(),
        sign_ins: db.sign_ins_of(by, person).await?.into_iter().map(place).collect(),
        ceremony: CeremonyBox::to_register(&ctx, "/account/keys", "passkey-account-add-button"),
        page: Page::new(&ctx),
    }
    .render()?;
    Ok(Html(html))
}

/// `POST /account/keys/begin`.
pub(crate) async fn begin(ctx: Ctx) -> Result<Response, Stop> {
    let (person, _) = staff(&ctx)?;
    let entry = ctx.state.db.person(ctx.by()?, Purpose::Own, person).await?;
    let initials = Name { given: entry.given_name, family: entry.family_name }.initials();
    passkey::begin_registration(&ctx, person, &initials, None, true).await
}

/// `POST /account/keys/finish`.
pub(crate) async fn finish(ctx: Ctx, body: Bytes) -> Result<Response, Stop> {
    let (person, _) = staff(&ctx)?;
    let brought = Brought::read(&body)?;
    let made = passkey::finish_registration(&ctx, &brought, person, None).await?;
    let added = ctx.state.db.add_passkey(ctx.by()?, person, &made).await?;
    added.ok_or(Stop::Why(Why::Known))?;
    Ok(passkey::goes_to("/account"))
}

/// The form behind *remove*.
#[derive(Deserialize)]
pub(crate) struct Remove {
    passkey: String,
}

/// `POST /account/keys/remove`: the passkey and what is signed in by it elsewhere end.
pub(crate) async fn remove(ctx: Ctx, Form(form): Form<Remove>) -> Result<Redirect, WebError> {
    let (person, this) = staff(&ctx)?;
    let passkey: PasskeyId = form.passkey.parse().map_err(|_| WebError::NotFound)?;
    ctx.state.db.remove_passkey(ctx.by()?, person, passkey, Some(this)).await?;
    Ok(Redirect::to("/account"))
}

/// The form behind *end*.
#[derive(Deserialize)]
pub(crate) struct End {
    sign_in: String,
}

/// `POST /account/end`.
pub(crate) async fn end(ctx: Ctx, Form(form): Form<End>) -> Result<Redirect, WebError> {
    let (person, _) = staff(&ctx)?;
    let sign_in: SignInId = form.sign_in.parse().map_err(|_| WebError::NotFound)?;
    ctx.state.db.end_sign_in(ctx.by()?, person, sign_in).await?;
    Ok(Redirect::to("/account"))
}

/// `POST /account/end-others`.
pub(crate) async fn end_others(ctx: Ctx) -> Result<Redirect, WebError> {
    let (person, this) = staff(&ctx)?;
    ctx.state.db.end_other_sign_ins(ctx.by()?, person, this).await?;
    Ok(Redirect::to("/account"))
}

/// The member of staff who is fully signed in, and by which sign-in.
fn staff(ctx: &Ctx) -> Result<(PersonId, SignInId), WebError> {
    let signed_in = ctx.signed_in()?;
    if signed_in.kind != PersonKind::Practitioner || signed_in.scope.is_some() {
        return Err(WebError::NotFound);
    }
    Ok((signed_in.sign_in.person, signed_in.sign_in.id))
}

/// The key of a role's words.
pub(crate) const fn role_key(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Administrator => "passkey-role-administrator",
        StaffRole::Clinician => "passkey-role-clinician",
        StaffRole::Leader => "passkey-role-leader",
        StaffRole::CareWorker => "passkey-role-care-worker",
        StaffRole::Support => "passkey-role-support",
    }
}
