//! What happens between the products of one step, for rows that are in the cache: passes over few buffers each,
//! which the compiler turns into vector code.

use crate::flex::math::{logistic, tanh};

/// A kind of recurrent unit. All have four slots of `hidden` sums per row and step, of which the product with the
/// input fills a range and the product with the state a range, which may overlap: there they add up.
pub(super) trait Cell: Sync + Send + Copy + std::fmt::Debug + 'static {
    /// The gate, in the order of the weights' columns, of each slot from the first on that the input enters.
    const INPUT: &'static [usize];
    /// The first slot that the state enters, in the order of the weights' columns, to the last.
    const FIRST_HIDDEN: usize;
    /// Whether there is a state beside the output.
    const HAS_CELL: bool;

    /// From the sums of a row to what the backward pass needs, in place; `h` and `c` move by one step.
    fn forward(slots: [&mut [f32]; 4], h: &mut [f32], c: &mut [f32]);

    /// From what [`Cell::forward`] left in the slots to the gradients of the sums. `dh` comes with the gradient of
    /// `h` and leaves with the part of that of the state before that does not go through the product; `dc` is the
    /// gradient of `c` and leaves as that of `c` before.
    fn backward(step: Before<'_>, slots: [&[f32]; 4], sums: [&mut [f32]; 4], dh: &mut [f32], dc: &mut [f32]);
}

/// The states around a step of a row.
pub(super) struct Before<'a> {
    /// `h` before it.
    pub(super) h: &'a [f32],
    /// `c` before and after it, if the cell has one.
    pub(super) c: [&'a [f32]; 2],
}

#[inline(always)]
fn sigmoid_in_place(values: &mut [f32]) {
    for value in values {
        (_, *value, _) = logistic(*value);
    }
}

#[inline(always)]
fn tanh_in_place(values: &mut [f32]) {
    for value in values {
        *value = tanh(*value);
    }
}

/// Long short-term memory: the slots are `i, f, g, o`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lstm;

impl Cell for Lstm {
    const INPUT: &'static [usize] = &[0, 1, 2, 3];
    const FIRST_HIDDEN: usize = 0;
    const HAS_CELL: bool = true;

    #[inline(always)]
    fn forward([i, f, g, o]: [&mut [f32]; 4], h: &mut [f32], c: &mut [f32]) {
        sigmoid_in_place(i);
        sigmoid_in_place(f);
        tanh_in_place(g);
        sigmoid_in_place(o);
        for (((c, i), f), g) in c.iter_mut().zip(&*i).zip(&*f).zip(&*g) {
            *c = f * *c + i * g;
        }
        for ((h, c), o) in h.iter_mut().zip(&*c).zip(&*o) {
            *h = o * tanh(*c);
        }
    }

    #[inline(always)]
    fn backward(
        step: Before<'_>,
        [i, f, g, o]: [&[f32]; 4],
        [di, df, dg, d_o]: [&mut [f32]; 4],
        dh: &mut [f32],
        dc: &mut [f32],
    ) {
        let [c_before, c] = step.c;
        for (to, c) in d_o.iter_mut().zip(c) {
            *to = tanh(*c);
        }
        for (((d_o, o), dh), dc) in d_o.iter_mut().zip(o).zip(dh).zip(&mut *dc) {
            let (size, upstream) = (*d_o, *dh);
            *dc += upstream * o * (1.0 - size * size);
            *d_o = upstream * size * (o * (1.0 - o));
            *dh = 0.0;
        }
        for ((((di, dg), dc), i), g) in di.iter_mut().zip(dg).zip(&*dc).zip(i).zip(g) {
            *di = dc * g * (i * (1.0 - i));
            *dg = dc * i * (1.0 - g * g);
        }
        for (((df, dc), f), c) in df.iter_mut().zip(dc).zip(f).zip(c_before) {
            *df = *dc * c * (f * (1.0 - f));
            *dc *= f;
        }
    }
}

/// Gated recurrent unit: the slots are the input's part of `n`, then `r`, `z`, and the state's part of `n`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gru;

impl Cell for Gru {
    const INPUT: &'static [usize] = &[2, 0, 1];
    const FIRST_HIDDEN: usize = 1;
    const HAS_CELL: bool = false;

    #[inline(always)]
    fn forward([n, r, z, n_state]: [&mut [f32]; 4], h: &mut [f32], _: &mut [f32]) {
        sigmoid_in_place(r);
        sigmoid_in_place(z);
        for ((n, r), n_state) in n.iter_mut().zip(&*r).zip(&*n_state) {
            *n += r * n_state;
        }
        tanh_in_place(n);
        for ((h, n), z) in h.iter_mut().zip(&*n).zip(&*z) {
            *h = n + z * (*h - n);
        }
    }

    #[inline(always)]
    fn backward(
        step: Before<'_>,
        [n, r, z, n_state]: [&[f32]; 4],
        [dn, dr, dz, dn_state]: [&mut [f32]; 4],
        dh: &mut [f32],
        _: &mut [f32],
    ) {
        for ((((dn, dz), z), n), (dh, h)) in
            dn.iter_mut().zip(dz).zip(z).zip(n).zip(dh.iter_mut().zip(step.h))
        {
            *dn = *dh * (1.0 - z) * (1.0 - n * n);
            *dz = *dh * (h - n) * (z * (1.0 - z));
            *dh *= z;
        }
        for ((((dr, dn_state), dn), r), n_state) in dr.iter_mut().zip(dn_state).zip(&*dn).zip(r).zip(n_state)
        {
            *dr = dn * n_state * (r * (1.0 - r));
            *dn_state = dn * r;
        }
    }
}
