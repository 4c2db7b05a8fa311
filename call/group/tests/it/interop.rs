//! An independent implementation of MLS (ts-mls, in a node process) as guest, as host and as maker of the group.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use group::SoftDevice;
use ids::{GroupId, ParticipantId, Personal, Role, Timestamp};
use protocol::content::Content;
use protocol::group::{CredentialIdentity, DEVICE_LABEL, GroupCommand};
use protocol::wire::{AddGround, Commit, KeyPackageHash, Sealed};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::World;

/// The other implementation, with a credential of ours.
struct Stranger {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    participant: ParticipantId,
    identity: String,
}

impl Stranger {
    fn start(world: &World, seat: u8, role: Role) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../e2e/interop-mls");
        assert!(folder.join("node_modules").exists(), "`npm ci` in e2e/interop-mls; `./x test` does it");
        // The system's own may be too old for it: Debian 12 has version 18.
        let ours = folder.join("../node_modules/.bin/node");
        let node = if ours.exists() { ours } else { PathBuf::from("node") };
        let mut process = Command::new(node)
            .arg("peer.mjs")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        let participant = ParticipantId::from_bytes([seat; 16]);
        let mut stranger = Self { process, input, output, participant, identity: String::new() };
        let key = bytes(&stranger.ask(&json!({"do": "key"}))["key"]);
        let device = SoftDevice::from_seed([seat; 32]).expect("a key");
        let attestation = world.attest(&world.statement(seat, role, &device));
        let certified = [DEVICE_LABEL, world.session.as_bytes(), &key, &attestation.statement].concat();
        let device_signature = device.sign(&certified);
        stranger.identity = hex(&protocol::pack(&CredentialIdentity { attestation, device_signature }));
        stranger
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.input, "{command}").expect("node listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("node answers");
        assert!(!line.is_empty(), "node ended");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["error"], Value::Null, "{}", command["do"]);
        answer
    }

    /// A key package of the stranger, clicked on and asked for; the welcome goes back to it.
    fn let_in(&mut self, world: &mut World, host: usize) -> Value {
        let answer = self.ask(&json!({"do": "keyPackage", "identity": self.identity}));
        let key_package = bytes(&answer["keyPackage"]);
        let hash = KeyPackageHash(Sha256::digest(&key_package).into());
        let participant = self.participant;
        world.command(host, GroupCommand::Clicked { participant, hash });
        let ground = AddGround::Clicked(hash);
        world.command(host, GroupCommand::Add { participant, key_package, ground });
        world.settle();
        let welcome = hex(&world.strays.pop().expect("a welcome"));
        self.ask(&json!({"do": "join", "welcome": welcome}))
    }

    /// A commit of the stranger, brought to these clients.
    fn commit(&mut self, world: &mut World, command: &Value, to: &[usize]) -> Value {
        let answer = self.ask(command);
        let group = world.group.expect("a group");
        let message = bytes(&answer["commit"]);
        let commit = Commit {
            group,
            epoch: world.epoch,
            message,
            added: Vec::new(),
            removed: Vec::new(),
            welcome: None,
        };
        world.epoch += 1;
        for client in to {
            let from = self.participant;
            world.command(*client, GroupCommand::Commit { from, commit: commit.clone() });
        }
        answer
    }

    fn reads(&mut self, message: &[u8]) -> Value {
        self.ask(&json!({"do": "process", "message": hex(message)}))
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("text");
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex")).collect()
}

fn chat(text: &str) -> Content {
    Content::Chat { text: Personal::new(text.to_owned()), at: Timestamp::from_millis(1) }
}

/// The stranger's epoch and frame key are those of our client.
fn assert_same(world: &World, client: usize, answer: &Value) {
    let keys = world.clients[client].frame_keys().expect("keys");
    assert_eq!(answer["epoch"], json!(keys.epoch));
    assert_eq!(answer["base"], json!(hex(&keys.base)));
}

/// Both sides read what the other writes.
fn talk(world: &mut World, client: usize, stranger: &mut Stranger) {
    let before = world.clients[client].opened().len();
    world.command(client, GroupCommand::Seal(chat("from ours")));
    let (_, sealed) = world.relayed.last().cloned().expect("relayed");
    let read = stranger.reads(&sealed.message);
    assert_eq!(bytes(&read["plaintext"]), protocol::pack(&chat("from ours")));
    let plaintext = hex(&protocol::pack(&chat("from theirs")));
    let message = bytes(&stranger.ask(&json!({"do": "seal", "plaintext": plaintext}))["message"]);
    let sealed = Sealed { group: world.group.expect("a group"), message };
    world.command(client, GroupCommand::Open { from: stranger.participant, sealed });
    assert_eq!(world.clients[client].opened()[before..], [(stranger.participant, chat("from theirs"))]);
}

#[test]
fn a_guest_of_another_implementation_is_let_in_talks_and_follows_our_commits() {
    let mut world = World::gathered(&[Role::Host, Role::YoungPerson]);
    let mut stranger = Stranger::start(&world, 50, Role::Guardian);
    let joined = stranger.let_in(&mut world, 0);
    assert_same(&world, 0, &joined);
    talk(&mut world, 0, &mut stranger);
    world.settle();
    world.ask_to_remove(0, 1);
    let commit = world.ordered.last().cloned().expect("a commit");
    world.settle();
    let followed = stranger.reads(&commit.message);
    assert_same(&world, 0, &followed);
    talk(&mut world, 0, &mut stranger);
    assert!(world.clients[0].alarms().is_empty());
}

#[test]
fn a_host_of_another_implementation_makes_the_group_and_ours_follow_it() {
    let mut world = World::with(&[Role::Host, Role::YoungPerson]);
    let mut stranger = Stranger::start(&world, 50, Role::Host);
    let group = GroupId::from_bytes([9; 16]);
    world.group = Some(group);
    let identity = stranger.identity.clone();
    stranger.ask(&json!({"do": "create", "identity": identity, "group": hex(group.as_bytes())}));
    for guest in 0..2 {
        let (key_package, _) = world.clients[guest].key_package.clone().expect("a key package");
        let add = json!({"do": "add", "keyPackage": hex(&key_package)});
        let inside: Vec<usize> = (0..guest).collect();
        let answer = stranger.commit(&mut world, &add, &inside);
        let welcome = bytes(&answer["welcome"]);
        world.command(guest, GroupCommand::Join { group, welcome });
        for client in 0..=guest {
            assert_same(&world, client, &answer);
        }
    }
    talk(&mut world, 0, &mut stranger);
    talk(&mut world, 1, &mut stranger);
    let answer = stranger.commit(&mut world, &json!({"do": "remove", "leaf": 2}), &[0, 1]);
    assert_same(&world, 0, &answer);
    assert_eq!(world.clients[1].frame_keys(), None, "removed");
    assert!(world.clients.iter().all(|client| client.alarms().is_empty()));
}
