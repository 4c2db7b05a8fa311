//! Who is at the other end of a connection. Plain HTTP that leaves this machine is taken from named proxies only, and
//! only they are believed when they say for whom they ask (SEC-057).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::HeaderMap;

use crate::config::Network;

/// The header in which each proxy adds whom it heard.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who may connect, and who is believed; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Peers {
    proxies: Arc<[Network]>,
    /// Whether nobody but proxies and this machine may connect.
    fenced: bool,
    told: Arc<AtomicBool>,
}

impl Peers {
    /// Everybody may connect; these proxies are believed.
    pub(crate) fn everybody(proxies: &[Network]) -> Self {
        Self { proxies: proxies.into(), fenced: false, told: Arc::default() }
    }

    /// Only these proxies and this machine may connect.
    pub(crate) fn proxies_only(proxies: &[Network]) -> Self {
        Self { fenced: true, ..Self::everybody(proxies) }
    }

    /// Whether a connection is taken. The first that is not is told, without its address.
    pub(crate) fn may_connect(&self, from: SocketAddr) -> bool {
        let may = !self.fenced || from.ip().to_canonical().is_loopback() || self.is_proxy(from.ip());
        if !may && !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a plain connection that did not come from a trusted proxy was closed; more are not told"
            );
        }
        may
    }

    /// For whom a request is: the last address that no proxy of ours has written, else who connected.
    pub(crate) fn client(&self, from: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        if !self.is_proxy(from.ip()) {
            return from;
        }
        let values = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
        let said: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
        for address in said.into_iter().rev() {
            match address.parse::<IpAddr>() {
                Ok(address) if self.is_proxy(address) => {}
                Ok(address) => return SocketAddr::new(address, 0),
                Err(_) => return from,
            }
        }
        from
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        SocketAddr::new(text.parse().expect("an address"), 7)
    }

    fn proxies() -> [Network; 1] {
        ["192.0.2.0/28".parse().expect("a network")]
    }

    fn client(from: &str, said: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append(FORWARDED_FOR, value.parse().expect("a header"));
        }
        Peers::everybody(&proxies()).client(address(from), &headers).ip().to_string()
    }

    #[test]
    fn sec_057_only_named_proxies_connect_through_the_fence() {
        let fenced = Peers::proxies_only(&proxies());
        assert!(fenced.may_connect(address("192.0.2.3")) && fenced.may_connect(address("127.0.0.1")));
        assert!(fenced.may_connect(address("::ffff:192.0.2.3")));
        assert!(!fenced.may_connect(address("198.51.100.1")) && !fenced.may_connect(address("192.0.2.16")));
        assert!(Peers::everybody(&[]).may_connect(address("198.51.100.1")));
    }

    #[test]
    fn sec_057_only_named_proxies_are_believed() {
        assert_eq!(client("198.51.100.1", &["203.0.113.9"]), "198.51.100.1", "no proxy of ours");
        assert_eq!(client("192.0.2.3", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(
            client("192.0.2.3", &["127.0.0.1, 203.0.113.9"]),
            "203.0.113.9",
            "what a client wrote itself"
        );
        assert_eq!(client("192.0.2.3", &["127.0.0.1", "203.0.113.9, 192.0.2.4"]), "203.0.113.9");
        assert_eq!(client("192.0.2.3", &["203.0.113.9, rubbish"]), "192.0.2.3");
        assert_eq!(client("192.0.2.3", &[]), "192.0.2.3");
    }
}
