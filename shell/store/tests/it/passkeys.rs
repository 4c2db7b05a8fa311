//! Staff and their passkeys: ceremonies, one-time links, sign-ins, roles (SEC-041, SEC-042, SEC-044, SEC-045, SEC-046).

use std::time::Duration;

use domain::people::OrganizationKind;
use domain::staff::{StaffLinkRefused, StaffRole};
use ids::{Assurance, PasskeyId, PersonId, Personal, SignInId};
use store::{
    By, CEREMONY_LASTS, CeremonyKind, CeremonyRefused, Db, NewCeremony, NewPasskey, NewSignIn, OwnPasskey,
    PASSKEYS_MAX, PasskeyAnswered, RoleOf, StoreError, Subject, Token, UseStaffLink,
};
use zeroize::Zeroizing;

use crate::support::{Clinic, NOON, Place, minutes};

const HOUR: Duration = Duration::from_secs(3_600);

fn passkey(number: u8, label: &str) -> NewPasskey {
    NewPasskey {
        credential_hash: [number; 32],
        credential: Zeroizing::new(format!("credential {number} of somebody").into_bytes()),
        label: Personal::new(label.to_owned()),
    }
}

fn answered(passkey: PasskeyId, counter: u32) -> PasskeyAnswered {
    let credential = Zeroizing::new(format!("after {counter}").into_bytes());
    PasskeyAnswered { passkey, credential, counter, lifetime: HOUR }
}

async fn add(db: &Db, clinic: &Clinic, number: u8) -> PasskeyId {
    let added = db.add_passkey(clinic.kari_at(0), clinic.kari, &passkey(number, "Jobb-PC")).await;
    added.expect("written").expect("it is new")
}

async fn sign_in_by(db: &Db, passkey: PasskeyId, at: i64) -> (SignInId, Token) {
    let signed_in = db.sign_in_by_passkey(&answered(passkey, 0), minutes(at)).await;
    signed_in.expect("written").expect("it is a good answer")
}

async fn own(db: &Db, person: PersonId) -> Vec<OwnPasskey> {
    db.passkeys_of(By::person(person, minutes(60)), person).await.expect("answered")
}

async fn is_signed_in(db: &Db, token: &Token, at: i64) -> bool {
    db.signed_in(token, minutes(at)).await.expect("answered").is_some()
}

fn ceremony(kind: CeremonyKind, person: Option<PersonId>) -> NewCeremony {
    NewCeremony { kind, person, staff_link: None, state: Zeroizing::new(b"what was asked".to_vec()) }
}

pub(crate) async fn a_ceremony_is_answered_once(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let handle = db.begin_ceremony(&ceremony(CeremonyKind::Register, Some(clinic.kari)), NOON).await;
    let handle = handle.expect("written");
    let take = async |kind| db.take_ceremony(&handle, kind, minutes(1)).await.expect("answered");
    let taken = take(CeremonyKind::Register).await.expect("it is there");
    assert_eq!((taken.person, taken.staff_link), (Some(clinic.kari), None));
    assert_eq!(taken.state.as_slice(), b"what was asked");
    assert_eq!(take(CeremonyKind::Register).await.unwrap_err(), CeremonyRefused::Answered, "SEC-042");

    let other = db.begin_ceremony(&ceremony(CeremonyKind::SignIn, None), NOON).await.expect("written");
    let wrong = db.take_ceremony(&other, CeremonyKind::Register, minutes(1)).await.expect("answered");
    assert_eq!(wrong.unwrap_err(), CeremonyRefused::Unknown);
    let again = db.take_ceremony(&other, CeremonyKind::SignIn, minutes(1)).await.expect("answered");
    assert_eq!(again.unwrap_err(), CeremonyRefused::Answered, "SEC-042: also after a failure");
    let made_up = Token::from_text("made-up").expect("well-formed");
    let unknown = db.take_ceremony(&made_up, CeremonyKind::SignIn, NOON).await.expect("answered");
    assert_eq!(unknown.unwrap_err(), CeremonyRefused::Unknown);
}

pub(crate) async fn a_ceremony_is_over_after_minutes(place: Place) {
    let db = place.open().await;
    Clinic::new(&db).await;
    let begin =
        async |at| db.begin_ceremony(&ceremony(CeremonyKind::SignIn, None), at).await.expect("written");
    let handle = begin(NOON).await;
    let late = NOON.plus(CEREMONY_LASTS);
    let refused = db.take_ceremony(&handle, CeremonyKind::SignIn, late).await.expect("answered");
    assert_eq!(refused.unwrap_err(), CeremonyRefused::Expired, "SEC-042");
    for after in 0..4 {
        begin(minutes(after)).await;
    }
    assert_eq!(place.count("SELECT COUNT(*) FROM ceremony").await, 5);
    begin(minutes(60)).await;
    assert_eq!(place.count("SELECT COUNT(*) FROM ceremony").await, 1, "nothing piles up");
}

/// SEC-025: the oldest are forgotten, the newest stay; registrations of known people are not touched.
pub(crate) async fn sign_ins_under_way_are_bounded(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let known = ceremony(CeremonyKind::Register, Some(clinic.kari));
    let known = db.begin_ceremony(&known, NOON).await.expect("written");
    let oldest = db.begin_ceremony(&ceremony(CeremonyKind::SignIn, None), NOON).await.expect("written");
    let many = "INSERT INTO ceremony (handle_hash, kind, state, begun, expires) \
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) \
        SELECT CAST(CAST(i AS TEXT) AS BYTES), 'sign_in', CAST('x' AS BYTES), AT, AT + 300000 FROM n";
    let bytes = if format!("{db:?}").contains("postgres") { "BYTEA" } else { "BLOB" };
    let many = many.replace("BYTES", bytes).replace("AT +", &format!("{} +", minutes(1).as_millis()));
    place.tamper(&many.replace("AT,", &format!("{},", minutes(1).as_millis()))).await;
    let newest = db.begin_ceremony(&ceremony(CeremonyKind::SignIn, None), minutes(2)).await.expect("written");
    assert_eq!(place.count("SELECT COUNT(*) FROM ceremony WHERE kind = 'sign_in'").await, 2_000);
    let take = async |handle, kind| db.take_ceremony(handle, kind, minutes(2)).await.expect("answered");
    assert_eq!(take(&oldest, CeremonyKind::SignIn).await.unwrap_err(), CeremonyRefused::Unknown);
    assert!(take(&newest, CeremonyKind::SignIn).await.is_ok());
    assert!(take(&known, CeremonyKind::Register).await.is_ok());
}

pub(crate) async fn a_passkey_is_found_and_signs_in(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let id = add(&db, &clinic, 1).await;
    let found = db.passkey(&[1; 32], minutes(1)).await.expect("answered").expect("it is there");
    assert_eq!((found.id, found.person), (id, clinic.kari));
    assert_eq!(found.credential.as_slice(), b"credential 1 of somebody");
    assert!(db.passkey(&[2; 32], minutes(1)).await.expect("answered").is_none());

    let (_, token) = sign_in_by(&db, id, 2).await;
    let signed_in = db.signed_in(&token, minutes(3)).await.expect("answered").expect("good");
    assert_eq!(signed_in.sign_in.assurance, Assurance::SignedIn);
    assert_eq!((signed_in.sign_in.person, signed_in.scope), (clinic.kari, None));
}

pub(crate) async fn the_counter_of_a_passkey_only_rises(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let id = add(&db, &clinic, 1).await;
    let count = async |counter, at| {
        db.sign_in_by_passkey(&answered(id, counter), minutes(at)).await.expect("written").is_some()
    };
    assert!(count(0, 4).await, "a passkey without a counter goes on");
    assert!(count(7, 5).await);
    for back in [7, 6, 0] {
        assert!(!count(back, 6).await, "SEC-044: {back}");
    }
    assert!(count(8, 7).await);
    let found = db.passkey(&[1; 32], minutes(8)).await.expect("answered").expect("it is there");
    assert_eq!(found.credential.as_slice(), b"after 8");
    assert_eq!(own(&db, clinic.kari).await[0].last_used, Some(minutes(7)));
    let refused = "SELECT COUNT(*) FROM audit_event WHERE action = 'signed_in' AND outcome = 'refused'";
    assert_eq!(place.count(refused).await, 3);
    db.refuse_passkey(&found, minutes(9)).await.expect("written");
    assert_eq!(place.count(refused).await, 4);
}

/// SEC-008: neither the label nor the key lies open in the tables.
pub(crate) async fn what_is_kept_of_passkeys_is_sealed(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    add(&db, &clinic, 1).await;
    assert_eq!(own(&db, clinic.kari).await[0].label.reveal(), "Jobb-PC");
    db.begin_ceremony(&ceremony(CeremonyKind::SignIn, None), NOON).await.expect("written");
    let as_text =
        if format!("{db:?}").contains("postgres") { "encode(COLUMN, 'hex')" } else { "hex(COLUMN)" };
    for (table, column, plain) in [
        ("passkey", "label", "4a6f6262"),
        ("passkey", "credential", "6372656465"),
        ("ceremony", "state", "77686174"),
    ] {
        let text = as_text.replace("COLUMN", column);
        let open = format!("SELECT COUNT(*) FROM {table} WHERE lower({text}) LIKE '%{plain}%'");
        assert_eq!(place.count(&open).await, 0, "{table}.{column}");
        assert_eq!(place.count(&format!("SELECT COUNT(*) FROM {table}")).await, 1);
    }
}

pub(crate) async fn removing_a_passkey_ends_what_it_signed_in(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let (lost, kept) = (add(&db, &clinic, 1).await, add(&db, &clinic, 2).await);
    let (_, by_lost) = sign_in_by(&db, lost, 1).await;
    let (here, by_lost_here) = sign_in_by(&db, lost, 2).await;
    let (_, by_kept) = sign_in_by(&db, kept, 3).await;
    db.remove_passkey(clinic.kari_at(4), clinic.kari, lost, Some(here)).await.expect("written");
    assert!(!is_signed_in(&db, &by_lost, 5).await, "SEC-045");
    assert!(is_signed_in(&db, &by_lost_here, 5).await, "but not the one that removed it");
    assert!(is_signed_in(&db, &by_kept, 5).await);
    assert!(db.passkey(&[1; 32], minutes(5)).await.expect("answered").is_none());
    assert!(db.sign_in_by_passkey(&answered(lost, 0), minutes(5)).await.expect("written").is_none());
    assert_eq!(own(&db, clinic.kari).await.iter().map(|key| key.id).collect::<Vec<_>>(), [kept]);
    let again = db.remove_passkey(clinic.kari_at(6), clinic.kari, lost, None).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
}

pub(crate) async fn passkeys_and_sign_ins_are_their_owners(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let id = add(&db, &clinic, 1).await;
    let (sign_in, token) = sign_in_by(&db, id, 1).await;
    let nora = By::person(clinic.nora, minutes(2));
    let removed = db.remove_passkey(nora, clinic.nora, id, None).await;
    assert!(matches!(removed, Err(StoreError::NotFound)), "SEC-046");
    let ended = db.end_sign_in(nora, clinic.nora, sign_in).await;
    assert!(matches!(ended, Err(StoreError::NotFound)), "SEC-046");
    assert!(own(&db, clinic.nora).await.is_empty());
    assert!(db.sign_ins_of(nora, clinic.nora).await.expect("answered").is_empty());
    assert!(is_signed_in(&db, &token, 3).await);
}

pub(crate) async fn a_person_sees_and_ends_her_sign_ins(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let id = add(&db, &clinic, 1).await;
    let (sign_in, token) = sign_in_by(&db, id, 1).await;
    let hers = db.sign_ins_of(clinic.kari_at(4), clinic.kari).await.expect("answered");
    assert_eq!(hers.len(), 1);
    assert_eq!((hers[0].id, hers[0].started), (sign_in, minutes(1)));
    assert_eq!(hers[0].passkey.as_ref().expect("by a passkey").reveal(), "Jobb-PC");
    assert!(db.end_sign_in(clinic.kari_at(5), clinic.kari, sign_in).await.expect("written"));
    assert!(!is_signed_in(&db, &token, 6).await);
}

pub(crate) async fn passkeys_are_bounded_and_belong_to_one_person(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    for number in 1..=u8::try_from(PASSKEYS_MAX).expect("few") {
        add(&db, &clinic, number).await;
    }
    let one_more = db.add_passkey(clinic.kari_at(7), clinic.kari, &passkey(99, "x")).await.expect("answered");
    assert_eq!(one_more, None, "SEC-025");
    let nora = By::person(clinic.nora, minutes(8));
    let known = db.add_passkey(nora, clinic.nora, &passkey(1, "x")).await.expect("answered");
    assert_eq!(known, None, "a key belongs to one person");
}

async fn issue(db: &Db, person: PersonId, keeps_others: bool, at: i64) -> Token {
    let day = Duration::from_secs(24 * 3_600);
    db.issue_staff_link(By::operator(minutes(at)), person, keeps_others, day).await.expect("written").token
}

fn using(number: u8) -> UseStaffLink {
    UseStaffLink { passkey: passkey(number, "Ny"), lifetime: HOUR }
}

async fn state(db: &Db, token: &Token, at: i64) -> Result<(), StaffLinkRefused> {
    let seen = db.see_staff_link(token, minutes(at)).await.expect("answered");
    seen.expect("there is such a link").link.check(minutes(at))
}

pub(crate) async fn looking_at_a_staff_link_consumes_nothing(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let token = issue(&db, clinic.kari, false, 0).await;
    for at in 1..4 {
        assert_eq!(state(&db, &token, at).await, Ok(()), "SEC-041");
    }
    let seen = db.see_staff_link(&token, minutes(4)).await.expect("answered").expect("there");
    assert_eq!((seen.initials.reveal().as_str(), seen.passkeys), ("KP", 0));
    assert_eq!(place.count("SELECT COUNT(*) FROM staff_link WHERE used IS NULL").await, 1);
    let logged = "SELECT COUNT(*) FROM audit_event WHERE action = 'read' AND actor_kind = 'staff_link'";
    assert_eq!(place.count(logged).await, 4, "SEC-006");
    let open =
        format!("SELECT COUNT(*) FROM staff_link WHERE CAST(token_hash AS TEXT) = '{}'", token.reveal());
    assert_eq!(place.count(&open).await, 0);
}

pub(crate) async fn a_staff_link_works_once_and_ends_what_was_before(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let lost = [add(&db, &clinic, 1).await, add(&db, &clinic, 2).await];
    let (old, old_cookie) = sign_in_by(&db, lost[0], 1).await;
    let token = issue(&db, clinic.kari, false, 2).await;
    assert!(is_signed_in(&db, &old_cookie, 3).await, "making the link ends nothing");

    let mut changes = db.changes();
    let used = db.use_staff_link(&token, &using(3), minutes(4)).await.expect("written").expect("it works");
    let heard = changes.try_recv().expect("the rooms are told").subjects;
    assert!(heard.contains(&Subject::SignIn(old)), "SEC-045: {heard:?}");
    assert!(!is_signed_in(&db, &old_cookie, 5).await, "SEC-045");
    assert!(is_signed_in(&db, &used.cookie, 5).await);
    assert_eq!(own(&db, clinic.kari).await.iter().map(|key| key.id).collect::<Vec<_>>(), [used.passkey]);
    let removed = "SELECT COUNT(*) FROM audit_event WHERE action = 'passkey_removed'";
    assert_eq!(place.count(removed).await, 2, "SEC-006: each is in the log");
    let hers = db.sign_ins_of(clinic.kari_at(5), clinic.kari).await.expect("answered");
    assert_eq!(hers.iter().map(|one| one.id).collect::<Vec<_>>(), [used.sign_in]);

    used_once(&db, &token).await;
    assert_eq!(own(&db, clinic.kari).await.len(), 1);
}

async fn used_once(db: &Db, token: &Token) {
    let again = db.use_staff_link(token, &using(4), minutes(6)).await.expect("answered");
    assert_eq!(again.unwrap_err(), StaffLinkRefused::Used, "SEC-041");
    assert_eq!(state(db, token, 6).await, Err(StaffLinkRefused::Used));
}

pub(crate) async fn a_staff_link_may_keep_what_was_before(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let first = add(&db, &clinic, 1).await;
    let (_, cookie) = sign_in_by(&db, first, 1).await;
    let token = issue(&db, clinic.kari, true, 2).await;
    db.use_staff_link(&token, &using(2), minutes(3)).await.expect("written").expect("it works");
    assert!(is_signed_in(&db, &cookie, 4).await);
    assert_eq!(own(&db, clinic.kari).await.len(), 2);
    assert_eq!(db.credentials_of(clinic.kari, minutes(4)).await.expect("answered").len(), 2);
    // A key that is known already is not taken a second time, and the link is not used up by it.
    let token = issue(&db, clinic.kari, true, 5).await;
    assert!(db.use_staff_link(&token, &using(2), minutes(6)).await.expect("answered").is_err());
    assert_eq!(state(&db, &token, 7).await, Ok(()));
}

pub(crate) async fn a_staff_link_is_replaced_and_expires(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let first = issue(&db, clinic.kari, false, 0).await;
    let second = issue(&db, clinic.kari, false, 1).await;
    assert_eq!(state(&db, &first, 2).await, Err(StaffLinkRefused::Replaced), "SEC-041");
    assert_eq!(state(&db, &second, 24 * 60).await, Ok(()));
    assert_eq!(state(&db, &second, 24 * 60 + 1).await, Err(StaffLinkRefused::Expired), "SEC-041");
    for token in [&first, &second] {
        let late = db.use_staff_link(token, &using(1), minutes(24 * 60 + 1)).await.expect("answered");
        assert!(late.is_err());
    }
    let made_up = Token::from_text("made-up").expect("well-formed");
    let unknown = db.use_staff_link(&made_up, &using(1), minutes(2)).await.expect("answered");
    assert_eq!(unknown.unwrap_err(), StaffLinkRefused::Unknown);
    assert!(own(&db, clinic.kari).await.is_empty());
}

pub(crate) async fn all_other_sign_ins_end_and_the_rooms_hear_it(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let id = add(&db, &clinic, 1).await;
    let (here, cookie) = sign_in_by(&db, id, 1).await;
    let (there, _) = sign_in_by(&db, id, 2).await;
    let new = NewSignIn { person: clinic.kari, assurance: Assurance::SignedIn, lifetime: HOUR };
    let (elsewhere, _) = db.sign_in(new, minutes(3)).await.expect("written");
    let (noras, _) = db.sign_in(NewSignIn { person: clinic.nora, ..new }, minutes(3)).await.expect("written");
    let mut changes = db.changes();
    let by = clinic.kari_at(4);
    assert_eq!(db.end_other_sign_ins(by, clinic.kari, here).await.expect("written"), 2);
    let heard = changes.try_recv().expect("the rooms are told").subjects;
    assert_eq!(heard, [Subject::SignIn(there), Subject::SignIn(elsewhere)]);
    assert!(is_signed_in(&db, &cookie, 5).await);
    assert_eq!(db.end_other_sign_ins(by, clinic.kari, here).await.expect("nothing to do"), 0);
    let nora = By::person(clinic.nora, minutes(5));
    assert_eq!(db.sign_ins_of(nora, clinic.nora).await.expect("answered")[0].id, noras);
    let events = "SELECT COUNT(*) FROM audit_event WHERE action = 'signed_out'";
    assert_eq!(place.count(events).await, 2);
}

pub(crate) async fn access_ends_at_once(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let id = add(&db, &clinic, 1).await;
    let (there, cookie) = sign_in_by(&db, id, 1).await;
    let link = issue(&db, clinic.kari, true, 2).await;
    let mut changes = db.changes();
    let by = By::operator(minutes(3));
    assert!(db.end_access(by, clinic.kari).await.expect("written"));
    assert_eq!(changes.try_recv().expect("the rooms are told").subjects, [Subject::SignIn(there)], "SEC-045");
    assert!(!is_signed_in(&db, &cookie, 4).await);
    assert_eq!(state(&db, &link, 4).await, Err(StaffLinkRefused::Replaced));
    assert!(own(&db, clinic.kari).await.is_empty());
    assert!(!db.end_access(by, clinic.kari).await.expect("nothing to do"));
    for action in ["passkey_removed", "signed_out", "staff_link_revoked"] {
        let events = format!("SELECT COUNT(*) FROM audit_event WHERE action = '{action}'");
        assert_eq!(place.count(&events).await, 1, "{action}");
    }
    assert!(matches!(db.end_access(by, clinic.nora).await, Err(StoreError::NotFound)));
}

pub(crate) async fn roles_are_granted(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let by = By::operator(NOON);
    let home = db.add_organization(by, "Et bosted", OrganizationKind::Institution).await.expect("written");
    let of = |organization, role| RoleOf { person: clinic.kari, organization, role };
    let administrator = of(clinic.organization, StaffRole::Administrator);
    for role in StaffRole::ALL {
        assert!(db.grant_role(by, of(clinic.organization, role)).await.expect("written"));
    }
    assert!(db.grant_role(by, of(home.id, StaffRole::Leader)).await.expect("written"));
    assert!(!db.grant_role(by, administrator).await.expect("nothing to do"));
    let held = db.roles_of(clinic.kari, minutes(1)).await.expect("answered");
    assert_eq!(held.len(), 6);
    assert!(held.iter().all(|role| role.since == NOON && role.ended.is_none()));
}

pub(crate) async fn an_ended_role_is_kept_and_may_be_granted_again(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let (person, organization) = (clinic.kari, clinic.organization);
    let administrator = RoleOf { person, organization, role: StaffRole::Administrator };
    assert!(db.grant_role(By::operator(NOON), administrator).await.expect("written"));
    assert!(db.end_role(By::operator(minutes(2)), administrator).await.expect("written"));
    assert!(!db.end_role(By::operator(minutes(3)), administrator).await.expect("nothing to do"));
    let held = db.roles_of(clinic.kari, minutes(4)).await.expect("answered");
    assert!(!held.iter().any(|role| role.role == StaffRole::Administrator));
    assert!(db.grant_role(By::operator(minutes(5)), administrator).await.expect("again"));
    assert_eq!(place.count("SELECT COUNT(*) FROM practitioner_role").await, 2, "what was is kept");
    assert_eq!(place.count("SELECT COUNT(*) FROM audit_event WHERE action = 'role_ended'").await, 1);
}

pub(crate) async fn only_practitioners_get_links_and_roles(place: Place) {
    let db = place.open().await;
    let clinic = Clinic::new(&db).await;
    let by = By::operator(NOON);
    let link = db.issue_staff_link(by, clinic.nora, false, HOUR).await;
    assert!(matches!(link, Err(StoreError::NotFound)));
    let role =
        RoleOf { person: clinic.nora, organization: clinic.organization, role: StaffRole::Administrator };
    assert!(matches!(db.grant_role(by, role).await, Err(StoreError::NotFound)));
    assert!(db.roles_of(clinic.nora, NOON).await.expect("answered").is_empty());
}
