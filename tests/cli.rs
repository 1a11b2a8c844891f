//! The command line, driven as a user's script does: through the binary, its exit code and
//! what it writes.
