//! What a template refers to, without rendering it: every reference with its place, its parts and how it stands in the text, in the order
//! of the text. Branches that no rendering takes are included.

use crate::ast::{Block, Expression, PartKind, Reference, Root, Statement};
use crate::error::Position;
use crate::template::Template;

/// One reference of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where it stands in the template's text. Within a text in double quotes it is the place of that text.
    pub position: Position,
    /// The variable's name.
    pub variable: String,
    /// What follows the variable.
    pub parts: Vec<MentionPart>,
    /// How it is used.
    pub role: Role,
}

/// One part of a reference behind its variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MentionPart {
    /// `.name`
    Property(String),
    /// `.name(…)`, with the first argument where that is a plain text.
    Method {
        /// The method's name.
        name: String,
        /// The first argument, if it is a text without references.
        text: Option<String>,
        /// How many arguments there are.
        count: usize,
    },
    /// `[…]`
    Index,
}

/// How a reference is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// It prints, and stands within quotation marks of the text around it if `quoted`.
    Printed {
        /// Whether the text before it on its line has an open `"`.
        quoted: bool,
    },
    /// It is an operand, an argument or an item.
    Read,
    /// `#set($variable = reference)`: all that the variable gets.
    Named(String),
    /// `#foreach($variable in reference)`
    Iterated(String),
    /// It is what `#set` writes to.
    Written,
}

impl Template {
    /// Every reference of the template.
    pub fn mentions(&self) -> Vec<Mention> {
        let tree = self.tree();
        let names = tree.names.iter().map(|name| String::from(&**name));
        let mut walk = Walk {
            text: self.text(),
            names: names.collect(),
            found: Vec::new(),
            within: None,
            quotes: 0,
        };
        walk.block(&tree.body);
        walk.found
    }

    /// The variables that the template itself gives values: by `#set`, `#foreach` and `#define`.
    pub fn variables_set(&self) -> Vec<String> {
        let tree = self.tree();
        let mut slots = Vec::new();
        gather(&tree.body, &mut slots);
        let all = tree.names.iter().enumerate();
        all.filter(|(slot, _)| slots.contains(slot))
            .map(|(_, name)| String::from(&**name))
            .collect()
    }
}

fn gather(block: &Block, slots: &mut Vec<usize>) {
    for statement in block {
        match statement {
            Statement::Set(set) => {
                if let (Root::Variable(slot), true) =
                    (&set.target.root, set.target.parts.is_empty())
                {
                    slots.push(*slot);
                }
            }
            Statement::Foreach(each) => {
                slots.push(each.variable);
                gather(&each.body, slots);
            }
            Statement::Define(define) => {
                slots.push(define.variable);
                gather(&define.body, slots);
            }
            Statement::If(choice) => {
                for (_, block) in &choice.branches {
                    gather(block, slots);
                }
                if let Some(block) = &choice.otherwise {
                    gather(block, slots);
                }
            }
            Statement::Text(_) | Statement::Print(_) | Statement::Break(_) | Statement::Stop => {}
        }
    }
}

struct Walk<'t> {
    text: &'t str,
    /// By slot.
    names: Vec<String>,
    found: Vec<Mention>,
    /// The place of the text in quotes that is walked through: places within it are its own.
    within: Option<usize>,
    /// Quotation marks printed since the line began.
    quotes: usize,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block) {
        for statement in block {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Text(text) => self.printed(text),
            Statement::Print(print) => {
                self.printed(&print.prefix);
                let quoted = self.quotes % 2 == 1;
                if !print.escaped {
                    self.reference(&print.reference, Role::Printed { quoted });
                }
            }
            Statement::Set(set) => {
                match (&set.value, &set.target.root) {
                    (Expression::Reference(value), Root::Variable(slot))
                        if set.target.parts.is_empty() =>
                    {
                        let name = self.names[*slot].clone();
                        self.reference(value, Role::Named(name));
                    }
                    (value, _) => self.expression(value),
                }
                self.reference(&set.target, Role::Written);
            }
            Statement::If(choice) => {
                let before = self.quotes;
                for (condition, block) in &choice.branches {
                    self.expression(condition);
                    self.quotes = before;
                    self.block(block);
                }
                if let Some(block) = &choice.otherwise {
                    self.quotes = before;
                    self.block(block);
                }
            }
            Statement::Foreach(each) => {
                let name = self.names[each.variable].clone();
                match &each.items {
                    Expression::Reference(items) => self.reference(items, Role::Iterated(name)),
                    items => self.expression(items),
                }
                self.block(&each.body);
            }
            Statement::Define(define) => self.block(&define.body),
            Statement::Break(Some(which)) => self.expression(which),
            Statement::Break(None) | Statement::Stop => {}
        }
    }

    /// Counts the marks of the line that the text ends in; one behind a backslash ends no text.
    fn printed(&mut self, text: &str) {
        let line = match text.rsplit_once('\n') {
            Some((_, line)) => {
                self.quotes = 0;
                line
            }
            None => text,
        };
        self.quotes += line.matches('"').count() - line.matches("\\\"").count();
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Reference(reference) => self.reference(reference, Role::Read),
            Expression::Interpolated(text) => {
                let (within, quotes) = (self.within, self.quotes);
                self.within = Some(within.unwrap_or(text.at));
                self.block(&text.body);
                (self.within, self.quotes) = (within, quotes);
            }
            Expression::List(items) => items.iter().for_each(|item| self.expression(item)),
            Expression::Map(entries) => {
                for (key, value) in entries {
                    self.expression(key);
                    self.expression(value);
                }
            }
            Expression::Range(ends) => {
                self.expression(&ends.0);
                self.expression(&ends.1);
            }
            Expression::Not(operand) => self.expression(operand),
            Expression::Binary(binary) => {
                self.expression(&binary.left);
                self.expression(&binary.right);
            }
            Expression::Text(_) | Expression::Number(_) | Expression::Bool(_) => {}
        }
    }

    fn reference(&mut self, reference: &Reference, role: Role) {
        let at = self.within.unwrap_or(reference.at);
        if let Root::Variable(slot) = reference.root {
            let parts = reference.parts.iter();
            self.found.push(Mention {
                position: Position::of(self.text, at),
                variable: self.names[slot].clone(),
                parts: parts.map(|part| mentioned(&part.kind)).collect(),
                role,
            });
        }
        for part in &reference.parts {
            match &part.kind {
                PartKind::Method(_, arguments) => {
                    arguments.iter().for_each(|it| self.expression(it))
                }
                PartKind::Index(index) => self.expression(index),
                PartKind::Property(_) => {}
            }
        }
    }
}

fn mentioned(part: &PartKind) -> MentionPart {
    match part {
        PartKind::Property(name) => MentionPart::Property(name.to_string()),
        PartKind::Index(_) => MentionPart::Index,
        PartKind::Method(name, arguments) => MentionPart::Method {
            name: name.to_string(),
            text: arguments.first().and_then(plain),
            count: arguments.len(),
        },
    }
}

/// The text of an argument that is the same at each rendering. One in double quotes, as `"$.name"`, may look like a reference and be none.
fn plain(argument: &Expression) -> Option<String> {
    match argument {
        Expression::Text(literal) => Some(literal.text.to_string()),
        Expression::Interpolated(quoted) => {
            let parts = quoted.body.iter().map(|statement| match statement {
                Statement::Text(text) => Some(&**text),
                _ => None,
            });
            let mut text: String = parts.collect::<Option<Vec<&str>>>()?.concat();
            if quoted.padded {
                text.pop();
            }
            Some(text)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each mention as `line:column variable parts role`.
    fn told(text: &str) -> Vec<String> {
        let template = Template::parse(text).expect("a template");
        let told = template.mentions().into_iter().map(|it| {
            let parts: String = it.parts.iter().map(part).collect();
            let role = match it.role {
                Role::Printed { quoted: true } => "quoted".to_owned(),
                Role::Printed { quoted: false } => "bare".to_owned(),
                Role::Read => "read".to_owned(),
                Role::Named(name) => format!("as {name}"),
                Role::Iterated(name) => format!("each {name}"),
                Role::Written => "written".to_owned(),
            };
            let Position { line, column } = it.position;
            format!("{line}:{column} {}{parts} {role}", it.variable)
        });
        told.collect()
    }

    fn part(part: &MentionPart) -> String {
        match part {
            MentionPart::Property(name) => format!(".{name}"),
            MentionPart::Index => "[]".to_owned(),
            MentionPart::Method { name, text, count } => match text {
                Some(text) => format!(".{name}({text})/{count}"),
                None => format!(".{name}()/{count}"),
            },
        }
    }

    #[test]
    fn every_reference_is_told_with_its_place_and_role() {
        for (text, expected) in [
            (
                "{\"a\": \"$x.b\", \"c\": $x.d}",
                &["1:8 x.b quoted", "1:20 x.d bare"][..],
            ),
            (
                "#set($p = $input.path('$.a'))\n$p.q",
                &[
                    "1:11 input.path($.a)/1 as p",
                    "1:6 p written",
                    "2:1 p.q bare",
                ],
            ),
            (
                "#foreach($i in $p.list)$i.n#end",
                &["1:16 p.list each i", "1:24 i.n bare"],
            ),
            (
                "#if($a && !$b)$c#else$d#end",
                &["1:5 a read", "1:12 b read", "1:15 c bare", "1:22 d bare"],
            ),
            (
                "#set($t = \"$a/$b\")$input.params($t)",
                &[
                    "1:11 a bare",
                    "1:11 b bare",
                    "1:6 t written",
                    "1:19 input.params()/1 bare",
                    "1:33 t read",
                ],
            ),
            ("$a[0].b", &["1:1 a[].b bare"]),
            ("$input.path(\"$.a\")", &["1:1 input.path($.a)/1 bare"]),
            (
                "$input.path(\"$b\")",
                &["1:1 input.path()/1 bare", "1:13 b bare"],
            ),
            ("\\$escaped", &[]),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn variables_that_get_values_are_told() {
        let template = Template::parse(
            "#set($a = 1)#foreach($b in [1])#if($b)#set($c = $d)#end#end#define($e)x#end#set($f.g = 1)",
        )
        .expect("a template");
        let mut set = template.variables_set();
        set.sort();
        assert_eq!(set, ["a", "b", "c", "e"]);
    }
}
