//! Which of the 22 questions fit what is being typed, and the list of them above the field.
//!
//! Only offers: what is typed is asked as it stands unless one of the list is chosen. Called by
//! the ask panel.

use super::theme::Palette;
use crate::questions::Key;
use egui::{Frame, Key as Button, Modifiers, Popup, PopupCloseBehavior, RectAlign, Response, Ui};

/// Questions on offer at most: more would hide the transcript.
const OFFERS_MAX: usize = 5;

/// Letters before anything is offered.
const TYPED_MIN: usize = 2;

/// The list and which of its questions is chosen.
#[derive(Debug, Default)]
pub struct Completion {
    typed: String,
    offers: Vec<Key>,
    chosen: Option<usize>,
    /// Pressing a button of the list takes the focus from the field.
    is_hovered: bool,
}

impl Completion {
    /// Brings the list up to date, and moves the choice by the arrow keys while the field has
    /// the focus. To be called before the field is drawn, so that the arrows stay out of it.
    pub fn read(&mut self, ui: &mut Ui, typed: &str, is_focused: bool) {
        if self.typed != typed {
            self.typed = typed.to_owned();
            self.offers = offers(typed);
            self.chosen = None;
        }
        if !is_focused || self.offers.is_empty() {
            return;
        }
        let pressed = |button| ui.input_mut(|input| input.consume_key(Modifiers::NONE, button));
        let count = self.offers.len();
        if pressed(Button::ArrowUp) {
            let last = count - 1;
            self.chosen = Some(self.chosen.map_or(last, |place| (place + last) % count));
        }
        if pressed(Button::ArrowDown) {
            self.chosen = Some(self.chosen.map_or(0, |place| (place + 1) % count));
        }
    }

    /// The question chosen by the arrow keys.
    pub fn chosen(&self) -> Option<Key> {
        self.offers.get(self.chosen?).copied()
    }

    /// Draws the list above the field. Gives the question that was clicked.
    pub fn show(&mut self, ui: &Ui, field: &Response) -> Option<Key> {
        let mut clicked = None;
        let is_wanted = field.has_focus() || self.is_hovered;
        let shown = Popup::from_response(field)
            .id(field.id.with("offers"))
            .open(is_wanted && !self.offers.is_empty())
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            .align(RectAlign::TOP_START)
            .width(field.rect.width())
            .frame(Frame::popup(ui.style()))
            .show(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                for (place, key) in self.offers.iter().enumerate() {
                    let is_chosen = self.chosen == Some(place);
                    let words = egui::RichText::new(key.wording()).color(Palette::of(ui).text);
                    let row = egui::Button::selectable(is_chosen, words)
                        .truncate()
                        .min_size(egui::vec2(ui.available_width(), 0.0));
                    if ui.add(row).on_hover_text(key.wording()).clicked() {
                        clicked = Some(*key);
                    }
                }
            });
        self.is_hovered = shown.is_some_and(|list| list.response.contains_pointer());
        clicked
    }
}

/// The questions in which every typed word begins a word, in their order.
fn offers(typed: &str) -> Vec<Key> {
    let words = words(typed);
    if words.iter().map(String::len).sum::<usize>() < TYPED_MIN {
        return Vec::new();
    }
    let fits = |key: &Key| {
        let said = self::words(&format!("{} {}", key.wording(), key.topic().title()));
        let begins = |word: &String| said.iter().any(|said| said.starts_with(word.as_str()));
        words.iter().all(begins)
    };
    Key::ALL.into_iter().filter(fits).take(OFFERS_MAX).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_offered_by_the_beginnings_of_their_words() {
        assert!(offers("size distr").contains(&Key::SizeDistribution));
        assert_eq!(offers("aggreg"), [Key::SizeAggregation]);
        assert!(offers("TEXTURE").contains(&Key::SurfaceTexture));
        assert!(offers("s").is_empty());
        assert!(offers("  ").is_empty());
        assert!(offers("xylophone").is_empty());
        assert_eq!(offers("the").len(), OFFERS_MAX);
    }
}
