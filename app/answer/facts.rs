//! What may stand in a slot: a measured number, what the file says, or a word that numbers
//! decide; or the reason why there is none.
//!
//! Prints as `measure::printing` does and decides words by `measure::words` alone. Nothing is
//! measured here: the measurement is asked for when the first slot needs it. Called by `fill.rs`.

use super::slot::{Slot, SlotKind};
use crate::measure::quantity::{Kind, Quantity, Reason, Unit};
use crate::measure::table::unit_name;
use crate::measure::uncertainty::median;
use crate::measure::{Measurement, Structure, printing, words};
use crate::micrograph::{Calibration, Metadata, ScaleBar, Source, shown_length};
use crate::questions::Category;
use std::sync::Arc;

/// Who says which material category it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryFrom {
    /// The model.
    Prediction,
    /// The user.
    User,
}

/// What is known of a micrograph besides its pixels, and how to measure these.
pub struct Facts<'a> {
    /// What the file says.
    pub metadata: &'a Metadata,
    /// How large its pixels are.
    pub calibration: Option<&'a Calibration>,
    /// The scale bar that was read.
    pub scale_bar: Option<&'a ScaleBar>,
    /// Width of the field in pixels.
    pub width_px: u32,
    /// The material category.
    pub category: Option<(Category, CategoryFrom)>,
    /// Measures, or gives back what was measured; asked once. A sentence where that failed.
    pub measure: &'a mut dyn FnMut() -> Result<Arc<Measurement>, String>,
}

impl Facts<'_> {
    /// A slot by its name, without a place yet.
    pub(super) fn slot(&mut self, name: &str, measured: &mut Option<Asked>) -> Slot {
        let known = match name {
            "scale.pixel" => self.pixel(),
            "scale.bar" => self.bar(),
            "field.width" => self.field_width(),
            "magnification" => self.stated(self.metadata.magnification, "×", "the magnification"),
            "voltage" => self.stated(
                self.metadata.accelerating_voltage_kv,
                " kV",
                "the accelerating voltage",
            ),
            "working_distance" => self.stated(
                self.metadata.working_distance_mm,
                " mm",
                "the working distance",
            ),
            "tilt" => self.stated(self.metadata.stage_tilt_deg, "°", "the tilt of the stage"),
            "detector" => named(self.metadata.detector.as_deref(), "the detector"),
            "instrument" => {
                let instrument = self.metadata.instrument.as_deref();
                named(instrument.or(self.metadata.vendor), "the instrument")
            }
            "category" => self.category(),
            "label.text" => Err(Reason::new(
                "No text of a label",
                "print in the image is left out of view and only the scale bar's is read",
                "Read it in the image",
            )),
            _ => return self.measured(name, measured),
        };
        finished(name, known)
    }

    fn measured(&mut self, name: &str, measured: &mut Option<Asked>) -> Slot {
        let asked = measured.get_or_insert_with(|| (self.measure)());
        let known = match asked {
            Ok(measurement) => of_measurement(name, measurement),
            Err(why) => Err(Reason::new(
                "Nothing measured",
                why.trim_end_matches('.'),
                "Open the Measure tab and try it there",
            )),
        };
        finished(name, known)
    }

    fn pixel(&self) -> Known {
        let calibration = self.calibration.ok_or_else(no_scale)?;
        let text = match calibration.x_nm == calibration.y_nm {
            true => shown_length(calibration.x_nm),
            false => format!(
                "{} in x and {} in y",
                shown_length(calibration.x_nm),
                shown_length(calibration.y_nm)
            ),
        };
        Ok(of_scale(calibration, calibration.x_nm, text))
    }

    fn field_width(&self) -> Known {
        let calibration = self.calibration.ok_or_else(no_scale)?;
        let nm = calibration.x_nm * f64::from(self.width_px);
        Ok(of_scale(calibration, nm, shown_length(nm)))
    }

    fn bar(&self) -> Known {
        let bar = self.scale_bar.ok_or_else(|| {
            let why = "no scale bar with a label was read in this image";
            Reason::new("No scale bar", why, "Draw over it and type its length")
        })?;
        Ok(Slot {
            value: Some(bar.nm_per_px * bar.length_px),
            unit: "nm".to_owned(),
            text: format!("{} (bar)", bar.label),
            note: format!(
                "Read from the label; the bar is {:.0} px long.",
                bar.length_px
            ),
            ..empty(SlotKind::ScaleBar)
        })
    }

    fn stated(&self, value: Option<f64>, unit: &str, what: &str) -> Known {
        let value = value.ok_or_else(|| not_stated(what))?;
        Ok(Slot {
            value: Some(value),
            unit: unit.trim().to_owned(),
            text: format!("{}{unit} (file)", plain(value)),
            note: "Stated by the file.".to_owned(),
            ..empty(SlotKind::Metadata)
        })
    }

    fn category(&self) -> Known {
        let (category, from) = self.category.ok_or_else(|| {
            let why = "the image looks like none of the ten materials";
            Reason::new("No category", why, "Choose one in the list")
        })?;
        let words = category.words().to_lowercase();
        Ok(match from {
            CategoryFrom::Prediction => Slot {
                text: format!("{words} (predicted)"),
                note: "Predicted by the model.".to_owned(),
                ..empty(SlotKind::Predicted)
            },
            CategoryFrom::User => Slot {
                text: format!("{words} (you)"),
                note: "Set by you.".to_owned(),
                ..empty(SlotKind::Typed)
            },
        })
    }
}

/// What came of measuring.
pub(super) type Asked = Result<Arc<Measurement>, String>;

/// A slot without its name, or why there is none.
type Known = Result<Slot, Reason>;

fn finished(name: &str, known: Known) -> Slot {
    let name = name.to_owned();
    match known {
        Ok(slot) => Slot { name, ..slot },
        Err(reason) => Slot {
            name,
            text: reason.to_string(),
            ..empty(SlotKind::Unavailable)
        },
    }
}

fn empty(kind: SlotKind) -> Slot {
    Slot {
        name: String::new(),
        kind,
        value: None,
        unit: String::new(),
        uncertainty: None,
        text: String::new(),
        n: 0,
        evidence: Vec::new(),
        note: String::new(),
        place: None,
    }
}

fn no_scale() -> Reason {
    Reason::new(
        "No scale",
        "this file holds none and no bar was read",
        "Enter the length of the bar or the width of the field",
    )
}

fn not_stated(what: &str) -> Reason {
    Reason::new(
        &format!("Not known: {what}"),
        "the file does not state it",
        "Open the file as the instrument saved it",
    )
}

fn named(name: Option<&str>, what: &str) -> Known {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| not_stated(what))?;
    Ok(Slot {
        text: format!("{name} (file)"),
        note: "Stated by the file.".to_owned(),
        ..empty(SlotKind::Metadata)
    })
}

/// A number as the file may have written it: four digits, none of them a needless nought.
fn plain(value: f64) -> String {
    let digits = printing::to_digits(value, 4);
    match digits.contains('.') {
        true => digits
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => digits,
    }
}

/// A length that is the scale itself.
fn of_scale(calibration: &Calibration, nm: f64, text: String) -> Slot {
    let (kind, mark) = match calibration.source {
        Source::Metadata => (SlotKind::Metadata, "file"),
        Source::ScaleBar => (SlotKind::ScaleBar, "bar"),
        Source::User | Source::Folder => (SlotKind::Typed, "you"),
    };
    Slot {
        value: Some(nm),
        unit: "nm".to_owned(),
        text: format!("{text} ({mark})"),
        note: format!("From {}.", calibration.from),
        ..empty(kind)
    }
}

fn of_measurement(name: &str, found: &Measurement) -> Known {
    match name {
        "layer.count" => layers(found),
        "clip.share" => Ok(clipped(found)),
        _ if name.starts_with("word.") => word(name, found),
        _ => {
            let quantity = quantity(name, found)?;
            match quantity.reason() {
                Some(reason) => Err(reason.clone()),
                None => Ok(number(quantity)),
            }
        }
    }
}

/// The quantity of a slot; where there is none, the reason.
fn quantity<'a>(name: &str, found: &'a Measurement) -> Result<&'a Quantity, Reason> {
    // What a hole is called depends on the category; the diameter is the same.
    let other = match name {
        "size.median" => "pore.median",
        "pore.median" => "size.median",
        "porosity" => "coverage",
        _ => name,
    };
    let of = |slot: &str| found.quantities.iter().find(|one| one.slot == slot);
    let is_pores = found.structure == Structure::Pores;
    let first = of(name);
    let second = of(other).filter(|one| one.value.is_some() && (name != "porosity" || is_pores));
    match first {
        Some(one) if one.value.is_some() => Ok(one),
        _ => second.or(first).ok_or_else(|| not_measured(name, found)),
    }
}

fn not_measured(name: &str, found: &Measurement) -> Reason {
    let missing = format!("Not measured: {}", name.replace(['.', '_'], " "));
    match name {
        "defect.count" | "region.count" | "region.share" => Reason::new(
            &missing,
            "this is not told apart in an image",
            "Count them by hand in the viewer",
        ),
        _ => Reason::new(
            &missing,
            format!("the image was read as {}", found.structure.words()),
            "Name another category if that is wrong, or measure a region that shows them alone",
        ),
    }
}

fn number(quantity: &Quantity) -> Slot {
    let reserve = quantity.limited.as_ref();
    let reserve = reserve.map(|why| format!("To be taken with reserve: {why}"));
    let note = Some(quantity.note.clone()).filter(|note| !note.is_empty());
    let sentences: Vec<String> = note
        .into_iter()
        .chain(reserve)
        .map(|part| format!("{}.", capital(&part)))
        .collect();
    Slot {
        value: quantity.value,
        unit: unit_name(quantity.unit).to_owned(),
        uncertainty: quantity.uncertainty,
        text: quantity.text(),
        n: quantity.n,
        evidence: quantity.evidence.clone(),
        note: sentences.join(" "),
        ..empty(match quantity.kind {
            Kind::Measured => SlotKind::Measured,
            Kind::Metadata => SlotKind::Metadata,
            Kind::ScaleBar => SlotKind::ScaleBar,
            Kind::Typed => SlotKind::Typed,
            Kind::Unavailable(_) => SlotKind::Unavailable,
        })
    }
}

fn layers(found: &Measurement) -> Known {
    let layers = found.layers.as_ref().map(|layers| layers.layers.len());
    let count = layers.ok_or_else(|| not_measured("layer.count", found))?;
    Ok(number(&Quantity::count("layer.count", count)))
}

fn clipped(found: &Measurement) -> Slot {
    let share = found.fitness.clipped;
    Slot {
        value: Some(share),
        unit: unit_name(Unit::Share).to_owned(),
        text: format!("{} %", printing::to_digits(100.0 * share, 2)),
        note: "At the least or the greatest grey, overlays left out.".to_owned(),
        ..empty(SlotKind::Measured)
    }
}

/// A word that numbers decide, with those numbers as its evidence.
fn word(name: &str, found: &Measurement) -> Known {
    let by = |slot: &str, word: &dyn Fn(f64, usize) -> Option<&'static str>| -> Known {
        let quantity = quantity(slot, found)?;
        let value = match (quantity.value, quantity.reason()) {
            (_, Some(reason)) => return Err(reason.clone()),
            (value, None) => value.unwrap_or(f64::NAN),
        };
        let few = || {
            let why = format!("{} were measured, which is too few", quantity.n);
            Reason::new("No word", why, "Take an image with more of them")
        };
        let text = word(value, quantity.n).ok_or_else(few)?;
        Ok(Slot {
            text: text.to_owned(),
            note: format!("By {}: {}.", slot.replace('.', " "), quantity.text()),
            value: None,
            uncertainty: None,
            unit: String::new(),
            ..number(quantity)
        })
    };
    match name {
        "word.spread" => by("size.cv", &words::spread),
        "word.cover" => by("coverage", &|share, _| words::cover(share)),
        "word.touch" => by("aggregate.share", &|share, _| words::touch(share)),
        "word.align" => by("orientation.order", &words::align),
        "word.layout" => match periodic(found) {
            Some(slot) => Ok(slot),
            None => {
                let word = quantity("spacing.ratio", found)?.word;
                by("spacing.ratio", &|_, _| word)
            }
        },
        "word.shape" => shape(found),
        "word.texture" => said(
            found.texture,
            found,
            "The texture of faces against the noise",
        ),
        "word.edge" => said(
            found.border,
            found,
            "The width of borders against the sharpest edges",
        ),
        _ => Err(not_measured(name, found)),
    }
}

fn said(word: Option<&'static str>, found: &Measurement, of: &str) -> Known {
    let missing = || {
        let why = format!("the image was read as {}", found.structure.words());
        Reason::new(
            &format!("No word: {}", of.to_lowercase()),
            why,
            "Look closer by hand",
        )
    };
    Ok(Slot {
        text: word.ok_or_else(missing)?.to_owned(),
        note: format!("{of}, at this pixel size."),
        ..empty(SlotKind::Measured)
    })
}

/// Lines and sites that repeat.
fn periodic(found: &Measurement) -> Option<Slot> {
    let pattern = found.pattern.as_ref()?;
    words::is_periodic(pattern.periods, pattern.peak).then(|| Slot {
        text: "periodic".to_owned(),
        note: format!(
            "{:.0} periods in view; the first repeat peak is {:.2}.",
            pattern.periods, pattern.peak
        ),
        n: pattern.periods.max(0.0) as usize,
        ..empty(SlotKind::Measured)
    })
}

fn shape(found: &Measurement) -> Known {
    let aspect = quantity("aspect.median", found)?;
    if let Some(reason) = aspect.reason() {
        return Err(reason.clone());
    }
    let whole = || found.objects.iter().filter(|object| !object.is_cut);
    let form = median(&mut whole().map(|one| one.form_factor()).collect::<Vec<f64>>());
    let across = median(&mut whole().map(|one| one.feret_min_px).collect::<Vec<f64>>());
    let value = aspect.value.unwrap_or(f64::NAN);
    let word = words::shape(value, form, across);
    let none = || {
        Reason::new(
            "No shape",
            "too few pixels across",
            "Take a higher magnification",
        )
    };
    Ok(Slot {
        text: word.ok_or_else(none)?.to_owned(),
        note: format!("By aspect, {}, and form factor, {form:.2}.", aspect.text()),
        value: None,
        uncertainty: None,
        unit: String::new(),
        ..number(aspect)
    })
}

/// The text with its first letter in upper case.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |letter| {
        letter.to_uppercase().chain(letters).collect()
    })
}
