//! The memory of header blocks, used again: a proxied request has four of them, each of three vectors, and asking the allocator for all of
//! those costs as much as parsing both heads.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Where a name or a value stands in its arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: Span,
    pub(crate) value: Span,
}

#[derive(Default)]
pub(crate) struct Block {
    /// Names; of a request the method and the target too.
    pub(crate) text: String,
    pub(crate) values: Vec<u8>,
    pub(crate) index: Vec<Field>,
}

/// A block that goes back to its core's free ones when dropped; one that was never written to has no memory.
#[derive(Default)]
pub(crate) struct Held(Option<Box<Block>>);

/// Free blocks kept per core: each request that waits for its backend holds two.
const FREE_MAX: usize = 256;

/// A block that grew beyond this is given back to the allocator.
const KEPT_BYTES_MAX: usize = 4 << 10;

static EMPTY: Block = Block {
    text: String::new(),
    values: Vec::new(),
    index: Vec::new(),
};

thread_local! {
    #[expect(clippy::vec_box, reason = "what is kept is the box, too")]
    static FREE: RefCell<Vec<Box<Block>>> = const { RefCell::new(Vec::new()) };
}

impl Span {
    pub(crate) fn of(self, arena: &[u8]) -> &[u8] {
        &arena[self.start as usize..(self.start + self.len) as usize]
    }

    pub(crate) fn of_text(self, text: &str) -> &str {
        &text[self.start as usize..(self.start + self.len) as usize]
    }
}

impl Deref for Held {
    type Target = Block;

    fn deref(&self) -> &Block {
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Block {
        self.0.get_or_insert_with(take)
    }
}

impl Clone for Held {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        if let Some(block) = &self.0 {
            copy.text.push_str(&block.text);
            copy.values.extend_from_slice(&block.values);
            copy.index.extend_from_slice(&block.index);
        }
        copy
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(block) = self.0.take() {
            give(block);
        }
    }
}

fn take() -> Box<Block> {
    let free = FREE.try_with(|free| free.borrow_mut().pop());
    // The free ones are gone while the thread ends.
    free.ok().flatten().unwrap_or_default()
}

fn give(mut block: Box<Block>) {
    if block.text.capacity() + block.values.capacity() > KEPT_BYTES_MAX {
        return;
    }
    block.text.clear();
    block.values.clear();
    block.index.clear();
    let _ = FREE.try_with(|free| {
        let mut free = free.borrow_mut();
        if free.len() < FREE_MAX {
            free.push(block);
        }
    });
}
