//! `samrom key`: the recovery words of the root key, its exchange, and its return from the words (SEC-052, SEC-053).
//!
//! Words go to standard output only when they were asked for, and at the founding to a terminal only: what a service
//! manager keeps of a program's lines is no place for them.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use store::{By, Db, RECOVERY_WORDS, RootKey, RootKeySource};

use crate::cli::KeyCommand;
use crate::config::Config;
use crate::{clock, records};

/// The environment variable that may hold the recovery words.
const WORDS_VARIABLE: &str = "SAMROM_RECOVERY_WORDS";
/// Lines that are read at most until the words are complete.
const LINES_MAX: usize = 2 * RECOVERY_WORDS;
/// Words in one printed line.
const WORDS_IN_LINE: usize = 6;

/// Does one thing with the root key.
///
/// # Errors
/// When words and records do not belong together, or a file cannot be used.
pub(crate) async fn run(config: &Config, command: &KeyCommand) -> anyhow::Result<()> {
    match command {
        KeyCommand::Words { check: false } => {
            let db = records::open_existing(config).await?;
            db.close().await;
            let root =
                RootKey::read_file(&records::key_file(config))?.context("the root key is in no file")?;
            print_words(&root);
        }
        KeyCommand::Words { check: true } => {
            let db = open_with(config, words(None)?).await?;
            db.close().await;
            eprintln!("These are the words of the root key in use.");
        }
        KeyCommand::Rotate => {
            let db = records::open_existing(config).await?;
            let rotated = db.rotate_root_key(By::operator(clock::wall())).await;
            db.close().await;
            print_words(&rotated?);
            eprintln!(
                "The root key was exchanged. These are its words; write them down now, and keep the old ones for as"
            );
            eprintln!(
                "long as backups from before today are kept. A running server goes on without a restart."
            );
        }
        KeyCommand::Restore { words: file } => {
            let root = words(file.as_deref())?;
            let db = open_with(config, root.clone()).await?;
            db.close().await;
            let path = records::key_file(config);
            root.write_file(&path)?;
            eprintln!("The root key lies at {} again.", path.display());
        }
    }
    Ok(())
}

/// Opens the records with a key that does not come from its file.
async fn open_with(config: &Config, root: RootKey) -> anyhow::Result<Db> {
    records::must_exist(config)?;
    let mut options = records::options(config)?;
    options.root_key = RootKeySource::Given(root);
    match Db::open_existing(&options).await {
        Err(store::StoreError::Key(store::KeyError::Wrong)) => {
            bail!("these are the words of another key, not of the one that the records were sealed with")
        }
        opened => Ok(opened?),
    }
}

/// Tells whoever founded the records how to get at them again; the words themselves only where nobody keeps them.
pub(crate) fn tell_founder(root: &RootKey) {
    if !std::io::stderr().is_terminal() {
        eprintln!(
            "A root key was made. Without it the records cannot be read: write its recovery words down now, with"
        );
        eprintln!("`samrom key words` at a terminal.");
        return;
    }
    eprintln!(
        "A root key was made. These are its recovery words. Without the key or the words nobody can read the"
    );
    eprintln!("records again: write them on paper now, and keep the paper away from the backups.\n");
    for line in lines(root) {
        eprintln!("    {line}");
    }
    eprintln!("\n`samrom key words --check` tells whether you wrote them down right.");
}

fn print_words(root: &RootKey) {
    for line in lines(root) {
        println!("{line}");
    }
}

fn lines(root: &RootKey) -> Vec<String> {
    let words = root.to_words();
    let words: Vec<_> = words.split(' ').collect();
    words.chunks(WORDS_IN_LINE).map(|line| line.join(" ")).collect()
}

/// The key from words that were given, else from words that are asked for.
fn words(file: Option<&Path>) -> anyhow::Result<RootKey> {
    given_words(file)?.map_or_else(ask_words, Ok)
}

/// The key from words in a file or in the environment; `None` when there are none.
///
/// # Errors
/// When the file cannot be read or the words are no key's.
pub(crate) fn given_words(file: Option<&Path>) -> anyhow::Result<Option<RootKey>> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("the recovery words cannot be read from {}", path.display()))?,
        None => match std::env::var(WORDS_VARIABLE) {
            Ok(text) => text,
            Err(_) => return Ok(None),
        },
    };
    Ok(Some(RootKey::from_words(&text)?))
}

/// Asks for the words at the terminal, or reads them from whatever stands in its place.
///
/// # Errors
/// When they are no key's.
pub(crate) fn ask_words() -> anyhow::Result<RootKey> {
    eprint!("Recovery words ({RECOVERY_WORDS}, in order, with spaces between): ");
    std::io::stderr().flush()?;
    let mut text = String::new();
    for line in std::io::stdin().lock().lines().take(LINES_MAX) {
        text.push_str(&line?);
        text.push(' ');
        if text.split_whitespace().count() >= RECOVERY_WORDS {
            break;
        }
    }
    Ok(RootKey::from_words(&text)?)
}
