//! A bad network on demand: delay, jitter, bursty loss, a narrow pipe with a queue, reordering; one seed, one run.
//!
//! [`Link`] is one direction, sans-I/O: datagrams go in with [`Link::send`], come out with [`Link::poll`] when their
//! time has come. Kernel emulation is not needed, so the same link serves the simulator (virtual time) and the
//! proxy `samrom-impair` (real time) between browsers and server.
//!
//! Loss is Gilbert–Elliott with everything lost in the bad state: bursts have a mean length, which defeats
//! redundancy of small depth just as real lines do.

mod profile;
mod random;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

pub use profile::{Profile, ProfileError};
use random::Random;

/// One direction of a bad line. Times are durations since any fixed start, the same for all calls.
pub struct Link {
    profile: Profile,
    random: Random,
    in_burst: bool,
    /// When the narrow pipe has sent everything that it holds.
    pipe_free_at: Duration,
    /// What waits in the pipe's queue: when it leaves, and its bytes.
    queued: VecDeque<(Duration, usize)>,
    queued_bytes: usize,
    /// What is under way, by its arrival and a running number.
    under_way: BTreeMap<(Duration, u64), Vec<u8>>,
    sent: u64,
    lost: u64,
    /// The latest arrival so far; without reordering nobody overtakes.
    last_arrival: Duration,
}

impl Link {
    /// A line with this profile; the same seed makes the same line.
    #[must_use]
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self {
            profile,
            random: Random::new(seed),
            in_burst: false,
            pipe_free_at: Duration::ZERO,
            queued: VecDeque::new(),
            queued_bytes: 0,
            under_way: BTreeMap::new(),
            sent: 0,
            lost: 0,
            last_arrival: Duration::ZERO,
        }
    }

    /// Changes the line under way; what is in flight keeps its time.
    pub fn set_profile(&mut self, profile: Profile) {
        self.profile = profile;
    }

    /// Datagrams given in, and those lost among them (by chance or by a full queue).
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.sent, self.lost)
    }

    /// Takes a datagram at `now`.
    pub fn send(&mut self, now: Duration, datagram: Vec<u8>) {
        self.sent += 1;
        if self.lose() {
            self.lost += 1;
            return;
        }
        let Some(leaves) = self.through_the_pipe(now, datagram.len()) else {
            self.lost += 1;
            return;
        };
        let jitter = self.profile.jitter.mul_f64(self.random.unit());
        let mut arrival = leaves + self.profile.delay + jitter;
        if !self.random.chance(self.profile.reorder) {
            arrival = arrival.max(self.last_arrival);
            self.last_arrival = arrival;
        }
        self.under_way.insert((arrival, self.sent), datagram);
    }

    /// The next datagram whose time has come at `now`.
    pub fn poll(&mut self, now: Duration) -> Option<Vec<u8>> {
        let entry = self.under_way.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// When the next datagram arrives, if one is under way.
    #[must_use]
    pub fn next_at(&self) -> Option<Duration> {
        self.under_way.keys().next().map(|(at, _)| *at)
    }

    fn lose(&mut self) -> bool {
        let loss = self.profile.loss;
        if loss <= 0.0 {
            return false;
        }
        if loss >= 1.0 {
            return true;
        }
        let leave_burst = 1.0 / self.profile.burst.max(1.0);
        let enter_burst = (loss * leave_burst / (1.0 - loss)).min(1.0);
        self.in_burst =
            if self.in_burst { !self.random.chance(leave_burst) } else { self.random.chance(enter_burst) };
        self.in_burst
    }

    /// When a datagram has left the narrow pipe; `None` when its queue is full.
    fn through_the_pipe(&mut self, now: Duration, bytes: usize) -> Option<Duration> {
        let Some(rate) = self.profile.bits_per_second else { return Some(now) };
        while self.queued.front().is_some_and(|(leaves, _)| *leaves <= now) {
            if let Some((_, gone)) = self.queued.pop_front() {
                self.queued_bytes -= gone;
            }
        }
        if self.queued_bytes + bytes > self.profile.queue_bytes {
            return None;
        }
        // 28 bytes of IP and UDP header travel too.
        let on_the_wire = Duration::from_secs_f64((bytes + 28) as f64 * 8.0 / rate as f64);
        self.pipe_free_at = self.pipe_free_at.max(now) + on_the_wire;
        self.queued.push_back((self.pipe_free_at, bytes));
        self.queued_bytes += bytes;
        Some(self.pipe_free_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Sends `count` datagrams one millisecond apart; returns (number, arrival) of those that came.
    fn run(profile: &str, seed: u64, count: u32) -> Vec<(u32, Duration)> {
        let mut link = Link::new(profile.parse().expect("a good profile"), seed);
        let mut came = Vec::new();
        for step in 0..count + 5_000 {
            let now = MS * step;
            if step < count {
                let mut datagram = vec![0; 1_000];
                datagram[..4].copy_from_slice(&step.to_be_bytes());
                link.send(now, datagram);
            }
            while let Some(datagram) = link.poll(now) {
                came.push((u32::from_be_bytes(datagram[..4].try_into().expect("four bytes")), now));
            }
        }
        came
    }

    #[test]
    fn loss_is_within_half_a_point_and_comes_in_bursts() {
        for (profile, wanted) in
            [("loss=5 burst=2.5", 0.05), ("loss=10 burst=2.5", 0.10), ("loss=20 burst=2.5", 0.20)]
        {
            let count = 400_000;
            let came = run(profile, 7, count);
            let lost = 1.0 - came.len() as f64 / f64::from(count);
            assert!((lost - wanted).abs() < 0.005, "{profile}: lost {lost}");
            let gaps: Vec<u32> =
                came.windows(2).map(|pair| pair[1].0 - pair[0].0 - 1).filter(|gap| *gap > 0).collect();
            let mean = f64::from(gaps.iter().sum::<u32>()) / gaps.len() as f64;
            assert!((mean - 2.5).abs() < 0.15, "{profile}: mean burst {mean}");
        }
    }

    #[test]
    fn delay_is_exact_and_jitter_overtakes_nobody() {
        for (number, arrival) in run("delay=25", 1, 1_000) {
            assert_eq!(arrival, MS * number + MS * 25);
        }
        let came = run("delay=25 jitter=10", 1, 1_000);
        assert!(came.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(came.iter().all(|(number, at)| *at >= MS * (number + 25) && *at <= MS * (number + 36)));
    }

    #[test]
    fn reordering_reorders_only_when_asked() {
        let came = run("jitter=10 reorder=20", 3, 1_000);
        assert!(came.windows(2).any(|pair| pair[0].0 > pair[1].0));
    }

    #[test]
    fn a_narrow_pipe_queues_and_then_drops() {
        // 1,028 bytes a millisecond are 8.2 Mbit/s; half of that passes 2 Mbit/s only after a queue of 30 kB.
        let came = run("rate=2000 queue=30", 5, 2_000);
        let share = came.len() as f64 / 2_000.0;
        assert!((share - 2.0 / 8.224).abs() < 0.03, "passed {share}");
        let longest = came.iter().map(|(number, at)| *at - MS * *number).max().expect("some came");
        assert!(longest > MS * 100 && longest < MS * 130, "queued {longest:?}");
    }

    #[test]
    fn one_seed_is_one_run() {
        let profile = "delay=20 jitter=15 loss=10 reorder=5 rate=6000 queue=50";
        assert_eq!(run(profile, 42, 5_000), run(profile, 42, 5_000));
        assert_ne!(run(profile, 42, 5_000), run(profile, 43, 5_000));
    }
}
