//! The front page: what Samrom is and for whom; in demo mode also the links of the invented people.

use askama::Template;
use axum::response::Html;

use crate::ctx::{Ctx, Home};
use crate::demo;
use crate::errors::WebError;
use crate::helplines::Help;
use crate::page::Page;
use crate::state::{DemoLink, Numbers};

#[derive(Template)]
#[template(path = "front/index.html")]
pub(crate) struct FrontPage<'a> {
    pub(crate) page: Page,
    pub(crate) home: Home,
    pub(crate) demo: Option<&'a [DemoLink]>,
    pub(crate) numbers: &'a Numbers,
}

/// `GET /`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    let settings = &ctx.state.settings;
    let help = Help::of(&ctx).await?;
    let html = FrontPage {
        page: Page::new(&ctx),
        home: ctx.home().await?,
        demo: settings.demo.as_deref().filter(|_| demo::from_this_machine(&ctx)),
        numbers: &help.numbers,
    }
    .render()?;
    Ok(Html(html))
}
