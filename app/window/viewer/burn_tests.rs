//! Burnt-in scale bars are as long as they say, in pixels of the picture, and files come back
//! as they were written.

use super::super::export::write;
use super::super::marks::{BOX_PX, Kind};
use super::*;
use crate::micrograph::{self, Header, Limits, Metadata, Micrograph, Pixels, Source};

fn view(width: u32, height: u32, scale: Option<Calibration>) -> View {
    let micrograph = Micrograph {
        pixels: Pixels::Grey8(vec![90; (width * height) as usize]),
        header: Header {
            format: "TIFF",
            width,
            height,
            bits: 8,
            samples: 1,
            pages: 1,
            page: 0,
        },
        metadata: Metadata::default(),
        calibration: None,
        hash: "h".into(),
        source: "made".into(),
    };
    let whole = [f64::from(width), f64::from(height)];
    View {
        opened: Arc::new(Opened::of(micrograph, &|| true).unwrap()),
        map: DisplayMap::default(),
        part: Region::between([0.0; 2], whole, [width, height]).unwrap(),
        scale,
        bar: true,
        marks: Vec::new(),
    }
}

fn scale(nm: f64) -> Option<Calibration> {
    Calibration::new(nm, nm, Source::User, "test")
}

/// The longest run of white in a row of the lower left quarter.
fn white_run(picture: &Picture) -> usize {
    let width = picture.size[0] as usize;
    let rows = picture.rgb.chunks(width * 3);
    let run = |row: &[u8]| {
        let mut longest = 0;
        let mut run = 0;
        for pixel in row.chunks(3) {
            run = if pixel[0] >= 250 { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    };
    rows.map(run).max().unwrap()
}

#[test]
fn the_burnt_bar_is_as_long_as_it_says() {
    for (width, nm) in [(640, 5.0), (1280, 1.25), (2048, 13.7)] {
        let view = view(width, width * 3 / 4, scale(nm));
        let (bar, length_px) = view.bar().unwrap();
        assert!((bar.length_nm / nm - length_px).abs() < 1e-9);
        let found = white_run(&view.burn().unwrap());
        assert!(
            (found as f64 - length_px).abs() <= 1.0,
            "{width}: {found} px for {} of {length_px} px",
            bar.label
        );
    }
}

#[test]
fn the_bar_stands_on_the_instruments_banner_rather_than_over_it() {
    let mut view = view(640, 480, scale(5.0));
    let opened = Arc::get_mut(&mut view.opened).unwrap();
    opened.micrograph.metadata.data_bar_rows = Some(60);
    let picture = view.burn().unwrap();
    let (above, banner) = picture.rgb.split_at(640 * 420 * 3);
    assert!(
        banner.iter().all(|value| *value == 90),
        "the banner is hidden"
    );
    assert!(above.contains(&255), "there is no bar");
    view.part = Region::between([0.0, 380.0], [640.0, 480.0], [640, 480]).unwrap();
    let picture = view.burn().unwrap();
    assert!(
        picture.rgb.contains(&255),
        "no room above it, so it stands below"
    );
}

#[test]
fn without_a_scale_there_is_no_bar_and_the_data_stay() {
    let view = view(300, 200, None);
    let picture = view.burn().unwrap();
    assert!(picture.rgb.iter().all(|value| *value == 90));
    let kept = &view.opened.micrograph.pixels;
    assert!(matches!(kept, Pixels::Grey8(samples) if samples.iter().all(|v| *v == 90)));
}

#[test]
fn marks_are_burnt_in_where_they_were_drawn() {
    let mut view = view(400, 300, None);
    let mark = Mark {
        id: 1,
        kind: Kind::Distance,
        points: vec![[100.0, 150.0], [300.0, 150.0]],
        closed: false,
        box_px: BOX_PX,
    };
    view.marks.push(Burnt {
        mark,
        edges: None,
        label: "200.0 px".to_owned(),
    });
    let picture = view.burn().unwrap();
    let pixel = |x: usize, y: usize| &picture.rgb[(y * 400 + x) * 3..][..3];
    let [red, _, blue] = pixel(200, 150) else {
        unreachable!()
    };
    assert!(
        *red > 150 && *blue < 90,
        "a yellow line: {:?}",
        pixel(200, 150)
    );
    assert_eq!(pixel(200, 100), [90, 90, 90]);
    assert_eq!(pixel(50, 150), [90, 90, 90]);
}

#[test]
fn what_is_written_is_read_back_the_same_with_its_scale() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.png", "a.tif"] {
        let view = view(320, 200, scale(5.0));
        let picture = view.burn().unwrap();
        let path = folder.path().join(name);
        write(&picture, view.scale.as_ref(), &path).unwrap();
        let read = micrograph::read(&path, Limits::default()).unwrap();
        assert_eq!([read.width(), read.height()], picture.size);
        match read.pixels {
            Pixels::Rgb8(rgb) => assert_eq!(rgb, picture.rgb, "{name}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_picture_that_is_too_large_is_refused_with_advice() {
    let mut view = view(64, 64, None);
    view.part = Region::between([0.0; 2], [20_000.0; 2], [20_000; 2]).unwrap();
    assert!(
        view.burn()
            .is_err_and(|sentence| sentence.contains("visible part"))
    );
}

#[test]
fn a_file_that_cant_be_written_is_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let picture = view(32, 32, None).burn().unwrap();
    let error = write(&picture, None, &folder.path().join("none/a.png")).unwrap_err();
    assert!(error.contains("could not be written"), "{error}");
    let error = write(&picture, None, &folder.path().join("a.webp")).unwrap_err();
    assert!(error.contains(".png or .tif"), "{error}");
}
