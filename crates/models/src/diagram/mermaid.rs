//! A diagram as a flowchart in Mermaid's words, which GitHub and many editors draw.

use super::{Block, Diagram, Fork, Part, Repeat, words};

impl Diagram {
    /// A flowchart in [Mermaid](https://mermaid.js.org)'s words, without colours: a theme for dark pages needs no other.
    pub fn to_mermaid(&self, title: &str) -> String {
        let mut chart = Chart::default();
        let start = chart.block(&self.start(), ["([", "])"]);
        let ends = chart.parts(&self.parts, vec![start]);
        let output = chart.block(&self.output, ["([", "])"]);
        chart.link(&ends, &output);
        let title = words::clean(&format!("{title}: {}", self.totals()));
        // A string of JSON is one of YAML, too.
        let title = serde_json::Value::String(title);
        format!("---\ntitle: {title}\n---\nflowchart TB\n{}{}", chart.nodes, chart.links)
    }
}

/// A flowchart that is being written: the arrows stand behind all nodes, since one that is named within a frame belongs to it.
#[derive(Default)]
struct Chart {
    nodes: String,
    links: String,
    count: usize,
    depth: usize,
}

impl Chart {
    /// A node, or the beginning of a frame, with a name of its own.
    fn line(&mut self, write: impl FnOnce(&str) -> String) -> String {
        let id = format!("n{}", self.count);
        self.count += 1;
        self.text(&write(&id));
        id
    }

    fn text(&mut self, text: &str) {
        self.nodes.push_str(&format!("{:indent$}{text}\n", "", indent = 4 * (self.depth + 1)));
    }

    fn block(&mut self, block: &Block, [open, close]: [&str; 2]) -> String {
        let layers = block.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(", ");
        self.line(|id| format!("{id}{open}\"{}<br/>{}\"{close}", escape(&layers), block.facts()))
    }

    fn link(&mut self, from: &[String], to: &str) {
        from.iter().for_each(|from| self.links.push_str(&format!("    {from} --> {to}\n")));
    }

    /// The parts behind the nodes `from`, and the nodes that they end in.
    fn parts(&mut self, parts: &[Part], from: Vec<String>) -> Vec<String> {
        parts.iter().fold(from, |from, part| match part {
            Part::Block(block) => {
                let id = self.block(block, ["[", "]"]);
                self.link(&from, &id);
                vec![id]
            }
            Part::Fork(Fork { branches, join }) => {
                let fork = self.line(|id| format!("{id}((\" \"))"));
                self.link(&from, &fork);
                let ends: Vec<_> =
                    branches.iter().flat_map(|branch| self.parts(branch, vec![fork.clone()])).collect();
                let join = self.block(join, ["([", "])"]);
                self.link(&ends, &join);
                vec![join]
            }
            Part::Repeat(repeat) => self.repeat(repeat, from),
        })
    }

    fn repeat(&mut self, repeat: &Repeat, from: Vec<String>) -> Vec<String> {
        self.line(|id| format!("subgraph {id}[\"{}\"]", repeat.label()));
        self.depth += 1;
        let ends = self.parts(&repeat.parts, from);
        self.depth -= 1;
        self.text("end");
        ends
    }
}

/// What would end a label, begin a tag or be read as Markdown, as Mermaid's codes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in words::clean(text).chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | '`' | '\\' | ';' | '*' | '_' | '$' | '{' | '}' => {
                escaped.push_str(&format!("#{};", u32::from(c)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
