//! `samrom-impair`: a UDP proxy that makes the line between clients and server as bad as it is told.
//!
//! The server announces the proxy's address as its own candidate; each client gets a socket of its own towards the
//! server, so that the server still tells clients apart. Lines on standard input change the profile under way
//! (`both loss=10 rate=2000`, `up …`, `down …`); end of input ends the proxy.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use impair::{Link, Profile};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Datagrams that one direction of one client holds before the proxy itself drops.
const HELD_MAX: usize = 4_096;
/// Clients at a time.
const CLIENTS_MAX: usize = 64;

#[derive(Parser)]
#[command(name = "samrom-impair", about = "A UDP proxy that impairs the line, with a seed")]
struct Options {
    /// Where clients send to.
    #[arg(long)]
    listen: SocketAddr,
    /// Where the server listens.
    #[arg(long)]
    to: SocketAddr,
    /// From clients to the server, e.g. `delay=25 loss=5`.
    #[arg(long, default_value = "")]
    up: Profile,
    /// From the server to clients.
    #[arg(long, default_value = "")]
    down: Profile,
    /// Decides every loss and delay.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let outside = Arc::new(UdpSocket::bind(options.listen).await.context("cannot listen")?);
    let (up_to, up) = watch::channel(options.up);
    let (down_to, down) = watch::channel(options.down);
    println!("listening on {}", outside.local_addr()?);
    let proxy = Proxy { outside, to: options.to, seed: options.seed, up, down };
    tokio::select! {
        result = proxy.run() => result,
        result = obey(up_to, down_to) => result,
    }
}

/// Reads profile changes from standard input until it ends.
async fn obey(up: watch::Sender<Profile>, down: watch::Sender<Profile>) -> anyhow::Result<()> {
    let (line_to, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| line_to.send(line))
    });
    while let Some(line) = lines.recv().await {
        let (direction, profile) = line.split_once(' ').unwrap_or((&line, ""));
        match profile.parse::<Profile>() {
            Ok(profile) if matches!(direction, "up" | "down" | "both") => {
                if direction != "down" {
                    up.send_replace(profile);
                }
                if direction != "up" {
                    down.send_replace(profile);
                }
                println!("now {line}");
            }
            Ok(_) => eprintln!("`{direction}` is none of up, down, both"),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}

struct Proxy {
    outside: Arc<UdpSocket>,
    to: SocketAddr,
    seed: u64,
    up: watch::Receiver<Profile>,
    down: watch::Receiver<Profile>,
}

impl Proxy {
    async fn run(self) -> anyhow::Result<()> {
        let mut clients: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>> = HashMap::new();
        let mut buffer = vec![0; 65_536];
        loop {
            let (length, client) = self.outside.recv_from(&mut buffer).await?;
            if !clients.contains_key(&client) {
                if clients.len() >= CLIENTS_MAX {
                    continue;
                }
                let opened = self.open(client, clients.len() as u64).await?;
                clients.insert(client, opened);
            }
            // A full line drops, as a real one does.
            _ = clients[&client].try_send(buffer[..length].to_vec());
        }
    }

    /// Starts both directions for a new client.
    async fn open(&self, client: SocketAddr, number: u64) -> anyhow::Result<mpsc::Sender<Vec<u8>>> {
        let unspecified: SocketAddr =
            if self.to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 8], 0).into() };
        let inside = Arc::new(UdpSocket::bind(unspecified).await?);
        inside.connect(self.to).await?;
        let (up_to, up_from) = mpsc::channel(HELD_MAX);
        let (down_to, down_from) = mpsc::channel(HELD_MAX);
        let seed = self.seed.wrapping_mul(1_000).wrapping_add(number * 2);
        tokio::spawn(carry(up_from, Way::ToServer(Arc::clone(&inside)), self.up.clone(), seed));
        tokio::spawn(carry(
            down_from,
            Way::ToClient(Arc::clone(&self.outside), client),
            self.down.clone(),
            seed + 1,
        ));
        tokio::spawn(async move {
            let mut buffer = vec![0; 65_536];
            // A refused datagram (the server restarts) is not the end of the line.
            for _ in 0..u32::MAX {
                match inside.recv(&mut buffer).await {
                    Ok(length) => _ = down_to.try_send(buffer[..length].to_vec()),
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        Ok(up_to)
    }
}

enum Way {
    ToServer(Arc<UdpSocket>),
    ToClient(Arc<UdpSocket>, SocketAddr),
}

impl Way {
    async fn send(&self, datagram: &[u8]) {
        // What the socket refuses is lost, as on any line.
        _ = match self {
            Self::ToServer(socket) => socket.send(datagram).await,
            Self::ToClient(socket, client) => socket.send_to(datagram, client).await,
        };
    }
}

/// One direction of one client, in real time.
async fn carry(
    mut from: mpsc::Receiver<Vec<u8>>,
    way: Way,
    mut profile: watch::Receiver<Profile>,
    seed: u64,
) {
    #[expect(clippy::disallowed_methods, reason = "this shell is where the proxy's clock comes from")]
    let start = Instant::now();
    let mut link = Link::new(*profile.borrow_and_update(), seed);
    loop {
        while let Some(datagram) = link.poll(start.elapsed()) {
            way.send(&datagram).await;
        }
        let next = start + link.next_at().unwrap_or(Duration::from_secs(86_400));
        tokio::select! {
            datagram = from.recv() => match datagram {
                Some(datagram) => link.send(start.elapsed(), datagram),
                None => return,
            },
            changed = profile.changed() => match changed {
                Ok(()) => link.set_profile(*profile.borrow_and_update()),
                Err(_) => return,
            },
            () = tokio::time::sleep_until(next) => {}
        }
    }
}
