//! The language switch: a form on every page, a cookie, and back to where one was.

use axum::Form;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::cookies;
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::i18n::Lang;

/// Characters in a path that one comes back to.
const BACK_CHARS_MAX: usize = 256;

/// The form.
#[derive(Deserialize)]
pub(crate) struct Choice {
    lang: String,
    back: String,
}

/// `POST /language`.
pub(crate) async fn choose(ctx: Ctx, Form(choice): Form<Choice>) -> Result<Response, WebError> {
    let lang = Lang::ALL.into_iter().find(|lang| lang.code() == choice.lang).ok_or(WebError::BadRequest)?;
    let back = if is_path_of_ours(&choice.back) { &choice.back } else { "/" };
    let cookie = cookies::set_language(lang, ctx.state.settings.tls());
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(back)).into_response())
}

/// A path on this host: never another site's address, whatever a browser makes of slashes and backslashes.
fn is_path_of_ours(path: &str) -> bool {
    path.len() <= BACK_CHARS_MAX
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_a_path_of_ours_and_to_nothing_else() {
        assert!(is_path_of_ours("/j/abc-DEF_123"));
        for bad in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a?b=c", "/%0d%0a", "/a\r\nb"]
        {
            assert!(!is_path_of_ours(bad), "{bad:?}");
        }
    }
}
