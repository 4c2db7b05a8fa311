//! What happened to somebody's line, by the support code that their page shows: it names nobody, opens for hours, for those who
//! administer the organisation whose hour it was (CARE-15, SEC-116).

use askama::Template;
use axum::extract::Path;
use axum::response::IntoResponse as _;
use axum::response::{Html, Response};
use domain::connections::{Code, Happening};
use ids::{OrganizationId, Timestamp};

use crate::admin::{administered, refused};
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;

/// The form for a code, and what happened under one.
#[derive(Template)]
#[template(path = "admin/support.html")]
pub(crate) struct SupportPage {
    pub(crate) page: Page,
    pub(crate) organization: OrganizationId,
    /// As it was typed.
    pub(crate) typed: String,
    /// When something happened, and the key of the words for it.
    pub(crate) lines: Vec<(Timestamp, &'static str)>,
    /// Why nothing is shown.
    pub(crate) problem: Option<&'static str>,
}

/// The key of the words for what happened.
pub(crate) const fn happening_key(what: Happening) -> &'static str {
    match what {
        Happening::Page => "support-page",
        Happening::Opened => "support-opened",
        Happening::Answered => "support-answered",
        Happening::Datagrams => "support-datagrams",
        Happening::Stream => "support-stream",
        Happening::Asleep => "support-asleep",
        Happening::Silent => "support-silent",
        Happening::Lost => "support-lost",
        Happening::CameBack => "support-came-back",
        Happening::TooSlow => "support-too-slow",
        Happening::Closed => "support-closed",
    }
}

/// `GET /admin/{organization}/support`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let organization = administered(&ctx, &id).await?;
    Ok(Html(empty(&ctx, organization).render()?))
}

/// `POST /admin/{organization}/support`: the code stands in the form, so that it stands in no log line. Whoever guesses meets
/// the same brake as with links.
pub(crate) async fn find(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let organization = administered(&ctx, &id).await?;
    if ctx.peer.is_some_and(|peer| !ctx.state.guesses.may_try(peer, ctx.now)) {
        return Err(WebError::TooManyGuesses);
    }
    let page = SupportPage { typed: fields.one("code").to_owned(), ..empty(&ctx, organization) };
    let Ok(code) = page.typed.parse::<Code>() else {
        return refused(&SupportPage { problem: Some("support-no-code"), ..page });
    };
    let Some(happened) = (ctx.state.ports.connection_log)(organization, code) else {
        if let Some(peer) = ctx.peer {
            ctx.state.guesses.missed(peer, ctx.now);
        }
        return refused(&SupportPage { problem: Some("support-unknown"), ..page });
    };
    let lines = happened.into_iter().map(|(at, what)| (at, happening_key(what))).collect();
    Ok(Html(SupportPage { lines, ..page }.render()?).into_response())
}

fn empty(ctx: &Ctx, organization: OrganizationId) -> SupportPage {
    SupportPage { page: Page::new(ctx), organization, typed: String::new(), lines: Vec::new(), problem: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_happen_has_words() {
        for what in Happening::ALL {
            assert!(crate::i18n::exists(happening_key(what)), "{what:?}");
        }
    }
}
