//! Read buffers of a core, lent only while bytes are in flight: an idle connection holds none.

use std::cell::RefCell;

/// Room for 64 KiB of body with its head, so that such a message is read at once.
pub(crate) const BUFFER_BYTES: usize = 68 << 10;

/// Free buffers kept per core; more are given back to the allocator.
const FREE_MAX: usize = 16;

thread_local! {
    static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of [`BUFFER_BYTES`]; what it holds is left over from others.
pub(crate) fn take() -> Vec<u8> {
    FREE.with_borrow_mut(Vec::pop)
        .unwrap_or_else(|| vec![0; BUFFER_BYTES])
}

/// Gives a buffer back; one of another size is dropped.
pub(crate) fn give(buffer: Vec<u8>) {
    if buffer.len() != BUFFER_BYTES {
        return;
    }
    // The pool is gone while the thread ends; the buffer is then simply dropped.
    let _ = FREE.try_with(|free| {
        let mut free = free.borrow_mut();
        if free.len() < FREE_MAX {
            free.push(buffer);
        }
    });
}
