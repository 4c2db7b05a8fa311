//! Gives what a module and its script call each other by the shortest names there are.
//!
//! wasm-bindgen names each import after what it does and sixteen digits of a hash: on the page some two hundred names
//! that are loaded twice and that no Brotli makes small. Nobody but these two files reads them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use walrus::Module;

/// Where wasm-bindgen says that all imports come from.
const LONG_SOURCE: &str = "./module_bg.js";
/// Where they come from afterwards.
const SHORT_SOURCE: &str = "m";
/// How the compiler's own names begin, which closures are exported by.
const COMPILERS: [&str; 2] = ["_ZN", "_R"];
/// Letters of the alphabet.
const LETTERS: usize = 26;

/// Renames imports, and exports named by the compiler, in the module at `wasm` and in its bindings at `script`.
pub(super) fn shorten(wasm: &Path, script: &Path) -> Result<()> {
    let mut module = Module::from_file(wasm)?;
    let text = fs::read_to_string(script).with_context(|| format!("reading {}", script.display()))?;
    ensure!(text.contains(LONG_SOURCE), "the imports come from elsewhere than {LONG_SOURCE}");
    let mut short = BTreeMap::new();
    for import in module.imports.iter_mut().filter(|import| import.module == LONG_SOURCE) {
        let next = name(short.len());
        import.module = SHORT_SOURCE.to_owned();
        import.name = short.entry(std::mem::take(&mut import.name)).or_insert(next).clone();
    }
    let is_closure = |name: &str| COMPILERS.iter().any(|start| name.starts_with(start));
    for export in module.exports.iter_mut().filter(|export| is_closure(&export.name)) {
        let next = name(short.len());
        export.name = short.entry(std::mem::take(&mut export.name)).or_insert(next).clone();
    }
    fs::write(script, renamed(&text, &short).replace(LONG_SOURCE, SHORT_SOURCE))?;
    module.emit_wasm_file(wasm)
}

/// `a`, `b` … `z`, `aa`, `ab` …
fn name(number: usize) -> String {
    let mut name = if number < LETTERS { String::new() } else { name(number / LETTERS - 1) };
    name.extend(('a'..='z').nth(number % LETTERS));
    name
}

/// The script with every word replaced that has a short name; parts of words stay as they are.
fn renamed(text: &str, short: &BTreeMap<String, String>) -> String {
    let is_of_word = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '$');
    let mut renamed = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) =
            rest.split_at(rest.find(|character| !is_of_word(character)).unwrap_or(rest.len()));
        renamed.push_str(short.get(word).map_or(word, String::as_str));
        let (between, next) = after.split_at(after.find(is_of_word).unwrap_or(after.len()));
        renamed.push_str(between);
        rest = next;
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_none_comes_twice() {
        let names: std::collections::BTreeSet<String> = (0..1_000).map(name).collect();
        assert_eq!(names.len(), 1_000);
        assert_eq!([name(0), name(25), name(26), name(701), name(702)], ["a", "z", "aa", "zz", "aaa"]);
    }

    #[test]
    fn only_whole_words_are_renamed() {
        let short = BTreeMap::from([("__wbg_get_1f".to_owned(), "a".to_owned())]);
        let text = "{__wbg_get_1f: f(x) { return x.__wbg_get_1f2 + $__wbg_get_1f; }, \"__wbg_get_1f\": é";
        let expected = "{a: f(x) { return x.__wbg_get_1f2 + $__wbg_get_1f; }, \"a\": é";
        assert_eq!(renamed(text, &short), expected);
    }

    #[test]
    fn module_and_script_agree_on_the_short_names() {
        let mut module = Module::default();
        let kind = module.types.add(&[], &[]);
        let (_, first) = module.add_import_func(LONG_SOURCE, "__wbg_first_0123456789abcdef", kind);
        let (second, _) = module.add_import_func(LONG_SOURCE, "__wbg_second_0123456789abcdef", kind);
        module.exports.add("_ZN6invoke17h0123E", second);
        module.exports.add("start", second);
        assert_eq!(module.imports.get(first).name, "__wbg_first_0123456789abcdef");
        let file = std::env::temp_dir().join(format!("samrom-names-{}", std::process::id()));
        let (wasm, script) = (file.with_extension("wasm"), file.with_extension("js"));
        module.emit_wasm_file(&wasm).expect("the temporary folder is ours");
        let text = "i={__wbg_second_0123456789abcdef:1,__wbg_first_0123456789abcdef:2};\
            r={\"./module_bg.js\":i};wasm._ZN6invoke17h0123E();wasm.start()";
        fs::write(&script, text).expect("the temporary folder is ours");
        shorten(&wasm, &script).expect("the module is ours");
        let after = Module::from_file(&wasm).expect("still a module");
        let text = fs::read_to_string(&script).expect("still there");
        fs::remove_file(&wasm).expect("the file is ours");
        fs::remove_file(&script).expect("the file is ours");
        assert_eq!(text, "i={b:1,a:2};r={\"m\":i};wasm.c();wasm.start()");
        let imports: Vec<_> =
            after.imports.iter().map(|import| (import.module.as_str(), import.name.as_str())).collect();
        assert_eq!(imports, [("m", "a"), ("m", "b")]);
        let exports: Vec<_> = after.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(exports, ["c", "start"]);
    }
}
