//! A member who holds a good credential and raw MLS, and keeps to no policy; and the ways to forge such a credential.

use group::SoftDevice;
use ids::{ParticipantId, Role};
use openmls::messages::group_info::VerifiableGroupInfo;
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use protocol::content::Content;
use protocol::group::{Attestation, CredentialIdentity, DEVICE_LABEL, GroupCommand};
use protocol::wire::{AddGround, Commit, KeyPackageHash, Sealed};
use sha2::{Digest, Sha256};

use crate::world::World;

/// What an insider commits.
#[derive(Default)]
pub(crate) struct Plot {
    pub(crate) adds: Vec<KeyPackage>,
    pub(crate) removes: Vec<LeafNodeIndex>,
    pub(crate) context: Option<Extensions<GroupContext>>,
    pub(crate) leaf: LeafNodeParameters,
}

impl Plot {
    pub(crate) fn add(package: KeyPackage) -> Self {
        Self { adds: vec![package], ..Self::default() }
    }

    pub(crate) fn remove(leaf: LeafNodeIndex) -> Self {
        Self { removes: vec![leaf], ..Self::default() }
    }
}

/// Somebody with raw MLS.
pub(crate) struct Insider {
    pub(crate) seat: u8,
    pub(crate) provider: OpenMlsRustCrypto,
    pub(crate) signer: SignatureKeyPair,
    pub(crate) credential: CredentialWithKey,
    pub(crate) group: Option<MlsGroup>,
}

impl Insider {
    /// With a good credential for this seat and role, on a device of its own.
    pub(crate) fn new(world: &World, seat: u8, role: Role) -> Self {
        let device = SoftDevice::from_seed([seat.wrapping_add(100); 32]).expect("a key");
        Self::claiming(world, &world.statement(seat, role, &device), &device)
    }

    /// With a credential that says this, certified by this device.
    pub(crate) fn claiming(world: &World, statement: &Attestation, device: &SoftDevice) -> Self {
        let provider = OpenMlsRustCrypto::default();
        let signer = SignatureKeyPair::new(SignatureScheme::ED25519).expect("a key");
        let attestation = world.attest(statement);
        let certified =
            [DEVICE_LABEL, world.session.as_bytes(), signer.public(), &attestation.statement].concat();
        let device_signature = device.sign(&certified);
        let identity = protocol::pack(&CredentialIdentity { attestation, device_signature });
        let credential = credential(identity, &signer);
        let seat = statement.participant.as_bytes()[0];
        Self { seat, provider, signer, credential, group: None }
    }

    /// With any identity at all.
    pub(crate) fn with_identity(seat: u8, identity: Vec<u8>) -> Self {
        let provider = OpenMlsRustCrypto::default();
        let signer = SignatureKeyPair::new(SignatureScheme::ED25519).expect("a key");
        let credential = credential(identity, &signer);
        Self { seat, provider, signer, credential, group: None }
    }

    pub(crate) fn participant(&self) -> ParticipantId {
        ParticipantId::from_bytes([self.seat; 16])
    }

    /// A fresh key package of this credential.
    pub(crate) fn key_package(&self) -> KeyPackage {
        KeyPackage::builder()
            .build(group::mls::CIPHERSUITE, &self.provider, &self.signer, self.credential.clone())
            .expect("a key package")
            .into_key_package()
    }

    /// A host lets this member in; it joins with raw MLS.
    pub(crate) fn let_in(&mut self, world: &mut World, host: usize) {
        let key_package = bytes(&MlsMessageOut::from(self.key_package()));
        let hash = KeyPackageHash(Sha256::digest(&key_package).into());
        let participant = self.participant();
        world.command(host, GroupCommand::Clicked { participant, hash });
        let ground = AddGround::Clicked(hash);
        world.command(host, GroupCommand::Add { participant, key_package, ground });
        world.settle();
        let welcome = world.strays.pop().expect("a welcome");
        let message = MlsMessageIn::tls_deserialize_exact(&welcome).expect("a message");
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else { panic!("a welcome") };
        let config = MlsGroupJoinConfig::builder().use_ratchet_tree_extension(true).build();
        let staged = StagedWelcome::new_from_welcome(&self.provider, &config, welcome, None);
        self.group = Some(staged.expect("for us").into_group(&self.provider).expect("joined"));
    }

    /// Builds a commit, as the server would put it in order.
    pub(crate) fn commit(&mut self, world: &World, plot: Plot) -> Commit {
        let group = self.group.as_mut().expect("inside");
        let mut builder = group
            .commit_builder()
            .force_self_update(true)
            .leaf_node_parameters(plot.leaf)
            .propose_removals(plot.removes)
            .propose_adds(plot.adds);
        if let Some(extensions) = plot.context {
            builder = builder.propose_group_context_extensions(extensions).expect("proposed");
        }
        let bundle = builder
            .load_psks(self.provider.storage())
            .expect("loaded")
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| true)
            .expect("built")
            .stage_commit(&self.provider)
            .expect("staged");
        let (message, welcome, _) = bundle.into_messages();
        group.clear_pending_commit(self.provider.storage()).expect("cleared");
        ordered(world, bytes(&message), welcome.as_ref().map(bytes))
    }

    /// A proposal on its own, to add this key package.
    pub(crate) fn propose_add(&mut self, world: &World, package: &KeyPackage) -> Sealed {
        let group = self.group.as_mut().expect("inside");
        let (message, _) = group.propose_add_member(&self.provider, &self.signer, package).expect("proposed");
        Sealed { group: world.group.expect("a group"), message: bytes(&message) }
    }

    /// Says something under the seal that no member of ours would say.
    pub(crate) fn say(&mut self, world: &World, content: &Content) -> Sealed {
        let group = self.group.as_mut().expect("inside");
        let message = group.create_message(&self.provider, &self.signer, &protocol::pack(content));
        let message = bytes(&message.expect("a member inside seals"));
        Sealed { group: world.group.expect("a group"), message }
    }

    /// Leaks what an outsider needs to commit itself in, as only a member can.
    pub(crate) fn leak(&self) -> VerifiableGroupInfo {
        let group = self.group.as_ref().expect("inside");
        let info = group.export_group_info(self.provider.crypto(), &self.signer, true).expect("exported");
        let message = MlsMessageIn::tls_deserialize_exact(bytes(&info)).expect("a message");
        let MlsMessageBodyIn::GroupInfo(info) = message.extract() else { panic!("group info") };
        info
    }

    /// Where somebody's leaf is.
    pub(crate) fn leaf_of(&self, world: &World, client: usize) -> LeafNodeIndex {
        let view = world.clients[0].view().expect("inside");
        let who = world.clients[client].participant;
        let member = view.members.iter().find(|member| member.participant == who).expect("inside");
        LeafNodeIndex::new(member.leaf)
    }
}

/// A message in the server's order, after the present epoch.
pub(crate) fn ordered(world: &World, message: Vec<u8>, welcome: Option<Vec<u8>>) -> Commit {
    let group = world.group.expect("a group");
    Commit { group, epoch: world.epoch, message, added: Vec::new(), removed: Vec::new(), welcome }
}

/// A message as bytes.
pub(crate) fn bytes(message: &MlsMessageOut) -> Vec<u8> {
    message.tls_serialize_detached().expect("it serialises")
}

fn credential(identity: Vec<u8>, signer: &SignatureKeyPair) -> CredentialWithKey {
    CredentialWithKey {
        credential: BasicCredential::new(identity).into(),
        signature_key: signer.public().into(),
    }
}
