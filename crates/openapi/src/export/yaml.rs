//! A document as YAML: block style, two blanks a level, texts in double quotes, which YAML reads as JSON does.
//! <https://yaml.org/spec/1.2.2/#73-flow-scalar-styles>

use std::fmt::Write as _;

use serde_json::Value;

/// Writes a document.
pub fn to_yaml(document: &Value) -> String {
    let mut out = "---\n".to_owned();
    write_value(document, 0, &mut out);
    out
}

/// Writes a value that starts on a line of its own.
fn write_value(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                indent(depth, out);
                write_member(name, member, depth, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                indent(depth, out);
                write_item(item, depth, out);
            }
        }
        scalar => {
            indent(depth, out);
            write_scalar(scalar, out);
        }
    }
}

fn write_member(name: &str, member: &Value, depth: usize, out: &mut String) {
    out.push_str(&key(name));
    out.push(':');
    match is_block(member) {
        true => {
            out.push('\n');
            // Items of a list stand at the column of its name, as Jackson writes them.
            let depth = if member.is_array() { depth } else { depth + 1 };
            write_value(member, depth, out);
        }
        false => {
            out.push(' ');
            write_scalar(member, out);
        }
    }
}

/// An object starts on the line of its dash.
fn write_item(item: &Value, depth: usize, out: &mut String) {
    match item {
        Value::Object(members) if !members.is_empty() => {
            for (at, (name, member)) in members.iter().enumerate() {
                match at {
                    0 => out.push_str("- "),
                    _ => indent(depth + 1, out),
                }
                write_member(name, member, depth + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            out.push_str("-\n");
            write_value(item, depth + 1, out);
        }
        scalar => {
            out.push_str("- ");
            write_scalar(scalar, out);
        }
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn write_scalar(value: &Value, out: &mut String) {
    out.push_str(&quoted(value));
    out.push('\n');
}

/// As JSON, with what YAML takes for line breaks or refuses as unprintable escaped too.
fn quoted(value: &Value) -> String {
    let mut out = String::new();
    for character in value.to_string().chars() {
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                write!(out, "\\u{:04x}", u32::from(character)).expect("a String takes every write");
            }
            other => out.push(other),
        }
    }
    out
}

fn indent(depth: usize, out: &mut String) {
    write!(out, "{:1$}", "", 2 * depth).expect("a String takes every write");
}

/// A name that is nothing but a word needs no quotes; words that YAML takes for something else do, and numbers.
fn key(name: &str) -> String {
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "-_./".contains(it));
    const TAKEN: [&str; 9] = ["null", "y", "n", "yes", "no", "on", "off", "true", "false"];
    let is_taken = TAKEN.contains(&name.to_ascii_lowercase().as_str());
    match is_word && !is_taken {
        true => name.to_owned(),
        false => quoted(&Value::from(name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_in_block_style() {
        let document = json!({
            "openapi": "3.0.1",
            "no": false,
            "200": {"empty": {}, "none": [], "nothing": null},
            "list": ["a\n\u{85}b", {"first": 1, "then": [[2, {}], {"x-y": "z"}]}],
            "/pets/{id}": {"get": {}}
        });
        let expected = concat!(
            "---\n",
            "openapi: \"3.0.1\"\n",
            "\"no\": false\n",
            "\"200\":\n",
            "  empty: {}\n",
            "  none: []\n",
            "  nothing: null\n",
            "list:\n",
            "- \"a\\n\\u0085b\"\n",
            "- first: 1\n",
            "  then:\n",
            "  -\n",
            "    - 2\n",
            "    - {}\n",
            "  - x-y: \"z\"\n",
            "\"/pets/{id}\":\n",
            "  get: {}\n",
        );
        assert_eq!(to_yaml(&document), expected);
    }
}
