//! Tokens as attackers write them: the public vectors, and a case for each kind of mistake that libraries made.

mod attacks;
mod claims;
mod keys;
mod never_panics;
mod signing;
mod wycheproof;
