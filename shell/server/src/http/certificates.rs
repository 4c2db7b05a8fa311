//! The certificate and its key as they lie on the disk, read again when they change (SEC-056).
//!
//! Connections that stand keep what they were made with; the next handshake gets the new pair. A pair that cannot be
//! used leaves the old one in its place and is told once.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::unix::Signal;
use tokio::sync::watch;

use super::tls::{self, TlsError};

/// How often the files are looked at; a signal has them looked at at once.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);

/// The server's side of TLS, as it is at the moment of a handshake.
pub(crate) type Current = watch::Receiver<Arc<ServerConfig>>;

/// Two files and what they held when they were looked at last.
pub(crate) struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    /// A digest of both files; `None` when they could not be read.
    seen: Option<Vec<u8>>,
    /// What could not be used at the last look: one of the files may be on its way.
    doubted: Option<Option<Vec<u8>>>,
    current: watch::Sender<Arc<ServerConfig>>,
}

/// What a look found.
#[derive(Debug)]
enum Looked {
    Same,
    Renewed,
    Refused(TlsError),
}

/// The contents of both files.
struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Certificates {
    /// Reads both files for the first time.
    ///
    /// # Errors
    /// When they cannot be read or do not fit each other.
    pub(crate) fn open(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let pair = read(&certificate, &key)?;
        let current = watch::Sender::new(understand(&certificate, &key, &pair)?);
        Ok(Self { certificate, key, seen: Some(pair.digest()), doubted: None, current })
    }

    /// What is in use, now and later.
    pub(crate) fn current(&self) -> Current {
        self.current.subscribe()
    }

    /// Looks again and again until `stop` turns true, and whenever the signal comes.
    pub(crate) async fn keep(mut self, mut asked: Signal, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(LOOK_INTERVAL);
        loop {
            let looked = tokio::select! {
                _ = ticks.tick() => self.look(false),
                Some(()) = asked.recv() => self.look(true),
                () = async { _ = stop.wait_for(|stop| *stop).await } => return,
            };
            match looked {
                Looked::Same => {}
                Looked::Renewed => tracing::info!("the certificate was read anew; new connections get it"),
                Looked::Refused(error) => {
                    tracing::error!(%error, "the new certificate cannot be used; the old one stays in use");
                }
            }
        }
    }

    /// Takes a new pair. One that cannot be used is told when it is still there at the next look, or when somebody asks.
    fn look(&mut self, asked: bool) -> Looked {
        let pair = read(&self.certificate, &self.key);
        let found = pair.as_ref().ok().map(Pair::digest);
        if found == self.seen && !asked {
            return Looked::Same;
        }
        match pair.and_then(|pair| understand(&self.certificate, &self.key, &pair)) {
            Ok(config) => {
                self.seen = found;
                self.current.send_replace(config);
                Looked::Renewed
            }
            Err(_) if !asked && self.doubted.as_ref() != Some(&found) => {
                self.doubted = Some(found);
                Looked::Same
            }
            Err(error) => {
                self.seen = found;
                Looked::Refused(error)
            }
        }
    }
}

impl Pair {
    fn digest(&self) -> Vec<u8> {
        let mut both = digest::Context::new(&digest::SHA256);
        both.update(&(self.certificate.len() as u64).to_be_bytes());
        both.update(&self.certificate);
        both.update(&self.key);
        both.finish().as_ref().to_vec()
    }
}

fn file_error(what: &'static str, path: &std::path::Path) -> impl FnOnce(pem::Error) -> TlsError {
    let path = path.display().to_string();
    move |why| TlsError::File { what, path, why }
}

fn read(certificate: &PathBuf, key: &PathBuf) -> Result<Pair, TlsError> {
    let bytes = |what, path: &PathBuf| {
        std::fs::read(path).map_err(|error| file_error(what, path)(pem::Error::Io(error)))
    };
    Ok(Pair { certificate: bytes("the certificate", certificate)?, key: bytes("the private key", key)? })
}

fn understand(
    certificate: &std::path::Path,
    key: &std::path::Path,
    pair: &Pair,
) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(&pair.certificate)
        .collect::<Result<Vec<_>, _>>()
        .map_err(file_error("the certificate", certificate))?;
    let key = PrivateKeyDer::from_pem_slice(&pair.key).map_err(file_error("the private key", key))?;
    tls::config(chain, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(name: &str) -> (String, String) {
        let issued = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("issued");
        (issued.cert.pem(), issued.signing_key.serialize_pem())
    }

    #[test]
    fn sec_056_a_broken_pair_keeps_the_old_one_and_is_told_once() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        let write = |pair: &(String, String)| {
            std::fs::write(&certificate, &pair.0).expect("written");
            std::fs::write(&key, &pair.1).expect("written");
        };
        let (first, second) = (issue("a.example"), issue("b.example"));
        write(&first);
        let mut files = Certificates::open(certificate.clone(), key.clone()).expect("a good pair");
        let current = files.current();
        let before = Arc::clone(&current.borrow());
        assert!(matches!(files.look(false), Looked::Same));

        write(&(second.0.clone(), first.1));
        assert!(matches!(files.look(false), Looked::Same), "the key may be on its way");
        assert!(
            matches!(files.look(false), Looked::Refused(TlsError::Unusable(_))),
            "they do not fit each other"
        );
        assert!(matches!(files.look(false), Looked::Same), "told once");
        std::fs::write(&certificate, "rubbish").expect("written");
        assert!(matches!(files.look(true), Looked::Refused(_)), "who asks is told at once");
        std::fs::remove_file(&key).expect("there");
        assert!(matches!(files.look(false), Looked::Same));
        assert!(matches!(files.look(false), Looked::Refused(TlsError::File { .. })));
        assert!(matches!(files.look(false), Looked::Same), "told once");
        assert!(Arc::ptr_eq(&before, &current.borrow()), "the old pair is still in use");

        write(&second);
        assert!(matches!(files.look(false), Looked::Renewed));
        assert!(!Arc::ptr_eq(&before, &current.borrow()), "the new pair is in use");
    }
}
