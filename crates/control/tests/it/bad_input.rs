//! Bad requests of every operation that is served, made from the service's model: members that are missing, null, of
//! another type, too long, none of a set; ids that nothing has; states in which nothing is left. Every answer is AWS's, or
//! a good one; none is a 5xx, and none is long in coming.
//!
//! A test run takes every third fault. `TOLLGATE_BAD_INPUT_SECONDS` takes all, and goes on with several faults at once for
//! so long (`make fuzz`).

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tollgate_model::random::Random;
use tollgate_wire::apigateway::visit_operations;
use tollgate_wire::schema::{Bounds, Location, Operation, Shape};
use tollgate_wire::{Operation as Typed, OperationVisitor};

use crate::fixture::{Answered, Fixture, authorization};
use crate::world::{Body, Good, Place, World, places, put};

/// Far over what any of them takes, also where each durable write of a busy disk takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_operation_with_one_fault() {
    let mut tally = Tally::default();
    let stride = seconds().map_or(3, |_| 1);
    for (number, operation) in served().await.into_iter().enumerate() {
        let mut world = World::new().await;
        let good = world.good(operation);
        let answer = send(&world.fixture, operation, &good).await;
        assert!(answer.status < 300, "{}: {}", operation.name, answer.text);
        tally.good += 1;
        if !is_harmless(operation) {
            // Again, in the state that it left behind.
            tally.judge(
                operation,
                &good,
                &send(&world.fixture, operation, &good).await,
                false,
            );
            world = World::new().await;
        }
        let mut changes = 0;
        for fault in faults(operation)
            .into_iter()
            .skip(number % stride)
            .step_by(stride)
        {
            let good = world.good(operation);
            let bad = fault.apply(&good);
            let answer = send(&world.fixture, operation, &bad).await;
            tally.judge(operation, &bad, &answer, fault.must_refuse());
            changes += usize::from(answer.status < 300);
            if answer.status < 300 && takes_away(operation) || changes == CHANGES_MAX {
                (world, changes) = (World::new().await, 0);
            }
        }
    }
    println!("{}", tally.told());
    assert!(tally.refused > 2_000, "the model has more to say");
}

/// What is asked of an API that is gone, and of one whose parts are gone.
#[tokio::test]
async fn every_operation_when_nothing_is_left() {
    let mut tally = Tally::default();
    let operations = served().await;
    for gone in [
        "DeleteRestApi",
        "DeleteResource",
        "DeleteMethod",
        "DeleteIntegration",
        "DeleteStage",
    ] {
        let world = World::new().await;
        let deletion = operations
            .iter()
            .find(|it| it.name == gone)
            .expect("it is served");
        let answer = send(&world.fixture, deletion, &world.good(deletion)).await;
        assert_eq!(answer.status / 100, 2, "{gone}: {}", answer.text);
        for operation in &operations {
            let good = world.good(operation);
            let answer = send(&world.fixture, operation, &good).await;
            tally.judge(operation, &good, &answer, false);
        }
    }
    println!("{}", tally.told());
}

/// Several faults at once, for as long as is asked.
#[tokio::test]
async fn every_operation_with_several_faults() {
    let long = seconds().map(Duration::from_secs);
    let (mut random, mut tally) = (
        Random::seeded(long.map_or(1, |_| clock_seed())),
        Tally::default(),
    );
    let operations = served().await;
    let faults: Vec<Vec<Fault>> = operations.iter().map(|it| faults(it)).collect();
    let begun = Instant::now();
    let mut world = World::new().await;
    for round in 0_usize.. {
        let is_enough = long.map_or(round == 400, |long| begun.elapsed() > long);
        if is_enough {
            break;
        }
        if round % 100 == 99 {
            world = World::new().await;
        }
        let drawn = draw(&mut random, operations.len());
        let (operation, faults) = (operations[drawn], &faults[drawn]);
        let mut bad = world.good(operation);
        for _ in 0..=draw(&mut random, 4) {
            if !faults.is_empty() {
                bad = faults[draw(&mut random, faults.len())].apply(&bad);
            }
        }
        let answer = send(&world.fixture, operation, &bad).await;
        tally.judge(operation, &bad, &answer, false);
    }
    println!("{}", tally.told());
}

#[expect(
    clippy::disallowed_methods,
    reason = "a longer run is asked for where the test is started"
)]
fn seconds() -> Option<u64> {
    let text = std::env::var("TOLLGATE_BAD_INPUT_SECONDS").ok()?;
    Some(
        text.parse()
            .expect("TOLLGATE_BAD_INPUT_SECONDS is a number"),
    )
}

/// The long run looks elsewhere each time; what it finds it prints whole.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing but the choice of cases depends on it"
)]
fn clock_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(1, |now| now.as_secs())
}

fn draw(random: &mut Random, below: usize) -> usize {
    let text = random.lowercase_id(6);
    let number = text
        .bytes()
        .fold(0_usize, |sum, byte| sum * 37 + usize::from(byte));
    number % below.max(1)
}

pub(crate) async fn served() -> Vec<&'static Operation> {
    struct All(Vec<&'static Operation>);
    impl OperationVisitor for All {
        fn visit<O: Typed>(&mut self) {
            self.0.push(O::SCHEMA);
        }
    }
    let mut all = All(Vec::new());
    visit_operations(&mut all);
    let served = Fixture::new().control.served();
    all.0.retain(|operation| served.contains(&operation.name));
    all.0
}

/// What a world has been through before it is made anew.
const CHANGES_MAX: usize = 25;

fn is_harmless(operation: &Operation) -> bool {
    operation.method == "GET" || operation.method == "PATCH"
}

/// Whether what the next request names may be gone.
fn takes_away(operation: &Operation) -> bool {
    operation.method == "DELETE" || operation.name == "PutRestApi"
}

async fn send(fixture: &Fixture, operation: &Operation, request: &Good) -> Answered {
    let authorization = authorization("us-east-1/apigateway");
    let headers = [
        ("Host", "localhost"),
        ("Authorization", authorization.as_str()),
    ];
    let (target, body) = (request.target(operation), request.bytes());
    let answer = fixture.send(operation.method, &target, &headers, &body);
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    answer.unwrap_or_else(|_| panic!("{} hangs: {request:?}", operation.name))
}

#[derive(Default)]
struct Tally {
    good: usize,
    refused: usize,
    taken: usize,
}

impl Tally {
    fn judge(
        &mut self,
        operation: &Operation,
        request: &Good,
        answer: &Answered,
        must_refuse: bool,
    ) {
        let told = || {
            let body = String::from_utf8_lossy(&request.bytes())
                .chars()
                .take(400)
                .collect::<String>();
            format!(
                "{} {} {body}\n{} {}",
                operation.name,
                request.target(operation),
                answer.status,
                answer.text
            )
        };
        assert!(answer.status < 500, "{}", told());
        if answer.status < 300 {
            assert!(!must_refuse, "taken: {}", told());
            self.taken += 1;
            return;
        }
        self.refused += 1;
        let name = answer
            .headers
            .get("x-amzn-errortype")
            .cloned()
            .unwrap_or_default();
        assert!(name.ends_with("Exception"), "{name} of {}", told());
        assert_eq!(
            answer.headers["content-type"],
            "application/json",
            "{}",
            told()
        );
        assert!(
            answer.headers.contains_key("x-amzn-requestid"),
            "{}",
            told()
        );
        let message = answer.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(!message.is_empty(), "{}", told());
    }

    fn told(&self) -> String {
        let Self {
            good,
            refused,
            taken,
        } = self;
        format!("{good} good requests, {refused} refused, {taken} taken all the same")
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
enum Fault {
    Label(&'static str, String),
    Query(String, String),
    Whole(Vec<u8>),
    Missing(Place),
    Value(Place, Value, bool),
}

impl Fault {
    fn apply(&self, good: &Good) -> Good {
        let mut bad = good.clone();
        match self {
            Self::Label(name, value) => {
                bad.labels.insert(name, value.clone());
            }
            Self::Query(name, value) => bad.query.push((name.clone(), value.clone())),
            Self::Whole(bytes) => bad.body = Body::Raw(bytes.clone()),
            Self::Missing(place) => change(&mut bad, place, None),
            Self::Value(place, value, _) => change(&mut bad, place, Some(value.clone())),
        }
        bad
    }

    /// Whether the model leaves no doubt.
    fn must_refuse(&self) -> bool {
        match self {
            Self::Missing(place) => place.is_required && place.way.len() == 1,
            Self::Value(_, _, is_wrong) => *is_wrong,
            Self::Label(..) | Self::Query(..) | Self::Whole(_) => false,
        }
    }
}

fn change(request: &mut Good, place: &Place, value: Option<Value>) {
    if let Body::Json(body) = &mut request.body {
        put(body, &place.way, value);
    }
}

fn faults(operation: &'static Operation) -> Vec<Fault> {
    let mut faults = Vec::new();
    let input = operation.input;
    for member in input.members {
        match member.location {
            Location::Label => faults.extend(labels().map(|it| Fault::Label(member.wire_name, it))),
            Location::Query => {
                let name = match member.shape {
                    Shape::Map(..) => "anything",
                    _ => member.wire_name,
                };
                faults.extend(queries().map(|it| Fault::Query(name.to_owned(), it)));
            }
            Location::Body | Location::Header => {}
        }
    }
    let takes_body = input.members.iter().any(|it| it.location == Location::Body);
    if takes_body {
        faults.extend(wholes().map(Fault::Whole));
    }
    if input.payload.is_none() {
        for place in places(input) {
            faults.extend(wrong(&place));
        }
        faults.extend(patches(operation));
    }
    faults
}

fn labels() -> impl Iterator<Item = String> {
    [
        "nothing",
        "%20",
        "%00",
        "%2F",
        "%FF",
        "..",
        "'\"<>{}",
        "é",
        "arn:aws:s3:::b",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["x".repeat(5_000)])
}

fn queries() -> impl Iterator<Item = String> {
    [
        "",
        "-1",
        "99999999999999999999",
        "1.5",
        "true",
        "nothing",
        "%FF",
        "%00",
        "{}",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["x".repeat(5_000)])
}

fn wholes() -> impl Iterator<Item = Vec<u8>> {
    let texts = [
        "",
        "null",
        "[]",
        "{}",
        "\"x\"",
        "1",
        "{",
        "{\"a\":}",
        "{\"a\":1,\"a\":2}",
        "\u{feff}{}",
        "{} x",
        "{\"unknown\":{}}",
    ];
    let deep = "[".repeat(100_000);
    let deep_object = "{\"a\":".repeat(50_000);
    texts
        .map(|text| text.as_bytes().to_vec())
        .into_iter()
        .chain([
            b"\xff\xfe".to_vec(),
            deep.into_bytes(),
            deep_object.into_bytes(),
        ])
}

fn wrong(place: &Place) -> Vec<Fault> {
    let value = |value: Value, is_wrong: bool| Fault::Value(place.clone(), value, is_wrong);
    let mut faults = vec![
        Fault::Missing(place.clone()),
        value(Value::Null, place.is_required && place.way.len() == 1),
    ];
    let of_another_type = match place.shape {
        Shape::Structure(_) | Shape::Map(..) => vec![json!(true), json!(1), json!("x"), json!([])],
        Shape::List(..) => vec![json!(true), json!(1), json!("x"), json!({})],
        Shape::Text(_) => vec![json!({}), json!([]), json!(true), json!(1.5)],
        Shape::Boolean => vec![json!({}), json!([]), json!(7)],
        Shape::Integer(_) | Shape::Long(_) | Shape::Double(_) | Shape::Timestamp => {
            vec![json!({}), json!([]), json!(true)]
        }
        Shape::Blob(_) => vec![json!({}), json!([])],
    };
    faults.extend(of_another_type.into_iter().map(|it| value(it, false)));
    faults.extend(
        of_its_type(place.shape)
            .into_iter()
            .map(|(it, is_wrong)| value(it, is_wrong)),
    );
    faults
}

fn of_its_type(shape: &'static Shape) -> Vec<(Value, bool)> {
    match shape {
        Shape::Text(text) => {
            let strange = ["", " ", "\u{0}", "é\u{202e}", "${x}", "#set($a", "NOTHING"];
            let is_wrong = |it: &str| {
                let is_none = !text.one_of.is_empty() && !text.one_of.contains(&it);
                is_none || text.pattern.is_some_and(|pattern| !pattern.is_match(it))
            };
            let long = "x".repeat(20_000);
            strange
                .map(str::to_owned)
                .into_iter()
                .chain([long])
                .map(|it| (json!(it), is_wrong(&it)))
                .collect()
        }
        Shape::Integer(bounds) | Shape::Long(bounds) | Shape::Double(bounds) => numbers(*bounds),
        Shape::List(..) => vec![
            (json!([]), false),
            (json!(vec![Value::Null; 50]), false),
            (json!(["x", "x", "x"]), false),
        ],
        Shape::Map(..) => vec![
            (json!({}), false),
            (json!({"": null}), false),
            (json!({"a/b~é": "x"}), false),
        ],
        Shape::Boolean | Shape::Timestamp | Shape::Blob(_) | Shape::Structure(_) => {
            vec![(json!("x"), false)]
        }
    }
}

fn numbers(bounds: Bounds) -> Vec<(Value, bool)> {
    let is_outside =
        |it: i64| bounds.min.is_some_and(|min| it < min) || bounds.max.is_some_and(|max| it > max);
    let mut numbers: Vec<(Value, bool)> = [i64::MIN, -1, 0, i64::MAX]
        .into_iter()
        .map(|it| (json!(it), is_outside(it)))
        .collect();
    numbers.extend([
        (json!(1e300), false),
        (json!("x"), false),
        (json!(0.5), false),
    ]);
    numbers
}

/// Operations on paths that no resource has, and on those that every resource might.
fn patches(operation: &'static Operation) -> Vec<Fault> {
    let Some(place) = places(operation.input).into_iter().find(|it| {
        it.way.len() == 1 && matches!(it.way[0], crate::world::Down::Member("patchOperations"))
    }) else {
        return Vec::new();
    };
    const PATHS: &[&str] = &[
        "",
        "/",
        "//",
        "x",
        "/~",
        "/~2",
        "/name",
        "/description",
        "/uri",
        "/variables/a",
        "/variables",
        "/*/*/throttling/rateLimit",
        "/canarySettings/percentTraffic",
        "/deploymentId",
        "/requestParameters/x",
        "/responseTemplates/a~1b",
        "/schema",
        "/properties",
        "/binaryMediaTypes/",
        "/minimumCompressionSize",
        "/authorizerResultTtlInSeconds",
        "/type",
        "/features",
        "/parentId",
        "/pathPart",
    ];
    let mut all = Vec::new();
    for op in ["add", "remove", "replace", "copy", "move", "test"] {
        for path in PATHS {
            let operation = json!({"op": op, "path": path, "value": "\u{0}{", "from": "/"});
            all.push(Fault::Value(place.clone(), json!([operation]), false));
        }
        let bare = json!([{"op": op, "path": "/name"}, {"op": op}, {"path": "/name"}, {}]);
        all.push(Fault::Value(place.clone(), bare, false));
        let long = json!([{"op": op, "path": format!("/{}", "a/".repeat(20_000)), "value": "x"}]);
        all.push(Fault::Value(place.clone(), long, false));
    }
    if operation.name == "UpdateRestApi" {
        let many = vec![json!({"op": "replace", "path": "/name", "value": "x"}); 6_000];
        all.push(Fault::Value(place, json!(many), false));
    }
    all
}
