//! The only SQL: records on SQLite and PostgreSQL, sealed columns, the audit chain, tokens and keys.
//!
//! A handler calls one method of [`Db`] per step. Every write takes [`By`] and commits together with its audit
//! event; every read of personal data takes [`By`] and a purpose and is logged before it is answered (SEC-006).
//! Methods that take only a moment read ids, states and the machinery's own tables: [`UNLOGGED`] names them.
//!
//! The way in: [`Db::open`] → [`Db::changes`] → methods; [`write_head`] every few seconds and at shutdown → [`Db::close`].

mod absence;
mod admission;
mod afterwards;
mod agenda;
mod appointment;
mod audit;
mod backup;
mod block;
mod booking;
mod care_team;
mod caseload;
mod catalogue;
mod ceremony;
mod change;
mod codes;
mod company;
mod contact;
mod crisis;
mod db;
pub mod demo;
mod dialect;
mod encounter;
mod entropy;
mod error;
mod helplines;
mod invitation;
mod key_file;
mod keys;
mod link;
mod message;
mod office;
mod organization;
mod our_agreement;
mod outbox;
mod partner;
mod passkey;
mod patient;
mod person;
mod practitioner_role;
mod protection;
mod questions;
mod readiness;
mod readings;
mod relation;
mod request;
mod request_reader;
mod response;
mod response_decision;
mod restore;
mod rotate;
mod sealed;
mod seat;
mod session;
mod shared_device;
mod sign_in;
mod staff_link;
mod telephone;
mod telling;
mod token;
mod tx;
mod with_parents;
mod words;

use domain::audit::Actor;
use ids::{PersonId, Timestamp};

pub use absence::{NewAbsence, OwnAbsence};
pub use admission::{AdmissionBegun, AdmissionEnd};
pub use afterwards::{AgreedTask, AgreedThen, Landing};
pub use agenda::{Agenda, News};
pub use appointment::{Invitee, LinkState, Meeting, NewAppointment};
pub use audit::{HeadWritten, LogLine, Pace, Problem, Report, verify, write_head};
pub use backup::{BackedUp, Sink, Step};
pub use booking::{NewBooking, Wanted};
pub use caseload::{CaseloadEntry, Patient, Related};
pub use ceremony::{CEREMONY_LASTS, Ceremony, CeremonyKind, CeremonyRefused, NewCeremony};
pub use change::{FactChanged, Subject};
pub use company::{Company, CompanyNow};
pub use crisis::{NewCrisisStep, NotedStep, Noting};
pub use db::{Db, Engine, Options};
pub use encounter::{Closing, Encounter, NewTask, TASKS_MAX, Task, seen_of};
pub use error::{HeadError, KeyError, RestoreError, Result, StoreError};
pub use helplines::{Helplines, Place};
pub use invitation::NewInvitation;
pub use key_file::RootKeySource;
pub use keys::{RootKey, SigningKey};
pub use link::{IssuedLink, LinkLook, LinkRefused, Pressed, SeenLink};
pub use message::{MessageLine, NewMessage};
pub use office::{NewStaff, Staff, StaffEntry};
pub use our_agreement::{Agreed, Written};
pub use outbox::{Claim, ClaimKey, Parcel, ParcelLink, Recipient, Worker};
pub use partner::{AccessLine, Office, Partner, PartnerEntry, PartnerPerson};
pub use passkey::{NewPasskey, OwnPasskey, PASSKEYS_MAX, Passkey, PasskeyAnswered};
pub use patient::{NewPatient, OpenTask, PatientEntry};
pub use person::{Name, NewPerson, PersonKind};
pub use practitioner_role::RoleOf;
pub use questions::{AskedIn, Asking, Course, Sent, ToldThen};
pub use readiness::Answer;
pub use relation::{AROUND, NewRelated, Offered, RelatedEntry, Whom};
pub use request::{NewRequest, OwnRequest, ReaderOf};
pub use request_reader::{OpenRequest, ReadRequest};
pub use response::{CareHour, Instead, NewResponse, Response};
pub use response_decision::Deciding;
pub use restore::{Checked, Destination, check_backup, restore};
pub use seat::{Seat, SeatKey};
pub use shared_device::{Lendable, Lending, LentHour, LentTo};
pub use sign_in::{NewSignIn, OwnSignIn, SignedIn};
pub use staff_link::{IssuedStaffLink, SeenStaffLink, StaffLinkUsed, UseStaffLink};
pub use telephone::{HerNumber, NewTelephone, Telephone, TelephoneIn};
pub use telling::Manner;
pub use token::Token;
pub use tx::{Read, Tx, Unlogged, Write};
pub use words::RECOVERY_WORDS;

/// Who acts, and when; the server brings the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// When.
    pub now: Timestamp,
}

impl By {
    /// A person of our registers acts.
    #[must_use]
    pub const fn person(person: PersonId, now: Timestamp) -> Self {
        Self { actor: Actor::Person(person), now }
    }

    /// The program itself acts: a deadline, a rule, the door.
    #[must_use]
    pub const fn system(now: Timestamp) -> Self {
        Self { actor: Actor::System, now }
    }

    /// Whoever runs the service acts, at the command line.
    #[must_use]
    pub const fn operator(now: Timestamp) -> Self {
        Self { actor: Actor::Operator, now }
    }
}

/// What is read without a log entry, and why. Every *write* has its audit event; there is no list of exceptions.
pub const UNLOGGED: &[(&str, &str)] = &[
    ("meta, data_key, signing_key", "keys of the program itself; no person is named"),
    (
        "organization, partner, helpline, sentence",
        "public register, and what an organisation says to everybody",
    ),
    ("encounter", "which hours are not closed: ids and times; no name"),
    ("sign_in, sign_in_scope, demo_link", "looking up the cookie of the very person who sends it"),
    (
        "passkey, staff_link, practitioner_role",
        "looking up what the very person sends or holds; no name, no label",
    ),
    (
        "participant, invitation, session, appointment, block, with_parents of a person",
        "door facts: ids, states and times, every 15 s; no name",
    ),
    ("everything", "a backup copies it; that it does is written into the log before it begins"),
    (
        "request, absence, care_team",
        "who may read which request: ids and times, before anything of it is read",
    ),
    ("questions_count", "how often something was answered in a month; nobody's"),
    (
        "questions_off of an appointment and a person",
        "whether she is asked after an hour: two states; no name",
    ),
    ("crisis_step", "whether the crisis panel of an hour was opened: no name, and not what was done"),
    ("appointment_response", "which hours somebody answered to: ids; no name"),
    ("message", "what waits, is claimed or late: ids, states and times, before a worker takes one"),
    ("audit_event", "checking the chain: ids and sealed details, nothing opened"),
];
