//! Certificate files that are exchanged under a running server (SEC-056), and plain HTTP behind named proxies (SEC-057).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::harness::{PATIENCE, Server, folder, log_of};

const NAME: &str = "rom.example.no";

/// A certificate for the server, its key, and both files.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn issue(&self) -> CertificateDer<'static> {
        let issued = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("issued");
        fs::write(&self.certificate, issued.cert.pem()).expect("written");
        fs::write(&self.key, issued.signing_key.serialize_pem()).expect("written");
        CertificateDer::from_pem_file(&self.certificate).expect("a certificate")
    }
}

async fn connect(port: u16, trusted: &CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(NAME).expect("a name"), stream).await
}

/// Asks on a connection that stays open; whether it answered well.
async fn answers<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(stream: &mut S) -> bool {
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    let (mut text, mut bytes) = (Vec::new(), [0; 1_024]);
    while !text.ends_with(b"ok\n") {
        match timeout(PATIENCE, stream.read(&mut bytes)).await.expect("in time") {
            Ok(length) if length > 0 => text.extend_from_slice(&bytes[..length]),
            _ => return false,
        }
    }
    text.starts_with(b"HTTP/1.1 200")
}

/// Waits until the server has said so often what happened.
async fn told(data: &Path, what: &str, times: usize) {
    for _ in 0..100 {
        if log_of(data).matches(what).count() == times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not told {times} times: {what}: {}", log_of(data));
}

#[tokio::test]
async fn sec_056_a_new_certificate_is_taken_without_dropping_anybody() {
    let (_kept, data) = folder();
    let files = Files { certificate: data.join("c.pem"), key: data.join("k.pem") };
    let first = files.issue();
    let own = format!(
        "[http]\npublic_url = \"https://{NAME}\"\ncertificate = \"{}\"\nprivate_key = \"{}\"\n",
        files.certificate.display(),
        files.key.display()
    );
    fs::write(data.join("own.toml"), own).expect("written");
    let file = data.join("own.toml").display().to_string();
    let server = Server::start_bare(&data, &["--config", &file]).await;
    let mut standing = connect(server.port, &first).await.expect("the first certificate");
    assert!(answers(&mut standing).await);

    // Without being asked: the files changed, and within seconds the next handshake gets the new pair.
    let second = files.issue();
    told(&data, "the certificate was read anew", 1).await;
    let mut fresh = connect(server.port, &second).await.expect("the second certificate");
    assert!(answers(&mut fresh).await && answers(&mut standing).await, "and nobody was dropped");
    connect(server.port, &first).await.expect_err("the first is not in use any more");

    // Asked: at once. A broken pair keeps the old one in use.
    fs::write(&files.key, "-----BEGIN PRIVATE KEY-----\nrubbish\n").expect("written");
    server.signal("HUP");
    told(&data, "the old one stays in use", 1).await;
    let mut still = connect(server.port, &second).await.expect("the second is in use");
    assert!(answers(&mut still).await && answers(&mut fresh).await && answers(&mut standing).await);
    // Longer than it takes to look twice: told once.
    tokio::time::sleep(Duration::from_secs(11)).await;
    told(&data, "the old one stays in use", 1).await;

    let third = files.issue();
    server.signal("HUP");
    told(&data, "the certificate was read anew", 2).await;
    let mut last = connect(server.port, &third).await.expect("the third certificate");
    assert!(answers(&mut last).await && answers(&mut standing).await);
    drop((standing, fresh, still, last));
    server.stop().await;
}

#[tokio::test]
async fn sec_057_plain_http_off_loopback_is_for_named_proxies_only() {
    let (_kept, data) = folder();
    let Some(own) = address_on_network() else { return };
    let with = async |proxies: &str| {
        let text = format!(
            "[http]\naddress = \"0.0.0.0\"\npublic_url = \"https://{NAME}\"\ntrusted_proxies = \"{proxies}\"\n"
        );
        fs::write(data.join("own.toml"), text).expect("written");
        let file = data.join("own.toml").display().to_string();
        let server = Server::start_bare(&data, &["--config", &file]).await;
        let mut stream = TcpStream::connect((own.as_str(), server.port)).await.expect("it listens");
        let answered = answers(&mut stream).await;
        drop(stream);
        server.stop().await;
        answered
    };
    assert!(!with("198.51.100.7").await, "this machine's own address is not the proxy's");
    assert!(log_of(&data).contains("did not come from a trusted proxy"));
    assert!(!log_of(&data).contains(&own), "SEC-005");
    assert!(with(&format!("198.51.100.7, {own}/32")).await, "but named it may");
}

/// An address of this machine that is not loopback, by the kernel's own table.
fn address_on_network() -> Option<String> {
    let table = fs::read_to_string("/proc/net/fib_trie").ok()?;
    let mut before = "";
    for line in table.lines() {
        if line.contains("host LOCAL")
            && let Some(address) = before.rsplit(' ').next()
            && !address.starts_with("127.")
        {
            return Some(address.to_owned());
        }
        before = line;
    }
    None
}
