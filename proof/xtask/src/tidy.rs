//! `cargo xtask tidy`: holds the sources against `architecture.toml`, `SECURITY.md` and the house style.
//!
//! Each check is a pure function from the tree to a list of faults, so that its test can hand it a tree with the
//! fault in it.

mod edges;
mod languages;
mod locks;
mod requirements;
mod sources;

use std::{fs, path::Path, process::Command};

use anyhow::bail;

/// One file of the tree: its path from the root and its text.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
    }
}

/// Everything that the checks look at.
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

impl Tree {
    /// Reads every text file that git tracks or would track; without git (an unpacked archive), every file that is not
    /// built or fetched.
    fn read() -> anyhow::Result<Self> {
        let listed =
            Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).output();
        let paths = match listed {
            Ok(output) if output.status.success() => {
                String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect()
            }
            _ => walk(Path::new("."))?,
        };
        let mut files = Vec::new();
        for path in paths {
            if let Ok(text) = fs::read_to_string(&path) {
                files.push(File { path, text });
            }
        }
        anyhow::ensure!(!files.is_empty(), "there is nothing to check here");
        Ok(Self { files })
    }

    pub(crate) fn find(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    pub(crate) fn with_extension(&self, extension: &'static str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.is(extension))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { files: files.iter().map(file).collect() }
    }
}

/// Folders that hold what was built or fetched, not what was written.
const NOT_OURS: [&str; 4] = ["target", "node_modules", ".git", "data"];

fn walk(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if !NOT_OURS.iter().any(|not_ours| name == *not_ours) {
                found.extend(walk(&entry.path())?);
            }
        } else if let Some(path) = entry.path().to_str() {
            found.push(path.trim_start_matches("./").to_owned());
        }
    }
    Ok(found)
}

/// One check: from the tree to the faults in it.
type Check = fn(&Tree) -> Vec<String>;

/// Runs every check and lists every fault.
pub(crate) fn run() -> anyhow::Result<()> {
    let tree = Tree::read()?;
    let checks: [(&str, Check); 5] = [
        ("edges between rooms", edges::check),
        ("sources", sources::check),
        ("requirement ids", requirements::check),
        ("languages", languages::check),
        ("the fuzz targets' lock file", locks::check),
    ];
    let mut faults = 0;
    for (name, check) in checks {
        let found = check(&tree);
        println!(
            "tidy: {name}: {}",
            if found.is_empty() { "in order".to_owned() } else { format!("{} to mend", found.len()) }
        );
        for fault in &found {
            println!("  {fault}");
        }
        faults += found.len();
    }
    if faults > 0 {
        bail!("{faults} faults");
    }
    Ok(())
}
