//! Micrographs made from pixels alone, for the tests beside the code.

use super::{Header, Micrograph, Pixels};

/// A micrograph of the given pixels, as if read from a TIFF.
pub(super) fn micrograph(width: u32, height: u32, pixels: Pixels) -> Micrograph {
    let (bits, samples) = match pixels {
        Pixels::Grey8(_) => (8, 1),
        Pixels::Grey16(_) => (16, 1),
        Pixels::Rgb8(_) => (8, 3),
        Pixels::Rgb16(_) => (16, 3),
        Pixels::Float32(_) => (32, 1),
    };
    let header = Header {
        format: "TIFF",
        width,
        height,
        bits,
        samples,
        pages: 1,
        page: 0,
    };
    Micrograph {
        calibration: None,
        pixels,
        header,
        hash: "h".into(),
        source: "made".into(),
    }
}
