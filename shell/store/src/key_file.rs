//! The root key's file: made once, exchanged without a moment in which no key opens the records.
//!
//! Beside `root-key` there may lie `root-key.next`, the key that an exchange is about to bring in, and `root-key.old`,
//! the one that it replaced, for as long as the new one is not on the disk for certain. Whatever a crash leaves, the
//! one that fits the database is found by the value that it is checked against, and put in its place (SEC-053).

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{KeyError, Result};
use crate::keys::RootKey;

/// Where the root key comes from.
#[derive(Debug, Clone)]
pub enum RootKeySource {
    /// From a file, which is made when the database is.
    File(PathBuf),
    /// From the configuration or the environment.
    Given(RootKey),
}

impl RootKeySource {
    /// The key that a database with data was made with, by its check value.
    pub(crate) fn fitting(&self, check: &[u8]) -> Result<RootKey, KeyError> {
        let path = match self {
            Self::Given(key) => return key.check(check).map(|()| key.clone()),
            Self::File(path) => path,
        };
        let here = read_key(path);
        if let Ok(Some(key)) = &here
            && key.check(check).is_ok()
        {
            return Ok(key.clone());
        }
        // An exchange was cut short after the database had taken the new key.
        if let Ok(Some(key)) = read_key(&next_to(path))
            && key.check(check).is_ok()
        {
            // Should this fail, it is tried again; the key is the right one either way.
            let _ = promote(path);
            return Ok(key);
        }
        match here? {
            Some(_) => Err(KeyError::Wrong),
            None => Err(KeyError::Missing { path: path.clone() }),
        }
    }

    /// The key for a database without data: the one that is there, else a new one.
    pub(crate) fn existing_or_new(&self) -> Result<RootKey> {
        match self {
            Self::Given(key) => Ok(key.clone()),
            Self::File(path) => match read_key(path)? {
                Some(key) => Ok(key),
                None => {
                    let key = RootKey::generate()?;
                    write_new(path, &key)?;
                    Ok(key)
                }
            },
        }
    }
}

impl RootKey {
    /// Reads a key file; `None` when there is none.
    ///
    /// # Errors
    /// [`KeyError::Malformed`], [`KeyError::File`].
    pub fn read_file(path: &Path) -> Result<Option<Self>, KeyError> {
        read_key(path)
    }

    /// Writes a key file that only its owner reads. One that holds the same key already stays.
    ///
    /// # Errors
    /// [`KeyError::Occupied`] when another key lies there, [`KeyError::File`].
    pub fn write_file(&self, path: &Path) -> Result<(), KeyError> {
        match read_key(path)? {
            Some(there) if there.is(self) => Ok(()),
            Some(_) => Err(KeyError::Occupied { path: path.to_owned() }),
            None => write_new(path, self),
        }
    }
}

/// The key in a file; `None` when there is no file.
pub(crate) fn read_key(path: &Path) -> Result<Option<RootKey>, KeyError> {
    match std::fs::read_to_string(path) {
        Ok(text) => RootKey::from_hex(&Zeroizing::new(text)).map(Some),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(KeyError::File { path: path.to_owned(), why }),
    }
}

/// Writes a key file that only its owner reads; refuses where one lies already. It is whole and on the disk, or not there.
pub(crate) fn write_new(path: &Path, key: &RootKey) -> Result<(), KeyError> {
    let failed = |why| KeyError::File { path: path.to_owned(), why };
    let beside = beside(path, "making");
    write(&beside, key).map_err(failed)?;
    let placed = std::fs::hard_link(&beside, path).and_then(|()| sync_folder(path));
    let _ = std::fs::remove_file(&beside);
    placed.map_err(failed)
}

/// Lays the key that an exchange is about to bring in beside the one in use.
pub(crate) fn write_next(path: &Path, key: &RootKey) -> Result<(), KeyError> {
    let next = next_to(path);
    write(&next, key).and_then(|()| sync_folder(path)).map_err(|why| KeyError::File { path: next, why })
}

/// Takes back what [`write_next`] laid down, when the exchange did not come to pass.
pub(crate) fn drop_next(path: &Path) {
    // Left behind it does no harm: it is written anew by the next exchange, and fits no database.
    let _ = std::fs::remove_file(next_to(path));
}

/// Puts the next key in the place of the old one; the old one is kept aside until the new one is on the disk.
pub(crate) fn promote(path: &Path) -> std::io::Result<()> {
    let old = beside(path, "old");
    match std::fs::remove_file(&old) {
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    match std::fs::hard_link(path, &old) {
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    std::fs::rename(next_to(path), path)?;
    sync_folder(path)?;
    match std::fs::remove_file(&old) {
        Err(why) if why.kind() != ErrorKind::NotFound => Err(why),
        _ => sync_folder(path),
    }
}

fn next_to(path: &Path) -> PathBuf {
    beside(path, "next")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Writes a key where a torn one may lie, and waits until it is on the disk.
fn write(path: &Path, key: &RootKey) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(key.to_hex().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// Waits until the names in a file's folder are on the disk.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => std::fs::File::open(".")?.sync_all(),
    }
}
