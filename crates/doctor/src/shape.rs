//! The body that a template expects, read off what it asks for: `$input.path('$.pets')` in a loop means a list. Where no model says what
//! a body is, requests and answers of this form are tried.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use tollgate_vtl::{Mention, MentionPart, Role, Template};

/// Members within each other that are followed.
const DEPTH_MAX: usize = 16;

/// What a template wants to find in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    members: BTreeMap<String, Shape>,
    /// What each item of a list is.
    items: Option<Box<Shape>>,
    /// Whether text methods are called on it.
    is_text: bool,
}

/// One step into a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A member of an object.
    Member(String),
    /// Any item of a list.
    Item,
}

/// A place in the body that a template reads.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) steps: Vec<Step>,
    pub(crate) at: tollgate_vtl::Position,
    is_list: bool,
    is_text: bool,
}

impl Shape {
    /// What the template reads.
    pub(crate) fn of(template: &Template) -> Self {
        let mut shape = Self::default();
        for read in reads(template) {
            shape.take(&read);
        }
        shape
    }

    fn take(&mut self, read: &Read) {
        let mut place = self;
        for step in &read.steps {
            place = match step {
                Step::Member(name) => place.members.entry(name.clone()).or_default(),
                Step::Item => place.items.get_or_insert_default(),
            };
        }
        place.is_text |= read.is_text;
        if read.is_list {
            place.items.get_or_insert_default();
        }
    }

    /// Whether nothing of a body is read.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A body of this form, with this value wherever a single one is read.
    pub(crate) fn body(&self, leaf: &Value) -> Value {
        if !self.members.is_empty() {
            let members = self.members.iter();
            let members = members.map(|(name, shape)| (name.clone(), shape.body(leaf)));
            return Value::Object(members.collect::<Map<_, _>>());
        }
        match (&self.items, self.is_text) {
            (Some(items), _) => json!([items.body(leaf)]),
            (None, true) => json!("text"),
            (None, false) => leaf.clone(),
        }
    }
}

/// Every place of the body that a template reads, so far as its text tells.
pub(crate) fn reads(template: &Template) -> Vec<Read> {
    let mut aliases: HashMap<String, Vec<Step>> = HashMap::new();
    // `#set` tells what is read before it tells what is written.
    let mut named: Option<String> = None;
    let mut reads = Vec::new();
    for mention in template.mentions() {
        if mention.role == Role::Written {
            if named.take().as_ref() != Some(&mention.variable) {
                aliases.remove(&mention.variable);
            }
            continue;
        }
        let Some(read) = read(&mention, &aliases) else {
            continue;
        };
        match &mention.role {
            Role::Named(name) => {
                aliases.insert(name.clone(), read.steps.clone());
                named = Some(name.clone());
            }
            Role::Iterated(name) => {
                let mut item = read.steps.clone();
                item.push(Step::Item);
                aliases.insert(name.clone(), item);
            }
            Role::Written | Role::Printed { .. } | Role::Read => {}
        }
        if read.steps.len() <= DEPTH_MAX {
            reads.push(read);
        }
    }
    reads
}

fn read(mention: &Mention, aliases: &HashMap<String, Vec<Step>>) -> Option<Read> {
    let (mut steps, rest) = match mention.variable.as_str() {
        "input" => of_input(&mention.parts)?,
        name => (aliases.get(name)?.clone(), &mention.parts[..]),
    };
    let (mut is_list, mut is_text) = (matches!(mention.role, Role::Iterated(_)), false);
    for part in rest {
        match part {
            MentionPart::Property(name) => steps.push(Step::Member(name.clone())),
            MentionPart::Index => steps.push(Step::Item),
            MentionPart::Method {
                name,
                text: Some(text),
                ..
            } if name == "get" || name == "containsKey" => steps.push(Step::Member(text.clone())),
            MentionPart::Method { name, .. } if name == "get" => steps.push(Step::Item),
            MentionPart::Method { name, .. } => {
                is_list |= matches!(name.as_str(), "size" | "iterator");
                is_text |= is_of_texts(name);
                // What methods give has a form of its own.
                if matches!(mention.role, Role::Iterated(_) | Role::Named(_)) {
                    return None;
                }
                break;
            }
        }
    }
    Some(Read {
        steps,
        at: mention.position,
        is_list,
        is_text,
    })
}

fn is_of_texts(method: &str) -> bool {
    const OF_TEXTS: [&str; 16] = [
        "length",
        "substring",
        "split",
        "replace",
        "replaceAll",
        "replaceFirst",
        "toLowerCase",
        "toUpperCase",
        "trim",
        "startsWith",
        "endsWith",
        "matches",
        "indexOf",
        "charAt",
        "concat",
        "equalsIgnoreCase",
    ];
    OF_TEXTS.contains(&method)
}

/// The path of `$input.path('…')` or `$input.json('…')`, as far as it is a plain one, and the parts behind it.
fn of_input(parts: &[MentionPart]) -> Option<(Vec<Step>, &[MentionPart])> {
    let (first, rest) = parts.split_first()?;
    match first {
        MentionPart::Method {
            name,
            text: Some(path),
            count: 1,
        } if name == "path" || name == "json" => Some((steps(path)?, rest)),
        _ => None,
    }
}

/// `$.a['b'][0]` as steps; nothing for what filters, slices or searches.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("['") {
            let (name, after) = after.split_once("']")?;
            steps.push(Step::Member(name.to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            let is_index = index == "*" || index.bytes().all(|byte| byte.is_ascii_digit());
            is_index.then(|| steps.push(Step::Item))?;
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_plain) {
                return None;
            }
            steps.push(Step::Member(name.to_owned()));
            rest = &after[end..];
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_form_that_templates_ask_for() {
        for (text, expected) in [
            ("$context.stage", "1"),
            ("$input.json('$.a.b')", r#"{"a":{"b":1}}"#),
            (
                "#set($in = $input.path('$'))#foreach($pet in $in.pets)$pet.name $pet.tags.size()#end",
                r#"{"pets":[{"name":1,"tags":[1]}]}"#,
            ),
            (
                "#set($a = $input.path('$.list[0]'))$a.get('x').trim()",
                r#"{"list":[{"x":"text"}]}"#,
            ),
            ("$input.path('$..deep')", "1"),
            (
                "#foreach($key in $input.path('$.map').keySet())$key#end",
                "1",
            ),
        ] {
            let template = Template::parse(text).expect("a template");
            assert_eq!(
                Shape::of(&template).body(&json!(1)).to_string(),
                expected,
                "{text}"
            );
        }
    }
}
