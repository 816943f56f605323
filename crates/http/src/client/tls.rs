//! Whom backends are trusted by. Loading the system's roots takes tens of milliseconds, so it is done at the first TLS call.
//!
//! `insecureSkipVerification`: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration-tls-config.html>

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
    verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::Verify;

/// The certificates that backends are trusted by; clones share what was loaded.
#[derive(Clone)]
pub struct Trust(Arc<Roots>);

struct Roots {
    /// Beside those of the system, in DER.
    extra: Vec<Vec<u8>>,
    full: OnceLock<Loaded>,
    insecure_issuer: OnceLock<Loaded>,
}

type Loaded = Result<Arc<rustls::ClientConfig>, TrustError>;

/// The certificates could not be loaded.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the trusted certificates cannot be used: {0}")]
pub struct TrustError(String);

impl Trust {
    /// The system's roots.
    pub fn system() -> Self {
        Self::system_and([])
    }

    /// The system's roots and these certificates, in DER.
    pub fn system_and(extra: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let extra = extra.into_iter().collect();
        Self(Arc::new(Roots {
            extra,
            full: OnceLock::new(),
            insecure_issuer: OnceLock::new(),
        }))
    }

    /// The settings for a connection, loaded off the core's thread where they are not yet.
    pub(super) async fn settings(&self, verify: Verify) -> Loaded {
        if let Some(loaded) = self.0.cell(verify).get() {
            return loaded.clone();
        }
        let roots = self.0.clone();
        let loading = tokio::task::spawn_blocking(move || {
            roots
                .cell(verify)
                .get_or_init(|| roots.load(verify))
                .clone()
        });
        loading
            .await
            .unwrap_or_else(|error| Err(TrustError(error.to_string())))
    }
}

impl Roots {
    fn cell(&self, verify: Verify) -> &OnceLock<Loaded> {
        match verify {
            Verify::Full => &self.full,
            Verify::InsecureIssuer => &self.insecure_issuer,
        }
    }

    fn load(&self, verify: Verify) -> Loaded {
        let failed = |error: rustls::Error| TrustError(error.to_string());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = self.store(verify)?;
        let builder = rustls::ClientConfig::builder_with_provider(provider.clone());
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        let mut settings = match verify {
            Verify::Full => builder.with_root_certificates(roots).with_no_client_auth(),
            Verify::InsecureIssuer => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyIssuer::new(roots, &provider)))
                .with_no_client_auth(),
        };
        settings.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(settings))
    }

    fn store(&self, verify: Verify) -> Result<RootCertStore, TrustError> {
        let mut roots = RootCertStore::empty();
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::warn!(%error, "a system root cannot be read");
        }
        // Systems carry roots that rustls does not parse; they are of no use to anyone.
        roots.add_parsable_certificates(system.certs);
        for der in &self.extra {
            roots
                .add(CertificateDer::from(der.as_slice()))
                .map_err(|error| TrustError(error.to_string()))?;
        }
        if roots.is_empty() && verify == Verify::Full {
            return Err(TrustError("the system has no root certificates".to_owned()));
        }
        Ok(roots)
    }
}

/// Checks expiry, purpose and host name of a certificate, but takes any issuer.
#[derive(Debug)]
struct AnyIssuer {
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl AnyIssuer {
    fn new(roots: RootCertStore, provider: &CryptoProvider) -> Self {
        Self {
            roots,
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ServerCertVerifier for AnyIssuer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let chain = verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        );
        match chain {
            Err(rustls::Error::InvalidCertificate(fault)) if concerns_issuer(&fault) => {}
            other => other?,
        }
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether a fault says only that nobody we know issued the certificate. webpki checks the certificate's own validity before it looks
/// for an issuer. A self-signed certificate as `openssl req -x509` makes it is its own authority, which rustls reports without a name.
fn concerns_issuer(fault: &CertificateError) -> bool {
    match fault {
        CertificateError::UnknownIssuer => true,
        CertificateError::Other(other) => other.0.to_string() == "CaUsedAsEndEntity",
        _ => false,
    }
}
