//! What this crate and `jsonpath` answer to cases, one JSON object a line: `cargo run -p tollgate-vtl --example answers -- templates`
//! or `-- paths`; with `-- pace` how long a rendering takes. The differential checks (`tests/differential`) and a part of the benches
//! hold it against Velocity and Jayway's library.

use std::borrow::Cow;
use std::io::{BufRead, Write};
use std::time::Instant;

use serde_json::{Value, json};
use tollgate_jsonpath::Path;
use tollgate_vtl::{Limits, Overrides, Place, Scope, Template};

/// As the program has it, so that paces are the program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A request as the case has it: `body`, and under `known` the parts by their names.
struct World(Value);

impl World {
    fn text(&self, part: &str, name: &str) -> Option<Cow<'_, str>> {
        self.0["known"]
            .get(part)?
            .get(name)?
            .as_str()
            .map(Cow::Borrowed)
    }

    fn texts(&self, part: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        let part = self.0["known"].get(part).and_then(Value::as_object);
        let text = |value| Value::as_str(value).unwrap_or_default();
        part.into_iter()
            .flatten()
            .map(|(name, value)| (Cow::Borrowed(&**name), Cow::Borrowed(text(value))))
            .collect()
    }
}

impl Scope for World {
    fn body(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0["body"].as_str().unwrap_or_default())
    }

    fn parameter(&self, place: Place, name: &str) -> Option<Cow<'_, str>> {
        self.text(place.name(), name)
    }

    fn parameters(&self, place: Place) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        self.texts(place.name())
    }

    fn context(&self, path: &str) -> Option<Cow<'_, str>> {
        self.text("context", path)
    }

    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>> {
        self.text("stageVariables", name)
    }

    fn stage_variables(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        self.texts("stageVariables")
    }
}

fn rendered(case: Value) -> Value {
    let world = World(case);
    let text = world.0["template"].as_str().unwrap_or_default();
    let rendered = Template::parse(text)
        .and_then(|template| template.render(&world, &mut Overrides::default(), &Limits::AWS));
    match rendered {
        Ok(output) => json!({"output": output}),
        Err(error) => json!({"error": error.to_string()}),
    }
}

/// Nanoseconds of a rendering, over as many as the case says; the template is parsed before, the body each time.
fn pace(case: Value) -> Value {
    let world = World(case);
    let text = world.0["template"].as_str().unwrap_or_default();
    let rounds = world.0["rounds"].as_u64().unwrap_or(1);
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(error) => return json!({"error": error.to_string()}),
    };
    let start = Instant::now();
    for _ in 0..rounds {
        let mut overrides = Overrides::default();
        if let Err(error) = template.render(&world, &mut overrides, &Limits::AWS) {
            return json!({"error": error.to_string()});
        }
    }
    let nanoseconds = start.elapsed().as_nanos() as f64 / rounds as f64;
    json!({"output": nanoseconds.to_string()})
}

fn found(case: Value) -> Value {
    let text = |name: &str| case[name].as_str().unwrap_or_default();
    let document = match tollgate_jsonpath::Value::parse_json(text("document")) {
        Ok(document) => document,
        Err(error) => return json!({"error": error.to_string()}),
    };
    let path = match Path::parse(text("path")) {
        Ok(path) => path,
        Err(error) => return json!({"output": format!("invalid {error}")}),
    };
    match path.read(&document) {
        Ok(None) => json!({"output": "nothing"}),
        Ok(Some(value)) => match value.to_json(1 << 20) {
            Ok(json) => json!({"output": json}),
            Err(error) => json!({"error": error.to_string()}),
        },
        Err(error) => json!({"error": error.to_string()}),
    }
}

fn main() -> std::io::Result<()> {
    let answer = match std::env::args().nth(1).as_deref() {
        Some("templates") => rendered,
        Some("paths") => found,
        Some("pace") => pace,
        _ => return Err(std::io::Error::other("say `templates`, `paths` or `pace`")),
    };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case = serde_json::from_str(&line?)?;
        writeln!(out, "{}", answer(case))?;
        out.flush()?;
    }
    Ok(())
}
