//! MOCK: the request template names a status, the response template does the rest.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>

use tollgate_http::{Body, Headers};
use tollgate_jsonpath::{Number, Value};

use super::Reply;
use crate::rejection::Rejection;

/// Answers with the integer `statusCode` of the rendered template. AWS reads it leniently: bare words for keys, single quotes,
/// stray commas.
pub(super) fn answer(rendered: &str) -> Result<Reply, Rejection> {
    const LOGGED: &str = "Unable to parse statusCode. It should be an integer that is defined in the request template.";
    let refused = || Rejection::configuration(unparsed(rendered)).logged(LOGGED);
    let status = status(rendered).ok_or_else(refused)?;
    Ok(Reply {
        status,
        headers: Headers::new(),
        body: Body::Empty,
    })
}

fn status(rendered: &str) -> Option<u16> {
    let parsed = crate::map::lenient_json(rendered).ok()?;
    let Value::Map(members) = &parsed else {
        return None;
    };
    match members.borrow().get("statusCode")? {
        Value::Number(Number::Int(status)) => u16::try_from(*status).ok(),
        _ => None,
    }
}

fn unparsed(rendered: &str) -> String {
    let start: String = rendered.trim().chars().take(120).collect();
    format!(
        "unable to parse statusCode: it should be an integer that the request template defines; the template gave `{start}`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recorder's tables of what request templates may render.
    #[test]
    fn templates_are_read_as_leniently_as_recorded() {
        for rendered in [
            "{ statusCode: 200 }",
            "{statusCode: 200,super{ f}oo: [ba r]}",
            "{statusCode: 200, \"value\": 'goog'}",
            "{statusCode: 200, foo}: [ba r]}",
            "{statusCode: 200, foo'}: [ba r]}",
            "{statusCode: 200, }foo: [ba r]}",
            "{statusCode: 200, }foo: ''}",
            "{statusCode: 200, \" \": \" \"}",
            "{statusCode: 200, \"\": \"\"}",
            "{'statusCode': 200, '': ''}",
            "{\"statusCode\": 200, \"\": \"\"}",
            "{\"statusCode\": 200 , }",
            "{\"statusCode\": 200 ,, }",
            "{\"statusCode\": 200 , null: null }",
        ] {
            assert_eq!(status(rendered), Some(200), "{rendered}");
        }
        for rendered in [
            "{\"statusCode': 200 }",
            "{'statusCode\": 200 }",
            "{'statusCode: 200 }",
            "statusCode: 200",
            "{statusCode: 200, {foo: [ba r]}",
            "{\"statusCode\": \"200\"}",
            "{\"statusCode\": 200",
            "{\"statusCode\": 200.5}",
            "",
        ] {
            assert_eq!(status(rendered), None, "{rendered}");
        }
        assert_eq!(status("{\"statusCode\": 0}"), Some(0));
    }
}
