//! A connection's socket: plain, or TLS.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

use crate::Negotiated;

pub(crate) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// Bytes from memory, for the fuzz targets and the tests that cut messages at every byte.
    Memory(tokio::io::DuplexStream),
}

/// Slices of one write at most: head, chunk size, data, end.
const PARTS_MAX: usize = 4;

impl Socket {
    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// What was agreed on where it is TLS.
    pub(crate) fn negotiated(&self) -> Option<Negotiated> {
        match self {
            Self::Tls(stream) => Negotiated::of(stream.get_ref().1),
            Self::Plain(_) | Self::Memory(_) => None,
        }
    }

    pub(crate) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(into);
        ready!(match self {
            Self::Plain(socket) => Pin::new(socket).poll_read(context, &mut buffer),
            Self::Tls(socket) => Pin::new(socket).poll_read(context, &mut buffer),
            Self::Memory(socket) => Pin::new(socket).poll_read(context, &mut buffer),
        })?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Writes all of `parts` but their first `sent` bytes, tried at once; `sent` counts on over the calls.
    pub(crate) fn poll_write_all(
        &mut self,
        context: &mut Context<'_>,
        parts: &[&[u8]],
        sent: &mut usize,
    ) -> Poll<io::Result<()>> {
        let total: usize = parts.iter().map(|part| part.len()).sum();
        while *sent < total {
            let mut slices = [IoSlice::new(&[]); PARTS_MAX];
            let count = remaining(parts, *sent, &mut slices);
            let written = ready!(self.poll_write(context, &slices[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *sent += written;
        }
        self.poll_flush(context)
    }

    pub(crate) fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Self::Tls(socket) => Pin::new(socket).poll_shutdown(context),
            Self::Memory(socket) => Pin::new(socket).poll_shutdown(context),
        }
    }

    fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(socket) => match slices {
                [one] => Pin::new(socket).poll_write(context, one),
                several => Pin::new(socket).poll_write_vectored(context, several),
            },
            Self::Tls(socket) => Pin::new(socket).poll_write_vectored(context, slices),
            Self::Memory(socket) => Pin::new(socket).poll_write_vectored(context, slices),
        }
    }

    /// TLS keeps records that the kernel did not take; a plain socket keeps nothing.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tls(socket) => Pin::new(socket).poll_flush(context),
            Self::Plain(_) | Self::Memory(_) => Poll::Ready(Ok(())),
        }
    }
}

/// The slices of `parts` after `sent` bytes; gives how many.
fn remaining<'a>(
    parts: &[&'a [u8]],
    mut sent: usize,
    slices: &mut [IoSlice<'a>; PARTS_MAX],
) -> usize {
    let mut count = 0;
    for part in parts {
        let skipped = sent.min(part.len());
        sent -= skipped;
        if skipped < part.len() {
            slices[count] = IoSlice::new(&part[skipped..]);
            count += 1;
        }
    }
    count
}
