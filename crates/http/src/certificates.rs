//! The certificates that clients are shown: read from files, chosen by the name the client asks for (SNI), replaced while serving.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use webpki::EndEntityCert;

/// A certificate and its private key, each a PEM file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, followed by those of its issuers that clients need.
    pub certificate: PathBuf,
    /// The private key: PKCS #8, SEC 1 or PKCS #1.
    pub key: PathBuf,
}

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file is not there, not readable, or holds no PEM of the kind.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The certificate is none, or the key does not belong to it.
    #[error("{}: {reason}", path.display())]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is none.
    #[error("no certificate is given")]
    None,
}

/// Certificates in use; clones share them, and all see a replacement at once.
#[derive(Clone, Debug)]
pub struct Certificates(Arc<Current>);

#[derive(Debug)]
struct Current(ArcSwap<Chosen>);

/// Certificates by the names they are for. One name may have several, of different kinds of key.
#[derive(Debug)]
struct Chosen {
    by_name: HashMap<String, Vec<Arc<CertifiedKey>>>,
    /// For clients that name no host, an unknown one, or an address.
    default: Vec<Arc<CertifiedKey>>,
}

impl Certificates {
    /// Reads them. The first also serves clients that name no host or one that no certificate is for.
    ///
    /// # Errors
    /// The first file that cannot be used, and why.
    pub fn read(files: &[CertificateFiles]) -> Result<Self, CertificateError> {
        let chosen = Chosen::read(files)?;
        Ok(Self(Arc::new(Current(ArcSwap::from_pointee(chosen)))))
    }

    /// Reads others in their place; connections that stand keep what they agreed on.
    ///
    /// # Errors
    /// As [`Self::read`]; what was in use stays so.
    pub fn replace(&self, files: &[CertificateFiles]) -> Result<(), CertificateError> {
        let chosen = Chosen::read(files)?;
        self.0.0.store(Arc::new(chosen));
        Ok(())
    }

    pub(crate) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        self.0.clone()
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let chosen = self.0.load();
        let candidates = chosen.candidates(hello.server_name());
        let schemes = hello.signature_schemes();
        let fits = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(schemes).is_some();
        candidates.iter().find(fits).cloned()
    }
}

impl Chosen {
    fn read(files: &[CertificateFiles]) -> Result<Self, CertificateError> {
        let mut chosen = Self {
            by_name: HashMap::new(),
            default: Vec::new(),
        };
        for files in files {
            chosen.add(files)?;
        }
        if chosen.default.is_empty() {
            return Err(CertificateError::None);
        }
        Ok(chosen)
    }

    fn add(&mut self, files: &CertificateFiles) -> Result<(), CertificateError> {
        let key = Arc::new(certified_key(files)?);
        let names = names(&key).map_err(|reason| unusable(files, reason))?;
        // Others for the same names, of another kind of key, may serve as default too.
        let is_like_first = self
            .default
            .first()
            .is_none_or(|first| self::names(first).is_ok_and(|first| first == names));
        if is_like_first {
            self.default.push(key.clone());
        }
        for name in names {
            self.by_name.entry(name).or_default().push(key.clone());
        }
        Ok(())
    }

    fn candidates(&self, name: Option<&str>) -> &[Arc<CertifiedKey>] {
        name.and_then(|name| self.named(&name.to_ascii_lowercase()))
            .unwrap_or(&self.default)
    }

    /// A wildcard stands for one label (RFC 9525 §6.3).
    fn named(&self, name: &str) -> Option<&[Arc<CertifiedKey>]> {
        let wildcard = || {
            let (_, parent) = name.split_once('.')?;
            self.by_name.get(&format!("*.{parent}"))
        };
        let keys = self.by_name.get(name).or_else(wildcard)?;
        Some(keys)
    }
}

fn certified_key(files: &CertificateFiles) -> Result<CertifiedKey, CertificateError> {
    let chain = chain(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| file(&files.key, error))?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|error| unusable(files, error.to_string()))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| file(path, error))?;
    let chain: Result<Vec<_>, _> = certificates.collect();
    match chain {
        Ok(chain) if chain.is_empty() => Err(file(path, pem::Error::NoItemsFound)),
        Ok(chain) => Ok(chain),
        Err(error) => Err(file(path, error)),
    }
}

/// The DNS names that a certificate is for, in lower case.
fn names(key: &CertifiedKey) -> Result<Vec<String>, String> {
    let first = key.end_entity_cert().map_err(|error| error.to_string())?;
    let certificate = EndEntityCert::try_from(first).map_err(|error| error.to_string())?;
    let names = certificate.valid_dns_names();
    Ok(names.map(str::to_ascii_lowercase).collect())
}

fn file(path: &Path, source: pem::Error) -> CertificateError {
    let path = path.to_owned();
    CertificateError::File { path, source }
}

fn unusable(files: &CertificateFiles, reason: String) -> CertificateError {
    let path = files.certificate.clone();
    CertificateError::Unusable { path, reason }
}
