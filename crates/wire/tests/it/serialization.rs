//! Bodies that cannot be read: values of the wrong type, no JSON, too much of it.

use tollgate_wire::apigateway::*;
use tollgate_wire::{Kind, json};

use crate::request::{decode, refused};

#[test]
fn values_of_the_wrong_type() {
    for (body, expected) in [
        // Recorded.
        (
            r#"{"responseTemplates": {"application/json": 123}}"#,
            "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
        ),
        // Recorded.
        (
            r#"{"responseParameters": {"a": true}}"#,
            "class java.lang.Boolean can not be converted to an String",
        ),
        // Guesses from here on.
        (
            r#"{"selectionPattern": {}}"#,
            "Start of structure or map found where not expected.",
        ),
        (
            r#"{"selectionPattern": []}"#,
            "Start of list found where not expected",
        ),
        (
            r#"{"responseTemplates": "a"}"#,
            "Unrecognized collection type class java.lang.String",
        ),
        (
            r#"{"responseTemplates": []}"#,
            "Start of list found where not expected",
        ),
        (
            r#""text""#,
            "Unrecognized collection type class java.lang.String",
        ),
        ("[]", "Start of list found where not expected"),
    ] {
        let refusal = refused::<PutIntegrationResponse>(
            "/restapis/a/resources/b/methods/GET/integration/responses/200",
            body,
        );
        assert_eq!(refusal.message, expected, "{body}");
        assert_eq!(refusal.kind, Kind::Serialization);
    }
}

/// Recorded: a wrong type is refused before any constraint.
#[test]
fn types_come_before_constraints() {
    let refusal = refused::<CreateRestApi>(
        "/restapis",
        r#"{"endpointConfiguration": {"types": ["wrong"]}, "description": 1}"#,
    );
    assert_eq!(refusal.kind, Kind::Serialization);
}

#[test]
fn numbers() {
    for (number, expected) in [
        ("0", Ok(0)),
        ("-7", Ok(-7)),
        ("1.9", Ok(1)),
        ("1e3", Ok(1000)),
        ("2147483647", Ok(i32::MAX)),
        (
            "2147483648",
            Err(
                "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an Integer",
            ),
        ),
        (
            "1e99",
            Err(
                "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an Integer",
            ),
        ),
        (
            r#""1""#,
            Err("class java.lang.String can not be converted to an Integer"),
        ),
    ] {
        let body = format!(r#"{{"name": "a", "minimumCompressionSize": {number}}}"#);
        let read = decode::<CreateRestApi>("/restapis", &body);
        let read = read
            .map(|input| input.minimum_compression_size.expect("it is there"))
            .map_err(|refusal| refusal.message);
        assert_eq!(read, expected.map_err(str::to_owned), "{number}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (body, expected) in [
        ("{", "expected '\"' at line 1 column 2"),
        ("{\"name\"", "expected ':' at line 1 column 8"),
        ("{\"name\": }", "expected a value at line 1 column 10"),
        ("{\"name\": \"a\",}", "expected '\"' at line 1 column 14"),
        (
            "{\n  \"name\": 'a'\n}",
            "expected a value at line 2 column 11",
        ),
        ("{} x", "expected the end at line 1 column 4"),
        (
            "{\"name\": \"a\nb\"}",
            "expected the end of the string at line 1 column 12",
        ),
        (
            "{\"name\": \"\\x\"}",
            "expected an escape at line 1 column 12",
        ),
        (
            "{\"name\": \"\\u12g4\"}",
            "expected four hexadecimal digits at line 1 column 12",
        ),
        ("{\"a\": 01}", "expected '}' at line 1 column 8"),
        ("{\"a\": 1.}", "expected a digit at line 1 column 9"),
        ("{\"a\": -}", "expected a digit at line 1 column 8"),
        ("{\"a\": nul}", "expected a value at line 1 column 7"),
        ("// no", "expected a value at line 1 column 1"),
    ] {
        let refusal = refused::<CreateRestApi>("/restapis", body);
        assert_eq!(
            refusal.message,
            format!("Invalid JSON: {expected}"),
            "{body}"
        );
        assert_eq!(refusal.kind, Kind::Serialization);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let refusal = json::from_slice::<RestApi>(b"{\"name\": \"a\xffb\"}").unwrap_err();
    assert_eq!(
        refusal.message,
        "Invalid JSON: expected UTF-8 at line 1 column 12"
    );
}

/// What strangers send is bounded in depth and in values, even where nobody reads it.
#[test]
fn bombs_are_refused() {
    let deep = format!(
        r#"{{"unknown": {}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let wide = format!(r#"{{"unknown": [{}0]}}"#, "0,".repeat(200_000));
    let nulls = format!(
        r#"{{"tags": {{{}"a": null}}}}"#,
        r#""a": null,"#.repeat(200_000)
    );
    for (body, expected) in [
        (deep, "The JSON is nested too deeply"),
        (wide, "The JSON has too many values"),
        (nulls, "The JSON has too many values"),
    ] {
        assert_eq!(
            refused::<CreateRestApi>("/restapis", &body).message,
            expected
        );
    }
}

#[test]
fn null_is_no_item() {
    let refusal = refused::<UpdateRestApi>("/restapis/a", r#"{"patchOperations": [null]}"#);
    assert_eq!(refusal.message, "null can not be an item of a list");
}

#[test]
fn the_last_of_equal_names_holds() {
    let input = decode::<CreateRestApi>(
        "/restapis",
        r#"{"name": "a", "name": "b", "tags": {"x": "1", "x": "2"}}"#,
    )
    .unwrap();
    assert_eq!(input.name.as_deref(), Some("b"));
    assert_eq!(input.tags.unwrap().get("x"), Some(&Some("2".to_owned())));
}
