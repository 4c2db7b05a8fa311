//! The few files that have fixed addresses because browsers ask for them there.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

const A_DAY: &str = "public, max-age=86400";

/// `GET /favicon.svg`.
pub(crate) async fn favicon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, A_DAY)], include_str!("../static/favicon.svg"))
}

/// `GET /day.js`: makes the day's list live; the page works without it.
pub(crate) async fn day_script() -> impl IntoResponse {
    let kind = "text/javascript; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], include_str!("../static/day.js"))
}

/// `GET /passkey.js`: carries a passkey ceremony between the server and the browser.
pub(crate) async fn passkey_script() -> impl IntoResponse {
    let kind = "text/javascript; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], include_str!("../static/passkey.js"))
}

/// `GET /here.js`: keeps a lent device to the tab in which it was begun.
pub(crate) async fn here_script() -> impl IntoResponse {
    let kind = "text/javascript; charset=utf-8";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], include_str!("../static/here.js"))
}

/// `GET /manifest.webmanifest`.
pub(crate) async fn manifest() -> impl IntoResponse {
    let kind = "application/manifest+json";
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, A_DAY)], include_str!("../static/manifest.webmanifest"))
}

/// `GET /robots.txt`: nothing here is for an index.
pub(crate) async fn robots() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, A_DAY)], "User-agent: *\nDisallow: /\n")
}
