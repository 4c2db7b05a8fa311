//! Pages of planning with sample data: booking, one appointment, closing, an illness.

use askama::Template;
use domain::closing::{Outcome, Travel, Usefulness};
use domain::meeting::{Cancelled, Cause, MeetingKind, Mode, Party};
use domain::protection::Protection;
use ids::{AppointmentId, InvitationId, PersonId, Role, SessionId, Timestamp};
use store::AskedIn;

use super::MARKER;
use crate::appointment::{AppointmentPage, Invited, Shown, Typed};
use crate::book::{Filled, FormPage, Other, SeriesHour, SeriesPage, Who, WhoPage};
use crate::close::{Chosen, ClosePage, TaskRow};
use crate::i18n::Lang;
use crate::ill::{Became, IllHour, IllPage};
use crate::notice::Told;
use crate::page::Page;
use crate::plan::role_key;

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
        told: Told { sign: MARKER.to_owned(), ..Told::default() },
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
        has_ended: is_closed,
        may_close: cancelled.is_none(),
        is_closed,
        is_past: is_closed,
        people: vec![Invited {
            invitation: InvitationId::from_bytes([9; 16]),
            name: format!("Nora {MARKER}"),
            role_key: role_key(Role::YoungPerson),
            comes_by_link: true,
            told: Some(("appointment-untold", "warning")),
        }],
        may_lend: mode == Mode::Video,
    }
}

/// An hour that was called off.
const OFF: Cancelled = Cancelled {
    at: Timestamp::from_millis(1_795_250_000_000),
    by: Party::YoungPerson,
    cause: Cause::NotToday,
};

/// The pages of whoever is ill.
pub(super) fn ill(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
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
    let page = |hours, is_done| IllPage {
        page: Page::sample(lang),
        hours,
        colleagues: colleagues(),
        is_done,
        back: "2026-11-23".to_owned(),
    };
    let moved = Became { key: "ill-moved", moved_to: Some(Timestamp::from_millis(1_795_500_000_000)) };
    vec![
        ("ill", page(vec![sick(None)], false).render()),
        (
            "ill and done",
            page(vec![sick(Some("ill-handed".into())), sick(Some(moved)), sick(None)], true).render(),
        ),
        ("ill with nothing left", page(vec![], false).render()),
    ]
}

/// Pages of planning.
pub(super) fn plans(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let page = || Page::sample(lang);
    let name = || format!("Nora {MARKER}");
    let who = || Who { id: PersonId::from_bytes([6; 16]), name: name(), protection: Protection::Open };
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
        part: if problem.is_some() { "move" } else { "" },
        typed: Typed::default(),
        ways: Mode::ALL.to_vec(),
        ask_for_pause: problem.is_some(),
        later: usize::from(problem.is_some()) * 3,
        asked: Some(AskedIn { hour_off: problem.is_some(), person_off: false }),
    };
    let close = |outcome, summary: Option<&str>, problem: Option<&'static str>| ClosePage {
        page: page(),
        hour: shown(Mode::Visit, summary.is_some(), None),
        revision: 1,
        chosen: Chosen::of(outcome, Mode::Visit),
        usefulness: Some(Usefulness::Much),
        support_talk: true,
        partly_phone: problem.is_none().then_some(true),
        phone_since: summary.map(|_| "14.32".to_owned()),
        proposes_support: problem.is_none(),
        there: vec!["Ungdom: 28 min, telefon".to_owned()],
        crisis: summary.map(|_| "14.32 Ringte 113".to_owned()).into_iter().collect(),
        travel: Travel { ours: 90, hers: 0, escort: 0 },
        tasks: vec![TaskRow { text: "Ring".to_owned(), ..TaskRow::default() }],
        for_her: problem.is_none().then_some(true),
        owners: vec![(PersonId::from_bytes([6; 16]), format!("Kari {MARKER}"))],
        summary: summary.map(str::to_owned),
        problem,
    };
    let held = Outcome::Held { mode: Mode::Visit };
    let missed = Outcome::NotHeld { by: Party::Clinic, cause: Cause::Ill };
    vec![
        ("whom to book", WhoPage { page: page(), people: vec![who()] }.render()),
        ("nobody to book", WhoPage { page: page(), people: vec![] }.render()),
        ("booking", form(None).render()),
        ("booking that failed", form(Some(("date", "plan-not-pause"))).render()),
        ("series", SeriesPage { page: page(), hours, who: PersonId::from_bytes([6; 16]) }.render()),
        ("appointment", one(shown(Mode::Video, false, None), None).render()),
        ("appointment unchanged", one(shown(Mode::Phone, false, None), Some("plan-not-pause")).render()),
        ("appointment called off", one(shown(Mode::Office, false, Some(OFF)), None).render()),
        ("closing", close(held, None, None).render()),
        ("closing that failed", close(missed, None, Some("plan-close-not-hers")).render()),
        ("closed", close(held, Some("Holdt."), None).render()),
    ]
}
