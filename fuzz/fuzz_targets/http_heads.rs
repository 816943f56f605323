//! Request and response heads: what parses is written again to the same, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_http::fuzzing;

fuzz_target!(|bytes: &[u8]| {
    fuzzing::request_head(bytes);
    fuzzing::response_head(bytes);
});
