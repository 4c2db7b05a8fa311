//! What every answer carries (SEC-011), on every kind of answer.

use axum::http::StatusCode;
use store::demo::DemoRole;

use crate::world::{Kind, World};

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers() {
    let world = World::new().await;
    let mut browser = world.browser();
    let paths =
        ["/", "/lock", "/nowhere", "/day", "/favicon.svg", "/assets/0123456789abcdef/stage.js", "/healthz"];
    for path in paths {
        let answer = browser.get(path).await;
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; frame-ancestors 'none'; \
             object-src 'none'; base-uri 'none'; form-action 'self'",
            "{path}"
        );
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(
            answer
                .header("permissions-policy")
                .starts_with("camera=(self), microphone=(self), display-capture=(self)")
        );
        assert!(answer.headers.get("strict-transport-security").is_none(), "plain HTTP");
        let kept = ["/favicon.svg", "/assets/0123456789abcdef/stage.js"].contains(&path);
        assert_eq!(answer.header("cache-control") == "no-store", !kept, "{path}");
    }
}

#[tokio::test]
async fn on_tls_cookies_are_locked_to_the_host_and_tls_is_remembered() {
    let world = World::of(Kind { demo_mode: true, base_url: "https://samrom.example" }).await;
    let mut browser = world.browser();
    let pressed = browser.post(&world.link(DemoRole::YoungPerson), "").await;
    let cookie = pressed.header("set-cookie");
    assert!(cookie.starts_with("__Host-samrom="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert!(pressed.header("strict-transport-security").starts_with("max-age=15768000"));
    let meeting = pressed.header("location").to_owned();
    assert_eq!(browser.get(&meeting).await.status, StatusCode::OK);
    let value = browser.cookies.remove("__Host-samrom").expect("it was set");
    browser.cookies.insert("samrom".to_owned(), value);
    let planted = browser.get(&meeting).await;
    assert_eq!(planted.status, StatusCode::FORBIDDEN, "a cookie without the prefix could have been planted");
}

#[tokio::test]
async fn pages_are_sent_small() {
    let world = World::new().await;
    let mut browser = world.browser();
    let request = browser.request(axum::http::Method::GET, "/").header("accept-encoding", "gzip, br");
    let answer = browser.send(request.body(axum::body::Body::empty()).expect("a request")).await;
    assert_eq!(answer.header("content-encoding"), "br");
    assert!(answer.body.len() < 3_000, "{} bytes", answer.body.len());
}
