//! Measuring compact objects: drawn ones whose sizes are known, the same at any number of
//! threads, refusals, and the real micrographs with masks and expert values where ASKEM_DATA
//! names them.

use askem::measure::quantity::Quantity;
use askem::measure::{Field, Measurement, Options, Polarity, Search, Structure, measure};
use askem::micrograph::{Edits, Limits, Mask, Printed, read};
use askem::questions::Category;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::Path;

/// Discs on a ground: what is drawn is known to a hundredth of a pixel.
struct Drawing {
    discs: Vec<([f64; 2], f64)>,
    grey: Vec<f32>,
}

const SIZE: [usize; 2] = [900, 700];

/// Discs of a median `radius` with a spread, apart or touching in pairs, on a shaded ground,
/// blurred, with noise.
fn drawing(seed: u64, radius: f64, pairs: bool, step: f32, noise: f32) -> Drawing {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut discs: Vec<([f64; 2], f64)> = Vec::new();
    for _ in 0..4000 {
        let r = radius * (1.0 + 0.25 * (dice.random::<f64>() - 0.5));
        let at = [0, 1].map(|axis| dice.random::<f64>() * SIZE[axis] as f64);
        let turn = dice.random::<f64>() * std::f64::consts::TAU;
        let other = [at[0] + 2.0 * r * turn.cos(), at[1] + 2.0 * r * turn.sin()];
        let group: &[[f64; 2]] = if pairs { &[at, other] } else { &[at] };
        let is_free = |at: &[f64; 2]| {
            let far = |d: &([f64; 2], f64)| (d.0[0] - at[0]).hypot(d.0[1] - at[1]) > d.1 + r + 6.0;
            discs.iter().all(far)
        };
        if group.iter().all(is_free) && discs.len() < 90 {
            discs.extend(group.iter().map(|at| (*at, r)));
        }
    }
    let blur = 1.2;
    let mut grey = Vec::with_capacity(SIZE[0] * SIZE[1]);
    for y in 0..SIZE[1] {
        for x in 0..SIZE[0] {
            let (px, py) = (x as f64 + 0.5, y as f64 + 0.5);
            let inside = discs
                .iter()
                .map(|d| d.1 - (d.0[0] - px).hypot(d.0[1] - py))
                .fold(f64::MIN, f64::max);
            // A logistic step is close to a blurred one.
            let cover = 1.0 / (1.0 + (-1.7 * inside / blur).exp());
            let shading = 40.0 * px / SIZE[0] as f64 + 20.0 * (py / SIZE[1] as f64).powi(2);
            let normal: f32 = (0..12).map(|_| dice.random::<f32>()).sum::<f32>() - 6.0;
            grey.push(90.0 + shading as f32 + step * cover as f32 + noise * normal);
        }
    }
    Drawing { discs, grey }
}

fn measured(drawing: &Drawing, options: &Options) -> Measurement {
    let field = Field::from_values(SIZE[0], SIZE[1], drawing.grey.clone()).unwrap();
    measure(&field, options)
}

fn quantity<'a>(measurement: &'a Measurement, slot: &str) -> &'a Quantity {
    let found = measurement
        .quantities
        .iter()
        .find(|quantity| quantity.slot == slot);
    found.unwrap_or_else(|| panic!("{slot} is not among {:?}", measurement.quantities))
}

/// The median diameter of the discs that the frame does not cut.
fn median_diameter(drawing: &Drawing) -> f64 {
    let is_whole = |(at, r): &&([f64; 2], f64)| {
        [0, 1]
            .iter()
            .all(|axis| at[*axis] > *r && at[*axis] + r < SIZE[*axis] as f64)
    };
    let mut all: Vec<f64> = drawing
        .discs
        .iter()
        .filter(is_whole)
        .map(|(_, r)| 2.0 * r)
        .collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn in_view(drawing: &Drawing) -> usize {
    let is_seen = |(at, r): &&([f64; 2], f64)| {
        [0, 1]
            .iter()
            .all(|axis| at[*axis] > -0.7 * r && at[*axis] < SIZE[*axis] as f64 + 0.7 * r)
    };
    drawing.discs.iter().filter(is_seen).count()
}

#[test]
fn discs_are_counted_and_sized_at_three_levels_of_noise() {
    for (seed, radius, pairs, step, noise) in [
        (1, 14.0, false, 70.0, 2.0),
        (2, 14.0, false, -60.0, 8.0),
        (3, 22.0, false, 60.0, 16.0),
        (4, 20.0, true, 70.0, 4.0),
        (5, 9.0, false, 80.0, 6.0),
    ] {
        let drawing = drawing(seed, radius, pairs, step, noise);
        let found = measured(&drawing, &Options::default());
        assert_eq!(found.structure, Structure::Objects, "drawing {seed}");
        let bright = step > 0.0;
        assert_eq!(found.polarity == Polarity::Bright, bright, "drawing {seed}");
        let (count, truth) = (found.objects.len() as f64, in_view(&drawing) as f64);
        let most = if pairs { 0.15 } else { 0.05 };
        assert!(
            (count / truth - 1.0).abs() <= most,
            "drawing {seed}: {count} of {truth}"
        );
        let size = quantity(&found, "size.median");
        let (median, truth) = (size.value.unwrap(), median_diameter(&drawing));
        assert!(
            (median / truth - 1.0).abs() <= 0.05,
            "drawing {seed}: {median:.2}, not {truth:.2}"
        );
        let u = size.uncertainty.unwrap();
        assert!(
            (median - truth).abs() <= u.max(0.03 * truth),
            "{median:.2} ± {u:.2} is not {truth:.2}"
        );
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let drawing = drawing(7, 12.0, true, 60.0, 10.0);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| measured(&drawing, &Options::default()))
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(one.objects, three.objects);
    assert_eq!(one.quantities, three.quantities);
}

/// Discs of two brightnesses on a dark ground, twelve bright and eight faint ones.
fn two_brightnesses() -> Field<'static> {
    let (width, height) = (400, 320);
    let value = |i: usize| {
        let (x, y) = ((i % width) as f64 + 0.5, (i / width) as f64 + 0.5);
        let (column, row) = ((x / 80.0) as usize, (y / 80.0) as usize);
        let (cx, cy) = (80.0 * column as f64 + 40.0, 80.0 * row as f64 + 40.0);
        let cover = 1.0 / (1.0 + (-1.7 * (18.0 - (cx - x).hypot(cy - y))).exp());
        let height = if (column + row) % 5 < 2 { 60.0 } else { 140.0 };
        let grain = ((i * 7919) % 13) as f64 / 4.0;
        (60.0 + height * cover + grain) as f32
    };
    Field::from_values(width, height, (0..width * height).map(value).collect()).unwrap()
}

#[test]
fn a_threshold_takes_what_lies_beyond_it_alone() {
    let field = two_brightnesses();
    let found = |polarity, threshold| {
        let search = Search {
            polarity,
            threshold,
        };
        let options = Options {
            search,
            ..Options::default()
        };
        measure(&field, &options)
    };
    assert_eq!(found(None, None).objects.len(), 20);
    let bright = found(None, Some(160.0));
    assert_eq!(bright.objects.len(), 12);
    assert_eq!(bright.structure, Structure::Objects);
    let size = quantity(&bright, "size.median").value.unwrap();
    assert!(
        (size - 36.0).abs() < 0.5,
        "{size}: at the 50 % edge all the same"
    );
    assert!(bright.steps.iter().any(|step| step.contains("at grey 160")));
    assert_eq!(found(None, Some(90.0)).objects.len(), 20);
    let ground = found(Some(Polarity::Dark), Some(90.0));
    assert_eq!(ground.polarity, Polarity::Dark);
    assert_eq!(found(Some(Polarity::Bright), Some(400.0)).objects.len(), 0);
}

#[test]
fn noise_alone_holds_no_objects() {
    let mut dice = ChaCha8Rng::seed_from_u64(11);
    let noise = |_| 100.0 + 20.0 * ((0..12).map(|_| dice.random::<f32>()).sum::<f32>() - 6.0);
    let grey: Vec<f32> = (0..SIZE[0] * SIZE[1]).map(noise).collect();
    for grey in [grey, vec![7.0; SIZE[0] * SIZE[1]]] {
        let field = Field::from_values(SIZE[0], SIZE[1], grey).unwrap();
        let found = measure(&field, &Options::default());
        assert_eq!(
            found.structure,
            Structure::Unclear,
            "{} objects",
            found.objects.len()
        );
        let size = quantity(&found, "size.median");
        assert!(size.value.is_none() && size.reason().is_some());
    }
}

/// Discs with the mean grey of their ground and a texture: noise averaged over 5 by 5 pixels.
fn textured(radius: f64, amplitude: f32) -> Drawing {
    let mut drawing = drawing(12, radius, false, 0.0, 2.0);
    let mut dice = ChaCha8Rng::seed_from_u64(13);
    let row = SIZE[0] + 4;
    let noise: Vec<f32> = (0..row * (SIZE[1] + 4))
        .map(|_| amplitude * (dice.random::<f32>() - 0.5))
        .collect();
    for y in 0..SIZE[1] {
        for x in 0..SIZE[0] {
            let inside = |d: &([f64; 2], f64)| (d.0[0] - x as f64).hypot(d.0[1] - y as f64) < d.1;
            if drawing.discs.iter().any(inside) {
                let rows = (y..y + 5).flat_map(|y| &noise[y * row + x..y * row + x + 5]);
                drawing.grey[y * SIZE[0] + x] += rows.sum::<f32>() / 5.0;
            }
        }
    }
    drawing
}

#[test]
fn cells_are_told_from_their_ground_by_texture_where_greys_are_alike() {
    let drawing = textured(40.0, 120.0);
    let of = |category| {
        let options = Options {
            category: Some(category),
            ..Options::default()
        };
        measured(&drawing, &options)
    };
    let cells = of(Category::Biological);
    assert_eq!(cells.structure, Structure::Objects);
    let (count, true_count) = (quantity(&cells, "count"), in_view(&drawing) as f64);
    assert!(
        (count.value.unwrap() / true_count - 1.0).abs() <= 0.15,
        "{count:?} of {true_count}"
    );
    let (size, true_size) = (quantity(&cells, "size.median"), median_diameter(&drawing));
    let off = (size.value.unwrap() - true_size).abs();
    assert!(
        off <= size.uncertainty.unwrap() && off <= 0.15 * true_size,
        "{size:?} for {true_size}"
    );
    assert!(
        cells.steps.iter().any(|step| step.contains("texture")),
        "{:?}",
        cells.steps
    );
    // Of other materials the rough part is as often the ground.
    assert_eq!(of(Category::Particles).structure, Structure::Unclear);
}

#[test]
fn holes_of_a_sponge_are_pores() {
    let drawing = drawing(13, 18.0, false, -60.0, 3.0);
    let options = Options {
        category: Some(Category::Porous),
        ..Options::default()
    };
    let found = measured(&drawing, &options);
    assert_eq!(found.structure, Structure::Pores);
    let truth: f64 = drawing.discs.iter().map(|d| d.1 * d.1).sum::<f64>() * std::f64::consts::PI;
    let share = truth / (SIZE[0] * SIZE[1]) as f64;
    let porosity = quantity(&found, "porosity");
    assert!(
        (porosity.value.unwrap() / share - 1.0).abs() < 0.15,
        "{porosity:?} for {share}"
    );
    assert!(quantity(&found, "pore.median").value.is_some());
}

/// One real image: counts and median sizes in pixels, found and true.
struct Compared {
    line: String,
    size_error: Option<f64>,
    count_error: Option<f64>,
    /// Against the true count, or three where it is less.
    count_off: Option<f64>,
    is_refused: bool,
}

fn compared(folder: &Path, row: &serde_json::Value) -> Compared {
    let file = row["file"].as_str().unwrap();
    let micrograph = read(&folder.join(file), Limits::default()).unwrap();
    let printed = Printed::of(&micrograph);
    let size = [micrograph.width(), micrograph.height()];
    let mask = Mask::of(size, &printed, &Edits::default());
    let options = Options {
        category: Some(Category::Particles),
        ..Options::default()
    };
    let found = measure(&Field::of(&micrograph, &mask), &options);
    let mut diameters: Vec<f64> = found
        .objects
        .iter()
        .map(|object| object.diameter_px)
        .collect();
    diameters.sort_by(f64::total_cmp);
    let by_expert = || Some(row["size_um"].as_f64()? * 1000.0 / row["px_size_nm"].as_f64()?);
    let truth_px = row["median_eq_diam_px"].as_f64().or_else(by_expert);
    let truth_n = row["n"].as_f64().or_else(|| row["count"].as_f64());
    let is_refused = found.structure == Structure::Unclear;
    let median = diameters.get(diameters.len() / 2).copied();
    let size_error = truth_px
        .zip(median)
        .map(|(truth, found)| found / truth - 1.0);
    let count = diameters.len() as f64;
    let count_error = truth_n
        .filter(|n| *n > 0.0 && !is_refused)
        .map(|n| count / n - 1.0);
    let count_off = truth_n
        .filter(|_| !is_refused)
        .map(|n| (count - n).abs() / n.max(3.0));
    let shown = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.1}"));
    let percent = |value: Option<f64>| value.map_or("-".into(), |v| format!("{:+.0} %", 100.0 * v));
    let line = format!(
        "{:24} {:>5} {:>5} {:>7}  {:>7} {:>7} {:>7}  {}",
        file.chars().take(24).collect::<String>(),
        diameters.len(),
        shown(truth_n),
        percent(count_error),
        shown(median),
        shown(truth_px),
        percent(size_error),
        if is_refused {
            "refused"
        } else {
            found.polarity.name()
        },
    );
    Compared {
        line,
        size_error,
        count_error,
        count_off,
        is_refused,
    }
}

/// Prints a table of a folder and returns the median errors of size and count.
fn table(data: &Path, name: &str, is_wanted: impl Fn(&serde_json::Value) -> bool) -> [f64; 2] {
    let folder = data.join(name);
    let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let rows = index
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let all: Vec<Compared> = rows
        .filter(is_wanted)
        .map(|row| compared(&folder, &row))
        .collect();
    println!(
        "{:24} {:>5} {:>5} {:>7}  {:>7} {:>7} {:>7}",
        name, "n", "true", "", "px", "true", ""
    );
    all.iter().for_each(|one| println!("{}", one.line));
    let median = |errors: Vec<f64>| {
        let mut errors: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        errors.sort_by(f64::total_cmp);
        errors.get(errors.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let size = median(all.iter().filter_map(|one| one.size_error).collect());
    let count = median(all.iter().filter_map(|one| one.count_error).collect());
    let refused = all.iter().filter(|one| one.is_refused).count();
    let offs: Vec<f64> = all.iter().filter_map(|one| one.count_off).collect();
    println!(
        "{name}: median error of size {:.1} %, of count {:.1} %, mean |c-n|/max(n,3) {:.2}; {refused} of {} refused\n",
        100.0 * size,
        100.0 * count,
        offs.iter().sum::<f64>() / offs.len().max(1) as f64,
        all.len()
    );
    [size, count]
}

#[test]
fn real_micrographs_with_known_objects() {
    let Some(data) = std::env::var_os("ASKEM_DATA") else {
        println!("skipped: ASKEM_DATA is not set");
        return;
    };
    let data = Path::new(&data);
    let [size, count] = table(data, "masks", |row| row["n"].is_number());
    assert!(size < 0.12 && count < 0.15, "masks: {size}, {count}");
    let is_particles =
        |row: &serde_json::Value| row["object"] == "particle" && row["count"].is_number();
    let [size, count] = table(data, "sizes", is_particles);
    assert!(size < 0.15 && count < 0.1, "sizes: {size}, {count}");
}
