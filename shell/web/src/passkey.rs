//! What the three pages with a passkey ceremony share: the box on the page, the two steps that its script takes, and
//! every way in which they come to nothing, each with words of its own (`passkey-why-…`).

use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use core::time::Duration;
use domain::staff::StaffLinkRefused;
use identity::{Credential, IdentityError, RegistrationAnswer, RelyingParty, State};
use ids::{PersonId, Personal, StaffLinkId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Ceremony, CeremonyKind, CeremonyRefused, NewCeremony, NewPasskey, Token};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::i18n::Words;

/// How long staff stay signed in: a long shift, and no night.
pub(crate) const SIGN_IN_LASTS: Duration = Duration::from_secs(12 * 60 * 60);
/// Letters in a passkey's label.
const LABEL_CHARS_MAX: usize = 60;

/// Why a ceremony came to nothing, for the page's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// This address has no passkeys.
    NoAddress,
    /// The ceremony's minutes are over.
    Expired,
    /// It was answered before.
    Used,
    /// The passkey is not in our records.
    Unknown,
    /// The answer does not hold.
    Wrong,
    /// The device did not make sure of the person.
    Unverified,
    /// The counter went back.
    Counter,
    /// The key could not be found again without a name.
    NotFoundLater,
    /// The passkey is known, or there are too many.
    Known,
    /// The staff link does not work any more.
    Link,
}

/// What else the script may have to say; it finds out by itself.
const SCRIPT_REASONS: [&str; 9] =
    ["script", "unsupported", "device", "cancelled", "here", "address", "signed-out", "often", "line"];

impl Why {
    const ALL: [Self; 10] = [
        Self::NoAddress,
        Self::Expired,
        Self::Used,
        Self::Unknown,
        Self::Wrong,
        Self::Unverified,
        Self::Counter,
        Self::NotFoundLater,
        Self::Known,
        Self::Link,
    ];

    /// The end of the key in `passkey.ftl`, and what the script is told.
    const fn code(self) -> &'static str {
        match self {
            Self::NoAddress => "no-address",
            Self::Expired => "expired",
            Self::Used => "used",
            Self::Unknown => "unknown",
            Self::Wrong => "wrong",
            Self::Unverified => "unverified",
            Self::Counter => "counter",
            Self::NotFoundLater => "not-found-later",
            Self::Known => "known",
            Self::Link => "link",
        }
    }
}

impl From<IdentityError> for Why {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Address => Self::NoAddress,
            IdentityError::NotVerified => Self::Unverified,
            IdentityError::CounterWentBack => Self::Counter,
            IdentityError::NotDiscoverable => Self::NotFoundLater,
            IdentityError::Malformed | IdentityError::Wrong | IdentityError::Damaged => Self::Wrong,
        }
    }
}

impl From<CeremonyRefused> for Why {
    fn from(refused: CeremonyRefused) -> Self {
        match refused {
            CeremonyRefused::Answered => Self::Used,
            // One that is not there was removed when its time was long over, or never was.
            CeremonyRefused::Unknown | CeremonyRefused::Expired => Self::Expired,
        }
    }
}

impl From<StaffLinkRefused> for Why {
    fn from(_: StaffLinkRefused) -> Self {
        Self::Link
    }
}

/// Ends a step of a ceremony early: with words for the page, or with an error as on every page.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The script shows these words.
    Why(Why),
    /// As everywhere.
    Error(WebError),
}

impl<T: Into<Why>> From<T> for Stop {
    fn from(why: T) -> Self {
        Self::Why(why.into())
    }
}

impl From<WebError> for Stop {
    fn from(error: WebError) -> Self {
        Self::Error(error)
    }
}

impl From<store::StoreError> for Stop {
    fn from(error: store::StoreError) -> Self {
        Self::Error(error.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Self::Why(why) => (StatusCode::CONFLICT, Json(json!({ "why": why.code() }))).into_response(),
            Self::Error(error) => error.into_response(),
        }
    }
}

/// The box on a page in which a ceremony takes place.
pub(crate) struct CeremonyBox {
    /// `register` or `sign-in`, for the script.
    pub(crate) kind: &'static str,
    /// Where the script asks what to ask.
    pub(crate) begin: String,
    /// Where it brings the answer.
    pub(crate) finish: String,
    /// The key of the button's words.
    pub(crate) button: &'static str,
    /// The host name that passkeys are bound to; empty when there are none at this address.
    pub(crate) host: String,
    /// The address that passkeys work at.
    pub(crate) address: String,
}

impl CeremonyBox {
    /// For making a passkey, at an address of which both steps are below.
    pub(crate) fn to_register(ctx: &Ctx, at: &str, button: &'static str) -> Self {
        Self::new(ctx, "register", at, button)
    }

    /// For signing in.
    pub(crate) fn to_sign_in(ctx: &Ctx) -> Self {
        Self::new(ctx, "sign-in", "/sign-in", "passkey-sign-in-button")
    }

    fn new(ctx: &Ctx, kind: &'static str, at: &str, button: &'static str) -> Self {
        let host = ctx.state.relying_party.as_ref().map(|party| party.id().to_owned()).unwrap_or_default();
        let address = ctx.state.settings.base_url.clone();
        Self { kind, begin: format!("{at}/begin"), finish: format!("{at}/finish"), button, host, address }
    }

    pub(crate) fn is_registration(&self) -> bool {
        self.kind == "register"
    }

    /// Every reason that the box may have to show.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = &'static str> {
        SCRIPT_REASONS.into_iter().chain(Why::ALL.map(Why::code))
    }

    /// What is shown until the script runs.
    pub(crate) fn shows_first(&self, why: &&str) -> bool {
        *why == "script"
    }

    pub(crate) fn words(&self, words: &Words, why: &&str) -> String {
        words.with(&format!("passkey-why-{why}"), "address", self.address.as_str())
    }
}

/// What the script brings back.
pub(crate) struct Brought {
    /// Which ceremony.
    pub(crate) handle: Token,
    /// The browser's answer, as it came.
    pub(crate) answer: Vec<u8>,
    /// What the passkey is to be called.
    label: Option<String>,
}

impl Brought {
    /// Reads it.
    ///
    /// # Errors
    /// [`WebError::BadRequest`].
    pub(crate) fn read(body: &Bytes) -> Result<Self, WebError> {
        #[derive(Deserialize)]
        struct Sent {
            handle: String,
            answer: Value,
            #[serde(default)]
            label: Option<String>,
        }
        let sent: Sent = serde_json::from_slice(body).map_err(|_| WebError::BadRequest)?;
        let handle = Token::from_text(&sent.handle).ok_or(WebError::BadRequest)?;
        let answer = serde_json::to_vec(&sent.answer).map_err(|_| WebError::BadRequest)?;
        Ok(Self { handle, answer, label: sent.label })
    }

    /// The label in one line, shortened; the usual one when there is none.
    fn label(&self, words: Words) -> Personal<String> {
        let given = self.label.as_deref().unwrap_or_default();
        let given: String =
            given.chars().filter(|letter| !letter.is_control()).take(LABEL_CHARS_MAX).collect();
        let given = given.trim();
        Personal::new(if given.is_empty() { words.get("passkey-label-default") } else { given.to_owned() })
    }
}

/// The relying party of this address.
pub(crate) fn party(ctx: &Ctx) -> Result<&RelyingParty, Stop> {
    ctx.state.relying_party.as_ref().ok_or(Stop::Why(Why::NoAddress))
}

/// What the script gets to hand to the browser.
pub(crate) fn asks(handle: &Token, options: &impl Serialize) -> Response {
    Json(json!({ "handle": handle.reveal(), "options": options })).into_response()
}

/// Where the page goes when all is well.
pub(crate) fn goes_to(path: &str) -> Response {
    Json(json!({ "to": path })).into_response()
}

/// Begins to make a passkey for somebody. `fresh` leaves out what the device must not hold already: older passkeys
/// are about to end, and the new one takes the place of one on the same device.
pub(crate) async fn begin_registration(
    ctx: &Ctx,
    person: PersonId,
    initials: &Personal<String>,
    fresh: Option<StaffLinkId>,
    keeps_others: bool,
) -> Result<Response, Stop> {
    let existing =
        if keeps_others { ctx.state.db.credentials_of(person, ctx.now).await? } else { Vec::new() };
    let existing: Vec<Credential> = existing.into_iter().map(Credential::from_bytes).collect();
    let (options, state) = party(ctx)?.begin_registration(person, initials, &existing)?;
    let (kind, state) = (CeremonyKind::Register, state.into_bytes());
    let new = NewCeremony { kind, person: Some(person), staff_link: fresh, state };
    Ok(asks(&ctx.state.db.begin_ceremony(&new, ctx.now).await?, &options))
}

/// Takes the registration that was begun for this person by this way, and checks the answer.
pub(crate) async fn finish_registration(
    ctx: &Ctx,
    brought: &Brought,
    person: PersonId,
    by_link: Option<StaffLinkId>,
) -> Result<NewPasskey, Stop> {
    let taken = ctx.state.db.take_ceremony(&brought.handle, CeremonyKind::Register, ctx.now).await?;
    let Ceremony { person: registers, staff_link, state } = taken?;
    if registers != Some(person) || staff_link != by_link {
        return Err(Stop::Why(Why::Expired));
    }
    let answer = RegistrationAnswer::read(&brought.answer)?;
    let made = party(ctx)?.finish_registration(&answer, &State::from_bytes(state))?;
    let label = brought.label(ctx.words);
    Ok(NewPasskey { credential_hash: made.credential_hash, credential: made.credential.into_bytes(), label })
}
