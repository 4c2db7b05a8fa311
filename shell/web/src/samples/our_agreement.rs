//! The page of their agreement with sample data: empty, whole, with each thing that cannot be saved.

use askama::Template;
use domain::our_agreement::{Adult, OurAgreement, Reach, Signal, Step, Then};
use domain::readiness::{Point, Readiness, Standing};
use ids::{PersonId, Timestamp};

use super::MARKER;
use crate::i18n::Lang;
use crate::our_agreement::{Form, OurPage, points};
use crate::page::Page;

const AT: Timestamp = Timestamp::from_millis(1_795_250_000_000);

fn whole() -> OurAgreement {
    let step = |wait_minutes, then| Some(Step { wait_minutes, then });
    OurAgreement {
        reach: Some(Reach::Message),
        answers: Some("etter skolen".to_owned()),
        line_lost: step(5, Then::Message),
        someone_came_in: step(20, Then::NextTime),
        closed_fast: step(10, Then::CallAdult),
        hard: Some("ta en pause".to_owned()),
        adult: Some(Adult {
            name: format!("Mona {MARKER}"),
            phone: Some("+4799887766".to_owned()),
            may_be_rung: true,
            may_look_in: true,
        }),
        signal: Some(Signal::Heart),
        signal_meaning: Some("jeg vil snakke om noe annet".to_owned()),
        sign: Some("Blå rev".to_owned()),
        devices_met: true,
    }
}

fn page(
    lang: Lang,
    agreed: &OurAgreement,
    readiness: &Readiness,
    problem: Option<(&str, &'static str)>,
) -> OurPage {
    let page = Page::sample(lang);
    let seen = u32::from(agreed.reach.is_some());
    let written = (seen > 0).then(|| page.words.with_all("agreement-saved", page.moment(AT)));
    OurPage {
        id: PersonId::from_bytes([6; 16]),
        name: format!("Nora {MARKER}"),
        form: Form::stored(seen, agreed),
        written,
        points: points(&page, readiness),
        problem: problem.map(|(field, key)| (field.to_owned(), key)),
        page,
    }
}

/// Their agreement in every state.
pub(super) fn agreements(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let settled = |readiness: Readiness, point| readiness.with(point, Standing::Settled(AT));
    let ready = Point::ALL.into_iter().fold(Readiness::default(), settled);
    let opened = Readiness::default()
        .with(Point::MetInPerson, Standing::Settled(AT))
        .with(Point::Consent, Standing::Opened(AT));
    let empty = OurAgreement::default();
    let refused = |field, key| page(lang, &whole(), &opened, Some((field, key))).render();
    vec![
        ("an empty agreement", page(lang, &empty, &Readiness::default(), None).render()),
        ("a whole agreement", page(lang, &whole(), &ready, None).render()),
        ("an agreement opened with a reason", page(lang, &whole(), &opened, None).render()),
        ("an agreement refused for a wait", refused("lost", "agreement-not-wait")),
        ("an agreement refused for a line", refused("hard", "agreement-not-line")),
        ("an agreement refused for its sign", refused("sign", "agreement-not-sign")),
        ("an agreement refused for a name", refused("adult-name", "agreement-not-adult-name")),
        ("an agreement refused for a number", refused("adult-phone", "agreement-not-adult-phone")),
        ("an agreement refused for whom it rings", refused("fast", "agreement-not-adult-rung")),
        ("an agreement refused for company", refused("adult-look-in", "agreement-not-look-in")),
        ("an agreement somebody else changed", refused("save", "agreement-not-changed")),
        ("readiness refused without a reason", refused("reason-shown", "agreement-not-reason")),
    ]
}
