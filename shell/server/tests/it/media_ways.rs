//! Both ways that media comes in: a signed connectivity check is answered over UDP and over TCP, and a stream that
//! belongs to nobody is closed (choice 8 of the media design).

use std::fmt::Write as _;
use std::net::SocketAddr;

use aws_lc_rs::hmac;
use protocol::media::{LINES, Line as MediaLine, line};
use protocol::wire::{ClientMessage, ServerMessage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::harness::{PATIENCE, Server, folder};

/// RFC 8489 §5: the type of a binding request, and of the answer that says yes.
const REQUEST: u16 = 0x0001;
const SUCCESS: [u8; 2] = [0x01, 0x01];

#[tokio::test]
async fn checks_are_answered_over_udp_and_tcp_alike() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let answer = connect(&server).await;
    let check = binding_request(&answer.ufrag, &answer.password);

    let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    udp.send_to(&check, answer.udp).await.expect("sent");
    let mut buffer = [0; 2_048];
    let (_, from) = timeout(PATIENCE, udp.recv_from(&mut buffer)).await.expect("in time").expect("an answer");
    assert_eq!((from, buffer[..2] == SUCCESS), (answer.udp, true));

    let mut tcp = TcpStream::connect(answer.tcp).await.expect("it listens");
    let mut framed = u16::try_from(check.len()).expect("short").to_be_bytes().to_vec();
    framed.extend_from_slice(&check);
    // In two pieces, as a stream may be cut anywhere.
    tcp.write_all(&framed[..7]).await.expect("sent");
    tcp.flush().await.expect("sent");
    tcp.write_all(&framed[7..]).await.expect("sent");
    let length = timeout(PATIENCE, tcp.read_u16()).await.expect("in time").expect("a frame");
    let mut packet = vec![0; usize::from(length)];
    tcp.read_exact(&mut packet).await.expect("a whole frame");
    assert_eq!(packet[..2], SUCCESS);
    server.stop().await;
}

#[tokio::test]
async fn a_stream_that_is_nobodys_is_closed() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let answer = connect(&server).await;
    for stranger in [binding_request("nobody", "x"), vec![0x80; 200], Vec::new()] {
        let mut tcp = TcpStream::connect(answer.tcp).await.expect("it listens");
        let length = u16::try_from(stranger.len()).expect("short").to_be_bytes();
        tcp.write_all(&[&length[..], &stranger].concat()).await.expect("sent");
        let mut rest = Vec::new();
        // Closed or reset; either way not one byte comes back.
        let ended = timeout(PATIENCE, tcp.read_to_end(&mut rest)).await.expect("closed in time");
        assert!(ended.is_err() || rest.is_empty());
    }
    server.stop().await;
}

struct Transport {
    ufrag: String,
    password: String,
    udp: SocketAddr,
    tcp: SocketAddr,
}

/// Offers all lines over the socket and reads where the server wants its media.
async fn connect(server: &Server) -> Transport {
    let clinician = server.sign_in("clinician").await;
    let mut line = clinician.socket(&clinician.session().await).await;
    line.arrive(1).await;
    line.send(&ClientMessage::Offer { sdp: offer() }).await;
    let answer = line.until(|message| match message {
        ServerMessage::Answer { sdp } => Some(sdp.clone()),
        _ => None,
    });
    let answer = answer.await;
    // The server forgets the connection with its socket, so the socket stays for the length of the test.
    drop(tokio::spawn(async move { while line.next().await.is_some() {} }));
    let value = |name: &str| {
        let found = answer.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap_or_else(|| panic!("no {name} in {answer}")).trim().to_owned()
    };
    Transport {
        ufrag: value("a=ice-ufrag:"),
        password: value("a=ice-pwd:"),
        udp: candidate(&answer, "udp"),
        tcp: candidate(&answer, "tcp"),
    }
}

/// RFC 8839 §5.1: the address stands in the fifth and sixth place of a candidate.
fn candidate(answer: &str, transport: &str) -> SocketAddr {
    let fields = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut candidates = answer.lines().filter(|line| line.starts_with("a=candidate:")).map(fields);
    let found = candidates.find(|fields| fields[2].eq_ignore_ascii_case(transport));
    let found = found.unwrap_or_else(|| panic!("no {transport} candidate in {answer}"));
    format!("{}:{}", found[4], found[5]).parse().expect("an address")
}

fn offer() -> String {
    let mut sdp = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE".to_owned();
    let lines = u8::try_from(LINES).expect("few lines");
    for index in 0..lines {
        let _ = write!(sdp, " {index}");
    }
    sdp.push_str("\r\n");
    for index in 0..lines {
        let (kind, direction) = match line(index).expect("every line has a purpose") {
            MediaLine::Send(kind) => (kind, "sendonly"),
            MediaLine::Receive(kind) => (kind, "recvonly"),
        };
        let (media, number, codec) =
            if kind.is_audio() { ("audio", 111, "opus/48000/2") } else { ("video", 96, "VP8/90000") };
        let _ = write!(
            sdp,
            "m={media} 9 UDP/TLS/RTP/SAVPF {number}\r\nc=IN IP4 0.0.0.0\r\na=mid:{index}\r\na={direction}\r\n\
             a=rtcp-mux\r\na=rtpmap:{number} {codec}\r\na=ice-ufrag:client\r\na=ice-pwd:{}\r\n\
             a=fingerprint:sha-256 {}\r\na=setup:actpass\r\n",
            "p".repeat(24),
            vec!["AB"; 32].join(":"),
        );
    }
    sdp
}

/// A connectivity check with user name, integrity and fingerprint (RFC 8489 §14, RFC 8445 §7.2.2).
fn binding_request(ufrag: &str, password: &str) -> Vec<u8> {
    let mut message = REQUEST.to_be_bytes().to_vec();
    message.extend([0, 0]);
    message.extend(0x2112_A442_u32.to_be_bytes());
    message.extend(*b"transaction!");
    attribute(&mut message, 0x0006, format!("{ufrag}:client").as_bytes());
    attribute(&mut message, 0x0024, &0x6E00_1EFF_u32.to_be_bytes());
    attribute(&mut message, 0x802A, &7_u64.to_be_bytes());
    attribute(&mut message, 0x0025, &[]);
    set_length(&mut message, 24);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let integrity = hmac::sign(&key, &message);
    attribute(&mut message, 0x0008, integrity.as_ref());
    set_length(&mut message, 8);
    let fingerprint = crc32(&message) ^ 0x5354_554E;
    attribute(&mut message, 0x8028, &fingerprint.to_be_bytes());
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).expect("short").to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
    set_length(message, 0);
}

/// The length in the header covers what is there and `more` to come, without the header itself.
fn set_length(message: &mut [u8], more: usize) {
    let length = u16::try_from(message.len() + more - 20).expect("short");
    message[2..4].copy_from_slice(&length.to_be_bytes());
}

/// The checksum of ISO 3309, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(u32::MAX, byte)
}
