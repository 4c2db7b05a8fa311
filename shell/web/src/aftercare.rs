//! The page one lands on after the talk: quiet, neutral, with numbers, and no hurry.

use askama::Template;
use axum::response::Html;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;
use crate::state::Numbers;

#[derive(Template)]
#[template(path = "aftercare/goodbye.html")]
pub(crate) struct GoodbyePage<'a> {
    pub(crate) page: Page,
    pub(crate) to_day: bool,
    pub(crate) numbers: &'a Numbers,
}

/// `GET /goodbye`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    let page = Page::new(&ctx);
    let to_day = ctx.has_day().await?;
    Ok(Html(GoodbyePage { page, to_day, numbers: &ctx.state.settings.numbers }.render()?))
}
