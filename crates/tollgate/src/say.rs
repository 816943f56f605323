//! The program's own words to whoever started it. A reader that has gone away is no fault.

use std::fmt::Display;
use std::io::{self, Write};

/// A line on standard output.
pub(crate) fn out(line: impl Display) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// A line on standard error.
pub(crate) fn error(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
