//! Carries out what the panels and keys asked for, once between two frames.

use super::AskemWindow;
use super::command::Command;
use super::measuring::Wish;
use super::path_field::{PathField, path_from_typed};
use super::record::Prediction;
use super::settings::ThemeChoice;
use super::shortcuts::Action;
use super::side::Tab;
use super::state::{Notice, Origin};
use super::theme;
use crate::micrograph::Region;
use crate::questions::typed::{self, Reading};
use egui::{Context, ViewportCommand};
use std::path::PathBuf;

impl AskemWindow {
    /// Carries out one command.
    pub(super) fn execute(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Do(action) => self.act(ctx, action),
            Command::Open(files) => self.open_files(files),
            Command::OpenTyped(text) => {
                self.path_field = None;
                self.open_files(vec![path_from_typed(
                    &text,
                    std::env::home_dir().as_deref(),
                )]);
            }
            Command::HidePathField => self.path_field = None,
            Command::Select(id) => self.session.select(id),
            Command::Close(id) => {
                for request in self.session.close(id) {
                    self.worker.cancel(request);
                }
            }
            Command::AskTyped(text) => self.ask_typed(text.trim()),
            Command::AskAgain(place) => self.ask_again(place),
            Command::PredictAgain => self.session.predict_again(),
            Command::SetCategory(category) => self.session.set_category(category),
            Command::ListAllCategories(all) => self.settings.all_categories = all,
            Command::TextSize(percent) => {
                self.settings.text_percent = percent;
                ctx.set_zoom_factor(self.settings.text_factor());
            }
            Command::AskAboutRegion if self.side.tab == Tab::Measure => {}
            Command::AskAboutRegion => self.act(ctx, Action::Question),
            Command::ShowEvidence(evidence) => self.show_evidence(ctx, evidence),
            Command::ShowMetadata => self.metadata.open = true,
            Command::HoldWord(word) => self.looking.hold(word),
            Command::Measure(wish) => self.measure(ctx, wish),
            Command::Train(wish) => self.train(ctx, wish),
            Command::Evaluate(wish) => self.evaluate(ctx, wish),
            Command::DeclineGpu => {
                self.settings.declined_gpu = self.offer.gpu().map(|gpu| gpu.name.clone());
                self.news(
                    ctx,
                    "This GPU is not offered again; File > Continue on the GPU goes over to it all the same",
                );
            }
            Command::Tell(text) => self.news(ctx, &text),
            Command::Copy { text, what } => {
                ctx.copy_text(text);
                self.toasts.push(
                    false,
                    &format!("{what} copied"),
                    ctx.input(|input| input.time),
                );
            }
        }
    }

    fn act(&mut self, ctx: &Context, action: Action) {
        if self.side.tab == Tab::Measure && self.act_on_objects(ctx, action) {
            return;
        }
        match action {
            Action::Open => self.open_dialog(ctx),
            Action::TypePath => self.path_field = Some(PathField::new(None)),
            Action::OpenSample => self.session.open([Origin::Sample]),
            Action::OpenLast => self.open_last(ctx),
            Action::ForgetRecent => self.settings.recent.clear(),
            Action::Close => {
                if let Some(id) = self.session.current().map(|image| image.id) {
                    self.execute(ctx, Command::Close(id));
                }
            }
            Action::ContinueOnGpu => self.continue_on_gpu(ctx),
            Action::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Action::Export => {
                if let Some(image) = self
                    .session
                    .current()
                    .filter(|image| image.opened.is_some())
                {
                    self.viewer.open_export(image);
                }
            }
            Action::CopyView => {
                if let Some(image) = self.session.current() {
                    self.viewer.copy_view(ctx, image);
                }
            }
            Action::Paste => ctx.send_viewport_cmd(ViewportCommand::RequestPaste),
            Action::Next => self.session.select_neighbour(1),
            Action::Previous => self.session.select_neighbour(-1),
            Action::NextPage => self.session.turn_page(1),
            Action::PreviousPage => self.session.turn_page(-1),
            Action::ToggleStrip => self.settings.strip_open = !self.settings.strip_open,
            Action::Metadata => self.metadata.open = !self.metadata.open,
            Action::ShowLooks => self.toggle_looking(),
            Action::ThemeSystem => self.choose_theme(ctx, ThemeChoice::System),
            Action::ThemeLight => self.choose_theme(ctx, ThemeChoice::Light),
            Action::ThemeDark => self.choose_theme(ctx, ThemeChoice::Dark),
            Action::TextLarger => self.step_text(ctx, 1),
            Action::TextSmaller => self.step_text(ctx, -1),
            Action::TextNormal => self.execute(ctx, Command::TextSize(100)),
            Action::Question => {
                self.side.tab = Tab::Ask;
                self.ask_panel.focus_question = true;
            }
            Action::MeasureObjects => {
                self.side.tab = Tab::Measure;
                self.measure(ctx, Wish::Start);
            }
            Action::JoinObjects => self.measure(ctx, Wish::Join),
            Action::Train => self.side.toggle(Tab::Train),
            Action::Evaluate => self.side.toggle(Tab::Evaluate),
            Action::Correct => {
                self.side.tab = Tab::Ask;
                self.ask_panel.focus_category = true;
            }
            Action::UsePrediction => self.session.set_category(None),
            Action::Ask(topic) => self.ask_topic(ctx, topic),
            Action::Stop => self.stop_or_put_away(),
            Action::CopyAnswer | Action::CopyTranscript => self.copy(ctx, action),
            Action::KeepNotebook => self.keep_notebook(ctx),
            Action::Forget => self.forget(ctx),
            Action::BringBack => self.session.bring_back(),
            Action::Keys => self.help.keys = !self.help.keys,
            Action::Log => self.log.open = !self.log.open,
            Action::About => self.help.about = !self.help.about,
            _ => {
                if let Some(told) = self.viewer.act(action, &self.session) {
                    self.news(ctx, &told);
                }
            }
        }
    }

    /// Puts files on the strip, shows the first and remembers them all.
    pub(super) fn open_files(&mut self, files: Vec<PathBuf>) {
        let files: Vec<PathBuf> = files
            .into_iter()
            .map(|file| std::path::absolute(&file).unwrap_or(file))
            .collect();
        self.session.open(files.into_iter().map(Origin::File));
    }

    fn open_dialog(&mut self, ctx: &Context) {
        if self.dialog.is_open() {
            let reason = "A file dialog is open already. You can also type or paste a path here.";
            self.path_field = Some(PathField::new(Some(reason)));
            return;
        }
        let ctx = ctx.clone();
        self.dialog
            .open(move |after| ctx.request_repaint_after(after));
    }

    fn open_last(&mut self, ctx: &Context) {
        let is_open = |path: &PathBuf| {
            self.session
                .images()
                .iter()
                .any(|image| image.origin.path() == Some(path.as_path()))
        };
        match self
            .settings
            .recent
            .iter()
            .find(|path| !is_open(path))
            .cloned()
        {
            Some(path) => self.open_files(vec![path]),
            None => self.news(ctx, "All recent files are open"),
        }
    }

    fn ask_topic(&mut self, ctx: &Context, topic: crate::questions::Topic) {
        self.side.tab = Tab::Ask;
        if self.has_readable_image() {
            let region = self.region();
            self.session
                .ask(&topic.keys().collect::<Vec<_>>(), None, region);
        } else {
            self.news(ctx, "Open a micrograph first, then ask about it");
        }
    }

    fn has_readable_image(&self) -> bool {
        self.session
            .current()
            .is_some_and(|image| self.session.record(image.id).is_some())
    }

    fn ask_typed(&mut self, text: &str) {
        let previous = self
            .session
            .current()
            .and_then(|image| self.session.record(image.id))
            .and_then(super::record::Record::last_key);
        match typed::read(text, previous) {
            Reading::Keys(keys) => {
                let region = self.region();
                self.session.ask(&keys, Some(text), region);
            }
            Reading::Declined(reason) => self.session.decline(text, reason),
        }
    }

    fn ask_again(&mut self, place: usize) {
        let turn = self
            .session
            .current()
            .and_then(|image| self.session.record(image.id))
            .and_then(|record| record.turns.get(place));
        let asked = turn.and_then(|turn| Some((turn.key?, turn.typed.clone(), turn.region)));
        if let Some((key, typed, region)) = asked {
            self.session.ask(&[key], typed.as_deref(), region);
        }
    }

    /// The part of the shown micrograph that questions are about.
    fn region(&self) -> Option<Region> {
        self.viewer.region(self.session.current()?)
    }

    /// Esc: drops what is being drawn; else ends what is being answered; else where the model looks;
    /// else puts away what is open above the micrograph, then the tool.
    fn stop_or_put_away(&mut self) {
        if self.viewer.drop_draft() {
            return;
        }
        let busy: Vec<_> = self.session.busy().map(|image| image.id).collect();
        if busy.is_empty() && self.looking.is_on() {
            self.toggle_looking();
        } else if busy.is_empty() {
            if self.path_field.is_none() && !self.help.about && !self.help.keys {
                self.viewer.put_away(&self.session);
            }
            self.path_field = None;
            self.help.about = false;
            self.help.keys = false;
        }
        for id in busy {
            for request in self.session.stop(id) {
                self.worker.cancel(request);
            }
        }
    }

    fn copy(&mut self, ctx: &Context, action: Action) {
        let image = self.session.current();
        let record = image.and_then(|image| Some((image, self.session.record(image.id)?)));
        let text = match (action, record) {
            (Action::CopyAnswer, Some((_, record))) => {
                record.last_answer().map(|text| (text.to_owned(), "Answer"))
            }
            (_, Some((image, record))) if !record.turns.is_empty() => {
                Some((record.transcript(&image.title()), "Transcript"))
            }
            _ => None,
        };
        match text {
            Some((text, what)) => self.execute(ctx, Command::Copy { text, what }),
            None => self.news(ctx, "Nothing has been answered yet"),
        }
    }

    fn keep_notebook(&mut self, ctx: &Context) {
        if !self.has_notebook {
            self.news(ctx, "This session keeps nothing");
            return;
        }
        self.settings.keep_notebook = !self.settings.keep_notebook;
        let words = if self.settings.keep_notebook {
            "What you ask and set from now on is kept in the notebook, on this computer alone"
        } else {
            "What you ask and set from now on is not kept when Askem is closed"
        };
        self.news(ctx, words);
    }

    fn forget(&mut self, ctx: &Context) {
        let image = self.session.current();
        let record = image.and_then(|image| self.session.record(image.id));
        if record.is_none_or(|record| record.turns.is_empty()) {
            self.news(ctx, "Nothing has been asked yet");
            return;
        }
        for request in self.session.forget() {
            self.worker.cancel(request);
        }
        self.news(
            ctx,
            "Forgotten. Until Askem is closed, File > Bring back what was forgotten undoes it.",
        );
    }

    fn choose_theme(&mut self, ctx: &Context, choice: ThemeChoice) {
        self.settings.theme = choice;
        theme::choose(ctx, choice);
    }

    fn step_text(&mut self, ctx: &Context, step: isize) {
        self.settings.step_text(step);
        ctx.set_zoom_factor(self.settings.text_factor());
    }

    /// Says something that went well, or what is in the way.
    pub(super) fn news(&mut self, ctx: &Context, text: &str) {
        self.tell(
            ctx,
            &Notice {
                is_error: false,
                text: text.to_owned(),
            },
        );
    }

    /// Shows a message and notes it in the log.
    pub(super) fn tell(&mut self, ctx: &Context, notice: &Notice) {
        self.toasts
            .push(notice.is_error, &notice.text, ctx.input(|input| input.time));
        self.log.push(notice.is_error, &notice.text);
    }

    /// Notes newly read files among the recent ones, and failures to predict in the log.
    pub(super) fn follow_up(&mut self) {
        let read = self
            .session
            .images()
            .iter()
            .filter(|image| image.kept.is_some());
        for path in read.filter_map(|image| image.origin.path()) {
            if !self.remembered.contains(path) {
                self.remembered.insert(path.to_owned());
                self.settings.remember(path);
            }
        }
        let failed = self
            .session
            .current()
            .and_then(|image| self.session.record(image.id));
        if let Some(Prediction::Failed(sentence)) = failed.map(|record| &record.prediction) {
            self.log.push_once(sentence);
        }
    }
}
