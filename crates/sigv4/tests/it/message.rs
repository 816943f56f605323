//! A request that a test can hold, change and check.

use tollgate_sigv4::{Claim, Expected, Moment, Refusal, Request, Secret, Signer};

pub(crate) const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const NOW: &str = "20260101T120000Z";

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) service: String,
    pub(crate) token: Option<String>,
}

impl Message {
    pub(crate) fn new(method: &str, path: &str, query: &str, body: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: vec![("Host".to_owned(), b"localhost:4566".to_vec())],
            body: body.as_bytes().to_vec(),
            service: "apigateway".to_owned(),
            token: None,
        }
    }

    pub(crate) fn signed(mut self) -> Self {
        let signer = Signer {
            access_key: ACCESS_KEY.to_owned(),
            secret: SECRET.to_owned(),
            session_token: self.token.clone(),
            region: "us-east-1".to_owned(),
            service: self.service.clone(),
        };
        let added = self.with(|request| signer.sign(request, moment(NOW)));
        self.headers.extend(
            added
                .into_iter()
                .map(|(name, value)| (name, value.into_bytes())),
        );
        self
    }

    pub(crate) fn header(&mut self, name: &str) -> &mut Vec<u8> {
        let mut headers = self.headers.iter_mut();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        &mut found.expect("the header is there").1
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        look(&Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body: &self.body,
        })
    }

    /// All steps of a server that knows one key.
    pub(crate) fn verify(&self) -> Result<(), Refusal> {
        self.verify_at(NOW, None)
    }

    pub(crate) fn verify_at(&self, now: &str, region: Option<&str>) -> Result<(), Refusal> {
        self.with(|request| {
            let mut claim = Claim::read(request)?;
            let expected = Expected {
                service: &self.service,
                region,
                skew_minutes: 5,
            };
            claim.check(request, moment(now), &expected)?;
            if claim.access_key() != Some(ACCESS_KEY) {
                return Err(Refusal::unknown_key());
            }
            let secret = Secret {
                key: SECRET,
                session_token: self.token.as_deref(),
            };
            claim.verify(request, &secret)
        })
    }
}

pub(crate) fn moment(text: &str) -> Moment {
    Moment::read_basic(text).expect("a time")
}
