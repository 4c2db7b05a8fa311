//! The web application: server HTML that works without scripts (the call excepted), forms, languages, sign-in
//! cookies, and the authenticated way into a room's socket.
//!
//! [`router`] turns an [`AppState`] into everything that is served. A handler is four lines: load, decide, save, show.
//! Nothing here opens a socket, reads a clock or writes SQL; the server gives all that in [`Ports`].

mod absence;
mod access_log;
mod account;
mod admin;
mod aftercare;
mod appointment;
mod assets;
mod book;
mod calendar;
mod close;
mod cookies;
mod crisis;
mod ctx;
mod day;
mod demo;
mod errors;
mod first;
mod form;
mod front;
mod guesses;
mod health;
mod helplines;
pub mod i18n;
mod ill;
mod info;
mod language;
mod link;
mod meeting;
pub mod message;
mod messages;
mod notice;
mod our_agreement;
mod page;
mod passkey;
mod people;
mod plan;
mod questions;
mod request;
mod response;
#[cfg(test)]
mod samples;
mod security;
mod seen;
mod shared;
mod sign_in;
mod sign_out;
mod socket;
mod state;
mod statics;
mod telephone;
mod trust;

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

pub use assets::Assets;
pub use ctx::Ctx;
pub use errors::WebError;
pub use page::Page;
pub use security::CONTENT_SECURITY_POLICY;

/// Entry point for fuzzing: takes foreign bytes and must return, whatever they are (SEC-023).
pub mod fuzz {
    pub use crate::security::fuzz_headers;
}

pub use state::{
    AppState, ConnectionLogPort, DemoLink, Inner, LocalLine, Numbers, Pending, Ports, Settings,
    SocketHandover, SocketPort, Support, SupportCodePort, WaitingNow, WaitingPort,
};

/// Bytes in the body of a request; no form of ours comes near it.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// How long a page may take to answer; a socket, once it stands, is not under it.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(15);
/// Small enough to fetch over a weak line, quick enough to make at each request.
const COMPRESSION: CompressionLevel = CompressionLevel::Precise(5);

/// Everything that is served.
///
/// The server serves it with `into_make_service_with_connect_info::<SocketAddr>()`: demo links ask whether the caller
/// is this machine, and without an address the answer is no (SEC-010).
pub fn router(state: AppState) -> Router {
    routes()
        .fallback(missing)
        .method_not_allowed_fallback(missing)
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(from_fn_with_state(state.clone(), security::same_origin))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWER_TIME_MAX))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(from_fn_with_state(state.clone(), errors::pages))
        .layer(from_fn_with_state(state.clone(), security::headers))
        .layer(CompressionLayer::new().quality(COMPRESSION))
        .layer(from_fn_with_state(state.clone(), access_log::write))
        .with_state(state)
}

/// The table of routes; `tests/it/authorization.rs` knows it by heart.
fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(front::show))
        .route("/j/{token}", get(link::show).post(link::press))
        .route("/demo/{token}", get(demo::sign_in))
        .route("/day", get(day::show))
        .route("/day/waiting", get(day::waiting))
        .route("/day/ill", get(ill::show).post(ill::take))
        .route("/day/link", post(day::new_link))
        .route("/day/reopen", post(day::reopen))
        .route("/book", get(book::who))
        .route("/book/{person}", get(book::show).post(book::book))
        .route("/appointment/{id}", get(appointment::show))
        .route("/appointment/{id}/move", post(appointment::shift))
        .route("/appointment/{id}/convert", post(appointment::convert))
        .route("/appointment/{id}/cancel", post(appointment::cancel))
        .route("/appointment/{id}/late", post(appointment::late))
        .route("/appointment/{id}/link", post(appointment::link))
        .route("/appointment/{id}/close", get(close::show).post(close::close))
        .route("/appointment/{id}/questions", post(questions::switch_hour))
        .route("/appointment/{id}/response", get(response::show).post(response::decide))
        .route("/not-today/{id}", get(response::hour).post(response::give))
        .route("/not-today/{id}/back", post(response::take_back))
        .route("/lend/{id}", get(shared::lend_page).post(shared::lend))
        .route("/lend/{id}/phone", post(shared::phone))
        .route("/here", get(shared::here))
        .route("/here/start", post(shared::start))
        .route("/here/close", post(shared::close))
        .route("/ask", get(request::ask).post(request::send))
        .route("/ask/withdraw", post(request::withdraw))
        .route("/request/{id}", get(request::show).post(request::answer))
        .route("/away", get(absence::show).post(absence::add))
        .route("/away/end", post(absence::end))
        .route("/appointment/{id}/messages", get(messages::show).post(messages::send_again))
        .route("/appointment/{id}/messages/tell", post(messages::tell))
        .route("/meeting/{session}", get(meeting::show))
        .route("/meeting/{session}/crisis", post(crisis::note))
        .route("/meeting/{session}/telephone", post(telephone::note))
        .route("/ws/{session}", get(socket::upgrade))
        .route("/language", post(language::choose))
        .route("/sign-out", post(sign_out::sign_out))
        .route("/sign-in", get(sign_in::show))
        .route("/sign-in/begin", post(sign_in::begin))
        .route("/sign-in/finish", post(sign_in::finish))
        .route("/first/{token}", get(first::show))
        .route("/first/{token}/begin", post(first::begin))
        .route("/first/{token}/finish", post(first::finish))
        .route("/account", get(account::show))
        .route("/account/keys/begin", post(account::begin))
        .route("/account/keys/finish", post(account::finish))
        .route("/account/keys/remove", post(account::remove))
        .route("/account/end", post(account::end))
        .route("/account/end-others", post(account::end_others))
        .route("/assets/{hash}/{name}", get(assets::serve))
        .route("/day.js", get(statics::day_script))
        .route("/passkey.js", get(statics::passkey_script))
        .route("/here.js", get(statics::here_script))
        .route("/favicon.svg", get(statics::favicon))
        .route("/manifest.webmanifest", get(statics::manifest))
        .route("/robots.txt", get(statics::robots))
        .route("/healthz", get(health::show))
        .merge(routes_of_words())
        .merge(routes_of_people())
}

/// The part of the table about what one reads, tries alone, and comes to afterwards.
fn routes_of_words() -> Router<AppState> {
    Router::new()
        .route("/goodbye", get(aftercare::show))
        .route("/goodbye/company", post(aftercare::company))
        .route("/goodbye/questions", post(questions::send))
        .route("/goodbye/questions/back", post(questions::take_back))
        .route("/not-now", get(aftercare::not_now))
        .route("/lock", get(trust::lock))
        .route("/lock/how", get(trust::details))
        .route("/who-sees", get(trust::sees))
        .route("/practice", get(meeting::practice::show))
        .route("/help", get(info::help))
        .route("/unsupported", get(info::unsupported))
}

/// The part of the table about people and places.
fn routes_of_people() -> Router<AppState> {
    Router::new()
        .route("/people", get(people::list))
        .route("/people/new", get(people::new).post(people::add))
        .route("/people/{id}", get(people::one::show))
        .route("/people/{id}/name", post(people::one::name))
        .route("/people/{id}/contact", post(people::one::contact))
        .route("/people/{id}/protection", post(people::one::protection))
        .route("/people/{id}/around", post(people::one::around))
        .route("/people/{id}/apart", post(people::one::apart))
        .route("/people/{id}/team", post(people::one::team))
        .route("/people/{id}/task", post(people::one::task))
        .route("/people/{id}/questions", post(questions::switch))
        .route("/people/{id}/with-parents", post(people::one::with_parents))
        .route("/people/{id}/agreement", get(our_agreement::show).post(our_agreement::save))
        .route("/people/{id}/ready", post(our_agreement::ready))
        .route("/admin", get(admin::show))
        .route("/admin/{organization}", get(admin::office))
        .route("/admin/{organization}/name", post(admin::rename))
        .route("/admin/{organization}/new", get(admin::staff::new).post(admin::staff::add))
        .route("/admin/{organization}/staff/{person}", get(admin::staff::show))
        .route("/admin/{organization}/staff/{person}/name", post(admin::staff::change))
        .route("/admin/{organization}/staff/{person}/roles", post(admin::staff::roles))
        .route("/admin/{organization}/staff/{person}/link", post(admin::staff::link))
        .route("/admin/{organization}/staff/{person}/sign-out", post(admin::staff::sign_out))
        .route("/admin/{organization}/staff/{person}/end", post(admin::staff::end))
        .route("/admin/{organization}/staff/{person}/list", post(admin::staff::list))
        .route("/admin/{organization}/partners", post(admin::partners::add))
        .route("/admin/{organization}/partners/{partner}", get(admin::partners::show))
        .route("/admin/{organization}/partners/{partner}/name", post(admin::partners::rename))
        .route("/admin/{organization}/partners/{partner}/people", post(admin::partners::person))
        .route("/admin/{organization}/helplines", get(admin::helplines::show))
        .route("/admin/{organization}/helplines/save", post(admin::helplines::save))
        .route("/admin/{organization}/log", get(admin::log::show))
        .route("/admin/{organization}/support", get(admin::support::show).post(admin::support::find))
}

async fn missing() -> WebError {
    WebError::NotFound
}
