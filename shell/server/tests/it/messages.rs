//! Messages on their way: by the real program to a real mail server with TLS, to a gateway, and into a folder. What the
//! other side does with them (takes, refuses, breaks off, says nothing) decides what they become (SEC-060).

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::audit::Purpose;
use domain::meeting::Mode;
use domain::message::{
    Channel, Contact, MailAddress, MessageKind, PhoneNumber, Planned, Progress, Reason, State, Wording,
};
use ids::{MessageId, Timestamp};
use store::demo::{Demo, DemoRole};
use store::{By, Db, NewMessage, Options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::harness::{PATIENCE, Server, folder, log_of};

#[expect(clippy::disallowed_methods, reason = "the program that is tested reads the same clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("before the year 292 million"))
}

/// The records of a running server, looked into from outside.
struct Outbox {
    db: Db,
    demo: Demo,
}

impl Outbox {
    async fn open(data: &Path) -> Self {
        let db = Db::open(&Options::in_directory(data, now())).await.expect("the database opens");
        let demo = db.seed_demo(now()).await.expect("the demo is there");
        let outbox = Self { db, demo };
        let mail = MailAddress::parse("n.merkesen@example.org").ok();
        let phone = PhoneNumber::parse("99 88 77 66").ok();
        let contact = Contact { mail, phone, wanted: None };
        let person = outbox.young().0;
        outbox.db.set_contact(By::operator(now()), person, &contact).await.expect("written");
        outbox
    }

    fn young(&self) -> (ids::PersonId, ids::InvitationId) {
        let found = self.demo.people.iter().find(|person| person.who == DemoRole::YoungPerson);
        let young = found.expect("the demo has her");
        (young.person, young.invitation)
    }

    async fn queue(&self, channel: Channel, kind: MessageKind) -> MessageId {
        let starts = now().plus(Duration::from_secs(2 * 24 * 3_600));
        let ends = starts.plus(Duration::from_secs(2_700));
        let new = NewMessage {
            invitation: self.young().1,
            channel,
            planned: Planned { kind, due: now(), useless_after: ends },
            wording: Wording::Warm,
            way: Mode::Video,
            with_link: kind != MessageKind::Cancelled,
            time: (starts, ends),
            sequence: 0,
        };
        self.db.queue_messages(By::operator(now()), &[new]).await.expect("written")[0]
    }

    async fn progress(&self, id: MessageId) -> Progress {
        let by = By::operator(now());
        let lines = self.db.messages_of(by, Purpose::Operation, self.demo.appointment).await.expect("read");
        lines.iter().find(|line| line.id == id).expect("it is listed").progress
    }

    /// Waits until a message is what it is to become.
    async fn until(&self, id: MessageId, state: State, reason: Option<Reason>) -> Progress {
        let mut last = None;
        for _ in 0..PATIENCE.as_millis() / 100 {
            let progress = self.progress(id).await;
            if (progress.state, progress.reason) == (state, reason) {
                return progress;
            }
            last = Some(progress);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it did not become {state:?} {reason:?}: {last:?}");
    }
}

/// A mail server of others' making, with a certificate of its own.
struct Sink {
    child: Child,
    folder: PathBuf,
    port: u16,
    heard: Arc<Mutex<Vec<serde_json::Value>>>,
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have ended already, which is all that is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sink {
    fn start(folder: &Path, kind: &str, sign_in: &[&str]) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        std::fs::write(folder.join("sink.pem"), made.cert.pem()).expect("written");
        std::fs::write(folder.join("sink.key"), made.signing_key.serialize_pem()).expect("written");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        set_mode(folder, "accept");
        let mut child = Command::new(root.join("../../target/python/bin/python"))
            .arg(root.join("tests/it/smtp_sink.py"))
            .arg(kind)
            .args([folder.join("sink.pem"), folder.join("sink.key"), folder.join("mode")])
            .args(sign_in)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the mail server is installed (./x test installs it)");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let first = lines.next().expect("it says its port").expect("text");
        let port = first.strip_prefix("port ").and_then(|port| port.parse().ok()).expect("a port");
        let heard = Arc::<Mutex<Vec<serde_json::Value>>>::default();
        let into = Arc::clone(&heard);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mail = serde_json::from_str(&line).expect("one object a line");
                into.lock().expect("nobody panicked").push(mail);
            }
        });
        Self { child, folder: folder.to_owned(), port, heard }
    }

    fn mode(&self, mode: &str) {
        set_mode(&self.folder, mode);
    }

    /// How many mails were heard.
    fn heard(&self) -> usize {
        self.heard.lock().expect("nobody panicked").len()
    }

    /// What was heard of one message.
    fn heard_of(&self, id: MessageId) -> Vec<serde_json::Value> {
        let heard = self.heard.lock().expect("nobody panicked");
        let of = |mail: &&serde_json::Value| {
            mail["id"].as_str().is_some_and(|found| found.contains(&id.to_string()))
        };
        heard.iter().filter(of).cloned().collect()
    }
}

fn set_mode(folder: &Path, mode: &str) {
    std::fs::write(folder.join("mode.new"), mode).expect("written");
    std::fs::rename(folder.join("mode.new"), folder.join("mode")).expect("renamed");
}

/// Starts the program with a configuration of its own.
async fn start(data: &Path, configuration: &str) -> Server {
    let file = data.join("own.toml");
    std::fs::write(&file, configuration).expect("written");
    Server::start_with(data, &["--config", &file.display().to_string()]).await
}

/// Quiet hours would keep messages back at night.
const AWAKE: &str = "[messages]\nquiet = \"\"\n";

fn mail_to(sink: &Sink, data: &Path, more: &str) -> String {
    format!(
        "{AWAKE}[mail]\nserver = \"localhost\"\nport = {}\nfrom = \"avtale@example.no\"\npatience_seconds = 3\n\
         authority = \"{}\"\n{more}\n",
        sink.port,
        data.join("sink.pem").display(),
    )
}

#[tokio::test]
async fn mail_goes_over_starttls_and_becomes_what_the_server_says() {
    let (_kept, data) = folder();
    let sink = Sink::start(&data, "starttls", &["samrom", "hemmelig ord"]);
    std::fs::write(data.join("password"), "hemmelig ord\n").expect("written");
    let password = data.join("password").display().to_string();
    let signed_in = format!("user = \"samrom\"\npassword_file = \"{password}\"");
    let server = start(&data, &mail_to(&sink, &data, &signed_in)).await;
    let outbox = Outbox::open(&data).await;
    let queue = |kind| outbox.queue(Channel::Mail, kind);

    let id = queue(MessageKind::Invitation).await;
    outbox.until(id, State::Sent, None).await;
    let heard = sink.heard_of(id);
    let [mail] = heard.as_slice() else { panic!("once: {heard:?}") };
    assert_eq!((&mail["encrypted"], &mail["signed_in"]), (&true.into(), &true.into()));
    assert_eq!(mail["envelope"], serde_json::json!(["avtale@example.no", ["n.merkesen@example.org"]]));
    assert_eq!(mail["id"], format!("<{id}@example.no>"));
    assert_eq!((&mail["from"], &mail["to"]), (&"avtale@example.no".into(), &"n.merkesen@example.org".into()));
    assert_eq!((&mail["automatic"], &mail["defects"]), (&"auto-generated".into(), &serde_json::json!([])));
    assert_eq!(
        (&mail["method"], &mail["files"]),
        (&serde_json::json!(["REQUEST"]), &serde_json::json!(["calendar.ics"]))
    );
    let text = mail["text"].as_str().expect("a text");
    assert!(
        text.starts_with("Hei! Vi sees ") && text.contains("/j/") && text.contains("Hilsen Blå fugl"),
        "{text}"
    );
    assert!(mail["calendar"][0].as_str().is_some_and(|file| file.contains("SEQUENCE:0")), "{mail}");
    for name in ["Demo", "Nora", "Kari", "BUP", "Samrom", "samrom"] {
        assert!(!mail.to_string().contains(name), "SEC-061: {name} in {mail}");
    }

    for (mode, state, reason, tries) in [
        ("later", State::Queued, Reason::Busy, 1),
        ("busy", State::Queued, Reason::Busy, 1),
        ("never", State::Failed, Reason::Refused, 1),
        ("recipient", State::Failed, Reason::RecipientRefused, 1),
        ("hang", State::InDoubt, Reason::LineLost, 1),
        ("silent", State::InDoubt, Reason::Silence, 1),
    ] {
        sink.mode(mode);
        let id = queue(MessageKind::Reminder).await;
        let progress = outbox.until(id, state, Some(reason)).await;
        assert_eq!(progress.tries, tries, "{mode}");
        if state == State::Queued {
            let wait = progress.due.since(now()).as_secs();
            assert!((40..=60).contains(&wait), "{mode}: another try in a minute, not at once: {wait}");
        }
        sink.mode("accept");
        if state == State::InDoubt {
            // One that is sent after it shows that the worker has passed it by.
            let after = queue(MessageKind::Cancelled).await;
            outbox.until(after, State::Sent, None).await;
            assert_eq!(sink.heard_of(id).len(), 1, "SEC-060: {mode}: never a second time by itself");
            let kari = outbox.demo.people[0].person;
            assert!(outbox.db.send_message_again(By::person(kari, now()), id).await.expect("written"));
            outbox.until(id, State::Sent, None).await;
            let heard = sink.heard_of(id);
            assert_eq!(
                (heard.len(), &heard[0]["id"]),
                (2, &heard[1]["id"]),
                "the same message twice, by a press"
            );
        }
    }
    server.stop().await;
    let log = log_of(&data);
    assert!(log.contains(&id.to_string()), "log lines name ids: {log}");
    for secret in ["merkesen", "hemmelig", "example.org", "/j/", "Blå"] {
        assert!(!log.contains(secret), "SEC-062: {secret} in {log}");
    }
}

#[tokio::test]
async fn mail_goes_over_tls_from_the_first_byte() {
    let (_kept, data) = folder();
    let sink = Sink::start(&data, "tls", &[]);
    let server = start(&data, &mail_to(&sink, &data, "security = \"tls\"")).await;
    let outbox = Outbox::open(&data).await;
    let id = outbox.queue(Channel::Mail, MessageKind::Cancelled).await;
    outbox.until(id, State::Sent, None).await;
    let heard = sink.heard_of(id);
    assert_eq!((heard.len(), &heard[0]["encrypted"]), (1, &true.into()));
    assert_eq!(heard[0]["method"], serde_json::json!(["CANCEL"]));
    server.stop().await;
}

/// SEC-064: no encryption, a certificate of somebody else, a wrong password: nothing is sent, and it waits.
#[tokio::test]
async fn nothing_is_sent_to_a_server_that_is_not_trusted() {
    let (_kept, other) = folder();
    let stranger = Sink::start(&other, "starttls", &[]);
    for (kind, sign_in, authority, reason) in [
        ("none", None, None, Reason::NotTrusted),
        ("starttls", None, Some(&stranger.folder), Reason::NotTrusted),
        ("tls", None, Some(&stranger.folder), Reason::NotTrusted),
        ("starttls", Some("wrong"), None, Reason::SignInRefused),
    ] {
        let (_kept, data) = folder();
        let expected: &[&str] = if sign_in.is_some() { &["samrom", "right"] } else { &[] };
        let sink = Sink::start(&data, kind, expected);
        std::fs::write(data.join("password"), sign_in.unwrap_or_default()).expect("written");
        let mut more = if kind == "tls" { "security = \"tls\"\n".to_owned() } else { String::new() };
        if sign_in.is_some() {
            more += &format!("user = \"samrom\"\npassword_file = \"{}\"\n", data.join("password").display());
        }
        let trusted = authority.unwrap_or(&data);
        let server = start(&data, &mail_to(&sink, trusted, &more)).await;
        let outbox = Outbox::open(&data).await;
        let id = outbox.queue(Channel::Mail, MessageKind::Invitation).await;
        outbox.until(id, State::Queued, Some(reason)).await;
        assert_eq!(sink.heard_of(id).len(), 0, "{kind}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_program_killed_while_it_sends_leaves_a_doubt_and_no_second_mail() {
    let (_kept, data) = folder();
    let sink = Sink::start(&data, "starttls", &[]);
    let configuration = mail_to(&sink, &data, "").replace("patience_seconds = 3", "patience_seconds = 60");
    let server = start(&data, &configuration).await;
    let outbox = Outbox::open(&data).await;
    sink.mode("silent");
    let id = outbox.queue(Channel::Mail, MessageKind::Invitation).await;
    for _ in 0..PATIENCE.as_millis() / 100 {
        if !sink.heard_of(id).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(outbox.progress(id).await.state, State::Claimed, "committed before it went out");
    server.kill();

    sink.mode("accept");
    let server = start(&data, &configuration).await;
    outbox.until(id, State::InDoubt, Some(Reason::Stopped)).await;
    let after = outbox.queue(Channel::Mail, MessageKind::Cancelled).await;
    outbox.until(after, State::Sent, None).await;
    assert_eq!(sink.heard_of(id).len(), 1, "SEC-060");
    server.stop().await;
}

/// How often the program is killed while it sends.
const KILLS: u64 = 24;

#[tokio::test]
async fn killed_again_and_again_while_it_sends_no_mail_goes_twice() {
    let (_kept, data) = folder();
    let sink = Sink::start(&data, "starttls", &[]);
    let configuration = mail_to(&sink, &data, "");
    let mut server = start(&data, &configuration).await;
    let outbox = Outbox::open(&data).await;
    let mut laid = Vec::new();
    for round in 0..KILLS {
        for _ in 0..3 {
            laid.push(outbox.queue(Channel::Mail, MessageKind::Invitation).await);
        }
        let before = sink.heard();
        for _ in 0..PATIENCE.as_millis() {
            if sink.heard() > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // From the first mail's last word to after the last mail's.
        tokio::time::sleep(Duration::from_millis(round * 7 % 60)).await;
        server.kill();
        server = start(&data, &configuration).await;
    }
    let mut doubts = 0;
    for id in laid {
        let mut state = outbox.progress(id).await.state;
        for _ in 0..PATIENCE.as_millis() / 100 {
            if !matches!(state, State::Queued | State::Claimed) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            state = outbox.progress(id).await.state;
        }
        let heard = sink.heard_of(id).len();
        match state {
            State::Sent => assert_eq!(heard, 1, "SEC-060: once"),
            State::InDoubt => assert!(heard <= 1, "SEC-060: never again by itself"),
            other => panic!("{other:?} when all is quiet"),
        }
        doubts += u64::from(state == State::InDoubt);
    }
    assert!(doubts <= KILLS, "{doubts} in doubt after {KILLS} kills");
    server.stop().await;
}

/// A gateway for text messages that answers each request as it is told.
async fn gateway(answers: Vec<&'static str>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let into = Arc::clone(&heard);
    tokio::spawn(async move {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let mut request = Vec::new();
            let mut part = [0; 4_096];
            // The whole request: the head says how long the body is.
            while !is_whole(&request) {
                match stream.read(&mut part).await {
                    Ok(read @ 1..) => request.extend_from_slice(&part[..read]),
                    _ => break,
                }
            }
            into.lock().expect("nobody panicked").push(String::from_utf8(request).expect("text"));
            match answer {
                "hang" => drop(stream),
                "silent" => _ = tokio::spawn(async move { hold(stream).await }),
                status => {
                    let text = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
                    stream.write_all(text.as_bytes()).await.expect("it reads");
                }
            }
        }
    });
    (port, heard)
}

/// Keeps a line open without a word, longer than the program waits.
async fn hold(stream: tokio::net::TcpStream) {
    tokio::time::sleep(Duration::from_secs(20)).await;
    drop(stream);
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.to_ascii_lowercase();
    let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

#[tokio::test]
async fn text_messages_go_to_the_gateway_and_become_what_it_says() {
    let (_kept, data) = folder();
    let steps = [
        ("202", State::Sent, None),
        ("503", State::Queued, Some(Reason::Busy)),
        ("422", State::Failed, Some(Reason::RecipientRefused)),
        ("500", State::InDoubt, Some(Reason::GatewayFault)),
        ("hang", State::InDoubt, Some(Reason::LineLost)),
        ("silent", State::InDoubt, Some(Reason::Silence)),
    ];
    let (port, heard) = gateway(steps.iter().map(|(answer, ..)| *answer).collect()).await;
    std::fs::write(data.join("token"), "tegn-123\n").expect("written");
    let configuration = format!(
        "{AWAKE}[sms]\nurl = \"http://127.0.0.1:{port}/send?v=1\"\ntoken_file = \"{}\"\npatience_seconds = 2\n\
         from = \"Avtale\"\nto_field = \"mottaker\"\ntext_field = \"tekst\"\n",
        data.join("token").display()
    );
    let server = start(&data, &configuration).await;
    let outbox = Outbox::open(&data).await;
    for (number, (answer, state, reason)) in steps.into_iter().enumerate() {
        let id = outbox.queue(Channel::Sms, MessageKind::Reminder).await;
        outbox.until(id, state, reason).await;
        let heard = heard.lock().expect("nobody panicked").clone();
        assert_eq!(heard.len(), number + 1, "SEC-060: {answer}: each asked for once");
        let (head, body) = heard[number].split_once("\r\n\r\n").expect("head and body");
        assert!(head.starts_with("POST /send?v=1 HTTP/1.1"), "{head}");
        assert!(head.to_ascii_lowercase().contains("authorization: bearer tegn-123"), "{head}");
        let json: serde_json::Value = serde_json::from_str(body).expect("one object");
        assert_eq!(json["mottaker"], "+4799887766");
        assert_eq!(json["from"], "Avtale");
        assert!(json["reference"].as_str().is_some_and(|text| text.contains(&id.to_string())), "{json}");
        let text = json["tekst"].as_str().expect("a text");
        assert!(text.starts_with("Hei! Husk at vi sees ") && text.ends_with(" - Blå fugl"), "{text}");
    }
    server.stop().await;
    let log = log_of(&data);
    for secret in ["99887766", "tegn-123", "/j/"] {
        assert!(!log.contains(secret), "SEC-062: {secret} in {log}");
    }
}

#[tokio::test]
async fn without_servers_messages_lie_in_a_folder() {
    let (_kept, data) = folder();
    let server = start(&data, AWAKE).await;
    let outbox = Outbox::open(&data).await;
    assert_eq!(server.link("messages"), format!("{} (laid there, not sent)", data.join("outbox").display()));
    let mail = outbox.queue(Channel::Mail, MessageKind::Invitation).await;
    let text = outbox.queue(Channel::Sms, MessageKind::Invitation).await;
    for id in [mail, text] {
        outbox.until(id, State::Sent, None).await;
    }
    let read = |name: String| std::fs::read_to_string(data.join("outbox").join(name)).expect("it lies there");
    let letter = read(format!("{mail}.eml"));
    assert!(letter.contains("To: n.merkesen@example.org") && letter.contains("method=REQUEST"), "{letter}");
    let note = read(format!("{text}.txt"));
    assert!(note.starts_with("To: +4799887766\n\nHei! Vi sees ") && note.contains("/j/"), "{note}");
    let mode = |name: &str| {
        let meta = std::fs::metadata(data.join(name)).expect("it is there");
        std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o777
    };
    assert_eq!((mode("outbox"), mode(&format!("outbox/{text}.txt"))), (0o700, 0o600), "links stand in them");
    server.stop().await;
}

#[tokio::test]
async fn settings_that_would_send_in_the_clear_are_refused() {
    let (_kept, data) = folder();
    for (configuration, rule) in [
        ("[mail]\nserver = \"mail.example.no\"\n", "mail.server needs mail.from"),
        (
            "[mail]\nserver = \"mail.example.no\"\nfrom = \"a@example.no\"\nsecurity = \"none\"\n",
            "mail without encryption is refused off this machine",
        ),
        ("[mail]\nuser = \"x\"\n", "mail.user and mail.password_file belong together"),
        ("[mail]\nfrom = \"a@example.no\\r\\nBcc: b@example.no\"\n", "write it as name@example.no"),
        ("[sms]\nurl = \"http://gateway.example.no/\"\n", "plain http is for this machine only"),
        ("[messages]\nquiet = \"20-20\"\n", "write quiet hours as"),
        ("[messages]\nreminders = \"1d 1w\"\n", "write reminders as"),
    ] {
        std::fs::write(data.join("own.toml"), configuration).expect("written");
        let (code, _, error) =
            crate::harness::run(&["--config", "own.toml", "serve", "--data", "d"], &data).await;
        let flat = error.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code == 1 && flat.contains(rule), "SEC-064: {configuration}: {error}");
    }
}
