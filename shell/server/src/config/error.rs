//! What can be wrong with a configuration, in words that name the line and the way out (SEC-030).

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

/// A configuration that was refused. Nothing has been started when one is returned.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub(crate) enum ConfigError {
    /// The file that was named cannot be read.
    #[error("the configuration file {path} cannot be read: {why}")]
    #[diagnostic(help("name another with --config, or leave it out to use the defaults"))]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        why: std::io::ErrorKind,
    },
    /// Not TOML.
    #[error("the configuration is not valid TOML: {why}")]
    Syntax {
        /// What the parser said.
        why: String,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<String>>,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A key that does not exist.
    #[error("line {line}: there is no key `{key}`")]
    UnknownKey {
        /// The key as it was meant: with the names of the tables around it.
        key: String,
        /// Its line, counted from one.
        line: usize,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<String>>,
        /// Where.
        #[label("unknown key")]
        at: SourceSpan,
        /// The nearest key.
        #[help]
        nearest: String,
    },
    /// A value of the wrong kind.
    #[error("line {line}: `{key}` is {found}, but must be {wanted}")]
    WrongKind {
        /// The key.
        key: &'static str,
        /// Its line, counted from one.
        line: usize,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<String>>,
        /// Where.
        #[label("must be {wanted}")]
        at: SourceSpan,
    },
    /// A value of the right kind that breaks the key's rule.
    #[error("line {line}: `{key}`: {rule}")]
    BadValue {
        /// The key.
        key: &'static str,
        /// Its line, counted from one.
        line: usize,
        /// The rule.
        rule: String,
        /// The file.
        #[source_code]
        file: Arc<NamedSource<String>>,
        /// Where.
        #[label("this value")]
        at: SourceSpan,
    },
    /// An environment variable that looks like ours but is none.
    #[error("there is no setting behind the environment variable `{variable}`")]
    UnknownVariable {
        /// Its name.
        variable: String,
        /// The nearest variable.
        #[help]
        nearest: String,
    },
    /// A bad value from the environment or the command line; the value itself is not repeated.
    #[error("{source_name}: {rule}")]
    BadSetting {
        /// The variable or the option.
        source_name: String,
        /// The rule.
        rule: String,
    },
    /// Settings that do not go together.
    #[error("{rule}")]
    Together {
        /// The rule.
        rule: &'static str,
        /// The way out.
        #[help]
        help: &'static str,
    },
}
