//! Pages that explain: help (CARE-15), and what to do with a browser that cannot. The lock stands in `trust`.

use askama::Template;
use axum::response::Html;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::helplines::Help;
use crate::page::Page;
use crate::state::{Numbers, Support};

#[derive(Template)]
#[template(path = "info/help.html")]
pub(crate) struct HelpPage<'a> {
    pub(crate) page: Page,
    pub(crate) support_words: String,
    pub(crate) numbers: &'a Numbers,
}

#[derive(Template)]
#[template(path = "info/unsupported.html")]
pub(crate) struct UnsupportedPage {
    pub(crate) page: Page,
}

/// `GET /help`.
pub(crate) async fn help(ctx: Ctx) -> Result<Html<String>, WebError> {
    let help = Help::of(&ctx).await?;
    let support_words = match &help.support {
        Some(Support { phone, hours }) if hours.is_empty() => phone.clone(),
        Some(Support { phone, hours }) => {
            let arguments = [("phone", phone.as_str().into()), ("hours", hours.as_str().into())];
            ctx.words.with_all("info-help-support", arguments)
        }
        None => ctx.words.get("info-help-support-none"),
    };
    Ok(Html(HelpPage { page: Page::new(&ctx), support_words, numbers: &help.numbers }.render()?))
}

/// `GET /unsupported`.
pub(crate) async fn unsupported(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(UnsupportedPage { page: Page::new(&ctx) }.render()?))
}
