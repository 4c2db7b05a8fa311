//! A PostgreSQL of a test's own, that it can stop and start again.
//!
//! A small shell, the keeper, runs it and does what files in its folder say; when the test's process is gone, in
//! whatever way, the keeper stops PostgreSQL by its own process id and removes the folder.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How often, every 100 ms, it is asked whether PostgreSQL has done what it was told.
const ASKED_MAX: u32 = 300;

static CLUSTERS: AtomicU32 = AtomicU32::new(0);

const KEEPER: &str = r#"
    bin=$1 dir=$2 run=$3 child=
    cd "$dir" && exec >"$dir/log" 2>&1
    "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync || exit 1
    stop() { if [ -n "$child" ]; then kill -INT "$child"; wait "$child"; child=; fi; }
    while [ -d "/proc/$run" ] && [ ! -e "$dir/end" ]; do
        if [ -e "$dir/down" ]; then stop
        elif [ -z "$child" ]; then
            "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off & child=$!
        fi
        sleep 0.1
    done
    stop
    rm -rf "$dir"
"#;

/// A running PostgreSQL with one empty database.
pub(crate) struct Cluster {
    folder: PathBuf,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A keeper that cannot be told notices that this process is gone.
        let _ = std::fs::write(self.folder.join("end"), "");
    }
}

impl Cluster {
    /// Starts one.
    pub(crate) async fn start() -> Self {
        let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
        // Short, because the path of a socket must be.
        let folder = PathBuf::from(format!("/tmp/samrom-cl-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).expect("a folder of its own");
        let mut keeper = if we_are_root() {
            let done = Command::new("chown").arg("postgres").arg(&folder).status().expect("chown runs");
            assert!(done.success());
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]);
            command
        } else {
            Command::new("env")
        };
        let keeper = keeper
            .args(["setsid", "sh", "-c", KEEPER, "keeper"])
            .args([programs().as_path(), folder.as_path()])
            .arg(std::process::id().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        drop(keeper.expect("the keeper starts"));
        let cluster = Self { folder };
        cluster.until(true).await;
        cluster
    }

    pub(crate) fn address(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.display())
    }

    pub(crate) async fn down(&self) {
        std::fs::write(self.folder.join("down"), "").expect("the folder is there");
        self.until(false).await;
    }

    pub(crate) async fn up(&self) {
        std::fs::remove_file(self.folder.join("down")).expect("it is down");
        self.until(true).await;
    }

    /// Waits until it takes connections, or is gone.
    async fn until(&self, ready: bool) {
        for _ in 0..ASKED_MAX {
            let state = std::fs::read_to_string(self.folder.join("data/postmaster.pid"));
            let is_ready = state.as_ref().is_ok_and(|state| state.lines().any(|line| line.trim() == "ready"));
            if if ready { is_ready } else { state.is_err() } {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not do as it was told (ready: {ready}):\n{log}");
    }
}

/// The folder of the newest installed PostgreSQL's programs.
fn programs() -> PathBuf {
    let bin = |entry: std::fs::DirEntry| {
        let version = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let bin = entry.path().join("bin");
        bin.join("initdb").exists().then_some((version, bin))
    };
    let versions = std::fs::read_dir(Path::new("/usr/lib/postgresql"));
    let newest = versions.into_iter().flatten().flatten().filter_map(bin).max();
    newest.expect("PostgreSQL is installed (./x test installs it)").1
}

pub(crate) fn we_are_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout.starts_with(b"0\n")
}
