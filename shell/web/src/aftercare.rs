//! The page one lands on after the talk: quiet, neutral, with numbers, and no hurry.

use askama::Template;
use axum::response::Html;

use crate::ctx::{Ctx, Home};
use crate::errors::WebError;
use crate::page::Page;
use crate::state::Numbers;

#[derive(Template)]
#[template(path = "aftercare/goodbye.html")]
pub(crate) struct GoodbyePage<'a> {
    pub(crate) page: Page,
    pub(crate) home: Home,
    pub(crate) numbers: &'a Numbers,
}

/// `GET /goodbye`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    let page = Page::new(&ctx);
    let home = ctx.home().await?;
    Ok(Html(GoodbyePage { page, home, numbers: &ctx.state.settings.numbers }.render()?))
}
