//! Every route as nobody, as the wrong organisation, in the wrong role and in the right one: one golden table.
//!
//! The table is `authorization.txt`. A new route without a row fails, so nobody forgets to think about it.

use std::fmt::Write;

use domain::request::Wish;
use ids::{Assurance, RequestId};
use store::demo::DemoRole;
use store::{By, NewRequest, NewSignIn};

use crate::world::{Browser, World};

/// A step of the crisis panel.
const STEP: &str =
    "id=01900000-0000-7000-8000-0000000000c1&kind=opened&done=1795262640000&said=1795262640000";
/// That the rest of the hour is by telephone.
const TELEPHONE: &str =
    "id=01900000-0000-7000-8000-0000000000c1&kind=telephone&done=1795262640000&said=1795262640000";

/// Method, route, the path that is asked for, the form that is sent.
pub(crate) type Row = (&'static str, &'static str, String, String);

fn rows(world: &World) -> Vec<Row> {
    let get = |route, path: &str| ("GET", route, path.to_owned(), String::new());
    let post = |route, path: &str, form: &str| ("POST", route, path.to_owned(), form.to_owned());
    let session = world.demo.session;
    let unknown = "00000000-0000-7000-8000-000000000000";
    let link = world.link(DemoRole::Guardian);
    let invitation = format!("invitation={}", world.person(DemoRole::YoungPerson).invitation);
    vec![
        get("/", "/"),
        get("/j/{token}", &link),
        get("/j/{token}", "/j/no-such-token-at-all"),
        post("/j/{token}", "/j/no-such-token-at-all", ""),
        get("/demo/{token}", "/demo/no-such-token-at-all"),
        get("/day", "/day"),
        get("/day/waiting", "/day/waiting"),
        get("/day/ill", "/day/ill"),
        post("/day/ill", "/day/ill", ""),
        post("/day/link", "/day/link", &invitation),
        post("/day/link", "/day/link", &format!("invitation={unknown}")),
        post("/day/reopen", "/day/reopen", &format!("session={session}")),
        post("/day/reopen", "/day/reopen", &format!("session={unknown}")),
        get("/meeting/{session}", &format!("/meeting/{session}")),
        get("/meeting/{session}", &format!("/meeting/{unknown}")),
        get("/meeting/{session}", "/meeting/rubbish"),
        post("/meeting/{session}/crisis", &format!("/meeting/{session}/crisis"), STEP),
        post("/meeting/{session}/crisis", &format!("/meeting/{unknown}/crisis"), STEP),
        post("/meeting/{session}/crisis", "/meeting/rubbish/crisis", STEP),
        post("/meeting/{session}/telephone", &format!("/meeting/{session}/telephone"), TELEPHONE),
        post("/meeting/{session}/telephone", &format!("/meeting/{unknown}/telephone"), TELEPHONE),
        post("/meeting/{session}/telephone", "/meeting/rubbish/telephone", TELEPHONE),
        get("/ws/{session}", &format!("/ws/{session}")),
        get("/ws/{session}", &format!("/ws/{unknown}")),
        get("/goodbye", "/goodbye"),
        post("/goodbye/company", "/goodbye/company", ""),
        post("/goodbye/questions", "/goodbye/questions", "got-said=yes&readers=statistics"),
        post("/goodbye/questions", "/goodbye/questions", "got-said=yes"),
        post("/goodbye/questions/back", "/goodbye/questions/back", ""),
        get("/not-now", "/not-now"),
        get("/lock", "/lock"),
        get("/lock/how", "/lock/how"),
        get("/who-sees", "/who-sees"),
        get("/practice", "/practice"),
        get("/help", "/help"),
        get("/unsupported", "/unsupported"),
        post("/language", "/language", "lang=nn&back=/"),
        post("/sign-out", "/sign-out", ""),
        get("/sign-in", "/sign-in"),
        post("/sign-in/begin", "/sign-in/begin", ""),
        post("/sign-in/finish", "/sign-in/finish", "rubbish"),
        get("/first/{token}", "/first/no-such-token-at-all"),
        post("/first/{token}/begin", "/first/no-such-token-at-all/begin", ""),
        post("/first/{token}/finish", "/first/no-such-token-at-all/finish", ""),
        get("/account", "/account"),
        post("/account/keys/begin", "/account/keys/begin", ""),
        post("/account/keys/finish", "/account/keys/finish", "rubbish"),
        post("/account/keys/remove", "/account/keys/remove", &format!("passkey={unknown}")),
        post("/account/end", "/account/end", &format!("sign_in={unknown}")),
        post("/account/end-others", "/account/end-others", ""),
        get("/assets/{hash}/{name}", "/assets/0123456789abcdef/stage.js"),
        get("/day.js", "/day.js"),
        get("/passkey.js", "/passkey.js"),
        get("/here.js", "/here.js"),
        get("/favicon.svg", "/favicon.svg"),
        get("/manifest.webmanifest", "/manifest.webmanifest"),
        get("/robots.txt", "/robots.txt"),
        get("/healthz", "/healthz"),
        get("none", "/nowhere"),
    ]
}

/// Rows of planning: booking, one appointment, its messages.
fn rows_of_planning(world: &World) -> Vec<Row> {
    let get = |route, path: &str| ("GET", route, path.to_owned(), String::new());
    let post = |route, path: &str, form: &str| ("POST", route, path.to_owned(), form.to_owned());
    let unknown = "00000000-0000-7000-8000-000000000000";
    let invitation = format!("invitation={}", world.person(DemoRole::YoungPerson).invitation);
    let book = format!("/book/{}", world.person(DemoRole::YoungPerson).person);
    let appointment = format!("/appointment/{}", world.demo.appointment);
    vec![
        get("/book", "/book"),
        get("/book/{person}", &book),
        get("/book/{person}", &format!("/book/{unknown}")),
        post("/book/{person}", &book, "date=&time="),
        post("/book/{person}", &format!("/book/{unknown}"), "date=&time="),
        get("/appointment/{id}", &appointment),
        get("/appointment/{id}", &format!("/appointment/{unknown}")),
        post("/appointment/{id}/move", &format!("{appointment}/move"), "seen=0&date=&time="),
        post("/appointment/{id}/move", &format!("/appointment/{unknown}/move"), "seen=0&date=&time="),
        post("/appointment/{id}/convert", &format!("{appointment}/convert"), "seen=7&mode=office"),
        post("/appointment/{id}/convert", &format!("/appointment/{unknown}/convert"), "seen=7&mode=office"),
        post("/appointment/{id}/cancel", &format!("{appointment}/cancel"), "seen=7&by=clinic&cause=ill"),
        post(
            "/appointment/{id}/cancel",
            &format!("/appointment/{unknown}/cancel"),
            "seen=7&by=clinic&cause=ill",
        ),
        post("/appointment/{id}/late", &format!("{appointment}/late"), "minutes=5"),
        post("/appointment/{id}/late", &format!("/appointment/{unknown}/late"), "minutes=5"),
        post("/appointment/{id}/link", &format!("{appointment}/link"), &invitation),
        post("/appointment/{id}/link", &format!("/appointment/{unknown}/link"), &invitation),
        post("/appointment/{id}/questions", &format!("{appointment}/questions"), "do=off"),
        post("/appointment/{id}/questions", &format!("/appointment/{unknown}/questions"), "do=off"),
        get("/appointment/{id}/close", &format!("{appointment}/close")),
        get("/appointment/{id}/close", &format!("/appointment/{unknown}/close")),
        post("/appointment/{id}/close", &format!("{appointment}/close"), "seen=0&outcome="),
        post("/appointment/{id}/close", &format!("/appointment/{unknown}/close"), "seen=0&outcome="),
        get("/appointment/{id}/messages", &format!("/appointment/{}/messages", world.demo.appointment)),
        get("/appointment/{id}/messages", &format!("/appointment/{unknown}/messages")),
        get("/appointment/{id}/messages", "/appointment/rubbish/messages"),
        post(
            "/appointment/{id}/messages",
            &format!("/appointment/{}/messages", world.demo.appointment),
            &format!("message={unknown}"),
        ),
        post(
            "/appointment/{id}/messages/tell",
            &format!("/appointment/{}/messages/tell", world.demo.appointment),
            "words=none",
        ),
        post(
            "/appointment/{id}/messages/tell",
            &format!("/appointment/{unknown}/messages/tell"),
            "words=none",
        ),
    ]
}

/// Rows of people and places, all about the demo's clinic.
pub(crate) fn rows_of_people(world: &World, clinic: ids::OrganizationId) -> Vec<Row> {
    let get = |route, path: &str| ("GET", route, path.to_owned(), String::new());
    let post = |route, path: &str, form: &str| ("POST", route, path.to_owned(), form.to_owned());
    let unknown = "00000000-0000-7000-8000-000000000000";
    let her = format!("/people/{}", world.person(DemoRole::YoungPerson).person);
    let admin = format!("/admin/{clinic}");
    let staff = format!("{admin}/staff/{}", world.person(DemoRole::Clinician).person);
    let partner = format!("{admin}/partners/{unknown}");
    vec![
        get("/people", "/people"),
        get("/people/new", "/people/new"),
        post("/people/new", "/people/new", "id=01900000-0000-7000-8000-000000000001&given="),
        get("/people/{id}", &her),
        get("/people/{id}", &format!("/people/{unknown}")),
        post("/people/{id}/name", &format!("{her}/name"), "given="),
        post("/people/{id}/contact", &format!("{her}/contact"), &format!("person={unknown}&way=none")),
        post("/people/{id}/protection", &format!("{her}/protection"), "protection=open"),
        post("/people/{id}/around", &format!("{her}/around"), "role="),
        post("/people/{id}/apart", &format!("{her}/apart"), &format!("person={unknown}")),
        post("/people/{id}/team", &format!("{her}/team"), "do=share"),
        post("/people/{id}/task", &format!("{her}/task"), &format!("task={unknown}")),
        post("/people/{id}/questions", &format!("{her}/questions"), "do=on"),
        post("/people/{id}/questions", &format!("/people/{unknown}/questions"), "do=on"),
        post("/people/{id}/with-parents", &format!("{her}/with-parents"), "do=yes"),
        post("/people/{id}/with-parents", &format!("/people/{unknown}/with-parents"), "do=yes"),
        get("/people/{id}/agreement", &format!("{her}/agreement")),
        get("/people/{id}/agreement", &format!("/people/{unknown}/agreement")),
        post("/people/{id}/agreement", &format!("{her}/agreement"), "adult-name=&has-adult=yes"),
        post("/people/{id}/ready", &format!("{her}/ready"), "point=consent&do=open&reason="),
        get("/admin", "/admin"),
        get("/admin/{organization}", &admin),
        get("/admin/{organization}", &format!("/admin/{unknown}")),
        post("/admin/{organization}/name", &format!("{admin}/name"), "name="),
        get("/admin/{organization}/new", &format!("{admin}/new")),
        post("/admin/{organization}/new", &format!("{admin}/new"), "id=01900000-0000-7000-8000-000000000002"),
        get("/admin/{organization}/staff/{person}", &staff),
        get("/admin/{organization}/staff/{person}", &format!("{admin}/staff/{unknown}")),
        post("/admin/{organization}/staff/{person}/name", &format!("{staff}/name"), "given="),
        post("/admin/{organization}/staff/{person}/roles", &format!("{staff}/roles"), "role=clinician"),
        post("/admin/{organization}/staff/{person}/link", &format!("{staff}/link"), ""),
        post(
            "/admin/{organization}/staff/{person}/sign-out",
            &format!("{admin}/staff/{unknown}/sign-out"),
            "",
        ),
        post("/admin/{organization}/staff/{person}/list", &format!("{staff}/list"), &format!("to={unknown}")),
        post("/admin/{organization}/staff/{person}/end", &format!("{admin}/staff/{unknown}/end"), ""),
        post("/admin/{organization}/partners", &format!("{admin}/partners"), "name="),
        get("/admin/{organization}/partners/{partner}", &partner),
        post(
            "/admin/{organization}/partners/{partner}/name",
            &format!("{partner}/name"),
            "name=A&kind=school",
        ),
        post("/admin/{organization}/partners/{partner}/people", &format!("{partner}/people"), "id=x"),
        get("/admin/{organization}/helplines", &format!("{admin}/helplines")),
        post("/admin/{organization}/helplines/save", &format!("{admin}/helplines/save"), "doctor-number=x"),
        get("/admin/{organization}/log", &format!("{admin}/log")),
        get("/admin/{organization}/support", &format!("{admin}/support")),
        post("/admin/{organization}/support", &format!("{admin}/support"), "code=x"),
    ]
}

/// Rows of requests, absences and a care worker's answer.
fn rows_of_requests(world: &World, request: RequestId) -> Vec<Row> {
    let get = |route, path: &str| ("GET", route, path.to_owned(), String::new());
    let post = |route, path: &str, form: &str| ("POST", route, path.to_owned(), form.to_owned());
    let unknown = "00000000-0000-7000-8000-000000000000";
    let hour = world.demo.appointment;
    let given = "cause=travel&she-knows=yes";
    let decided = format!("seen=0&talk={hour}&do=nothing");
    vec![
        get("/ask", "/ask"),
        post("/ask", "/ask", "id=rubbish"),
        post("/ask", "/ask", &format!("id={unknown}&wish=")),
        post("/ask/withdraw", "/ask/withdraw", &format!("request={unknown}")),
        get("/request/{id}", &format!("/request/{request}")),
        post("/request/{id}", &format!("/request/{request}"), "do=book"),
        post("/ask/withdraw", "/ask/withdraw", &format!("request={request}")),
        get("/request/{id}", &format!("/request/{unknown}")),
        get("/request/{id}", "/request/rubbish"),
        post("/request/{id}", &format!("/request/{unknown}"), "do=answered"),
        get("/lend/{id}", &format!("/lend/{hour}")),
        get("/lend/{id}", &format!("/lend/{unknown}")),
        get("/lend/{id}", "/lend/rubbish"),
        post("/lend/{id}", &format!("/lend/{hour}"), "known="),
        post("/lend/{id}", &format!("/lend/{unknown}"), "known=acquaintance"),
        post("/lend/{id}/phone", &format!("/lend/{hour}/phone"), "known="),
        post("/lend/{id}/phone", &format!("/lend/{unknown}/phone"), "known=acquaintance"),
        get("/here", "/here"),
        post("/here/start", "/here/start", ""),
        post("/here/close", "/here/close", ""),
        get("/away", "/away"),
        post("/away", "/away", "from=&to="),
        post("/away/end", "/away/end", &format!("absence={unknown}")),
        get("/not-today/{id}", &format!("/not-today/{hour}")),
        get("/not-today/{id}", &format!("/not-today/{unknown}")),
        post("/not-today/{id}", &format!("/not-today/{hour}"), given),
        post("/not-today/{id}", &format!("/not-today/{unknown}"), given),
        post("/not-today/{id}/back", &format!("/not-today/{hour}/back"), ""),
        get("/appointment/{id}/response", &format!("/appointment/{hour}/response")),
        get("/appointment/{id}/response", &format!("/appointment/{unknown}/response")),
        post("/appointment/{id}/response", &format!("/appointment/{hour}/response"), &decided),
        post("/appointment/{id}/response", &format!("/appointment/{unknown}/response"), &decided),
    ]
}

/// Something that the young person has asked for.
async fn request(world: &World) -> RequestId {
    let person = world.person(DemoRole::YoungPerson).person;
    let lifetime = std::time::Duration::from_secs(3_600);
    let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime };
    let (sign_in, _) = world.db.sign_in(new, world.now()).await.expect("she is in the register");
    let id = world.db.new_request_id(world.now()).expect("randomness");
    let team_from = world.now().plus(lifetime);
    let new =
        NewRequest { id, person, sign_in, wish: Wish::ExtraTalk, line: None, may_ring: false, team_from };
    world.db.ask(By::person(person, world.now()), &new).await.expect("written").expect("there is room");
    id
}

const WHO: [&str; 5] = ["nobody", "other clinic", "young person", "care worker", "clinician"];

async fn browser<'w>(world: &'w World, who: &str, stranger: ids::PersonId) -> Browser<'w> {
    match who {
        "nobody" => world.browser(),
        "other clinic" => world.signed_in(stranger).await,
        "young person" => world.signed_in(world.person(DemoRole::YoungPerson).person).await,
        "care worker" => world.signed_in(world.person(DemoRole::CareWorker).person).await,
        _ => world.signed_in(world.person(DemoRole::Clinician).person).await,
    }
}

#[tokio::test]
async fn the_golden_table_holds() {
    let world = World::new().await;
    let stranger = world.stranger().await;
    let people = rows_of_people(&world, world.clinic().await);
    let request = request(&world).await;
    let mut table = format!("{:<5}{:<30}{:<14}", "", "route", "asked for");
    for who in WHO {
        let _ = write!(table, "{who:>14}");
    }
    table.push('\n');
    let mut place = 0;
    let rows = rows(&world).into_iter().chain(rows_of_planning(&world)).chain(people);
    for (method, route, path, form) in rows.chain(rows_of_requests(&world, request)) {
        let case = match path.as_str() {
            path if path.contains("00000000-0000") || form.contains("00000000-0000") => "unknown",
            path if path.contains("no-such") || path.contains("nowhere") => "unknown",
            path if path.contains("rubbish") => "rubbish",
            _ => "",
        };
        let _ = write!(table, "{method:<5}{route:<29} {case:<14}");
        place += 1;
        for who in WHO {
            let mut browser = browser(&world, who, stranger).await;
            // From a place of its own on this machine, or so many misses would meet the brake on guessing.
            browser.peer = ([127, 0, 1, place], 50_000).into();
            let answer = match method {
                "POST" => browser.post(&path, &form).await,
                _ => {
                    let request = browser.request(axum::http::Method::GET, &path);
                    let request = request.header("origin", "http://localhost:8080");
                    browser.send(request.body(axum::body::Body::empty()).expect("a request")).await
                }
            };
            let _ = write!(table, "{:>14}", answer.status.as_u16());
        }
        table.push('\n');
    }
    let golden = include_str!("authorization.txt");
    assert!(golden == table, "the table has become:\n{table}");
}

#[test]
fn every_route_stands_in_the_table() {
    let golden = include_str!("authorization.txt");
    let source = include_str!("../../src/lib.rs");
    let routes: Vec<&str> =
        source.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(routes.len() > 15, "the routes are read");
    for route in routes {
        let stands = golden.lines().any(|line| line.split_whitespace().nth(1) == Some(route));
        assert!(stands, "{route} has no row in authorization.txt");
    }
}
