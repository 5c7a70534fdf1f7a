#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod many_classes;

use brasa_plot::ReliabilityChart;

use super::{
    Calibration, ClassCounts, ClassRow, Confusion, Curves, FigureCurve, LayerRow, Mistake, Picture,
    Regression, Report, ReportError, Section, SplitCounts, SplitScores,
};

const HOSTILE: &str = "</script><img src=x onerror=\"alert('&')\">";

fn calibration(split: &str, rows: &[(f64, bool)]) -> Calibration {
    let bins = ReliabilityChart::of("", rows.iter().copied(), 10).bins;
    Calibration { split: split.to_owned(), bins }
}

/// A run on two classes whose every text is `name`.
fn report(name: &str) -> Report {
    let text = || name.to_owned();
    let pair = || vec![(text(), text())];
    let classes = || vec![text(), text()];
    Report {
        title: text(),
        app: text(),
        run: text(),
        created: text(),
        headline: vec![(text(), format!("0.9667 ({name})"))],
        notes: vec![text()],
        curves: Curves {
            epochs: vec![1, 2, 3],
            figures: vec![FigureCurve {
                name: "Loss".into(),
                axis: text(),
                train: vec![0.9, 0.5, 0.3],
                valid: vec![1.0, 0.6, 0.5],
            }],
            lr: vec![1e-3, 1e-3, 1e-4],
            best_epoch: Some(3),
        },
        splits: vec![SplitScores {
            name: text(),
            rows: 1234,
            figures: [(text(), 0.5), ("Top-5 accuracy".into(), 0.99)].into_iter().collect(),
        }],
        confusion: Some(Confusion {
            class_names: classes(),
            counts: vec![vec![3, 1], vec![0, 4]],
            split: text(),
        }),
        regression: vec![Regression { target: text(), split: text(), pairs: vec![(1.0, 1.5), (2.0, 1.5)] }],
        calibration: Some(calibration(name, &[(0.9, true), (0.9, false)])),
        per_class: vec![ClassRow { name: text(), precision: 0.75, ..ClassRow::default() }],
        data_facts: pair(),
        class_counts: Some(ClassCounts {
            class_names: classes(),
            splits: vec![SplitCounts { name: text(), counts: vec![4, 4] }],
        }),
        leaks: vec![text()],
        leaks_clean: true,
        files: vec![(text(), 2048, text())],
        model: vec![LayerRow {
            layer: text(),
            output_shape: text(),
            size: text(),
            parameters: 5,
            flops: None,
        }],
        recipe_toml: text(),
        environment: pair(),
        mistakes: vec![Mistake {
            pixels: vec![7; 4],
            width: 2,
            height: 2,
            channels: 1,
            name: text(),
            true_class: text(),
            predicted: text(),
            probability: 0.9,
        }],
        folds: None,
        sections: vec![Section {
            heading: text(),
            sentences: vec![text()],
            columns: vec![text(), text()],
            rows: vec![vec![text(), text()]],
            ..Section::default()
        }],
    }
}

fn table_run() -> Report {
    Report { mistakes: Vec::new(), ..report("iris") }
}

#[test]
fn hostile_text_never_becomes_markup() {
    let html = report(HOSTILE).to_html().unwrap();
    assert!(!html.contains("<script") && !html.contains("</script"), "{html}");
    assert_eq!(html.matches("<img").count(), 1, "only the mistake's own picture");
    assert!(!html.contains("onerror=\""));
    assert!(html.contains("&lt;/script&gt;"));
}

#[test]
fn the_page_loads_nothing_and_fits_a_phone() {
    let html = table_run().to_html().unwrap();
    for outside in ["http", "src=", "url(", "@import", "<link", "<script"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("<html lang=\"en\">"));
    assert!(html.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"));
}

#[test]
fn every_picture_has_words() {
    let html = report("iris").to_html().unwrap();
    for tag in html.split('<').filter(|tag| tag.starts_with("svg ")) {
        assert!(tag.contains("role=\"img\" aria-label=\""), "{tag}");
    }
    for tag in html.split('<').filter(|tag| tag.starts_with("img ")) {
        assert!(tag.contains(" alt=\"A picture of class iris"), "{tag}");
    }
}

#[test]
fn a_diverged_run_still_has_its_report() {
    let mut report = table_run();
    report.curves.figures[0].train = vec![0.9, f64::NAN, f64::INFINITY];
    report.curves.figures[0].valid = vec![f64::NAN; 3];
    let split = |name: &str, loss: f64| SplitScores {
        name: name.into(),
        rows: 3,
        figures: [("Loss", loss), ("ROC AUC", f64::NAN)].into_iter().collect(),
    };
    report.splits = vec![split("train", 0.5), split("test", f64::NAN)];
    let html = report.to_html().unwrap();
    assert!(html.contains("<td class=\"n\">–</td>"));
    assert!(!html.contains("NaN") && !html.contains(">inf"));
    assert!(!html.contains("ROC AUC"), "a column without any value");
}

#[test]
fn an_empty_report_is_a_page_without_sections() {
    let html = Report { leaks_clean: true, ..Report::default() }.to_html().unwrap();
    assert!(html.contains("<h1>Training run</h1>"));
    for id in ["training", "scores", "confusion", "classes", "mistakes", "model", "recipe"] {
        assert!(!html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert!(Report::default().pictures().unwrap().is_empty());
}

#[test]
fn the_leak_badge_says_its_verdict_in_words() {
    let html = |leaks: &[&str], leaks_clean| {
        let leaks = leaks.iter().map(|l| (*l).to_owned()).collect();
        Report { leaks, leaks_clean, ..Report::default() }.to_html().unwrap()
    };
    assert!(html(&["no duplicates"], true).contains("Leak check: nothing found"));
    assert!(html(&["1 test row is also in train"], false).contains("Leak check: rows leak between splits"));
    assert!(html(&[], false).contains("Leak check: not run"));
}

#[test]
fn every_picture_of_the_page_is_also_a_file() {
    let names = |report: &Report| -> Vec<String> {
        report.pictures().unwrap().into_iter().map(|(name, _)| name).collect()
    };
    let charts = [
        "loss.svg",
        "learning-rate.svg",
        "predicted.svg",
        "residuals.svg",
        "residual-histogram.svg",
        "confusion.svg",
        "confusion-normalised.svg",
        "reliability.svg",
        "class-counts.svg",
    ];
    assert_eq!(names(&table_run()), charts);
    assert_eq!(names(&report("iris"))[charts.len()..], ["mistakes.svg", "mistakes.png"]);
    let pictures = report("iris").pictures().unwrap();
    let png = &pictures.last().expect("mistakes.png").1;
    assert!(png.starts_with(b"\x89PNG"));
}

#[test]
fn a_picture_that_cannot_be_drawn_is_named() {
    let mut broken = report("iris");
    broken.mistakes[0].pixels.pop();
    assert!(matches!(broken.to_html(), Err(ReportError::Picture { picture, .. }) if picture == "mistakes"));
    let mut broken = report("iris");
    broken.confusion.as_mut().unwrap().counts.pop();
    assert!(matches!(broken.pictures(), Err(ReportError::Picture { picture, .. }) if picture == "confusion"));
}

#[test]
fn figures_are_written_for_reading() {
    let html = report("iris").to_html().unwrap();
    assert!(html.contains("<dd>0.9667<span>iris</span></dd>"));
    assert!(html.contains("1\u{202F}234") && html.contains("2.0 KiB") && html.contains("Top-5 accuracy"));
}

#[test]
fn learning_rates_are_logarithmic_only_where_a_linear_axis_would_hide_them() {
    let svg = |lr: Vec<f64>| {
        let curves = Curves { epochs: (1..=lr.len()).collect(), lr, ..Curves::default() };
        let files = Report { curves, ..Report::default() }.pictures().unwrap();
        String::from_utf8(files.into_iter().next().expect("learning-rate.svg").1).unwrap()
    };
    // Only a linear axis is labelled with zero.
    assert!(svg(vec![1e-3, 8e-4, 5e-4, 2e-4, 1e-6]).contains(">\n0\n<"));
    assert!(!svg(vec![1e-2, 1e-3, 1e-4, 1e-5, 1e-6]).contains(">\n0\n<"));
}

#[test]
fn a_section_carries_its_pictures_and_leaves_them_as_files() {
    let section = Section {
        heading: "The line".into(),
        sentences: vec!["It moved.".into()],
        pictures: vec![Picture {
            name: "line.png".into(),
            alt: "A \"line\"".into(),
            bytes: vec![0xFF, 0xFE, 0xFB],
        }],
        columns: vec!["epoch".into(), "bias".into()],
        rows: vec![vec!["1".into(), "-0.5".into()]],
        files: vec![("epoch-1.svg".into(), vec![1])],
    };
    let report = Report { sections: vec![section, Section::default()], ..Report::default() };
    let html = report.to_html().unwrap();
    assert!(html.contains("<img src=\"data:image/png;base64,//77\" alt=\"A &quot;line&quot;\">"), "{html}");
    assert!(html.contains("<h2>The line</h2>") && html.contains("<li>It moved.</li>"));
    assert!(html.contains("<td class=\"n\">-0.5</td>"));
    assert!(!html.contains("id=\"app-2\""), "an empty section is left out");
    let files = report.pictures().unwrap();
    assert_eq!(files, [("line.png".into(), vec![0xFF, 0xFE, 0xFB]), ("epoch-1.svg".into(), vec![1])]);
}

#[test]
fn each_target_has_its_section_and_its_own_files() {
    let target = |target: &str, pairs: &[(f64, f64)]| Regression {
        target: target.into(),
        split: "test".into(),
        pairs: pairs.to_vec(),
    };
    let regression = vec![target("alcohol (% vol)", &[(9.0, 9.5)]), target("pH", &[(3.0, f64::NAN)])];
    let report = Report { regression, ..Report::default() };
    let html = report.to_html().unwrap();
    for part in ["id=\"regression\"", "id=\"regression-2\"", "Predicted alcohol (% vol) on test"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(html.contains("Residuals against predicted values of pH, 1 rows of the test split"), "{html}");
    assert!(html.contains("1 row left out (not finite)") && !html.contains("NaN"));
    let names: Vec<String> = report.pictures().unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[..3], ["predicted.svg", "residuals.svg", "residual-histogram.svg"]);
    assert_eq!(names[3..], ["predicted-2.svg", "residuals-2.svg", "residual-histogram-2.svg"]);
}

#[test]
fn calibration_is_a_picture_and_a_table_of_its_bins() {
    let rows = [(0.95, true), (0.9, true), (0.9, false), (0.6, true), (0.55, false)];
    let calibration = Some(calibration("test", &rows));
    let html = Report { calibration, ..Report::default() }.to_html().unwrap();
    // Gaps of 0.05, 0.4 and 0.075 over one, two and two rows.
    assert!(html.contains("expected calibration error 0.2000 over 5 rows in 10 bins"), "{html}");
    assert!(html.contains("<th scope=\"row\">0.80 to 0.90</th><td class=\"n\">0.9000</td>"), "{html}");
    assert!(html.contains("<td class=\"n\">-0.4000</td><td class=\"n\">2</td>"), "{html}");
    assert_eq!(html.matches("<th scope=\"row\">").count(), 3, "bins without rows are left out");
}

#[test]
fn a_mistake_carries_the_name_of_its_file() {
    let mut report = report("iris");
    report.mistakes[0].name = "test/setosa/IMG_0017.png".into();
    assert!(report.to_html().unwrap().contains("<code>test/setosa/IMG_0017.png</code>"));
    let svg = String::from_utf8(report.pictures().unwrap()[9].1.clone()).unwrap();
    assert!(svg.contains("IMG_0017.png"), "{svg}");
    report.mistakes[0].name.clear();
    assert!(!report.to_html().unwrap().contains("<code></code>"));
}
