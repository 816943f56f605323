//! Where the text under the parser stands in the template: texts in quotes are parsed after their quotes were undone.

/// From places in a text to places in the template.
#[derive(Debug)]
pub(super) enum Source {
    /// The text stands there as it is, from this place on.
    Plain(usize),
    /// The place of each of its bytes.
    Mapped(Vec<usize>),
}

impl Source {
    /// The place in the template of a byte of the text; that of the end for what comes after it.
    pub(super) fn origin(&self, at: usize) -> usize {
        match self {
            Self::Plain(start) => start + at,
            Self::Mapped(places) => places.get(at).or(places.last()).copied().unwrap_or(0),
        }
    }
}
