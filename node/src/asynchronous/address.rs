//! Where answers may be sent: the list of reply addresses, and what a name may resolve to.
//!
//! A caller chooses the address, so without these rules it could have the hub post into the
//! network that the hub stands in.

use hyper::Uri;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

const LENGTH_MAX: usize = 2_048;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("an address has the form https://host:port/path, at most {LENGTH_MAX} characters")]
    Shape,
    #[error("an address begins with https://")]
    Scheme,
    #[error("an address has no user name, no fragment, and no path that climbs (. or ..)")]
    Disguise,
    #[error("a network is an address and a prefix length, 10.0.0.0/8")]
    Network,
}

/// An address to which an answer can be sent: https, with host, port and path told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyAddress {
    text: String,
    /// Lower case; an IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
    path: String,
}

impl ReplyAddress {
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > LENGTH_MAX {
            return Err(AddressError::Shape);
        }
        let uri: Uri = text.parse().map_err(|_| AddressError::Shape)?;
        if uri.scheme_str() != Some("https") {
            return Err(AddressError::Scheme);
        }
        let authority = uri.authority().ok_or(AddressError::Shape)?;
        let lower = text.to_ascii_lowercase();
        let climbs = uri.path().split('/').any(|segment| matches!(segment, "." | ".."));
        let hidden = ["#", "\\", "%2e", "%2f", "%5c"].iter().any(|part| lower.contains(part));
        if authority.as_str().contains('@') || climbs || hidden {
            return Err(AddressError::Disguise);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || authority.as_str().ends_with(':') {
            return Err(AddressError::Shape);
        }
        Ok(Self {
            text: text.to_owned(),
            host: host.to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(443),
            path: uri.path().to_owned(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address that the host is, where it is no name.
    pub fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// Same host and port, and a path below this one's.
    fn covers(&self, other: &Self) -> bool {
        let prefix = self.path.strip_suffix('/').unwrap_or(&self.path);
        let below = other.path.strip_prefix(prefix);
        self.host == other.host
            && self.port == other.port
            && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for ReplyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for ReplyAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for ReplyAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(format!("{text:?}: {error}")))
    }
}

/// Addresses that begin alike, `10.0.0.0/8`; one address without a prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    pub fn contains(&self, other: IpAddr) -> bool {
        let same = |mine: u128, theirs: u128, width: u32| {
            let unused = width - self.bits;
            mine.checked_shr(unused).unwrap_or(0) == theirs.checked_shr(unused).unwrap_or(0)
        };
        match (self.address, other.to_canonical()) {
            (IpAddr::V4(mine), IpAddr::V4(theirs)) => {
                same(u32::from(mine).into(), u32::from(theirs).into(), 32)
            }
            (IpAddr::V6(mine), IpAddr::V6(theirs)) => same(mine.into(), theirs.into(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| AddressError::Network)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), str::parse).map_err(|_| AddressError::Network)?;
        if bits > width { Err(AddressError::Network) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| serde::de::Error::custom(format!("{text:?}: {error}")))
    }
}

/// The rules of one role: which addresses, and in which networks beside the public ones.
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    pub addresses: Vec<ReplyAddress>,
    pub private_networks: Vec<Network>,
}

impl AllowList {
    pub fn permits(&self, address: &ReplyAddress) -> bool {
        self.addresses.iter().any(|listed| listed.covers(address))
    }

    /// Whether a permitted address may be reached at what its host resolves to. A host that is
    /// itself an address stands in the list as such.
    pub fn may_connect(&self, address: &ReplyAddress, resolved: IpAddr) -> bool {
        address.literal() == Some(resolved)
            || self.private_networks.iter().any(|network| network.contains(resolved))
            || is_public(resolved)
    }
}

fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || first == 0
        || first >= 240
        // Shared with a provider's customers (RFC 6598); benchmarks (RFC 2544).
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // An address translated to IPv4 (RFC 6052), by 6to4 or Teredo, can mean any IPv4 address.
    let translated = (first == 0x64 && second == 0xff9b) || first == 0x2002;
    let teredo = first == 0x2001 && second == 0;
    // What is routed lies in 2000::/3.
    (0x2000..0x4000).contains(&first) && !translated && !teredo
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> ReplyAddress {
        ReplyAddress::parse(text).unwrap()
    }

    fn list(addresses: &[&str], networks: &[&str]) -> AllowList {
        AllowList {
            addresses: addresses.iter().map(|text| address(text)).collect(),
            private_networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn an_address_is_permitted_by_host_port_and_path_prefix() {
        let list = list(&["https://trust.example/async", "https://[2001:db8::1]:8443/"], &[]);
        for good in [
            "https://trust.example/async",
            "https://TRUST.example:443/async/a?b=c",
            "https://trust.example/async/",
            "https://[2001:db8::1]:8443/anything",
        ] {
            assert!(list.permits(&address(good)), "{good}");
        }
        for bad in [
            "https://trust.example/asynchronous",
            "https://trust.example/",
            "https://trust.example:444/async",
            "https://trust.example.evil.example/async",
            "https://evil.example/async",
            "https://[2001:db8::1]/",
        ] {
            assert!(!list.permits(&address(bad)), "{bad}");
        }
    }

    #[test]
    fn an_address_in_disguise_is_none() {
        for (text, error) in [
            ("http://trust.example/", AddressError::Scheme),
            ("trust.example/async", AddressError::Shape),
            ("https://user@trust.example/", AddressError::Disguise),
            ("https://trust.example/async/../admin", AddressError::Disguise),
            ("https://trust.example/async/%2e%2E/admin", AddressError::Disguise),
            ("https://trust.example/async%2f..%2fadmin", AddressError::Disguise),
            ("https://trust.example/#async", AddressError::Disguise),
            ("https:///async", AddressError::Shape),
            ("https://trust .example/", AddressError::Shape),
        ] {
            assert_eq!(ReplyAddress::parse(text), Err(error), "{text}");
        }
        let long = format!("https://trust.example/{}", "a".repeat(LENGTH_MAX));
        assert_eq!(ReplyAddress::parse(&long), Err(AddressError::Shape));
    }

    #[test]
    fn a_name_may_not_lead_into_the_hubs_own_network_unless_it_is_listed() {
        let name = address("https://trust.example/");
        let none = list(&[], &[]);
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "198.18.0.1",
        ] {
            assert!(!none.may_connect(&name, inside.parse().unwrap()), "{inside}");
        }
        for outside in ["151.101.1.81", "2a00:1450:4009::1"] {
            assert!(none.may_connect(&name, outside.parse().unwrap()), "{outside}");
        }
        let some = list(&[], &["10.4.0.0/16", "127.0.0.1", "fd00::/8"]);
        for (inside, may) in [
            ("10.4.9.9", true),
            ("::ffff:10.4.9.9", true),
            ("10.5.0.1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("fd12::1", true),
            ("fe80::1", false),
        ] {
            assert_eq!(some.may_connect(&name, inside.parse().unwrap()), may, "{inside}");
        }
        let literal = address("https://127.0.0.1:9/");
        assert!(none.may_connect(&literal, "127.0.0.1".parse().unwrap()), "listed as it stands");
    }

    #[test]
    fn a_network_has_an_address_and_a_length() {
        for text in ["10.0.0.0/33", "::/129", "10.0.0.0/", "ten", "10.0.0.0/-1"] {
            assert_eq!(text.parse::<Network>(), Err(AddressError::Network), "{text}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("8.8.8.8".parse().unwrap()) && !all.contains("::1".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in ".{0,80}") {
            let _ = ReplyAddress::parse(&text);
            let _ = text.parse::<Network>();
        }
    }
}
