//! The Security Token Service, version 2011-06-15: who am I, and credentials for a while.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

mod caller_identity;

use tollgate_wire::sts;

use crate::operations::Operations;
use crate::query::Service;

/// The service.
pub(crate) fn service() -> Service {
    let mut operations = Operations::default();
    caller_identity::operations(&mut operations);
    Service {
        version: sts::VERSION,
        namespace: sts::NAMESPACE,
        operations,
        not_kept: sts::NOT_KEPT,
    }
}
