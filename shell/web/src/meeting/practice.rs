//! The practice room: the page of a meeting, with somebody at the other end who is only drawn.
//!
//! Its views, buttons and words are the meeting's own templates, so what is learned here holds there; `practice.ts`
//! stands in for the stage and asks nothing of the server (SEC-105). The real stage was weighed and left: it wants a socket, an
//! MLS group and a peer connection, and somebody at their other ends who speaks all three.

use core::ops::Deref;

use askama::Template;
use axum::response::Html;
use ids::{Role, SessionId};

use super::MeetingPage;
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;

/// The page; every field of the meeting's page is one of its own.
#[derive(Template)]
#[template(path = "practice/index.html")]
pub(crate) struct PracticePage(MeetingPage);

impl Deref for PracticePage {
    type Target = MeetingPage;

    fn deref(&self) -> &MeetingPage {
        &self.0
    }
}

impl PracticePage {
    /// The room as a young person has it, with no way on to pages of hers; of no session.
    pub(crate) fn new(page: Page) -> Self {
        let texts = page.words.modules_json(&["stage", "practice"]);
        let room = MeetingPage::new(page, SessionId::from_bytes([0; 16]), Role::YoungPerson);
        Self(MeetingPage { texts, may_ask: false, practises: true, ..room })
    }
}

/// `GET /practice`: for everybody, signed in or not.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(PracticePage::new(Page::new(&ctx)).render()?))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::i18n::{Lang, exists};

    fn page(lang: Lang) -> String {
        PracticePage::new(Page::sample(lang)).render().expect("the template renders")
    }

    fn script() -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/ts/practice.ts");
        std::fs::read_to_string(path).expect("the script is ours")
    }

    /// What stands between each `start` and the next `end`.
    fn between<'a>(text: &'a str, start: &str, end: char) -> Vec<&'a str> {
        text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    }

    #[test]
    fn it_says_that_nobody_is_there_in_every_language() {
        for lang in Lang::ALL {
            let html = page(lang);
            for key in [">practice-", ">meeting-", ">stage-", ">host-"] {
                assert!(!html.contains(key), "{}: a key stands where a text should", lang.code());
            }
            assert!(!html.contains(" style="), "inline styles are forbidden (SEC-011)");
        }
        assert!(page(Lang::Nb).contains("Dette er øving. Ingen er i den andre enden."), "CARE-06");
    }

    #[test]
    fn every_button_of_the_room_can_be_practised() {
        let (html, script) = (page(Lang::Nb), script());
        for does in between(&html, "data-do=\"", '"') {
            let known = script.contains(&format!("\"{does}\":"))
                || ["means", "around", "tell", "chat", "noise"].contains(&does)
                || does.starts_with("choose-");
            // Nobody has scanned, been refused or come from another tab here, no sound waits for a press, and nobody asks
            // to be shown anything.
            let never =
                ["as-last-time", "scan-stop", "pair-scan", "pair", "hear", "use-here", "show", "show-not"]
                    .contains(&does);
            assert!(known != never, "{does}: practice.ts knows it, or it is never shown");
        }
    }

    #[test]
    fn it_has_no_way_to_send_anything() {
        let script = script();
        for way in ["fetch(", "WebSocket", "RTCPeerConnection", "XMLHttpRequest", "sendBeacon", "EventSource"]
        {
            assert!(!script.contains(way), "{way}");
        }
        for memory in ["localStorage", "sessionStorage", "indexedDB", "cookie", "MediaRecorder"] {
            assert!(!script.contains(memory), "{memory}");
        }
        let html = page(Lang::Nb);
        for of_meeting in ["stage.js", "stage.wasm", "here.js", "data-socket", "/ask", "data-session=\"0"] {
            assert!(!html.contains(of_meeting), "{of_meeting}");
        }
    }

    #[test]
    fn every_text_that_the_script_names_exists() {
        let script = script();
        let named = ["text(\"", "tell(\""].map(|start| between(&script, start, '"'));
        for key in named.concat() {
            assert!(exists(&format!("practice-{key}")) || exists(&format!("stage-{key}")), "{key}");
        }
        for key in between(&script, "\"other-", '"') {
            assert!(exists(&format!("practice-other-{key}")), "other-{key}");
        }
    }
}
