//! RSA keys of the generator that CVE-2017-15361 is about ("ROCA"): they can be factored, so anybody could sign with them.
//!
//! Their primes are `k · M + 65537^a mod M` for a product `M` of the first primes. So modulo each of those the modulus is a power of
//! 65537, which of other keys one in 2^100 is.

/// The primes that every key of that generator is seen by.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether the modulus, big-endian, is of such a key.
pub(crate) fn is_weak(modulus: &[u8]) -> bool {
    PRIMES
        .iter()
        .all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime))
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number
        .iter()
        .fold(0, |rest, byte| ((rest << 8) + u32::from(*byte)) % prime)
}

fn is_power_of_65537(rest: u32, prime: u32) -> bool {
    let base = 65_537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == rest {
            return true;
        }
        power = power * base % prime;
    }
    false
}
