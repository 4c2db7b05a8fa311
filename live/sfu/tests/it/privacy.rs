//! No address of a client is seen anywhere (SEC-004, SEC-005), and a packet counts only where it came from (SEC-022).

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ids::TrackKind;
use sfu::{Output, Packet, SfuConfig, Transmit, Transport};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::harness::{SERVER_UDP, World, address, key_packet, person};

/// What every client address of these tests has in common.
const MARK: &str = "198.51.100.";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut log = self.0.lock().expect("one thread");
        event.record(&mut Line(&mut log));
        log.push('\n');
    }
}

#[test]
fn no_log_line_down_to_debug_and_no_event_holds_a_client_address() {
    let log = Log::default();
    let filter = tracing_subscriber::filter::LevelFilter::DEBUG;
    let subscriber = tracing_subscriber::registry().with(log.clone().with_filter(filter));
    let events = tracing::subscriber::with_default(subscriber, || {
        let mut world = World::with_people(2);
        world.speak(person(1), TrackKind::Camera, &key_packet(1, 1));
        world.client(person(1)).address = address(200);
        world.run_for(Duration::from_secs(5));
        world.forwarder.disconnect(person(1), world.now);
        world.run_for(Duration::from_secs(1));
        format!("{:?}", world.events)
    });
    let log = log.0.lock().expect("one thread");
    assert!(log.lines().count() > 20, "there is a log to look at");
    assert!(!log.contains(MARK), "{}", log.lines().find(|line| line.contains(MARK)).unwrap_or_default());
    assert!(events.contains("Connected") && !events.contains(MARK));
}

#[test]
fn types_that_carry_addresses_print_without_them() {
    let (source, destination) = (address(1), SocketAddr::from(SERVER_UDP));
    let packet = Packet { transport: Transport::Udp, source, destination, bytes: &[1, 2, 3] };
    let sent =
        Transmit { transport: Transport::Tcp, source: destination, destination: source, bytes: vec![1] };
    let config = SfuConfig { udp: vec![source], tcp: vec![] };
    let secrets = sfu::IceSecrets { ufrag: "seen".to_owned(), password: "hidden".to_owned() };
    let printed = format!("{packet:?} {:?} {config:?} {secrets:?}", Output::Transmit(sent));
    assert!(printed.contains("bytes: 3"));
    for secret in [MARK, "203.0.113", "hidden", "seen"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn an_answer_names_the_servers_addresses_and_nobody_elses() {
    let mut world = World::new();
    world.join(person(1));
    world.join(person(2));
    for answer in &world.answers {
        let candidates: Vec<&str> = answer.lines().filter(|line| line.starts_with("a=candidate:")).collect();
        assert_eq!(candidates.len(), 2, "one for UDP and one for TCP");
        assert!(candidates.iter().all(|line| line.contains("203.0.113.1 443 typ host")));
        assert!(!answer.contains(MARK));
        let names: Vec<&str> =
            answer.split("cname:").skip(1).filter_map(|rest| rest.lines().next()).collect();
        assert!(names.iter().all(|name| name.len() >= 16), "a CNAME is random: {names:?}");
    }
    let first =
        |answer: &str| answer.split("cname:").nth(1).and_then(|rest| rest.lines().next()).map(str::to_owned);
    assert_ne!(first(&world.answers[0]), first(&world.answers[1]));
}

#[test]
fn media_of_one_member_under_another_members_ssrc_counts_as_the_senders_own() {
    let (a, b, c) = (person(1), person(2), person(3));
    let mut world = World::with_people(3);
    world.speak(a, TrackKind::Camera, &key_packet(1, 1));
    world.run_for(Duration::from_millis(50));
    let victim = {
        let client = world.client(a);
        let mid = client.mid(1);
        client.rtc.direct_api().stream_tx_by_mid(mid, None).expect("sends").ssrc()
    };
    // b sends its camera under a's SSRC.
    {
        let client = world.client(b);
        let mid = client.mid(1);
        let rtx = client.rtc.direct_api().new_ssrc();
        client.rtc.direct_api().reset_stream_tx(mid, None, victim, Some(rtx)).expect("a stream to change");
    }
    world.speak(b, TrackKind::Camera, &key_packet(9, 99));
    world.run_for(Duration::from_millis(100));
    for slot in world.forwarder.slots(c).to_vec() {
        let received = world.received(c, slot.line);
        let noise = slot.participant.as_bytes()[0];
        match (slot.track, noise) {
            (TrackKind::Camera, 1) => assert!(received.iter().all(|r| r.payload == key_packet(1, 1))),
            (TrackKind::Camera, 2) => {
                assert!(!received.is_empty(), "the forged packets came through as b's own");
                assert!(received.iter().all(|r| r.payload == key_packet(9, 99)));
            }
            _ => assert!(received.is_empty()),
        }
    }
}

#[test]
fn a_track_under_the_ssrc_of_another_track_counts_for_neither_of_other_people() {
    let (a, b) = (person(1), person(2));
    let mut world = World::with_people(2);
    world.forwarder.set_screen(Some(a), world.now);
    world.speak(a, TrackKind::Camera, &key_packet(1, 1));
    let camera = {
        let client = world.client(a);
        let mid = client.mid(1);
        client.rtc.direct_api().stream_tx_by_mid(mid, None).expect("sends").ssrc()
    };
    world.run_for(Duration::from_millis(50));
    // Bytes that claim to be a's camera, from an address that nobody vouches for.
    let mut forged = vec![0x80, 0x60, 0, 9, 0, 0, 0, 1];
    forged.extend(camera.to_be_bytes());
    forged.extend([7; 100]);
    let before = world.client(b).received.len();
    for source in [address(66), address(2), address(1)] {
        let destination = SocketAddr::from(SERVER_UDP);
        world.inject(Transmit { transport: Transport::Udp, source, destination, bytes: forged.clone() });
    }
    world.run_for(Duration::from_millis(100));
    assert_eq!(world.client(b).received.len(), before, "without the sender's keys nothing is media");
}
