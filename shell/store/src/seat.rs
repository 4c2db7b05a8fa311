//! Seats: what the server loads when a browser arrives, and the door's facts as often as they may have changed.

use core::time::Duration;

use domain::audit::{Object, Purpose};
use domain::door::{ClosingFacts, CuttingFacts, Facts, Invited, Planned};
use domain::meeting::{Day, Mode, Window, WithdrawnBy};
use ids::{
    AppointmentId, Assurance, InvitationId, OrganizationId, ParticipantId, PersonId, Role, SessionId,
    SignInId, Timestamp,
};
use sqlx::types::Uuid;

use crate::By;
use crate::appointment::window;
use crate::codes::decode;
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::person::Name;
use crate::tx::{Tx, Unlogged, row, rows};

/// Seats that one browser is shown.
const SEATS_MAX: i64 = 200;
/// How long after its end a meeting is still among them.
const SEATS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// Which seat, and by which signed-in browser it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SeatKey {
    /// The seat.
    pub participant: ParticipantId,
    /// The browser's sign-in; signing it out cuts.
    pub sign_in: SignInId,
}

/// A seat as the server needs it when its person arrives.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The seat and its browser; [`Db::facts`] takes it.
    pub key: SeatKey,
    /// The session.
    pub session: SessionId,
    /// The appointment.
    pub appointment: AppointmentId,
    /// The organisation that answers for the meeting, whose key attests.
    pub organization: OrganizationId,
    /// Whose seat.
    pub person: PersonId,
    /// By which invitation.
    pub invitation: InvitationId,
    /// In which role.
    pub role: Role,
    /// How sure we are of who it is.
    pub assurance: Assurance,
    /// The appointment's time.
    pub window: Window,
    /// The name.
    pub name: Name,
    /// What the door decides from.
    pub facts: Facts,
}

type SeatRow =
    (Uuid, Uuid, Uuid, Uuid, Uuid, Uuid, String, String, i64, i64, i64, i64, Uuid, Vec<u8>, Vec<u8>);

impl Db {
    /// The seat that a signed-in browser has in a session; logged. `None` when it has none (or when there is no such
    /// session, which must look the same, SEC-028).
    ///
    /// # Errors
    /// When the database does not answer or the log could not be written.
    pub async fn seat(&self, by: By, sign_in: SignInId, session: SessionId) -> Result<Option<Seat>> {
        // SQLite keeps the order of cross joins: through the few of a session, not all invitations of a person.
        const SQL: &str = "SELECT p.id, a.id, a.organization, i.person, i.id, s.id, i.role, g.assurance, a.starts, \
             a.ends, a.early_ms, a.late_ms, n.organization, n.given_name, n.family_name \
             FROM sign_in g CROSS JOIN session s CROSS JOIN participant p CROSS JOIN invitation i \
             JOIN appointment a ON a.id = i.appointment JOIN person n ON n.id = i.person \
             WHERE g.id = $1 AND s.id = $2 AND p.session = s.id AND i.id = p.invitation \
             AND i.person = g.person AND g.ended IS NULL AND g.expires > $3 \
             AND (g.assurance = 'signed_in' OR EXISTS (SELECT 1 FROM sign_in_scope c \
             WHERE c.sign_in = g.id AND c.invitation = i.id AND c.ended IS NULL))";
        let mut tx = self.read(by.actor, Purpose::Meeting, by.now).await?;
        let found = row!(tx, SQL, SeatRow, sign_in.uuid(), session.uuid(), by.now.as_millis())?;
        let Some(found) = found else { return Ok(None) };
        let (participant, appointment, organization, person, invitation, session, role, assurance, ..) =
            &found;
        let (.., starts, ends, early, late, register, given, family) = &found;
        let key = SeatKey { participant: ParticipantId::from_uuid(*participant), sign_in };
        let person = PersonId::from_uuid(*person);
        let organization = OrganizationId::from_uuid(*organization);
        let seat = Seat {
            key,
            session: SessionId::from_uuid(*session),
            appointment: AppointmentId::from_uuid(*appointment),
            organization,
            person,
            invitation: InvitationId::from_uuid(*invitation),
            role: decode(role, "invitation.role")?,
            assurance: decode(assurance, "sign_in.assurance")?,
            window: window(*starts, *ends, *early, *late),
            name: tx.open_name(OrganizationId::from_uuid(*register), person, given, family).await?,
            facts: tx.facts(key).await?,
        };
        tx.have_read(organization, person, Object::Participant(key.participant));
        tx.answer(Unlogged(Some(seat))).await
    }

    /// The sessions in which a signed-in browser has a seat and which are not long over, by time, an ended one after one
    /// at the same time that is not; ids, roles and times only.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn seats_of(
        &self,
        sign_in: SignInId,
        now: Timestamp,
    ) -> Result<Vec<(SessionId, AppointmentId, Role, Window)>> {
        const SQL: &str = "SELECT p.session, a.id, i.role, a.starts, a.ends, a.early_ms, a.late_ms \
             FROM sign_in g JOIN invitation i ON i.person = g.person \
             JOIN participant p ON p.invitation = i.id JOIN appointment a ON a.id = i.appointment \
             JOIN session s ON s.id = p.session WHERE g.id = $1 AND g.ended IS NULL AND g.expires > $2 AND i.withdrawn_at IS NULL \
             AND i.starts > $5 AND a.ends > $3 AND (g.assurance = 'signed_in' OR EXISTS (SELECT 1 FROM sign_in_scope c \
             WHERE c.sign_in = g.id AND c.invitation = i.id AND c.ended IS NULL)) \
             ORDER BY a.starts, s.ended IS NOT NULL, a.id LIMIT $4";
        type Row = (Uuid, Uuid, String, i64, i64, i64, i64);
        let mut tx = self.look(now).await?;
        let since = now.minus(SEATS_KEPT);
        let begun = since.minus(Day::AROUND).as_millis();
        let found =
            rows!(tx, SQL, Row, sign_in.uuid(), now.as_millis(), since.as_millis(), SEATS_MAX, begun)?;
        tx.done().await?;
        let seat = |(session, appointment, role, starts, ends, early, late): Row| {
            let role = decode(&role, "invitation.role")?;
            let appointment = AppointmentId::from_uuid(appointment);
            Ok((SessionId::from_uuid(session), appointment, role, window(starts, ends, early, late)))
        };
        found.into_iter().map(seat).collect()
    }

    /// The door's facts about a seat, as they stand now; ids and states only, so it is not logged.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such seat.
    pub async fn facts(&self, seat: SeatKey, now: Timestamp) -> Result<Facts> {
        let mut tx = self.look(now).await?;
        let facts = tx.facts(seat).await?;
        tx.done().await?;
        Ok(facts)
    }
}

type FactsRow = (
    String,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    i64,
    i64,
    i64,
    i64,
    String,
    Option<i64>,
    Option<i64>,
    i64,
    i64,
    i64,
    i64,
);

impl<Mode> Tx<'_, Mode> {
    async fn facts(&mut self, seat: SeatKey) -> Result<Facts> {
        const SQL: &str = "SELECT i.role, i.until, i.withdrawn_by, i.ended_for, s.ended, \
             a.starts, a.ends, a.early_ms, a.late_ms, a.mode, a.cancelled, a.late_until, \
             (SELECT COUNT(*) FROM block b WHERE b.appointment = a.id AND b.person = i.person AND b.lifted IS NULL), \
             (SELECT COUNT(*) FROM invitation y WHERE y.appointment = a.id AND y.role = 'young_person' \
             AND (y.withdrawn_by IS NULL OR y.withdrawn_by = 'other')), \
             (SELECT COUNT(*) FROM invitation y JOIN person c ON c.id = y.person WHERE y.appointment = a.id \
             AND y.role = 'young_person' AND (y.withdrawn_by IS NULL OR y.withdrawn_by = 'other') \
             AND c.with_parents IS NULL), \
             (SELECT COUNT(*) FROM sign_in g WHERE g.id = $2 AND g.person = i.person AND g.ended IS NULL \
             AND (g.assurance = 'signed_in' OR EXISTS (SELECT 1 FROM sign_in_scope c \
             WHERE c.sign_in = g.id AND c.invitation = i.id AND c.ended IS NULL))) \
             FROM participant p JOIN invitation i ON i.id = p.invitation \
             JOIN session s ON s.id = p.session JOIN appointment a ON a.id = s.appointment WHERE p.id = $1";
        let found = row!(self, SQL, FactsRow, seat.participant.uuid(), seat.sign_in.uuid())?;
        let found = found.ok_or(StoreError::NotFound)?;
        let (role, until, withdrawn_by, ended_for, session_ended, ..) = &found;
        let (.., starts, ends, early, late, mode, cancelled, late_until, _, _, _, _) = &found;
        let (.., blocks, young_people, alone, sign_ins) = &found;
        let role = decode(role, "invitation.role")?;
        let withdrawn_by = match withdrawn_by {
            Some(by) => Some(decode(by, "invitation.withdrawn_by")?),
            None => None,
        };
        let invitation = match withdrawn_by {
            Some(by) => Invited::Withdrawn { role, by },
            None => Invited::Yes { role, until: until.map(Timestamp::from_millis) },
        };
        Ok(Facts {
            cutting: CuttingFacts {
                invitation,
                blocked: *blocks > 0,
                own_withdrawal: withdrawn_by == Some(WithdrawnBy::Invitee),
                signed_out: *sign_ins == 0,
                session_ended: session_ended.is_some(),
                ended_for: ended_for.is_some(),
            },
            closing: ClosingFacts {
                window: window(*starts, *ends, *early, *late),
                young_person_invited: *young_people > 0,
                comes_with_parents: *young_people > 0 && *alone == 0,
                planned: planned(mode, *cancelled)?,
                late_until: late_until.map(Timestamp::from_millis),
            },
        })
    }
}

/// What the calendar says, from its two columns.
fn planned(mode: &str, cancelled: Option<i64>) -> Result<Planned> {
    Ok(match (cancelled, decode(mode, "appointment.mode")?) {
        (Some(_), _) => Planned::Cancelled,
        (None, Mode::Video) => Planned::OnScreen,
        (None, Mode::Phone | Mode::Office | Mode::Visit) => Planned::OffScreen,
    })
}
