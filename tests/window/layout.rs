//! Nothing leaves the window and nothing lies over anything else, in both themes, at all text
//! sizes and at three sizes of the window.

use super::harness::{Setup, Window};
use askem::window::{Settings, ThemeChoice};
use egui::accesskit::Role;
use egui::{Modifiers, Rect, vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT, Queryable};

/// The part of a node that can be seen: cut by the areas that scroll around it.
fn visible_rect(node: &Node<'_>) -> Rect {
    let mut rect = node.rect();
    let mut parent = node.parent();
    while let Some(around) = parent {
        if around.accesskit_node().role() == Role::ScrollView {
            rect = rect.intersect(around.rect());
        }
        parent = around.parent();
    }
    rect
}

pub fn check_layout(window: &Window, what: &str) {
    let screen = window.harness.ctx.content_rect();
    let is_control = |node: &Node<'_>| {
        matches!(node.accesskit_node().role(), Role::Button | Role::TextInput)
            && !node.accesskit_node().is_hidden()
    };
    let controls: Vec<(String, Rect)> = window
        .harness
        .query_all_by(|_| true)
        .filter(is_control)
        .map(|node| {
            (
                node.accesskit_node().label().unwrap_or_default(),
                visible_rect(&node),
            )
        })
        .filter(|(_, rect)| rect.is_positive())
        .collect();
    assert!(controls.len() > 8, "{what}: only {controls:?}");
    for (name, rect) in &controls {
        assert!(
            !name.is_empty(),
            "{what}: a control at {rect:?} has no name"
        );
        assert!(
            screen.expand(0.5).contains_rect(*rect),
            "{what}: \"{name}\" leaves the window: {rect:?}"
        );
    }
    for (place, (name, rect)) in controls.iter().enumerate() {
        for (other, other_rect) in &controls[place + 1..] {
            let both = rect.intersect(*other_rect);
            let overlap = both.is_positive() && both.width() > 1.0 && both.height() > 1.0;
            assert!(
                !overlap,
                "{what}: \"{name}\" {rect:?} lies over \"{other}\" {other_rect:?}"
            );
        }
    }
}

#[test]
fn all_themes_text_sizes_and_window_sizes_fit() {
    for theme in [ThemeChoice::Light, ThemeChoice::Dark] {
        for text_percent in [100, 150, 200] {
            let small = (text_percent < 200).then_some(vec2(1024.0, 700.0));
            let larger = [vec2(1280.0, 800.0), vec2(2560.0, 1440.0)];
            for size_px in small.into_iter().chain(larger) {
                let what = format!("{theme:?} {text_percent} % {size_px:?}");
                let settings = Settings {
                    theme,
                    text_percent,
                    ..Settings::default()
                };
                let mut window = Setup {
                    size_px,
                    settings,
                    ..Setup::default()
                }
                .open();
                window.wait_ready("Sample micrograph");
                check_layout(&window, &what);
                window.key(Modifiers::NONE, egui::Key::T);
                check_layout(&window, &format!("{what}, measurements"));
                window.key(Modifiers::NONE, egui::Key::T);
                window.key(Modifiers::ALT, egui::Key::Num3);
                window.wait("Answer to size.aggregation");
                window.wait_gone("Answering");
                check_layout(&window, &what);
                window.key(Modifiers::COMMAND, egui::Key::L);
                window.key(Modifiers::NONE, egui::Key::F12);
                check_layout(&window, &what);
                window.key(Modifiers::NONE, egui::Key::F12);
                window.key(Modifiers::COMMAND.plus(Modifiers::SHIFT), egui::Key::I);
                window.wait("Close the metadata");
                check_layout(&window, &format!("{what}, metadata"));
            }
        }
    }
}
