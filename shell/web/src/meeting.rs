//! The page of a meeting: the seat is checked here; what happens in the room is the stage's.

use askama::Template;
use axum::extract::Path;
use axum::response::Html;
use ids::{Role, SessionId};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::i18n::ScriptJson;
use crate::page::Page;

/// The page with all its views; the stage shows one at a time.
#[derive(Template)]
#[template(path = "meeting/index.html")]
pub(crate) struct MeetingPage {
    page: Page,
    /// The texts that the stage fills in, as JSON.
    texts: ScriptJson,
    session: SessionId,
    /// Whether the page has what only hosts use; the room obeys roles whatever the page shows.
    is_host: bool,
    /// A young person does not see herself unless she asks to.
    hides_self: bool,
}

impl MeetingPage {
    /// The page for somebody with this role.
    pub(crate) fn new(page: Page, session: SessionId, role: Role) -> Self {
        let texts = page.words.module_json("meeting");
        Self { page, texts, session, is_host: role.is_host(), hides_self: role == Role::YoungPerson }
    }
}

/// `GET /meeting/{session}`.
pub(crate) async fn show(ctx: Ctx, Path(session): Path<String>) -> Result<Html<String>, WebError> {
    let session = session.parse().map_err(|_| WebError::NotFound)?;
    let seat = ctx.seat(session).await?;
    Ok(Html(MeetingPage::new(Page::new(&ctx), seat.session, seat.role).render()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn page(lang: Lang, role: Role) -> String {
        let session = SessionId::from_bytes([7; 16]);
        MeetingPage::new(Page::sample(lang), session, role).render().expect("the template renders")
    }

    #[test]
    fn the_page_renders_in_every_language_with_every_text() {
        for lang in Lang::ALL {
            let html = page(lang, Role::Host);
            assert!(!html.contains(">meeting-"), "{}: a key stands where a text should", lang.code());
            assert!(!html.contains(" style="), "inline styles are forbidden (SEC-011)");
        }
    }

    #[test]
    fn only_hosts_get_the_hosts_tools_and_only_the_young_are_hidden_from_themselves() {
        let (host, young) = (page(Lang::Nb, Role::Host), page(Lang::Nb, Role::YoungPerson));
        assert!(host.contains("id=\"lobby-list\"") && !young.contains("id=\"lobby-list\""));
        assert!(host.contains("end-for-all") && !young.contains("data-do=\"end-for-all\""));
        assert!(young.contains("data-hides-self") && !host.contains("data-hides-self"));
    }
}
