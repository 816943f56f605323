//! What is known of a request besides who, what and on what: the values of condition keys, which the caller fills.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::borrow::Cow;
use std::net::IpAddr;

use crate::condition::date;

/// The values of condition keys. Keys are looked up without regard to case, as AWS does; a key that was never set is absent.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    entries: Vec<Entry<'a>>,
}

/// One value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A text, an ARN, or anything in the form in which policies write it.
    Text(Cow<'a, str>),
    /// `aws:MultiFactorAuthAge` in seconds, `aws:EpochTime`.
    Number(i64),
    /// `aws:SecureTransport`.
    Truth(bool),
    /// A moment such as `aws:CurrentTime`, in milliseconds since 1970.
    Time(i64),
    /// `aws:SourceIp`.
    Address(IpAddr),
    /// What `BinaryEquals` compares.
    Bytes(Cow<'a, [u8]>),
}

#[derive(Clone, Debug)]
struct Entry<'a> {
    key: Cow<'a, str>,
    values: Values<'a>,
}

/// Most keys have one value, which takes no allocation.
#[derive(Clone, Debug)]
enum Values<'a> {
    One(Value<'a>),
    Several(Vec<Value<'a>>),
}

impl<'a> Context<'a> {
    /// Room for `keys` keys.
    pub fn with_capacity(keys: usize) -> Self {
        Self {
            entries: Vec::with_capacity(keys),
        }
    }

    /// The only value of `key`, instead of what it had.
    pub fn set(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        self.put(key.into(), Values::One(value.into()));
    }

    /// The values of a key that has several, such as `aws:PrincipalOrgPaths`. Without any it counts as absent.
    pub fn set_all(
        &mut self,
        key: impl Into<Cow<'a, str>>,
        values: impl IntoIterator<Item = Value<'a>>,
    ) {
        let values = values.into_iter().collect();
        self.put(key.into(), Values::Several(values));
    }

    /// The values of `key`; none where it is absent.
    pub fn values(&self, key: &str) -> &[Value<'a>] {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(key));
        match entry.map(|entry| &entry.values) {
            Some(Values::One(value)) => std::slice::from_ref(value),
            Some(Values::Several(values)) => values,
            None => &[],
        }
    }

    /// Every key with its values, in the order they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Value<'a>])> {
        let keys = self.entries.iter().map(|entry| entry.key.as_ref());
        keys.map(|key| (key, self.values(key)))
    }

    fn put(&mut self, key: Cow<'a, str>, values: Values<'a>) {
        let same = |entry: &&mut Entry<'a>| entry.key.eq_ignore_ascii_case(&key);
        match self.entries.iter_mut().find(same) {
            Some(entry) => entry.values = values,
            None => self.entries.push(Entry { key, values }),
        }
    }
}

impl Value<'_> {
    /// The value as a policy would write it. Only what is no text already is made.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => number.to_string().into(),
            Self::Truth(true) => "true".into(),
            Self::Truth(false) => "false".into(),
            Self::Time(ms) => date::write(*ms).into(),
            Self::Address(address) => address.to_string().into(),
            Self::Bytes(bytes) => crate::condition::binary::encode(bytes).into(),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl From<IpAddr> for Value<'_> {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_no_case_and_the_last_value_counts() {
        let mut context = Context::default();
        context.set("aws:SourceIp", "10.0.0.1");
        context.set("AWS:sourceip", "10.0.0.2");
        context.set_all("k", [Value::Number(1), Value::Truth(true)]);
        assert_eq!(context.values("aws:sourceIP"), ["10.0.0.2".into()]);
        assert_eq!(context.values("K").len(), 2);
        assert!(context.values("aws:username").is_empty());
    }
}
