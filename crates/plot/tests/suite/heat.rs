//! Heat grids and overlays: which number becomes which colour, and what is refused.

use brasa_plot::colours::{diverging, viridis};
use brasa_plot::{HeatColours, HeatGrid, HeatOverlay, HeatRange, HeatTile, PlotError, RgbFrame, SheetImage};

fn tile(values: &[f32]) -> HeatTile {
    HeatTile { values: values.to_vec(), width: values.len(), height: 1, caption: Vec::new() }
}

fn grid(tiles: Vec<HeatTile>, colours: HeatColours, range: HeatRange) -> HeatGrid {
    let (title, value_label) = (String::new(), "weight".into());
    HeatGrid { title, value_label, tiles, columns: 1, scale: 20, colours, range }
}

/// The first pixels' colours, one per number, of the tile in `row`; tiles of one row lie at the left.
fn colours(grid: &HeatGrid, row: u32, count: u32) -> Vec<(u8, u8, u8)> {
    let picture: RgbFrame = grid.to_rgb().unwrap();
    let captions = if grid.range == HeatRange::EachTile { 15 } else { 0 };
    let y = 2 * (12 + row * (20 + 4 + captions + 12) + 10);
    (0..count)
        .map(|i| {
            let x = 2 * (12 + i * 20 + 10);
            let at = ((y * picture.width + x) * 3) as usize;
            (picture.pixels[at], picture.pixels[at + 1], picture.pixels[at + 2])
        })
        .collect()
}

#[test]
fn a_shared_range_spans_all_tiles() {
    let tiles = vec![tile(&[0.0, 1.0]), tile(&[2.0, 4.0])];
    let grid = grid(tiles, HeatColours::Sequential, HeatRange::Shared);
    assert_eq!(colours(&grid, 0, 2), [viridis(0.0), viridis(0.25)]);
    assert_eq!(colours(&grid, 1, 2), [viridis(0.5), viridis(1.0)]);
    let svg = grid.to_svg().unwrap();
    assert!(svg.contains(">\n0\n<") && svg.contains(">\n4\n<") && svg.contains(">\nweight\n<"), "{svg}");
}

#[test]
fn zero_is_white_in_a_diverging_grid_whatever_the_numbers() {
    let grid = grid(vec![tile(&[-1.0, 0.0, 4.0])], HeatColours::Diverging, HeatRange::Shared);
    assert_eq!(colours(&grid, 0, 3), [diverging(0.375), (255, 255, 255), diverging(1.0)]);
}

#[test]
fn a_tile_range_is_written_under_each_tile() {
    let long = |low: f32, high: f32| tile(&[low, 0.5 * (low + high), high, low, low, low, low, low]);
    let tiles = vec![long(0.0, 1.0), long(2.0, 12.0)];
    let grid = grid(tiles, HeatColours::Sequential, HeatRange::EachTile);
    for row in 0..2 {
        assert_eq!(colours(&grid, row, 3), [viridis(0.0), viridis(0.5), viridis(1.0)]);
    }
    let svg = grid.to_svg().unwrap();
    assert!(svg.contains(">\n0 to 1\n<") && svg.contains(">\n2 to 12\n<"), "{svg}");
}

#[test]
fn constant_and_missing_numbers_are_drawn() {
    let sequential =
        grid(vec![tile(&[3.0, 3.0, f32::NAN, f32::INFINITY])], HeatColours::Sequential, HeatRange::Shared);
    let grey = (0xBB, 0xBB, 0xBB);
    assert_eq!(colours(&sequential, 0, 4), [viridis(0.0), viridis(0.0), grey, grey]);
    let zeros = grid(vec![tile(&[0.0, 0.0])], HeatColours::Diverging, HeatRange::Shared);
    assert_eq!(colours(&zeros, 0, 2), [(255, 255, 255); 2]);
    let clamped = grid(vec![tile(&[-9.0, 9.0])], HeatColours::Sequential, HeatRange::Fixed(0.0, 1.0));
    assert_eq!(colours(&clamped, 0, 2), [viridis(0.0), viridis(1.0)]);
}

#[test]
fn wrong_grids_are_refused() {
    let torn = HeatTile { values: vec![0.0; 5], width: 2, height: 3, caption: Vec::new() };
    let refused = grid(vec![tile(&[1.0]), torn], HeatColours::Sequential, HeatRange::Shared);
    assert_eq!(
        refused.to_svg().unwrap_err().to_string(),
        "heat grid \"\", tile 1: 2 x 3 cells need 6 values, but 5 came"
    );
    let backwards = grid(vec![tile(&[1.0])], HeatColours::Sequential, HeatRange::Fixed(1.0, 0.0));
    assert!(matches!(backwards.to_svg(), Err(PlotError::Range { .. })));
    let empty = grid(Vec::new(), HeatColours::Sequential, HeatRange::Shared);
    assert!(empty.to_svg().unwrap().contains("no tiles"));
    let none = HeatGrid { columns: 0, ..empty };
    assert!(matches!(none.to_svg(), Err(PlotError::ZeroSetting { setting: "columns" })));
}

fn overlay(heat: Vec<f32>, opacity: f64) -> HeatOverlay {
    let picture = SheetImage { pixels: vec![100; 4], width: 2, height: 2, channels: 1, caption: Vec::new() };
    HeatOverlay { picture, heat, heat_width: 1, heat_height: 1, opacity, caption: vec!["said: 7".into()] }
}

#[test]
fn an_overlay_blends_the_map_with_the_picture_and_stands_beside_it() {
    let beside = overlay(vec![3.0], 0.5).beside().unwrap();
    assert_eq!((beside.width, beside.height, beside.channels), (5, 2, 3));
    assert_eq!(beside.caption, ["said: 7"]);
    let (r, g, b) = viridis(1.0);
    let half = |channel: u8| ((100.0 + f64::from(channel)) / 2.0).round() as u8;
    let row = [[100; 3], [100; 3], [255; 3], [half(r), half(g), half(b)], [half(r), half(g), half(b)]];
    assert_eq!(beside.pixels, [row, row].concat().concat());
}

#[test]
fn an_overlay_without_any_heat_is_the_colour_of_zero() {
    let (r, g, b) = viridis(0.0);
    for heat in [0.0, -2.0, f32::NAN] {
        assert_eq!(overlay(vec![heat], 1.0).blended().unwrap().pixels, [r, g, b].repeat(4));
    }
}

#[test]
fn wrong_overlays_are_refused() {
    assert!(matches!(overlay(vec![0.0; 2], 0.5).blended(), Err(PlotError::GridSize { found: 2, .. })));
    assert!(matches!(overlay(vec![0.0], 1.5).blended(), Err(PlotError::Range { .. })));
    assert!(matches!(overlay(vec![0.0], f64::NAN).blended(), Err(PlotError::Range { .. })));
}
