//! A report as what stands on it: headings, sentences, tables, plots and answers with their images.
//!
//! Knows neither HTML nor the window; `print` writes it to files and the window draws it. Made by
//! the modules of `pages`.

/// A report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub summary: Vec<Sentence>,
    /// What was evaluated and how: names and values.
    pub about: Vec<(String, String)>,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// A part of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// What is said before its tables.
    pub words: Vec<Sentence>,
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
}

/// Words of a report, as good or bad as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// Whether they need to be seen.
    pub mark: Mark,
}

/// How something is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// As it stands.
    #[default]
    Plain,
    /// The best of its column, or good news.
    Good,
    /// Not as it should be: in red.
    Bad,
    /// Quoted from elsewhere, or of less weight.
    Muted,
}

/// What stands in a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A table.
    Table(Table),
    /// A plot.
    Plot(Plot),
    /// Answers beside their references.
    Answers(Vec<Shown>),
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows, in a sentence.
    pub caption: String,
    /// Its columns: the first names the rows.
    pub columns: Vec<String>,
    /// Its rows, each with a cell a column.
    pub rows: Vec<Row>,
    /// What is to be said of it, below.
    pub notes: Vec<String>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its cells; a missing one is empty.
    pub cells: Vec<Cell>,
    /// Whether a line parts it from the row above.
    pub is_apart: bool,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// What stands smaller behind it, such as an interval; may be empty.
    pub small: String,
    /// How it is to be taken.
    pub mark: Mark,
}

/// A plot.
#[derive(Clone, Debug, PartialEq)]
pub enum Plot {
    /// How often each of the named was taken for each: rows are the truth, columns the prediction.
    Confusion {
        /// What it shows, in a sentence.
        caption: String,
        /// The names, as many as rows and columns.
        labels: Vec<String>,
        /// How often, row by row.
        counts: Vec<Vec<usize>>,
    },
    /// How often one was right by how sure it was.
    Reliability {
        /// What it shows, in a sentence.
        caption: String,
        /// Mean probability, share that was right (0 to 1) and how many, from the least sure on.
        bins: Vec<(f64, f64, usize)>,
    },
    /// A bar for each of the named, 0 to 1.
    Bars {
        /// What it shows, in a sentence.
        caption: String,
        /// One each, in order.
        bars: Vec<Bar>,
    },
}

/// The name of a bar, its value and, where known, the ends of its interval.
pub type Bar = (String, f64, Option<(f64, f64)>);

/// An answer beside its reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The group it is shown in, such as "best".
    pub group: String,
    /// The file of the image.
    pub file: String,
    /// The image, small, as the bytes of a JPEG.
    pub jpeg: Vec<u8>,
    /// The question.
    pub question: String,
    /// The reference, in pieces.
    pub reference: Vec<Piece>,
    /// The answer, in pieces.
    pub answer: Vec<Piece>,
    /// Names and values of its scores.
    pub scores: Vec<(String, f64)>,
}

/// A piece of a text that is compared with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The words, with the blanks between them.
    pub text: String,
    /// Whether the other text has them too, in the same order.
    pub is_shared: bool,
}

impl Sentence {
    /// Words as they stand.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::marked(text, Mark::Plain)
    }

    /// Words with a mark.
    pub fn marked(text: impl Into<String>, mark: Mark) -> Self {
        Self {
            text: text.into(),
            mark,
        }
    }
}

impl Cell {
    /// A cell with nothing small behind it.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same with a mark.
    pub fn marked(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }
}
