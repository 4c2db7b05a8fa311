//! The page of a meeting: the seat is checked here; what happens in the room is the stage's.

use askama::Template;
use axum::extract::Path;
use axum::response::Html;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;

#[derive(Template)]
#[template(path = "meeting/index.html")]
struct MeetingPage {
    page: Page,
    /// The texts of the stage.
    words: String,
    /// Where its socket is.
    socket: String,
}

/// `GET /meeting/{session}`.
pub(crate) async fn show(ctx: Ctx, Path(session): Path<String>) -> Result<Html<String>, WebError> {
    let session = session.parse().map_err(|_| WebError::NotFound)?;
    let seat = ctx.seat(session).await?;
    let words = ctx.words.module_json("meeting");
    Ok(Html(MeetingPage { page: Page::new(&ctx), words, socket: format!("/ws/{}", seat.session) }.render()?))
}
