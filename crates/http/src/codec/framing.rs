//! Where a message's body ends: RFC 9112 §6.

use super::chunked::Chunked;

/// How much of a body is still to come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framing {
    /// So many bytes.
    Length(u64),
    /// Chunks until the last one.
    Chunked(Chunked),
    /// Everything until the backend closes; never of a request.
    UntilClose,
    /// Nothing.
    Done,
}

impl Framing {
    pub(crate) fn chunked() -> Self {
        Self::Chunked(Chunked::default())
    }

    /// The bytes still to come, where that is known.
    pub(crate) fn length(self) -> Option<u64> {
        match self {
            Self::Length(length) => Some(length),
            Self::Done => Some(0),
            Self::Chunked(_) | Self::UntilClose => None,
        }
    }

    pub(crate) fn is_done(self) -> bool {
        matches!(self, Self::Done)
    }
}
