//! Private APIs: which networks stand for which endpoints of which virtual private clouds. AWS knows by the interface endpoint that a
//! request comes through; here the client's address says it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html>

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use crate::plan::StagePlan;
use crate::record::Record;
use crate::rejection::Rejection;

/// Every private endpoint that is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateEndpoints(Arc<[Arc<PrivateEndpoint>]>);

/// An interface endpoint for `execute-api`, and the networks whose clients are taken to come through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateEndpoint {
    /// `aws:SourceVpce`: `vpce-…`.
    pub id: Box<str>,
    /// `aws:SourceVpc`: `vpc-…`.
    pub vpc: Box<str>,
    /// Its clients.
    pub networks: Vec<Network>,
}

/// A block of addresses: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is no block of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no block of addresses such as 10.0.0.0/8")]
pub struct NoNetwork(String);

impl PrivateEndpoints {
    /// These.
    pub fn new(endpoints: impl IntoIterator<Item = PrivateEndpoint>) -> Self {
        Self(endpoints.into_iter().map(Arc::new).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The networks of all of them.
    pub(crate) fn networks(&self) -> impl Iterator<Item = &Network> {
        self.0.iter().flat_map(|endpoint| &endpoint.networks)
    }

    /// The endpoint that a client's request comes through: the one of the smallest network that has the address, of equals the first.
    pub(crate) fn of(&self, client: IpAddr) -> Option<&Arc<PrivateEndpoint>> {
        let client = client.to_canonical();
        let mut best: Option<(u8, &Arc<PrivateEndpoint>)> = None;
        for endpoint in &*self.0 {
            let holding = endpoint.networks.iter().filter(|it| it.has(client));
            let Some(bits) = holding.map(|it| it.bits).max() else {
                continue;
            };
            if best.is_none_or(|(known, _)| known < bits) {
                best = Some((bits, endpoint));
            }
        }
        best.map(|(_, endpoint)| endpoint)
    }
}

impl Network {
    /// This address alone.
    pub(crate) fn of_one(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let bits = if address.is_ipv4() { 32 } else { 128 };
        Self { address, bits }
    }

    /// Its first and its last address.
    pub(crate) fn range(&self) -> (IpAddr, IpAddr) {
        match self.address {
            IpAddr::V4(address) => {
                let rest = u32::MAX.checked_shr(self.bits.into()).unwrap_or(0);
                let of = |bits: u32| IpAddr::V4(bits.into());
                let bits = address.to_bits();
                (of(bits & !rest), of(bits | rest))
            }
            IpAddr::V6(address) => {
                let rest = u128::MAX.checked_shr(self.bits.into()).unwrap_or(0);
                let of = |bits: u128| IpAddr::V6(bits.into());
                let bits = address.to_bits();
                (of(bits & !rest), of(bits | rest))
            }
        }
    }

    fn has(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits())
                    .checked_shr(shift)
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits())
                    .checked_shr(shift)
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let none = || NoNetwork(text.to_owned());
        let (address, bits) = text.split_once('/').ok_or_else(none)?;
        let address: IpAddr = address.parse().map_err(|_| none())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let is_number = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits: u8 = bits.parse().map_err(|_| none())?;
        match is_number && bits <= most {
            true => Ok(Self { address, bits }),
            false => Err(none()),
        }
    }
}

/// Lets a request in to a private API, if it comes from a network of an endpoint. Guess: the answer to all others, whom AWS's network
/// does not even bring there, is that of an API that does not exist.
pub(crate) fn enter(
    stage: &StagePlan,
    endpoints: &PrivateEndpoints,
    record: &mut Record,
) -> Result<(), Rejection> {
    if !stage.deployment.endpoint.is_private {
        return Ok(());
    }
    let client = record.peer.ip();
    let Some(endpoint) = endpoints.of(client) else {
        return Err(Rejection::forbidden(format!(
            "API {} is private, and {client} is in no network of a private endpoint ([private_endpoints])",
            stage.api.id
        )));
    };
    record.private_endpoint = Some(endpoint.clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(id: &str, networks: &[&str]) -> PrivateEndpoint {
        PrivateEndpoint {
            id: id.into(),
            vpc: format!("vpc-of-{id}").into(),
            networks: networks.iter().map(|it| it.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn the_smallest_network_says_which_endpoint_it_is() {
        let endpoints = PrivateEndpoints::new([
            endpoint("all", &["0.0.0.0/0"]),
            endpoint("ten", &["192.168.0.0/16", "10.0.0.0/8", "2001:db8::/32"]),
            endpoint("one", &["10.1.2.3/32", "10.0.0.0/8"]),
        ]);
        for (client, expected) in [
            ("10.9.9.9", Some("ten")),
            ("10.1.2.3", Some("one")),
            ("10.1.2.4", Some("ten")),
            ("::ffff:10.1.2.3", Some("one")),
            ("11.0.0.0", Some("all")),
            ("2001:db8:1::1", Some("ten")),
            ("2001:db9::1", None),
        ] {
            let found = endpoints.of(client.parse().unwrap());
            assert_eq!(found.map(|it| &*it.id), expected, "{client}");
        }
        assert!(
            PrivateEndpoints::default()
                .of([127, 0, 0, 1].into())
                .is_none()
        );
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "::/+1",
            "a/1",
            "10.0.0.0/",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
