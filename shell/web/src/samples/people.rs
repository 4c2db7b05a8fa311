//! Pages of a clinician's young people with sample data: the list, a new one, one of them at every grading.

use domain::protection::Protection;
use ids::{OrganizationId, PersonId, Role, TaskId};

use askama::Template;
use domain::people::{Language, Organization, OrganizationKind};

use super::{MARKER, afterwards};
use crate::i18n::Lang;
use crate::page::Page;
use crate::people::form::{PersonForm, Problem};
use crate::people::one::{Agreed, Around, Member, Newcomer, OnePage};
use crate::people::{ListPage, Listed, NewPage};
use crate::plan::role_key;

pub(super) fn filled(prefix: &str, lang: Lang) -> PersonForm {
    PersonForm {
        given: "Nora".to_owned(),
        family: MARKER.to_owned(),
        way: "mail".to_owned(),
        mail: "nora@example.org".to_owned(),
        ..PersonForm::empty(prefix, lang)
    }
}

fn one(lang: Lang, protection: Protection, problem: Option<(&'static str, String, &'static str)>) -> OnePage {
    let id = PersonId::from_bytes([6; 16]);
    let around = |role, works_at: Option<&str>, reached| Around {
        id: PersonId::from_bytes([4; 16]),
        name: format!("Mona {MARKER}"),
        role_key: role_key(role),
        works_at: works_at.map(str::to_owned),
        reached,
    };
    let place = Organization {
        id: OrganizationId::from_bytes([5; 16]),
        name: "Et sted".to_owned(),
        kind: OrganizationKind::Other,
    };
    let page = Page::sample(lang);
    OnePage {
        balance: afterwards::balance(&page),
        told: afterwards::told(&page),
        is_asked: !protection.is_graded(),
        comes_with_parents: protection.is_graded(),
        page,
        id,
        name: format!("Nora {MARKER}"),
        language: Language::English,
        protection,
        named: filled("", lang),
        reached: filled("", lang),
        related: vec![
            around(Role::Guardian, None, Some(filled("x-", lang))),
            around(Role::Professional, Some("Et sted"), None),
        ],
        team: vec![
            Member { name: format!("Kari {MARKER}"), is_reader: true },
            Member { name: format!("Jonas {MARKER}"), is_reader: false },
        ],
        colleagues: vec![(id, format!("Siri {MARKER}"))],
        tasks: vec![Agreed {
            id: TaskId::from_bytes([3; 16]),
            what: "Ring skolen".to_owned(),
            who: format!("Kari {MARKER}"),
            due: Some("2026-11-30".to_owned()),
        }],
        new: Newcomer {
            id,
            form: filled("new-", lang),
            role: Some(Role::CareWorker),
            works_at: Some(place.id),
            places: vec![place],
            offered: vec![(id, format!("Amir {MARKER}, Et sted"))],
        },
        problem,
    }
}

/// One young person around whom nothing is entered yet.
fn bare(lang: Lang) -> OnePage {
    let mut bare = one(lang, Protection::Open, None);
    (bare.related, bare.colleagues, bare.tasks) = (vec![], vec![], vec![]);
    bare.told = vec![];
    (bare.new.places, bare.new.offered) = (vec![], vec![]);
    bare.reached.way = "none".to_owned();
    bare
}

/// Pages of a clinician's young people.
pub(super) fn people(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let page = || Page::sample(lang);
    let listed = |protection| Listed {
        id: PersonId::from_bytes([6; 16]),
        initials: "NM".to_owned(),
        name: format!("Nora {MARKER}"),
        protection,
    };
    let all = Protection::ALL.map(listed).into();
    let new = |problem: Option<Problem>, protection| NewPage {
        page: page(),
        id: PersonId::from_bytes([6; 16]),
        form: filled("", lang),
        protection,
        problem,
    };
    let refused = |part, field: &str, key| one(lang, Protection::Open, Some((part, field.to_owned(), key)));
    vec![
        ("people", ListPage { page: page(), people: all }.render()),
        ("no people", ListPage { page: page(), people: vec![] }.render()),
        ("a new young person", new(None, Protection::Open).render()),
        (
            "a young person refused",
            new(Some(Problem { field: "phone", key: "people-not-phone" }), Protection::Confidential).render(),
        ),
        ("one young person", one(lang, Protection::Open, None).render()),
        ("one at a client address", one(lang, Protection::ClientAddress, None).render()),
        ("one confidential", one(lang, Protection::Confidential, None).render()),
        ("one strictly confidential", one(lang, Protection::StrictlyConfidential, None).render()),
        ("one without anybody around", bare(lang).render()),
        ("one refused around", refused("around", "new-works-at", "people-not-place").render()),
        ("one refused in the team", refused("team", "with", "people-not-leave").render()),
    ]
}
