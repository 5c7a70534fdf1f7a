//! Pictures of how well numbers and probabilities are predicted.

use std::error::Error;

use brasa_plot::{HistogramChart, PredictedChart, ReliabilityChart, ResidualChart};

pub(super) fn draw(charts: &mut Vec<(&str, String)>) -> Result<(), Box<dyn Error>> {
    let mut state = 7_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1_u64 << 24) as f64
    };
    let mut pairs = |count: usize| -> Vec<(f64, f64)> {
        (0..count)
            .map(|_| {
                let truth = 20.0 + 180.0 * uniform() * uniform();
                let noise = uniform() + uniform() + uniform() - 1.5;
                (truth, 10.0 + truth * 0.92 + noise * truth * 0.2)
            })
            .collect()
    };
    let label = "price of a house (1000 EUR)".to_owned();
    for (predicted, residuals, histogram, count) in [
        ("predicted", "residuals", "residual-histogram", 400),
        ("predicted-many", "residuals-many", "residual-histogram-many", 60_000),
        ("predicted-empty", "residuals-empty", "residual-histogram-empty", 0),
    ] {
        let mut pairs = pairs(count);
        if let Some(first) = pairs.first_mut() {
            first.1 = f64::NAN;
        }
        let title = "Predicted against true on test".to_owned();
        let chart = PredictedChart { title, label: label.clone(), pairs: pairs.clone() };
        charts.push((predicted, chart.to_svg()?));
        let title = "Residuals on test".to_owned();
        let chart = ResidualChart { title, label: label.clone(), pairs: pairs.clone() };
        charts.push((residuals, chart.to_svg()?));
        let chart = HistogramChart {
            title: "Residuals on test".into(),
            value_label: "residual (true - predicted)".into(),
            count_label: "rows".into(),
            values: pairs.iter().map(|(truth, predicted)| truth - predicted).collect(),
            line_at: Some(0.0),
        };
        charts.push((histogram, chart.to_svg()?));
    }
    let rows = (0..20_000).map(|i| {
        let confidence = 1.0 - f64::from(i % 997) / 997.0 * f64::from(i % 89) / 89.0;
        (confidence, f64::from(i * 7 % 101) / 101.0 < confidence * confidence)
    });
    let sure = ReliabilityChart::of("Calibration on test", rows, 15);
    charts.push(("reliability", sure.to_svg()?));
    let few = [(0.97, true), (0.99, true), (0.91, false), (0.62, true), (0.55, false)];
    charts.push(("reliability-few", ReliabilityChart::of("Calibration on test", few, 10).to_svg()?));
    charts.push(("reliability-empty", ReliabilityChart::default().to_svg()?));
    Ok(())
}
