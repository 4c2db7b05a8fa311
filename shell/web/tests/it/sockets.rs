//! The way into the room: origin, sign-in and seat are checked before a socket exists (SEC-027).

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use store::Token;
use store::demo::DemoRole;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async};

use crate::world::World;

async fn serve(world: &World) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let service = world.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

fn request(address: SocketAddr, path: &str, origin: &str, cookie: Option<&str>) -> Request<()> {
    let mut request = format!("ws://{address}{path}").into_client_request().expect("an address");
    request.headers_mut().insert("origin", HeaderValue::from_str(origin).expect("plain"));
    if let Some(cookie) = cookie {
        let value = HeaderValue::from_str(&format!("samrom={cookie}")).expect("plain");
        request.headers_mut().insert("cookie", value);
    }
    request
}

async fn open(request: Request<()>) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, u16> {
    let host = request.uri().authority().expect("an address").as_str().to_owned();
    let stream = TcpStream::connect(host).await.expect("the server listens");
    match client_async(request, MaybeTlsStream::Plain(stream)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_signed_in_guest_of_the_meeting_reaches_the_room_by_her_seat() {
    let world = World::new().await;
    let address = serve(&world).await;
    let browser = world.signed_in(world.person(DemoRole::YoungPerson).person).await;
    let cookie = browser.cookies.get("samrom").expect("signed in");
    let own = format!("http://{address}");
    let path = format!("/ws/{}", world.demo.session);
    let mut socket = open(request(address, &path, &own, Some(cookie))).await.expect("it opens");
    socket.send(Message::Binary(vec![1, 2, 3].into())).await.expect("it is open");
    let answer = socket.next().await.expect("an answer").expect("an answer").into_text().expect("text");
    let token = Token::from_text(cookie).expect("a token");
    let signed_in = world.db.signed_in(&token, world.now()).await.expect("read").expect("good");
    let by = store::By::person(signed_in.sign_in.person, world.now());
    let seat =
        world.db.seat(by, signed_in.sign_in.id, world.demo.session).await.expect("read").expect("hers");
    assert_eq!(answer.as_str(), format!("{} {}", world.demo.session, seat.key.participant));
}

#[tokio::test]
async fn another_origin_nobody_and_strangers_get_no_socket() {
    let world = World::new().await;
    let address = serve(&world).await;
    let own = format!("http://{address}");
    let path = format!("/ws/{}", world.demo.session);
    let stranger = world.signed_in(world.stranger().await).await;
    let stranger = stranger.cookies.get("samrom").map(String::as_str);
    let guest = world.signed_in(world.person(DemoRole::YoungPerson).person).await;
    let guest = guest.cookies.get("samrom").map(String::as_str);
    for (path, origin, cookie, status) in [
        (path.as_str(), "http://evil.example", guest, 403),
        (path.as_str(), "null", guest, 403),
        (path.as_str(), own.as_str(), None, 403),
        (path.as_str(), own.as_str(), stranger, 404),
        ("/ws/00000000-0000-7000-8000-000000000000", own.as_str(), guest, 404),
        ("/ws/rubbish", own.as_str(), guest, 404),
    ] {
        let refused = open(request(address, path, origin, cookie)).await.err();
        assert_eq!(refused, Some(status), "SEC-027: {path} {origin}");
    }
}
