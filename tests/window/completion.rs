//! Questions offered while one is typed.

use super::harness::{Window, sample};
use askem::questions::Key;
use egui::Modifiers;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

#[test]
fn a_question_is_offered_while_it_is_typed_and_chosen_by_arrow_or_click() {
    let mut window = sample();
    let field = |window: &Window| {
        let found = window
            .harness
            .get_by_role_and_label(Role::TextInput, "Question");
        found.focus();
        found.type_text("aggreg");
    };
    let offered = Key::SizeAggregation.wording();
    field(&window);
    window.step();
    window.step();
    assert!(window.shows(offered));
    window.key(Modifiers::NONE, egui::Key::ArrowDown);
    window.key(Modifiers::NONE, egui::Key::Enter);
    window.wait("Answer to size.aggregation about");
    assert!(window.shows("Read as size.aggregation"));

    field(&window);
    window.step();
    window.step();
    window.press(offered);
    window.step();
    window.step();
    let answer = "Answer to size.aggregation about";
    window.wait_until("a second answer", |window| {
        window.harness.query_all_by_label_contains(answer).count() == 2
    });
}

#[test]
fn a_key_with_alt_writes_nothing_into_the_question() {
    let mut window = sample();
    let (role, name) = (Role::TextInput, "Question");
    window.harness.get_by_role_and_label(role, name).focus();
    window.step();
    // Both in one frame, as the window system sends them.
    let key = egui::Event::Key {
        key: egui::Key::Num3,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::ALT,
    };
    let text = egui::Event::Text("3".into());
    window.harness.input_mut().events.extend([key, text]);
    window.step();
    window.wait("Answer to size.range");
    let field = window.harness.get_by_role_and_label(role, name);
    assert_eq!(field.value().unwrap_or_default(), "");
    // Without Alt it is text.
    window.harness.event(egui::Event::Text("3".into()));
    window.step();
    let field = window.harness.get_by_role_and_label(role, name);
    assert_eq!(field.value().unwrap_or_default(), "3");
}
