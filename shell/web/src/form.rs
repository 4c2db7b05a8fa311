//! What a form sent, field by field: several values under one name, blanks as nothing, days and times of day.

use axum::extract::{FromRequest, Request};
use axum::{Form, RequestExt};
use jiff::civil::{Date, Time};

use crate::errors::WebError;

/// Fields that one form may send.
const FIELDS_MAX: usize = 120;

/// The fields of a form in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value under this name without the blanks around it; empty when there is none.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// Every value under this name.
    pub(crate) fn many<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// Whether a box was ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        !self.one(name).is_empty()
    }

    /// A day as the browser sends it, 2026-11-24, or as people write it: 24.11.2026.
    pub(crate) fn day(&self, name: &str) -> Option<Date> {
        let text = self.one(name);
        text.parse().ok().or_else(|| written_day(text))
    }

    /// A time of day as the browser sends it, 14:30, or as people write it: 14.30, 1430.
    pub(crate) fn time(&self, name: &str) -> Option<Time> {
        time_of(self.one(name))
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

fn written_day(text: &str) -> Option<Date> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && year.len() == 4;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| whole)
}

fn time_of(text: &str) -> Option<Time> {
    let (hour, minute) = match text.split_once([':', '.']) {
        Some(parts) => parts,
        None if text.is_ascii() && text.len() == 4 => text.split_at(2),
        None => return None,
    };
    let number =
        |digits: &str| digits.parse::<i8>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
    Time::new(number(hour)?, number(minute.get(..2)?)?, 0, 0).ok()
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = WebError;

    async fn from_request(request: Request, _: &S) -> Result<Self, WebError> {
        let Form(fields): Form<Vec<(String, String)>> =
            request.extract().await.map_err(|_| WebError::BadRequest)?;
        if fields.len() > FIELDS_MAX { Err(WebError::BadRequest) } else { Ok(Self(fields)) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn days_are_read_as_browsers_send_and_as_people_write_them() {
        for text in ["2026-11-04", "04.11.2026", "4.11.2026"] {
            assert_eq!(Fields::of(&[("day", text)]).day("day"), Some(date(2026, 11, 4)), "{text}");
        }
        for text in ["", "soon", "4.11", "4.11.26", "31.2.2026", "4.11.2026.", "2026.11.4", "300.11.2026"] {
            assert_eq!(Fields::of(&[("day", text)]).day("day"), None, "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_read_as_people_write_it() {
        let half_past_two = Some(time(14, 30, 0, 0));
        for text in ["14:30", "14.30", "1430", "14:30:00"] {
            assert_eq!(time_of(text), half_past_two, "{text}");
        }
        assert_eq!(time_of("9.05"), Some(time(9, 5, 0, 0)));
        for text in ["", "14", "25:00", "14:60", "1a:30", "-1:30", "14:3", "æ430", "14h30"] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }

    #[test]
    fn values_under_one_name_keep_their_order() {
        let fields = Fields::of(&[("with", "a"), ("kind", " talk "), ("with", "b")]);
        assert_eq!(fields.many("with").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((fields.one("kind"), fields.one("nothing")), ("talk", ""));
        assert!(fields.is_ticked("with") && !fields.is_ticked("nothing"));
    }
}
