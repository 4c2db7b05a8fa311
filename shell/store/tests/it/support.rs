//! A place to keep records in, and a small clinic to tell stories about.

use core::time::Duration;
use std::path::{Path, PathBuf};

use domain::booking::PAUSE_DEFAULT;
use domain::meeting::{Appointment, Day, Invitation, MeetingKind, Mode, Window};
use domain::message::{Contact, Lead, MailAddress, Rules, Timetable};
use domain::people::{Language, OrganizationKind};
use ids::{OrganizationId, PersonId, Personal, Role, Timestamp};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use store::{
    Agenda, By, Db, Engine, Name, NewAppointment, NewBooking, NewInvitation, NewPerson, News, Options,
    PersonKind, RootKeySource,
};
use tempfile::TempDir;

/// The moment at which the stories begin: 10 November 2026, 12:00 UTC.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_794_312_000_000);

const MINUTE: Duration = Duration::from_secs(60);

/// A moment some minutes after noon.
pub(crate) const fn minutes(after_noon: i64) -> Timestamp {
    Timestamp::from_millis(NOON.as_millis() + after_noon * 60_000)
}

/// A folder that is gone after the test, or one that another program lent.
pub(crate) enum Folder {
    Own(TempDir),
    Lent(PathBuf),
}

impl Folder {
    fn new() -> Self {
        Self::Own(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Lent(path) => path,
        }
    }
}

/// An empty database with a folder for its key and head.
pub(crate) struct Place {
    pub(crate) folder: Folder,
    pub(crate) options: Options,
}

impl Place {
    pub(crate) async fn sqlite() -> Self {
        let folder = Folder::new();
        let options = Options::in_directory(folder.path(), NOON);
        Self { folder, options }
    }

    pub(crate) async fn postgres() -> Self {
        let folder = Folder::new();
        let options = Options {
            engine: Engine::from_address(&crate::postgres::new_database().await).expect("an address"),
            root_key: RootKeySource::File(folder.path().join("root-key")),
            now: NOON,
        };
        Self { folder, options }
    }

    /// Another empty place on the same engine.
    pub(crate) async fn another(&self) -> Self {
        if matches!(self.options.engine, Engine::Sqlite(_)) {
            Self::sqlite().await
        } else {
            Self::postgres().await
        }
    }

    /// This place and some words as one text, for another program.
    pub(crate) fn task(&self, words: &[String]) -> String {
        let address = match &self.options.engine {
            Engine::Sqlite(path) => format!("sqlite:{}", path.display()),
            Engine::Postgres(address) => address.clone(),
        };
        [&[address, self.folder.path().display().to_string()], words].concat().join("\n")
    }

    /// Reads what [`Place::task`] wrote.
    pub(crate) fn from_task(task: &str) -> (Self, Vec<String>) {
        let mut lines = task.lines().map(str::to_owned);
        let engine = Engine::from_address(&lines.next().expect("an address")).expect("an address");
        let folder = Folder::Lent(lines.next().expect("a folder").into());
        let root_key = RootKeySource::File(folder.path().join("root-key"));
        (Self { folder, options: Options { engine, root_key, now: NOON } }, lines.collect())
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.options).await.expect("the database opens")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("root-key")
    }

    pub(crate) fn head_file(&self) -> PathBuf {
        self.folder.path().join("audit-head")
    }

    /// Goes at the tables behind the store's back; how many rows changed.
    pub(crate) async fn tamper(&self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.options.engine {
            Engine::Sqlite(path) => {
                let pool = SqlitePool::connect(&path.display().to_string()).await.expect("sqlite opens");
                let done = sqlx::query(sql).execute(&pool).await.expect("it can be tampered with");
                pool.close().await;
                done.rows_affected()
            }
            Engine::Postgres(address) => {
                let pool = PgPool::connect(address).await.expect("postgres opens");
                let done = sqlx::query(sql).execute(&pool).await.expect("it can be tampered with");
                pool.close().await;
                done.rows_affected()
            }
        }
    }

    /// One number out of the tables, behind the store's back.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.options.engine {
            Engine::Sqlite(path) => {
                let pool = SqlitePool::connect(&path.display().to_string()).await.expect("sqlite opens");
                sqlx::query_scalar(sql).fetch_one(&pool).await.expect("it can be counted")
            }
            Engine::Postgres(address) => {
                let pool = PgPool::connect(address).await.expect("postgres opens");
                sqlx::query_scalar(sql).fetch_one(&pool).await.expect("it can be counted")
            }
        }
    }
}

/// Messages leave at any hour, and remind an hour before.
pub(crate) fn timetable() -> Timetable {
    let rules = Rules::new(None, vec![Lead::Minutes(60)]).expect("few");
    Timetable { rules, zone: jiff::tz::TimeZone::UTC }
}

/// A clinic with one meeting at noon: Kari invites Nora.
pub(crate) struct Clinic {
    pub(crate) organization: OrganizationId,
    pub(crate) kari: PersonId,
    pub(crate) nora: PersonId,
    pub(crate) meeting: Appointment,
    pub(crate) kari_invited: Invitation,
    pub(crate) nora_invited: Invitation,
}

impl Clinic {
    pub(crate) async fn new(db: &Db) -> Self {
        let by = By::operator(NOON);
        let clinic =
            db.add_organization(by, "Prøveklinikken", OrganizationKind::Clinic).await.expect("written");
        let kari = person(db, clinic.id, PersonKind::Practitioner, "Kari", "Prøvedal").await;
        let nora = person(db, clinic.id, PersonKind::Patient, "Nora", "Prøvelund").await;
        let meeting = appointment(db, clinic.id, kari, NOON).await;
        let kari_invited = invite(db, &meeting, kari, Role::Host).await;
        let nora_invited = invite(db, &meeting, nora, Role::YoungPerson).await;
        Self { organization: clinic.id, kari, nora, meeting, kari_invited, nora_invited }
    }

    /// A booking of Kari's for Nora, some minutes after noon, of which nobody is told.
    pub(crate) fn wish(&self, db: &Db, starts: i64, length: u32, mode: Mode) -> NewBooking {
        wish(db, (self.organization, self.kari, self.nora), starts, length, mode)
    }

    /// Mail reaches Nora from now on.
    pub(crate) async fn reach_nora(&self, db: &Db, mail: &str) {
        let mail = Some(MailAddress::parse(mail).expect("an address"));
        let contact = Contact { mail, phone: None, wanted: None };
        db.set_contact(By::operator(NOON), self.nora, &contact).await.expect("written");
    }

    /// Kari acts, some minutes after noon.
    pub(crate) fn kari_at(&self, after_noon: i64) -> By {
        By::person(self.kari, minutes(after_noon))
    }
}

/// A booking of a clinician's for a young person at a clinic, some minutes after noon, of which nobody is told.
pub(crate) fn wish(
    db: &Db,
    (organization, responsible, young): (OrganizationId, PersonId, PersonId),
    starts: i64,
    length: u32,
    mode: Mode,
) -> NewBooking {
    let starts = minutes(starts);
    NewBooking {
        id: db.new_appointment_id(NOON).expect("randomness"),
        appointment: NewAppointment {
            organization,
            kind: MeetingKind::Consultation,
            mode,
            patient: Some(young),
            responsible,
            window: Window::new(starts, starts.plus(MINUTE * length)),
            sign: None,
            notice: None,
        },
        people: vec![(young, Role::YoungPerson)],
        pause: PAUSE_DEFAULT,
        tell_from: None,
    }
}

pub(crate) async fn person(
    db: &Db,
    organization: OrganizationId,
    kind: PersonKind,
    given: &str,
    family: &str,
) -> PersonId {
    let name = Name { given: Personal::new(given.to_owned()), family: Personal::new(family.to_owned()) };
    let phone = Some(Personal::new("+47 000 11 222".to_owned()));
    let new = NewPerson { organization, kind, name, phone, language: Language::Bokmal };
    db.add_person(By::operator(NOON), &new).await.expect("written")
}

pub(crate) async fn appointment(
    db: &Db,
    organization: OrganizationId,
    responsible: PersonId,
    starts: Timestamp,
) -> Appointment {
    let window = Window::new(starts, starts.plus(Duration::from_secs(3_600)));
    let sign = Some(Personal::new("Grønn båt".to_owned()));
    let new = NewAppointment {
        organization,
        kind: MeetingKind::Consultation,
        mode: Mode::Video,
        patient: None,
        responsible,
        window,
        sign,
        notice: None,
    };
    db.add_appointment(By::operator(NOON), &new).await.expect("written")
}

/// The day of the stories, seen some minutes after noon.
pub(crate) fn day_at(after_noon: i64) -> Day {
    Day { from: minutes(-12 * 60), to: minutes(12 * 60), now: minutes(after_noon) }
}

/// A clinician's day as she sees it then; what its script will hear must be the same.
pub(crate) async fn agenda(db: &Db, who: PersonId, after_noon: i64) -> Agenda {
    let by = By::person(who, minutes(after_noon));
    let agenda = db.agenda(by, who, &day_at(after_noon)).await.expect("answered");
    let sorted = |mut news: News| {
        news.hosted.sort();
        news
    };
    assert_eq!(sorted(agenda.news.clone()), sorted(news(db, who, after_noon).await));
    agenda
}

/// What may be new on her day then.
pub(crate) async fn news(db: &Db, who: PersonId, after_noon: i64) -> News {
    db.news_of(who, &day_at(after_noon)).await.expect("answered")
}

pub(crate) async fn invite(db: &Db, meeting: &Appointment, person: PersonId, role: Role) -> Invitation {
    let new = NewInvitation { appointment: meeting.id, person, role, until: None };
    db.invite(By::operator(NOON), new).await.expect("written")
}
