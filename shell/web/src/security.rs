//! What every answer carries and every changing request must prove: headers, same origin, limits.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::cookies;
use crate::errors::WebError;
use crate::i18n::Lang;
use crate::state::AppState;

/// Nothing from anyone else, no inline script or style, WASM allowed (SEC-011). It goes on every answer, because a
/// worker obeys the policy of its own script's answer, not of the page that started it.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    worker-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Half a year, subdomains too.
const STRICT_TRANSPORT: &str = "max-age=15768000; includeSubDomains";

/// Puts the headers on every answer; what may be kept says so itself, everything else is not kept.
pub(crate) async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if state.settings.tls() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses changing requests that another site caused (SEC-026).
pub(crate) async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD);
    if harmless || changes_from_here(&request, state.settings.tls()) {
        return next.run(request).await;
    }
    WebError::CrossSite.into_response()
}

/// Browsers say where a request comes from in `Sec-Fetch-Site`. `Origin` is only asked when that is absent: under
/// `Referrer-Policy: no-referrer` a form sends `Origin: null` even at home.
fn changes_from_here(request: &Request, tls: bool) -> bool {
    match request.headers().get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => origin_is_ours(request.headers(), request.uri().authority(), tls),
    }
}

/// Whether `Origin` is present and names the host that was asked, on the scheme that people reach us by (SEC-027).
pub(crate) fn origin_is_ours(headers: &HeaderMap, authority: Option<&Authority>, tls: bool) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let Some((scheme, origin_host)) = origin.split_once("://") else { return false };
    let host = host(headers, authority);
    scheme == if tls { "https" } else { "http" }
        && host.is_some_and(|host| host.eq_ignore_ascii_case(origin_host))
}

/// The host and port that were asked: the header of HTTP/1.1 or the authority of HTTP/2.
pub(crate) fn host<'a>(headers: &'a HeaderMap, authority: Option<&'a Authority>) -> Option<&'a str> {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).or(authority.map(Authority::as_str))
}

/// Whether a host is a name for this very machine: `localhost`, anything below it, or a loopback address.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Reads a line each of foreign bytes as cookies, `Accept-Language`, `Origin` and `Host`.
pub fn fuzz_headers(data: &[u8]) {
    let mut lines = data.splitn(4, |&byte| byte == b'\n');
    let mut line = || HeaderValue::from_bytes(lines.next().unwrap_or_default());
    let (cookies, languages, origin, host) = (line(), line(), line(), line());
    let named = [
        (header::COOKIE, cookies),
        (header::ACCEPT_LANGUAGE, languages),
        (header::ORIGIN, origin),
        (header::HOST, host),
    ];
    let headers: HeaderMap =
        named.into_iter().filter_map(|(name, value)| Some((name, value.ok()?))).collect();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for tls in [false, true] {
        let _ =
            cookies::language(&headers, tls).or(Lang::from_accept_language(text(header::ACCEPT_LANGUAGE)));
        if let Some(token) = cookies::sign_in(&headers, tls) {
            assert!(text(header::COOKIE).contains(token.reveal()), "a token that nobody sent");
        }
        if origin_is_ours(&headers, None, tls) {
            let (origin, host) =
                (text(header::ORIGIN).to_ascii_lowercase(), text(header::HOST).to_ascii_lowercase());
            assert!(origin.ends_with(&host), "a stranger's origin");
        }
    }
    let _ = is_loopback_host(text(header::HOST));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(origin: &str, host: &str, tls: bool) -> bool {
        let headers = HeaderMap::from_iter([
            (header::ORIGIN, HeaderValue::from_str(origin).expect("plain")),
            (header::HOST, HeaderValue::from_str(host).expect("plain")),
        ]);
        origin_is_ours(&headers, None, tls)
    }

    #[test]
    fn an_origin_is_ours_only_with_host_port_and_scheme() {
        assert!(origin("http://clinician.localhost:8080", "clinician.localhost:8080", false));
        assert!(origin("https://samrom.example", "samrom.example", true));
        for (from, host, tls) in [
            ("http://young.localhost:8080", "clinician.localhost:8080", false),
            ("http://localhost:8081", "localhost:8080", false),
            ("http://samrom.example", "samrom.example", true),
            ("https://samrom.example.evil.example", "samrom.example", true),
            ("null", "samrom.example", true),
        ] {
            assert!(!origin(from, host, tls), "{from}");
        }
    }

    #[test]
    fn loopback_names_are_told_from_others() {
        for yes in ["localhost", "clinician.localhost:8080", "127.0.0.1:80", "[::1]:8080", "LOCALHOST:1"] {
            assert!(is_loopback_host(yes), "{yes}");
        }
        for no in ["localhost.evil.example", "samrom.example:80", "192.168.1.4", "[2001:db8::1]", ""] {
            assert!(!is_loopback_host(no), "{no}");
        }
    }
}
