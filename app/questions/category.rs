//! The ten material categories, spelled as the NFFA-EUROPE data set spells them.

use std::fmt;
use std::str::FromStr;

/// A material category of the NFFA-EUROPE data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the data set's")]
pub enum Category {
    Biological,
    Fibres,
    Films,
    Mems,
    Nanowires,
    Particles,
    Patterned,
    Porous,
    Powder,
    Tips,
}

impl Category {
    /// All ten, in the order of the data set's folders.
    pub const ALL: [Category; 10] = [
        Category::Biological,
        Category::Fibres,
        Category::Films,
        Category::Mems,
        Category::Nanowires,
        Category::Particles,
        Category::Patterned,
        Category::Porous,
        Category::Powder,
        Category::Tips,
    ];

    /// The data set's folder name, used in files, JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Category::Biological => "Biological",
            Category::Fibres => "Fibres",
            Category::Films => "Films_Coated_Surface",
            Category::Mems => "MEMS_devices_and_electrodes",
            Category::Nanowires => "Nanowires",
            Category::Particles => "Particles",
            Category::Patterned => "Patterned_surface",
            Category::Porous => "Porous_Sponge",
            Category::Powder => "Powder",
            Category::Tips => "Tips",
        }
    }

    /// The name as people write it, for the screen and for captions.
    pub fn words(self) -> &'static str {
        match self {
            Category::Biological => "Biological",
            Category::Fibres => "Fibres",
            Category::Films => "Films and coated surface",
            Category::Mems => "MEMS devices and electrodes",
            Category::Nanowires => "Nanowires",
            Category::Particles => "Particles",
            Category::Patterned => "Patterned surface",
            Category::Porous => "Porous sponge",
            Category::Powder => "Powder",
            Category::Tips => "Tips",
        }
    }

    /// The caption of the paper: the first half of a statement and, when given, of a prompt.
    pub fn caption(self) -> String {
        format!("An electron micrograph of {}.", self.words())
    }

    /// Its place in [`Category::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |category: &Category| {
            category.name().eq_ignore_ascii_case(text)
                || category.words().eq_ignore_ascii_case(text)
        };
        Category::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| UnknownCategory(text.to_owned()))
    }
}

/// A name that is none of the ten categories.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no material category: use one of {names}", names = Category::ALL.map(Category::name).join(", "))]
pub struct UnknownCategory(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words_read_back() {
        for (index, category) in Category::ALL.into_iter().enumerate() {
            assert_eq!(category.index(), index);
            assert_eq!(category.name().parse(), Ok(category));
            assert_eq!(category.words().to_lowercase().parse(), Ok(category));
        }
        assert!("Glass".parse::<Category>().is_err());
    }
}
