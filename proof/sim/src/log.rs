//! What happened, in words that are the same whenever the seed is: no key, no ciphertext, no random id.

use core::time::Duration;

/// A list of moments and sentences.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Log {
    lines: Vec<(Duration, String)>,
}

impl Log {
    /// Adds a sentence.
    pub fn say(&mut self, at: Duration, sentence: String) {
        self.lines.push((at, sentence));
    }

    /// Everything so far.
    #[must_use]
    pub fn lines(&self) -> &[(Duration, String)] {
        &self.lines
    }

    /// The moments of the sentences that contain this text.
    pub fn moments<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Duration> + 'a {
        self.lines.iter().filter(move |(_, line)| line.contains(text)).map(|(at, _)| *at)
    }
}

impl core::fmt::Display for Log {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (at, line) in &self.lines {
            writeln!(f, "{:>8} ms  {line}", at.as_millis())?;
        }
        Ok(())
    }
}
