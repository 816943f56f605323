//! One core's service: requests to APIs go to the gateway, everything else is a control call.
//!
//! What host or path gave to an API never reaches the control plane, however it is signed.

use tollgate_gateway::{Core, Finishing, Hosts, claims};
use tollgate_http::{Finish, Refusal, Request, Response, Sent, Service};

use crate::calls::Calls;

/// The service of one core.
pub(crate) struct Dispatch {
    pub(crate) core: Core,
    pub(crate) hosts: Hosts,
    pub(crate) calls: Calls,
}

/// What is told of an answer's end.
pub(crate) enum Ended {
    /// The record of a request to an API.
    Api(Finishing),
    /// Nothing is kept of a control call.
    Call,
}

impl Service for Dispatch {
    type Finish = Ended;

    async fn answer(&self, request: Request) -> (Response, Ended) {
        let head = &request.head;
        if claims(&self.hosts, head.host(), head.path()) {
            let (response, finishing) = self.core.answer(request).await;
            return (response, Ended::Api(finishing));
        }
        // Boxed, so that requests to APIs do not carry the room that calls need.
        (Box::pin(self.calls.answer(request)).await, Ended::Call)
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        self.core.refuse(refusal)
    }

    fn opened(&self) {
        self.core.opened();
    }

    fn closed(&self) {
        self.core.closed();
    }
}

impl Finish for Ended {
    fn finish(self, sent: Sent) {
        match self {
            Self::Api(finishing) => finishing.finish(sent),
            Self::Call => {}
        }
    }
}
