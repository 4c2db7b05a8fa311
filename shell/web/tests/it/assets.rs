//! Scripts, styles and modules under the hash of the build.

use axum::http::StatusCode;

use crate::world::World;

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_hash_and_nowhere_else() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.get("/").await.shows("href=\"/assets/0123456789abcdef/site.css\"");
    for (name, kind) in [
        ("site.css", "text/css; charset=utf-8"),
        ("stage.js", "text/javascript; charset=utf-8"),
        ("stage.wasm", "application/wasm"),
    ] {
        let answer = browser.get(&format!("/assets/0123456789abcdef/{name}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, kind));
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    }
    for path in [
        "/assets/another-build/site.css",
        "/assets/0123456789abcdef/nothing.css",
        "/assets/0123456789abcdef/..%2F..%2Fsamrom.db",
        "/assets/0123456789abcdef/%2E%2E",
        "/assets/..%2F0123456789abcdef/site.css",
    ] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(world.folder.path().join("samrom.db").exists(), "there was something to steal");
}

#[tokio::test]
async fn a_file_that_the_build_made_small_is_sent_to_those_who_can_read_it() {
    let world = World::new().await;
    std::fs::write(world.folder.path().join("site/stage.js.br"), b"small").expect("the folder is ours");
    let mut browser = world.browser();
    for (accepts, coding) in [("gzip, br", "br"), ("br;q=0, identity", ""), ("identity", "")] {
        let request = browser.request(axum::http::Method::GET, "/assets/0123456789abcdef/stage.js");
        let request = request.header("accept-encoding", accepts).body(axum::body::Body::empty());
        let answer = browser.send(request.expect("a request")).await;
        assert_eq!(answer.header("content-encoding"), coding, "{accepts}");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(answer.body == b"small", coding == "br");
    }
}

#[tokio::test]
async fn a_new_build_is_seen_at_once_in_development() {
    let world = World::new().await;
    let manifest = world.folder.path().join("site/manifest.json");
    std::fs::write(manifest, r#"{"hash":"fedcba9876543210"}"#).expect("the folder is ours");
    world.browser().get("/").await.shows("/assets/fedcba9876543210/site.css");
}
