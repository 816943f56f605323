//! Forms as HTML sends them: `name=value&…`, escaped.
//! <https://url.spec.whatwg.org/#application/x-www-form-urlencoded>

use percent_encoding::percent_decode;

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
    let blanks: Vec<u8> = text
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    percent_decode(&blanks).decode_utf8_lossy().into_owned()
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
