//! Where a client command's Tollgate is: `--url`, or `AWS_ENDPOINT_URL`, or the address that `serve` and `dev` listen on by default.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

use std::env;
use std::net::IpAddr;

use anyhow::{Context, Result, bail};
use http::Uri;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tollgate_http::{Endpoint, Tls, Trust, Verify};

const DEFAULT: &str = "http://127.0.0.1:4566";

/// A Tollgate's address.
pub(super) struct Target {
    pub(super) url: String,
    pub(super) endpoint: Endpoint,
    /// The `Host` field.
    pub(super) host: String,
}

impl Target {
    /// The address given, or else that of the environment.
    pub(super) fn find(given: Option<&str>) -> Result<Self> {
        let own =
            || env::var("AWS_ENDPOINT_URL_TOLLGATE").or_else(|_| env::var("AWS_ENDPOINT_URL"));
        let text = given.map(str::to_owned).or_else(|| own().ok());
        let text = text
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| DEFAULT.to_owned());
        Self::read(&text).with_context(|| format!("{text:?} is no address of a Tollgate"))
    }

    fn read(text: &str) -> Result<Self> {
        let url: Uri = text.parse()?;
        let (tls, usual_port) = match url.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => (
                Some(Tls {
                    verify: Verify::Full,
                }),
                443,
            ),
            _ => bail!("it must begin with http:// or https://"),
        };
        let authority = url.authority().context("it has no host")?;
        if !matches!(url.path(), "" | "/")
            || url.query().is_some()
            || authority.as_str().contains('@')
        {
            bail!("scheme, host and port are all it may have");
        }
        Ok(Self {
            url: text.to_owned(),
            endpoint: Endpoint {
                host: authority.host().into(),
                port: authority.port_u16().unwrap_or(usual_port),
                tls,
            },
            host: authority.to_string(),
        })
    }

    /// Whether nobody else's machine is called.
    pub(super) fn is_this_machine(&self) -> bool {
        let bare = self
            .endpoint
            .host
            .trim_start_matches('[')
            .trim_end_matches(']');
        let address = bare.parse::<IpAddr>();
        bare == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// The system's roots, and those of `AWS_CA_BUNDLE`, as AWS's clients have it.
    pub(super) fn trust(&self) -> Result<Trust> {
        let Ok(bundle) = env::var("AWS_CA_BUNDLE") else {
            return Ok(Trust::system());
        };
        let read = CertificateDer::pem_file_iter(&bundle)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| format!("AWS_CA_BUNDLE {bundle}"))?;
        Ok(Trust::system_and(read.into_iter().map(|der| der.to_vec())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, host, port, here) in [
            ("http://127.0.0.1:4566", "127.0.0.1:4566", 4566, true),
            ("http://localhost", "localhost", 80, true),
            ("https://gateway.example/", "gateway.example", 443, false),
            ("http://[::1]:80", "[::1]:80", 80, true),
            ("http://10.0.0.1:1", "10.0.0.1:1", 1, false),
        ] {
            let target = Target::find(Some(text)).unwrap();
            assert_eq!(
                (
                    &*target.host,
                    target.endpoint.port,
                    target.is_this_machine()
                ),
                (host, port, here),
                "{text}"
            );
        }
        for text in ["here", "ftp://a", "http://a/b", "http://u@a", "http://a?b"] {
            assert!(Target::find(Some(text)).is_err(), "{text}");
        }
    }
}
