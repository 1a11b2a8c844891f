//! The keeper: the thread that owns the notebook, so that nobody else waits for the disk.
//!
//! Opens it at the first request. What can't be written is kept and tried again before the next
//! request, so that a disk that was full for a while costs nothing. Called through a lane by
//! [`super::Worker`]; its work is done even where the worker is being dropped.

use super::lane::{Hands, Lane, Plan};
use super::protocol::{Outcome, Progress};
use super::report;
use super::ticket::Ticket;
use crate::evaluate::judged::Judged;
use crate::notebook::{Note, Notebook, NotebookError, Notes, Subject};
use crossbeam_channel::Sender;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Notes that are kept while they can't be written; the oldest are lost beyond.
const UNWRITTEN_MAX: usize = 2000;

/// What the keeper is asked.
pub(super) enum Errand {
    /// Everything noted about the micrograph of this hash.
    Recall(String),
    /// Write something down.
    Note(Arc<Subject>, Box<Note>),
    /// Write down what a person found of a sentence, beside the notebook.
    Judge(Judged),
}

/// Opens the lane of the keeper; without a file it recalls nothing and writes nothing.
pub(super) fn lane(file: Option<PathBuf>, alive: &Sender<()>) -> Lane<Errand> {
    let make_hands = move || -> Hands<Errand> {
        let mut desk = file.clone().map(Desk::at);
        let folder = file.as_deref().and_then(Path::parent).map(Path::to_owned);
        Box::new(move |ticket, errand| match (&mut desk, errand) {
            (_, Errand::Judge(judged)) => {
                let kept = folder
                    .as_deref()
                    .map_or(Ok(()), |folder| report::judge(folder, &judged));
                kept.map(|()| Outcome::Noted).map_err(|why| why.to_string())
            }
            (Some(desk), errand) => desk.run(ticket, errand).map_err(|error| error.to_string()),
            (None, Errand::Recall(_)) => Ok(Outcome::Recalled(Notes::default())),
            (None, Errand::Note(..)) => Ok(Outcome::Noted),
        })
    };
    let plan = Plan {
        name: "askem-notebook",
        width: 1,
        // No patience: a second writer would only wait for the first.
        patience: None,
        even_if_cancelled: true,
        make_hands: Arc::new(make_hands),
    };
    Lane::open(plan, alive)
}

struct Desk {
    file: PathBuf,
    notebook: Option<Notebook>,
    unwritten: VecDeque<(Arc<Subject>, Note)>,
}

impl Desk {
    fn at(file: PathBuf) -> Self {
        Self {
            file,
            notebook: None,
            unwritten: VecDeque::new(),
        }
    }

    fn run(&mut self, ticket: &Ticket, errand: Errand) -> Result<Outcome, NotebookError> {
        let done = match errand {
            Errand::Recall(_) if self.is_not_begun() => Ok(Outcome::Recalled(Notes::default())),
            Errand::Note(_, note) if matches!(*note, Note::ForgetTurns) && self.is_not_begun() => {
                Ok(Outcome::Noted)
            }
            Errand::Recall(hash) => {
                // What does not go through was reported when it was to be noted.
                let _ = self.write_all(ticket);
                let notebook = self.open(ticket);
                notebook.and_then(|notebook| notebook.recall(&hash).map(Outcome::Recalled))
            }
            Errand::Note(subject, note) => {
                self.put_in_line(subject, *note);
                self.write_all(ticket).map(|()| Outcome::Noted)
            }
            // It does not go through the notebook.
            Errand::Judge(_) => Ok(Outcome::Noted),
        };
        if matches!(done, Err(NotebookError::Damaged(_))) {
            // Opening it again puts it aside.
            self.notebook = None;
        }
        done
    }

    /// Whether there is no notebook yet: only something to keep begins one.
    fn is_not_begun(&self) -> bool {
        self.notebook.is_none() && self.unwritten.is_empty() && !self.file.exists()
    }

    /// Adds a note to what is unwritten; a turn replaces an earlier state of itself.
    fn put_in_line(&mut self, subject: Arc<Subject>, note: Note) {
        if let Note::Turn(turn) = &note
            && let Some((_, earlier)) = self.unwritten.iter_mut().find(
                |(_, earlier)| matches!(earlier, Note::Turn(earlier) if earlier.id == turn.id),
            )
        {
            *earlier = note;
            return;
        }
        if self.unwritten.len() == UNWRITTEN_MAX {
            self.unwritten.pop_front();
        }
        self.unwritten.push_back((subject, note));
    }

    /// Writes what is unwritten, in order, up to the first that does not go through. One that
    /// never will is dropped.
    fn write_all(&mut self, ticket: &Ticket) -> Result<(), NotebookError> {
        while let Some((subject, note)) = self.unwritten.front().cloned() {
            let written = self.open(ticket)?.note(&subject, &note);
            if !written.as_ref().is_err_and(NotebookError::may_pass) {
                self.unwritten.pop_front();
            }
            written?;
        }
        Ok(())
    }

    fn open(&mut self, ticket: &Ticket) -> Result<&mut Notebook, NotebookError> {
        match &mut self.notebook {
            Some(notebook) => Ok(notebook),
            none => {
                let notebook = Notebook::open(&self.file)?;
                if let Some(kept) = notebook.put_aside() {
                    ticket.progress(Progress::Word(format!(
                        "The notebook was damaged, so a new one was begun. The old one is kept as {}.",
                        kept.display()
                    )));
                }
                Ok(none.insert(notebook))
            }
        }
    }
}
