//! The figures that the paper prints, to stand beside our own where the data is the same.
//!
//! Quoted, never computed. Called by `pages`.

use serde::Deserialize;
use std::sync::LazyLock;

/// The paper's tables; the fields are named as in `assets/paper/tables.json`.
#[derive(Debug, Deserialize)]
pub struct Paper {
    /// Table 1: answers, with the category given.
    pub table1_vqa: Vec<TextRow>,
    /// Table 2: classification by networks for images.
    pub table2_classification_vision: Vec<GuessRow>,
    /// Table 3: classification by networks for graphs.
    pub table3_classification_graph: Vec<GuessRow>,
    /// Table 4: the paper's model by category.
    pub table4_per_category: Vec<CategoryRow>,
    /// Table 5: answers without parts of the network.
    pub table5_ablation_vqa: Vec<TextAblation>,
    /// Table 6: classification without parts of the network.
    pub table6_ablation_classification: Vec<GuessAblation>,
    /// What came later, by others.
    pub later: Vec<Later>,
}

/// A row of Table 1.
#[derive(Debug, Deserialize)]
#[allow(
    missing_docs,
    reason = "named by the metric; `_sd` is its standard deviation"
)]
pub struct TextRow {
    pub method: String,
    pub bleu2: f64,
    pub bleu4: f64,
    pub rouge1: f64,
    pub rouge2: f64,
    #[serde(rename = "rougeL")]
    pub rouge_l: f64,
    pub meteor: f64,
    pub bleu2_sd: f64,
    pub bleu4_sd: f64,
    pub rouge1_sd: f64,
    pub rouge2_sd: f64,
    #[serde(rename = "rougeL_sd")]
    pub rouge_l_sd: f64,
    pub meteor_sd: f64,
}

/// A row of Tables 2 and 3.
#[derive(Debug, Deserialize)]
pub struct GuessRow {
    /// The kind of network.
    pub group: String,
    /// Its name.
    pub method: String,
    /// Share that was right.
    pub top1: f64,
    /// Share that was among the five most probable.
    pub top5: f64,
}

/// A row of Table 4.
#[derive(Debug, Deserialize)]
#[allow(
    missing_docs,
    reason = "named by the metric; `_sd` is its standard deviation"
)]
pub struct CategoryRow {
    pub category: String,
    pub precision: f64,
    pub precision_sd: f64,
    pub recall: f64,
    pub recall_sd: f64,
    pub f1: f64,
    pub f1_sd: f64,
}

/// A row of Table 5.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "named by the metric")]
pub struct TextAblation {
    pub variant: String,
    pub bleu4: f64,
    #[serde(rename = "rougeL")]
    pub rouge_l: f64,
    pub meteor: f64,
}

/// A row of Table 6.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "named by the metric")]
pub struct GuessAblation {
    pub variant: String,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// A figure of others that came after the paper.
#[derive(Debug, Deserialize)]
pub struct Later {
    /// What it is.
    pub method: String,
    /// Share that was right.
    pub top1: f64,
    /// Images of the NFFA-EUROPE set it was tested on.
    pub images: usize,
}

/// The paper's tables; none where the file inside the program is damaged.
pub fn paper() -> Option<&'static Paper> {
    static PAPER: LazyLock<Option<Paper>> =
        LazyLock::new(|| serde_json::from_str(askem_assets::PAPER_TABLES).ok());
    PAPER.as_ref()
}

/// Whether file names are those of the NFFA-EUROPE set, such as `L2_0a111f...af4.jpg`: nine in
/// ten of them must be.
pub fn is_nffa<'a>(files: impl Iterator<Item = &'a str>) -> bool {
    let is_its = |file: &str| {
        let name = file.rsplit('/').next().unwrap_or(file);
        let stem = name.split('.').next().unwrap_or(name);
        let Some((level, hash)) = stem.split_once('_') else {
            return false;
        };
        let level = level.strip_prefix('L').unwrap_or_default();
        !level.is_empty()
            && level.bytes().all(|b| b.is_ascii_digit())
            && hash.len() == 32
            && hash.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let (mut its, mut all) = (0usize, 0usize);
    for file in files {
        its += usize::from(is_its(file));
        all += 1;
    }
    all > 0 && 10 * its >= 9 * all
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_tables_are_whole() {
        let paper = paper().unwrap();
        assert_eq!(paper.table1_vqa.len(), 4);
        assert_eq!(paper.table4_per_category.len(), 10);
        assert_eq!(
            (
                paper.table5_ablation_vqa.len(),
                paper.table6_ablation_classification.len()
            ),
            (6, 6)
        );
        let own = paper
            .table2_classification_vision
            .iter()
            .find(|row| row.method == "MVaEMa");
        assert_eq!(own.unwrap().top1, 0.947);
        assert_eq!(paper.later[0].top1, 0.9709);
    }

    #[test]
    fn the_nffa_set_is_known_by_its_names() {
        let nffa = "Tips/L2_0a111f9bab302c27064c3d9166f2afc4.jpg";
        assert!(is_nffa([nffa; 9].into_iter().chain(["x.png"])));
        assert!(!is_nffa([nffa; 8].into_iter().chain(["x.png"; 2])));
        assert!(!is_nffa(["img/nffa-0001.jpg"].into_iter()));
        assert!(!is_nffa(std::iter::empty()));
    }
}
