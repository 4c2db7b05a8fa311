//! Which address browsers are told to send media to, and whether it is one of this machine's own.

use std::net::{IpAddr, Ipv4Addr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// The address offered to browsers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct MediaAddress {
    /// What stands in the candidates.
    pub(crate) offered: IpAddr,
    /// What the sockets are bound to: the same, or every address when the offered one belongs to a router in front.
    pub(crate) bound: IpAddr,
    /// How it was found, for the line that says so at the start.
    pub(crate) found: Found,
}

/// Where an address came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The configuration names it.
    Configured,
    /// It is the machine's first IPv4 address that is not loopback.
    OnThisMachine,
    /// There is no address but loopback: Firefox will not connect.
    LoopbackOnly,
}

/// Chooses the address.
pub(crate) fn choose(configured: Option<IpAddr>) -> MediaAddress {
    let own = own_addresses();
    match configured {
        Some(offered) => {
            let bound = if own.contains(&offered) { offered } else { unspecified(offered) };
            MediaAddress { offered, bound, found: Found::Configured }
        }
        None => {
            let first = own.into_iter().find(|address| address.is_ipv4() && usable(*address));
            let found = if first.is_some() { Found::OnThisMachine } else { Found::LoopbackOnly };
            let address = first.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
            MediaAddress { offered: address, bound: address, found }
        }
    }
}

/// Addresses at which others on the same network may reach this machine.
pub(crate) fn first_on_network() -> Option<IpAddr> {
    own_addresses().into_iter().find(|address| address.is_ipv4() && usable(*address))
}

const fn unspecified(like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    }
}

const fn usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unspecified(),
    }
}

fn own_addresses() -> Vec<IpAddr> {
    let Ok(interfaces) = getifaddrs() else { return Vec::new() };
    interfaces
        .filter(|interface| interface.flags.contains(InterfaceFlags::IFF_UP))
        .filter_map(|interface| {
            let address = interface.address?;
            let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_router_in_front_is_offered_but_not_bound() {
        let router = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
        let chosen = choose(Some(router));
        assert_eq!(chosen.offered, router);
        assert!(chosen.bound.is_unspecified());
    }

    #[test]
    fn an_own_address_is_bound_as_it_is() {
        let chosen = choose(Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        assert_eq!(chosen.bound, IpAddr::V4(Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn without_a_setting_the_address_is_loopback_only_when_there_is_no_other() {
        let chosen = choose(None);
        assert_eq!(chosen.offered.is_loopback(), chosen.found == Found::LoopbackOnly);
    }
}
