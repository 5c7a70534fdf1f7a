//! The small pieces of HTML that every section is made of; all text passes through [`escape`].

use super::charts::Chart;

/// `text` safe inside elements and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `text` safe as with [`escape`], its parts between backticks set as code.
pub(crate) fn marked(text: &str) -> String {
    let escaped = escape(text);
    let parts: Vec<&str> = escaped.split('`').collect();
    // Without a partner the last backtick stays what it is.
    let paired = parts.len().saturating_sub(1) / 2 * 2;
    let mut marked = String::with_capacity(escaped.len());
    for (index, part) in parts.into_iter().enumerate() {
        marked.push_str(match index {
            0 => "",
            index if index > paired => "`",
            index if index % 2 == 1 => "<code>",
            _ => "</code>",
        });
        marked.push_str(part);
    }
    marked
}

/// A section with a heading, or nothing where its body is empty.
pub(crate) fn section(id: &str, heading: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<section id=\"{id}\">\n<h2>{}</h2>\n{body}</section>\n", escape(heading))
}

/// Charts side by side where the screen has room.
pub(crate) fn chart_grid(charts: &[Chart]) -> String {
    if charts.is_empty() {
        return String::new();
    }
    let cards: String = charts.iter().map(chart_card).collect();
    format!("<div class=\"charts\">\n{cards}</div>\n")
}

fn chart_card(chart: &Chart) -> String {
    svg_card(&chart.svg, &chart.alt, "")
}

/// A chart that this program drew, and what stands below it.
pub(crate) fn svg_card(svg: &str, alt: &str, caption: &str) -> String {
    // Inside HTML the namespace is implied, and the label says more than the chart's title.
    let svg = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    let svg = match (svg.find(" aria-label=\""), svg.find('>')) {
        (Some(start), Some(end)) if start < end => {
            format!("{} aria-label=\"{}\"{}", &svg[..start], escape(alt), &svg[end..])
        }
        _ => svg,
    };
    let class = if is_wide(&svg) { "chart wide" } else { "chart" };
    format!("<figure class=\"{class}\">{svg}{caption}</figure>\n")
}

/// Whether a chart is wider than the others, as a confusion matrix of many classes is.
fn is_wide(svg: &str) -> bool {
    let width = svg.split_once("viewBox=\"0 0 ").and_then(|(_, rest)| rest.split(' ').next());
    width.and_then(|width| width.parse::<f64>().ok()).is_some_and(|width| width > 520.0)
}

/// A heading cell: its text, and whether its column holds numbers.
pub(crate) type Column<'a> = (&'a str, bool);

/// A table that scrolls inside its own box; the first cell of a row is its heading.
pub(crate) fn table(caption: &str, columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let class = |numeric: bool| if numeric { " class=\"n\"" } else { "" };
    let head: String = columns
        .iter()
        .map(|(name, numeric)| format!("<th scope=\"col\"{}>{}</th>", class(*numeric), escape(name)))
        .collect();
    let body: String = rows
        .iter()
        .map(|row| {
            let cells: String = row
                .iter()
                .zip(columns)
                .enumerate()
                .map(|(index, (cell, (_, numeric)))| match index {
                    0 => format!("<th scope=\"row\">{}</th>", escape(cell)),
                    _ => format!("<td{}>{}</td>", class(*numeric), escape(cell)),
                })
                .collect();
            format!("<tr>{cells}</tr>\n")
        })
        .collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table>\n\
         <caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n",
        caption = escape(caption),
    )
}

/// Pairs of name and value.
pub(crate) fn facts(pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let rows: String = pairs
        .iter()
        .map(|(name, value)| format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), marked(value)))
        .collect();
    format!("<dl class=\"facts\">\n{rows}</dl>\n")
}

/// Sentences as a list.
pub(crate) fn sentences(lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", marked(line))).collect();
    format!("<ul>\n{items}</ul>\n")
}

/// A part that is closed until it is asked for.
pub(crate) fn folded(summary: &str, body: &str) -> String {
    format!("<details>\n<summary>{}</summary>\n{body}</details>\n", escape(summary))
}

/// A score with four decimals, or a dash where there is none.
pub(crate) fn score(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { "–".to_owned() }
}

/// A whole number with thin gaps between thousands.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202F}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A file size as a person reads it.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn backticks_in_pairs_become_code() {
        assert_eq!(marked("`a` < `b`"), "<code>a</code> &lt; <code>b</code>");
        assert_eq!(marked("`a` and `"), "<code>a</code> and `");
        assert_eq!(marked("plain"), "plain");
    }
}
