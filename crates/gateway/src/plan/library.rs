//! What plans have in common, kept once: most templates and schemas of ten thousand APIs are the same few texts.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tollgate_jsonpath::Pattern;
use tollgate_vtl::Template;

use super::{Script, Selection};
use crate::validate::{Models, Schema, SchemaError};

/// Parsed templates and compiled schemas, for as long as a plan uses them.
#[derive(Debug, Default)]
pub(crate) struct Library {
    templates: Shelf<[u8; 32], Template>,
    schemas: Shelf<[u8; 32], Schema>,
    patterns: Shelf<Box<str>, Pattern>,
}

impl Library {
    /// The script of a template's text.
    pub(crate) fn script(&self, text: Option<&str>) -> Script {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Script::Empty;
        };
        let parsed = self
            .templates
            .get_or(*blake3::hash(text.as_bytes()).as_bytes(), || {
                Template::parse(text)
            });
        match parsed {
            Ok(template) => Script::Ready(template),
            Err(error) => Script::Broken(error.to_string()),
        }
    }

    /// What a selection pattern chooses.
    pub(crate) fn selection(&self, pattern: Option<&str>) -> Selection {
        let Some(text) = pattern.filter(|text| !text.is_empty()) else {
            return Selection::Default;
        };
        match self.patterns.get_or(text.into(), || Pattern::parse(text)) {
            Ok(pattern) => Selection::Pattern(pattern),
            Err(error) => Selection::Never(error.to_string()),
        }
    }

    /// The schema of a model. One that refers to other models is its API's own; all others are shared.
    pub(crate) fn schema(&self, models: &Models, name: &str) -> Result<Arc<Schema>, SchemaError> {
        match models.identity(name) {
            Some(identity) => self.schemas.get_or(identity, || models.compile(name)),
            None => models.compile(name).map(Arc::new),
        }
    }
}

/// Things that are kept while somebody holds them.
#[derive(Debug)]
pub(crate) struct Shelf<K, T> {
    kept: Mutex<Kept<K, T>>,
}

#[derive(Debug)]
struct Kept<K, T> {
    things: HashMap<K, Weak<T>>,
    /// When so many are there, those that nobody holds any more are cleared away.
    clear_at: usize,
}

const CLEAR_AT_LEAST: usize = 64;

impl<K, T> Default for Shelf<K, T> {
    fn default() -> Self {
        Self {
            kept: Mutex::new(Kept {
                things: HashMap::new(),
                clear_at: CLEAR_AT_LEAST,
            }),
        }
    }
}

impl<K: Eq + Hash, T> Shelf<K, T> {
    pub(crate) fn get(&self, key: &K) -> Option<Arc<T>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.things.get(key)?.upgrade()
    }

    /// Keeps `thing`, or gives the one that is there already.
    pub(crate) fn put(&self, key: K, thing: Arc<T>) -> Arc<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.things.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        kept.clear();
        kept.things.insert(key, Arc::downgrade(&thing));
        thing
    }

    /// The thing under `key`; made, without the lock, if it is not there. What cannot be made is not kept.
    fn get_or<E>(&self, key: K, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        match self.get(&key) {
            Some(known) => Ok(known),
            None => Ok(self.put(key, Arc::new(make()?))),
        }
    }
}

impl<K: Eq + Hash, T> Kept<K, T> {
    fn clear(&mut self) {
        if self.things.len() >= self.clear_at {
            self.things.retain(|_, thing| thing.strong_count() > 0);
            self.clear_at = CLEAR_AT_LEAST.max(self.things.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_thing_while_somebody_holds_it() {
        let shelf = Shelf::default();
        let make = |text: &'static str| move || Ok::<_, ()>(text.to_owned());
        let one = shelf.get_or("a", make("a")).expect("made");
        let same = shelf.get_or("a", make("other")).expect("kept");
        assert!(Arc::ptr_eq(&one, &same));
        drop((one, same));
        assert_eq!(shelf.get(&"a"), None);
        assert_eq!(shelf.get_or("a", || Err("cannot")), Err("cannot"));
    }

    #[test]
    fn what_nobody_holds_is_cleared_away() {
        let shelf = Shelf::default();
        for number in 0..10_000 {
            drop(shelf.put(number, Arc::new(())));
        }
        assert!(shelf.kept.lock().expect("not poisoned").things.len() <= CLEAR_AT_LEAST);
    }
}
