//! Base64 as RFC 7515 has it: the alphabet for URLs, no padding, no unused bits set, nothing else between.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// One text has one encoding here, so that no token can be written in two ways.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
