//! What an import has to say: warnings in AWS's sense, problems that refuse the document, and what the document asks
//! for that this version of Tollgate does not do. Reading a member goes through here, so that a member of the wrong
//! type is a problem and never counts as absent.

use crate::document::Node;
use crate::error::{ImportError, Problem};
use crate::options::Options;
use crate::origin::Origins;
use crate::position;

/// Problems kept of one document; a hostile one could have hundreds of thousands.
const PROBLEMS_KEPT_MAX: usize = 1_000;

/// Something a document says that the definition cannot carry. The API answers the same without it: documentation, or what API Gateway
/// itself leaves out for REST APIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// JSON pointer to it.
    pub pointer: String,
    /// What it is, in a few words.
    pub what: String,
}

/// Collects while a document is read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// What is warned of, with the place where that is known.
    pub(crate) warnings: Vec<Problem>,
    pub(crate) origins: Origins,
    pub(crate) unsupported: Vec<Unsupported>,
    pub(crate) problems: Vec<Problem>,
}

impl Notes {
    pub(crate) fn warn(&mut self, node: &Node<'_>, text: impl Into<String>) {
        if self.warnings.len() < PROBLEMS_KEPT_MAX {
            self.warnings.push(node.problem(text));
        }
    }

    /// What is said of a document that is imported: its warnings, and what was left out.
    ///
    /// # Errors
    /// The problems; the warnings, when they refuse.
    pub(crate) fn settled(
        mut self,
        bytes: &[u8],
        options: &Options,
    ) -> Result<(Vec<String>, Vec<Unsupported>), ImportError> {
        if !self.problems.is_empty() {
            position::find(bytes, &mut self.problems);
            return Err(ImportError::Problems(self.problems));
        }
        if options.fail_on_warnings && !self.warnings.is_empty() {
            position::find(bytes, &mut self.warnings);
            return Err(ImportError::Warnings(self.warnings));
        }
        let warnings = self.warnings.into_iter().map(|warning| warning.text);
        Ok((warnings.collect(), self.unsupported))
    }

    pub(crate) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_KEPT_MAX {
            self.problems.push(problem);
        }
    }

    pub(crate) fn ignore(&mut self, node: &Node<'_>, what: impl Into<String>) {
        if self.unsupported.len() < PROBLEMS_KEPT_MAX {
            self.unsupported.push(Unsupported {
                pointer: node.pointer(),
                what: what.into(),
            });
        }
    }

    /// The place that a node refers to; a reference that leads nowhere is a problem.
    pub(crate) fn resolved<'d>(&mut self, node: Node<'d>) -> Option<Node<'d>> {
        node.resolved()
            .map_err(|problem| self.problem(problem))
            .ok()
    }

    /// A scalar as text.
    pub(crate) fn text(&mut self, node: &Node<'_>) -> Option<String> {
        let text = node.text();
        if text.is_none() {
            self.problem(node.problem("expected text"));
        }
        text
    }

    /// The text of a member, when it is there.
    pub(crate) fn text_of(&mut self, node: &Node<'_>, name: &str) -> Option<String> {
        self.text(&node.get(name)?)
    }

    /// The boolean of a member, also one written as text.
    pub(crate) fn flag_of(&mut self, node: &Node<'_>, name: &str) -> Option<bool> {
        self.parsed_of(node, name, "true or false")
    }

    /// The integer of a member, also one written as text.
    pub(crate) fn integer_of(&mut self, node: &Node<'_>, name: &str) -> Option<i32> {
        self.parsed_of(node, name, "an integer")
    }

    fn parsed_of<T: std::str::FromStr>(
        &mut self,
        node: &Node<'_>,
        name: &str,
        expected: &str,
    ) -> Option<T> {
        let member = node.get(name)?;
        let parsed = member.text().and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.problem(member.problem(format!("expected {expected}")));
        }
        parsed
    }

    /// The texts of a member that is a list.
    pub(crate) fn texts_of(&mut self, node: &Node<'_>, name: &str) -> Option<Vec<String>> {
        let list = self.list_of(node, name)?;
        Some(list.iter().filter_map(|item| self.text(item)).collect())
    }

    /// The items of a member that is a list.
    pub(crate) fn list_of<'d>(&mut self, node: &Node<'d>, name: &str) -> Option<Vec<Node<'d>>> {
        let list = node.get(name)?;
        if !list.value.is_array() {
            self.problem(list.problem("expected a list"));
            return None;
        }
        Some(list.items().collect())
    }

    /// A member that is an object, what it refers to taken for it.
    pub(crate) fn object_of<'d>(&mut self, node: &Node<'d>, name: &str) -> Option<Node<'d>> {
        let member = node.get(name)?;
        self.object(member)
    }

    /// A node that must be an object, what it refers to taken for it.
    pub(crate) fn object<'d>(&mut self, node: Node<'d>) -> Option<Node<'d>> {
        let node = self.resolved(node)?;
        if !node.value.is_object() {
            self.problem(node.problem("expected an object"));
            return None;
        }
        Some(node)
    }
}
