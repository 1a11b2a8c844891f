//! The bar above the micrograph: tools, steps and what is shown beside it. What does not fit
//! is in a menu at its end.
//!
//! Draws and pushes commands; keeps no state.

use super::{Kind, Tool, Viewer};
use crate::window::command::Command;
use crate::window::icons::{self, Icon};
use crate::window::shortcuts::Action;
use crate::window::state::{Image, Session};
use crate::window::theme::{self, Palette};
use egui::{
    Button, CornerRadius, Frame, Margin, Panel, RichText, Sense, Ui, Vec2, WidgetInfo, vec2,
};

/// Side of a button.
const SIDE: f32 = 28.0;
/// Space for a line between groups.
const GROUP_GAP: f32 = 13.0;

/// A button of the bar.
struct Item {
    icon: Icon,
    action: Action,
    is_on: bool,
    /// Why it can't be used.
    why_not: Option<&'static str>,
    /// Whether a new group begins with it.
    begins: bool,
}

/// Draws the bar.
pub fn show(
    ui: &mut Ui,
    viewer: &Viewer,
    image: &Image,
    session: &Session,
    out: &mut Vec<Command>,
) {
    let frame = Frame::new()
        .fill(Palette::of(ui).panel)
        .inner_margin(Margin::symmetric(theme::SPACE_M as i8, 4));
    Panel::top("tools")
        .exact_size(SIDE + 8.0)
        .frame(frame)
        .show(ui, |ui| {
            ui.horizontal_centered(|ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                let items = items(viewer, image, session);
                let room = ui.available_width();
                let shown = fitting(&items, room);
                for item in &items[..shown] {
                    if item.begins {
                        divider(ui);
                    }
                    if button(ui, item) {
                        out.push(Command::Do(item.action));
                    }
                }
                if shown < items.len() {
                    more(ui, &items[shown..], out);
                }
            });
        });
}

/// How many fit, with room kept for the menu of the rest.
fn fitting(items: &[Item], room: f32) -> usize {
    let width = |item: &Item| SIDE + 2.0 + if item.begins { GROUP_GAP + 2.0 } else { 0.0 };
    if items.iter().map(width).sum::<f32>() <= room {
        return items.len();
    }
    let mut left = room - SIDE - 2.0;
    items
        .iter()
        .take_while(|item| {
            left -= width(item);
            left >= 0.0
        })
        .count()
}

fn items(viewer: &Viewer, image: &Image, session: &Session) -> Vec<Item> {
    let tool = |icon, tool, begins| Item {
        icon,
        action: Action::Pick(tool),
        is_on: viewer.tool() == tool,
        why_not: None,
        begins,
    };
    let plain = |icon, action, is_on, why_not: Option<&'static str>, begins| Item {
        icon,
        action,
        is_on,
        why_not,
        begins,
    };
    let sheet = viewer.sheet(image);
    let unless = |is_so: bool, why_not| (!is_so).then_some(why_not);
    let mut items = vec![tool(Icon::Pointer, Tool::Move, false)];
    items.extend(
        Kind::ALL.map(|kind| tool(icon_of(kind), Tool::Measure(kind), kind == Kind::Distance)),
    );
    items.extend([
        tool(Icon::Scale, Tool::SetScale, true),
        tool(Icon::Region, Tool::Region, false),
        tool(Icon::LeaveOut, Tool::LeaveOut, false),
        plain(
            Icon::Undo,
            Action::Undo,
            false,
            unless(
                sheet.is_some_and(|sheet| sheet.can_undo()),
                "Nothing has been drawn yet",
            ),
            true,
        ),
        plain(
            Icon::Redo,
            Action::Redo,
            false,
            unless(
                sheet.is_some_and(|sheet| sheet.can_redo()),
                "Nothing was undone",
            ),
            false,
        ),
        plain(
            Icon::Contrast,
            Action::Contrast,
            viewer.options.contrast,
            None,
            true,
        ),
        plain(
            Icon::LeftOut,
            Action::LeftOut,
            viewer.options.left_out,
            None,
            false,
        ),
        plain(
            Icon::Compare,
            Action::Compare,
            viewer.is_pair(),
            unless(session.images().len() > 1, "Only one micrograph is open"),
            false,
        ),
        plain(
            Icon::List,
            Action::Measurements,
            viewer.options.measurements,
            None,
            false,
        ),
        plain(Icon::Export, Action::Export, false, None, false),
    ]);
    items
}

/// The sign of a kind of mark.
pub fn icon_of(kind: Kind) -> Icon {
    match kind {
        Kind::Distance => Icon::Distance,
        Kind::Angle => Icon::Angle,
        Kind::Rectangle => Icon::Rectangle,
        Kind::Ellipse => Icon::Ellipse,
        Kind::Polyline => Icon::Polyline,
        Kind::Profile => Icon::Profile,
        Kind::Caliper => Icon::Caliper,
        Kind::Parallels => Icon::Parallels,
        Kind::Circle => Icon::Circle,
        Kind::Sidewall => Icon::Sidewall,
    }
}

fn button(ui: &mut Ui, item: &Item) -> bool {
    let palette = Palette::of(ui);
    let enabled = item.why_not.is_none();
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(SIDE), sense);
    let name = format!(
        "{} ({})",
        item.action.title(),
        item.action.key_text(ui.ctx())
    );
    let fill = if item.is_on {
        Some(palette.accent_soft)
    } else if response.is_pointer_button_down_on() {
        Some(palette.pressed)
    } else if enabled && (response.hovered() || response.has_focus()) {
        Some(palette.hover)
    } else {
        None
    };
    if let Some(fill) = fill {
        let round = CornerRadius::same(theme::RADIUS);
        ui.painter().rect_filled(rect, round, fill);
    }
    let color = match (enabled, item.is_on) {
        (false, _) => palette.hairline,
        (true, true) => palette.accent,
        (true, false) => palette.text,
    };
    let square = rect.shrink((SIDE - theme::ICON) / 2.0);
    icons::paint(ui.painter(), item.icon, square, color);
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::Button, enabled, item.is_on, name.as_str())
    });
    let clicked = enabled && response.clicked();
    match item.why_not {
        Some(why_not) => response.on_hover_text(format!("{name}\n{why_not}")),
        None => response.on_hover_ui(|ui| {
            ui.label(&name);
            if let Action::Pick(tool) = item.action {
                crate::window::widgets::muted(ui, tool.hint());
            }
        }),
    };
    clicked
}

fn divider(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(GROUP_GAP, SIDE), Sense::hover());
    let line = egui::Rect::from_center_size(rect.center(), vec2(1.0, 18.0));
    let color = Palette::of(ui).hairline;
    ui.painter().rect_filled(line, CornerRadius::ZERO, color);
}

fn more(ui: &mut Ui, items: &[Item], out: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let sign = icons::atom(Icon::More, palette.text);
    ui.spacing_mut().button_padding = vec2(6.0, 0.0);
    let menu = ui.menu_button(sign, |ui| {
        ui.spacing_mut().button_padding = vec2(theme::SPACE_M, theme::SPACE_S);
        ui.spacing_mut().item_spacing.y = 0.0;
        for item in items {
            if item.begins {
                ui.separator();
            }
            let key = RichText::new(item.action.key_text(ui.ctx()))
                .color(palette.muted)
                .size(theme::TEXT_SMALL);
            let words = (icons::atom(item.icon, palette.text), item.action.title());
            let button = Button::selectable(item.is_on, words).shortcut_text(key);
            let response = ui.add_enabled(item.why_not.is_none(), button);
            if response.clicked() {
                out.push(Command::Do(item.action));
                ui.close();
            }
        }
    });
    menu.response
        .widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "More tools"));
    menu.response.on_hover_text("More tools");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(count: usize) -> Vec<Item> {
        let item = |_| Item {
            icon: Icon::Bin,
            action: Action::Undo,
            is_on: false,
            why_not: None,
            begins: false,
        };
        (0..count).map(item).collect()
    }

    #[test]
    fn what_does_not_fit_leaves_room_for_its_menu() {
        let items = items(5);
        assert_eq!(fitting(&items, 150.0), 5);
        assert_eq!(fitting(&items, 149.0), 3);
        assert_eq!(fitting(&items, 35.0), 0);
        assert_eq!(fitting(&items, 0.0), 0);
    }
}
