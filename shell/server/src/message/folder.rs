//! The outbox of an installation without a mail server or a gateway: each message is laid as a file for whoever may
//! read the data folder. What a demo and a first trial need, and nothing is sent anywhere.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::message::Reason;
use store::ClaimKey;

use crate::message::Fate;

/// The folder inside the data folder.
pub(crate) const FOLDER: &str = "outbox";

/// A folder of messages.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    /// Lays a file, named by the message's id alone; for its owner only, because a link may stand in it. A second try
    /// of the same message takes the place of the first.
    pub(super) async fn lay(&self, key: ClaimKey, kind: &'static str, bytes: Vec<u8>) -> Fate {
        let (folder, name) = (self.0.clone(), format!("{}.{kind}", key.message));
        let laid = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
        match laid {
            Ok(Ok(())) => Fate::Accepted,
            // The file takes its name last, so nobody has seen it.
            Ok(Err(_)) | Err(_) => Fate::NotYet(Reason::Unreachable),
        }
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let beside = folder.join(format!(".{name}"));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, folder.join(name))
}
