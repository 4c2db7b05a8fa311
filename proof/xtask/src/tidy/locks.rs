//! The fuzz targets' lock file against the workspace's: they stand outside the workspace, so cargo does not hold the two
//! together, and a fuzzer that is built from other versions than the program tries something else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Tree;

const OURS: &str = "Cargo.lock";
const THEIRS: &str = "fuzz/Cargo.lock";

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Manifest {
    package: Named,
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Faults in the fuzz targets' lock file.
pub(super) fn check(tree: &Tree) -> Vec<String> {
    let (ours, theirs) = match (read(tree, OURS), read(tree, THEIRS)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (ours, theirs) => return [ours.err(), theirs.err()].into_iter().flatten().collect(),
    };
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &ours.package {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    let mut faults = Vec::new();
    for Package { name, version, .. } in theirs.package.iter().filter(|package| package.source.is_some()) {
        if versions.get(name.as_str()).is_some_and(|known| !known.contains(version.as_str())) {
            faults.push(format!("{THEIRS}: {name} {version} is not the workspace's"));
        }
    }
    let manifests = manifests(tree);
    for package in theirs.package.iter().filter(|package| package.source.is_none()) {
        // One of several versions is named with its version behind it.
        let locked: BTreeSet<&str> =
            package.dependencies.iter().filter_map(|text| text.split(' ').next()).collect();
        let Some(wanted) = manifests.get(&package.name) else { continue };
        for missing in wanted.iter().filter(|name| !locked.contains(name.as_str())) {
            faults.push(format!(
                "{THEIRS}: {} uses {missing} by now; run `cargo metadata --offline` in fuzz/",
                package.name
            ));
        }
    }
    faults
}

fn read(tree: &Tree, path: &str) -> Result<Lock, String> {
    let file = tree.find(path).ok_or_else(|| format!("{path} is missing"))?;
    toml::from_str(&file.text).map_err(|error| format!("{path}: {error}"))
}

/// What each crate of ours needs everywhere, by its true name; optional ones are needed by nobody here.
fn manifests(tree: &Tree) -> BTreeMap<String, BTreeSet<String>> {
    let workspace = tree.find("Cargo.toml").and_then(|file| toml::from_str::<toml::Value>(&file.text).ok());
    let renamed = |name: &str| {
        let dependency = workspace.as_ref()?.get("workspace")?.get("dependencies")?.get(name)?;
        Some(dependency.get("package")?.as_str()?.to_owned())
    };
    let files = tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    let read = files.filter_map(|file| toml::from_str::<Manifest>(&file.text).ok());
    read.map(|manifest| {
        let optional =
            |value: &toml::Value| value.get("optional").and_then(toml::Value::as_bool) == Some(true);
        let needed = manifest.dependencies.into_iter().filter(|(_, value)| !optional(value));
        (manifest.package.name, needed.map(|(name, _)| renamed(&name).unwrap_or(name)).collect())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERDE: &str = "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"registry\"\n";
    const IDS: &str = "[[package]]\nname = \"ids\"\nversion = \"0.1.0\"\ndependencies = [\n \"serde\",\n]\n";
    const MANIFEST: &str = "[package]\nname = \"ids\"\n[dependencies]\nserde = \"1\"\nextra = { version = \"1\", optional = true }\n";

    fn faults(theirs: &str, manifest: &str) -> Vec<String> {
        let ours = format!("{SERDE}{IDS}");
        check(&Tree::of(&[(OURS, &ours), (THEIRS, theirs), ("words/ids/Cargo.toml", manifest)]))
    }

    #[test]
    fn the_two_are_in_step() {
        assert_eq!(faults(&format!("{SERDE}{IDS}"), MANIFEST), Vec::<String>::new());
    }

    #[test]
    fn another_version_is_seen() {
        let theirs = format!("{}{IDS}", SERDE.replace("1.0.1", "1.0.2"));
        assert_eq!(faults(&theirs, MANIFEST), ["fuzz/Cargo.lock: serde 1.0.2 is not the workspace's"]);
    }

    #[test]
    fn what_a_crate_began_to_use_is_seen() {
        let manifest = format!("{MANIFEST}uuid = \"1\"\n");
        let found = faults(&format!("{SERDE}{IDS}"), &manifest);
        assert!(found.len() == 1 && found[0].contains("ids uses uuid by now"), "{found:?}");
    }

    #[test]
    fn a_crate_under_another_name_is_itself() {
        let workspace = "[workspace.dependencies]\nold_serde = { package = \"serde\", version = \"1\" }\n";
        let (lock, manifest) = (format!("{SERDE}{IDS}"), MANIFEST.replace("serde =", "old_serde ="));
        let files = [
            (OURS, lock.as_str()),
            (THEIRS, &lock),
            ("Cargo.toml", workspace),
            ("words/ids/Cargo.toml", &manifest),
        ];
        assert_eq!(check(&Tree::of(&files)), Vec::<String>::new());
    }

    #[test]
    fn a_lock_that_is_not_there_is_a_fault() {
        assert_eq!(check(&Tree::of(&[(OURS, SERDE)])), ["fuzz/Cargo.lock is missing"]);
    }
}
