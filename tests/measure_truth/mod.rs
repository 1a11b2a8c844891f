//! Sizes, counts and uncertainties against the truth of simulated micrographs, by category and
//! level of noise.
//!
//! What is true is what is seen: of bodies that others cover the part in view, and only where that
//! is half of them or more. Lengths are compared with what was drawn.

use askem::measure::quantity::Bound;
use askem::measure::{Field, Measurement, Options, measure};
use askem::micrograph::{Edits, Limits, Mask, Printed, read};
use askem::questions::Category;
use askem::simulate::seen::{self, Seen, median};
use askem::simulate::truth::Level;
use askem::simulate::{Scene, scene};
use rayon::prelude::*;

/// The longest side of the scenes, in pixels.
const LONGEST_PX: u32 = 768;
/// The first seed.
const SEED: u64 = 40_000;
/// What the uncertainty should hold of the cases, at least.
const HELD: f64 = 0.7;

fn image_of(scene: &Scene) -> image::GrayImage {
    image::GrayImage::from_raw(scene.width, scene.height, scene.grey.clone()).unwrap()
}

fn measured(scene: &Scene) -> Measurement {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scene.png");
    image_of(scene).save(&file).unwrap();
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
    /// Values and bounds, and those of them that hold the truth.
    judged: usize,
    held: usize,
    refused: usize,
    images: usize,
}

impl Tally {
    fn add(&mut self, seed: u64, scene: &Scene) {
        let truth = seen::of(scene);
        let found = measured(scene);
        self.images += 1;
        let mut said = Vec::new();
        for known in &truth.known {
            let quantity = found
                .quantities
                .iter()
                .find(|one| known.slots.contains(&one.slot) && one.value.is_some());
            let Some((quantity, value)) = quantity.and_then(|one| Some((one, one.value?))) else {
                continue;
            };
            let u = quantity.uncertainty.unwrap_or(0.0);
            let off = match quantity.bound {
                Bound::AtMost => (known.value - value).max(0.0),
                Bound::AtLeast => (value - known.value).max(0.0),
                Bound::Value => (value - known.value).abs(),
            };
            if quantity.bound == Bound::Value {
                self.sizes.push(off / known.value);
            }
            self.judged += 1;
            self.held += usize::from(off <= u);
            said.push(format!(
                "{} {value:.1} ± {u:.1} for {:.1}",
                quantity.slot, known.value
            ));
        }
        self.refused += usize::from(said.is_empty());
        self.count(&found, &truth, &mut said);
        if let Some(folder) = std::env::var_os("ASKEM_SCENES") {
            let (kind, noise) = (scene.truth.kind, scene.truth.noise);
            println!("  {kind:?} {noise:?} {seed}: {}", said.join(", "));
            let file = std::path::Path::new(&folder).join(format!("{kind:?}-{noise:?}-{seed}.png"));
            image_of(scene).save(file).unwrap();
        }
    }

    fn count(&mut self, found: &Measurement, truth: &Seen, said: &mut Vec<String>) {
        let quantity = found.quantities.iter().find(|one| one.slot == "count");
        let (Some(count), Some(true_count)) = (quantity.and_then(|one| one.value), truth.count)
        else {
            return;
        };
        let off = (count / true_count as f64 - 1.0).abs();
        if truth.touch {
            self.touching.push(off);
        } else {
            self.apart.push(off);
        }
        said.push(format!("count {count} for {true_count}"));
    }

    fn join(&mut self, other: Self) {
        self.sizes.extend(other.sizes);
        self.apart.extend(other.apart);
        self.touching.extend(other.touching);
        self.judged += other.judged;
        self.held += other.held;
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
            self.held,
            self.judged,
            self.refused
        )
    }
}

/// Micrographs of each category and level of noise: `ASKEM_EACH` of them, or one. Where
/// `ASKEM_SCENES` names a folder, what came of each is printed, and its picture is written there.
#[test]
fn simulated_structures_are_sized_and_counted() {
    let each: usize = std::env::var("ASKEM_EACH").map_or(1, |text| text.parse().unwrap());
    println!("category, noise: images, size, count apart, count touching, held by U, refused");
    let rows: Vec<(Category, Level)> = Category::ALL
        .into_iter()
        .flat_map(|category| [Level::Low, Level::Moderate, Level::Strong].map(|l| (category, l)))
        .collect();
    let tallies: Vec<Tally> = rows
        .par_iter()
        .map(|(category, level)| {
            let mut tally = Tally::default();
            let scenes = (SEED..).map(|seed| (seed, scene(*category, seed, LONGEST_PX)));
            let fitting =
                scenes.filter(|(_, scene)| scene.truth.noise == *level && seen::has_facts(scene));
            for (seed, scene) in fitting.take(each) {
                tally.add(seed, &scene);
            }
            tally
        })
        .collect();
    let mut all = Tally::default();
    for ((category, level), mut tally) in rows.into_iter().zip(tallies) {
        println!("{}", tally.row(&format!("{category}, {level:?}")));
        all.join(tally);
    }
    println!("{}", all.row("all"));
    assert!(all.refused * 2 <= all.images, "most are refused");
    // Far from what is aimed at (docs/MEASURING.md, known limits); worse than today fails.
    assert!(median(&mut all.sizes) <= 0.10);
    assert!(median(&mut all.apart) <= 0.20);
    assert!(median(&mut all.touching) <= 0.20);
    assert!(all.held as f64 >= HELD * all.judged as f64);
}
