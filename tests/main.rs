//! The integration tests, one binary: they use the library as the window and the command line do.

mod hostile;
mod scripted;
mod worker;
