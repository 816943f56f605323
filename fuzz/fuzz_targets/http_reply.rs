//! The states of a backend's connection: what the client makes of a reply does not depend on the pieces in which the bytes come.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_http::fuzzing;

fuzz_target!(|bytes: &[u8]| fuzzing::reply_cut_anywhere(bytes));
