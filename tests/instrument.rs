//! An image as an instrument writes it: a small TIFF file with the text of a microscope.

#![allow(clippy::unwrap_used)]

use std::io::Cursor;
use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

const TEXT: &str = "[User]\r\nDate=06/13/2016\r\nTime=05:06:40 PM\r\n[System]\r\nSystemType=Helios 660\r\n\
    [Beam]\r\nHV=5000\r\nBeam=EBeam\r\n[EBeam]\r\nWD=0.004\r\n[Scan]\r\nPixelWidth=5e-9\r\nPixelHeight=6e-9\r\n\
    [Image]\r\nResolutionX=20\r\nResolutionY=10\r\n[Detectors]\r\nName=ETD\r\n";

/// 20 x 12 pixels of 5 x 6 nm, the lowest two rows data bar.
pub fn microscope_tiff() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<colortype::Gray8>(20, 12).unwrap();
    let tag = Tag::Unknown(34682);
    image.encoder().write_tag(tag, TEXT).unwrap();
    image.write_data(&[0; 240]).unwrap();
    bytes.into_inner()
}
