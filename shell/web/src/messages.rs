//! What was sent for an appointment, is on its way, failed or is in doubt: for its hosts only, with *send once more*
//! and a word about what may have happened (SEC-060).

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::response::{Html, Redirect};
use domain::audit::Purpose;
use domain::message::{Channel, MessageKind, Reason, State};
use ids::{AppointmentId, MessageId, Timestamp};
use serde::Deserialize;
use store::{Meeting, MessageLine};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::notice::Told;
use crate::page::Page;

#[derive(Template)]
#[template(path = "message/index.html")]
pub(crate) struct MessagesPage {
    pub(crate) page: Page,
    /// When the appointment is, in words.
    pub(crate) when: String,
    /// Where the form goes.
    pub(crate) action: String,
    /// Back to the hour.
    pub(crate) back: String,
    pub(crate) lines: Vec<Line>,
    /// How people are told, while there is something to tell.
    pub(crate) told: Option<Told>,
}

/// One message, by initials: other eyes may fall on this page (CARE-12).
pub(crate) struct Line {
    pub(crate) id: MessageId,
    pub(crate) initials: String,
    pub(crate) name: String,
    pub(crate) kind: MessageKind,
    pub(crate) channel: Channel,
    pub(crate) state: State,
    pub(crate) reason: Option<Reason>,
    /// What to know about it, with the moment it is about.
    pub(crate) text: String,
    /// Whether a press sends it again.
    pub(crate) may_again: bool,
    /// Whether it is of no use any more.
    pub(crate) too_late: bool,
    /// Whether the hour has changed since, so that a newer message says how it is.
    pub(crate) superseded: bool,
}

impl Line {
    fn of(page: &Page, meeting: &Meeting, line: &MessageLine, now: Timestamp) -> Option<Self> {
        let invitee = meeting.people.iter().find(|one| one.invitation.person == line.person)?;
        let progress = line.progress;
        let stuck = matches!(progress.state, State::Failed | State::InDoubt);
        let too_late = now > progress.useless_after;
        Some(Self {
            id: line.id,
            initials: invitee.name.initials().into_revealed(),
            name: invitee.name.full().into_revealed(),
            kind: line.kind,
            channel: line.channel,
            state: progress.state,
            reason: progress.reason.filter(|_| stuck || progress.state == State::Queued),
            text: text(page, line),
            may_again: stuck && !too_late && !line.superseded,
            too_late: stuck && too_late,
            superseded: stuck && !too_late && line.superseded,
        })
    }

    pub(crate) const fn kind_key(&self) -> &'static str {
        match self.kind {
            MessageKind::Invitation => "message-kind-invitation",
            MessageKind::Moved => "message-kind-moved",
            MessageKind::OtherWay => "message-kind-other-way",
            MessageKind::OtherHost => "message-kind-other-host",
            MessageKind::Cancelled => "message-kind-cancelled",
            MessageKind::Reminder => "message-kind-reminder",
            MessageKind::NewLink => "message-kind-new-link",
            MessageKind::LookIn => "message-kind-look-in",
        }
    }

    pub(crate) const fn channel_key(&self) -> &'static str {
        match self.channel {
            Channel::Mail => "message-by-mail",
            Channel::Sms => "message-by-sms",
        }
    }

    pub(crate) const fn state_key(&self) -> &'static str {
        match self.state {
            State::Queued => "message-state-queued",
            State::Claimed => "message-state-claimed",
            State::Sent => "message-state-sent",
            State::Failed => "message-state-failed",
            State::InDoubt => "message-state-in-doubt",
            State::Withdrawn => "message-state-withdrawn",
        }
    }

    /// The colour of the tag; the word says the same.
    pub(crate) const fn color(&self) -> &'static str {
        match self.state {
            State::Failed => "danger",
            State::InDoubt => "warning",
            State::Sent => "success",
            State::Queued | State::Claimed | State::Withdrawn => "neutral",
        }
    }

    pub(crate) const fn in_doubt(&self) -> bool {
        matches!(self.state, State::InDoubt)
    }

    /// The key of the sentence about why.
    pub(crate) fn reason_key(&self) -> Option<&'static str> {
        self.reason.map(reason_key)
    }

    /// What the button says to whoever does not see what it stands beside.
    pub(crate) fn again(&self, page: &Page) -> String {
        let kind = page.words.get(self.kind_key());
        page.words.with_all(
            "message-again-which",
            [("kind", kind.into()), ("initials", self.initials.as_str().into())],
        )
    }
}

const fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::NoAddress => "message-reason-no-address",
        Reason::TooLate => "message-reason-too-late",
        Reason::NotInvited => "message-reason-not-invited",
        Reason::Superseded => "message-reason-superseded",
        Reason::Unreachable => "message-reason-unreachable",
        Reason::NotTrusted => "message-reason-not-trusted",
        Reason::SignInRefused => "message-reason-sign-in-refused",
        Reason::Busy => "message-reason-busy",
        Reason::Refused => "message-reason-refused",
        Reason::RecipientRefused => "message-reason-recipient-refused",
        Reason::Silence => "message-reason-silence",
        Reason::LineLost => "message-reason-line-lost",
        Reason::GatewayFault => "message-reason-gateway-fault",
        Reason::Stopped => "message-reason-stopped",
        Reason::LeaseOver => "message-reason-lease-over",
    }
}

/// What to know about a message.
fn text(page: &Page, line: &MessageLine) -> String {
    let when = |key: &str, at: Timestamp| page.words.with(key, "when", when(page, at));
    let progress = line.progress;
    match progress.state {
        State::Queued if progress.reason.is_some() => when("message-text-retry", progress.due),
        State::Queued => when("message-text-queued", progress.due),
        State::Claimed => page.words.get("message-text-claimed"),
        State::Sent => when("message-text-sent", line.since),
        State::Failed => page.words.get("message-text-failed"),
        State::InDoubt => page.words.get("message-text-in-doubt"),
        State::Withdrawn => page.words.get("message-text-withdrawn"),
    }
}

/// A moment as it is written: day and time.
fn when(page: &Page, at: Timestamp) -> String {
    page.words.with_all("message-when", [("day", page.day(at).into()), ("time", page.time(at).into())])
}

/// `GET /appointment/{id}/messages`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let appointment = own(&ctx, &id).await?;
    let meeting = ctx.state.db.meeting(ctx.by()?, Purpose::Care, appointment).await?;
    let messages = ctx.state.db.messages_of(ctx.by()?, Purpose::Care, appointment).await?;
    let page = Page::new(&ctx);
    let lines = messages.iter().filter_map(|line| Line::of(&page, &meeting, line, ctx.now)).collect();
    let Meeting { appointment: hour, state, .. } = meeting;
    let when = when(&page, hour.window.starts);
    let back = format!("/appointment/{appointment}");
    let action = format!("{back}/messages");
    let stands = hour.cancelled.is_none() && !state.is_ended() && ctx.now < hour.window.ends;
    let told = match stands {
        true => Some(Told::of_hour(hour.notice, is_protected(&ctx, appointment).await?)),
        false => None,
    };
    Ok(Html(MessagesPage { page, when, action, back, lines, told }.render()?))
}

/// The form behind *send once more*.
#[derive(Deserialize)]
pub(crate) struct Again {
    message: String,
}

/// `POST /appointment/{id}/messages`: sends one of the appointment's messages once more. A message that meanwhile went
/// its way by itself is left alone; the page then shows how it stands.
pub(crate) async fn send_again(
    ctx: Ctx,
    Path(id): Path<String>,
    Form(form): Form<Again>,
) -> Result<Redirect, WebError> {
    let appointment = own(&ctx, &id).await?;
    let wanted: MessageId = form.message.parse().map_err(|_| WebError::NotFound)?;
    let messages = ctx.state.db.messages_of(ctx.by()?, Purpose::Care, appointment).await?;
    if !messages.iter().any(|line| line.id == wanted) {
        return Err(WebError::NotFound);
    }
    ctx.state.db.send_message_again(ctx.by()?, wanted).await?;
    Ok(Redirect::to(&format!("/appointment/{appointment}/messages")))
}

/// `POST /appointment/{id}/messages/tell`: tells whoever does not know of the hour, or not as it is now; whoever knows
/// is left alone, however often it is pressed.
pub(crate) async fn tell(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Redirect, WebError> {
    let appointment = own(&ctx, &id).await?;
    let is_protected = is_protected(&ctx, appointment).await?;
    if let Some(notice) = Told::kept(&fields, is_protected).notice() {
        let timetable = ctx.state.settings.timetable();
        ctx.state.db.tell_now(ctx.by()?, appointment, notice, &timetable).await?;
    }
    Ok(Redirect::to(&format!("/appointment/{appointment}/messages")))
}

/// Whether somebody whom an hour concerns has a protected address.
async fn is_protected(ctx: &Ctx, appointment: AppointmentId) -> Result<bool, WebError> {
    Ok(!ctx.state.db.carries_a_link_by_itself(ctx.by()?, appointment).await?)
}

/// The appointment, when whoever is signed in is a host of it and still treats (SEC-094); for others there is no such
/// page (SEC-028). Asked before anything personal is read.
async fn own(ctx: &Ctx, id: &str) -> Result<AppointmentId, WebError> {
    let sign_in = ctx.signed_in()?.sign_in.id;
    let appointment = id.parse().map_err(|_| WebError::NotFound)?;
    if ctx.has_day().await? && ctx.state.db.is_browser_of_host(sign_in, appointment, ctx.now).await? {
        Ok(appointment)
    } else {
        Err(WebError::NotFound)
    }
}
