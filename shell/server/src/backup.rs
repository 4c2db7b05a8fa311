//! `samrom backup` and `samrom backup-key`: the file around a copy of everything (SEC-050).
//!
//! The copy is encrypted while it is written, to whoever holds the identity that `backup-key` made; this machine cannot
//! read it back. It has another name until it is whole and on the disk.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use age::secrecy::ExposeSecret as _;
use age::x25519::{Identity, Recipient};
use anyhow::{Context as _, bail};
use store::{BackedUp, By, Db, Step};

use crate::config::Config;
use crate::{clock, records};

/// The copy is whole, but the audit chain in it does not hold; as for `samrom audit verify`.
const CHAIN_BROKEN: u8 = 3;

/// Copies everything into a file.
///
/// # Errors
/// When there is such a file already, or anything fails; no file of that name is there then.
pub(crate) async fn run(
    config: &Config,
    db: &Db,
    to: &Path,
    recipients: &[Recipient],
) -> anyhow::Result<ExitCode> {
    if to.exists() {
        bail!("{} is there already; a backup never takes the place of another", to.display());
    }
    let part = Part::create(to).with_context(|| format!("{} cannot be written", to.display()))?;
    let copied = copy(config, db, &part, recipients).await?;
    let bytes = part.keep(to).with_context(|| format!("{} cannot be written", to.display()))?;
    let BackedUp { tables, rows, chain_holds } = copied;
    eprintln!("{}: {tables} tables, {rows} rows, {bytes} bytes, on the disk", to.display());
    if !chain_holds {
        eprintln!(
            "the audit chain does not hold; the backup is whole, and the fault is in it: see `samrom audit verify`"
        );
        return Ok(ExitCode::from(CHAIN_BROKEN));
    }
    Ok(ExitCode::SUCCESS)
}

async fn copy(config: &Config, db: &Db, part: &Part, recipients: &[Recipient]) -> anyhow::Result<BackedUp> {
    let all = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(all).context("the recipient cannot be used")?;
    let mut sealed = encryptor.wrap_output(BufWriter::new(&part.file))?;
    let by = By::operator(clock::wall());
    let sink = &mut |step: Step<'_>| match step {
        Step::Bytes(bytes) => sealed.write_all(bytes),
        Step::Table { name, rows } => {
            eprintln!("{name}: {rows}");
            Ok(())
        }
    };
    let copied = db.backup(by, env!("CARGO_PKG_VERSION"), &records::head_file(config), sink).await?;
    let mut file = sealed.finish()?;
    file.flush()?;
    Ok(copied)
}

/// A file that is not whole yet; it is gone when it is dropped before it is kept.
struct Part {
    file: File,
    path: PathBuf,
}

impl Part {
    fn create(to: &Path) -> std::io::Result<Self> {
        let mut name = to.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        Ok(Self { file, path })
    }

    /// Gives it its name, when every byte is on the disk; how many there are.
    fn keep(self, to: &Path) -> std::io::Result<u64> {
        self.file.sync_all()?;
        let bytes = self.file.metadata()?.len();
        // A link, unlike a renaming, never takes the place of a file that came to be meanwhile.
        std::fs::hard_link(&self.path, to).or_else(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Err(error),
            _ => std::fs::rename(&self.path, to),
        })?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
        Ok(bytes)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Kept or given up: in both cases its other name has served its time.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes an identity in a file of its own and prints the recipient that belongs to it.
///
/// # Errors
/// When there is such a file already or it cannot be written.
pub(crate) fn make_key(to: &Path) -> anyhow::Result<()> {
    let identity = Identity::generate();
    let recipient = identity.to_public();
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
        writeln!(file, "# opens backups of Samrom; keep it away from the server")?;
        writeln!(file, "# public key: {recipient}")?;
        writeln!(file, "{}", identity.to_string().expose_secret())?;
        file.sync_all()
    };
    write().with_context(|| format!("{} cannot be made", to.display()))?;
    println!("{recipient}");
    eprintln!(
        "The identity is in {}. Whoever has it and the recovery words can read every backup;",
        to.display()
    );
    eprintln!(
        "without it nobody can. Keep it away from this machine, twice, and give the line above to --recipient."
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_for_its_owner_only_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("identity");
        make_key(&file).expect("made");
        let text = std::fs::read_to_string(&file).expect("written");
        assert!(text.lines().any(|line| line.parse::<Identity>().is_ok()));
        assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
        make_key(&file).expect_err("there is one already");
        assert_eq!(std::fs::read_to_string(&file).expect("still there"), text);
    }

    #[test]
    fn what_is_not_kept_is_gone_and_what_is_there_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("b");
        drop(Part::create(&to).expect("made"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
        let part = Part::create(&to).expect("made");
        std::fs::write(&to, "somebody else's").expect("written");
        part.keep(&to).expect_err("the name is taken");
        assert_eq!(std::fs::read_to_string(&to).expect("there"), "somebody else's");
    }
}
