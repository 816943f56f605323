//! Faults that are found after a document was read (the rules of PutIntegration, say, or what an API has already), and
//! where in the document what they are about stands.

use std::collections::HashMap;

use crate::document::{Document, Node};
use crate::error::Problem;
use crate::notes::Notes;
use crate::options::Options;
use crate::{define, position};

/// A part of a definition, as those know it who have the definition and not the document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A member of the API itself, by the JSON pointer that it usually has.
    Api(&'static str),
    /// A method.
    Method {
        /// The path of the resource, base path included.
        path: String,
        /// The method, upper case.
        method: String,
    },
    /// The integration of a method.
    Integration {
        /// The path of the resource, base path included.
        path: String,
        /// The method, upper case.
        method: String,
    },
    /// The response of an integration with this status.
    IntegrationResponse {
        /// The path of the resource, base path included.
        path: String,
        /// The method, upper case.
        method: String,
        /// The status, as the document gives it.
        status: String,
    },
    /// The first path that needs the resource at this path.
    Resource(String),
    /// The model of this name.
    Model(String),
    /// The gateway response of this type.
    GatewayResponse(String),
    /// The authorizer of this name.
    Authorizer(String),
    /// The documentation part about this place: see [`place_of`](crate::place_of).
    DocumentationPart(String),
}

/// What is wrong with a part of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The part.
    pub subject: Subject,
    /// AWS's text.
    pub text: String,
}

/// Where the subjects that somebody asks for stand. Nobody does while a document is read for the first time: most
/// documents have no fault, and all pointers of a large one take much room.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    wanted: HashMap<Subject, Option<String>>,
}

impl Origins {
    fn of(faults: &[Fault]) -> Self {
        let subjects = faults.iter().map(|fault| (fault.subject.clone(), None));
        Self {
            wanted: subjects.collect(),
        }
    }

    /// Notes that a subject was read from `node`; the first place of each counts.
    pub(crate) fn note(&mut self, node: &Node<'_>, subject: impl FnOnce() -> Subject) {
        if self.wanted.is_empty() {
            return;
        }
        if let Some(place) = self.wanted.get_mut(&subject()) {
            place.get_or_insert_with(|| node.pointer());
        }
    }

    /// Notes that the resource at `path`, and those above it, were made for `item`.
    pub(crate) fn note_resources(&mut self, item: &Node<'_>, path: &str) {
        if self.wanted.is_empty() {
            return;
        }
        for end in path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()])
        {
            self.note(item, || Subject::Resource(path[..end].to_owned()));
        }
    }

    fn pointer(&self, subject: &Subject) -> String {
        let usual = match subject {
            Subject::Api(pointer) => *pointer,
            _ => "",
        };
        let found = self.wanted.get(subject).and_then(Option::as_deref);
        found.unwrap_or(usual).to_owned()
    }
}

/// Gives faults of a definition their places in the document that it was read from, with the same options. Reads the
/// document again: what was refused is rare.
pub fn locate(bytes: &[u8], options: &Options, faults: Vec<Fault>) -> Vec<Problem> {
    let mut notes = Notes {
        origins: Origins::of(&faults),
        ..Notes::default()
    };
    if let Ok(document) = Document::read(bytes, &options.variables) {
        define(&document, options, &mut notes);
    }
    let origins = notes.origins;
    let mut problems: Vec<Problem> = faults
        .into_iter()
        .map(|fault| Problem {
            pointer: origins.pointer(&fault.subject),
            position: None,
            text: fault.text,
        })
        .collect();
    position::find(bytes, &mut problems);
    problems
}
