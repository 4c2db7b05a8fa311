//! Good messages to start from: a fuzzer learns little from rubbish alone.

use group::Memory;
use ids::{GroupId, LeaveReason, ParticipantId, Personal, SessionId, Timestamp};
use protocol::content::{Around, Content, Heartbeat, Reaction, SelfState, Surrounding};
use protocol::frame::FrameKeys;
use protocol::group::{CredentialIdentity, GroupCommand, SignedAttestation};
use protocol::wire::{
    Answer, AskedAbout, ClientMessage, Commit, KeyPackageHash, Sealed, ServerMessage, WithoutHer,
};

use crate::inside::Inside;

/// Good messages, each with the target that it is for.
#[must_use]
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = of_the_wire();
    seeds.extend(of_the_workers());
    seeds.extend(of_mls());
    seeds.extend(of_a_session());
    let texts = ["samrom", "c2Ftcm9tLXBhaXItdjEBAQEBAQEBAQEBAQEBAQEB"];
    seeds.extend(texts.into_iter().filter_map(crate::camera::seed).map(|squares| ("camera", squares)));
    seeds.extend(of_the_shell());
    seeds.push(("backup", crate::backup::seed()));
    seeds.push(("content", protocol::pack(&Content::Heartbeat(heartbeat()))));
    seeds.push(("group_command", protocol::pack(&GroupCommand::Unsay)));
    seeds
}

fn heartbeat() -> Heartbeat {
    let around = Around::NOTHING.toggled(Surrounding::Alone).toggled(Surrounding::Outside);
    let state = SelfState { microphone: true, camera: true, around, ..SelfState::default() };
    Heartbeat { number: 7, authenticator: Vec::new(), heard: Vec::new(), asks: false, state }
}

fn commit() -> Commit {
    let participant = ParticipantId::from_bytes([1; 16]);
    Commit {
        group: GroupId::from_bytes([2; 16]),
        epoch: 3,
        message: vec![1; 40],
        added: vec![(participant, KeyPackageHash([3; 32]))],
        removed: vec![participant],
        welcome: Some(vec![2; 40]),
    }
}

fn of_the_wire() -> Vec<(&'static str, Vec<u8>)> {
    let participant = ParticipantId::from_bytes([1; 16]);
    let hash = KeyPackageHash([3; 32]);
    let text = Personal::new("Hei".to_owned());
    let sealed = Sealed { group: GroupId::from_bytes([2; 16]), message: vec![4; 30] };
    let client = [
        ClientMessage::Knock { key_package: vec![1; 20], hash },
        ClientMessage::Commit(commit()),
        ClientMessage::Leave { reason: LeaveReason::ClosedFast },
        ClientMessage::Note { participant, text: text.clone() },
        ClientMessage::Answer { about: participant, answer: Answer::Yes },
        ClientMessage::AskWithoutHer { participant },
        ClientMessage::WithoutMe { agreed: true },
    ];
    let server = [
        ServerMessage::Commit { from: participant, commit: commit() },
        ServerMessage::Sealed { from: participant, sealed },
        ServerMessage::Asked {
            people: vec![AskedAbout { participant, name: text, said: Some(Answer::NotToday) }],
            without_you: Some(WithoutHer::Asked),
        },
    ];
    let client = client.iter().map(|message| ("client_message", protocol::encode(message)));
    client.chain(server.iter().map(|message| ("server_message", protocol::encode(message)))).collect()
}

fn of_the_shell() -> Vec<(&'static str, Vec<u8>)> {
    let head = "a=b; __Host-samrom=abcdefghijklmnop; lang=nn\nnb-NO,nb;q=0.9,en;q=0.8\nhttps://samrom.example\nsamrom.example";
    vec![
        ("framing", [&[3, 0, 3][..], b"one", &[0, 0, 0, 14], b"three and more"].concat()),
        ("headers", head.as_bytes().to_vec()),
        ("passkey_answer", include_bytes!("passkey_made.json").to_vec()),
        ("passkey_answer", include_bytes!("passkey_found.json").to_vec()),
    ]
}

fn of_the_workers() -> Vec<(&'static str, Vec<u8>)> {
    let participant = ParticipantId::from_bytes([1; 16]);
    let text = Personal::new("Hei".to_owned());
    let attestation = SignedAttestation { statement: vec![1; 90], signature: vec![2; 64] };
    let identity = CredentialIdentity { attestation, device_signature: vec![3; 64] };
    let members = vec![(participant, 1)];
    let keys = FrameKeys::Install { epoch: 1, base: [1; 32], own_leaf: 0, members, removal: true };
    let start = GroupCommand::Start { session: SessionId::from_bytes([5; 16]) };
    vec![
        ("group_command", protocol::pack(&start)),
        ("group_command", protocol::pack(&GroupCommand::Commit { from: participant, commit: commit() })),
        ("content", protocol::pack(&Content::Chat { text, at: Timestamp::from_millis(7) })),
        ("content", protocol::pack(&Content::Reaction(Reaction::Yes))),
        ("frame_keys", protocol::pack(&keys)),
        ("credential", protocol::pack(&identity)),
        ("memory", Memory::default().to_bytes()),
        ("sealed_frame", vec![0x10, 0x99, 0x01, 0x23, 0x45, 0x67, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ]
}

/// Real messages, but of a group that is no more when they are read again.
fn of_mls() -> Vec<(&'static str, Vec<u8>)> {
    let inside = Inside::new();
    vec![
        ("commit", inside.real_commit().to_vec()),
        ("commit", vec![0, 40, 1]),
        ("application_message", inside.real_message().to_vec()),
        ("application_message", vec![0, 60, 128]),
        ("welcome", inside.real_welcome().to_vec()),
        ("key_package", inside.real_key_package().to_vec()),
    ]
}

/// Stories for a live room: steps of what, who, a length and what is said (see `session`).
fn of_a_session() -> Vec<(&'static str, Vec<u8>)> {
    let [speak, arrive, hang_up, pass, facts, write] = [1, 8, 10, 11, 12, 13];
    let step = |what: u8, who: u8, bytes: &[u8]| {
        [&[what, who, u8::try_from(bytes.len()).unwrap_or_default()], bytes].concat()
    };
    let say = |page: u8, message: &ClientMessage| step(speak, page, &protocol::pack(message));
    let of = |number: u8| ParticipantId::from_bytes([number; 16]);
    let hash = KeyPackageHash([0; 32]);
    let admit = |number: u8| ClientMessage::Admit { participant: of(number), hash };
    let step_in = ClientMessage::StepIn { key_package: vec![1; 20], hash };
    let sealed = Sealed { group: GroupId::from_bytes([2; 16]), message: vec![4; 30] };
    let stories = [
        vec![say(1, &ClientMessage::Sealed(sealed)), say(0, &ClientMessage::Commit(commit()))],
        vec![step(arrive, 3, &[]), say(0, &admit(3)), say(2, &ClientMessage::TakeScreen)],
        vec![say(1, &ClientMessage::StepOut { someone_came_in: true }), say(1, &step_in)],
        vec![say(0, &ClientMessage::SendBack { participant: of(2) }), say(0, &admit(2))],
        vec![step(hang_up, 0, &[]), step(pass, 0, &[200]), step(arrive, 0, &[])],
        vec![step(write, 0, &[3]), step(arrive, 3, &[]), say(0, &admit(3)), step(write, 0, &[0])],
        vec![step(arrive, 4, &[]), say(0, &admit(4)), step(facts, 2, &[1]), step(arrive, 1, &[])],
        vec![say(1, &ClientMessage::Asleep { asleep: true }), say(0, &ClientMessage::EndForAll)],
    ];
    stories.into_iter().map(|steps| ("room", steps.concat())).collect()
}
