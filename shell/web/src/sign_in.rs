//! Signing in by a passkey: one button, no name. The browser offers what it has; the answer says whose it is.

use askama::Template;
use axum::body::Bytes;
use axum::http::header;
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use identity::{Credential, SignInAnswer, State};
use store::{CeremonyKind, NewCeremony, PasskeyAnswered, Token};

use crate::ctx::{Ctx, Home};
use crate::errors::WebError;
use crate::page::Page;
use crate::passkey::{self, Brought, CeremonyBox, SIGN_IN_LASTS, Stop, Why};

#[derive(Template)]
#[template(path = "passkey/sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) page: Page,
    /// Where whoever is signed in already goes on.
    pub(crate) home: Option<String>,
    pub(crate) home_key: &'static str,
    pub(crate) ceremony: CeremonyBox,
}

/// `GET /sign-in`.
pub(crate) async fn show(ctx: Ctx) -> Result<Html<String>, WebError> {
    let home = ctx.home().await?;
    let ceremony = CeremonyBox::to_sign_in(&ctx);
    let (home, home_key) = way_on(home);
    Ok(Html(SignInPage { page: Page::new(&ctx), home, home_key, ceremony }.render()?))
}

/// The way on from a page about signing in, and the key of its words.
pub(crate) fn way_on(home: Home) -> (Option<String>, &'static str) {
    match home {
        Home::Day => (Some(home.path()), "front-to-day"),
        Home::Meeting(_) | Home::Here => (Some(home.path()), "front-to-meeting"),
        Home::Office => (Some(home.path()), "admin-link"),
        Home::Front => (None, ""),
    }
}

/// `POST /sign-in/begin`. Costs a guess that a right answer gives back, unless everybody comes from one address
/// because a proxy stands on this machine.
pub(crate) async fn begin(ctx: Ctx) -> Result<Response, Stop> {
    may_try(&ctx)?;
    let (options, state) = passkey::party(&ctx)?.begin_sign_in()?;
    let (kind, state) = (CeremonyKind::SignIn, state.into_bytes());
    let new = NewCeremony { kind, person: None, staff_link: None, state };
    let handle = ctx.state.db.begin_ceremony(&new, ctx.now).await?;
    if let Some(peer) = ctx.peer.filter(|peer| !peer.to_canonical().is_loopback()) {
        ctx.state.guesses.missed(peer, ctx.now);
    }
    Ok(passkey::asks(&handle, &options))
}

/// `POST /sign-in/finish`.
pub(crate) async fn finish(ctx: Ctx, body: Bytes) -> Result<Response, Stop> {
    may_try(&ctx)?;
    let brought = Brought::read(&body)?;
    match answered(&ctx, &brought).await {
        Ok(cookie) => {
            if let Some(peer) = ctx.peer.filter(|peer| !peer.to_canonical().is_loopback()) {
                ctx.state.guesses.forgiven(peer, ctx.now);
            }
            signed_in(ctx, &cookie).await
        }
        Err(stop) => {
            if let (Stop::Why(_), Some(peer)) = (&stop, ctx.peer) {
                ctx.state.guesses.missed(peer, ctx.now);
            }
            Err(stop)
        }
    }
}

/// Keeps a new sign-in in the browser and says where its day begins.
pub(crate) async fn signed_in(ctx: Ctx, cookie: &Token) -> Result<Response, Stop> {
    let sign_in = ctx.state.db.signed_in(cookie, ctx.now).await?;
    let kept = ctx.keep(cookie).await?;
    let ctx = Ctx { sign_in, ..ctx };
    let to = match ctx.home().await? {
        Home::Front => "/account".to_owned(),
        home => home.path(),
    };
    Ok((AppendHeaders([(header::SET_COOKIE, kept)]), passkey::goes_to(&to)).into_response())
}

/// Takes the ceremony, checks the answer and signs in; the cookie's token.
async fn answered(ctx: &Ctx, brought: &Brought) -> Result<Token, Stop> {
    let ceremony = ctx.state.db.take_ceremony(&brought.handle, CeremonyKind::SignIn, ctx.now).await??;
    let answer = SignInAnswer::read(&brought.answer)?;
    let found = ctx.state.db.passkey(&answer.credential_hash(), ctx.now).await?;
    let passkey = found.ok_or(Stop::Why(Why::Unknown))?;
    let (state, credential) =
        (State::from_bytes(ceremony.state), Credential::from_bytes(passkey.credential.clone()));
    let held = match passkey::party(ctx)?.finish_sign_in(&answer, &state, passkey.person, &credential) {
        Ok(held) => held,
        Err(error) => {
            ctx.state.db.refuse_passkey(&passkey, ctx.now).await?;
            return Err(error.into());
        }
    };
    let answered = PasskeyAnswered {
        passkey: passkey.id,
        credential: held.credential.into_bytes(),
        counter: held.counter,
        lifetime: SIGN_IN_LASTS,
    };
    let signed_in = ctx.state.db.sign_in_by_passkey(&answered, ctx.now).await?;
    signed_in.map(|(_, cookie)| cookie).ok_or(Stop::Why(Why::Counter))
}

fn may_try(ctx: &Ctx) -> Result<(), WebError> {
    match ctx.peer {
        Some(peer) if !ctx.state.guesses.may_try(peer, ctx.now) => Err(WebError::TooManyGuesses),
        _ => Ok(()),
    }
}
