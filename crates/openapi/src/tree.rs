//! Bytes to a tree of values: JSON by serde_json, YAML by serde-saphyr, both through one visitor that keeps the order
//! of members, takes YAML's integer keys (status codes) as text, refuses a member given twice (AWS keeps the last one
//! and drops the other in silence), puts AWS's variables in place, and spends a budget, so that a document of a few
//! hundred bytes cannot grow to gigabytes through aliases.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html>

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{DOCUMENT_BYTES_MAX, Unreadable};
use crate::options::Variables;

/// Nesting of objects and lists; serde_json's own bound, used for YAML too.
const DEPTH_MAX: usize = 128;
/// Values in one document, those repeated by aliases included.
const NODES_MAX: usize = 500_000;
/// The stack for reading YAML. Only what is used of it is ever in memory.
const YAML_STACK_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of text in one document, those repeated by aliases included.
const TEXT_BYTES_MAX: usize = 4 * DOCUMENT_BYTES_MAX;

/// Reads a document. JSON is recognised by its first character: YAML would take it too, but with less exact positions.
pub(crate) fn read(bytes: &[u8], variables: &Variables) -> Result<Value, Unreadable> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Unreadable::new(format!(
            "larger than {DOCUMENT_BYTES_MAX} bytes"
        )));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, &error))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        read_json(text, variables)
    } else {
        read_yaml(text, variables)
    }
}

fn read_json(text: &str, variables: &Variables) -> Result<Value, Unreadable> {
    let budget = Budget::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Tree::new(&budget, variables).deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| Unreadable {
        pointer: None,
        position: (error.line() > 0).then_some((error.line() as u64, error.column() as u64)),
        reason: without_position(&error.to_string()),
    })
}

/// The YAML reader needs up to 32 KiB of stack for each level in a debug build, more than a caller may have left at
/// [`DEPTH_MAX`]: it gets a thread with a stack of its own.
fn read_yaml(text: &str, variables: &Variables) -> Result<Value, Unreadable> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(YAML_STACK_BYTES);
        let read = || read_yaml_here(text, variables);
        let read = thread
            .spawn_scoped(scope, read)
            .map_err(|error| Unreadable::new(error.to_string()))?;
        read.join()
            .unwrap_or_else(|_| Err(Unreadable::new("the YAML reader gave up")))
    })
}

fn read_yaml_here(text: &str, variables: &Variables) -> Result<Value, Unreadable> {
    let budget = Budget::new();
    let seed = Tree::new(&budget, variables);
    let value =
        serde_saphyr::with_deserializer_from_str_with_options(text, yaml_options(), |reader| {
            seed.deserialize(reader)
        });
    value.map_err(|error| {
        let location = error.location().filter(|location| location.line() > 0);
        Unreadable {
            pointer: None,
            position: location.map(|location| (location.line(), location.column())),
            reason: without_position(&error.without_snippet().to_string()),
        }
    })
}

/// Both readers end their texts with the position, which has its own place here.
fn without_position(text: &str) -> String {
    let reason = text
        .rsplit_once(" at line ")
        .map_or(text, |(reason, _)| reason);
    reason.to_owned()
}

fn yaml_options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            flow_nesting_limit: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            max_aliases: 10_000,
            max_anchors: 10_000,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: NODES_MAX,
            max_replay_stack_depth: 32,
        },
        with_snippet: false,
        // `yes`, `y` and `on` are texts here. AWS may take them for booleans; where one is expected, that is a problem
        // with a pointer, and no list of values changes in silence.
        strict_booleans: true,
        null_as_string: true,
        // A number that JSON cannot hold can only be text.
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
    }
}

fn not_utf8(bytes: &[u8], error: &std::str::Utf8Error) -> Unreadable {
    let before = &bytes[..error.valid_up_to()];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
    let line_start = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let column = (before.len() - line_start) as u64 + 1;
    Unreadable {
        reason: "not UTF-8".to_owned(),
        pointer: None,
        position: Some((line, column)),
    }
}

/// What is left to spend on one document.
struct Budget {
    nodes: Cell<usize>,
    text_bytes: Cell<usize>,
}

impl Budget {
    fn new() -> Self {
        Self {
            nodes: Cell::new(NODES_MAX),
            text_bytes: Cell::new(TEXT_BYTES_MAX),
        }
    }

    fn spend<E: de::Error>(&self, text_bytes: usize) -> Result<(), E> {
        let (nodes, bytes) = (self.nodes.get(), self.text_bytes.get());
        match (nodes.checked_sub(1), bytes.checked_sub(text_bytes)) {
            (Some(nodes), Some(bytes)) => {
                self.nodes.set(nodes);
                self.text_bytes.set(bytes);
                Ok(())
            }
            (None, _) => Err(E::custom(format!(
                "more than {NODES_MAX} values once aliases are expanded"
            ))),
            (_, None) => Err(E::custom(format!(
                "more than {TEXT_BYTES_MAX} bytes of text once aliases are expanded"
            ))),
        }
    }
}

/// Reads one value and everything under it.
#[derive(Clone, Copy)]
struct Tree<'a> {
    budget: &'a Budget,
    variables: &'a Variables,
    depth: usize,
}

impl<'a> Tree<'a> {
    fn new(budget: &'a Budget, variables: &'a Variables) -> Self {
        Self {
            budget,
            variables,
            depth: 0,
        }
    }

    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(E::custom(format!("nested deeper than {DEPTH_MAX}")));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn scalar<E: de::Error>(self, value: impl Into<Value>) -> Result<Value, E> {
        self.budget.spend(0)?;
        Ok(value.into())
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        self.scalar(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        self.scalar(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        self.scalar(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value) {
            Some(number) => self.scalar(number),
            None => self.visit_str(&value.to_string()),
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        let value = self.variables.resolve(value);
        self.budget.spend(value.len())?;
        Ok(Value::String(value.into_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        self.scalar(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.deserialize(reader)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.budget.spend(0)?;
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.budget.spend(0)?;
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key_seed(Key)? {
            self.budget.spend(name.len())?;
            if object.contains_key(&name) {
                return Err(de::Error::custom(format!(
                    "member \"{}\" is given twice",
                    name.escape_debug()
                )));
            }
            let value = members.next_value_seed(inner)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// Reads the name of a member as it is written, whatever YAML would take it for: `200:` is a status, `y:` and `no:` are
/// names.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<String, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = String;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name of a member")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<String, E> {
        Ok(name.to_owned())
    }
}
