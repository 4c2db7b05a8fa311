//! What a message says: neutral texts for mail and telephone in the recipient's language, signed with the recognition
//! sign, and the calendar file beside a mail.
//!
//! Nobody's name, no service, no place and no address stands in any of it (SEC-061): it may be read on a locked screen
//! by whoever is near (CARE-12). The same parcel gives the same words.

use domain::meeting::Mode;
use domain::message::{MailAddress, MessageKind, Segments, Wording, in_gsm};
use domain::people::Language;
use ids::{Personal, Timestamp};
use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;
use store::{Parcel, ParcelLink, Recipient};

use crate::calendar::{Entry, Method};
use crate::i18n::{Lang, Words};
use crate::page::{written_date, written_time};

/// A text message is cut into no more than this.
pub const SEGMENTS_MAX: usize = 2;

/// Makes texts for one installation.
#[derive(Debug, Clone)]
pub struct Composer {
    /// Where people reach us, without a slash at the end.
    pub base_url: String,
    /// The zone in which times are written.
    pub zone: TimeZone,
    /// Who the mail is from.
    pub from: MailAddress,
    /// Whether a link may stand in a calendar, which others may see.
    pub link_in_calendar: bool,
}

/// A message as it leaves; prints redacted, because it may hold a link (SEC-021).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The subject of a mail.
    pub subject: Personal<String>,
    /// The text.
    pub text: Personal<String>,
    /// The calendar file beside a mail that changes what is booked.
    pub calendar: Option<CalendarFile>,
    /// How much of the network a text message takes.
    pub segments: Option<Segments>,
}

/// A calendar file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFile {
    /// `REQUEST` or `CANCEL`; stands in the type of the mail's part as well (RFC 6047 §2.4).
    pub method: &'static str,
    /// The file.
    pub text: Personal<String>,
}

impl Composer {
    /// Puts a claimed message into words; `now` stamps the calendar file.
    #[must_use]
    pub fn compose(&self, parcel: &Parcel, now: Timestamp) -> Composed {
        if parcel.kind == MessageKind::LookIn {
            let sign = parcel.sign.as_ref().map(|sign| sign.reveal().as_str());
            return text_of(look_in(parcel.language, sign));
        }
        match &parcel.to {
            Recipient::Mail(to) => self.mail(parcel, to, now),
            Recipient::Sms(_) => self.text_message(parcel),
        }
    }

    fn mail(&self, parcel: &Parcel, to: &MailAddress, now: Timestamp) -> Composed {
        let says = Says::of(parcel, self);
        let mut parts = vec![says.news(parcel.wording)];
        parts.extend(says.way(parcel.wording));
        if let Some(sign) = &says.sign {
            parts.push(says.words.with("message-mail-signed", "sign", sign.as_str()));
        }
        parts.push(says.words.get("message-mail-unread"));
        let subject =
            says.words.with(&format!("message-subject-{}", says.kind()), "when", says.when.as_str());
        Composed {
            subject: Personal::new(subject),
            text: Personal::new(parts.join("\n\n") + "\n"),
            calendar: self.calendar(parcel, &says, (to, now)),
            segments: None,
        }
    }

    /// In the chosen wording where it fits, else in the barest, at last without what the GSM alphabet does not have.
    fn text_message(&self, parcel: &Parcel) -> Composed {
        let mut says = Says::of(parcel, self);
        let mut text = says.in_one(parcel.wording);
        if Segments::of(&text).count > SEGMENTS_MAX {
            text = says.in_one(Wording::Bare);
        }
        if Segments::of(&text).count > SEGMENTS_MAX {
            says.sign =
                says.sign.map(|sign| sign.chars().filter(|letter| in_gsm(*letter)).collect::<String>());
            says.sign = says.sign.map(|sign| sign.trim().to_owned()).filter(|sign| !sign.is_empty());
            text = says.in_one(Wording::Bare);
        }
        text_of(text)
    }

    /// A file where something booked changes; a reminder or a new link changes nothing in a calendar.
    fn calendar(
        &self,
        parcel: &Parcel,
        says: &Says,
        (to, now): (&MailAddress, Timestamp),
    ) -> Option<CalendarFile> {
        let method = match parcel.kind {
            MessageKind::Invitation | MessageKind::Moved | MessageKind::OtherWay | MessageKind::OtherHost => {
                Method::Request
            }
            MessageKind::Cancelled => Method::Cancel,
            MessageKind::Reminder | MessageKind::NewLink | MessageKind::LookIn => return None,
        };
        let link = says.link.clone().filter(|_| self.link_in_calendar);
        let mut description = says.without_link();
        if let Some(sign) = &says.sign {
            description = says.signed(&description, sign);
        }
        let entry = Entry {
            method,
            uid: parcel.invitation.to_string(),
            sequence: parcel.sequence,
            stamp: now,
            starts: parcel.time.0,
            ends: parcel.time.1,
            zone: &self.zone,
            summary: says.words.get(format!("message-calendar-{}", says.wording(parcel.wording))),
            description,
            link,
            organizer: &self.from,
            attendee: to,
        };
        Some(CalendarFile { method: method.word(), text: Personal::new(entry.write()) })
    }
}

/// What the adult of *our agreement* is sent when she asks for company; she is shown these very words before. No name, no
/// place, no reason: the sign says whom it is from (SEC-061, SEC-112).
#[must_use]
pub(crate) fn look_in(language: Language, sign: Option<&str>) -> String {
    let words = Words::new(lang(language));
    let text = words.get("message-look-in");
    match sign.map(one_line).filter(|sign| !sign.is_empty()) {
        Some(sign) => words.with_all("message-signed", [("text", text.into()), ("sign", sign.into())]),
        None => text,
    }
}

/// A text for a telephone, and how much of the network it takes.
fn text_of(text: String) -> Composed {
    let segments = Some(Segments::of(&text));
    Composed { subject: Personal::new(String::new()), text: Personal::new(text), calendar: None, segments }
}

/// The parts of what is said, in one language.
struct Says {
    words: Words,
    kind: MessageKind,
    way: Mode,
    when: String,
    link: Option<String>,
    pressed: bool,
    sign: Option<String>,
}

impl Says {
    fn of(parcel: &Parcel, composer: &Composer) -> Self {
        let words = Words::new(lang(parcel.language));
        let starts = Instant::from_millisecond(parcel.time.0.as_millis()).unwrap_or_default();
        let starts = starts.to_zoned(composer.zone.clone());
        let arguments = [
            ("day", written_date(words, starts.date()).into()),
            ("time", written_time(words, &starts).into()),
        ];
        let link = match &parcel.link {
            ParcelLink::Fresh(token) => Some(format!("{}/j/{}", composer.base_url, token.reveal())),
            ParcelLink::None | ParcelLink::Pressed => None,
        };
        Self {
            words,
            kind: parcel.kind,
            way: parcel.way,
            when: words.with_all("message-when", arguments),
            link,
            pressed: matches!(parcel.link, ParcelLink::Pressed),
            sign: parcel.sign.as_ref().map(|sign| one_line(sign.reveal())).filter(|sign| !sign.is_empty()),
        }
    }

    const fn kind(&self) -> &'static str {
        match self.kind {
            MessageKind::Invitation => "invitation",
            MessageKind::Moved => "moved",
            MessageKind::OtherWay => "other-way",
            MessageKind::OtherHost => "other-host",
            MessageKind::Cancelled => "cancelled",
            MessageKind::Reminder => "reminder",
            MessageKind::NewLink => "new-link",
            MessageKind::LookIn => "look-in",
        }
    }

    fn news(&self, chosen: Wording) -> String {
        let news = self.kind != MessageKind::Cancelled && self.kind != MessageKind::NewLink;
        let wording = if news { self.wording(chosen) } else { wording(chosen) };
        let key = format!("message-{}-{wording}", self.kind());
        self.words.with(&key, "when", self.when.as_str())
    }

    /// What greets says how the two meet: one does not see a voice.
    const fn wording(&self, chosen: Wording) -> &'static str {
        match (chosen, self.way) {
            (Wording::Warm, Mode::Phone) => "phone",
            _ => wording(chosen),
        }
    }

    /// How one comes there: the link, the one that she has, or nothing that another eye could learn from.
    fn way(&self, chosen: Wording) -> Option<String> {
        if let Some(link) = &self.link {
            let key = format!("message-link-{}", wording(chosen));
            return Some(self.words.with(&key, "link", link.as_str()));
        }
        if self.pressed {
            return Some(self.words.get("message-link-pressed"));
        }
        match (self.kind, self.way, chosen) {
            (MessageKind::Cancelled, ..) => None,
            // Here the way is the news itself.
            (MessageKind::OtherWay, Mode::Video, _) => Some(self.words.get("message-screen")),
            (MessageKind::OtherWay, Mode::Phone, _) => Some(self.words.get("message-phone")),
            (MessageKind::OtherWay, Mode::Office, _) => Some(self.words.get("message-office")),
            (MessageKind::OtherWay, Mode::Visit, _) => Some(self.words.get("message-visit")),
            (_, _, Wording::Bare) => None,
            (_, Mode::Phone, _) => Some(self.words.get("message-phone")),
            (_, Mode::Video | Mode::Office | Mode::Visit, _) => Some(self.words.get("message-where")),
        }
    }

    /// All on one line, for a telephone.
    fn in_one(&self, chosen: Wording) -> String {
        let mut text = self.news(chosen);
        if let Some(way) = self.way(chosen) {
            text = format!("{text} {way}");
        }
        match &self.sign {
            Some(sign) => self.signed(&text, sign),
            None => text,
        }
    }

    fn without_link(&self) -> String {
        self.news(Wording::Plain)
    }

    fn signed(&self, text: &str, sign: &str) -> String {
        self.words.with_all("message-signed", [("text", text.into()), ("sign", sign.into())])
    }
}

/// A sign as one line without anything that a header or a telephone could trip over.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn wording(wording: Wording) -> &'static str {
    match wording {
        Wording::Warm => "warm",
        Wording::Plain => "plain",
        Wording::Bare => "bare",
    }
}

const fn lang(language: Language) -> Lang {
    match language {
        Language::Bokmal => Lang::Nb,
        Language::Nynorsk => Lang::Nn,
        Language::English => Lang::En,
    }
}
