//! What the comparison takes for equal, and what it must not.

use tollgate_testkit::Answer;

use super::case::{Expected, Message};
use super::compare::{Bindings, differences};

fn count(recorded: &str, came: &str, bindings: &mut Bindings) -> usize {
    let expected = Expected {
        message: Message {
            first: ("200".to_owned(), String::new()),
            headers: Vec::new(),
            body: recorded.to_owned(),
        },
        is_text: false,
    };
    let answer = Answer {
        status: 200,
        headers: Vec::new(),
        body: came.as_bytes().to_vec(),
    };
    differences(&expected, &answer, bindings).len()
}

#[test]
fn bodies_are_compared_by_meaning() {
    let cases = [
        (r#"{"a": 1}"#, r#"{"a":1.0}"#, 0),
        (r#"{"a": 1}"#, r#"{"a":"1"}"#, 1),
        (r#"{"a": 1}"#, "{}", 1),
        ("{}", r#"{"a":1}"#, 1),
        (r#"{"a": null}"#, r#"{"b":null}"#, 0),
        (r#"{"a": 1, "<others>": "<any>"}"#, r#"{"a":1,"b":2}"#, 0),
        (r#"{"a": []}"#, "{}", 1),
        (r#"{"a": [1, 2]}"#, r#"{"a":[2,1]}"#, 1 + 1),
        (
            r#"{"item": [{"a": 1}, {"a": 2}]}"#,
            r#"{"item":[{"a":2},{"a":1}]}"#,
            0,
        ),
        (
            r#"{"item": [{"a": 1}, {"a": 1}]}"#,
            r#"{"item":[{"a":2},{"a":1}]}"#,
            1,
        ),
        (r#"{"a": {"b": 1}}"#, r#"{"a":"{ \"b\" : 1 }"}"#, 0),
        (r#"{"a": "<time>"}"#, r#"{"a":1700000000}"#, 0),
        (r#"{"a": "<time>"}"#, r#"{"a":"today"}"#, 1),
        (r#"{"a": "<any>"}"#, r#"{"a":[1]}"#, 0),
        (
            r#"{"a": "arn:<partition>:x:<account>"}"#,
            r#"{"a":"arn:aws:x:000000000000"}"#,
            0,
        ),
        (r#"{"a": "<html>"}"#, r#"{"a":"x"}"#, 1),
        ("", "{}", 0),
        ("", r#"{"a":1}"#, 1),
        ("{}", "", 1),
    ];
    for (recorded, came, expected) in cases {
        let found = count(recorded, came, &mut Bindings::default());
        assert_eq!(found, expected, "{recorded} against {came}");
    }
}

#[test]
fn a_numbered_placeholder_is_the_same_text_everywhere() {
    let mut bindings = Bindings::default();
    assert_eq!(
        count(r#"{"id": "<id:1>"}"#, r#"{"id":"a"}"#, &mut bindings),
        0
    );
    assert_eq!(
        count(
            r#"{"at": "/x/<id:1>/y"}"#,
            r#"{"at":"/x/a/y"}"#,
            &mut bindings
        ),
        0
    );
    assert_eq!(
        count(
            r#"{"at": "/x/<id:1>/y"}"#,
            r#"{"at":"/x/b/y"}"#,
            &mut bindings
        ),
        1
    );
    assert_eq!(
        count(r#"{"id": "<id:2>"}"#, r#"{"id":""}"#, &mut bindings),
        1
    );

    // Each item by itself is like both; only one way of pairing them lets the parent be the same.
    let recorded = r#"{"item": [{"id": "<x:1>"}, {"id": "<x:2>", "parent": "<x:1>"}]}"#;
    let came = r#"{"item": [{"id": "c", "parent": "p"}, {"id": "p"}]}"#;
    assert_eq!(count(recorded, came, &mut bindings), 0);
    let came = r#"{"item": [{"id": "c", "parent": "q"}, {"id": "p"}]}"#;
    assert_eq!(count(recorded, came, &mut Bindings::default()), 1);
}
