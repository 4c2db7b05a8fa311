//! Newtype ids, one per noun, so that no bare `Uuid` crosses a function boundary.
//!
//! Ids are UUIDv7 (RFC 9562 §5.7) made from a time and ten random bytes that the caller brings, because the cores
//! read neither clock nor randomness.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::Timestamp;

/// The text was not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct IdError;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id from a moment and ten bytes of randomness (UUIDv7).
            #[must_use]
            pub fn from_parts(at: Timestamp, random: [u8; 10]) -> Self {
                Self(Builder::from_unix_timestamp_millis(at.as_millis().unsigned_abs(), &random).into_uuid())
            }

            /// Wraps sixteen bytes that are known to be an id of this kind.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The sixteen bytes, big-endian.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The same text as `Display` writes, without the machinery of formatting: the page has none.
            #[must_use]
            pub fn text(&self) -> String {
                self.0.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
            }

            /// Wraps a UUID that is known to be an id of this kind; for the storage shell.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside; for the storage shell.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }
    )*};
}

ids! {
    /// An organisation: clinic, institution, municipality, school (FHIR Organization).
    OrganizationId;
    /// A person in our registers: practitioner, patient or related person.
    PersonId;
    /// A planned meeting (FHIR Appointment).
    AppointmentId;
    /// Something that somebody has agreed to do (FHIR Task).
    TaskId;
    /// One running of a meeting: what people are let into. A meeting that is reopened keeps its session.
    SessionId;
    /// One person's invitation to one appointment, with its role.
    InvitationId;
    /// One invited person's seat in one session; the same across reloads and devices.
    ParticipantId;
    /// A personal link: a door handle, not the door (CARE-13).
    LinkId;
    /// A person's signed-in browser.
    SignInId;
    /// A key in somebody's device or password manager, by which that person signs in.
    PasskeyId;
    /// A one-time link by which a member of staff makes a passkey.
    StaffLinkId;
    /// One person's role in one organisation (FHIR PractitionerRole).
    PractitionerRoleId;
    /// The door's yes to one participant, from its start to its end.
    AdmissionId;
    /// One entry of the audit chain.
    AuditEventId;
    /// One socket between a browser or bot and the server.
    ConnectionId;
    /// One message to one person about one appointment, in the outbox.
    MessageId;
    /// What a young person asked her clinic for, from where she was.
    RequestId;
    /// From when to when a clinician is away, and who reads requests meanwhile.
    AbsenceId;
    /// An invited care worker's answer to an hour (FHIR AppointmentResponse).
    ResponseId;
    /// One revision of what a young person and her clinician have agreed.
    OurAgreementId;
    /// One point of readiness, ticked or opened.
    ReadinessId;
    /// One step that a clinician noted in the crisis panel; drawn by her page.
    CrisisStepId;
    /// From when the rest of an hour was by telephone; drawn by the clinician's page.
    TelephoneId;
    /// One MLS group; a session whose group was emptied gets a new one.
    GroupId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = SessionId::from_parts(Timestamp::from_millis(1_000), [255; 10]);
        let late = SessionId::from_parts(Timestamp::from_millis(1_001), [0; 10]);
        assert!(early < late);
        assert_eq!(early.uuid().get_version_num(), 7);
    }

    #[test]
    fn text_round_trips_and_rubbish_is_refused() {
        let id = PersonId::from_parts(Timestamp::from_millis(1_795_000_000_000), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.text(), id.to_string());
        assert_eq!("not-an-id".parse::<PersonId>(), Err(IdError));
    }
}
