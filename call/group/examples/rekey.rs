//! How long a change of members takes: the committer's work, and one receiver's work until the new frame key is there.
//! Prints one JSON line per group size; `./x bench` writes them into `docs/ops/performance.md`.

use std::time::{Duration, Instant};

use group::mls::{CheckedKeyPackage, Content, Message, Mls, MlsError, Prepared, SigningKey};

/// Changes measured per size; the first is thrown away.
const ROUNDS: usize = 21;

fn main() {
    for members in [2, 8, 32] {
        match measure(members) {
            Ok(mut times) => println!("{}", times.json(members)),
            Err(error) => {
                eprintln!("{members} members: {error}");
                std::process::exit(1);
            }
        }
    }
}

#[derive(Default)]
struct Times {
    add: Vec<Duration>,
    join: Vec<Duration>,
    remove: Vec<Duration>,
    receive: Vec<Duration>,
}

impl Times {
    fn json(&mut self, members: usize) -> String {
        let columns = [
            ("add", &mut self.add),
            ("join", &mut self.join),
            ("remove", &mut self.remove),
            ("receive", &mut self.receive),
        ];
        let columns: Vec<String> =
            columns.into_iter().filter_map(|(name, times)| column(name, times)).collect();
        format!("{{\"members\":{members},{}}}", columns.join(","))
    }
}

/// Minimum and median after the first; `None` where there was nobody to measure (a group of two has no watcher).
fn column(name: &str, times: &mut [Duration]) -> Option<String> {
    let (_, times) = times.split_first_mut()?;
    times.sort();
    let (min, median) = (times.first()?.as_micros(), times.get(times.len() / 2)?.as_micros());
    Some(format!("\"{name}_us\":{{\"min\":{min},\"median\":{median}}}"))
}

fn prepared(number: usize) -> Result<(Prepared, CheckedKeyPackage), MlsError> {
    let identity = format!("member {number}").into_bytes();
    let (prepared, bytes) = Prepared::new(SigningKey::generate()?, identity)?;
    Ok((prepared, CheckedKeyPackage::parse(&bytes)?))
}

#[expect(clippy::disallowed_methods, reason = "a measurement is about the clock")]
fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> Result<T, MlsError>) -> Result<T, MlsError> {
    let start = Instant::now();
    let done = work()?;
    times.push(start.elapsed());
    Ok(done)
}

/// A host and a watcher in a group of `members`; the last member comes and goes.
fn measure(members: usize) -> Result<Times, MlsError> {
    let mut times = Times::default();
    let mut host = Mls::create(b"bench", SigningKey::generate()?, b"host".to_vec())?;
    let mut watcher = None;
    for number in 1..members - 1 {
        let (prepared, package) = prepared(number)?;
        let made = host.commit(&[&package], &[])?;
        host.merge_own()?;
        if let Some(watching) = watcher.as_mut() {
            follow(watching, &made.commit)?;
        } else {
            let joining = prepared.open_welcome(&made.welcome.unwrap_or_default(), None)?;
            watcher = Some(joining.finish(prepared)?);
        }
    }
    for round in 0..ROUNDS {
        let (prepared, package) = prepared(1_000 + round)?;
        let made = timed(&mut times.add, || {
            let made = host.commit(&[&package], &[])?;
            host.merge_own()?;
            host.frame_base()?;
            Ok(made)
        })?;
        if let Some(watching) = watcher.as_mut() {
            timed(&mut times.receive, || follow(watching, &made.commit))?;
        }
        let leaf = timed(&mut times.join, || {
            let joining = prepared.open_welcome(&made.welcome.clone().unwrap_or_default(), None)?;
            let joined = joining.finish(prepared)?;
            joined.frame_base()?;
            Ok(joined.own_leaf())
        })?;
        let gone = timed(&mut times.remove, || {
            let made = host.commit(&[], &[leaf])?;
            host.merge_own()?;
            host.frame_base()?;
            Ok(made)
        })?;
        if let Some(watching) = watcher.as_mut() {
            timed(&mut times.receive, || follow(watching, &gone.commit))?;
        }
    }
    Ok(times)
}

fn follow(member: &mut Mls, commit: &[u8]) -> Result<(), MlsError> {
    if let Content::Commit(staged) = member.process(Message::parse(commit)?)? {
        member.merge(*staged)?;
    }
    member.frame_base().map(drop)
}
