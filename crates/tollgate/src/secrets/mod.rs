//! Secrets at rest: sealed with a key from a file, so that the data folder alone gives none of them away.

mod key_file;
mod root_key;
mod seal;

pub(crate) use root_key::{RootKeys, root_keys, sealer};
