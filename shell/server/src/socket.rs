//! One WebSocket between a page and its room: loads whose it is, then carries bytes both ways. Every queue is bounded;
//! who reads too slowly, or says nothing at all, is closed and comes back.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use ids::{ConnectionId, SessionId};
use room::Arrival;
use store::{By, Db, Seat, StoreError};
use tokio::sync::mpsc;
use tokio::time::timeout;
use web::SocketHandover;

use crate::media::{Home, LineOrder, Newcomer, Order};
use crate::rooms::Rooms;
use crate::{clock, entropy};

/// Messages that may wait for one socket.
const LINE_ORDERS_MAX: usize = 256;
/// Silence after which a socket is closed; pages ping every few seconds, and a page that sleeps may be quiet longer.
const SILENCE_MAX: Duration = Duration::from_secs(90);
/// How long one message may take to be sent.
const SEND_TIME_MAX: Duration = Duration::from_secs(10);

/// Carries a socket for as long as it lives.
pub(crate) async fn carry(handover: SocketHandover, db: Db, rooms: Rooms) {
    let Some(_place) = rooms.place_for_socket() else {
        close(handover.socket).await;
        return;
    };
    metrics::gauge!("samrom_sockets").increment(1.0);
    let session = handover.session;
    if let Err(error) = carry_to_room(handover, &db, &rooms).await {
        metrics::counter!("samrom_store_failures").increment(1);
        tracing::error!(%session, %error, "a socket could not be brought to its room");
    }
    metrics::gauge!("samrom_sockets").decrement(1.0);
}

async fn carry_to_room(handover: SocketHandover, db: &Db, rooms: &Rooms) -> Result<(), StoreError> {
    let SocketHandover { session, participant, sign_in, device, socket } = handover;
    let now = clock::wall();
    // Asked for once more, because between the check and the upgrade anything may have changed.
    let seat =
        db.seat(By::system(now), sign_in, session).await?.filter(|seat| seat.key.participant == participant);
    let Some(seat) = seat else {
        close(socket).await;
        return Ok(());
    };
    let signer = db.signing_key(seat.organization, now).await?;
    let connection = ConnectionId::from_parts(now, entropy::bytes());
    let (line, orders) = mpsc::channel(LINE_ORDERS_MAX);
    let home = Home { appointment: seat.appointment, signer };
    let newcomer = Newcomer { session, arrival: arrival(connection, seat), sign_in, device, home, line };
    let shard = rooms.shard_of(session);
    if shard.send(Order::Connected(Box::new(newcomer))).await.is_err() {
        close(socket).await;
        return Ok(());
    }
    let (sink, stream) = socket.split();
    tokio::select! {
        () = bring_in(stream, session, connection, shard) => {}
        () = bring_out(sink, orders) => {}
    }
    let _ = shard.send(Order::Disconnected { session, connection }).await;
    Ok(())
}

fn arrival(connection: ConnectionId, seat: Seat) -> Arrival {
    Arrival {
        connection,
        participant: seat.key.participant,
        person: seat.person,
        name: seat.name.full(),
        given: seat.name.given,
        assurance: seat.assurance,
        facts: seat.facts,
    }
}

async fn bring_in(
    mut stream: SplitStream<WebSocket>,
    session: SessionId,
    connection: ConnectionId,
    shard: &mpsc::Sender<Order>,
) {
    while let Ok(Some(Ok(message))) = timeout(SILENCE_MAX, stream.next()).await {
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Ping(_) | Message::Pong(_) => continue,
            // No client of ours writes text.
            Message::Text(_) | Message::Close(_) => return,
        };
        // Waits while the shard is busy, which holds the sender back as well.
        if shard.send(Order::Message { session, connection, bytes }).await.is_err() {
            return;
        }
    }
}

async fn bring_out(mut sink: SplitSink<WebSocket, Message>, mut orders: mpsc::Receiver<LineOrder>) {
    while let Some(LineOrder::Send(bytes)) = orders.recv().await {
        match timeout(SEND_TIME_MAX, sink.send(Message::Binary(Bytes::from(bytes)))).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
    // The room closed the line, or gave it up. The page knows from the messages what that means.
    let _ = timeout(SEND_TIME_MAX, sink.send(goodbye())).await;
}

async fn close(mut socket: WebSocket) {
    let _ = timeout(SEND_TIME_MAX, socket.send(goodbye())).await;
}

fn goodbye() -> Message {
    Message::Close(Some(CloseFrame { code: close_code::NORMAL, reason: "".into() }))
}
