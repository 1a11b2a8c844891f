//! Where the model looked when it wrote a word: which word is asked about, the request under way,
//! and the maps that are known.
//!
//! Plain data that knows no egui. The word that is wanted is compared with what is known and
//! under way in every frame; a request for a word that nobody points at any more is cancelled.

use super::AskemWindow;
use super::record::{Record, Turn, TurnState};
use super::side::Tab;
use super::state::{Image, Model, Send, Session};
use super::transcript::Passage;
use super::viewer::Heat;
use crate::answer::Prompt;
use crate::notebook::NoteId;
use crate::worker::{Event, LookJob, Looked, Opened, Outcome, Request, RequestId, View, What};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Maps kept; the one made first goes first.
const KNOWN_MAX: usize = 32;

/// A word of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The content of the micrograph it is about.
    pub hash: String,
    /// The question.
    pub turn: NoteId,
    /// From which byte of the answer to which it stands.
    pub place: Range<usize>,
}

/// What became of a word: where the model looked, or a sentence why that cannot be told.
type Found = Result<Arc<Looked>, String>;

/// The words that are asked about.
#[derive(Debug, Default)]
pub struct Looking {
    is_on: bool,
    /// Under the pointer.
    pointed: Option<Word>,
    /// Clicked, and shown while the pointer is elsewhere.
    held: Option<Word>,
    running: Option<(RequestId, Word, View)>,
    known: VecDeque<(Word, View, Found)>,
}

impl Looking {
    /// Whether words can be pointed at.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Switches it.
    pub fn toggle(&mut self) {
        self.is_on = !self.is_on;
        self.pointed = None;
        self.held = None;
    }

    /// The word that was clicked.
    pub fn held(&self) -> Option<&Word> {
        self.held.as_ref()
    }

    /// Shows a word for good, or lets it go where it is shown so already.
    pub fn hold(&mut self, word: Word) {
        let is_held = self.held.as_ref() == Some(&word);
        self.held = (!is_held).then_some(word);
    }

    /// Takes in what is under the pointer while the micrograph of this content is shown. Whether
    /// another word is to be shown from now on.
    pub fn point(&mut self, hash: Option<&str>, pointed: Option<Word>) -> bool {
        let is_shown = |word: &Word| Some(word.hash.as_str()) == hash;
        let before = self.wanted().cloned();
        self.pointed = pointed.filter(is_shown);
        self.held = self.held.take().filter(is_shown);
        self.wanted() != before.as_ref()
    }

    /// The word that is to be shown.
    pub fn wanted(&self) -> Option<&Word> {
        let wanted = self.pointed.as_ref().or(self.held.as_ref());
        wanted.filter(|_| self.is_on)
    }

    /// Whether a request is one of these.
    pub fn owns(&self, request: RequestId) -> bool {
        self.running.as_ref().is_some_and(|(of, ..)| *of == request)
    }

    /// What is known of a word.
    pub fn found(&self, word: &Word, view: &View) -> Option<&Found> {
        let mut known = self.known.iter();
        known
            .find(|(of, seen, _)| of == word && seen == view)
            .map(|(.., found)| found)
    }

    /// Another model answers from here on.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Takes in an event of its request.
    pub fn apply(&mut self, event: Event) {
        let found = match event.what {
            What::Progress(_) => return,
            What::Finished(Outcome::Looked(looked)) => Some(Ok(looked)),
            What::Failed(sentence) => Some(Err(sentence)),
            What::Finished(_) | What::Cancelled => None,
        };
        let running = self.running.take_if(|(of, ..)| *of == event.request);
        if let (Some((_, word, view)), Some(found)) = (running, found) {
            self.keep(word, view, found);
        }
    }

    fn keep(&mut self, word: Word, view: View, found: Found) {
        if self.known.len() >= KNOWN_MAX {
            self.known.pop_front();
        }
        self.known.push_back((word, view, found));
    }

    /// Asks for the map of the wanted word, where it is not known yet. Returns a request that
    /// nobody waits for any more.
    pub fn pump(&mut self, asked: Option<Asked<'_>>, send: Send<'_>) -> Option<RequestId> {
        let wanted = self.wanted().cloned().zip(asked);
        let is_running = |running: &(RequestId, Word, View)| match &wanted {
            Some((word, asked)) => running.1 == *word && running.2 == asked.view,
            None => false,
        };
        let in_vain = self.running.take_if(|running| !is_running(running));
        let in_vain = in_vain.map(|(request, ..)| request);
        let Some((word, asked)) = wanted else {
            return in_vain;
        };
        if self.running.is_some() || self.found(&word, &asked.view).is_some() {
            return in_vain;
        }
        let view = asked.view.clone();
        match asked.job(&word) {
            Ok(job) => {
                let request = send(Request::Look(Box::new(job)));
                self.running = Some((request, word, view));
            }
            Err(sentence) => self.keep(word, view, Err(sentence)),
        }
        in_vain
    }
}

/// The answer that a word stands in, with what is needed to ask where the model looked.
pub struct Asked<'a> {
    turn: &'a Turn,
    opened: &'a Arc<Opened>,
    view: View,
    model: &'a Model,
}

impl<'a> Asked<'a> {
    /// That of a word of the shown micrograph; none while its pixels are read.
    pub fn of(session: &'a Session, word: &Word) -> Option<Self> {
        let image = session.current()?;
        let record: &Record = session.record(image.id)?;
        let turn = record.turns.iter().find(|turn| turn.id == word.turn)?;
        let view = View {
            region: turn.region,
            edits: record.edits.clone(),
        };
        Some(Self {
            turn,
            opened: image.opened.as_ref()?,
            view,
            model: session.model(),
        })
    }

    /// What to ask the worker, or a sentence why not.
    fn job(&self, word: &Word) -> Result<LookJob, String> {
        let TurnState::Answered(facts) = &self.turn.state else {
            return Err("The answer is not finished.".into());
        };
        if let Model::Ready(by) = self.model
            && by.model != facts.by.model
        {
            return Err(format!(
                "This answer was written by the model {}, and {} is in use now. Ask again to see where it looks.",
                facts.by.model, by.model
            ));
        }
        let key = self.turn.key.ok_or("No question stands above it.")?;
        let text = &self.turn.text;
        let is_as_written = facts.text_with_slots.is_empty() && facts.sentences.is_empty();
        let (text, place) = if is_as_written {
            (text, Some(word.place.clone()))
        } else {
            let passage = Passage::of(text, Some(facts));
            let place = passage.as_written(&word.place, &facts.text_with_slots);
            (&facts.text_with_slots, place)
        };
        let place = place
            .filter(|place| text.get(place.clone()).is_some_and(|part| !part.is_empty()))
            .ok_or("The model did not write this word itself.")?;
        Ok(LookJob {
            opened: Arc::clone(self.opened),
            view: self.view.clone(),
            prompt: Prompt {
                key,
                category: self.turn.category.map(|(category, _)| category),
            },
            text: text.clone(),
            word: place,
        })
    }

    fn words<'b>(&'b self, word: &Word) -> &'b str {
        self.turn.text.get(word.place.clone()).unwrap_or_default()
    }
}

impl AskemWindow {
    /// Asks for the map of the word that is pointed at.
    pub(super) fn pump_looking(&mut self) {
        let worker = &self.worker;
        let send = &mut |request| worker.send(request);
        let wanted = self.looking.wanted();
        let asked = wanted.and_then(|word| Asked::of(&self.session, word));
        if let Some(in_vain) = self.looking.pump(asked, send) {
            self.worker.cancel(in_vain);
        }
    }

    /// Takes in the word that is pointed at in the answers, after they were drawn. Whether it is
    /// another one: its map is asked for between two frames.
    pub(super) fn follow_word(&mut self) -> bool {
        let hash = self.session.current().and_then(Image::hash);
        let pointed = self.ask_panel.pointed.word.take();
        let is_new = self.looking.point(hash, pointed);
        self.viewer.heat = self.heat();
        is_new
    }

    /// What is said and painted over the micrograph about the word that is pointed at.
    fn heat(&self) -> Option<Heat> {
        let hash = self.session.current()?.hash()?.to_owned();
        if !self.looking.is_on() {
            return None;
        }
        let plain = |words: &str| Heat {
            hash: hash.clone(),
            looked: None,
            words: words.to_owned(),
        };
        let asked = |word| Some((word, Asked::of(&self.session, word)?));
        let Some((word, asked)) = self.looking.wanted().and_then(asked) else {
            return Some(plain(
                "Point at a word of an answer to see where the model looked when it wrote it. Click it to keep that.",
            ));
        };
        let quoted = asked.words(word);
        Some(match self.looking.found(word, &asked.view) {
            Some(Ok(looked)) => Heat {
                looked: Some(Arc::clone(looked)),
                ..plain(&format!(
                    "Where the model looked when it wrote “{quoted}”. Brighter is more. It is a hint, not evidence."
                ))
            },
            Some(Err(sentence)) => plain(&format!("“{quoted}”: {sentence}")),
            None => plain(&format!("“{quoted}”…")),
        })
    }

    /// Begins to show where the model looks, or ends it.
    pub(super) fn toggle_looking(&mut self) {
        self.looking.toggle();
        self.viewer.options.looks = self.looking.is_on();
        if self.looking.is_on() {
            self.side.tab = Tab::Ask;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
#[path = "looking_tests.rs"]
mod tests;
