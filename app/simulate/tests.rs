//! Tests of the simulator as a whole.

#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn dump() {
    let Ok(dir) = std::env::var("SIM_DUMP") else { return };
    let only = std::env::var("SIM_CAT").unwrap_or_default();
    for category in Category::ALL {
        if !only.is_empty() && !only.split(',').any(|c| c == category.name()) { continue; }
        for kind in Kind::of(category) {
            for n in 0..std::env::var("SIM_N").map_or(3, |n| n.parse().unwrap()) {
                let mut dice = Dice::new(dice::seed_of(77, n * 1000 + *kind as u64));
                let made = scene_of(category, *kind, &mut dice, 384);
                let path = format!("{dir}/{}-{:?}-{n}.png", category.name(), kind);
                image::save_buffer(path, &made.grey, made.width, made.height, image::ColorType::L8).unwrap();
            }
        }
    }
}
