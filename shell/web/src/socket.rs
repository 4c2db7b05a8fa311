//! The way from the page into the room: one WebSocket, authenticated here and then handed to the server.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
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
    let sockets = ctx.state.ports.sockets.clone();
    Ok(upgrade.on_upgrade(move |socket| sockets(SocketHandover { session, participant, sign_in, socket })))
}
