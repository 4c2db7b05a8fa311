//! A certificate authority of the machine's own, so that phones on the same network get HTTPS (browsers give camera
//! and microphone to secure pages only). It is made once and kept in the data folder; the server's certificate is
//! issued anew at each start, for the addresses of the day.

use std::fs;
use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ids::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::tls::{self, TlsError};

/// The authority's certificate, for phones.
const CERTIFICATE_FILE: &str = "authority.crt";
/// The authority's key; never leaves the folder.
const KEY_FILE: &str = "authority.key";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long phones go on trusting the authority once they do.
const AUTHORITY_DAYS: u32 = 3_650;
/// How long one start's certificate is good; phones refuse more than 825 days.
const SERVER_DAYS: u32 = 90;

/// The authority cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthorityError {
    /// Its files cannot be read or written.
    #[error("the local authority's files in {folder} cannot be used: {why}")]
    Files {
        /// The data folder.
        folder: String,
        /// What the system said.
        why: std::io::ErrorKind,
    },
    /// Its files are damaged.
    #[error("the local authority is damaged ({0}); remove authority.crt and authority.key and start again")]
    Damaged(#[from] rcgen::Error),
    /// What it issued cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The authority and where its certificate lies.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: PathBuf,
}

impl Authority {
    /// Opens the authority of a data folder, making it when there is none.
    ///
    /// # Errors
    /// When its files cannot be used or are damaged; an authority that phones trust is never replaced silently.
    pub(crate) fn open(folder: &Path, now: Timestamp) -> Result<Self, AuthorityError> {
        let certificate = folder.join(CERTIFICATE_FILE);
        let key = folder.join(KEY_FILE);
        let failed = |error: std::io::Error| AuthorityError::Files {
            folder: folder.display().to_string(),
            why: error.kind(),
        };
        if !certificate.exists() && !key.exists() {
            let (certificate_pem, key_pem) = make(now)?;
            write_private(&key, &key_pem).map_err(failed)?;
            fs::write(&certificate, certificate_pem).map_err(failed)?;
        }
        let key = KeyPair::from_pem(&fs::read_to_string(key).map_err(failed)?)?;
        // A certificate that is gone means that phones cannot be given what they would have to trust.
        fs::metadata(&certificate).map_err(failed)?;
        Ok(Self { issuer: Issuer::new(parameters(now)?, key), certificate })
    }

    /// Where the certificate lies that a phone must trust.
    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Issues a certificate for one address and turns it into the server's side of TLS.
    ///
    /// # Errors
    /// When issuing fails.
    pub(crate) fn issue(&self, address: IpAddr, now: Timestamp) -> Result<Arc<ServerConfig>, AuthorityError> {
        let mut parameters = CertificateParams::new(Vec::new())?;
        parameters.subject_alt_names = vec![SanType::IpAddress(address)];
        parameters.distinguished_name.push(DnType::CommonName, "Samrom");
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        valid_for(&mut parameters, now, SERVER_DAYS);
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(tls::config(vec![certificate.der().clone()], key)?)
    }
}

fn make(now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    Ok((parameters(now)?.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// What the authority is; but for its validity the same at every start, so that it need not be read back.
fn parameters(now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.distinguished_name.push(DnType::CommonName, "Samrom on this machine");
    valid_for(&mut parameters, now, AUTHORITY_DAYS);
    Ok(parameters)
}

/// From yesterday, because the clocks of phones are not ours.
fn valid_for(parameters: &mut CertificateParams, now: Timestamp, days: u32) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let now = Duration::from_millis(now.as_millis().unsigned_abs());
    parameters.not_before = epoch + now.saturating_sub(DAY);
    parameters.not_after = epoch + now + DAY * days;
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::clock;

    #[test]
    fn the_authority_is_made_once_and_its_key_is_for_its_owner_only() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = Authority::open(folder.path(), clock::wall()).expect("made");
        let before = fs::read(first.certificate()).expect("it is there");
        let again = Authority::open(folder.path(), clock::wall()).expect("opened");
        assert_eq!(before, fs::read(again.certificate()).expect("it is there"));
        let mode = fs::metadata(folder.path().join(KEY_FILE)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        again.issue(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), clock::wall()).expect("issued");
    }

    #[test]
    fn a_damaged_authority_is_never_replaced_silently() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join(KEY_FILE), "rubbish").expect("written");
        assert!(Authority::open(folder.path(), clock::wall()).is_err());
        assert_eq!(fs::read(folder.path().join(KEY_FILE)).expect("still there"), b"rubbish");
    }
}
