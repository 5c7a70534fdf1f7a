//! What every chart promises: it draws whatever it is given, and escapes it.

use brasa_plot::{
    BarChart, BarSeries, ConfusionChart, HistogramChart, ImageSheet, Line, LineChart, PlotError,
    PredictedChart, ReliabilityChart, ResidualChart, Scatter, ScatterMatrix, SheetImage, Strip, StripChart,
};

const HOSTILE: &str = "<script>alert(\"x\")</script>&'\u{0}";

fn count(svg: &str, what: &str) -> usize {
    svg.matches(what).count()
}

fn line(points: Vec<(f64, f64)>) -> LineChart {
    let series = vec![Line { name: "train".into(), points, dashed: false }];
    LineChart { title: "Loss".into(), series, ..LineChart::default() }
}

/// Polylines that are curves, not grid or axis lines: those of the first palette colour.
fn curves(svg: &str) -> usize {
    // One more is the swatch of the legend.
    svg.lines().filter(|l| l.starts_with("<polyline") && l.contains("#0072B2")).count() - 1
}

#[test]
fn every_chart_is_a_scalable_white_page_and_escapes_its_text() {
    let name = HOSTILE.to_owned();
    let charts = [
        LineChart {
            title: name.clone(),
            x_label: name.clone(),
            y_label: name.clone(),
            series: vec![Line { name: name.clone(), points: vec![(1.0, 1.0)], dashed: true }],
            marks: vec![(1.0, name.clone())],
            ..LineChart::default()
        }
        .to_svg(),
        BarChart {
            title: name.clone(),
            category_label: name.clone(),
            value_label: name.clone(),
            categories: vec![name.clone()],
            series: vec![BarSeries { name: name.clone(), values: vec![1.0] }],
        }
        .to_svg(),
        StripChart {
            title: name.clone(),
            value_label: name.clone(),
            strips: vec![Strip { name: name.clone(), values: vec![0.5], mean: 0.5, interval: [0.4, 0.6] }],
        }
        .to_svg(),
        Scatter {
            title: name.clone(),
            x_label: name.clone(),
            y_label: name.clone(),
            groups: vec![(name.clone(), vec![(1.0, 2.0)])],
        }
        .to_svg(),
        ScatterMatrix {
            title: name.clone(),
            features: vec![name.clone()],
            groups: vec![(name.clone(), vec![vec![1.0]])],
        }
        .to_svg(),
        ConfusionChart { class_names: vec![name.clone()], counts: vec![vec![1]], normalised: false }.to_svg(),
        ResidualChart { title: name.clone(), label: name.clone(), pairs: vec![(1.0, 2.0)] }.to_svg(),
        PredictedChart { title: name.clone(), label: name.clone(), pairs: vec![(1.0, 2.0)] }.to_svg(),
        HistogramChart {
            title: name.clone(),
            value_label: name.clone(),
            count_label: name.clone(),
            values: vec![1.0],
            line_at: None,
        }
        .to_svg(),
        ReliabilityChart::of(&name, [(0.5, true)], 10).to_svg(),
        ImageSheet {
            images: vec![SheetImage {
                pixels: vec![9],
                width: 1,
                height: 1,
                channels: 1,
                caption: vec![name],
            }],
            columns: 1,
            scale: 1,
            note: String::new(),
        }
        .to_svg(),
    ];
    for svg in charts.map(Result::unwrap) {
        assert!(svg.starts_with("<svg xmlns=") && svg.trim_end().ends_with("</svg>"), "{svg}");
        assert!(svg.contains("viewBox=\"0 0 ") && svg.contains("width=\"100%\""), "{svg}");
        assert!(svg.contains("fill=\"#FFFFFF\""), "{svg}");
        assert!(!svg.contains("<script") && svg.contains("&lt;"), "{svg}");
        assert!(!svg.contains('\u{0}'), "{svg}");
        assert_eq!(count(&svg, "<svg"), count(&svg, "</svg>"));
        assert_eq!(count(&svg, "<text"), count(&svg, "</text>"));
    }
}

#[test]
fn values_that_are_not_finite_break_the_line_and_never_reach_the_file() {
    let chart =
        line(vec![(1.0, 0.9), (2.0, 0.8), (3.0, f64::NAN), (4.0, 0.6), (5.0, 0.5), (6.0, f64::INFINITY)]);
    let svg = chart.to_svg().unwrap();
    assert_eq!(curves(&svg), 2);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn a_lone_point_between_gaps_is_drawn_as_a_dot() {
    let mut points: Vec<(f64, f64)> = (1..=40).map(|e| (f64::from(e), 0.5)).collect();
    points[9].1 = f64::NAN;
    points[11].1 = f64::NAN;
    let svg = line(points).to_svg().unwrap();
    assert_eq!((curves(&svg), count(&svg, "<circle")), (2, 1));
}

#[test]
fn a_logarithmic_axis_leaves_out_what_has_no_logarithm() {
    let chart = LineChart { log_y: true, ..line(vec![(1.0, 1.0), (2.0, 0.1), (3.0, 0.0), (4.0, -1.0)]) };
    let svg = chart.to_svg().unwrap();
    assert_eq!((curves(&svg), count(&svg, "<circle")), (1, 2));
}

#[test]
fn nothing_to_draw_is_said_and_is_no_error() {
    let all_missing = line(vec![(1.0, f64::NAN), (f64::NAN, 2.0)]);
    for svg in [
        LineChart::default().to_svg(),
        all_missing.to_svg(),
        BarChart::default().to_svg(),
        Scatter::default().to_svg(),
        ScatterMatrix::default().to_svg(),
        ConfusionChart::default().to_svg(),
        ResidualChart::default().to_svg(),
        PredictedChart { pairs: vec![(f64::NAN, 1.0)], ..PredictedChart::default() }.to_svg(),
        HistogramChart::default().to_svg(),
        ReliabilityChart::default().to_svg(),
    ] {
        assert!(svg.unwrap().contains("no data"));
    }
    let sheet = ImageSheet { images: Vec::new(), columns: 4, scale: 2, note: String::new() };
    assert!(sheet.to_svg().unwrap().contains("no pictures"));
    assert!(matches!(sheet.to_png(), Err(PlotError::NoPictures)));
}

#[test]
fn constant_and_extreme_values_stay_on_the_page() {
    for values in [vec![0.0; 4], vec![1e-4; 4], vec![f64::MAX, f64::MIN, 1e299, -1e299], vec![1e-320, 1e-310]]
    {
        let svg = line(values.iter().enumerate().map(|(i, v)| (i as f64, *v)).collect()).to_svg().unwrap();
        for points in svg.split("points=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            for pair in points.split_whitespace() {
                let (x, y) = pair.split_once(',').unwrap();
                let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
                assert!((0..=4 * 480).contains(&x) && (0..=4 * 320).contains(&y), "{values:?}: {pair}");
            }
        }
    }
}

#[test]
fn shared_axes_hold_every_curve_of_every_chart() {
    let mut charts = [line(vec![(1.0, 0.5), (10.0, 0.25)]), line(vec![(1.0, 2.0), (40.0, 3.5)])];
    LineChart::share_axes(&mut charts);
    let ticks = |chart: &LineChart| {
        let svg = chart.to_svg().unwrap();
        let texts = svg.split("</text>").filter_map(|text| text.trim_end().rsplit('\n').next());
        texts.map(str::to_owned).filter(|text| text.parse::<f64>().is_ok()).collect::<Vec<_>>()
    };
    assert_eq!(ticks(&charts[0]), ticks(&charts[1]));
    assert!(ticks(&charts[0]).contains(&"40".to_owned()), "{:?}", ticks(&charts[0]));
    for chart in &charts {
        assert_eq!(curves(&chart.to_svg().unwrap()), 1);
    }
}

#[test]
fn what_lies_outside_a_fixed_range_leaves_a_gap() {
    let chart = line(vec![(1.0, 0.5), (2.0, 0.6), (3.0, 1.5), (4.0, 0.6), (5.0, 0.5)]);
    let fixed = LineChart { y_range: Some((0.0, 1.0)), ..chart.clone() };
    assert_eq!(curves(&fixed.to_svg().unwrap()), 2);
    let fixed = LineChart { x_range: Some((1.0, 2.0)), ..chart.clone() };
    assert_eq!(curves(&fixed.to_svg().unwrap()), 1);
    for (x_range, y_range, log_y) in [
        (Some((1.0, 1.0)), None, false),
        (None, Some((2.0, f64::NAN)), false),
        (None, Some((0.0, 1.0)), true),
    ] {
        let wrong = LineChart { x_range, y_range, log_y, ..chart.clone() };
        assert!(matches!(wrong.to_svg(), Err(PlotError::Range { .. })), "{x_range:?} {y_range:?}");
    }
}

#[test]
fn bars_lie_down_when_their_names_are_too_long_to_stand_side_by_side() {
    let chart = |names: &[&str]| BarChart {
        categories: names.iter().map(|n| (*n).to_owned()).collect(),
        series: vec![BarSeries { name: String::new(), values: vec![1.0; names.len()] }],
        ..BarChart::default()
    };
    let short = chart(&["a", "b"]).to_svg().unwrap();
    assert!(short.contains("viewBox=\"0 0 480 320\""));
    let long = chart(&["a very long class name indeed"; 12]).to_svg().unwrap();
    assert!(!long.contains("viewBox=\"0 0 480 320\"") && long.contains('…'), "{long}");
}

#[test]
fn wrong_shapes_are_errors_that_name_the_place() {
    let class_names = vec!["cat".to_owned(), "dog".to_owned()];
    let ragged = ConfusionChart { class_names, counts: vec![vec![1, 2], vec![3]], normalised: false };
    assert_eq!(
        ragged.to_svg().unwrap_err().to_string(),
        "confusion matrix: row 1 (\"dog\") has 1 counts, but there are 2 classes; give one count per predicted class"
    );
    let bars = BarChart {
        title: "Rows".into(),
        categories: vec!["a".into()],
        series: vec![BarSeries { name: "train".into(), values: vec![] }],
        ..BarChart::default()
    };
    assert!(matches!(bars.to_svg(), Err(PlotError::SeriesLength { expected: 1, found: 0, .. })));
    let matrix = ScatterMatrix {
        features: vec!["a".into(), "b".into()],
        groups: vec![("g".into(), vec![vec![1.0, 2.0], vec![1.0]])],
        ..ScatterMatrix::default()
    };
    assert!(matches!(matrix.to_svg(), Err(PlotError::FeatureCount { row: 1, .. })));
}

#[test]
fn a_strip_has_a_dot_per_value_and_one_for_the_mean() {
    let strip = |values: Vec<f64>, mean, interval| {
        let name = "accuracy".to_owned();
        let strips = vec![Strip { name, values, mean, interval }];
        StripChart { strips, ..StripChart::default() }.to_svg().unwrap()
    };
    let svg = strip(vec![0.5, 0.75, f64::NAN], 0.625, [0.5, 0.75]);
    assert_eq!(count(&svg, "<circle"), 3);
    // Nothing that is not finite is drawn, and nothing fails.
    let svg = strip(vec![f64::NAN], f64::NAN, [f64::NAN, f64::INFINITY]);
    assert_eq!(count(&svg, "<circle"), 0);
    assert!(StripChart::default().to_svg().is_ok());
}
