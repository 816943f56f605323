//! Which of the resources that are described by pieces a statement speaks of: all, none, or some, and then such as it does speak of.
//!
//! Both sides are texts with wildcards. They are walked together, over pairs of places in the one and in the other: what reaches both ends
//! is a text that both describe.

use std::collections::VecDeque;

use crate::context::Context;
use crate::document::Patterns;
use crate::pattern::{Pattern, Symbol};
use crate::steps::Steps;

/// A part of the ARNs of some resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'r> {
    /// This text.
    Text(&'r str),
    /// Any text but none, without a slash.
    Segment,
    /// Any text but none.
    Rest,
}

/// How many of the resources a statement speaks of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    All,
    None,
    /// Some of them, among which are these.
    Some(Vec<String>),
}

/// Pairs of places that are looked at; what has more is taken to speak of some, without samples.
const PAIRS_MAX: usize = 1 << 20;

/// Stands for what nobody names.
const UNNAMED: &str = "\u{10fffd}";

pub(crate) fn of(resources: Option<&Patterns>, pieces: &[Piece<'_>]) -> Meeting {
    let Some(resources) = resources else {
        return Meeting::All;
    };
    let mut samples = Vec::new();
    let mut is_met = false;
    for pattern in &resources.patterns {
        match one(pattern, pieces) {
            Meeting::All if resources.negated => return Meeting::None,
            Meeting::All => return Meeting::All,
            Meeting::None => {}
            Meeting::Some(found) => {
                is_met = true;
                samples.extend(found);
            }
        }
    }
    match (is_met, resources.negated) {
        (true, _) => Meeting::Some(samples),
        (false, true) => Meeting::All,
        (false, false) => Meeting::None,
    }
}

fn one(pattern: &Pattern, pieces: &[Piece<'_>]) -> Meeting {
    let is_open = pieces.iter().any(|it| !matches!(it, Piece::Text(_)));
    let unnamed = text(pieces, UNNAMED);
    let matched = pattern.matches(&unnamed, &Context::default(), &Steps::new());
    match (matched, is_open) {
        // What stands for the unnamed was taken by a star, so that all else is as well; but not by one that stops at colons.
        (Some(true), true) if pattern.has_only_full_stars() => return Meeting::All,
        // A variable may have another value than its default.
        (Some(true), false) if pattern.keys().next().is_none() => return Meeting::All,
        _ => {}
    }
    let pattern = pattern.symbols_with_open_variables();
    let places = places(pieces);
    if (pattern.len() + 1).saturating_mul(places.len() + 1) > PAIRS_MAX {
        return Meeting::Some(Vec::new());
    }
    match Walk::new(&pattern, &places).shortest() {
        Some(sample) => Meeting::Some(vec![sample]),
        None => Meeting::None,
    }
}

/// The pieces as one text, with `open` where anything may stand.
fn text(pieces: &[Piece<'_>], open: &str) -> String {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Segment | Piece::Rest => open,
    });
    texts.collect()
}

/// A place in the description of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Character(char),
    /// One character; slashes only where it says so.
    Any {
        slashes: bool,
    },
    /// Any number of them.
    Many {
        slashes: bool,
    },
}

fn places(pieces: &[Piece<'_>]) -> Vec<Place> {
    let open = |slashes| vec![Place::Any { slashes }, Place::Many { slashes }];
    let places = pieces.iter().flat_map(|piece| match piece {
        Piece::Text(text) => text.chars().map(Place::Character).collect(),
        Piece::Segment => open(false),
        Piece::Rest => open(true),
    });
    places.collect()
}

/// A step to a pair of places, and the character that both took.
#[derive(Clone, Copy)]
struct Step {
    from: usize,
    took: Option<char>,
}

/// Both sides, walked together.
struct Walk<'w> {
    pattern: &'w [Symbol],
    places: &'w [Place],
    steps: Vec<Option<Step>>,
    waiting: VecDeque<usize>,
}

impl<'w> Walk<'w> {
    fn new(pattern: &'w [Symbol], places: &'w [Place]) -> Self {
        Self {
            steps: vec![None; (pattern.len() + 1) * (places.len() + 1)],
            pattern,
            places,
            waiting: VecDeque::new(),
        }
    }

    /// A text that both sides describe, found breadth first.
    fn shortest(mut self) -> Option<String> {
        let end = self.steps.len() - 1;
        self.reach(
            0,
            Step {
                from: 0,
                took: None,
            },
        );
        while let Some(at) = self.waiting.pop_front() {
            if at == end {
                return Some(self.text(end));
            }
            self.go_on(at);
        }
        None
    }

    fn reach(&mut self, at: usize, step: Step) {
        if self.steps[at].is_none() {
            self.steps[at] = Some(step);
            self.waiting.push_back(at);
        }
    }

    fn go_on(&mut self, at: usize) {
        let width = self.places.len() + 1;
        let symbol = self.pattern.get(at / width);
        let place = self.places.get(at % width);
        let skip = |next: usize| (next, None);
        let mut next = Vec::new();
        let is_star = matches!(symbol, Some(Symbol::Many | Symbol::Within));
        if is_star {
            next.push(skip(at + width));
        }
        if matches!(place, Some(Place::Many { .. })) {
            next.push(skip(at + 1));
        }
        if let (Some(symbol), Some(place)) = (symbol, place)
            && let Some(taken) = taken(symbol, *place)
        {
            let down = if is_star { 0 } else { width };
            let right = usize::from(!matches!(place, Place::Many { .. }));
            next.push((at + down + right, Some(taken)));
        }
        for (to, took) in next {
            self.reach(to, Step { from: at, took });
        }
    }

    fn text(&self, end: usize) -> String {
        let mut characters = Vec::new();
        let mut at = end;
        while at != 0 {
            let Some(step) = self.steps[at] else { break };
            characters.extend(step.took);
            at = step.from;
        }
        characters.iter().rev().collect()
    }
}

/// The character that both may take here.
fn taken(symbol: &Symbol, place: Place) -> Option<char> {
    let fits = |character: char| match symbol {
        Symbol::Character(own) => *own == character,
        Symbol::One | Symbol::Many => true,
        Symbol::Within => character != ':',
    };
    match (place, symbol) {
        (Place::Character(character), _) => fits(character).then_some(character),
        (Place::Any { slashes } | Place::Many { slashes }, Symbol::Character(own)) => {
            (slashes || *own != '/').then_some(*own)
        }
        (Place::Any { .. } | Place::Many { .. }, Symbol::One | Symbol::Many | Symbol::Within) => {
            Some('x')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Reading;

    const READING: Reading = Reading {
        wildcards: true,
        variables: true,
        fold: false,
    };

    fn check(pattern: &str, pieces: &[Piece<'_>], expected: Meeting) {
        let read = Pattern::read(pattern, READING).unwrap().into_resource();
        assert_eq!(one(&read, pieces), expected, "{pattern} {pieces:?}");
    }

    fn some(sample: &str) -> Meeting {
        Meeting::Some(vec![sample.to_owned()])
    }

    #[test]
    fn patterns_speak_of_all_of_none_or_of_some() {
        use Piece::{Rest, Segment, Text};
        let pets = [Text("a:a:a:a:a:api/dev/GET/pets")];
        check("*", &pets, Meeting::All);
        check("a:a:a:a:a:api/*/GET/pets", &pets, Meeting::All);
        check("a:a:a:a:a:api/*/POST/*", &pets, Meeting::None);
        check("a:a:a:a:a:api/dev/GET/pet?", &pets, Meeting::All);
        let pet = [Text("a:a:a:a:a:api/dev/GET/pets/"), Segment];
        check("*", &pet, Meeting::All);
        check("a:a:a:a:a:api/*", &pet, Meeting::All);
        check("a:a:a:a:a:api/dev/GET/pets/*", &pet, Meeting::All);
        check("a:a:a:a:a:api/dev/GET/pets", &pet, Meeting::None);
        let of_seven = "a:a:a:a:a:api/dev/GET/pets/7";
        check("a:a:a:a:a:api/*/GET/pets/7", &pet, some(of_seven));
        check("a:a:a:a:a:api/*/GET/pets/7/*", &pet, Meeting::None);
        check(
            "a:a:a:a:a:api/*/GET/pets/?",
            &pet,
            some("a:a:a:a:a:api/dev/GET/pets/x"),
        );
        let all = [Text("a:a:a:a:a:api/dev/GET/"), Rest];
        let public = "a:a:a:a:a:api/dev/GET/public/";
        check("a:a:a:a:a:api/dev/GET/public/*", &all, some(public));
        // One that stops at colons leaves out what has some.
        check("a:a:a:a:a*a/dev/GET/*", &all, Meeting::None);
        check("a:a*:a:a:a:api/dev/GET/*", &all, Meeting::All);
    }

    #[test]
    fn a_variable_may_be_anything() {
        let all = [Piece::Text("a:a:a:a:a:api/dev/GET/"), Piece::Rest];
        check(
            "a:a:a:a:a:api/dev/GET/${aws:username}",
            &all,
            some("a:a:a:a:a:api/dev/GET/x"),
        );
    }
}
