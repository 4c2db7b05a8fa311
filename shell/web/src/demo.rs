//! Demo links: they sign an invented person in at once, on this machine only, in demo mode only (SEC-010).

use axum::extract::Path;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use store::Token;
use store::demo::DemoRole;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::security;

/// Whether the caller is this very machine, by its address and by the name it asked for.
///
/// The name is asked for as well, so that a page elsewhere that gives its own name our address gets nothing.
pub(crate) fn from_this_machine(ctx: &Ctx) -> bool {
    let by_address = ctx.peer.is_some_and(|peer| peer.to_canonical().is_loopback());
    let by_name = ctx.host.as_deref().is_some_and(security::is_loopback_host);
    by_address && by_name
}

/// `GET /demo/{token}`: signs in and leads to where that person's day begins.
pub(crate) async fn sign_in(ctx: Ctx, Path(token): Path<String>) -> Result<Response, WebError> {
    if ctx.state.settings.demo.is_none() || !from_this_machine(&ctx) {
        return Err(WebError::NotFound);
    }
    let token = Token::from_text(&token).ok_or(WebError::NotFound)?;
    let found = ctx.state.db.sign_in_demo(&token, ctx.now).await?;
    let (_, sign_in, cookie) = found.ok_or(WebError::NotFound)?;
    let to = ctx.way_home(sign_in).await?.path();
    let cookie = ctx.keep(&cookie).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&to)).into_response())
}

/// The key of the words for one of the invented people.
pub(crate) const fn who_key(who: DemoRole) -> &'static str {
    match who {
        DemoRole::Clinician => "front-demo-clinician",
        DemoRole::Colleague => "front-demo-colleague",
        DemoRole::YoungPerson => "front-demo-young",
        DemoRole::Guardian => "front-demo-guardian",
        DemoRole::CareWorker => "front-demo-care",
        DemoRole::Professional => "front-demo-professional",
    }
}
