//! Which device the network runs on. The only place that asks for a GPU.
//!
//! A device is believed only once it has computed something: a build for other cards, or a
//! driver that is too old, shows itself at the first kernel. Where "auto" ends on the CPU in a
//! program that could use a GPU, [`Fallback`] says why, so that nobody has to guess.

use crate::error::{ModelError, Result};
use candle_core::Device;

/// The device that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// It.
    pub device: Device,
    /// Why it is the CPU in a program that was built for GPUs; None where nothing was given up.
    pub fallback: Option<Fallback>,
}

/// Why no GPU is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// A few words for a status bar, such as "no CUDA device found".
    pub word: String,
    /// A sentence with what to do.
    pub why: String,
}

impl std::fmt::Display for Fallback {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "On the CPU, not on a GPU: {}.", self.why)
    }
}

/// A GPU that computes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// "cuda:N".
    pub device: String,
    /// As its maker calls it.
    pub name: String,
    /// Its memory, in bytes.
    pub bytes: u64,
    /// Whether it multiplies 16-bit bfloats.
    pub has_bf16: bool,
}

/// Finds the device called "cpu", "cuda:N" or "auto" (the first GPU, else the CPU).
pub fn find_device(wanted: &str) -> Result<Found> {
    let found = |device| Found {
        device,
        fallback: None,
    };
    match wanted {
        "cpu" => Ok(found(Device::Cpu)),
        "auto" if !cfg!(feature = "cuda") => Ok(found(Device::Cpu)),
        "auto" => Ok(match cuda(0) {
            Ok(device) => found(device),
            Err(why) => Found {
                device: Device::Cpu,
                fallback: Some(plain(&why)),
            },
        }),
        _ => {
            let ordinal = wanted.strip_prefix("cuda:").and_then(|n| n.parse().ok());
            let no = |why: String| ModelError::Device {
                wanted: wanted.into(),
                why,
            };
            let ordinal = ordinal.ok_or_else(|| no("it is neither cpu, cuda:N nor auto".into()))?;
            cuda(ordinal).map(found).map_err(|why| no(plain(&why).why))
        }
    }
}

/// The same for those who need not know why it is the CPU.
pub fn choose_device(wanted: &str) -> Result<Device> {
    Ok(find_device(wanted)?.device)
}

/// "cpu" or "cuda:N".
pub fn device_name(device: &Device) -> String {
    match device.location() {
        candle_core::DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
        _ => "cpu".into(),
    }
}

/// Whether a device multiplies 16-bit bfloats itself.
pub fn has_bf16(device: &Device) -> bool {
    card(device).is_some_and(|card| card.has_bf16)
}

/// Every GPU, each tried, in the order of their numbers; without any, why.
pub fn cards() -> std::result::Result<Vec<Card>, Fallback> {
    // More than any machine has: the driver ends the count.
    const CARDS_MAX: usize = 64;
    let mut cards = Vec::new();
    for ordinal in 0..CARDS_MAX {
        match cuda(ordinal) {
            Ok(device) => cards.extend(card(&device)),
            Err(why) if cards.is_empty() => return Err(plain(&why)),
            Err(_) => break,
        }
    }
    Ok(cards)
}

#[cfg(feature = "cuda")]
fn card(device: &Device) -> Option<Card> {
    let Device::Cuda(cuda) = device else {
        return None;
    };
    let stream = cuda.cuda_stream();
    let context = stream.context();
    let capability = context.compute_capability().unwrap_or_default();
    Some(Card {
        device: device_name(device),
        name: context.name().unwrap_or_else(|_| "NVIDIA GPU".into()),
        bytes: context.total_mem().unwrap_or_default() as u64,
        has_bf16: capability >= (8, 0),
    })
}

#[cfg(not(feature = "cuda"))]
fn card(_device: &Device) -> Option<Card> {
    None
}

#[cfg(feature = "cuda")]
fn cuda(ordinal: usize) -> std::result::Result<Device, String> {
    // The driver's bindings panic where no driver answers.
    match std::panic::catch_unwind(|| Device::new_cuda(ordinal).and_then(tried)) {
        Ok(found) => found.map_err(|error| error.to_string()),
        Err(_) => Err("no CUDA driver answers".into()),
    }
}

/// A device that has computed something.
#[cfg(feature = "cuda")]
fn tried(device: Device) -> candle_core::Result<Device> {
    let ones = candle_core::Tensor::ones((2, 2), candle_core::DType::F32, &device)?;
    let sum = (ones.matmul(&ones)? + 1.0)?.sum_all()?.to_scalar::<f32>()?;
    if sum != 12.0 {
        candle_core::bail!("the GPU computes wrongly: 12 came out as {sum}");
    }
    Ok(device)
}

#[cfg(not(feature = "cuda"))]
fn cuda(_ordinal: usize) -> std::result::Result<Device, String> {
    Err("this program was built without CUDA; askem-cuda is the one with it".into())
}

/// What the driver says, in words for people, with what to do.
fn plain(error: &str) -> Fallback {
    let error = error.lines().next().unwrap_or_default();
    let has = |signs: &[&str]| signs.iter().any(|sign| error.contains(sign));
    let told = |word: &str, what_to_do: &str| Fallback {
        word: word.into(),
        why: format!("{what_to_do} ({error})"),
    };
    if has(&["NO_DEVICE", "no CUDA driver answers"]) {
        told(
            "no CUDA device found",
            "no NVIDIA GPU answers; check with nvidia-smi that the driver sees one",
        )
    } else if has(&["INVALID_DEVICE"]) {
        told(
            "no GPU of this number",
            "there is no GPU of this number; the first one is cuda:0",
        )
    } else if has(&[
        "DRIVER_MISMATCH",
        "INSUFFICIENT_DRIVER",
        "UNSUPPORTED_PTX_VERSION",
        "COMPAT_NOT_SUPPORTED",
        "SYSTEM_NOT_READY",
    ]) {
        told(
            "the NVIDIA driver does not fit",
            "the NVIDIA driver is too old for this build, or not ready; install a newer one",
        )
    } else if has(&["NO_BINARY_FOR_GPU", "INVALID_PTX", "INVALID_SOURCE"]) {
        told(
            "built for another GPU",
            "this askem-cuda was built for another kind of GPU; build it again on this machine",
        )
    } else if crate::error::tells_of_full_memory(error) {
        told(
            "the GPU's memory is full",
            "the GPU has no memory left; close other programs that use it",
        )
    } else if error.contains("built without CUDA") {
        told("no CUDA", "it has no GPU to offer")
    } else {
        told("the GPU does not work", "the GPU was found but fails")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed operation fails the test")]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_says_becomes_words_with_what_to_do() {
        for (error, word) in [
            (
                "DriverError(CUDA_ERROR_NO_DEVICE, \"no CUDA-capable device is detected\")",
                "no CUDA device found",
            ),
            (
                "DriverError(CUDA_ERROR_INVALID_DEVICE, \"invalid device ordinal\")",
                "no GPU of this number",
            ),
            (
                "DriverError(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, \"the provided PTX was compiled with an unsupported toolchain.\") when loading affine",
                "the NVIDIA driver does not fit",
            ),
            (
                "DriverError(CUDA_ERROR_NO_BINARY_FOR_GPU, \"no kernel image is available for execution on the device\") when loading fill",
                "built for another GPU",
            ),
            (
                "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")",
                "the GPU's memory is full",
            ),
            (
                "DriverError(CUDA_ERROR_UNKNOWN, \"unknown error\")\n  at a backtrace",
                "the GPU does not work",
            ),
        ] {
            let told = plain(error);
            assert_eq!(told.word, word, "{error}");
            assert!(!told.why.contains('\n') && told.why.contains("DriverError"));
        }
    }

    #[test]
    fn a_device_is_found_or_refused_by_name() {
        assert!(find_device("cpu").unwrap().fallback.is_none());
        assert!(!has_bf16(&Device::Cpu));
        for odd in ["gpu", "cuda", "cuda:x", ""] {
            let why = find_device(odd).unwrap_err().to_string();
            assert!(why.contains("neither cpu, cuda:N nor auto"), "{why}");
        }
        // No machine has a GPU of this number.
        let why = find_device("cuda:63").unwrap_err().to_string();
        assert!(
            why.starts_with("device cuda:63 is not available: "),
            "{why}"
        );
        let auto = find_device("auto").unwrap();
        assert_eq!(
            auto.fallback.is_some(),
            cfg!(feature = "cuda") && auto.device.is_cpu()
        );
    }
}
