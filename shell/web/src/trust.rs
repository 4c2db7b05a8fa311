//! Pages on trust: how the lock works in five drawings, the same for an engineer, and who can see what (CARE-06).
//!
//! What they say is held against what they speak of: the names of ciphers and the figures are looked for in the code
//! that uses them, and who sees what is looked up in the golden table of authorization, both in the tests below.

use askama::Template;
use axum::response::Html;

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;

/// The cipher suite of every MLS group, as RFC 9420 §17.1 names it.
const MLS_SUITE: &str = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";
/// The cipher suite of every media frame, as RFC 9605 §4.5 names it.
const SFRAME_SUITE: &str = "AES_128_GCM_SHA256_128";
/// Bytes to a multiple of which a sealed message is padded.
const PADDING_BYTES: &str = "128";
/// Bits of the six check words (SEC-016).
const WORDS_BITS: &str = "66";

/// How the lock works, in a minute.
#[derive(Template)]
#[template(path = "trust/lock.html")]
pub(crate) struct LockPage {
    pub(crate) page: Page,
}

/// The same for an engineer.
#[derive(Template)]
#[template(path = "trust/details.html")]
pub(crate) struct DetailsPage {
    pub(crate) page: Page,
    pub(crate) parts: Vec<Part>,
}

/// One heading with what stands below it.
pub(crate) struct Part {
    pub(crate) heading: String,
    pub(crate) lines: Vec<String>,
}

/// Who can see what.
#[derive(Template)]
#[template(path = "trust/sees.html")]
pub(crate) struct SeesPage {
    pub(crate) page: Page,
    pub(crate) things: Vec<Shown>,
}

/// One thing, and of whom the page says what.
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) heading: String,
    pub(crate) text: String,
    /// Those who see it, in one line.
    pub(crate) sees: Option<String>,
    /// Those who may come to see it, each with the condition.
    pub(crate) may: Vec<(String, String)>,
    /// Those who do not, in one line.
    pub(crate) not: Option<String>,
}

/// `GET /lock`.
pub(crate) async fn lock(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(LockPage { page: Page::new(&ctx) }.render()?))
}

/// `GET /lock/how`.
pub(crate) async fn details(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(DetailsPage::new(Page::new(&ctx)).render()?))
}

/// `GET /who-sees`.
pub(crate) async fn sees(ctx: Ctx) -> Result<Html<String>, WebError> {
    Ok(Html(SeesPage::new(Page::new(&ctx)).render()?))
}

/// The parts of the engineer's page, each with so many lines.
const PARTS: [(&str, u8); 8] = [
    ("sealed", 5),
    ("sees", 4),
    ("can", 3),
    ("cannot", 4),
    ("who", 4),
    ("page", 4),
    ("recorder", 2),
    ("sources", 3),
];

impl DetailsPage {
    pub(crate) fn new(page: Page) -> Self {
        let words = page.words;
        let part = |(name, lines)| Part {
            heading: words.get(format!("trust-how-{name}")),
            lines: (1..=lines).map(|line| detail(&page, name, line)).collect(),
        };
        let parts = PARTS.map(part).into();
        Self { page, parts }
    }
}

/// One line; the figures and names that it may use are the same for all.
fn detail(page: &Page, name: &str, line: u8) -> String {
    let seconds = ids::DIVERGENCE_NOTICED_MS.div_euclid(1_000).to_string();
    let arguments = [
        ("mls", MLS_SUITE.into()),
        ("sframe", SFRAME_SUITE.into()),
        ("padding", PADDING_BYTES.into()),
        ("bits", WORDS_BITS.into()),
        ("seconds", seconds.into()),
    ];
    page.words.with_all(&format!("trust-how-{name}-{line}"), arguments)
}

/// Of whom it is said who sees what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The young person.
    You,
    /// Her clinician, and whoever holds the hour with her.
    Host,
    /// The others who were invited to the hour.
    Others,
    /// The other clinicians of the clinic.
    Team,
    /// Parents and guardians, beyond an hour to which they are invited.
    Parents,
    /// Those who work where she lives.
    Home,
    /// Those who run the server.
    Operators,
}

impl Who {
    const ALL: [Self; 7] =
        [Self::You, Self::Host, Self::Others, Self::Team, Self::Parents, Self::Home, Self::Operators];

    const fn name(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Host => "host",
            Self::Others => "others",
            Self::Team => "team",
            Self::Parents => "parents",
            Self::Home => "home",
            Self::Operators => "operators",
        }
    }
}

/// What may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Media,
    Chat,
    Around,
    Told,
    Hour,
    Pages,
    Notes,
    Agreement,
    Request,
    Message,
    Closing,
    Answers,
    Record,
    Log,
    Network,
}

/// Whether somebody sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Sees,
    /// On a condition that is told.
    May,
    Not,
}

impl Thing {
    const ALL: [Self; 15] = [
        Self::Media,
        Self::Chat,
        Self::Around,
        Self::Told,
        Self::Hour,
        Self::Pages,
        Self::Notes,
        Self::Agreement,
        Self::Request,
        Self::Message,
        Self::Closing,
        Self::Answers,
        Self::Record,
        Self::Log,
        Self::Network,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Chat => "chat",
            Self::Around => "around",
            Self::Told => "told",
            Self::Hour => "hour",
            Self::Pages => "pages",
            Self::Notes => "notes",
            Self::Agreement => "agreement",
            Self::Request => "request",
            Self::Message => "message",
            Self::Closing => "closing",
            Self::Answers => "answers",
            Self::Record => "record",
            Self::Log => "log",
            Self::Network => "network",
        }
    }

    /// Whether Samrom knows who sees it; of a record that is kept elsewhere it says only that.
    const fn is_ours(self) -> bool {
        !matches!(self, Self::Record)
    }

    /// Who sees it, by the rules of the program.
    const fn seen_by(self, who: Who) -> View {
        use View::{May, Not, Sees};
        use Who::{Home, Host, Operators, Others, Parents, Team, You};
        match (self, who) {
            // SEC-001, SEC-002: those who were let in, and nobody who runs the server.
            (Self::Media | Self::Chat | Self::Around, You | Host | Others) => Sees,
            (Self::Media | Self::Chat | Self::Around, Parents | Home) => May,
            (Self::Media | Self::Chat | Self::Around, Team | Operators) => Not,
            // SEC-098: those who lead the hour, when the lock is closed.
            (Self::Told, You | Host) => Sees,
            (Self::Told, Others | Team | Parents | Home | Operators) => Not,
            // SEC-031: the hosts of an hour, and whoever takes it over; each who is invited knows of it.
            (Self::Hour, You | Host | Others) => Sees,
            (Self::Hour, Team | Parents | Home | Operators) => May,
            // SEC-009: a link belongs to the browser in which it was pressed.
            (Self::Pages, You) => Sees,
            (Self::Pages, Operators) => May,
            (Self::Pages, Host | Others | Team | Parents | Home) => Not,
            // Not sealed: the server passes them on.
            (Self::Notes, You | Host) => Sees,
            (Self::Notes, Operators) => May,
            (Self::Notes, Others | Team | Parents | Home) => Not,
            // SEC-097: those who answer for her.
            (Self::Agreement, Host) => Sees,
            (Self::Agreement, You | Team | Operators) => May,
            (Self::Agreement, Others | Parents | Home) => Not,
            // SEC-081: those who answer for her, a deputy, the team when nobody has seen it in time.
            (Self::Request, Host) => Sees,
            (Self::Request, You | Team | Operators) => May,
            (Self::Request, Others | Parents | Home) => Not,
            // SEC-062: what it said is not kept.
            (Self::Message, You) => Sees,
            (Self::Message, Host | Operators) => May,
            (Self::Message, Others | Team | Parents | Home) => Not,
            // SEC-031; what was agreed stands with those who answer for her (SEC-070).
            (Self::Closing, Host) => Sees,
            (Self::Closing, You | Team | Operators) => May,
            (Self::Closing, Others | Parents | Home) => Not,
            // She chooses each time; numbers name nobody (`domain::questions`).
            (Self::Answers, You) => Sees,
            (Self::Answers, Host | Team | Operators) => May,
            (Self::Answers, Others | Parents | Home) => Not,
            (Self::Record, _) => May,
            // SEC-006, SEC-007; no page shows it.
            (Self::Log, You | Operators) => May,
            (Self::Log, Host | Others | Team | Parents | Home) => Not,
            // SEC-004, SEC-005.
            (Self::Network, You) => Sees,
            (Self::Network, Operators) => May,
            (Self::Network, Host | Others | Team | Parents | Home) => Not,
        }
    }
}

impl SeesPage {
    pub(crate) fn new(page: Page) -> Self {
        let things = Thing::ALL.map(|thing| shown(&page, thing)).into();
        Self { page, things }
    }
}

fn shown(page: &Page, thing: Thing) -> Shown {
    let words = page.words;
    let those = |view| {
        let all = Who::ALL.into_iter().filter(move |who| thing.is_ours() && thing.seen_by(*who) == view);
        all.map(move |who| (who, words.get(format!("trust-who-{}", who.name()))))
    };
    let line = |view| {
        let names: Vec<String> = those(view).map(|(_, name)| name).collect();
        (!names.is_empty()).then(|| page.headed(names.join(", ")))
    };
    let condition = |who: Who| words.get(format!("trust-sees-{}-{}", thing.name(), who.name()));
    Shown {
        name: thing.name(),
        heading: words.get(format!("trust-sees-{}", thing.name())),
        text: words.get(format!("trust-sees-{}-text", thing.name())),
        sees: line(View::Sees),
        may: those(View::May).map(|(who, name)| (page.headed(name), condition(who))).collect(),
        not: line(View::Not),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::i18n::{Lang, exists};

    /// A file of this repository.
    fn source(path: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What people read on a page: neither its markup nor its header and footer.
    fn text(html: &str) -> String {
        let main = html.split_once("<main").expect("a page has a main part").1;
        let main = main.split_once("</main>").expect("and it ends").0;
        main.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text).collect()
    }

    fn lock_page(lang: Lang) -> String {
        LockPage { page: Page::sample(lang) }.render().expect("it renders")
    }

    #[test]
    fn the_lock_is_explained_in_about_a_minute() {
        for lang in Lang::ALL {
            let words = text(&lock_page(lang)).split_whitespace().count();
            assert!((120..=260).contains(&words), "{}: {words} words", lang.code());
        }
    }

    #[test]
    fn the_lock_says_what_it_cannot_stop_and_that_a_note_is_written() {
        let html = lock_page(Lang::Nb);
        for limit in ["ved siden av deg", "en annen telefon", "Notatet", "i fare", "stole på"] {
            assert!(html.contains(limit), "CARE-06: {limit}");
        }
    }

    #[test]
    fn every_drawing_is_told_in_words() {
        for lang in Lang::ALL {
            let html = lock_page(lang);
            let drawings: Vec<&str> = html.split("<svg class=\"drawing\"").skip(1).collect();
            assert_eq!(drawings.len(), 5);
            for drawing in drawings {
                let tag = drawing.split('>').next().unwrap_or_default();
                assert!(tag.contains("role=\"img\"") && tag.contains("aria-label=\""), "{tag}");
            }
            assert!(!html.contains("<animate") && !html.contains("<script"), "nothing moves by itself");
        }
    }

    #[test]
    fn the_engineers_page_names_what_the_code_uses() {
        let uses = |path: &str, what: &str| assert!(source(path).contains(what), "{path} has no {what}");
        uses("call/group/src/mls.rs", &format!("Ciphersuite::{MLS_SUITE};"));
        uses("call/group/src/mls.rs", &format!("const PADDING_BYTES: usize = {PADDING_BYTES};"));
        uses("call/seal/src/frame_key.rs", "const SUITE: CipherSuite = CipherSuite::AesGcm128Sha256;");
        uses("call/seal/tests/it/vectors.rs", SFRAME_SUITE);
        uses("call/seal/src/epoch.rs", "pub const FIRST_BYTE_CLEAR: usize = 1;");
        uses("SECURITY.md", &format!("Six safety words ({WORDS_BITS} bits)"));
        for paper in
            ["0001-only-hosts-commit", "0005-heartbeats-that-answer", "0008-words-for-the-hosts-alone"]
        {
            assert!(!source(&format!("docs/adr/{paper}.md")).is_empty());
        }
        for lang in Lang::ALL {
            let html = DetailsPage::new(Page::sample(lang)).render().expect("it renders");
            for named in [MLS_SUITE, SFRAME_SUITE, "RFC 9420", "RFC 9605", "SECURITY.md", "who-is-who.md"] {
                assert!(html.contains(named), "{}: {named}", lang.code());
            }
            assert!(
                !html.contains("{ $") && !html.contains("://"),
                "every gap is filled, nobody else is named"
            );
        }
    }

    #[test]
    fn every_condition_has_its_words_and_no_words_are_left_over() {
        for thing in Thing::ALL {
            for who in Who::ALL {
                let key = format!("trust-sees-{}-{}", thing.name(), who.name());
                let is_told = thing.is_ours() && thing.seen_by(who) == View::May;
                assert_eq!(exists(&key), is_told, "{key}");
            }
        }
    }

    #[test]
    fn everybody_stands_once_at_each_thing() {
        for thing in SeesPage::new(Page::sample(Lang::Nb)).things {
            let named = |line: &Option<String>| line.as_ref().map_or(0, |line| line.split(", ").count());
            let all = named(&thing.sees) + thing.may.len() + named(&thing.not);
            assert!(all == Who::ALL.len() || thing.name == "record", "{}: {all}", thing.name);
        }
    }

    /// What the golden table says of a route for the young person, the care worker and the clinician.
    fn answers(method: &str, route: &str) -> [String; 3] {
        let golden = include_str!("../tests/it/authorization.txt");
        let row = golden.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let mut rows = row.filter(|words| words.starts_with(&[method, route]));
        let row = rows.next().unwrap_or_else(|| panic!("{method} {route} stands in authorization.txt"));
        let [.., young, care, clinician] = row.as_slice() else { panic!("{route}: a row of five") };
        [young, care, clinician].map(|status| (*status).to_owned())
    }

    #[test]
    fn what_is_said_about_the_room_is_remembered_as_the_page_says() {
        let memory = source("browser/stage/src/memory.rs");
        assert!(
            memory.contains("lasting(), AROUND") && !memory.contains("tell-"),
            "one is kept, the other is not"
        );
        let actions = source("browser/stage/src/actions.rs");
        assert_eq!(actions.matches("self.forget_said()").count(), 2, "someone came in, and close fast");
        let html = SeesPage::new(Page::sample(Lang::Nb)).render().expect("it renders");
        for said in ["som sist", "Noen kom inn", "Det lagres ikke"] {
            assert!(html.contains(said), "{said}");
        }
    }

    #[test]
    fn who_sees_what_is_what_the_routes_answer() {
        let routes = [
            (Thing::Agreement, "/people/{id}/agreement"),
            (Thing::Request, "/request/{id}"),
            (Thing::Closing, "/appointment/{id}/close"),
            (Thing::Message, "/appointment/{id}/messages"),
        ];
        for (thing, route) in routes {
            let [young, care, clinician] = answers("GET", route);
            assert_eq!((young.as_str(), clinician.as_str()), ("404", "200"), "{route}");
            assert_eq!(care, "404", "{route}");
            assert_ne!(thing.seen_by(Who::Host), View::Not, "{route} is open to her clinician");
            assert_eq!(thing.seen_by(Who::Home), View::Not, "{route} is shut to those where she lives");
            // What she herself sees of it is not that page.
            assert!(thing == Thing::Message || thing.seen_by(Who::You) != View::Sees, "{route}");
        }
        let [young, care, clinician] = answers("GET", "/ws/{session}");
        assert!(
            young == care && care == clinician,
            "who is invited may come to the door; the room asks there"
        );
    }
}
