//! A form as a tree: `Tags.member.1.Key=a` is the text `a` under four names. What is read is bounded in parameters and in
//! depth, so that no body makes more of itself than it is.
//! <https://url.spec.whatwg.org/#application/x-www-form-urlencoded>

use std::borrow::Cow;

use indexmap::IndexMap;
use percent_encoding::percent_decode;

use crate::error::DecodeError;

/// Far over what any operation needs: 50 tags are 100 parameters.
const PARAMETERS_MAX: usize = 10_000;
/// The deepest input of a served model has half of it.
const DEPTH_MAX: usize = 16;

/// The parameters of a request, by the parts of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    root: Node,
}

/// What stands under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) text: Option<String>,
    pub(super) below: IndexMap<String, Node>,
}

impl Form {
    /// Reads a form.
    ///
    /// # Errors
    /// When it has too many parameters, names that are too deep, or what is no UTF-8.
    pub fn read(form: &[u8]) -> Result<Self, DecodeError> {
        let pairs = form.split(|byte| *byte == b'&');
        let mut root = Node::default();
        for (count, pair) in pairs.filter(|pair| !pair.is_empty()).enumerate() {
            if count >= PARAMETERS_MAX {
                return Err(DecodeError::serialization(
                    "The request has too many parameters",
                ));
            }
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = pair.split_at(at.unwrap_or(pair.len()));
            let name = unescape(name)?;
            root.put(&name, unescape(value.get(1..).unwrap_or_default())?)?;
        }
        Ok(Self { root })
    }

    /// The text of a parameter at the top.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.root.below.get(name)?.text.as_deref()
    }

    /// The texts of a list at the top, in the order they came.
    pub fn items(&self, name: &str) -> impl Iterator<Item = &str> {
        let items = self.list(name);
        items.filter_map(|item| item.text.as_deref())
    }

    /// Two members of each structure in a list at the top, of which the first is there.
    pub fn pairs(
        &self,
        name: &str,
        first: &'static str,
        second: &'static str,
    ) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.list(name).filter_map(move |item| {
            let text = |name: &str| item.below.get(name)?.text.as_deref();
            Some((text(first)?, text(second)))
        })
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &Node> {
        let list = self.root.below.get(name);
        let members = list.and_then(|list| list.below.get("member"));
        members
            .into_iter()
            .flat_map(|members| members.below.values())
    }

    pub(super) fn root(&self) -> &Node {
        &self.root
    }
}

impl Node {
    /// The first of two values stays. Guess: AWS's choice is not recorded.
    fn put(&mut self, name: &str, value: String) -> Result<(), DecodeError> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if depth >= DEPTH_MAX {
                return Err(DecodeError::serialization(
                    "The name of a parameter is too deep",
                ));
            }
            node = node.below.entry(part.to_owned()).or_default();
        }
        node.text.get_or_insert(value);
        Ok(())
    }
}

fn unescape(text: &[u8]) -> Result<String, DecodeError> {
    let blanks: Cow<'_, [u8]> = match text.contains(&b'+') {
        true => text
            .iter()
            .map(|&byte| if byte == b'+' { b' ' } else { byte })
            .collect(),
        false => text.into(),
    };
    let decoded = percent_decode(&blanks).decode_utf8();
    decoded
        .map(Cow::into_owned)
        .map_err(|_| DecodeError::serialization("The request is no UTF-8 once it is decoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_at_the_top() {
        for (form, expect) in [
            ("Action=A&Version=1", Some("A")),
            ("Version=1&Action=A+b%20c&Action=B", Some("A b c")),
            ("A%63tion=%C3%A9", Some("é")),
            ("Action", Some("")),
            ("Action=%", Some("%")),
            ("Action=%f", Some("%f")),
            ("Action.member.1=a", None),
            ("&&=", None),
            ("", None),
        ] {
            let form = Form::read(form.as_bytes()).expect("a form");
            assert_eq!(form.text("Action"), expect);
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let many = "a=&".repeat(PARAMETERS_MAX + 1);
        let deep = "a.".repeat(DEPTH_MAX);
        for form in [many.as_bytes(), deep.as_bytes(), b"a=%ff", b"\xff=a"] {
            assert!(Form::read(form).is_err());
        }
    }
}
