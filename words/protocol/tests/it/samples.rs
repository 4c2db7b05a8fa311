//! One sample of every wire message, with a marker wherever a name or a text stands.

use ids::{
    Assurance, Capabilities, EndReason, GoneReason, GroupId, LeaveReason, ParticipantId, Personal,
    RefuseReason, Role, SessionId, Timestamp, TrackKind, WaitReason,
};
use protocol::group::SignedAttestation;
use protocol::wire::{
    AddGround, Answer, AskedAbout, Asking, ClientMessage as C, Commit, DeviceKey, GonePerson, HerWord,
    KeyPackageHash, MediaState, Presence, PresentPerson, RejectReason, Sealed, ServerMessage as S, Slot,
    WaitingPerson, Welcome, WithoutHer,
};

/// Stands for everything that identifies a person.
pub(crate) const MARKER: &str = "Markernavn";

const AT: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const HASH: KeyPackageHash = KeyPackageHash([7; 32]);

fn who() -> ParticipantId {
    ParticipantId::from_bytes([1; 16])
}

fn group() -> GroupId {
    GroupId::from_bytes([2; 16])
}

fn name() -> Personal<String> {
    Personal::new(MARKER.to_owned())
}

fn commit() -> Commit {
    Commit {
        group: group(),
        epoch: 3,
        message: vec![1, 2],
        added: vec![(who(), HASH)],
        removed: vec![who()],
        welcome: Some(vec![3]),
    }
}

fn sealed() -> Sealed {
    Sealed { group: group(), message: vec![9; 4] }
}

/// Every client message.
pub(crate) fn client() -> Vec<C> {
    vec![
        C::Hello { device: DeviceKey(vec![4; 65]), returning: true },
        C::Knock { key_package: vec![5; 3], hash: HASH },
        C::Offer { sdp: "v=0".into() },
        C::Admit { participant: who(), hash: HASH },
        C::SendBack { participant: who() },
        C::EndFor { participant: who() },
        C::EndForAll,
        C::Note { participant: who(), text: name() },
        C::Commit(commit()),
        C::Sealed(sealed()),
        C::Sending { tracks: TrackKind::ALL.to_vec() },
        C::TakeScreen,
        C::DropScreen,
        C::StepOut { someone_came_in: true },
        C::StepIn { key_package: vec![6; 2], hash: HASH },
        C::Leave { reason: LeaveReason::ClosedFast },
        C::Asleep { asleep: true },
        C::WantKeyframes,
        C::Ping { number: 300 },
        C::Answer { about: who(), answer: Answer::SayFirst },
        C::AskWithoutHer { participant: who() },
        C::WithoutMe { agreed: true },
    ]
}

fn welcome() -> Welcome {
    Welcome {
        session: SessionId::from_bytes([8; 16]),
        you: who(),
        role: Role::YoungPerson,
        name: name(),
        attestation: SignedAttestation { statement: vec![1], signature: vec![2] },
        organization_key: [3; 32],
        at: AT,
    }
}

fn waiting_person() -> WaitingPerson {
    WaitingPerson {
        participant: who(),
        name: name(),
        role: Role::Guardian,
        assurance: Assurance::Link,
        since: AT,
        here: true,
        why: WaitReason::NotYetLetIn,
        asking: Some(Asking { word: HerWord::NotToday, whose: vec![name()] }),
        key_package: Some(vec![1]),
    }
}

fn present_person() -> PresentPerson {
    PresentPerson {
        participant: who(),
        name: name(),
        role: Role::Host,
        assurance: Assurance::SignedIn,
        since: AT,
        presence: Presence::DeviceAsleep,
        without_her: Some(WithoutHer::Stays),
    }
}

fn gone_person() -> GonePerson {
    GonePerson { participant: who(), name: name(), reason: GoneReason::SomeoneCameIn, at: AT }
}

/// Every server message.
pub(crate) fn server() -> Vec<S> {
    vec![
        S::Welcome(Box::new(welcome())),
        S::Waiting { why: WaitReason::TooEarly, since: AT, reconsider_at: Some(AT), seen_by: vec![name()] },
        S::Refused { why: RefuseReason::NotInvited },
        S::Note { from: name(), text: name(), at: AT },
        S::Lobby { people: vec![waiting_person()] },
        S::Admitted { capabilities: Capabilities::HOST, until: Some(AT) },
        S::CreateGroup { group: group() },
        S::KeyPackageWanted,
        S::AddWanted { participant: who(), key_package: vec![1], ground: AddGround::Clicked(HASH) },
        S::RemoveWanted { participant: who() },
        S::Commit { from: who(), commit: commit() },
        S::CommitLost { group: group(), epoch: 4 },
        S::Joined { group: group(), welcome: vec![1] },
        S::Sealed { from: who(), sealed: sealed() },
        S::GroupEnded { group: group() },
        S::Roster { people: vec![present_person()] },
        S::Gone { participant: who(), reason: GoneReason::ClosedFast, at: AT },
        S::Slots { slots: vec![Slot { line: 3, participant: who(), track: TrackKind::Camera }] },
        S::Answer { sdp: "v=0".into() },
        S::Media { participant: who(), state: MediaState::Late },
        S::Screen { holder: Some(who()) },
        S::HostGrace { until: Some(AT) },
        S::Ended { reason: EndReason::EndedForAll },
        S::Rejected { why: RejectReason::StaleKeyPackage },
        S::Pong { number: 300, at: AT },
        S::WentBefore { people: vec![gone_person()] },
        S::Asked {
            people: vec![AskedAbout { participant: who(), name: name(), said: Some(Answer::NotToday) }],
            without_you: Some(WithoutHer::Asked),
        },
    ]
}
