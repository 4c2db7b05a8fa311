//! Every page rendered with sample data in every language (style 33), and looked over for what must never be there.

mod afterwards;
mod offices;
mod our_agreement;
mod people;
mod plans;
mod requests;
mod shared;

use askama::Template;
use domain::meeting::Mode;
use domain::message::{Channel, MessageKind, Reason, State};
use domain::staff::StaffLinkRefused;
use ids::{AppointmentId, InvitationId, MessageId, SessionId, Timestamp};

use crate::account::{AccountPage, Key, Place, Role, role_key};
use crate::aftercare::GoodbyePage;
use crate::ctx::Home;
use crate::day::{Code, DayPage, Guest, Hour, HourState, Live, NewLinkPage, NotClosed, Waiting};
use crate::first::{self, FirstPage, why_key};
use crate::front::FrontPage;
use crate::i18n::Lang;
use crate::info::{HelpPage, UnsupportedPage};
use crate::link::{ArrivePage, GonePage};
use crate::messages::{Line, MessagesPage};
use crate::notice::Told;
use crate::page::Page;
use crate::passkey::CeremonyBox;
use crate::sign_in::SignInPage;
use crate::state::{DemoLink, Numbers};
use crate::trust::{DetailsPage, LockPage, SeesPage};

/// The marker in every name of the samples: it may stand in a body, never in a title or an address (SEC-012).
const MARKER: &str = "Merkesen";

fn day(lang: Lang) -> DayPage {
    let at = |minutes: i64| Timestamp::from_millis(1_795_250_000_000 + minutes * 60_000);
    let session = SessionId::from_bytes([7; 16]);
    let guest = || Guest {
        invitation: InvitationId::from_bytes([9; 16]),
        name: format!("Nora {MARKER}"),
        initials: "N.M.".to_owned(),
    };
    let hour = |state: HourState| Hour {
        id: AppointmentId::from_bytes([8; 16]),
        session,
        starts: at(0),
        ends: at(45),
        kind: domain::meeting::MeetingKind::Consultation,
        mode: Mode::Video,
        state,
        is_now: state == HourState::Planned,
        is_near: !state.is_over(),
        may_be_late: state == HourState::Planned,
        may_reopen: state.is_over(),
        is_answered: state == HourState::Planned,
        guests: vec![guest(), guest()],
        missing: (state == HourState::Planned)
            .then_some((ids::PersonId::from_bytes([6; 16]), domain::readiness::Point::Consent)),
    };
    DayPage {
        page: Page::sample(lang),
        live: Live { waiting: 1, requests: 3, unread: 2, answers: 1 },
        waiting: vec![Waiting { session, initials: "N.M.".to_owned(), since: at(-3) }],
        requests: requests::of_day(true),
        hours: [HourState::Planned, HourState::Open, HourState::Ended, HourState::Cancelled].map(hour).into(),
        on_screen: 135,
        answered: vec![NotClosed { id: AppointmentId::from_bytes([8; 16]), starts: at(60 * 30) }],
        not_closed: vec![NotClosed { id: AppointmentId::from_bytes([8; 16]), starts: at(-60 * 24) }],
        administers: true,
    }
}

/// One message in every state, and one of each reason.
fn messages(lang: Lang) -> MessagesPage {
    let line = |state, reason, may_again| Line {
        id: MessageId::from_bytes([8; 16]),
        initials: "N.M.".to_owned(),
        name: format!("Nora {MARKER}"),
        kind: MessageKind::Reminder,
        channel: Channel::Sms,
        state,
        reason,
        text: "i dag".to_owned(),
        may_again,
        too_late: !may_again,
        superseded: false,
    };
    let mut lines: Vec<Line> = State::ALL.map(|state| line(state, None, false)).into();
    lines.extend(Reason::ALL.map(|reason| line(State::Failed, Some(reason), true)));
    lines.push(line(State::InDoubt, Some(Reason::Silence), true));
    lines.extend(MessageKind::ALL.map(|kind| Line {
        kind,
        channel: Channel::Mail,
        ..line(State::Sent, None, false)
    }));
    let action = "/appointment/00000000-0000-7000-8000-000000000000/messages".to_owned();
    lines.push(Line { superseded: true, ..line(State::Failed, Some(Reason::Superseded), false) });
    let told = Some(Told::default());
    let (when, back) = ("i dag".to_owned(), "/day".to_owned());
    MessagesPage { page: Page::sample(lang), when, action, back, lines, told }
}

fn ceremony(kind: &'static str, host: &str) -> CeremonyBox {
    CeremonyBox {
        kind,
        begin: "/x/begin".to_owned(),
        finish: "/x/finish".to_owned(),
        button: "passkey-account-add-button",
        host: host.to_owned(),
        address: "https://samrom.example".to_owned(),
    }
}

/// A member of staff with so many passkeys, signed in so often.
fn account(lang: Lang, passkeys: u8, sign_ins: u8) -> AccountPage {
    let at = |minutes: i64| Timestamp::from_millis(1_795_250_000_000 + minutes * 60_000);
    let key = |number: u8| Key {
        id: ids::PasskeyId::from_bytes([number; 16]),
        label: format!("Jobb-PC {MARKER}"),
        created: at(-3_000),
        last_used: (number > 0).then(|| at(-30)),
    };
    let place = |number: u8| Place {
        id: ids::SignInId::from_bytes([number; 16]),
        started: at(-30),
        expires: at(600),
        seen: (number > 1).then(|| at(-5)),
        passkey: (number > 0).then(|| format!("Jobb-PC {MARKER}")),
        this: number == 0,
    };
    let role = |role| Role { key: role_key(role), organization: "En klinikk".to_owned(), since: at(-3_000) };
    AccountPage {
        page: Page::sample(lang),
        home: Some("/day".to_owned()),
        home_key: "front-to-day",
        roles: domain::staff::StaffRole::ALL.map(role).into_iter().take(usize::from(passkeys) * 5).collect(),
        administers: passkeys > 1,
        passkeys: (0..passkeys).map(key).collect(),
        sign_ins: (0..sign_ins).map(place).collect(),
        ceremony: ceremony("register", "samrom.example"),
    }
}

/// The pages of [`crate::passkey`].
fn of_passkeys(lang: Lang) -> Vec<(&'static str, String)> {
    let page = || Page::sample(lang);
    let sign_in = |home: Option<&str>, host| SignInPage {
        page: page(),
        home: home.map(str::to_owned),
        home_key: "front-to-day",
        ceremony: ceremony("sign-in", host),
    };
    let first = |older| FirstPage {
        page: page(),
        initials: "KP".to_owned(),
        older,
        until: Timestamp::from_millis(1_795_250_000_000),
        ceremony: ceremony("register", "samrom.example"),
    };
    let gone = |refused| first::GonePage { page: page(), why: why_key(refused) }.render();
    let rendered = [
        ("sign in", sign_in(None, "samrom.example").render()),
        ("sign in again", sign_in(Some("/day"), "").render()),
        ("first passkey", first(None).render()),
        ("first passkey after others", first(Some("passkey-first-ends")).render()),
        ("first passkey beside others", first(Some("passkey-first-keeps")).render()),
        ("staff link unknown", gone(StaffLinkRefused::Unknown)),
        ("staff link used", gone(StaffLinkRefused::Used)),
        ("staff link replaced", gone(StaffLinkRefused::Replaced)),
        ("staff link expired", gone(StaffLinkRefused::Expired)),
        ("account", account(lang, 3, 3).render()),
        ("account with the last passkey", account(lang, 1, 1).render()),
        ("account without passkeys", account(lang, 0, 1).render()),
    ];
    rendered.map(|(name, html)| (name, html.expect("a template of ours renders"))).into()
}

fn all(lang: Lang) -> Vec<(&'static str, String)> {
    let numbers = &Numbers::default();
    let page = || Page::sample(lang);
    let link = |who| DemoLink { who, address: "http://localhost/demo/x".to_owned() };
    let demo = store::demo::DemoRole::ALL.map(link);
    let front = |demo, home| FrontPage { page: page(), home, demo, numbers };
    let goodbye =
        |home| GoodbyePage { page: page(), home, went_in: true, may_ask: true, hers: None, numbers };
    let arrive = |sign| ArrivePage { page: page(), who: "Kari".to_owned(), when: "i dag".to_owned(), sign };
    let new_link = NewLinkPage {
        page: page(),
        name: format!("Nora {MARKER}"),
        message: "Hei! https://samrom.example/j/abc".to_owned(),
        plain: "Hei!".to_owned(),
        code: Code { side: 29, path: "M4 4h1v1h-1z".to_owned() },
    };
    let empty = DayPage {
        page: page(),
        live: Live::default(),
        waiting: vec![],
        requests: requests::of_day(false),
        hours: vec![],
        on_screen: 0,
        answered: vec![],
        not_closed: vec![],
        administers: false,
    };
    let rendered = [
        ("front", front(None, Home::Day).render()),
        ("front of a guest", front(None, Home::Meeting(SessionId::from_bytes([7; 16]))).render()),
        ("front of an administrator", front(None, Home::Office).render()),
        ("front in a demo", front(Some(&demo), Home::Front).render()),
        ("arrive", arrive(None).render()),
        ("arrive with a sign", arrive(Some("blåbær".to_owned())).render()),
        ("gone", GonePage { page: page() }.render()),
        ("goodbye", goodbye(Home::Day).render()),
        ("goodbye of a guest", goodbye(Home::Meeting(SessionId::from_bytes([7; 16]))).render()),
        ("goodbye of an administrator", goodbye(Home::Office).render()),
        ("goodbye on a lent device", goodbye(Home::Here).render()),
        ("not now", GoodbyePage { went_in: false, may_ask: false, ..goodbye(Home::Front) }.render()),
        ("goodbye of nobody", goodbye(Home::Front).render()),
        ("lock", LockPage { page: page() }.render()),
        ("lock for engineers", DetailsPage::new(page()).render()),
        ("who sees what", SeesPage::new(page()).render()),
        (
            "help",
            HelpPage {
                page: page(),
                support_words: "73 00 00 00".to_owned(),
                code: Some("ACD EFH".to_owned()),
                numbers,
            }
            .render(),
        ),
        ("unsupported", UnsupportedPage { page: page() }.render()),
        ("day", day(lang).render()),
        ("empty day", empty.render()),
        ("messages", messages(lang).render()),
        ("no messages", MessagesPage { lines: vec![], told: None, ..messages(lang) }.render()),
        ("new link", new_link.render()),
    ];
    let rendered = rendered
        .into_iter()
        .chain(plans::plans(lang))
        .chain(plans::ill(lang))
        .chain(requests::requests(lang));
    let rendered =
        rendered.chain(people::people(lang)).chain(offices::offices(lang)).chain(shared::shared(lang));
    let rendered = rendered.chain(our_agreement::agreements(lang)).chain(afterwards::afterwards(lang));
    let rendered = rendered.map(|(name, html)| (name, html.expect("a template of ours renders")));
    rendered.chain(of_passkeys(lang)).collect()
}

fn title(html: &str) -> &str {
    let (_, rest) = html.split_once("<title>").expect("every page has a title");
    rest.split_once("</title>").expect("and it ends").0
}

#[test]
fn every_page_renders_in_every_language_without_a_missing_text() {
    for lang in Lang::ALL {
        for (name, html) in all(lang) {
            assert!(html.contains(&format!("<html lang=\"{}\"", lang.code())), "{name}");
            for module in crate::i18n::MODULES {
                for around in ['>', '"', ' '] {
                    let key = format!("{around}{module}-");
                    let shown = html.match_indices(&key).filter(|(at, _)| !is_markup(&html, *at)).count();
                    assert_eq!(shown, 0, "{name} shows the key {key} in {}", lang.code());
                }
            }
        }
    }
}

/// Classes, ids and addresses may begin like a key (`class="link-…"`, `class="site-header"`).
fn is_markup(html: &str, at: usize) -> bool {
    let before = &html[..at];
    before.rfind('<') > before.rfind('>')
}

#[test]
fn help_is_on_every_page_and_numbers_are_those_of_the_configuration() {
    for lang in Lang::ALL {
        for (name, html) in all(lang) {
            assert!(html.contains("href=\"/help\""), "CARE-15: {name}");
        }
    }
    let numbers = &Numbers { child_line: "81 549 300".to_owned(), ..Numbers::default() };
    let page = Page::sample(Lang::Nb);
    let html = GoodbyePage { page, home: Home::Front, went_in: true, may_ask: true, hers: None, numbers }
        .render()
        .expect("it renders");
    assert!(html.contains("href=\"tel:81549300\"") && !html.contains("116 111"), "CARE-14");
}

#[test]
fn titles_carry_no_name_and_pages_ask_nothing_of_others() {
    for lang in Lang::ALL {
        for (name, html) in all(lang) {
            assert!(!title(&html).contains(MARKER), "SEC-012: {name}");
            for forbidden in [" style=", "<style", "onclick", "javascript:", "src=\"http", "url("] {
                assert!(!html.contains(forbidden), "SEC-011: {name} has {forbidden}");
            }
        }
    }
}

#[test]
fn every_page_can_be_read_by_machine_and_by_ear() {
    for (name, html) in all(Lang::Nb) {
        assert_eq!(html.matches("<h1").count(), 1, "{name} has one main heading");
        assert_eq!(html.matches("<main").count(), 1, "{name} has one main part");
        assert!(html.contains("href=\"#main\""), "{name} can be skipped into");
        assert!(html.contains("action=\"/language\""), "{name} has the language switch");
    }
}

#[test]
fn every_text_that_a_template_names_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut folders = vec![root];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("our own folder") {
            let path = entry.expect("our own folder").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("our own file");
            for start in ["words.get(\"", "words.with(\"", "words.with_all(\""] {
                for (at, _) in text.match_indices(start) {
                    let key = text[at + start.len()..].split('"').next().expect("split gives one");
                    assert!(crate::i18n::exists(key), "{}: {key}", path.display());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 40, "the templates are read: {seen}");
}
