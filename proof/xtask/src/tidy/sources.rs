//! Headers, sizes and words that must not occur.

use super::{File, Tree};

/// Lines at which a Rust file must have been split.
const FILE_LINES_MAX: usize = 1_000;

/// A text that may occur only in some places, and why.
struct Fence {
    text: &'static str,
    extension: &'static str,
    allowed_under: &'static [&'static str],
    why: &'static str,
}

const FENCES: &[Fence] = &[
    Fence {
        text: "MediaGrant::mint",
        extension: "rs",
        allowed_under: &["live/room/", "live/sfu/", "proof/xtask/"],
        why: "only the room mints grants, from an Admission (SEC-001)",
    },
    Fence {
        text: "sqlx::query",
        extension: "rs",
        allowed_under: &["shell/store/", "proof/xtask/"],
        why: "SQL lives in store",
    },
    Fence {
        text: "unsealed-for-proof",
        extension: "toml",
        allowed_under: &["proof/"],
        why: "nothing that is shipped can leave sealing off (SEC-002)",
    },
    Fence {
        text: "unsealed-for-proof",
        extension: "rs",
        allowed_under: &["proof/"],
        why: "nothing that is shipped can leave sealing off (SEC-002)",
    },
    Fence {
        text: "evil\"",
        extension: "toml",
        allowed_under: &["live/", "proof/"],
        why: "nothing that is shipped can lie or listen",
    },
    Fence {
        text: "MediaRecorder",
        extension: "ts",
        allowed_under: &[],
        why: "there is no recorder (SEC-003)",
    },
    Fence {
        text: "MediaRecorder",
        extension: "toml",
        allowed_under: &[],
        why: "there is no recorder (SEC-003)",
    },
    Fence { text: "innerHTML", extension: "ts", allowed_under: &[], why: "text goes in as text" },
    Fence {
        text: "set_inner_html",
        extension: "rs",
        allowed_under: &["proof/xtask/"],
        why: "text goes in as text",
    },
    Fence { text: "|safe", extension: "html", allowed_under: &[], why: "templates escape everything" },
    Fence {
        text: " style=\"",
        extension: "html",
        allowed_under: &[],
        why: "the content security policy has no unsafe-inline (SEC-011)",
    },
    Fence {
        text: " onclick=",
        extension: "html",
        allowed_under: &[],
        why: "the content security policy has no unsafe-inline (SEC-011)",
    },
    Fence {
        text: "\"resolved\"",
        extension: "json",
        allowed_under: &[],
        why: "a lock file names no registry's host",
    },
];

/// Faults in single files.
pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for file in tree.with_extension("rs") {
        faults.extend(header(file));
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX && !file.path.starts_with("fuzz/") {
            faults.push(format!("{}: {lines} lines, stop at {FILE_LINES_MAX}", file.path));
        }
    }
    for file in &tree.files {
        faults.extend(fenced(file));
    }
    faults
}

fn header(file: &File) -> Option<String> {
    let first = file.text.lines().next().unwrap_or("");
    let says_enough = first.strip_prefix("//! ").is_some_and(|words| words.split_whitespace().count() >= 3);
    (!says_enough).then(|| format!("{}: no `//!` line that says what lives here and why", file.path))
}

fn fenced(file: &File) -> Vec<String> {
    FENCES
        .iter()
        .filter(|fence| file.is(fence.extension) && file.text.contains(fence.text))
        .filter(|fence| !fence.allowed_under.iter().any(|folder| file.path.starts_with(folder)))
        .map(|fence| format!("{}: `{}` may not stand here: {}", file.path, fence.text, fence.why))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_file_without_a_header_is_named() {
        assert_eq!(faults("a/src/x.rs", "//! What lives here and why.\n"), 0);
        assert_eq!(faults("a/src/x.rs", "use std::fmt;\n"), 1);
        assert_eq!(faults("a/src/x.rs", "//! x\n"), 1);
    }

    #[test]
    fn a_file_past_the_stop_is_named() {
        let long = format!("//! A file that is long.\n{}", "\n".repeat(FILE_LINES_MAX));
        assert_eq!(faults("a/src/x.rs", &long), 1);
    }

    #[test]
    fn a_fenced_word_is_found_outside_its_fence_only() {
        let text = "//! Mints a grant somewhere.\nMediaGrant::mint(x)";
        assert_eq!(faults("live/room/src/x.rs", text), 0);
        assert_eq!(faults("shell/web/src/x.rs", text), 1);
        let feature = "room = { path = \"x\", features = [\"evil\"] }";
        assert_eq!(faults("proof/sim/Cargo.toml", feature), 0);
        assert_eq!(faults("shell/server/Cargo.toml", feature), 1);
        assert_eq!(faults("call/seal/Cargo.toml", "unsealed-for-proof = []"), 1);
        assert_eq!(faults("t/page.html", "<p style=\"color:red\">"), 1);
    }
}
