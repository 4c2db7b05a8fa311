//! A small world for the tests: database, invented people, a clock that stands still, and browsers with cookies.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use domain::connections::Connections;
use domain::people::{Language, OrganizationKind};
use domain::staff::StaffRole;
use ids::{Assurance, OrganizationId, PersonId, Personal, SessionId, Timestamp};
use store::demo::{Demo, DemoPerson, DemoRole};
use store::{By, Db, Name, NewPerson, NewSignIn, Options, PersonKind, RoleOf, Token};
use tower::ServiceExt;
use web::{AppState, Assets, DemoLink, Numbers, Ports, Settings, SocketHandover, WaitingNow};

/// Saturday 21 November 2026, 13.04 in Norway.
const NOW: i64 = 1_795_262_640_000;
/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Everything behind the router.
pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) db: Db,
    pub(crate) demo: Demo,
    pub(crate) clock: Arc<AtomicI64>,
    pub(crate) waiting: Arc<Mutex<Vec<WaitingNow>>>,
    /// What the server would know of lines.
    pub(crate) connections: Arc<Mutex<Connections>>,
    pub(crate) folder: tempfile::TempDir,
}

/// Everything that any test has logged so far, down to the last detail.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was logged, as text.
pub(crate) fn logged() -> String {
    String::from_utf8(LOG.lock().expect("nobody panicked").clone()).expect("log lines are text")
}

fn listen_to_the_log() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        subscriber.with_writer(|| Log).init();
    });
}

/// What can differ between worlds.
pub(crate) struct Kind {
    pub(crate) demo_mode: bool,
    pub(crate) base_url: &'static str,
}

impl World {
    /// A demo on this machine.
    pub(crate) async fn new() -> Self {
        Self::of(Kind { demo_mode: true, base_url: "http://localhost:8080" }).await
    }

    pub(crate) async fn of(kind: Kind) -> Self {
        listen_to_the_log();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let now = Timestamp::from_millis(NOW);
        let db = Db::open(&Options::in_directory(folder.path(), now)).await.expect("a new database opens");
        let demo = db.seed_demo(now).await.expect("the demo is laid in");
        let clock = Arc::new(AtomicI64::new(NOW));
        let waiting = Arc::<Mutex<Vec<WaitingNow>>>::default();
        let connections = Arc::<Mutex<Connections>>::default();
        let settings = Settings {
            base_url: kind.base_url.to_owned(),
            demo: kind.demo_mode.then(|| demo_links(&demo)),
            language: web::i18n::Lang::Nb,
            time_zone: jiff::tz::TimeZone::get("Europe/Oslo").expect("the zone data is bundled"),
            rules: domain::message::Rules::default(),
            texts: true,
            numbers: Numbers::default(),
            support: None,
        };
        let site = folder.path().join("site");
        write_site(&site);
        let state =
            AppState::new(db.clone(), ports(&clock, &waiting, &connections), settings, Assets::folder(&site));
        Self { router: web::router(state), db, demo, clock, waiting, connections, folder }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.load(Ordering::SeqCst))
    }

    pub(crate) fn person(&self, who: DemoRole) -> &DemoPerson {
        self.demo.people.iter().find(|person| person.who == who).expect("the demo has everybody")
    }

    /// The path of somebody's personal link.
    pub(crate) fn link(&self, who: DemoRole) -> String {
        let token = self.person(who).link.as_ref().expect("this person comes by a link");
        format!("/j/{}", token.reveal())
    }

    /// A browser on this machine that nobody is signed in at.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            cookies: BTreeMap::new(),
            peer: "127.0.0.1:50000".parse().expect("an address"),
            host: "localhost:8080".to_owned(),
            language: None,
        }
    }

    /// A browser in which this person is fully signed in.
    pub(crate) async fn signed_in(&self, person: PersonId) -> Browser<'_> {
        let lifetime = std::time::Duration::from_secs(3600);
        let new = NewSignIn { person, assurance: Assurance::SignedIn, lifetime };
        let (_, token) = self.db.sign_in(new, self.now()).await.expect("the person is in the register");
        let mut browser = self.browser();
        browser.cookies.insert("samrom".to_owned(), token.reveal().to_owned());
        browser
    }

    /// A clinician of another clinic, which she administers as well; invited to nothing.
    pub(crate) async fn stranger(&self) -> PersonId {
        let by = By::operator(self.now());
        let clinic = self.db.add_organization(by, "En annen klinikk", OrganizationKind::Clinic).await;
        let organization = clinic.expect("it is entered").id;
        self.staff(organization, "Fremmed", &[StaffRole::Clinician, StaffRole::Administrator]).await
    }

    /// The clinic of the demo.
    pub(crate) async fn clinic(&self) -> OrganizationId {
        let by = By::operator(self.now());
        let kari = self.person(DemoRole::Clinician).person;
        let purpose = domain::audit::Purpose::Review;
        self.db.person(by, purpose, kari).await.expect("she is in the register").organization
    }

    /// Somebody who works in an organisation, with these roles there.
    pub(crate) async fn staff(
        &self,
        organization: OrganizationId,
        given: &str,
        roles: &[StaffRole],
    ) -> PersonId {
        let by = By::operator(self.now());
        let part = |text: &str| Personal::new(text.to_owned());
        let new = NewPerson {
            organization,
            kind: PersonKind::Practitioner,
            name: Name { given: part(given), family: part("Fagperson") },
            phone: None,
            language: Language::Bokmal,
        };
        let person = self.db.add_person(by, &new).await.expect("the person is entered");
        for role in roles {
            let of = RoleOf { person, organization, role: *role };
            self.db.grant_role(by, of).await.expect("the role is given");
        }
        person
    }

    pub(crate) fn somebody_waits(&self, who: DemoRole, session: SessionId, participant: ids::ParticipantId) {
        let since = self.now().minus(std::time::Duration::from_secs(180));
        assert!(self.person(who).link.is_some(), "a host does not wait");
        self.waiting.lock().expect("nobody panicked").push(WaitingNow { session, participant, since });
    }
}

fn demo_links(demo: &Demo) -> Vec<DemoLink> {
    let address = |token: &Token| format!("http://localhost:8080/demo/{}", token.reveal());
    demo.people.iter().map(|person| DemoLink { who: person.who, address: address(&person.sign_in) }).collect()
}

/// The socket port answers every message with the seat it was given, so that a test sees the hand-over.
fn ports(
    clock: &Arc<AtomicI64>,
    waiting: &Arc<Mutex<Vec<WaitingNow>>>,
    connections: &Arc<Mutex<Connections>>,
) -> Ports {
    let (drawing, finding) = (Arc::clone(connections), Arc::clone(connections));
    let (drawn, found) = (Arc::clone(clock), Arc::clone(clock));
    let time = |clock: &AtomicI64| Timestamp::from_millis(clock.load(Ordering::SeqCst));
    let (clock, waiting) = (Arc::clone(clock), Arc::clone(waiting));
    let sockets = |mut handover: SocketHandover| -> web::Pending<()> {
        Box::pin(async move {
            while let Some(Ok(_)) = handover.socket.recv().await {
                let seat = format!("{} {}", handover.session, handover.participant);
                if handover.socket.send(seat.into()).await.is_err() {
                    break;
                }
            }
        })
    };
    let of = move |sessions: &[SessionId]| -> Vec<WaitingNow> {
        let all = waiting.lock().expect("nobody panicked");
        all.iter().filter(|one| sessions.contains(&one.session)).copied().collect()
    };
    Ports {
        clock: Arc::new(move || Timestamp::from_millis(clock.load(Ordering::SeqCst))),
        sockets: Arc::new(sockets),
        waiting: Arc::new(of),
        support_code: Arc::new(move |seat, organization, what| {
            let mut log = drawing.lock().expect("nobody panicked");
            let code = log.code(seat, organization, time(&drawn), 8_123_456);
            if let Some(what) = what {
                log.note(seat, time(&drawn), what);
            }
            code
        }),
        connection_log: Arc::new(move |organization, code| {
            finding.lock().expect("nobody panicked").find(organization, code, time(&found))
        }),
        salt: [7; 16],
    }
}

/// A tiny build of the assets.
fn write_site(site: &Path) {
    std::fs::create_dir_all(site).expect("the folder is ours");
    let files = [
        ("manifest.json", r#"{"hash":"0123456789abcdef","files":{}}"#.to_owned()),
        ("site.css", "body{margin:0}\n".repeat(200)),
        ("stage.wasm", "\0asm".to_owned()),
        ("stage.js", "export {}".to_owned()),
    ];
    for (name, text) in files {
        std::fs::write(site.join(name), text).expect("the folder is ours");
    }
}

/// A browser: it keeps cookies and says where a request comes from, as browsers do.
pub(crate) struct Browser<'w> {
    world: &'w World,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) peer: SocketAddr,
    pub(crate) host: String,
    pub(crate) language: Option<&'static str>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("plain"))
    }

    pub(crate) fn title(&self) -> String {
        let text = self.text();
        let (_, rest) = text.split_once("<title>").expect("the page has a title");
        rest.split_once("</title>").expect("it ends").0.to_owned()
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.text().contains(text), "«{text}» is not on the page:\n{}", self.text());
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).expect("a request");
        self.send(request).await
    }

    /// Presses a button of a form of ours.
    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, "null")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::CONTENT_LENGTH, form.len())
            .body(Body::from(form.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &self.host);
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(language) = self.language {
            request = request.header(header::ACCEPT_LANGUAGE, language);
        }
        request.extension(ConnectInfo(self.peer))
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.world.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("plain");
            let (name, rest) = text.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = to_bytes(body, ANSWER_BYTES_MAX).await.expect("the answer fits").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}
