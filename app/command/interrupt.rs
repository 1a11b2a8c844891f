//! Ctrl-C: the first press asks the work to stop at the next token or image, the second ends
//! the process at once. Never used by the window, which has its own Stop.

use super::Stop;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Exit code of an interrupted command, as shells have it: 128 + SIGINT.
pub const EXIT_CODE: u8 = 130;

/// Listens from now on. Where the system refuses, Ctrl-C ends the process as it always does.
pub fn listen() {
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(EXIT_CODE));
        }
    });
}

/// Whether somebody pressed Ctrl-C.
pub fn requested() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Ends the command if somebody pressed Ctrl-C.
pub fn check() -> Result<(), Stop> {
    if requested() {
        Err(Stop::Interrupted)
    } else {
        Ok(())
    }
}
