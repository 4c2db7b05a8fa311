//! Readings wait for one another and are logged together: one write, however many people read at the same time
//! (SEC-006). Nothing is handed out before the write that holds its reading is committed.

use std::sync::{Arc, Mutex, PoisonError};

use domain::audit::{Actor, AuditEvent};
use ids::Timestamp;
use tokio::sync::oneshot;

use crate::db::{Db, retrying};
use crate::error::Result;

/// Something that was read, by whom, when.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) actor: Actor,
    pub(crate) now: Timestamp,
    pub(crate) event: AuditEvent,
}

/// Readings that wait to be logged, and whose turn it is to write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readings {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
struct Waiting {
    readings: Vec<Reading>,
    /// Told when they are logged; closed without a word when they could not be.
    logged: oneshot::Sender<()>,
}

impl Readings {
    fn push(&self, waiting: Waiting) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(waiting);
    }

    fn take(&self) -> Vec<Waiting> {
        core::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Db {
    /// Logs what was read. Whoever comes while another is writing waits, and the next one writes for all who wait.
    ///
    /// # Errors
    /// When they could not be logged.
    pub(crate) async fn log_readings(&self, readings: Vec<Reading>) -> Result<()> {
        if readings.is_empty() {
            return Ok(());
        }
        let (logged, mut heard) = oneshot::channel();
        self.readings.push(Waiting { readings: readings.clone(), logged });
        let _turn = self.readings.turn.lock().await;
        match heard.try_recv() {
            Ok(()) => return Ok(()),
            // Whoever wrote for us failed or went away: our own try, and our own answer.
            Err(oneshot::error::TryRecvError::Closed) => return self.write_readings(&readings).await,
            Err(oneshot::error::TryRecvError::Empty) => {}
        }
        let (all, tell): (Vec<_>, Vec<_>) =
            self.readings.take().into_iter().map(|one| (one.readings, one.logged)).unzip();
        self.write_readings(&all.concat()).await?;
        for logged in tell {
            // Whoever does not wait any more has been handed nothing.
            let _ = logged.send(());
        }
        Ok(())
    }

    async fn write_readings(&self, readings: &[Reading]) -> Result<()> {
        let Some(Reading { now, .. }) = readings.last() else { return Ok(()) };
        retrying(|| async move { self.write(Actor::System, *now).await?.commit_readings(readings).await })
            .await
    }
}
