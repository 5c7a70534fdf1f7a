//! From single layers to boxes: equal blocks in a row are one, and layers that belong together share a box.

use super::{Block, Fork, Part, Repeat, Word, words};

/// A layer before it is put into a box.
#[derive(Debug, Clone)]
pub(crate) struct Atom {
    /// The layer alone.
    pub(crate) part: Part,
    /// Whether it begins a box; else it belongs to the layer before it.
    pub(crate) leads: bool,
}

/// Layers of a block that is looked for in a row, at most: a longer one is drawn as often as it is there.
const LONGEST: usize = 16;

/// The boxes of the layers.
///
/// Equal blocks are looked for before layers share boxes: what follows the last of several blocks, such as the norm behind a
/// transformer's, would make that one differ from the others.
pub(crate) fn assemble(atoms: Vec<Atom>) -> Vec<Part> {
    group(fold(atoms))
}

/// With a [`Repeat`] in the place of blocks that are there several times in a row.
fn fold(atoms: Vec<Atom>) -> Vec<Atom> {
    let mut folded = Vec::new();
    let mut rest = atoms.as_slice();
    let mut first = true;
    while let Some(atom) = rest.first() {
        // A block that began with the activation of the layer before it would be cut in the wrong place.
        let found = if first || atom.leads { repeated(rest) } else { None };
        first = false;
        match found {
            Some((length, times)) => {
                let unit = rest.iter().take(length).zip(rest.iter().skip(length * (times - 1)));
                let unit: Vec<Atom> = unit.map(|(one, last)| spanning(one, last)).collect();
                let part = Part::Repeat(Repeat { times, beside: false, parts: assemble(unit) });
                folded.push(Atom { part, leads: true });
                rest = rest.get(length * times..).unwrap_or_default();
            }
            None => {
                folded.push(atom.clone());
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    folded
}

/// The length of the block at the beginning that covers most in a row, and how often it is there, where more than once.
fn repeated(atoms: &[Atom]) -> Option<(usize, usize)> {
    let times = |length: usize| {
        let same = atoms.iter().zip(atoms.iter().skip(length)).take_while(|(a, b)| equal(a, b)).count();
        same / length + 1
    };
    let lengths = 1..=LONGEST.min(atoms.len() / 2);
    let found = lengths.map(|length| (length, times(length))).filter(|(_, times)| *times > 1);
    // The shortest of those that cover the same.
    found.rev().max_by_key(|(length, times)| length * times)
}

fn equal(a: &Atom, b: &Atom) -> bool {
    a.leads == b.leads && alike(&a.part, &b.part)
}

/// Whether they are the same but for what is idle.
fn alike(a: &Part, b: &Part) -> bool {
    let all = |a: &[Part], b: &[Part]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b));
    match (a, b) {
        (Part::Block(a), Part::Block(b)) => same(a, b),
        (Part::Fork(a), Part::Fork(b)) => {
            let (one, other) = (&a.branches, &b.branches);
            same(&a.join, &b.join)
                && one.len() == other.len()
                && one.iter().zip(other).all(|(a, b)| all(a, b))
        }
        (Part::Repeat(a), Part::Repeat(b)) => {
            (a.times, a.beside) == (b.times, b.beside) && all(&a.parts, &b.parts)
        }
        _ => false,
    }
}

fn same(a: &Block, b: &Block) -> bool {
    let busy = |block: &Block| block.words.iter().filter(|word| !word.idle).cloned().collect::<Vec<_>>();
    (a.parameters, a.flops, &a.output) == (b.parameters, b.flops, &b.output) && busy(a) == busy(b)
}

fn spanning(first: &Atom, last: &Atom) -> Atom {
    Atom { part: span(&first.part, &last.part), leads: first.leads }
}

/// `first`, whose idle layers say from what to what they go until `last`, which is alike.
fn span(first: &Part, last: &Part) -> Part {
    let all = |a: &[Part], b: &[Part]| a.iter().zip(b).map(|(a, b)| span(a, b)).collect::<Vec<_>>();
    match (first, last) {
        (Part::Block(a), Part::Block(b)) => Part::Block(block_span(a, b)),
        (Part::Fork(a), Part::Fork(b)) => Part::Fork(Fork {
            branches: a.branches.iter().zip(&b.branches).map(|(a, b)| all(a, b)).collect(),
            join: block_span(&a.join, &b.join),
        }),
        (Part::Repeat(a), Part::Repeat(b)) => {
            Part::Repeat(Repeat { parts: all(&a.parts, &b.parts), ..a.clone() })
        }
        _ => first.clone(),
    }
}

fn block_span(first: &Block, last: &Block) -> Block {
    let idle = |block: &Block| -> Vec<String> {
        block.words.iter().filter(|word| word.idle).map(|word| word.text.clone()).collect()
    };
    let (a, b) = (idle(first), idle(last));
    if a == b {
        return first.clone();
    }
    let mut place = 0;
    let mut word = |word: &Word| {
        let (from, to) = (a.get(place), b.get(place));
        if !word.idle {
            return word.clone();
        }
        place += 1;
        match from == to {
            true => word.clone(),
            false => Word { text: words::span(from.map(String::as_str), to.map(String::as_str)), idle: true },
        }
    };
    let longer = if b.len() > a.len() { last } else { first };
    let words = longer.words.iter().map(&mut word).collect();
    Block { words, ..first.clone() }
}

/// Layers that belong to the one before them, in its box. Those with none before them (a norm at the beginning of a branch)
/// share the box of the first behind them.
fn group(atoms: Vec<Atom>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    // Whether the last box waits for a layer that it can belong to.
    let mut waits = false;
    for Atom { part, leads } in atoms {
        let Part::Block(block) = part else {
            parts.push(part);
            waits = false;
            continue;
        };
        match parts.last_mut() {
            Some(Part::Block(last)) if !leads || waits => {
                last.absorb(block);
                waits &= !leads;
            }
            Some(Part::Fork(fork)) if !leads => fork.join.absorb(block),
            _ => {
                parts.push(Part::Block(block));
                waits = !leads;
            }
        }
    }
    parts
}
