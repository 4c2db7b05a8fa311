//! The manifests against `architecture.toml`: every room listed, no edge that the table does not have, and the server
//! reaching nothing that seals (SEC-002).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Tree;

#[derive(Deserialize)]
struct Architecture {
    room: BTreeMap<String, Room>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    wing: String,
    path: String,
    uses: BTreeSet<String>,
    #[serde(default)]
    never: BTreeSet<String>,
    #[serde(default)]
    reach_never: BTreeSet<String>,
}

/// Faults in the edges between rooms.
pub(super) fn check(tree: &Tree) -> Vec<String> {
    let Some(table) = tree.find("architecture.toml") else {
        return vec!["architecture.toml is missing".into()];
    };
    let architecture: Architecture = match toml::from_str(&table.text) {
        Ok(parsed) => parsed,
        Err(error) => return vec![format!("architecture.toml: {error}")],
    };
    let mut faults = Vec::new();
    let mut edges = BTreeMap::new();
    for (name, room) in &architecture.room {
        if !room.path.starts_with(&format!("{}/", room.wing)) {
            faults.push(format!("{name}: {} is not in the wing {}", room.path, room.wing));
        }
        match dependencies(tree, &room.path) {
            Ok(found) => _ = edges.insert(name.clone(), found),
            Err(fault) => faults.push(fault),
        }
    }
    let ours: BTreeSet<&String> = architecture.room.keys().collect();
    for (name, found) in &edges {
        let room = &architecture.room[name];
        for other in found.iter().filter(|d| ours.contains(d) && !room.uses.contains(*d)) {
            faults.push(format!("{name} may not use {other}"));
        }
        for other in found.intersection(&room.never) {
            faults.push(format!("{name} must never use {other}"));
        }
        for other in reached(&edges, name).intersection(&room.reach_never) {
            faults.push(format!("{name} must never reach {other}"));
        }
    }
    faults.extend(unlisted(tree, &architecture));
    faults
}

fn dependencies(tree: &Tree, path: &str) -> Result<BTreeSet<String>, String> {
    let manifest = format!("{path}/Cargo.toml");
    let file = tree.find(&manifest).ok_or_else(|| format!("{manifest} is missing"))?;
    let parsed: toml::Table = file.text.parse().map_err(|error| format!("{manifest}: {error}"))?;
    let mut found = BTreeSet::new();
    collect(&parsed, &mut found);
    if let Some(toml::Value::Table(targets)) = parsed.get("target") {
        targets.values().filter_map(toml::Value::as_table).for_each(|target| collect(target, &mut found));
    }
    Ok(found)
}

fn collect(section: &toml::Table, found: &mut BTreeSet<String>) {
    for kind in ["dependencies", "build-dependencies"] {
        if let Some(toml::Value::Table(listed)) = section.get(kind) {
            found.extend(listed.keys().cloned());
        }
    }
}

fn reached(edges: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut next = vec![from.to_owned()];
    while let Some(room) = next.pop() {
        for other in edges.get(&room).into_iter().flatten() {
            if edges.contains_key(other) && seen.insert(other.clone()) {
                next.push(other.clone());
            }
        }
    }
    seen
}

fn unlisted(tree: &Tree, architecture: &Architecture) -> Vec<String> {
    let listed: BTreeSet<&str> = architecture.room.values().map(|room| room.path.as_str()).collect();
    tree.files
        .iter()
        .filter_map(|file| file.path.strip_suffix("/Cargo.toml"))
        .filter(|path| path.matches('/').count() == 1 && !path.starts_with("fuzz"))
        .filter(|path| !listed.contains(path))
        .map(|path| format!("{path} is not in architecture.toml"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "
        [room.a]\nwing = 'w'\npath = 'w/a'\nuses = ['b']\nnever = ['tokio']\nreach_never = ['c']
        [room.b]\nwing = 'w'\npath = 'w/b'\nuses = ['c']
        [room.c]\nwing = 'w'\npath = 'w/c'\nuses = []\n";

    fn faults(a: &str, b: &str) -> Vec<String> {
        check(&Tree::of(&[
            ("architecture.toml", TABLE),
            ("w/a/Cargo.toml", a),
            ("w/b/Cargo.toml", b),
            ("w/c/Cargo.toml", ""),
        ]))
    }

    #[test]
    fn the_table_s_own_edges_are_in_order() {
        assert_eq!(faults("[dependencies]\nb = '1'", ""), Vec::<String>::new());
    }

    #[test]
    fn every_kind_of_wrong_edge_is_named() {
        assert_eq!(faults("[dependencies]\nc = '1'", ""), ["a may not use c", "a must never reach c"]);
        assert_eq!(faults("[target.'cfg(unix)'.dependencies]\ntokio = '1'", ""), ["a must never use tokio"]);
        assert_eq!(faults("[dependencies]\nb = '1'", "[dependencies]\nc = '1'"), ["a must never reach c"]);
    }

    #[test]
    fn a_room_that_is_not_in_the_table_is_named() {
        let tree = Tree::of(&[("architecture.toml", "[room]"), ("w/new/Cargo.toml", "")]);
        assert_eq!(check(&tree), ["w/new is not in architecture.toml"]);
    }
}
