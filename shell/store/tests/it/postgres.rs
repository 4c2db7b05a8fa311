//! A private PostgreSQL cluster for this test program, unless `SAMROM_TEST_POSTGRES` names one.
//!
//! The cluster is the child of a small shell that waits on a pipe from us: when this program ends, in whatever way,
//! the pipe closes, the shell stops the cluster by its own process id and removes its folder.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

/// How often, every 100 ms, a starting cluster is asked whether it is there.
const ASKED_MAX: u32 = 300;

struct Cluster {
    address: String,
    /// Holds the pipe open; the cluster lives as long as this program.
    _keeper: Option<Child>,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a new, empty database.
pub(crate) async fn new_database() -> String {
    let cluster = CLUSTER.get_or_init(start).await;
    let name = format!("samrom_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&cluster.address).await.expect("the cluster answers");
    for sql in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut admin).await.expect("databases may be made");
    }
    admin.close().await.expect("a connection closes");
    match cluster.address.split_once('?') {
        Some((before, after)) => format!("{}/{name}?{after}", before.rsplit_once('/').expect("an address").0),
        None => format!("{}/{name}", cluster.address.rsplit_once('/').expect("an address").0),
    }
}

async fn start() -> Cluster {
    if let Ok(address) = std::env::var("SAMROM_TEST_POSTGRES") {
        return Cluster { address, _keeper: None };
    }
    let programs = programs();
    // Short, because the path of a socket must be, and kept: the keeper removes it.
    let folder = tempfile::Builder::new().prefix("samrom-pg-").tempdir_in("/tmp").expect("a folder").keep();
    give_to_postgres(&folder);
    let script = r#"
        bin=$1 dir=$2
        "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || exit 1
        "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c max_connections=400 \
            >>"$dir/log" 2>&1 &
        child=$!
        cat >/dev/null
        kill -INT "$child"; wait "$child"
        rm -rf "$dir"
    "#;
    let mut command = as_postgres();
    let keeper = command
        .args(["sh", "-c", script, "keeper"])
        .args([programs.as_path(), folder.as_path()])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the cluster's keeper starts");
    let address = format!("postgres://postgres@localhost/postgres?host={}", folder.display());
    let cluster = Cluster { address, _keeper: Some(keeper) };
    if !answers(&cluster.address).await {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start:\n{log}");
    }
    cluster
}

/// Waits until a starting cluster takes connections.
async fn answers(address: &str) -> bool {
    for _ in 0..ASKED_MAX {
        if let Ok(connection) = PgConnection::connect(address).await {
            return connection.close().await.is_ok();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

/// The folder of the newest installed PostgreSQL's programs.
fn programs() -> PathBuf {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed (./x test installs it)");
    let bin = |entry: std::fs::DirEntry| {
        let version = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let bin = entry.path().join("bin");
        bin.join("initdb").exists().then_some((version, bin))
    };
    let newest = versions.flatten().filter_map(bin).max();
    newest.expect("PostgreSQL is installed (./x test installs it)").1
}

fn we_are_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.starts_with(b"0\n")
}

/// PostgreSQL refuses to run as root; then it runs as its own user.
fn as_postgres() -> Command {
    if we_are_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]);
        command
    } else {
        Command::new("env")
    }
}

fn give_to_postgres(folder: &Path) {
    if we_are_root() {
        let done = Command::new("chown").arg("postgres").arg(folder).status().expect("chown runs");
        assert!(done.success());
    }
}
