//! How bad a line is, and its short text form: `delay=75 jitter=10 loss=5 burst=2.5 rate=2000 queue=60 reorder=1`.

use std::str::FromStr;
use std::time::Duration;

/// How bad a line is, in one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// Time under way (text: `delay`, ms).
    pub delay: Duration,
    /// Up to so much more, evenly spread (text: `jitter`, ms).
    pub jitter: Duration,
    /// Share of datagrams lost, 0 to 1 (text: `loss`, percent).
    pub loss: f64,
    /// Mean length of a burst of losses, in datagrams (text: `burst`).
    pub burst: f64,
    /// Width of the pipe (text: `rate`, kbit/s); `None` is unlimited.
    pub bits_per_second: Option<u64>,
    /// What the pipe's queue holds before it drops (text: `queue`, kB).
    pub queue_bytes: usize,
    /// Share of datagrams that others may overtake, 0 to 1 (text: `reorder`, percent).
    pub reorder: f64,
}

/// The text was not a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// A word without `=`, or a number that is not one.
    #[error("`{0}` is not name=number")]
    Malformed(String),
    /// An unknown name.
    #[error("`{0}` is none of delay, jitter, loss, burst, rate, queue, reorder")]
    Unknown(String),
}

impl Default for Profile {
    /// A perfect line.
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0.0,
            burst: 2.5,
            bits_per_second: None,
            queue_bytes: 60_000,
            reorder: 0.0,
        }
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let mut profile = Self::default();
        for word in text.split_whitespace() {
            let malformed = || ProfileError::Malformed(word.to_owned());
            let (name, number) = word.split_once('=').ok_or_else(malformed)?;
            let number: f64 = number.parse().map_err(|_| malformed())?;
            if !number.is_finite() || !(0.0..=1e9).contains(&number) {
                return Err(malformed());
            }
            match name {
                "delay" => profile.delay = Duration::from_secs_f64(number / 1e3),
                "jitter" => profile.jitter = Duration::from_secs_f64(number / 1e3),
                "loss" => profile.loss = number / 100.0,
                "burst" => profile.burst = number,
                "rate" => profile.bits_per_second = (number > 0.0).then_some((number * 1e3) as u64),
                "queue" => profile.queue_bytes = (number * 1e3) as usize,
                "reorder" => profile.reorder = number / 100.0,
                _ => return Err(ProfileError::Unknown(name.to_owned())),
            }
        }
        Ok(profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_words_are_named() {
        assert_eq!("delay".parse::<Profile>(), Err(ProfileError::Malformed("delay".into())));
        assert_eq!("loss=-1".parse::<Profile>(), Err(ProfileError::Malformed("loss=-1".into())));
        assert_eq!("lose=1".parse::<Profile>(), Err(ProfileError::Unknown("lose".into())));
    }

    #[test]
    fn a_profile_reads_as_written() {
        let profile: Profile = "delay=75 loss=10 rate=2000".parse().expect("a good profile");
        assert_eq!((profile.delay, profile.bits_per_second), (Duration::from_millis(75), Some(2_000_000)));
        assert!((profile.loss - 0.1).abs() < 1e-9);
    }
}
