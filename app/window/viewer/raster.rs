//! Paints triangles of egui into a picture without a graphics card: what is written into files
//! looks exactly as on the screen.
//!
//! Knows nothing of micrographs. Called by [`burn`](super::burn).

use egui::{Color32, ColorImage, Mesh, Pos2};

/// Paints a mesh whose colours and texture are those of egui: premultiplied, blended as
/// encoded. `picture` is red, green, blue, row by row, `size` wide and high.
pub fn paint(picture: &mut [u8], size: [usize; 2], mesh: &Mesh, texture: &ColorImage) {
    for triangle in mesh.indices.chunks_exact(3) {
        let corner = |place: usize| mesh.vertices.get(triangle[place] as usize);
        let (Some(a), Some(b), Some(c)) = (corner(0), corner(1), corner(2)) else {
            continue;
        };
        let area = cross(a.pos, b.pos, c.pos);
        if area == 0.0 {
            continue;
        }
        let span = |low: f32, high: f32, end: usize| {
            let first = (low - 0.5).ceil().max(0.0) as usize;
            let last = ((high - 0.5).floor() + 1.0).clamp(0.0, end as f32) as usize;
            first..last
        };
        let low = a.pos.min(b.pos).min(c.pos);
        let high = a.pos.max(b.pos).max(c.pos);
        for y in span(low.y, high.y, size[1]) {
            for x in span(low.x, high.x, size[0]) {
                let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                let shares = [
                    cross(b.pos, c.pos, at) / area,
                    cross(c.pos, a.pos, at) / area,
                    cross(a.pos, b.pos, at) / area,
                ];
                if !covers(shares, [a.pos, b.pos, c.pos], area) {
                    continue;
                }
                let mix = |f: &dyn Fn(usize) -> f32| {
                    f(0) * shares[0] + f(1) * shares[1] + f(2) * shares[2]
                };
                let corners = [a, b, c];
                let uv = [mix(&|i| corners[i].uv.x), mix(&|i| corners[i].uv.y)];
                let texel = texel(texture, uv).map(|part| f32::from(part) / 255.0);
                let channel = |part: usize| mix(&|i| f32::from(corners[i].color.to_array()[part]));
                let source = [0, 1, 2, 3].map(|part| channel(part) * texel[part]);
                let start = (y * size[0] + x) * 3;
                if let Some(pixel) = picture.get_mut(start..start + 3) {
                    for (below, above) in pixel.iter_mut().zip(source) {
                        let kept = f32::from(*below) * (1.0 - source[3] / 255.0);
                        *below = (above + kept).round().clamp(0.0, 255.0) as u8;
                    }
                }
            }
        }
    }
}

fn cross(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// Whether a place belongs to the triangle. A place on an edge that two triangles share must
/// belong to one of them only, or it would be blended twice.
fn covers(shares: [f32; 3], corners: [Pos2; 3], area: f32) -> bool {
    let [a, b, c] = corners;
    let edges = [(b, c), (c, a), (a, b)];
    shares.into_iter().zip(edges).all(|(share, (from, to))| {
        let along = if area > 0.0 { to - from } else { from - to };
        let owns = along.y < 0.0 || (along.y == 0.0 && along.x > 0.0);
        share > 0.0 || (share == 0.0 && owns)
    })
}

/// The texture between its four nearest pixels.
fn texel(texture: &ColorImage, [u, v]: [f32; 2]) -> [u8; 4] {
    let [width, height] = texture.size;
    let (x, y) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = (x - left, y - top);
    let pixel = |dx: f32, dy: f32| {
        let x = (left + dx).clamp(0.0, width as f32 - 1.0) as usize;
        let y = (top + dy).clamp(0.0, height as f32 - 1.0) as usize;
        let known = texture.pixels.get(y * width + x).copied();
        known.unwrap_or(Color32::TRANSPARENT).to_array()
    };
    let quarters = [
        pixel(0.0, 0.0),
        pixel(1.0, 0.0),
        pixel(0.0, 1.0),
        pixel(1.0, 1.0),
    ];
    [0, 1, 2, 3].map(|part| {
        let at = |quarter: usize| f32::from(quarters[quarter][part]);
        let upper = at(0) + (at(1) - at(0)) * right_share;
        let lower = at(2) + (at(3) - at(2)) * right_share;
        (upper + (lower - upper) * lower_share).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Rect, pos2};

    #[test]
    fn a_half_transparent_rectangle_is_blended_once_everywhere() {
        let mut mesh = Mesh::default();
        let rect = Rect::from_min_max(pos2(1.0, 1.0), pos2(5.0, 4.0));
        mesh.add_colored_rect(rect, Color32::from_black_alpha(128));
        let texture = ColorImage::filled([1, 1], Color32::WHITE);
        let mut picture = vec![200; 6 * 5 * 3];
        paint(&mut picture, [6, 5], &mesh, &texture);
        for y in 0..5 {
            for x in 0..6 {
                let inside = (1..5).contains(&x) && (1..4).contains(&y);
                let expected = if inside { 100 } else { 200 };
                assert_eq!(picture[(y * 6 + x) * 3], expected, "{x}, {y}");
            }
        }
    }

    #[test]
    fn colours_run_from_corner_to_corner_and_outside_is_nothing() {
        let mut mesh = Mesh::default();
        for (x, y, color) in [
            (-50.0, 0.0, Color32::BLACK),
            (50.0, 0.0, Color32::WHITE),
            (0.0, 400.0, Color32::WHITE),
        ] {
            mesh.colored_vertex(pos2(x, y), color);
        }
        mesh.add_triangle(0, 1, 2);
        mesh.indices.extend([0, 1, 99]);
        let texture = ColorImage::filled([1, 1], Color32::WHITE);
        let mut picture = vec![7; 40 * 3];
        paint(&mut picture, [40, 1], &mesh, &texture);
        assert!(picture.chunks(3).map(|p| p[0]).is_sorted(), "{picture:?}");
        assert!((120..=135).contains(&picture[0]), "{}", picture[0]);
    }
}
