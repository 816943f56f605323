//! What a template sees: the client's request, the body it maps, `$context` and the stage's variables. Nothing is made before the
//! template asks for it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_vtl::{Place, Scope, Template};

use crate::context::Variable;
use crate::exchange::{Incoming, header_all, visible_headers};
use crate::headers::hidden_from_mappings;
use crate::limits::Limits;
use crate::record::Record;
use crate::route::Matched;
use crate::trace::Trace;

pub(super) use tollgate_vtl::Overrides;

/// One template's view of an exchange.
pub(super) struct View<'v> {
    pub(super) record: &'v Record,
    pub(super) route: &'v Matched<'v>,
    pub(super) incoming: &'v Incoming,
    /// The request's body for a request template, the integration's for a response template.
    pub(super) body: &'v Bytes,
}

impl View<'_> {
    pub(super) fn render(
        &self,
        template: &Arc<Template>,
        overrides: &mut Overrides,
        limits: &Limits,
        trace: Option<&mut Trace>,
    ) -> Result<String, tollgate_vtl::Error> {
        let limits = tollgate_vtl::Limits {
            output_bytes_max: limits.template_output_bytes_max,
            steps_max: limits.template_steps_max,
            ..tollgate_vtl::Limits::AWS
        };
        match trace {
            None => template.render(self, overrides, &limits),
            Some(trace) => {
                let mut tracer = trace.of_template(template);
                template.render_traced(self, overrides, &limits, &mut tracer)
            }
        }
    }
}

type Named<'n> = (Cow<'n, str>, Cow<'n, str>);

impl Scope for View<'_> {
    fn body(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.body)
    }

    fn parameter(&self, place: Place, name: &str) -> Option<Cow<'_, str>> {
        match place {
            Place::Path => self.route.parameter(name, self.record).map(Cow::Borrowed),
            Place::Query => self
                .incoming
                .query_all(self.record, name)
                .next_back()
                .map(Cow::Borrowed),
            Place::Header if hidden_from_mappings(name) => None,
            Place::Header => header_all(self.record.headers(), name)
                .last()
                .map(String::from_utf8_lossy),
        }
    }

    fn parameters(&self, place: Place) -> Vec<Named<'_>> {
        match place {
            Place::Path => self
                .route
                .parameters(self.record)
                .map(|(name, value)| named(name, value))
                .collect(),
            Place::Query => {
                let query = self.incoming.query(self.record).iter();
                query.map(|(name, value)| named(name, value)).collect()
            }
            Place::Header => {
                let headers = visible_headers(self.record);
                headers
                    .map(|(name, value)| (Cow::Borrowed(name), String::from_utf8_lossy(value)))
                    .collect()
            }
        }
    }

    fn context(&self, path: &str) -> Option<Cow<'_, str>> {
        Variable::parse(path)
            .filter(|variable| !variable.is_of_logs_only())?
            .value(self.record)
    }

    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>> {
        self.record.stage()?.variable(name).map(Cow::Borrowed)
    }

    fn stage_variables(&self) -> Vec<Named<'_>> {
        let stage = self.record.stage();
        let variables = stage.into_iter().flat_map(|stage| &stage.variables);
        variables.map(|(name, value)| named(name, value)).collect()
    }
}

fn named<'n>(name: &'n str, value: &'n str) -> Named<'n> {
    (Cow::Borrowed(name), Cow::Borrowed(value))
}
