//! Whatever the paths of resources and of requests: a resource is taken or refused by name, and a path finds what trying every resource finds.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/gateway/tests/it/routes/reference.rs"]
mod reference;

fuzz_target!(|input: &str| reference::check_text(input));
