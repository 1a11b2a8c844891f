//! Which kind of structure is measured: simulated images of all ten categories, and real
//! micrographs with their labels where ASKEM_DATA names them, as tables.

use askem::measure::kind::usual;
use askem::measure::{Field, Measurement, Options, Structure, measure};
use askem::micrograph::{Edits, Limits, Mask, Micrograph, Printed, read};
use askem::questions::Category;
use askem::simulate::{Scene, scene};
use std::path::Path;

fn measured(micrograph: &Micrograph, category: Option<Category>) -> Measurement {
    let printed = Printed::of(micrograph);
    let size = [micrograph.width(), micrograph.height()];
    let mask = Mask::of(size, &printed, &Edits::default());
    let options = Options {
        category,
        ..Options::default()
    };
    measure(&Field::of(micrograph, &mask), &options)
}

fn simulated(scene: &Scene) -> Micrograph {
    let image = image::GrayImage::from_raw(scene.width, scene.height, scene.grey.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scene.png");
    image.save(&file).unwrap();
    read(&file, Limits::default()).unwrap()
}

/// A line of a table: what was decided, and what spoke for each kind.
fn row(name: &str, found: &Measurement, blind: &Measurement) -> String {
    let mut line = format!(
        "{name:34} {:8} {:8}",
        found.structure.name(),
        blind.structure.name()
    );
    for one in &blind.evidence {
        let mark = if one.ruled_out.is_some() { '-' } else { ' ' };
        line.push_str(&format!(
            " {}{:.2}/{:.2}/{:.2}{mark}",
            &one.structure.name()[..3],
            one.fit.explained,
            one.fit.supported,
            one.score
        ));
    }
    line
}

/// How often a kind that is usual for the category was decided on, another, or none.
#[derive(Default)]
struct Tally {
    usual: usize,
    other: usize,
    unclear: usize,
}

impl Tally {
    fn add(&mut self, found: Structure, category: Category) {
        if found == Structure::Unclear {
            self.unclear += 1;
        } else if usual(category).contains(&found) {
            self.usual += 1;
        } else {
            self.other += 1;
        }
    }
}

fn print(title: &str, tallies: &[(Category, Tally, Tally)]) -> [usize; 3] {
    println!("{title:28} named: usual other unclear   blind: usual other unclear");
    let mut all = [0, 0, 0];
    for (category, named, blind) in tallies {
        println!(
            "{:28} {:12} {:5} {:7} {:14} {:5} {:7}",
            category.name(),
            named.usual,
            named.other,
            named.unclear,
            blind.usual,
            blind.other,
            blind.unclear
        );
        all = [
            all[0] + blind.usual,
            all[1] + blind.other,
            all[2] + blind.unclear,
        ];
    }
    println!(
        "{title}, blind: {} usual, {} other, {} unclear\n",
        all[0], all[1], all[2]
    );
    all
}

#[test]
fn simulated_images_of_all_categories_show_what_is_usual_for_them() {
    let each = std::env::var("ASKEM_EACH").map_or(1, |text| text.parse().unwrap());
    let mut tallies = Vec::new();
    for category in Category::ALL {
        let (mut named, mut unnamed) = (Tally::default(), Tally::default());
        for seed in 0..each {
            let scene = scene(category, 900 + seed, 768);
            let micrograph = simulated(&scene);
            let found = measured(&micrograph, Some(category));
            let blind = measured(&micrograph, None);
            named.add(found.structure, category);
            unnamed.add(blind.structure, category);
            println!(
                "{}",
                row(
                    &format!("{category} {:?} {seed}", scene.truth.kind),
                    &found,
                    &blind
                )
            );
        }
        tallies.push((category, named, unnamed));
    }
    let [_, other, _] = print("simulated", &tallies);
    assert!(other * 5 <= each as usize * 10, "{other} of {}", each * 10);
}

#[test]
fn real_micrographs_show_what_is_usual_for_their_label() {
    let Some(data) = std::env::var_os("ASKEM_DATA").filter(|folder| !folder.is_empty()) else {
        println!("skipped: ASKEM_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("real");
    let list = std::fs::read_to_string(folder.join("images.jsonl")).unwrap();
    let rows: Vec<serde_json::Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut tallies: Vec<(Category, Tally, Tally)> = Category::ALL
        .iter()
        .map(|category| (*category, Tally::default(), Tally::default()))
        .collect();
    for about in &rows {
        let Some(category) = about["category"].as_str() else {
            continue;
        };
        let category: Category = category.parse().unwrap();
        let micrograph = read(
            &folder.join(about["file"].as_str().unwrap()),
            Limits::default(),
        );
        let micrograph = micrograph.unwrap();
        let found = measured(&micrograph, Some(category));
        let blind = measured(&micrograph, None);
        let (_, named, unnamed) = &mut tallies[category.index()];
        named.add(found.structure, category);
        unnamed.add(blind.structure, category);
        let name = format!("{} {}", about["id"].as_str().unwrap(), category.name());
        println!("{}", row(&name, &found, &blind));
    }
    print("real", &tallies);
}
