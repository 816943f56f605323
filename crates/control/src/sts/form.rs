//! Forms as HTML sends them: `name=value&…`, escaped.
//! <https://url.spec.whatwg.org/#application/x-www-form-urlencoded>

/// The first value of a name. What is no UTF-8 is replaced, so that it can be named in a refusal.
pub(crate) fn value(form: &[u8], name: &str) -> Option<String> {
    form.split(|byte| *byte == b'&').find_map(|pair| {
        let at = pair
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(pair.len());
        let value = pair.get(at + 1..).unwrap_or_default();
        (unescape(&pair[..at]) == name).then(|| unescape(value))
    })
}

fn unescape(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, escaped(after)) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &after[2..];
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(first),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |index: usize| {
        digits
            .get(index)
            .and_then(|&digit| char::from(digit).to_digit(16))
    };
    Some((digit(0)? * 16 + digit(1)?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (form, expect) in [
            ("Action=A&Version=1", Some("A")),
            ("Version=1&Action=A+b%20c&Action=B", Some("A b c")),
            ("A%63tion=%C3%A9", Some("é")),
            ("Action", Some("")),
            ("Action=%", Some("%")),
            ("Action=%f", Some("%f")),
            ("&&=", None),
            ("", None),
        ] {
            assert_eq!(
                value(form.as_bytes(), "Action").as_deref(),
                expect,
                "{form}"
            );
        }
    }
}
