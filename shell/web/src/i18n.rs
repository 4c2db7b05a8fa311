//! The languages of the interface: Fluent texts, one module per feature, embedded in the binary.
//!
//! Bokmål is the reference. `cargo xtask tidy` and the tests here see to it that every key stands in every language
//! with the same arguments, so a lookup at run time cannot miss; if it ever does, the key itself is shown and logged.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Norwegian Bokmål, the reference.
    #[default]
    Nb,
    /// Norwegian Nynorsk.
    Nn,
    /// English.
    En,
}

impl Lang {
    /// All languages, in the order of the language switch.
    pub const ALL: [Self; 3] = [Self::Nb, Self::Nn, Self::En];

    /// The language tag (BCP 47).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nb => "nb",
            Self::Nn => "nn",
            Self::En => "en",
        }
    }

    /// The key of the language's own name.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Nb => "site-language-nb",
            Self::Nn => "site-language-nn",
            Self::En => "site-language-en",
        }
    }

    /// The language with this tag; `no` is read as Bokmål and regions are ignored.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "nb" | "no" => Some(Self::Nb),
            "nn" => Some(Self::Nn),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The best of our languages for an `Accept-Language` header (RFC 9110 §12.5.4), if it names any.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in header.split(',').take(ACCEPT_LANGUAGE_PARTS_MAX) {
            let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let Some(lang) = Self::from_tag(tag.trim()) else { continue };
            let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).unwrap_or(0.0);
            if weight > 0.0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }

    const fn index(self) -> usize {
        match self {
            Self::Nb => 0,
            Self::Nn => 1,
            Self::En => 2,
        }
    }
}

/// Parts of an `Accept-Language` header that are looked at.
const ACCEPT_LANGUAGE_PARTS_MAX: usize = 16;

macro_rules! modules {
    ($($name:literal),+ $(,)?) => {
        /// The modules: one file per feature and language.
        pub const MODULES: &[&str] = &[$($name),+];

        const SOURCES: [&[(&str, &str)]; 3] = [
            &[$(($name, include_str!(concat!("../../../i18n/nb/", $name, ".ftl")))),+],
            &[$(($name, include_str!(concat!("../../../i18n/nn/", $name, ".ftl")))),+],
            &[$(($name, include_str!(concat!("../../../i18n/en/", $name, ".ftl")))),+],
        ];
    };
}

modules![
    "site",
    "front",
    "link",
    "day",
    "book",
    "plan",
    "appointment",
    "close",
    "ill",
    "aftercare",
    "questions",
    "info",
    "errors",
    "meeting",
    "stage",
    "host",
    "message",
    "notice",
    "passkey",
    "people",
    "admin",
    "request",
    "absence",
    "response",
    "shared",
    "agreement",
    "crisis",
    "telephone",
    "support",
    "trust",
    "practice",
];

/// One language, parsed: the bundle for formatting and, per module, the names of its messages.
struct Language {
    bundle: FluentBundle<FluentResource>,
    keys: BTreeMap<&'static str, Vec<Key>>,
}

/// A message's name and the arguments that it uses.
struct Key {
    name: String,
    arguments: Vec<String>,
}

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(Lang);

impl Words {
    /// The words of `lang`.
    #[must_use]
    pub const fn new(lang: Lang) -> Self {
        Self(lang)
    }

    /// Which language these words are in.
    #[must_use]
    pub const fn lang(self) -> Lang {
        self.0
    }

    /// The text of a message without arguments.
    #[must_use]
    pub fn get(self, key: impl AsRef<str>) -> String {
        self.format(key.as_ref(), None)
    }

    /// The text of a message with one argument.
    #[must_use]
    pub fn with<'a>(self, key: &str, name: &'static str, value: impl Into<FluentValue<'a>>) -> String {
        self.with_all(key, [(name, value.into())])
    }

    /// The text of a message with any number of arguments.
    #[must_use]
    pub fn with_all<'a>(
        self,
        key: &str,
        arguments: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>,
    ) -> String {
        let mut all = FluentArgs::new();
        for (name, value) in arguments {
            all.set(name, value);
        }
        self.format(key, Some(&all))
    }

    /// Whole modules as a JSON object for a page's script, to stand in `<script type="application/json">`.
    ///
    /// A text stands under its key without the name of its module. An argument `$name` appears as `{name}` for the script to fill in; such modules therefore use no selectors
    /// (a test sees to it). `<` is escaped, so no text can end the element early.
    #[must_use]
    pub fn modules_json(self, modules: &[&str]) -> ScriptJson {
        let mut texts = BTreeMap::new();
        for module in modules {
            for key in language(self.0).keys.get(module).into_iter().flatten() {
                let mut arguments = FluentArgs::new();
                for name in &key.arguments {
                    arguments.set(name.clone(), FluentValue::from(format!("{{{name}}}")));
                }
                let short = key.name.strip_prefix(module).unwrap_or(&key.name).trim_start_matches('-');
                let before = texts.insert(short, self.format(&key.name, Some(&arguments)));
                debug_assert!(before.is_none(), "{short} stands in two modules");
            }
        }
        let json = serde_json::to_string(&texts).expect("a map of texts is always JSON");
        ScriptJson(json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
    }

    fn format(self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let bundle = &language(self.0).bundle;
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, lang = self.0.code(), "a text is missing");
            return key.to_owned();
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, arguments, &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, lang = self.0.code(), "a text lacks an argument");
        }
        text
    }
}

/// JSON without any character that means something to HTML, so a template may write it as it stands.
///
/// Only [`Words::module_json`] makes it, and it escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptJson(String);

impl fmt::Display for ScriptJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for ScriptJson {}

fn language(lang: Lang) -> &'static Language {
    static LANGUAGES: OnceLock<[Language; 3]> = OnceLock::new();
    &LANGUAGES.get_or_init(|| Lang::ALL.map(parse))[lang.index()]
}

/// Whether there is such a text.
#[cfg(test)]
pub(crate) fn exists(key: &str) -> bool {
    language(Lang::Nb).bundle.has_message(key)
}

fn parse(lang: Lang) -> Language {
    let id: LanguageIdentifier = lang.code().parse().expect("our own tags are well formed");
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // All our languages run left to right and the texts go into HTML elements, so isolation marks only add noise.
    bundle.set_use_isolating(false);
    let mut keys = BTreeMap::new();
    for (module, source) in SOURCES[lang.index()] {
        let resource = FluentResource::try_new((*source).to_owned())
            .unwrap_or_else(|(_, errors)| panic!("i18n/{}/{module}.ftl: {errors:?}", lang.code()));
        keys.insert(*module, keys_of(&resource));
        bundle
            .add_resource(resource)
            .unwrap_or_else(|errors| panic!("i18n/{}/{module}.ftl: {errors:?}", lang.code()));
    }
    Language { bundle, keys }
}

fn keys_of(resource: &FluentResource) -> Vec<Key> {
    use fluent_syntax::ast;
    let mut found = Vec::new();
    for entry in resource.entries() {
        let ast::Entry::Message(message) = entry else { continue };
        let mut arguments = Vec::new();
        for element in message.value.iter().flat_map(|pattern| &pattern.elements) {
            if let ast::PatternElement::Placeable { expression } = element {
                arguments_of(expression, &mut arguments);
            }
        }
        arguments.sort_unstable();
        arguments.dedup();
        found.push(Key { name: message.id.name.to_owned(), arguments });
    }
    found
}

fn arguments_of(expression: &fluent_syntax::ast::Expression<&str>, found: &mut Vec<String>) {
    use fluent_syntax::ast;
    let inline = match expression {
        ast::Expression::Inline(inline) => inline,
        ast::Expression::Select { selector, variants } => {
            for element in variants.iter().flat_map(|variant| &variant.value.elements) {
                if let ast::PatternElement::Placeable { expression } = element {
                    arguments_of(expression, found);
                }
            }
            selector
        }
    };
    match inline {
        ast::InlineExpression::VariableReference { id } => found.push(id.name.to_owned()),
        ast::InlineExpression::Placeable { expression } => arguments_of(expression, found),
        ast::InlineExpression::StringLiteral { .. }
        | ast::InlineExpression::NumberLiteral { .. }
        | ast::InlineExpression::FunctionReference { .. }
        | ast::InlineExpression::MessageReference { .. }
        | ast::InlineExpression::TermReference { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lang: Lang) -> BTreeMap<(&'static str, String), Vec<String>> {
        let keys = language(lang).keys.iter();
        keys.flat_map(|(module, keys)| {
            keys.iter().map(move |key| ((*module, key.name.clone()), key.arguments.clone()))
        })
        .collect()
    }

    #[test]
    fn every_text_stands_in_every_language_with_the_same_arguments() {
        let reference = table(Lang::Nb);
        assert!(reference.len() > 60, "the tables are read");
        for lang in [Lang::Nn, Lang::En] {
            assert_eq!(table(lang), reference, "{}", lang.code());
        }
    }

    #[test]
    fn no_text_is_empty_and_bokmaal_and_english_differ_where_they_should() {
        for lang in Lang::ALL {
            for key in language(lang).keys.values().flatten() {
                assert!(!Words::new(lang).get(&key.name).trim().is_empty(), "{} {}", lang.code(), key.name);
            }
        }
        assert_ne!(Words::new(Lang::Nb).get("front-lead"), Words::new(Lang::En).get("front-lead"));
        assert_ne!(Words::new(Lang::Nb).get("front-lead"), Words::new(Lang::Nn).get("front-lead"));
    }

    #[test]
    fn every_key_begins_with_the_name_of_its_module() {
        for (module, key) in table(Lang::Nb).into_keys() {
            assert!(key.starts_with(&format!("{module}-")), "{key} in {module}.ftl");
        }
    }

    #[test]
    fn modules_become_json_with_their_arguments_as_holes() {
        let json = Words::new(Lang::Nb).modules_json(&["day", "host"]).to_string();
        let texts: BTreeMap<String, String> = serde_json::from_str(&json).expect("it is JSON");
        assert!(
            texts.get("waiting-since").is_some_and(|text| text.contains("{time}"))
                && texts.contains_key("title-waits")
        );
        assert!(!json.contains('<'));
    }

    #[test]
    fn the_modules_for_the_stage_use_no_selectors() {
        let for_scripts = ["stage", "host", "practice"];
        let modules =
            |lang: Lang| SOURCES[lang.index()].iter().filter(|(name, _)| for_scripts.contains(name));
        for (lang, (_, source)) in
            Lang::ALL.into_iter().flat_map(|lang| modules(lang).map(move |one| (lang, one)))
        {
            assert!(!source.contains("->"), "{}: the script fills in holes, nothing more", lang.code());
        }
    }

    #[test]
    fn the_browsers_wish_is_read_with_its_weights() {
        assert_eq!(Lang::from_accept_language("nn-NO,nn;q=0.9,en;q=0.8"), Some(Lang::Nn));
        assert_eq!(Lang::from_accept_language("de, en-GB;q=0.7, no;q=0.8"), Some(Lang::Nb));
        assert_eq!(Lang::from_accept_language("en;q=0, fr"), None);
        assert_eq!(Lang::from_accept_language(";;;,,q=ø"), None);
    }
}
