//! Requirement ids: whatever code cites must stand in `SECURITY.md`, and whatever stands there must be cited.

use std::collections::{BTreeMap, BTreeSet};

use super::Tree;

/// Faults between `SECURITY.md` and those who cite it.
pub(super) fn check(tree: &Tree) -> Vec<String> {
    let Some(papers) = tree.find("SECURITY.md") else { return vec!["SECURITY.md is missing".into()] };
    let defined: BTreeSet<String> = papers.text.lines().filter_map(defined_by).collect();
    let mut cited: BTreeMap<String, String> = BTreeMap::new();
    for file in tree.files.iter().filter(|file| is_code(&file.path)) {
        for id in ids(&file.text) {
            cited.entry(id).or_insert_with(|| file.path.clone());
        }
    }
    let unknown = cited.iter().filter(|(id, _)| !defined.contains(*id));
    let uncited = defined.iter().filter(|id| !cited.contains_key(*id));
    unknown
        .map(|(id, path)| format!("{path}: {id} is not in SECURITY.md"))
        .chain(uncited.map(|id| format!("SECURITY.md: {id} is cited by no code and no test")))
        .collect()
}

fn is_code(path: &str) -> bool {
    let code = [".rs", ".mjs", ".ts", ".html", ".css", ".ftl"].iter().any(|ending| path.ends_with(ending));
    code && path != "proof/xtask/src/tidy/requirements.rs"
}

/// A requirement is defined where it opens a table row or a list item: `| SEC-001 |`, `- **SEC-001**`.
fn defined_by(line: &str) -> Option<String> {
    let start = line.trim_start_matches(['|', '-', '*', ' ']);
    (line.len() > start.len()).then(|| ids(start.get(..7)?).pop()).flatten()
}

fn ids(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (prefix, digits) in [("SEC-", 3), ("CARE-", 2)] {
        for (at, _) in text.match_indices(prefix) {
            let number: String = text[at + prefix.len()..].chars().take_while(char::is_ascii_digit).collect();
            if number.len() == digits {
                found.push(format!("{prefix}{number}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_are_checked() {
        let papers = ("SECURITY.md", "| SEC-001 | one |\n| SEC-002 | two |\n- **CARE-03** three");
        let code = ("a/src/x.rs", "// SEC-001 CARE-03 SEC-009");
        assert_eq!(
            check(&Tree::of(&[papers, code])),
            [
                "a/src/x.rs: SEC-009 is not in SECURITY.md",
                "SECURITY.md: SEC-002 is cited by no code and no test"
            ]
        );
    }
}
