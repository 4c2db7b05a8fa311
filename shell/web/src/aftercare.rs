//! The page one lands on after the talk: quiet, neutral, with numbers, and no hurry.

use askama::Template;
use axum::http::header;
use axum::response::{AppendHeaders, Html, IntoResponse, Response};

use crate::cookies;
use crate::ctx::{Ctx, Home};
use crate::errors::WebError;
use crate::helplines::Help;
use crate::page::Page;
use crate::request;
use crate::state::Numbers;

#[derive(Template)]
#[template(path = "aftercare/goodbye.html")]
pub(crate) struct GoodbyePage<'a> {
    pub(crate) page: Page,
    pub(crate) home: Home,
    /// Whether there was a talk, rather than *not now* at its door.
    pub(crate) went_in: bool,
    /// Whether it is a young person, who may ask for something.
    pub(crate) may_ask: bool,
    pub(crate) numbers: &'a Numbers,
}

/// `GET /goodbye`.
pub(crate) async fn show(ctx: Ctx) -> Result<Response, WebError> {
    render(&ctx, true).await
}

/// `GET /not-now`: she turned at the door, which is as good an answer as any.
pub(crate) async fn not_now(ctx: Ctx) -> Result<Response, WebError> {
    render(&ctx, false).await
}

async fn render(ctx: &Ctx, went_in: bool) -> Result<Response, WebError> {
    let (page, home) = (Page::new(ctx), ctx.home().await?);
    let (may_ask, help) = (request::may_ask(ctx), Help::of(ctx).await?);
    let html = Html(GoodbyePage { page, home, went_in, may_ask, numbers: &help.numbers }.render()?);
    if ctx.token.is_some() && ctx.sign_in.is_none() {
        // What ended leaves no trace, least of all on a device that was lent (SEC-088).
        let cookie = cookies::clear_sign_in(ctx.state.settings.tls());
        return Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), html).into_response());
    }
    Ok(html.into_response())
}
