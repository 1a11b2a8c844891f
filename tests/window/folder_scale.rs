//! One scale for a whole folder: what it holds for, what it never goes over, and how it is kept
//! and taken back.

use super::harness::{Setup, Window, micrograph};
use egui::{Key, Modifiers, vec2};
use std::path::{Path, PathBuf};

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const UNCONFIRMED: &str = "5 nm per pixel, for its folder, unconfirmed";

fn window(folder: &Path, files: &[PathBuf]) -> Window {
    let mut window = Setup {
        files: files.to_vec(),
        notebook: Some(folder.join("notebook.sqlite")),
        ..Setup::default()
    }
    .open();
    let name = files[0].file_name().unwrap().to_string_lossy();
    window.wait_ready(&name);
    window
}

/// Makes a pixel of the shown micrograph 5 nm.
fn set_scale(window: &mut Window, name: &str) {
    window.key(NONE, Key::Num1);
    let at = window.pane(name).center().round();
    window.key(NONE, Key::S);
    window.drag(at - vec2(50.0, 10.0), at + vec2(50.0, -10.0));
    window.wait("How long is this line?");
    window.type_into("Length of the line", "500 nm");
    window.wait("5 nm per pixel, set by you");
}

/// Goes to another micrograph of the strip.
fn show(window: &mut Window, name: &str) {
    window.press(name);
    window.wait(&format!("Micrograph {name}"));
}

/// A TIFF that says how large its pixels are: 2 nm.
fn with_metadata(folder: &Path, name: &str) -> PathBuf {
    use tiff::encoder::{Rational, TiffEncoder, colortype::Gray8};
    use tiff::tags::Tag;
    let path = folder.join(name);
    let mut encoder = TiffEncoder::new(std::fs::File::create(&path).unwrap()).unwrap();
    let mut image = encoder.new_image::<Gray8>(160, 120).unwrap();
    let tags = image.encoder();
    tags.write_tag(Tag::ImageDescription, "ImageJ=1.53\nunit=micron\n")
        .unwrap();
    for tag in [Tag::XResolution, Tag::YResolution] {
        tags.write_tag(tag, Rational { n: 500, d: 1 }).unwrap();
    }
    tags.write_tag(Tag::ResolutionUnit, 1_u16).unwrap();
    image.write_data(&[90; 160 * 120]).unwrap();
    path
}

#[test]
fn it_holds_for_the_same_size_in_the_same_folder_and_never_over_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let lab = folder.path().join("lab");
    let other = folder.path().join("other");
    std::fs::create_dir_all(&lab).unwrap();
    std::fs::create_dir_all(&other).unwrap();
    let (a, _) = micrograph(&lab, "a.png", 1);
    let (b, _) = micrograph(&lab, "b.png", 2);
    let (elsewhere, _) = micrograph(&other, "elsewhere.png", 3);
    let small = lab.join("small.png");
    image::GrayImage::from_pixel(80, 60, image::Luma([70]))
        .save(&small)
        .unwrap();
    let known = with_metadata(&lab, "known.tif");
    let mut window = window(folder.path(), &[a, b, elsewhere, small, known]);
    window.wait("known.tif");
    // All are read before the toast counts them.
    for name in ["known.tif", "small.png", "elsewhere.png", "b.png", "a.png"] {
        show(&mut window, name);
    }
    window.key(CTRL_SHIFT, Key::F);
    window.wait("Set the scale of this micrograph first");
    set_scale(&mut window, "a.png");
    window.key(CTRL_SHIFT, Key::F);
    window.wait(
        "1 other open micrograph of this folder now has this scale, unconfirmed. 1 keeps its own. \
         1 has another size. Those of 160 × 120 px that are opened later get it too.",
    );
    show(&mut window, "b.png");
    window.wait(UNCONFIRMED);
    show(&mut window, "known.tif");
    window.wait("2 nm per pixel, from the file");
    for name in ["small.png", "elsewhere.png"] {
        show(&mut window, name);
        window.wait("Scale not known");
    }

    show(&mut window, "a.png");
    window.key(CTRL, Key::Z);
    show(&mut window, "b.png");
    window.wait("Scale not known");
    show(&mut window, "a.png");
    window.wait("5 nm per pixel, set by you");
    window.key(CTRL, Key::Y);
    show(&mut window, "b.png");
    window.wait(UNCONFIRMED);
    window.key(CTRL_SHIFT, Key::F);
    window.wait("Confirm the scale of this micrograph first");
    window.key(CTRL, Key::M);
    window.wait("5 nm per pixel, set by you");
    window.key(CTRL, Key::Z);
    window.wait(UNCONFIRMED);
}

#[test]
fn it_is_kept_holds_for_what_is_opened_later_and_can_be_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let (a, _) = micrograph(folder.path(), "a.png", 1);
    let (b, _) = micrograph(folder.path(), "b.png", 2);
    let (c, _) = micrograph(folder.path(), "c.png", 3);
    let mut first = window(folder.path(), &[a]);
    set_scale(&mut first, "a.png");
    first.key(CTRL_SHIFT, Key::F);
    first.wait("No other open micrograph of this folder takes this scale.");
    first.open_path(&b);
    first.wait_ready("b.png");
    first.wait(UNCONFIRMED);
    drop(first);

    let mut second = window(folder.path(), std::slice::from_ref(&c));
    second.wait(UNCONFIRMED);
    second.key(Modifiers::COMMAND.plus(Modifiers::ALT), Key::M);
    second.wait("Scale not known");
    second.key(CTRL, Key::Z);
    second.wait(UNCONFIRMED);
    second.key(CTRL, Key::Y);
    second.wait("Scale not known");
    drop(second);

    let mut third = window(folder.path(), &[c, b]);
    third.step();
    assert!(third.shows("Scale not known"));
    show(&mut third, "b.png");
    assert!(third.shows("Scale not known"));
}
