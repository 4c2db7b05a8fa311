//! One-time staff links: a member of staff makes a first passkey, or a new one for a lost one.
//!
//! Fetching the page consumes nothing (SEC-041); only a finished registration does. Whoever holds the token may know
//! what became of the link; one that never was is not there.

use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::staff::StaffLinkRefused;
use ids::Timestamp;
use store::{SeenStaffLink, Token, UseStaffLink};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;
use crate::passkey::{self, Brought, CeremonyBox, SIGN_IN_LASTS, Stop, Why};
use crate::sign_in;

#[derive(Template)]
#[template(path = "passkey/first.html")]
pub(crate) struct FirstPage {
    pub(crate) page: Page,
    pub(crate) initials: String,
    /// The key of what happens to older passkeys, if there are any.
    pub(crate) older: Option<&'static str>,
    pub(crate) until: Timestamp,
    pub(crate) ceremony: CeremonyBox,
}

#[derive(Template)]
#[template(path = "passkey/gone.html")]
pub(crate) struct GonePage {
    pub(crate) page: Page,
    /// The part of the keys that tells the reasons apart.
    pub(crate) why: &'static str,
}

/// The part of the keys for a reason.
pub(crate) const fn why_key(refused: StaffLinkRefused) -> &'static str {
    match refused {
        StaffLinkRefused::Unknown => "unknown",
        StaffLinkRefused::Used => "used",
        StaffLinkRefused::Replaced => "replaced",
        StaffLinkRefused::Expired => "expired",
    }
}

/// `GET /first/{token}`.
pub(crate) async fn show(ctx: Ctx, Path(token): Path<String>) -> Result<Response, WebError> {
    let seen = match seen(&ctx, &token).await? {
        Ok((_, seen)) => seen,
        Err(refused) => return gone(&ctx, refused),
    };
    let older = match (seen.passkeys, seen.link.keeps_others) {
        (0, _) => None,
        (_, true) => Some("passkey-first-keeps"),
        (_, false) => Some("passkey-first-ends"),
    };
    let ceremony = CeremonyBox::to_register(&ctx, &ctx.path, "passkey-first-button");
    let (initials, until) = (seen.initials.into_revealed(), seen.link.expires);
    let html = FirstPage { page: Page::new(&ctx), initials, older, until, ceremony }.render()?;
    Ok(Html(html).into_response())
}

/// `POST /first/{token}/begin`.
pub(crate) async fn begin(ctx: Ctx, Path(token): Path<String>) -> Result<Response, Stop> {
    let (_, seen) = seen(&ctx, &token).await??;
    let SeenStaffLink { link, initials, .. } = seen;
    passkey::begin_registration(&ctx, link.person, &initials, Some(link.id), link.keeps_others).await
}

/// `POST /first/{token}/finish`.
pub(crate) async fn finish(ctx: Ctx, Path(token): Path<String>, body: Bytes) -> Result<Response, Stop> {
    let (token, seen) = seen(&ctx, &token).await??;
    let brought = Brought::read(&body)?;
    let link = seen.link;
    let made = passkey::finish_registration(&ctx, &brought, link.person, Some(link.id)).await?;
    let using = UseStaffLink { passkey: made, lifetime: SIGN_IN_LASTS };
    let used =
        ctx.state.db.use_staff_link(&token, &using, ctx.now).await?.map_err(|_| Stop::Why(Why::Link))?;
    sign_in::signed_in(ctx, &used.cookie).await
}

/// The link, if it works.
async fn seen(ctx: &Ctx, text: &str) -> Result<Result<(Token, SeenStaffLink), StaffLinkRefused>, WebError> {
    if ctx.peer.is_some_and(|peer| !ctx.state.guesses.may_try(peer, ctx.now)) {
        return Err(WebError::TooManyGuesses);
    }
    let token = Token::from_text(text);
    let found = match &token {
        Some(token) => ctx.state.db.see_staff_link(token, ctx.now).await?,
        None => None,
    };
    let Some((token, seen)) = token.zip(found) else {
        if let Some(peer) = ctx.peer {
            ctx.state.guesses.missed(peer, ctx.now);
        }
        return Ok(Err(StaffLinkRefused::Unknown));
    };
    Ok(seen.link.check(ctx.now).map(|()| (token, seen)))
}

fn gone(ctx: &Ctx, refused: StaffLinkRefused) -> Result<Response, WebError> {
    let mut page = Page::new(ctx);
    page.here = "/".to_owned();
    Ok((StatusCode::NOT_FOUND, Html(GonePage { page, why: why_key(refused) }.render()?)).into_response())
}
