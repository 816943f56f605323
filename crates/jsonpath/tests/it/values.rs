//! Numbers and values, and the texts that Java and JSON give them.

use tollgate_jsonpath::{List, ListKind, Map, Members, Number, Value, WriteError};

use crate::cases;

const BYTES_MAX: usize = 1 << 20;

fn kind(number: &Number) -> &'static str {
    match number {
        Number::Int(_) => "int",
        Number::Long(_) => "long",
        Number::Big(_) => "big",
        Number::Double(_) => "double",
        Number::Decimal(_) => "decimal",
    }
}

#[test]
fn numbers_have_javas_kinds_and_texts() {
    cases::check(&cases::of_file("numbers.txt"), |case| {
        let found = match Number::parse(case.part(0)) {
            Some(number) => format!("{} {number}", kind(&number)),
            None => "none".to_owned(),
        };
        cases::same(&found, case.part(1)).map_err(|reason| format!("`{}` {reason}", case.part(0)))
    });
}

#[test]
fn values_print_as_java_and_as_json() {
    cases::check(&cases::of_file("prints.txt"), |case| {
        let value = Value::parse_json(case.part(0)).map_err(|error| error.to_string())?;
        cases::same(&value.to_java(BYTES_MAX).unwrap(), case.part(1))?;
        let json = case
            .part(2)
            .replace("<DEL>", "\u{7f}")
            .replace("<NEL>", "\u{85}");
        cases::same(&value.to_json(BYTES_MAX).unwrap(), &json)
    });
}

#[test]
fn lists_of_templates_print_without_quotes() {
    let inner = Map::from_iter([("a", Value::from("b"))]);
    let list = List::from_iter([
        Value::from(1),
        Value::from("x"),
        Value::Map(inner),
        Value::Null,
    ]);
    assert_eq!(
        Value::List(list.clone()).to_java(BYTES_MAX).unwrap(),
        "[1, x, {a=b}, null]"
    );
    assert_eq!(
        Value::List(list).to_json(BYTES_MAX).unwrap(),
        r#"[1,"x",{"a":"b"},null]"#
    );
}

#[test]
fn a_clone_shares_lists_and_maps() {
    let value = Value::parse_json(r#"{"list":[1]}"#).unwrap();
    let list = value.member("list").unwrap();
    if let Value::List(list) = &list {
        list.borrow_mut().push(Value::from("new"));
    }
    assert_eq!(value.to_json(BYTES_MAX).unwrap(), r#"{"list":[1,"new"]}"#);
}

#[test]
fn members_keep_their_order_small_and_large() {
    for count in [3, 16, 17, 100] {
        let mut members = Members::default();
        for index in 0..count {
            assert!(
                members
                    .insert(format!("k{index}"), Value::from(index))
                    .is_none()
            );
        }
        let replaced = members.insert("k1", Value::from("new"));
        assert!(matches!(replaced, Some(Value::Number(Number::Int(1)))));
        assert!(members.remove("k0").is_some());
        assert!(members.remove("k0").is_none());
        let keys: Vec<String> = members.keys().map(|key| key.to_string()).collect();
        let expected: Vec<String> = (1..count).map(|index| format!("k{index}")).collect();
        assert_eq!(keys, expected);
        assert_eq!(members.get("k1").and_then(Value::as_str), Some("new"));
        assert_eq!(members.get_index(0).map(|(key, _)| &**key), Some("k1"));
        assert_eq!(members.values_mut().count(), members.len());
        members.clear();
        assert!(members.is_empty());
    }
}

#[test]
fn equality_is_javas() {
    let same = |left: &str, right: &str| {
        let (left, right) = (
            Value::parse_json(left).unwrap(),
            Value::parse_json(right).unwrap(),
        );
        left.same(&right).unwrap()
    };
    assert!(same(
        r#"{"a":[1,2.5,"x",null,true]}"#,
        r#"{"a":[1,2.5,"x",null,true]}"#
    ));
    assert!(same(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#));
    for (left, right) in [
        ("1", "1.0"),
        ("1", "\"1\""),
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        ("{}", "[]"),
        ("null", "{}"),
    ] {
        assert!(!same(left, right), "{left} {right}");
    }
}

#[test]
fn numbers_compare_by_value() {
    let order = |left: &str, right: &str| {
        Number::parse(left)
            .unwrap()
            .compare(&Number::parse(right).unwrap())
            .unwrap()
    };
    assert!(order("1", "1.0").is_eq());
    assert!(order("2", "10").is_lt());
    assert!(order("-2", "-10").is_gt());
    assert!(order("12345678901234567890", "9").is_gt());
    assert!(order("-12345678901234567890", "-12345678901234567891").is_gt());
    assert!(order("12345678901234567890", "12345678901234567891").is_lt());
    assert!(order("-12345678901234567890", "12345678901234567890").is_lt());
    assert!(order("0.5", "12345678901234567890").is_lt());
    assert!(Number::Double(f64::NAN).compare(&Number::Int(1)).is_none());
}

#[test]
fn texts_stay_within_their_limit() {
    let value = Value::parse_json(r#"{"key":["a long text",12345,"\"\\"]}"#).unwrap();
    let whole = value.to_json(BYTES_MAX).unwrap();
    assert_eq!(value.to_json(whole.len()).unwrap(), whole);
    for limit in 0..whole.len() {
        assert_eq!(value.to_json(limit), Err(WriteError::Length(limit)));
    }
    let mut out = "12345".to_owned();
    assert_eq!(
        Value::Null.write_java(&mut out, 8),
        Err(WriteError::Length(8))
    );
    assert_eq!(Value::Null.write_java(&mut out, 9), Ok(()));
}

#[test]
fn what_a_debug_print_shows_is_cut() {
    let list = List::new(ListKind::Json, vec![Value::from("x".repeat(100)); 100]);
    let shown = format!("{:?}", Value::List(list));
    assert!(shown.len() < 5000, "{}", shown.len());
}
