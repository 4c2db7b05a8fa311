//! Pages of requests, absences and answers with sample data.

use askama::Template;
use domain::meeting::Cause;
use domain::request::{Standing, Wish};
use domain::response::{Ground, Standing as Answered, Withheld};
use ids::{AbsenceId, AppointmentId, PersonId, RequestId};

use super::MARKER;
use crate::absence::{AbsencePage, NO_DEPUTY, Standing as Away, not_away_key};
use crate::ctx::Home;
use crate::i18n::Lang;
use crate::page::Page;
use crate::plan::Choice;
use crate::request::{AskPage, DayRequest, OwnLine, RequestPage, Written};
use crate::response::{DecidePage, Given, HourPage};
use crate::state::Numbers;

const ID: RequestId = RequestId::from_bytes([8; 16]);
const HOUR: AppointmentId = AppointmentId::from_bytes([8; 16]);

/// One unread request that is one's own, one that is read for a colleague, and one that was seen.
pub(super) fn of_day(unread: bool) -> Vec<DayRequest> {
    let one = |is_unread, why: Option<&str>| DayRequest {
        id: ID,
        initials: "N.M.".to_owned(),
        wish_key: Wish::InPerson.key(),
        age: "for to timer siden".to_owned(),
        is_unread,
        why: why.map(str::to_owned),
    };
    vec![one(unread, None), one(unread, Some("Du leser for Kari")), one(false, None)]
}

fn ask(lang: Lang, own: usize, problem: Option<&str>) -> askama::Result<String> {
    let one = |number: usize| OwnLine {
        id: ID,
        wish_key: Wish::ALL[number % 3].key(),
        when: "i dag kl. 14.30".to_owned(),
        says: "Sett av Kari.".to_owned(),
        is_open: number == 0,
    };
    let readers = vec!["Kari leser det.".to_owned(); own];
    AskPage {
        page: Page::sample(lang),
        home: Home::Front,
        id: ID,
        form: Written { wish: Some(Wish::OtherTime), line: "Kan vi".to_owned(), may_ring: own > 0 },
        problem: problem.map(str::to_owned),
        readers,
        office: "Dette leses.".to_owned(),
        team: "i dag kl. 14.30".to_owned(),
        own: (0..own).map(one).collect(),
        instead: vec!["Timen er avlyst.".to_owned(); own],
        numbers: &Numbers::default(),
    }
    .render()
}

fn read(lang: Lang, standing: Standing) -> askama::Result<String> {
    let is_new = standing == Standing::Asked;
    RequestPage {
        page: Page::sample(lang),
        id: ID,
        person: PersonId::from_bytes([6; 16]),
        name: format!("Nora {MARKER}"),
        wish_key: Wish::ExtraTalk.key(),
        when: "i dag kl. 14.30".to_owned(),
        why: is_new.then(|| "Du leser for Kari".to_owned()),
        line: is_new.then(|| "Kan vi snakkes?".to_owned()),
        may_ring: is_new,
        may_book: is_new,
        standing,
        seen: (!is_new).then(|| "Sett av Kari".to_owned()),
        problem: !is_new,
    }
    .render()
}

fn away(lang: Lang, problem: Option<&'static str>, anybody: bool) -> askama::Result<String> {
    let standing = Away {
        id: AbsenceId::from_bytes([8; 16]),
        when: "i dag".to_owned(),
        deputy: format!("Jonas {MARKER}"),
    };
    let deputies = vec![(PersonId::from_bytes([6; 16]), format!("Jonas {MARKER}"))];
    AbsencePage {
        page: Page::sample(lang),
        standing: if anybody { vec![standing] } else { vec![] },
        deputies: if anybody { deputies } else { vec![] },
        from: "2026-11-24".to_owned(),
        to: "2026-11-27".to_owned(),
        chosen: String::new(),
        problem,
    }
    .render()
}

fn given(standing: Answered) -> Given {
    let is_turned = standing == Answered::Turned;
    Given {
        name: format!("Amir {MARKER}"),
        cause_key: Cause::NotToday.key(),
        offers: true,
        standing,
        when: "i dag kl. 14.30".to_owned(),
        talk: is_turned.then_some(HOUR),
        ground_key: is_turned.then(|| Ground::Duty.key()),
        withheld_key: is_turned.then(|| Withheld::HarmsHer.key()),
    }
}

fn hour(lang: Lang, own: Option<Answered>, over: Option<&'static str>) -> askama::Result<String> {
    HourPage {
        page: Page::sample(lang),
        id: HOUR,
        home: if own.is_some() { Home::Meeting(ids::SessionId::from_bytes([7; 16])) } else { Home::Front },
        when: "i dag 14.30–15.00".to_owned(),
        who: "Kari".to_owned(),
        mode_key: domain::meeting::Mode::Video.key(),
        own: own.map(given),
        lends: true,
        over,
        cause: own.map(|_| Cause::Travel),
        offers: own.is_some(),
        problem: own.is_none().then_some("response-not-knows"),
    }
    .render()
}

fn decide(lang: Lang, answers: Vec<Given>, problem: Option<&'static str>) -> askama::Result<String> {
    DecidePage {
        page: Page::sample(lang),
        id: HOUR,
        when: "i dag 14.30–15.00".to_owned(),
        sequence: 3,
        talk: HOUR,
        answers,
        is_off: false,
        ground: problem.map(|_| Ground::Cooperation),
        withheld: problem.map(|_| Withheld::EndangersSomebody),
        problem,
    }
    .render()
}

/// Pages of requests, absences and answers.
pub(super) fn requests(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    use domain::absence::NotAway;
    let all = [Answered::Given, Answered::TakenBack, Answered::Kept, Answered::CalledOff, Answered::Turned];
    let mut pages = vec![
        ("asking", ask(lang, 0, None)),
        ("asking again", ask(lang, 3, None)),
        ("asking that failed", ask(lang, 1, Some("Det ble litt langt."))),
        ("a request", read(lang, Standing::Asked)),
        ("a request that was seen", read(lang, Standing::Seen)),
        ("a closed request", read(lang, Standing::Withdrawn)),
        ("away", away(lang, None, true)),
        ("away with nobody", away(lang, None, false)),
        ("an hour for a care worker", hour(lang, None, None)),
        ("an hour that is over", hour(lang, None, Some("response-not-over"))),
        ("an hour that was called off", hour(lang, None, Some("response-not-off"))),
        ("no answers", decide(lang, vec![], None)),
        ("answers", decide(lang, all.map(given).into(), None)),
    ];
    pages.extend(all.map(|standing| ("an answered hour", hour(lang, Some(standing), None))));
    let not_decided = [
        "response-not-ground",
        "response-not-tell",
        "response-not-meanwhile",
        "response-not-offered",
        "response-not-withheld",
    ];
    let refused = |key| ("an answer not decided", decide(lang, vec![given(Answered::Given)], Some(key)));
    pages.extend(not_decided.map(refused));
    let why = [NotAway::Backwards, NotAway::Past, NotAway::TooLong, NotAway::TooMany];
    pages.extend(why.map(|why| ("away that failed", away(lang, Some(not_away_key(why)), true))));
    pages.push(("away without a deputy", away(lang, Some(NO_DEPUTY), true)));
    pages
}
