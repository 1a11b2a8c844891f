//! The design sheet as code: spacing, type sizes, radii and the colours of both themes.
//!
//! Every panel takes its numbers from here and never names a colour or a size of its own;
//! docs/UI.md says what each is for. Knows nothing of what the window shows.

use super::settings::ThemeChoice;
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow,
    Stroke, TextStyle, Theme, ThemePreference, Ui, Visuals, vec2,
};
use std::sync::Arc;

/// Space inside a control and between things that belong together, in points.
pub const SPACE_S: f32 = 4.0;
/// Space between controls.
pub const SPACE_M: f32 = 8.0;
/// Margin of panels and cards.
pub const SPACE_L: f32 = 12.0;
/// Space between sections.
pub const SPACE_XL: f32 = 20.0;

/// Notes beside the main thing: times, key names, units.
pub const TEXT_SMALL: f32 = 12.0;
/// Controls and running text.
pub const TEXT_BODY: f32 = 13.5;
/// From line to line of running text.
pub const LINE_BODY: f32 = 19.0;
/// The heading of a section or window.
pub const TEXT_HEADING: f32 = 16.0;
/// The one line of the empty window.
pub const TEXT_TITLE: f32 = 20.0;

/// Height of buttons and fields.
pub const CONTROL_HEIGHT: f32 = 30.0;
/// Height of the menu bar and the status bar.
pub const BAR_HEIGHT: f32 = 30.0;
/// Side of an icon.
pub const ICON: f32 = 16.0;
/// Corners of buttons and fields.
pub const RADIUS: u8 = 6;
/// Corners of cards, windows and menus.
pub const RADIUS_CARD: u8 = 8;

/// Lines drawn on a micrograph: bright on any grey, the same in both themes.
pub const MARK: Color32 = Color32::from_rgb(0xFF, 0xD1, 0x4D);
/// The chosen one of them.
pub const MARK_CHOSEN: Color32 = Color32::from_rgb(0x54, 0xE6, 0xD2);
/// Around such lines, so that they are seen on white.
pub const MARK_HALO: Color32 = Color32::from_black_alpha(150);
/// Under text on a micrograph.
pub const MARK_GROUND: Color32 = Color32::from_black_alpha(190);

/// The family of headings.
const SEMIBOLD: &str = "semibold";

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Around the micrograph: neutral and dark in both themes, so that greys look the same.
    pub surround: Color32,
    /// Text on the surround.
    pub on_surround: Color32,
    /// Panels and bars.
    pub panel: Color32,
    /// Cards, buttons, menus and windows.
    pub raised: Color32,
    /// Text fields.
    pub field: Color32,
    /// Lines between areas and around controls.
    pub hairline: Color32,
    /// Around what can be typed into.
    pub outline: Color32,
    /// A control under the pointer.
    pub hover: Color32,
    /// A control being pressed, and the chosen one of several.
    pub pressed: Color32,
    /// Text.
    pub text: Color32,
    /// Text that stands back.
    pub muted: Color32,
    /// The one thing to press, links, focus.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The chosen image, selected text.
    pub accent_soft: Color32,
    /// Bars of probability that are not the first.
    pub bar: Color32,
    /// Something was stopped or left out.
    pub warning: Color32,
    /// Something failed.
    pub error: Color32,
}

/// Colours on dark panels.
pub const DARK: Palette = Palette {
    surround: Color32::from_rgb(0x10, 0x10, 0x10),
    on_surround: Color32::from_rgb(0xC8, 0xC8, 0xC8),
    panel: Color32::from_rgb(0x1C, 0x1E, 0x21),
    raised: Color32::from_rgb(0x27, 0x2A, 0x2E),
    field: Color32::from_rgb(0x15, 0x17, 0x19),
    hairline: Color32::from_rgb(0x36, 0x3A, 0x3F),
    outline: Color32::from_rgb(0x6B, 0x72, 0x7A),
    hover: Color32::from_rgb(0x31, 0x35, 0x3A),
    pressed: Color32::from_rgb(0x3A, 0x3F, 0x45),
    text: Color32::from_rgb(0xE8, 0xEA, 0xED),
    muted: Color32::from_rgb(0xA6, 0xAD, 0xB5),
    accent: Color32::from_rgb(0x3F, 0xC4, 0xB1),
    on_accent: Color32::from_rgb(0x06, 0x1F, 0x1B),
    accent_soft: Color32::from_rgb(0x1C, 0x45, 0x40),
    bar: Color32::from_rgb(0x5B, 0x63, 0x6B),
    warning: Color32::from_rgb(0xE5, 0xAF, 0x4B),
    error: Color32::from_rgb(0xF5, 0x8B, 0x83),
};

/// Colours on light panels.
pub const LIGHT: Palette = Palette {
    surround: Color32::from_rgb(0x26, 0x26, 0x26),
    on_surround: Color32::from_rgb(0xD4, 0xD4, 0xD4),
    panel: Color32::from_rgb(0xF5, 0xF6, 0xF7),
    raised: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    field: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    hairline: Color32::from_rgb(0xD9, 0xDC, 0xE0),
    outline: Color32::from_rgb(0x86, 0x8D, 0x95),
    hover: Color32::from_rgb(0xEC, 0xEE, 0xF0),
    pressed: Color32::from_rgb(0xE0, 0xE3, 0xE6),
    text: Color32::from_rgb(0x1A, 0x1D, 0x20),
    muted: Color32::from_rgb(0x58, 0x5F, 0x67),
    accent: Color32::from_rgb(0x0B, 0x70, 0x65),
    on_accent: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    accent_soft: Color32::from_rgb(0xCF, 0xEA, 0xE6),
    bar: Color32::from_rgb(0xA9, 0xB0, 0xB7),
    warning: Color32::from_rgb(0x8A, 0x56, 0x00),
    error: Color32::from_rgb(0xB3, 0x26, 0x1E),
};

impl Palette {
    /// The colours of the theme the panel is drawn in.
    pub fn of(ui: &Ui) -> &'static Palette {
        if ui.visuals().dark_mode {
            &DARK
        } else {
            &LIGHT
        }
    }
}

/// The heavier face, for headings.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// Gives the context our fonts and both styles. Called once, before the first frame.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    for (theme, palette) in [(Theme::Dark, &DARK), (Theme::Light, &LIGHT)] {
        ctx.style_mut_of(theme, |style| {
            style.text_styles = text_styles();
            set_spacing(&mut style.spacing);
            style.visuals = visuals(theme, palette);
            style.interaction.tooltip_delay = 0.35;
            style.animation_time = 0.1;
        });
    }
    // Text size has its own keys and limits (see `shortcuts`).
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

/// Shows the theme the user chose.
pub fn choose(ctx: &Context, choice: ThemeChoice) {
    ctx.set_theme(match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    });
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in [
        ("inter", askem_assets::FONT_REGULAR),
        ("inter-semibold", askem_assets::FONT_SEMIBOLD),
        ("wide", askem_assets::FONT_WIDE),
    ] {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    for (family, first) in [
        (FontFamily::Proportional, "inter"),
        (FontFamily::Name(SEMIBOLD.into()), "inter-semibold"),
    ] {
        let mut names = vec![first.to_owned(), "wide".to_owned()];
        names.extend(fallback.iter().cloned());
        fonts.families.insert(family, names);
    }
    fonts
}

fn text_styles() -> std::collections::BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Small, FontId::proportional(TEXT_SMALL)),
        (TextStyle::Body, FontId::proportional(TEXT_BODY)),
        (TextStyle::Button, FontId::proportional(TEXT_BODY)),
        (TextStyle::Heading, semibold(TEXT_HEADING)),
        (TextStyle::Monospace, FontId::monospace(TEXT_BODY)),
    ]
    .into()
}

fn set_spacing(spacing: &mut egui::Spacing) {
    spacing.item_spacing = vec2(SPACE_M, SPACE_M);
    spacing.button_padding = vec2(SPACE_L, SPACE_S);
    spacing.interact_size = vec2(CONTROL_HEIGHT, CONTROL_HEIGHT);
    spacing.window_margin = Margin::same(SPACE_L as i8);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_width = 280.0;
    spacing.tooltip_width = 360.0;
    spacing.icon_width = ICON;
    spacing.scroll = egui::style::ScrollStyle::floating();
    spacing.scroll.bar_width = 8.0;
}

fn visuals(theme: Theme, palette: &Palette) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.weak_text_color = Some(palette.muted);
    visuals.hyperlink_color = palette.accent;
    visuals.selection.bg_fill = palette.accent_soft;
    visuals.selection.stroke = Stroke::new(1.0, palette.accent);
    visuals.faint_bg_color = palette.hover;
    visuals.extreme_bg_color = palette.field;
    visuals.text_edit_bg_color = Some(palette.field);
    visuals.code_bg_color = palette.raised;
    visuals.warn_fg_color = palette.warning;
    visuals.error_fg_color = palette.error;
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.raised;
    visuals.window_stroke = Stroke::new(1.0, palette.hairline);
    visuals.window_corner_radius = CornerRadius::same(RADIUS_CARD);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS_CARD);
    let shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(if theme == Theme::Dark { 110 } else { 45 }),
    };
    visuals.window_shadow = shadow;
    visuals.window_highlight_topmost = false;
    visuals.popup_shadow = shadow;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);

    let widgets = &mut visuals.widgets;
    for (state, fill, line, text) in [
        (
            &mut widgets.noninteractive,
            palette.panel,
            palette.hairline,
            palette.text,
        ),
        (
            &mut widgets.inactive,
            palette.raised,
            palette.hairline,
            palette.text,
        ),
        (
            &mut widgets.hovered,
            palette.hover,
            palette.outline,
            palette.text,
        ),
        (
            &mut widgets.active,
            palette.pressed,
            palette.outline,
            palette.text,
        ),
        (
            &mut widgets.open,
            palette.pressed,
            palette.hairline,
            palette.text,
        ),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, line);
        state.fg_stroke = Stroke::new(1.0, text);
        state.corner_radius = CornerRadius::same(RADIUS);
        state.expansion = 0.0;
    }
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.1 defines it.
    fn luminance(color: Color32) -> f32 {
        let channel = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn black_on_white_has_the_contrast_of_the_standard() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-3);
    }

    #[test]
    fn every_text_is_readable_on_every_ground_it_stands_on() {
        for p in [&DARK, &LIGHT] {
            for ground in [p.panel, p.raised, p.field, p.hover] {
                for text in [p.text, p.muted, p.warning, p.error, p.accent] {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{text:?} on {ground:?}: {}",
                        contrast(text, ground)
                    );
                }
            }
            for (text, ground) in [
                (p.on_accent, p.accent),
                (p.text, p.accent_soft),
                (p.accent, p.accent_soft),
                (p.text, p.pressed),
                (p.on_surround, p.surround),
            ] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}");
            }
            assert!(
                contrast(p.outline, p.field) >= 3.0,
                "the outline of a field must be seen"
            );
        }
    }
}
