//! What a service's model says of its operations and shapes, as static values: names on the wire, where members travel,
//! and what is demanded of them. Generated code is written with the constructors below.

use std::sync::OnceLock;

use regex::Regex;

/// An operation of a service.
#[derive(Debug)]
pub struct Operation {
    /// AWS's name of it.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path with its labels in braces, and the literal query if it has one.
    pub uri: &'static str,
    /// The status of its success.
    pub status: u16,
    /// What it takes.
    pub input: &'static Structure,
    /// What it gives, if anything.
    pub output: Option<&'static Structure>,
}

/// A structure.
#[derive(Debug)]
pub struct Structure {
    /// AWS's name of it.
    pub name: &'static str,
    /// Its members in the model's order.
    pub members: &'static [Member],
    /// The member that is the whole body, if one is.
    pub payload: Option<usize>,
}

impl Structure {
    /// The structure `name`, all of whose body is its members.
    pub const fn new(name: &'static str, members: &'static [Member]) -> Self {
        Self {
            name,
            members,
            payload: None,
        }
    }

    /// The same with one member as the whole body.
    pub const fn with_payload(mut self, index: usize) -> Self {
        self.payload = Some(index);
        self
    }

    /// The index of the member that is called `wire_name` where it travels.
    pub fn index_of(&self, wire_name: &str) -> Option<usize> {
        self.members
            .iter()
            .position(|member| member.wire_name == wire_name)
    }
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// AWS's name of it.
    pub name: &'static str,
    /// Its name where it travels.
    pub wire_name: &'static str,
    /// Where it travels.
    pub location: Location,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it holds.
    pub shape: &'static Shape,
}

impl Member {
    /// A member in the body.
    pub const fn body(name: &'static str, shape: &'static Shape) -> Self {
        Self {
            name,
            wire_name: name,
            location: Location::Body,
            is_required: false,
            shape,
        }
    }

    /// A label of the path.
    pub const fn label(name: &'static str, shape: &'static Shape) -> Self {
        Self::body(name, shape).at(Location::Label)
    }

    /// A parameter of the query; a map takes all that no other member does.
    pub const fn query(name: &'static str, shape: &'static Shape) -> Self {
        Self::body(name, shape).at(Location::Query)
    }

    /// A header.
    pub const fn header(name: &'static str, shape: &'static Shape) -> Self {
        Self::body(name, shape).at(Location::Header)
    }

    /// The same under another name where it travels.
    pub const fn named(mut self, wire_name: &'static str) -> Self {
        self.wire_name = wire_name;
        self
    }

    /// The same, but it must be there.
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    const fn at(mut self, location: Location) -> Self {
        self.location = location;
        self
    }
}

/// Where a member travels in HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the body, or as the body.
    Body,
    /// In the path.
    Label,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// What a member, an item or an entry holds.
#[derive(Debug)]
pub enum Shape {
    /// True or false.
    Boolean,
    /// A whole number of 32 bits.
    Integer(Bounds),
    /// A whole number of 64 bits.
    Long(Bounds),
    /// A number.
    Double(Bounds),
    /// A time.
    Timestamp,
    /// Bytes.
    Blob(Bounds),
    /// Text.
    Text(Text),
    /// A list of items.
    List(&'static Shape, Bounds),
    /// Entries by name.
    Map(&'static Shape, Bounds),
    /// Members.
    Structure(&'static Structure),
}

/// What is demanded of a number, or of the length of anything else; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub min: Option<i64>,
    /// The most.
    pub max: Option<i64>,
}

impl Bounds {
    /// No demand.
    pub const NONE: Self = Self {
        min: None,
        max: None,
    };
}

/// What is demanded of a text.
#[derive(Debug)]
pub struct Text {
    /// The texts it may be, in the order in which AWS names them; none when it may be any.
    pub one_of: &'static [&'static str],
    /// What it must match as a whole.
    pub pattern: Option<&'static Pattern>,
    /// How many characters it may have.
    pub length: Bounds,
}

impl Text {
    /// Any text.
    pub const ANY: Self = Self {
        one_of: &[],
        pattern: None,
        length: Bounds::NONE,
    };

    /// One of a set.
    pub const fn one_of(set: &'static [&'static str]) -> Self {
        Self {
            one_of: set,
            ..Self::ANY
        }
    }

    /// A text that matches.
    pub const fn matching(pattern: &'static Pattern) -> Self {
        Self {
            pattern: Some(pattern),
            ..Self::ANY
        }
    }
}

/// A regular expression of the model, compiled when it is first asked.
#[derive(Debug)]
pub struct Pattern {
    /// The expression as the model and AWS's texts have it.
    pub text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern `text`.
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }

    /// Whether all of `value` matches. An expression that only Java understands demands nothing.
    pub fn is_match(&self, value: &str) -> bool {
        self.expression()
            .is_none_or(|expression| expression.is_match(value))
    }

    /// Whether the expression is one that is understood here; a test asks each.
    pub fn is_understood(&self) -> bool {
        self.expression().is_some()
    }

    fn expression(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(self.text)).as_ref()
    }
}

/// Java's classes such as `\d` are of ASCII, and its `matches` is of the whole text.
fn compile(pattern: &str) -> Option<Regex> {
    let ascii = pattern
        .replace(r"\d", "[0-9]")
        .replace(r"\w", "[0-9A-Za-z_]")
        .replace(r"\s", r"[ \t\n\x0B\f\r]");
    Regex::new(&format!(r"\A(?:{ascii})\z")).ok()
}

/// Panics at a pattern that is not understood.
#[cfg(test)]
pub(crate) fn check_patterns(operations: &[&Operation]) {
    for operation in operations {
        check_structure(operation.input);
    }
}

#[cfg(test)]
fn check_structure(structure: &Structure) {
    let members = structure.members.iter();
    members.for_each(|member| check_shape(member.shape));
}

#[cfg(test)]
fn check_shape(shape: &Shape) {
    match shape {
        Shape::Text(text) => {
            assert!(text.pattern.is_none_or(Pattern::is_understood));
        }
        Shape::List(part, _) | Shape::Map(part, _) => check_shape(part),
        Shape::Structure(structure) => check_structure(structure),
        Shape::Boolean
        | Shape::Integer(_)
        | Shape::Long(_)
        | Shape::Double(_)
        | Shape::Timestamp
        | Shape::Blob(_) => {}
    }
}
