//! The administrator's pages with sample data.

use askama::Template;
use domain::audit::Action;
use domain::connections::Happening;
use domain::people::{Organization, OrganizationKind};
use domain::staff::StaffRole;
use ids::{OrganizationId, PersonId, Timestamp};
use store::Partner;

use super::people::filled;
use super::{MARKER, afterwards};
use crate::account::role_key;
use crate::admin::helplines::{HelplinesPage, LineRow, SaysRow};
use crate::admin::log::{Entry, LogPage, action_key};
use crate::admin::partners::{PartnerPage, Professional};
use crate::admin::staff::{LinkPage, MemberPage, NewPage, Roles};
use crate::admin::support::{SupportPage, happening_key};
use crate::admin::{Listed, OfficePage, PlaceForm};
use crate::i18n::Lang;
use crate::page::Page;
use crate::people::form::Problem;

const HERE: OrganizationId = OrganizationId::from_bytes([5; 16]);
const SOMEBODY: PersonId = PersonId::from_bytes([6; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_795_250_000_000);

fn place(kind: OrganizationKind) -> Organization {
    Organization { id: HERE, name: "Et sted".to_owned(), kind }
}

fn office(lang: Lang, problem: Option<(&'static str, &'static str)>) -> OfficePage {
    let listed = |roles: Vec<StaffRole>, has_passkey| Listed {
        person: SOMEBODY,
        name: format!("Kari {MARKER}"),
        roles: roles.into_iter().map(role_key).collect(),
        has_passkey,
    };
    let partner = |kind| Partner { organization: place(kind), people: 2 };
    let page = Page::sample(lang);
    OfficePage {
        counted: if problem.is_some() { vec![] } else { afterwards::counted(&page) },
        page,
        back: ("/day", "book-back"),
        id: HERE,
        own: PlaceForm::of("", &place(OrganizationKind::Clinic)),
        name: "Et sted".to_owned(),
        staff: vec![listed(StaffRole::ALL.into(), true), listed(vec![], false)],
        partners: OrganizationKind::ALL.map(partner).into(),
        other: PlaceForm { prefix: "other-", ..PlaceForm::default() },
        offices: vec![place(OrganizationKind::Clinic)],
        problem,
    }
}

fn member(lang: Lang, problem: Option<(&'static str, &'static str, &'static str)>, count: u32) -> MemberPage {
    MemberPage {
        page: Page::sample(lang),
        organization: HERE,
        id: SOMEBODY,
        name: format!("Kari {MARKER}"),
        form: filled("", lang),
        roles: Roles(vec![StaffRole::Clinician]),
        passkeys: count,
        sign_ins: count,
        link_until: (count > 0).then_some(NOW),
        works_elsewhere: count > 1,
        alone_for: count,
        heirs: (0..count).map(|_| (SOMEBODY, format!("Jonas {MARKER}"))).take(1).collect(),
        problem,
    }
}

fn partner(lang: Lang, is_theirs: bool, is_empty: bool) -> PartnerPage {
    let somebody = || Professional { id: SOMEBODY, name: format!("Amir {MARKER}"), form: filled("x-", lang) };
    let problem =
        (!is_theirs && !is_empty).then(|| ("new".to_owned(), "new-given".to_owned(), "people-not-given"));
    PartnerPage {
        page: Page::sample(lang),
        organization: HERE,
        id: HERE,
        name: "Et sted".to_owned(),
        place: PlaceForm::of("", &place(OrganizationKind::School)),
        is_theirs,
        people: if is_empty { vec![] } else { vec![somebody()] },
        new: (SOMEBODY, filled("new-", lang)),
        problem,
    }
}

fn helplines(lang: Lang, problem: Option<(String, &'static str)>) -> HelplinesPage {
    let line = |(value, key): (&'static str, &'static str)| LineRow {
        value,
        key,
        number: "73 00 00 00".to_owned(),
        hours: "8–15".to_owned(),
        default: Some("116 117".to_owned()),
    };
    let says = Lang::ALL.map(|language| SaysRow {
        field: format!("out-of-hours-{}", language.code()),
        key: "admin-says-out-of-hours",
        language,
        text: "Ring legevakta.".to_owned(),
    });
    HelplinesPage {
        page: Page::sample(lang),
        organization: HERE,
        lines: [("doctor", "admin-line-doctor"), ("support", "admin-line-support")].map(line).into(),
        says: says.into(),
        problem,
    }
}

fn log(lang: Lang, actions: &[Action]) -> LogPage {
    let line = |action: &Action| Entry {
        at: NOW,
        what: action_key(*action),
        role: (*action == Action::RoleGranted).then(|| role_key(StaffRole::Leader)),
        about: Some(format!("Kari {MARKER}")),
        by: (*action != Action::RoleGranted).then(|| format!("Jonas {MARKER}")),
        by_operator: *action == Action::RoleGranted,
    };
    LogPage { page: Page::sample(lang), organization: HERE, lines: actions.iter().map(line).collect() }
}

fn support(lang: Lang, problem: Option<&'static str>) -> SupportPage {
    let all = if problem.is_some() { &[][..] } else { &Happening::ALL };
    SupportPage {
        page: Page::sample(lang),
        organization: HERE,
        typed: "ACD EFH".to_owned(),
        lines: all.iter().map(|what| (NOW, happening_key(*what))).collect(),
        problem,
    }
}

/// The administrator's pages.
pub(super) fn offices(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let new = |problem| NewPage {
        page: Page::sample(lang),
        organization: HERE,
        id: SOMEBODY,
        form: filled("", lang),
        roles: Roles(vec![StaffRole::Clinician]),
        problem,
    };
    let link = |keeps_others| LinkPage {
        page: Page::sample(lang),
        organization: HERE,
        id: SOMEBODY,
        name: format!("Kari {MARKER}"),
        link: "https://samrom.example/first/abc".to_owned(),
        until: NOW,
        keeps_others,
    };
    let wrong = Some(Problem { field: "given", key: "people-not-given" });
    let last = Some(("roles", "roles", "admin-not-last"));
    vec![
        ("office", office(lang, None).render()),
        ("office refused", office(lang, Some(("other", "admin-not-name"))).render()),
        ("new staff", new(None).render()),
        ("new staff refused", new(wrong).render()),
        ("member without access", member(lang, None, 0).render()),
        ("member", member(lang, None, 1).render()),
        ("last administrator", member(lang, last, 2).render()),
        ("staff link", link(false).render()),
        ("staff link that keeps", link(true).render()),
        ("partner", partner(lang, false, false).render()),
        ("partner of its own", partner(lang, true, false).render()),
        ("empty partner", partner(lang, false, true).render()),
        ("helplines", helplines(lang, None).render()),
        (
            "helplines refused",
            helplines(lang, Some(("doctor-number".to_owned(), "admin-not-number"))).render(),
        ),
        ("support", support(lang, None).render()),
        ("support without", support(lang, Some("support-no-code")).render()),
        ("access log", log(lang, Action::ALL).render()),
        ("empty access log", log(lang, &[]).render()),
    ]
}
