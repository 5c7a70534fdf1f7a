//! Pictures of predicted numbers and probabilities: which figures they show, against numpy.

use brasa_plot::{
    HistogramChart, PlotError, PredictedChart, ReliabilityBin, ReliabilityChart, ResidualChart,
};

fn dots(svg: &str) -> Vec<(f64, f64)> {
    let number = |tag: &str, name: &str| -> f64 {
        let value = tag.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        value.parse().unwrap()
    };
    svg.lines()
        .filter(|line| line.starts_with("<circle"))
        .map(|tag| (number(tag, "cx"), number(tag, "cy")))
        .collect()
}

/// The ends of the dashed line, from its first to its last piece.
fn dashed(svg: &str) -> [(f64, f64); 2] {
    let pieces: Vec<(f64, f64)> = svg
        .lines()
        .filter(|line| line.starts_with("<polyline") && line.contains("#222222"))
        .flat_map(|line| {
            line.split("points=\"").nth(1).unwrap().split('"').next().unwrap().split_whitespace()
        })
        .map(|pair| pair.split_once(',').unwrap())
        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
        .collect();
    [*pieces.first().unwrap(), *pieces.last().unwrap()]
}

fn pairs(count: u32) -> Vec<(f64, f64)> {
    (0..count).map(|i| (f64::from(i % 113), f64::from(i * 7 % 113))).collect()
}

#[test]
fn a_right_prediction_lies_on_the_line_and_a_high_one_beside_it() {
    let pairs = vec![(1.0, 1.0), (3.0, 3.0), (2.0, 2.5)];
    let svg = ResidualChart { pairs: pairs.clone(), ..ResidualChart::default() }.to_svg().unwrap();
    let line = dashed(&svg)[0].1;
    let at: Vec<f64> = dots(&svg).into_iter().map(|dot| dot.1 - line).collect();
    // True minus predicted is below zero, which is further down the page.
    assert!(at[0].abs() <= 1.0 && at[1].abs() <= 1.0 && at[2] > 20.0, "{at:?}");

    let svg = PredictedChart { pairs, ..PredictedChart::default() }.to_svg().unwrap();
    let [(x0, y0), (x1, y1)] = dashed(&svg);
    let diagonal = |x: f64| y0 + (y1 - y0) * (x - x0) / (x1 - x0);
    let above: Vec<f64> = dots(&svg).into_iter().map(|(x, y)| diagonal(x) - y).collect();
    assert!(above[0].abs() <= 8.0 && above[1].abs() <= 8.0 && above[2] > 20.0, "{above:?}");
}

#[test]
fn more_than_five_thousand_rows_are_counted_in_squares_and_none_is_lost_from_sight() {
    let svg = PredictedChart { pairs: pairs(5000), ..PredictedChart::default() }.to_svg().unwrap();
    assert_eq!(dots(&svg).len(), 5000);
    let mut many = pairs(200_000);
    let plain = PredictedChart { pairs: many.clone(), ..PredictedChart::default() }.to_svg().unwrap();
    assert_eq!(dots(&plain).len(), 0);
    assert!(plain.contains("200000 rows: darker squares hold more"), "{plain}");
    assert!(plain.len() < 800_000, "{}", plain.len());
    let squares = |svg: &str| svg.matches("<rect").count();
    many.push((0.25, 112.0));
    let outlier = PredictedChart { pairs: many, ..PredictedChart::default() }.to_svg().unwrap();
    assert!(squares(&outlier) >= squares(&plain));
    let residuals = ResidualChart { pairs: pairs(200_000), ..ResidualChart::default() }.to_svg().unwrap();
    assert_eq!(
        residuals,
        ResidualChart { pairs: pairs(200_000), ..ResidualChart::default() }.to_svg().unwrap()
    );
}

#[test]
fn rows_without_a_finite_number_are_left_out_and_said() {
    let pairs = vec![(1.0, f64::NAN), (f64::INFINITY, 1.0), (1.0, 2.0)];
    let values = pairs.iter().map(|pair| pair.0 - pair.1).collect();
    for svg in [
        ResidualChart { pairs: pairs.clone(), ..ResidualChart::default() }.to_svg().unwrap(),
        PredictedChart { pairs, ..PredictedChart::default() }.to_svg().unwrap(),
        HistogramChart { values, ..HistogramChart::default() }.to_svg().unwrap(),
    ] {
        assert!(svg.contains("2 rows left out (not finite)"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn bins_are_those_of_numpy() {
    let counts = |values: Vec<f64>| -> Vec<u64> {
        let chart = HistogramChart { values, ..HistogramChart::default() };
        chart.bins().into_iter().map(|bin| bin.count).collect()
    };
    // numpy 2.4: numpy.histogram(values, "auto")[0]
    let values: Vec<f64> =
        (0..200).map(|i| f64::from(i * 37 % 101) / 10.0 + f64::from(i % 7).powi(2)).collect();
    assert_eq!(counts(values.clone()), [29, 47, 29, 23, 16, 15, 13, 14, 14]);
    assert_eq!(counts(vec![0.5; 4]), [4]);
    let mut tail: Vec<f64> = (0..99).map(|i| f64::from(i % 10) / 10.0).collect();
    tail.push(1e6);
    let bins = counts(tail);
    assert_eq!((bins.len(), bins[0], bins[19]), (20, 99, 1));
    let first = HistogramChart { values, ..HistogramChart::default() }.bins()[0];
    assert!((first.high - 5.088_888_888_888_889).abs() < 1e-12 && first.low == 0.0, "{first:?}");
}

#[test]
fn the_expected_calibration_error_is_that_of_numpy() {
    let rows = (0..500_u32).map(|i| {
        let confidence = f64::from(i * 61 % 997 + 1) / 1000.0;
        (confidence, f64::from((i * i + 3 * i) % 11) / 11.0 < confidence)
    });
    let chart = ReliabilityChart::of("", rows, 15);
    let counts: Vec<u64> = chart.bins.iter().map(|bin| bin.count).collect();
    // numpy.digitize(confidence, numpy.linspace(0, 1, 16)[1:-1], right=True), and the sum over these bins of
    // abs(right.mean() - confidence.mean()) * size / 500.
    assert_eq!(counts, [34, 34, 34, 33, 34, 34, 34, 34, 33, 33, 33, 33, 33, 33, 31]);
    assert!((chart.expected_calibration_error() - 0.088_126).abs() < 1e-12);
    let svg = chart.to_svg().unwrap();
    assert!(svg.contains("expected calibration error 0.0881 over 500 rows in 15 bins"), "{svg}");
    assert!(svg.contains(">\n31\n<") && svg.contains(">\n34\n<"), "the rows of each bin: {svg}");
}

#[test]
fn a_bin_of_confidence_holds_its_upper_end_and_what_is_no_probability_is_left_out() {
    let rows =
        [(0.0, false), (0.5, true), (0.51, true), (1.0, true), (f64::NAN, true), (1.5, true), (-0.1, true)];
    let chart = ReliabilityChart::of("", rows, 2);
    let counts: Vec<u64> = chart.bins.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [2, 2]);
    assert!(ReliabilityChart::default().expected_calibration_error().is_nan());
    let bins = vec![ReliabilityBin { confidence: 0.5, accuracy: 1.5, count: 1 }];
    let wrong = ReliabilityChart { title: String::new(), bins };
    assert!(matches!(wrong.to_svg(), Err(PlotError::Range { .. })));
}
