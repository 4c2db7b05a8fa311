//! Opens the records as the configuration says: the data folder, the database in it or elsewhere, the root key.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use anyhow::Context as _;
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
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    made.with_context(|| format!("the data folder {} cannot be made", config.data.display()))
}
