//! The clerk of one shard: writes what rooms want recorded, in their order, and loads facts. Rooms never wait for the
//! database; the clerk answers with an order.

use domain::audit::Actor;
use domain::closing::{DeviceKind, NetworkKind};
use ids::{PersonId, SessionId};
use room::{RecordId, Recorded, RoomEvent};
use sfu::Transport;
use store::{AdmissionBegun, AdmissionEnd, By, Db, SeatKey, StoreError};
use tokio::sync::mpsc;

use crate::clock;
use crate::media::{Errand, Order};

/// Works until the shard is gone and nothing is left to do.
pub(crate) async fn work(db: Db, mut errands: mpsc::Receiver<Errand>, shard: mpsc::Sender<Order>) {
    while let Some(errand) = errands.recv().await {
        match errand {
            Errand::LoadFacts { session, seats } => {
                // Loading waits for nobody's writes, so it goes beside them.
                tokio::spawn(load_facts(db.clone(), session, seats, shard.clone()));
            }
            Errand::Record { session, record, event, by, device } => {
                let how = record_event(&db, session, *event, (by, device)).await;
                answer(&shard, session, record, how).await;
            }
        }
    }
}

async fn answer(shard: &mpsc::Sender<Order>, session: SessionId, record: RecordId, how: Recorded) {
    // A shard that is gone has stopped; what it asked for is written all the same.
    let _ = shard.send(Order::Recorded { session, record, how }).await;
}

async fn load_facts(db: Db, session: SessionId, seats: Vec<SeatKey>, shard: mpsc::Sender<Order>) {
    for seat in seats {
        match db.facts(seat, clock::wall()).await {
            Ok(facts) => {
                let facts = Box::new(facts);
                let order = Order::Facts { session, participant: seat.participant, facts };
                if shard.send(order).await.is_err() {
                    return;
                }
            }
            // The room asks again within seconds.
            Err(error) => failed(session, &error),
        }
    }
}

/// Writes one event together with its audit entry (SEC-006).
async fn record_event(
    db: &Db,
    session: SessionId,
    event: RoomEvent,
    (by, device): (Option<PersonId>, Option<DeviceKind>),
) -> Recorded {
    let actor = by.map_or(Actor::System, Actor::Person);
    let written = match event {
        // The first admission opens the session in the same transaction, with an entry of its own.
        RoomEvent::SessionStarted { .. } => Ok(true),
        RoomEvent::AdmissionBegun { admission, participant, at, .. } => {
            let begun = AdmissionBegun { id: admission, session, participant, at, device };
            db.admission_begun(By { actor, now: at }, begun).await
        }
        RoomEvent::AdmissionEnded { admission, reason, away, at, transport, pictured, .. } => {
            let end = AdmissionEnd { reason, away, network: transport.map(network), pictured };
            db.admission_ended(By { actor, now: at }, admission, end).await
        }
        RoomEvent::EndedFor { participant, at, .. } => db.end_for(By { actor, now: at }, participant).await,
        RoomEvent::SessionEnded { at, .. } => db.end_session(By { actor, now: at }, session).await,
    };
    match written {
        Ok(_) => Recorded::Written,
        Err(error) => {
            failed(session, &error);
            Recorded::Failed
        }
    }
}

/// What a transport tells of the network behind it.
const fn network(transport: Transport) -> NetworkKind {
    match transport {
        Transport::Udp => NetworkKind::Open,
        Transport::Tcp => NetworkKind::Narrow,
    }
}

fn failed(session: SessionId, error: &StoreError) {
    metrics::counter!("samrom_store_failures").increment(1);
    tracing::error!(%session, %error, "the records did not answer a room");
}
