//! Control calls on their way from a gateway core to the control plane's own threads, and their answers back.
//!
//! Cores never do the control plane's work. A place in the channel is taken before a call's body is read, so that the number
//! of bodies in memory is bounded as well.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::{Permit, Receiver, Sender, channel};
use tokio::sync::{Semaphore, oneshot};
use tollgate_control::{Answer, Call, Exception};
use tollgate_gateway::Console;
use tollgate_http::{Body, BodyError, Deadline, Headers, Request, RequestHead, Response, within};
use tollgate_model::random::Random;

/// The largest body of a control call: that of an import. One byte more is let through to the control plane, which
/// refuses it in AWS's words.
pub(crate) const BODY_BYTES_MAX: usize = 6 * 1024 * 1024 + 1;

/// Calls answered at the same time.
const AT_ONCE_MAX: usize = 64;

/// A core's end.
#[derive(Clone)]
pub(crate) struct Calls {
    waiting: Sender<Waiting>,
    timeout: Duration,
    console: Option<Arc<dyn Console>>,
}

/// A call and the core that waits for its answer.
pub(crate) struct Waiting {
    call: Call,
    answer: oneshot::Sender<Answer>,
}

/// The channel: the cores' end, and the control plane's.
pub(crate) fn calls(
    waiting_max: usize,
    timeout: Duration,
    console: Option<Arc<dyn Console>>,
) -> (Calls, Receiver<Waiting>) {
    let (sender, receiver) = channel(waiting_max.max(1));
    let calls = Calls {
        waiting: sender,
        timeout,
        console,
    };
    (calls, receiver)
}

/// Answers calls until every core is gone and every answer given.
pub(crate) async fn serve<F>(mut waiting: Receiver<Waiting>, answer: impl Fn(Call) -> F)
where
    F: Future<Output = Answer> + Send + 'static,
{
    let turns = Arc::new(Semaphore::new(AT_ONCE_MAX));
    while let Some(next) = waiting.recv().await {
        let Ok(turn) = turns.clone().acquire_owned().await else {
            return;
        };
        let answering = answer(next.call);
        // Owned by its turn: the loop ends only when all turns have come back.
        tokio::spawn(async move {
            // A client that left does not undo what it asked for.
            let _ = next.answer.send(answering.await);
            drop(turn);
        });
    }
    let _ = turns.acquire_many(AT_ONCE_MAX as u32).await;
}

impl Calls {
    /// Answers a request that no API claims.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let line = self.console.as_ref().map(|_| line(&request.head));
        let response = self.pass_on(request).await;
        if let (Some(console), Some(line)) = (&self.console, line)
            && response.status >= 400
        {
            console.say(format!("{} {line}: {}", response.status, reason(&response)));
        }
        response
    }

    async fn pass_on(&self, request: Request) -> Response {
        let Ok(place) = self.waiting.try_reserve() else {
            return refusal(
                Exception::ServiceUnavailable,
                "Tollgate's control plane is busy. Please try again.",
            );
        };
        match within(
            Deadline::after(self.timeout),
            request.body.gather(BODY_BYTES_MAX),
        )
        .await
        {
            Ok(Ok(body)) => {
                let from = (request.peer, request.secure);
                ask(place, &request.head, body, from).await
            }
            Ok(Err(error)) => unread(&error),
            Err(_) => unread(&BodyError::Timeout),
        }
    }
}

async fn ask(
    place: Permit<'_, Waiting>,
    head: &RequestHead,
    body: Bytes,
    (peer, is_secure): (std::net::SocketAddr, bool),
) -> Response {
    let (answer, answered) = oneshot::channel();
    let headers = head.headers().iter();
    let call = Call {
        method: head.method().to_owned(),
        target: head.target().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_vec()))
            .collect(),
        body,
        peer: Some(peer),
        is_secure,
    };
    place.send(Waiting { call, answer });
    match answered.await {
        Ok(answer) => respond(answer),
        // The control plane is gone, or its task panicked.
        Err(_) => refusal(Exception::InternalFailure, "The call was not answered."),
    }
}

/// A body that did not arrive whole.
fn unread(error: &BodyError) -> Response {
    match error {
        BodyError::TooLarge => {
            let limit = BODY_BYTES_MAX - 1;
            refusal(
                Exception::RequestEntityTooLarge,
                &format!("Request body exceeds the limit of {limit} bytes"),
            )
        }
        BodyError::NoRoom(error) => {
            tracing::debug!(%error, "a control call is refused");
            refusal(
                Exception::ServiceUnavailable,
                "Tollgate has no memory left for the request body. Please try again.",
            )
        }
        BodyError::Timeout => refusal(
            Exception::BadRequest,
            "The request body did not arrive in time",
        ),
        BodyError::Cut | BodyError::Malformed(_) | BodyError::Io(_) => {
            refusal(Exception::BadRequest, "The request body could not be read")
        }
    }
}

/// A refusal in the control plane's form, for calls that never get there.
fn refusal(exception: Exception, message: &str) -> Response {
    let id = Random::from_os().uuid();
    let mut headers = vec![
        ("x-amzn-ErrorType".to_owned(), exception.name().to_owned()),
        ("Content-Type".to_owned(), "application/json".to_owned()),
        (
            "x-amzn-RequestId".to_owned(),
            String::from_utf8_lossy(&id).into_owned(),
        ),
    ];
    if let Some(seconds) = exception.retry_after_seconds() {
        headers.push(("Retry-After".to_owned(), seconds.to_string()));
    }
    respond(Answer {
        status: exception.status(),
        headers,
        body: serde_json::json!({ "message": message }).to_string().into(),
    })
}

fn respond(answer: Answer) -> Response {
    let mut headers = Headers::with_capacity(256);
    for (name, value) in &answer.headers {
        if headers.push(name, value.as_bytes()).is_err() {
            tracing::error!(name, "a control answer's header cannot be sent");
        }
    }
    Response {
        status: answer.status,
        headers,
        body: Body::from(answer.body),
    }
}

fn line(head: &RequestHead) -> String {
    let target: String = head.target().chars().take(200).collect();
    format!("{} {target}", head.method())
}

/// What a refused call's answer says, on one line.
fn reason(response: &Response) -> String {
    let Body::Whole(bytes) = &response.body else {
        return "refused".to_owned();
    };
    let text = match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(json) => json["message"]
            .as_str()
            .map(str::to_owned)
            .unwrap_or_else(|| json.to_string()),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.replace(['\r', '\n'], " ").chars().take(500).collect()
}
