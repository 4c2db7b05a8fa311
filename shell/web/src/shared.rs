//! A device that is lent for one hour, and a telephone that staff vouch for (SEC-085…SEC-089).
//!
//! *I have left the room* signs whoever lends out, for good, on that browser; *start* is the guest's own press; closing is
//! the end of it. Until then the browser opens that hour and nothing else: [`is_open`] is the list.

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use domain::vouching::{KnownBy, NotLent};
use ids::{AppointmentId, Assurance, InvitationId, Role, Timestamp};
use store::{Lendable, Lending, LentHour};

use crate::appointment::own;
use crate::cookies;
use crate::ctx::Ctx;
use crate::day::Code;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::plan::{Choice, role_key};

impl Choice for KnownBy {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Acquaintance, "acquaintance", "shared-known-acquaintance"),
        (Self::Document, "document", "shared-known-document"),
    ];
}

/// Where a lent browser gets an answer: the hour, what explains it, and the way out.
const OPEN: [&str; 15] = [
    "/",
    "/here",
    "/goodbye",
    "/not-now",
    "/help",
    "/lock",
    "/lock/how",
    "/who-sees",
    "/practice",
    "/unsupported",
    "/language",
    "/sign-out",
    "/healthz",
    "/here/start",
    "/here/close",
];
/// Where everything below is open.
const OPEN_BELOW: [&str; 3] = ["/meeting/", "/ws/", "/assets/"];

/// Whether a lent browser gets an answer at this path; everything else says that the device is lent (SEC-087).
pub(crate) fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || OPEN_BELOW.iter().any(|start| path.starts_with(start))
}

/// For whom this device is lent, or who is vouched for on their own telephone.
#[derive(Template)]
#[template(path = "shared/lend.html")]
pub(crate) struct LendPage {
    pub(crate) page: Page,
    pub(crate) id: AppointmentId,
    /// When the hour is, in words.
    pub(crate) when: String,
    pub(crate) people: Vec<Guest>,
    /// Whether whoever lends can vouch for anybody.
    pub(crate) may_vouch: bool,
    /// Whether a code for their own telephone can be shown: to hosts.
    pub(crate) may_show: bool,
    /// Why the device cannot be lent now.
    pub(crate) refused: Option<NotLent>,
    /// When the hour's door opens.
    pub(crate) opens: Timestamp,
    pub(crate) problem: Option<&'static str>,
}

/// Somebody to whom it may be lent.
pub(crate) struct Guest {
    pub(crate) invitation: InvitationId,
    pub(crate) name: String,
    pub(crate) role_key: &'static str,
}

impl LendPage {
    pub(crate) fn ways(&self) -> &'static [(KnownBy, &'static str, &'static str)] {
        KnownBy::OFFERED
    }

    /// Why not, in words.
    pub(crate) fn refusal(&self) -> Option<String> {
        Some(match self.refused? {
            NotLent::TooEarly => self.page.words.with_all("shared-not-early", self.page.moment(self.opens)),
            NotLent::Over => self.page.words.get("shared-not-over"),
            NotLent::CalledOff => self.page.words.get("shared-not-off"),
            NotLent::OffScreen => self.page.words.get("shared-not-screen"),
        })
    }

    /// Whether a code is of any use: the hour is to come, or on.
    pub(crate) fn shows_code(&self) -> bool {
        self.may_show && !self.people.is_empty() && matches!(self.refused, None | Some(NotLent::TooEarly))
    }
}

/// A code that somebody scans who stands beside the screen.
#[derive(Template)]
#[template(path = "shared/code.html")]
pub(crate) struct CodePage {
    pub(crate) page: Page,
    pub(crate) id: AppointmentId,
    pub(crate) name: String,
    /// Until when it works.
    pub(crate) until: Timestamp,
    pub(crate) code: Code,
    pub(crate) address: String,
}

impl CodePage {
    fn lead(&self) -> String {
        let time = self.page.time(self.until);
        self.page
            .words
            .with_all("shared-code-text", [("name", self.name.as_str().into()), ("time", time.into())])
    }
}

/// What a lent browser shows until its guest presses *start*.
#[derive(Template)]
#[template(path = "shared/here.html")]
pub(crate) struct HerePage {
    pub(crate) page: Page,
    /// The first name of whoever answers for the hour.
    pub(crate) who: String,
    /// When it is, in words.
    pub(crate) when: String,
}

/// `GET /lend/{id}`.
pub(crate) async fn lend_page(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let (id, lendable) = lendable(&ctx, &id).await?;
    Ok(Html(shown(&ctx, id, lendable, None)?))
}

/// `POST /lend/{id}`: *I have left the room*.
pub(crate) async fn lend(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let (id, lendable) = lendable(&ctx, &id).await?;
    let Some(invitation) = chosen(&lendable, &fields) else {
        return again(&ctx, id, lendable, "shared-not-who");
    };
    let known = KnownBy::read(fields.one("known"));
    if known.is_none() && lendable.assurance == Assurance::SignedIn {
        return again(&ctx, id, lendable, "shared-not-known");
    }
    let browser = ctx.signed_in()?.sign_in.id;
    let lending = Lending { appointment: id, invitation, known };
    match ctx.state.db.lend(ctx.by()?, browser, lending).await? {
        Ok(token) => {
            let cookie = cookies::set_sign_in_until_closed(&token, ctx.state.settings.tls());
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/here")).into_response())
        }
        Err(why) => {
            let lendable = Lendable { refused: Some(why), ..lendable };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown(&ctx, id, lendable, None)?)).into_response())
        }
    }
}

/// `POST /lend/{id}/phone`: a host shows a code to somebody who stands there (SEC-085).
pub(crate) async fn phone(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let (id, lendable) = lendable(&ctx, &id).await?;
    if !may_show(&lendable) {
        return Err(WebError::NotFound);
    }
    let Some(invitation) = chosen(&lendable, &fields) else {
        return again(&ctx, id, lendable, "shared-not-who");
    };
    let Some(known) = KnownBy::read(fields.one("known")) else {
        return again(&ctx, id, lendable, "shared-not-known");
    };
    if matches!(lendable.refused, Some(NotLent::Over | NotLent::CalledOff | NotLent::OffScreen)) {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown(&ctx, id, lendable, None)?)).into_response());
    }
    let name = lendable.people.into_iter().find(|one| one.invitation == invitation).map(|one| one.name);
    let issued = ctx.state.db.issue_vouched_link(ctx.by()?, invitation, known).await?;
    let address = format!("{}/j/{}", ctx.state.settings.base_url, issued.token.reveal());
    let html = CodePage {
        page: Page::new(&ctx),
        id,
        name: name.map(|name| name.given.into_revealed()).unwrap_or_default(),
        until: issued.link.expires,
        code: Code::of(&address)?,
        address,
    };
    Ok(Html(html.render()?).into_response())
}

/// `GET /here`.
pub(crate) async fn here(ctx: Ctx) -> Result<Response, WebError> {
    let browser = ctx.signed_in()?.sign_in.id;
    let lent = ctx.state.db.lent_hour(ctx.by()?, browser).await?.ok_or(WebError::NotFound)?;
    let LentHour { window, clinician, session, has_begun } = lent;
    if has_begun {
        return Ok(Redirect::to(&format!("/meeting/{session}")).into_response());
    }
    let page = Page::new(&ctx);
    let when = page.words.with_all("shared-here-when", page.moment(window.starts));
    Ok(Html(HerePage { who: clinician.into_revealed(), when, page }.render()?).into_response())
}

/// `POST /here/start`: her own press, and nobody else's.
pub(crate) async fn start(ctx: Ctx) -> Result<Redirect, WebError> {
    let browser = ctx.signed_in()?.sign_in.id;
    let session = ctx.state.db.take_lent(ctx.by()?, browser).await?.ok_or(WebError::NotFound)?;
    Ok(Redirect::to(&format!("/meeting/{session}")))
}

/// `POST /here/close`: the device is nobody's again (SEC-088). Pressing it twice is no fault.
pub(crate) async fn close(ctx: Ctx) -> Result<Response, WebError> {
    let Some(signed_in) = ctx.sign_in.as_ref() else { return Ok(Redirect::to("/goodbye").into_response()) };
    if !signed_in.is_shared {
        return Err(WebError::NotFound);
    }
    ctx.state.db.sign_out(ctx.by()?, signed_in.sign_in.id).await?;
    let cookie = cookies::clear_sign_in(ctx.state.settings.tls());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/goodbye")).into_response())
}

/// The hour, if this browser may be lent for it. A host has a day as well; without one, it is not there.
async fn lendable(ctx: &Ctx, id: &str) -> Result<(AppointmentId, Lendable), WebError> {
    let browser = ctx.signed_in()?.sign_in.id;
    let appointment: AppointmentId = id.parse().map_err(|_| WebError::NotFound)?;
    let is_care_worker = ctx.state.db.is_browser_of_care_worker(browser, appointment, ctx.now).await?;
    if !is_care_worker {
        own(ctx, id).await?;
    }
    let lendable = ctx.state.db.lendable(ctx.by()?, browser, appointment).await?;
    Ok((appointment, lendable))
}

/// The guest that was chosen; the only one there is needs no choice.
fn chosen(lendable: &Lendable, fields: &Fields) -> Option<InvitationId> {
    let wanted = fields.one("invitation");
    match (lendable.people.as_slice(), wanted) {
        ([only], "") => Some(only.invitation),
        (people, wanted) => {
            let wanted = wanted.parse().ok()?;
            people.iter().map(|one| one.invitation).find(|one| *one == wanted)
        }
    }
}

fn may_show(lendable: &Lendable) -> bool {
    lendable.role == Role::Host && lendable.assurance == Assurance::SignedIn
}

fn again(ctx: &Ctx, id: AppointmentId, lendable: Lendable, key: &'static str) -> Result<Response, WebError> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown(ctx, id, lendable, Some(key))?)).into_response())
}

fn shown(
    ctx: &Ctx,
    id: AppointmentId,
    lendable: Lendable,
    problem: Option<&'static str>,
) -> Result<String, WebError> {
    let page = Page::new(ctx);
    let (starts, ends) = (lendable.window.starts, lendable.window.ends);
    let may_show = may_show(&lendable);
    let guest = |one: store::LentTo| Guest {
        invitation: one.invitation,
        name: one.name.full().into_revealed(),
        role_key: role_key(one.role),
    };
    let html = LendPage {
        id,
        when: format!("{} {}", page.day(starts), page.span(starts, ends)),
        may_vouch: lendable.assurance == Assurance::SignedIn,
        may_show,
        refused: lendable.refused,
        opens: lendable.window.opens(),
        people: lendable.people.into_iter().map(guest).collect(),
        problem,
        page,
    };
    Ok(html.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lent_device_opens_its_hour_and_the_way_out_only() {
        for open in ["/", "/here", "/here/close", "/meeting/x", "/ws/x", "/goodbye", "/help", "/assets/a/b"] {
            assert!(is_open(open), "{open}");
        }
        for told in ["/lock", "/lock/how", "/who-sees", "/practice"] {
            assert!(is_open(told), "who was lent a device may know as much as others: {told}");
        }
        for shut in ["/day", "/ask", "/sign-in", "/sign-in/begin", "/j/x", "/first/x", "/account", "/lend/x"]
        {
            assert!(!is_open(shut), "SEC-087: {shut}");
        }
    }
}
