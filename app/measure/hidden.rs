//! How far a median may be off because objects hide one another: what is whole is a choice there.
//!
//! An object is free where an edge is seen nearly all around it and it was split from nothing.
//! Called by `group.rs`.

use super::house::objects as house;
use super::objects::Object;
use super::uncertainty::{from_limit, quantile};

/// Free objects from which their median is held against that of all.
const FREE_COUNT: usize = 5;

/// The standard uncertainty of the median diameter of whole objects, because some of them hide
/// others. By the share of those that are not free the median may lie anywhere in the middle half
/// of the diameters; and it is no better known than it differs from that of the free ones.
pub fn of_median(whole: &[&Object], median: f64) -> f64 {
    let mut all: Vec<f64> = whole.iter().map(|object| object.diameter_px).collect();
    let mut free: Vec<f64> = whole
        .iter()
        .filter(|object| is_free(object))
        .map(|object| object.diameter_px)
        .collect();
    if free.len() == all.len() {
        return 0.0;
    }
    let share = 1.0 - free.len() as f64 / all.len() as f64;
    let middle_half = quantile(&mut all, 0.75) - quantile(&mut all, 0.25);
    let apart = if free.len() < FREE_COUNT {
        0.0
    } else {
        (quantile(&mut free, 0.5) - median).abs()
    };
    from_limit((0.5 * share * middle_half).max(apart))
}

fn is_free(object: &Object) -> bool {
    !object.is_split && object.seen >= house::FREE_OUTLINE
}
