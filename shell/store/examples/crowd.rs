//! Fills an empty installation with a busy clinic, for `./x bench`: clinicians with their young people and a month of
//! hours before and after now, closed but for those of the last two days. Prints one JSON line for each clinician: the cookie of a sign-in and whom to book.
//!
//! `crowd <folder> <database address, or "sqlite"> <milliseconds since 1970> <hours>`; the caller brings the time.

use core::time::Duration;
use std::path::Path;

use domain::closing::{Outcome, Travel};
use domain::meeting::{MeetingKind, Mode, Window};
use domain::message::{Contact, MailAddress, Rules, Timetable};
use domain::people::{Language, OrganizationKind};
use domain::staff::StaffRole;
use ids::{Assurance, OrganizationId, PersonId, Personal, Role, Timestamp};
use jiff::tz::TimeZone;
use store::{
    By, Closing, Db, Engine, Name, NewAppointment, NewBooking, NewPerson, NewSignIn, Options, PersonKind,
    RoleOf, RootKeySource,
};

const HOUR: Duration = Duration::from_secs(3_600);
/// Young people of one clinician.
const CASELOAD: usize = 20;
/// Of them, those whom messages reach.
const REACHED: usize = 5;
/// Hours that one clinician has on a day.
const A_DAY: usize = 8;
/// Days around today on which a clinician has hours.
const DAYS: usize = 62;
/// Hours are closed when they were this long ago; those of the last days stand open.
const CLOSED_AFTER: Duration = Duration::from_secs(2 * 24 * 3_600);

struct Crowd {
    db: Db,
    now: Timestamp,
    organization: OrganizationId,
}

impl Crowd {
    async fn person(&self, kind: PersonKind) -> store::Result<PersonId> {
        let word = |word: &str| Personal::new(word.to_owned());
        let name = Name { given: word("Målegitt"), family: word("Prøveslekt") };
        let new = NewPerson {
            organization: self.organization,
            kind,
            name,
            phone: None,
            language: Language::Bokmal,
        };
        self.db.add_person(By::operator(self.now), &new).await
    }

    /// A clinician with her young people, signed in; the cookie's token.
    async fn clinician(&self) -> store::Result<(PersonId, Vec<PersonId>, String)> {
        let by = By::operator(self.now);
        let kari = self.person(PersonKind::Practitioner).await?;
        let role = RoleOf { person: kari, organization: self.organization, role: StaffRole::Clinician };
        self.db.grant_role(by, role).await?;
        let mut patients = Vec::with_capacity(CASELOAD);
        for _ in 0..CASELOAD {
            let patient = self.person(PersonKind::Patient).await?;
            self.db.join_care_team(by, patient, kari).await?;
            patients.push(patient);
        }
        let lifetime = HOUR * 12;
        let new = NewSignIn { person: kari, assurance: Assurance::SignedIn, lifetime };
        let (_, token) = self.db.sign_in(new, self.now).await?;
        Ok((kari, patients, token.reveal().to_owned()))
    }

    /// One hour of a clinician; `number` counts them from the first day on.
    async fn hour(&self, kari: PersonId, patients: &[PersonId], number: usize) -> store::Result<()> {
        let (day, place) = (number / A_DAY, number % A_DAY);
        let hours = u32::try_from(day * 24 + 8 + place).unwrap_or_default();
        let first = self.now.minus(HOUR * 24 * (u32::try_from(DAYS).unwrap_or_default() / 2)).as_millis();
        let midnight = Timestamp::from_millis(first - first.rem_euclid(24 * 3_600_000));
        let starts = midnight.plus(HOUR * hours);
        let patient = patients[number % patients.len()];
        // The past is entered as if it had been booked a week before.
        let by = By::person(kari, self.now.min(starts.minus(HOUR * 24 * 7)));
        let new = NewBooking {
            id: self.db.new_appointment_id(by.now)?,
            appointment: NewAppointment {
                organization: self.organization,
                kind: MeetingKind::Consultation,
                mode: Mode::ALL[number % Mode::ALL.len()],
                patient: Some(patient),
                responsible: kari,
                window: Window::new(starts, starts.plus(Duration::from_secs(45 * 60))),
                sign: Some(Personal::new("Blå fugl".to_owned())),
                notice: None,
            },
            people: vec![(patient, Role::YoungPerson)],
            pause: Duration::ZERO,
            tell_from: None,
        };
        let timetable = Timetable { rules: Rules::default(), zone: TimeZone::UTC };
        self.db.book(by, &new, &timetable).await?;
        let Window { ends, .. } = new.appointment.window;
        if ends.plus(CLOSED_AFTER) < self.now {
            self.close(By::person(kari, ends.plus(HOUR)), &new).await?;
        }
        Ok(())
    }

    /// What a clinician writes after an hour like any other.
    async fn close(&self, by: By, hour: &NewBooking) -> store::Result<()> {
        let closing = Closing {
            outcome: Outcome::Held { mode: hour.appointment.mode },
            usefulness: None,
            support_talk: false,
            partly_phone: false,
            travel: Travel::default(),
            tasks: Vec::new(),
        };
        self.db.close_appointment(by, hour.id, 0, &closing).await
    }

    /// Those whom messages reach; entered last, so that filling tells nobody.
    async fn reach(&self, patients: &[PersonId]) -> store::Result<()> {
        for patient in patients.iter().take(REACHED) {
            let mail =
                MailAddress::parse(&format!("{}@example.org", patient.to_string().replace('-', ""))).ok();
            let contact = Contact { mail, phone: None, wanted: None };
            self.db.set_contact(By::operator(self.now), *patient, &contact).await?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, address, now, hours] = words.as_slice() else {
        return Err("crowd <folder> <address or sqlite> <milliseconds> <hours>".into());
    };
    let (now, hours): (i64, usize) = (now.parse()?, hours.parse()?);
    let now = Timestamp::from_millis(now);
    let options = match address.as_str() {
        "sqlite" => Options::in_directory(Path::new(folder), now),
        address => Options {
            engine: Engine::from_address(address)?,
            root_key: RootKeySource::File(Path::new(folder).join("root-key")),
            now,
        },
    };
    let db = Db::open(&options).await?;
    let clinic = db.add_organization(By::operator(now), "Målestasjonen", OrganizationKind::Clinic).await?;
    let crowd = Crowd { db, now, organization: clinic.id };
    let mut left = hours;
    while left > 0 {
        let (kari, patients, cookie) = crowd.clinician().await?;
        let own = left.min(A_DAY * DAYS);
        for number in 0..own {
            crowd.hour(kari, &patients, number).await?;
        }
        left -= own;
        crowd.reach(&patients).await?;
        let patients: Vec<String> = patients.iter().map(|id| format!("\"{id}\"")).collect();
        println!("{{\"cookie\":\"{cookie}\",\"patients\":[{}]}}", patients.join(","));
    }
    Ok(())
}
