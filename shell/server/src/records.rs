//! Opens the records as the configuration says: the data folder, the database in it or elsewhere, the root key.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use store::{Db, Engine, Options, RootKeySource};

use crate::clock;
use crate::config::Config;

/// The signed head of the audit chain, outside the database (SEC-007).
const HEAD_FILE: &str = "audit-head";

/// Opens the database, making folder, tables and root key when there are none (SEC-008).
///
/// # Errors
/// When the folder or the database cannot be used, or database and root key do not belong together.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Db> {
    make_folder(&config.data)
        .with_context(|| format!("the data folder {} cannot be made", config.data.display()))?;
    Ok(Db::open(&options(config)?).await?)
}

fn options(config: &Config) -> anyhow::Result<Options> {
    let mut options = Options::in_directory(&config.data, clock::wall());
    if let Some(address) = &config.database {
        options.engine = Engine::from_address(address)?;
    }
    if let Some(file) = &config.key_file {
        options.root_key = RootKeySource::File(file.clone());
    }
    Ok(options)
}

/// Opens a database that must be there already.
///
/// # Errors
/// As [`open`], and when there is no database: looking at nothing must not found it.
pub(crate) async fn open_existing(config: &Config) -> anyhow::Result<Db> {
    if let Engine::Sqlite(file) = options(config)?.engine
        && !file.exists()
    {
        anyhow::bail!("there is no database at {}", file.display());
    }
    open(config).await
}

/// Where the signed head lies.
pub(crate) fn head_file(config: &Config) -> PathBuf {
    config.data.join(HEAD_FILE)
}

/// For its owner only: the root key and the signed heads lie in it.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
