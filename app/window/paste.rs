//! A picture from the clipboard becomes a file's bytes, on a thread, so that it is read like
//! any other micrograph.
//!
//! Grey where all its pixels are grey. Never writes a file.

use egui::{ColorImage, Context};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Pictures under way from the clipboard.
#[derive(Default)]
pub struct Pasting {
    thread: Option<JoinHandle<Result<Vec<u8>, String>>>,
}

impl Pasting {
    /// Takes a picture; an earlier one that is not done yet is dropped.
    pub fn begin(&mut self, picture: Arc<ColorImage>, ctx: &Context) {
        let ctx = ctx.clone();
        self.thread = Some(std::thread::spawn(move || {
            let bytes = png(&picture);
            ctx.request_repaint();
            bytes
        }));
    }

    /// The bytes of a PNG once they are there, or a sentence.
    pub fn poll(&mut self) -> Option<Result<Arc<Vec<u8>>, String>> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        let failed = || {
            "The picture on the clipboard could not be taken over. Save it to a file and open that."
                .to_owned()
        };
        Some(match thread.join() {
            Ok(Ok(bytes)) => Ok(Arc::new(bytes)),
            Ok(Err(_)) | Err(_) => Err(failed()),
        })
    }
}

fn png(picture: &ColorImage) -> Result<Vec<u8>, String> {
    let [width, height] = picture.size.map(u32::try_from);
    let (Ok(width), Ok(height)) = (width, height) else {
        return Err("too large".to_owned());
    };
    let pixels = picture.pixels.iter();
    let is_grey = pixels.clone().all(|p| p.r() == p.g() && p.g() == p.b());
    let (samples, kind): (Vec<u8>, _) = if is_grey {
        let grey = pixels.map(|pixel| pixel.r());
        (grey.collect(), image::ExtendedColorType::L8)
    } else {
        let rgb = pixels.flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]);
        (rgb.collect(), image::ExtendedColorType::Rgb8)
    };
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(encoder, &samples, width, height, kind)
        .map_err(|why| why.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::micrograph::{Limits, Pixels, read_bytes};
    use egui::Color32;

    #[test]
    fn grey_stays_grey_and_colours_stay_colours() {
        let grey = ColorImage::new([2, 1], vec![Color32::from_gray(3), Color32::from_gray(200)]);
        let read = read_bytes(&png(&grey).unwrap(), "pasted", Limits::default()).unwrap();
        assert!(matches!(read.pixels, Pixels::Grey8(samples) if samples == [3, 200]));
        let red = ColorImage::new([1, 1], vec![Color32::from_rgb(250, 7, 0)]);
        let read = read_bytes(&png(&red).unwrap(), "pasted", Limits::default()).unwrap();
        assert!(matches!(read.pixels, Pixels::Rgb8(samples) if samples == [250, 7, 0]));
    }

    #[test]
    fn a_picture_without_pixels_is_refused_later_not_here() {
        let none = ColorImage::new([0, 0], Vec::new());
        assert!(
            png(&none).is_err() || read_bytes(&png(&none).unwrap(), "", Limits::default()).is_err()
        );
    }
}
