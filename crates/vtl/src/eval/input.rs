//! `$input`: the body, as text and by paths, and the parameters of the request.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use std::borrow::Cow;

use tollgate_jsonpath::{Path, PathError, Value as Data};

use super::print::unwritten;
use super::value::Value;
use super::{Halt, Outcome, Rendering};
use crate::ast::Expression;
use crate::scope::Place;

/// What is known of the body, found out when first needed.
#[derive(Debug, Default)]
pub(super) struct Input<'r> {
    text: Option<Cow<'r, str>>,
    /// Nothing inside for a body that is no JSON.
    parsed: Option<Option<Data>>,
}

/// An empty body is an empty object, recorded.
const EMPTY: &str = "{}";
/// `$input.json` of what is not there.
const MISSING: &str = "\"\"";

impl<'r> Rendering<'r> {
    fn body(&mut self) -> &str {
        let scope = self.scope;
        self.input.text.get_or_insert_with(|| {
            let body = scope.body();
            if body.trim_ascii().is_empty() {
                Cow::Borrowed(EMPTY)
            } else {
                body
            }
        })
    }

    /// `$input.body`
    pub(super) fn input_body(&mut self) -> Outcome<Value<'r>> {
        let bytes = self.body().len();
        self.pay_for_text(bytes)?;
        Ok(Value::from(self.body()))
    }

    pub(super) fn input_method(
        &mut self,
        name: &str,
        arguments: &'r [Expression],
    ) -> Outcome<Value<'r>> {
        match (name, arguments) {
            ("json", [path]) => match self.read(path)? {
                Some(found) => self.json(&found),
                None => self.text(MISSING),
            },
            ("path", [path]) => Ok(self.read(path)?.map_or(Value::NULL, Value::Data)),
            ("params", []) => Ok(Value::Parameters),
            ("params", [Expression::Text(name)]) => self.parameter(&name.text),
            ("params", [name]) => {
                let name = self.value(name)?;
                match self.printed(&name)? {
                    Some(name) => self.parameter(&name),
                    None => Ok(Value::NULL),
                }
            }
            _ => Ok(Value::NULL),
        }
    }

    /// The first of that name in path, query and headers.
    fn parameter(&mut self, name: &str) -> Outcome<Value<'r>> {
        for place in Place::ALL {
            let found = self.member(&Value::ParametersOf(place), name)?;
            if !found.is_null() {
                return Ok(found);
            }
        }
        Ok(Value::NULL)
    }

    fn json(&mut self, found: &Data) -> Outcome<Value<'r>> {
        let max = self.budget.limits().output_bytes_max;
        let text = found.to_json(max).map_err(|error| unwritten(error, max))?;
        self.budget.look(text.len())?;
        self.text(text)
    }

    /// What a path leads to in the body.
    fn read(&mut self, path: &'r Expression) -> Outcome<Option<Data>> {
        if let Expression::Text(literal) = path {
            let path = literal.path.get_or_init(|| Path::parse(&literal.text));
            return self.read_path(path.as_ref());
        }
        let at = self.at;
        let path = self.value(path)?;
        self.at = at;
        let Some(path) = self.printed(&path)? else {
            return Ok(None);
        };
        self.budget.look(path.len())?;
        self.read_path(Path::parse(&path).as_ref())
    }

    fn read_path(&mut self, path: Result<&Path, &PathError>) -> Outcome<Option<Data>> {
        let path =
            path.map_err(|error| Halt::fault(format!("the path does not parse: {error}")))?;
        let Some(document) = self.parsed()? else {
            return Ok(None);
        };
        let found = self.follow(path, &document)?;
        if let (Some(Data::List(list)), false) = (&found, path.is_definite()) {
            self.budget.make(list.borrow().len() * size_of::<Data>())?;
        }
        Ok(found)
    }

    fn follow(&mut self, path: &Path, document: &Data) -> Outcome<Option<Data>> {
        /// A step of a template is as much work as this many of a path.
        const PER_STEP: u64 = 32;
        const MAX: u64 = 16_000_000;
        let mut left = MAX;
        let found = path.read_within(document, &mut left);
        self.budget.steps(1 + (MAX - left) / PER_STEP)?;
        found.map_err(|error| Halt::fault(error.to_string()))
    }

    /// The body as JSON, parsed once; nothing where it is none.
    fn parsed(&mut self) -> Outcome<Option<Data>> {
        if let Some(parsed) = &self.input.parsed {
            return Ok(parsed.clone());
        }
        let limits = tollgate_jsonpath::Limits::default();
        let parsed = Data::parse_json_within(self.body(), limits).ok();
        self.input.parsed = Some(parsed.clone());
        Ok(parsed)
    }
}
