//! The way from the page into the room: one WebSocket, authenticated here and then handed to the server.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::closing::DeviceKind;
use ids::MESSAGE_BYTES_MAX;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::security;
use crate::state::SocketHandover;

/// `GET /ws/{session}`: origin, sign-in and seat are checked before a socket exists (SEC-027).
pub(crate) async fn upgrade(
    ctx: Ctx,
    Path(session): Path<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Result<Response, WebError> {
    if !security::origin_is_ours(request.headers(), request.uri().authority(), ctx.state.settings.tls()) {
        return Err(WebError::CrossSite);
    }
    let session = session.parse().map_err(|_| WebError::NotFound)?;
    let store::SeatKey { participant, sign_in } = ctx.seat(session).await?.key;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX),
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let device = device(request.headers());
    let sockets = ctx.state.ports.sockets.clone();
    Ok(upgrade
        .on_upgrade(move |socket| sockets(SocketHandover { session, participant, sign_in, device, socket })))
}

/// What a browser calls itself, as far as the record needs it; the text itself is kept nowhere (SEC-021).
fn device(headers: &HeaderMap) -> Option<DeviceKind> {
    let browser = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let says = |word: &str| browser.contains(word);
    Some(if says("iPad") || says("Tablet") || (says("Android") && !says("Mobile")) {
        DeviceKind::Tablet
    } else if says("Mobile") || says("iPhone") {
        DeviceKind::Phone
    } else {
        DeviceKind::Computer
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_browser_says_what_it_runs_on() {
        let of = |browser: &'static str| {
            device(&HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(browser))]))
        };
        for (browser, kind) in [
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148", DeviceKind::Phone),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", DeviceKind::Phone),
            ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Firefox/140.0", DeviceKind::Phone),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537.36", DeviceKind::Tablet),
            ("Mozilla/5.0 (Android 15; Tablet; rv:140.0) Firefox/140.0", DeviceKind::Tablet),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", DeviceKind::Computer),
        ] {
            assert_eq!(of(browser), Some(kind), "{browser}");
        }
        assert_eq!(device(&HeaderMap::new()), None);
    }
}
