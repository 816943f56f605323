//! Which resource, and which method of it, a request meets.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>

mod credentials;
pub(crate) mod nearest;
mod tree;

use std::fmt;

pub(crate) use tree::variables;
pub use tree::{Captured, PathError, Tree};

use crate::plan::{Method, Resource, StagePlan};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::trace::StepName;

/// The resource and method a request met, with the values its path gave to variables.
#[derive(Debug)]
pub(crate) struct Matched<'p> {
    pub(crate) resource: &'p Resource,
    pub(crate) method: &'p Method,
    pub(crate) captured: Captured,
}

impl<'p> Matched<'p> {
    /// The path variables in the order of the path: name and value, still percent-encoded as AWS leaves them.
    pub(crate) fn parameters<'r>(
        &self,
        record: &'r Record,
    ) -> impl Iterator<Item = (&'p str, &'r str)>
    where
        'p: 'r,
    {
        let path = record.route_path();
        let names = self.resource.variables.iter();
        names
            .zip(&self.captured)
            .map(move |(name, range)| (&**name, &path[range.clone()]))
    }

    /// The value of the path variable `name`.
    pub(crate) fn parameter<'r>(&self, name: &str, record: &'r Record) -> Option<&'r str>
    where
        'p: 'r,
    {
        self.parameters(record)
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// Finds the method for the record's path. A resource without the method answers as no resource does; AWS does not
/// fall back to a greedy sibling then (a guess).
pub(crate) fn find<'p>(
    stage: &'p StagePlan,
    record: &mut Record,
) -> Result<Matched<'p>, Rejection> {
    let plan = &stage.deployment;
    let Some((index, captured)) = plan.routes.find(record.route_path()) else {
        return Err(refused(no_resource(stage, record), record));
    };
    let resource = &plan.resources[index];
    let Some(method) = resource.method(record.method()) else {
        return Err(refused(no_method(stage, resource, record), record));
    };
    record.matched(index);
    let matched = Matched {
        resource,
        method,
        captured,
    };
    record.trace(StepName::Route, |record, told| {
        told.input(&[record.method(), " ", record.route_path()]);
        if !resource.variables.is_empty() {
            told.output_of(Variables(&matched, record));
        }
        told.decided(
            &[&method.name, " ", &resource.path],
            &["it is the most specific that matches"],
        );
    });
    Ok(matched)
}

/// `id = 7, name = x`
struct Variables<'m>(&'m Matched<'m>, &'m Record);

impl fmt::Display for Variables<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (name, value)) in self.0.parameters(self.1).enumerate() {
            let before = if number == 0 { "" } else { ", " };
            write!(formatter, "{before}{name} = {value}")?;
        }
        Ok(())
    }
}

fn refused(text: String, record: &Record) -> Rejection {
    match credentials::fault(record.headers()) {
        Some(message) => Rejection::incomplete_signature(message, text),
        None => Rejection::no_route(text),
    }
}

/// How the reason of a path without a route begins.
pub(crate) const NO_ROUTE: &str = "no such route:";

fn no_resource(stage: &StagePlan, record: &Record) -> String {
    format!(
        "{NO_ROUTE} {} {} on api {} stage {}",
        record.method(),
        record.route_path(),
        stage.api.id,
        stage.name
    )
}

fn no_method(stage: &StagePlan, resource: &Resource, record: &Record) -> String {
    format!(
        "no method {} on {} of api {} stage {}; it has {}",
        record.method(),
        resource.path,
        stage.api.id,
        stage.name,
        resource.method_names()
    )
}
