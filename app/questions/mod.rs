//! What can be asked: the ten materials, the ten question categories, the 22 keys, and how a
//! typed question becomes a key.
//!
//! Tables only. It looks at no image and knows no model; everything above it reads it.

mod category;
mod keys;
pub mod slots;
pub mod typed;

pub use category::{Category, UnknownCategory};
pub use keys::{Key, Topic, UnknownQuestion};
