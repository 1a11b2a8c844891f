//! A device with little memory, for tests on a machine that has none: parts of a step that are
//! too large, and moves of the optimiser, fail with the very error that CUDA's driver gives.
//!
//! Each thread has its own, so that tests beside each other don't disturb one another.

use candle_core::{Error, Result};
use std::cell::Cell;

thread_local! {
    static IMAGES: Cell<usize> = const { Cell::new(usize::MAX) };
    static FAILING_MOVES: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work` on a device that has memory for so many images at a time.
pub fn with_room_for<T>(images: usize, work: impl FnOnce() -> T) -> T {
    IMAGES.set(images);
    let done = work();
    IMAGES.set(usize::MAX);
    done
}

/// Runs `work` on a device whose memory can be taken away meanwhile.
pub fn with_room<T>(work: impl FnOnce(Room) -> T) -> T {
    with_room_for(usize::MAX, || work(Room(())))
}

/// The memory of a device.
pub struct Room(());

impl Room {
    /// Leaves memory for so many images at a time.
    pub fn shrink_to(&self, images: usize) {
        IMAGES.set(images);
    }
}

/// Lets the next so many moves of the optimiser fail.
pub fn fail_moves(count: usize) {
    FAILING_MOVES.set(count);
}

/// Called at the losses of a part.
pub fn of_a_part(images: usize) -> Result<()> {
    match images > IMAGES.get() {
        true => Err(out_of_memory()),
        false => Ok(()),
    }
}

/// Called before the optimiser moves anything.
pub fn of_a_move() -> Result<()> {
    match FAILING_MOVES.get() {
        0 => Ok(()),
        left => {
            FAILING_MOVES.set(left - 1);
            Err(out_of_memory())
        }
    }
}

fn out_of_memory() -> Error {
    Error::Cuda("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")".into()).bt()
}
