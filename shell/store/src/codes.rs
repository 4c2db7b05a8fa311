//! The words that the enums of the rules are stored as. They are a storage format: never change one.

use domain::closing::{DeviceKind, NetworkKind, Usefulness};
use domain::crisis::CrisisStep;
use domain::helplines::{Line, Sentence};
use domain::meeting::{Cause, MeetingKind, Mode, Party, WithdrawnBy};
use domain::message::{Channel, MessageKind, Reason, State, Wording};
use domain::people::{Language, OrganizationKind};
use domain::protection::Protection;
use domain::questions::{Felt, NextTime, Question};
use domain::readiness::Point;
use domain::request::{Reply, Standing as RequestStanding, Wish};
use domain::response::{Ground, Standing as ResponseStanding, Withheld};
use domain::staff::StaffRole;
use domain::vouching::KnownBy;
use ids::{Assurance, GoneReason, Role};

use crate::ceremony::CeremonyKind;
use crate::error::{Result, StoreError};
use crate::person::PersonKind;
use crate::questions::RoundStanding;
use crate::readiness::PointStanding;

/// An enum that is stored as a word.
pub(crate) trait Code: Copy + Sized + 'static {
    /// The word.
    fn code(self) -> &'static str;
    /// The value with this word.
    fn parse(word: &str) -> Option<Self>;
}

/// Reads a word from a column.
pub(crate) fn decode<T: Code>(word: &str, column: &'static str) -> Result<T> {
    T::parse(word).ok_or(StoreError::Damaged { column })
}

macro_rules! codes {
    ($($name:ident { $($variant:ident = $word:literal,)* })*) => {
        $(impl Code for $name {
            fn code(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn every_word_reads_back() {
                $($(assert_eq!($name::parse($name::$variant.code()), Some($name::$variant));)*)*
            }
        }
    };
}

codes! {
    Role {
        Host = "host",
        YoungPerson = "young_person",
        Guardian = "guardian",
        CareWorker = "care_worker",
        Professional = "professional",
        Interpreter = "interpreter",
        Support = "support",
    }
    CrisisStep {
        Opened = "opened",
        ToldHer = "told_her",
        RangAdult = "rang_adult",
        RangEmergency = "rang_emergency",
        RangPolice = "rang_police",
        RangDoctor = "rang_doctor",
        RangChildWelfare = "rang_child_welfare",
        ToldChildWelfare = "told_child_welfare",
        ToldClinic = "told_clinic",
        Stayed = "stayed",
    }
    Point {
        MetInPerson = "met_in_person",
        Consent = "consent",
        Shown = "shown",
        Safety = "safety",
        Agreement = "agreement",
    }
    PointStanding { Settled = "settled", Opened = "opened", }
    Assurance { Link = "link", Vouched = "vouched", SignedIn = "signed_in", }
    GoneReason {
        Left = "left",
        SteppedOut = "stepped_out",
        ClosedFast = "closed_fast",
        SomeoneCameIn = "someone_came_in",
        LineLost = "line_lost",
        DeviceAsleep = "device_asleep",
        SentBack = "sent_back",
        EndedByHost = "ended_by_host",
        DoorClosed = "door_closed",
    }
    MeetingKind {
        Consultation = "consultation",
        WithParents = "with_parents",
        ParentsOnly = "parents_only",
        FamilyContact = "family_contact",
        LowThreshold = "low_threshold",
        Guidance = "guidance",
        CarePlanning = "care_planning",
        Practice = "practice",
    }
    Mode { Video = "video", Phone = "phone", Office = "office", Visit = "visit", }
    Party {
        YoungPerson = "young_person",
        Family = "family",
        Home = "home",
        Clinic = "clinic",
        Other = "other",
    }
    Cause {
        Ill = "ill",
        NotToday = "not_today",
        DidNotCome = "did_not_come",
        Travel = "travel",
        SomethingElse = "something_else",
        Technology = "technology",
    }
    KnownBy { Acquaintance = "acquaintance", Document = "document", }
    DeviceKind { Phone = "phone", Tablet = "tablet", Computer = "computer", }
    NetworkKind { Open = "open", Narrow = "narrow", }
    Usefulness { Little = "little", Some = "some", Much = "much", }
    WithdrawnBy { Invitee = "invitee", Clinician = "clinician", Other = "other", }
    Language { Bokmal = "nb", Nynorsk = "nn", English = "en", }
    OrganizationKind {
        Clinic = "clinic",
        Institution = "institution",
        Municipality = "municipality",
        School = "school",
        Other = "other",
    }
    Protection {
        Open = "open",
        ClientAddress = "client_address",
        Confidential = "confidential",
        StrictlyConfidential = "strictly_confidential",
    }
    Line {
        ChildLine = "child_line",
        Doctor = "doctor",
        Emergency = "emergency",
        Police = "police",
        ChildWelfare = "child_welfare",
        Clinic = "clinic",
        Duty = "duty",
        Support = "support",
    }
    Sentence { OutOfHours = "out_of_hours", RequestsRead = "requests_read", }
    StaffRole {
        Administrator = "administrator",
        Clinician = "clinician",
        Leader = "leader",
        CareWorker = "care_worker",
        Support = "support",
    }
    CeremonyKind { SignIn = "sign_in", Register = "register", }
    PersonKind { Practitioner = "practitioner", Patient = "patient", RelatedPerson = "related_person", }
    Channel { Mail = "mail", Sms = "sms", }
    MessageKind {
        Invitation = "invitation",
        Moved = "moved",
        OtherWay = "other_way",
        OtherHost = "other_host",
        Cancelled = "cancelled",
        Reminder = "reminder",
        NewLink = "new_link",
        LookIn = "look_in",
    }
    Wording { Warm = "warm", Plain = "plain", Bare = "bare", }
    State {
        Queued = "queued",
        Claimed = "claimed",
        Sent = "sent",
        Failed = "failed",
        InDoubt = "in_doubt",
        Withdrawn = "withdrawn",
    }
    Reason {
        NoAddress = "no_address",
        TooLate = "too_late",
        NotInvited = "not_invited",
        Superseded = "superseded",
        Unreachable = "unreachable",
        NotTrusted = "not_trusted",
        SignInRefused = "sign_in_refused",
        Busy = "busy",
        Refused = "refused",
        RecipientRefused = "recipient_refused",
        Silence = "silence",
        LineLost = "line_lost",
        GatewayFault = "gateway_fault",
        Stopped = "stopped",
        LeaseOver = "lease_over",
    }
    Wish { ExtraTalk = "extra_talk", InPerson = "in_person", OtherTime = "other_time", }
    RequestStanding {
        Asked = "asked",
        Seen = "seen",
        Answered = "answered",
        Withdrawn = "withdrawn",
    }
    Reply { WillRing = "will_ring", WillBook = "will_book", }
    ResponseStanding {
        Given = "given",
        TakenBack = "taken_back",
        Kept = "kept",
        CalledOff = "called_off",
        Turned = "turned",
    }
    Ground {
        Consent = "consent",
        Cooperation = "cooperation",
        Duty = "duty",
        NotAboutHer = "not_about_her",
    }
    Question { GotSaid = "got_said", Understood = "understood", NextTime = "next_time", }
    Felt { Yes = "yes", Partly = "partly", No = "no", }
    NextTime { Screen = "screen", Phone = "phone", InPerson = "in_person", Same = "same", }
    RoundStanding { Open = "open", Settled = "settled", Told = "told", TakenBack = "taken_back", }
    Withheld { HarmsHer = "harms_her", EndangersSomebody = "endangers_somebody", }
}
