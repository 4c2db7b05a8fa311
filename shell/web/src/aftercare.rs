//! The page one lands on after the talk: quiet, neutral, with numbers, and no hurry.
//!
//! What is hers stands there for a young person who was in the room with this very browser, and for nobody else: what
//! comes next, what was agreed (closed until she opens it), *company, please*, three questions. Nothing of it on a device
//! that was lent (SEC-088).

use askama::Template;
use axum::http::header;
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use domain::balance::Balance;
use domain::company::Told;
use domain::meeting::Mode;
use ids::Timestamp;
use store::{AgreedTask, AgreedThen, CompanyNow, Landing};

use crate::cookies;
use crate::ctx::{Ctx, Home};
use crate::errors::WebError;
use crate::helplines::Help;
use crate::message;
use crate::page::Page;
use crate::questions::{self, Form, Shown};
use crate::request;
use crate::state::Numbers;

#[derive(Template)]
#[template(path = "aftercare/goodbye.html")]
pub(crate) struct GoodbyePage<'a> {
    pub(crate) page: Page,
    pub(crate) home: Home,
    /// Whether there was a talk, rather than *not now* at its door.
    pub(crate) went_in: bool,
    /// Whether it is a young person, who may ask for something.
    pub(crate) may_ask: bool,
    /// What is hers, if this browser was in the room with her.
    pub(crate) hers: Option<Hers>,
    pub(crate) numbers: &'a Numbers,
}

/// What is hers alone.
#[derive(Default)]
pub(crate) struct Hers {
    /// When they meet next, in words.
    pub(crate) next: Option<String>,
    pub(crate) agreed: Option<Agreed>,
    /// When they last met in which way, in words.
    pub(crate) balance: Vec<String>,
    pub(crate) company: Option<Company>,
    pub(crate) questions: Option<Shown>,
}

/// What was agreed.
pub(crate) struct Agreed {
    pub(crate) heading: String,
    /// What, and in small letters who, by when, whether it is done.
    pub(crate) tasks: Vec<(String, String)>,
}

/// *Company, please*.
pub(crate) enum Company {
    /// She can ask: to whom it goes and exactly what it says.
    Offered {
        /// To whom, in words.
        to: String,
        /// The message.
        text: String,
    },
    /// She has asked: how far it has come, in words.
    Asked {
        /// The sentence.
        says: String,
        /// Whether there may be more to say soon.
        is_on_its_way: bool,
    },
}

/// `GET /goodbye`.
pub(crate) async fn show(ctx: Ctx) -> Result<Response, WebError> {
    let html = html(&ctx, true, None).await?;
    leave(&ctx, html)
}

/// `GET /not-now`: she turned at the door, which is as good an answer as any.
pub(crate) async fn not_now(ctx: Ctx) -> Result<Response, WebError> {
    let html = html(&ctx, false, None).await?;
    leave(&ctx, html)
}

/// The page with the questions as they were sent, when they could not be kept.
pub(crate) async fn refused(ctx: &Ctx, form: Form) -> Result<String, WebError> {
    html(ctx, true, Some(form)).await
}

/// `POST /goodbye/company`: she asks the adult whom they agreed on to look in; pressed twice it is asked once (SEC-112).
pub(crate) async fn company(ctx: Ctx) -> Result<Redirect, WebError> {
    let browser = ctx.signed_in()?.sign_in.id;
    if !ctx.state.settings.texts {
        return Err(WebError::NotFound);
    }
    ctx.state.db.ask_company(ctx.by()?, browser).await?;
    Ok(Redirect::to("/goodbye#company"))
}

async fn html(ctx: &Ctx, went_in: bool, sent: Option<Form>) -> Result<String, WebError> {
    let (page, home) = (Page::new(ctx), ctx.home().await?);
    let (may_ask, help) = (request::may_ask(ctx), Help::of(ctx).await?);
    let was_sent = sent.is_some();
    let hers = if went_in && may_ask { hers(ctx, &page, sent).await? } else { None };
    if was_sent && hers.is_none() {
        return Err(WebError::NotFound);
    }
    Ok(GoodbyePage { page, home, went_in, may_ask, hers, numbers: &help.numbers }.render()?)
}

fn leave(ctx: &Ctx, html: String) -> Result<Response, WebError> {
    let html = Html(html);
    if ctx.token.is_some() && ctx.sign_in.is_none() {
        // What ended leaves no trace, least of all on a device that was lent (SEC-088).
        let cookie = cookies::clear_sign_in(ctx.state.settings.tls());
        return Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), html).into_response());
    }
    Ok(html.into_response())
}

/// What is hers, if this browser comes from a room.
async fn hers(ctx: &Ctx, page: &Page, sent: Option<Form>) -> Result<Option<Hers>, WebError> {
    let (browser, zone) = (ctx.signed_in()?.sign_in.id, &ctx.state.settings.time_zone);
    let Some(landing) = ctx.state.db.landing(ctx.by()?, browser, zone).await? else { return Ok(None) };
    let Landing { next, agreed, balance, company, questions } = landing;
    let mut shown = Shown::of(questions::asking(ctx, questions).await?);
    if let (Some(Shown::Form(form)), Some(sent)) = (&mut shown, sent) {
        *form = Form { to: form.to.take(), ..sent };
    }
    let texts = ctx.state.settings.texts;
    Ok(Some(Hers {
        next: next.map(|next| next_words(page, next)),
        agreed: agreed.as_ref().map(|agreed| Agreed::of(page, agreed)),
        balance: balance_words(page, &balance),
        company: Company::of(page, &company, ctx.now).filter(|_| texts),
        questions: shown,
    }))
}

fn next_words(page: &Page, (at, mode): (Timestamp, Mode)) -> String {
    let key = match mode {
        Mode::Video => "aftercare-next-screen",
        Mode::Phone => "aftercare-next-phone",
        Mode::Office | Mode::Visit => "aftercare-next-room",
    };
    page.words.with_all(key, page.moment(at))
}

fn balance_words(page: &Page, balance: &Balance) -> Vec<String> {
    let lines = [
        ("aftercare-balance-room", balance.same_room),
        ("aftercare-balance-screen", balance.screen),
        ("aftercare-balance-phone", balance.phone),
    ];
    let said = lines.into_iter().filter_map(|(key, at)| Some((key, page.past_day(at?))));
    said.map(|(key, day)| page.words.with(key, "day", day)).collect()
}

impl Agreed {
    fn of(page: &Page, agreed: &AgreedThen) -> Self {
        let heading = if agreed.is_this_hour {
            page.words.get("aftercare-agreed")
        } else {
            page.words.with("aftercare-agreed-then", "day", page.past_day(agreed.starts))
        };
        let task = |task: &AgreedTask| {
            let you = || page.words.get("aftercare-agreed-you");
            let mut small = vec![task.owner.as_ref().map_or_else(you, |name| name.reveal().clone())];
            let by = |due: &String| page.words.with("aftercare-agreed-by", "day", page.written(due));
            small.extend(task.due.as_ref().map(by));
            small.extend(task.is_done.then(|| page.words.get("aftercare-agreed-done")));
            (task.description.reveal().clone(), small.join(", "))
        };
        Self { heading, tasks: agreed.tasks.iter().map(task).collect() }
    }
}

impl Company {
    fn of(page: &Page, company: &CompanyNow, now: Timestamp) -> Option<Self> {
        if let Some((at, state)) = company.asked {
            let told = Told::of(state, at, now);
            let key = match told {
                Told::OnItsWay => "aftercare-company-on-way",
                Told::Sent => "aftercare-company-sent",
                Told::InDoubt => "aftercare-company-doubt",
                Told::NotSent => "aftercare-company-not",
            };
            let says = page.words.with(key, "time", page.time(at));
            return Some(Self::Asked { says, is_on_its_way: told == Told::OnItsWay });
        }
        let adult = company.to.as_ref()?;
        let (name, phone) = (adult.name.reveal().as_str(), page.number(adult.phone.reveal()));
        let to =
            page.words.with_all("aftercare-company-to", [("name", name.into()), ("phone", phone.into())]);
        let sign = adult.sign.as_ref().map(|sign| sign.reveal().as_str());
        Some(Self::Offered { to, text: message::look_in(adult.language, sign) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn of_ways_in_which_they_never_met_nothing_is_said() {
        let page = Page::sample(Lang::Nb);
        assert!(balance_words(&page, &Balance::default()).is_empty());
        let at = |text: &str| {
            let instant: jiff::Timestamp = text.parse().expect("an instant");
            Timestamp::from_millis(instant.as_millisecond())
        };
        let balance = Balance {
            same_room: Some(at("2025-03-03T12:00:00Z")),
            screen: Some(at("2026-11-21T09:00:00Z")),
            phone: None,
        };
        let wanted = ["Sist i samme rom: mandag 3. mars 2025", "Sist på skjerm: i dag"];
        assert_eq!(balance_words(&page, &balance), wanted);
    }
}
