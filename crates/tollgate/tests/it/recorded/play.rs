//! Plays a case: fills a request with what earlier steps answered, sends it, and compares what comes back.

use std::collections::HashMap;
use std::fs;

use serde_json::Value;
use tollgate_testkit::{Answer, Connection, Request, Scope, Tollgate, authorize};

use super::backend::Backend;
use super::case::{Case, Expected, Message, Step};
use super::compare::{Bindings, differences};
use super::{Outcome, recorded};

/// Plays a case from its first step to its last, and removes the APIs, keys and plans that it made: AWS's lists were recorded in
/// an account that had none.
pub(super) fn case(tollgate: &Tollgate, backend: &Backend, case: &Case) -> Vec<Outcome> {
    let mut play = Play {
        tollgate,
        backend,
        answers: HashMap::new(),
        bindings: Bindings::default(),
    };
    let mut outcomes = Vec::new();
    for step in &case.steps {
        let differences = play
            .step(step)
            .unwrap_or_else(|missing| vec![format!("not asked: {missing}")]);
        if step.answer.is_some() {
            outcomes.push(Outcome {
                case: case.name.clone(),
                step: step.name.clone(),
                differences,
            });
        }
    }
    remove_all(tollgate);
    outcomes
}

struct Play<'a> {
    tollgate: &'a Tollgate,
    backend: &'a Backend,
    answers: HashMap<&'a str, Value>,
    bindings: Bindings,
}

impl<'a> Play<'a> {
    /// What differs; an error when an earlier step did not answer what this one needs.
    fn step(&mut self, step: &'a Step) -> Result<Vec<String>, String> {
        let request = self.filled(&step.request)?;
        let answer = self.ask(&request);
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        self.answers.insert(&step.name, body);
        let Some(expected) = &step.answer else {
            return Ok(Vec::new());
        };
        let expected = Expected {
            message: self.filled(&expected.message)?,
            is_text: expected.is_text,
        };
        let mut bindings = self.bindings.clone();
        let found = differences(&expected, &answer, &mut bindings);
        if found.is_empty() {
            self.bindings = bindings;
        }
        Ok(found)
    }

    fn ask(&self, message: &Message) -> Answer {
        let has_host = message.headers.iter().any(|(name, _)| name == "Host");
        if has_host || message.first.1.contains("/_user_request_/") {
            call(self.tollgate, message)
        } else {
            control(self.tollgate, message)
        }
    }

    fn filled(&self, message: &Message) -> Result<Message, String> {
        let (one, other) = &message.first;
        let headers = message.headers.iter();
        let headers = headers.map(|(name, value)| Ok((name.clone(), self.fill(value)?)));
        Ok(Message {
            first: (one.clone(), self.fill(other)?),
            headers: headers.collect::<Result<_, String>>()?,
            body: self.fill(&message.body)?,
        })
    }

    /// The text with `${step:path}` replaced. Templates have `${…}` of their own, which stay.
    fn fill(&self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let inside = &rest[start + 2..];
            let Some(end) = closing_brace(inside) else {
                break;
            };
            out.push_str(&rest[..start]);
            match self.referred(&inside[..end])? {
                Some(value) => out.push_str(&value),
                None => out.push_str(&rest[start..start + 2 + end + 1]),
            }
            rest = &inside[end + 1..];
        }
        Ok(out + rest)
    }

    fn referred(&self, reference: &str) -> Result<Option<String>, String> {
        if reference == "backend" {
            return Ok(Some(self.backend.url()));
        }
        let Some((step, path)) = reference.split_once(':') else {
            return Ok(None);
        };
        let Some(answer) = self.answers.get(step) else {
            return Ok(None);
        };
        let (path, is_upper) = match path.strip_suffix(":upper") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let value = member(answer, path).ok_or_else(|| format!("{reference} in {answer}"))?;
        Ok(Some(if is_upper {
            value.to_uppercase()
        } else {
            value
        }))
    }
}

/// The end of a reference, which may hold braces in a resource's path.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `id`, or `item[path=/pets].id`: of the item whose `path` is `/pets`.
fn member(answer: &Value, path: &str) -> Option<String> {
    let found = match path.split_once("[path=") {
        Some((list, rest)) => {
            let (wanted, name) = rest.split_once("].")?;
            let items = answer.get(list)?.as_array()?;
            items.iter().find(|item| item["path"] == wanted)?.get(name)
        }
        None => answer.get(path),
    };
    found?.as_str().map(str::to_owned)
}

fn control(tollgate: &Tollgate, message: &Message) -> Answer {
    let (method, target) = &message.first;
    let mut request = Request::new(method, target, &tollgate.address().to_string())
        .header("Accept", "application/json");
    for (name, value) in &message.headers {
        request = request.header(name, value);
    }
    match message.body.strip_prefix('@') {
        Some(document) => request.body = fs::read(recorded(document)).unwrap(),
        None if message.body.is_empty() => {}
        None => {
            request = request.header("Content-Type", "application/json");
            request.body = message.body.clone().into_bytes();
        }
    }
    tollgate.send(&authorize(request, tollgate.key(), &Scope::default()))
}

/// Calls an API over a connection of its own, with the fields of the recording and no others.
fn call(tollgate: &Tollgate, message: &Message) -> Answer {
    let (method, target) = &message.first;
    let port = tollgate.address().port();
    let host = message.headers.iter().find(|(name, _)| name == "Host");
    let host = host.map_or("127.0.0.1", |(_, host)| host);
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    for (name, value) in message.headers.iter().filter(|(name, _)| name != "Host") {
        head += &format!("{name}: {value}\r\n");
    }
    let is_chunked = head.contains("\r\nTransfer-Encoding: chunked\r\n");
    let body = if is_chunked {
        assert!(message.body.is_empty(), "no recording has a chunked body");
        "0\r\n\r\n"
    } else {
        &message.body
    };
    if !is_chunked && (!body.is_empty() || method != "GET") {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut connection = tollgate.connect();
    connection
        .send(format!("{head}\r\n{body}").as_bytes())
        .unwrap();
    final_answer(&mut connection)
}

/// The answer after those that only say `Continue`.
fn final_answer(connection: &mut Connection) -> Answer {
    loop {
        let answer = connection.receive(false).unwrap();
        if answer.status >= 200 {
            return answer;
        }
    }
}

/// A plan can only be removed when the stages that it is for are gone.
fn remove_all(tollgate: &Tollgate) {
    for list in ["/restapis", "/usageplans", "/apikeys"] {
        let target = format!("{list}?limit=500");
        let listed = tollgate.control("GET", &target, None).json();
        for item in listed["item"].as_array().into_iter().flatten() {
            let target = format!("{list}/{}", item["id"].as_str().unwrap());
            tollgate.control("DELETE", &target, None).expect(202);
        }
    }
}
