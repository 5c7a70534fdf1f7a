//! The diagram of a network that says of itself no more than its summary.

use std::ops::Range;

use super::{Atom, Block, Diagram, Fork, Part, assemble};
use crate::summary::{LayerSummary, Summary};

impl Diagram {
    /// The rows of a summary as boxes, one behind the other, but for those of `beside`: they work on the same input, and what
    /// comes of them is put into one row.
    pub(crate) fn of_rows(summary: &Summary, beside: Range<usize>) -> Self {
        let (rows, output) = match summary.layers.split_last() {
            Some((last, rest)) if last.name == "output" => (rest, block(last)),
            last => {
                let shape = last.map_or(&summary.input, |(last, _)| &last.output).clone();
                (summary.layers.as_slice(), Block::new("output", shape, [0, 0]))
            }
        };
        let beside = if beside.len() > 1 { beside } else { 0..0 };
        let side = rows.get(beside.clone()).unwrap_or_default();
        let mut atoms = chain(rows.get(..beside.start).unwrap_or_default(), &summary.input);
        let width = vec![side.iter().filter_map(|row| row.output.last()).sum()];
        if !side.is_empty() {
            let branches = side.iter().map(|row| vec![Part::Block(block(row))]).collect();
            let join = Block::new("concat", width.clone(), [0, 0]);
            atoms.push(Atom { part: Part::Fork(Fork { branches, join }), leads: true });
        }
        let before = if side.is_empty() { &summary.input } else { &width };
        atoms.extend(chain(rows.get(beside.end..).unwrap_or_default(), before));
        Self {
            input: summary.input.clone(),
            parts: assemble(atoms),
            output,
            parameters: summary.parameters(),
            flops: summary.flops(),
        }
    }
}

fn block(row: &LayerSummary) -> Block {
    Block::new(&row.name, row.output.clone(), [row.parameters, row.flops])
}

/// The rows one behind the other. What has no parameters and leaves the shape as it was, such as an activation, belongs to the
/// row before it, and so does what is named as a part of the same layer.
fn chain(rows: &[LayerSummary], before: &[usize]) -> Vec<Atom> {
    let (mut shape, mut layer) = (before, None);
    let mut atoms = Vec::new();
    for row in rows {
        let stays = row.output == shape;
        let follows = stays && (row.parameters == 0 || (layer.is_some() && layer == part_of(&row.name)));
        let mut block = block(row);
        let idle = stays && row.parameters == 0 && row.flops == 0;
        block.words.iter_mut().for_each(|word| word.idle = idle);
        atoms.push(Atom { part: Part::Block(block), leads: !follows });
        if !follows {
            layer = part_of(&row.name);
        }
        shape = &row.output;
    }
    atoms
}

/// The numbered layer that a row is a part of: `hidden.0` of `hidden.0.norm`.
fn part_of(name: &str) -> Option<&str> {
    let (layer, _) = name.split_whitespace().next()?.rsplit_once('.')?;
    let (_, number) = layer.rsplit_once('.')?;
    number.parse::<usize>().ok().map(|_| layer)
}
