//! JSON read and written, against another implementation and over every shape of every operation.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tollgate_wire::apigateway::{self, Method, RestApi};
use tollgate_wire::json::{JsonReader, Limits, from_slice, to_vec};
use tollgate_wire::schema::{Shape as Schema, Structure};
use tollgate_wire::{Map, Operation, OperationVisitor, Reader, Shape, Timestamp};

/// JSON for a shape with every member in it.
fn whole(structure: &Structure) -> Json {
    let members = structure
        .members
        .iter()
        .map(|member| (member.wire_name.to_owned(), sample(member.shape)));
    Json::Object(members.collect())
}

fn sample(shape: &Schema) -> Json {
    match shape {
        Schema::Boolean => json!(true),
        Schema::Integer(_) | Schema::Long(_) => json!(7),
        Schema::Double(_) => json!(0.5),
        Schema::Timestamp => json!(1_767_225_600),
        Schema::Blob(_) => json!("AP8="),
        Schema::Text(text) => json!(text.one_of.first().unwrap_or(&"text")),
        Schema::List(item, _) => json!([sample(item), sample(item)]),
        Schema::Map(value, _) => json!({ "a": sample(value), "b c": sample(value) }),
        Schema::Structure(structure) => whole(structure),
    }
}

struct RoundTrips;

impl RoundTrips {
    fn check<T: Shape>() {
        let expected = whole(T::SCHEMA);
        let shape: T = from_slice(expected.to_string().as_bytes()).expect("it is read");
        let written: Json = serde_json::from_slice(&to_vec(&shape)).expect("it is JSON");
        assert_eq!(written, expected, "{}", T::SCHEMA.name);
        let again: T = from_slice(&to_vec(&shape)).expect("it is read again");
        assert_eq!(again, shape);
        assert_eq!(to_vec(&T::default()), b"{}");
    }
}

impl OperationVisitor for RoundTrips {
    fn visit<O: Operation>(&mut self) {
        Self::check::<O::Input>();
        Self::check::<O::Output>();
    }
}

#[test]
fn every_shape_survives_the_round_trip() {
    apigateway::visit_operations(&mut RoundTrips);
}

fn is_read(text: &[u8]) -> bool {
    let mut reader = JsonReader::new(text, Limits::RECEIVED);
    reader.skip().and_then(|()| reader.finish()).is_ok()
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn all_json_is_read(json in any_json()) {
        prop_assert!(is_read(json.to_string().as_bytes()));
        prop_assert!(is_read(serde_json::to_string_pretty(&json).unwrap().as_bytes()));
    }

    /// What another reader refuses is refused here too, but for numbers beyond its range and halves of surrogate pairs.
    #[test]
    fn damaged_json_is_judged_alike(json in any_json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = json.to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        match serde_json::from_slice::<Json>(&text) {
            Ok(_) => prop_assert!(is_read(&text)),
            Err(error) => {
                let reason = error.to_string();
                let is_range = reason.contains("number out of range");
                let is_half = reason.contains("surrogate") || reason.contains("unexpected end of hex escape");
                prop_assert!(is_range || is_half || !is_read(&text), "{}", reason);
            }
        }
    }

    #[test]
    fn no_bytes_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = from_slice::<Method>(&text);
        let _ = is_read(&text);
    }

    #[test]
    fn values_survive(
        name: String,
        ms in 0_u64..4_000_000_000_000,
        entries in prop::collection::vec(any::<(String, Option<String>)>(), 0..8),
    ) {
        let api = RestApi {
            name: Some(name),
            created_date: Some(Timestamp::from_ms(ms)),
            tags: Some(entries.into_iter().collect::<Map<_>>()),
            ..RestApi::default()
        };
        prop_assert_eq!(from_slice::<RestApi>(&to_vec(&api)).unwrap(), api);
    }

    #[test]
    fn text_is_written_as_others_read_it(text: String) {
        let api = RestApi { name: Some(text.clone()), ..RestApi::default() };
        let read: Json = serde_json::from_slice(&to_vec(&api)).unwrap();
        prop_assert_eq!(&read["name"], &Json::from(text));
    }
}

#[test]
fn escapes() {
    for (text, expected) in [
        (r#""\u0041\/\b\f\n\r\t\"\\""#, "A/\u{8}\u{c}\n\r\t\"\\"),
        (r#""\ud83d\ude00""#, "😀"),
        (r#""\ud83dx""#, "\u{fffd}x"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        (r#""\ude00""#, "\u{fffd}"),
    ] {
        let mut reader = JsonReader::new(text.as_bytes(), Limits::RECEIVED);
        assert_eq!(reader.text().unwrap(), expected, "{text}");
    }
}
