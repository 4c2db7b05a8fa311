//! Personal data as a type that prints redacted, so that no log line can carry it by accident (SEC-021).

use core::fmt;

use serde::{Deserialize, Serialize};

/// A value that identifies a person; `Debug` prints a placeholder and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for a screen or a sealed column; never for a log.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself, for a screen or a sealed column; never for a log.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹personal›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_reach_a_log_line() {
        let name = Personal::new("Nora Marker");
        assert_eq!(format!("{name:?}"), "‹personal›");
        assert_eq!(*name.reveal(), "Nora Marker");
    }
}
