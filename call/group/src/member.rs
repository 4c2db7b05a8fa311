//! The state machine of one member: from the device key over the key package to the group and out again.

use std::collections::VecDeque;

use ids::{
    GroupId, KEY_PACKAGE_BYTES_MAX, MESSAGE_BYTES_MAX, ParticipantId, Role, SessionId, TEXT_CHARS_MAX,
    Timestamp,
};
use protocol::content::{Aside, Content, SelfState};
use protocol::frame::FrameKeys;
use protocol::group::{CredentialIdentity, GroupCommand, GroupEvent, KnownAs, LockAlarm, SignedAttestation};
use protocol::wire::{AddGround, Commit, DeviceKey, KeyPackageHash, Sealed};
use sha2::{Digest, Sha256};

use crate::alarms::Alarms;
use crate::asides::{Asides, Numbered};
use crate::credential::{Trust, Verified, to_be_certified, verify, verify_attestation};
use crate::device::device_signed;
use crate::inside::{Inside, Pending};
use crate::lobby::{Add, Lobby};
use crate::memory::Memory;
use crate::mls::{self, CheckedKeyPackage, Message, Mls, Prepared, SigningKey, Staged};
use crate::pairing;
use crate::policy::{Passed, Violation, check_commit, check_welcome, check_wire};
use crate::roster::{Entry, Roster};
use crate::watch::{Together, Watch};

/// Key packages that may be out at a time.
const PREPARED_MAX: usize = 4;
/// Signatures that may be awaited from the device at a time.
const SIGNING_MAX: usize = 4;
/// People who wait whose devices are remembered for pairing.
const LOOKED_MAX: usize = 32;

/// What a [`Member`] wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Tell the page.
    Event(GroupEvent),
    /// Tell the worker that seals media; never the page.
    Keys(FrameKeys),
    /// Sign with the device key and bring it back with [`Member::handle_device_signature`].
    SignWithDevice {
        /// Comes back with the signature.
        ticket: u32,
        /// What to sign: ECDSA P-256 over SHA-256, raw r‖s.
        bytes: Vec<u8>,
    },
    /// Keep this for the next start, in the place of what was kept before.
    Remember(Memory),
}

/// One client's MLS member.
///
/// Calls: [`handle_command`](Self::handle_command) and
/// [`handle_device_signature`](Self::handle_device_signature), each followed by
/// [`poll_output`](Self::poll_output) until it is empty.
pub struct Member {
    device: DeviceKey,
    memory: Memory,
    session: Option<SessionId>,
    own: Option<Own>,
    /// What waits for the attestation.
    wished: VecDeque<Purpose>,
    signing: Vec<Signing>,
    next_ticket: u32,
    prepared: Vec<Prepared>,
    looked: VecDeque<Verified>,
    lobby: Lobby,
    inside: Option<Inside>,
    /// Commits of ours that the server had not answered when we were last in a group.
    unanswered: Option<(GroupId, u32)>,
    /// What was watched when we were last in a group of this session.
    watch: Option<Watch>,
    here: Vec<ParticipantId>,
    state: Option<SelfState>,
    asides: Asides,
    alarms: Alarms,
    outputs: VecDeque<Output>,
}

struct Own {
    participant: ParticipantId,
    role: Role,
    attestation: SignedAttestation,
    trust: Trust,
    /// Milliseconds by which the server's clock runs ahead of ours, as our own attestation shows.
    ahead: i64,
}

impl Own {
    /// The server's time: others' attestations are good by its clock, and phones have their own ideas of the time.
    fn time(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.as_millis().saturating_add(self.ahead))
    }
}

/// What a certified MLS key is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    KeyPackage,
    Group(GroupId),
}

struct Signing {
    ticket: u32,
    key: SigningKey,
    purpose: Purpose,
    attestation: SignedAttestation,
    bytes: Vec<u8>,
}

impl Member {
    /// A member on this device, with what it remembered.
    #[must_use]
    pub fn new(device: DeviceKey, memory: Memory) -> Self {
        Self {
            device,
            memory,
            session: None,
            own: None,
            wished: VecDeque::new(),
            signing: Vec::new(),
            next_ticket: 0,
            prepared: Vec::new(),
            looked: VecDeque::new(),
            lobby: Lobby::default(),
            inside: None,
            unanswered: None,
            watch: None,
            here: Vec::new(),
            state: None,
            asides: Asides::default(),
            alarms: Alarms::default(),
            outputs: VecDeque::new(),
        }
    }

    /// What this member wants done, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Takes a command of the page.
    pub fn handle_command(&mut self, command: GroupCommand, now: Timestamp) {
        match command {
            GroupCommand::Start { session } => self.start(session),
            GroupCommand::Attested { you, attestation, organization_key } => {
                self.attested(you, attestation, organization_key, now);
            }
            GroupCommand::MakeKeyPackage => self.certify(Purpose::KeyPackage),
            GroupCommand::CreateGroup { group } => self.certify(Purpose::Group(group)),
            GroupCommand::Look { participant, key_package } => self.look(participant, &key_package, now),
            GroupCommand::Clicked { participant, hash } => self.clicked(participant, hash),
            GroupCommand::SentBack { participant } => self.send_back(participant),
            GroupCommand::Forget { participant } => self.forgotten(participant),
            GroupCommand::Add { participant, key_package, ground } => {
                self.add(participant, &key_package, ground, now);
            }
            GroupCommand::Remove { participant } => self.remove(participant, now),
            GroupCommand::Commit { from: _, commit } => self.commit_ordered(&commit, now),
            GroupCommand::CommitLost { group, epoch } => self.commit_lost(group, epoch, now),
            GroupCommand::Join { group, welcome } => self.join(group, &welcome, now),
            GroupCommand::Seal(content) => self.seal(content, now),
            GroupCommand::Confide(aside) => self.confide(aside, now),
            GroupCommand::Unsay => self.asides.unsay(),
            GroupCommand::Open { from: _, sealed } => self.open(&sealed, now),
            GroupCommand::Here { participants } => self.here(participants, now),
            GroupCommand::Tick => self.tick(now),
            GroupCommand::Leave => self.leave(),
            GroupCommand::Pair { participant, code } => self.pair(participant, &code, now),
            GroupCommand::MakePairingCode => self.make_pairing_code(),
        }
    }

    /// Takes the device's signature for a ticket.
    pub fn handle_device_signature(&mut self, ticket: u32, signature: &[u8], now: Timestamp) {
        let Some(place) = self.signing.iter().position(|signing| signing.ticket == ticket) else { return };
        let signing = self.signing.swap_remove(place);
        if !device_signed(&self.device, &signing.bytes, signature) {
            return self.alarm(LockAlarm::BadCredential, now);
        }
        let identity = protocol::pack(&CredentialIdentity {
            attestation: signing.attestation,
            device_signature: signature.to_vec(),
        });
        match signing.purpose {
            Purpose::KeyPackage => self.key_package_ready(signing.key, identity),
            Purpose::Group(group) => self.create(group, signing.key, identity, now),
        }
    }

    // Getting a credential.

    fn start(&mut self, session: SessionId) {
        if self.session.is_some_and(|earlier| earlier != session) {
            self.leave();
            (self.own, self.watch) = (None, None);
            self.asides = Asides::default();
        }
        self.session = Some(session);
        let device = self.device.clone();
        self.tell(GroupEvent::Device { device });
    }

    fn attested(
        &mut self,
        you: ParticipantId,
        attestation: SignedAttestation,
        organization_key: [u8; 32],
        now: Timestamp,
    ) {
        let Some(session) = self.session else { return };
        let trust = Trust { session, organization_key };
        let statement = verify_attestation(&attestation, &trust);
        let Ok(statement) = statement else { return self.alarm(LockAlarm::BadCredential, now) };
        let spent = statement.expires <= statement.issued;
        if statement.participant != you || statement.device != self.device || spent {
            return self.alarm(LockAlarm::BadCredential, now);
        }
        let ahead = statement.issued.as_millis().saturating_sub(now.as_millis());
        self.own = Some(Own { participant: you, role: statement.role, attestation, trust, ahead });
        for purpose in core::mem::take(&mut self.wished) {
            self.certify(purpose);
        }
    }

    /// Makes a fresh MLS key and asks the device to certify it.
    fn certify(&mut self, purpose: Purpose) {
        let Some(own) = &self.own else {
            if !self.wished.contains(&purpose) && self.wished.len() < SIGNING_MAX {
                self.wished.push_back(purpose);
            }
            return;
        };
        let Ok(key) = SigningKey::generate() else { return };
        let bytes = to_be_certified(own.trust.session, key.public(), &own.attestation);
        let ticket = self.next_ticket;
        self.next_ticket = self.next_ticket.wrapping_add(1);
        if self.signing.len() == SIGNING_MAX {
            self.signing.remove(0);
        }
        let attestation = own.attestation.clone();
        self.signing.push(Signing { ticket, key, purpose, attestation, bytes: bytes.clone() });
        self.outputs.push_back(Output::SignWithDevice { ticket, bytes });
    }

    fn key_package_ready(&mut self, key: SigningKey, identity: Vec<u8>) {
        let Ok((prepared, key_package)) = Prepared::new(key, identity) else { return };
        if self.prepared.len() == PREPARED_MAX {
            self.prepared.remove(0);
        }
        self.prepared.push(prepared);
        let hash = hash(&key_package);
        self.tell(GroupEvent::KeyPackage { key_package, hash });
    }

    // Getting inside.

    fn create(&mut self, group: GroupId, key: SigningKey, identity: Vec<u8>, now: Timestamp) {
        let Some(own) = self.own.as_ref().filter(|own| own.role.is_host()) else { return };
        let Ok(who) = verify(&identity, key.public(), &own.trust, own.time(now)) else { return };
        let Ok(mls) = Mls::create(group.as_bytes(), key, identity) else { return };
        let leaves = mls.leaves();
        let entry = |leaf| Entry { leaf, who, known: KnownAs::Own };
        let Some(roster) = Roster::new(leaves.into_iter().next().map(entry).into_iter().collect()) else {
            return;
        };
        self.enter_group(group, mls, roster, now);
    }

    fn join(&mut self, group: GroupId, welcome: &[u8], now: Timestamp) {
        let Some(own) = &self.own else { return };
        if welcome.len() > MESSAGE_BYTES_MAX {
            return self.alarm(LockAlarm::ForbiddenCommit, now);
        }
        let opened = self.prepared.iter().enumerate().rev().find_map(|(place, prepared)| {
            prepared.open_welcome(welcome, None).ok().map(|joining| (place, joining))
        });
        let Some((place, joining)) = opened else {
            return self.alarm(LockAlarm::ForbiddenCommit, now);
        };
        let checked = check_welcome(&joining, own.participant, &own.trust, own.time(now));
        let prepared = self.prepared.swap_remove(place);
        let roster = match checked {
            Ok(roster) if joining.group_id() == group.as_bytes() => roster,
            Ok(_) | Err(Violation::Forbidden) => return self.alarm(LockAlarm::ForbiddenCommit, now),
            Err(Violation::BadCredential) => return self.alarm(LockAlarm::BadCredential, now),
        };
        let Ok(mls) = joining.finish(prepared) else {
            return self.alarm(LockAlarm::ForbiddenCommit, now);
        };
        // A welcome that was kept back leads to where the group no longer is.
        let stale = |inside: &Inside| inside.id == group && mls.epoch() <= inside.mls.epoch();
        if self.inside.as_ref().is_some_and(stale) {
            return;
        }
        self.enter_group(group, mls, roster, now);
    }

    fn enter_group(&mut self, group: GroupId, mls: Mls, roster: Roster, now: Timestamp) {
        let Some(own) = self.own.as_ref().map(|own| own.participant) else { return };
        if self.inside.is_some() {
            self.out_of_group();
        }
        let watch = self.watch.take().unwrap_or_else(|| Watch::new(own, now));
        let mut inside = Inside::new(group, mls, roster, watch, now);
        if let Some(unanswered) = self.unanswered.take() {
            inside.expect_answers(unanswered);
        }
        // Other key packages that are out stay good: the server may be adding one of them at this moment.
        inside.watch.here(&self.here, now);
        self.inside = Some(inside);
        self.know_everyone();
        self.new_epoch(true, now);
    }

    /// Everything that follows a new epoch, however it came about.
    fn new_epoch(&mut self, removal: bool, now: Timestamp) {
        let Some(inside) = &mut self.inside else { return };
        let Ok(keys) = inside.frame_keys(removal) else { return self.out_of_group() };
        let view = inside.view();
        let held = inside.take_held();
        self.lobby.settle(&inside.roster);
        self.outputs.push_back(Output::Keys(keys));
        self.tell(GroupEvent::Epoch(view));
        self.remember_everyone(now);
        self.beat(true, now);
        for message in held {
            self.open_message(&message, now);
        }
        self.acknowledge();
        self.say_asides(now);
        self.commit_wishes(now);
    }

    /// Says of each member how its device is known.
    fn know_everyone(&mut self) {
        let (Some(inside), Some(own)) = (&mut self.inside, &self.own) else { return };
        let own_leaf = inside.mls.own_leaf();
        let entries = inside.roster.entries().iter().cloned().map(|entry| {
            let known = if entry.leaf.index == own_leaf {
                KnownAs::Own
            } else {
                self.memory.known(&entry.who, &own.trust)
            };
            Entry { known, ..entry }
        });
        if let Some(roster) = Roster::new(entries.collect()) {
            inside.roster = roster;
        }
    }

    fn remember_everyone(&mut self, now: Timestamp) {
        let (Some(inside), Some(own)) = (&self.inside, &self.own) else { return };
        let own_leaf = inside.mls.own_leaf();
        for entry in inside.roster.entries().iter().filter(|entry| entry.leaf.index != own_leaf) {
            self.memory.saw(&entry.who, &own.trust, own.time(now));
        }
        self.outputs.push_back(Output::Remember(self.memory.clone()));
    }

    // Letting in and out.

    fn look(&mut self, participant: ParticipantId, key_package: &[u8], now: Timestamp) {
        let checked = self.check_key_package(participant, key_package, now);
        let known = match (&checked, &self.own) {
            (Some((_, who)), Some(own)) => Some(self.memory.known(who, &own.trust)),
            _ => None,
        };
        if let Some((_, who)) = checked {
            self.looked.retain(|earlier| earlier.participant != participant);
            if self.looked.len() == LOOKED_MAX {
                self.looked.pop_front();
            }
            self.looked.push_back(who);
        }
        self.tell(GroupEvent::Looked { participant, hash: hash(key_package), known });
    }

    fn check_key_package(
        &self,
        participant: ParticipantId,
        key_package: &[u8],
        now: Timestamp,
    ) -> Option<(CheckedKeyPackage, Verified)> {
        if key_package.len() > KEY_PACKAGE_BYTES_MAX {
            return None;
        }
        let own = self.own.as_ref()?;
        let package = CheckedKeyPackage::parse(key_package).ok()?;
        let who =
            verify(&package.leaf.identity, &package.leaf.signature_key, &own.trust, own.time(now)).ok()?;
        (who.participant == participant).then_some((package, who))
    }

    fn add(&mut self, participant: ParticipantId, key_package: &[u8], ground: AddGround, now: Timestamp) {
        let Some(own) = self.own.as_ref().filter(|own| own.role.is_host()) else {
            return self.alarm(LockAlarm::GhostRefused, now);
        };
        let session = own.trust.session;
        let hash = hash(key_package);
        let Some((package, who)) = self.check_key_package(participant, key_package, now) else {
            return self.alarm(LockAlarm::BadCredential, now);
        };
        let there = |inside: &Inside| inside.roster.with_key(&package.leaf.signature_key).is_some();
        // Our own seat in another tab: only another host can swap us out for it.
        if participant == own.participant || self.inside.as_ref().is_some_and(there) {
            return;
        }
        let allowed = match ground {
            AddGround::Clicked(named) => named == hash && self.lobby.is_clicked(participant, hash),
            AddGround::CameBack => self.memory.was_inside(&who, session),
        };
        if !allowed {
            return self.alarm(LockAlarm::GhostRefused, now);
        }
        self.lobby.want_add(Add { participant, hash, package });
        self.commit_wishes(now);
    }

    fn clicked(&mut self, participant: ParticipantId, hash: KeyPackageHash) {
        if let Some(session) = self.session {
            self.memory.clicked(participant, session);
        }
        self.lobby.click(participant, hash);
    }

    /// Our host sent somebody back; the other hosts' workers are told under the seal.
    fn send_back(&mut self, participant: ParticipantId) {
        if self.own.as_ref().is_some_and(|own| own.role.is_host()) {
            self.sent_back(participant);
            self.send(&Content::SentBack { participant });
        }
    }

    /// From now on that device needs a click (SEC-014).
    fn sent_back(&mut self, participant: ParticipantId) {
        let Some(own) = &self.own else { return };
        self.memory.send_back(participant, own.trust.session);
        self.lobby.forget(participant);
        self.outputs.push_back(Output::Remember(self.memory.clone()));
    }

    /// The same by the server's word.
    fn forgotten(&mut self, participant: ParticipantId) {
        let Some(own) = &self.own else { return };
        self.memory.forget(participant, own.trust.session);
        self.lobby.forget(participant);
        self.outputs.push_back(Output::Remember(self.memory.clone()));
    }

    fn remove(&mut self, participant: ParticipantId, now: Timestamp) {
        let Some(inside) = &self.inside else { return };
        self.lobby.want_remove(participant, &inside.roster);
        self.commit_wishes(now);
    }

    /// Commits everything that is still wished for, unless a commit of ours is on its way.
    fn commit_wishes(&mut self, now: Timestamp) {
        let is_host = self.own.as_ref().is_some_and(|own| own.role.is_host());
        let free = |inside: &&mut Inside| is_host && inside.pending.is_none() && !inside.watch.is_lagging();
        let Some(inside) = self.inside.as_mut().filter(free) else { return };
        let Some(plan) = self.lobby.plan(&inside.roster, inside.mls.own_leaf()) else { return };
        let packages: Vec<_> = plan.adds.iter().map(|add| &add.package).collect();
        let epoch = inside.mls.epoch();
        let Ok(own_commit) = inside.mls.commit(&packages, &plan.remove_leaves) else {
            // Some key package does not fit, for instance because it repeats another's key.
            inside.mls.discard();
            self.lobby.drop_adds();
            return self.alarm(LockAlarm::BadCredential, now);
        };
        let commit = Commit {
            group: inside.id,
            epoch,
            message: own_commit.commit,
            added: plan.adds.iter().map(|add| (add.participant, add.hash)).collect(),
            removed: plan.removed,
            welcome: own_commit.welcome,
        };
        inside.pending = Some(Pending { since: now, sent: now, commit: commit.clone() });
        self.tell(GroupEvent::SendCommit(commit));
    }

    // Commits in the server's order.

    fn commit_ordered(&mut self, commit: &Commit, now: Timestamp) {
        let Some(inside) = self.inside.as_mut().filter(|inside| inside.id == commit.group) else { return };
        let parsed =
            Message::parse(&commit.message).ok().filter(|_| commit.message.len() <= MESSAGE_BYTES_MAX);
        let Some(message) = parsed.filter(|message| check_wire(message).is_ok() && !message.is_application())
        else {
            return self.alarm(LockAlarm::ForbiddenCommit, now);
        };
        if message.epoch() < inside.mls.epoch() {
            return;
        }
        if message.epoch() > inside.mls.epoch() {
            return inside.watch.lag(now);
        }
        if inside.pending.as_ref().is_some_and(|pending| pending.commit.message == commit.message) {
            return self.merge_own(now);
        }
        match inside.mls.process(message) {
            // One that we gave up, because the server said that it had lost.
            Ok(mls::Content::OwnMessage) => inside.watch.lag(now),
            Ok(mls::Content::Commit(staged)) => self.judge(*staged, now),
            Ok(_) | Err(_) => self.alarm(LockAlarm::ForbiddenCommit, now),
        }
    }

    fn judge(&mut self, staged: Staged, now: Timestamp) {
        let (Some(inside), Some(own)) = (&mut self.inside, &self.own) else { return };
        let passed = match check_commit(&staged, &inside.roster, &own.trust, own.time(now)) {
            Ok(passed) => passed,
            Err(Violation::Forbidden) => return self.alarm(LockAlarm::ForbiddenCommit, now),
            Err(Violation::BadCredential) => return self.alarm(LockAlarm::BadCredential, now),
        };
        let removes_us = staged.removes_us();
        if inside.mls.merge(staged).is_err() || removes_us {
            return self.out_of_group();
        }
        self.merged(&passed, now);
    }

    fn merge_own(&mut self, now: Timestamp) {
        let (Some(inside), Some(own)) = (&mut self.inside, &self.own) else { return };
        let before = inside.roster.entries().len();
        if inside.mls.merge_own().is_err() {
            return self.out_of_group();
        }
        inside.won();
        let leaves = inside.mls.leaves();
        let new = leaves.iter().filter(|leaf| inside.roster.with_key(&leaf.signature_key).is_none());
        // Checked when wished for; checked again because time has passed, with the same result but for expiry.
        let added: Vec<_> = new
            .filter_map(|leaf| {
                let who = verify(&leaf.identity, &leaf.signature_key, &own.trust, own.time(now)).ok()?;
                Some((leaf.clone(), who))
            })
            .collect();
        let removal = leaves.len() < before + added.len();
        self.merged(&Passed { added, removal }, now);
    }

    /// Brings the roster after a merge: each leaf is an old one or one that was checked.
    fn merged(&mut self, passed: &Passed, now: Timestamp) {
        let (Some(inside), Some(own)) = (&mut self.inside, &self.own) else { return };
        let entries: Option<Vec<Entry>> = inside
            .mls
            .leaves()
            .into_iter()
            .map(|leaf| {
                let old = inside.roster.with_key(&leaf.signature_key);
                if let Some(old) = old.filter(|old| old.leaf.identity == leaf.identity) {
                    return Some(Entry { leaf, ..old.clone() });
                }
                let same = |new: &&(mls::Leaf, Verified)| {
                    new.0.signature_key == leaf.signature_key && new.0.identity == leaf.identity
                };
                let (_, who) = passed.added.iter().find(same)?;
                let known = self.memory.known(who, &own.trust);
                Some(Entry { leaf, who: who.clone(), known })
            })
            .collect();
        let Some(roster) = entries.and_then(Roster::new) else {
            // Cannot happen after the checks; were it to happen, we would rather be out than among strangers.
            self.out_of_group();
            return self.alarm(LockAlarm::BadCredential, now);
        };
        inside.entered(roster, now);
        self.new_epoch(passed.removal, now);
    }

    fn commit_lost(&mut self, group: GroupId, epoch: u64, now: Timestamp) {
        let Some(inside) = self.inside.as_mut().filter(|inside| inside.id == group) else { return };
        let refused = inside.lost() && epoch == inside.mls.epoch();
        if refused {
            // No other commit was first: the server finds something in ours that no longer stands. It asks again for
            // what does, and without this the same commit would go back and forth for ever.
            self.lobby.drop_wishes();
        }
        // Otherwise the winner's commit is on its way, and what is still wished for is committed on top of it.
        if epoch > inside.mls.epoch() {
            inside.watch.lag(now);
        }
    }

    fn out_of_group(&mut self) {
        if let Some(inside) = self.inside.take() {
            self.unanswered = Some(inside.unanswered());
            self.watch = Some(inside.watch);
        }
        // What was said of oneself was said in that group.
        self.state = None;
        self.outputs.push_back(Output::Keys(FrameKeys::Forget));
    }

    fn leave(&mut self) {
        self.out_of_group();
        self.prepared.clear();
        // The page counts key packages that it asked for: whoever is still to be signed is answered all the same.
        self.signing.retain(|signing| signing.purpose == Purpose::KeyPackage);
        self.wished.clear();
        self.looked.clear();
        self.lobby = Lobby::default();
        // The page has forgotten them too; what is still doubted is told anew.
        self.alarms = Alarms::default();
    }

    // Messages under the seal.

    fn seal(&mut self, content: Content, now: Timestamp) {
        match content {
            Content::Heartbeat(heartbeat) => {
                self.state = Some(heartbeat.state);
                self.beat(true, now);
            }
            Content::Chat { ref text, .. } if text.reveal().chars().count() > TEXT_CHARS_MAX => {}
            Content::Chat { .. } | Content::Reaction(_) => self.send(&content),
            // Only ever said together with forgetting the device here, and by [`Self::say_asides`].
            Content::SentBack { .. } | Content::Aside { .. } => {}
        }
    }

    fn send(&mut self, content: &Content) {
        let Some(inside) = &mut self.inside else { return };
        let Ok(message) = inside.mls.encrypt(&protocol::pack(content)) else { return };
        let sealed = Sealed { group: inside.id, message };
        self.tell(GroupEvent::SendSealed(sealed));
    }

    /// Takes something for the hosts alone; hosts have nobody to say it to.
    fn confide(&mut self, aside: Aside, now: Timestamp) {
        if aside.is_fit() && self.own.as_ref().is_some_and(|own| !own.role.is_host()) {
            self.asides.say(aside, now);
            self.say_asides(now);
        }
    }

    /// Says to the hosts of this epoch what they have not heard.
    fn say_asides(&mut self, now: Timestamp) {
        let Some(inside) = &mut self.inside else { return };
        let hosts = inside.roster.entries().iter().filter(|entry| entry.who.role.is_host());
        let hosts: Vec<_> = hosts.map(|entry| entry.who.participant).collect();
        let mut messages = Vec::new();
        for (host, bytes) in self.asides.due(&hosts, now) {
            let leaf = inside.roster.of(host).map(|entry| entry.leaf.index);
            messages.extend(leaf.and_then(|leaf| inside.mls.seal_to(leaf, &bytes).ok()));
        }
        for message in messages {
            self.send(&Content::Aside { message });
        }
    }

    /// Opens what was said to us alone, by the one who sent the message around it.
    fn confided(&mut self, from: ParticipantId, identity: &[u8], message: &[u8]) {
        let Some(inside) = &self.inside else { return };
        let Ok((sender, plaintext)) = inside.mls.open_to_us(message) else { return };
        let Ok(Numbered { number, aside }) = protocol::unpack(&plaintext) else { return };
        if sender == identity && aside.is_fit() && self.asides.is_new(from, number) {
            self.tell(GroupEvent::Confided { from, aside });
        }
    }

    fn beat(&mut self, at_once: bool, now: Timestamp) {
        let Some(inside) = &mut self.inside else { return };
        // Nobody is told that one's camera is off before the page has said whether it is.
        if self.state.is_none() && inside.watch.is_young(now) {
            return;
        }
        if let Some(heartbeat) = inside.watch.beat(at_once, self.state.unwrap_or_default(), now) {
            self.send(&Content::Heartbeat(heartbeat));
        }
    }

    fn open(&mut self, sealed: &Sealed, now: Timestamp) {
        let in_group = self.inside.as_ref().is_some_and(|inside| inside.id == sealed.group);
        if in_group && sealed.message.len() <= MESSAGE_BYTES_MAX {
            self.open_message(&sealed.message, now);
            self.acknowledge();
            if !self.alarms.are_together() {
                self.look_around(now);
            }
            self.beat(false, now);
        }
    }

    fn open_message(&mut self, bytes: &[u8], now: Timestamp) {
        let Some(inside) = &mut self.inside else { return };
        let Ok(message) = Message::parse(bytes) else { return };
        if check_wire(&message).is_err() || message.group_id() != inside.id.as_bytes() {
            return;
        }
        if !message.is_application() {
            // A proposal on its own, or a commit outside the server's order: members of ours send neither.
            return self.alarm(LockAlarm::ForbiddenCommit, now);
        }
        let epoch = inside.mls.epoch();
        if message.epoch() > epoch {
            inside.watch.foreign(now);
            return inside.hold(bytes.to_vec());
        }
        let current = message.epoch() == epoch;
        if !current && !inside.past_is_open(now) {
            return;
        }
        match inside.mls.process(message) {
            Ok(mls::Content::Application { identity, plaintext }) => self.opened(&identity, &plaintext, now),
            Ok(_) => {}
            // Of our epoch by number, but not by key: another group behind the same number, or a forgery or replay.
            Err(_) if current => inside.watch.foreign(now),
            Err(_) => {}
        }
    }

    fn opened(&mut self, identity: &[u8], plaintext: &[u8], now: Timestamp) {
        let Some(inside) = &mut self.inside else { return };
        let Some(entry) = inside.roster.with_identity(identity) else { return };
        let (from, is_host) = (entry.who.participant, entry.who.role.is_host());
        let Ok(content) = protocol::unpack::<Content>(plaintext) else { return };
        let fits = match &content {
            Content::Heartbeat(heartbeat) => {
                let key = entry.leaf.signature_key.clone();
                inside.watch.heard(&key, heartbeat, now)
            }
            Content::Chat { text, .. } => text.reveal().chars().count() <= TEXT_CHARS_MAX,
            Content::Reaction(_) => true,
            Content::SentBack { participant } => {
                if is_host {
                    self.sent_back(*participant);
                }
                false
            }
            Content::Aside { message } => {
                self.confided(from, identity, message);
                false
            }
        };
        if fits {
            self.tell(GroupEvent::Opened { from, content });
        }
    }

    fn acknowledge(&mut self) {
        let Some(inside) = &mut self.inside else { return };
        if inside.watch.newly_acknowledged() {
            let epoch = inside.mls.epoch();
            self.outputs.push_back(Output::Keys(FrameKeys::Acknowledged { epoch }));
        }
    }

    // Time, presence and pairing.

    fn here(&mut self, participants: Vec<ParticipantId>, now: Timestamp) {
        if let Some(inside) = &mut self.inside {
            inside.watch.here(&participants, now);
            self.look_around(now);
        }
        self.here = participants;
    }

    fn tick(&mut self, now: Timestamp) {
        if let Some(inside) = &mut self.inside {
            inside.forget_past(now);
        }
        self.look_around(now);
        self.beat(false, now);
        self.commit_wishes(now);
        if let Some(commit) = self.inside.as_mut().and_then(|inside| inside.resend(now)) {
            self.tell(GroupEvent::SendCommit(commit));
        }
    }

    /// Whether all are still together (SEC-019); the first to be missed is asked by the next heartbeat, which follows.
    fn look_around(&mut self, now: Timestamp) {
        let together = self.inside.as_mut().map_or(Together::Yes, |inside| inside.together(now));
        for event in self.alarms.tick(together, now) {
            self.tell(event);
        }
    }

    fn pair(&mut self, participant: ParticipantId, code: &str, now: Timestamp) {
        let Some(own) = &self.own else { return };
        let inside = self.inside.as_ref().and_then(|inside| inside.roster.of(participant));
        let waiting = || self.looked.iter().find(|who| who.participant == participant);
        let who = inside.map(|entry| &entry.who).or_else(waiting).cloned();
        let met = who.filter(|who| pairing::shows(code, own.trust.session, &who.device));
        let matched = met.is_some();
        if let Some(who) = met {
            self.memory.met(&who, &own.trust, own.time(now));
            self.outputs.push_back(Output::Remember(self.memory.clone()));
            self.know_everyone();
        }
        self.tell(GroupEvent::Paired { participant, matched });
        if let Some(inside) = self.inside.as_ref().filter(|_| matched) {
            let view = inside.view();
            self.tell(GroupEvent::Epoch(view));
        }
    }

    fn make_pairing_code(&mut self) {
        let Some(session) = self.session else { return };
        let Ok(random) = mls::random() else { return };
        let code = pairing::make(session, &self.device, random);
        self.tell(GroupEvent::PairingCode { code });
    }

    fn tell(&mut self, event: GroupEvent) {
        self.outputs.push_back(Output::Event(event));
    }

    fn alarm(&mut self, alarm: LockAlarm, now: Timestamp) {
        if let Some(event) = self.alarms.attempt(alarm, now) {
            self.tell(event);
        }
    }
}

fn hash(bytes: &[u8]) -> KeyPackageHash {
    KeyPackageHash(Sha256::digest(bytes).into())
}
