//! What becomes of each header on its way: AWS's tables of dropped, remapped and forbidden names.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis>,
//! corrected where a recorded answer differs.

use std::collections::HashSet;

use tollgate_http::Headers;

/// Names that are gone before any mapping or template can see a request.
pub(crate) fn hidden_from_mappings(name: &str) -> bool {
    const HIDDEN: [&str; 12] = [
        "connection",
        "content-length",
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "transfer-encoding",
        "trailer",
        "upgrade",
        "www-authenticate",
    ];
    contains(&HIDDEN, name)
}

/// A client's header that an HTTP_PROXY integration does not pass on. Recorded for all of [`hidden_from_mappings`], Host,
/// Content-Encoding and Via. The guide: a method override is obeyed here and reaches the backend only where it is mapped. The
/// rest is either written anew for the backend, or belongs to one connection.
pub(crate) fn dropped_towards_proxy(name: &str) -> bool {
    const DROPPED: [&str; 9] = [
        "x-http-method-override",
        "host",
        "content-encoding",
        "via",
        "x-amzn-trace-id",
        "x-amzn-apigateway-api-id",
        "x-forwarded-for",
        "keep-alive",
        "proxy-connection",
    ];
    hidden_from_mappings(name)
        || contains(&DROPPED, name)
        || contains(&["x-forwarded-port", "x-forwarded-proto"], name)
}

/// A header that may not be mapped: the whole call fails with 500, recorded for every integration type.
pub(crate) fn forbidden_in_mapping(name: &str) -> bool {
    const FORBIDDEN: [&str; 4] = [
        "content-length",
        "transfer-encoding",
        "x-amzn-trace-id",
        "x-amzn-apigateway-api-id",
    ];
    contains(&FORBIDDEN, name)
}

/// A mapped header that never reaches an HTTP backend, recorded; Connection is ours to write.
pub(crate) fn ignored_in_mapping(name: &str) -> bool {
    contains(
        &["expect", "proxy-authenticate", "te", "via", "connection"],
        name,
    )
}

/// A header of a backend that an HTTP_PROXY integration does not pass back. After the guide: for answers that are mapped, AWS
/// is recorded to return most of these under another name, or as they are.
pub(crate) fn dropped_from_proxy(name: &str) -> bool {
    const DROPPED: [&str; 7] = [
        "expect",
        "host",
        "proxy-authenticate",
        "te",
        "trailer",
        "upgrade",
        "via",
    ];
    contains(&DROPPED, name)
}

/// The fields that a client's `Connection` names: they concern its connection to this gateway and go no further (RFC 9110,
/// section 7.6.1). What the gateway itself or a mapping writes is not looked up here, so that no client can take it away.
#[derive(Debug, Default)]
pub(crate) struct OfConnection(HashSet<String>);

impl OfConnection {
    /// Those of a request.
    pub(crate) fn of(client: &Headers) -> Self {
        let lists = client
            .get_all("Connection")
            .filter_map(|list| std::str::from_utf8(list).ok());
        let names = lists.flat_map(|list| list.split(',')).map(str::trim);
        // Nearly every client names one of these two, and no other.
        let names = names.filter(|name| !contains(&["close", "keep-alive", ""], name));
        Self(names.map(str::to_ascii_lowercase).collect())
    }

    /// Whether the field goes no further.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&name.to_ascii_lowercase())
    }
}

/// What a header of an integration's response becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returned {
    As,
    /// `x-amzn-Remapped-{name}`
    Remapped,
    Dropped,
}

/// Recorded for HTTP and HTTP_PROXY. The trace header comes from the backend only through a proxy integration.
pub(crate) fn returned(name: &str) -> Returned {
    const REMAPPED: [&str; 16] = [
        "authorization",
        "connection",
        "content-length",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "trailer",
        "upgrade",
        "user-agent",
        "www-authenticate",
        "x-amzn-requestid",
        "x-amz-apigw-id",
    ];
    const DROPPED: [&str; 3] = ["transfer-encoding", "keep-alive", "proxy-connection"];
    if contains(&REMAPPED, name) {
        Returned::Remapped
    } else if contains(&DROPPED, name) {
        Returned::Dropped
    } else {
        Returned::As
    }
}

/// Whether the name is one of a short list, in any case of letters. Lengths differ mostly, so few bytes are compared.
fn contains<const N: usize>(lower: &[&str; N], name: &str) -> bool {
    lower
        .iter()
        .any(|known| known.len() == name.len() && known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case() {
        assert!(hidden_from_mappings("Transfer-Encoding"));
        assert!(dropped_towards_proxy("HOST"));
        assert!(!dropped_towards_proxy("Accept"));
        assert!(forbidden_in_mapping("X-Amzn-Trace-Id"));
        assert!(ignored_in_mapping("TE"));
        assert!(dropped_from_proxy("Via"));
    }

    #[test]
    fn a_connection_names_what_goes_no_further() {
        let mut client = Headers::new();
        for value in ["keep-alive, X-One ,", "close,x-two"] {
            client
                .push("connection", value.as_bytes())
                .expect("a header");
        }
        let named = OfConnection::of(&client);
        for (name, expected) in [
            ("x-one", true),
            ("X-Two", true),
            ("X-Three", false),
            ("", false),
        ] {
            assert_eq!(named.has(name), expected, "{name}");
        }
        assert!(!OfConnection::of(&Headers::new()).has("x-one"));
    }

    #[test]
    fn responses_are_remapped_as_recorded() {
        assert_eq!(returned("Server"), Returned::Remapped);
        assert_eq!(returned("Transfer-Encoding"), Returned::Dropped);
        for passes in ["Accept", "TE", "Via", "Content-Encoding", "Warn", "Pragma"] {
            assert_eq!(returned(passes), Returned::As, "{passes}");
        }
    }
}
