//! Writes the reference page from the table of keys; `docs/ops/configuration.md` is this and nothing else.

use std::fmt::Write as _;

use super::keys::KEYS;

const HEAD: &str = "\
# Configuration

This page is written by `samrom admin config-reference`; a test compares the two.

Settings come from one TOML file, from the environment and from options of `samrom serve`; the later wins. The file is
`samrom.toml` in the working folder unless `--config` names another, and may be absent. An unknown key or variable
is refused with its line and the nearest key, and so is a value of the wrong kind: a typing error never runs quietly.

";

/// The page, in Markdown.
pub(crate) fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut table = "";
    for key in KEYS {
        let of = key.path.split_once('.').map_or("", |(of, _)| of);
        if of != table {
            table = of;
            let _ = write!(page, "## `[{table}]`\n\n");
        } else if table.is_empty() && page.len() == HEAD.len() {
            page.push_str("## At the top of the file\n\n");
        }
        let name = key.path.rsplit('.').next().unwrap_or(key.path);
        let flag = key.flag.map(|flag| format!(" · option `{flag}`")).unwrap_or_default();
        let _ = write!(
            page,
            "### `{name}`\n{}\n\nDefault `{}` ({}) · variable `{}`{flag}\n\n",
            key.doc,
            key.default,
            key.kind.words(),
            key.variable(),
        );
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_in_the_documentation_is_the_one_that_the_code_writes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ops/configuration.md");
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == super::reference(),
            "write it anew: cargo run -p samrom -- admin config-reference > docs/ops/configuration.md"
        );
    }
}
