//! Devices that staff lend to a guest for one hour (SEC-085…SEC-089).
//!
//! Three presses: a member of staff says for whom and goes out (*I have left the room*), which signs them out on that
//! browser; the guest presses *start*, which alone opens the hour; leaving closes it again. Nothing of it outlasts the
//! hour, and nothing but that hour is ever open there.

use domain::audit::{Action, AuditEvent, Object, Purpose};
use domain::door::Planned;
use domain::meeting::{Appointment, Mode, SessionState, Window};
use domain::vouching::{self, Hour, KnownBy, NotLent, assurance, may_vouch};
use ids::{
    AppointmentId, Assurance, InvitationId, OrganizationId, PersonId, Personal, Role, SessionId, SignInId,
};
use sqlx::types::Uuid;

use crate::By;
use crate::codes::{Code, decode};
use crate::db::{Db, retrying};
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::sealed::Column;
use crate::sign_in::NewSignIn;
use crate::token::Token;
use crate::tx::{Read, Tx, Unlogged, Write, change, row, rows};

/// An hour for which whoever asks may lend the browser that they ask with.
#[derive(Debug, Clone)]
pub struct Lendable {
    /// Its time.
    pub window: Window,
    /// Why the browser cannot be lent now; what is asked of the rules changes with the clock.
    pub refused: Option<NotLent>,
    /// To whom.
    pub people: Vec<LentTo>,
    /// The role of whoever asks.
    pub role: Role,
    /// How sure we are of whoever asks: nobody makes anybody surer than that.
    pub assurance: Assurance,
}

/// Somebody to whom a browser may be lent.
#[derive(Debug, Clone)]
pub struct LentTo {
    /// By which invitation they come.
    pub invitation: InvitationId,
    /// Who.
    pub name: Name,
    /// In which role.
    pub role: Role,
}

/// For whom a browser is lent, and by what whoever lends it knows them.
#[derive(Debug, Clone, Copy)]
pub struct Lending {
    /// For which hour.
    pub appointment: AppointmentId,
    /// To whom.
    pub invitation: InvitationId,
    /// By what they are known, if whoever lends says so.
    pub known: Option<KnownBy>,
}

/// What the page shows on a lent browser before she presses *start*.
#[derive(Debug, Clone)]
pub struct LentHour {
    /// Its time.
    pub window: Window,
    /// The first name of whoever answers for it.
    pub clinician: Personal<String>,
    /// Its session.
    pub session: SessionId,
    /// Whether *start* was pressed.
    pub has_begun: bool,
}

/// Whoever lends, as the browser that asks stands in the hour.
struct Voucher {
    person: PersonId,
    register: OrganizationId,
    role: Role,
    assurance: Assurance,
}

impl Db {
    /// The hour for which this browser may be lent; logged. An hour in which its person is neither host nor invited from
    /// where the young person lives is not there (SEC-028).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn lendable(&self, by: By, browser: SignInId, appointment: AppointmentId) -> Result<Lendable> {
        let mut look = self.look(by.now).await?;
        let voucher = look.voucher(browser, appointment).await?;
        look.done().await?;
        let voucher = voucher.ok_or(StoreError::NotFound)?;
        let mut tx = self.read(by.actor, Purpose::Meeting, by.now).await?;
        let (found, state) = tx.appointment(appointment).await?;
        let people = tx.lent_to(&found, voucher.role).await?;
        tx.answer(Unlogged(Lendable {
            window: found.window,
            refused: vouching::lend(&hour(&found, state), by.now).err(),
            people,
            role: voucher.role,
            assurance: voucher.assurance,
        }))
        .await
    }

    /// Lends this browser: whoever lends it is signed out on it in the same write, and the token of the new sign-in goes
    /// into its cookie. It opens nothing before [`Db::take_lent`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not theirs to lend, or not to them. That it cannot be lent now is an answer.
    pub async fn lend(
        &self,
        by: By,
        browser: SignInId,
        lending: Lending,
    ) -> Result<core::result::Result<Token, NotLent>> {
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let found = tx.voucher(browser, lending.appointment).await?;
            let voucher = found.ok_or(StoreError::NotFound)?;
            let guest = tx.guest(lending).await?.filter(|(_, role)| may_vouch(voucher.role, *role));
            let (person, _) = guest.ok_or(StoreError::NotFound)?;
            let (appointment, state) = tx.appointment(lending.appointment).await?;
            if let Err(why) = vouching::lend(&hour(&appointment, state), by.now) {
                return Ok(Err(why));
            }
            let token = tx.make_lent(&appointment, &voucher, person, lending).await?;
            tx.end_sign_in_of(voucher.register, voucher.person, browser).await?;
            let event = AuditEvent::new(Action::DeviceLent).of(appointment.organization).about(person);
            tx.commit(event.on(Object::Invitation(lending.invitation))).await?;
            Ok(Ok(token))
        })
        .await
    }

    /// What a lent browser shows before *start*; logged. `None` when this one was not lent or is closed.
    ///
    /// # Errors
    /// When the database does not answer or the reading could not be logged.
    pub async fn lent_hour(&self, by: By, browser: SignInId) -> Result<Option<LentHour>> {
        const SQL: &str = "SELECT a.id, g.person, g.shared_begun, n.id, n.organization, n.given_name \
             FROM sign_in g JOIN invitation i ON i.id = g.shared_for JOIN appointment a ON a.id = i.appointment \
             JOIN person n ON n.id = a.responsible WHERE g.id = $1 AND g.ended IS NULL AND g.expires > $2";
        type Row = (Uuid, Uuid, Option<i64>, Uuid, Uuid, Vec<u8>);
        let mut tx = self.read(by.actor, Purpose::Own, by.now).await?;
        let found = row!(tx, SQL, Row, browser.uuid(), by.now.as_millis())?;
        let Some((id, person, begun, clinician, register, given)) = found else { return Ok(None) };
        let (found, _) = tx.appointment(AppointmentId::from_uuid(id)).await?;
        let (register, clinician) = (OrganizationId::from_uuid(register), PersonId::from_uuid(clinician));
        let given = tx.open(register, Column::GIVEN_NAME, clinician.as_bytes(), &given).await?;
        tx.have_read(found.organization, PersonId::from_uuid(person), Object::Appointment(found.id));
        tx.answer(Unlogged(Some(LentHour {
            window: found.window,
            clinician: given,
            session: found.session,
            has_begun: begun.is_some(),
        })))
        .await
    }

    /// She pressed *start*: from now on the browser opens the hour that it was lent for, and no other. Where it leads;
    /// `None` when it was not lent or is closed. A second press is the same.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn take_lent(&self, by: By, browser: SignInId) -> Result<Option<SessionId>> {
        const SQL: &str = "SELECT shared_for, shared_begun FROM sign_in \
             WHERE id = $1 AND shared_for IS NOT NULL AND ended IS NULL AND expires > $2";
        const SQL_BEGUN: &str = "UPDATE sign_in SET shared_begun = $2 WHERE id = $1";
        retrying(|| async move {
            let mut tx = self.write(by.actor, by.now).await?;
            let found = row!(tx, SQL, (Uuid, Option<i64>), browser.uuid(), by.now.as_millis())?;
            let Some((invitation, begun)) = found else { return Ok(None) };
            let invitation = InvitationId::from_uuid(invitation);
            let place = tx.invitation_place(invitation).await?;
            if begun.is_none() {
                tx.add_scope(browser, invitation).await?;
                change!(tx, SQL_BEGUN, browser.uuid(), by.now.as_millis())?;
                let event =
                    AuditEvent::new(Action::LentDeviceTaken).of(place.organization).about(place.person);
                tx.commit(event.on(Object::SignIn(browser))).await?;
            }
            Ok(Some(place.session))
        })
        .await
    }
}

/// What the rules of lending ask about an appointment.
const fn hour(appointment: &Appointment, state: SessionState) -> Hour {
    let planned = match (appointment.cancelled, appointment.mode) {
        (Some(_), _) => Planned::Cancelled,
        (None, Mode::Video) => Planned::OnScreen,
        (None, Mode::Phone | Mode::Office | Mode::Visit) => Planned::OffScreen,
    };
    Hour { window: appointment.window, planned, has_ended: state.is_ended() }
}

impl<Kind> Tx<'_, Kind> {
    /// As what this browser's person stands in an hour, if they may vouch for anybody in it; ids only.
    async fn voucher(&mut self, browser: SignInId, appointment: AppointmentId) -> Result<Option<Voucher>> {
        const SQL: &str = "SELECT g.person, n.organization, i.role, g.assurance FROM sign_in g \
             JOIN invitation i ON i.person = g.person JOIN person n ON n.id = g.person \
             WHERE g.id = $1 AND i.appointment = $2 AND g.ended IS NULL AND g.expires > $3 \
             AND i.role IN ('host', 'care_worker') AND i.withdrawn_at IS NULL AND i.ended_for IS NULL \
             AND NOT EXISTS (SELECT 1 FROM block b \
             WHERE b.appointment = i.appointment AND b.person = i.person AND b.lifted IS NULL) \
             AND (g.assurance = 'signed_in' OR EXISTS (SELECT 1 FROM sign_in_scope c \
             WHERE c.sign_in = g.id AND c.invitation = i.id AND c.ended IS NULL))";
        type Row = (Uuid, Uuid, String, String);
        let now = self.now().as_millis();
        let found = row!(self, SQL, Row, browser.uuid(), appointment.uuid(), now)?;
        let Some((person, register, role, assurance)) = found else { return Ok(None) };
        Ok(Some(Voucher {
            person: PersonId::from_uuid(person),
            register: OrganizationId::from_uuid(register),
            role: decode(&role, "invitation.role")?,
            assurance: decode(&assurance, "sign_in.assurance")?,
        }))
    }

    /// Whose invitation it is and in which role, if it stands and is to this hour.
    async fn guest(&mut self, lending: Lending) -> Result<Option<(PersonId, Role)>> {
        const SQL: &str = "SELECT i.person, i.role FROM invitation i WHERE i.id = $1 AND i.appointment = $2 \
             AND i.withdrawn_at IS NULL AND i.ended_for IS NULL AND NOT EXISTS (SELECT 1 FROM block b \
             WHERE b.appointment = i.appointment AND b.person = i.person AND b.lifted IS NULL)";
        let (invitation, appointment) = (lending.invitation.uuid(), lending.appointment.uuid());
        let Some((person, role)) = row!(self, SQL, (Uuid, String), invitation, appointment)? else {
            return Ok(None);
        };
        Ok(Some((PersonId::from_uuid(person), decode(&role, "invitation.role")?)))
    }
}

impl Tx<'_, Read> {
    /// Those to whom somebody with this role may lend a browser, with their names.
    async fn lent_to(&mut self, appointment: &Appointment, voucher: Role) -> Result<Vec<LentTo>> {
        const SQL: &str = "SELECT i.id, i.role, n.id, n.organization, n.given_name, n.family_name \
             FROM invitation i JOIN person n ON n.id = i.person WHERE i.appointment = $1 \
             AND i.withdrawn_at IS NULL AND i.ended_for IS NULL AND NOT EXISTS (SELECT 1 FROM block b \
             WHERE b.appointment = i.appointment AND b.person = i.person AND b.lifted IS NULL) ORDER BY i.id";
        type Row = (Uuid, String, Uuid, Uuid, Vec<u8>, Vec<u8>);
        let mut people = Vec::new();
        for (id, role, person, register, given, family) in rows!(self, SQL, Row, appointment.id.uuid())? {
            let role = decode(&role, "invitation.role")?;
            if !may_vouch(voucher, role) {
                continue;
            }
            let (person, register) = (PersonId::from_uuid(person), OrganizationId::from_uuid(register));
            let name = self.open_name(register, person, &given, &family).await?;
            self.have_read(appointment.organization, person, Object::Appointment(appointment.id));
            people.push(LentTo { invitation: InvitationId::from_uuid(id), name, role });
        }
        Ok(people)
    }
}

impl Tx<'_, Write> {
    /// Makes the sign-in of a lent browser; one that was lent to the same person and not begun ends.
    async fn make_lent(
        &mut self,
        appointment: &Appointment,
        voucher: &Voucher,
        person: PersonId,
        lending: Lending,
    ) -> Result<Token> {
        const SQL: &str =
            "UPDATE sign_in SET shared_for = $2, vouched_by = $3, vouched_how = $4 WHERE id = $1";
        const SQL_OLD: &str =
            "SELECT id FROM sign_in WHERE shared_for = $1 AND shared_begun IS NULL AND ended IS NULL";
        let organization = appointment.organization;
        for (old,) in rows!(self, SQL_OLD, (Uuid,), lending.invitation.uuid())? {
            self.end_sign_in_of(organization, person, SignInId::from_uuid(old)).await?;
        }
        let assurance = assurance(voucher.assurance, lending.known);
        let lifetime = appointment.window.closes().since(self.now());
        let (id, token) = self.insert_sign_in(&NewSignIn { person, assurance, lifetime }).await?;
        let vouches = assurance == Assurance::Vouched;
        let (by, how) = (voucher.person.uuid(), lending.known.filter(|_| vouches).map(Code::code));
        change!(self, SQL, id.uuid(), lending.invitation.uuid(), by, how)?;
        let event = |action| AuditEvent::new(action).of(organization).about(person).on(Object::SignIn(id));
        if vouches {
            self.also(event(Action::Vouched));
        }
        Ok(token)
    }

    /// Closes every browser that was lent for an invitation.
    pub(crate) async fn close_lent(
        &mut self,
        organization: OrganizationId,
        person: PersonId,
        invitation: InvitationId,
    ) -> Result<()> {
        const SQL: &str = "SELECT id FROM sign_in WHERE shared_for = $1 AND ended IS NULL";
        for (id,) in rows!(self, SQL, (Uuid,), invitation.uuid())? {
            self.end_sign_in_of(organization, person, SignInId::from_uuid(id)).await?;
        }
        Ok(())
    }
}
