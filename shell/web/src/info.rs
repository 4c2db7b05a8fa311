//! Pages that explain: the lock (CARE-06: also what it cannot do), help (CARE-15), an unsupported browser.

use askama::Template;
use axum::response::Html;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::helplines::Help;
use crate::page::Page;
use crate::state::{Numbers, Support};

#[derive(Template)]
#[template(path = "info/lock.html")]
pub(crate) struct LockPage {
    pub(crate) page: Page,
}

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

/// `GET /lock`.
pub(crate) async fn lock(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(LockPage { page: Page::new(&ctx) }.render()?))
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
