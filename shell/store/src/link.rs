//! Personal links: a door handle, not the door (CARE-13, SEC-009).
//!
//! Looking at a link writes nothing but the log of the reading; scanners and previews may fetch it as often as they
//! like. Only a press binds it, to one browser. A new link takes the old one's place in one step, and the browser
//! that had pressed the old one is out: the old one may have gone to the wrong number.

use core::time::Duration;

use domain::audit::{Action, Actor, AuditEvent, Object, Purpose};
use domain::meeting::{PersonalLink, Window};
use domain::people::Language;
use domain::vouching::KnownBy;
use ids::{
    AppointmentId, Assurance, InvitationId, LinkId, OrganizationId, PersonId, Personal, SessionId, SignInId,
    Timestamp,
};
use sqlx::types::Uuid;

use crate::By;
use crate::change::Subject;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::entropy::random_id_part;
use crate::error::{Result, StoreError};
use crate::invitation::InvitationPlace;
use crate::person::Name;
use crate::sign_in::NewSignIn;
use crate::token::Token;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// How long after a meeting's door has closed its links still lead to the page that says so.
const LINK_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a link works at least, also when it is made after the meeting.
const LINK_AT_LEAST: Duration = Duration::from_secs(60 * 60);
/// How long a link can be pressed that is shown to the person in the flesh.
pub(crate) const VOUCHED_LINK_LASTS: Duration = Duration::from_secs(15 * 60);

/// A new link with its token, which is shown once and stored as a hash only.
#[derive(Debug)]
pub struct IssuedLink {
    /// The link.
    pub link: PersonalLink,
    /// What goes into the address.
    pub token: Token,
}

/// What somebody who opened a link may see before pressing.
#[derive(Debug, Clone)]
pub struct SeenLink {
    /// The link.
    pub link: LinkId,
    /// The appointment.
    pub appointment: AppointmentId,
    /// When it is.
    pub window: Window,
    /// The recognition sign.
    pub sign: Option<Personal<String>>,
    /// Who invites.
    pub inviter: Name,
    /// The invited person's language.
    pub language: Language,
    /// Whether a press would work.
    pub look: LinkLook,
}

/// Whether pressing works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkLook {
    /// Nobody has pressed yet.
    Fresh,
    /// This very browser pressed before.
    Yours,
    /// It does not work.
    Refused(LinkRefused),
}

/// Why a link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkRefused {
    /// There is no such link.
    Unknown,
    /// A newer one took its place, or it was revoked.
    Replaced,
    /// Its time is over.
    Expired,
    /// Another browser pressed it; the clinician can send a new one.
    BoundElsewhere,
}

/// A press that worked.
#[derive(Debug)]
pub struct Pressed {
    /// The sign-in that now may use the invitation.
    pub sign_in: SignInId,
    /// The cookie's token; `None` when the browser keeps the cookie that it sent.
    pub cookie: Option<Token>,
    /// Whose invitation.
    pub person: PersonId,
    /// To which appointment.
    pub appointment: AppointmentId,
    /// Its session.
    pub session: SessionId,
}

impl Db {
    /// Makes a new personal link; in the same step every older one of the invitation stops working, and browsers
    /// that came in by one are out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn issue_link(&self, by: By, invitation: InvitationId) -> Result<IssuedLink> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let place = tx.invitation_place(invitation).await?;
            tx.replace_links(invitation, &place).await?;
            let issued = tx.insert_link(invitation, &place).await?;
            let event = AuditEvent::new(Action::LinkIssued).of(place.organization).about(place.person);
            tx.commit(event.on(Object::Link(issued.link.id))).await?;
            Ok(issued)
        })
        .await
    }

    /// Makes a link for somebody who stands before the member of staff who shows it: it works for minutes, and whoever
    /// presses it is vouched for (SEC-085). Older links of the invitation stop working, as with [`Db::issue_link`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn issue_vouched_link(
        &self,
        by: By,
        invitation: InvitationId,
        known: KnownBy,
    ) -> Result<IssuedLink> {
        const SQL: &str =
            "UPDATE personal_link SET vouched_by = $2, vouched_how = $3, expires = $4 WHERE id = $1";
        let Actor::Person(voucher) = by.actor else { return Err(StoreError::NotFound) };
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let place = tx.invitation_place(invitation).await?;
            tx.replace_links(invitation, &place).await?;
            let mut issued = tx.insert_link(invitation, &place).await?;
            let id = issued.link.id;
            issued.link.expires = issued.link.created.plus(VOUCHED_LINK_LASTS);
            change!(tx, SQL, id.uuid(), voucher.uuid(), known.code(), issued.link.expires.as_millis())?;
            let event = |action| AuditEvent::new(action).of(place.organization).about(place.person);
            tx.also(event(Action::LinkIssued).on(Object::Link(id)));
            tx.commit(event(Action::Vouched).on(Object::Link(id))).await?;
            Ok(issued)
        })
        .await
    }

    /// Revokes the invitation's links without making a new one; whether there was one that worked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn revoke_links(&self, by: By, invitation: InvitationId) -> Result<bool> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let place = tx.invitation_place(invitation).await?;
            if tx.replace_links(invitation, &place).await? == 0 {
                return Ok(false);
            }
            let event = AuditEvent::new(Action::LinkRevoked).of(place.organization).about(place.person);
            tx.commit(event.on(Object::Invitation(invitation))).await?;
            Ok(true)
        })
        .await
    }

    /// What the page behind a link shows. Binds and consumes nothing (SEC-009); `None` when there is no such link.
    ///
    /// `browser` is the sign-in of the cookie that came along, when it is good.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn see_link(
        &self,
        token: &Token,
        browser: Option<SignInId>,
        now: Timestamp,
    ) -> Result<Option<SeenLink>> {
        let mut look = self.look(now).await?;
        let found = look.link_by_token(token).await?;
        look.done().await?;
        let Some(link) = found else { return Ok(None) };
        let mut tx = self.read(Actor::Link(link.id), Purpose::Own, now).await?;
        let seen = tx.seen_link(&link, browser, now).await?;
        tx.answer(Unlogged(Some(seen))).await
    }

    /// Her press: binds a fresh link to this browser, or finds that it is bound to it already.
    ///
    /// A browser that is signed in as the same person keeps its cookie and gets this invitation as well.
    ///
    /// # Errors
    /// When nothing was written. A link that does not work is an answer.
    pub async fn press_link(
        &self,
        token: &Token,
        browser: Option<SignInId>,
        now: Timestamp,
    ) -> Result<Result<Pressed, LinkRefused>> {
        retrying(|| async move {
            let mut tx = self.write(Actor::System, now).await?;
            let Some(link) = tx.link_by_token(token).await? else { return Ok(Err(LinkRefused::Unknown)) };
            match look_of(&link, browser, now) {
                LinkLook::Refused(why) => Ok(Err(why)),
                LinkLook::Yours => tx.pressed_again(&link).await.map(Ok),
                LinkLook::Fresh => tx.bind_link(&link, browser).await.map(Ok),
            }
        })
        .await
    }
}

/// Whether pressing would work for this browser; the words for what `domain` decides.
fn look_of(link: &PersonalLink, browser: Option<SignInId>, now: Timestamp) -> LinkLook {
    if link.may_press(browser, now) {
        return if link.bound.is_some() { LinkLook::Yours } else { LinkLook::Fresh };
    }
    LinkLook::Refused(if link.replaced.is_some() {
        LinkRefused::Replaced
    } else if link.bound.is_some() && link.bound != browser {
        LinkRefused::BoundElsewhere
    } else {
        LinkRefused::Expired
    })
}

impl<Mode> Tx<'_, Mode> {
    async fn link_by_token(&mut self, token: &Token) -> Result<Option<PersonalLink>> {
        const SQL: &str = "SELECT id, invitation, created, expires, bound, replaced FROM personal_link \
             WHERE token_hash = $1";
        type Row = (Uuid, Uuid, i64, i64, Option<Uuid>, Option<i64>);
        let token_hash = token.hash();
        let found = row!(self, SQL, Row, token_hash.to_vec())?;
        Ok(found.map(|(id, invitation, created, expires, bound, replaced)| PersonalLink {
            id: LinkId::from_uuid(id),
            invitation: InvitationId::from_uuid(invitation),
            token_hash,
            created: Timestamp::from_millis(created),
            expires: Timestamp::from_millis(expires),
            bound: bound.map(SignInId::from_uuid),
            replaced: replaced.map(Timestamp::from_millis),
        }))
    }
}

impl Tx<'_, Read> {
    async fn seen_link(
        &mut self,
        link: &PersonalLink,
        browser: Option<SignInId>,
        now: Timestamp,
    ) -> Result<SeenLink> {
        const SQL: &str = "SELECT n.id, n.organization, n.given_name, n.family_name, g.language \
             FROM appointment a JOIN person n ON n.id = a.responsible \
             JOIN invitation i ON i.appointment = a.id JOIN person g ON g.id = i.person WHERE i.id = $1";
        type Row = (Uuid, Uuid, Vec<u8>, Vec<u8>, String);
        let place = self.invitation_place(link.invitation).await?;
        let (appointment, _) = self.appointment(place.appointment).await?;
        let found = row!(self, SQL, Row, link.invitation.uuid())?.ok_or(StoreError::NotFound)?;
        let (inviter, register, given, family, language) = found;
        let register = OrganizationId::from_uuid(register);
        let inviter = self.open_name(register, PersonId::from_uuid(inviter), &given, &family).await?;
        self.have_read(place.organization, place.person, Object::Link(link.id));
        Ok(SeenLink {
            link: link.id,
            appointment: appointment.id,
            window: appointment.window,
            sign: appointment.sign,
            inviter,
            language: decode(&language, "person.language")?,
            look: look_of(link, browser, now),
        })
    }
}

impl Tx<'_, Write> {
    pub(crate) async fn insert_link(
        &mut self,
        invitation: InvitationId,
        place: &InvitationPlace,
    ) -> Result<IssuedLink> {
        const SQL: &str = "INSERT INTO personal_link (id, invitation, token_hash, created, expires) \
             VALUES ($1, $2, $3, $4, $5)";
        let created = self.now();
        let token = Token::generate()?;
        let link = PersonalLink {
            id: LinkId::from_parts(created, random_id_part()?),
            invitation,
            token_hash: token.hash(),
            created,
            expires: place.closes.plus(LINK_KEPT).max(created.plus(LINK_AT_LEAST)),
            bound: None,
            replaced: None,
        };
        let (hash, expires) = (link.token_hash.to_vec(), link.expires.as_millis());
        change!(self, SQL, link.id.uuid(), invitation.uuid(), hash, created.as_millis(), expires)?;
        Ok(IssuedLink { link, token })
    }

    /// Takes every working link of an invitation away, and the invitation from browsers that came in by one.
    pub(crate) async fn replace_links(
        &mut self,
        invitation: InvitationId,
        place: &InvitationPlace,
    ) -> Result<u64> {
        const SQL: &str = "UPDATE personal_link SET replaced = $2 WHERE invitation = $1 AND replaced IS NULL";
        const SQL_OUT: &str = "SELECT sign_in FROM sign_in_scope WHERE invitation = $1 AND ended IS NULL";
        const SQL_END: &str = "UPDATE sign_in_scope SET ended = $2 WHERE invitation = $1 AND ended IS NULL";
        let now = self.now().as_millis();
        for (sign_in,) in rows!(self, SQL_OUT, (Uuid,), invitation.uuid())? {
            self.changed(Subject::SignIn(SignInId::from_uuid(sign_in)));
            self.changed(Subject::Participant(place.participant));
        }
        change!(self, SQL_END, invitation.uuid(), now)?;
        change!(self, SQL, invitation.uuid(), now)
    }

    /// Binds a fresh link to the browser that pressed.
    async fn bind_link(mut self, link: &PersonalLink, browser: Option<SignInId>) -> Result<Pressed> {
        const SQL: &str =
            "UPDATE personal_link SET bound = $2, bound_at = $3 WHERE id = $1 AND bound IS NULL";
        let place = self.invitation_place(link.invitation).await?;
        let until = place.closes.plus(LINK_KEPT).max(link.expires);
        let (sign_in, cookie) = match self.good_sign_in_of(browser, place.person).await? {
            Some(sign_in) => {
                self.prolong_sign_in(sign_in, until).await?;
                (sign_in, None)
            }
            None => {
                let lifetime = until.since(self.now());
                let new = NewSignIn { person: place.person, assurance: Assurance::Link, lifetime };
                let (sign_in, token) = self.insert_sign_in(&new).await?;
                (sign_in, Some(token))
            }
        };
        self.add_scope(sign_in, link.invitation).await?;
        self.vouch_as_link(sign_in, link.id).await?;
        let now = self.now().as_millis();
        change!(self, SQL, link.id.uuid(), sign_in.uuid(), now)?;
        let event = AuditEvent::new(Action::LinkBound).of(place.organization).about(place.person);
        self.act_as(Actor::Link(link.id));
        self.commit(event.on(Object::Link(link.id))).await?;
        Ok(pressed(&place, sign_in, cookie))
    }

    /// Whoever pressed a link that was shown to them in the flesh is vouched for; a full sign-in needs nobody's word.
    async fn vouch_as_link(&mut self, sign_in: SignInId, link: LinkId) -> Result<()> {
        const SQL: &str = "UPDATE sign_in SET assurance = 'vouched', \
             vouched_by = (SELECT l.vouched_by FROM personal_link l WHERE l.id = $2), \
             vouched_how = (SELECT l.vouched_how FROM personal_link l WHERE l.id = $2) \
             WHERE id = $1 AND assurance <> 'signed_in' AND EXISTS \
             (SELECT 1 FROM personal_link l WHERE l.id = $2 AND l.vouched_by IS NOT NULL)";
        change!(self, SQL, sign_in.uuid(), link.uuid())?;
        Ok(())
    }

    /// The same browser pressed again; nothing changes.
    async fn pressed_again(mut self, link: &PersonalLink) -> Result<Pressed> {
        let place = self.invitation_place(link.invitation).await?;
        let sign_in = link.bound.ok_or(StoreError::Damaged { column: "personal_link.bound" })?;
        Ok(pressed(&place, sign_in, None))
    }
}

const fn pressed(place: &InvitationPlace, sign_in: SignInId, cookie: Option<Token>) -> Pressed {
    let InvitationPlace { person, appointment, session, .. } = *place;
    Pressed { sign_in, cookie, person, appointment, session }
}
