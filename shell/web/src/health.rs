//! Whether this program answers, for whoever watches over it.

/// `GET /healthz`.
pub(crate) async fn show() -> &'static str {
    "ok\n"
}
