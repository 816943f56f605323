//! The `Authorization` header:
//! `AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={hex}`.

use crate::presigned::Presigned;
use crate::scope::{Scope, TERMINATOR};
use crate::{ALGORITHM, Refusal};

/// The parts of the header, as far as they are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorization {
    header: String,
    algorithm: String,
    credential: Option<String>,
    signed_headers: Option<String>,
    signature: Option<String>,
}

/// The five elements of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) access_key: String,
    pub(crate) scope: Scope,
    pub(crate) terminator: String,
}

impl Authorization {
    /// Reads the header's value.
    ///
    /// # Errors
    /// A value that is no list of `key=value` after an algorithm.
    pub fn read(header: &str) -> Result<Self, Refusal> {
        let header = header.trim();
        let (algorithm, parameters) = header
            .split_once(char::is_whitespace)
            .unwrap_or((header, ""));
        if algorithm.contains('=') {
            return Err(Refusal::no_algorithm());
        }
        let mut it = Self {
            header: header.to_owned(),
            algorithm: algorithm.to_owned(),
            ..Self::default()
        };
        for parameter in parameters
            .split(',')
            .map(str::trim)
            .filter(|parameter| !parameter.is_empty())
        {
            it.take(parameter)?;
        }
        Ok(it)
    }

    /// The same parts of a signature in the query string.
    pub(crate) fn of_query(presigned: &Presigned) -> Self {
        Self {
            header: String::new(),
            algorithm: presigned.algorithm.clone(),
            credential: Some(presigned.credential.clone()),
            signed_headers: Some(presigned.signed_headers.clone()),
            signature: Some(presigned.signature.clone()),
        }
    }

    /// Reads the signature in a query string: see [`is_signed`](crate::is_signed).
    ///
    /// # Errors
    /// Parameters that are missing or cannot be read.
    pub fn read_query(query: &str) -> Result<Self, Refusal> {
        Presigned::read(query).map(|presigned| Self::of_query(&presigned))
    }

    fn take(&mut self, parameter: &str) -> Result<(), Refusal> {
        let (name, value) = parameter
            .split_once('=')
            .ok_or_else(|| Refusal::no_equal_sign(parameter))?;
        let place = match name.trim_end() {
            "Credential" => &mut self.credential,
            "SignedHeaders" => &mut self.signed_headers,
            "Signature" => &mut self.signature,
            _ => return Ok(()),
        };
        *place = Some(value.trim().to_owned());
        Ok(())
    }

    /// A header of SigV4's shape: every part is there and the credential has a whole scope. The access key and that scope.
    ///
    /// # Errors
    /// AWS's refusals of another shape.
    pub fn shape(&self) -> Result<(String, Scope), Refusal> {
        self.check_whole(true)?;
        self.check_algorithm()?;
        let credential = self.credential()?;
        let wrong = [credential.wrong_region(None), credential.wrong_terminator()];
        let sentences: Vec<String> = wrong.into_iter().flatten().collect();
        match sentences.is_empty() {
            true => Ok((credential.access_key, credential.scope)),
            false => Err(Refusal::scope(&sentences)),
        }
    }

    pub(crate) fn check_whole(&self, is_dated: bool) -> Result<(), Refusal> {
        let parts = [
            ("Credential", self.credential.is_some()),
            ("Signature", self.signature.is_some()),
            ("SignedHeaders", self.signed_headers.is_some()),
        ];
        let absent = parts.iter().filter(|(_, is_there)| !is_there);
        let mut sentences: Vec<String> = absent
            .map(|(part, _)| format!("Authorization header requires '{part}' parameter."))
            .collect();
        if !is_dated {
            sentences.push(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_owned(),
            );
        }
        match sentences.is_empty() {
            true => Ok(()),
            false => Err(Refusal::incomplete(&sentences, &self.header)),
        }
    }

    pub(crate) fn check_algorithm(&self) -> Result<(), Refusal> {
        match self.algorithm == ALGORITHM {
            true => Ok(()),
            false => Err(Refusal::algorithm(&self.algorithm)),
        }
    }

    pub(crate) fn credential(&self) -> Result<Credential, Refusal> {
        let text = self.credential.as_deref().unwrap_or_default();
        // Seen with AWS: slashes at the end are ignored.
        let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
        let [access_key, day, region, service, terminator] = parts.as_slice() else {
            return Err(Refusal::credential(text));
        };
        Ok(Credential {
            access_key: (*access_key).to_owned(),
            scope: Scope {
                day: (*day).to_owned(),
                region: (*region).to_owned(),
                service: (*service).to_owned(),
            },
            terminator: (*terminator).to_owned(),
        })
    }

    /// The names of the signed headers, lower-case and sorted, each once: a hostile list must not make the text that is
    /// signed long.
    pub(crate) fn signed_headers(&self) -> Vec<String> {
        let names = self
            .signed_headers
            .as_deref()
            .unwrap_or_default()
            .split(';');
        let names = names.filter(|name| !name.is_empty());
        let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether the list came as it is signed.
    pub(crate) fn has_signed_headers(&self, names: &[String]) -> bool {
        self.signed_headers.as_deref() == Some(&names.join(";"))
    }

    pub(crate) fn signature(&self) -> &str {
        self.signature.as_deref().unwrap_or_default()
    }
}

impl Credential {
    /// Against the region expected; without one any name of a region's shape is taken, because which regions there are
    /// is nothing that a gateway of one's own need know.
    pub(crate) fn wrong_region(&self, expected: Option<&str>) -> Option<String> {
        let got = self.scope.region.as_str();
        let is_right = expected.map_or_else(|| is_region(got), |expected| got == expected);
        (!is_right).then(|| format!("Credential should be scoped to a valid region, not '{got}'."))
    }

    pub(crate) fn wrong_terminator(&self) -> Option<String> {
        (self.terminator != TERMINATOR).then(|| {
            let got = &self.terminator;
            format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{got}'."
            )
        })
    }
}

fn is_region(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(is_allowed)
}
