//! Writes one of every chart, with awkward data, to a folder: `cargo run --example gallery -- FOLDER`.

mod confusions;
mod numbers;

use std::error::Error;
use std::path::{Path, PathBuf};

use brasa_plot::{
    Animation, BarChart, BarSeries, DecisionLine, DecisionPlane, HeatColours, HeatGrid, HeatOverlay,
    HeatRange, HeatTile, ImageSheet, Line, LineChart, PlaneGrid, Regions, RgbFrame, Scatter, ScatterMatrix,
    SheetImage,
};

const GARMENTS: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "gallery".into()));
    std::fs::create_dir_all(&folder)?;
    let mut charts: Vec<(&str, String)> = Vec::new();
    lines(&mut charts)?;
    bars(&mut charts)?;
    scatters(&mut charts)?;
    confusions::draw(&mut charts)?;
    numbers::draw(&mut charts)?;
    planes(&folder, &mut charts)?;
    heats(&mut charts)?;
    let sheet = sheet();
    charts.push(("sheet", sheet.to_svg()?));
    std::fs::write(folder.join("sheet-pictures.png"), sheet.to_png()?)?;
    for (name, svg) in charts {
        std::fs::write(folder.join(format!("{name}.png")), RgbFrame::from_svg(&svg, 1.5)?.to_png()?)?;
        std::fs::write(folder.join(format!("{name}.svg")), svg)?;
    }
    Ok(())
}

fn curve(name: &str, epochs: u32, value: impl Fn(f64) -> f64) -> Line {
    let points = (1..=epochs).map(|e| (f64::from(e), value(f64::from(e)))).collect();
    Line { name: name.into(), points, dashed: name.starts_with("valid") }
}

fn lines(charts: &mut Vec<(&str, String)>) -> Result<(), Box<dyn Error>> {
    let loss =
        LineChart {
            title: "Loss".into(),
            x_label: "epoch".into(),
            y_label: "cross-entropy (nats)".into(),
            series: vec![
                curve("train", 40, |e| 1.1 * (-e / 9.0).exp() + 0.02),
                curve("validation", 40, |e| {
                    if e == 12.0 { f64::NAN } else { (-e / 7.0).exp() + 0.1 + e * 0.004 }
                }),
            ],
            marks: vec![(22.0, "best epoch 22".into()), (40.0, "stopped early".into())],
            ..LineChart::default()
        };
    charts.push(("line-loss", loss.to_svg()?));
    charts.push(("line-loss-log", LineChart { log_y: true, ..loss.clone() }.to_svg()?));
    let rate = LineChart {
        title: "Learning rate".into(),
        x_label: "epoch".into(),
        y_label: "learning rate".into(),
        series: vec![curve("", 12, |e| 1e-4 * (1.0 + (e / 12.0 * 3.1).cos()) / 2.0)],
        ..LineChart::default()
    };
    charts.push(("line-rate", rate.to_svg()?));
    charts.push(("line-rate-log", LineChart { log_y: true, ..rate }.to_svg()?));
    let side = |name: &str, end: f64| LineChart {
        title: name.into(),
        x_label: "epoch".into(),
        y_label: "cross-entropy (nats)".into(),
        series: vec![
            curve("train", (end * 10.0) as u32, |e| (-e / 9.0).exp()),
            curve("valid", (end * 10.0) as u32, |e| (-e / 9.0).exp() + e * 0.02 * end),
        ],
        ..LineChart::default()
    };
    let mut pair = [side("underfit", 1.0), side("overfit", 4.0)];
    LineChart::share_axes(&mut pair);
    for (name, chart) in ["line-shared-1", "line-shared-2"].into_iter().zip(&pair) {
        charts.push((name, chart.to_svg()?));
    }
    let empty = LineChart { title: "Accuracy".into(), y_label: "accuracy".into(), ..LineChart::default() };
    charts.push(("line-empty", empty.to_svg()?));
    let awkward = LineChart {
        title: "A title that is far too long to fit on the page and so has to be cut somewhere near here"
            .into(),
        x_label: "step".into(),
        y_label: "an axis label that goes on and on for longer than the axis itself (units)".into(),
        series: (0..7)
            .map(|i| {
                let points = vec![(0.0, f64::from(i) * 1e5), (45_000.0, f64::from(i) * 1.2e5 - 2e5)];
                Line { name: format!("optimizer number {i}"), points, dashed: i % 2 == 1 }
            })
            .collect(),
        ..LineChart::default()
    };
    charts.push(("line-awkward", awkward.to_svg()?));
    Ok(())
}

fn bars(charts: &mut Vec<(&str, String)>) -> Result<(), Box<dyn Error>> {
    let series = |name: &str, values: &[f64]| BarSeries { name: name.into(), values: values.to_vec() };
    let iris = BarChart {
        title: "Rows per class".into(),
        category_label: "class".into(),
        value_label: "rows".into(),
        categories: ["setosa", "versicolor", "virginica"].map(String::from).to_vec(),
        series: vec![
            series("train", &[30.0, 31.0, 29.0]),
            series("validation", &[10.0, 9.0, 11.0]),
            series("test", &[10.0, 10.0, 10.0]),
        ],
    };
    charts.push(("bar-iris", iris.to_svg()?));
    let garments = BarChart {
        categories: GARMENTS.map(String::from).to_vec(),
        series: vec![
            series("train", &[5000.0; 10]),
            series("validation", &[1000.0; 10]),
            series("test", &[1000.0; 10]),
        ],
        ..iris.clone()
    };
    charts.push(("bar-garments", garments.to_svg()?));
    let recall = BarChart {
        title: "Recall per class".into(),
        value_label: "recall".into(),
        series: vec![series("", &[0.8, 0.97, 0.84, 0.9, 0.85, 0.98, 0.7, f64::NAN, 0.99, 0.96])],
        ..garments
    };
    charts.push(("bar-recall", recall.to_svg()?));
    charts.push(("bar-empty", BarChart { title: "Nothing".into(), ..BarChart::default() }.to_svg()?));
    Ok(())
}

fn scatters(charts: &mut Vec<(&str, String)>) -> Result<(), Box<dyn Error>> {
    let mut state = 7_u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
    };
    let centres = [
        ("setosa", [5.0, 3.4, 1.5, 0.25]),
        ("versicolor", [5.9, 2.8, 4.3, 1.3]),
        ("virginica", [6.6, 3.0, 5.5, 2.0]),
    ];
    let groups: Vec<(String, Vec<Vec<f64>>)> = centres
        .iter()
        .map(|(name, centre)| {
            let rows = (0..50).map(|_| centre.iter().map(|c| c + noise() * 0.3 * c).collect()).collect();
            ((*name).to_owned(), rows)
        })
        .collect();
    let pair = Scatter {
        title: "Petals".into(),
        x_label: "petal length (cm)".into(),
        y_label: "petal width (cm)".into(),
        groups: groups
            .iter()
            .map(|(name, rows)| {
                (name.clone(), rows.iter().filter_map(|r| Some((*r.get(2)?, *r.get(3)?))).collect())
            })
            .collect(),
    };
    charts.push(("scatter", pair.to_svg()?));
    let features = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"];
    let matrix =
        ScatterMatrix { title: "Iris".into(), features: features.map(String::from).to_vec(), groups };
    charts.push(("scatter-matrix", matrix.to_svg()?));
    Ok(())
}

/// Points around centres, in a fixed order.
fn clouds(centres: &[(f64, f64)], each: usize, spread: f64) -> Vec<Vec<(f64, f64)>> {
    let turn = |i: usize| i as f64 * 2.399_963;
    let around = |(x, y): (f64, f64)| {
        let radius = move |i: usize| spread * (i as f64 / each as f64).sqrt();
        (0..each).map(move |i| (x + radius(i) * turn(i).cos(), y + radius(i) * turn(i).sin())).collect()
    };
    centres.iter().map(|centre| around(*centre)).collect()
}

fn planes(folder: &Path, charts: &mut Vec<(&str, String)>) -> Result<(), Box<dyn Error>> {
    let centres = [(1.5, 0.25), (4.3, 1.3), (5.6, 2.1)];
    let names = ["setosa", "versicolor", "virginica"].map(String::from);
    let clouds_of_three = clouds(&centres, 40, 0.9);
    let grid = PlaneGrid::around(clouds_of_three.iter().flatten().copied(), 160, 120);
    let softmax = |(x, y): (f64, f64)| {
        let scores =
            centres.map(|(cx, cy)| (-2.0 * ((x - cx).powi(2) + 2.0 * (y - cy).powi(2))).exp() + 1e-9);
        let total: f64 = scores.iter().sum();
        scores.map(|score| score / total).to_vec()
    };
    let probabilities: Vec<Vec<f64>> = grid.centres().into_iter().map(softmax).collect();
    let three = DecisionPlane {
        title: "Iris: petals".into(),
        x_label: "petal length (cm)".into(),
        y_label: "petal width (cm)".into(),
        groups: names.into_iter().zip(clouds_of_three).collect(),
        regions: Some(Regions::Probabilities { grid, probabilities }),
        ..DecisionPlane::default()
    };
    charts.push(("plane-probabilities", three.to_svg()?));
    let largest = |p: &[f64]| p.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i);
    let classes = Regions::of_classifier(grid, |x, y| largest(&softmax((x, y))));
    let zoomed = DecisionPlane {
        title: "Zoomed in, with a line; points and regions outside are cut".into(),
        regions: Some(classes),
        line: Some(DecisionLine { w1: 1.0, w2: 1.0, b: -6.5 }),
        x_range: Some((3.0, 7.5)),
        y_range: Some((0.5, 2.0)),
        ..three.clone()
    };
    charts.push(("plane-zoomed", zoomed.to_svg()?));
    let nothing = DecisionPlane { title: "Nothing".into(), ..DecisionPlane::default() };
    charts.push(("plane-empty", nothing.to_svg()?));

    let groups = ["0", "1"].map(|class| format!("class {class}"));
    let groups: Vec<_> = groups.into_iter().zip(clouds(&[(0.3, 0.3), (0.7, 0.75)], 40, 0.25)).collect();
    let frame = |epoch: u32| {
        let turn = f64::from(epoch) / 12.0;
        let (w1, w2, b) = (1.0, -1.0 + 2.0 * turn, 0.2 - 1.2 * turn);
        let grid = PlaneGrid { x: (-0.1, 1.1), y: (-0.1, 1.1), columns: 200, rows: 200 };
        DecisionPlane {
            title: format!("Epoch {epoch}: w = (1.00, {w2:.2}), b = {b:.2}"),
            x_label: "x1".into(),
            y_label: "x2".into(),
            groups: groups.clone(),
            regions: Some(Regions::of_classifier(grid, |x, y| usize::from(w1 * x + w2 * y + b > 0.0))),
            line: Some(DecisionLine { w1, w2, b }),
            ..DecisionPlane::default()
        }
        .to_rgb()
    };
    let frames = (0..=12).map(frame).collect::<Result<Vec<_>, _>>()?;
    let animation = Animation { frames, milliseconds_each: 300, last_milliseconds: 2000 };
    std::fs::write(folder.join("animation.png"), animation.to_apng()?)?;
    Ok(())
}

fn heats(charts: &mut Vec<(&str, String)>) -> Result<(), Box<dyn Error>> {
    let kernel = |index: usize| {
        let wave = |i: usize| {
            let (x, y) = ((i % 5) as f32 - 2.0, (i / 5) as f32 - 2.0);
            let angle = index as f32 * 0.4;
            (x * angle.cos() + y * angle.sin()).sin() * 0.05 * (index + 1) as f32
        };
        let values = (0..25).map(wave).collect();
        HeatTile { values, width: 5, height: 5, caption: vec![format!("kernel {index}")] }
    };
    let shared = HeatGrid {
        title: "First layer: 10 kernels of 5 x 5".into(),
        value_label: "weight".into(),
        tiles: (0..10).map(kernel).collect(),
        columns: 5,
        scale: 14,
        colours: HeatColours::Diverging,
        range: HeatRange::Shared,
    };
    charts.push(("heat-shared", shared.to_svg()?));
    let mut each =
        HeatGrid { range: HeatRange::EachTile, colours: HeatColours::Sequential, ..shared.clone() };
    if let Some(value) = each.tiles.first_mut().and_then(|tile| tile.values.first_mut()) {
        *value = f32::NAN;
    }
    charts.push(("heat-each", each.to_svg()?));
    let none = HeatGrid { tiles: Vec::new(), ..shared.clone() };
    charts.push(("heat-empty", none.to_svg()?));
    let one = HeatGrid { tiles: shared.tiles.into_iter().take(1).collect(), title: String::new(), ..none };
    charts.push(("heat-one", one.to_svg()?));

    let overlay = |index: usize| {
        let disc = |i: i32| {
            let (x, y) = (i % 28 - 14, i / 28 - 14);
            let distance = f64::from(x * x + y * y).sqrt();
            (255.0 * (-(distance - 8.0).powi(2) / 6.0).exp()) as u8
        };
        let picture = SheetImage {
            pixels: (0..28 * 28).map(disc).collect(),
            width: 28,
            height: 28,
            channels: 1,
            caption: Vec::new(),
        };
        let heat = (0..49).map(|i| if i == index * 9 + 8 { 1.0 } else { 0.05 * (i % 7) as f32 }).collect();
        let caption = vec!["true: 0".into(), format!("said: 0 (0.9{index})")];
        HeatOverlay { picture, heat, heat_width: 7, heat_height: 7, opacity: 0.5, caption }.beside()
    };
    let images = (0..4).map(overlay).collect::<Result<Vec<_>, _>>()?;
    charts.push(("overlay", ImageSheet { images, columns: 2, scale: 4, note: String::new() }.to_svg()?));
    Ok(())
}

fn sheet() -> ImageSheet {
    let image = |index: u32| {
        let channels = if index.is_multiple_of(3) { 3 } else { 1 };
        let pixels = (0..28 * 28)
            .flat_map(|i| {
                (0..channels).map(move |c| ((i % 28) * 9 + (i / 28) * u32::from(c) * 4 + index * 20) as u8)
            })
            .collect();
        let caption = vec!["true: Ankle boot".into(), format!("said: Sneaker 0.{index}")];
        SheetImage { pixels, width: 28, height: 28, channels, caption }
    };
    ImageSheet { images: (0..7).map(image).collect(), columns: 4, scale: 3, note: String::new() }
}
