//! Keys that have values in the same trials, and the values that they had.

use crate::space::{Condition, Dimension, Domain, Shape};
use crate::{Space, Values};

/// Keys with the same condition: they are drawn together, from the trials in which they had values.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) dimensions: Vec<Dimension>,
    pub(super) columns: Vec<Column>,
    /// Numbers of the trials in which the keys have values, ascending.
    pub(super) members: Vec<usize>,
}

/// The values that a key had.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) shape: Shape,
    /// Of each member where its value lies between 0 and 1; of a category its index.
    pub(super) units: Vec<f64>,
    /// The same with the members' positions, sorted; of categories none.
    pub(super) sorted: Vec<(f64, u32)>,
}

impl Group {
    /// The groups of a space without its `grid` keys; a key on which others depend is in a group before theirs.
    pub(super) fn all(space: &Space) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for dimension in space.dimensions() {
            if matches!(dimension.domain, Domain::Grid(_)) {
                continue;
            }
            let column = Column { shape: dimension.domain.shape(), units: Vec::new(), sorted: Vec::new() };
            match groups.iter_mut().find(|group| group.condition() == dimension.when.as_ref()) {
                Some(group) => {
                    group.dimensions.push(dimension.clone());
                    group.columns.push(column);
                }
                None => groups.push(Self {
                    dimensions: vec![dimension.clone()],
                    columns: vec![column],
                    members: Vec::new(),
                }),
            }
        }
        groups
    }

    fn condition(&self) -> Option<&Condition> {
        self.dimensions.first().and_then(|dimension| dimension.when.as_ref())
    }

    /// Whether values of this group are to be drawn.
    pub(super) fn is_wanted(&self, values: &Values) -> bool {
        self.dimensions
            .first()
            .is_some_and(|first| first.is_active(values) && !values.contains_key(&first.key))
    }

    /// Takes note of a trial's values, where the keys have some.
    pub(super) fn record(&mut self, trial: usize, values: &Values) {
        let unit = |dimension: &Dimension| dimension.domain.unit(values.get(&dimension.key)?);
        let Some(units) = self.dimensions.iter().map(unit).collect::<Option<Vec<f64>>>() else { return };
        let position = self.members.len() as u32;
        self.members.push(trial);
        for (column, unit) in self.columns.iter_mut().zip(units) {
            column.units.push(unit);
            if !matches!(column.shape, Shape::Category(_)) {
                let place = column.sorted.partition_point(|(before, _)| *before <= unit);
                column.sorted.insert(place, (unit, position));
            }
        }
    }
}
