//! Words that need numbers: which word a measured value allows.
//!
//! The word slots (`word.spread` and the rest) are filled here from the house thresholds, and a
//! word is none where its numbers are missing. Called by whatever fills slots or checks the
//! network's text.

use super::house::{edges, fitness, words as house};

/// `word.spread`: the spread of sizes by their coefficient of variation.
pub fn spread(cv: f64, n: usize) -> Option<&'static str> {
    if n < house::SPREAD_COUNT || !cv.is_finite() {
        return None;
    }
    Some(match cv {
        cv if cv < house::MONODISPERSE => "monodisperse",
        cv if cv < house::NARROW => "narrow",
        cv if cv <= house::MODERATE_SPREAD => "moderate",
        _ => "broad",
    })
}

/// `word.shape`: an outline by Feret aspect (at least 1) and form factor 4πA/P², `across_px`
/// pixels across its short way.
pub fn shape(aspect: f64, form_factor: f64, across_px: f64) -> Option<&'static str> {
    if !aspect.is_finite() || across_px < fitness::SHAPE_PX.refuse {
        return None;
    }
    Some(match aspect {
        aspect if aspect < house::ROUND_ASPECT && form_factor > house::ROUND_FORM => "near-round",
        aspect if aspect < house::ROUND_ASPECT => "compact",
        aspect if aspect <= house::ELONGATED => "elongated",
        aspect if aspect <= house::ROD => "rod-like",
        _ => "fibre-like",
    })
}

/// The word for a smallest measured dimension in nanometres; "fine" stands where there is no
/// scale.
pub fn size_class(smallest_nm: Option<f64>) -> Option<&'static str> {
    match smallest_nm {
        None => Some("fine"),
        Some(nm) if nm <= 0.0 || !nm.is_finite() => None,
        Some(nm) if nm < house::NANO_NM => Some("nano-sized"),
        Some(nm) if nm < house::SUB_MICRON_NM => Some("sub-micron"),
        Some(nm) if nm <= house::MICRON_NM => Some("micron-sized"),
        Some(_) => None,
    }
}

/// `word.cover`: the covered share of the field.
pub fn cover(share: f64) -> Option<&'static str> {
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    Some(match share {
        share if share < house::SPARSE => "sparse",
        share if share <= house::MODERATE_COVER => "moderate",
        share if share <= house::DENSE => "dense",
        _ => "nearly full",
    })
}

/// `word.touch`: the share of objects that touch another.
pub fn touch(share: f64) -> Option<&'static str> {
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    Some(match share {
        share if share < house::SEPARATE => "mostly separate",
        share if share <= house::PARTLY_TOUCHING => "partly touching",
        _ => "mostly aggregated",
    })
}

/// The order that directions without any common one stay below in 95 of 100 cases.
pub fn chance_order(n: usize) -> f64 {
    (house::CHANCE_ORDER_SQUARED / n.max(1) as f64).sqrt()
}

/// `word.align`: the order S of `n` directions.
pub fn align(order: f64, n: usize) -> Option<&'static str> {
    if n < 2 || !order.is_finite() {
        return None;
    }
    Some(match order {
        order if order < chance_order(n) => "no alignment",
        order if order < house::WEAK_ALIGNMENT => "weak alignment",
        order if order <= house::PARTIAL_ALIGNMENT => "partial alignment",
        _ => "strong alignment",
    })
}

/// `word.layout`: a spacing against the 2.5 % and 97.5 % quantiles of random placements of the
/// same discs.
pub fn layout(spacing: f64, low: f64, high: f64) -> Option<&'static str> {
    if !(spacing.is_finite() && low <= high) {
        return None;
    }
    Some(if spacing < low {
        "clustered"
    } else if spacing > high {
        "evenly spaced"
    } else {
        "no order beyond chance"
    })
}

/// Whether what repeats may be called periodic, by the periods in view and the height of the
/// first repeat peak.
pub fn is_periodic(periods: f64, peak: f64) -> bool {
    periods >= edges::PERIODS && peak >= edges::REPEAT_PEAK
}

/// `word.edge`: the width of a border against the sharpest edges of the image.
pub fn edge(width_px: f64, sharpest_px: f64) -> Option<&'static str> {
    if !(width_px > 0.0 && sharpest_px > 0.0) {
        return None;
    }
    Some(if width_px < house::SHARP * sharpest_px {
        "sharp"
    } else {
        "gradual"
    })
}

/// `word.texture`: the contrast of a face against noise, both standard deviations of grey.
/// "smooth" holds at this pixel size only, which the sentence has to say.
pub fn texture(contrast: f64, noise: f64, is_fine: bool) -> Option<&'static str> {
    if !(contrast >= 0.0 && noise > 0.0) {
        return None;
    }
    Some(match (contrast > house::ROUGH * noise, is_fine) {
        (true, true) => "grainy",
        (true, false) => "rough",
        (false, _) if contrast <= 1.2 * noise => "smooth",
        _ => "faintly textured",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_at_their_thresholds() {
        let spreads = [0.04, 0.09, 0.1, 0.3, 0.31].map(|cv| spread(cv, 30));
        let expected = ["monodisperse", "narrow", "moderate", "moderate", "broad"];
        assert_eq!(spreads, expected.map(Some));
        assert_eq!(spread(0.04, 29), None, "too few objects");
        let covers = [0.09, 0.1, 0.4, 0.41, 0.81].map(cover);
        let expected = ["sparse", "moderate", "moderate", "dense", "nearly full"];
        assert_eq!(covers, expected.map(Some));
        let touches = [0.09, 0.1, 0.5, 0.51].map(touch);
        let expected = [
            "mostly separate",
            "partly touching",
            "partly touching",
            "mostly aggregated",
        ];
        assert_eq!(touches, expected.map(Some));
        assert_eq!(cover(1.2), None);
    }

    #[test]
    fn few_directions_need_more_order_to_be_aligned() {
        assert_eq!(align(0.5, 8), Some("no alignment"));
        assert_eq!(align(0.5, 100), Some("partial alignment"));
        assert_eq!(align(0.2, 100), Some("weak alignment"));
        assert_eq!(align(0.9, 8), Some("strong alignment"));
        assert_eq!(align(0.9, 1), None);
    }

    #[test]
    fn shapes_go_by_aspect_and_form_and_need_pixels() {
        assert_eq!(shape(1.1, 0.9, 20.0), Some("near-round"));
        assert_eq!(shape(1.1, 0.7, 20.0), Some("compact"));
        assert_eq!(shape(1.6, 0.9, 20.0), Some("elongated"));
        assert_eq!(shape(6.0, 0.3, 20.0), Some("rod-like"));
        assert_eq!(shape(16.0, 0.1, 20.0), Some("fibre-like"));
        assert_eq!(shape(1.1, 0.9, 9.0), None);
    }

    #[test]
    fn nano_needs_a_scale() {
        assert_eq!(size_class(None), Some("fine"));
        assert_eq!(size_class(Some(80.0)), Some("nano-sized"));
        assert_eq!(size_class(Some(400.0)), Some("sub-micron"));
        assert_eq!(size_class(Some(4e3)), Some("micron-sized"));
        assert_eq!(size_class(Some(4e6)), None);
    }

    #[test]
    fn borders_layouts_and_textures() {
        assert_eq!(edge(2.0, 1.5), Some("sharp"));
        assert_eq!(edge(2.5, 1.5), Some("gradual"));
        assert_eq!(layout(0.8, 0.9, 1.1), Some("clustered"));
        assert_eq!(layout(1.0, 0.9, 1.1), Some("no order beyond chance"));
        assert_eq!(layout(1.2, 0.9, 1.1), Some("evenly spaced"));
        assert_eq!(texture(1.0, 1.0, true), Some("smooth"));
        assert_eq!(texture(4.0, 1.0, true), Some("grainy"));
        assert_eq!(texture(4.0, 1.0, false), Some("rough"));
    }
}
