//! `[hosts]`: the names that APIs are reached by.

use serde::{Deserialize, Deserializer, de::Error};

/// `[hosts]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Hosts {
    #[serde(deserialize_with = "domains")]
    pub(crate) domains: Vec<String>,
}

fn domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let domains = Vec::<String>::deserialize(deserializer)?;
    match domains.iter().find(|domain| !is_domain(domain)) {
        Some(domain) => Err(D::Error::custom(format!(
            "{domain:?} is not a domain name such as \"gateway.example\""
        ))),
        None => Ok(domains),
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_checked() {
        let check = |text: &str| toml::from_str::<Hosts>(&format!("domains = [{text:?}]")).is_ok();
        assert!(check("gateway.example"));
        assert!(check("internal"));
        for bad in [
            "",
            ".example",
            "example.",
            "a b",
            "*.example",
            "example:80",
            "a_b.example",
        ] {
            assert!(!check(bad), "{bad}");
        }
    }
}
