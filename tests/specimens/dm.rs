//! DigitalMicrograph files, DM3 and DM4, in either order of bytes.

use super::{PIXELS, SIZE, Specimen, as_f64, noise};

enum Node {
    Group(Vec<(&'static str, Node)>),
    /// A number: its kind and its bytes, lowest first.
    Number(u64, Vec<u8>),
    /// Numbers: their kind, how many, and their bytes.
    Array(u64, usize, Vec<u8>),
}

fn whole(number: u32) -> Node {
    Node::Number(5, number.to_le_bytes().into())
}

fn text(text: &str, is_little: bool) -> Node {
    let order = if is_little {
        u16::to_le_bytes
    } else {
        u16::to_be_bytes
    };
    let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
    Node::Array(4, bytes.len() / 2, bytes)
}

struct Writer {
    bytes: Vec<u8>,
    is_dm4: bool,
    is_little: bool,
}

impl Writer {
    fn count(&mut self, number: u64) {
        if self.is_dm4 {
            self.bytes.extend(number.to_be_bytes());
        } else {
            self.bytes.extend((number as u32).to_be_bytes());
        }
    }

    fn group(&mut self, entries: Vec<(&'static str, Node)>) {
        self.bytes.extend([1, 0]);
        self.count(entries.len() as u64);
        for (name, node) in entries {
            self.bytes.push(if matches!(node, Node::Group(_)) {
                20
            } else {
                21
            });
            self.bytes.extend((name.len() as u16).to_be_bytes());
            self.bytes.extend(name.as_bytes());
            if self.is_dm4 {
                self.bytes.extend([0; 8]);
            }
            match node {
                Node::Group(entries) => self.group(entries),
                Node::Number(kind, mut value) => {
                    self.bytes.extend(b"%%%%");
                    self.count(1);
                    self.count(kind);
                    if !self.is_little {
                        value.reverse();
                    }
                    self.bytes.extend(value);
                }
                Node::Array(kind, length, values) => {
                    self.bytes.extend(b"%%%%");
                    self.count(3);
                    self.count(20);
                    self.count(kind);
                    self.count(length as u64);
                    self.bytes.extend(values);
                }
            }
        }
    }
}

fn file(is_dm4: bool, is_little: bool, entries: Vec<(&'static str, Node)>) -> Vec<u8> {
    let mut writer = Writer {
        bytes: vec![0, 0, 0, if is_dm4 { 4 } else { 3 }],
        is_dm4,
        is_little,
    };
    writer.count(0);
    writer.bytes.extend(u32::from(is_little).to_be_bytes());
    writer.group(entries);
    writer.bytes
}

/// An image of the given type: kind of number, how many of them, their bytes.
fn image(data_type: u32, deep: u32, data: Node, is_little: bool) -> Node {
    let axis = |scale: f32, unit| {
        let scale = Node::Number(6, scale.to_le_bytes().into());
        Node::Group(vec![("Scale", scale), ("Units", text(unit, is_little))])
    };
    let axes = Node::Group(vec![("", axis(2.0, "nm")), ("", axis(0.5, "µm"))]);
    let mut sides = vec![("", whole(SIZE[0] as u32)), ("", whole(SIZE[1] as u32))];
    if deep > 1 {
        sides.push(("", whole(deep)));
    }
    let data = vec![
        ("Calibrations", Node::Group(vec![("Dimension", axes)])),
        ("Data", data),
        ("DataType", whole(data_type)),
        ("Dimensions", Node::Group(sides)),
    ];
    Node::Group(vec![("ImageData", Node::Group(data))])
}

/// A file with a thumbnail in front of the image.
fn with_thumbnail(is_dm4: bool, is_little: bool, image_of: Node) -> Vec<u8> {
    let thumbnail = image(6, 1, Node::Array(10, PIXELS, vec![9; PIXELS]), is_little);
    let index = Node::Group(vec![("", Node::Group(vec![("ImageIndex", whole(0))]))]);
    let entries = vec![
        (
            "ImageList",
            Node::Group(vec![("", thumbnail), ("", image_of)]),
        ),
        ("Thumbnails", index),
    ];
    file(is_dm4, is_little, entries)
}

pub fn all() -> Vec<Specimen> {
    let raw = noise(16, PIXELS);
    let shorts = raw.iter().flat_map(|s| (*s as u16).to_le_bytes()).collect();
    let signed: Vec<i16> = raw.iter().map(|s| *s as i16).collect();
    let signed_bytes = signed.iter().flat_map(|s| s.to_be_bytes()).collect();
    let floats: Vec<f32> = raw.iter().map(|s| *s as f32 / 9.0).collect();
    let float_bytes = floats.iter().flat_map(|s| s.to_le_bytes()).collect();
    let colour = noise(8, PIXELS * 3);
    let colour_bytes = colour
        .chunks(3)
        .flat_map(|c| [c[2] as u8, c[1] as u8, c[0] as u8, 0])
        .collect();
    let bytes: Vec<u8> = noise(8, 2 * PIXELS).iter().map(|s| *s as u8).collect();
    let first = as_f64(&bytes[..PIXELS]);
    vec![
        Specimen::new(
            "unsigned-16.dm3",
            with_thumbnail(
                false,
                true,
                image(10, 1, Node::Array(4, PIXELS, shorts), true),
            ),
            as_f64(&raw),
            (16, 1),
        ),
        Specimen::new(
            "signed-16-motorola.dm3",
            with_thumbnail(
                false,
                false,
                image(1, 1, Node::Array(2, PIXELS, signed_bytes), false),
            ),
            as_f64(&signed),
            (16, 1),
        ),
        Specimen::new(
            "float.dm4",
            with_thumbnail(
                true,
                true,
                image(2, 1, Node::Array(6, PIXELS, float_bytes), true),
            ),
            as_f64(&floats),
            (32, 1),
        ),
        Specimen::new(
            "colour.dm4",
            with_thumbnail(
                true,
                true,
                image(23, 1, Node::Array(3, PIXELS, colour_bytes), true),
            ),
            as_f64(&colour),
            (8, 4),
        ),
        Specimen::new(
            "stack.dm3",
            file(
                false,
                true,
                vec![(
                    "ImageList",
                    Node::Group(vec![(
                        "",
                        image(6, 2, Node::Array(10, 2 * PIXELS, bytes), true),
                    )]),
                )],
            ),
            first,
            (8, 1),
        )
        .on_page(0, 2),
    ]
}
