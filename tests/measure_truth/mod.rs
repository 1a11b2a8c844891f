//! Sizes, counts and uncertainties against the truth of simulated micrographs, by category and
//! level of noise.
//!
//! What is simulated are separate bodies and holes; drawn lines, strands, layers and tips have
//! tests of their own (`measure_lines`).

use askem::measure::{Field, Measurement, Options, measure};
use askem::micrograph::{Edits, Limits, Mask, Printed, read};
use askem::questions::Category;
use askem::simulate::truth::{Level, Touch};
use askem::simulate::{Kind, Scene, scene};
use std::collections::HashMap;

/// The kinds of scene that hold bodies to count.
const KINDS: &[Kind] = &[
    Kind::RoundCells,
    Kind::Rods,
    Kind::PinholeFilm,
    Kind::DispersedBalls,
    Kind::PackedBalls,
    Kind::BrightSpecks,
    Kind::IrregularParticles,
    Kind::Cubes,
    Kind::DarkSpots,
    Kind::SquareHoles,
    Kind::HexagonalHoles,
    Kind::Pillars,
    Kind::IsolatedPores,
    Kind::MetalSpheres,
    Kind::AngularGrains,
];
/// Pixels of a body that is seen at all.
const SEEN_PX: usize = 14;
/// Of the usual body, the part that must be seen of one for it to count: the rest is hidden.
const SEEN_SHARE: f64 = 0.2;

/// What is true of the bodies of a scene.
struct Bodies {
    count: usize,
    /// Median diameter of equal area of what is seen of those that nothing cuts, in pixels.
    median_px: Option<f64>,
}

fn bodies(scene: &Scene) -> Bodies {
    let (width, height) = (scene.width as usize, scene.height as usize);
    let end = scene.truth.strip.map_or(height, |(from, _)| from as usize);
    let mut seen: HashMap<u32, (usize, bool)> = HashMap::new();
    for (place, number) in scene.bodies.iter().enumerate().take(end * width) {
        if *number == 0 {
            continue;
        }
        let (x, y) = (place % width, place / width);
        let is_cut = x == 0 || y == 0 || x + 1 == width || y + 1 == end;
        let body = seen.entry(*number).or_default();
        *body = (body.0 + 1, body.1 || is_cut);
    }
    let mut all: Vec<(f64, bool)> = seen
        .into_values()
        .filter(|(area, _)| *area >= SEEN_PX)
        .map(|(area, is_cut)| (area as f64, is_cut))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let usual = all.get(all.len() / 2).map_or(0.0, |(area, _)| *area);
    all.retain(|(area, _)| *area >= SEEN_SHARE * usual);
    let diameter = |area: f64| 2.0 * (area / std::f64::consts::PI).sqrt();
    let mut whole: Vec<f64> = all
        .iter()
        .filter(|(_, is_cut)| !is_cut)
        .map(|(area, _)| diameter(*area))
        .collect();
    Bodies {
        count: all.len(),
        median_px: (whole.len() >= 5).then(|| median(&mut whole)),
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[half],
        _ => 0.5 * (values[half - 1] + values[half]),
    }
}

fn measured(scene: &Scene) -> Measurement {
    let image = image::GrayImage::from_raw(scene.width, scene.height, scene.grey.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scene.png");
    image.save(&file).unwrap();
    let micrograph = read(&file, Limits::default()).unwrap();
    let size = [micrograph.width(), micrograph.height()];
    let mask = Mask::of(size, &Printed::of(&micrograph), &Edits::default());
    let options = Options {
        category: Some(scene.truth.category),
        ..Options::default()
    };
    measure(&Field::of(&micrograph, &mask), &options)
}

/// What came of the images of a category at a level of noise.
#[derive(Default)]
struct Tally {
    sizes: Vec<f64>,
    apart: Vec<f64>,
    touching: Vec<f64>,
    covered: usize,
    refused: usize,
    images: usize,
}

impl Tally {
    fn add(&mut self, scene: &Scene) {
        let truth = bodies(scene);
        let found = measured(scene);
        self.images += 1;
        let value = |slot: &str| {
            let one = found.quantities.iter().find(|one| one.slot == slot);
            one.and_then(|one| Some((one.value?, one.uncertainty.unwrap_or(0.0))))
        };
        let size = value("size.median").or_else(|| value("pore.median"));
        let (Some((size, u)), Some(median)) = (size, truth.median_px) else {
            self.refused += 1;
            return;
        };
        let off = (size / median - 1.0).abs();
        self.sizes.push(off);
        self.covered += usize::from((size - median).abs() <= u);
        if let Some((count, _)) = value("count") {
            let off = (count / truth.count as f64 - 1.0).abs();
            match scene.truth.touch {
                Touch::Separate => self.apart.push(off),
                _ => self.touching.push(off),
            }
        }
        if std::env::var_os("ASKEM_SCENES").is_some() {
            println!(
                "  {:?} {:?}: size {size:.1} ± {u:.1} for {median:.1}, count {:?} for {}",
                scene.truth.kind,
                scene.truth.noise,
                value("count").map(|(count, _)| count),
                truth.count
            );
        }
    }

    fn join(&mut self, other: Self) {
        self.sizes.extend(other.sizes);
        self.apart.extend(other.apart);
        self.touching.extend(other.touching);
        self.covered += other.covered;
        self.refused += other.refused;
        self.images += other.images;
    }

    fn row(&mut self, name: &str) -> String {
        let percent = |values: &mut [f64]| match values.len() {
            0 => "-".to_owned(),
            _ => format!("{:.1} %", 100.0 * median(values)),
        };
        format!(
            "{name:38} {:4} {:8} {:8} {:8} {:3} of {:3} {:4}",
            self.images,
            percent(&mut self.sizes),
            percent(&mut self.apart),
            percent(&mut self.touching),
            self.covered,
            self.sizes.len(),
            self.refused
        )
    }
}

/// Micrographs of each category and level of noise: `ASKEM_EACH` of them, or one.
#[test]
fn simulated_bodies_are_sized_and_counted() {
    let each: usize = std::env::var("ASKEM_EACH").map_or(1, |text| text.parse().unwrap());
    println!("category, noise: images, size, count apart, count touching, covered by U, refused");
    let mut all = Tally::default();
    for category in [
        Category::Biological,
        Category::Films,
        Category::Particles,
        Category::Patterned,
        Category::Porous,
        Category::Powder,
    ] {
        for level in [Level::Low, Level::Moderate, Level::Strong] {
            let mut tally = Tally::default();
            let scenes = (40_000..).map(|seed| scene(category, seed, 768));
            let fitting = scenes.filter(|scene| {
                scene.truth.noise == level && KINDS.contains(&scene.truth.kind) && !scene.truth.soft
            });
            for scene in fitting.take(each) {
                tally.add(&scene);
            }
            println!("{}", tally.row(&format!("{category}, {level:?}")));
            all.join(tally);
        }
    }
    println!("{}", all.row("all"));
    assert!(all.sizes.len() * 2 >= all.images, "most are refused");
    // Far from what is aimed at (docs/MEASURING.md, known limits); worse than today fails.
    assert!(median(&mut all.sizes) <= 0.25);
    assert!(median(&mut all.apart) <= 0.15);
}
