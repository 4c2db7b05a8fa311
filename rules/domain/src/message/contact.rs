//! Where messages reach a person: read once from what somebody typed, so that nothing later has to doubt it.

use core::fmt;

use super::Channel;

/// Characters of a mail address (RFC 5321 §4.5.3.1.3 without the angle brackets).
const MAIL_CHARS_MAX: usize = 254;
/// Digits of a telephone number in international form, and the fewest that one has (ITU-T E.164).
const PHONE_DIGITS: core::ops::RangeInclusive<usize> = 7..=15;

/// What was typed is neither a mail address nor a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an address")]
pub struct NotAnAddress;

/// A mail address that can stand in a header and an SMTP command without any quoting; prints redacted (SEC-021).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MailAddress(String);

impl MailAddress {
    /// Reads an address. Only letters, digits and `.!#$%&'*+/=?^_{|}~-` and the backtick stand before the `@`, and a
    /// name with a dot behind it: what mail systems take today (RFC 5321 §4.1.2, without quoted parts).
    ///
    /// # Errors
    /// [`NotAnAddress`].
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let (local, host) = text.rsplit_once('@').ok_or(NotAnAddress)?;
        let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
        let atoms = |part: &str| part.split('.').all(|one| !one.is_empty() && one.bytes().all(atom));
        let label = |part: &str| {
            let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            plain && !part.is_empty() && part.len() <= 63 && !part.starts_with('-') && !part.ends_with('-')
        };
        let named = host.contains('.') && host.split('.').all(label);
        let fits = text.len() <= MAIL_CHARS_MAX && local.len() <= 64;
        if fits && named && atoms(local) { Ok(Self(text.to_owned())) } else { Err(NotAnAddress) }
    }

    /// The address, for an envelope or a form; never for a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, host)| host)
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹mail address›")
    }
}

/// A telephone number in international form, `+4799887766`; prints redacted (SEC-021).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as people write it: spaces, dots, hyphens and brackets are left out, `00` is `+`, and eight
    /// digits without a country are Norwegian.
    ///
    /// # Errors
    /// [`NotAnAddress`].
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let between = |letter: &char| letter.is_whitespace() || matches!(letter, '.' | '-' | '(' | ')');
        let bare: String = text.chars().filter(|letter| !between(letter)).collect();
        let digits = match (bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")), bare.len()) {
            (Some(digits), _) => digits.to_owned(),
            (None, 8) => format!("47{bare}"),
            _ => return Err(NotAnAddress),
        };
        let good = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        if good && PHONE_DIGITS.contains(&digits.len()) {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(NotAnAddress)
        }
    }

    /// The number, for a gateway or a form; never for a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹telephone number›")
    }
}

/// Where messages reach a person, and by which way they are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// By mail.
    pub mail: Option<MailAddress>,
    /// By telephone.
    pub phone: Option<PhoneNumber>,
    /// The way that the person chose; `None`: has not said.
    pub wanted: Option<Channel>,
}

impl Contact {
    /// The way to take: the chosen one where it leads somewhere, else the telephone, else mail. `None`: no way.
    #[must_use]
    pub fn channel(&self) -> Option<Channel> {
        let leads = |channel: &Channel| match channel {
            Channel::Mail => self.mail.is_some(),
            Channel::Sms => self.phone.is_some(),
        };
        // What was chosen and leads nowhere is not quietly replaced: the other way may be the one that others read.
        match self.wanted {
            Some(wanted) => Some(wanted).filter(leads),
            None => [Channel::Sms, Channel::Mail].into_iter().find(leads),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_what_could_break_a_header_is_refused() {
        for good in ["nora@example.org", " a.b+c@mail.example.no ", "o'neil_1@x-y.example", "x@a.b"] {
            let read = MailAddress::parse(good).expect(good);
            assert_eq!(read.reveal(), good.trim());
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in [
            "",
            "nora",
            "@example.org",
            "nora@",
            "nora@example",
            "a b@example.org",
            "a@b@example.org",
            "nora@example.org\r\nBcc: x@example.org",
            "nora..x@example.org",
            ".n@example.org",
            "n@-a.example",
            "n@a..example",
            "<n@example.org>",
            "\"n\"@example.org",
            "nørå@example.org",
            "n@[192.0.2.1]",
            &long,
        ] {
            assert_eq!(MailAddress::parse(bad), Err(NotAnAddress), "{bad:?}");
        }
        let address = MailAddress::parse("nora@mail.example.org").expect("good");
        assert_eq!((address.host(), format!("{address:?}").as_str()), ("mail.example.org", "‹mail address›"));
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (typed, read) in [
            ("998 87 766", "+4799887766"),
            ("+47 99 88 77 66", "+4799887766"),
            ("0047 99887766", "+4799887766"),
            ("+46 (70) 123-45-67", "+46701234567"),
        ] {
            assert_eq!(PhoneNumber::parse(typed).expect(typed).reveal(), read);
        }
        for bad in [
            "",
            "112",
            "9988776",
            "+0 123 456 789",
            "+47 99 88 77 6x",
            "+1234567890123456",
            "+",
            "47 99887766",
        ] {
            assert_eq!(PhoneNumber::parse(bad), Err(NotAnAddress), "{bad}");
        }
        assert_eq!(format!("{:?}", PhoneNumber::parse("99887766").expect("good")), "‹telephone number›");
    }

    #[test]
    fn the_chosen_way_is_taken_or_none() {
        let mail = || MailAddress::parse("n@example.org").ok();
        let phone = || PhoneNumber::parse("99887766").ok();
        let way = |mail, phone, wanted| Contact { mail, phone, wanted }.channel();
        assert_eq!(way(mail(), phone(), None), Some(Channel::Sms));
        assert_eq!(way(mail(), None, None), Some(Channel::Mail));
        assert_eq!(way(mail(), phone(), Some(Channel::Mail)), Some(Channel::Mail));
        assert_eq!(way(mail(), None, Some(Channel::Sms)), None, "the other way may be read by others");
        assert_eq!(way(None, None, None), None);
    }
}
