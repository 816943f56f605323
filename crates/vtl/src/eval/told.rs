//! What a tracer is told. Nothing of it is paid for: a rendering that is traced ends as it does untraced.

use super::Rendering;
use super::value::Value;
use crate::tracer::Seen;

impl<'r> Rendering<'r> {
    /// The value of the reference at this byte; nothing for one that does not resolve.
    #[inline]
    pub(super) fn tell_reference(&mut self, at: usize, value: Option<&Value<'r>>) {
        if let Some(tracer) = &mut self.tracer {
            tracer.reference(at, value.map_or(Seen::Nothing, Value::seen));
        }
    }

    /// What `#set` made of the reference at this byte.
    #[inline]
    pub(super) fn tell_set(&mut self, at: usize, value: &Value<'r>) {
        if let Some(tracer) = &mut self.tracer {
            tracer.set(at, value.seen());
        }
    }
}

impl Value<'_> {
    /// Maps that are made only when needed whole are not made for a tracer.
    fn seen(&self) -> Seen<'_> {
        match self {
            Self::Data(tollgate_jsonpath::Value::Null) => Seen::Nothing,
            Self::Data(data) => Seen::Data(data),
            Self::Input => Seen::Thing("$input"),
            Self::Parameters => Seen::Thing("the parameters"),
            Self::ParametersOf(place) => Seen::Thing(match place {
                crate::scope::Place::Path => "the path parameters",
                crate::scope::Place::Query => "the query parameters",
                crate::scope::Place::Header => "the headers",
            }),
            Self::Context(_) => Seen::Thing("a group of $context"),
            Self::Override(_) => Seen::Thing("overrides"),
            Self::StageVariables => Seen::Thing("the stage variables"),
            Self::Util => Seen::Thing("$util"),
            Self::Loop(_) => Seen::Thing("the loop"),
            Self::Block(_) => Seen::Thing("a block"),
            Self::View(..) => Seen::Thing("a view of a map"),
            Self::Entry(_) => Seen::Thing("an entry of a map"),
            Self::Iterator(_) => Seen::Thing("an iterator"),
            Self::Class(name) => Seen::Thing(name),
        }
    }
}
