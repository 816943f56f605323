//! The ids of what a definition names: those that are there already stay, so that what refers to them still does.

use std::collections::{HashMap, HashSet};

use tollgate_openapi::{Provisional, place_of};
use tollgate_store::{Key, Kind};
use tollgate_wire::apigateway::{Authorizer, DocumentationPart, Model, RequestValidator, Resource};

use crate::apigateway::{models, request_validators, resources, rest_apis};
use crate::error::ApiError;
use crate::session::Session;

/// Ids by what has them, and every id that is had.
#[derive(Default)]
pub(super) struct Ids {
    present: HashMap<Part, String>,
    taken: HashSet<String>,
    /// The variable below a resource, by the resource's path.
    variables: HashMap<String, String>,
}

/// Something that keeps its id when a definition names it again.
#[derive(PartialEq, Eq, Hash)]
enum Part {
    Resource(String),
    Model(String),
    Validator(String),
    Authorizer(String),
    Documentation(String),
}

/// How long the ids of authorizers are (recorded), and of documentation parts.
const AUTHORIZER: usize = 6;
const DOCUMENTATION: usize = 6;

impl Ids {
    /// The ids that parts of the API under `api` have.
    pub(super) async fn of_present(on: &Session, api: &Key) -> Result<Self, ApiError> {
        let mut ids = Self::default();
        for it in on.children::<Resource>(api, Kind::Resource).await? {
            let path = resources::path(&it.it).to_owned();
            if let Some((parent, part)) = path
                .rsplit_once('/')
                .filter(|(_, part)| part.starts_with('{'))
            {
                ids.variables.insert(parent.to_owned(), part.to_owned());
            }
            ids.note(Part::Resource(path), it.id().to_owned());
        }
        for it in on.children::<Model>(api, Kind::Model).await? {
            ids.note(
                Part::Model(it.id().to_owned()),
                it.it.id.unwrap_or_default(),
            );
        }
        let validators = on.children::<RequestValidator>(api, Kind::RequestValidator);
        for it in validators.await? {
            let id = it.id().to_owned();
            ids.note(Part::Validator(it.it.name.unwrap_or_default()), id);
        }
        for it in on.children::<Authorizer>(api, Kind::Authorizer).await? {
            let id = it.id().to_owned();
            ids.note(Part::Authorizer(it.it.name.unwrap_or_default()), id);
        }
        let parts = on.children::<DocumentationPart>(api, Kind::DocumentationPart);
        for it in parts.await? {
            let id = it.id().to_owned();
            let place = place_of(&it.it.location.unwrap_or_default());
            ids.note(Part::Documentation(place), id);
        }
        Ok(ids)
    }

    /// The child that is a variable of the resource at `parent`; the root is the empty text.
    pub(super) fn variable_below(&self, parent: &str) -> Option<&str> {
        self.variables.get(parent).map(String::as_str)
    }

    fn note(&mut self, part: Part, id: String) {
        self.taken.insert(id.clone());
        self.present.insert(part, id);
    }

    /// The id of a part: its own, or a new one. Six characters are soon drawn twice among thousands of resources.
    pub(super) fn assign(
        &mut self,
        draw: impl Fn(usize) -> String,
        provisional: Provisional<'_>,
    ) -> String {
        let (part, length) = match provisional {
            Provisional::Resource("/") => {
                (Part::Resource("/".to_owned()), rest_apis::ROOT_ID_LENGTH)
            }
            Provisional::Resource(path) => (Part::Resource(path.to_owned()), resources::ID_LENGTH),
            Provisional::Model(name) => (Part::Model(name.to_owned()), models::ID_LENGTH),
            Provisional::Validator(name) => (
                Part::Validator(name.to_owned()),
                request_validators::ID_LENGTH,
            ),
            Provisional::Authorizer(name) => (Part::Authorizer(name.to_owned()), AUTHORIZER),
            Provisional::DocumentationPart(place) => {
                (Part::Documentation(place.to_owned()), DOCUMENTATION)
            }
        };
        if let Some(id) = self.present.get(&part) {
            return id.clone();
        }
        loop {
            let id = draw(length);
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn what_is_there_keeps_its_id_and_no_new_one_has_it() {
        let mut ids = Ids::default();
        ids.note(Part::Resource("/a".to_owned()), "first".to_owned());
        ids.note(Part::Model("Gone".to_owned()), "second".to_owned());
        let drawn = RefCell::new(vec!["fifth", "fourth", "third", "first", "second", "third"]);
        let draw = |_| drawn.borrow_mut().pop().expect("enough").to_owned();
        let mut assign = |provisional| ids.assign(draw, provisional);
        assert_eq!(assign(Provisional::Resource("/a")), "first");
        assert_eq!(assign(Provisional::Resource("/b")), "third");
        assert_eq!(assign(Provisional::Resource("/c")), "fourth");
        assert_eq!(assign(Provisional::Model("/a")), "fifth");
    }
}
