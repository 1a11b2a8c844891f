//! Choices with undo, what is asked for anew, and which objects are chosen.

use super::*;
use crate::measure::Polarity;
use crate::measure::recipe::Sizes;

fn square(id: u32, left: f64, side: f64) -> Object {
    use crate::measure::edit::apply;
    let points = vec![
        [left, 0.0],
        [left + side, 0.0],
        [left + side, side],
        [left, side],
    ];
    let (drawn, _) = apply(&[], &[Edit::Add(points)]);
    Object {
        id,
        ..drawn[0].clone()
    }
}

/// Three objects with diameters of 11.3, 22.6 and 33.9 px.
fn entry() -> Entry {
    let mut entry = Entry::default();
    let objects = [
        square(1, 0.0, 10.0),
        square(2, 100.0, 30.0),
        square(3, 200.0, 20.0),
    ];
    entry.take_objects(Arc::new(objects.to_vec()));
    entry
}

fn ids(entry: &Entry) -> Vec<u32> {
    entry.listed().iter().map(|one| one.id).collect()
}

fn least(px: f64) -> Sizes {
    Sizes {
        least: Some(px),
        most: None,
        in_nm: false,
    }
}

#[test]
fn a_drag_of_a_limit_is_one_step_and_undo_brings_all_back() {
    let mut entry = entry();
    for px in [5.0, 9.0, 15.0] {
        entry.drag(least(px));
    }
    entry.settle(0);
    assert_eq!(ids(&entry), [2, 3]);
    entry.change(0, |plan| plan.edits.push(Edit::Remove(vec![[210.0, 5.0]])));
    entry.undo();
    assert!(entry.plan().edits.is_empty() && ids(&entry) == [2, 3]);
    entry.undo();
    assert_eq!(ids(&entry), [1, 2, 3]);
    assert!(!entry.can_undo());
    entry.redo(0);
    entry.redo(0);
    assert_eq!((entry.plan().edits.len(), ids(&entry)), (1, vec![2, 3]));
}

#[test]
fn undo_goes_to_whatever_was_changed_last() {
    let mut entry = entry();
    entry.change(3, |plan| plan.search.polarity = Some(Polarity::Dark));
    assert!(entry.is_last_step_here(3));
    assert!(!entry.is_last_step_here(4), "a mark was drawn since");
    assert!(entry.is_last_step_here(2), "the marks before were undone");
}

#[test]
fn clicking_chooses_adds_and_lets_go() {
    let mut entry = entry();
    assert!(entry.choose_at([5.0, 5.0], false));
    assert!(entry.choose_at([110.0, 5.0], true));
    assert_eq!(entry.chosen, BTreeSet::from([1, 2]));
    assert_eq!(entry.sought, Some(2));
    assert!(entry.choose_at([110.0, 5.0], false));
    assert_eq!(entry.chosen, BTreeSet::from([2]), "one of two chosen");
    assert!(entry.choose_at([110.0, 5.0], false));
    assert!(entry.chosen.is_empty());
    entry.choose(3, false);
    assert!(!entry.choose_at([60.0, 60.0], false));
    assert!(entry.chosen.is_empty());
}

#[test]
fn what_does_not_count_is_neither_listed_nor_chosen() {
    let mut entry = entry();
    entry.drag(least(15.0));
    assert!(!entry.choose_at([5.0, 5.0], false));
    entry.order_by(Column::Diameter);
    assert_eq!(ids(&entry), [2, 3], "the largest first");
    entry.order_by(Column::Diameter);
    assert_eq!(ids(&entry), [3, 2]);
}

#[test]
fn an_object_that_is_gone_is_chosen_no_more() {
    let mut entry = entry();
    entry.choose(1, false);
    entry.choose(3, true);
    entry.take_objects(Arc::new(vec![square(3, 200.0, 20.0)]));
    assert_eq!(entry.chosen, BTreeSet::from([3]));
}
