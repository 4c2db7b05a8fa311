//! Good messages to start from: a fuzzer learns little from rubbish alone.

use group::Memory;
use ids::{GroupId, LeaveReason, ParticipantId, Personal, SessionId, Timestamp};
use protocol::content::{Content, Reaction};
use protocol::frame::FrameKeys;
use protocol::group::{CredentialIdentity, GroupCommand, SignedAttestation};
use protocol::wire::{ClientMessage, Commit, KeyPackageHash, Sealed, ServerMessage};

use crate::inside::Inside;

/// Good messages, each with the target that it is for.
#[must_use]
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = of_the_wire();
    seeds.extend(of_the_workers());
    seeds.extend(of_mls());
    seeds
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
        ClientMessage::Note { participant, text },
    ];
    let server = [
        ServerMessage::Commit { from: participant, commit: commit() },
        ServerMessage::Sealed { from: participant, sealed },
    ];
    let client = client.iter().map(|message| ("client_message", protocol::encode(message)));
    client.chain(server.iter().map(|message| ("server_message", protocol::encode(message)))).collect()
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
