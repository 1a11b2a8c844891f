//! Quantities of a group of compact objects under the house thresholds: each is fit, limited with
//! a reason, or refused with one.
//!
//! Finds no objects; lengths stay in pixels. Called by `blobs.rs`.

use super::coverage::{self, Share};
use super::fitness::Fitness;
use super::house::fitness as limits;
use super::house::{Fitness as Verdict, edges};
use super::objects::{Object, groups};
use super::quantity::{Quantity, Reason, Unit};
use super::segment::plane::Plane;
use super::segment::{self, Polarity};
use super::spacing::{Disc, spacing};
use super::uncertainty::{Parts, bootstrap, bootstrap_counts, from_limit, from_range};
use super::{Field, hidden, printing, words};

/// The seed of everything that is drawn by chance.
const SEED: u64 = 0x5eed;

/// The slots that the same numbers fill for objects and for pores.
pub struct Slots {
    median: &'static str,
    share: &'static str,
    /// What they are called in a reason.
    name: &'static str,
}

const OBJECTS: Slots = Slots {
    median: "size.median",
    share: "coverage",
    name: "objects",
};
const PORES: Slots = Slots {
    median: "pore.median",
    share: "porosity",
    name: "pores",
};

/// The slots for objects, or for pores where dark ones are holes.
pub fn slots(polarity: Polarity, are_pores: bool) -> Slots {
    if are_pores && polarity == Polarity::Dark {
        PORES
    } else {
        OBJECTS
    }
}

/// Objects that are measured together.
pub struct Group<'a> {
    fitness: &'a Fitness,
    /// What they were looked for in.
    plane: &'a Plane,
    objects: &'a [Object],
    whole: Vec<&'a Object>,
    frame: [f64; 4],
    contrast_to_noise: f64,
    /// Across the least that is looked for, in pixels of the field.
    least_px: f64,
    slots: Slots,
    /// The share of the field that they cover.
    coverage: f64,
    /// Whether the covered share is taken by threshold, and on which side of it.
    threshold: Option<Polarity>,
    /// Whether their texture tells them from the ground, so that their contrast says nothing.
    are_textured: bool,
}

impl<'a> Group<'a> {
    /// A group that covers what lies within its outlines.
    pub fn of(
        field: &Field<'_>,
        fitness: &'a Fitness,
        plane: &'a Plane,
        objects: &'a [Object],
        slots: Slots,
    ) -> Self {
        let mut contrasts: Vec<f32> = objects.iter().map(|object| object.contrast).collect();
        contrasts.sort_by(f32::total_cmp);
        let contrast = contrasts.get(contrasts.len() / 2).copied().unwrap_or(0.0);
        let covered: f64 = objects.iter().map(|object| object.area_px).sum();
        let sides = field.specimen().unwrap_or_default();
        Self {
            fitness,
            plane,
            objects,
            whole: objects.iter().filter(|object| !object.is_cut).collect(),
            frame: sides.map(|side| side as f64),
            contrast_to_noise: f64::from(contrast / fitness.noise.max(1e-6)),
            least_px: segment::least_px(plane),
            slots,
            coverage: (covered / field.area_px().max(1) as f64).min(1.0),
            threshold: None,
            are_textured: false,
        }
    }

    /// The same group, told from the ground by texture.
    pub fn textured(self) -> Self {
        Self {
            are_textured: true,
            ..self
        }
    }

    /// The same group, its covered share taken by threshold where there are two greys.
    pub fn thresholded(self, coverage: f64, polarity: Polarity) -> Self {
        Self {
            coverage,
            threshold: Some(polarity),
            ..self
        }
    }

    /// Everything refused: they cannot be told apart, or there are none.
    pub fn refused(&self) -> Vec<Quantity> {
        let why = if self.objects.is_empty() {
            "no compact object with a clear border was found"
        } else {
            "they could not be told from texture: too many borders belong to none of those found, or they are not convex"
        };
        let reason = |missing: &str| {
            Reason::new(
                missing,
                why,
                "Measure a region where they stand apart, or draw them by hand",
            )
        };
        vec![
            Quantity::unavailable(self.slots.median, Unit::Px, reason("No size")),
            Quantity::unavailable("count", Unit::Count, reason("No count")),
            Quantity::unavailable(self.slots.share, Unit::Share, reason("No covered share")),
        ]
    }

    /// All quantities, in pixels.
    pub fn quantities(&self) -> Vec<Quantity> {
        let mut all = self.sizes();
        all.push(self.count());
        all.push(self.aspect());
        all.push(self.covered());
        all.extend(self.touching());
        all.extend(self.spacing());
        for quantity in &mut all {
            quantity.evidence = match quantity.slot {
                "count" => self.objects.iter().map(|object| object.id).collect(),
                _ => self.whole.iter().map(|object| object.id).collect(),
            };
        }
        all
    }

    /// Statistics of the whole objects with their scatter over bootstrap draws; each counts as
    /// often as objects of its extent are cut. They are given values and weights in order.
    fn weighted<const N: usize>(
        &self,
        of: impl Fn(&Object) -> f64,
        statistics: impl Fn(&[(f64, f64)]) -> [f64; N] + Sync,
    ) -> [(f64, f64); N] {
        let values = self.in_order(of);
        let sampling = bootstrap_counts(values.len(), SEED, |counts| {
            let drawn: Vec<(f64, f64)> = values
                .iter()
                .zip(counts)
                .filter(|(_, count)| **count > 0)
                .map(|((value, weight), count)| (*value, weight * f64::from(*count)))
                .collect();
            statistics(&drawn)
        });
        let found = statistics(&values);
        std::array::from_fn(|i| (found[i], sampling[i]))
    }

    /// Values of the whole objects in order, with their weights.
    fn in_order(&self, of: impl Fn(&Object) -> f64) -> Vec<(f64, f64)> {
        let weighted = |object: &&Object| (of(object), object.weight(self.frame));
        let mut values: Vec<(f64, f64)> = self.whole.iter().map(weighted).collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        values
    }

    /// The median of the whole objects, weighted, without its scatter.
    fn middle(&self, of: impl Fn(&Object) -> f64) -> f64 {
        quantile(&self.in_order(of), 0.5)
    }

    fn sizes(&self) -> Vec<Quantity> {
        let n = self.whole.len();
        let [
            (median, sampling),
            (low, of_low),
            (high, of_high),
            (cv, of_cv),
        ] = self.weighted(
            |object| object.diameter_px,
            |values| {
                let [median, low, high] = [0.5, 0.1, 0.9].map(|share| quantile(values, share));
                [median, low, high, variation(values)]
            },
        );
        if let Some(reason) = self.no_size(median) {
            return vec![Quantity::unavailable(self.slots.median, Unit::Px, reason)];
        }
        let edge = 2.0 * self.edge();
        let hidden = hidden::of_median(&self.whole, median);
        let parts = |sampling: f64| Parts {
            edge,
            sampling: sampling.hypot(hidden),
            ..Parts::default()
        };
        let no_spread = self.no_spread();
        let note = match no_spread {
            None => format!("median of {n} {}", self.slots.name),
            Some(_) => format!("median of {n} whole {}", self.slots.name),
        };
        let mut all = vec![
            Quantity::measured(self.slots.median, median, Unit::Px, parts(sampling), n)
                .noted(format!("{note}, {}", edges::RULE))
                .limited(self.reserve(median)),
        ];
        if self.slots.median != OBJECTS.median {
            return all;
        }
        let tails = (n < limits::TAILS_COUNT)
            .then(|| format!("only {n} whole objects, {} are wanted", limits::TAILS_COUNT));
        for (slot, value, sampling) in [("size.p10", low, of_low), ("size.p90", high, of_high)] {
            all.push(match &no_spread {
                Some(reason) => Quantity::unavailable(slot, Unit::Px, reason.clone()),
                None => Quantity::measured(slot, value, Unit::Px, parts(sampling), n)
                    .limited(tails.clone()),
            });
        }
        all.push(match no_spread {
            Some(reason) => Quantity::unavailable("size.cv", Unit::Share, reason),
            None => {
                let parts = Parts {
                    sampling: of_cv,
                    ..Parts::default()
                };
                Quantity::measured("size.cv", cv, Unit::Share, parts, n)
            }
        });
        all
    }

    /// Standard uncertainty of the place of an edge, in pixels: what noise makes of a whole
    /// outline, and what the rule does, which is common to all objects and does not shrink with
    /// their number.
    fn edge(&self) -> f64 {
        let middle = |of: fn(&Object) -> f64| {
            let mut all: Vec<f64> = self.whole.iter().map(|object| of(object)).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(0.0)
        };
        let around = self.whole.iter().map(|object| object.outline.len()).min();
        let by_noise = middle(|object| object.edge_px) / (around.unwrap_or(1).max(1) as f64).sqrt();
        let by_rule = from_limit(middle(|object| object.rule_px));
        by_noise.hypot(by_rule).max(edges::FLOOR_PX)
    }

    /// Why no size can be said, if none can.
    fn no_size(&self, median: f64) -> Option<Reason> {
        let n = self.whole.len();
        if n < limits::LISTED_COUNT {
            let why = format!("only {n} whole {} were found", self.slots.name);
            return Some(Reason::new(
                "No median size",
                why,
                "See the size of each one in the list",
            ));
        }
        if limits::SIZE_PX.at_least(median) == Verdict::Refused {
            let why = format!(
                "they are {median:.0} pixels across, {} are needed",
                limits::SIZE_PX.refuse
            );
            return Some(Reason::new(
                "No size",
                why,
                "Take the image at a higher magnification",
            ));
        }
        if self.contrast() == Verdict::Refused {
            let why = format!(
                "their contrast is {:.1} times the noise",
                self.contrast_to_noise
            );
            return Some(Reason::new(
                "No size",
                why,
                "Take the image with a longer dwell time",
            ));
        }
        if limits::EDGE_TO_OBJECT.at_most(self.edge_to_object(median)) == Verdict::Refused {
            let why = "their edges are blurred over a quarter of their width or more";
            return Some(Reason::new("No size", why, "Focus again"));
        }
        None
    }

    fn contrast(&self) -> Verdict {
        if self.are_textured {
            return Verdict::Fit;
        }
        limits::CONTRAST_TO_NOISE.at_least(self.contrast_to_noise)
    }

    fn edge_to_object(&self, median: f64) -> f64 {
        let blur = self.fitness.blur().map_or(0.0, f64::from);
        limits::EDGE_WIDTHS_OF_SIGMA * blur / median
    }

    /// Why a size is to be taken with reserve, if it is.
    fn reserve(&self, median: f64) -> Option<String> {
        let n = self.whole.len();
        let split = self.whole.iter().filter(|object| object.is_split).count();
        if n < limits::MEDIAN_COUNT {
            Some(format!("only {n} whole {}", self.slots.name))
        } else if split as f64 > edges::SPLIT_SHARE * n as f64 {
            Some(format!(
                "{split} of {n} touch another and were split from it"
            ))
        } else if limits::CUT_BY_BORDER.at_most(self.cut_share()) != Verdict::Fit {
            Some(format!(
                "{:.0} % are cut by the border",
                100.0 * self.cut_share()
            ))
        } else if limits::SIZE_PX.at_least(median) != Verdict::Fit {
            Some(format!("they are only {median:.0} pixels across"))
        } else if median < 2.0 * self.least_px {
            Some(format!(
                "what is less than {:.0} pixels across is not looked for in an image this large: \
                 measure a region of it",
                self.least_px
            ))
        } else if self.contrast() != Verdict::Fit {
            Some(format!(
                "their contrast is only {:.1} times the noise",
                self.contrast_to_noise
            ))
        } else if limits::EDGE_TO_OBJECT.at_most(self.edge_to_object(median)) != Verdict::Fit {
            Some("their edges are blurred".to_owned())
        } else {
            None
        }
    }

    fn cut_share(&self) -> f64 {
        1.0 - self.whole.len() as f64 / self.objects.len().max(1) as f64
    }

    /// Why nothing is said of how sizes are distributed, if nothing is.
    fn no_spread(&self) -> Option<Reason> {
        let n = self.whole.len();
        let short = (self.frame[2] - self.frame[0]).min(self.frame[3] - self.frame[1]);
        let largest = self
            .objects
            .iter()
            .map(|object| object.feret_max_px)
            .fold(0.0, f64::max);
        let why = if n < limits::MEDIAN_COUNT {
            format!(
                "only {n} whole objects, {} are needed",
                limits::MEDIAN_COUNT
            )
        } else if limits::CUT_BY_BORDER.at_most(self.cut_share()) == Verdict::Refused {
            format!(
                "{:.0} % of them are cut by the border",
                100.0 * self.cut_share()
            )
        } else if largest > limits::LARGEST_OF_SHORT_SIDE * short {
            "one of them is larger than half the field".to_owned()
        } else {
            return None;
        };
        Some(Reason::new(
            "No distribution",
            why,
            "Take an image with more whole objects",
        ))
    }

    fn count(&self) -> Quantity {
        let cut = self.objects.len() - self.whole.len();
        let counted = self
            .objects
            .iter()
            .filter(|o| o.is_counted(self.frame, 1.0))
            .count();
        Quantity::count("count", self.objects.len()).noted(format!(
            "{cut} of them cut by the frame; {counted} by an unbiased frame"
        ))
    }

    fn aspect(&self) -> Quantity {
        let n = self.whole.len();
        let [(aspect, sampling)] = self.weighted(Object::aspect, |values| [quantile(values, 0.5)]);
        let across = self.middle(|object| object.feret_min_px);
        if n < limits::LISTED_COUNT || limits::SHAPE_PX.at_least(across) == Verdict::Refused {
            let why = if n < limits::LISTED_COUNT {
                format!("only {n} whole objects were found")
            } else {
                format!(
                    "they are {across:.0} pixels across, {} are needed",
                    limits::SHAPE_PX.refuse
                )
            };
            let reason = Reason::new("No shape", why, "Take the image at a higher magnification");
            return Quantity::unavailable("aspect.median", Unit::Ratio, reason);
        }
        // An edge that is off moves the longer and the shorter side alike or not.
        let edge = aspect * 2.0 * self.edge() / across;
        let parts = Parts {
            edge,
            sampling,
            ..Parts::default()
        };
        let few = (limits::SHAPE_PX.at_least(across) != Verdict::Fit)
            .then(|| format!("they are only {across:.0} pixels across"));
        Quantity::measured("aspect.median", aspect, Unit::Ratio, parts, n)
            .noted("Feret, longest over shortest")
            .limited(few)
    }

    /// The share by threshold where there are two greys, else by the outlines.
    fn covered(&self) -> Quantity {
        let n = self.objects.len();
        let slot = self.slots.share;
        if limits::CLIPPED.at_most(self.fitness.clipped) == Verdict::Refused
            && self.slots.share == PORES.share
        {
            let why = format!(
                "{:.0} % of the pixels are clipped",
                100.0 * self.fitness.clipped
            );
            let reason = Reason::new(
                "No area by threshold",
                why,
                "Lower the contrast and take the image again",
            );
            return Quantity::unavailable(slot, Unit::Share, reason);
        }
        let smooth = || self.plane.smoothed(1.0);
        let by_threshold = self
            .threshold
            .and_then(|polarity| coverage::share(&smooth(), polarity))
            .filter(|share| limits::VALLEY.at_most(share.valley) != Verdict::Refused);
        let Some(Share {
            share,
            range,
            valley,
        }) = by_threshold
        else {
            let parts = Parts {
                edge: self.coverage * 2.0 * self.edge_share(),
                ..Parts::default()
            };
            let no_greys = self
                .threshold
                .map(|_| "there are no two greys to tell apart");
            return Quantity::measured(slot, self.coverage, Unit::Share, parts, n)
                .noted("by the outlines of the objects")
                .limited(no_greys.map(str::to_owned));
        };
        let parts = Parts {
            threshold: from_range(range[0], range[1]),
            ..Parts::default()
        };
        let shallow = (limits::VALLEY.at_most(valley) != Verdict::Fit)
            .then(|| "the two greys are not well apart".to_owned());
        let note = printing::range(range[0], range[1], Unit::Share, range[1]);
        Quantity::measured(slot, share, Unit::Share, parts, n)
            .noted(format!("{note} with threshold"))
            .limited(shallow)
    }

    /// By how much of its radius an edge may be off.
    fn edge_share(&self) -> f64 {
        let median = self.middle(|object| object.diameter_px);
        if median > 0.0 {
            (2.0 * self.edge() / median).min(1.0)
        } else {
            0.0
        }
    }

    /// How many touch another, and in how many groups.
    fn touching(&self) -> Vec<Quantity> {
        let n = self.objects.len();
        let reach = 1.5 * f64::from(self.fitness.blur().unwrap_or(1.0)).max(1.0);
        let groups = groups(self.objects, reach);
        let in_groups: usize = groups.iter().filter(|size| **size > 1).sum();
        let number = groups.iter().filter(|size| **size > 1).count();
        let share = in_groups as f64 / n as f64;
        let parts = Parts {
            sampling: (share * (1.0 - share) / n as f64).sqrt(),
            ..Parts::default()
        };
        let few = (n < limits::MEDIAN_COUNT).then(|| format!("only {n} objects"));
        vec![
            Quantity::measured("aggregate.share", share, Unit::Share, parts, n).limited(few),
            Quantity::count("aggregate.count", number),
        ]
    }

    fn spacing(&self) -> Vec<Quantity> {
        let discs: Vec<Disc> = self
            .objects
            .iter()
            .map(|o| (o.centre, 0.5 * o.diameter_px))
            .collect();
        let refuse = |why: String| {
            let reason = Reason::new("No spacing", why, "Take an image with more objects apart");
            vec![
                Quantity::unavailable("spacing.median", Unit::Px, reason.clone()),
                Quantity::unavailable("spacing.ratio", Unit::Ratio, reason),
            ]
        };
        let n = discs.len();
        if n < edges::SPACING_COUNT {
            return refuse(format!(
                "only {n} objects, {} are needed",
                edges::SPACING_COUNT
            ));
        }
        if self.coverage > edges::SPACING_COVERAGE {
            let percent = 100.0 * self.coverage;
            return refuse(format!("they cover {percent:.0} % of the field"));
        }
        let is_specimen = |x: f64, y: f64| self.plane.is_specimen(x, y);
        let Some(found) = spacing(&discs, self.frame, is_specimen, SEED) else {
            return refuse("there is one object alone".to_owned());
        };
        let mut nearest = found.nearest_px.clone();
        let median = super::uncertainty::median(&mut nearest);
        let parts = Parts {
            sampling: bootstrap(&nearest, SEED, super::uncertainty::median),
            ..Parts::default()
        };
        let ratio = Parts {
            sampling: found.ratio / median
                * bootstrap(&nearest, SEED, |v| super::uncertainty::mean(v)),
            ..Parts::default()
        };
        let by_chance = found
            .by_chance
            .map_or(String::new(), |[low, middle, high]| {
                format!("chance gives {middle:.2}, {low:.2}–{high:.2}")
            });
        vec![
            Quantity::measured("spacing.median", median, Unit::Px, parts, n)
                .noted("nearest neighbour, centre to centre"),
            Quantity {
                word: found
                    .by_chance
                    .and_then(|[low, _, high]| words::layout(found.ratio, low, high)),
                ..Quantity::measured("spacing.ratio", found.ratio, Unit::Ratio, ratio, n)
                    .noted(by_chance)
            },
        ]
    }
}

/// The value below which the given share of the weight lies, of values in order; halfway where
/// it lies between two.
fn quantile(values: &[(f64, f64)], share: f64) -> f64 {
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let goal = share * total;
    let mut sum = 0.0;
    let mut before: Option<(f64, f64)> = None;
    for &(value, weight) in values {
        let middle = sum + 0.5 * weight;
        if middle >= goal {
            return match before {
                Some((place, below)) => {
                    below + (value - below) * (goal - place) / (middle - place).max(1e-12)
                }
                None => value,
            };
        }
        before = Some((middle, value));
        sum += weight;
    }
    before.map_or(f64::NAN, |(_, value)| value)
}

/// The coefficient of variation.
fn variation(values: &[(f64, f64)]) -> f64 {
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mean = values
        .iter()
        .map(|(value, weight)| value * weight)
        .sum::<f64>()
        / total;
    let squares: f64 = values
        .iter()
        .map(|(value, weight)| weight * (value - mean).powi(2))
        .sum();
    (squares / total).sqrt() / mean
}
