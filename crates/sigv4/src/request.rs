//! A request as it goes over the wire: what is signed.

/// The parts of a request that a signature covers, as they stand on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, undecoded.
    pub path: &'a str,
    /// The query without its question mark, undecoded.
    pub query: &'a str,
    /// The headers in order.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The whole body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The values of a header in order.
    pub(crate) fn values(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |(known, _): &&(&str, &[u8])| known.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|(_, value)| *value)
    }

    /// A header as text; several of one name are joined, as they are signed.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        let values: Vec<_> = self.values(name).map(String::from_utf8_lossy).collect();
        (!values.is_empty()).then(|| values.join(","))
    }
}
