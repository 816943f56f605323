//! Digits and addresses as text. Every request writes several; this does it without the formatting machinery.

use std::net::IpAddr;

use smallvec::SmallVec;

/// Text that is seldom longer, and then moves to the heap.
pub(crate) type Short = SmallVec<[u8; 96]>;

/// Lower-case hexadecimal.
pub(crate) fn push_hex(text: &mut Short, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let start = text.len();
    text.resize(start + 2 * bytes.len(), b'0');
    for (pair, byte) in text[start..].chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

/// `07`; of larger numbers the last two digits.
pub(crate) fn push_two(text: &mut Short, number: u8) {
    text.extend_from_slice(&[b'0' + number / 10 % 10, b'0' + number % 10]);
}

/// A number.
pub(crate) fn push_number(text: &mut Short, number: impl itoa::Integer) {
    text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// An address; one of IPv4 inside of IPv6 is shown as what it is.
pub(crate) fn push_ip(text: &mut Short, ip: IpAddr) {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, rest @ ..] = ip.octets();
            push_number(text, first);
            for octet in rest {
                text.push(b'.');
                push_number(text, octet);
            }
        }
        IpAddr::V6(ip) => text.extend_from_slice(ip.to_string().as_bytes()),
    }
}

/// What was written, as a string.
pub(crate) fn string(text: Short) -> String {
    // Only ASCII was written.
    String::from_utf8(text.into_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl FnOnce(&mut Short), expected: &str) {
        let mut text = Short::new();
        write(&mut text);
        assert_eq!(string(text), expected);
    }

    #[test]
    fn texts_are_those_of_the_formatting_machinery() {
        check(|text| push_hex(text, &[0, 0x9f, 0xff]), "009fff");
        check(|text| push_two(text, 7), "07");
        check(|text| push_two(text, 59), "59");
        for ip in ["0.0.0.0", "127.0.0.1", "255.10.9.100", "::1", "2001:db8::7"] {
            check(|text| push_ip(text, ip.parse().expect("an address")), ip);
        }
        let mapped = "::ffff:10.0.0.1".parse().expect("an address");
        check(|text| push_ip(text, mapped), "10.0.0.1");
    }
}
