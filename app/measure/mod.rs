//! Pixels and their scale become objects and quantities.
//!
//! Pure: it opens no file, no window and no model, and the same pixels give the same numbers.
//! A quantity it cannot stand for is refused with a reason. Called by `command` and `worker`.

pub mod house;
pub mod printing;
pub mod quantity;
pub mod uncertainty;
pub mod words;
