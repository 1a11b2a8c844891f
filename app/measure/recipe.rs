//! What a measurement was made with, as a short text that can be kept and used on other images.
//!
//! Holds choices and no places: a region and what was changed by hand belong to one image. Called
//! by `worker` and `window`.

use super::printing::to_digits;
use super::{Object, Polarity, Search};
use crate::questions::Category;
use serde::{Deserialize, Serialize};

/// The version of the text.
const VERSION: u32 = 1;

/// The choices of a measurement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// The material category.
    pub category: Option<Category>,
    /// What objects are looked for by.
    pub search: Search,
    /// Which sizes count.
    pub sizes: Sizes,
}

/// The diameters of equal area that count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sizes {
    /// From here on.
    pub least: Option<f64>,
    /// Up to here.
    pub most: Option<f64>,
    /// Whether both are in nanometres; in pixels otherwise.
    pub in_nm: bool,
}

impl Sizes {
    /// Whether all sizes count.
    pub fn are_all(&self) -> bool {
        self.least.is_none() && self.most.is_none()
    }

    /// Which sizes count, in words.
    pub fn words(&self) -> String {
        let unit = if self.in_nm { "nm" } else { "px" };
        let number = |limit| to_digits(limit, 4);
        match (self.least, self.most) {
            (None, None) => "all sizes".to_owned(),
            (Some(least), None) => format!("sizes from {} {unit}", number(least)),
            (None, Some(most)) => format!("sizes up to {} {unit}", number(most)),
            (Some(least), Some(most)) => {
                format!("sizes from {} to {} {unit}", number(least), number(most))
            }
        }
    }

    /// The limits in pixels. `None` where they are lengths and no scale is known.
    pub fn in_px(&self, nm_from_px: Option<f64>) -> Option<[f64; 2]> {
        let per_px = match (self.are_all(), self.in_nm) {
            (true, _) | (_, false) => 1.0,
            (false, true) => nm_from_px?,
        };
        let px = |limit: Option<f64>, without: f64| limit.map_or(without, |limit| limit / per_px);
        Some([px(self.least, 0.0), px(self.most, f64::INFINITY)])
    }
}

/// Whether an object's size lies within limits in pixels.
pub fn counts(object: &Object, [least, most]: [f64; 2]) -> bool {
    (least..=most).contains(&object.diameter_px)
}

/// Why a text is no recipe.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// It is no text of this kind.
    #[error("This is no recipe of Askem ({0}). Choose a file that Save recipe wrote.")]
    Format(serde_json::Error),
    /// A newer Askem wrote it.
    #[error("This recipe was written by a newer Askem (version {0}). Update Askem to use it.")]
    Version(u32),
    /// A category of another name.
    #[error("The recipe names “{0}”, which is none of the ten categories. Save the recipe anew.")]
    Category(String),
    /// A length that is none.
    #[error("The sizes in the recipe are no lengths above 0 in order. Save the recipe anew.")]
    Sizes,
}

/// The recipe as it is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    askem_recipe: u32,
    category: Option<String>,
    polarity: Option<WrittenPolarity>,
    #[serde(default)]
    threshold: Option<f32>,
    size_from: Option<f64>,
    size_to: Option<f64>,
    size_unit: WrittenUnit,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum WrittenPolarity {
    Bright,
    Dark,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum WrittenUnit {
    Nm,
    Px,
}

impl Recipe {
    /// The recipe as JSON.
    pub fn text(&self) -> String {
        let written = Written {
            askem_recipe: VERSION,
            category: self.category.map(|category| category.name().to_owned()),
            polarity: self.search.polarity.map(|polarity| match polarity {
                Polarity::Bright => WrittenPolarity::Bright,
                Polarity::Dark => WrittenPolarity::Dark,
            }),
            threshold: self.search.threshold,
            size_from: self.sizes.least,
            size_to: self.sizes.most,
            size_unit: match self.sizes.in_nm {
                true => WrittenUnit::Nm,
                false => WrittenUnit::Px,
            },
        };
        // Names and numbers always make a text.
        let text = serde_json::to_string_pretty(&written).unwrap_or_default();
        format!("{text}\n")
    }

    /// Reads what [`Recipe::text`] wrote.
    ///
    /// # Errors
    /// Fails on everything else, with a sentence.
    pub fn from_text(text: &str) -> Result<Self, RecipeError> {
        let written: Written = serde_json::from_str(text).map_err(RecipeError::Format)?;
        if written.askem_recipe != VERSION {
            return Err(RecipeError::Version(written.askem_recipe));
        }
        let category = written.category.map(|name| {
            let category = name.parse::<Category>();
            category.map_err(|_| RecipeError::Category(name.chars().take(60).collect()))
        });
        let is_length = |limit: f64| limit.is_finite() && limit > 0.0;
        let (least, most) = (written.size_from, written.size_to);
        let in_order = least.zip(most).is_none_or(|(least, most)| least <= most);
        if !in_order || !least.into_iter().chain(most).all(is_length) {
            return Err(RecipeError::Sizes);
        }
        Ok(Self {
            category: category.transpose()?,
            search: Search {
                polarity: written.polarity.map(|polarity| match polarity {
                    WrittenPolarity::Bright => Polarity::Bright,
                    WrittenPolarity::Dark => Polarity::Dark,
                }),
                threshold: written.threshold,
            },
            sizes: Sizes {
                least,
                most,
                in_nm: matches!(written.size_unit, WrittenUnit::Nm),
            },
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure fails the test")]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_is_read_as_it_was_written() {
        let recipe = Recipe {
            category: Some(Category::Porous),
            search: Search {
                polarity: Some(Polarity::Dark),
                threshold: Some(103.5),
            },
            sizes: Sizes {
                least: Some(12.5),
                most: None,
                in_nm: true,
            },
        };
        for recipe in [recipe, Recipe::default()] {
            assert_eq!(Recipe::from_text(&recipe.text()).unwrap(), recipe);
        }
    }

    #[test]
    fn what_is_no_recipe_is_refused_with_a_sentence() {
        let good = Recipe::default().text();
        let with = |from: &str, to: &str| good.replace(from, to);
        for (text, word) in [
            (String::new(), "no recipe"),
            ("{}".to_owned(), "no recipe"),
            (with("\"askem_recipe\": 1", "\"askem_recipe\": 2"), "newer"),
            (
                with("\"category\": null", "\"category\": \"Steel\""),
                "Steel",
            ),
            (with("\"size_from\": null", "\"size_from\": -1"), "lengths"),
            (
                with("\"polarity\": null", "\"polarity\": \"grey\""),
                "no recipe",
            ),
        ] {
            let error = Recipe::from_text(&text).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn lengths_become_pixels_only_with_a_scale() {
        let sizes = Sizes {
            least: Some(30.0),
            most: None,
            in_nm: true,
        };
        assert_eq!(sizes.in_px(Some(2.0)), Some([15.0, f64::INFINITY]));
        assert_eq!(sizes.in_px(None), None);
        assert_eq!(Sizes::default().in_px(None), Some([0.0, f64::INFINITY]));
    }
}
