//! The audit chain: what an entry says, how it is linked to the one before, and what a break looks like.
//!
//! Pure: hashing and comparing only. `store` keeps the entries, signs the head and writes it outside the database.
//! Entries hold ids, names of actions and sealed details, never anything personal in the clear, so that erasing a
//! person's data breaks no link (SEC-006, SEC-007).

use ids::{
    AbsenceId, AdmissionId, AppointmentId, AuditEventId, CrisisStepId, InvitationId, LinkId, MessageId,
    OrganizationId, OurAgreementId, ParticipantId, PasskeyId, PersonId, PractitionerRoleId, ReadinessId,
    RequestId, ResponseId, SessionId, SignInId, StaffLinkId, TaskId, TelephoneId, Timestamp,
};
use sha2::{Digest, Sha256};

/// Goes before every entry that is hashed; a change of the canonical form gets a new label.
const ENTRY_LABEL: &[u8] = b"samrom audit entry v1\0";
/// Goes before every head that is signed.
const HEAD_LABEL: &[u8] = b"samrom audit head v1\0";

/// Declares an enum whose variants have stable names: the names are stored and hashed, so they never change.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name that is stored and hashed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The variant with this name, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named! {
    /// What was done.
    Action {
        /// The database was made.
        Founded = "founded",
        /// Made-up people and appointments were laid in.
        DemoSeeded = "demo_seeded",
        /// An organisation was entered.
        OrganizationAdded = "organization_added",
        /// A person was entered.
        PersonAdded = "person_added",
        /// An appointment was made.
        AppointmentAdded = "appointment_added",
        /// An appointment was moved to another time.
        AppointmentMoved = "appointment_moved",
        /// An appointment is held another way.
        AppointmentConverted = "appointment_converted",
        /// An appointment was called off.
        AppointmentCancelled = "appointment_cancelled",
        /// How people are told of an appointment was chosen anew.
        NoticeChanged = "notice_changed",
        /// An appointment was given to a colleague.
        AppointmentHandedOver = "appointment_handed_over",
        /// The clinician told those who wait that she is late.
        SaidLate = "said_late",
        /// What became of an appointment was written down.
        EncounterClosed = "encounter_closed",
        /// A task was done.
        TaskDone = "task_done",
        /// A clinician began or ceased to answer for a young person.
        CareTeamChanged = "care_team_changed",
        /// Somebody was entered as close to a young person, or is no longer.
        RelationChanged = "relation_changed",
        /// Somebody was invited.
        InvitationAdded = "invitation_added",
        /// An invitation was withdrawn by staff.
        InvitationWithdrawn = "invitation_withdrawn",
        /// A withdrawn, declined or ended invitation was given again.
        InvitationRestored = "invitation_restored",
        /// The invited person said no.
        InvitationDeclined = "invitation_declined",
        /// A host ended the meeting for one person.
        EndedForPerson = "ended_for_person",
        /// A personal link was made; an older one of the same invitation stopped working.
        LinkIssued = "link_issued",
        /// A personal link was pressed and bound to one browser.
        LinkBound = "link_bound",
        /// A personal link was revoked.
        LinkRevoked = "link_revoked",
        /// Somebody signed in.
        SignedIn = "signed_in",
        /// Somebody signed out, or was signed out.
        SignedOut = "signed_out",
        /// A passkey ceremony was begun.
        CeremonyBegun = "ceremony_begun",
        /// A passkey ceremony was answered, rightly or not; it takes no second answer.
        CeremonyAnswered = "ceremony_answered",
        /// A passkey was added.
        PasskeyAdded = "passkey_added",
        /// A passkey was removed.
        PasskeyRemoved = "passkey_removed",
        /// A one-time staff link was made; older ones of the same person stopped working.
        StaffLinkIssued = "staff_link_issued",
        /// A one-time staff link was used.
        StaffLinkUsed = "staff_link_used",
        /// A one-time staff link was taken away before it was used.
        StaffLinkRevoked = "staff_link_revoked",
        /// Somebody was given a role in an organisation.
        RoleGranted = "role_granted",
        /// A role in an organisation was ended.
        RoleEnded = "role_ended",
        /// A session was opened.
        SessionOpened = "session_opened",
        /// A session was ended.
        SessionEnded = "session_ended",
        /// The door let somebody in.
        Admitted = "admitted",
        /// The door or a host refused somebody.
        Refused = "refused",
        /// An admission ended.
        AdmissionEnded = "admission_ended",
        /// Somebody was put on a block list.
        Blocked = "blocked",
        /// Somebody was taken off a block list.
        Unblocked = "unblocked",
        /// Personal data was read.
        Read = "read",
        /// A copy of everything was begun, for a file outside.
        BackedUp = "backed_up",
        /// Everything was brought back from such a copy.
        Restored = "restored",
        /// The root key was exchanged.
        RootKeyRotated = "root_key_rotated",
        /// Where messages reach a person was changed.
        ContactChanged = "contact_changed",
        /// A message was laid into the outbox.
        MessageQueued = "message_queued",
        /// A worker took a message to send it.
        MessageClaimed = "message_claimed",
        /// The next server on its way took a message.
        MessageSent = "message_sent",
        /// A message was certainly not taken; it waits or has failed.
        MessageNotSent = "message_not_sent",
        /// Nobody knows whether a message was taken.
        MessageInDoubt = "message_in_doubt",
        /// A person asked for a message to be sent once more.
        MessageAskedAgain = "message_asked_again",
        /// A message was taken back before it left.
        MessageWithdrawn = "message_withdrawn",
        /// A person's name or language was changed.
        PersonChanged = "person_changed",
        /// The grading of a person's address was changed.
        ProtectionChanged = "protection_changed",
        /// An organisation was renamed, or entered as one that another works with.
        OrganizationChanged = "organization_changed",
        /// Whom to call, or what an organisation says itself, was changed.
        HelplinesChanged = "helplines_changed",
        /// A young person asked for something.
        RequestMade = "request_made",
        /// Somebody who may read a request said that it was seen.
        RequestSeen = "request_seen",
        /// A request was answered.
        RequestAnswered = "request_answered",
        /// A young person took her request back.
        RequestWithdrawn = "request_withdrawn",
        /// A clinician said when she is away, and who reads in her place.
        AbsenceAdded = "absence_added",
        /// An absence was taken back.
        AbsenceEnded = "absence_ended",
        /// A care worker answered to an hour: not today.
        ResponseGiven = "response_given",
        /// A care worker took such an answer back.
        ResponseTakenBack = "response_taken_back",
        /// A clinician decided what becomes of an hour after such an answer.
        ResponseDecided = "response_decided",
        /// A member of staff said that somebody is who they are.
        Vouched = "vouched",
        /// A member of staff lent a device for one hour, and was signed out on it.
        DeviceLent = "device_lent",
        /// Somebody began to use a device that was lent to them.
        LentDeviceTaken = "lent_device_taken",
        /// What a young person and her clinician have agreed was written.
        OurAgreementWritten = "our_agreement_written",
        /// A point of readiness was ticked, or taken back.
        ReadinessChanged = "readiness_changed",
        /// Hours on the screen were opened with a reason although a point of readiness is open.
        ReadinessOpened = "readiness_opened",
        /// A clinician opened the crisis panel of an hour.
        CrisisPanelOpened = "crisis_panel_opened",
        /// A clinician noted what was done in a crisis.
        CrisisStepNoted = "crisis_step_noted",
        /// A clinician took back what was noted by mistake.
        CrisisStepUndone = "crisis_step_undone",
        /// A young person was shown the three questions after an hour.
        QuestionsAsked = "questions_asked",
        /// She answered them, to her clinician or to be counted, or sent that she would not; the entry does not say which.
        QuestionsAnswered = "questions_answered",
        /// She took back what she had told her clinician.
        QuestionsTakenBack = "questions_taken_back",
        /// A clinician chose that a young person is, or is not, asked after her hours or one of them.
        QuestionsSwitched = "questions_switched",
        /// A young person asked the adult whom they agreed on to look in.
        CompanyAsked = "company_asked",
        /// Those who answer for a young person said that she is a small child who comes with her parents.
        ComesWithParents = "comes_with_parents",
        /// That was taken back: parents wait for her yes again.
        ComesAlone = "comes_alone",
        /// A clinician said that the rest of an hour is taken by telephone.
        TelephoneNoted = "telephone_noted",
        /// A clinician took back that the rest was by telephone.
        TelephoneUndone = "telephone_undone",
    }
}

named! {
    /// Why personal data was read.
    Purpose {
        /// Planning and holding one's own appointments.
        Care = "care",
        /// Taking part in a meeting.
        Meeting = "meeting",
        /// A person looks at what concerns herself.
        Own = "own",
        /// Running the service.
        Operation = "operation",
        /// Checking logs and rights.
        Review = "review",
    }
}

named! {
    /// Whether the thing was done or refused; refused attempts are kept as well.
    Outcome {
        /// It was done.
        Done = "done",
        /// It was refused.
        Refused = "refused",
    }
}

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Actor {
    /// The program itself: a deadline, a rule, the door.
    System,
    /// Whoever runs the service, at the command line.
    Operator,
    /// A person in our registers.
    Person(PersonId),
    /// Somebody who holds a personal link and has not yet pressed.
    Link(LinkId),
    /// Somebody who holds a one-time staff link and has not yet used it.
    StaffLink(StaffLinkId),
}

impl Actor {
    /// The stable name of the kind of actor, and its id.
    #[must_use]
    pub const fn parts(&self) -> (&'static str, Option<&[u8; 16]>) {
        match self {
            Self::System => ("system", None),
            Self::Operator => ("operator", None),
            Self::Person(id) => ("person", Some(id.as_bytes())),
            Self::Link(id) => ("link", Some(id.as_bytes())),
            Self::StaffLink(id) => ("staff_link", Some(id.as_bytes())),
        }
    }

    /// The actor with these parts, if they fit together.
    #[must_use]
    pub fn from_parts(kind: &str, id: Option<[u8; 16]>) -> Option<Self> {
        match (kind, id) {
            ("system", None) => Some(Self::System),
            ("operator", None) => Some(Self::Operator),
            ("person", Some(id)) => Some(Self::Person(PersonId::from_bytes(id))),
            ("link", Some(id)) => Some(Self::Link(LinkId::from_bytes(id))),
            ("staff_link", Some(id)) => Some(Self::StaffLink(StaffLinkId::from_bytes(id))),
            _ => None,
        }
    }
}

macro_rules! objects {
    ($($(#[$doc:meta])* $variant:ident($id:ident) = $text:literal,)*) => {
        /// The thing that was acted on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Object { $($(#[$doc])* $variant($id),)* }

        impl Object {
            /// The stable name of the kind of thing, and its id.
            #[must_use]
            pub const fn parts(&self) -> (&'static str, &[u8; 16]) {
                match self { $(Self::$variant(id) => ($text, id.as_bytes()),)* }
            }

            /// The thing with these parts, if there is such a kind.
            #[must_use]
            pub fn from_parts(kind: &str, id: [u8; 16]) -> Option<Self> {
                match kind { $($text => Some(Self::$variant($id::from_bytes(id))),)* _ => None }
            }
        }
    };
}

objects! {
    /// An organisation.
    Organization(OrganizationId) = "organization",
    /// A person.
    Person(PersonId) = "person",
    /// An appointment.
    Appointment(AppointmentId) = "appointment",
    /// A task.
    Task(TaskId) = "task",
    /// A session.
    Session(SessionId) = "session",
    /// An invitation.
    Invitation(InvitationId) = "invitation",
    /// A seat.
    Participant(ParticipantId) = "participant",
    /// A personal link.
    Link(LinkId) = "link",
    /// A signed-in browser.
    SignIn(SignInId) = "sign_in",
    /// An admission.
    Admission(AdmissionId) = "admission",
    /// A passkey.
    Passkey(PasskeyId) = "passkey",
    /// A one-time staff link.
    StaffLink(StaffLinkId) = "staff_link",
    /// A role in an organisation.
    PractitionerRole(PractitionerRoleId) = "practitioner_role",
    /// A message in the outbox.
    Message(MessageId) = "message",
    /// A request of a young person.
    Request(RequestId) = "request",
    /// From when to when a clinician is away.
    Absence(AbsenceId) = "absence",
    /// A care worker's answer to an hour.
    Response(ResponseId) = "response",
    /// What a young person and her clinician have agreed.
    OurAgreement(OurAgreementId) = "our_agreement",
    /// A point of readiness.
    Readiness(ReadinessId) = "readiness",
    /// A step that was noted in the crisis panel.
    CrisisStep(CrisisStepId) = "crisis_step",
    /// From when the rest of an hour was by telephone.
    Telephone(TelephoneId) = "telephone",
}

/// What the caller says about what was done; `store` adds number, id, time and actor and links it.
///
/// There is no public field and no way without an action, so a write cannot commit without saying what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    action: Action,
    outcome: Outcome,
    purpose: Option<Purpose>,
    organization: Option<OrganizationId>,
    about: Option<PersonId>,
    object: Option<Object>,
    details: Option<ids::Personal<String>>,
}

impl AuditEvent {
    /// Something was done.
    #[must_use]
    pub const fn new(action: Action) -> Self {
        Self {
            action,
            outcome: Outcome::Done,
            purpose: None,
            organization: None,
            about: None,
            object: None,
            details: None,
        }
    }

    /// The thing that was acted on.
    #[must_use]
    pub const fn on(mut self, object: Object) -> Self {
        self.object = Some(object);
        self
    }

    /// The person whom it concerns (whose log it belongs to).
    #[must_use]
    pub const fn about(mut self, person: PersonId) -> Self {
        self.about = Some(person);
        self
    }

    /// The organisation that answers for it, under whose key details are sealed.
    #[must_use]
    pub const fn of(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Why personal data was used.
    #[must_use]
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// The thing was tried and refused.
    #[must_use]
    pub const fn refused(mut self) -> Self {
        self.outcome = Outcome::Refused;
        self
    }

    /// Words that explain it, sealed before they are stored; needs [`AuditEvent::of`].
    #[must_use]
    pub fn details(mut self, details: ids::Personal<String>) -> Self {
        self.details = Some(details);
        self
    }

    /// The organisation that answers for it.
    #[must_use]
    pub const fn organization(&self) -> Option<OrganizationId> {
        self.organization
    }

    /// The words to seal, taken out; what is left holds nothing personal.
    pub const fn take_details(&mut self) -> Option<ids::Personal<String>> {
        self.details.take()
    }

    /// The numbered entry, with the details sealed.
    #[must_use]
    pub fn into_entry(self, stamp: Stamp, details: Option<Vec<u8>>) -> Entry {
        Entry {
            sequence: stamp.sequence,
            id: stamp.id,
            at: stamp.at,
            actor: stamp.actor,
            action: self.action,
            outcome: self.outcome,
            purpose: self.purpose,
            organization: self.organization,
            about: self.about,
            object: self.object,
            details,
        }
    }
}

/// What `store` adds to an [`AuditEvent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Its number, counted from one without gaps.
    pub sequence: u64,
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub at: Timestamp,
    /// Who acted.
    pub actor: Actor,
}

/// One entry of the chain as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, counted from one without gaps.
    pub sequence: u64,
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// Done or refused.
    pub outcome: Outcome,
    /// Why personal data was used.
    pub purpose: Option<Purpose>,
    /// The organisation that answers for it.
    pub organization: Option<OrganizationId>,
    /// The person whom it concerns.
    pub about: Option<PersonId>,
    /// The thing that was acted on.
    pub object: Option<Object>,
    /// Sealed words.
    pub details: Option<Vec<u8>>,
}

/// SHA-256 over an entry and everything before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first entry is linked to.
    pub const GENESIS: Self = Self([0; 32]);
}

/// Links an entry to the one before: SHA-256 over label, previous hash and the entry's canonical bytes.
#[must_use]
pub fn link(previous: &Hash, entry: &Entry) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(ENTRY_LABEL);
    hasher.update(previous.0);
    hasher.update(canonical(entry));
    Hash(hasher.finalize().into())
}

/// The entry as bytes, the same for ever: numbers big-endian, every text and optional field with its length before.
#[must_use]
pub fn canonical(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(192);
    bytes.extend_from_slice(&entry.sequence.to_be_bytes());
    bytes.extend_from_slice(entry.id.as_bytes());
    bytes.extend_from_slice(&entry.at.as_millis().to_be_bytes());
    let (actor, actor_id) = entry.actor.parts();
    field(&mut bytes, Some(actor.as_bytes()));
    field(&mut bytes, actor_id.map(<[u8; 16]>::as_slice));
    field(&mut bytes, Some(entry.action.name().as_bytes()));
    field(&mut bytes, Some(entry.outcome.name().as_bytes()));
    field(&mut bytes, entry.purpose.map(|purpose| purpose.name().as_bytes()));
    field(&mut bytes, entry.organization.as_ref().map(|id| id.as_bytes().as_slice()));
    field(&mut bytes, entry.about.as_ref().map(|id| id.as_bytes().as_slice()));
    let object = entry.object.as_ref().map(Object::parts);
    field(&mut bytes, object.map(|(kind, _)| kind.as_bytes()));
    field(&mut bytes, object.map(|(_, id)| id.as_slice()));
    field(&mut bytes, entry.details.as_deref());
    bytes
}

/// Writes one field with its length before it, so that no two different entries give the same bytes.
fn field(bytes: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(1);
            bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
            bytes.extend_from_slice(value);
        }
    }
}

/// Where the chain ends: what is signed and written outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last entry's number; zero when there is none.
    pub sequence: u64,
    /// The last entry's hash; [`Hash::GENESIS`] when there is none.
    pub hash: Hash,
    /// When the head was signed.
    pub at: Timestamp,
}

impl Head {
    /// The bytes that are signed.
    #[must_use]
    pub fn statement(&self) -> Vec<u8> {
        let mut bytes = HEAD_LABEL.to_vec();
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.hash.0);
        bytes.extend_from_slice(&self.at.as_millis().to_be_bytes());
        bytes
    }
}

/// What is wrong with the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is not there though later ones are.
    #[error("entry {sequence} is missing")]
    Missing {
        /// The number that is not there.
        sequence: u64,
    },
    /// An entry, or its link to the one before, was changed.
    #[error("entry {sequence} was altered")]
    Altered {
        /// The first entry whose link does not hold.
        sequence: u64,
    },
    /// The signed head names more entries than there are: the tail was cut.
    #[error("the chain ends at entry {last}, but entry {signed} was signed: the tail was cut")]
    CutTail {
        /// The last entry there is.
        last: u64,
        /// The entry that the signed head names.
        signed: u64,
    },
    /// The links hold, but the entry that was signed had another hash: the chain was made anew.
    #[error("entry {sequence} is not the one that was signed: the chain was made anew")]
    NotTheSigned {
        /// The entry that the signed head names.
        sequence: u64,
    },
}

/// Walks a chain entry by entry and says where it first breaks.
///
/// `new` or `resume` → [`Walk::step`] for every entry in order → [`Walk::finish`].
#[derive(Debug, Clone)]
pub struct Walk {
    last: u64,
    hash: Hash,
    signed: Option<Head>,
}

impl Walk {
    /// Starts before the first entry; `signed` is the head whose signature was found good, if there is one.
    #[must_use]
    pub const fn new(signed: Option<Head>) -> Self {
        Self { last: 0, hash: Hash::GENESIS, signed }
    }

    /// Starts after an entry that is trusted because it was signed.
    #[must_use]
    pub const fn resume(signed: Head) -> Self {
        Self { last: signed.sequence, hash: signed.hash, signed: None }
    }

    /// Checks the next entry against the hash that is stored with it.
    ///
    /// # Errors
    /// The first break.
    pub fn step(&mut self, entry: &Entry, stored: &Hash) -> Result<(), Broken> {
        let expected = self.last.saturating_add(1);
        if entry.sequence > expected {
            return Err(Broken::Missing { sequence: expected });
        }
        let hash = link(&self.hash, entry);
        if entry.sequence < expected || hash != *stored {
            return Err(Broken::Altered { sequence: entry.sequence });
        }
        if let Some(signed) = self.signed
            && signed.sequence == entry.sequence
            && signed.hash != hash
        {
            return Err(Broken::NotTheSigned { sequence: entry.sequence });
        }
        self.last = entry.sequence;
        self.hash = hash;
        Ok(())
    }

    /// Ends the walk; the number and hash of the last entry.
    ///
    /// # Errors
    /// [`Broken::CutTail`] when the signed head names an entry that never came.
    pub fn finish(self) -> Result<(u64, Hash), Broken> {
        match self.signed {
            Some(signed) if signed.sequence > self.last => {
                Err(Broken::CutTail { last: self.last, signed: signed.sequence })
            }
            _ => Ok((self.last, self.hash)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sequence: u64) -> Entry {
        let stamp = Stamp {
            sequence,
            id: AuditEventId::from_bytes([u8::try_from(sequence).unwrap_or(255); 16]),
            at: Timestamp::from_millis(1_795_000_000_000),
            actor: Actor::Person(PersonId::from_bytes([1; 16])),
        };
        AuditEvent::new(Action::Admitted)
            .of(OrganizationId::from_bytes([2; 16]))
            .about(PersonId::from_bytes([3; 16]))
            .on(Object::Participant(ParticipantId::from_bytes([4; 16])))
            .purpose(Purpose::Meeting)
            .into_entry(stamp, Some(vec![5, 6]))
    }

    fn chain(length: u64) -> Vec<(Entry, Hash)> {
        let mut previous = Hash::GENESIS;
        (1..=length)
            .map(|sequence| {
                let entry = entry(sequence);
                previous = link(&previous, &entry);
                (entry, previous)
            })
            .collect()
    }

    fn walk(chain: &[(Entry, Hash)], signed: Option<Head>) -> Result<(u64, Hash), Broken> {
        let mut walk = Walk::new(signed);
        for (entry, hash) in chain {
            walk.step(entry, hash)?;
        }
        walk.finish()
    }

    fn head(chain: &[(Entry, Hash)]) -> Head {
        let (entry, hash) = chain.last().expect("not empty");
        Head { sequence: entry.sequence, hash: *hash, at: entry.at }
    }

    #[test]
    fn a_whole_chain_holds() {
        let chain = chain(5);
        assert_eq!(walk(&chain, Some(head(&chain))), Ok((5, chain[4].1)));
        assert_eq!(walk(&[], None), Ok((0, Hash::GENESIS)));
    }

    /// SEC-007: every field is under the hash; changing any one of them is seen at that entry.
    #[test]
    fn every_altered_field_is_named() {
        let alterations: Vec<fn(&mut Entry)> = vec![
            |entry| entry.id = AuditEventId::from_bytes([9; 16]),
            |entry| entry.at = Timestamp::from_millis(1),
            |entry| entry.actor = Actor::System,
            |entry| entry.action = Action::Refused,
            |entry| entry.outcome = Outcome::Refused,
            |entry| entry.purpose = None,
            |entry| entry.organization = None,
            |entry| entry.about = Some(PersonId::from_bytes([9; 16])),
            |entry| entry.object = Some(Object::Session(SessionId::from_bytes([4; 16]))),
            |entry| entry.details = None,
        ];
        for alter in alterations {
            let mut chain = chain(4);
            alter(&mut chain[1].0);
            assert_eq!(walk(&chain, None), Err(Broken::Altered { sequence: 2 }));
        }
    }

    #[test]
    fn a_missing_entry_is_named() {
        let mut chain = chain(4);
        chain.remove(1);
        assert_eq!(walk(&chain, None), Err(Broken::Missing { sequence: 2 }));
    }

    #[test]
    fn a_cut_tail_is_seen_by_the_signed_head_only() {
        let whole = chain(4);
        assert_eq!(walk(&whole[..2], Some(head(&whole))), Err(Broken::CutTail { last: 2, signed: 4 }));
        assert_eq!(walk(&whole[..2], None), Ok((2, whole[1].1)));
    }

    #[test]
    fn a_chain_made_anew_is_not_the_signed_one() {
        let signed = head(&chain(4));
        let mut previous = Hash::GENESIS;
        let forged: Vec<_> = chain(4)
            .into_iter()
            .map(|(mut entry, _)| {
                entry.about = None;
                previous = link(&previous, &entry);
                (entry, previous)
            })
            .collect();
        assert_eq!(walk(&forged, Some(signed)), Err(Broken::NotTheSigned { sequence: 4 }));
    }

    #[test]
    fn names_round_trip() {
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(*action));
        }
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_name(purpose.name()), Some(*purpose));
        }
        assert_eq!(Actor::from_parts("person", None), None);
        let object = Object::Link(LinkId::from_bytes([8; 16]));
        let (kind, id) = object.parts();
        assert_eq!(Object::from_parts(kind, *id), Some(object));
    }

    /// The canonical form is a storage format: this hash was worked out apart from this code and must never change.
    #[test]
    fn the_canonical_form_is_frozen() {
        let hash = link(&Hash::GENESIS, &entry(1));
        let hex: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "8c6fd4874819cbe50af8136b831810ed7378ba7b21682af291304cc5e768aa89");
    }
}
