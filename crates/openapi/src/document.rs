//! A definition that was read: which OpenAPI it is, and cursors that walk it, follow its references and know the JSON
//! pointer of where they are.

use std::cell::Cell;
use std::rc::Rc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::{Problem, Unreadable};
use crate::options::Variables;
use crate::{later, position, tree};

/// References followed one after another before it counts as a circle.
const REFERENCE_HOPS_MAX: usize = 32;

/// What reading may cost, in bytes walked over: a reference of a few bytes can name a large part of the document, from
/// every operation again.
const WORK_MAX: usize = 64 * 1024 * 1024;
/// What one step costs besides its text.
const STEP_COST: usize = 16;

/// One definition.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) dialect: Dialect,
    /// What reading a later version of OpenAPI as 3.0 is warned of.
    pub(crate) warnings: Vec<Problem>,
    root: Value,
    work_left: Cell<usize>,
}

/// The two formats that API Gateway imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Swagger, alias OpenAPI, 2.0.
    Swagger2,
    /// OpenAPI 3.0.x, and 3.1.x made into it.
    OpenApi3,
}

impl Document {
    pub(crate) fn read(bytes: &[u8], variables: &Variables) -> Result<Self, Unreadable> {
        let mut root = tree::read(bytes, variables)?;
        let (dialect, is_later) = Dialect::of(&root).map_err(|error| position::of(bytes, error))?;
        let warnings = match is_later {
            true => later::to_3_0(&mut root),
            false => Vec::new(),
        };
        Ok(Self {
            dialect,
            warnings,
            root,
            work_left: Cell::new(WORK_MAX),
        })
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node {
            document: self,
            value: &self.root,
            place: Place::Pointer(String::new()).into(),
        }
    }

    /// Whether reading stopped because references made the document too large. What was read then is not whole.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.work_left.get() == 0
    }

    fn spend(&self, cost: usize) -> bool {
        self.work_left
            .set(self.work_left.get().saturating_sub(cost));
        !self.is_exhausted()
    }
}

impl Dialect {
    /// The format, and whether it is OpenAPI 3.1.
    fn of(root: &Value) -> Result<(Self, bool), Unreadable> {
        let Value::Object(members) = root else {
            return Err(Unreadable::at(
                "",
                "a definition is an object with a member \"swagger\" or \"openapi\"",
            ));
        };
        match (version(members, "swagger"), version(members, "openapi")) {
            (Some(_), Some(_)) => Err(Unreadable::at(
                "/openapi",
                "both \"swagger\" and \"openapi\" are given",
            )),
            (Some(version), None) if version == "2.0" => Ok((Self::Swagger2, false)),
            (None, Some(version)) if is_release(&version, "3.0") => Ok((Self::OpenApi3, false)),
            (None, Some(version)) if is_release(&version, "3.1") => Ok((Self::OpenApi3, true)),
            (None, None) => Err(Unreadable::at(
                "",
                "neither \"swagger\": \"2.0\" nor \"openapi\": \"3.0.x\" is given",
            )),
            (Some(version), None) => Err(Unreadable::at(
                "/swagger",
                format!("Swagger {version:?} is not supported, only 2.0"),
            )),
            (None, Some(version)) => Err(Unreadable::at(
                "/openapi",
                format!("OpenAPI {version:?} is not supported, only 3.0.x and 3.1.x"),
            )),
        }
    }
}

fn is_release(version: &str, release: &str) -> bool {
    let patch = version.strip_prefix(release);
    patch.is_some_and(|patch| patch.is_empty() || patch.starts_with('.'))
}

fn version(members: &Map<String, Value>, name: &str) -> Option<String> {
    members
        .get(name)
        .map(|value| scalar_text(value).unwrap_or_default())
}

/// A place in a document.
#[derive(Clone, Debug)]
pub(crate) struct Node<'d> {
    document: &'d Document,
    pub(crate) value: &'d Value,
    place: Rc<Place<'d>>,
}

/// How a node was reached. Pointers are written out only when someone reads them: names may be long.
#[derive(Debug)]
enum Place<'d> {
    /// By a reference, or at the root.
    Pointer(String),
    Member(Rc<Place<'d>>, &'d str),
    Item(Rc<Place<'d>>, usize),
}

impl<'d> Node<'d> {
    /// A member of an object; one that is `null` counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        let (name, value) = self.value.as_object()?.get_key_value(name)?;
        if value.is_null() {
            None
        } else {
            self.member(name, value)
        }
    }

    /// The members of an object, in the order of the document; nothing for any other value.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'_, 'd> {
        let members = self.value.as_object().into_iter().flatten();
        members.map_while(|(name, value)| Some((name.as_str(), self.member(name, value)?)))
    }

    /// The items of a list; nothing for any other value.
    pub(crate) fn items(&self) -> impl Iterator<Item = Self> + use<'_, 'd> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map_while(|(index, value)| {
            self.child(0, value, Place::Item(Rc::clone(&self.place), index))
        })
    }

    /// Where in the document this is, as a JSON pointer.
    pub(crate) fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.place.write(&mut pointer);
        pointer
    }

    /// A scalar as text: API Gateway takes `version: 1` and `statusCode: 200` as their text.
    pub(crate) fn text(&self) -> Option<String> {
        scalar_text(self.value)
    }

    /// What this place refers to, when it is a `{"$ref": …}`; itself otherwise. References into other files are no
    /// part of what API Gateway imports.
    pub(crate) fn resolved(self) -> Result<Self, Problem> {
        let mut node = self;
        for _ in 0..REFERENCE_HOPS_MAX {
            match node.value.get("$ref").and_then(Value::as_str) {
                None => return Ok(node),
                Some(reference) => node = node.follow(reference)?,
            }
        }
        Err(node.problem("reference goes in a circle"))
    }

    fn follow(&self, reference: &str) -> Result<Self, Problem> {
        let Some(pointer) = local_pointer(reference) else {
            return Err(self.problem(format!("reference '{reference}' leaves the document")));
        };
        match self.document.root.pointer(&pointer) {
            Some(value) => Ok(Self {
                document: self.document,
                value,
                place: Place::Pointer(pointer).into(),
            }),
            None => Err(self.problem(format!("reference '{reference}' leads nowhere"))),
        }
    }

    pub(crate) fn problem(&self, text: impl Into<String>) -> Problem {
        Problem {
            pointer: self.pointer(),
            position: None,
            text: text.into(),
        }
    }

    fn member(&self, name: &'d str, value: &'d Value) -> Option<Self> {
        self.child(
            name.len(),
            value,
            Place::Member(Rc::clone(&self.place), name),
        )
    }

    fn child(&self, name_bytes: usize, value: &'d Value, place: Place<'d>) -> Option<Self> {
        let text_bytes = value.as_str().map_or(0, str::len);
        let node = Self {
            document: self.document,
            value,
            place: place.into(),
        };
        self.document
            .spend(STEP_COST + name_bytes + text_bytes)
            .then_some(node)
    }
}

impl Place<'_> {
    fn write(&self, pointer: &mut String) {
        match self {
            Self::Pointer(start) => pointer.push_str(start),
            Self::Member(parent, name) => {
                parent.write(pointer);
                pointer.push('/');
                pointer.push_str(&escaped(name));
            }
            Self::Item(parent, index) => {
                parent.write(pointer);
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
    }
}

/// A name as one step of a JSON pointer.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The JSON pointer of a reference into the same document. A reference is a URI fragment: `#/paths/~1a%7Bid%7D`. What is
/// no escape stays as it is.
pub(crate) fn local_pointer(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    Some(
        percent_decode_str(fragment)
            .decode_utf8_lossy()
            .into_owned(),
    )
}
