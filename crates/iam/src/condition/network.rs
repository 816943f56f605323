//! Addresses and ranges of `IpAddress`.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress>

use std::net::{IpAddr, Ipv4Addr};

/// A range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    first: IpAddr,
    /// How many leading bits count.
    prefix: u32,
}

impl Network {
    /// Reads `203.0.113.0/24`, `2001:DB8::/64` or one address. Guess: one address of IPv6 is itself, though the guide says that the
    /// default prefix is `/32`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().ok()?;
        let bits = if first.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
            None => bits,
        };
        (prefix <= bits).then_some(Self { first, prefix }.unmapped())
    }

    /// Whether `address` lies in it. An IPv4 address that IPv6 carries (`::ffff:10.0.0.1`) is the IPv4 address.
    pub(crate) fn has(self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let shift = 32 - self.prefix;
                (u64::from(first.to_bits()) >> shift) == (u64::from(address.to_bits()) >> shift)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.prefix
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// Its first and its last address.
    pub(crate) fn range(self) -> (IpAddr, IpAddr) {
        match self.first {
            IpAddr::V4(first) => {
                let rest = u32::MAX.checked_shr(self.prefix).unwrap_or(0);
                let bits = first.to_bits();
                let of = |bits: u32| IpAddr::V4(bits.into());
                (of(bits & !rest), of(bits | rest))
            }
            IpAddr::V6(first) => {
                let rest = u128::MAX.checked_shr(self.prefix).unwrap_or(0);
                let bits = first.to_bits();
                let of = |bits: u128| IpAddr::V6(bits.into());
                (of(bits & !rest), of(bits | rest))
            }
        }
    }

    /// `::ffff:10.0.0.0/104` is `10.0.0.0/8`, because what it is compared with has become IPv4 as well.
    fn unmapped(self) -> Self {
        let mapped: Option<Ipv4Addr> = match self.first {
            IpAddr::V6(first) => first.to_ipv4_mapped(),
            IpAddr::V4(_) => None,
        };
        match (mapped, self.prefix.checked_sub(96)) {
            (Some(first), Some(prefix)) => Self {
                first: first.into(),
                prefix,
            },
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (network, address, expected) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.9/24", "203.0.113.1", true),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("0.0.0.0/0", "255.0.0.1", true),
            ("0.0.0.0/0", "::1", false),
            ("0.0.0.0/0", "::ffff:1.2.3.4", true),
            ("::/0", "1.2.3.4", false),
            ("::/0", "ff::", true),
            ("2001:DB8:1234:5678::/64", "2001:db8:1234:5678:9::", true),
            ("2001:DB8:1234:5678::/64", "2001:db8:1234:5679::", false),
            ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("::1", "::1", true),
        ] {
            let read = Network::read(network).expect(network);
            assert_eq!(
                read.has(address.parse().unwrap()),
                expected,
                "{network} {address}"
            );
        }
        for text in [
            "",
            "10.0.0",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "a",
        ] {
            assert_eq!(Network::read(text), None, "{text}");
        }
    }
}
