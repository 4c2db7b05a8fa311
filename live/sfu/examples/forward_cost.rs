//! What forwarding costs: microseconds of processor time per 1.1 kB packet, without sockets.
//!
//! `cargo run --release -p sfu --example forward_cost`. One sender, one to seven receivers; only the forwarder's own
//! calls are timed. The median of seven runs is printed with the fastest.

#[path = "../tests/it/harness.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod harness;

use std::time::Duration;

use harness::{World, person};
use ids::TrackKind;
use sfu::{Output, Packet, Transmit};

const PACKETS: usize = 20_000;
const BATCH: usize = 50;
const RUNS: usize = 7;
const PAYLOAD_BYTES: usize = 1_100;

fn main() {
    for receivers in [1_u8, 3, 7] {
        let mut costs: Vec<f64> = (0..RUNS).map(|_| run(receivers)).collect();
        costs.sort_by(f64::total_cmp);
        let (fastest, median) = (costs[0], costs[RUNS / 2]);
        println!(
            "1 -> {receivers}: median {median:.2} us per packet in ({:.2} per packet out), fastest {fastest:.2}",
            median / f64::from(receivers)
        );
    }
}

/// Microseconds per incoming packet.
fn run(receivers: u8) -> f64 {
    let mut world = World::with_people(receivers + 1);
    let sender = person(1);
    let mut payload = harness::key_packet(1, 1);
    payload.resize(PAYLOAD_BYTES, 7);
    let mut spent = Duration::ZERO;
    let mut forwarded = 0;
    for batch in 0..PACKETS / BATCH {
        world.run_for(Duration::from_millis(5));
        let now = world.now;
        let sent: Vec<Transmit> = (0..BATCH)
            .flat_map(|_| {
                world.client(sender).write(TrackKind::Camera, &payload, now);
                world.client(sender).drive(now)
            })
            .collect();
        let (took, out) = feed(&mut world, &sent);
        if batch > 0 {
            spent += took;
            forwarded += out;
        }
    }
    assert!(forwarded >= (PACKETS - 2 * BATCH) * usize::from(receivers), "{forwarded} packets came out");
    spent.as_secs_f64() * 1e6 / (PACKETS - BATCH) as f64
}

/// Time that this thread has spent on a processor, so that a busy machine does not count.
fn on_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps count");
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number first");
    Duration::from_nanos(nanoseconds)
}

fn feed(world: &mut World, sent: &[Transmit]) -> (Duration, usize) {
    let mut out = 0;
    let start = on_cpu();
    for Transmit { transport, source, destination, bytes } in sent {
        let packet = Packet { transport: *transport, source: *source, destination: *destination, bytes };
        world.forwarder.handle_packet(world.now, &packet);
        while let Output::Transmit(sent) = world.forwarder.poll_output() {
            out += usize::from(sent.bytes.len() > PAYLOAD_BYTES);
        }
    }
    (on_cpu() - start, out)
}
