//! Personal links: a door handle, not the door (CARE-13).
//!
//! Fetching the page binds and consumes nothing, because previews and virus scanners fetch links; only a press (POST)
//! does (SEC-009). A link that is unknown, used up, replaced or withdrawn looks the same as one that never was
//! (SEC-028), and the page says that nobody did anything wrong.

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use store::{LinkLook, LinkRefused, SeenLink, Token};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;

#[derive(Template)]
#[template(path = "link/arrive.html")]
pub(crate) struct ArrivePage {
    pub(crate) page: Page,
    /// Who invites, in the words the inviter chose.
    pub(crate) who: String,
    pub(crate) when: String,
    pub(crate) sign: Option<String>,
}

#[derive(Template)]
#[template(path = "link/gone.html")]
pub(crate) struct GonePage {
    pub(crate) page: Page,
}

/// `GET /j/{token}`.
pub(crate) async fn show(ctx: Ctx, Path(token): Path<String>) -> Result<Response, WebError> {
    let Some(token) = plausible(&ctx, &token)? else { return gone(&ctx) };
    let Some(seen) = ctx.state.db.see_link(&token, ctx.browser(), ctx.now).await? else {
        note_miss(&ctx);
        return gone(&ctx);
    };
    match seen.look {
        LinkLook::Fresh | LinkLook::Yours => Ok(Html(arrive(&ctx, seen).render()?).into_response()),
        LinkLook::Refused(_) => gone(&ctx),
    }
}

fn arrive(ctx: &Ctx, seen: SeenLink) -> ArrivePage {
    let page = Page::new(ctx);
    let starts = seen.window.starts;
    let arguments = [("day", page.day(starts).into()), ("time", page.time(starts).into())];
    ArrivePage {
        when: page.headed(ctx.words.with_all("link-when", arguments)),
        who: seen.inviter.given.into_revealed(),
        sign: seen.sign.map(ids::Personal::into_revealed),
        page,
    }
}

/// `POST /j/{token}`: her press binds the link to this browser and leads to the room's page.
pub(crate) async fn press(ctx: Ctx, Path(token): Path<String>) -> Result<Response, WebError> {
    let Some(token) = plausible(&ctx, &token)? else { return gone(&ctx) };
    let pressed = match ctx.state.db.press_link(&token, ctx.browser(), ctx.now).await? {
        Ok(pressed) => pressed,
        Err(refused) => {
            if refused == LinkRefused::Unknown {
                note_miss(&ctx);
            }
            return gone(&ctx);
        }
    };
    let to = Redirect::to(&format!("/meeting/{}", pressed.session));
    // A browser that keeps its sign-in keeps it longer now.
    let Some(token) = pressed.cookie.as_ref().or(ctx.token.as_ref()) else { return Ok(to.into_response()) };
    let cookie = ctx.keep(token).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), to).into_response())
}

/// Reads the token; `None` when it cannot be one of ours.
fn plausible(ctx: &Ctx, text: &str) -> Result<Option<Token>, WebError> {
    if ctx.peer.is_some_and(|peer| !ctx.state.guesses.may_try(peer, ctx.now)) {
        return Err(WebError::TooManyGuesses);
    }
    let token = Token::from_text(text);
    if token.is_none() {
        note_miss(ctx);
    }
    Ok(token)
}

fn note_miss(ctx: &Ctx) {
    if let Some(peer) = ctx.peer {
        ctx.state.guesses.missed(peer, ctx.now);
    }
}

fn gone(ctx: &Ctx) -> Result<Response, WebError> {
    let mut page = Page::new(ctx);
    page.here = "/".to_owned();
    Ok((StatusCode::NOT_FOUND, Html(GonePage { page }.render()?)).into_response())
}
