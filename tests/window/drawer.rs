//! The list of measurements beside the other panels: whole, and never at the micrograph's cost.

use super::harness::Setup;
use askem::window::Settings;
use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable;

#[test]
fn the_list_is_whole_and_leaves_room_for_the_micrograph_whatever_else_is_open() {
    for (size_px, text_percent) in [
        (vec2(1024.0, 700.0), 100),
        (vec2(1024.0, 700.0), 150),
        (vec2(1280.0, 800.0), 100),
        (vec2(1280.0, 800.0), 150),
        (vec2(2560.0, 1440.0), 150),
    ] {
        let what = format!("{size_px:?} at {text_percent} %");
        let settings = Settings {
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
        window.key(Modifiers::NONE, Key::T);
        window.wait("Close the list");
        window.key(Modifiers::NONE, Key::C);
        let at = window.pane("Sample micrograph").center();
        window.drag(at - vec2(40.0, 0.0), at + vec2(40.0, 0.0));
        window.wait("Width of the box");
        window.key(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::I);
        window.wait("Close the metadata");
        // A panel takes its new size a frame later.
        window.step();
        let pane = window.pane("Sample micrograph");
        assert!(pane.height() >= 100.0, "{what}: {pane:?}");
        let close = window.button("Close the list").rect();
        assert!(
            close.top() >= pane.bottom(),
            "{what}: {close:?} under {pane:?}"
        );
        let plot = window.harness.get_by_label("Plot of the profile").rect();
        let lower = window.harness.ctx.content_rect().bottom();
        assert!(plot.bottom() <= lower, "{what}: {plot:?}");
        let links = ["Set the scale", "Confirm", "Use for all open"];
        let link = links
            .iter()
            .find_map(|link| {
                let mut found = window
                    .harness
                    .query_all_by_role_and_label(Role::Button, link);
                found.next()
            })
            .unwrap_or_else(|| panic!("{what}: no way to the scale"));
        assert!(link.rect().width() > 40.0, "{what}: {:?}", link.rect());
        assert!(link.rect().right() <= close.left(), "{what}");
    }
}
