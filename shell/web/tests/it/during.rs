//! The talk itself, as its page is served: what of it stands on whose page (CARE-01, CARE-05).

use domain::our_agreement::{OurAgreement, Signal};
use store::By;
use store::demo::DemoRole;

use crate::world::World;

const EVERYBODY_ELSE: [DemoRole; 4] =
    [DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::CareWorker, DemoRole::Colleague];

/// The page of the demo's meeting, as this person is given it.
async fn meeting(world: &World, who: DemoRole) -> String {
    let mut browser = world.signed_in(world.person(who).person).await;
    browser.get(&format!("/meeting/{}", world.demo.session)).await.text()
}

#[tokio::test]
async fn care_05_her_signal_stands_with_who_answers_for_her_and_on_no_other_page() {
    let world = World::new().await;
    let before: Vec<String> = {
        let mut pages = Vec::new();
        for who in EVERYBODY_ELSE {
            pages.push(meeting(&world, who).await);
        }
        pages
    };
    assert!(!meeting(&world, DemoRole::Clinician).await.contains("id=\"signal\""), "nothing is agreed yet");
    let page = OurAgreement {
        signal: Some(Signal::Thumb),
        signal_meaning: Some("Merkesen".to_owned()),
        ..OurAgreement::default()
    };
    let (kari, nora) = (world.person(DemoRole::Clinician).person, world.person(DemoRole::YoungPerson).person);
    world.db.write_our_agreement(By::person(kari, world.now()), nora, 0, &page).await.expect("written");
    let shown = meeting(&world, DemoRole::Clinician).await;
    let (_, line) = shown.split_once("id=\"signal\"").expect("it stands there");
    let (line, _) = line.split_once("</div>").expect("and ends");
    assert!(line.contains("data-sign=\"thumb\"") && line.contains("Det betyr: Merkesen"), "{line}");
    assert!(line.contains(" hidden>"), "before it is given, nothing is shown");
    for (who, before) in EVERYBODY_ELSE.into_iter().zip(before) {
        let after = meeting(&world, who).await;
        assert!(!after.contains("Merkesen") && !after.contains("id=\"signal\""), "{who:?}");
        assert_eq!(after, before, "{who:?}: the page is the same, agreed or not");
    }
}

#[tokio::test]
async fn care_01_only_who_leads_the_hour_knows_when_it_ends() {
    let world = World::new().await;
    let ends = "id=\"time-left\" class=\"word subtle\" data-ends=\"";
    for who in [DemoRole::Clinician, DemoRole::Colleague] {
        let page = meeting(&world, who).await;
        let (_, rest) = page.split_once(ends).expect("hosts have the line");
        let at: i64 = rest.split('"').next().and_then(|text| text.parse().ok()).expect("milliseconds");
        assert!(at > world.now().as_millis(), "{who:?}: {at} is later today");
    }
    for who in [DemoRole::YoungPerson, DemoRole::Guardian, DemoRole::CareWorker] {
        let page = meeting(&world, who).await;
        assert!(!page.contains("time-left") && !page.contains("data-ends"), "{who:?}");
        assert!(!page.contains("\"left-5\""), "{who:?}: not even the words");
    }
}
