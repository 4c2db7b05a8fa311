//! A small honest server and its clients; tests make it dishonest by touching its queue.

use std::collections::{BTreeMap, VecDeque};

use group::{Member, Memory, Output, SoftDevice};
use ids::{GroupId, ParticipantId, Personal, Role, SessionId, Timestamp};
use openmls_basic_credential::SignatureKeyPair;
use openmls_traits::signatures::Signer;
use openmls_traits::types::SignatureScheme;
use protocol::content::{Content, Heartbeat};
use protocol::frame::FrameKeys;
use protocol::group::{
    ATTESTATION_LABEL, Attestation, EpochView, GroupCommand, GroupEvent, LockAlarm, PersonTag,
    SignedAttestation,
};
use protocol::wire::{AddGround, Commit, KeyPackageHash, Sealed};

/// A client of the session.
pub(crate) struct Client {
    pub(crate) member: Member,
    pub(crate) device: SoftDevice,
    pub(crate) participant: ParticipantId,
    pub(crate) role: Role,
    pub(crate) events: Vec<GroupEvent>,
    pub(crate) keys: Vec<FrameKeys>,
    pub(crate) memory: Memory,
    pub(crate) key_package: Option<(Vec<u8>, KeyPackageHash)>,
    /// Commands on their way to this client, in order.
    pub(crate) queue: VecDeque<GroupCommand>,
}

/// The commands that never reach this client.
pub(crate) type Withheld = (usize, fn(&GroupCommand) -> bool);

/// The session: an organisation's key, a server's order, and clients.
pub(crate) struct World {
    pub(crate) session: SessionId,
    pub(crate) now: Timestamp,
    organization: SignatureKeyPair,
    pub(crate) clients: Vec<Client>,
    pub(crate) group: Option<GroupId>,
    /// The epoch after the last commit in order.
    pub(crate) epoch: u64,
    /// Clients in the group, as the server believes.
    pub(crate) members: Vec<usize>,
    groups_made: u8,
    /// Commits that were put in order.
    pub(crate) ordered: Vec<Commit>,
    /// Sealed messages relayed, with the sender.
    pub(crate) relayed: Vec<(usize, Sealed)>,
    /// What an evil server keeps back from one client.
    pub(crate) withheld: Option<Withheld>,
    /// Welcomes for key packages of nobody among the clients.
    pub(crate) strays: Vec<Vec<u8>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            session: SessionId::from_bytes([7; 16]),
            now: Timestamp::from_millis(1_795_000_000_000),
            organization: SignatureKeyPair::new(SignatureScheme::ED25519).expect("a key"),
            clients: Vec::new(),
            group: None,
            epoch: 0,
            members: Vec::new(),
            groups_made: 0,
            ordered: Vec::new(),
            relayed: Vec::new(),
            strays: Vec::new(),
            withheld: None,
        }
    }

    /// A world with these roles, each attested and with a key package out.
    pub(crate) fn with(roles: &[Role]) -> Self {
        let mut world = Self::new();
        for (place, role) in roles.iter().enumerate() {
            let number = u8::try_from(place + 1).expect("few clients");
            world.arrive(number, number, *role);
        }
        world
    }

    pub(crate) fn organization_key(&self) -> [u8; 32] {
        self.organization.public().try_into().expect("32 bytes")
    }

    /// Somebody arrives: seat `seat`, on device `device`.
    pub(crate) fn arrive(&mut self, seat: u8, device: u8, role: Role) -> usize {
        self.arrive_with(seat, device, role, Memory::default())
    }

    pub(crate) fn arrive_with(&mut self, seat: u8, device: u8, role: Role, memory: Memory) -> usize {
        let device = SoftDevice::from_seed([device; 32]).expect("a key");
        let participant = ParticipantId::from_bytes([seat; 16]);
        let member = Member::new(device.key(), memory);
        self.clients.push(Client {
            member,
            device,
            participant,
            role,
            events: Vec::new(),
            keys: Vec::new(),
            memory: Memory::default(),
            key_package: None,
            queue: VecDeque::new(),
        });
        let client = self.clients.len() - 1;
        self.command(client, GroupCommand::Start { session: self.session });
        let attested = self.attested(client);
        self.command(client, attested);
        self.command(client, GroupCommand::MakeKeyPackage);
        client
    }

    /// What the server attests about this client now.
    pub(crate) fn attested(&self, client: usize) -> GroupCommand {
        let Client { participant, role, device, .. } = &self.clients[client];
        let seat = participant.as_bytes()[0];
        let attestation = self.attest(&self.statement(seat, *role, device));
        GroupCommand::Attested { you: *participant, attestation, organization_key: self.organization_key() }
    }

    /// What the server would attest about somebody on this device.
    pub(crate) fn statement(&self, seat: u8, role: Role, device: &SoftDevice) -> Attestation {
        Attestation {
            session: self.session,
            participant: ParticipantId::from_bytes([seat; 16]),
            person: PersonTag([seat; 16]),
            role,
            name: Personal::new(format!("Person {seat}")),
            device: device.key(),
            issued: self.now,
            expires: self.now.plus(core::time::Duration::from_secs(3600)),
        }
    }

    /// Signs a statement as the organisation.
    pub(crate) fn attest(&self, attestation: &Attestation) -> SignedAttestation {
        let statement = protocol::pack(attestation);
        let signature = self.organization.sign(&[ATTESTATION_LABEL, &statement].concat()).expect("it signs");
        SignedAttestation { statement, signature }
    }

    /// Gives one client a command at once and passes on what it sends.
    pub(crate) fn command(&mut self, client: usize, command: GroupCommand) {
        self.clients[client].member.handle_command(command, self.now);
        self.pump(client);
    }

    fn pump(&mut self, place: usize) {
        loop {
            let client = &mut self.clients[place];
            match client.member.poll_output() {
                None => return,
                Some(Output::SignWithDevice { ticket, bytes }) => {
                    let signature = client.device.sign(&bytes);
                    client.member.handle_device_signature(ticket, &signature, self.now);
                }
                Some(Output::Keys(keys)) => client.keys.push(keys),
                Some(Output::Remember(memory)) => client.memory = memory,
                Some(Output::Event(event)) => self.event(place, event),
            }
        }
    }

    fn event(&mut self, place: usize, event: GroupEvent) {
        match event.clone() {
            GroupEvent::KeyPackage { key_package, hash } => {
                self.clients[place].key_package = Some((key_package, hash));
            }
            GroupEvent::SendCommit(commit) => self.order(place, &commit),
            GroupEvent::SendSealed(sealed) => self.relay(place, sealed),
            _ => {}
        }
        self.clients[place].events.push(event);
    }

    fn send(&mut self, to: usize, command: GroupCommand) {
        if !self.withheld.is_some_and(|(deaf, withheld)| deaf == to && withheld(&command)) {
            self.clients[to].queue.push_back(command);
        }
    }

    /// The first commit of an epoch wins.
    fn order(&mut self, from: usize, commit: &Commit) {
        let in_turn = Some(commit.group) == self.group && commit.epoch == self.epoch;
        if !in_turn || !self.members.contains(&from) || self.adds_what_nobody_holds(commit) {
            let group = commit.group;
            let lost = GroupCommand::CommitLost { group, epoch: self.epoch };
            return self.send(from, lost);
        }
        self.epoch += 1;
        self.ordered.push(commit.clone());
        let maker = self.clients[from].participant;
        let told = Commit { welcome: None, ..commit.clone() };
        for member in self.members.clone() {
            let command = GroupCommand::Commit { from: maker, commit: told.clone() };
            self.send(member, command);
        }
        let came = |who: ParticipantId| commit.added.iter().any(|(added, _)| *added == who);
        let kept: Vec<_> = self
            .members
            .iter()
            .copied()
            .filter(|m| {
                let who = self.clients[*m].participant;
                !commit.removed.contains(&who) && !came(who)
            })
            .collect();
        self.members = kept;
        for (_, hash) in &commit.added {
            let joiner =
                self.clients.iter().position(|c| c.key_package.as_ref().is_some_and(|(_, h)| h == hash));
            let welcome = commit.welcome.clone().expect("an add has a welcome");
            let Some(joiner) = joiner else {
                self.strays.push(welcome);
                continue;
            };
            self.members.push(joiner);
            self.send(joiner, GroupCommand::Join { group: commit.group, welcome });
        }
    }

    /// Whether it adds a client by a key package that the client has replaced since.
    fn adds_what_nobody_holds(&self, commit: &Commit) -> bool {
        let stale = |(who, hash): &(ParticipantId, KeyPackageHash)| {
            let mut pages = self.clients.iter().filter(|client| client.participant == *who).peekable();
            let holds = |client: &Client| client.key_package.as_ref().is_some_and(|(_, held)| held == hash);
            pages.peek().is_some() && !pages.any(holds)
        };
        commit.added.iter().any(stale)
    }

    fn relay(&mut self, from: usize, sealed: Sealed) {
        let sender = self.clients[from].participant;
        for member in self.members.clone() {
            if member != from {
                let command = GroupCommand::Open { from: sender, sealed: sealed.clone() };
                self.send(member, command);
            }
        }
        self.relayed.push((from, sealed));
    }

    /// Delivers one command to a client; whether there was one.
    pub(crate) fn deliver(&mut self, client: usize) -> bool {
        let Some(command) = self.clients[client].queue.pop_front() else { return false };
        self.command(client, command);
        true
    }

    /// Delivers until all is quiet.
    pub(crate) fn settle(&mut self) {
        for _ in 0..10_000 {
            let mut any = false;
            for client in 0..self.clients.len() {
                any |= self.deliver(client);
            }
            if !any {
                return;
            }
        }
        panic!("the session does not come to rest");
    }

    /// Lets time pass in ticks of half a second, delivering everything.
    pub(crate) fn pass(&mut self, millis: u64) {
        for _ in 0..millis / 500 {
            self.now = self.now.plus(core::time::Duration::from_millis(500));
            for client in 0..self.clients.len() {
                self.command(client, GroupCommand::Tick);
            }
            self.settle();
        }
    }

    /// Half a second passes and nothing is delivered.
    pub(crate) fn pass_undelivered(&mut self) {
        self.now = self.now.plus(core::time::Duration::from_millis(500));
        for client in 0..self.clients.len() {
            self.command(client, GroupCommand::Tick);
        }
    }

    /// The server has `host` make the group.
    pub(crate) fn create(&mut self, host: usize) {
        self.groups_made += 1;
        let group = GroupId::from_bytes([self.groups_made; 16]);
        self.group = Some(group);
        self.epoch = 0;
        self.members = vec![host];
        self.command(host, GroupCommand::CreateGroup { group });
        self.settle();
    }

    /// `host` clicks and the server asks the same host to add.
    pub(crate) fn let_in(&mut self, host: usize, guest: usize) {
        self.click(host, guest);
        self.ask_to_add(host, guest);
    }

    pub(crate) fn click(&mut self, host: usize, guest: usize) {
        let participant = self.clients[guest].participant;
        let (_, hash) = self.clients[guest].key_package.clone().expect("a key package");
        self.command(host, GroupCommand::Clicked { participant, hash });
    }

    pub(crate) fn ask_to_add(&mut self, host: usize, guest: usize) {
        let (_, hash) = self.clients[guest].key_package.clone().expect("a key package");
        self.ask_on_ground(host, guest, AddGround::Clicked(hash));
    }

    pub(crate) fn ask_on_ground(&mut self, host: usize, guest: usize, ground: AddGround) {
        let participant = self.clients[guest].participant;
        let (key_package, _) = self.clients[guest].key_package.clone().expect("a key package");
        self.command(host, GroupCommand::Add { participant, key_package, ground });
    }

    pub(crate) fn ask_to_remove(&mut self, host: usize, guest: usize) {
        let participant = self.clients[guest].participant;
        self.command(host, GroupCommand::Remove { participant });
    }

    /// The server says that the lines of all its members are up.
    pub(crate) fn all_here(&mut self) {
        let participants: Vec<_> = self.members.iter().map(|m| self.clients[*m].participant).collect();
        for member in self.members.clone() {
            self.command(member, GroupCommand::Here { participants: participants.clone() });
        }
    }

    /// A world in which client 0, a host, let everyone else in.
    pub(crate) fn gathered(roles: &[Role]) -> Self {
        let mut world = Self::with(roles);
        world.create(0);
        for guest in 1..roles.len() {
            world.let_in(0, guest);
            world.settle();
        }
        world.all_here();
        world
    }
}

impl Client {
    /// What the lock shows last.
    pub(crate) fn view(&self) -> Option<&EpochView> {
        self.events.iter().rev().find_map(|event| match event {
            GroupEvent::Epoch(view) => Some(view),
            _ => None,
        })
    }

    /// Alarms raised so far.
    pub(crate) fn alarms(&self) -> Vec<LockAlarm> {
        let alarm = |event: &GroupEvent| match event {
            GroupEvent::Alarm(alarm) => Some(*alarm),
            _ => None,
        };
        self.events.iter().filter_map(alarm).collect()
    }

    /// What was opened so far, heartbeats left out.
    pub(crate) fn opened(&self) -> Vec<(ParticipantId, Content)> {
        let opened = |event: &GroupEvent| match event {
            GroupEvent::Opened { content: Content::Heartbeat(_), .. } => None,
            GroupEvent::Opened { from, content } => Some((*from, content.clone())),
            _ => None,
        };
        self.events.iter().filter_map(opened).collect()
    }

    /// The heartbeats that were opened so far.
    pub(crate) fn heartbeats(&self) -> BTreeMap<ParticipantId, Heartbeat> {
        let heard = |event: &GroupEvent| match event {
            GroupEvent::Opened { from, content: Content::Heartbeat(heartbeat) } => {
                Some((*from, heartbeat.clone()))
            }
            _ => None,
        };
        self.events.iter().filter_map(heard).collect()
    }

    /// The frame keys in force.
    pub(crate) fn frame_keys(&self) -> Option<Shared> {
        match self.keys.iter().rev().find(|keys| !matches!(keys, FrameKeys::Acknowledged { .. }))? {
            FrameKeys::Install { epoch, base, members, .. } => {
                Some(Shared { epoch: *epoch, base: *base, members: members.clone() })
            }
            _ => None,
        }
    }
}

/// What all members of an epoch share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) epoch: u64,
    pub(crate) base: [u8; 32],
    pub(crate) members: Vec<(ParticipantId, u32)>,
}
