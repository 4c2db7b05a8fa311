//! Signing out: ends the sign-in in the records, which cuts what stood on it, and forgets the cookie.

use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

use crate::cookies;
use crate::ctx::Ctx;
use crate::errors::WebError;

/// `POST /sign-out`; pressing it twice is no fault.
pub(crate) async fn sign_out(ctx: Ctx) -> Result<Response, WebError> {
    if let Some(browser) = ctx.browser() {
        ctx.state.db.sign_out(ctx.by()?, browser).await?;
    }
    let cookie = cookies::clear_sign_in(ctx.state.settings.tls());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to("/")).into_response())
}
