//! The two colour scales of all charts: a categorical palette and a sequential ramp.

/// A colour as red, green, blue, each 0 to 255 (sRGB).
pub type Rgb = (u8, u8, u8);

/// The palette of Okabe and Ito, told apart under the common kinds of colour blindness.
///
/// Ordered so that the first colours have the strongest contrast with white; black is softened to a dark
/// grey. Reference: M. Okabe and K. Ito, *Color Universal Design* (2008).
pub const OKABE_ITO: [Rgb; 8] = [
    (0x00, 0x72, 0xB2),
    (0xD5, 0x5E, 0x00),
    (0x00, 0x9E, 0x73),
    (0xCC, 0x79, 0xA7),
    (0xE6, 0x9F, 0x00),
    (0x56, 0xB4, 0xE9),
    (0x33, 0x33, 0x33),
    (0xF0, 0xE4, 0x42),
];

/// Colour of the series or class with this index; the palette repeats after eight.
///
/// ```
/// use brasa_plot::colours::categorical;
/// assert_eq!(categorical(0), (0x00, 0x72, 0xB2));
/// assert_eq!(categorical(8), categorical(0));
/// ```
pub fn categorical(index: usize) -> Rgb {
    OKABE_ITO[index % OKABE_ITO.len()]
}

/// Every sixteenth of matplotlib's `viridis`, by S. van der Walt and N. Smith (CC0).
const VIRIDIS: [Rgb; 17] = [
    (68, 1, 84),
    (72, 24, 106),
    (71, 45, 123),
    (66, 64, 134),
    (59, 82, 139),
    (51, 99, 141),
    (44, 114, 142),
    (38, 130, 142),
    (33, 145, 140),
    (31, 160, 136),
    (40, 174, 128),
    (63, 188, 115),
    (94, 201, 98),
    (132, 212, 75),
    (173, 220, 48),
    (216, 226, 25),
    (253, 231, 37),
];

/// Colour of `position` (0 to 1, clamped; not finite counts as 0) on the viridis ramp.
///
/// ```
/// use brasa_plot::colours::viridis;
/// assert_eq!(viridis(0.0), (68, 1, 84));
/// assert_eq!(viridis(1.0), (253, 231, 37));
/// ```
pub fn viridis(position: f64) -> Rgb {
    let position = if position.is_finite() { position.clamp(0.0, 1.0) } else { 0.0 };
    let last = VIRIDIS.len() - 1;
    let scaled = position * last as f64;
    let below = (scaled as usize).min(last - 1);
    let weight = scaled - below as f64;
    mix(VIRIDIS[below], VIRIDIS[below + 1], weight)
}

/// The colour that is `weight` (0 to 1) of `b` and the rest of `a`.
pub(crate) fn mix(a: Rgb, b: Rgb, weight: f64) -> Rgb {
    let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * weight).round() as u8;
    (channel(a.0, b.0), channel(a.1, b.1), channel(a.2, b.2))
}

/// Black or white, whichever stands out more on `background` (contrast ratio of WCAG 2.1).
///
/// ```
/// use brasa_plot::colours::readable_on;
/// assert_eq!(readable_on((68, 1, 84)), (255, 255, 255));
/// assert_eq!(readable_on((253, 231, 37)), (0, 0, 0));
/// ```
pub fn readable_on(background: Rgb) -> Rgb {
    let linear = |channel: u8| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let luminance =
        0.2126 * linear(background.0) + 0.7152 * linear(background.1) + 0.0722 * linear(background.2);
    let with_white = 1.05 / (luminance + 0.05);
    let with_black = (luminance + 0.05) / 0.05;
    if with_white > with_black { (255, 255, 255) } else { (0, 0, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viridis_agrees_with_matplotlib_between_the_stored_colours() {
        // matplotlib 3: matplotlib.colormaps["viridis"](x, bytes=True) for x = 0.1, 0.35, 0.62, 0.9.
        for (x, (r, g, b)) in
            [(0.1, (72, 35, 116)), (0.35, (46, 107, 142)), (0.62, (38, 172, 129)), (0.9, (189, 222, 38))]
        {
            let ours = viridis(x);
            for (a, b) in [(ours.0, r), (ours.1, g), (ours.2, b)] {
                assert!(i32::from(a).abs_diff(b) <= 2, "viridis({x}) = {ours:?}");
            }
        }
    }

    #[test]
    fn out_of_range_positions_are_clamped() {
        assert_eq!(viridis(-3.0), viridis(0.0));
        assert_eq!(viridis(7.0), viridis(1.0));
        assert_eq!(viridis(f64::NAN), viridis(0.0));
    }
}
