//! Where randomness comes from, and the identifiers made of it.
//!
//! Shapes of identifiers: <https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html> shows them by example;
//! lengths and alphabets are those of recorded answers.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A generator of random bytes and of the identifiers that AWS makes of them. One per core or operation: it is not shared.
#[derive(Debug)]
pub struct Random(StdRng);

const LOWERCASE: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MIXED: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8; 16] = b"0123456789abcdef";

impl Random {
    /// Seeded by the operating system.
    ///
    /// # Panics
    /// When the operating system gives no randomness: nothing that needs it may go on then.
    pub fn from_os() -> Self {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system gives randomness");
        Self(StdRng::from_seed(seed))
    }

    /// The same sequence for the same seed: for replays and tests.
    pub fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Fills `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// A number in `[0, 1)`.
    pub fn fraction(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// An identifier of `length` characters `[a-z0-9]`, as API Gateway gives to APIs (10) and resources (6).
    pub fn lowercase_id(&mut self, length: usize) -> String {
        self.text(length, LOWERCASE)
    }

    /// Characters of RFC 4648's base32, as IAM's identifiers have them.
    pub fn base32_id(&mut self, length: usize) -> String {
        self.text(length, BASE32)
    }

    /// `length` characters `[A-Za-z0-9]`, as in API key values and access keys' secrets.
    pub fn mixed_text(&mut self, length: usize) -> String {
        self.text(length, MIXED)
    }

    /// A version 4 UUID in lower-case ASCII, as in `x-amzn-RequestId`.
    pub fn uuid(&mut self) -> [u8; 36] {
        let mut raw = [0; 16];
        self.fill(&mut raw);
        raw[6] = raw[6] & 0x0f | 0x40;
        raw[8] = raw[8] & 0x3f | 0x80;
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (index, byte) in raw.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                at += 1;
            }
            text[at] = HEX[usize::from(byte >> 4)];
            text[at + 1] = HEX[usize::from(byte & 15)];
            at += 2;
        }
        text
    }

    /// An extended request id, as in `x-amz-apigw-id`: 16 characters that end in `=`.
    pub fn extended_request_id(&mut self) -> [u8; 16] {
        let mut id = [b'='; 16];
        self.fill(&mut id[..15]);
        for character in &mut id[..15] {
            *character = MIXED[usize::from(*character) % MIXED.len()];
        }
        id
    }

    /// `length` lower-case hexadecimal digits, as in trace ids.
    pub fn hex(&mut self, length: usize) -> String {
        self.text(length, HEX)
    }

    fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        // A multiply-shift keeps every letter within 2⁻³² of equally likely, whatever the alphabet's size.
        let mut letter = || {
            let index = (u64::from(self.0.next_u32()) * alphabet.len() as u64) >> 32;
            char::from(alphabet[index as usize])
        };
        (0..length).map(|_| letter()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_recorded_shapes() {
        let mut random = Random::seeded(1);
        let id = random.lowercase_id(10);
        assert_eq!(id.len(), 10);
        assert!(id.bytes().all(|byte| LOWERCASE.contains(&byte)));
        let extended = random.extended_request_id();
        assert_eq!(extended[15], b'=');
        assert!(extended[..15].iter().all(u8::is_ascii_alphanumeric));
    }

    #[test]
    fn uuids_are_version_four() {
        let mut random = Random::seeded(2);
        for _ in 0..64 {
            let uuid = random.uuid();
            let text = std::str::from_utf8(&uuid).expect("ascii");
            let parts: Vec<_> = text.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            assert_eq!(uuid[14], b'4');
            assert!(b"89ab".contains(&uuid[19]));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_identifiers_and_another_seed_others() {
        let ids = |seed| Random::seeded(seed).lowercase_id(10);
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
    }

    #[test]
    fn fractions_stay_below_one() {
        let mut random = Random::seeded(3);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.fraction())));
    }
}
