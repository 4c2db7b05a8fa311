//! The two cookies: who is signed in here, and which language was chosen.
//!
//! On TLS both carry the prefix `__Host-`: Secure, path `/`, no domain, so no neighbouring host can plant or read them.
//! Plain HTTP exists on loopback only; browsers refuse the prefix there. `SameSite=Lax` and not `Strict`: a link opened
//! from a text message is a navigation from outside, and it must find the sign-in it made before. Every request that
//! changes something is checked for its origin as well (SEC-026), so Lax gives nothing away.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use store::Token;

use crate::i18n::Lang;

/// Seconds that the choice of language is remembered.
const LANGUAGE_SECONDS: u64 = 365 * 24 * 3600;
/// Bytes of cookie header that are looked at.
const COOKIE_BYTES_MAX: usize = 4_096;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    SignIn,
    Language,
}

impl Name {
    const fn on(self, tls: bool) -> &'static str {
        match (self, tls) {
            (Self::SignIn, true) => "__Host-samrom",
            (Self::SignIn, false) => "samrom",
            (Self::Language, true) => "__Host-lang",
            (Self::Language, false) => "lang",
        }
    }
}

/// The sign-in token that this request carries.
pub(crate) fn sign_in(headers: &HeaderMap, tls: bool) -> Option<Token> {
    read(headers, Name::SignIn, tls).and_then(Token::from_text)
}

/// The language that was chosen here.
pub(crate) fn language(headers: &HeaderMap, tls: bool) -> Option<Lang> {
    read(headers, Name::Language, tls).and_then(Lang::from_tag)
}

/// Remembers a sign-in as long as the record lasts. It outlives the browser's window on purpose: phones close
/// browsers behind their owner's back, and a link that was pressed opens for this browser alone.
pub(crate) fn set_sign_in(token: &Token, lasts: Duration, tls: bool) -> HeaderValue {
    write(Name::SignIn, token.reveal(), Some(lasts.as_secs()), tls)
}

/// Remembers a sign-in on a lent device until the browser is closed, and never longer than the record lasts.
pub(crate) fn set_sign_in_until_closed(token: &Token, tls: bool) -> HeaderValue {
    write(Name::SignIn, token.reveal(), None, tls)
}

/// Forgets the sign-in.
pub(crate) fn clear_sign_in(tls: bool) -> HeaderValue {
    write(Name::SignIn, "", Some(0), tls)
}

/// Remembers the language.
pub(crate) fn set_language(lang: Lang, tls: bool) -> HeaderValue {
    write(Name::Language, lang.code(), Some(LANGUAGE_SECONDS), tls)
}

fn read(headers: &HeaderMap, name: Name, tls: bool) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter(|value| value.len() <= COOKIE_BYTES_MAX)
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name.on(tls)))
        .map(|(_, value)| value)
}

/// A cookie; without seconds the browser forgets it when it is closed.
fn write(name: Name, value: &str, seconds: Option<u64>, tls: bool) -> HeaderValue {
    let lasts = seconds.map(|seconds| format!(" Max-Age={seconds};")).unwrap_or_default();
    let mut text = format!("{}={value};{lasts} Path=/; HttpOnly; SameSite=Lax", name.on(tls));
    if tls {
        text.push_str("; Secure");
    }
    let mut value = HeaderValue::from_str(&text).expect("names and values are plain ASCII");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).expect("plain"))])
    }

    #[test]
    fn on_tls_the_prefix_is_demanded_both_ways() {
        let token = Token::from_text("abcdefghijklmnop").expect("plain");
        let set = set_sign_in(&token, Duration::from_secs(60), true);
        assert_eq!(set, "__Host-samrom=abcdefghijklmnop; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure");
        let lent = set_sign_in_until_closed(&token, true);
        assert_eq!(lent, "__Host-samrom=abcdefghijklmnop; Path=/; HttpOnly; SameSite=Lax; Secure", "SEC-087");
        assert_eq!(sign_in(&headers("samrom=abcdefghijklmnop"), true), None);
        assert_eq!(sign_in(&headers("a=b; __Host-samrom=abcdefghijklmnop"), true), Some(token));
    }

    #[test]
    fn a_cookie_never_prints_its_token() {
        let token = Token::from_text("abcdefghijklmnop").expect("plain");
        assert!(!format!("{:?}", set_sign_in(&token, Duration::ZERO, false)).contains(token.reveal()));
    }
}
