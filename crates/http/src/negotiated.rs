//! What a client and the server agreed on before they spoke HTTP.

use rustls::{CipherSuite, CommonState, ProtocolVersion};

/// What a TLS handshake agreed on, by the names that people know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// The version: `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// The cipher suite as IANA's registry names it:
    /// <https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml#tls-parameters-4>.
    pub cipher_suite: &'static str,
}

impl Negotiated {
    /// What has these names, where the server could agree on it.
    pub fn named(version: &str, cipher_suite: &str) -> Option<Self> {
        let suites = rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES.iter();
        Some(Self {
            version: ["TLSv1.2", "TLSv1.3"]
                .into_iter()
                .find(|it| *it == version)?,
            cipher_suite: suites
                .filter_map(|suite| name(suite.suite()))
                .find(|it| *it == cipher_suite)?,
        })
    }

    /// Nothing before the handshake has ended.
    pub(crate) fn of(state: &CommonState) -> Option<Self> {
        Some(Self {
            version: version(state.protocol_version()?)?,
            cipher_suite: name(state.negotiated_cipher_suite()?.suite())?,
        })
    }
}

/// The server speaks no others.
fn version(version: ProtocolVersion) -> Option<&'static str> {
    match version {
        ProtocolVersion::TLSv1_2 => Some("TLSv1.2"),
        ProtocolVersion::TLSv1_3 => Some("TLSv1.3"),
        _ => None,
    }
}

/// rustls tells the suites of TLS 1.3 by a prefix of their own.
fn name(suite: CipherSuite) -> Option<&'static str> {
    match suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => Some("TLS_AES_128_GCM_SHA256"),
        CipherSuite::TLS13_AES_256_GCM_SHA384 => Some("TLS_AES_256_GCM_SHA384"),
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => Some("TLS_CHACHA20_POLY1305_SHA256"),
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every suite that the server offers.
    #[test]
    fn suites_have_the_names_of_the_registry() {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let suites = provider.cipher_suites.iter();
        let names: Vec<_> = suites.filter_map(|suite| name(suite.suite())).collect();
        assert_eq!(names.len(), provider.cipher_suites.len());
        for known in [
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        ] {
            assert!(names.contains(&known), "{known}: {names:?}");
        }
        assert!(
            names.iter().all(|name| name.starts_with("TLS_")),
            "{names:?}"
        );
    }
}
