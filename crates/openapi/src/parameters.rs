//! What a method takes: parameters, of which API Gateway keeps the place, the name and whether they are required, and
//! the models of its body.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>

use tollgate_wire::Map;

use crate::document::{Dialect, Node};
use crate::models::Models;
use crate::notes::Notes;
use crate::paths::{Place, Surroundings};
use crate::resources::variable_name;

/// The media type of a Swagger body when neither operation nor document names one.
const DEFAULT_MEDIA_TYPE: &str = "application/json";

/// The inputs of a method, each absent when there are none.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) parameters: Option<Map<bool>>,
    pub(crate) models: Option<Map<Option<String>>>,
}

/// Reads the inputs of an operation: its own parameters, those of its path item, and the variables of the path.
pub(crate) fn read(
    operation: &Node<'_>,
    item: &Node<'_>,
    place: &Place<'_>,
    around: &Surroundings<'_, '_>,
    models: &mut Models,
    notes: &mut Notes,
) -> Inputs {
    let mut inputs = Collected::default();
    for declared in [item, operation] {
        for parameter in notes.list_of(declared, "parameters").unwrap_or_default() {
            inputs.take(parameter, notes);
        }
    }
    for name in place.path.split('/').filter_map(variable_name) {
        // Recorded: a variable of the path is a required parameter, declared or not.
        inputs
            .parameters
            .insert(format!("method.request.path.{name}"), true);
    }
    let body = match around.dialect {
        Dialect::Swagger2 => inputs.swagger_body(operation, place, around, models, notes),
        Dialect::OpenApi3 => request_body(operation, place, models, notes),
    };
    Inputs {
        parameters: (!inputs.parameters.is_empty()).then_some(inputs.parameters),
        models: (!body.is_empty()).then_some(body),
    }
}

#[derive(Default)]
struct Collected<'d> {
    parameters: Map<bool>,
    body: Option<Node<'d>>,
}

impl<'d> Collected<'d> {
    fn take(&mut self, parameter: Node<'d>, notes: &mut Notes) {
        let Some(parameter) = notes.object(parameter) else {
            return;
        };
        let place = notes.text_of(&parameter, "in").unwrap_or_default();
        let location = match place.as_str() {
            "query" => "querystring",
            "header" | "path" => place.as_str(),
            "body" => {
                self.body = Some(parameter);
                return;
            }
            "formData" | "cookie" => {
                return notes.ignore(
                    &parameter,
                    format!("API Gateway has no parameters in '{place}'"),
                );
            }
            _ => {
                return notes.problem(parameter.problem(
                    "expected a parameter in query, header, path, cookie, body or formData",
                ));
            }
        };
        let Some(name) = notes.text_of(&parameter, "name") else {
            return notes.problem(parameter.problem("a parameter has a name"));
        };
        let required = notes.flag_of(&parameter, "required").unwrap_or(false);
        self.parameters
            .insert(format!("method.request.{location}.{name}"), required);
    }

    /// Swagger names the media types of a body apart from it.
    fn swagger_body(
        &self,
        operation: &Node<'_>,
        place: &Place<'_>,
        around: &Surroundings<'_, '_>,
        models: &mut Models,
        notes: &mut Notes,
    ) -> Map<Option<String>> {
        let schema = self.body.as_ref().and_then(|body| body.get("schema"));
        let model = schema.and_then(|schema| models.of_body(&schema, &place.to_string(), notes));
        of_each_media_type(model, operation, around, "consumes", notes)
    }
}

/// The model, if there is one, for every media type of `consumes` or `produces`.
pub(crate) fn of_each_media_type(
    model: Option<String>,
    operation: &Node<'_>,
    around: &Surroundings<'_, '_>,
    name: &str,
    notes: &mut Notes,
) -> Map<Option<String>> {
    let Some(model) = model else {
        return Map::default();
    };
    let media_types = media_types(operation, around, name, notes).into_iter();
    media_types
        .map(|media_type| (media_type, Some(model.clone())))
        .collect()
}

/// `consumes` or `produces` of an operation, or of the document.
fn media_types(
    operation: &Node<'_>,
    around: &Surroundings<'_, '_>,
    name: &str,
    notes: &mut Notes,
) -> Vec<String> {
    let own = notes.texts_of(operation, name);
    let media_types = own
        .or_else(|| notes.texts_of(around.root, name))
        .unwrap_or_default();
    if media_types.is_empty() {
        vec![DEFAULT_MEDIA_TYPE.to_owned()]
    } else {
        media_types
    }
}

fn request_body(
    operation: &Node<'_>,
    place: &Place<'_>,
    models: &mut Models,
    notes: &mut Notes,
) -> Map<Option<String>> {
    let body = notes.object_of(operation, "requestBody");
    let content = body.and_then(|body| notes.object_of(&body, "content"));
    content
        .map(|content| content_models(&content, place, models, notes))
        .unwrap_or_default()
}

/// The models of a `content` object, by media type.
pub(crate) fn content_models(
    content: &Node<'_>,
    place: &Place<'_>,
    models: &mut Models,
    notes: &mut Notes,
) -> Map<Option<String>> {
    let mut found: Map<Option<String>> = Map::default();
    for (media_type, body) in content.members() {
        let schema = notes.object(body).and_then(|body| body.get("schema"));
        if let Some(model) =
            schema.and_then(|schema| models.of_body(&schema, &place.to_string(), notes))
        {
            found.insert(media_type.to_owned(), Some(model));
        }
    }
    found
}
