//! The sections that an app adds.

use brasa_plot::png_data_uri;

use super::html::{Column, escape, section, sentences, svg_card, table};
use super::{Picture, Report, Section};

pub(super) fn all(report: &Report) -> String {
    report.sections.iter().enumerate().map(|(index, section)| one(index, section)).collect()
}

fn one(index: usize, part: &Section) -> String {
    let columns: Vec<Column<'_>> =
        part.columns.iter().enumerate().map(|(column, name)| (name.as_str(), column > 0)).collect();
    let pictures: String = part.pictures.iter().map(figure).collect();
    let pictures =
        if pictures.is_empty() { pictures } else { format!("<div class=\"charts\">\n{pictures}</div>\n") };
    let body = sentences(&part.sentences) + &pictures + &table(&part.heading, &columns, &part.rows);
    section(&format!("app-{}", index + 1), &part.heading, &body)
}

fn figure(picture: &Picture) -> String {
    let caption = format!("<figcaption>pictures/{}</figcaption>", escape(&picture.name));
    match std::str::from_utf8(&picture.bytes) {
        Ok(svg) if picture.name.ends_with(".svg") => svg_card(svg, &picture.alt, &caption),
        _ => {
            let (data, alt) = (png_data_uri(&picture.bytes), escape(&picture.alt));
            format!("<figure class=\"chart\"><img src=\"{data}\" alt=\"{alt}\">{caption}</figure>\n")
        }
    }
}

/// Every picture and further file of the sections.
pub(super) fn files(report: &Report) -> Vec<(String, Vec<u8>)> {
    let shown = |section: &Section| {
        let pictures = section.pictures.iter().map(|picture| (picture.name.clone(), picture.bytes.clone()));
        pictures.chain(section.files.iter().cloned()).collect::<Vec<_>>()
    };
    report.sections.iter().flat_map(shown).collect()
}
