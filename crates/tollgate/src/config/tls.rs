//! `[tls]`: serving over TLS.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tollgate_http::{CertificateFiles, Certificates, TlsConfig, TlsVersion};

/// `[tls]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) listen: Option<SocketAddr>,
    minimum_version: MinimumVersion,
    certificates: Vec<Certificate>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
enum MinimumVersion {
    #[default]
    #[serde(rename = "1.2")]
    Tls12,
    #[serde(rename = "1.3")]
    Tls13,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
}

impl Tls {
    /// What to serve over TLS, with the certificates read; nothing where it is not asked for.
    ///
    /// # Errors
    /// A certificate that cannot be used, or certificates that nothing would show.
    pub(crate) fn config(&self) -> Result<Option<TlsConfig>> {
        let Some(address) = self.listen else {
            if !self.certificates.is_empty() {
                bail!("[tls] has certificates but no listen address to show them on");
            }
            return Ok(None);
        };
        let certificates = Certificates::read(&self.files());
        Ok(Some(TlsConfig {
            address,
            certificates: certificates.context("cannot serve over TLS ([tls] certificates)")?,
            oldest: match self.minimum_version {
                MinimumVersion::Tls12 => TlsVersion::Tls12,
                MinimumVersion::Tls13 => TlsVersion::Tls13,
            },
        }))
    }

    /// The files of the certificates.
    pub(crate) fn files(&self) -> Vec<CertificateFiles> {
        let files = self.certificates.iter().map(|one| CertificateFiles {
            certificate: one.certificate.clone(),
            key: one.key.clone(),
        });
        files.collect()
    }
}
