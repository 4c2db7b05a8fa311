//! From a link to the room's WebSocket, over plain HTTP/1.1: what a browser does when a person presses the button.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context as _, anyhow, bail};
use ids::SessionId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Pages on the way from a link to a room.
const STEPS_MAX: usize = 8;
/// Bytes of one answer.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Where the room is and who we are to it.
#[derive(Debug, Clone)]
pub(crate) struct WayIn {
    pub(crate) session: SessionId,
    /// As in the `Host` header.
    pub(crate) host: String,
    pub(crate) server: SocketAddr,
    /// The `Cookie` header.
    pub(crate) cookie: String,
}

/// One server and the cookies it gave.
struct Browser {
    host: String,
    server: SocketAddr,
    cookies: BTreeMap<String, String>,
}

struct Answer {
    status: u16,
    location: Option<String>,
    cookies: Vec<String>,
    body: String,
}

/// Opens the link, presses its button, and follows to the meeting's page.
///
/// # Errors
/// The server cannot be reached, or the link leads to no meeting.
pub(crate) async fn find_room(link: &str) -> anyhow::Result<WayIn> {
    let (host, mut path) = split(link)?;
    let server = resolve(&host).await?;
    let mut browser = Browser { host, server, cookies: BTreeMap::new() };
    let mut press = false;
    for _ in 0..STEPS_MAX {
        if let Some(session) = session_in(&path) {
            let cookie = browser.cookie();
            return Ok(WayIn { session, host: browser.host, server, cookie });
        }
        let answer = browser.ask(if press { "POST" } else { "GET" }, &path).await?;
        press = false;
        match answer {
            Answer { status: 301..=308, location: Some(to), .. } => path = local(&to, &browser.host)?,
            Answer { status: 200, .. } if path.starts_with("/j/") => press = true,
            Answer { status: 200, body, .. } => {
                let at = body.find("/meeting/").ok_or_else(|| anyhow!("no meeting on the page"))?;
                let rest = body.get(at..).unwrap_or_default();
                let end = rest.find(['"', '\'', '<', ' ', '?', '#']).unwrap_or(rest.len());
                path = rest.get(..end).unwrap_or_default().to_owned();
            }
            Answer { status, .. } => bail!("the server answered {status}"),
        }
    }
    bail!("the link leads in circles")
}

/// The session in `/meeting/{session}`.
fn session_in(path: &str) -> Option<SessionId> {
    path.strip_prefix("/meeting/")?.split(['/', '?', '#']).next()?.parse().ok()
}

fn split(link: &str) -> anyhow::Result<(String, String)> {
    let rest = link.strip_prefix("http://").ok_or_else(|| anyhow!("only http:// links are followed"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    Ok((host.to_owned(), format!("/{path}")))
}

/// A redirection stays on the same host.
fn local(to: &str, host: &str) -> anyhow::Result<String> {
    if to.starts_with('/') {
        return Ok(to.to_owned());
    }
    let (other, path) = split(to)?;
    if other == host { Ok(path) } else { bail!("the link leads to another host") }
}

/// Names under `localhost` are this machine (RFC 6761 §6.3), whatever the resolver says.
async fn resolve(host: &str) -> anyhow::Result<SocketAddr> {
    let with_port = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let (name, port) = with_port.rsplit_once(':').unwrap_or((host, "80"));
    if name == "localhost" || name.ends_with(".localhost") {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port.parse()?)));
    }
    let found = tokio::net::lookup_host(&with_port).await.context("cannot find the server")?.next();
    found.ok_or_else(|| anyhow!("the server has no address"))
}

impl Browser {
    fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn ask(&mut self, method: &str, path: &str) -> anyhow::Result<Answer> {
        let mut stream = TcpStream::connect(self.server).await.context("cannot reach the server")?;
        let (host, cookie) = (&self.host, self.cookie());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: {cookie}\r\nAccept: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.context("cannot ask the server")?;
        let mut bytes = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).await.context("the server broke off")?;
        let answer = parse(&String::from_utf8_lossy(&bytes)).ok_or_else(|| anyhow!("not an HTTP answer"))?;
        for cookie in &answer.cookies {
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        Ok(answer)
    }
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let mut answer = Answer { status, location: None, cookies: Vec::new(), body: body.to_owned() };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "location" => answer.location = Some(value.trim().to_owned()),
            "set-cookie" => answer.cookies.push(value.trim().to_owned()),
            _ => {}
        }
    }
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let text =
            "HTTP/1.1 303 See Other\r\nLocation: /meeting/x\r\nset-cookie: samrom=abc; HttpOnly\r\n\r\nbody";
        let answer = parse(text).expect("an answer");
        assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/meeting/x")));
        assert_eq!(answer.cookies, ["samrom=abc; HttpOnly"]);
        assert!(parse("rubbish").is_none());
    }

    #[test]
    fn only_our_own_host_is_followed() {
        assert_eq!(local("/day", "a.localhost:1").expect("here"), "/day");
        assert_eq!(local("http://a.localhost:1/day", "a.localhost:1").expect("here"), "/day");
        assert!(local("http://b.localhost:1/day", "a.localhost:1").is_err());
        assert!(split("https://samrom.example/j/x").is_err());
    }

    #[test]
    fn the_session_is_read_from_the_path() {
        let session = SessionId::from_bytes([7; 16]);
        assert_eq!(session_in(&format!("/meeting/{session}")), Some(session));
        assert_eq!(session_in("/meeting/none"), None);
        assert_eq!(session_in("/day"), None);
    }
}
