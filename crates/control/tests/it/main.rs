//! The control plane by its way in, over a real store in a temporary folder.

mod credentials;
mod fixture;
mod play;
mod sts;
