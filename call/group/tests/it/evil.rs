//! What members refuse: commits that break the policy, ghosts, forgeries, replays (SEC-013, SEC-014, SEC-015).
//!
//! Each attack is one that MLS itself would let through, made by somebody with good keys; so each of these tests
//! fails when our own check is taken out.

use core::time::Duration;

use group::SoftDevice;
use ids::{Role, SessionId};
use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::*;
use protocol::content::{Content, Reaction};
use protocol::group::{Attestation, GroupCommand, GroupEvent, LockAlarm};
use protocol::wire::{AddGround, Commit, KeyPackageHash};
use sha2::{Digest as _, Sha256};

use crate::insider::{Insider, Plot, bytes, ordered};
use crate::world::World;

const HOST: Role = Role::Host;
const YOUNG: Role = Role::YoungPerson;

/// A host and a young person inside, with an insider in this role.
fn with_insider(role: Role) -> (World, Insider) {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let mut insider = Insider::new(&world, 50, role);
    insider.let_in(&mut world, 0);
    (world, insider)
}

/// Everyone refuses the commit with this alarm and stays where they were.
fn refuse(world: &mut World, from: &Insider, commit: &Commit, alarm: LockAlarm) {
    for client in 0..2 {
        let before = world.clients[client].frame_keys();
        let events = world.clients[client].events.len();
        let from = from.participant();
        world.command(client, GroupCommand::Commit { from, commit: commit.clone() });
        let after = &world.clients[client].events[events..];
        assert_eq!(after, [GroupEvent::Alarm(alarm)], "client {client}");
        assert_eq!(world.clients[client].frame_keys(), before);
    }
}

#[test]
fn an_insider_who_is_host_and_keeps_the_rules_is_followed() {
    let (mut world, mut insider) = with_insider(HOST);
    let leaf = insider.leaf_of(&world, 1);
    let commit = insider.commit(&world, Plot::remove(leaf));
    world.command(0, GroupCommand::Commit { from: insider.participant(), commit });
    assert_eq!(
        world.clients[0].view().expect("inside").members.len(),
        2,
        "the attacks below differ in one thing"
    );
    assert!(world.clients[0].alarms().is_empty());
}

#[test]
fn who_is_no_host_commits_nothing() {
    let (mut world, mut insider) = with_insider(YOUNG);
    let leaf = insider.leaf_of(&world, 1);
    let remove = insider.commit(&world, Plot::remove(leaf));
    refuse(&mut world, &insider, &remove, LockAlarm::ForbiddenCommit);
}

#[test]
fn who_is_no_host_adds_nobody_and_updates_nothing() {
    let (mut world, mut insider) = with_insider(YOUNG);
    let ghost = Insider::new(&world, 66, Role::Support).key_package();
    let add = insider.commit(&world, Plot::add(ghost));
    refuse(&mut world, &insider, &add, LockAlarm::ForbiddenCommit);
    let (mut world, mut insider) = with_insider(YOUNG);
    let update = insider.commit(&world, Plot::default());
    refuse(&mut world, &insider, &update, LockAlarm::ForbiddenCommit);
}

#[test]
fn not_even_a_host_changes_the_group_context() {
    let (mut world, mut insider) = with_insider(HOST);
    let sender = ExternalSender::new(insider.signer.public().into(), insider.credential.credential.clone());
    let extension = Extension::ExternalSenders(vec![sender]);
    let extensions = Extensions::single(extension).expect("it fits a group context");
    let commit = insider.commit(&world, Plot { context: Some(extensions), ..Plot::default() });
    refuse(&mut world, &insider, &commit, LockAlarm::ForbiddenCommit);
}

#[test]
fn not_even_a_host_gives_one_seat_to_two() {
    let (mut world, mut insider) = with_insider(HOST);
    let twin = Insider::new(&world, 2, YOUNG).key_package();
    let commit = insider.commit(&world, Plot::add(twin));
    refuse(&mut world, &insider, &commit, LockAlarm::ForbiddenCommit);
}

#[test]
fn not_even_a_host_becomes_somebody_else() {
    let (mut world, mut insider) = with_insider(HOST);
    let other = Insider::new(&world, 51, HOST);
    let stolen = CredentialWithKey {
        credential: other.credential.credential,
        signature_key: insider.credential.signature_key.clone(),
    };
    let leaf = LeafNodeParameters::builder().with_credential_with_key(stolen).build();
    let commit = insider.commit(&world, Plot { leaf, ..Plot::default() });
    refuse(&mut world, &insider, &commit, LockAlarm::BadCredential);
}

/// Everything that can be wrong with a credential.
fn bad_credentials(world: &World) -> Vec<(&'static str, Insider)> {
    let device = SoftDevice::from_seed([7; 32]).expect("a key");
    let good = world.statement(66, Role::Support, &device);
    let elsewhere = Attestation { session: SessionId::from_bytes([99; 16]), ..good.clone() };
    let expired = Attestation { expires: world.now.minus(Duration::from_secs(1)), ..good.clone() };
    let other = SoftDevice::from_seed([8; 32]).expect("a key");
    let another_organization = World::new();
    vec![
        ("for another session", Insider::claiming(world, &elsewhere, &device)),
        ("expired", Insider::claiming(world, &expired, &device)),
        ("certified by another device", Insider::claiming(world, &good, &other)),
        ("attested by another organisation", Insider::claiming(&another_organization, &good, &device)),
        ("no credential of ours", Insider::with_identity(66, b"Mallory".to_vec())),
        ("taken from another leaf", {
            let real = Insider::claiming(world, &good, &device);
            let basic = BasicCredential::try_from(real.credential.credential).expect("basic");
            Insider::with_identity(66, basic.identity().to_vec())
        }),
    ]
}

#[test]
fn a_host_adds_nobody_with_a_bad_credential() {
    for place in 0..6 {
        let (mut world, mut insider) = with_insider(HOST);
        let (what, bad) = bad_credentials(&world).swap_remove(place);
        let commit = insider.commit(&world, Plot::add(bad.key_package()));
        refuse(&mut world, &insider, &commit, LockAlarm::BadCredential);
        assert!(!what.is_empty());
    }
}

#[test]
fn a_click_on_somebody_with_a_bad_credential_adds_nobody() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    for (what, bad) in bad_credentials(&world) {
        let key_package = bytes(&MlsMessageOut::from(bad.key_package()));
        let hash = KeyPackageHash(Sha256::digest(&key_package).into());
        let participant = bad.participant();
        world.command(0, GroupCommand::Look { participant, key_package: key_package.clone() });
        let looked = GroupEvent::Looked { participant, hash, known: None };
        assert_eq!(world.clients[0].events.last(), Some(&looked), "{what}");
        world.command(0, GroupCommand::Clicked { participant, hash });
        let ground = AddGround::Clicked(hash);
        let epoch = world.epoch;
        world.command(0, GroupCommand::Add { participant, key_package, ground });
        assert_eq!(world.epoch, epoch, "{what}");
    }
    assert_eq!(world.clients[0].alarms(), [LockAlarm::BadCredential]);
}

#[test]
fn a_key_package_for_another_seat_than_the_server_names_is_refused() {
    let mut world = World::with(&[HOST, YOUNG, Role::Guardian]);
    world.create(0);
    let (key_package, hash) = world.clients[1].key_package.clone().expect("a key package");
    let participant = world.clients[2].participant;
    world.command(0, GroupCommand::Clicked { participant, hash });
    world.command(0, GroupCommand::Add { participant, key_package, ground: AddGround::Clicked(hash) });
    assert_eq!(world.clients[0].alarms(), [LockAlarm::BadCredential]);
    assert_eq!(world.epoch, 0);
}

#[test]
fn an_outsider_does_not_commit_itself_in() {
    let (mut world, insider) = with_insider(YOUNG);
    let mut stranger = Insider::new(&world, 77, HOST);
    let (_, commit, _) = MlsGroup::external_commit_builder()
        .with_config(MlsGroupJoinConfig::builder().use_ratchet_tree_extension(true).build())
        .build_group(&stranger.provider, insider.leak(), stranger.credential.clone())
        .expect("a leaked group")
        .load_psks(stranger.provider.storage())
        .expect("loaded")
        .build(stranger.provider.rand(), stranger.provider.crypto(), &stranger.signer, |_| true)
        .expect("built")
        .finalize(&stranger.provider)
        .map(|(group, bundle)| (group, bundle.into_messages().0, ()))
        .expect("an external commit");
    stranger.group = None;
    let commit = ordered(&world, bytes(&commit), None);
    refuse(&mut world, &stranger, &commit, LockAlarm::ForbiddenCommit);
}

#[test]
fn a_proposal_on_its_own_is_refused_and_so_is_a_commit_that_refers_to_it() {
    let (mut world, mut insider) = with_insider(HOST);
    let ghost = Insider::new(&world, 66, Role::Support).key_package();
    let from = insider.participant();
    let sealed = insider.propose_add(&world, &ghost);
    for client in 0..2 {
        world.command(client, GroupCommand::Open { from, sealed: sealed.clone() });
        assert_eq!(world.clients[client].alarms(), [LockAlarm::ForbiddenCommit]);
    }
    world.pass(11_000);
    let commit = insider.commit(&world, Plot::default());
    refuse_again(&mut world, &insider, &commit);
}

/// Like [`refuse`], where an earlier alarm was already told and is over.
fn refuse_again(world: &mut World, from: &Insider, commit: &Commit) {
    for client in 0..2 {
        let before = world.clients[client].frame_keys();
        let from = from.participant();
        world.command(client, GroupCommand::Commit { from, commit: commit.clone() });
        assert_eq!(world.clients[client].frame_keys(), before);
        assert_eq!(world.clients[client].events.last(), Some(&GroupEvent::Alarm(LockAlarm::ForbiddenCommit)));
    }
}

#[test]
fn a_forged_commit_is_refused_and_the_real_one_still_counts() {
    let (mut world, mut insider) = with_insider(HOST);
    let leaf = insider.leaf_of(&world, 1);
    let real = insider.commit(&world, Plot::remove(leaf));
    let from = insider.participant();
    for place in (0..real.message.len()).step_by(61) {
        let mut forged = real.clone();
        forged.message[place] ^= 1;
        let before = world.clients[0].frame_keys();
        world.command(0, GroupCommand::Commit { from, commit: forged });
        assert_eq!(world.clients[0].frame_keys(), before, "byte {place}");
    }
    world.command(0, GroupCommand::Commit { from, commit: real });
    assert_eq!(world.clients[0].view().expect("inside").members.len(), 2);
}

#[test]
fn a_ghost_is_never_added() {
    let mut world = World::with(&[HOST, YOUNG, Role::Guardian]);
    world.create(0);
    world.ask_to_add(0, 1);
    assert_eq!(world.clients[0].alarms(), [LockAlarm::GhostRefused], "nobody clicked");
    world.click(0, 2);
    world.ask_to_add(0, 1);
    let (_, clicked) = world.clients[2].key_package.clone().expect("a key package");
    world.ask_on_ground(0, 1, AddGround::Clicked(clicked));
    world.ask_on_ground(0, 1, AddGround::CameBack);
    world.settle();
    assert_eq!((world.epoch, world.members.len()), (0, 1), "SEC-014");
}

#[test]
fn one_click_lets_in_one_key_package_once() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    world.ask_to_remove(0, 1);
    world.settle();
    let epoch = world.epoch;
    world.ask_to_add(0, 1);
    world.settle();
    assert_eq!(world.epoch, epoch);
    assert_eq!(world.clients[0].alarms(), [LockAlarm::GhostRefused]);
}

#[test]
fn another_device_or_role_does_not_come_back_without_a_click() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let epoch = world.epoch;
    let other_device = world.arrive(2, 22, YOUNG);
    world.ask_on_ground(0, other_device, AddGround::CameBack);
    let risen = world.arrive(2, 2, HOST);
    world.ask_on_ground(0, risen, AddGround::CameBack);
    world.settle();
    assert_eq!(world.epoch, epoch);
    assert_eq!(world.clients[0].alarms(), [LockAlarm::GhostRefused]);
}

#[test]
fn who_was_sent_back_does_not_come_back_without_a_click() {
    let mut world = World::gathered(&[HOST, HOST, YOUNG, Role::Guardian]);
    let guardian = world.clients[3].participant;
    world.command(0, GroupCommand::SentBack { participant: guardian });
    // Somebody else comes in before the leaf is gone: that does not make the device known again.
    let late = world.arrive(9, 9, Role::Support);
    world.let_in(0, late);
    world.settle();
    world.ask_to_remove(0, 3);
    world.settle();
    let again = world.arrive(4, 4, Role::Guardian);
    let epoch = world.epoch;
    for host in [0, 1] {
        world.ask_on_ground(host, again, AddGround::CameBack);
        world.settle();
        assert_eq!(world.epoch, epoch, "SEC-014");
        assert_eq!(world.clients[host].alarms(), [LockAlarm::GhostRefused]);
    }
    world.let_in(1, again);
    world.settle();
    assert_eq!(world.epoch, epoch + 1, "a click lets in");
    let reloaded = world.arrive(4, 4, Role::Guardian);
    world.ask_on_ground(0, reloaded, AddGround::CameBack);
    world.settle();
    assert_eq!(world.epoch, epoch + 1, "one host's click is not the other's");
    world.ask_on_ground(1, reloaded, AddGround::CameBack);
    world.settle();
    assert_eq!(world.epoch, epoch + 2, "for the host who clicked a reload needs none");
}

#[test]
fn only_a_host_sends_back() {
    let (mut world, mut insider) = with_insider(Role::Guardian);
    let young = world.clients[1].participant;
    world.command(1, GroupCommand::SentBack { participant: young });
    let claim = insider.say(&world, &Content::SentBack { participant: young });
    world.command(0, GroupCommand::Open { from: insider.participant(), sealed: claim });
    let again = world.arrive(2, 2, YOUNG);
    world.ask_on_ground(0, again, AddGround::CameBack);
    world.settle();
    assert!(world.clients[0].alarms().is_empty());
    assert!(world.members.contains(&again));
}

#[test]
fn who_is_no_host_is_asked_in_vain() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    let ghost = world.arrive(9, 9, Role::Support);
    world.let_in(1, ghost);
    world.ask_to_remove(1, 0);
    world.settle();
    assert_eq!(world.clients[1].alarms(), [LockAlarm::GhostRefused]);
    assert_eq!(world.members, [0, 1]);
}

/// A group that an insider made by itself, with its welcome for the young person (client 1).
fn strange_group(world: &World, insider: &Insider, config: &MlsGroupCreateConfig) -> GroupCommand {
    let id = ids::GroupId::from_bytes([1; 16]);
    let mut group = MlsGroup::new_with_group_id(
        &insider.provider,
        &insider.signer,
        config,
        GroupId::from_slice(id.as_bytes()),
        insider.credential.clone(),
    )
    .expect("a group");
    let (package, _) = world.clients[1].key_package.clone().expect("a key package");
    let message = MlsMessageIn::tls_deserialize_exact(package).expect("a message");
    let MlsMessageBodyIn::KeyPackage(package) = message.extract() else { panic!("a key package") };
    let package = package.validate(insider.provider.crypto(), ProtocolVersion::Mls10).expect("good");
    let (_, welcome, _) =
        group.add_members(&insider.provider, &insider.signer, &[package]).expect("a welcome");
    GroupCommand::Join { group: id, welcome: bytes(&welcome) }
}

#[test]
fn nobody_is_welcomed_by_one_who_is_no_host() {
    let mut world = World::with(&[HOST, YOUNG]);
    let config = MlsGroupCreateConfig::builder().use_ratchet_tree_extension(true).build();
    let join = strange_group(&world, &Insider::new(&world, 50, YOUNG), &config);
    world.command(1, join);
    assert_eq!(world.clients[1].alarms(), [LockAlarm::ForbiddenCommit]);
    assert_eq!(world.clients[1].frame_keys(), None);
}

#[test]
fn nobody_is_welcomed_into_a_group_with_a_door_for_outsiders() {
    let mut world = World::with(&[HOST, YOUNG]);
    let insider = Insider::new(&world, 50, HOST);
    let plain = MlsGroupCreateConfig::builder().use_ratchet_tree_extension(true);
    let sender = ExternalSender::new(insider.signer.public().into(), insider.credential.credential.clone());
    let door = Extensions::single(Extension::ExternalSenders(vec![sender])).expect("it fits");
    let open = plain.with_group_context_extensions(door).build();
    let join = strange_group(&world, &insider, &open);
    world.command(1, join);
    assert_eq!(world.clients[1].alarms(), [LockAlarm::ForbiddenCommit]);
    assert_eq!(world.clients[1].frame_keys(), None);
}

#[test]
fn a_good_commit_in_the_clear_is_refused() {
    let (mut world, mut insider) = with_insider(HOST);
    let in_the_clear = MlsGroupJoinConfig::builder()
        .use_ratchet_tree_extension(true)
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .build();
    let group = insider.group.as_mut().expect("inside");
    group.set_configuration(insider.provider.storage(), &in_the_clear).expect("set");
    let leaf = insider.leaf_of(&world, 1);
    let commit = insider.commit(&world, Plot::remove(leaf));
    refuse(&mut world, &insider, &commit, LockAlarm::ForbiddenCommit);
}

#[test]
fn a_replayed_message_is_opened_once() {
    let mut world = World::gathered(&[HOST, YOUNG]);
    world.command(1, GroupCommand::Seal(Content::Reaction(Reaction::Hand)));
    let (_, sealed) = world.relayed.last().cloned().expect("relayed");
    world.settle();
    let from = world.clients[1].participant;
    world.command(0, GroupCommand::Open { from, sealed });
    assert_eq!(world.clients[0].opened().len(), 1);
}

#[test]
fn the_sender_is_the_one_that_the_seal_proves() {
    let mut world = World::gathered(&[HOST, YOUNG, Role::Guardian]);
    world.command(1, GroupCommand::Seal(Content::Reaction(Reaction::Hand)));
    let (_, sealed) = world.relayed.last().cloned().expect("relayed");
    world.clients[0].queue.clear();
    let pretended = world.clients[2].participant;
    world.command(0, GroupCommand::Open { from: pretended, sealed });
    let young = world.clients[1].participant;
    assert_eq!(world.clients[0].opened(), [(young, Content::Reaction(Reaction::Hand))]);
}

#[test]
fn the_server_cannot_give_us_an_attestation_for_another_device_or_seat() {
    let mut world = World::new();
    let client = world.arrive(1, 1, HOST);
    let other = SoftDevice::from_seed([9; 32]).expect("a key");
    let attestation = world.attest(&world.statement(1, HOST, &other));
    let you = world.clients[client].participant;
    let organization_key = world.organization_key();
    world.command(client, GroupCommand::Attested { you, attestation, organization_key });
    assert_eq!(world.clients[client].alarms(), [LockAlarm::BadCredential]);
}
