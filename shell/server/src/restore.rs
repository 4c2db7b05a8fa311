//! `samrom restore`: brings a backup back into an empty folder or database, all of it or nothing (SEC-051).
//!
//! The file is read twice: once to compare every byte before anything is touched, once to enter it.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use age::x25519::Identity;
use age::{DecryptError, Decryptor};
use anyhow::{Context as _, bail};
use store::{By, Db, Destination, RootKey};

use crate::config::Config;
use crate::{audit, clock, key, records};

/// What `samrom restore` was told.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The backup.
    pub(crate) from: PathBuf,
    /// The file of the identity that opens it.
    pub(crate) identity: PathBuf,
    /// A file with the recovery words.
    pub(crate) words: Option<PathBuf>,
    /// Whether to compare only and bring nothing back.
    pub(crate) check: bool,
}

/// Brings everything back, or compares everything and brings nothing back.
///
/// # Errors
/// In one sentence, and nothing is left behind then.
pub(crate) async fn run(config: &Config, wish: &Wish) -> anyhow::Result<ExitCode> {
    let identity = identity(&wish.identity)?;
    // The identity is tried first: without it nobody need look for the words.
    drop(open(&wish.from, &identity)?);
    let root = root_key(config, wish)?;
    let checked = store::check_backup(&mut open(&wish.from, &identity)?, &root)?;
    eprintln!(
        "{}: whole; made {} by version {}, {} tables, {} rows",
        wish.from.display(),
        moment(checked.made),
        checked.program,
        checked.tables,
        checked.rows
    );
    if !checked.has_head {
        eprintln!("it has no signed head: the audit chain did not hold when it was made");
    }
    if wish.check {
        return Ok(ExitCode::SUCCESS);
    }
    records::make_folder(config)?;
    let options = records::options(config)?;
    let (key_file, head_file) = (records::key_file(config), records::head_file(config));
    let to = Destination { engine: &options.engine, key_file: &key_file, head_file: &head_file };
    let by = By::operator(clock::wall());
    let told = &mut |table: &str, rows: u64| eprintln!("{table}: {rows}");
    store::restore(&mut open(&wish.from, &identity)?, &root, &to, by, told).await?;
    let db = Db::open_existing(&options).await.context("what was brought back cannot be opened")?;
    let verdict = audit::verify(config, &db).await;
    db.close().await;
    verdict
}

/// The root key: by words from a file, the environment or the terminal, unless its file has been put back already.
fn root_key(config: &Config, wish: &Wish) -> anyhow::Result<RootKey> {
    if let Some(root) = key::given_words(wish.words.as_deref())? {
        return Ok(root);
    }
    if let Some(root) = RootKey::read_file(&records::key_file(config))? {
        return Ok(root);
    }
    key::ask_words()
}

/// The first identity in a file, whose other lines are comments.
fn identity(path: &Path) -> anyhow::Result<Identity> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("the identity cannot be read from {}", path.display()))?;
    let found = text.lines().find_map(|line| line.trim().parse().ok());
    found.with_context(|| {
        format!("there is no identity in {}: it begins with AGE-SECRET-KEY-1", path.display())
    })
}

/// The backup in the clear, as it is read. What is not as it was written fails while it is read.
fn open(path: &Path, identity: &Identity) -> anyhow::Result<impl Read + Send + use<>> {
    let file = File::open(path).with_context(|| format!("the backup {} cannot be opened", path.display()))?;
    let opened = Decryptor::new_buffered(BufReader::new(file))
        .and_then(|decryptor| decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)));
    match opened {
        Ok(reader) => Ok(reader),
        Err(DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed) => {
            bail!("this identity does not open the backup: it was made for another recipient")
        }
        Err(DecryptError::UnknownFormat) => {
            bail!("the backup has a newer form of encryption; use a newer version")
        }
        Err(DecryptError::Io(why)) if why.kind() != std::io::ErrorKind::UnexpectedEof => {
            bail!("the backup cannot be read: {why}")
        }
        Err(_) => bail!("this is no backup, or it was torn or changed at its beginning"),
    }
}

fn moment(at: ids::Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| "at no moment".into(), |at| at.to_string())
}
