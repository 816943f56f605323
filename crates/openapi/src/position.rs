//! Where in the text of a document a JSON pointer leads: line and column, for people who look for what was refused.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, Span};

use crate::document::escaped;
use crate::error::{Problem, Unreadable};

/// Gives each problem the place that its pointer names, or that of the nearest thing around it: what an alias brought
/// in has no place of its own.
pub fn find(document: &[u8], problems: &mut [Problem]) {
    let Ok(text) = std::str::from_utf8(document) else {
        return;
    };
    let pointers = problems.iter().map(|problem| problem.pointer.as_str());
    let wanted: HashSet<String> = pointers.flat_map(with_what_is_around).collect();
    let places = Walk::over(text.strip_prefix('\u{feff}').unwrap_or(text), &wanted);
    for problem in problems {
        let mut around = with_what_is_around(&problem.pointer);
        problem.position = around.find_map(|pointer| places.get(&pointer).copied());
    }
}

/// The same with the place of what it is about.
pub(crate) fn of(document: &[u8], unreadable: Unreadable) -> Unreadable {
    let mut problems = [Problem {
        pointer: unreadable.pointer.clone().unwrap_or_default(),
        position: None,
        text: String::new(),
    }];
    find(document, &mut problems);
    let [problem] = problems;
    Unreadable {
        position: problem.position,
        ..unreadable
    }
}

/// A pointer, then what is around it, the root last.
fn with_what_is_around(pointer: &str) -> impl Iterator<Item = String> + use<> {
    let first = Some(pointer.to_owned());
    std::iter::successors(first, |pointer| {
        let end = pointer.rfind('/')?;
        Some(pointer[..end].to_owned())
    })
}

type Places = HashMap<String, (u64, u64)>;

/// A walk over the parser's events, YAML's and JSON's alike.
struct Walk<'w> {
    wanted: &'w HashSet<String>,
    places: Places,
    open: Vec<Open>,
}

/// A list or an object that was begun.
struct Open {
    /// Its pointer, when something wanted may be within.
    pointer: Option<String>,
    within: Within,
}

enum Within {
    /// How many items were begun.
    List(usize),
    /// The name whose value comes next; none before a name.
    Object(Option<String>),
}

impl<'w> Walk<'w> {
    fn over(text: &str, wanted: &'w HashSet<String>) -> Places {
        let mut walk = Self {
            wanted,
            places: Places::new(),
            open: Vec::new(),
        };
        for next in Parser::new_from_str(text) {
            // The document was read before: another view of it on the last line does not matter here.
            let Ok((event, span)) = next else {
                break;
            };
            walk.take(event, &span);
        }
        walk.places
    }

    fn take(&mut self, event: Event<'_>, span: &Span) {
        match event {
            Event::Scalar(text, ..) if self.is_name_next() => self.name(&text, span),
            Event::Scalar(..) | Event::Alias(_) => drop(self.value(span)),
            Event::SequenceStart(..) => self.begin(span, Within::List(0)),
            Event::MappingStart(..) => self.begin(span, Within::Object(None)),
            Event::SequenceEnd | Event::MappingEnd => drop(self.open.pop()),
            _ => {}
        }
    }

    fn is_name_next(&self) -> bool {
        let open = self.open.last();
        open.is_some_and(|open| matches!(open.within, Within::Object(None)))
    }

    /// A member is found where its name is.
    fn name(&mut self, text: &str, span: &Span) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let pointer = open
            .pointer
            .as_ref()
            .map(|it| format!("{it}/{}", escaped(text)));
        open.within = Within::Object(Some(text.to_owned()));
        self.note(pointer.as_deref(), span);
    }

    /// The pointer of a value that begins here, when it is wanted.
    fn value(&mut self, span: &Span) -> Option<String> {
        let step = match self.open.last_mut().map(|open| &mut open.within) {
            None => String::new(),
            Some(Within::List(index)) => {
                *index += 1;
                format!("/{}", *index - 1)
            }
            // A name that is no scalar has no pointer; what it names has none either.
            Some(Within::Object(name)) => match name.take() {
                Some(name) => format!("/{}", escaped(&name)),
                None => {
                    *name = Some(String::new());
                    return None;
                }
            },
        };
        let parent = match self.open.last() {
            Some(open) => open.pointer.clone()?,
            None => String::new(),
        };
        let pointer = parent + &step;
        self.note(Some(&pointer), span);
        self.wanted.contains(&pointer).then_some(pointer)
    }

    fn begin(&mut self, span: &Span, within: Within) {
        let pointer = self.value(span);
        self.open.push(Open { pointer, within });
    }

    fn note(&mut self, pointer: Option<&str>, span: &Span) {
        let Some(pointer) = pointer.filter(|pointer| self.wanted.contains(*pointer)) else {
            return;
        };
        let (line, column) = (span.start.line() as u64, span.start.col() as u64 + 1);
        let places = self.places.entry(pointer.to_owned());
        places.or_insert((line, column));
    }
}
