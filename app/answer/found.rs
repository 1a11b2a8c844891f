//! What the program found printed or drawn over a micrograph, as a sentence for the answers that
//! are about it: the engine does not see it.
//!
//! Says only what was found. Called by `tell.rs`.

use crate::micrograph::Mask;
use crate::questions::Key;

/// The sentence that ends an answer; none where the question is about something else or nothing
/// was left out.
pub(super) fn sentence(key: Key, mask: &Mask) -> Option<String> {
    let is_about_it = matches!(
        key,
        Key::BasicsScale | Key::CompositionLabels | Key::TechniqueProcessing
    );
    let (last, others) = mask.words().split_last().filter(|_| is_about_it)?;
    let list = match others {
        [] => (*last).to_owned(),
        _ => format!("{} and {last}", others.join(", ")),
    };
    Some(format!(
        "Found over the image and left out of view: {list}."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micrograph::{Edits, Overlay, OverlayKind, Printed};

    #[test]
    fn what_was_found_is_named_where_it_is_asked_about() {
        let overlay = |kind, x| Overlay {
            kind,
            rect: [x, 5, x + 5, 9],
        };
        let printed = Printed {
            banner: Some([0, 80, 100, 100]),
            overlays: vec![
                overlay(OverlayKind::Text, 5),
                overlay(OverlayKind::Text, 15),
                overlay(OverlayKind::Arrow, 40),
            ],
            ..Printed::default()
        };
        let mask = Mask::of([100, 100], &printed, &Edits::default());
        let said = sentence(Key::CompositionLabels, &mask);
        let expected = "Found over the image and left out of view: a banner, print and an arrow.";
        assert_eq!(said.as_deref(), Some(expected));
        assert_eq!(sentence(Key::SizeRange, &mask), None);
        assert_eq!(sentence(Key::BasicsScale, &Mask::default()), None);
    }
}
