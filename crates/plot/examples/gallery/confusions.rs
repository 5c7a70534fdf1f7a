//! Confusion matrices of few classes, of many, and of classes with long names.

use std::error::Error;

use brasa_plot::ConfusionChart;

use super::GARMENTS;

pub(super) fn draw(charts: &mut Vec<(&str, String)>) -> Result<(), Box<dyn Error>> {
    let chart = |class_names: Vec<String>, counts| ConfusionChart { class_names, counts, normalised: false };
    let normalised = |chart: ConfusionChart| ConfusionChart { normalised: true, ..chart };
    let iris = ["setosa", "versicolor", "virginica"].map(String::from).to_vec();
    let iris = chart(iris, vec![vec![10, 0, 0], vec![0, 9, 1], vec![0, 0, 10]]);
    charts.push(("confusion-3", iris.to_svg()?));
    let garments = chart(GARMENTS.map(String::from).to_vec(), counts(10, 900, 3));
    charts.push(("confusion-10", garments.to_svg()?));
    charts.push(("confusion-10-normalised", normalised(garments).to_svg()?));
    let numbered = |count: u64| (0..count).map(|class| format!("class {class}")).collect::<Vec<_>>();
    let forty = chart(numbered(40), counts(40, 80, 1));
    charts.push(("confusion-40", forty.to_svg()?));
    let many = normalised(chart(numbered(100), counts(100, 80, 1)));
    charts.push(("confusion-100", many.to_svg()?));
    charts.push(("confusion-1000", chart(numbered(1000), sparse(1000)).to_svg()?));
    let shelves = (0..12)
        .map(|class| {
            format!("Home, furniture and garden > Kitchen > Cutlery and tableware > Fork no. {class}")
        })
        .collect();
    charts.push(("confusion-long", chart(shelves, counts(12, 80, 1)).to_svg()?));
    let shelves = (0..1000).map(|class| {
        format!("Home, furniture and garden > Kitchen {class} > Cutlery and tableware, forks and spoons")
    });
    charts.push(("confusion-1000-long", normalised(chart(shelves.collect(), sparse(1000))).to_svg()?));
    Ok(())
}

fn counts(classes: u64, hit: u64, miss: u64) -> Vec<Vec<u64>> {
    let count = |t: u64, p: u64| if t == p { hit + t * 7 } else { (t * 31 + p * 17) % 13 * miss };
    (0..classes).map(|t| (0..classes).map(|p| count(t, p)).collect()).collect()
}

/// Six rows of each class: four right, and two taken for others near by.
fn sparse(classes: usize) -> Vec<Vec<u64>> {
    let row = |class: usize| {
        let mut counts = vec![0; classes];
        let wrong = [class ^ 1, (class * class + 3) % classes];
        for (other, rows) in wrong.into_iter().chain([class]).zip([1, 1, 4]) {
            if let Some(count) = counts.get_mut(other) {
                *count += rows;
            }
        }
        counts
    };
    (0..classes).map(row).collect()
}
