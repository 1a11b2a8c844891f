//! The device that the tests of network, parity and training run on: the CPU, or the one that
//! the environment variable ASKEM_TEST_DEVICE names.
//!
//!     ASKEM_TEST_DEVICE=cuda:0 cargo test -p askem-model --features cuda -- --test-threads=1
//!
//! with what CUDA needs around it is `./cuda.sh test`.
//!
//! Where that device is not there, these tests say so and do nothing. Those of the fused
//! operations are about the CPU and stay on it.

use crate::device::choose_device;
use candle_core::Device;
use std::sync::OnceLock;

/// Made once: tensors of two handles of a GPU do not mix.
fn found() -> &'static Result<Device, String> {
    static FOUND: OnceLock<Result<Device, String>> = OnceLock::new();
    FOUND.get_or_init(|| match std::env::var("ASKEM_TEST_DEVICE") {
        // Never "auto": a test that was to run on a GPU does not quietly run elsewhere.
        Ok(name) if name == "auto" => Err("ASKEM_TEST_DEVICE is cpu or cuda:N".into()),
        Ok(name) => choose_device(&name).map_err(|why| why.to_string()),
        Err(_) => Ok(Device::Cpu),
    })
}

/// Whether the device is not there; says so.
#[allow(clippy::print_stderr, reason = "a skipped test says why")]
pub fn absent() -> bool {
    let absent = found().as_ref().err();
    if let Some(why) = absent {
        eprintln!("skipped: {why}");
    }
    absent.is_some()
}

/// The device; only for tests that have asked whether it is [`absent`].
pub fn device() -> Device {
    found().clone().unwrap_or(Device::Cpu)
}

/// Whether two runs must agree to the bit: a GPU adds in an order of its own.
pub fn is_exact() -> bool {
    device().is_cpu()
}
