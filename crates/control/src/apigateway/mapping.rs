//! Parameter mapping expressions, as far as the control plane checks them before it stores them.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>

use tollgate_wire::Map;
use tollgate_wire::apigateway::MethodResponse;

use crate::error::ApiError;

/// Checks the mappings of an integration request: each destination by its form, each source by its form and, when
/// it is a parameter of the method, by its being declared there.
pub(super) fn check_request(
    mappings: Option<&Map<Option<String>>>,
    declared: Option<&Map<bool>>,
) -> Result<(), ApiError> {
    for (destination, source) in entries(mappings) {
        let place = destination.strip_prefix("integration.request.");
        if !place.is_some_and(|place| is_named(place, &["path", "querystring", "header"])) {
            return Err(invalid_parameter(destination));
        }
        check_source(source, "method.request.")?;
        if is_undeclared(source, declared) {
            return Err(invalid_parameter(source));
        }
    }
    Ok(())
}

/// Checks the mappings of an integration response: a destination must be declared by the method response. The text on
/// an absent one is seen in awslabs/aws-apigateway-importer, issue 121.
pub(super) fn check_response(
    mappings: Option<&Map<Option<String>>>,
    response: Option<&MethodResponse>,
) -> Result<(), ApiError> {
    for (destination, source) in entries(mappings) {
        let response =
            response.ok_or_else(|| invalid_expression("No method response exists for method."))?;
        let mut declared = response.response_parameters.iter().flat_map(Map::keys);
        if !declared.any(|name| name == destination) {
            return Err(invalid_parameter(destination));
        }
        check_source(source, "integration.response.")?;
    }
    Ok(())
}

/// The guide: a mapping template has at most 300 KB.
const TEMPLATE_BYTES_MAX: usize = 300 * 1024;

/// Checks templates, and the content types by which they are chosen.
pub(super) fn check_templates(templates: Option<&Map<Option<String>>>) -> Result<(), ApiError> {
    check_content_types(templates)?;
    let mut sizes = templates
        .into_iter()
        .flat_map(Map::values)
        .flatten()
        .map(String::len);
    match sizes.any(|size| size > TEMPLATE_BYTES_MAX) {
        // Guess: the text is not known.
        true => Err(ApiError::bad_request(format!(
            "Mapping template must not be larger than {TEMPLATE_BYTES_MAX} bytes"
        ))),
        false => Ok(()),
    }
}

/// The text is recorded for integration responses.
fn check_content_types(templates: Option<&Map<Option<String>>>) -> Result<(), ApiError> {
    let is_content_type = |name: &str| {
        name.split_once('/')
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
    };
    match templates
        .into_iter()
        .flat_map(Map::keys)
        .find(|name| !is_content_type(name))
    {
        Some(name) => Err(ApiError::bad_request(format!(
            "Validation Result: warnings : [], errors : [Invalid content type specified: {name}]"
        ))),
        None => Ok(()),
    }
}

/// Recorded: an empty template is stored as null.
pub(super) fn with_empty_as_null(
    templates: Option<Map<Option<String>>>,
) -> Option<Map<Option<String>>> {
    let entries = templates?.into_iter();
    Some(
        entries
            .map(|(name, text)| (name, text.filter(|text| !text.is_empty())))
            .collect(),
    )
}

fn check_source(source: &str, own: &str) -> Result<(), ApiError> {
    let is_text = source.len() >= 2 && source.starts_with('\'') && source.ends_with('\'');
    let is_global = |prefix: &str| {
        source
            .strip_prefix(prefix)
            .is_some_and(|name| !name.is_empty())
    };
    let is_own = source.strip_prefix(own).is_some_and(|place| {
        place == "body"
            || place.starts_with("body.")
            || place.starts_with("body[")
            || is_named(place, PLACES)
    });
    match is_text || is_global("context.") || is_global("stageVariables.") || is_own {
        true => Ok(()),
        false => Err(invalid_expression(&format!(
            "Invalid mapping expression specified: {source}"
        ))),
    }
}

const PLACES: &[&str] = &[
    "path",
    "querystring",
    "header",
    "multivaluequerystring",
    "multivalueheader",
];

fn is_named(place: &str, places: &[&str]) -> bool {
    place
        .split_once('.')
        .is_some_and(|(place, name)| places.contains(&place) && !name.is_empty())
}

/// A multi-value source reads the parameter that is declared by its plain name.
fn is_undeclared(source: &str, declared: Option<&Map<bool>>) -> bool {
    let Some(place) = source.strip_prefix("method.request.") else {
        return false;
    };
    if !is_named(place, PLACES) {
        return false;
    }
    let plain = format!(
        "method.request.{}",
        place.strip_prefix("multivalue").unwrap_or(place)
    );
    !declared.is_some_and(|declared| declared.contains_key(source) || declared.contains_key(&plain))
}

/// Seen with AWS in every report on undeclared parameters (awslabs/aws-apigateway-importer, issue 209).
pub(super) fn invalid_parameter(parameter: &str) -> ApiError {
    invalid_expression(&format!(
        "Invalid mapping expression parameter specified: {parameter}"
    ))
}

/// Recorded.
pub(super) fn invalid_expression(error: &str) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{error}]"
    ))
}

fn entries(mappings: Option<&Map<Option<String>>>) -> impl Iterator<Item = (&str, &str)> {
    let entries = mappings.into_iter().flatten();
    entries
        .map(|(destination, source)| (destination.as_str(), source.as_deref().unwrap_or_default()))
}
