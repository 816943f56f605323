//! Deep, shared and endless values: nothing overflows the stack and everything ends.

use tollgate_jsonpath::{List, Map, Path, ReadError, Value, WriteError};

const BYTES_MAX: usize = 1 << 20;
/// Fewer than by default, for tests are not compiled to be fast.
const STEPS_MAX: u64 = 200_000;

/// Runs on a stack far smaller than any of Tollgate's threads has.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(work)
        .expect("a thread");
    thread.join().expect("no panic");
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(Value::Null, |inner, level| {
        if level % 2 == 0 {
            Value::List(List::from_iter([inner]))
        } else {
            Value::Map(Map::from_iter([("a", inner)]))
        }
    })
}

#[test]
fn many_levels_are_let_go() {
    on_a_small_stack(|| drop(nested(200_000)));
}

#[test]
fn what_is_too_deep_does_not_print_or_compare() {
    on_a_small_stack(|| {
        let (left, right) = (nested(100_000), nested(100_000));
        assert_eq!(left.to_json(BYTES_MAX), Err(WriteError::Depth));
        assert_eq!(left.to_java(BYTES_MAX), Err(WriteError::Depth));
        assert_eq!(left.same(&right), None);
        assert!(format!("{left:?}").contains("deeper"));
    });
}

#[test]
fn what_is_deep_enough_prints_and_compares() {
    on_a_small_stack(|| {
        let text = format!("{}{}", "{\"a\":[".repeat(500), "]}".repeat(500));
        let (left, right) = (
            Value::parse_json(&text).unwrap(),
            Value::parse_lenient(&text).unwrap(),
        );
        assert_eq!(left.to_json(BYTES_MAX).unwrap(), text);
        assert_eq!(left.same(&right), Some(true));
        assert!(left.to_java(BYTES_MAX).is_ok());
        let found = Path::parse("$..a").unwrap().read(&left).unwrap().unwrap();
        let Value::List(found) = found else {
            panic!("a list")
        };
        assert_eq!(found.borrow().len(), 500);
    });
}

#[test]
fn long_paths_stay_on_the_stack() {
    on_a_small_stack(|| {
        let text = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        let document = Value::parse_json(&text).unwrap();
        let path = Path::parse(&format!("${}", "[*]".repeat(250))).unwrap();
        assert!(path.read(&document).unwrap().is_some());
        let map = Value::parse_json("{\"a\":{}}").unwrap();
        let path = Path::parse(&format!("$.a{}", "[?(!@.b)]".repeat(120))).unwrap();
        assert!(path.read(&map).unwrap().is_some());
        assert!(Path::parse(&format!("${}", "[*]".repeat(1000))).is_err());
        for (open, close) in [
            ("[?(@", ")]"),
            ("[?((", "))]"),
            (".sum($", ")"),
            ("[?(!", ")]"),
        ] {
            let nested = format!("${}{}", open.repeat(10_000), close.repeat(10_000));
            assert!(Path::parse(&nested).is_err(), "{open}");
        }
        assert!(Path::parse(&format!("$[?({}@.a)]", "!".repeat(10_000))).is_err());
        assert!(
            Path::parse(&format!(
                "$[?({}@.a{})]",
                "(".repeat(10_000),
                ")".repeat(10_000)
            ))
            .is_err()
        );
        // The deepest that parses.
        let levels = 15;
        let nested = format!("$.a{}{}", "[?(@".repeat(levels), ")]".repeat(levels));
        assert!(Path::parse(&nested).unwrap().read(&map).unwrap().is_some());
    });
}

#[test]
fn a_value_that_holds_itself_neither_prints_nor_compares_for_ever() {
    let map = Map::default();
    map.borrow_mut().insert("self", Value::Map(map.clone()));
    let value = Value::Map(map.clone());
    assert_eq!(value.to_java(BYTES_MAX).unwrap(), "{self=(this Map)}");
    assert_eq!(value.to_json(BYTES_MAX), Err(WriteError::Depth));
    assert_eq!(value.same(&Value::Map(map.clone())), Some(true));
    let other = Map::default();
    other.borrow_mut().insert("self", Value::Map(other.clone()));
    assert_eq!(value.same(&Value::Map(other.clone())), None);
    assert!(matches!(
        Path::parse("$..nothing")
            .unwrap()
            .read_within(&value, &mut { STEPS_MAX }),
        Err(ReadError::Steps)
    ));
    map.borrow_mut().clear();
    other.borrow_mut().clear();

    let list = List::from_iter([Value::Null]);
    list.borrow_mut().push(Value::List(list.clone()));
    assert_eq!(
        Value::List(list.clone()).to_java(BYTES_MAX).unwrap(),
        "[null, (this Collection)]"
    );
    list.borrow_mut().clear();
}

#[test]
fn much_out_of_little_ends() {
    // Forty levels that each hold the one below twice: a million million values for whoever counts them.
    let twice = |inner: Value| Value::List(List::from_iter([inner.clone(), inner]));
    let left = (0..40).fold(Value::from("x"), |inner, _| twice(inner));
    let right = (0..40).fold(Value::from("x"), |inner, _| twice(inner));
    assert_eq!(left.to_json(BYTES_MAX), Err(WriteError::Length(BYTES_MAX)));
    assert_eq!(left.same(&right), None);
    assert!(matches!(
        Path::parse("$..*")
            .unwrap()
            .read_within(&left, &mut { STEPS_MAX }),
        Err(ReadError::Steps)
    ));
}

#[test]
fn a_costly_path_ends() {
    let text = format!("[{}1]", "{\"a\":[1,2,3],\"b\":\"x\"},".repeat(300));
    let document = Value::parse_json(&text).unwrap();
    for path in [
        "$[?(@..* contains $..*)]",
        "$..[?(@.a == $..a)]..*",
        "$..[?($..* anyof $..*)]",
    ] {
        assert!(
            matches!(
                Path::parse(path)
                    .unwrap()
                    .read_within(&document, &mut { STEPS_MAX }),
                Ok(_) | Err(ReadError::Steps)
            ),
            "{path}"
        );
    }
}
