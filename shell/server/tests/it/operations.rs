//! What operators see: figures, the log as JSON, and HTTPS for phones on the same network.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::harness::{PATIENCE, Server, folder, free_port, log_of, run};

#[tokio::test]
async fn figures_count_and_name_nobody() {
    let (_kept, data) = folder();
    let port = free_port();
    std::fs::write(
        data.join("own.toml"),
        format!("[metrics]\nport = {port}\n[log]\nformat = \"json\"\nfilter = \"debug\"\n"),
    )
    .expect("written");
    let file = data.join("own.toml").display().to_string();
    let server = Server::start_with(&data, &["--config", &file]).await;
    let clinician = server.sign_in("clinician").await;
    let session = clinician.session().await;
    let mut line = clinician.socket(&session).await;
    line.hello(1).await;
    let mut page = String::new();
    // Figures are copied out once a second.
    for _ in 0..40 {
        page = get(port, "/metrics").await;
        if page.contains("samrom_rooms{shard=")
            && page.lines().any(|line| line.starts_with("samrom_rooms") && line.ends_with(" 1"))
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    assert!(page.contains("samrom_sockets 1"), "{page}");
    assert!(page.lines().any(|line| line.starts_with("samrom_rooms") && line.ends_with(" 1")), "{page}");
    assert!(
        !page.contains(&session) && !page.contains("127.0.0.1") && !page.contains("Demodal"),
        "SEC-012: {page}"
    );
    let token = server.link("clinician").rsplit('/').next().expect("a token").to_owned();
    server.stop().await;
    let log = log_of(&data);
    assert!(log.lines().all(|line| line.starts_with('{')), "every line is one object: {log}");
    let told =
        ["Demodal", "Demolund", "127.0.0.1", "samrom=", &token].into_iter().find(|word| log.contains(word));
    assert_eq!(told, None, "SEC-005, SEC-012: {log}");
}

#[tokio::test]
async fn phones_on_the_network_get_https_from_an_authority_of_the_machine_s_own() {
    let (_kept, data) = folder();
    if !has_network() {
        let path = data.display().to_string();
        let (code, _, err) =
            run(&["serve", "--lan", "--port", "0", "--media-port", "0", "--data", &path], &data).await;
        assert_eq!(code, 1);
        assert!(err.contains("this machine has no address on one"), "{err}");
        return;
    }
    let server = Server::start_with(&data, &["--lan"]).await;
    let base = server.link("network").to_owned();
    let (address, port) =
        base.strip_prefix("https://").and_then(|rest| rest.rsplit_once(':')).expect("an address");
    let authority = CertificateDer::from_pem_file(data.join("authority.crt")).expect("it was made");
    let mut roots = RootCertStore::empty();
    roots.add(authority).expect("an authority");
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect((address, port.parse().expect("a port"))).await.expect("it listens");
    let name = ServerName::try_from(address.to_owned()).expect("an address is a name here");
    let mut stream =
        TlsConnector::from(std::sync::Arc::new(config)).connect(name, stream).await.expect("trusted");
    let link = server.link("on a phone, young person");
    let path = link.strip_prefix(&base).expect("a link on the network");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut page = Vec::new();
    // Some clients are cut off without a TLS goodbye; the page is what counts.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut page)).await.expect("in time");
    let page = String::from_utf8_lossy(&page).into_owned();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Kari"), "{page}");
    server.stop().await;
}

/// Whether this machine has any address but loopback, by the kernel's own table.
fn has_network() -> bool {
    let interfaces = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let own =
        interfaces.lines().zip(interfaces.lines().skip(1)).filter(|(_, next)| next.contains("host LOCAL"));
    own.filter_map(|(address, _)| address.rsplit(' ').next()).any(|address| !address.starts_with("127."))
}
#[tokio::test]
async fn sec_025_who_drips_a_request_byte_by_byte_is_closed_and_keeps_nobody_out() {
    let (_kept, data) = folder();
    let server = Server::start(&data).await;
    let mut slow = TcpStream::connect(("127.0.0.1", server.port)).await.expect("it listens");
    slow.write_all(b"GET / HTTP/1.1\r\nHost: loc").await.expect("it reads");
    assert!(get(server.port, "/healthz").await.starts_with("HTTP/1.1 200"));
    let mut rest = Vec::new();
    // Closed without an answer or with a refusal, but closed.
    let ended = timeout(PATIENCE, slow.read_to_end(&mut rest)).await.expect("closed in time");
    assert!(ended.is_err() || !rest.starts_with(b"HTTP/1.1 200"));
    server.stop().await;
}

async fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut text = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut text)).await.expect("in time").expect("text");
    text
}
