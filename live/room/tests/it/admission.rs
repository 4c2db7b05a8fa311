//! The admission property (SEC-001): whatever happens in whatever order, nobody gets media, messages, a welcome or
//! even the names of those inside without a live admission, and nothing after its end.
//!
//! The same holds for parents in her hour: none is inside without her yes, and none behind her back (SEC-114, SEC-115).
//!
//! Random events go in through every transport: sockets (fresh, stale, wrong role, malformed, replaced), the media
//! port, facts, the store's answers, and time. A [`Reference`] reads only what went in and what came out and has its
//! own idea of who may be inside; it knows nothing of how the room works.

use std::sync::atomic::Ordering;

use domain::door::{Facts, Invited};
use domain::meeting::WithdrawnBy;
use ids::{LeaveReason, ParticipantId, Personal, Role, Timestamp};
use proptest::prelude::*;
use protocol::wire::{Answer, ClientMessage, Commit, KeyPackageHash, Sealed};
use room::Recorded;

use crate::house::{House, hash_of, who};
use crate::reference::{Reference, Tally};

/// People in the random stories: two hosts, two young people, and enough others to fill the room.
const ROLES: [Role; 11] = [
    Role::Host,
    Role::Host,
    Role::YoungPerson,
    Role::Guardian,
    Role::CareWorker,
    Role::Professional,
    Role::Interpreter,
    Role::Support,
    Role::YoungPerson,
    Role::CareWorker,
    Role::Guardian,
];
/// How many they are.
pub(crate) const PEOPLE: u8 = ROLES.len() as u8;
/// Time that passes with every act: more than the rate limit asks for.
pub(crate) const BREATH_MS: u64 = 40;

/// Something that happens. Pages are counted back from the newest, so that most acts meet a living page.
#[derive(Debug, Clone)]
enum Act {
    Open { person: u8, device: u8 },
    Arrive { person: u8, device: u8 },
    Hello { page: u8 },
    Knock { page: u8 },
    WrongKnock { page: u8 },
    Admit { by: u8, whom: u8, what: Shown },
    SendBack { by: u8, whom: u8 },
    SheSays { page: Option<u8>, about: u8, answer: Answer },
    AskWithoutHer { by: u8 },
    WithoutMe { agreed: bool },
    EndFor { by: u8, whom: u8 },
    EndForAll { by: u8 },
    Note { by: u8, whom: u8 },
    Work { page: u8 },
    ForgedCommit { by: u8, whom: u8, removes: bool, epochs_back: u8 },
    Chat { page: u8 },
    ChatIntoAnyGroup { page: u8, of: u8 },
    Screen { page: u8, take: bool },
    StepOut { page: u8, someone_came_in: bool },
    StepIn { page: u8 },
    Leave { page: u8, fast: bool },
    Asleep { page: u8, asleep: bool },
    Keyframes { page: u8 },
    Offer { page: u8, sdp: String },
    Noise { page: u8, bytes: Vec<u8> },
    Drop { page: u8 },
    Wait { millis: u64 },
    Silence { millis: u64 },
    Fact { person: u8, fact: Fact },
    Mend { person: u8 },
    Store { writes: bool },
    Answer { written: bool },
    Packet { bytes: Vec<u8>, from_port: u16 },
    Workers { quick: bool },
}

/// What a host's click names.
#[derive(Debug, Clone, Copy)]
enum Shown {
    Present,
    Old,
    MadeUp,
}

#[derive(Debug, Clone, Copy)]
enum Fact {
    Blocked,
    OwnWithdrawal,
    SignedOut,
    SessionEnded,
    EndedFor,
    Uninvited,
    Withdrawn(bool),
    OtherRole,
    EndsSoon,
    Over,
    WithParents,
}

fn act() -> impl Strategy<Value = Act> {
    let (page, person) = (0_u8..14, 0..PEOPLE);
    let (p, w) = (move || page.clone(), move || person.clone());
    let shown = prop_oneof![8 => Just(Shown::Present), 1 => Just(Shown::Old), 1 => Just(Shown::MadeUp)];
    let people = prop_oneof![
        3 => (w(), 0_u8..2).prop_map(|(person, device)| Act::Open { person, device }),
        20 => (w(), prop_oneof![9 => Just(0_u8), 1 => Just(1)])
            .prop_map(|(person, device)| Act::Arrive { person, device }),
        4 => p().prop_map(|page| Act::Hello { page }),
        6 => p().prop_map(|page| Act::Knock { page }),
        2 => p().prop_map(|page| Act::WrongKnock { page }),
        40 => (p(), w(), shown).prop_map(|(by, whom, what)| Act::Admit { by, whom, what }),
        4 => (p(), w()).prop_map(|(by, whom)| Act::SendBack { by, whom }),
        30 => (prop::option::weighted(0.1, p()), w(), answer())
            .prop_map(|(page, about, answer)| Act::SheSays { page, about, answer }),
        3 => p().prop_map(|by| Act::AskWithoutHer { by }),
        3 => prop::bool::weighted(0.7).prop_map(|agreed| Act::WithoutMe { agreed }),
        2 => (p(), w()).prop_map(|(by, whom)| Act::EndFor { by, whom }),
        1 => p().prop_map(|by| Act::EndForAll { by }),
        3 => (p(), w()).prop_map(|(by, whom)| Act::Note { by, whom }),
        5 => (p(), any::<bool>()).prop_map(|(page, someone_came_in)| Act::StepOut { page, someone_came_in }),
        6 => p().prop_map(|page| Act::StepIn { page }),
        4 => (p(), any::<bool>()).prop_map(|(page, fast)| Act::Leave { page, fast }),
        3 => (p(), any::<bool>()).prop_map(|(page, asleep)| Act::Asleep { page, asleep }),
        5 => p().prop_map(|page| Act::Drop { page }),
    ];
    let wire = prop_oneof![
        8 => p().prop_map(|page| Act::Work { page }),
        4 => (p(), w(), any::<bool>(), 0_u8..3)
            .prop_map(|(by, whom, removes, epochs_back)| Act::ForgedCommit { by, whom, removes, epochs_back }),
        10 => p().prop_map(|page| Act::Chat { page }),
        6 => (p(), p()).prop_map(|(page, of)| Act::ChatIntoAnyGroup { page, of }),
        4 => (p(), any::<bool>()).prop_map(|(page, take)| Act::Screen { page, take }),
        2 => p().prop_map(|page| Act::Keyframes { page }),
        1 => (p(), ".{0,40}").prop_map(|(page, sdp)| Act::Offer { page, sdp }),
        3 => (p(), prop::collection::vec(any::<u8>(), 0..80)).prop_map(|(page, bytes)| Act::Noise { page, bytes }),
        2 => (prop::collection::vec(any::<u8>(), 0..80), any::<u16>())
            .prop_map(|(bytes, from_port)| Act::Packet { bytes, from_port }),
    ];
    let world = prop_oneof![
        4 => (0_u64..20_000).prop_map(|millis| Act::Wait { millis }),
        1 => (0_u64..200_000).prop_map(|millis| Act::Silence { millis }),
        2 => (w(), fact()).prop_map(|(person, fact)| Act::Fact { person, fact }),
        5 => w().prop_map(|person| Act::Mend { person }),
        2 => prop_oneof![3 => Just(true), 1 => Just(false)].prop_map(|writes| Act::Store { writes }),
        3 => prop_oneof![4 => Just(true), 1 => Just(false)].prop_map(|written| Act::Answer { written }),
        2 => prop_oneof![3 => Just(true), 1 => Just(false)].prop_map(|quick| Act::Workers { quick }),
    ];
    prop_oneof![6 => people, 4 => wire, 2 => world]
}

/// She mostly says yes, or nothing would follow.
fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![8 => Just(Answer::Yes), 1 => Just(Answer::NotToday), 1 => Just(Answer::SayFirst)]
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        1 => Just(Fact::Blocked),
        1 => Just(Fact::OwnWithdrawal),
        1 => Just(Fact::SignedOut),
        1 => Just(Fact::EndedFor),
        1 => Just(Fact::Uninvited),
        1 => any::<bool>().prop_map(Fact::Withdrawn),
        1 => Just(Fact::OtherRole),
        1 => Just(Fact::EndsSoon),
        4 => Just(Fact::Over),
        1 => Just(Fact::SessionEnded),
        2 => Just(Fact::WithParents),
    ]
}

/// Lets one act happen.
fn play(house: &mut House, act: &Act) {
    match *act {
        Act::Open { person, device } => {
            house.open(who(person + 1), device);
        }
        Act::Arrive { person, device } => {
            house.arrive_on(who(person + 1), device);
        }
        Act::Wait { .. }
        | Act::Silence { .. }
        | Act::Fact { .. }
        | Act::Mend { .. }
        | Act::Store { .. }
        | Act::Answer { .. }
        | Act::Packet { .. }
        | Act::Workers { .. } => turn_the_world(house, act),
        Act::ForgedCommit { .. } | Act::ChatIntoAnyGroup { .. } => forge(house, act),
        Act::SheSays { .. } | Act::AskWithoutHer { .. } | Act::WithoutMe { .. } => ask_her(house, act),
        Act::Admit { by, whom, what } => {
            let hash = package_shown(house, who(whom + 1), what);
            if let Some(by) = a_host_page(house, by) {
                house.say(by, &ClientMessage::Admit { participant: who(whom + 1), hash });
            }
        }
        _ => use_a_page(house, act),
    }
}

/// The page so far back from the newest.
fn page_back(house: &House, back: u8) -> Option<usize> {
    house.pages.len().checked_sub(1 + usize::from(back) % house.pages.len().max(1))
}

/// What a page does that is more than one message.
fn use_a_page(house: &mut House, act: &Act) {
    let (Act::Hello { page: back }
    | Act::Knock { page: back }
    | Act::StepIn { page: back }
    | Act::Drop { page: back }
    | Act::Work { page: back }
    | Act::Chat { page: back }
    | Act::Noise { page: back, .. }) = act
    else {
        return speak(house, act);
    };
    let Some(page) = page_back(house, *back) else { return };
    match act {
        Act::Hello { .. } => house.hello(page),
        Act::Knock { .. } => house.knock(page),
        Act::StepIn { .. } => house.step_in(page),
        Act::Drop { .. } => house.drop_line(page),
        Act::Chat { .. } => house.chat(page, "hello"),
        Act::Noise { bytes, .. } => {
            house.say_bytes(page, bytes);
            house.say_bytes(page, &[&protocol::VERSION.to_be_bytes()[..], bytes].concat());
        }
        _ => {
            house.work_one(page);
            house.pump();
        }
    }
}

/// What is one message on one page.
fn speak(house: &mut House, act: &Act) {
    let (page, message) = match act.clone() {
        Act::WrongKnock { page } => {
            (page, ClientMessage::Knock { key_package: b"package".to_vec(), hash: hash_of(b"another") })
        }
        Act::SendBack { by, whom } => (by, ClientMessage::SendBack { participant: who(whom + 1) }),
        Act::EndFor { by, whom } => (by, ClientMessage::EndFor { participant: who(whom + 1) }),
        Act::EndForAll { by } => (by, ClientMessage::EndForAll),
        Act::Note { by, whom } => {
            let text = Personal::new("a word".to_owned());
            (by, ClientMessage::Note { participant: who(whom + 1), text })
        }
        Act::Screen { page, take: true } => (page, ClientMessage::TakeScreen),
        Act::Screen { page, take: false } => (page, ClientMessage::DropScreen),
        Act::StepOut { page, someone_came_in } => (page, ClientMessage::StepOut { someone_came_in }),
        Act::Leave { page, fast } => {
            let reason = if fast { LeaveReason::ClosedFast } else { LeaveReason::Left };
            (page, ClientMessage::Leave { reason })
        }
        Act::Asleep { page, asleep } => (page, ClientMessage::Asleep { asleep }),
        Act::Keyframes { page } => (page, ClientMessage::WantKeyframes),
        Act::Offer { page, sdp } => (page, ClientMessage::Offer { sdp }),
        _ => return,
    };
    if let Some(page) = page_back(house, page) {
        house.say(page, &message);
    }
}

/// Questions to the young person and her answers; a few answers come from anybody about anybody.
fn ask_her(house: &mut House, act: &Act) {
    // Mostly the one, sometimes her brother.
    let seat = match act {
        Act::SheSays { about, .. } if (about / 2).is_multiple_of(3) => who(9),
        _ => who(3),
    };
    let hers = (0..house.pages.len()).rev().find(|page| house.pages[*page].participant == seat);
    let (page, message) = match *act {
        // Mostly about one of the two parents.
        Act::SheSays { page: None, about, answer } => {
            let about = if about.is_multiple_of(2) { who(4) } else { who(11) };
            (hers, ClientMessage::Answer { about, answer })
        }
        Act::SheSays { page: Some(page), about, answer } => {
            (page_back(house, page), ClientMessage::Answer { about: who(about + 1), answer })
        }
        Act::AskWithoutHer { by } => {
            (a_host_page(house, by), ClientMessage::AskWithoutHer { participant: who(3) })
        }
        Act::WithoutMe { agreed } => (hers, ClientMessage::WithoutMe { agreed }),
        _ => return,
    };
    if let Some(page) = page {
        house.say(page, &message);
    }
}

/// Half of the clicks come from a page of a host, wherever it stands; the others from anybody.
fn a_host_page(house: &House, by: u8) -> Option<usize> {
    let hosts: Vec<usize> = (0..house.pages.len())
        .filter(|page| {
            [who(1), who(2)].contains(&house.pages[*page].participant) && !house.pages[*page].closed
        })
        .collect();
    if by.is_multiple_of(2) && !hosts.is_empty() {
        return hosts.get(usize::from(by / 2) % hosts.len()).copied();
    }
    page_back(house, by)
}

fn package_shown(house: &House, whom: ParticipantId, what: Shown) -> KeyPackageHash {
    let mut packages = house
        .pages
        .iter()
        .rev()
        .filter(|page| page.participant == whom)
        .filter_map(|page| page.key_package.as_ref());
    let package = match what {
        Shown::Present => packages.next(),
        Shown::Old => packages.nth(1),
        Shown::MadeUp => None,
    };
    package.map_or(KeyPackageHash([3; 32]), |package| hash_of(package))
}

/// Commits that nobody asked for, and messages into groups whose name was overheard.
fn forge(house: &mut House, act: &Act) {
    match *act {
        Act::ForgedCommit { by, whom, removes, epochs_back } => {
            let Some(by) = page_back(house, by) else { return };
            let Some(group) = house.pages.iter().rev().find_map(|page| page.group) else { return };
            let newest =
                house.pages.iter().filter(|page| page.group == Some(group)).map(|page| page.epoch).max();
            let whom = who(whom + 1);
            let hash = package_shown(house, whom, Shown::Present);
            let commit = Commit {
                group,
                epoch: newest.unwrap_or(0).saturating_sub(u64::from(epochs_back)),
                message: b"forged".to_vec(),
                added: if removes { Vec::new() } else { vec![(whom, hash)] },
                removed: if removes { vec![whom] } else { Vec::new() },
                welcome: (!removes).then(Vec::new),
            };
            house.say(by, &ClientMessage::Commit(commit));
        }
        Act::ChatIntoAnyGroup { page: from, of } => {
            let (Some(from), Some(of)) = (page_back(house, from), page_back(house, of)) else { return };
            if let Some(group) = house.pages[of].group {
                house.say(from, &ClientMessage::Sealed(Sealed { group, message: b"overheard".to_vec() }));
            }
        }
        _ => {}
    }
}

fn turn_the_world(house: &mut House, act: &Act) {
    match act.clone() {
        Act::Wait { millis } => house.wait(millis),
        Act::Silence { millis } => house.jump(millis),
        Act::Fact { person, fact } => {
            let soon = house.now.wall.plus(core::time::Duration::from_secs(20));
            house.set_facts(who(person + 1), |facts| fact.apply(facts, soon));
        }
        Act::Mend { person } => {
            let role = ROLES[usize::from(person)];
            house.set_facts(who(person + 1), |facts| *facts = crate::house::good_facts(role));
        }
        Act::Store { writes } => house.writes = writes,
        Act::Answer { written } => {
            house.answer(if written { Recorded::Written } else { Recorded::Failed });
            house.pump();
        }
        Act::Workers { quick } => house.works = quick,
        Act::Packet { bytes, from_port } => {
            let packet = sfu::Packet {
                transport: if from_port.is_multiple_of(2) {
                    sfu::Transport::Udp
                } else {
                    sfu::Transport::Tcp
                },
                source: ([198, 51, 100, 7], from_port).into(),
                destination: ([192, 0, 2, 1], 443).into(),
                bytes: &bytes,
            };
            house.room.handle_packet(&packet, house.now);
            house.pump();
        }
        _ => {}
    }
}

impl Fact {
    fn apply(self, facts: &mut Facts, soon: Timestamp) {
        let cutting = &mut facts.cutting;
        let role = cutting.invitation.role().unwrap_or(Role::Guardian);
        match self {
            Self::Blocked => cutting.blocked = true,
            Self::OwnWithdrawal => cutting.own_withdrawal = true,
            Self::SignedOut => cutting.signed_out = true,
            Self::SessionEnded => cutting.session_ended = true,
            Self::EndedFor => cutting.ended_for = true,
            Self::Uninvited => cutting.invitation = Invited::No,
            Self::Withdrawn(by_other) => {
                let by = if by_other { WithdrawnBy::Other } else { WithdrawnBy::Clinician };
                cutting.invitation = Invited::Withdrawn { role, by };
            }
            Self::OtherRole => cutting.invitation = Invited::Yes { role: Role::Professional, until: None },
            Self::EndsSoon => cutting.invitation = Invited::Yes { role, until: Some(soon) },
            Self::Over => facts.closing.window.ends = Timestamp::from_millis(0),
            Self::WithParents => facts.closing.comes_with_parents = true,
        }
    }
}

fn run(begun: bool, acts: &[Act], tally: &Tally) -> Result<(), String> {
    let mut house = House::new();
    for (number, role) in (1..).zip(ROLES) {
        house.invite(number, role);
    }
    let mut reference = Reference::default();
    let pages = [1, 3, 4, 2].map(|number| house.arrive(who(number)));
    if begun {
        house.click(pages[0], pages[1]);
        house.click(pages[0], pages[2]);
        house.her_answer(pages[1], who(4), Answer::Yes);
    }
    for act in acts {
        play(&mut house, act);
        house.jump(BREATH_MS);
        reference.read(&house, tally)?;
    }
    Ok(())
}

/// Enough to find every fault that was planted in door and room; set
/// `PROPTEST_CASES` for a longer search.
const CASES: u32 = 400;

#[test]
fn nobody_gets_anything_without_an_admission_nor_after_its_end() {
    let tally = Tally::default();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_time: 30_000,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let stories = (any::<bool>(), prop::collection::vec(act(), 10..170));
    let outcome =
        runner.run(&stories, |(begun, acts)| run(begun, &acts, &tally).map_err(TestCaseError::fail));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    // The property would hold in an empty house: every kind of thing must have happened, and often. Each bound lies at
    // least six standard deviations below its mean, so that chance alone never fails it.
    for (what, count, in_a_hundred_stories) in [
        ("admissions", &tally.admissions, 300),
        ("ends", &tally.ends, 150),
        ("welcomes", &tally.welcomes, 140),
        ("commits", &tally.commits, 250),
        ("sealed", &tally.sealed, 65),
        ("slots", &tally.slots, 7_500),
        ("parents by her yes", &tally.by_her_yes, 20),
    ] {
        let count = count.load(Ordering::Relaxed);
        println!("{what}: {count}");
        assert!(count * 100 >= u64::from(cases) * in_a_hundred_stories, "{what}: {count} in {cases} stories");
    }
}
