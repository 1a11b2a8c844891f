//! The files that ship inside Askem, in a crate of their own so that edits elsewhere do not
//! pay for embedding them.
