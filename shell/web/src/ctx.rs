//! Who asks, in which language, when: what every page's handler gets beside its input.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use domain::staff::PractitionerRole;
use ids::{OrganizationId, SessionId, SignInId, Timestamp};
use store::{By, PersonKind, Seat, SignedIn, Token};

use crate::errors::WebError;
use crate::i18n::{Lang, Words};
use crate::state::AppState;
use crate::{cookies, security, shared};

/// The request as a handler sees it.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The state behind the pages.
    pub state: AppState,
    /// The reader's language.
    pub words: Words,
    /// The time of this request.
    pub now: Timestamp,
    /// Whoever is signed in here, if the sign-in is still good.
    pub sign_in: Option<SignedIn>,
    /// The sign-in's token as the cookie carried it.
    pub(crate) token: Option<Token>,
    /// The path that was asked for.
    pub path: String,
    /// The network address that asked; for limits and the loopback check only, never stored (SEC-005).
    pub(crate) peer: Option<IpAddr>,
    /// The host that was asked for.
    pub(crate) host: Option<String>,
}

/// Where somebody's day begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// A host's day.
    Day,
    /// The meeting that is on or comes next.
    Meeting(SessionId),
    /// The pages of an administrator who has no day.
    Office,
    /// The page where a lent device waits for its guest's press, or leads to the hour.
    Here,
    /// Nothing is planned here.
    Front,
}

impl Home {
    pub(crate) fn path(self) -> String {
        match self {
            Self::Day => "/day".to_owned(),
            Self::Meeting(session) => format!("/meeting/{session}"),
            Self::Office => "/admin".to_owned(),
            Self::Here => "/here".to_owned(),
            Self::Front => "/".to_owned(),
        }
    }
}

impl Ctx {
    /// Whoever is signed in.
    ///
    /// # Errors
    /// [`WebError::SignInNeeded`] when nobody is.
    pub fn signed_in(&self) -> Result<&SignedIn, WebError> {
        self.sign_in.as_ref().ok_or(WebError::SignInNeeded)
    }

    /// The seat that this browser holds in a session.
    ///
    /// # Errors
    /// [`WebError::SignInNeeded`] when nobody is signed in; [`WebError::NotFound`] when there is no such session and
    /// when it is somebody else's, which look the same (SEC-028).
    pub async fn seat(&self, session: SessionId) -> Result<Seat, WebError> {
        let sign_in = self.signed_in()?.sign_in.id;
        let seat = self.state.db.seat(self.by()?, sign_in, session).await?;
        seat.ok_or(WebError::NotFound)
    }

    /// The signed-in person acts, now.
    ///
    /// # Errors
    /// [`WebError::SignInNeeded`] when nobody is signed in.
    pub fn by(&self) -> Result<By, WebError> {
        Ok(By::person(self.signed_in()?.sign_in.person, self.now))
    }

    /// The sign-in of the cookie that came along, when it is good.
    #[must_use]
    pub fn browser(&self) -> Option<SignInId> {
        self.sign_in.as_ref().map(|signed_in| signed_in.sign_in.id)
    }

    /// The roles that whoever is signed in holds now; none for guests.
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn held(&self) -> Result<Vec<PractitionerRole>, WebError> {
        let Some(staff) = self.staff() else { return Ok(Vec::new()) };
        Ok(self.state.db.roles_of(staff.sign_in.person, self.now).await?)
    }

    /// Whether somebody is signed in who has a day: who treats or leads where they work, now, and not merely by a link to
    /// one meeting (SEC-071).
    ///
    /// # Errors
    /// When the records do not answer.
    pub async fn has_day(&self) -> Result<bool, WebError> {
        Ok(self.has_day_by(&self.held().await?))
    }

    /// As [`Ctx::has_day`], by the roles that are held.
    pub(crate) fn has_day_by(&self, held: &[PractitionerRole]) -> bool {
        let here = |one: &PractitionerRole, staff: &SignedIn| {
            one.organization == staff.organization && one.role.has_caseload()
        };
        self.staff().is_some_and(|staff| held.iter().any(|one| here(one, staff)))
    }

    /// The organisations that whoever is signed in administers now, the own one first. A sign-in that was made neither
    /// by a passkey nor in the demo administers nothing (SEC-071).
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn offices(&self) -> Result<Vec<OrganizationId>, WebError> {
        Ok(self.offices_of(&self.held().await?))
    }

    /// As [`Ctx::offices`], by the roles that are held.
    pub(crate) fn offices_of(&self, held: &[PractitionerRole]) -> Vec<OrganizationId> {
        let Some(staff) = self.staff() else { return Vec::new() };
        if !staff.by_passkey && self.state.settings.demo.is_none() {
            return Vec::new();
        }
        let administered = held.iter().filter(|one| one.role.administers());
        let mut offices: Vec<OrganizationId> = administered.map(|one| one.organization).collect();
        offices.sort_by_key(|office| *office != staff.organization);
        offices
    }

    /// Whether this browser is lent to somebody for one hour (SEC-087).
    pub(crate) fn is_shared(&self) -> bool {
        self.sign_in.as_ref().is_some_and(|signed_in| signed_in.is_shared)
    }

    /// Whoever is fully signed in and works somewhere.
    fn staff(&self) -> Option<&SignedIn> {
        let staff = |one: &&SignedIn| one.kind == PersonKind::Practitioner && one.scope.is_none();
        self.sign_in.as_ref().filter(staff)
    }

    /// The header that keeps this sign-in in the browser for as long as its record lasts.
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn keep(&self, token: &Token) -> Result<HeaderValue, WebError> {
        let signed_in = self.state.db.signed_in(token, self.now).await?.ok_or(WebError::SignInNeeded)?;
        let lasts = signed_in.sign_in.expires.since(self.now);
        Ok(cookies::set_sign_in(token, lasts, self.state.settings.tls()))
    }

    /// On to another page after a form was sent. The cookie is set anew, because browsers that keep a left page as it was,
    /// with her words in the form, let go of it when a cookie changes; the way back then shows an empty form.
    ///
    /// # Errors
    /// When nobody is signed in, or the records do not answer.
    pub(crate) async fn leave_form(&self, to: &str) -> Result<Response, WebError> {
        let token = self.token.as_ref().ok_or(WebError::SignInNeeded)?;
        let cookie = self.keep(token).await?;
        Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(to)).into_response())
    }

    /// Where a signed-in browser's day begins.
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn way_home(&self, browser: SignInId) -> Result<Home, WebError> {
        let seats = self.state.db.seats_of(browser, self.now).await?;
        if seats.iter().any(|(_, _, role, _)| role.is_host()) {
            return Ok(Home::Day);
        }
        let next = seats.iter().find(|(_, _, _, window)| self.now < window.closes());
        Ok(next.map_or(Home::Front, |(session, ..)| Home::Meeting(*session)))
    }

    /// Where whoever is signed in goes on from a page that leads nowhere.
    ///
    /// # Errors
    /// When the records do not answer.
    pub(crate) async fn home(&self) -> Result<Home, WebError> {
        if self.is_shared() {
            return Ok(Home::Here);
        }
        let held = self.held().await?;
        if self.has_day_by(&held) {
            return Ok(Home::Day);
        }
        if !self.offices_of(&held).is_empty() {
            return Ok(Home::Office);
        }
        match self.browser() {
            Some(browser) => self.way_home(browser).await,
            None => Ok(Home::Front),
        }
    }

    /// A request about whose sign-in nothing is known; for error pages.
    pub(crate) fn anonymous(state: &AppState, path: &str, headers: &HeaderMap) -> Self {
        Self {
            words: Words::new(language(state, headers)),
            now: state.now(),
            state: state.clone(),
            sign_in: None,
            token: None,
            path: path.to_owned(),
            peer: None,
            host: None,
        }
    }
}

impl FromRequestParts<AppState> for Ctx {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WebError> {
        let mut ctx = Self::anonymous(state, parts.uri.path(), &parts.headers);
        ctx.host = security::host(&parts.headers, parts.uri.authority()).map(str::to_owned);
        let peer: Result<ConnectInfo<SocketAddr>, _> = ConnectInfo::from_request_parts(parts, state).await;
        ctx.peer = peer.ok().map(|ConnectInfo(address)| address.ip());
        if let Some(token) = cookies::sign_in(&parts.headers, state.settings.tls()) {
            ctx.sign_in = state.db.signed_in(&token, ctx.now).await?;
            ctx.token = Some(token);
            if let Some(browser) = ctx.browser() {
                state.seen.note(browser, ctx.now);
            }
            if ctx.is_shared() && !shared::is_open(&ctx.path) {
                return Err(WebError::DeviceLent);
            }
        }
        Ok(ctx)
    }
}

/// What was chosen here, else what the browser wishes, else the default of the house.
fn language(state: &AppState, headers: &HeaderMap) -> Lang {
    let wish = || headers.get("accept-language").and_then(|value| value.to_str().ok());
    cookies::language(headers, state.settings.tls())
        .or_else(|| wish().and_then(Lang::from_accept_language))
        .unwrap_or(state.settings.language)
}
