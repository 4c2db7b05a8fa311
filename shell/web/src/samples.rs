//! Every page rendered with sample data in every language (style 33), and looked over for what must never be there.

use askama::Template;
use domain::closing::{Outcome, Travel, Usefulness};
use domain::meeting::{Cancelled, Cause, MeetingKind, Mode, Party};
use ids::{AppointmentId, InvitationId, PersonId, Role, SessionId, Timestamp};

use crate::aftercare::GoodbyePage;
use crate::appointment::{AppointmentPage, Invited, Shown};
use crate::book::{Filled, FormPage, Other, SeriesHour, SeriesPage, Who, WhoPage};
use crate::close::{ClosePage, TaskRow};
use crate::ctx::Home;
use crate::day::{Code, DayPage, Guest, Hour, HourState, NewLinkPage, NotClosed, Waiting};
use crate::front::FrontPage;
use crate::i18n::Lang;
use crate::ill::{IllHour, IllPage};
use crate::info::{HelpPage, LockPage, UnsupportedPage};
use crate::link::{ArrivePage, GonePage};
use crate::page::Page;
use crate::plan::role_key;
use crate::state::{DemoLink, Numbers};

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
        kind: MeetingKind::Consultation,
        mode: Mode::Video,
        state,
        may_be_late: state == HourState::Planned,
        may_reopen: state.is_over(),
        guests: vec![guest(), guest()],
    };
    DayPage {
        page: Page::sample(lang),
        live: 1,
        waiting: vec![Waiting { session, initials: "N.M.".to_owned(), since: at(-3) }],
        hours: [HourState::Planned, HourState::Open, HourState::Ended, HourState::Cancelled].map(hour).into(),
        on_screen: 135,
        not_closed: vec![NotClosed { id: AppointmentId::from_bytes([8; 16]), starts: at(-60 * 24) }],
    }
}

fn filled(problem: bool) -> Filled {
    let other = |number: u8, chosen| Other {
        id: PersonId::from_bytes([number; 16]),
        name: format!("Mona {MARKER}"),
        role_key: role_key(Role::Guardian),
        chosen,
    };
    Filled {
        id: AppointmentId::from_bytes([8; 16]),
        kind: MeetingKind::WithParents,
        mode: Mode::Office,
        date: "2026-11-24".to_owned(),
        time: "14:30".to_owned(),
        minutes: "30".to_owned(),
        others: vec![other(1, true), other(2, false)],
        without_pause: problem,
        ask_for_pause: problem,
        repeats: problem,
        days: vec![0, 3],
        second_time: "09:00".to_owned(),
        until: "2026-12-24".to_owned(),
        every: "2".to_owned(),
    }
}

fn shown(mode: Mode, is_closed: bool, cancelled: Option<Cancelled>) -> Shown {
    let starts = Timestamp::from_millis(1_795_250_000_000);
    Shown {
        id: AppointmentId::from_bytes([8; 16]),
        session: SessionId::from_bytes([7; 16]),
        patient: Some(PersonId::from_bytes([6; 16])),
        kind: MeetingKind::LowThreshold,
        mode,
        starts,
        ends: starts.plus(core::time::Duration::from_secs(1_200)),
        sequence: 3,
        cancelled,
        has_begun: is_closed,
        may_close: cancelled.is_none(),
        is_closed,
        people: vec![Invited {
            invitation: InvitationId::from_bytes([9; 16]),
            name: format!("Nora {MARKER}"),
            role_key: role_key(Role::YoungPerson),
            comes_by_link: true,
        }],
    }
}

/// Pages of planning.
fn plans(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let page = || Page::sample(lang);
    let who = || Who { id: PersonId::from_bytes([6; 16]), name: format!("Nora {MARKER}") };
    let form =
        |problem: Option<_>| FormPage { page: page(), who: who(), form: filled(problem.is_some()), problem };
    let series = |not| SeriesHour {
        id: AppointmentId::from_bytes([8; 16]),
        starts: Timestamp::from_millis(1_795_250_000_000),
        not,
    };
    let hours = vec![series(None), series(Some("plan-not-you"))];
    let one = |hour, problem: Option<_>| AppointmentPage {
        page: page(),
        hour,
        problem,
        ask_for_pause: problem.is_some(),
    };
    let off = Cancelled {
        at: Timestamp::from_millis(1_795_250_000_000),
        by: Party::YoungPerson,
        cause: Cause::NotToday,
    };
    let close = |outcome, summary: Option<&str>, problem| ClosePage {
        page: page(),
        hour: shown(Mode::Visit, summary.is_some(), None),
        revision: 1,
        outcome,
        usefulness: Some(Usefulness::Much),
        support_talk: true,
        travel: Travel { ours: 90, hers: 0, escort: 0 },
        tasks: vec![TaskRow { text: "Ring".to_owned(), ..TaskRow::default() }],
        owners: vec![(PersonId::from_bytes([6; 16]), format!("Kari {MARKER}"))],
        summary: summary.map(str::to_owned),
        problem,
    };
    let sick = |became| IllHour {
        id: AppointmentId::from_bytes([8; 16]),
        sequence: 0,
        starts: Timestamp::from_millis(1_795_250_000_000),
        ends: Timestamp::from_millis(1_795_251_000_000),
        kind: MeetingKind::Consultation,
        mode: Mode::Video,
        initials: "N.M.".to_owned(),
        became,
    };
    let colleagues = || vec![(PersonId::from_bytes([6; 16]), format!("Jonas {MARKER}"))];
    let ill = |hours, is_done| IllPage { page: page(), hours, colleagues: colleagues(), is_done };
    let held = Outcome::Held { mode: Mode::Visit };
    let missed = Outcome::NotHeld { by: Party::Clinic, cause: Cause::Ill };
    vec![
        ("ill", ill(vec![sick(None)], false).render()),
        ("ill and done", ill(vec![sick(Some("ill-handed")), sick(None)], true).render()),
        ("ill with nothing left", ill(vec![], false).render()),
        ("whom to book", WhoPage { page: page(), people: vec![who()] }.render()),
        ("nobody to book", WhoPage { page: page(), people: vec![] }.render()),
        ("booking", form(None).render()),
        ("booking that failed", form(Some(("date", "plan-not-pause"))).render()),
        ("series", SeriesPage { page: page(), hours, who: PersonId::from_bytes([6; 16]) }.render()),
        ("appointment", one(shown(Mode::Video, false, None), None).render()),
        ("appointment unchanged", one(shown(Mode::Phone, false, None), Some("plan-not-pause")).render()),
        ("appointment called off", one(shown(Mode::Office, false, Some(off)), None).render()),
        ("closing", close(held, None, None).render()),
        ("closing that failed", close(missed, None, Some("plan-close-not-hers")).render()),
        ("closed", close(held, Some("Holdt."), None).render()),
    ]
}

fn all(lang: Lang) -> Vec<(&'static str, String)> {
    let numbers = &Numbers::default();
    let page = || Page::sample(lang);
    let link = |who| DemoLink { who, address: "http://localhost/demo/x".to_owned() };
    let demo = store::demo::DemoRole::ALL.map(link);
    let front = |demo, home| FrontPage { page: page(), home, demo, numbers };
    let goodbye = |home| GoodbyePage { page: page(), home, went_in: true, numbers };
    let arrive = |sign| ArrivePage { page: page(), who: "Kari".to_owned(), when: "i dag".to_owned(), sign };
    let new_link = NewLinkPage {
        page: page(),
        name: format!("Nora {MARKER}"),
        message: "Hei! https://samrom.example/j/abc".to_owned(),
        plain: "Hei!".to_owned(),
        code: Code { side: 29, path: "M4 4h1v1h-1z".to_owned() },
    };
    let empty =
        DayPage { page: page(), live: 0, waiting: vec![], hours: vec![], on_screen: 0, not_closed: vec![] };
    let rendered = [
        ("front", front(None, Home::Day).render()),
        ("front of a guest", front(None, Home::Meeting(SessionId::from_bytes([7; 16]))).render()),
        ("front in a demo", front(Some(&demo), Home::Front).render()),
        ("arrive", arrive(None).render()),
        ("arrive with a sign", arrive(Some("blåbær".to_owned())).render()),
        ("gone", GonePage { page: page() }.render()),
        ("goodbye", goodbye(Home::Day).render()),
        ("goodbye of a guest", goodbye(Home::Meeting(SessionId::from_bytes([7; 16]))).render()),
        ("not now", GoodbyePage { page: page(), home: Home::Front, went_in: false, numbers }.render()),
        ("goodbye of nobody", goodbye(Home::Front).render()),
        ("lock", LockPage { page: page() }.render()),
        ("help", HelpPage { page: page(), support_words: "73 00 00 00".to_owned(), numbers }.render()),
        ("unsupported", UnsupportedPage { page: page() }.render()),
        ("day", day(lang).render()),
        ("empty day", empty.render()),
        ("new link", new_link.render()),
    ];
    let rendered = rendered.into_iter().chain(plans(lang));
    rendered.map(|(name, html)| (name, html.expect("a template of ours renders"))).collect()
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
    let html = GoodbyePage { page, home: Home::Front, went_in: true, numbers }.render().expect("it renders");
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
