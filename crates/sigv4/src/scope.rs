//! What a signature is for – one day, region and service – and the key made for just that.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The last part of every scope.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// `{day}/{region}/{service}/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// `YYYYMMDD`.
    pub day: String,
    /// The region.
    pub region: String,
    /// The service's name in signatures.
    pub service: String,
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}/{}/{}/{TERMINATOR}",
            self.day, self.region, self.service
        )
    }
}

/// The key that signs within `scope`. Whoever holds it can sign for that day, region and service, and for nothing else.
pub fn signing_key(secret: &str, scope: &Scope) -> [u8; 32] {
    let day = hmac(format!("AWS4{secret}").as_bytes(), scope.day.as_bytes());
    let region = hmac(&day, scope.region.as_bytes());
    let service = hmac(&region, scope.service.as_bytes());
    hmac(&service, TERMINATOR.as_bytes())
}

pub(crate) fn keyed(key: &[u8], text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text);
    mac
}

pub(crate) fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    keyed(key, text).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The IAM guide's example of a derived key.
    #[test]
    fn the_key_of_the_guide() {
        let scope = Scope {
            day: "20120215".to_owned(),
            region: "us-east-1".to_owned(),
            service: "iam".to_owned(),
        };
        let key = signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope);
        assert_eq!(
            hex::encode(key),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"
        );
        assert_eq!(scope.to_string(), "20120215/us-east-1/iam/aws4_request");
    }
}
