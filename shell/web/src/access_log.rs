//! One line per answer: which route, which status, how long. No path, no address, no token (SEC-005, SEC-012).

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::AppState;

/// Writes the line when the answer is ready.
pub(crate) async fn write(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let started = state.now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let millis = u64::try_from(state.now().since(started).as_millis()).unwrap_or(u64::MAX);
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    tracing::info!(target: "access", %method, route, status, millis);
    response
}
