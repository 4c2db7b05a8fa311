//! SRTP with AES-GCM only (SEC-020): refuses the old profile and shows which one was negotiated.
//!
//! str0m hands the profile to nobody, so two things are done: its DTLS is wrapped so that keys of an old profile
//! close the connection instead of being used, and the profile is read from our own ServerHello, which DTLS 1.2
//! sends in the clear (RFC 5764 §4.1.1, RFC 7714 §14.2).

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
    SrtpProfile,
};
use str0m::crypto::{CryptoProvider, from_feature_flags};

/// An SRTP protection profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `AEAD_AES_128_GCM`.
    Aes128Gcm,
    /// `AEAD_AES_256_GCM`.
    Aes256Gcm,
    /// Any other; never used for media here.
    Refused(u16),
}

/// str0m's own crypto with the old profiles taken out.
pub(crate) fn gcm_only() -> Arc<CryptoProvider> {
    static INNER: OnceLock<CryptoProvider> = OnceLock::new();
    static DTLS: GcmOnly = GcmOnly;
    let inner = INNER.get_or_init(from_feature_flags);
    Arc::new(CryptoProvider { dtls_provider: &DTLS, ..from_feature_flags_like(inner) })
}

const fn from_feature_flags_like(inner: &CryptoProvider) -> CryptoProvider {
    CryptoProvider {
        srtp_provider: inner.srtp_provider,
        sha1_hmac_provider: inner.sha1_hmac_provider,
        sha1_provider: inner.sha1_provider,
        sha256_provider: inner.sha256_provider,
        dtls_provider: inner.dtls_provider,
    }
}

#[derive(Debug)]
struct GcmOnly;

impl DtlsProvider for GcmOnly {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = from_feature_flags().dtls_provider.new_dtls(certificate, now, version, mtu)?;
        Ok(Box::new(GcmOnlyDtls { inner }))
    }
}

#[derive(Debug)]
struct GcmOnlyDtls {
    inner: Box<dyn DtlsInstance>,
}

impl DtlsInstance for GcmOnlyDtls {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        match self.inner.poll_output(buffer) {
            DtlsOutput::KeyingMaterial(_, profile) if !is_gcm(profile) => DtlsOutput::CloseNotify,
            output => output,
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}

fn is_gcm(profile: SrtpProfile) -> bool {
    [SrtpProfile::AEAD_AES_128_GCM, SrtpProfile::AEAD_AES_256_GCM].contains(&profile)
}

const HANDSHAKE_RECORD: u8 = 22;
const SERVER_HELLO: u8 = 2;
const USE_SRTP: u16 = 14;

/// The profile in a datagram that holds a DTLS 1.2 ServerHello, if it does.
pub(crate) fn negotiated_profile(datagram: &[u8]) -> Option<Profile> {
    let mut records = Reader(datagram);
    loop {
        let kind = records.u8()?;
        records.skip(10)?;
        let length = records.u16()?;
        let mut message = Reader(records.take(usize::from(length))?);
        if kind == HANDSHAKE_RECORD && message.u8()? == SERVER_HELLO {
            return profile_of_hello(message);
        }
    }
}

/// `message` stands behind the handshake type (RFC 6347 §4.2.2, RFC 5246 §7.4.1.3).
fn profile_of_hello(mut message: Reader<'_>) -> Option<Profile> {
    message.skip(3 + 2 + 3 + 3)?;
    message.skip(2 + 32)?;
    let session = message.u8()?;
    message.skip(usize::from(session) + 2 + 1 + 2)?;
    loop {
        let extension = message.u16()?;
        let length = message.u16()?;
        let mut body = Reader(message.take(usize::from(length))?);
        if extension == USE_SRTP {
            body.skip(2)?;
            return Some(match body.u16()? {
                7 => Profile::Aes128Gcm,
                8 => Profile::Aes256Gcm,
                other => Profile::Refused(other),
            });
        }
    }
}

/// Reads numbers off the front of a slice; `None` at its end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        Some(head)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(|_| ())
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }
}

/// Reads foreign bytes as a ServerHello.
pub fn fuzz_server_hello(data: &[u8]) {
    let _ = negotiated_profile(data);
}

#[cfg(test)]
mod tests {
    use str0m::crypto::dtls::KeyingMaterial;

    use super::*;

    /// A DTLS that has just agreed on a profile.
    #[derive(Debug)]
    struct Agreed(SrtpProfile);

    impl DtlsInstance for Agreed {
        fn set_active(&mut self, _: bool) {}
        fn handle_packet(&mut self, _: &[u8]) -> Result<(), DtlsImplError> {
            Ok(())
        }
        fn poll_output<'a>(&mut self, _: &'a mut [u8]) -> DtlsOutput<'a> {
            DtlsOutput::KeyingMaterial(KeyingMaterial::new(&[1; 30]), self.0)
        }
        fn handle_timeout(&mut self, _: Instant) -> Result<(), DtlsImplError> {
            Ok(())
        }
        fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
            Ok(data.len())
        }
        fn is_active(&self) -> bool {
            false
        }
        fn protocol_version(&self) -> Option<ProtocolVersion> {
            None
        }
        fn close(&mut self) -> Result<(), DtlsImplError> {
            Ok(())
        }
    }

    #[test]
    fn keys_of_an_old_profile_close_the_connection_and_gcm_passes() {
        let mut buffer = [0; 8];
        for (profile, closes) in [
            (SrtpProfile::AES128_CM_SHA1_80, true),
            (SrtpProfile::AEAD_AES_128_GCM, false),
            (SrtpProfile::AEAD_AES_256_GCM, false),
        ] {
            let mut dtls = GcmOnlyDtls { inner: Box::new(Agreed(profile)) };
            let closed = matches!(dtls.poll_output(&mut buffer), DtlsOutput::CloseNotify);
            assert_eq!(closed, closes, "{profile:?}");
        }
    }

    #[test]
    fn the_profile_is_read_from_a_server_hello_and_from_nothing_shorter() {
        let mut hello = vec![2, 0, 0, 49, 0, 0, 0, 0, 0, 0, 0, 49, 0xfe, 0xfd];
        hello.extend([9; 32]);
        hello.extend([0, 0xc0, 0x2b, 0, 0, 9, 0, 14, 0, 5, 0, 2, 0, 7, 0]);
        let mut datagram =
            vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, u8::try_from(hello.len()).expect("short")];
        datagram.extend(hello);
        assert_eq!(negotiated_profile(&datagram), Some(Profile::Aes128Gcm));
        for length in 0..datagram.len() {
            assert_eq!(negotiated_profile(datagram.get(..length).expect("in range")), None);
        }
    }
}
