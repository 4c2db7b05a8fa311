//! Reads the configuration: file first, then environment, then command line; the later wins. Anything unknown or
//! of the wrong kind is refused (SEC-030).

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::NamedSource;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::error::ConfigError;
use super::keys::{KEYS, Key, Kind, Value};

/// The file that is read when none is named and it is there.
const DEFAULT_FILE: &str = "samrom.toml";
/// Variables that belong to the scripts and tests around the program, and the one that commands read by themselves.
const NOT_OURS: [&str; 3] = ["SAMROM_TEST_", "SAMROM_WARM_DIR", "SAMROM_RECOVERY_WORDS"];

/// Where settings come from.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The file named on the command line.
    pub(crate) file: Option<PathBuf>,
    /// The environment.
    pub(crate) environment: Vec<(String, String)>,
    /// Options of the command line, by key path.
    pub(crate) options: Vec<(&'static str, String)>,
}

/// Reads and checks everything.
///
/// # Errors
/// The first thing that is wrong, with its line where it has one.
pub(crate) fn load(sources: &Sources) -> Result<Config, ConfigError> {
    let mut config = Config::default();
    if let Some((name, text)) = file(sources.file.as_deref())? {
        from_text(&mut config, &name, &text)?;
    }
    from_environment(&mut config, &sources.environment)?;
    for (path, text) in &sources.options {
        let key =
            KEYS.iter().find(|key| key.path == *path).expect("every option is bound to a key of the table");
        set_from_words(&mut config, key, key.flag.unwrap_or(key.path), text)?;
    }
    together(&config)?;
    Ok(config)
}

fn file(named: Option<&Path>) -> Result<Option<(String, String)>, ConfigError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((name, text))),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::Unreadable { path: name, why: error.kind() }),
    }
}

/// One file while it is read.
struct Reading<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reading<'_> {
    fn source(&self) -> Arc<NamedSource<String>> {
        Arc::new(NamedSource::new(self.name, self.text.to_owned()).with_language("TOML"))
    }

    fn line(&self, at: &Range<usize>) -> usize {
        self.text.as_bytes().iter().take(at.start).filter(|byte| **byte == b'\n').count() + 1
    }
}

fn from_text(config: &mut Config, name: &str, text: &str) -> Result<(), ConfigError> {
    let reading = Reading { name, text };
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        why: error.message().to_owned(),
        file: reading.source(),
        at: error.span().unwrap_or(0..0).into(),
    })?;
    read_table(config, &reading, "", table.get_ref())
}

/// Tables of the file nest once; a table's name is the first half of its keys' paths.
fn read_table(
    config: &mut Config,
    reading: &Reading<'_>,
    prefix: &str,
    table: &DeTable<'_>,
) -> Result<(), ConfigError> {
    // In the order of the file, so that the first fault reported is the first that a reader meets.
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in entries {
        let path = format!("{prefix}{}", name.get_ref());
        if let (DeValue::Table(inner), true) = (value.get_ref(), is_table(&path)) {
            read_table(config, reading, &format!("{path}."), inner)?;
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.path == path) else {
            return Err(ConfigError::UnknownKey {
                nearest: nearest(&path, KEYS.iter().map(|key| key.path.to_owned())),
                line: reading.line(&name.span()),
                key: path,
                file: reading.source(),
                at: name.span().into(),
            });
        };
        set_from_file(config, key, reading, value)?;
    }
    Ok(())
}

fn is_table(path: &str) -> bool {
    KEYS.iter().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

fn set_from_file(
    config: &mut Config,
    key: &Key,
    reading: &Reading<'_>,
    value: &Spanned<DeValue<'_>>,
) -> Result<(), ConfigError> {
    let line = reading.line(&value.span());
    let Some(typed) = typed(key.kind, value.get_ref()) else {
        return Err(ConfigError::WrongKind {
            key: key.path,
            line,
            wanted: key.kind.words(),
            found: found(value.get_ref()),
            file: reading.source(),
            at: value.span().into(),
        });
    };
    (key.set)(config, &typed).map_err(|rule| ConfigError::BadValue {
        key: key.path,
        line,
        rule,
        file: reading.source(),
        at: value.span().into(),
    })
}

fn typed(kind: Kind, value: &DeValue<'_>) -> Option<Value> {
    match kind {
        Kind::Text => value.as_str().map(|text| Value::Text(text.to_owned())),
        Kind::Switch => value.as_bool().map(Value::Switch),
        Kind::Whole => {
            let number = value.as_integer()?;
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Whole)
        }
    }
}

const fn found(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn from_environment(config: &mut Config, environment: &[(String, String)]) -> Result<(), ConfigError> {
    for (variable, text) in environment {
        if !variable.starts_with("SAMROM_") || NOT_OURS.iter().any(|other| variable.starts_with(other)) {
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.variable() == *variable) else {
            return Err(ConfigError::UnknownVariable {
                variable: variable.clone(),
                nearest: nearest(variable, KEYS.iter().map(Key::variable)),
            });
        };
        set_from_words(config, key, variable, text)?;
    }
    Ok(())
}

/// Sets a key from the environment or the command line, where everything is words.
fn set_from_words(config: &mut Config, key: &Key, source: &str, text: &str) -> Result<(), ConfigError> {
    let refused = |rule: String| ConfigError::BadSetting { source_name: source.to_owned(), rule };
    let value = match key.kind {
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Whole => text.parse().ok().map(Value::Whole),
        Kind::Switch => text.parse().ok().map(Value::Switch),
    };
    let value = value.ok_or_else(|| refused(format!("must be {}", key.kind.words())))?;
    (key.set)(config, &value).map_err(refused)
}

/// Rules between keys.
fn together(config: &Config) -> Result<(), ConfigError> {
    let rule = |rule, help| Err(ConfigError::Together { rule, help });
    let http = &config.http;
    if http.certificate.is_some() != http.private_key.is_some() {
        return rule("http.certificate and http.private_key belong together", "give both or neither");
    }
    if http.certificate.is_some() && http.public_url.is_none() {
        return rule(
            "http.certificate needs http.public_url",
            "give the address that stands in the certificate, such as \"https://rom.example.no\"",
        );
    }
    if http.lan && http.certificate.is_some() {
        return rule("http.lan makes its own certificate", "leave out either http.lan or http.certificate");
    }
    if !http.address.is_loopback() && !config.tls() && http.trusted_proxies.is_empty() {
        return rule(
            "plain HTTP is refused off this machine",
            "give http.certificate and http.private_key, use --lan, listen on 127.0.0.1 behind a proxy, or name the \
             proxies of other machines in http.trusted_proxies",
        );
    }
    if !http.trusted_proxies.is_empty() && http.public_url.is_none() {
        return rule(
            "http.trusted_proxies needs http.public_url",
            "give the address that people type, such as \"https://rom.example.no\"",
        );
    }
    if config.demo && config.http.public_url.is_some() {
        return rule("demo links work on this machine only", "leave out either demo or http.public_url");
    }
    if let Some((broken, help)) = super::message::together(config) {
        return rule(broken, help);
    }
    Ok(())
}

/// A help line with the known name that takes the fewest changes, where one is near at all.
fn nearest(wrong: &str, known: impl Iterator<Item = String>) -> String {
    let best = known.map(|name| (distance(wrong, &name), name)).min();
    match best {
        Some((changes, name)) if changes <= wrong.len().div_ceil(2) => format!("did you mean `{name}`?"),
        _ => "all keys stand in docs/ops/configuration.md (samrom admin config-reference)".to_owned(),
    }
}

/// Levenshtein's distance, by characters, in one row. A dotted name is also compared by its last part, so that a
/// key in the wrong table finds its home.
fn distance(a: &str, b: &str) -> usize {
    let tail = |text: &str| text.rsplit('.').next().unwrap_or_default().to_owned();
    let whole = edits(a, b);
    if a != tail(a) || b != tail(b) { whole.min(edits(&tail(a), &tail(b)) + 1) } else { whole }
}

fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let change = diagonal + usize::from(from != to);
            diagonal = *cell;
            left = change.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        from_text(&mut config, "samrom.toml", text)?;
        together(&config)?;
        Ok(config)
    }

    /// The whole message as a terminal without colours shows it.
    fn message(error: &ConfigError) -> String {
        let mut out = String::new();
        let handler =
            miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::none()).with_width(100);
        handler.render_report(&mut out, error).expect("a report can be written into a string");
        out.trim().to_owned()
    }

    #[test]
    fn sec_030_an_unknown_key_is_refused_with_its_line_and_the_nearest_key() {
        let error = parsed("data = \"d\"\n\n[http]\nprot = 80\n").expect_err("prot is no key");
        let text = message(&error);
        assert!(text.contains("line 4: there is no key `http.prot`"), "{text}");
        assert!(text.contains("samrom.toml:4:1"), "{text}");
        assert!(text.contains("did you mean `http.port`?"), "{text}");
    }

    #[test]
    fn a_key_in_the_wrong_table_finds_its_home() {
        let error = parsed("port = 80\n").expect_err("port belongs to a table");
        assert!(message(&error).contains("did you mean `http.port`?"));
        let error = parsed("[media]\nlan = true\n").expect_err("lan belongs to http");
        assert!(message(&error).contains("did you mean `http.lan`?"));
    }

    #[test]
    fn an_unknown_table_is_refused_where_it_stands() {
        let error = parsed("[telephone]\nnumber = 1\n").expect_err("no such table");
        assert!(message(&error).contains("line 1: there is no key `telephone`"));
    }

    #[test]
    fn a_wrong_kind_says_what_it_is_and_what_it_must_be() {
        let error = parsed("[http]\nport = \"80\"\n").expect_err("text is no number");
        let text = message(&error);
        assert!(text.contains("line 2: `http.port` is text, but must be a whole number"), "{text}");
        let error = parsed("demo = 1\n").expect_err("a number is no switch");
        assert!(message(&error).contains("`demo` is a whole number, but must be true or false"));
        let error = parsed("[http.port]\nx = 1\n").expect_err("a table is no number");
        assert!(message(&error).contains("`http.port` is a table, but must be a whole number"));
    }

    #[test]
    fn a_broken_rule_is_told_with_its_line() {
        let error = parsed("language = \"sv\"\n").expect_err("not one of the languages");
        assert!(message(&error).contains("line 1: `language`: the languages are nb, nn and en"));
        let error = parsed("[media]\nshards = 65\n").expect_err("too many");
        assert!(message(&error).contains("line 2: `media.shards`: the number of shards is from 0 to 64"));
        let error = parsed("[media]\naddress = \"here\"\n").expect_err("no address");
        assert!(message(&error).contains("this is no IP address"));
    }

    #[test]
    fn what_is_not_toml_is_shown_where_it_breaks() {
        let error = parsed("data = \n").expect_err("no value");
        assert!(message(&error).contains("samrom.toml:1:"));
    }

    #[test]
    fn plain_http_is_refused_off_loopback() {
        let error = parsed("[http]\naddress = \"0.0.0.0\"\n").expect_err("no certificate");
        assert!(message(&error).contains("plain HTTP is refused off this machine"));
        assert!(parsed("[http]\naddress = \"0.0.0.0\"\nlan = true\n").is_ok());
        let named = "[http]\naddress = \"0.0.0.0\"\ntrusted_proxies = \"192.0.2.7, 192.0.2.16/28\"\n";
        let error = parsed(named).expect_err("nobody knows what people type");
        assert!(message(&error).contains("http.trusted_proxies needs http.public_url"));
        assert!(parsed(&format!("{named}public_url = \"https://rom.example.no\"\n")).is_ok(), "SEC-057");
        let error = parsed("[http]\ntrusted_proxies = \"everybody\"\n").expect_err("no address");
        assert!(message(&error).contains("write addresses or networks"));
    }

    #[test]
    fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("own.toml");
        std::fs::write(&path, "language = \"nn\"\ndata = \"file\"\n[http]\nport = 1\n").expect("written");
        let environment = vec![
            ("SAMROM_DATA".into(), "environment".into()),
            ("SAMROM_HTTP_PORT".into(), "2".into()),
            ("SAMROM_TEST_POSTGRES".into(), "not ours".into()),
        ];
        let sources = Sources { file: Some(path), environment, options: vec![("http.port", "3".into())] };
        let config = load(&sources).expect("all is well");
        assert_eq!(config.language, super::super::Language::Nynorsk);
        assert_eq!(config.data, PathBuf::from("environment"));
        assert_eq!(config.http.port, 3);
    }

    #[test]
    fn sec_030_an_unknown_variable_is_refused_with_the_nearest() {
        let environment = vec![("SAMROM_HTTP_PROT".into(), "80".into())];
        let error = load(&Sources { environment, ..Sources::default() }).expect_err("no such variable");
        let text = message(&error);
        assert!(text.contains("did you mean `SAMROM_HTTP_PORT`?"), "{text}");
    }

    #[test]
    fn every_default_in_the_table_is_the_default_of_the_program() {
        for key in KEYS {
            let text = match key.path.split_once('.') {
                Some((table, name)) => format!("[{table}]\n{name} = {}\n", key.default),
                None => format!("{} = {}\n", key.path, key.default),
            };
            let read = parsed(&text).expect("a default is a good value");
            assert_eq!(read, Config::default(), "{}", key.path);
        }
    }
}
