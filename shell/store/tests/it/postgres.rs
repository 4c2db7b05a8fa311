//! A private PostgreSQL cluster for this run of tests, unless `SAMROM_TEST_POSTGRES` names one.
//!
//! The cluster is the child of a small shell, its keeper, which watches the process that the run belongs to: this
//! program, or nextest, which starts a program for every test and then shares one cluster among them. When that
//! process is gone, in whatever way, the keeper stops the cluster by its own process id and removes its folder.

use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

/// How often, every 100 ms, a starting cluster is asked whether it is there.
const ASKED_MAX: u32 = 300;

/// The address of the cluster's own database.
static CLUSTER: OnceCell<String> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a new, empty database.
pub(crate) async fn new_database() -> String {
    let cluster = CLUSTER.get_or_init(cluster).await;
    let name = format!("samrom_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(cluster).await.expect("the cluster answers");
    for sql in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut admin).await.expect("databases may be made");
    }
    admin.close().await.expect("a connection closes");
    let (before, after) = cluster.split_once('?').unwrap_or((cluster.as_str(), ""));
    format!("{}/{name}?{after}", before.rsplit_once('/').expect("an address").0)
}

/// The cluster that there is, or a new one.
async fn cluster() -> String {
    if let Ok(address) = std::env::var("SAMROM_TEST_POSTGRES") {
        return address;
    }
    let run = if std::env::var_os("NEXTEST_RUN_ID").is_some() { parent_id() } else { std::process::id() };
    // Short, because the path of a socket must be.
    let folder = PathBuf::from(format!("/tmp/samrom-pg-{run}"));
    // Making the folder decides who starts the cluster; the others wait for it.
    if std::fs::create_dir(&folder).is_ok() {
        start(&folder, run);
    }
    let address = format!("postgres://postgres@localhost/postgres?host={}", folder.display());
    if !answers(&address).await {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start:\n{log}");
    }
    address
}

/// Starts a cluster in a folder, with its keeper.
fn start(folder: &Path, run: u32) {
    give_to_postgres(folder);
    let script = r#"
        bin=$1 dir=$2 run=$3
        cd "$dir" && exec >"$dir/log" 2>&1
        "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync || exit 1
        "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c max_connections=400 &
        child=$!
        while [ -d "/proc/$run" ] && kill -0 "$child"; do sleep 0.2; done
        kill -INT "$child"; wait "$child"
        rm -rf "$dir"
    "#;
    let keeper = as_postgres()
        .args(["setsid", "sh", "-c", script, "keeper"])
        .args([programs().as_path(), folder])
        .arg(run.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    // The keeper outlives us; nobody waits for it.
    drop(keeper.expect("the cluster's keeper starts"));
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
