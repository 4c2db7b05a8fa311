//! What can go wrong on a page, which status it has, and the page that says so in the reader's language.
//!
//! An error has an inside (logged once, here, without personal data) and an outside (what happened, what was not lost,
//! what to do). *Not yours* and *not there* look the same (SEC-028).

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use crate::ctx::Ctx;
use crate::page::Page;
use crate::state::AppState;

/// Why a page could not be given.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// It is not there, or it is not yours.
    #[error("not found")]
    NotFound,
    /// It needs somebody who is signed in.
    #[error("nobody is signed in")]
    SignInNeeded,
    /// The request came from another site.
    #[error("request from another site")]
    CrossSite,
    /// The browser is lent to somebody for one hour (SEC-087).
    #[error("the device is lent")]
    DeviceLent,
    /// Too many tokens that do not exist, from one address.
    #[error("too many guesses")]
    TooManyGuesses,
    /// The request could not be understood.
    #[error("bad request")]
    BadRequest,
    /// The records could not be read or written: our world is broken.
    #[error("records: {0}")]
    Records(#[source] store::StoreError),
    /// A template failed: our bug.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
}

impl From<store::StoreError> for WebError {
    fn from(error: store::StoreError) -> Self {
        match error {
            store::StoreError::NotFound => Self::NotFound,
            error => Self::Records(error),
        }
    }
}

impl WebError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignInNeeded | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::DeviceLent => StatusCode::CONFLICT,
            Self::TooManyGuesses => StatusCode::TOO_MANY_REQUESTS,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Records(_) | Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, "a page failed");
        }
        status.into_response()
    }
}

/// What a panic becomes: the hook has told the log where; the reader learns only that the fault is ours.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// The page behind every status that is an error.
#[derive(Template)]
#[template(path = "errors/page.html")]
struct ErrorPage {
    page: Page,
    kind: &'static str,
}

/// Gives errors that have no page yet (ours, the router's, the limits', a panic's) their page.
pub(crate) async fn pages(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let ctx = Ctx::anonymous(&state, request.uri().path(), request.headers());
    let machine = ["/assets/", "/ws/"].iter().any(|start| request.uri().path().starts_with(start));
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let has_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.to_str().is_ok_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/json"))
    });
    if !is_error || has_page || machine {
        return response;
    }
    let mut answer = (status, render(&ctx, status)).into_response();
    let kept = [header::ALLOW, header::RETRY_AFTER, header::SET_COOKIE];
    for (name, value) in kept.iter().filter_map(|name| Some((name, response.headers().get(name)?))) {
        answer.headers_mut().insert(name, value.clone());
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    answer
}

fn render(ctx: &Ctx, status: StatusCode) -> Html<String> {
    let mut page = Page::new(ctx);
    // The path of an error may hold a token or rubbish: the language switch leads to the front page instead.
    page.here = "/".to_owned();
    let html = ErrorPage { page, kind: kind(status) }.render();
    Html(html.unwrap_or_else(|error| {
        tracing::error!(%error, "the error page failed");
        String::new()
    }))
}

/// The part of the keys in `errors.ftl` that tells the kinds apart.
const fn kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        403 | 401 => "forbidden",
        404 | 405 => "missing",
        409 => "lent",
        408 => "slow",
        413 | 414 | 431 => "large",
        429 => "often",
        400..=499 => "unclear",
        _ => "broken",
    }
}

/// All kinds of error page, for the test that renders each.
#[cfg(test)]
const KINDS: [&str; 8] = ["forbidden", "missing", "lent", "slow", "large", "often", "unclear", "broken"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_kind_of_error_says_what_happened_what_was_kept_and_what_to_do() {
        for lang in Lang::ALL {
            for kind in KINDS {
                let html = ErrorPage { page: Page::sample(lang), kind }.render().expect("it renders");
                assert!(html.contains(&format!("lang=\"{}\"", lang.code())));
                assert!(!html.contains("errors-"), "{kind} lacks a text in {}", lang.code());
            }
        }
    }
}
