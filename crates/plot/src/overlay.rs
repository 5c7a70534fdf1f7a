use crate::colours::{mix, viridis};
use crate::error::{PlotError, Result};
use crate::sheet::SheetImage;

/// White pixels between the plain picture and the blended one.
const GAP: usize = 1;

/// A picture under a heat map of where a network looked, such as Grad-CAM's (Selvaraju et al., 2017).
///
/// The map is enlarged bilinearly to the picture's size (centres of pixels aligned, as PyTorch's
/// `interpolate(align_corners=False)`), its highest value becomes viridis's yellow, and zero and below its dark
/// violet.
///
/// ```
/// use brasa_plot::{HeatOverlay, ImageSheet, SheetImage};
///
/// let picture = SheetImage { pixels: vec![128; 64], width: 8, height: 8, channels: 1, caption: vec![] };
/// let caption = vec!["said: 7 (0.98)".into()];
/// let overlay =
///     HeatOverlay { picture, heat: vec![0.0, 0.2, 0.9, 0.1], heat_width: 2, heat_height: 2, opacity: 0.5, caption };
/// let sheet = ImageSheet { images: vec![overlay.beside()?], columns: 4, scale: 6, note: String::new() };
/// assert!(sheet.to_svg()?.contains("said: 7"));
/// # Ok::<(), brasa_plot::PlotError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HeatOverlay {
    /// The picture; its own caption is not used.
    pub picture: SheetImage,
    /// The map, rows from top to bottom, numbers from left to right; a number that is not finite counts as 0.
    pub heat: Vec<f32>,
    /// Numbers per row of the map.
    pub heat_width: usize,
    /// Rows of the map.
    pub heat_height: usize,
    /// Share of the map's colours in the blend, 0 to 1; 0.5 shows both.
    pub opacity: f64,
    /// Lines of text under the pair.
    pub caption: Vec<String>,
}

impl HeatOverlay {
    /// The picture blended with the map, for an [`ImageSheet`](crate::ImageSheet).
    ///
    /// # Errors
    ///
    /// [`PlotError::GridSize`] if the map's numbers do not fill its shape, [`PlotError::Range`] for an opacity
    /// outside 0 to 1, and as for [`ImageSheet::to_svg`](crate::ImageSheet::to_svg) for the picture (as
    /// picture 0).
    pub fn blended(&self) -> Result<SheetImage> {
        self.check()?;
        let &SheetImage { width, height, .. } = &self.picture;
        let highest = self.heat.iter().copied().filter(|v| v.is_finite()).fold(0.0_f32, f32::max);
        let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
        for y in 0..height {
            for x in 0..width {
                let heat = self.heat_at((x, width), (y, height));
                let position = if highest > 0.0 { heat / f64::from(highest) } else { 0.0 };
                let [r, g, b] = self.picture.rgb(x, y);
                let (r, g, b) = mix((r, g, b), viridis(position), self.opacity);
                pixels.extend([r, g, b]);
            }
        }
        Ok(SheetImage { pixels, width, height, channels: 3, caption: self.caption.clone() })
    }

    /// The plain picture and the blended one side by side as one picture, for an
    /// [`ImageSheet`](crate::ImageSheet).
    ///
    /// # Errors
    ///
    /// As [`blended`](Self::blended).
    pub fn beside(&self) -> Result<SheetImage> {
        let blended = self.blended()?;
        let width = self.picture.width as usize;
        let mut pixels = Vec::with_capacity(blended.pixels.len() * 2);
        for (y, row) in (0..self.picture.height).zip(blended.pixels.chunks(width * 3)) {
            pixels.extend((0..self.picture.width).flat_map(|x| self.picture.rgb(x, y)));
            pixels.extend([255; GAP * 3]);
            pixels.extend_from_slice(row);
        }
        Ok(SheetImage { pixels, width: (width * 2 + GAP) as u32, ..blended })
    }

    fn check(&self) -> Result<()> {
        self.picture.check(0)?;
        let (columns, rows, found) = (self.heat_width, self.heat_height, self.heat.len());
        let expected = columns.saturating_mul(rows);
        if expected == 0 || found != expected {
            return Err(PlotError::GridSize { chart: "heat map".into(), columns, rows, expected, found });
        }
        if !(0.0..=1.0).contains(&self.opacity) {
            let (low, high) = (0.0, self.opacity);
            return Err(PlotError::Range { what: "opacity of a heat map, 0 to 1".into(), low, high });
        }
        Ok(())
    }

    /// The map's value at the centre of a pixel, each axis given as index and count.
    fn heat_at(&self, x: (u32, u32), y: (u32, u32)) -> f64 {
        let (left, right, across) = neighbours(x, self.heat_width);
        let (upper, lower, down) = neighbours(y, self.heat_height);
        let at = |column: usize, row: usize| {
            let value = self.heat.get(row * self.heat_width + column).copied().unwrap_or(0.0);
            if value.is_finite() { f64::from(value) } else { 0.0 }
        };
        let row = |row: usize| at(left, row) * (1.0 - across) + at(right, row) * across;
        row(upper) * (1.0 - down) + row(lower) * down
    }
}

/// The two cells around a pixel's centre, of `cells`, and the share of the second.
fn neighbours((index, count): (u32, u32), cells: usize) -> (usize, usize, f64) {
    let position = ((f64::from(index) + 0.5) * cells as f64 / f64::from(count) - 0.5).max(0.0);
    let first = (position as usize).min(cells - 1);
    ((first), (first + 1).min(cells - 1), position - first as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_enlarged_as_pytorch_does() {
        // torch.nn.functional.interpolate(torch.tensor([[[[0., 1.], [2., 3.]]]]), size=(4, 4), mode="bilinear")
        let expected =
            [[0.0, 0.25, 0.75, 1.0], [0.5, 0.75, 1.25, 1.5], [1.5, 1.75, 2.25, 2.5], [2.0, 2.25, 2.75, 3.0]];
        let overlay = HeatOverlay {
            picture: SheetImage::default(),
            heat: vec![0.0, 1.0, 2.0, 3.0],
            heat_width: 2,
            heat_height: 2,
            opacity: 1.0,
            caption: Vec::new(),
        };
        for (y, row) in expected.iter().enumerate() {
            for (x, value) in row.iter().enumerate() {
                assert_eq!(overlay.heat_at((x as u32, 4), (y as u32, 4)), *value, "({x}, {y})");
            }
        }
    }
}
