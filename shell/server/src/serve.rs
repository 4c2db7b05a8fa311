//! `samrom serve`: opens everything in order, says where people find it, and closes everything in order.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain::message::Channel;
use store::{By, Db, Pace};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::config::Config;
use crate::http::{self, Authority, Certificates, Peers, TlsListener};
use crate::media::address;
use crate::message::Post;
use crate::pages::Pages;
use crate::rooms::Rooms;
use crate::{announce, clock, jobs, metrics, records};

/// How long requests and sockets have to finish after the stop was asked for.
const STOP_TIME_MAX: Duration = Duration::from_secs(5);

/// Serves until the process is told to stop.
///
/// # Errors
/// When something cannot be opened; nothing is then left running.
pub(crate) async fn serve(config: &Config) -> anyhow::Result<()> {
    let wish = Wish::listen()?;
    let db = records::open(config).await?;
    if let Some(port) = config.metrics_port {
        metrics::serve(port).await?;
    }
    end_what_a_crash_left(&db).await?;
    let demo = if config.demo { Some(db.seed_demo(clock::wall()).await?) } else { None };

    let media = address::choose(config.media.address);
    let (rooms, opened) = Rooms::start(&config.media, media, &db).context("opening the media ports")?;
    let (stop, stopping) = watch::channel(false);
    let pages = Pages {
        db: db.clone(),
        rooms: rooms.clone(),
        language: config.language,
        time_zone: time_zone(config)?,
    };
    let mut listeners = JoinSet::new();
    let addresses = listen(config, &pages, demo.as_ref(), &stopping, &mut listeners).await?;
    jobs::write_head(&db, &records::head_file(config), Pace::Full).await;
    listeners.spawn(jobs::write_heads(db.clone(), records::head_file(config), stopping.clone()));
    listeners.spawn(jobs::fold(db.clone(), stopping.clone()));
    listeners.spawn(jobs::watch_clock(stopping.clone()));
    let post = Arc::new(Post::open(config, &db, addresses.base_url.clone())?);
    for channel in Channel::ALL {
        listeners.spawn(Arc::clone(&post).carry(channel, stopping.clone()));
    }

    announce::media(media, &opened.ports);
    announce::messages(post.uses_folder(), &config.data);
    announce::pages(&addresses, demo.as_ref());
    wish.heard().await;
    tracing::info!("stopping");
    rooms.stop().await;
    // Nobody listens only when every listener has already gone.
    let _ = stop.send(true);
    let _ = timeout(STOP_TIME_MAX, async { while listeners.join_next().await.is_some() {} }).await;
    jobs::write_head(&db, &records::head_file(config), Pace::Full).await;
    db.close().await;
    Ok(())
}

/// A crash leaves admissions standing in the records that nobody holds.
async fn end_what_a_crash_left(db: &Db) -> anyhow::Result<()> {
    let stale = db.end_stale_admissions(By::system(clock::wall())).await?;
    if stale > 0 {
        tracing::warn!(admissions = stale, "the last run ended badly; what it left standing was ended");
    }
    Ok(())
}

fn time_zone(config: &Config) -> anyhow::Result<jiff::tz::TimeZone> {
    jiff::tz::TimeZone::get(&config.time_zone).context("the time zone is not known")
}

/// Opens the listeners and starts serving on them.
async fn listen(
    config: &Config,
    pages: &Pages,
    demo: Option<&store::demo::Demo>,
    stopping: &watch::Receiver<bool>,
    listeners: &mut JoinSet<()>,
) -> anyhow::Result<announce::Addresses> {
    let http = &config.http;
    // With an authority of our own the network gets HTTPS and this machine plain HTTP, on the same port.
    let home = if http.lan { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { http.address };
    let listener = TcpListener::bind(SocketAddr::new(home, http.port)).await;
    let listener = listener.with_context(|| format!("port {} cannot be opened for pages", http.port))?;
    let port = listener.local_addr()?.port();
    let base_url = http.public_url.clone().unwrap_or_else(|| format!("http://localhost:{port}"));
    let links = demo.map(|demo| announce::demo_links(demo, port));
    let router = web::router(pages.state(config, base_url.clone(), links));
    let proxies = &http.trusted_proxies;
    match (&http.certificate, &http.private_key) {
        (Some(certificate), Some(key)) => {
            let files = Certificates::open(certificate.clone(), key.clone())?;
            let hangup = signal(SignalKind::hangup())?;
            let listener = TlsListener::start(listener, files.current())?;
            listeners.spawn(files.keep(hangup, stopping.clone()));
            listeners.spawn(http::serve(listener, router, Peers::everybody(proxies), stopping.clone()));
        }
        _ => {
            let loopback = home.is_loopback();
            let peers = if loopback { Peers::everybody(proxies) } else { Peers::proxies_only(proxies) };
            listeners.spawn(http::serve(listener, router, peers, stopping.clone()));
        }
    }
    let lan = if http.lan {
        Some(listen_on_network(config, pages, port, stopping, listeners).await?)
    } else {
        None
    };
    Ok(announce::Addresses { base_url, port, lan })
}

async fn listen_on_network(
    config: &Config,
    pages: &Pages,
    port: u16,
    stopping: &watch::Receiver<bool>,
    listeners: &mut JoinSet<()>,
) -> anyhow::Result<announce::Lan> {
    let own = address::first_on_network()
        .context("--lan needs a network, and this machine has no address on one")?;
    let now = clock::wall();
    let authority = Authority::open(&config.data, now)?;
    let tls = authority.issue(own, now)?;
    let listener = TcpListener::bind(SocketAddr::new(own, port)).await;
    let listener = listener.with_context(|| format!("port {port} cannot be opened on the network"))?;
    let base_url = format!("https://{own}:{port}");
    let certificate = std::fs::read(authority.certificate())?;
    let router = web::router(pages.state(config, base_url.clone(), None))
        .route(announce::AUTHORITY_PATH, axum::routing::get(move || authority_file(certificate.clone())));
    let listener = TlsListener::start(listener, watch::Sender::new(tls).subscribe())?;
    listeners.spawn(http::serve(listener, router, Peers::everybody(&[]), stopping.clone()));
    Ok(announce::Lan { base_url })
}

/// The authority's certificate, for a phone that is to trust it.
async fn authority_file(certificate: Vec<u8>) -> impl axum::response::IntoResponse {
    ([(axum::http::header::CONTENT_TYPE, "application/x-x509-ca-cert")], certificate)
}

/// The wish to stop, from whoever runs the process. Listened to from the start, so that none is missed.
struct Wish {
    terminate: Signal,
    interrupt: Signal,
}

impl Wish {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn heard(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Runs the future on a runtime for pages and records; media has threads of its own.
///
/// # Errors
/// What the future returns, or when there is no runtime to be had.
pub(crate) fn on_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
