//! The language: chosen, wished for, or the default of the house.

use axum::http::StatusCode;
use store::demo::DemoRole;

use crate::world::World;

#[tokio::test]
async fn the_cookie_outranks_the_browser_and_the_browser_the_house() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.get("/").await.shows("<html lang=\"nb\"");
    browser.language = Some("en-GB,en;q=0.9");
    browser.get("/").await.shows("<html lang=\"en\"");
    let chosen = browser.post("/language", "lang=nn&back=%2Fhelp").await;
    assert_eq!((chosen.status, chosen.header("location")), (StatusCode::SEE_OTHER, "/help"));
    browser.get("/help").await.shows("<html lang=\"nn\"");
}

#[tokio::test]
async fn one_is_never_led_away() {
    let world = World::new().await;
    let mut browser = world.browser();
    for back in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", ""] {
        let answer = browser.post("/language", &format!("lang=en&back={back}")).await;
        assert_eq!(answer.header("location"), "/", "{back}");
    }
    assert_eq!(browser.post("/language", "lang=se&back=/").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_switch_on_a_link_page_comes_back_to_it_and_the_one_on_an_error_does_not() {
    let world = World::new().await;
    let link = world.link(DemoRole::YoungPerson);
    let mut browser = world.browser();
    browser.get(&link).await.shows(&format!("name=\"back\" value=\"{link}\""));
    browser.get("/j/BBBBBBBBBBBBBBBBBBBBBBBB").await.shows("name=\"back\" value=\"/\"");
    browser.get("/nowhere").await.shows("name=\"back\" value=\"/\"");
}

#[tokio::test]
async fn error_pages_speak_the_readers_language() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (language, text) in
        [("nb", "Vi finner ikke siden"), ("nn", "Vi finn ikkje sida"), ("en", "We cannot find")]
    {
        browser.language = Some(language);
        let page = browser.get("/nowhere").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        page.shows(text);
    }
}

#[tokio::test]
async fn the_stage_finds_its_texts_as_json_in_the_page() {
    let world = World::new().await;
    let mut browser = world.signed_in(world.person(DemoRole::YoungPerson).person).await;
    for language in ["nb", "nn", "en"] {
        browser.language = Some(language);
        let page = browser.get(&format!("/meeting/{}", world.demo.session)).await.text();
        let (_, rest) = page.split_once("id=\"words\">").expect("the page has the texts");
        let (json, _) = rest.split_once("</script>").expect("they end");
        let texts: std::collections::BTreeMap<String, String> =
            serde_json::from_str(json).expect("plain JSON");
        assert!(texts.contains_key("waiting-seen") && texts.contains_key("neutral-title"), "{language}");
    }
}
