//! The log of connections, shared by the pages, which draw its codes, and the shards, which see what happens (SEC-116).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::connections::{Code, Connections, Happening};
use ids::{OrganizationId, ParticipantId, Timestamp};

use crate::{clock, entropy};

/// The log; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct ConnectionLog(Arc<Mutex<Connections>>);

impl ConnectionLog {
    /// The code of a seat, for a page that shows it, and what happened with that page.
    pub(crate) fn code(
        &self,
        seat: ParticipantId,
        organization: OrganizationId,
        what: Option<Happening>,
    ) -> Code {
        let (mut log, now) = (self.lock(), clock::wall());
        let code = log.code(seat, organization, now, u64::from_be_bytes(entropy::bytes()));
        if let Some(what) = what {
            log.note(seat, now, what);
        }
        code
    }

    /// Something happened to a seat's line now.
    pub(crate) fn note(&self, seat: ParticipantId, what: Happening) {
        self.lock().note(seat, clock::wall(), what);
    }

    /// What happened under a code, for the organisation that answers for that hour.
    pub(crate) fn find(
        &self,
        organization: OrganizationId,
        code: Code,
    ) -> Option<Vec<(Timestamp, Happening)>> {
        self.lock().find(organization, code, clock::wall())
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
