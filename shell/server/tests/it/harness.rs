//! Starts the program, reads the links that it prints, and speaks HTTP and WebSocket with it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use ids::{Personal, Timestamp};
use protocol::wire::{ClientMessage, DeviceKey, KeyPackageHash, ServerMessage, Welcome};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

/// Nothing here takes longer, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The program, without whatever the environment says about it.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samrom"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SAMROM_")) {
        command.env_remove(name);
    }
    command
}

/// A process that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is all that is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server with demo data.
pub(crate) struct Server {
    child: Running,
    pub(crate) port: u16,
    links: Vec<(String, String)>,
}

impl Server {
    /// Starts it and waits until it has printed its last link.
    pub(crate) async fn start(data: &Path) -> Self {
        Self::start_with(data, &[]).await
    }

    pub(crate) async fn start_with(data: &Path, options: &[&str]) -> Self {
        Self::start_by(program(), data, options).await
    }

    /// Starts it by a command that ends in the program's name.
    pub(crate) async fn start_by(mut command: Command, data: &Path, options: &[&str]) -> Self {
        command
            .args(["serve", "--demo", "--port", "0", "--media-port", "0", "--media-address", "127.0.0.1"])
            .arg("--data")
            .arg(data)
            .args(options);
        let (child, links) = spawn(command, data, "professional").await;
        let pages = links.iter().find_map(|(_, address)| address.strip_prefix("http://localhost:"));
        let port = pages.unwrap_or_else(|| panic!("the server printed no links: {}", log_of(data)));
        Self { child, port: port.parse().expect("a port"), links }
    }

    /// Starts it without demo data, on a port that is free, and waits until it says where the pages are.
    pub(crate) async fn start_bare(data: &Path, options: &[&str]) -> Self {
        let port = free_port();
        let mut command = program();
        command
            .args(["serve", "--media-port", "0", "--media-address", "127.0.0.1", "--port", &port.to_string()])
            .arg("--data")
            .arg(data)
            .args(options);
        let (child, links) = spawn(command, data, "pages").await;
        Self { child, port, links }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.expect("kill is there").success());
    }

    pub(crate) fn link(&self, label: &str) -> &str {
        let found = self.links.iter().find(|(other, _)| other == label);
        &found.unwrap_or_else(|| panic!("no link for {label}")).1
    }

    /// As if the power had failed.
    pub(crate) fn kill(mut self) {
        self.child.0.kill().expect("it was running");
        self.child.0.wait().expect("it was ours");
    }

    /// As an operator stops it; it must end by itself and well.
    pub(crate) async fn stop(mut self) {
        let pid = self.child.0.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there");
        assert!(sent.success());
        let ended = timeout(PATIENCE, spawn_blocking(move || self.child.0.wait())).await;
        assert!(
            ended.expect("it stops in time").expect("waiting does not panic").expect("it was ours").success()
        );
    }

    /// Signs a demo person in and finds the way into the meeting that is open now.
    pub(crate) async fn sign_in(&self, label: &str) -> Browser {
        let link = self.link(label);
        let (host, path) = split(link);
        let mut browser = Browser { port: self.port, host, cookie: String::new(), home: String::new() };
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = answer.header("set-cookie").expect("a cookie");
        browser.cookie = cookie.split(';').next().expect("name and value").to_owned();
        browser.home = answer.header("location").expect("a way on").to_owned();
        browser
    }
}

/// Starts a command whose log goes into the folder, and reads what it prints up to a label.
async fn spawn(mut command: Command, data: &Path, last: &'static str) -> (Running, Vec<(String, String)>) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(data.join("server.log")).expect("the folder is there"))
        .spawn()
        .expect("the program was built with this test");
    let printed = BufReader::new(child.stdout.take().expect("it is piped"));
    let child = Running(child);
    let links = timeout(PATIENCE, spawn_blocking(move || read_links(printed, last))).await;
    (child, links.expect("links in time").expect("reading does not panic"))
}

/// What was printed, by what stands before the colon, up to the last link.
fn read_links(printed: BufReader<std::process::ChildStdout>, last: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for line in printed.lines().map_while(Result::ok) {
        let Some((label, address)) = line.split_once(": ") else { continue };
        links.push((label.to_owned(), address.trim().to_owned()));
        if label == last {
            break;
        }
    }
    links
}

pub(crate) fn log_of(data: &Path) -> String {
    std::fs::read_to_string(data.join("server.log")).unwrap_or_default()
}

fn split(link: &str) -> (String, String) {
    let rest = link.strip_prefix("http://").expect("demo links are plain HTTP on this machine");
    let (host, path) = rest.split_once('/').expect("a link has a path");
    (host.to_owned(), format!("/{path}"))
}

/// A signed-in person's browser, as far as a test needs one.
pub(crate) struct Browser {
    port: u16,
    host: String,
    cookie: String,
    /// Where signing in led.
    home: String,
}

/// An answer to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
        self.head.lines().find(named).and_then(|line| line.split_once(": ")).map(|(_, value)| value)
    }
}

impl Browser {
    /// The same browser, on a server that was brought back elsewhere.
    pub(crate) fn moved_to(&self, server: &Server) -> Self {
        let host = self.host.replace(&self.port.to_string(), &server.port.to_string());
        Self { port: server.port, host, cookie: self.cookie.clone(), home: self.home.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("it listens");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            self.host, self.cookie
        );
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut bytes = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut bytes))
            .await
            .expect("it answers in time")
            .expect("it answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// The id of the meeting that is open now, from the person's own page.
    pub(crate) async fn session(&self) -> String {
        let page = self.get(&self.home).await;
        let places = format!("{} {}", self.home, page.body);
        let (_, rest) = places.split_once("/meeting/").unwrap_or_else(|| panic!("no meeting: {places}"));
        rest.chars().take(36).collect()
    }

    /// Opens the socket into a session; `origin` is who asks.
    pub(crate) async fn try_socket(&self, session: &str, origin: &str) -> Result<Line, u16> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("it listens");
        let mut request =
            format!("ws://{}/ws/{session}", self.host).into_client_request().expect("a request");
        request.headers_mut().insert("Origin", origin.parse().expect("a header"));
        request.headers_mut().insert("Cookie", self.cookie.parse().expect("a header"));
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Line(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("the socket failed: {other}"),
        }
    }

    pub(crate) async fn socket(&self, session: &str) -> Line {
        let origin = format!("http://{}", self.host);
        self.try_socket(session, &origin).await.expect("the socket opens")
    }
}

/// One client's end of a socket.
pub(crate) struct Line(WebSocketStream<TcpStream>);

impl Line {
    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        self.send_raw(protocol::encode(message)).await;
    }

    pub(crate) async fn send_raw(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::Binary(bytes.into())).await.expect("the socket is open");
    }

    /// The next message, or `None` when the server has closed.
    pub(crate) async fn next(&mut self) -> Option<ServerMessage> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a message in time") {
                Some(Ok(Message::Binary(bytes))) => {
                    return Some(protocol::decode(&bytes).expect("a message"));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    /// Skips messages until one is of interest.
    pub(crate) async fn until<T>(&mut self, mut interest: impl FnMut(&ServerMessage) -> Option<T>) -> T {
        let mut seen = Vec::new();
        loop {
            let Some(message) = self.next().await else { panic!("the server closed after {seen:?}") };
            seen.push(format!("{message:?}").chars().take(60).collect::<String>());
            if let Some(found) = interest(&message) {
                return found;
            }
        }
    }

    pub(crate) async fn say_hello(&mut self, seed: u8) {
        let mut device = vec![seed; 65];
        device[0] = 4;
        self.send(&ClientMessage::Hello { device: DeviceKey(device), returning: false }).await;
    }

    pub(crate) async fn hello(&mut self, seed: u8) -> Welcome {
        self.say_hello(seed).await;
        self.until(|message| match message {
            ServerMessage::Welcome(welcome) => Some((**welcome).clone()),
            _ => None,
        })
        .await
    }

    /// Says hello and knocks; gives the server's time.
    pub(crate) async fn arrive(&mut self, seed: u8) -> Timestamp {
        let at = self.hello(seed).await.at;
        self.knock(&[seed; 20]).await;
        at
    }

    /// Arrives with a key package that the server cannot read anyway.
    pub(crate) async fn knock(&mut self, key_package: &[u8]) -> KeyPackageHash {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key_package);
        let hash = KeyPackageHash(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"));
        self.send(&ClientMessage::Knock { key_package: key_package.to_vec(), hash }).await;
        hash
    }
}

/// Runs a command to its end.
pub(crate) async fn run(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let mut command = program();
    command.args(arguments).current_dir(folder);
    let output = timeout(PATIENCE, spawn_blocking(move || command.output())).await.expect("it ends in time");
    let output = output.expect("running does not panic").expect("the program was built with this test");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("it was not killed"), text(&output.stdout), text(&output.stderr))
}

/// A port that was free a moment ago, for settings that take no 0.
pub(crate) fn free_port() -> u16 {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    probe.local_addr().expect("it is bound").port()
}

/// A folder that is gone after the test.
pub(crate) fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().to_path_buf();
    (folder, path)
}

/// A name as it comes over the wire.
pub(crate) fn name(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}
