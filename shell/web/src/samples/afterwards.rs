//! The page on which she lands after an hour with sample data: each state of what is hers.

use askama::Template;
use domain::balance::Balance;
use domain::closing::Usefulness;
use domain::questions::{Answer, Answers, Counted, Felt, Month, NextTime, Readers};
use ids::{Personal, SessionId, Timestamp};
use store::{Asking, ToldThen};

use super::MARKER;
use crate::aftercare::{Agreed, Company, GoodbyePage, Hers};
use crate::ctx::Home;
use crate::i18n::Lang;
use crate::page::Page;
use crate::people::one;
use crate::questions::{CountedLine, Form, Shown, ToldLine, counted_lines};
use crate::state::Numbers;

const AT: Timestamp = Timestamp::from_millis(1_795_250_000_000);
const ANSWERS: Answers =
    Answers { got_said: Some(Felt::Partly), understood: None, next_time: Some(NextTime::Same) };

fn name() -> String {
    format!("Kari {MARKER}")
}

/// When they last met, for her clinician.
pub(super) fn balance(page: &Page) -> [(&'static str, String); 3] {
    one::balance(page, &Balance { same_room: Some(AT), screen: None, phone: Some(AT) })
}

/// What she told her clinician.
pub(super) fn told(page: &Page) -> Vec<ToldLine> {
    let then = |answers, own| ToldThen { starts: AT, answers, own };
    let all = Answers { understood: Some(Felt::No), ..ANSWERS };
    [then(ANSWERS, None), then(all, Some(Usefulness::Much))]
        .iter()
        .map(|one| ToldLine::of(page, one))
        .collect()
}

/// Numbers of two months.
pub(super) fn counted(page: &Page) -> Vec<CountedLine> {
    let months = ["2026-10", "2026-09"].map(|text| Month::parse(text).expect("a month"));
    let all =
        months.iter().flat_map(|month| Answer::ALL.map(|answer| Counted { month: *month, answer, times: 5 }));
    counted_lines(page, &all.collect::<Vec<_>>())
}

fn page(lang: Lang, home: Home, hers: Hers) -> askama::Result<String> {
    let numbers = &Numbers::default();
    let (page, hers) = (Page::sample(lang), Some(hers));
    GoodbyePage { page, home, went_in: true, may_ask: true, hers, numbers }.render()
}

fn agreed() -> Option<Agreed> {
    let tasks = vec![
        ("Ring skolen".to_owned(), format!("Kari {MARKER}, innen fredag")),
        ("Skriv".into(), "Du".into()),
    ];
    Some(Agreed { heading: "Det dere ble enige om".to_owned(), tasks })
}

/// Her page after an hour.
pub(super) fn afterwards(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let meeting = Home::Meeting(SessionId::from_bytes([7; 16]));
    let asked = |shown: Shown| page(lang, meeting, Hers { questions: Some(shown), ..Hers::default() });
    let form =
        |to: Option<String>, readers| Form { to, chosen: ANSWERS, readers, is_refused: readers.is_none() };
    let company = |company| page(lang, Home::Front, Hers { company: Some(company), ..Hers::default() });
    let on_its_way =
        |is_on_its_way| Company::Asked { says: "Du spurte kl. 14.52.".to_owned(), is_on_its_way };
    let offered = Company::Offered { to: format!("Du kan be Mona {MARKER}"), text: "Hei.".to_owned() };
    let shown = |asking| Shown::of(asking).expect("there is something to show");
    let everything = Hers {
        next: Some("Neste gang: torsdag kl. 14.30.".to_owned()),
        agreed: agreed(),
        balance: vec!["Sist i samme rom: 3. mars".to_owned(), "Sist på skjerm: i dag".to_owned()],
        company: Some(Company::Offered { to: "Du kan be".to_owned(), text: "Hei.".to_owned() }),
        questions: Some(shown(Asking::Open { to: Some(Personal::new(name())) })),
    };
    vec![
        ("afterwards", page(lang, meeting, Hers::default())),
        ("afterwards, everything", page(lang, meeting, everything)),
        ("afterwards, company", company(offered)),
        ("afterwards, company on its way", company(on_its_way(true))),
        ("afterwards, company asked", company(on_its_way(false))),
        ("afterwards, asked", asked(shown(Asking::Open { to: None }))),
        ("afterwards, refused", asked(Shown::Form(form(Some(name()), None)))),
        ("afterwards, to be told", asked(Shown::Form(form(Some(name()), Some(Readers::Clinician))))),
        ("afterwards, to be counted", asked(Shown::Form(form(None, Some(Readers::Statistics))))),
        ("afterwards, told", asked(shown(Asking::Told { to: Personal::new(name()), answers: ANSWERS }))),
        ("afterwards, settled", asked(shown(Asking::Settled))),
        ("afterwards, taken back", asked(shown(Asking::TakenBack))),
    ]
}
