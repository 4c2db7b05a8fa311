//! Text messages: one JSON object posted to a gateway over HTTP, and what its answer means.
//!
//! An answer of the 4xx kind says that the gateway did not take it. Anything that goes wrong after the request went
//! out, a 5xx included, leaves open whether it did (SEC-060).

use std::time::Duration;

use anyhow::Context as _;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, Uri, header};
use domain::message::Reason;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::config::Sms;
use crate::message::{Fate, trust};

/// The gateway that takes text messages.
pub(super) struct Gateway {
    host: String,
    port: u16,
    authority: String,
    path: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    token: Option<SecretString>,
    settings: Sms,
}

impl Gateway {
    /// Reads the token and whom to trust.
    ///
    /// # Errors
    /// When a file or the address cannot be used.
    pub(super) fn open(url: &str, settings: &Sms) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().context("sms.url is no address")?;
        let host = uri.host().context("sms.url names no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let secure = uri.scheme_str() == Some("https");
        let tls = if secure {
            let config = trust::client(settings.authority.as_deref())?;
            let name = ServerName::try_from(host.clone()).context("sms.url names no host")?;
            Some((TlsConnector::from(config), name))
        } else {
            None
        };
        let token = match &settings.token_file {
            None => None,
            Some(file) => {
                let token = std::fs::read_to_string(file);
                let token = token.with_context(|| format!("{} cannot be read", file.display()))?;
                Some(SecretString::from(token.trim()))
            }
        };
        Ok(Self {
            port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            authority: uri.authority().context("sms.url names no host")?.to_string(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            host,
            tls,
            token,
            settings: settings.clone(),
        })
    }

    pub(super) const fn patience(&self) -> Duration {
        self.settings.patience
    }

    /// Posts one text.
    pub(super) async fn send(&self, to: &str, text: &str, reference: &str) -> Fate {
        let Ok(request) = self.request(to, text, reference) else { return Fate::Refused(Reason::Refused) };
        let reached = TcpStream::connect((self.host.as_str(), self.port));
        let Ok(Ok(stream)) = timeout(self.settings.patience, reached).await else {
            return Fate::NotYet(Reason::Unreachable);
        };
        let Some((connector, name)) = &self.tls else { return self.exchange(stream, request).await };
        match timeout(self.settings.patience, connector.connect(name.clone(), stream)).await {
            Ok(Ok(stream)) => self.exchange(stream, request).await,
            Ok(Err(error)) if trust::is_about_trust(&error) => Fate::NotYet(Reason::NotTrusted),
            Ok(Err(_)) | Err(_) => Fate::NotYet(Reason::Unreachable),
        }
    }

    fn request(&self, to: &str, text: &str, reference: &str) -> anyhow::Result<Request<Body>> {
        let fields = &self.settings.fields;
        let mut json = serde_json::Map::new();
        let mut put = |name: &str, value: &str| json.insert(name.to_owned(), value.into());
        put(&fields.to, to);
        put(&fields.text, text);
        put(&fields.reference, reference);
        if !self.settings.from.is_empty() {
            put(&fields.from, &self.settings.from);
        }
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&self.path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()));
        }
        Ok(request.body(Body::from(serde_json::to_vec(&json)?))?)
    }

    /// Sends the request and takes the answer's first line; its body says nothing that we need.
    async fn exchange<S>(&self, stream: S, request: Request<Body>) -> Fate
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Ok((mut sender, connection)) = http1::handshake(TokioIo::new(stream)).await else {
            return Fate::NotYet(Reason::Unreachable);
        };
        let pump = tokio::spawn(connection);
        // From here on it may be taken.
        let answer = timeout(self.settings.patience, sender.send_request(request)).await;
        pump.abort();
        match answer {
            Ok(Ok(answer)) => meaning(answer.status()),
            Ok(Err(_)) => Fate::Unknown(Reason::LineLost),
            Err(_) => Fate::Unknown(Reason::Silence),
        }
    }
}

/// What an answer's status says about the message (RFC 9110 §15).
fn meaning(status: StatusCode) -> Fate {
    match status {
        status if status.is_success() => Fate::Accepted,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Fate::NotYet(Reason::SignInRefused),
        // The gateway knows our reference already: an earlier try may have reached it.
        StatusCode::CONFLICT => Fate::Unknown(Reason::GatewayFault),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Fate::NotYet(Reason::Busy)
        }
        StatusCode::UNPROCESSABLE_ENTITY => Fate::Refused(Reason::RecipientRefused),
        status if status.is_client_error() || status.is_redirection() => Fate::Refused(Reason::Refused),
        _ => Fate::Unknown(Reason::GatewayFault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_certainly_not_taken_is_tried_again() {
        for (status, fate) in [
            (200, Fate::Accepted),
            (202, Fate::Accepted),
            (302, Fate::Refused(Reason::Refused)),
            (400, Fate::Refused(Reason::Refused)),
            (401, Fate::NotYet(Reason::SignInRefused)),
            (409, Fate::Unknown(Reason::GatewayFault)),
            (422, Fate::Refused(Reason::RecipientRefused)),
            (429, Fate::NotYet(Reason::Busy)),
            (500, Fate::Unknown(Reason::GatewayFault)),
            (502, Fate::Unknown(Reason::GatewayFault)),
            (503, Fate::NotYet(Reason::Busy)),
            (504, Fate::Unknown(Reason::GatewayFault)),
        ] {
            assert_eq!(meaning(StatusCode::from_u16(status).expect("a status")), fate, "{status}");
        }
    }
}
