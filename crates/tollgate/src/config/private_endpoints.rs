//! `[private_endpoints]`: which networks stand for which interface endpoints, through which private APIs are called.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error};
use tollgate_gateway::{Network, PrivateEndpoint};

/// `[private_endpoints]`: endpoints by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct PrivateEndpoints(BTreeMap<String, Endpoint>);

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    vpc: String,
    #[serde(deserialize_with = "networks")]
    networks: Vec<Network>,
}

impl PrivateEndpoints {
    /// As the gateway takes them.
    pub(crate) fn gateway(&self) -> tollgate_gateway::PrivateEndpoints {
        let endpoints = self.0.iter().map(|(id, it)| PrivateEndpoint {
            id: id.as_str().into(),
            vpc: it.vpc.as_str().into(),
            networks: it.networks.clone(),
        });
        tollgate_gateway::PrivateEndpoints::new(endpoints)
    }
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let networks = texts.iter().map(|text| text.parse());
    let networks: Result<Vec<Network>, _> = networks.collect();
    match networks {
        Ok(networks) if networks.is_empty() => Err(D::Error::custom(
            "an endpoint without networks is one that nobody comes through",
        )),
        networks => networks.map_err(D::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_checked() {
        let check = |networks: &str| {
            let text = format!("vpce-1 = {{ vpc = \"vpc-1\", networks = {networks} }}");
            toml::from_str::<PrivateEndpoints>(&text).is_ok()
        };
        assert!(check(r#"["10.0.0.0/8", "fd00::/8"]"#));
        for bad in [
            "[]",
            r#"["10.0.0.0"]"#,
            r#"["10.0.0.0/33"]"#,
            r#""10.0.0.0/8""#,
        ] {
            assert!(!check(bad), "{bad}");
        }
    }
}
