//! Addresses that are trusted to stand before us: one address, or a network by its prefix.

use std::net::IpAddr;
use std::str::FromStr;

/// A network: an address and how many of its first bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address lies in it; an IPv4 address that comes in IPv6's clothes is the IPv4 address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(four) => (u128::from(four.to_bits()) << 96, 4),
            IpAddr::V6(six) => (six.to_bits(), 6),
        };
        let ((own, family), (other, other_family)) = (bits(self.address), bits(address.to_canonical()));
        let counted = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
        family == other_family && own & counted == other & counted
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), str::parse).map_err(|_| ())?;
        (prefix > 0 && prefix <= most).then_some(Self { address, prefix }).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    fn network(text: &str) -> Network {
        text.parse().expect("a network")
    }

    fn contains(text: &str, address: &str) -> bool {
        network(text).contains(address.parse().expect("an address"))
    }

    #[test]
    fn the_first_bits_count() {
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.6"));
        assert!(contains("192.0.2.0/30", "192.0.2.3") && !contains("192.0.2.0/30", "192.0.2.4"));
        assert!(contains("192.0.2.7", "::ffff:192.0.2.7"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1") && !contains("2001:db8::/32", "2001:db9::1"));
        assert!(!contains("::/1", "1.2.3.4") && contains("128.0.0.0/1", "255.0.0.1"));
    }

    #[test]
    fn rubbish_and_everything_are_refused() {
        for wrong in ["", "x", "1.2.3.4/33", "1.2.3.4/0", "::/0", "::1/129", "1.2.3.4/", "1.2.3.4/-1"] {
            wrong.parse::<Network>().expect_err(wrong);
        }
    }
}
