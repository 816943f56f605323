//! How long rendering takes: `cargo run --release -p tollgate-vtl --example speed`.

use std::borrow::Cow;
use std::hint::black_box;
use std::time::{Duration, Instant};

use tollgate_vtl::{Limits, Overrides, Place, Scope, Template};

/// A request in memory.
struct Request {
    body: String,
}

impl Scope for Request {
    fn body(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.body)
    }

    fn parameter(&self, place: Place, name: &str) -> Option<Cow<'_, str>> {
        match (place, name) {
            (Place::Path, "petId") => Some(Cow::Borrowed("17")),
            (Place::Query, "type") => Some(Cow::Borrowed("dog")),
            (Place::Query, "page") => Some(Cow::Borrowed("2")),
            _ => None,
        }
    }

    fn parameters(&self, _: Place) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        Vec::new()
    }

    fn context(&self, path: &str) -> Option<Cow<'_, str>> {
        match path {
            "requestId" => Some(Cow::Borrowed("c6af9ac6-7b61-11e6-9a41-93e8deadbeef")),
            "stage" => Some(Cow::Borrowed("dev")),
            "identity.sourceIp" => Some(Cow::Borrowed("127.0.0.1")),
            _ => None,
        }
    }

    fn stage_variable(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }

    fn stage_variables(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        Vec::new()
    }
}

const TO_BACKEND: &str = r##"#set($inputRoot = $input.path('$'))
{
  "petId": "$input.params('petId')",
  "kind": "$input.params('type')",
  "page": $input.params('page'),
  "requestId": "$context.requestId",
  "caller": { "stage": "$context.stage", "ip": "$context.identity.sourceIp" },
  "name": "$util.escapeJavaScript($inputRoot.name)",
  "price": $inputRoot.price,
  "expensive": #if($inputRoot.price > 100)true#{else}false#end,
  "tags": [
#foreach($tag in $inputRoot.tags)
    "$tag"#if($foreach.hasNext),#end

#end
  ]
}
"##;

const TO_CLIENT: &str = r##"#set($inputRoot = $input.path('$'))
{
  "pets": [
#foreach($elem in $inputRoot)
    {
      "description" : "Item $elem.id is a $elem.type.",
      "askingPrice" : $elem.price
    }#if($foreach.hasNext),#end

#end
  ]
}
"##;

fn measure(name: &str, text: &str, body: &str) {
    let template = Template::parse(text).expect("the templates of this example parse");
    let request = Request {
        body: body.to_owned(),
    };
    let mut rendered = 0;
    let render = || {
        let mut overrides = Overrides::default();
        template
            .render(black_box(&request), &mut overrides, &Limits::AWS)
            .expect("they render")
    };
    let took = per_round(|| rendered = black_box(render()).len());
    let parsing = per_round(|| {
        black_box(Template::parse(black_box(text)).is_ok());
    });
    report(&format!(
        "{name:<12} template {:>5} B, body {:>5} B, output {rendered:>5} B: {took:>10.2?} to render, {parsing:>10.2?} to parse",
        text.len(),
        body.len()
    ));
}

/// The quickest of many short runs, by round: on a busy machine longer ones are always disturbed.
fn per_round(mut work: impl FnMut()) -> Duration {
    const ROUNDS: u32 = 200;
    let mut run = || {
        let start = Instant::now();
        (0..ROUNDS).for_each(|_| work());
        start.elapsed() / ROUNDS
    };
    (0..400).map(|_| run()).min().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "this is a program")]
fn report(line: &str) {
    println!("{line}");
}

fn main() {
    let pet = r#"{"name": "Rex \"the dog\"", "price": 249.99, "tags": ["big", "brown", "loud"]}"#;
    let pets: Vec<String> = (1..=10)
        .map(|id| format!(r#"{{"id": {id}, "type": "dog", "price": {id}49.99}}"#))
        .collect();
    measure(
        "text",
        &"{\"statusCode\": 200, \"message\": \"all is well\"}".repeat(23),
        "",
    );
    measure("mock", "{\"statusCode\": 200}", "");
    measure("passthrough", "$input.json('$')", pet);
    measure("to backend", TO_BACKEND, pet);
    measure("to client", TO_CLIENT, &format!("[{}]", pets.join(",")));
}
