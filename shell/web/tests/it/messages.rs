//! What leaves: every text in every language as one golden page, nothing in it that another eye must not see, calendar
//! files as another program reads them, and the page that staff see.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use domain::audit::Purpose;
use domain::meeting::Mode;
use domain::message::{
    Alphabet, Channel, Contact, MailAddress, MessageKind, Outcome, PhoneNumber, Planned, Reason, Segments,
    Wording,
};
use domain::people::Language;
use ids::{InvitationId, MessageId, Personal, Timestamp};
use jiff::tz::TimeZone;
use store::demo::DemoRole;
use store::{By, Claim, ClaimKey, NewMessage, Parcel, ParcelLink, Recipient, Token, Worker};
use web::message::{Composed, Composer, SEGMENTS_MAX};

use crate::world::World;

const HOUR: i64 = 3_600_000;
/// Tuesday 24 November 2026, 14.30 in Norway.
const STARTS: Timestamp = Timestamp::from_millis(1_795_527_000_000);

fn mail() -> Recipient {
    Recipient::Mail(MailAddress::parse("n.merkesen@example.org").expect("an address"))
}

fn telephone() -> Recipient {
    Recipient::Sms(PhoneNumber::parse("99 88 77 66").expect("a number"))
}

fn composer(zone: &str) -> Composer {
    Composer {
        base_url: "https://rom.example.no".to_owned(),
        zone: TimeZone::get(zone).expect("the zone data is bundled"),
        from: MailAddress::parse("avtale@example.no").expect("an address"),
        link_in_calendar: false,
    }
}

fn link() -> ParcelLink {
    ParcelLink::Fresh(Token::from_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").expect("a token"))
}

fn parcel(kind: MessageKind, to: Recipient, link: ParcelLink) -> Parcel {
    let id = MessageId::from_bytes([5; 16]);
    Parcel {
        key: ClaimKey { message: id, claim: 1 },
        invitation: InvitationId::from_bytes([6; 16]),
        kind,
        wording: Wording::Warm,
        way: Mode::Video,
        time: (STARTS, Timestamp::from_millis(STARTS.as_millis() + HOUR)),
        sequence: 3,
        to,
        language: Language::Bokmal,
        sign: Some(Personal::new("Blå fugl".to_owned())),
        link,
        tries: 1,
        reference: format!("{id}@example.no"),
    }
}

fn links(kind: MessageKind) -> Vec<ParcelLink> {
    match kind {
        MessageKind::Cancelled | MessageKind::LookIn => vec![ParcelLink::None],
        MessageKind::NewLink => vec![link()],
        _ => vec![ParcelLink::None, ParcelLink::Pressed, link()],
    }
}

/// Every message there is: kind, wording, way, language, channel, link.
fn every(mut each: impl FnMut(Parcel)) {
    for language in Language::ALL {
        for kind in MessageKind::ALL {
            for wording in Wording::ALL {
                for way in Mode::ALL {
                    for to in [mail(), telephone()] {
                        for link in links(kind) {
                            // It goes to a telephone and knows neither wordings nor ways.
                            let is_once = to == telephone() && wording == Wording::Bare && way == Mode::Video;
                            if kind == MessageKind::LookIn && !is_once {
                                continue;
                            }
                            if way == Mode::Video || matches!(link, ParcelLink::None) {
                                each(Parcel { wording, way, language, ..parcel(kind, to.clone(), link) });
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_texts_are_the_golden_ones() {
    let mut page = String::new();
    every(|parcel| {
        let composed = composer("Europe/Oslo").compose(&parcel, STARTS);
        let Parcel { language, kind, wording, way, .. } = &parcel;
        let link = match parcel.link {
            ParcelLink::None => "no link",
            ParcelLink::Pressed => "pressed",
            ParcelLink::Fresh(_) => "link",
        };
        let _ = write!(page, "{} {kind:?} {wording:?} {way:?} {link}: ", language.tag());
        match composed.segments {
            Some(Segments { units, count, .. }) => {
                let _ = writeln!(page, "[{count}: {units}] {}", composed.text.reveal());
            }
            None => {
                let text = composed.text.reveal().trim_end().replace("\n\n", " | ");
                let _ = writeln!(page, "<{}> {text}", composed.subject.reveal());
            }
        }
    });
    let golden = include_str!("messages.txt");
    if golden != page {
        let made = std::env::temp_dir().join("samrom-messages.txt");
        std::fs::write(&made, &page).expect("written");
        panic!("the texts have become those in {}", made.display());
    }
}

/// SEC-061, CARE-12: no name, service, place or address in subject, text or calendar, whatever is sent.
#[test]
fn nothing_that_leaves_says_who_or_what_it_is_about() {
    let words = [
        "merkesen",
        "nora",
        "kari",
        "bup",
        "klinikk",
        "clinic",
        "psyk",
        "barnevern",
        "behandl",
        "terapi",
        "therap",
        "pasient",
        "patient",
        "sykehus",
        "hospital",
        "helse",
        "health",
        "samrom",
        "institusjon",
        "video",
        "kontor",
        "office",
        "gate",
        "vei ",
    ];
    let mut seen = 0;
    every(|parcel| {
        let Composed { subject, text, calendar, .. } = composer("Europe/Oslo").compose(&parcel, STARTS);
        let calendar = calendar.map(|file| file.text.into_revealed()).unwrap_or_default();
        // The recipient's own address is the recipient's own; RFC 5546 §3.2.2 wants it.
        let unfolded = calendar.replace("\r\n ", "");
        let calendar =
            unfolded.replace("mailto:n.merkesen@example.org", "").replace("mailto:avtale@example.no", "");
        let all = format!("{}\n{}\n{calendar}", subject.reveal(), text.reveal()).to_lowercase();
        for word in words {
            assert!(!all.contains(word), "«{word}» in {all}");
        }
        let lower = calendar.to_lowercase();
        assert!(
            !lower.contains("/j/") && !lower.contains("location"),
            "no link and no place in a calendar: {lower}"
        );
        seen += 1;
    });
    assert!(seen > 300, "{seen}");
}

/// One or two segments, also with a long address, a long sign and letters that a telephone network has not.
#[test]
fn text_messages_stay_short() {
    let long = "https://videorom.barne-og-ungdomsavdelingen.example.no";
    let signs =
        ["", "Blå fugl", "Den lille grønne båten ved sjøen", "🐦", "Ørn og måse 🐦🐦🐦 på tur", "čáhci"];
    let mut alphabets = BTreeSet::new();
    every(|parcel| {
        let Recipient::Sms(_) = parcel.to else { return };
        for sign in signs {
            let sign_ = Some(Personal::new(sign.to_owned())).filter(|_| !sign.is_empty());
            let Parcel { key, invitation, kind, wording, way, time, sequence, ref to, language, .. } = parcel;
            let (tries, reference) = (parcel.tries, parcel.reference.clone());
            let link = match &parcel.link {
                ParcelLink::Fresh(token) => ParcelLink::Fresh(token.clone()),
                ParcelLink::None => ParcelLink::None,
                ParcelLink::Pressed => ParcelLink::Pressed,
            };
            let parcel = Parcel {
                key,
                invitation,
                kind,
                wording,
                way,
                time,
                sequence,
                to: to.clone(),
                language,
                sign: sign_,
                link,
                tries,
                reference,
            };
            let composer = Composer { base_url: long.to_owned(), ..composer("Europe/Oslo") };
            let composed = composer.compose(&parcel, STARTS);
            let segments = composed.segments.expect("a text message is counted");
            assert_eq!(segments, Segments::of(composed.text.reveal()));
            assert!(segments.count <= SEGMENTS_MAX, "{segments:?} {}", composed.text.reveal());
            alphabets.insert(segments.alphabet == Alphabet::Gsm);
            if sign.is_ascii() || sign.starts_with("Bl") {
                assert_eq!(segments.alphabet, Alphabet::Gsm, "{}", composed.text.reveal());
            }
        }
    });
    assert_eq!(alphabets.len(), 2, "both alphabets were met");
}

#[test]
fn what_is_made_prints_redacted() {
    let composed = composer("Europe/Oslo").compose(&parcel(MessageKind::Invitation, mail(), link()), STARTS);
    let printed = format!("{composed:?}");
    assert!(!printed.contains("AAAA") && !printed.contains("fugl"), "SEC-021: {printed}");
    assert!(composed.text.reveal().contains("https://rom.example.no/j/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

/// What the other program understood.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Understood {
    pub(crate) method: String,
    pub(crate) uid: String,
    pub(crate) sequence: u32,
    stamp: i64,
    pub(crate) starts: i64,
    pub(crate) ends: i64,
    summary: String,
    description: String,
    status: String,
    zones: Vec<String>,
    attendees: Vec<String>,
    organizer: String,
    url: String,
    location: String,
}

/// Hands the files to the other program; `./x test` installs it.
pub(crate) fn understood(files: &[String]) -> Vec<Understood> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(root.join("../../target/python/bin/python"))
        .arg(root.join("tests/it/read_calendar.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the other program is installed (./x test installs it)");
    let mut into = child.stdin.take().expect("it is piped");
    let all = files.join("====\n");
    let writer = std::thread::spawn(move || into.write_all(all.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic").expect("it reads");
    assert!(output.status.success(), "it could not read a file");
    let text = String::from_utf8(output.stdout).expect("it answers in text");
    text.lines().map(|line| serde_json::from_str(line).expect("an answer")).collect()
}

/// Moments that are far apart by no visible rule, most of them near a change of the clocks.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> i64 {
        // Knuth's linear congruence: the same moments in every run.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % below).expect("small")
    }

    fn near(&mut self, change: &str) -> Timestamp {
        let change: jiff::Timestamp = change.parse().expect("an instant");
        let minutes = self.next(3 * 24 * 60) - 36 * 60;
        Timestamp::from_millis(change.as_millisecond() + minutes * 60_000)
    }
}

const CHANGES: [(&str, &str); 7] = [
    ("Europe/Oslo", "2026-03-29T01:00:00Z"),
    ("Europe/Oslo", "2026-10-25T01:00:00Z"),
    ("Europe/Oslo", "2027-12-31T23:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Asia/Kathmandu", "2026-06-01T00:00:00Z"),
    ("UTC", "2026-06-01T00:00:00Z"),
];

/// Hundreds of appointments around the changes of the clocks, read back by a program that others wrote, with the times
/// taken by the file's own account of its zone.
#[test]
fn another_program_reads_what_we_wrote() {
    let mut moments = Moments(20_261_122);
    let (mut files, mut wanted) = (Vec::new(), Vec::new());
    for number in 0..420_u32 {
        let (zone, change) = CHANGES[usize::try_from(number).expect("small") % CHANGES.len()];
        let starts = moments.near(change);
        let ends = Timestamp::from_millis(starts.as_millis() + (5 + moments.next(300)) * 60_000);
        let kinds = [MessageKind::Invitation, MessageKind::Moved, MessageKind::Cancelled];
        let kind = kinds[usize::try_from(number).expect("small") % 3];
        let sign =
            ["Blå fugl", "a;b,c\\n", "«ørn»\r\nX-EVIL:1", "ååååååååååååååååååååååååååååååååååååååååååå"];
        let sign = sign[usize::try_from(number).expect("small") % 4];
        let parcel = Parcel {
            time: (starts, ends),
            sequence: number,
            invitation: InvitationId::from_bytes(u128::from(number).to_be_bytes()),
            wording: Wording::ALL[usize::try_from(number).expect("small") % 3],
            sign: Some(Personal::new(sign.to_owned())),
            ..parcel(kind, mail(), link())
        };
        let composed = composer(zone).compose(&parcel, STARTS);
        let again = composer(zone).compose(&parcel, STARTS);
        assert_eq!(composed, again, "the same parcel gives the same bytes");
        files.push(composed.calendar.expect("what is booked changes").text.into_revealed());
        wanted.push((parcel, zone));
    }
    let read = understood(&files);
    assert_eq!(read.len(), wanted.len());
    let mut in_own_zone = 0;
    for (read, (parcel, zone)) in read.iter().zip(&wanted) {
        let cancelled = parcel.kind == MessageKind::Cancelled;
        assert_eq!(
            (read.starts, read.ends),
            (parcel.time.0.as_millis() / 1_000, parcel.time.1.as_millis() / 1_000),
            "{zone} {read:?}"
        );
        assert_eq!(read.method, if cancelled { "CANCEL" } else { "REQUEST" });
        assert_eq!(read.status, if cancelled { "CANCELLED" } else { "CONFIRMED" });
        assert_eq!((&read.uid, read.sequence), (&parcel.invitation.to_string(), parcel.sequence));
        assert_eq!(read.stamp, STARTS.as_millis() / 1_000);
        assert!(
            ["Vi sees", "Avtale", "Opptatt", "Vi snakkes"].contains(&read.summary.as_str()),
            "{}",
            read.summary
        );
        let sign = parcel.sign.as_ref().expect("a sign").reveal().replace("\r\n", " ");
        assert!(read.description.ends_with(&format!(" - {sign}")), "{} / {sign}", read.description);
        assert_eq!(read.attendees, ["mailto:n.merkesen@example.org"], "nobody but the recipient");
        assert_eq!(
            (read.organizer.as_str(), read.url.as_str(), read.location.as_str()),
            ("mailto:avtale@example.no", "", "")
        );
        in_own_zone += usize::from(read.zones == [*zone]);
    }
    assert!(in_own_zone > 330, "only what a zone cannot say is said in UTC: {in_own_zone}");
}

#[test]
fn a_calendar_file_is_as_the_standards_write_it() {
    let mut composer = composer("Europe/Oslo");
    composer.link_in_calendar = true;
    let composed = composer.compose(&parcel(MessageKind::Moved, mail(), link()), STARTS);
    let file = composed.calendar.expect("it moves").text.into_revealed();
    let golden = include_str!("calendar.ics").replace('\n', "\r\n");
    assert!(file == golden, "it has become:\n{file}");
    let none = |kind| composer.compose(&parcel(kind, mail(), link()), STARTS).calendar.is_none();
    assert!(none(MessageKind::Reminder) && none(MessageKind::NewLink), "they change nothing that is booked");
}

/// Lays messages in for the young person of the demo, and brings each to a state.
async fn outbox(world: &World) -> Vec<MessageId> {
    let by = By::operator(world.now());
    let young = world.person(DemoRole::YoungPerson);
    let phone = PhoneNumber::parse("99887766").ok();
    let contact = Contact { mail: None, phone, wanted: None };
    world.db.set_contact(by, young.person, &contact).await.expect("written");
    let ends = Timestamp::from_millis(world.now().as_millis() + HOUR);
    let new = |kind, after: i64| NewMessage {
        invitation: young.invitation,
        channel: Channel::Sms,
        planned: Planned {
            kind,
            due: Timestamp::from_millis(world.now().as_millis() + after),
            useless_after: ends,
        },
        wording: Wording::Warm,
        way: Mode::Video,
        with_link: false,
        time: (world.now(), ends),
        sequence: 0,
    };
    let ids = world
        .db
        .queue_messages(
            by,
            &[
                new(MessageKind::Invitation, 0),
                new(MessageKind::Moved, 1),
                new(MessageKind::NewLink, 2),
                new(MessageKind::Reminder, HOUR),
            ],
        )
        .await
        .expect("written");
    let worker = Worker { name: "test", channel: Channel::Sms, host: "example.no" };
    let outcomes =
        [Outcome::Accepted, Outcome::Refused(Reason::RecipientRefused), Outcome::Unknown(Reason::Silence)];
    for outcome in outcomes {
        let now = Timestamp::from_millis(world.now().as_millis() + 10);
        let claimed = world.db.claim_message(worker, std::time::Duration::from_secs(60), now).await;
        let Claim::Taken(parcel) = claimed.expect("written") else { panic!("one waits") };
        world.db.settle_message(parcel.key, outcome, now).await.expect("written");
    }
    ids
}

#[tokio::test]
async fn staff_see_how_it_stands_and_send_once_more() {
    let world = World::new().await;
    let ids = outbox(&world).await;
    let path = format!("/appointment/{}/messages", world.demo.appointment);
    let mut clinician = world.signed_in(world.person(DemoRole::Clinician).person).await;
    let page = clinician.get(&path).await;
    assert_eq!((page.status, page.title().as_str()), (StatusCode::OK, "Meldinger · Samrom"));
    for text in [
        "Sendt</span>",
        "Ikke sendt</span>",
        "Nummeret eller adressen finnes ikke.",
        "Usikkert</span>",
        "Den kan ha kommet fram.",
        "Spør gjerne først om den er kommet.",
        "Går av seg selv i dag kl. 14.04.",
        "aria-label=\"Send en gang til: Ny lenke til ND\"",
    ] {
        page.shows(text);
    }
    assert_eq!(
        page.text().matches("Send en gang til</button>").count(),
        2,
        "only what failed or is in doubt"
    );
    assert!(!page.text().contains("99887766"), "no number on the page");
    assert!(!page.title().contains("Nora"), "SEC-012");

    let form = format!("message={}", ids[2]);
    let pressed = clinician.post(&path, &form).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, path.as_str()));
    let by = By::operator(world.now());
    let lines = world.db.messages_of(by, Purpose::Review, world.demo.appointment).await.expect("read");
    let again = lines.iter().find(|line| line.id == ids[2]).expect("it is listed");
    assert_eq!(again.progress.state, domain::message::State::Queued);
    // Pressed twice, or for what was sent: nothing more happens.
    assert_eq!(clinician.post(&path, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(clinician.post(&path, &format!("message={}", ids[0])).await.status, StatusCode::SEE_OTHER);
    let now = lines.iter().find(|line| line.id == ids[0]).expect("it is listed").progress;
    assert_eq!(now.state, domain::message::State::Sent);
}

#[tokio::test]
async fn nobody_else_sees_them() {
    let world = World::new().await;
    let ids = outbox(&world).await;
    let path = format!("/appointment/{}/messages", world.demo.appointment);
    let form = format!("message={}", ids[2]);
    let stranger = world.stranger().await;
    let guests = [DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::CareWorker, DemoRole::Professional];
    let people = guests.map(|who| world.person(who).person).into_iter().chain([stranger]);
    for person in people {
        let mut browser = world.signed_in(person).await;
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "SEC-028");
        assert_eq!(browser.post(&path, &form).await.status, StatusCode::NOT_FOUND, "SEC-028");
    }
    assert_eq!(world.browser().get(&path).await.status, StatusCode::FORBIDDEN);
    let mut clinician = world.signed_in(world.person(DemoRole::Clinician).person).await;
    let elsewhere = "/appointment/00000000-0000-7000-8000-000000000000/messages";
    assert_eq!(clinician.post(elsewhere, &form).await.status, StatusCode::NOT_FOUND);
    let unknown = "message=00000000-0000-7000-8000-000000000000";
    assert_eq!(clinician.post(&path, unknown).await.status, StatusCode::NOT_FOUND);
    // Nor is it sent from another hour, be it one's own.
    let book = format!("/book/{}", world.person(DemoRole::YoungPerson).person);
    let other = "01900000-0000-7000-8000-0000000000c1";
    let typed = format!("id={other}&kind=talk&mode=video&date=2026-11-25&time=10:00&minutes=30&words=none");
    assert_eq!(clinician.post(&book, &typed).await.status, StatusCode::SEE_OTHER);
    let from_there = clinician.post(&format!("/appointment/{other}/messages"), &form).await;
    assert_eq!(from_there.status, StatusCode::NOT_FOUND);
}

/// SEC-094: with the role ends what it opened, also in a browser that is still signed in and in hours one was host of.
#[tokio::test]
async fn whoever_treats_no_more_sees_them_no_more() {
    let world = World::new().await;
    let ids = outbox(&world).await;
    let (person, organization) = (world.person(DemoRole::Clinician).person, world.clinic().await);
    let hour = format!("/appointment/{}", world.demo.appointment);
    let mut clinician = world.signed_in(person).await;
    let paths =
        [hour.clone(), format!("{hour}/messages"), format!("{hour}/response"), format!("{hour}/close")];
    for path in &paths {
        assert_eq!(clinician.get(path).await.status, StatusCode::OK, "{path}");
    }
    let by = By::operator(world.now());
    for role in domain::staff::StaffRole::ALL {
        world.db.end_role(by, store::RoleOf { person, organization, role }).await.expect("answered");
    }
    for path in &paths {
        assert_eq!(clinician.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let pressed = clinician.post(&paths[1], &format!("message={}", ids[2])).await;
    assert_eq!(pressed.status, StatusCode::NOT_FOUND);
    let told = clinician.post(&format!("{hour}/messages/tell"), "words=warm&link=yes").await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
}
