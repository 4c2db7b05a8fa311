//! Stories of what a young person is asked, and of hosts whose press asks her (SEC-114, SEC-115).

use call::{LettingIn, MediaCommand, NotNow, Output, Phase};
use ids::{Assurance, GoneReason, Personal, Role, Timestamp, WaitReason};
use protocol::group::{GroupCommand, GroupEvent, KnownAs};
use protocol::wire::{
    Answer, AskedAbout, Asking, ClientMessage, HerWord, KeyPackageHash, Presence, PresentPerson,
    ServerMessage, WaitingPerson, WithoutHer,
};

use crate::scene::{ME, OTHER, Scene, THIRD};

fn asked(said: Option<Answer>, without_you: Option<WithoutHer>) -> ServerMessage {
    let name = Personal::new("Mona".to_owned());
    ServerMessage::Asked { people: vec![AskedAbout { participant: THIRD, name, said }], without_you }
}

fn waiting() -> ServerMessage {
    let (why, since) = (WaitReason::SteppedOut, Timestamp::from_millis(0));
    ServerMessage::Waiting { why, since, reconsider_at: None, seen_by: vec![] }
}

/// A parent who waits, with what hosts are told about her yes.
fn parent(word: HerWord) -> ServerMessage {
    let person = WaitingPerson {
        participant: THIRD,
        name: Personal::new("Mona".to_owned()),
        role: Role::Guardian,
        assurance: Assurance::Link,
        since: Timestamp::from_millis(0),
        here: true,
        why: WaitReason::NotYetLetIn,
        asking: Some(Asking { word, whose: vec![Personal::new("Nora".to_owned())] }),
        key_package: Some(vec![1]),
    };
    ServerMessage::Lobby { people: vec![person] }
}

/// She sees the question in the room and out of it, answers, and may answer otherwise.
#[test]
fn sec_114_she_sees_who_waits_and_answers() {
    let mut scene = Scene::inside(Role::YoungPerson);
    assert_eq!(scene.act(|call, _| call.answer(THIRD, Answer::Yes)), Err(NotNow::NobodyThere));
    scene.server(asked(None, None));
    assert_eq!(scene.call.view().asked.people[0].name.reveal(), "Mona");
    assert_eq!(scene.act(|call, _| call.answer(OTHER, Answer::Yes)), Err(NotNow::NobodyThere));
    for answer in [Answer::NotToday, Answer::SayFirst, Answer::Yes] {
        scene.take();
        assert_eq!(scene.act(|call, _| call.answer(THIRD, answer)), Ok(()));
        assert_eq!(scene.sent(), [ClientMessage::Answer { about: THIRD, answer }]);
    }
    scene.act(|call, now| call.step_out(now)).expect("she is inside");
    assert_eq!(scene.call.view().asked.people.len(), 1, "out by her own step she is asked as well");
    scene.server(waiting());
    assert_eq!(scene.act(|call, _| call.answer(THIRD, Answer::NotToday)), Ok(()));
}

/// CARE-03, CARE-12: her screen is neutral, whatever the server still says, and after it the question is there again.
#[test]
fn care_03_after_someone_came_in_no_question_stands_on_her_screen() {
    for fast in [false, true] {
        let mut scene = Scene::inside(Role::YoungPerson);
        scene.server(asked(None, Some(WithoutHer::Asked)));
        scene.act(|call, now| {
            if fast {
                call.close_fast(now);
            } else {
                call.someone_came_in(now).expect("there is something to hide");
            }
        });
        assert_eq!(scene.call.view().asked, call::Asked::default());
        scene.server(asked(None, Some(WithoutHer::Asked)));
        assert_eq!(scene.call.view().asked, call::Asked::default(), "fast: {fast}");
        assert_eq!(scene.act(|call, _| call.answer(THIRD, Answer::Yes)), Err(NotNow::NobodyThere));
        if !fast {
            scene.act(|call, now| call.carry_on(now)).expect("it was pressed");
            scene.key_package(2);
            scene.admitted();
            assert_eq!(scene.call.view().asked.people.len(), 1);
        }
    }
}

/// What the server says to somebody else by mistake is no question.
#[test]
fn nobody_but_a_young_person_is_asked() {
    for role in [Role::Host, Role::Guardian, Role::Support] {
        let mut scene = Scene::inside(role);
        scene.server(asked(None, Some(WithoutHer::Asked)));
        assert_eq!(scene.call.view().asked, call::Asked::default(), "{role:?}");
    }
}

/// SEC-115: her yes steps her out, dark first, and says with what until it is heard; her no keeps her where she is.
#[test]
fn sec_115_minutes_without_her_are_hers_to_give() {
    let mut scene = Scene::inside(Role::YoungPerson);
    let say = |scene: &mut Scene, agreed| scene.act(|call, now| call.without_me(agreed, now));
    assert_eq!(say(&mut scene, true), Err(NotNow::NobodyThere));
    scene.server(asked(None, Some(WithoutHer::Asked)));
    scene.take();
    assert_eq!(say(&mut scene, false), Ok(()));
    assert_eq!(scene.sent(), [ClientMessage::WithoutMe { agreed: false }]);
    assert_eq!(scene.call.view().phase, Phase::Inside);
    scene.server(asked(None, Some(WithoutHer::Stays)));
    scene.take();
    assert_eq!(say(&mut scene, true), Ok(()));
    let log = scene.take();
    let place = |wanted: &Output| log.iter().position(|output| output == wanted).expect("it was asked for");
    let told = Output::Send(ClientMessage::WithoutMe { agreed: true });
    assert!(place(&Output::Media(MediaCommand::StopAllTracks)) < place(&told));
    let plain = Output::Send(ClientMessage::StepOut { someone_came_in: false });
    assert!(!log.contains(&plain), "stepping out without leave would send them away");
    // The line dies before it is heard.
    scene.act(|call, now| call.handle_socket_closed(now));
    scene.wait_ms(10_000);
    scene.act(|call, now| call.handle_socket_open(now));
    scene.take();
    scene.welcome();
    scene.wait_ms(0);
    assert_eq!(scene.sent(), [ClientMessage::WithoutMe { agreed: true }]);
    scene.server(waiting());
    scene.act(|call, now| call.step_in(now)).expect("she is out");
    scene.key_package(3);
    scene.admitted();
    scene.take();
    scene.act(|call, now| call.step_out(now)).expect("she is inside");
    assert!(scene.take().contains(&plain), "the next time it is stepping out and nothing more");
}

/// A press asks her; while it is hers to decide a press says so and sends nothing; her no takes it back everywhere.
#[test]
fn sec_114_a_host_presses_only_where_it_asks_or_lets_in() {
    let mut scene = Scene::inside(Role::Host);
    let hash = KeyPackageHash([1; 32]);
    scene.server(parent(HerWord::ToAsk));
    scene.group(GroupEvent::Looked { participant: THIRD, hash, known: Some(KnownAs::New) });
    let admit = |scene: &mut Scene| scene.act(|call, now| call.admit(THIRD, now));
    for (word, answer) in [
        (HerWord::NotHere, Err(NotNow::SheIsNotHere)),
        (HerWord::YesWhenBack, Err(NotNow::SheIsNotHere)),
        (HerWord::Asked, Err(NotNow::SheDecides)),
        (HerWord::SayFirst, Err(NotNow::SheDecides)),
        (HerWord::NotToday, Err(NotNow::SheDecides)),
        (HerWord::ToAsk, Ok(())),
        (HerWord::Yes, Ok(())),
    ] {
        scene.server(parent(word));
        scene.take();
        assert_eq!(admit(&mut scene), answer, "{word:?}");
        let expected =
            if answer.is_ok() { vec![ClientMessage::Admit { participant: THIRD, hash }] } else { vec![] };
        assert_eq!(scene.sent(), expected, "{word:?}");
    }
    let letting_in = |scene: &Scene| scene.call.view().lobby[0].letting_in;
    assert_eq!(letting_in(&scene), LettingIn::UnderWay);
    scene.take();
    scene.server(parent(HerWord::NotToday));
    assert_eq!(scene.take(), [Output::Group(GroupCommand::Forget { participant: THIRD })]);
    assert!(matches!(letting_in(&scene), LettingIn::Possible { .. }), "and not on the way in any more");
    scene.server(parent(HerWord::NotToday));
    assert_eq!(scene.take(), [], "once");
}

/// SEC-115: whoever was sent back is added by no worker of any host without a press.
#[test]
fn sec_115_every_hosts_worker_forgets_whoever_waits_again() {
    let at = Timestamp::from_millis(0);
    for role in [Role::Host, Role::Guardian] {
        let mut scene = Scene::inside(role);
        scene.server(ServerMessage::Gone { participant: THIRD, reason: GoneReason::SentBack, at });
        let forget = [Output::Group(GroupCommand::Forget { participant: THIRD })];
        assert_eq!(scene.take(), if role.is_host() { forget.to_vec() } else { vec![] });
        scene.server(ServerMessage::Gone { participant: THIRD, reason: GoneReason::LineLost, at });
        assert_eq!(scene.take(), []);
    }
}

/// A host asks for minutes without her at her line, and not again once she has said that she stays.
#[test]
fn sec_115_a_host_asks_for_minutes_without_her() {
    let mut scene = Scene::inside(Role::Host);
    let person = |participant, role, without_her| PresentPerson {
        participant,
        name: Personal::new("Somebody".to_owned()),
        role,
        assurance: Assurance::Link,
        since: Timestamp::from_millis(0),
        presence: Presence::Here,
        without_her,
    };
    let roster = |without_her| ServerMessage::Roster {
        people: vec![
            person(ME, Role::Host, None),
            person(OTHER, Role::YoungPerson, without_her),
            person(THIRD, Role::Guardian, None),
        ],
    };
    scene.server(roster(None));
    scene.take();
    let ask = |scene: &mut Scene, whom| scene.act(|call, _| call.ask_without_her(whom));
    assert_eq!(ask(&mut scene, THIRD), Err(NotNow::NobodyThere), "parents are not asked");
    assert_eq!(ask(&mut scene, OTHER), Ok(()));
    assert_eq!(scene.sent(), [ClientMessage::AskWithoutHer { participant: OTHER }]);
    scene.server(roster(Some(WithoutHer::Stays)));
    assert_eq!(scene.call.view().people[1].without_her, Some(WithoutHer::Stays));
    assert_eq!(ask(&mut scene, OTHER), Err(NotNow::SheDecides));
    let mut young = Scene::inside(Role::YoungPerson);
    assert_eq!(young.act(|call, _| call.ask_without_her(OTHER)), Err(NotNow::NotHost));
}
