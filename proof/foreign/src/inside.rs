//! Two hosts in one group, one of whom is fed foreign bytes.

use group::{Member, Memory, Output, SoftDevice};
use ids::{GroupId, ParticipantId, Personal, Role, SessionId, Timestamp};
use openmls_basic_credential::SignatureKeyPair;
use openmls_traits::signatures::Signer;
use openmls_traits::types::SignatureScheme;
use protocol::content::{Content, Reaction};
use protocol::frame::FrameKeys;
use protocol::group::{
    ATTESTATION_LABEL, Attestation, GroupCommand, GroupEvent, PersonTag, SignedAttestation,
};
use protocol::wire::{AddGround, Commit, Sealed};

const SESSION: SessionId = SessionId::from_bytes([5; 16]);
const GROUP: GroupId = GroupId::from_bytes([6; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

struct Client {
    member: Member,
    device: SoftDevice,
    participant: ParticipantId,
    keys: Option<FrameKeys>,
}

/// The group, the one who is fed, and what the other really sent.
pub(crate) struct Inside {
    fed: Client,
    other: ParticipantId,
    epoch: u64,
    commit: Vec<u8>,
    message: Vec<u8>,
    welcome: Vec<u8>,
    key_package: Vec<u8>,
}

impl Inside {
    /// A group of two in its second epoch, with a commit and a message of the other on their way.
    pub(crate) fn new() -> Self {
        let organization =
            SignatureKeyPair::new(SignatureScheme::ED25519).expect("the system has randomness");
        let (mut other, _) = client(1, &organization);
        let (mut fed, packages) = client(2, &organization);
        other.handle(GroupCommand::CreateGroup { group: GROUP });
        let (key_package, welcome) = let_in(&mut other, &mut fed, packages);
        let message = other
            .handle(GroupCommand::Seal(Content::Reaction(Reaction::Heart)))
            .into_iter()
            .find_map(|event| match event {
                GroupEvent::SendSealed(sealed) => Some(sealed.message),
                _ => None,
            })
            .expect("a member inside seals");
        let commit = commit_of(other.handle(GroupCommand::Remove { participant: fed.participant }));
        Self {
            fed,
            other: other.participant,
            epoch: commit.epoch,
            commit: commit.message,
            message,
            welcome,
            key_package,
        }
    }

    pub(crate) fn group(&self) -> GroupId {
        GROUP
    }

    pub(crate) fn real_commit(&self) -> &[u8] {
        &self.commit
    }

    pub(crate) fn real_message(&self) -> &[u8] {
        &self.message
    }

    pub(crate) fn real_welcome(&self) -> &[u8] {
        &self.welcome
    }

    pub(crate) fn real_key_package(&self) -> &[u8] {
        &self.key_package
    }

    /// These bytes as a commit in the server's order.
    pub(crate) fn ordered(&self, message: Vec<u8>) -> GroupCommand {
        let commit = Commit {
            group: GROUP,
            epoch: self.epoch,
            message,
            added: Vec::new(),
            removed: Vec::new(),
            welcome: None,
        };
        GroupCommand::Commit { from: self.other, commit }
    }

    /// Feeds a command.
    pub(crate) fn handle(&mut self, command: GroupCommand) -> Vec<GroupEvent> {
        self.fed.handle(command)
    }

    /// Feeds a command that must leave the keys as they are.
    pub(crate) fn unmoved(&mut self, command: GroupCommand) {
        let before = self.fed.keys.clone();
        self.fed.handle(command);
        assert!(self.fed.keys == before, "foreign bytes moved the group");
    }

    /// Feeds a sealed message that must not open.
    pub(crate) fn unopened(&mut self, message: Vec<u8>) {
        let sealed = Sealed { group: GROUP, message };
        let events = self.fed.handle(GroupCommand::Open { from: self.other, sealed });
        let opened = |event: &GroupEvent| matches!(event, GroupEvent::Opened { .. });
        assert!(!events.iter().any(opened), "opened what nobody sealed");
    }
}

impl Client {
    fn handle(&mut self, command: GroupCommand) -> Vec<GroupEvent> {
        self.member.handle_command(command, NOW);
        let mut events = Vec::new();
        while let Some(output) = self.member.poll_output() {
            match output {
                Output::Event(event) => events.push(event),
                Output::SignWithDevice { ticket, bytes } => {
                    let signature = self.device.sign(&bytes);
                    self.member.handle_device_signature(ticket, &signature, NOW);
                }
                Output::Keys(keys) => self.keys = Some(keys),
                Output::Remember(_) => {}
            }
        }
        events
    }
}

/// A host with a key package out.
fn client(number: u8, organization: &SignatureKeyPair) -> (Client, Vec<GroupEvent>) {
    let device = SoftDevice::from_seed([number; 32]).expect("small numbers are keys");
    let participant = ParticipantId::from_bytes([number; 16]);
    let member = Member::new(device.key(), Memory::default());
    let statement = protocol::pack(&Attestation {
        session: SESSION,
        participant,
        person: PersonTag([number; 16]),
        role: Role::Host,
        name: Personal::new("Somebody".to_owned()),
        device: device.key(),
        issued: NOW,
        expires: Timestamp::from_millis(i64::MAX),
    });
    let signature = organization.sign(&[ATTESTATION_LABEL, &statement].concat()).expect("the key signs");
    let organization_key = organization.public().try_into().expect("an Ed25519 key has 32 bytes");
    let attestation = SignedAttestation { statement, signature };
    let mut client = Client { member, device, participant, keys: None };
    client.handle(GroupCommand::Start { session: SESSION });
    client.handle(GroupCommand::Attested { you: participant, attestation, organization_key });
    let events = client.handle(GroupCommand::MakeKeyPackage);
    (client, events)
}

/// Lets the guest in; gives its key package and its welcome.
fn let_in(host: &mut Client, guest: &mut Client, packages: Vec<GroupEvent>) -> (Vec<u8>, Vec<u8>) {
    let (key_package, hash) = packages
        .into_iter()
        .find_map(|event| match event {
            GroupEvent::KeyPackage { key_package, hash } => Some((key_package, hash)),
            _ => None,
        })
        .expect("an attested member makes a key package");
    let participant = guest.participant;
    host.handle(GroupCommand::Clicked { participant, hash });
    let ground = AddGround::Clicked(hash);
    let commit =
        commit_of(host.handle(GroupCommand::Add { participant, key_package: key_package.clone(), ground }));
    let welcome = commit.welcome.clone().expect("an add has a welcome");
    host.handle(GroupCommand::Commit { from: host.participant, commit });
    guest.handle(GroupCommand::Join { group: GROUP, welcome: welcome.clone() });
    assert!(guest.keys.is_some(), "the guest is inside");
    (key_package, welcome)
}

fn commit_of(events: Vec<GroupEvent>) -> Commit {
    events
        .into_iter()
        .find_map(|event| match event {
            GroupEvent::SendCommit(commit) => Some(commit),
            _ => None,
        })
        .expect("a host commits what is wished for")
}
