//! Which device the network runs on. The only place that asks for a GPU.

use crate::error::{ModelError, Result};
use candle_core::Device;

/// Finds the device called "cpu", "cuda:N" or "auto" (the first GPU, else the CPU).
pub fn choose_device(wanted: &str) -> Result<Device> {
    match wanted {
        "cpu" => Ok(Device::Cpu),
        "auto" => Ok(cuda(0).unwrap_or(Device::Cpu)),
        _ => {
            let ordinal = wanted.strip_prefix("cuda:").and_then(|n| n.parse().ok());
            let no = |why: String| ModelError::Device {
                wanted: wanted.into(),
                why,
            };
            cuda(ordinal.ok_or_else(|| no("it is neither cpu, cuda:N nor auto".into()))?)
                .map_err(no)
        }
    }
}

/// "cpu" or "cuda:N".
pub fn device_name(device: &Device) -> String {
    match device.location() {
        candle_core::DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
        _ => "cpu".into(),
    }
}

#[cfg(feature = "cuda")]
fn cuda(ordinal: usize) -> std::result::Result<Device, String> {
    // The driver's bindings panic where no driver answers.
    match std::panic::catch_unwind(|| Device::new_cuda(ordinal)) {
        Ok(found) => found.map_err(|error| error.to_string()),
        Err(_) => Err("no CUDA driver answers".into()),
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda(_ordinal: usize) -> std::result::Result<Device, String> {
    Err("this program was built without CUDA; askem-cuda is the one with it".into())
}
