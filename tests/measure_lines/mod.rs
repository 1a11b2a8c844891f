//! Lines, layers, patterns, tips and strands measured on drawings whose truth is known.

mod draw;
mod lines;
mod shapes;
mod strands;
mod tilted;
