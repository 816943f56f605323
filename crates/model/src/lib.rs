//! What both planes mean by the same words: names of things (ARNs, identifiers), the definition that a deployment
//! freezes, and the two things nobody may take from the outside by themselves: the time and randomness.

pub mod api_key;
pub mod api_key_csv;
pub mod arn;
pub mod clock;
pub mod principals;
pub mod quota;
pub mod random;
pub mod rest;
pub mod seal;
