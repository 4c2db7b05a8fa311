//! Between a page and its MLS worker, and what an MLS credential says.
//!
//! The page never sees a key: it hands the worker what came from the server and shows what the worker says.
//! A host's worker adds nobody whose key package hash the host did not click on, except a device that it knows
//! from this session.

use ids::{GroupId, ParticipantId, Personal, Role, SessionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::content::{Aside, Content};
use crate::wire::{AddGround, Commit, DeviceKey, KeyPackageHash, Sealed};

/// What the server says about a participant; it proves only that the server says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// The session it is good for.
    pub session: SessionId,
    /// The seat.
    pub participant: ParticipantId,
    /// Who sits there: the same in every session of this organisation, and nothing but that.
    pub person: PersonTag,
    /// The role; `Host` may commit, nobody else.
    pub role: Role,
    /// The name shown.
    pub name: Personal<String>,
    /// The device that it was given to.
    pub device: DeviceKey,
    /// When it was made.
    pub issued: Timestamp,
    /// When it stops being good.
    pub expires: Timestamp,
}

/// A person under a pseudonym: the first half of SHA-256 over [`PERSON_LABEL`], the organisation's public key and the
/// person's id in its records. It tells a browser that somebody is the same person on another device, and tells
/// nobody the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonTag(#[serde(with = "crate::fixed")] pub [u8; 16]);

/// Goes before what a [`PersonTag`] is made of.
pub const PERSON_LABEL: &[u8] = b"samrom person v1\0";

/// An [`Attestation`] as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedAttestation {
    /// Postcard of the attestation, exactly as signed.
    pub statement: Vec<u8>,
    /// Ed25519 over [`ATTESTATION_LABEL`] and the statement, by the organisation's key.
    pub signature: Vec<u8>,
}

/// Goes before the statement when the organisation signs it.
pub const ATTESTATION_LABEL: &[u8] = b"samrom attestation v2\0";
/// Goes before session id, MLS signature key and statement when the device signs.
pub const DEVICE_LABEL: &[u8] = b"samrom device v1\0";

/// The identity inside an MLS basic credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialIdentity {
    /// What the server says.
    pub attestation: SignedAttestation,
    /// ECDSA P-256 (SHA-256, raw r‖s) by the device key over [`DEVICE_LABEL`] ‖ session ‖ MLS signature public key ‖
    /// statement.
    pub device_signature: Vec<u8>,
}

/// From page to MLS worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupCommand {
    /// Loads or makes this browser's device key; answered by [`GroupEvent::Device`].
    Start {
        /// The session.
        session: SessionId,
    },
    /// Takes what the server attests and makes this join's MLS key and credential.
    Attested {
        /// Your seat.
        you: ParticipantId,
        /// The statement.
        attestation: SignedAttestation,
        /// The organisation's key that signed it.
        #[serde(with = "crate::fixed")]
        organization_key: [u8; 32],
    },
    /// Makes a fresh key package; answered by [`GroupEvent::KeyPackage`].
    MakeKeyPackage,
    /// Makes the session's group with only this member in it.
    CreateGroup {
        /// Its id.
        group: GroupId,
    },
    /// Looks at somebody who waits: is the credential good, is the device known? Answered by [`GroupEvent::Looked`].
    Look {
        /// Who.
        participant: ParticipantId,
        /// The key package.
        key_package: Vec<u8>,
    },
    /// The host clicked *let in*: from now on this package may be added.
    Clicked {
        /// Who.
        participant: ParticipantId,
        /// Which package.
        hash: KeyPackageHash,
    },
    /// The server asks to add; refused unless clicked or known.
    Add {
        /// Who.
        participant: ParticipantId,
        /// The package.
        key_package: Vec<u8>,
        /// The ground that the server names.
        ground: AddGround,
    },
    /// The server says that somebody is gone.
    Remove {
        /// Who.
        participant: ParticipantId,
    },
    /// A commit in the server's order.
    Commit {
        /// Who made it, says the server.
        from: ParticipantId,
        /// The commit.
        commit: Commit,
    },
    /// Our commit lost its race.
    CommitLost {
        /// The group.
        group: GroupId,
        /// The present epoch.
        epoch: u64,
    },
    /// The welcome for us.
    Join {
        /// The group.
        group: GroupId,
        /// MLS `Welcome`.
        welcome: Vec<u8>,
    },
    /// Seals something to everyone in the group.
    Seal(Content),
    /// Says something to the hosts alone: those who are here, and where it stands, those who come.
    Confide(Aside),
    /// Opens something sealed.
    Open {
        /// Who sent it, says the server.
        from: ParticipantId,
        /// The message.
        sealed: Sealed,
    },
    /// Whose line the server calls up; others' silence is then not the line's fault.
    Here {
        /// Those whose line is up.
        participants: Vec<ParticipantId>,
    },
    /// Time passes; sent twice a second, because the core has no clock.
    Tick,
    /// Leaves the group and forgets its keys; the device key stays.
    Leave,
    /// Binds the device of this member to what was scanned in person (see `docs/security/who-is-who.md`).
    Pair {
        /// Who.
        participant: ParticipantId,
        /// The text of the scanned code.
        code: String,
    },
    /// Makes the code that the other side scans; answered by [`GroupEvent::PairingCode`].
    MakePairingCode,
    /// Our host sent somebody back to waiting or ended the meeting for them: their device needs a new click.
    SentBack {
        /// Who.
        participant: ParticipantId,
    },
    /// What was told to the hosts alone is told to nobody any more.
    Unsay,
    /// The server says that somebody waits again or is not to come in: as [`Self::SentBack`], told to nobody, because
    /// every host hears it from the server.
    Forget {
        /// Who.
        participant: ParticipantId,
    },
}

/// From MLS worker to page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupEvent {
    /// The device key is ready.
    Device {
        /// Its public half.
        device: DeviceKey,
    },
    /// A fresh key package.
    KeyPackage {
        /// The bytes.
        key_package: Vec<u8>,
        /// Their SHA-256.
        hash: KeyPackageHash,
    },
    /// What was found in the key package of somebody who waits.
    Looked {
        /// Who.
        participant: ParticipantId,
        /// Which package.
        hash: KeyPackageHash,
        /// How the device is known; `None` when the credential is bad and letting in is impossible.
        known: Option<KnownAs>,
    },
    /// A commit to send.
    SendCommit(Commit),
    /// A sealed message to send.
    SendSealed(Sealed),
    /// The group has a new epoch.
    Epoch(EpochView),
    /// Something opened.
    Opened {
        /// Who sent it, proven by the group.
        from: ParticipantId,
        /// What.
        content: Content,
    },
    /// Somebody said something to the hosts alone; comes to hosts only, once.
    Confided {
        /// Who said it, proven by the group.
        from: ParticipantId,
        /// What.
        aside: Aside,
    },
    /// A key is in use: ask for key frames.
    KeyInUse {
        /// Of which epoch.
        epoch: u64,
    },
    /// The code for the other side to scan.
    PairingCode {
        /// Its text.
        code: String,
    },
    /// A scanned code was right or wrong.
    Paired {
        /// Who.
        participant: ParticipantId,
        /// Whether the device is the one that was met.
        matched: bool,
    },
    /// Something is wrong. What was refused changed nothing: the member stays in its last good epoch, so whoever is in
    /// another one is neither seen nor heard, and nobody strange is.
    Alarm(LockAlarm),
    /// An alarm is over.
    AlarmOver,
    /// Somebody whose line is up has not been heard for too long, or is heard again. The alarm follows soon, unless our
    /// own line turns out to be to blame.
    Doubt {
        /// Whether there is a doubt.
        doubted: bool,
    },
}

/// What the lock shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochView {
    /// The group.
    pub group: GroupId,
    /// The epoch.
    pub epoch: u64,
    /// Everyone in the group, by leaf; this is who can see and hear.
    pub members: Vec<MemberView>,
    /// Six indices into the 2,048 safety words (66 bits of the epoch authenticator).
    #[serde(with = "crate::fixed")]
    pub safety_words: [u16; 6],
}

/// One member as the lock shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// The seat.
    pub participant: ParticipantId,
    /// The name in the credential.
    pub name: Personal<String>,
    /// The role in the credential.
    pub role: Role,
    /// The leaf in the ratchet tree, which the key id of every frame names.
    pub leaf: u32,
    /// How this device is known.
    pub known: KnownAs,
}

/// How a device is known to this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KnownAs {
    /// It is this device.
    Own,
    /// Never seen before by this browser.
    New,
    /// Pinned since.
    SameAsSince(Timestamp),
    /// Scanned in person at.
    MetInPerson(Timestamp),
    /// This person had another device the last time.
    Changed {
        /// When the other was last seen.
        last_seen: Timestamp,
    },
}

/// What can be wrong with the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockAlarm {
    /// Members are in different epochs or groups, though their lines are up.
    Diverged,
    /// The server asked to add somebody whom no host here clicked on.
    GhostRefused,
    /// A commit broke the member policy.
    ForbiddenCommit,
    /// A credential did not verify.
    BadCredential,
    /// The worker that seals died or never started.
    WorkerLost,
}
