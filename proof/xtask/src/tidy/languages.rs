//! Language files: the same modules, the same keys and the same arguments in every language.

use std::collections::{BTreeMap, BTreeSet};

use super::Tree;

/// Bokmål, Nynorsk, English.
const LANGUAGES: [&str; 3] = ["nb", "nn", "en"];

type Messages = BTreeMap<String, BTreeSet<String>>;

/// Faults between the languages.
pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut modules: BTreeMap<&str, BTreeMap<&str, Messages>> = BTreeMap::new();
    for file in tree.with_extension("ftl") {
        let Some((language, module)) = file.path.strip_prefix("i18n/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        modules.entry(module).or_default().insert(language, messages(&file.text));
    }
    let mut faults = Vec::new();
    for (module, languages) in &modules {
        let reference = languages.get(LANGUAGES[0]).cloned().unwrap_or_default();
        for language in LANGUAGES {
            match languages.get(language) {
                None => faults.push(format!("i18n/{language}/{module} is missing")),
                Some(found) => {
                    faults.extend(compare(&format!("i18n/{language}/{module}"), &reference, found));
                }
            }
        }
    }
    faults
}

fn compare(name: &str, reference: &Messages, found: &Messages) -> Vec<String> {
    let missing = reference
        .keys()
        .filter(|key| !found.contains_key(*key))
        .map(|key| format!("{name}: {key} is missing"));
    let extra = found
        .keys()
        .filter(|key| !reference.contains_key(*key))
        .map(|key| format!("{name}: {key} is only here"));
    let other = found.iter().filter(|(key, arguments)| reference.get(*key).is_some_and(|r| r != *arguments));
    missing.chain(extra).chain(other.map(|(key, _)| format!("{name}: {key} has other arguments"))).collect()
}

/// Message ids (attributes as `id.attribute`) with the arguments that each uses.
fn messages(text: &str) -> Messages {
    let mut found = Messages::new();
    let (mut message, mut key) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) =
            line.split_once('=').filter(|_| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            message = name.trim().to_owned();
            key.clone_from(&message);
        } else if let Some((name, _)) =
            line.trim_start().strip_prefix('.').and_then(|rest| rest.split_once('='))
        {
            key = format!("{message}.{}", name.trim());
        }
        if !key.is_empty() {
            found.entry(key.clone()).or_default().extend(arguments(line));
        }
    }
    found
}

fn arguments(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$').skip(1).map(|rest| {
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_another_argument_and_a_missing_file_are_named() {
        let tree = Tree::of(&[
            ("i18n/nb/a.ftl", "hi = Hei { $name }\n    .title = Tittel\nbye = Ha det\n"),
            ("i18n/nn/a.ftl", "hi = Hei { $namn }\n    .title = Tittel\n"),
        ]);
        assert_eq!(
            check(&tree),
            [
                "i18n/nn/a.ftl: bye is missing",
                "i18n/nn/a.ftl: hi has other arguments",
                "i18n/en/a.ftl is missing"
            ]
        );
    }
}
