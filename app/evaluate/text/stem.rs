//! The Porter stemmer (1980) with the extensions of the NLTK, which METEOR is defined by: neither
//! the original nor Porter's own revision finds the same stems.
//!
//! Any character may stand in a word; all but vowels count as consonants. Called by `rouge` and
//! `meteor`; held to reference values in `tests/metrics.rs`.

/// Words with a stem of their own.
const IRREGULAR: [(&str, &[&str]); 12] = [
    ("sky", &["sky", "skies"]),
    ("die", &["dying"]),
    ("lie", &["lying"]),
    ("tie", &["tying"]),
    ("news", &["news"]),
    ("inning", &["innings", "inning"]),
    ("outing", &["outings", "outing"]),
    ("canning", &["cannings", "canning"]),
    ("howe", &["howe"]),
    ("proceed", &["proceed"]),
    ("exceed", &["exceed"]),
    ("succeed", &["succeed"]),
];

/// Endings that the second step replaces where something is left before them.
const SECOND: [(&str, &str); 20] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
];

/// Those of the third step.
const THIRD: [(&str, &str); 7] = [
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
];

/// Endings that the fourth step takes off long words.
const FOURTH: [&str; 19] = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou",
    "ism", "ate", "iti", "ous", "ive", "ize",
];

/// The stem of a word, in lower case.
pub fn stem(word: &str) -> String {
    let word = word.to_lowercase();
    let irregular = IRREGULAR
        .iter()
        .find(|(_, forms)| forms.contains(&word.as_str()));
    if let Some((stem, _)) = irregular {
        return (*stem).to_owned();
    }
    let mut word = Word(word.chars().collect());
    if word.0.len() <= 2 {
        return word.text();
    }
    word.plural();
    word.past();
    word.final_y();
    word.second();
    word.third();
    word.fourth();
    word.final_e();
    word.final_l();
    word.text()
}

/// The letters of a word that is being cut.
struct Word(Vec<char>);

impl Word {
    fn text(&self) -> String {
        self.0.iter().collect()
    }

    /// What stands before an ending, if the word ends so.
    fn before(&self, ending: &str) -> Option<&[char]> {
        let count = ending.chars().count();
        let rest = self.0.len().checked_sub(count)?;
        let is_end = self.0[rest..].iter().copied().eq(ending.chars());
        is_end.then(|| &self.0[..rest])
    }

    /// Cuts so many letters off and puts others there.
    fn replace(&mut self, ending: &str, by: &str) {
        self.0.truncate(self.0.len() - ending.chars().count());
        self.0.extend(by.chars());
    }

    /// Step 1a.
    fn plural(&mut self) {
        if self.before("ies").is_some() && self.0.len() == 4 {
            self.replace("s", "");
        } else if self.before("sses").is_some() {
            self.replace("sses", "ss");
        } else if self.before("ies").is_some() {
            self.replace("ies", "i");
        } else if self.before("ss").is_none() && self.before("s").is_some() {
            self.replace("s", "");
        }
    }

    /// Step 1b.
    fn past(&mut self) {
        if self.before("ied").is_some() {
            let by = if self.0.len() == 4 { "ie" } else { "i" };
            return self.replace("ied", by);
        }
        if let Some(rest) = self.before("eed") {
            if measure(rest) > 0 {
                self.replace("eed", "ee");
            }
            return;
        }
        let ending = ["ed", "ing"].into_iter().find(|ending| {
            let rest = self.before(ending);
            rest.is_some_and(has_vowel)
        });
        let Some(ending) = ending else {
            return;
        };
        self.replace(ending, "");
        if ["at", "bl", "iz"]
            .iter()
            .any(|end| self.before(end).is_some())
        {
            self.0.push('e');
        } else if let Some(last) = doubled(&self.0) {
            if !['l', 's', 'z'].contains(&last) {
                self.0.pop();
            }
        } else if measure(&self.0) == 1 && is_closed(&self.0) {
            self.0.push('e');
        }
    }

    /// Step 1c.
    fn final_y(&mut self) {
        let is_cut = self
            .before("y")
            .is_some_and(|rest| rest.len() > 1 && is_consonant(rest, rest.len() - 1));
        if is_cut {
            self.replace("y", "i");
        }
    }

    fn second(&mut self) {
        while self.before("alli").is_some_and(|rest| measure(rest) > 0) {
            self.replace("alli", "al");
        }
        for (ending, by) in SECOND {
            if let Some(rest) = self.before(ending) {
                if measure(rest) > 0 {
                    self.replace(ending, by);
                }
                return;
            }
        }
        if let Some(rest) = self.before("fulli") {
            if measure(rest) > 0 {
                self.replace("fulli", "ful");
            }
        } else if self.before("logi").is_some()
            && self.before("ogi").is_some_and(|rest| measure(rest) > 0)
        {
            self.replace("logi", "log");
        }
    }

    fn third(&mut self) {
        let found = THIRD.iter().find_map(|(ending, by)| {
            let rest = self.before(ending)?;
            Some((*ending, *by, measure(rest) > 0))
        });
        if let Some((ending, by, true)) = found {
            self.replace(ending, by);
        }
    }

    fn fourth(&mut self) {
        let found = FOURTH.iter().find_map(|ending| {
            let rest = self.before(ending)?;
            let is_ion = *ending == "ion";
            let may_be = !is_ion || matches!(rest.last(), Some('s' | 't'));
            Some((*ending, may_be && measure(rest) > 1))
        });
        if let Some((ending, true)) = found {
            self.replace(ending, "");
        }
    }

    /// Step 5a.
    fn final_e(&mut self) {
        let is_cut = self.before("e").is_some_and(|rest| {
            let measure = measure(rest);
            measure > 1 || measure == 1 && !is_closed(rest)
        });
        if is_cut {
            self.replace("e", "");
        }
    }

    /// Step 5b.
    fn final_l(&mut self) {
        let is_double = self.before("ll").is_some();
        if is_double && self.before("l").is_some_and(|rest| measure(rest) > 1) {
            self.replace("l", "");
        }
    }
}

/// `y` is a consonant at the start and after a vowel.
fn is_consonant(letters: &[char], at: usize) -> bool {
    match letters[at] {
        'a' | 'e' | 'i' | 'o' | 'u' => false,
        'y' => at == 0 || !is_consonant(letters, at - 1),
        _ => true,
    }
}

/// How often a vowel is followed by a consonant.
fn measure(letters: &[char]) -> usize {
    let ends = |at: &usize| is_consonant(letters, *at) && !is_consonant(letters, *at - 1);
    (1..letters.len()).filter(ends).count()
}

fn has_vowel(letters: &[char]) -> bool {
    (0..letters.len()).any(|at| !is_consonant(letters, at))
}

/// The last letter, if it stands there twice and is a consonant.
fn doubled(letters: &[char]) -> Option<char> {
    let last = letters.len().checked_sub(1)?;
    let is_double = last > 0 && letters[last] == letters[last - 1];
    (is_double && is_consonant(letters, last)).then_some(letters[last])
}

/// Whether letters end in consonant, vowel and a consonant other than w, x and y, or are a vowel
/// and a consonant.
fn is_closed(letters: &[char]) -> bool {
    let consonant = |at: usize| is_consonant(letters, at);
    match letters.len() {
        0 | 1 => false,
        2 => !consonant(0) && consonant(1),
        len => {
            consonant(len - 3)
                && !consonant(len - 2)
                && consonant(len - 1)
                && !matches!(letters[len - 1], 'w' | 'x' | 'y')
        }
    }
}
