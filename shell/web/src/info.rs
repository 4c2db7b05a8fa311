//! Pages that explain: help (CARE-15), and what to do with a browser that cannot. The lock stands in `trust`.

use askama::Template;
use axum::extract::Query;
use axum::response::Html;
use domain::connections::Happening;
use store::Seat;

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
    /// By which code support finds what happened to the reader's line.
    pub(crate) code: Option<String>,
    pub(crate) numbers: &'a Numbers,
}

#[derive(Template)]
#[template(path = "info/unsupported.html")]
pub(crate) struct UnsupportedPage {
    pub(crate) page: Page,
}

/// From which meeting somebody came to the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct CameFrom {
    #[serde(default)]
    meeting: String,
}

/// Who helps with the technology, as a page writes it; whoever leads an hour does not ask the one it is for.
fn who_helps(ctx: &Ctx, help: &Help, leads: bool) -> String {
    match &help.support {
        Some(Support { phone, hours }) if hours.is_empty() => phone.clone(),
        Some(Support { phone, hours }) => {
            let arguments = [("phone", phone.as_str().into()), ("hours", hours.as_str().into())];
            ctx.words.with_all("info-help-support", arguments)
        }
        None if leads => ctx.words.get("info-help-support-none-host"),
        None => ctx.words.get("info-help-support-none"),
    }
}

/// The code by which support finds what happened to this seat's line, with what it is for (SEC-116).
fn code_words(ctx: &Ctx, seat: &Seat, what: Option<Happening>) -> String {
    let code = (ctx.state.ports.support_code)(seat.key.participant, seat.organization, what);
    ctx.words.with("support-say", "code", code.to_string())
}

/// Who helps, and by which code, for the page that fails (CARE-15).
pub(crate) async fn support_words(ctx: &Ctx, seat: &Seat) -> Result<String, WebError> {
    let who = who_helps(ctx, &Help::of(ctx).await?, seat.role.is_host());
    Ok(format!(
        "{} {}",
        ctx.words.with("support-who", "who", who),
        code_words(ctx, seat, Some(Happening::Page))
    ))
}

/// `GET /help`; from a meeting, with the code of the reader's seat in it.
pub(crate) async fn help(ctx: Ctx, Query(from): Query<CameFrom>) -> Result<Html<String>, WebError> {
    let help = Help::of(&ctx).await?;
    let seat = match from.meeting.parse() {
        Ok(session) => match ctx.seat(session).await {
            Ok(seat) => Some(seat),
            // No seat, or nobody is signed in any more: the page helps all the same.
            Err(WebError::NotFound | WebError::SignInNeeded) => None,
            Err(error) => return Err(error),
        },
        Err(_) => None,
    };
    let leads = seat.as_ref().is_some_and(|seat| seat.role.is_host());
    let (support_words, code) =
        (who_helps(&ctx, &help, leads), seat.map(|seat| code_words(&ctx, &seat, None)));
    let page = HelpPage { page: Page::new(&ctx), support_words, code, numbers: &help.numbers };
    Ok(Html(page.render()?))
}

/// `GET /unsupported`.
pub(crate) async fn unsupported(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(UnsupportedPage { page: Page::new(&ctx) }.render()?))
}
