//! Signatures, checked against those of AWS's own client and against every change of them.

mod botocore;
mod changes;
mod message;
mod never_panics;
mod presigned;
mod refusals;
mod suite;
