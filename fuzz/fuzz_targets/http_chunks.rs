//! Chunked bodies: the same however they are cut. The first byte says where.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_http::fuzzing;

fuzz_target!(|bytes: &[u8]| fuzzing::chunks(bytes));
