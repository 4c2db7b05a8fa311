//! All shards as one: which of them a session lives on, and the ways to it from pages and records.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ids::SessionId;
use store::{Db, FactChanged};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::config::Media;
use crate::connections::ConnectionLog;
use crate::media::address::MediaAddress;
use crate::media::{self, Order, Ports, ShardSetup, Waiting};
use crate::{clerk, clock};

/// Orders that may wait for one shard; sockets wait when it is full.
const ORDERS_MAX: usize = 4_096;
/// Errands that may wait for the clerk of one shard.
const ERRANDS_MAX: usize = 1_024;
/// Shards when the configuration does not say.
const SHARDS_DEFAULT_MAX: usize = 4;
/// Sockets of the whole server; the next is closed at once and comes back.
const SOCKETS_MAX: u32 = 16_384;
/// How often it is asked whether another program has written to the records.
const LOOK_FOR_OTHERS: Duration = Duration::from_secs(1);
/// How long shards, clerks and sockets each have to finish.
const STOP_TIME_MAX: Duration = Duration::from_secs(3);

/// The way to every room; cheap to clone.
#[derive(Clone)]
pub(crate) struct Rooms {
    shards: Arc<[mpsc::Sender<Order>]>,
    waiting: Arc<Waiting>,
    connections: ConnectionLog,
    clerks: Arc<Mutex<Vec<JoinHandle<()>>>>,
    sockets: Arc<Semaphore>,
}

/// The ports that were opened, for the lines at the start.
pub(crate) struct Opened {
    /// One per shard, UDP and perhaps TCP.
    pub(crate) ports: Vec<u16>,
}

impl Rooms {
    /// Opens every shard's ports and starts their threads and clerks.
    ///
    /// # Errors
    /// When a port is taken or a thread cannot be started.
    pub(crate) fn start(settings: &Media, address: MediaAddress, db: &Db) -> io::Result<(Self, Opened)> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let count = settings.shards.map_or(cores.min(SHARDS_DEFAULT_MAX), usize::from);
        let waiting = Arc::new(Waiting::default());
        let connections = ConnectionLog::default();
        let mut shards = Vec::with_capacity(count);
        let mut ports = Vec::with_capacity(count);
        let mut clerks = Vec::with_capacity(count);
        for index in 0..count {
            let opened = Ports::open(address.bound, nth_port(settings.port, index)?, settings.tcp)?;
            ports.push(opened.port());
            let (sender, orders) = mpsc::channel(ORDERS_MAX);
            let (errands, waiting_errands) = mpsc::channel(ERRANDS_MAX);
            clerks.push(tokio::spawn(clerk::work(db.clone(), waiting_errands, sender.clone())));
            shards.push(sender);
            let (waiting, connections) = (Arc::clone(&waiting), connections.clone());
            let offered = address.offered;
            let setup = ShardSetup { ports: opened, offered, orders, errands, waiting, connections };
            std::thread::Builder::new().name(format!("media-{index}")).spawn(move || {
                if let Err(error) = media::run(setup) {
                    tracing::error!(kind = ?error.kind(), "a media thread could not start");
                }
            })?;
        }
        let rooms = Self {
            shards: shards.into(),
            waiting,
            connections,
            clerks: Arc::new(Mutex::new(clerks)),
            sockets: Arc::new(Semaphore::new(SOCKETS_MAX as usize)),
        };
        tokio::spawn(rooms.clone().pass_changes_on(db.clone()));
        Ok((rooms, Opened { ports }))
    }

    /// The shard that a session lives on.
    pub(crate) fn shard_of(&self, session: SessionId) -> &mpsc::Sender<Order> {
        // The end of an id is random, so sessions spread evenly.
        let [.., last] = session.as_bytes();
        let index = usize::from(*last) % self.shards.len();
        self.shards.get(index).expect("an index below the length, and there is always a shard")
    }

    /// Who waits, room by room.
    pub(crate) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// What happened to lines, for support.
    pub(crate) const fn connections(&self) -> &ConnectionLog {
        &self.connections
    }

    /// What was written is told to every shard; each knows what concerns it. What another program wrote, such as
    /// `samrom admin block`, is seen within a second, and then every room asks for all its facts.
    async fn pass_changes_on(self, db: Db) {
        let mut changes = db.changes();
        let mut others = OthersWrites::default();
        let mut look = interval(LOOK_FOR_OTHERS);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let order: Box<dyn Fn() -> Order + Send> = tokio::select! {
                change = changes.recv() => match change {
                    Ok(FactChanged { subjects }) => {
                        let subjects: Arc<[_]> = subjects.into();
                        Box::new(move || Order::FactsChanged(Arc::clone(&subjects)))
                    }
                    Err(RecvError::Lagged(_)) => Box::new(|| Order::Reload),
                    Err(RecvError::Closed) => return,
                },
                _ = look.tick() => {
                    // A database that does not answer says so where it is needed.
                    let Ok(count) = db.foreign_events(clock::wall()).await else { continue };
                    if !others.have_grown_to(count) {
                        continue;
                    }
                    Box::new(|| Order::Reload)
                }
            };
            for shard in self.shards.iter() {
                if shard.send(order()).await.is_err() {
                    return;
                }
            }
        }
    }

    /// A place for one more socket, given back when it is dropped; `None` when there are too many (SEC-025).
    pub(crate) fn place_for_socket(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.sockets).try_acquire_owned().ok()
    }

    /// Everybody is told that the server stops; what that ends is written down.
    pub(crate) async fn stop(&self) {
        for shard in self.shards.iter() {
            let (done, stopped) = oneshot::channel();
            if shard.send(Order::Stop { done }).await.is_ok() {
                // A shard that does not answer in time is left behind, as a killed process would leave it.
                let _ = timeout(STOP_TIME_MAX, stopped).await;
            }
        }
        let clerks = std::mem::take(&mut *self.clerks.lock().unwrap_or_else(PoisonError::into_inner));
        for clerk in clerks {
            if timeout(STOP_TIME_MAX, clerk).await.is_err() {
                tracing::error!("a clerk did not finish writing");
            }
        }
        // All places free means that every socket has sent its goodbye.
        let _ = timeout(STOP_TIME_MAX, self.sockets.acquire_many(SOCKETS_MAX)).await;
    }
}

/// How much of the records others have written.
#[derive(Default)]
struct OthersWrites(Option<u64>);

impl OthersWrites {
    /// Whether it is more than the last time; the first count says nothing.
    fn have_grown_to(&mut self, count: u64) -> bool {
        let before = self.0.replace(count.max(self.0.unwrap_or_default()));
        before.is_some_and(|before| count > before)
    }
}

fn nth_port(first: u16, index: usize) -> io::Result<u16> {
    if first == 0 {
        return Ok(0);
    }
    let port = u16::try_from(index).ok().and_then(|index| first.checked_add(index));
    port.ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidInput, "media.port leaves no room for every shard")
    })
}
