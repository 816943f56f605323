//! The states of a client's connection: what the server answers does not depend on the pieces in which the bytes come.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_http::fuzzing;

fuzz_target!(|bytes: &[u8]| fuzzing::connection_cut_anywhere(bytes));
