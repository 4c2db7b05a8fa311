//! What stands around a room on a server, without a store: facts, the organisation's signature, records.

use core::time::Duration;
use std::collections::BTreeMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use domain::door::{ClosingFacts, CuttingFacts, Facts, Invited, Planned};
use domain::meeting::Window;
use ids::{ParticipantId, Role, Timestamp};
use protocol::group::{ATTESTATION_LABEL, Attestation, SignedAttestation};

/// The booked length.
const BOOKED: Duration = Duration::from_secs(3_600);

/// The shell's knowledge.
pub(crate) struct Shell {
    key: Ed25519KeyPair,
    facts: BTreeMap<ParticipantId, Facts>,
}

impl Shell {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes are a seed");
        Self { key, facts: BTreeMap::new() }
    }

    pub(crate) fn organization_key(&self) -> [u8; 32] {
        self.key.public_key().as_ref().try_into().expect("an Ed25519 key has 32 bytes")
    }

    pub(crate) fn invite(&mut self, participant: ParticipantId, role: Role, starts: Timestamp) {
        let window = Window::new(starts, starts.plus(BOOKED));
        let facts = Facts {
            cutting: CuttingFacts {
                invitation: Invited::Yes { role, until: None },
                blocked: false,
                own_withdrawal: false,
                signed_out: false,
                session_ended: false,
                ended_for: false,
            },
            closing: ClosingFacts {
                window,
                young_person_invited: true,
                comes_with_parents: false,
                planned: Planned::OnScreen,
                late_until: None,
            },
        };
        self.facts.insert(participant, facts);
    }

    pub(crate) fn facts(&self, participant: ParticipantId) -> Option<Facts> {
        self.facts.get(&participant).cloned()
    }

    pub(crate) fn change(&mut self, participant: ParticipantId, change: impl FnOnce(&mut Facts)) {
        if let Some(facts) = self.facts.get_mut(&participant) {
            change(facts);
        }
    }

    pub(crate) fn sign(&self, attestation: &Attestation) -> SignedAttestation {
        let statement = protocol::pack(attestation);
        let signature = self.key.sign(&[ATTESTATION_LABEL, &statement].concat()).as_ref().to_vec();
        SignedAttestation { statement, signature }
    }
}
