//! What a young person asks for: her own page, on which she reads before she writes when it will be read, by whom, and
//! whom to call now; and the page of those who may read it (CARE-07).
//!
//! Her line stands on the reader's page only: not in a list, a title, an address, a log, nor again on a page of hers.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::request::{
    Ground, LINE_CHARS_MAX, NotAsked, OPEN_MAX, OfficeHours, Reply, Standing, Step, UNREAD_DEFAULT, Wish,
    line,
};
use ids::{PersonId, Personal, RequestId, Timestamp};
use jiff::civil::Time;
use serde::Deserialize;
use store::{Instead, NewRequest, OpenRequest, OwnRequest, PersonKind, ReadRequest, ReaderOf, SignedIn};

use crate::ctx::{Ctx, Home};
use crate::errors::WebError;
use crate::form::Fields;
use crate::page::Page;
use crate::plan::Choice;
use crate::state::Numbers;

impl Choice for Wish {
    const OFFERED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::ExtraTalk, "extra", "request-wish-extra"),
        (Self::InPerson, "meet", "request-wish-meet"),
        (Self::OtherTime, "time", "request-wish-time"),
    ];
}

/// Her page.
#[derive(Template)]
#[template(path = "request/ask.html")]
pub(crate) struct AskPage<'a> {
    pub(crate) page: Page,
    pub(crate) home: Home,
    pub(crate) id: RequestId,
    pub(crate) form: Written,
    pub(crate) problem: Option<String>,
    /// Who reads it, in words.
    pub(crate) readers: Vec<String>,
    pub(crate) office: String,
    /// From when everybody reads it, in words.
    pub(crate) team: String,
    pub(crate) own: Vec<OwnLine>,
    /// Hours of hers in which somebody talks with the staff, in words.
    pub(crate) instead: Vec<String>,
    pub(crate) numbers: &'a Numbers,
}

/// The form as she has filled it in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    pub(crate) wish: Option<Wish>,
    pub(crate) line: String,
    pub(crate) may_ring: bool,
}

/// One of her requests, without her words.
pub(crate) struct OwnLine {
    pub(crate) id: RequestId,
    pub(crate) wish_key: &'static str,
    pub(crate) when: String,
    /// How far it has come.
    pub(crate) says: String,
    pub(crate) is_open: bool,
}

impl AskPage<'_> {
    pub(crate) fn wishes(&self) -> &'static [(Wish, &'static str, &'static str)] {
        Wish::OFFERED
    }

    pub(crate) fn is_chosen(&self, wish: &Wish) -> bool {
        self.form.wish == Some(*wish)
    }
}

/// What may stand in the address: which wish she came with, and whether she would be rung.
#[derive(Deserialize)]
pub(crate) struct CameWith {
    #[serde(default)]
    wish: String,
    #[serde(default)]
    ring: String,
}

impl CameWith {
    /// The form as she finds it; nothing of it is sent before she presses.
    fn form(&self) -> Written {
        Written { wish: Wish::read(&self.wish), may_ring: self.ring == "yes", ..Written::default() }
    }
}

/// `GET /ask`.
pub(crate) async fn ask(ctx: Ctx, Query(came): Query<CameWith>) -> Result<Html<String>, WebError> {
    Ok(Html(own_page(&ctx, came.form(), None, None).await?))
}

/// `POST /ask`: sent once, however often it is pressed; what cannot be sent comes back as it was written.
pub(crate) async fn send(ctx: Ctx, fields: Fields) -> Result<Response, WebError> {
    let her = young(&ctx)?;
    let (person, sign_in) = (her.sign_in.person, her.sign_in.id);
    let id: RequestId = fields.one("id").parse().map_err(|_| WebError::BadRequest)?;
    let form = Written {
        wish: Wish::read(fields.one("wish")),
        line: fields.one("line").to_owned(),
        may_ring: fields.is_ticked("may-ring"),
    };
    let Some(wish) = form.wish else {
        return again(&ctx, form, ctx.words.get("request-not-wish"), id).await;
    };
    let kept = match line(&form.line) {
        Ok(kept) => kept.map(Personal::new),
        Err(why) => {
            let words = not_asked(&ctx, why, &form);
            return again(&ctx, form, words, id).await;
        }
    };
    let team_from = team_from(&ctx);
    let new = NewRequest { id, person, sign_in, wish, line: kept, may_ring: form.may_ring, team_from };
    match ctx.state.db.ask(ctx.by()?, &new).await? {
        Ok(()) => ctx.leave_form("/ask").await,
        Err(why) => {
            let words = not_asked(&ctx, why, &form);
            again(&ctx, form, words, id).await
        }
    }
}

/// `POST /ask/withdraw`.
pub(crate) async fn withdraw(ctx: Ctx, fields: Fields) -> Result<Redirect, WebError> {
    let browser = young(&ctx)?.sign_in.id;
    let id: RequestId = fields.one("request").parse().map_err(|_| WebError::NotFound)?;
    // Answered meanwhile: the page says so.
    let _ = ctx.state.db.withdraw_request(ctx.by()?, browser, id).await?;
    Ok(Redirect::to("/ask"))
}

/// Whoever is signed in, if she is a young person; for everybody else there is no such page (SEC-028).
fn young(ctx: &Ctx) -> Result<&SignedIn, WebError> {
    let signed_in = ctx.signed_in()?;
    if signed_in.kind == PersonKind::Patient { Ok(signed_in) } else { Err(WebError::NotFound) }
}

/// Whether whoever is signed in can ask for something: not on a device that others use after her (SEC-087).
pub(crate) fn may_ask(ctx: &Ctx) -> bool {
    !ctx.is_shared() && young(ctx).is_ok()
}

/// From when the whole team reads what is asked now.
fn team_from(ctx: &Ctx) -> Timestamp {
    OfficeHours::CLINIC_DEFAULT.after(ctx.now, UNREAD_DEFAULT, &ctx.state.settings.time_zone)
}

fn not_asked(ctx: &Ctx, why: NotAsked, form: &Written) -> String {
    match why {
        NotAsked::TooLong => {
            let written = form.line.chars().count();
            let (written, most) = (written.to_string(), LINE_CHARS_MAX.to_string());
            ctx.words.with_all("request-not-long", [("written", written.into()), ("most", most.into())])
        }
        NotAsked::TooMany => ctx.words.with("request-not-many", "most", OPEN_MAX.to_string()),
    }
}

async fn again(ctx: &Ctx, form: Written, problem: String, id: RequestId) -> Result<Response, WebError> {
    let html = own_page(ctx, form, Some(problem), Some(id)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
}

async fn own_page(
    ctx: &Ctx,
    form: Written,
    problem: Option<String>,
    id: Option<RequestId>,
) -> Result<String, WebError> {
    let her = young(ctx)?;
    let db = &ctx.state.db;
    let page = Page::new(ctx);
    let by = ctx.by()?;
    let own = db.own_requests(by, her.sign_in.id).await?;
    let readers = db.readers_for(by, her.sign_in.person).await?;
    let instead = db.talks_instead(by, her.sign_in.id).await?;
    let html = AskPage {
        home: ctx.home().await?,
        id: id.map_or_else(|| db.new_request_id(ctx.now), Ok)?,
        form,
        problem,
        readers: readers.iter().map(|reader| reader_words(&page, reader)).collect(),
        office: office_words(&page, &OfficeHours::CLINIC_DEFAULT),
        team: moment_words(&page, team_from(ctx)),
        own: own.iter().map(|one| OwnLine::of(&page, one, ctx.now)).collect(),
        instead: instead.iter().map(|one| instead_words(&page, one)).collect(),
        numbers: &ctx.state.settings.numbers,
        page,
    };
    Ok(html.render()?)
}

fn reader_words(page: &Page, reader: &ReaderOf) -> String {
    let name = reader.name.given.reveal().as_str();
    match &reader.deputy {
        None => page.words.with("request-reader", "name", name),
        Some(deputy) => {
            let deputy = deputy.given.reveal().as_str();
            page.words.with_all("request-reader-away", [("name", name.into()), ("deputy", deputy.into())])
        }
    }
}

fn office_words(page: &Page, hours: &OfficeHours) -> String {
    let (opens, closes) = hours.times();
    let clock = |at: Time| {
        let part = |number: i8| format!("{number:02}");
        page.words
            .with_all("site-time", [("hour", part(at.hour()).into()), ("minute", part(at.minute()).into())])
    };
    page.words.with_all("request-office", [("from", clock(opens).into()), ("to", clock(closes).into())])
}

fn moment_words(page: &Page, at: Timestamp) -> String {
    page.words.with_all("request-moment", page.moment(at))
}

/// What she is told of an hour of hers in which the staff talk (CARE-04).
pub(crate) fn instead_words(page: &Page, one: &Instead) -> String {
    let mut arguments = page.moment(one.starts).to_vec();
    arguments.push(("name", one.clinician.given.reveal().as_str().to_owned().into()));
    page.words.with_all("request-instead", arguments)
}

impl OwnLine {
    fn of(page: &Page, one: &OwnRequest, now: Timestamp) -> Self {
        Self {
            id: one.id,
            wish_key: one.wish.key(),
            when: moment_words(page, one.asked),
            says: standing_words(page, one, now),
            is_open: one.standing.is_open(),
        }
    }
}

/// How far it has come, in words that say by whom it was seen.
fn standing_words(page: &Page, one: &OwnRequest, now: Timestamp) -> String {
    let words = &page.words;
    let name = one.seen.as_ref().map(|(name, reply)| (name.given.reveal().as_str(), *reply));
    match (one.standing, name) {
        (Standing::Withdrawn, _) => words.get("request-own-withdrawn"),
        (Standing::Answered, Some((name, _))) => words.with("request-own-answered", "name", name),
        (Standing::Seen, Some((name, Some(Reply::WillRing)))) => words.with("request-own-ring", "name", name),
        (Standing::Seen, Some((name, _))) => words.with("request-own-book", "name", name),
        _ if one.team_from <= now => words.get("request-own-team"),
        _ => words.with("request-own-asked", "moment", moment_words(page, one.team_from)),
    }
}

/// One request in the day's list, by initials: other eyes may fall on that page (CARE-12).
pub(crate) struct DayRequest {
    pub(crate) id: RequestId,
    pub(crate) initials: String,
    pub(crate) wish_key: &'static str,
    pub(crate) age: String,
    pub(crate) is_unread: bool,
    /// Why it stands here, when it is not one's own.
    pub(crate) why: Option<String>,
}

impl DayRequest {
    fn of(page: &Page, one: &OpenRequest, now: Timestamp) -> Self {
        Self {
            id: one.id,
            initials: one.name.initials().into_revealed(),
            wish_key: one.wish.key(),
            age: age(page, one.asked, now),
            is_unread: one.standing == Standing::Asked,
            why: why_words(page, one),
        }
    }
}

fn why_words(page: &Page, one: &OpenRequest) -> Option<String> {
    match (one.ground, &one.instead_of) {
        (Ground::Responsible | Ground::Seen, _) => None,
        (Ground::Deputy, Some(name)) => {
            Some(page.words.with("request-why-deputy", "name", name.given.reveal().as_str()))
        }
        (Ground::Deputy | Ground::Team, _) => Some(page.words.get("request-why-team")),
    }
}

/// How long ago, as people say it.
fn age(page: &Page, asked: Timestamp, now: Timestamp) -> String {
    let minutes = now.since(asked).as_secs() / 60;
    let (key, count) = match minutes {
        0 => return page.words.get("request-age-now"),
        1..60 => ("request-age-minutes", minutes),
        60..1_440 => ("request-age-hours", minutes / 60),
        _ => ("request-age-days", minutes / 1_440),
    };
    page.words.with(key, "count", count)
}

/// The requests that stand on the day of whoever is signed in.
pub(crate) fn of_day(ctx: &Ctx, page: &Page, open: &[OpenRequest]) -> Vec<DayRequest> {
    open.iter().map(|one| DayRequest::of(page, one, ctx.now)).collect()
}

/// The page of somebody who may read a request.
#[derive(Template)]
#[template(path = "request/show.html")]
pub(crate) struct RequestPage {
    pub(crate) page: Page,
    pub(crate) id: RequestId,
    pub(crate) person: PersonId,
    pub(crate) name: String,
    pub(crate) wish_key: &'static str,
    pub(crate) when: String,
    pub(crate) why: Option<String>,
    pub(crate) line: Option<String>,
    pub(crate) may_ring: bool,
    pub(crate) may_book: bool,
    pub(crate) standing: Standing,
    /// Who has seen it, and what was said to her.
    pub(crate) seen: Option<String>,
    pub(crate) problem: bool,
}

/// `GET /request/{id}`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    Ok(Html(read_page(&ctx, &id, false).await?))
}

/// `POST /request/{id}`: seen, and what comes; or answered.
pub(crate) async fn answer(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let (reader, wanted) = reader(&ctx, &id).await?;
    let step = match fields.one("do") {
        "ring" => Step::See(Reply::WillRing),
        "book" => Step::See(Reply::WillBook),
        "answered" => Step::Answer,
        _ => return Err(WebError::BadRequest),
    };
    if ctx.state.db.answer_request(ctx.by()?, reader, wanted, step).await?.is_err() {
        let html = read_page(&ctx, &id, true).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response());
    }
    let to = match step {
        Step::See(_) => format!("/request/{wanted}"),
        Step::Answer | Step::Withdraw => "/day".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}

/// Who reads, if they have a day, and which.
async fn reader(ctx: &Ctx, id: &str) -> Result<(PersonId, RequestId), WebError> {
    let person = ctx.signed_in()?.sign_in.person;
    if !ctx.has_day().await? {
        return Err(WebError::NotFound);
    }
    Ok((person, id.parse().map_err(|_| WebError::NotFound)?))
}

async fn read_page(ctx: &Ctx, id: &str, problem: bool) -> Result<String, WebError> {
    let (reader, id) = reader(ctx, id).await?;
    let ReadRequest { request, line, may_ring, seen, may_book } =
        ctx.state.db.request(ctx.by()?, reader, id).await?;
    let page = Page::new(ctx);
    let seen = seen.map(|(name, reply)| seen_words(&page, name.given.reveal(), reply));
    let html = RequestPage {
        id,
        person: request.person,
        name: request.name.full().into_revealed(),
        wish_key: request.wish.key(),
        when: moment_words(&page, request.asked),
        why: why_words(&page, &request),
        line: line.map(Personal::into_revealed),
        may_ring,
        may_book,
        standing: request.standing,
        seen,
        problem,
        page,
    };
    Ok(html.render()?)
}

fn seen_words(page: &Page, name: &str, reply: Option<Reply>) -> String {
    let key = match reply {
        Some(Reply::WillRing) => "request-seen-ring",
        Some(Reply::WillBook) => "request-seen-book",
        None => "request-seen",
    };
    page.words.with(key, "name", name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_wish_is_offered_and_reads_back() {
        for wish in Wish::ALL {
            let (_, value, _) = Wish::OFFERED.iter().find(|(one, ..)| *one == wish).expect("it is offered");
            assert_eq!(Wish::read(value), Some(wish));
        }
    }

    #[test]
    fn the_waiting_pages_ways_fill_in_the_form() {
        let form = |address: &str| {
            let address = address.parse().expect("an address");
            Query::<CameWith>::try_from_uri(&address).expect("it can be read").0.form()
        };
        let presets = [
            ("/ask?wish=extra&ring=yes", Some(Wish::ExtraTalk), true),
            ("/ask?wish=time", Some(Wish::OtherTime), false),
            ("/ask?wish=meet", Some(Wish::InPerson), false),
            ("/ask", None, false),
            ("/ask?wish=all&ring=maybe", None, false),
        ];
        for (address, wish, may_ring) in presets {
            let form = form(address);
            assert_eq!((form.wish, form.may_ring, form.line.as_str()), (wish, may_ring, ""), "{address}");
        }
        let waiting = include_str!("../templates/meeting/waiting.html").replace("&amp;", "&");
        for (address, ..) in &presets[..3] {
            assert!(waiting.contains(&format!("href=\"{address}\"")), "{address} stands on the waiting page");
        }
    }

    #[test]
    fn age_is_told_in_minutes_hours_and_days() {
        let page = Page::sample(Lang::En);
        let told =
            |minutes: i64| age(&page, Timestamp::from_millis(0), Timestamp::from_millis(minutes * 60_000));
        assert_eq!(told(0), "just now");
        assert_eq!(told(1), "1 minute ago");
        assert_eq!(told(59), "59 minutes ago");
        assert_eq!(told(61), "1 hour ago");
        assert_eq!(told(2 * 1_440), "2 days ago");
    }
}
