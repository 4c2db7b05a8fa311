//! What is written about the running: text or JSON, to standard error, never an address, a name or a token (SEC-005,
//! SEC-012). Our own lines carry ids at most; libraries that would write addresses are capped below that level.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// Libraries whose finer lines hold addresses, headers or SQL; no setting opens them.
const CAPPED: [&str; 12] = [
    "axum=info",
    "hyper=info",
    "hyper_util=info",
    "h2=info",
    "tungstenite=info",
    "tokio_tungstenite=info",
    "rustls=info",
    "str0m=warn",
    "sqlx=warn",
    "tower_http=info",
    "webauthn_rs=warn",
    "webauthn_rs_core=warn",
];

/// Starts the log; once per process.
pub(crate) fn start(settings: &Log) {
    let filter = filter(&settings.filter);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start (only tests could cause it) keeps the first.
    let _ = if settings.json { lines.json().try_init() } else { lines.with_target(false).try_init() };
}

fn filter(wanted: &str) -> EnvFilter {
    let mut filter = EnvFilter::new(wanted);
    for cap in CAPPED {
        filter = filter.add_directive(cap.parse().expect("the caps are well-formed directives"));
    }
    filter
}

#[cfg(test)]
mod tests {
    #[test]
    fn sec_005_no_setting_opens_the_lines_that_hold_addresses() {
        let text = super::filter("trace,hyper=trace,str0m=trace").to_string();
        assert!(text.contains("hyper=info") && !text.contains("hyper=trace"), "{text}");
        assert!(text.contains("str0m=warn") && !text.contains("str0m=trace"), "{text}");
    }
}
