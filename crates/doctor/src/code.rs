//! The kinds of findings. A code is stable: scripts may rely on it; `docs/check.md` explains each one.

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table below says what each one means")]
pub enum Code {
    DefinitionUnreadable,
    ImportRefused,
    ReferenceNowhere,
    UnknownValidator,
    UnknownModel,
    ImportWarning,
    LeftOut,
    SettingRefused,
    UndeclaredMappingSource,
    UndeclaredResponseHeader,
    UndeclaredParameter,
    UnknownContextVariable,
    UnsetStageVariable,
    UnknownReference,
    BadJsonPath,
    UnknownMember,
    PlaceholderUnmapped,
    MappingUnused,
    CacheKeyIncomplete,
    TemplateFails,
    TemplateNotJson,
    TemplateUnescaped,
    NoTemplateLanguage,
    MockWithoutStatus,
    UndeclaredStatus,
    NoResponseMatches,
    PatternNeverMatches,
    ResponseShadowed,
    ModelBroken,
    ModelNeverPasses,
    ParameterNeverComes,
    MediaTypeRefused,
    CorsMissingOnErrors,
    CorsMissingOnStatus,
    CorsNoPreflight,
    MethodUnreachable,
    GreedyShadowed,
    DuplicatePathVariable,
    PathReserved,
    MethodWithoutIntegration,
    RequestFails,
    LimitNear,
    LimitExceeded,
    CheckIncomplete,
}

/// Each code with its name and what it says, in the order of [`Code`].
#[rustfmt::skip]
const TABLE: [(Code, &str, &str); 44] = [
    (Code::DefinitionUnreadable, "definition-unreadable", "the file is no OpenAPI document that can be read"),
    (Code::ImportRefused, "import-refused", "AWS and Tollgate refuse to import this"),
    (Code::ReferenceNowhere, "reference-nowhere", "a $ref leads nowhere"),
    (Code::UnknownValidator, "unknown-validator", "a request validator that does not exist is named"),
    (Code::UnknownModel, "unknown-model", "a model that does not exist is named"),
    (Code::ImportWarning, "import-warning", "the import warns of this"),
    (Code::LeftOut, "left-out", "API Gateway does not read this"),
    (Code::SettingRefused, "setting-refused", "Tollgate refuses to deploy this setting"),
    (Code::UndeclaredMappingSource, "undeclared-mapping-source", "a mapping reads a parameter that the method does not declare"),
    (Code::UndeclaredResponseHeader, "undeclared-response-header", "a mapping sets a header that the method response does not declare"),
    (Code::UndeclaredParameter, "undeclared-parameter", "a template reads a parameter that nothing declares"),
    (Code::UnknownContextVariable, "unknown-context-variable", "$context has no such variable"),
    (Code::UnsetStageVariable, "unset-stage-variable", "a stage variable has no value"),
    (Code::UnknownReference, "unknown-reference", "a template refers to what is never set"),
    (Code::BadJsonPath, "bad-json-path", "a JSONPath does not parse"),
    (Code::UnknownMember, "unknown-member", "a template reads a member that the model does not have"),
    (Code::PlaceholderUnmapped, "placeholder-unmapped", "the address has a {place} that no mapping fills"),
    (Code::MappingUnused, "mapping-unused", "a path mapping for which the address has no place"),
    (Code::CacheKeyIncomplete, "cache-key-incomplete", "a cached method's key leaves out a part of the path"),
    (Code::TemplateFails, "template-fails", "a template does not parse, or fails while it renders"),
    (Code::TemplateNotJson, "template-not-json", "a template gives what is not JSON"),
    (Code::TemplateUnescaped, "template-unescaped", "a quotation mark in a value breaks the JSON that a template gives"),
    (Code::NoTemplateLanguage, "no-template-language", "gateway responses have variables, but no template language"),
    (Code::MockWithoutStatus, "mock-without-status", "a MOCK's request template gives no statusCode"),
    (Code::UndeclaredStatus, "undeclared-status", "an integration response has a status that no method response declares"),
    (Code::NoResponseMatches, "no-response-matches", "no integration response is for this status"),
    (Code::PatternNeverMatches, "pattern-never-matches", "a selection pattern matches nothing that can come"),
    (Code::ResponseShadowed, "response-shadowed", "others match whatever this selection pattern matches"),
    (Code::ModelBroken, "model-broken", "a model is no JSON Schema that can judge"),
    (Code::ModelNeverPasses, "model-never-passes", "no body can pass this model"),
    (Code::ParameterNeverComes, "parameter-never-comes", "a required path parameter that the path does not have"),
    (Code::MediaTypeRefused, "media-type-refused", "a declared content type is answered 415"),
    (Code::CorsMissingOnErrors, "cors-missing-on-errors", "the gateway's own errors lack Access-Control-Allow-Origin"),
    (Code::CorsMissingOnStatus, "cors-missing-on-status", "an answer lacks the Access-Control-Allow-Origin of its method's others"),
    (Code::CorsNoPreflight, "cors-no-preflight", "browsers ask by OPTIONS first, and nothing answers"),
    (Code::MethodUnreachable, "method-unreachable", "no request meets this method"),
    (Code::GreedyShadowed, "greedy-shadowed", "a greedy path does not answer where another resource lies"),
    (Code::DuplicatePathVariable, "duplicate-path-variable", "a path has two variables of one name"),
    (Code::PathReserved, "path-reserved", "AWS keeps this path for itself"),
    (Code::MethodWithoutIntegration, "method-without-integration", "a method has no integration"),
    (Code::RequestFails, "request-fails", "a request that keeps to the definition fails"),
    (Code::LimitNear, "limit-near", "one of AWS's limits is nearly reached"),
    (Code::LimitExceeded, "limit-exceeded", "one of AWS's limits is exceeded"),
    (Code::CheckIncomplete, "check-incomplete", "not everything was tried"),
];

impl Code {
    /// Every code.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(code, _, _)| *code)
    }

    /// Its stable name.
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// What it says, in a few words.
    pub fn title(self) -> &'static str {
        TABLE[self as usize].2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_codes() {
        for (at, (code, name, _)) in TABLE.iter().enumerate() {
            assert_eq!(*code as usize, at, "{name}");
        }
    }
}
