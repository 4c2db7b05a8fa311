//! Made-up people in made-up organisations, so that the program can be tried at once.
//!
//! Everything here is plainly a demo: the names say so, the organisations do not exist. Laying it in twice changes
//! nothing; each start makes sure that there is a meeting that is open now, and new links. Whether demo mode is on,
//! and that its links work on loopback only, is decided by `web` and `server` (SEC-010).

use core::time::Duration;

use domain::audit::{Action, AuditEvent, Object};
use domain::meeting::{MeetingKind, Mode, Window};
use domain::message::{Contact, MailAddress, MessageKind, Notice, Outcome, PhoneNumber, Planned, Wording};
use domain::people::{Language, OrganizationKind};
use domain::staff::StaffRole;
use ids::{
    AppointmentId, Assurance, InvitationId, OrganizationId, ParticipantId, PersonId, Personal,
    PractitionerRoleId, Role, SessionId, SignInId, Timestamp,
};
use sqlx::types::Uuid;

use crate::By;
use crate::appointment::NewAppointment;
use crate::codes::Code;
use crate::db::{Db, retrying};
use crate::error::Result;
use crate::invitation::NewInvitation;
use crate::message::NewMessage;
use crate::person::{Name, NewPerson, PersonKind};
use crate::sign_in::NewSignIn;
use crate::token::Token;
use crate::tx::{Tx, Write, change, row};

/// How long a demo sign-in lasts.
const DEMO_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// A meeting counts as open now when it has at least this long left.
const LEFT_AT_LEAST: Duration = Duration::from_secs(20 * 60);
/// How long the meeting that is open now lasts.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// The moment in every demo id, so that the same id comes out at every start: 2020-01-01.
const DEMO_EPOCH: Timestamp = Timestamp::from_millis(1_577_836_800_000);

/// Who a made-up person is, for the line that the program prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DemoRole {
    /// The responsible clinician.
    Clinician,
    /// A colleague who is host as well.
    Colleague,
    /// The young person.
    YoungPerson,
    /// Her guardian.
    Guardian,
    /// Staff of the institution where she lives.
    CareWorker,
    /// A professional of the municipality.
    Professional,
}

impl DemoRole {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 6] = [
        Self::Clinician,
        Self::Colleague,
        Self::YoungPerson,
        Self::Guardian,
        Self::CareWorker,
        Self::Professional,
    ];

    const fn number(self) -> u8 {
        match self {
            Self::Clinician => 1,
            Self::Colleague => 2,
            Self::YoungPerson => 3,
            Self::Guardian => 4,
            Self::CareWorker => 5,
            Self::Professional => 6,
        }
    }

    const fn id(self) -> PersonId {
        PersonId::from_bytes(demo_id(0xA0, self.number()))
    }

    const fn organization(self) -> OrganizationId {
        match self {
            Self::Clinician | Self::Colleague | Self::YoungPerson | Self::Guardian => CLINIC,
            Self::CareWorker => INSTITUTION,
            Self::Professional => MUNICIPALITY,
        }
    }

    const fn kind(self) -> PersonKind {
        match self {
            Self::Clinician | Self::Colleague | Self::CareWorker | Self::Professional => {
                PersonKind::Practitioner
            }
            Self::YoungPerson => PersonKind::Patient,
            Self::Guardian => PersonKind::RelatedPerson,
        }
    }

    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Clinician => ("Kari", "Demodal"),
            Self::Colleague => ("Jonas", "Demovik"),
            Self::YoungPerson => ("Nora", "Demolund"),
            Self::Guardian => ("Mona", "Demolund"),
            Self::CareWorker => ("Amir", "Demoli"),
            Self::Professional => ("Siri", "Demoberg"),
        }
    }

    /// Where messages reach them: nowhere outside, whatever the installation sends with. There is no number that begins
    /// like this one, and example.org is nobody's (RFC 2606 §3).
    fn contact(self) -> Contact {
        let mail = |name: &str| MailAddress::parse(&format!("{name}@example.org")).ok();
        let (mail, phone) = match self {
            Self::Clinician => (mail("kari"), None),
            Self::Colleague => (mail("jonas"), None),
            Self::YoungPerson => (None, PhoneNumber::parse("+4700000003").ok()),
            Self::Guardian => (mail("mona"), None),
            Self::CareWorker => (mail("amir"), None),
            Self::Professional => (mail("siri"), None),
        };
        Contact { mail, phone, wanted: None }
    }

    /// What the person is where they work: the colleague administers the clinic as well.
    const fn staff_roles(self) -> &'static [StaffRole] {
        match self {
            Self::Clinician => &[StaffRole::Clinician],
            Self::Colleague => &[StaffRole::Administrator, StaffRole::Clinician],
            Self::CareWorker => &[StaffRole::CareWorker],
            Self::Professional => &[StaffRole::Support],
            Self::YoungPerson | Self::Guardian => &[],
        }
    }

    /// The role in the meeting that is open now.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Clinician | Self::Colleague => Role::Host,
            Self::YoungPerson => Role::YoungPerson,
            Self::Guardian => Role::Guardian,
            Self::CareWorker => Role::CareWorker,
            Self::Professional => Role::Professional,
        }
    }
}

/// One made-up person with the secrets that let a tester be that person.
#[derive(Debug)]
pub struct DemoPerson {
    /// Who.
    pub who: DemoRole,
    /// The person.
    pub person: PersonId,
    /// Signs in as the person, as often as one likes; see [`Db::sign_in_demo`].
    pub sign_in: Token,
    /// The invitation to the meeting that is open now.
    pub invitation: InvitationId,
    /// A fresh personal link to that meeting; for a person without an account. Hosts have none.
    pub link: Option<Token>,
}

/// The demo as it stands after a start.
#[derive(Debug)]
pub struct Demo {
    /// The meeting that is open now.
    pub appointment: AppointmentId,
    /// Its session.
    pub session: SessionId,
    /// Everybody, in the order of [`DemoRole::ALL`].
    pub people: Vec<DemoPerson>,
}

const CLINIC: OrganizationId = OrganizationId::from_bytes(demo_id(0xB0, 1));
const INSTITUTION: OrganizationId = OrganizationId::from_bytes(demo_id(0xB0, 2));
const MUNICIPALITY: OrganizationId = OrganizationId::from_bytes(demo_id(0xB0, 3));

/// A UUIDv7 of 2020-01-01 that ends in kind and number.
const fn demo_id(kind: u8, number: u8) -> [u8; 16] {
    let [_, _, a, b, c, d, e, f] = DEMO_EPOCH.as_millis().to_be_bytes();
    [a, b, c, d, e, f, 0x70, 0, 0x80, 0, 0, 0, 0, 0, kind, number]
}

impl Db {
    /// Lays in the demo, or finds it laid in; makes sure of a meeting that is open now and of new links.
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn seed_demo(&self, now: Timestamp) -> Result<Demo> {
        let by = By::operator(now);
        let (appointment, session) = retrying(|| async move {
            let mut tx = self.write(by.actor, now).await?;
            let first = tx.seed_people().await?;
            let joined = tx.seed_care().await?;
            let given = tx.seed_roles().await?;
            let (meeting, made) = tx.seed_day().await?;
            if first || joined || given || made {
                tx.commit(AuditEvent::new(Action::DemoSeeded).of(CLINIC).on(Object::Appointment(meeting.0)))
                    .await?;
            }
            Ok(meeting)
        })
        .await?;
        let mut people = Vec::with_capacity(DemoRole::ALL.len());
        for who in DemoRole::ALL {
            people.push(self.demo_person(by, who, appointment).await?);
        }
        Ok(Demo { appointment, session, people })
    }

    async fn demo_person(&self, by: By, who: DemoRole, appointment: AppointmentId) -> Result<DemoPerson> {
        const SQL: &str = "SELECT id FROM invitation WHERE appointment = $1 AND person = $2";
        const SQL_OLD: &str = "DELETE FROM demo_link WHERE person = $1";
        const SQL_NEW: &str = "INSERT INTO demo_link (token_hash, person, created) VALUES ($1, $2, $3)";
        let (person, mut tx) = (who.id(), self.write(by.actor, by.now).await?);
        let invitation = row!(tx, SQL, (Uuid,), appointment.uuid(), person.uuid())?;
        let (invitation,) = invitation.ok_or(crate::StoreError::NotFound)?;
        let invitation = InvitationId::from_uuid(invitation);
        let sign_in = Token::generate()?;
        change!(tx, SQL_OLD, person.uuid())?;
        change!(tx, SQL_NEW, sign_in.hash().to_vec(), person.uuid(), by.now.as_millis())?;
        let event = AuditEvent::new(Action::DemoSeeded).of(who.organization()).about(person);
        tx.commit(event.on(Object::Person(person))).await?;
        let link = match who.role() {
            Role::Host => None,
            _ => Some(self.issue_link(by, invitation).await?.token),
        };
        Ok(DemoPerson { who, person, sign_in, invitation, link })
    }

    /// Signs in by a demo link; `None` when there is no such link. The caller has made sure of demo mode and
    /// loopback (SEC-010).
    ///
    /// # Errors
    /// When nothing was written.
    pub async fn sign_in_demo(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> Result<Option<(PersonId, SignInId, Token)>> {
        const SQL: &str = "SELECT person FROM demo_link WHERE token_hash = $1";
        let mut tx = self.look(now).await?;
        let found = row!(tx, SQL, (Uuid,), token.hash().to_vec())?;
        tx.done().await?;
        let Some((person,)) = found else { return Ok(None) };
        let person = PersonId::from_uuid(person);
        let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime: DEMO_LIFETIME };
        let (id, cookie) = self.sign_in(new, now).await?;
        Ok(Some((person, id, cookie)))
    }
}

impl Tx<'_, Write> {
    /// Enters organisations and people; whether they were not there.
    async fn seed_people(&mut self) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM organization WHERE id = $1";
        if row!(self, SQL, (i64,), CLINIC.uuid())?.is_some_and(|(rows,)| rows > 0) {
            return Ok(false);
        }
        for (id, name, kind) in [
            (CLINIC, "Demoklinikken BUP", OrganizationKind::Clinic),
            (INSTITUTION, "Demohuset ungdomsinstitusjon", OrganizationKind::Institution),
            (MUNICIPALITY, "Demo kommune", OrganizationKind::Municipality),
        ] {
            let organization = domain::people::Organization { id, name: name.to_owned(), kind };
            self.insert_organization(&organization).await?;
            self.also(AuditEvent::new(Action::OrganizationAdded).of(id).on(Object::Organization(id)));
        }
        for who in DemoRole::ALL {
            let (given, family) = who.name();
            let new = NewPerson {
                organization: who.organization(),
                kind: who.kind(),
                name: Name {
                    given: Personal::new(given.to_owned()),
                    family: Personal::new(family.to_owned()),
                },
                phone: None,
                language: Language::Bokmal,
            };
            self.insert_person(who.id(), &new).await?;
            self.put_contact(who.id(), &who.contact()).await?;
            let event = AuditEvent::new(Action::PersonAdded).of(who.organization()).about(who.id());
            self.also(event.on(Object::Person(who.id())));
        }
        Ok(true)
    }

    /// Gives those who work somewhere their roles, and the clinic its partners; whether that is new. A role that somebody
    /// ended in the demo is not given again.
    async fn seed_roles(&mut self) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM practitioner_role WHERE person = $1";
        const SQL_ROLE: &str = "INSERT INTO practitioner_role (id, person, organization, role, since) \
             VALUES ($1, $2, $3, $4, $5)";
        let mut given = false;
        for who in DemoRole::ALL {
            let person = who.id();
            if row!(self, SQL, (i64,), person.uuid())?.is_some_and(|(roles,)| roles > 0) {
                continue;
            }
            for role in who.staff_roles() {
                let id = PractitionerRoleId::from_parts(self.now(), crate::entropy::random_id_part()?);
                let (organization, since) = (who.organization(), self.now().as_millis());
                change!(self, SQL_ROLE, id.uuid(), person.uuid(), organization.uuid(), role.code(), since)?;
                let event = AuditEvent::new(Action::RoleGranted).of(organization).about(person);
                self.also(event.on(Object::PractitionerRole(id)));
                given = true;
            }
        }
        for partner in [INSTITUTION, MUNICIPALITY] {
            self.insert_partner(CLINIC, partner).await?;
        }
        Ok(given)
    }

    /// Makes the clinician answer for the young person and notes who stands around her; whether that is new.
    async fn seed_care(&mut self) -> Result<bool> {
        let young = DemoRole::YoungPerson.id();
        let joined = self.insert_care_team(young, DemoRole::Clinician.id()).await?;
        for who in [DemoRole::Guardian, DemoRole::CareWorker, DemoRole::Professional] {
            self.insert_relation(young, who.id(), who.role()).await?;
        }
        if joined {
            let event = AuditEvent::new(Action::CareTeamChanged).of(CLINIC).about(young);
            self.also(event.on(Object::Person(DemoRole::Clinician.id())));
        }
        Ok(joined)
    }

    /// Finds or makes the meeting that is open now, with a guidance session later; whether it made them.
    async fn seed_day(&mut self) -> Result<((AppointmentId, SessionId), bool)> {
        const SQL: &str = "SELECT a.id, s.id FROM appointment a JOIN session s ON s.appointment = a.id \
             WHERE a.organization = $1 AND a.kind = 'consultation' AND s.ended IS NULL \
             AND a.starts <= $2 AND a.ends >= $3 ORDER BY a.starts DESC LIMIT 1";
        let now = self.now();
        let left = now.plus(LEFT_AT_LEAST).as_millis();
        let open = row!(self, SQL, (Uuid, Uuid), CLINIC.uuid(), now.as_millis(), left)?;
        if let Some((appointment, session)) = open {
            return Ok(((AppointmentId::from_uuid(appointment), SessionId::from_uuid(session)), false));
        }
        let starts = quarter_before(now);
        let (video, phone) = (Mode::Video, Mode::Phone);
        let meeting = self.seed_meeting(MeetingKind::Consultation, video, starts, &DemoRole::ALL).await?;
        // Yesterday's, by telephone and not closed yet.
        let two = [DemoRole::Clinician, DemoRole::YoungPerson];
        self.seed_meeting(MeetingKind::Consultation, phone, starts.minus(24 * HOUR), &two).await?;
        let colleagues =
            [DemoRole::Clinician, DemoRole::Colleague, DemoRole::CareWorker, DemoRole::Professional];
        self.seed_meeting(MeetingKind::Guidance, video, starts.plus(2 * HOUR), &colleagues).await?;
        let table = [DemoRole::Clinician, DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::Professional];
        self.seed_meeting(MeetingKind::CarePlanning, video, starts.plus(4 * HOUR), &table).await?;
        Ok((meeting, true))
    }

    async fn seed_meeting(
        &mut self,
        kind: MeetingKind,
        mode: Mode,
        starts: Timestamp,
        people: &[DemoRole],
    ) -> Result<(AppointmentId, SessionId)> {
        let now = self.now();
        let id = AppointmentId::from_parts(now, crate::entropy::random_id_part()?);
        let session = SessionId::from_parts(now, crate::entropy::random_id_part()?);
        let window = Window::new(starts, starts.plus(HOUR));
        let sign = Some(Personal::new("Blå fugl".to_owned()));
        let responsible = DemoRole::Clinician.id();
        let new = NewAppointment {
            organization: CLINIC,
            kind,
            mode,
            patient: Some(DemoRole::YoungPerson.id()),
            responsible,
            window,
            sign,
            // Without a link: a new one would end the one that is printed when the demo begins.
            notice: Some(Notice { wording: Wording::Warm, with_link: false }),
        };
        self.insert_appointment(id, session, &new).await?;
        self.also(AuditEvent::new(Action::AppointmentAdded).of(CLINIC).on(Object::Appointment(id)));
        for who in people {
            let invitation = InvitationId::from_parts(now, crate::entropy::random_id_part()?);
            let seat = ParticipantId::from_parts(now, crate::entropy::random_id_part()?);
            let new = NewInvitation { appointment: id, person: who.id(), role: who.role(), until: None };
            self.insert_invitation(invitation, seat, &new).await?;
            let event = AuditEvent::new(Action::InvitationAdded).of(CLINIC).about(who.id());
            self.also(event.on(Object::Invitation(invitation)));
            if who.role() != Role::Host && now < window.ends {
                self.seed_told(invitation, *who, mode, window).await?;
            }
        }
        Ok((id, session))
    }

    /// Writes down that somebody was told of an hour, as the outbox would have; without a link, which would end the one
    /// that is printed.
    async fn seed_told(
        &mut self,
        invitation: InvitationId,
        who: DemoRole,
        way: Mode,
        window: Window,
    ) -> Result<()> {
        let Some(channel) = who.contact().channel() else { return Ok(()) };
        let now = self.now();
        let new = NewMessage {
            invitation,
            channel,
            planned: Planned { kind: MessageKind::Invitation, due: now, useless_after: window.ends },
            wording: Wording::Warm,
            way,
            with_link: false,
            time: (window.starts, window.ends),
            sequence: 0,
        };
        let id = self.queue_message(&new).await?;
        let mut progress = self.progress(id).await?;
        if let Some(claim) = progress.claim(now, HOUR) {
            progress.settle(claim, Outcome::Accepted);
        }
        self.save_progress(id, &progress).await?;
        let event = self.about_message(id, Action::MessageSent).await?;
        self.also(event);
        Ok(())
    }
}

/// The last quarter of an hour before a moment.
const fn quarter_before(now: Timestamp) -> Timestamp {
    let quarter = 15 * 60 * 1_000;
    Timestamp::from_millis(now.as_millis() - now.as_millis().rem_euclid(quarter))
}
