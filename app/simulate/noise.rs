//! Lattice noise and random cells: the raw material of textures, warps, cracks and pores.
//!
//! Pure functions of position and seed; no state. Called by `field` and by the scenes.

/// Smooth noise on a unit lattice.
#[derive(Clone, Copy)]
pub struct Noise(pub u32);

fn hash(x: i32, y: i32, seed: u32) -> u32 {
    let mut mixed = (x as u32)
        .wrapping_mul(0x85EB_CA6B)
        .wrapping_add((y as u32).wrapping_mul(0xC2B2_AE35))
        .wrapping_add(seed.wrapping_mul(0x27D4_EB2F));
    mixed ^= mixed >> 15;
    mixed = mixed.wrapping_mul(0x2C1B_3C6D);
    mixed ^= mixed >> 12;
    mixed = mixed.wrapping_mul(0x297A_2D39);
    mixed ^ (mixed >> 15)
}

fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 / (1u32 << 24) as f32
}

/// Sixteen directions of equal length for the lattice slopes.
const SLOPES: [(f32, f32); 16] = [
    (1.0, 0.0),
    (0.92, 0.38),
    (0.71, 0.71),
    (0.38, 0.92),
    (0.0, 1.0),
    (-0.38, 0.92),
    (-0.71, 0.71),
    (-0.92, 0.38),
    (-1.0, 0.0),
    (-0.92, -0.38),
    (-0.71, -0.71),
    (-0.38, -0.92),
    (0.0, -1.0),
    (0.38, -0.92),
    (0.71, -0.71),
    (0.92, -0.38),
];

impl Noise {
    /// A value in about `-1..1`, smooth over about one unit and without blocks: a random slope
    /// at each lattice point, blended.
    pub fn at(self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (column, row) = (left as i32, top as i32);
        let (dx, dy) = (x - left, y - top);
        let (u, v) = (dx * dx * (3.0 - 2.0 * dx), dy * dy * (3.0 - 2.0 * dy));
        let corner = |right: i32, down: i32| {
            let (sx, sy) = SLOPES[(hash(column + right, row + down, self.0) >> 28) as usize];
            sx * (dx - right as f32) + sy * (dy - down as f32)
        };
        let upper = corner(0, 0) * (1.0 - u) + corner(1, 0) * u;
        let lower = corner(0, 1) * (1.0 - u) + corner(1, 1) * u;
        1.5 * (upper * (1.0 - v) + lower * v)
    }

    /// Noise summed over octaves, each turned, at about double frequency and 0.55 of the
    /// amplitude; about `-1..1`.
    pub fn octaves(self, x: f32, y: f32, octaves: u32) -> f32 {
        let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
        let (mut u, mut v) = (x, y);
        for octave in 0..octaves {
            let layer = Noise(self.0.wrapping_add(octave.wrapping_mul(101)));
            sum += weight * layer.at(u, v);
            total += weight;
            weight *= 0.55;
            (u, v) = (1.6 * u + 1.2 * v + 3.7, 1.6 * v - 1.2 * u + 1.9);
        }
        sum / f32::max(total, 1e-6) * 1.4
    }
}

/// Random cells around jittered lattice points: grains, foam cells, mud cracks.
#[derive(Clone, Copy)]
pub struct Cells {
    /// Seed of the points.
    pub seed: u32,
    /// 0 keeps the points on the square lattice, 1 scatters them over their whole cell.
    pub jitter: f32,
}

/// What [`Cells::at`] finds at a place, in lattice units.
#[derive(Clone, Copy)]
pub struct Cell {
    /// Distance to the nearest point.
    pub nearest: f32,
    /// Distance to the second nearest.
    pub second: f32,
    /// A value in `0..1` that belongs to the nearest point.
    pub id: f32,
    /// Offset from the nearest point.
    pub offset: (f32, f32),
}

impl Cells {
    /// The cell a place lies in.
    pub fn at(self, x: f32, y: f32) -> Cell {
        let (column, row) = (x.floor() as i32, y.floor() as i32);
        let mut found = Cell {
            nearest: 9.0,
            second: 9.0,
            id: 0.0,
            offset: (0.0, 0.0),
        };
        let (mut first, mut second) = (81.0f32, 81.0f32);
        for dy in -1..=1 {
            for dx in -1..=1 {
                let bits = hash(column + dx, row + dy, self.seed);
                let jitter =
                    |bits: u32| 0.5 + self.jitter * ((bits & 0xFFFF) as f32 / 65536.0 - 0.5);
                let px = (column + dx) as f32 + jitter(bits) - x;
                let py = (row + dy) as f32 + jitter(bits >> 16) - y;
                let distance = px * px + py * py;
                if distance < first {
                    second = first;
                    first = distance;
                    found.id = unit(bits.wrapping_mul(0x9E37_79B1));
                    found.offset = (-px, -py);
                } else if distance < second {
                    second = distance;
                }
            }
        }
        found.nearest = first.sqrt();
        found.second = second.sqrt();
        found
    }
}
