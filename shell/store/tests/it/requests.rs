//! What a young person asks for is read by her clinician, by the deputy of one who is away, by the team when nobody has
//! seen it in time, and by nobody else (SEC-080, SEC-081, SEC-082).

use core::time::Duration;

use domain::absence::NotAway;
use domain::request::{Closed, Ground, NotAsked, OPEN_MAX, Reply, Standing, Step, Wish};
use domain::staff::StaffRole;
use ids::{Assurance, PersonId, Personal, RequestId, SignInId};
use store::{By, Db, NewAbsence, NewRequest, NewSignIn, PersonKind, RoleOf, StoreError};

use crate::support::{Clinic, NOON, Place, agenda, minutes, news, person};

const HER_WORDS: &str = "Kan vi snakke om det med skolen?";
const HOUR: Duration = Duration::from_secs(3_600);

/// The clinic with a colleague; Kari answers for Nora, who came by a link.
struct Asked {
    clinic: Clinic,
    jonas: PersonId,
    browser: SignInId,
}

impl Asked {
    async fn new(db: &Db) -> Self {
        let clinic = Clinic::new(db).await;
        let jonas = person(db, clinic.organization, PersonKind::Practitioner, "Jonas", "Prøvevik").await;
        db.join_care_team(By::operator(NOON), clinic.nora, clinic.kari).await.expect("written");
        for who in [clinic.kari, jonas] {
            db.grant_role(By::operator(NOON), treats(&clinic, who)).await.expect("written");
        }
        let link = db.issue_link(clinic.kari_at(0), clinic.nora_invited.id).await.expect("written");
        let pressed = db.press_link(&link.token, None, NOON).await.expect("answered").expect("it is fresh");
        Self { clinic, jonas, browser: pressed.sign_in }
    }

    /// A request that the team reads two hours after noon.
    fn wish(&self, db: &Db) -> NewRequest {
        NewRequest {
            id: db.new_request_id(NOON).expect("randomness"),
            person: self.clinic.nora,
            sign_in: self.browser,
            wish: Wish::ExtraTalk,
            line: Some(Personal::new(HER_WORDS.to_owned())),
            may_ring: false,
            team_from: minutes(120),
        }
    }

    async fn ask(&self, db: &Db) -> RequestId {
        let new = self.wish(db);
        db.ask(By::person(self.clinic.nora, NOON), &new).await.expect("written").expect("there is room");
        new.id
    }
}

/// The role of somebody who treats at the clinic.
fn treats(clinic: &Clinic, person: PersonId) -> RoleOf {
    RoleOf { person, organization: clinic.organization, role: StaffRole::Clinician }
}

async fn ground(db: &Db, reader: PersonId, at: i64) -> Option<Ground> {
    let (list, news) = (agenda(db, reader, at).await.requests, news(db, reader, at).await);
    let unread = list.iter().filter(|one| one.standing == Standing::Asked).count();
    assert_eq!((news.requests, news.unread), (list.len(), unread), "the count is of what may be read");
    list.first().map(|one| one.ground)
}

async fn reads(db: &Db, reader: PersonId, id: RequestId, at: i64) -> Option<String> {
    match db.request(By::person(reader, minutes(at)), reader, id).await {
        Ok(read) => read.line.map(Personal::into_revealed),
        Err(StoreError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn answer(
    db: &Db,
    reader: PersonId,
    id: RequestId,
    step: Step,
) -> Result<Result<(), Closed>, StoreError> {
    db.answer_request(By::person(reader, minutes(5)), reader, id, step).await
}

pub(crate) async fn a_request_is_sent_once_and_sealed(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let new = asked.wish(&db);
    let by = By::person(asked.clinic.nora, NOON);
    for _ in 0..2 {
        db.ask(by, &new).await.expect("written").expect("there is room");
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM request").await, 1, "pressed twice");
    let log = "SELECT COUNT(*) FROM audit_event WHERE action = 'request_made'";
    assert_eq!(place.count(log).await, 1);
    let other = NewRequest { person: asked.clinic.kari, ..new.clone() };
    assert!(matches!(db.ask(by, &other).await, Err(StoreError::NotFound)), "the id is hers");
    let open = "SELECT COUNT(*) FROM request WHERE line IS NOT NULL AND length(line) > 50 \
         AND CAST(line AS TEXT) NOT LIKE '%skole%'";
    assert_eq!(place.count(open).await, 1, "SEC-008: her words are sealed");
}

pub(crate) async fn five_requests_are_open_at_most(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let by = By::person(asked.clinic.nora, NOON);
    let mut sent = Vec::new();
    for _ in 0..OPEN_MAX {
        sent.push(asked.ask(&db).await);
    }
    assert_eq!(db.ask(by, &asked.wish(&db)).await.expect("answered"), Err(NotAsked::TooMany));
    let back = db.withdraw_request(by, asked.browser, sent[0]).await.expect("written");
    assert_eq!(back, Ok(()));
    assert_eq!(db.ask(by, &asked.wish(&db)).await.expect("answered"), Ok(()), "there is room again");
}

pub(crate) async fn her_clinician_reads_and_a_colleague_only_in_time(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, jonas) = (asked.clinic.kari, asked.jonas);
    let id = asked.ask(&db).await;
    assert_eq!(ground(&db, kari, 1).await, Some(Ground::Responsible));
    assert_eq!(reads(&db, kari, id, 1).await.as_deref(), Some(HER_WORDS));
    assert_eq!(ground(&db, jonas, 119).await, None);
    assert_eq!(reads(&db, jonas, id, 119).await, None);
    let early = answer(&db, jonas, id, Step::Answer).await;
    assert!(matches!(early, Err(StoreError::NotFound)), "what one may not read one cannot answer");
    assert_eq!(ground(&db, jonas, 120).await, Some(Ground::Team), "nobody has seen it in time");
    assert_eq!(reads(&db, jonas, id, 120).await.as_deref(), Some(HER_WORDS));
    answer(&db, kari, id, Step::See(Reply::WillBook)).await.expect("written").expect("open");
    assert_eq!(ground(&db, jonas, 120).await, None, "Kari has taken it on");
    let log = "SELECT COUNT(*) FROM audit_event WHERE action = 'read' AND object_kind = 'request'";
    assert!(place.count(log).await >= 4, "SEC-006: each reading is logged");
}

pub(crate) async fn nobody_from_elsewhere_and_nobody_in_another_role_reads(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let by = By::operator(NOON);
    let other =
        db.add_organization(by, "En annen", domain::people::OrganizationKind::Clinic).await.expect("written");
    let stranger = person(&db, other.id, PersonKind::Practitioner, "Fremmed", "Fagperson").await;
    let helper = person(&db, asked.clinic.organization, PersonKind::Practitioner, "Stig", "Prøvehaug").await;
    let role = RoleOf { person: helper, organization: asked.clinic.organization, role: StaffRole::Support };
    db.grant_role(by, role).await.expect("written");
    let mother = person(&db, asked.clinic.organization, PersonKind::RelatedPerson, "Mona", "Prøvelund").await;
    let id = asked.ask(&db).await;
    for who in [stranger, helper, mother, asked.clinic.nora] {
        assert_eq!(ground(&db, who, 5_000).await, None);
        assert_eq!(reads(&db, who, id, 5_000).await, None);
        assert!(matches!(answer(&db, who, id, Step::Answer).await, Err(StoreError::NotFound)));
    }
    db.grant_role(by, RoleOf { role: StaffRole::Leader, ..role }).await.expect("written");
    assert_eq!(ground(&db, helper, 5_000).await, Some(Ground::Team), "who leads the unit is one of them");
    db.end_role(by, RoleOf { role: StaffRole::Leader, ..role }).await.expect("written");
    assert_eq!(ground(&db, helper, 5_000).await, None, "and no longer after that");
}

pub(crate) async fn a_deputy_reads_while_she_is_away_and_no_longer(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, jonas, by) = (asked.clinic.kari, asked.jonas, asked.clinic.kari_at(0));
    let id = asked.ask(&db).await;
    let away = NewAbsence { person: kari, deputy: jonas, starts: minutes(10), ends: minutes(60) };
    for _ in 0..2 {
        assert_eq!(db.add_absence(by, away).await.expect("written"), Ok(()));
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM absence").await, 1, "pressed twice");
    assert_eq!(ground(&db, jonas, 9).await, None);
    assert_eq!(ground(&db, jonas, 10).await, Some(Ground::Deputy));
    assert_eq!(reads(&db, jonas, id, 10).await.as_deref(), Some(HER_WORDS));
    assert_eq!(ground(&db, jonas, 60).await, None, "she is back");
    assert_eq!(ground(&db, kari, 20).await, Some(Ground::Responsible), "she may look also while away");
    let told = db.readers_for(By::person(asked.clinic.nora, minutes(20)), asked.clinic.nora).await;
    let told = told.expect("answered");
    assert_eq!(told[0].name.given.reveal(), "Kari");
    assert_eq!(told[0].deputy.as_ref().map(|name| name.given.reveal().as_str()), Some("Jonas"));
}

/// However much others have to read, what one's own young person asks for stands in the list.
pub(crate) async fn what_others_read_hides_nothing(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, jonas) = (asked.clinic.kari, asked.jonas);
    let ida = person(&db, asked.clinic.organization, PersonKind::Patient, "Ida", "Prøveli").await;
    db.join_care_team(By::operator(NOON), ida, jonas).await.expect("written");
    let hers = NewRequest { person: ida, line: None, ..asked.wish(&db) };
    db.ask(By::person(ida, NOON), &hers).await.expect("written").expect("there is room");
    let fresh = match place.options.engine {
        store::Engine::Sqlite(_) => "randomblob(16)",
        store::Engine::Postgres(_) => "gen_random_uuid()",
    };
    for _ in 0..9 {
        let twice = format!(
            "INSERT INTO request (id, organization, person, sign_in, wish, may_ring, asked, team_from, standing, changed) \
             SELECT {fresh}, organization, person, sign_in, wish, may_ring, asked, team_from, standing, changed FROM request"
        );
        place.tamper(&twice).await;
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM request").await, 512);
    let new = asked.wish(&db);
    db.ask(By::person(asked.clinic.nora, minutes(1)), &new).await.expect("written").expect("there is room");
    let list = agenda(&db, kari, 2).await.requests;
    assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [new.id]);
}

/// SEC-094: a role that has ended reads nothing, and she is never told of a reader who does not read (CARE-07).
pub(crate) async fn whoever_treats_no_more_reads_nothing_and_is_not_named(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, jonas, by) = (asked.clinic.kari, asked.jonas, asked.clinic.kari_at(0));
    let leader = person(&db, asked.clinic.organization, PersonKind::Practitioner, "Lene", "Prøve").await;
    let leads = RoleOf { role: StaffRole::Leader, ..treats(&asked.clinic, leader) };
    db.grant_role(by, leads).await.expect("written");
    let id = asked.ask(&db).await;
    let away = NewAbsence { person: kari, deputy: jonas, starts: minutes(10), ends: minutes(60) };
    assert_eq!(db.add_absence(by, away).await.expect("written"), Ok(()));
    let told = async |at| {
        let found = db.readers_for(By::person(asked.clinic.nora, minutes(at)), asked.clinic.nora).await;
        let names = found.expect("answered").into_iter();
        let given = |name: store::Name| name.given.into_revealed();
        names.map(|one| (given(one.name), one.deputy.map(given))).collect::<Vec<_>>()
    };
    assert_eq!(told(20).await, [("Kari".to_owned(), Some("Jonas".to_owned()))]);
    let end = async |who| db.end_role(By::operator(minutes(20)), treats(&asked.clinic, who)).await;
    end(jonas).await.expect("written");
    assert_eq!(ground(&db, jonas, 20).await, None);
    assert_eq!(told(20).await, [("Kari".to_owned(), None)], "he reads nothing");
    assert_eq!(ground(&db, leader, 20).await, None, "Kari answers for her");
    end(kari).await.expect("written");
    assert_eq!((ground(&db, kari, 21).await, reads(&db, kari, id, 21).await), (None, None));
    assert_eq!(told(21).await, []);
    assert_eq!(ground(&db, leader, 21).await, Some(Ground::Team), "nobody is left who answers for her");
}

pub(crate) async fn an_absence_is_its_persons_own_and_can_be_taken_back(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, jonas, by) = (asked.clinic.kari, asked.jonas, asked.clinic.kari_at(0));
    let id = asked.ask(&db).await;
    let away = NewAbsence { person: kari, deputy: jonas, starts: minutes(10), ends: minutes(60) };
    assert_eq!(db.add_absence(by, away).await.expect("written"), Ok(()));
    assert_eq!(ground(&db, jonas, 20).await, Some(Ground::Deputy));
    let list = db.absences_of(by, kari).await.expect("answered");
    let not_his = db.end_absence(By::person(jonas, NOON), jonas, list[0].id).await;
    assert!(matches!(not_his, Err(StoreError::NotFound)));
    assert!(db.end_absence(by, kari, list[0].id).await.expect("written"));
    assert!(!db.end_absence(by, kari, list[0].id).await.expect("answered"));
    assert_eq!((ground(&db, jonas, 20).await, reads(&db, jonas, id, 20).await), (None, None));
}

pub(crate) async fn only_a_colleague_who_treats_is_a_deputy(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, by) = (asked.clinic.kari, asked.clinic.kari_at(0));
    let away = |deputy| NewAbsence { person: kari, deputy, starts: minutes(10), ends: minutes(60) };
    let other = db
        .add_organization(By::operator(NOON), "En annen", domain::people::OrganizationKind::Clinic)
        .await
        .expect("written");
    let stranger = person(&db, other.id, PersonKind::Practitioner, "Fremmed", "Fagperson").await;
    let newcomer =
        person(&db, asked.clinic.organization, PersonKind::Practitioner, "Siri", "Prøvehaug").await;
    for not in [kari, asked.clinic.nora, stranger, newcomer] {
        assert!(matches!(db.add_absence(by, away(not)).await, Err(StoreError::NotFound)));
    }
    let backwards = NewAbsence { starts: minutes(60), ends: minutes(10), ..away(asked.jonas) };
    assert_eq!(db.add_absence(by, backwards).await.expect("answered"), Err(NotAway::Backwards));
    let offered = db.colleagues(by, asked.clinic.organization).await.expect("answered");
    assert_eq!(offered.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [asked.jonas]);
}

pub(crate) async fn she_sees_that_it_was_seen_and_by_whom(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, nora) = (asked.clinic.kari, asked.clinic.nora);
    let id = asked.ask(&db).await;
    let own = async || db.own_requests(By::person(nora, minutes(6)), asked.browser).await.expect("answered");
    assert_eq!((own().await[0].standing, own().await[0].seen.is_none()), (Standing::Asked, true));
    let ring = answer(&db, kari, id, Step::See(Reply::WillRing)).await;
    assert!(matches!(ring, Err(StoreError::NotFound)), "CARE-03: she has not said that she may be rung");
    for _ in 0..2 {
        answer(&db, kari, id, Step::See(Reply::WillBook)).await.expect("written").expect("open");
    }
    let log = "SELECT COUNT(*) FROM audit_event WHERE action = 'request_seen'";
    assert_eq!(place.count(log).await, 1, "pressed twice");
    let seen = own().await.remove(0);
    let (name, reply) = seen.seen.expect("it was seen");
    assert_eq!((seen.standing, name.given.reveal().as_str()), (Standing::Seen, "Kari"));
    assert_eq!(reply, Some(Reply::WillBook));
    answer(&db, kari, id, Step::Answer).await.expect("written").expect("open");
    let by = By::person(nora, minutes(7));
    assert_eq!(db.withdraw_request(by, asked.browser, id).await.expect("answered"), Err(Closed));
    assert_eq!(own().await[0].standing, Standing::Answered);
    let later = By::person(nora, minutes(8 * 24 * 60));
    assert!(db.own_requests(later, asked.browser).await.expect("answered").is_empty());
}

pub(crate) async fn another_browser_with_a_link_sees_nothing_of_it(place: Place) {
    let db = place.open().await;
    let asked = Asked::new(&db).await;
    let (kari, nora) = (asked.clinic.kari, asked.clinic.nora);
    let id = asked.ask(&db).await;
    let link = db.issue_link(By::person(kari, NOON), asked.clinic.nora_invited.id).await.expect("written");
    let wrong = db.press_link(&link.token, None, minutes(1)).await.expect("answered").expect("fresh").sign_in;
    let by = By::person(nora, minutes(2));
    assert!(db.own_requests(by, wrong).await.expect("answered").is_empty());
    assert!(matches!(db.withdraw_request(by, wrong, id).await, Err(StoreError::NotFound)));
    let new = NewSignIn { person: nora, assurance: Assurance::SignedIn, lifetime: HOUR };
    let (full, _) = db.sign_in(new, minutes(3)).await.expect("written");
    assert_eq!(db.own_requests(by, full).await.expect("answered").len(), 1, "a full sign-in is the person");
    assert_eq!(db.withdraw_request(by, full, id).await.expect("written"), Ok(()));
    assert_eq!(answer(&db, kari, id, Step::Answer).await.expect("answered"), Err(Closed), "she took it back");
}
