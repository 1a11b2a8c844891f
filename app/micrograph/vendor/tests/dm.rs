//! DM3 and DM4 files that the tests write, and what must be read from them.

#![allow(clippy::unwrap_used)]

use super::super::read;
use crate::micrograph::Metadata;
use std::io::Cursor;

/// A part of the tree that a file is written from.
pub(super) enum Node {
    Group(&'static str, Vec<Node>),
    Long(&'static str, u32),
    Float(&'static str, f32),
    Double(&'static str, f64),
    Text(&'static str, &'static str),
    /// Pixels of 16 bits.
    Data(usize),
}

/// A file of a tree, little-endian values as microscopes write them.
pub(super) fn file(is_wide: bool, tree: &[Node]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut put = Writer { is_wide };
    bytes.extend(if is_wide { 4_u32 } else { 3 }.to_be_bytes());
    put.count(&mut bytes, 0);
    bytes.extend(1_u32.to_be_bytes());
    put.group(&mut bytes, tree);
    bytes.extend([0; 8]);
    bytes
}

struct Writer {
    is_wide: bool,
}

impl Writer {
    fn count(&self, to: &mut Vec<u8>, count: u64) {
        if self.is_wide {
            to.extend(count.to_be_bytes());
        } else {
            to.extend((count as u32).to_be_bytes());
        }
    }

    fn group(&mut self, to: &mut Vec<u8>, nodes: &[Node]) {
        to.extend([1, 0]);
        self.count(to, nodes.len() as u64);
        for node in nodes {
            let (kind, name) = match node {
                Node::Group(name, _) => (20, *name),
                Node::Long(name, _)
                | Node::Float(name, _)
                | Node::Double(name, _)
                | Node::Text(name, _) => (21, *name),
                Node::Data(_) => (21, "Data"),
            };
            to.push(kind);
            to.extend((name.len() as u16).to_be_bytes());
            to.extend(name.as_bytes());
            if self.is_wide {
                to.extend([0; 8]);
            }
            match node {
                Node::Group(_, nodes) => self.group(to, nodes),
                Node::Long(_, value) => self.value(to, &[5], &value.to_le_bytes()),
                Node::Float(_, value) => self.value(to, &[6], &value.to_le_bytes()),
                Node::Double(_, value) => self.value(to, &[7], &value.to_le_bytes()),
                Node::Text(_, text) => {
                    let raw = super::utf16(text);
                    self.value(to, &[20, 4, raw.len() as u64 / 2], &raw);
                }
                Node::Data(samples) => {
                    self.value(to, &[20, 4, *samples as u64], &vec![7; samples * 2])
                }
            }
        }
    }

    fn value(&self, to: &mut Vec<u8>, kind: &[u64], raw: &[u8]) {
        to.extend(b"%%%%");
        self.count(to, kind.len() as u64);
        kind.iter().for_each(|number| self.count(to, *number));
        to.extend(raw);
    }
}

fn axis(scale: f32, unit: &'static str) -> Node {
    Node::Group(
        "",
        vec![
            Node::Float("Origin", -207.0),
            Node::Float("Scale", scale),
            Node::Text("Units", unit),
        ],
    )
}

fn image(axes: [(f32, &'static str); 2], tags: Vec<Node>) -> Node {
    let axes = axes.map(|(scale, unit)| axis(scale, unit));
    let data = vec![
        Node::Group("Calibrations", vec![Node::Group("Dimension", axes.into())]),
        Node::Data(10_000),
        Node::Group("Dimensions", vec![Node::Long("", 100), Node::Long("", 100)]),
    ];
    Node::Group(
        "",
        vec![
            Node::Group("ImageData", data),
            Node::Group("ImageTags", tags),
        ],
    )
}

fn microscope(date: &'static str) -> Vec<Node> {
    vec![
        Node::Group(
            "DataBar",
            vec![
                Node::Text("Acquisition Date", date),
                Node::Text("Acquisition Time", "4:26:37 PM"),
                Node::Double("Acquisition Time (OS)", 1.311_514_359_7e17),
            ],
        ),
        Node::Group("DigiScan", vec![Node::Double("Sample Time", 3.5)]),
        Node::Group(
            "Microscope Info",
            vec![
                Node::Text("Illumination Mode", "STEM NANOPROBE"),
                Node::Double("Indicated Magnification", 225_000.0),
                Node::Text("Name", "FEI Tecnai Remote"),
                Node::Group("Stage Position", vec![Node::Double("Stage Alpha", 24.95)]),
                Node::Double("Voltage", 200_000.0),
            ],
        ),
    ]
}

/// A thumbnail and an image with its tags.
pub(super) fn whole(is_wide: bool, axes: [(f32, &'static str); 2], date: &'static str) -> Vec<u8> {
    let thumbnail = image([(1.0, ""), (1.0, "")], vec![]);
    let list = Node::Group("ImageList", vec![thumbnail, image(axes, microscope(date))]);
    let of_first = Node::Group("", vec![Node::Long("ImageIndex", 0)]);
    let thumbnails = Node::Group("Thumbnails", vec![of_first]);
    file(
        is_wide,
        &[Node::Long("HasWindowPosition", 1), list, thumbnails],
    )
}

fn opened(bytes: Vec<u8>) -> Metadata {
    read(&mut Cursor::new(bytes), None, None, None)
}

#[test]
fn each_axis_has_its_own_unit_and_the_thumbnail_is_passed_by() {
    for is_wide in [false, true] {
        let metadata = opened(whole(is_wide, [(1.0, "nm"), (2.0, "A")], "8/8/2016"));
        assert_eq!(metadata.vendor, Some("Gatan"));
        assert_eq!(
            super::size_pm(&metadata),
            Some([1_000, 200]),
            "wide: {is_wide}"
        );
        assert_eq!(metadata.instrument.as_deref(), Some("FEI Tecnai (STEM)"));
        assert_eq!(metadata.accelerating_voltage_kv, Some(200.0));
        assert_eq!(metadata.magnification, Some(225_000.0));
        assert_eq!(metadata.dwell_us, Some(3.5));
        assert_eq!(metadata.stage_tilt_deg, Some(24.95));
        assert_eq!(metadata.date.as_deref(), Some("2016-08-08T16:26:37"));
    }
    let micro = opened(whole(false, [(1.0, "nm"), (2.0, "µm")], "8/8/2016"));
    assert_eq!(
        super::size_pm(&micro),
        Some([1_000, 2_000_000]),
        "x in nm, y in µm"
    );
    for unit in ["1/nm", "eV", ""] {
        let metadata = opened(whole(false, [(1.0, unit), (1.0, "nm")], "8/8/2016"));
        assert_eq!(metadata.calibration, None, "{unit} is no length");
    }
}

#[test]
fn the_systems_clock_tells_day_and_month_apart() {
    // The clock says 8 August 2016.
    let date = |text| opened(whole(false, [(1.0, "nm"), (1.0, "nm")], text)).date;
    assert_eq!(
        date("8/9/2016").as_deref(),
        Some("2016-08-09T16:26:37"),
        "within a day"
    );
    assert_eq!(date("9/8/2016").as_deref(), Some("2016-08-09T16:26:37"));
    assert_eq!(date("1/2/2016"), None, "neither fits");
    let told = opened(whole(false, [(1.0, "nm"), (1.0, "nm")], "1/2/2016")).warnings;
    assert!(told[0].contains("1/2/2016"), "{told:?}");
    assert_eq!(date("2016-08-08").as_deref(), Some("2016-08-08T16:26:37"));
}

#[test]
fn groups_within_groups_without_end_say_nothing() {
    let mut deep = Node::Group("g", vec![]);
    for _ in 0..200 {
        deep = Node::Group("g", vec![deep]);
    }
    assert_eq!(opened(file(true, &[deep])).vendor, None);
}
