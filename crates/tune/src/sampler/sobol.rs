use super::random::{fill, unit};
use super::{Request, Sampler};
use crate::stream::{self, purpose};
use crate::{Space, Values};

/// Direction numbers of Joe and Kuo, as many dimensions as a space may plausibly have.
const TABLE: &str = include_str!("joe-kuo.txt");

/// Draws that fill the space evenly: the Sobol sequence with Owen's scrambling by the study's seed.
///
/// Any 2, 4, 8, ... first draws have one in each half, quarter, eighth of every key's range. A key beyond the 256th is
/// drawn independently.
#[derive(Debug)]
pub struct Sobol {
    space: Space,
    seed: u64,
    /// Of each dimension the 32 direction numbers.
    directions: Vec<[u32; 32]>,
}

impl Sobol {
    /// Draws by the study's seed.
    #[must_use]
    pub fn new(space: Space, seed: u64) -> Self {
        let directions = directions(space.dimensions().len());
        Self { space, seed, directions }
    }
}

impl Sampler for Sobol {
    fn draw(&mut self, request: Request<'_>) -> Values {
        let (seed, draw) = (self.seed, request.draw);
        fill(&self.space, request.fixed, |position, key| match self.directions.get(position) {
            Some(directions) => {
                let scramble = stream::derive(seed, &[purpose::SCRAMBLE, stream::name(key)]);
                (f64::from(scrambled(point(directions, draw as u32), scramble as u32)) + 0.5) / 2_f64.powi(32)
            }
            None => unit(seed, draw, key),
        })
    }
}

/// The point of a number in one dimension, as a fraction of 2^32: the digits of its Gray code choose directions.
fn point(directions: &[u32; 32], number: u32) -> u32 {
    let gray = number ^ (number >> 1);
    directions
        .iter()
        .enumerate()
        .filter(|(bit, _)| gray >> bit & 1 == 1)
        .fold(0, |sum, (_, direction)| sum ^ direction)
}

/// Owen's nested uniform scrambling by a hash in which each bit depends on those above it alone (Burley, "Practical
/// hash-based Owen scrambling", 2020, with Vegdahl's constants).
fn scrambled(point: u32, seed: u32) -> u32 {
    let mut x = point.reverse_bits();
    x ^= x.wrapping_mul(0x3D20_ADEA);
    x = x.wrapping_add(seed);
    x = x.wrapping_mul((seed >> 16) | 1);
    x ^= x.wrapping_mul(0x0552_6C56);
    x ^= x.wrapping_mul(0x53A2_2864);
    x.reverse_bits()
}

/// Direction numbers of the first dimensions by the recurrence of Bratley and Fox (1988).
fn directions(dimensions: usize) -> Vec<[u32; 32]> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.take(dimensions).map(expand).collect()
}

fn expand(line: &str) -> [u32; 32] {
    let mut numbers = line.split(' ').filter_map(|word| word.parse::<u32>().ok());
    let polynomial = numbers.next().unwrap_or(1);
    let mut odd: Vec<u64> = numbers.map(u64::from).collect();
    let degree = polynomial.ilog2() as usize;
    if degree == 0 {
        odd = vec![1; 32];
    }
    for k in odd.len()..32 {
        let mut next = odd[k - degree] ^ (odd[k - degree] << degree);
        for i in 1..degree {
            if polynomial >> (degree - i) & 1 == 1 {
                next ^= odd[k - i] << i;
            }
        }
        odd.push(next);
    }
    std::array::from_fn(|k| (odd[k] << (31 - k)) as u32)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn points_are_those_of_scipy() {
        // tests/fixtures/sobol.py
        let fixture: BTreeMap<String, Vec<u32>> =
            serde_json::from_str(include_str!("../../tests/fixtures/sobol.json")).unwrap();
        assert_eq!(fixture.len(), 17);
        let directions: Vec<_> = directions(256).into_iter().step_by(5).collect();
        for (number, expected) in fixture {
            let number = number.parse().unwrap();
            let got: Vec<u32> = directions.iter().map(|directions| point(directions, number)).collect();
            assert_eq!(got, expected, "{number}");
        }
    }

    #[test]
    fn scrambling_keeps_one_point_in_each_part() {
        for (directions, seed) in directions(40).iter().zip([1, 0x8000_0000, 77_777].into_iter().cycle()) {
            for bits in 1..8 {
                let mut parts: Vec<u32> = (0..1 << bits)
                    .map(|number| scrambled(point(directions, number), seed) >> (32 - bits))
                    .collect();
                parts.sort_unstable();
                assert!(parts.into_iter().eq(0..1 << bits), "{bits} bits");
            }
        }
    }

    #[test]
    fn scrambled_pairs_of_keys_fill_the_square() {
        // Cells of a grid of 8 x 8 that 256 points miss: none between the first 8 dimensions, as with scipy; independent
        // draws leave 64 e^-4 = 1.2 of each square empty.
        let table = directions(8);
        let seed = |dimension: usize| stream::derive(3, &[dimension as u64]) as u32;
        for a in 0..8 {
            for b in 0..a {
                let mut cells = [false; 64];
                for number in 0..256 {
                    let x = scrambled(point(&table[a], number), seed(a)) >> 29;
                    let y = scrambled(point(&table[b], number), seed(b)) >> 29;
                    cells[(8 * x + y) as usize] = true;
                }
                assert_eq!(cells, [true; 64], "{a} {b}");
            }
        }
    }
}
