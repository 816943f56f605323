//! File descriptors: each connection takes one, and what a shell allows by default is meant for other programs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes as many as this process may have. Whoever wants fewer sets the hard limit (`ulimit -Hn`).
pub(crate) fn take_all() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, all) {
        tracing::debug!(%error, ?current, "the limit of open files stays as it is");
    }
}
