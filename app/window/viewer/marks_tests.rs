//! The numbers of every kind of mark, undo and redo, and scales set by hand.

use super::*;

fn square_nm() -> Scale {
    Scale::of(Calibration::new(2.0, 2.0, Source::User, "").as_ref())
}

fn readings(kind: Kind, points: &[Point], closed: bool) -> Vec<String> {
    let mark = Mark {
        id: 1,
        kind,
        points: points.to_vec(),
        closed,
        box_px: BOX_PX,
    };
    let readings = mark.readings(&square_nm(), None);
    readings
        .into_iter()
        .map(|(name, text)| format!("{name} {text}"))
        .collect()
}

#[test]
fn every_kind_says_what_it_measures_in_real_units() {
    let line = [[0.0, 0.0], [30.0, 40.0]];
    assert_eq!(readings(Kind::Distance, &line, false), ["Length 100 nm"]);
    assert_eq!(
        readings(Kind::Rectangle, &line, false),
        ["Area 4800 nm²", "Width 60.0 nm", "Height 80.0 nm"]
    );
    assert_eq!(
        readings(Kind::Ellipse, &line, false)[..2],
        ["Area 3770 nm²", "Width 60.0 nm"]
    );
    let corner = [[10.0, 0.0], [0.0, 0.0], [0.0, 5.0]];
    assert_eq!(readings(Kind::Angle, &corner, false), ["Angle 90.0°"]);
    assert_eq!(readings(Kind::Polyline, &corner, false), ["Length 30.0 nm"]);
    assert_eq!(
        readings(Kind::Polyline, &corner, true),
        ["Area 100 nm²", "Outline 52.4 nm"]
    );
    assert_eq!(
        readings(Kind::Circle, &corner, false)[0],
        "Diameter 22.4 nm"
    );
    assert_eq!(readings(Kind::Parallels, &corner, false), ["Apart 10.0 nm"]);
    let wall = [[0.0, 10.0], [10.0, 10.0], [5.0, 10.0], [5.0, 0.0]];
    assert_eq!(
        readings(Kind::Sidewall, &wall, false),
        ["Angle 90.0°", "Off upright 0.0°"]
    );
    assert_eq!(
        readings(Kind::Caliper, &line, false),
        ["No edge, as drawn 100 nm"]
    );
}

#[test]
fn every_kind_has_an_outline_and_can_be_found_by_it() {
    for kind in Kind::ALL {
        let count = kind.points().unwrap_or(5);
        let points: Vec<Point> = [
            [0.0, 0.0],
            [50.0, 0.0],
            [50.0, 40.0],
            [9.0, 70.0],
            [1.0, 5.0],
        ]
        .into_iter()
        .take(count)
        .collect();
        let mark = Mark {
            id: 1,
            kind,
            points,
            closed: true,
            box_px: BOX_PX,
        };
        let outline = mark.outline(&square_nm());
        let on_it = outline[0][1];
        assert!(mark.distance_px(&square_nm(), on_it) < 1e-9, "{kind:?}");
        assert!(mark.distance_px(&square_nm(), [500.0, 500.0]) > 100.0);
        assert!(!mark.readings(&square_nm(), None).is_empty(), "{kind:?}");
    }
}

#[test]
fn steps_are_undone_and_redone_in_order() {
    let mut sheet = Sheet::default();
    sheet.add(Kind::Distance, vec![[0.0, 0.0], [1.0, 0.0]], false);
    sheet.add(Kind::Distance, vec![[0.0, 0.0], [2.0, 0.0]], false);
    assert_eq!(sheet.chosen, Some(2));
    sheet.delete(1);
    assert_eq!(sheet.now().marks.len(), 1);
    assert!(sheet.undo() && sheet.undo());
    assert_eq!((sheet.now().marks.len(), sheet.chosen), (1, None));
    assert!(sheet.redo());
    assert_eq!(sheet.now().marks[1].points[1], [2.0, 0.0]);
    sheet.add(Kind::Angle, vec![[0.0; 2]; 3], false);
    assert!(!sheet.redo(), "a new step ends what could be redone");
    assert_eq!(sheet.now().marks[2].id, 3, "numbers are not given twice");
    while sheet.undo() {}
    assert_eq!(sheet.now(), &Drawing::default());
    assert!(!sheet.can_undo() && sheet.can_redo());
}

#[test]
fn a_drag_is_one_step_and_no_change_is_none() {
    let mut sheet = Sheet::default();
    sheet.add(Kind::Distance, vec![[0.0, 0.0], [1.0, 0.0]], false);
    let before = sheet.now().clone();
    for x in 0..20 {
        sheet.adjust(|drawing| drawing.marks[0].points[1] = [f64::from(x), 0.0]);
    }
    sheet.keep(before);
    assert!(sheet.undo());
    assert_eq!(sheet.now().marks[0].points[1], [1.0, 0.0]);
    sheet.change(|_| {});
    assert!(sheet.can_redo(), "nothing was changed");
}

#[test]
fn steps_kept_are_limited() {
    let mut sheet = Sheet::default();
    for _ in 0..UNDO_MAX + 50 {
        sheet.add(Kind::Distance, vec![[0.0; 2]; 2], false);
    }
    let mut steps = 0;
    while sheet.undo() {
        steps += 1;
    }
    assert_eq!(steps, UNDO_MAX);
}

#[test]
fn lengths_are_read_as_people_type_them() {
    for (text, nm) in [
        ("500 nm", 500.0),
        (" 2,5µm ", 2500.0),
        ("2.5 um", 2500.0),
        ("1 μm", 1000.0),
        ("0.1mm", 1e5),
        ("30 Å", 3.0),
        ("200 pm", 0.2),
    ] {
        let read = length_from_typed(text);
        assert!(
            read.as_ref()
                .is_ok_and(|read| (read - nm).abs() < 1e-9 * nm),
            "{text}: {read:?}"
        );
    }
    for text in [
        "", "500", "nm", "0 nm", "-3 nm", "5 px", "1e3 nm", "1.2.3 nm", "5 kg",
    ] {
        let sentence = length_from_typed(text);
        assert!(
            sentence.is_err_and(|sentence| sentence.ends_with('.')),
            "{text}"
        );
    }
}

#[test]
fn a_scale_set_by_hand_makes_the_line_as_long_as_typed() {
    let line = [[10.0, 20.0], [110.0, 20.0]];
    let calibration = calibration_from(line, 500.0, None, "500 nm");
    let calibration = calibration.as_ref();
    assert_eq!(calibration.map(|c| (c.x_nm, c.y_nm)), Some((5.0, 5.0)));
    assert_eq!(calibration.map(|c| c.source), Some(Source::User));
    let known = Calibration::new(1.0, 2.0, Source::Metadata, "tag");
    let slanted = [[0.0, 0.0], [30.0, 20.0]];
    let calibration = calibration_from(slanted, 100.0, known.as_ref(), "100 nm");
    let scale = Scale::of(calibration.as_ref());
    assert!((scale.distance(slanted[0], slanted[1]) - 100.0).abs() < 1e-9);
    assert_eq!(calibration.map(|c| c.y_nm / c.x_nm), Some(2.0));
    assert_eq!(calibration_from([[3.0; 2]; 2], 500.0, None, ""), None);
}

#[test]
fn the_users_scale_goes_before_the_files_and_undo_brings_that_back() {
    let of_file = Calibration::new(1.0, 1.0, Source::Metadata, "tag");
    let mut sheet = Sheet::default();
    assert_eq!(sheet.calibration(of_file.as_ref()), of_file.as_ref());
    sheet.change(|drawing| drawing.scale = Calibration::new(3.0, 3.0, Source::User, ""));
    assert_eq!(
        sheet.calibration(of_file.as_ref()).map(|c| c.x_nm),
        Some(3.0)
    );
    assert!(sheet.undo());
    assert_eq!(
        sheet.calibration(of_file.as_ref()).map(|c| c.x_nm),
        Some(1.0)
    );
}
