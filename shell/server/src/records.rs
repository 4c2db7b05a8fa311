//! Opens the records as the configuration says: the data folder, the database in it or elsewhere, the root key.

use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use nix::unistd::{Uid, User};
use store::{Db, Engine, Options, RootKeySource, StoreError};

use crate::config::Config;
use crate::{clock, key};

/// The signed head of the audit chain, outside the database (SEC-007).
const HEAD_FILE: &str = "audit-head";
/// The root key, unless the configuration names another file.
const KEY_FILE: &str = "root-key";

/// Opens the database, making folder, tables and root key when there are none (SEC-008). Where a signed head lies there
/// were records once, so an empty database is not founded there (SEC-054).
///
/// # Errors
/// When the folder or the database cannot be used, or database and root key do not belong together.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Db> {
    make_folder(config)?;
    if head_file(config).exists() {
        return open_existing(config).await;
    }
    let (db, founded) = Db::open_or_found(&options(config)?).await?;
    if let Some(root) = founded.filter(|_| !config.demo) {
        key::tell_founder(&root);
    }
    Ok(db)
}

/// How the configuration says that the records are opened.
///
/// # Errors
/// When the address is none.
pub(crate) fn options(config: &Config) -> anyhow::Result<Options> {
    let mut options = Options::in_directory(&config.data, clock::wall());
    if let Some(address) = &config.database {
        options.engine = Engine::from_address(address)?;
    }
    options.root_key = RootKeySource::File(key_file(config));
    Ok(options)
}

/// Opens a database that must be there already.
///
/// # Errors
/// As [`open`], and when there is no database: looking at nothing must not found it.
pub(crate) async fn open_existing(config: &Config) -> anyhow::Result<Db> {
    must_exist(config)?;
    match Db::open_existing(&options(config)?).await {
        Err(StoreError::NotFounded) => Err(lost(config, "the database is empty")),
        opened => Ok(opened?),
    }
}

/// Refuses when there is no database file.
///
/// # Errors
/// With the way on.
pub(crate) fn must_exist(config: &Config) -> anyhow::Result<()> {
    must_be_ours(config)?;
    match options(config)?.engine {
        Engine::Sqlite(file) if !file.exists() => {
            Err(lost(config, &format!("there is no database at {}", file.display())))
        }
        _ => Ok(()),
    }
}

fn lost(config: &Config, what: &str) -> anyhow::Error {
    let head = head_file(config);
    if !head.exists() {
        return anyhow::anyhow!("{what}");
    }
    anyhow::anyhow!(
        "{what}, but {} says that there were records; nothing was made in their place. Look whether `database` and \
         `data` are right and the disk is mounted, or bring a backup back with `samrom restore` into an empty folder",
        head.display()
    )
}

/// Where the root key lies.
pub(crate) fn key_file(config: &Config) -> PathBuf {
    config.key_file.clone().unwrap_or_else(|| config.data.join(KEY_FILE))
}

/// Where the signed head lies.
pub(crate) fn head_file(config: &Config) -> PathBuf {
    config.data.join(HEAD_FILE)
}

/// Makes the data folder, for its owner only: the root key and the signed heads lie in it.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_folder(config: &Config) -> anyhow::Result<()> {
    must_be_ours(config)?;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    made.with_context(|| format!("the data folder {} cannot be made", config.data.display()))
}

/// The administrator of the machine (root) may write into anybody's folder, and what she leaves there its owner's server
/// may not read: a signed head, a database's log. So she is shown the way instead (SEC-090).
fn must_be_ours(config: &Config) -> anyhow::Result<()> {
    // What is not there, or cannot be looked at, is told by whoever opens it.
    let Ok(owner) = std::fs::metadata(&config.data).map(|folder| Uid::from_raw(folder.uid())) else {
        return Ok(());
    };
    ensure!(is_for(owner, Uid::effective()), "{}", refusal(&config.data, owner));
    Ok(())
}

/// Whether this user may work in a folder of that owner.
const fn is_for(owner: Uid, user: Uid) -> bool {
    !user.is_root() || owner.is_root()
}

fn refusal(folder: &Path, owner: Uid) -> String {
    let known = User::from_uid(owner).ok().flatten().map(|user| user.name);
    let name = known.unwrap_or_else(|| format!("user {owner}"));
    format!(
        "the data folder {} belongs to {name}, and what root writes there the server of {name} cannot read; nothing was \
         done. Do it as its owner: runuser -u {name} -- samrom …",
        folder.display()
    )
}

#[cfg(test)]
mod tests {
    use nix::unistd::Uid;

    use super::is_for;

    #[test]
    fn sec_090_root_works_in_folders_of_its_own_only() {
        let (root, samrom, other) = (Uid::from_raw(0), Uid::from_raw(998), Uid::from_raw(1000));
        assert!(is_for(root, root), "a machine where everything is root's");
        assert!(is_for(samrom, samrom));
        assert!(!is_for(samrom, root), "the file would be root's");
        // Whoever is not root is held to what the folder itself allows.
        assert!(is_for(samrom, other) && is_for(root, other));
    }
}
