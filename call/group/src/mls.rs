//! The fence around openmls: the only file that knows its types' depths.
//!
//! Nothing here decides who may do what (that is `policy`); it joins, reads, commits and merges. The official vectors
//! of RFC 9420 run through this very code. Each join has a provider of its own, so that its keys go when it goes.

use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;

/// The ciphersuite of every group.
pub const CIPHERSUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
/// RFC 9605 §5.2 names the exporter label.
const FRAME_KEY_LABEL: &str = "SFrame 1.0 Base Key";
/// Every application message is padded to a multiple of this, so that a heart and a hand look the same.
const PADDING_BYTES: usize = 128;
/// Epochs whose messages can still be opened; time limits them further (`Mls::forget_past`).
const PAST_EPOCHS_MAX: usize = 3;

/// Why MLS refused bytes or a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MlsError {
    /// Not an MLS message, or not the kind that was due.
    #[error("malformed message")]
    Malformed,
    /// The message failed its checks: forged, replayed, or for other keys.
    #[error("message refused")]
    Refused,
    /// The welcome is for none of our key packages.
    #[error("a welcome for somebody else")]
    NotForUs,
    /// The library could not do what we asked; our fault or our state's.
    #[error("the operation failed")]
    Failed,
}

/// A leaf as the group sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its place in the ratchet tree.
    pub index: u32,
    /// Its MLS signature key.
    pub signature_key: Vec<u8>,
    /// What its basic credential holds; empty when it has another kind of credential.
    pub identity: Vec<u8>,
}

impl Leaf {
    fn new(index: u32, signature_key: &[u8], credential: &Credential) -> Self {
        Self { index, signature_key: signature_key.to_vec(), identity: identity(credential) }
    }
}

/// A fresh MLS signature key, not yet certified by the device.
pub struct SigningKey(SignatureKeyPair);

impl SigningKey {
    /// Makes one.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the system has no randomness.
    pub fn generate() -> Result<Self, MlsError> {
        SignatureKeyPair::new(CIPHERSUITE.signature_algorithm()).map(Self).map_err(|_| MlsError::Failed)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        self.0.public()
    }

    fn credential(&self, identity: Vec<u8>) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(identity).into(),
            signature_key: self.0.public().into(),
        }
    }
}

/// A key package that is out, with the secrets to join by it.
pub struct Prepared {
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
}

impl Prepared {
    /// Makes a key package for this identity; gives its bytes (an `MLSMessage`).
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the system has no randomness.
    pub fn new(key: SigningKey, identity: Vec<u8>) -> Result<(Self, Vec<u8>), MlsError> {
        let provider = OpenMlsRustCrypto::default();
        let credential = key.credential(identity);
        let bundle = KeyPackage::builder()
            .key_package_lifetime(lifetime())
            .build(CIPHERSUITE, &provider, &key.0, credential)
            .map_err(|_| MlsError::Failed)?;
        let message = MlsMessageOut::from(bundle.key_package().clone());
        let bytes = message.tls_serialize_detached().map_err(|_| MlsError::Failed)?;
        Ok((Self { provider, signer: key.0 }, bytes))
    }

    /// Puts together what was made elsewhere; for the vectors of RFC 9420.
    #[must_use]
    pub fn from_parts(provider: OpenMlsRustCrypto, signer: SignatureKeyPair) -> Self {
        Self { provider, signer }
    }

    /// Opens a welcome; the caller looks at who is in the group before [`Joining::finish`].
    ///
    /// # Errors
    /// [`MlsError::NotForUs`] leaves this key package unused.
    pub fn open_welcome(&self, welcome: &[u8], ratchet_tree: Option<&[u8]>) -> Result<Joining, MlsError> {
        let message = MlsMessageIn::tls_deserialize_exact(welcome).map_err(|_| MlsError::Malformed)?;
        let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
            return Err(MlsError::Malformed);
        };
        let mut join =
            StagedWelcome::build_from_welcome(&self.provider, &join_config(), welcome).map_err(|error| {
                match error {
                    WelcomeError::NoMatchingKeyPackage => MlsError::NotForUs,
                    _ => MlsError::Refused,
                }
            })?;
        // A phone's clock may be wrong by hours; the expiry that counts is in the attestation, by the server's clock.
        join = join.skip_lifetime_validation();
        if let Some(tree) = ratchet_tree {
            let tree = RatchetTreeIn::tls_deserialize_exact(tree).map_err(|_| MlsError::Malformed)?;
            join = join.with_ratchet_tree(tree);
        }
        join.build().map(Joining).map_err(|_| MlsError::Refused)
    }

    /// The public half of the MLS signature key of this package.
    #[must_use]
    pub fn signature_key(&self) -> &[u8] {
        self.signer.public()
    }
}

/// A group that we may join.
pub struct Joining(StagedWelcome);

impl Joining {
    /// The group's id.
    #[must_use]
    pub fn group_id(&self) -> &[u8] {
        self.0.group_context().group_id().as_slice()
    }

    /// Whether the group context is bare and the ciphersuite ours (SEC-013: no external senders, no extensions).
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.group_context().ciphersuite() == CIPHERSUITE
            && self.0.group_context().extensions().iter().next().is_none()
    }

    /// The leaf that made the welcome.
    #[must_use]
    pub fn inviter(&self) -> u32 {
        self.0.welcome_sender_index().u32()
    }

    /// Our own leaf.
    #[must_use]
    pub fn own_leaf(&self) -> u32 {
        self.0.own_leaf_index().u32()
    }

    /// Everyone in the group, us included.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf> {
        self.0.members().map(|m| Leaf::new(m.index.u32(), &m.signature_key, &m.credential)).collect()
    }

    /// Joins.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the library cannot.
    pub fn finish(self, prepared: Prepared) -> Result<Mls, MlsError> {
        let group = self.0.into_group(&prepared.provider).map_err(|_| MlsError::Failed)?;
        Ok(Mls { provider: prepared.provider, signer: prepared.signer, group })
    }
}

/// A handshake or application message on its way in.
pub struct Message(ProtocolMessage);

impl Message {
    /// Reads an `MLSMessage`.
    ///
    /// # Errors
    /// [`MlsError::Malformed`] when it is not one for a group.
    pub fn parse(bytes: &[u8]) -> Result<Self, MlsError> {
        let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| MlsError::Malformed)?;
        message.try_into_protocol_message().map(Self).map_err(|_| MlsError::Malformed)
    }

    /// Whether it is encrypted to the members; whoever is outside cannot make such a message.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self.0, ProtocolMessage::PrivateMessage(_))
    }

    /// Whether it claims to be an application message.
    #[must_use]
    pub fn is_application(&self) -> bool {
        self.0.content_type() == ContentType::Application
    }

    /// The epoch that it claims.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.0.epoch().as_u64()
    }

    /// The group that it claims.
    #[must_use]
    pub fn group_id(&self) -> &[u8] {
        self.0.group_id().as_slice()
    }
}

/// What a message was, after all checks of RFC 9420.
pub enum Content {
    /// Another's commit, not yet merged.
    Commit(Box<Staged>),
    /// A proposal on its own.
    Proposal(Box<QueuedProposal>),
    /// An application message.
    Application {
        /// What the sender's credential holds; the leaf index would name somebody else when the message is of an
        /// earlier epoch and the leaf was given away since.
        identity: Vec<u8>,
        /// What.
        plaintext: Vec<u8>,
    },
    /// A message of our own, relayed back; its maker cannot decrypt it.
    OwnMessage,
}

/// Another's commit that passed the checks of RFC 9420, before ours.
pub struct Staged {
    commit: StagedCommit,
    /// The leaf that made it; `None` when it came from outside.
    pub committer: Option<u32>,
}

/// A change inside a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Adds a leaf, whose index is not known before the merge.
    Add {
        /// Its MLS signature key.
        signature_key: Vec<u8>,
        /// What its credential holds.
        identity: Vec<u8>,
    },
    /// Removes the leaf at this index.
    Remove(u32),
    /// Anything else.
    Other,
}

impl Staged {
    /// Everything that it changes; what was proposed before and only referred to counts as [`Change::Other`].
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        self.commit.queued_proposals().map(|queued| change(queued, self.committer)).collect()
    }

    /// The committer's new leaf, when the commit has a path.
    #[must_use]
    pub fn path_leaf(&self) -> Option<Leaf> {
        let leaf = self.commit.update_path_leaf_node()?;
        Some(Leaf::new(self.committer?, leaf.signature_key().as_slice(), leaf.credential()))
    }

    /// Whether it removes us.
    #[must_use]
    pub fn removes_us(&self) -> bool {
        self.commit.self_removed()
    }

    /// Whether the group context is bare after it.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.commit.group_context().extensions().iter().next().is_none()
    }
}

fn change(queued: &QueuedProposal, committer: Option<u32>) -> Change {
    let by_committer = matches!(queued.sender(), Sender::Member(leaf) if Some(leaf.u32()) == committer);
    if !by_committer || queued.proposal_or_ref_type() != ProposalOrRefType::Proposal {
        return Change::Other;
    }
    match queued.proposal() {
        Proposal::Add(add) => {
            let leaf = add.key_package().leaf_node();
            Change::Add {
                signature_key: leaf.signature_key().as_slice().to_vec(),
                identity: identity(leaf.credential()),
            }
        }
        Proposal::Remove(remove) => Change::Remove(remove.removed().u32()),
        _ => Change::Other,
    }
}

/// A key package that passed the checks of RFC 9420.
pub struct CheckedKeyPackage {
    package: KeyPackage,
    /// Its leaf; the index is not known yet and reads zero.
    pub leaf: Leaf,
}

impl CheckedKeyPackage {
    /// Reads and checks an `MLSMessage` with a key package.
    ///
    /// # Errors
    /// [`MlsError::Malformed`] or [`MlsError::Refused`].
    pub fn parse(bytes: &[u8]) -> Result<Self, MlsError> {
        let message = MlsMessageIn::tls_deserialize_exact(bytes).map_err(|_| MlsError::Malformed)?;
        let MlsMessageBodyIn::KeyPackage(package) = message.extract() else {
            return Err(MlsError::Malformed);
        };
        let provider = OpenMlsRustCrypto::default();
        let package =
            package.validate(provider.crypto(), ProtocolVersion::Mls10).map_err(|_| MlsError::Refused)?;
        if package.ciphersuite() != CIPHERSUITE {
            return Err(MlsError::Refused);
        }
        let node = package.leaf_node();
        let leaf = Leaf::new(0, node.signature_key().as_slice(), node.credential());
        Ok(Self { package, leaf })
    }
}

/// A commit of ours, to be sent.
pub struct OwnCommit {
    /// The `MLSMessage` with the commit.
    pub commit: Vec<u8>,
    /// The `MLSMessage` with the welcome, when somebody is added.
    pub welcome: Option<Vec<u8>>,
}

/// Our place in one group.
pub struct Mls {
    provider: OpenMlsRustCrypto,
    signer: SignatureKeyPair,
    group: MlsGroup,
}

impl Mls {
    /// Makes a group with only us in it.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the library cannot.
    pub fn create(group_id: &[u8], key: SigningKey, identity: Vec<u8>) -> Result<Self, MlsError> {
        let provider = OpenMlsRustCrypto::default();
        let credential = key.credential(identity);
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(CIPHERSUITE)
            .use_ratchet_tree_extension(true)
            .max_past_epochs(PAST_EPOCHS_MAX)
            .padding_size(PADDING_BYTES)
            .lifetime(lifetime())
            .build();
        let group_id = GroupId::from_slice(group_id);
        let group = MlsGroup::new_with_group_id(&provider, &key.0, &config, group_id, credential)
            .map_err(|_| MlsError::Failed)?;
        Ok(Self { provider, signer: key.0, group })
    }

    /// The epoch.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.group.epoch().as_u64()
    }

    /// Our own leaf.
    #[must_use]
    pub fn own_leaf(&self) -> u32 {
        self.group.own_leaf_index().u32()
    }

    /// The epoch authenticator (RFC 9420 §8.7).
    #[must_use]
    pub fn authenticator(&self) -> Vec<u8> {
        self.group.epoch_authenticator().as_slice().to_vec()
    }

    /// Everyone in the group.
    #[must_use]
    pub fn leaves(&self) -> Vec<Leaf> {
        self.group.members().map(|m| Leaf::new(m.index.u32(), &m.signature_key, &m.credential)).collect()
    }

    /// The base key for frames of this epoch. RFC 9605 §5.2 exports as many bytes as the cipher's key has; we export
    /// 32, which the key derivation takes as well.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when we are no longer a member.
    pub fn frame_base(&self) -> Result<[u8; 32], MlsError> {
        let secret = self
            .group
            .export_secret(self.provider.crypto(), FRAME_KEY_LABEL, b"", 32)
            .map_err(|_| MlsError::Failed)?;
        secret.try_into().map_err(|_| MlsError::Failed)
    }

    /// Checks a message by RFC 9420; nothing is merged.
    ///
    /// # Errors
    /// [`MlsError::Refused`] when a check fails; the group is as before.
    pub fn process(&mut self, message: Message) -> Result<Content, MlsError> {
        let processed =
            self.group.process_message(&self.provider, message.0).map_err(|_| MlsError::Refused)?;
        let sender = match processed.sender() {
            Sender::Member(leaf) => Some(leaf.u32()),
            _ => None,
        };
        let identity = identity(processed.credential());
        match processed.into_content() {
            ProcessedMessageContent::ApplicationMessage(message) => {
                Ok(Content::Application { identity, plaintext: message.into_bytes() })
            }
            ProcessedMessageContent::StagedCommitMessage(commit) => {
                Ok(Content::Commit(Box::new(Staged { commit: *commit, committer: sender })))
            }
            ProcessedMessageContent::ProposalMessage(proposal)
            | ProcessedMessageContent::ExternalJoinProposalMessage(proposal) => {
                Ok(Content::Proposal(proposal))
            }
            ProcessedMessageContent::OwnPendingCommit | ProcessedMessageContent::OwnPrivateMessage => {
                Ok(Content::OwnMessage)
            }
        }
    }

    /// Merges another's commit; our own pending one is gone then.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the library cannot.
    pub fn merge(&mut self, staged: Staged) -> Result<(), MlsError> {
        self.group.merge_staged_commit(&self.provider, staged.commit).map_err(|_| MlsError::Failed)
    }

    /// Merges our own commit, after the server put it in its place.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the library cannot.
    pub fn merge_own(&mut self) -> Result<(), MlsError> {
        self.group.merge_pending_commit(&self.provider).map_err(|_| MlsError::Failed)
    }

    /// Keeps a proposal for a later commit that refers to it. Members of ours never do (SEC-013); the vectors of
    /// RFC 9420 need it.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the library cannot.
    pub fn keep_proposal(&mut self, proposal: QueuedProposal) -> Result<(), MlsError> {
        let storage = self.provider.storage();
        self.group.store_pending_proposal(storage, proposal).map_err(|_| MlsError::Failed)
    }

    /// Throws our pending commit away; storage in memory cannot fail at that.
    pub fn discard(&mut self) {
        let cleared = self.group.clear_pending_commit(self.provider.storage());
        debug_assert!(cleared.is_ok(), "memory storage does not fail");
    }

    /// Makes one commit with all these adds and removes and a fresh path; it is pending until [`Self::merge_own`].
    ///
    /// # Errors
    /// [`MlsError::Failed`] when they do not fit the group.
    pub fn commit(&mut self, adds: &[&CheckedKeyPackage], removes: &[u32]) -> Result<OwnCommit, MlsError> {
        let bundle = self
            .group
            .commit_builder()
            .consume_proposal_store(false)
            .force_self_update(true)
            .propose_removals(removes.iter().map(|leaf| LeafNodeIndex::new(*leaf)))
            .propose_adds(adds.iter().map(|checked| checked.package.clone()))
            .load_psks(self.provider.storage())
            .map_err(|_| MlsError::Failed)?
            // The welcome carries the tree; no group information is made for anybody else (SEC-013).
            .create_group_info(false)
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| true)
            .map_err(|_| MlsError::Failed)?
            .stage_commit(&self.provider)
            .map_err(|_| MlsError::Failed)?;
        let (commit, welcome, _) = bundle.into_messages();
        let bytes = |message: MlsMessageOut| message.tls_serialize_detached().map_err(|_| MlsError::Failed);
        Ok(OwnCommit { commit: bytes(commit)?, welcome: welcome.map(bytes).transpose()? })
    }

    /// Encrypts an application message to the group.
    ///
    /// # Errors
    /// [`MlsError::Failed`] while a commit of ours is pending in a way that forbids it, or after our removal.
    pub fn encrypt(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, MlsError> {
        self.group
            .create_message(&self.provider, &self.signer, plaintext)
            .map_err(|_| MlsError::Failed)?
            .tls_serialize_detached()
            .map_err(|_| MlsError::Failed)
    }

    /// Encrypts something to one member alone (draft-ietf-mls-targeted-messages).
    ///
    /// # Errors
    /// [`MlsError::Failed`] when there is no such leaf, or after our removal.
    pub fn seal_to(&mut self, leaf: u32, plaintext: &[u8]) -> Result<Vec<u8>, MlsError> {
        self.group
            .create_targeted_message(&self.provider, &self.signer, LeafNodeIndex::new(leaf), plaintext)
            .map_err(|_| MlsError::Failed)?
            .tls_serialize_detached()
            .map_err(|_| MlsError::Failed)
    }

    /// Opens what a member encrypted to us alone in this epoch; what the sender's credential holds, and what it says.
    ///
    /// # Errors
    /// [`MlsError::Malformed`], or [`MlsError::Refused`] when it is for somebody else, of another epoch, or forged.
    pub fn open_to_us(&self, message: &[u8]) -> Result<(Vec<u8>, Vec<u8>), MlsError> {
        let message = MlsMessageIn::tls_deserialize_exact(message).map_err(|_| MlsError::Malformed)?;
        let MlsMessageBodyIn::TargetedMessage(message) = message.extract() else {
            return Err(MlsError::Malformed);
        };
        let opened =
            self.group.process_targeted_message(&self.provider, &message).map_err(|_| MlsError::Refused)?;
        let sender = self.group.member_at(opened.sender_leaf_index()).ok_or(MlsError::Refused)?;
        Ok((identity(&sender.credential), opened.into_data().0))
    }

    /// Forgets the keys of all epochs but the present one.
    ///
    /// # Errors
    /// [`MlsError::Failed`] when the library cannot.
    pub fn forget_past(&mut self) -> Result<(), MlsError> {
        self.group
            .delete_past_epoch_secrets(&self.provider, PastEpochDeletion::delete_all())
            .map_err(|_| MlsError::Failed)
    }
}

/// Random bytes, from the generator that openmls brings.
///
/// # Errors
/// [`MlsError::Failed`] when the system has no randomness.
pub fn random<const N: usize>() -> Result<[u8; N], MlsError> {
    OpenMlsRustCrypto::default().rand().random_array().map_err(|_| MlsError::Failed)
}

/// The MLS lifetime of our leaves, by the system's clock: wide, because clocks of phones are off by hours and what
/// counts is the expiry in the attestation.
fn lifetime() -> Lifetime {
    const DAY_SECONDS: u64 = 24 * 60 * 60;
    let day_ahead = Lifetime::new(DAY_SECONDS).not_after();
    Lifetime::init(day_ahead.saturating_sub(3 * DAY_SECONDS), day_ahead.saturating_add(60 * DAY_SECONDS))
}

fn identity(credential: &Credential) -> Vec<u8> {
    BasicCredential::try_from(credential.clone()).map(|basic| basic.identity().to_vec()).unwrap_or_default()
}

fn join_config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .use_ratchet_tree_extension(true)
        .max_past_epochs(PAST_EPOCHS_MAX)
        .padding_size(PADDING_BYTES)
        // What arrives is judged by `policy`, which takes encrypted messages only; here both kinds are read.
        .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .number_of_resumption_psks(0)
        .build()
}
