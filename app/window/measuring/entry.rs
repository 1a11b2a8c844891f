//! What is to be measured on one micrograph, and what was: choices with undo, the request under
//! way, objects and numbers, and which objects are chosen.
//!
//! Plain data that knows no egui. What is wanted is compared with what was asked for last, so
//! that no change can be forgotten to be sent. Called by `desk.rs`.

use crate::measure::edit::{Edit, Point, object_at, place_in};
use crate::measure::recipe::{Recipe, Sizes, counts};
use crate::measure::{Measurement, Object, Search};
use crate::micrograph::{Calibration, Region};
use crate::questions::Category;
use crate::worker::{MeasureJob, Measured, Opened, RequestId, View};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Steps that can be undone.
const UNDO_MAX: usize = 200;
/// The shares of the objects below which the ends of the colours lie.
const COLOURS: [f64; 2] = [0.02, 0.98];

/// What the user has chosen for a micrograph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What objects are looked for by.
    pub search: Search,
    /// Which sizes count.
    pub sizes: Sizes,
    /// What was changed by hand.
    pub edits: Vec<Edit>,
}

/// What a measurement rests on besides the plan: when this changes, it is made anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// Region and what is left out.
    pub view: View,
    /// How large a pixel is.
    pub calibration: Option<Calibration>,
    /// The material category.
    pub category: Option<Category>,
}

/// How the objects are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// By their number.
    Number,
    /// By the diameter of equal area.
    Diameter,
    /// By the longest Feret diameter.
    Longest,
    /// By aspect.
    Aspect,
    /// By form factor.
    Form,
}

impl Column {
    /// All, from left to right.
    pub const ALL: [Self; 5] = [
        Self::Number,
        Self::Diameter,
        Self::Longest,
        Self::Aspect,
        Self::Form,
    ];

    /// What it holds of an object; lengths in pixels.
    pub fn value(self, object: &Object) -> f64 {
        match self {
            Self::Number => f64::from(object.id),
            Self::Diameter => object.diameter_px,
            Self::Longest => object.feret_max_px,
            Self::Aspect => object.aspect(),
            Self::Form => object.form_factor(),
        }
    }
}

/// What is going on.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Nobody has asked for it yet, or it was stopped.
    Idle,
    /// Under way.
    Running(RequestId),
    /// Done.
    Done,
    /// It failed, with a sentence.
    Failed(String),
}

/// One micrograph.
#[derive(Debug)]
pub struct Entry {
    plan: Plan,
    /// Plans before, each with the steps of drawing there were at the time.
    past: Vec<(Plan, usize)>,
    future: Vec<Plan>,
    /// The plan when a limit began to be dragged.
    held: Option<Plan>,
    /// Whether the user wants it measured, from now on with every change.
    is_wanted: bool,
    asked: Option<(Basis, Plan)>,
    found: Option<(Basis, Search, Arc<Measurement>)>,
    /// What is going on.
    pub stage: Stage,
    /// The objects with what was changed by hand, of all sizes.
    pub objects: Arc<Vec<Object>>,
    /// The diameters at the ends of the colours, in pixels: all but a few lie between.
    pub range_px: [f64; 2],
    /// The numbers, once there are some.
    pub numbers: Option<Arc<Measurement>>,
    /// The chosen objects.
    pub chosen: BTreeSet<u32>,
    /// The object that the list is to show.
    pub sought: Option<u32>,
    /// How the objects are listed, and whether from the greatest down.
    pub order: (Column, bool),
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            plan: Plan::default(),
            past: Vec::new(),
            future: Vec::new(),
            held: None,
            is_wanted: false,
            asked: None,
            found: None,
            stage: Stage::Idle,
            objects: Arc::default(),
            range_px: [0.0; 2],
            numbers: None,
            chosen: BTreeSet::new(),
            sought: None,
            order: (Column::Number, false),
        }
    }
}

impl Entry {
    /// What the user has chosen.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What it was measured with last.
    pub fn recipe(&self) -> Recipe {
        let asked = self.asked.as_ref().map(|(basis, _)| basis);
        let found = self.found.as_ref().map(|(basis, ..)| basis);
        Recipe {
            category: asked.or(found).and_then(|basis| basis.category),
            search: self.plan.search,
            sizes: self.plan.sizes,
        }
    }

    /// Whether the objects are those that are found in a part with a category by themselves:
    /// nothing was chosen to look for them by and nothing changed by hand.
    pub fn is_as_found(&self, region: Option<Region>, category: Option<Category>) -> bool {
        let is_so = |(basis, search, _): &(Basis, Search, Arc<Measurement>)| {
            basis.view.region == region
                && basis.category == category
                && *search == Search::default()
        };
        self.found.as_ref().is_some_and(is_so) && self.plan.edits.is_empty()
    }

    /// Changes the plan in a step that can be undone. `drawn` is how many steps of drawing there
    /// are to undo.
    pub fn change(&mut self, drawn: usize, edit: impl FnOnce(&mut Plan)) {
        let before = self.plan.clone();
        edit(&mut self.plan);
        self.keep(before, drawn);
    }

    /// Changes the sizes while a limit is dragged; [`Entry::settle`] makes it one step.
    pub fn drag(&mut self, sizes: Sizes) {
        self.held.get_or_insert_with(|| self.plan.clone());
        self.plan.sizes = sizes;
    }

    /// The drag of a limit has ended.
    pub fn settle(&mut self, drawn: usize) {
        if let Some(before) = self.held.take() {
            self.keep(before, drawn);
        }
    }

    fn keep(&mut self, before: Plan, drawn: usize) {
        if before != self.plan {
            self.past.push((before, drawn));
            let surplus = self.past.len().saturating_sub(UNDO_MAX);
            self.past.drain(..surplus);
            self.future.clear();
        }
    }

    /// Whether the last step was one of these, where there are `drawn` steps of drawing.
    pub fn is_last_step_here(&self, drawn: usize) -> bool {
        self.past.last().is_some_and(|(_, then)| *then >= drawn)
    }

    /// Whether there is a step to go back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is a step to go forth.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Goes a step back.
    pub fn undo(&mut self) {
        if let Some((before, _)) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.plan, before));
        }
    }

    /// Goes a step forth again.
    pub fn redo(&mut self, drawn: usize) {
        if let Some(after) = self.future.pop() {
            self.past
                .push((std::mem::replace(&mut self.plan, after), drawn));
        }
    }

    /// Wants it measured, once that is possible.
    pub fn want(&mut self) {
        self.is_wanted = true;
        self.forget_asked();
    }

    /// Wants it measured no more.
    pub fn end(&mut self) {
        self.is_wanted = false;
        self.forget_asked();
    }

    /// Whether something is under way, or will be.
    pub fn is_busy(&self) -> bool {
        match self.stage {
            Stage::Running(_) => true,
            Stage::Idle => self.is_wanted,
            Stage::Done | Stage::Failed(_) => false,
        }
    }

    /// Whether it is to be measured: it is wanted, and something has changed since it was asked
    /// for last. While a limit is dragged, it waits.
    pub fn is_stale(&self, basis: &Basis) -> bool {
        let asked = self.asked.as_ref();
        let is_same = asked.is_some_and(|(of, plan)| of == basis && *plan == self.plan);
        self.is_wanted && self.held.is_none() && !is_same
    }

    /// The numbers, where they are those of a basis and of the plan as it is now.
    pub fn current(&self, basis: &Basis) -> Option<Arc<Measurement>> {
        let is_done = self.stage == Stage::Done && self.held.is_none();
        let (of, plan) = self.asked.as_ref()?;
        let is_same = is_done && of == basis && *plan == self.plan;
        self.numbers.clone().filter(|_| is_same)
    }

    /// Whether what is under way is about other objects than are wanted.
    pub fn is_in_vain(&self, basis: &Basis) -> bool {
        let asked = self.asked.as_ref();
        asked.is_none_or(|(asked, plan)| asked != basis || plan.search != self.plan.search)
    }

    /// What is sent to the worker, which is taken for asked from here on.
    pub fn job(&mut self, basis: Basis, opened: &Arc<Opened>) -> MeasureJob {
        let found = self
            .found
            .as_ref()
            .filter(|(of, search, _)| *of == basis && *search == self.plan.search);
        let job = MeasureJob {
            opened: Arc::clone(opened),
            view: basis.view.clone(),
            calibration: basis.calibration.clone(),
            recipe: Recipe {
                category: basis.category,
                search: self.plan.search,
                sizes: self.plan.sizes,
            },
            edits: self.plan.edits.clone(),
            found: found.map(|(_, _, found)| Arc::clone(found)),
        };
        self.asked = Some((basis, self.plan.clone()));
        job
    }

    /// Takes it for never asked, so that it can be asked for again.
    pub fn forget_asked(&mut self) {
        self.asked = None;
        self.stage = Stage::Idle;
    }

    /// Takes in the objects, which come before their numbers.
    pub fn take_objects(&mut self, objects: Arc<Vec<Object>>) {
        let ids: BTreeSet<u32> = objects.iter().map(|object| object.id).collect();
        self.chosen.retain(|id| ids.contains(id));
        let mut sizes: Vec<f64> = objects.iter().map(|one| one.diameter_px).collect();
        sizes.sort_by(f64::total_cmp);
        let last = sizes.len().saturating_sub(1) as f64;
        let at = |share: f64| sizes.get((last * share).round() as usize).copied();
        self.range_px = [COLOURS[0], COLOURS[1]].map(|share| at(share).unwrap_or(0.0));
        self.objects = objects;
    }

    /// Takes in a measurement. Says so where the last change by hand had no effect; that change
    /// is then taken back.
    pub fn take(&mut self, measured: &Measured) -> Option<&'static str> {
        self.stage = Stage::Done;
        self.take_objects(Arc::clone(&measured.objects));
        self.numbers = Some(Arc::clone(&measured.numbers));
        let (basis, plan) = self.asked.as_mut()?;
        self.found = Some((basis.clone(), plan.search, Arc::clone(&measured.found)));
        let last = plan.edits.len().checked_sub(1)?;
        let is_new = self
            .past
            .last()
            .is_some_and(|(before, _)| before.edits.len() == last);
        if !measured.idle.contains(&last) || !is_new || plan.edits != self.plan.edits {
            return None;
        }
        let edit = plan.edits.pop()?;
        self.plan.edits.pop();
        self.past.pop();
        Some(match edit {
            Edit::Remove(_) => "There is no object to take away",
            Edit::Merge(_) => "They are too far apart to be joined",
            Edit::Split(_) => "The line runs through no object. Draw it from side to side.",
            Edit::Add(_) => "This is too small for an object",
        })
    }

    /// The limits of what counts, in pixels.
    pub fn limits_px(&self) -> [f64; 2] {
        let numbers = self.numbers.as_ref();
        let nm = numbers.and_then(|numbers| numbers.scale.nm_from_px);
        self.plan.sizes.in_px(nm).unwrap_or([0.0, f64::INFINITY])
    }

    /// The objects that count, as they are listed.
    pub fn listed(&self) -> Vec<&Object> {
        let limits = self.limits_px();
        let objects = self.objects.iter();
        let mut listed: Vec<&Object> = objects.filter(|one| counts(one, limits)).collect();
        let (column, is_down) = self.order;
        listed.sort_by(|a, b| {
            let order = column.value(a).total_cmp(&column.value(b));
            let order = if is_down { order.reverse() } else { order };
            order.then(a.id.cmp(&b.id))
        });
        listed
    }

    /// Lists by a column; once more turns the order.
    pub fn order_by(&mut self, column: Column) {
        let is_down = match self.order {
            (known, is_down) if known == column => !is_down,
            // The largest first is what one looks for, and the first number.
            _ => column != Column::Number,
        };
        self.order = (column, is_down);
    }

    /// Chooses an object, besides the others where `more`; one that is chosen already is let go.
    pub fn choose(&mut self, id: u32, more: bool) {
        let was_chosen = self.chosen.contains(&id);
        let was_alone = self.chosen.len() == 1;
        if !more {
            self.chosen.clear();
        }
        if was_chosen && (more || was_alone) {
            self.chosen.remove(&id);
        } else {
            self.chosen.insert(id);
            self.sought = Some(id);
        }
    }

    /// Chooses what lies at a place of the image; nothing, where nothing does.
    pub fn choose_at(&mut self, at: Point, more: bool) -> bool {
        let limits = self.limits_px();
        match object_at(&self.objects, at).filter(|one| counts(one, limits)) {
            Some(object) => {
                self.choose(object.id, more);
                true
            }
            None => {
                if !more {
                    self.chosen.clear();
                }
                false
            }
        }
    }

    /// Places in the chosen objects.
    pub fn chosen_places(&self) -> Vec<Point> {
        let chosen = |one: &&Object| self.chosen.contains(&one.id);
        self.objects.iter().filter(chosen).map(place_in).collect()
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure fails the test"
)]
#[path = "entry_tests.rs"]
mod tests;
