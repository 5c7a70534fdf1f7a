//! A sequential network as boxes: the one architecture whose layers may have branches.

use super::Head;
use super::config::SequentialConfig;
use super::kind::{Described, Role};
use super::layers::{LayerSpec, branches};
use super::shape::Shape;
use crate::Result;
use crate::diagram::{Atom, Block, Diagram, Fork, Part, assemble};

impl SequentialConfig {
    /// Layers that belong together as boxes, branches side by side.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn diagram(&self) -> Result<Diagram> {
        let shapes = self.shapes()?;
        let summary = self.summary()?;
        let cost = summary.layers.last().filter(|_| self.head != Head::None);
        let mut output = Block::new("output", vec![self.outputs], [0, 0]);
        if let Some(head) = cost {
            output.absorb(Block::new("linear", vec![self.outputs], [head.parameters, head.flops]));
        }
        Ok(Diagram {
            parts: assemble(atoms(&self.layers, &shapes)),
            output,
            parameters: summary.parameters(),
            flops: summary.flops(),
            input: summary.input,
        })
    }
}

fn atoms(layers: &[LayerSpec], shapes: &[Shape]) -> Vec<Atom> {
    branches::each(layers, shapes).map(|(layer, before, after)| atom(layer, before, after)).collect()
}

fn atom(layer: &dyn Described, before: Shape, after: Shape) -> Atom {
    let cost = layer.cost(before, after);
    let mut block = Block::new(&layer.title(), after.sides(), [cost.parameters, cost.flops]);
    if let Some((_, branches)) = layer.branches() {
        // The shapes fit, since those of the whole network do.
        let parts = |layers: &Vec<LayerSpec>| {
            assemble(atoms(layers, &branches::shapes(layers, before).unwrap_or_default()))
        };
        let branches = branches.iter().map(parts).collect();
        return Atom { part: Part::Fork(Fork { branches, join: block }), leads: true };
    }
    let idle = layer.role() == Role::Other && block.parameters == 0 && block.flops == 0 && before == after;
    block.words.iter_mut().for_each(|word| word.idle = idle);
    Atom { part: Part::Block(block), leads: !idle && layer.role() != Role::Follows }
}
