//! What every page's template needs: words, the address of scripts and styles, times in the reader's words.

use std::borrow::Borrow;

use fluent_bundle::FluentValue;
use ids::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};

use crate::ctx::Ctx;
use crate::i18n::{Lang, Words};

/// The part of a page that is the same everywhere; each template's struct has it as its field `page`.
#[derive(Debug, Clone)]
pub struct Page {
    /// The words of the reader's language.
    pub words: Words,
    /// This page's own path, for the language switch to come back to.
    pub here: String,
    /// Whether somebody is signed in here.
    pub signed_in: bool,
    assets: String,
    zone: TimeZone,
    now: Timestamp,
}

impl Page {
    /// The page for this request.
    #[must_use]
    pub fn new(ctx: &Ctx) -> Self {
        Self {
            words: ctx.words,
            here: ctx.path.clone(),
            signed_in: ctx.sign_in.is_some(),
            assets: format!("/assets/{}", ctx.state.assets.hash()),
            zone: ctx.state.settings.time_zone.clone(),
            now: ctx.now,
        }
    }

    /// The address of an asset: `page.asset("site.css")`.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        format!("{}/{name}", self.assets)
    }

    /// The folder of all assets, without a slash at the end.
    #[must_use]
    pub fn assets(&self) -> &str {
        &self.assets
    }

    /// All languages, for the switch.
    #[must_use]
    pub fn languages(&self) -> [Lang; 3] {
        Lang::ALL
    }

    /// The time of day as it is written in the reader's language: 14.30 or 14:30.
    #[must_use]
    pub fn time(&self, at: impl Borrow<Timestamp>) -> String {
        written_time(self.words, &self.local(*at.borrow()))
    }

    /// A time of day to the second, for whoever follows what happened to a line: 14.30.05 or 14:30:05.
    pub(crate) fn time_to_the_second(&self, at: impl Borrow<Timestamp>) -> String {
        let time = self.time(at.borrow());
        let mark = time.chars().find(|sign| !sign.is_ascii_digit()).unwrap_or('.');
        format!("{time}{mark}{:02}", self.local(*at.borrow()).second())
    }

    /// The IANA name of the zone that times are written in, for a script that writes some itself.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The day and the time of day, as arguments of a text.
    #[must_use]
    pub fn moment(&self, at: impl Borrow<Timestamp>) -> [(&'static str, FluentValue<'static>); 2] {
        let at = *at.borrow();
        [("day", self.day(at).into()), ("time", self.time(at).into())]
    }

    /// From when to when, on one day.
    #[must_use]
    pub fn span(&self, from: impl Borrow<Timestamp>, to: impl Borrow<Timestamp>) -> String {
        let arguments = [("from", self.time(from).into()), ("to", self.time(to).into())];
        self.words.with_all("site-span", arguments)
    }

    /// The day: *today*, *tomorrow*, or weekday and date.
    #[must_use]
    pub fn day(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        let (day, today) = (self.local(at).date(), self.local(self.now).date());
        if day == today {
            return self.words.get("site-today");
        }
        if today.tomorrow().is_ok_and(|tomorrow| tomorrow == day) {
            return self.words.get("site-tomorrow");
        }
        written_date(self.words, day)
    }

    /// The day with its year, for a record that is read years later.
    #[must_use]
    pub(crate) fn long_day(&self, at: Timestamp) -> String {
        self.with_year(self.local(at).date())
    }

    /// A day that is over: *today*, weekday and date, and the year when it is not this one.
    #[must_use]
    pub(crate) fn past_day(&self, at: Timestamp) -> String {
        let this_year = self.local(at).year() == self.local(self.now).year();
        if this_year { self.day(at) } else { self.long_day(at) }
    }

    /// A day of the records, 2026-11-22, with weekday and year.
    pub(crate) fn long_written(&self, day: &str) -> String {
        day.parse().map_or_else(|_| day.to_owned(), |day| self.with_year(day))
    }

    fn with_year(&self, day: Date) -> String {
        format!("{} {}", written_date(self.words, day), day.year())
    }

    pub(crate) fn tomorrow(&self) -> Option<Date> {
        self.local(self.now).date().tomorrow().ok()
    }

    /// Today with weekday and date.
    #[must_use]
    pub fn today(&self) -> String {
        written_date(self.words, self.local(self.now).date())
    }

    /// A day of the records, 2026-11-22, as it is written in the reader's language.
    #[must_use]
    pub fn written(&self, day: &str) -> String {
        day.parse().map_or_else(|_| day.to_owned(), |day| written_date(self.words, day))
    }

    /// A line that stands alone: its first letter is large.
    #[must_use]
    pub fn headed(&self, text: impl AsRef<str>) -> String {
        let mut letters = text.as_ref().chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    /// The day and the time of day, on a line of its own.
    #[must_use]
    pub fn headed_moment(&self, at: impl Borrow<Timestamp>) -> String {
        self.headed(self.words.with_all("request-moment", self.moment(at)))
    }

    /// The day, and from when to when, on a line of its own.
    #[must_use]
    pub fn headed_span(&self, from: impl Borrow<Timestamp>, to: impl Borrow<Timestamp>) -> String {
        let from = *from.borrow();
        self.headed(format!("{} {}", self.day(from), self.span(from, to)))
    }

    /// The name of a weekday, counted from Monday as 0.
    #[must_use]
    pub fn weekday(&self, number: impl Borrow<usize>) -> String {
        self.words.get(format!("site-weekday-{}", number.borrow().saturating_add(1)))
    }

    /// The next quarter of an hour that is not over, as a form's date and time.
    pub(crate) fn next_quarter(&self) -> (String, String) {
        let quarter = 15 * 60 * 1_000;
        let ms = self.now.as_millis();
        let next = ms.saturating_sub(ms.rem_euclid(quarter)).saturating_add(quarter);
        self.entry(Timestamp::from_millis(next))
    }

    /// A moment as a form's date and time.
    pub(crate) fn entry(&self, at: impl Borrow<Timestamp>) -> (String, String) {
        let at = self.local(*at.borrow());
        (at.date().to_string(), format!("{:02}:{:02}", at.hour(), at.minute()))
    }

    /// A telephone number as it is dialled: without the spaces it is written with.
    #[must_use]
    pub fn dialled(&self, number: &str) -> String {
        number.chars().filter(|character| !character.is_whitespace()).collect()
    }

    /// A telephone number as it stands in the records, as it is read: +47 998 87 766.
    #[must_use]
    pub fn number(&self, number: impl AsRef<str>) -> String {
        let number = number.as_ref();
        let parts = number.strip_prefix("+47").filter(|rest| rest.len() == 8);
        let parts = parts.and_then(|rest| Some((rest.get(..3)?, rest.get(3..5)?, rest.get(5..)?)));
        parts.map_or_else(|| number.to_owned(), |(a, b, c)| format!("+47 {a} {b} {c}"))
    }

    pub(crate) fn local(&self, at: Timestamp) -> Zoned {
        let instant = Instant::from_millisecond(at.as_millis()).unwrap_or_default();
        instant.to_zoned(self.zone.clone())
    }

    /// A page for tests that render templates without a request.
    #[cfg(test)]
    pub(crate) fn sample(lang: Lang) -> Self {
        Self {
            words: Words::new(lang),
            here: "/".to_owned(),
            signed_in: true,
            assets: "/assets/0123456789abcdef".to_owned(),
            zone: TimeZone::get("Europe/Oslo").expect("the zone data is bundled"),
            now: Timestamp::from_millis(1_795_250_000_000),
        }
    }
}

/// A date with its weekday, as it is written in a language.
#[must_use]
pub(crate) fn written_date(words: Words, day: Date) -> String {
    let weekday = words.get(format!("site-weekday-{}", day.weekday().to_monday_one_offset()));
    let month = words.get(format!("site-month-{}", day.month()));
    let arguments =
        [("weekday", weekday.into()), ("day", day.day().to_string().into()), ("month", month.into())];
    words.with_all("site-date", arguments)
}

/// A time of day, as it is written in a language.
#[must_use]
pub(crate) fn written_time(words: Words, at: &Zoned) -> String {
    words.with_all(
        "site-time",
        [("hour", format!("{:02}", at.hour()).into()), ("minute", format!("{:02}", at.minute()).into())],
    )
}

/// The instants between which a local day lies: `start <= at < end`.
#[must_use]
pub(crate) fn day_around(now: Timestamp, zone: &TimeZone) -> (Timestamp, Timestamp) {
    let local = Instant::from_millisecond(now.as_millis()).unwrap_or_default().to_zoned(zone.clone());
    let start = local.start_of_day().unwrap_or_else(|_| local.clone());
    let end = start.tomorrow().and_then(|next| next.start_of_day()).unwrap_or_else(|_| local.clone());
    let at = |zoned: &Zoned| Timestamp::from_millis(zoned.timestamp().as_millisecond());
    (at(&start), at(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<Instant>().expect("an instant").as_millisecond())
    }

    #[test]
    fn times_and_days_are_written_as_each_language_writes_them() {
        let mut page = Page::sample(Lang::Nb);
        page.now = at("2026-03-02T08:00:00Z");
        let then = at("2026-03-03T13:30:00Z");
        assert_eq!((page.time(then), page.day(then)), ("14.30".into(), "i morgen".into()));
        assert_eq!(page.day(at("2026-03-05T13:30:00Z")), "torsdag 5. mars");
        assert_eq!(page.headed_moment(then), "I morgen kl. 14.30");
        assert_eq!(page.headed_span(then, at("2026-03-03T14:00:00Z")), "I morgen 14.30–15.00");
        assert_eq!(page.number("+4799887766"), "+47 998 87 766");
        assert_eq!(page.number("+46701234567"), "+46701234567", "others are written as they are");
        assert_eq!((page.headed("åtte"), page.headed("")), ("Åtte".into(), String::new()));
        page.words = Words::new(Lang::Nn);
        assert_eq!(page.day(at("2026-03-07T13:30:00Z")), "laurdag 7. mars");
        page.words = Words::new(Lang::En);
        assert_eq!(page.time(then), "14:30");
        assert_eq!(page.day(at("2026-03-05T13:30:00Z")), "Thursday 5 March");
    }

    #[test]
    fn a_day_is_as_long_as_the_clocks_make_it() {
        let zone = TimeZone::get("Europe/Oslo").expect("the zone data is bundled");
        let hours = |now| {
            let (start, end) = day_around(at(now), &zone);
            end.since(start).as_secs() / 3600
        };
        assert_eq!(hours("2026-03-02T12:00:00Z"), 24);
        assert_eq!(hours("2026-03-29T12:00:00Z"), 23);
        assert_eq!(hours("2026-10-25T12:00:00Z"), 25);
    }
}
