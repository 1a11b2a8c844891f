//! Finds compact objects, bright or dark, that stand apart or touch.
//!
//! Called by `measure`.

pub mod parts;
pub mod plane;
pub mod shape;
mod split;
pub mod tree;
