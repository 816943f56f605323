//! Issuers for tests: keys of our own, and tokens signed with them, right and wrong.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tollgate_jwt::{Claims, KeySet, Refusal, Token};

/// An issuer with one RSA key `rsa` and one elliptic key `ec`.
pub(crate) struct Issuer {
    pub(crate) rsa: RsaKeyPair,
    pub(crate) ec: EcdsaKeyPair,
}

pub(crate) static ISSUER: LazyLock<Issuer> = LazyLock::new(|| Issuer {
    rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
    ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
});

/// Where the number is in the certificate's form of a key of 2,048 bits.
const RSA_MODULUS: std::ops::Range<usize> = 33..289;

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Issuer {
    /// Its key set, as it would publish it.
    pub(crate) fn published(&self) -> String {
        format!(
            r#"{{"keys":[{},{}]}}"#,
            self.rsa_key("rsa"),
            self.ec_key("ec")
        )
    }

    pub(crate) fn rsa_key(&self, id: &str) -> String {
        let n = encode(&self.rsa_der()[RSA_MODULUS]);
        format!(r#"{{"kty":"RSA","use":"sig","alg":"RS256","kid":"{id}","n":"{n}","e":"AQAB"}}"#)
    }

    pub(crate) fn ec_key(&self, id: &str) -> String {
        let point = self.ec.public_key().as_ref();
        format!(
            r#"{{"kty":"EC","crv":"P-256","kid":"{id}","x":"{}","y":"{}"}}"#,
            encode(&point[1..33]),
            encode(&point[33..])
        )
    }

    /// The RSA key as a certificate has it, which verifiers of old took for a shared secret.
    pub(crate) fn rsa_der(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = self.rsa.public_key().as_der().expect("a public key");
        der.as_ref().to_vec()
    }

    pub(crate) fn keys(&self) -> KeySet {
        KeySet::read(self.published().as_bytes()).expect("a key set")
    }

    /// A token with this header and these claims, signed with the RSA key whatever they say.
    pub(crate) fn sign_rsa(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.rsa.public_modulus_len()];
        self.rsa
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .expect("a signature");
        format!("{signed}.{}", encode(signature))
    }

    /// The same with the elliptic key.
    pub(crate) fn sign_ec(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = self
            .ec
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("a signature");
        format!("{signed}.{}", encode(signature))
    }
}

/// What a gateway does with a token.
pub(crate) fn verify(keys: &KeySet, token: &str) -> Result<Claims, Refusal> {
    let token = Token::read(token)?;
    let key = keys.find(token.header())?;
    token.verify(key)
}
