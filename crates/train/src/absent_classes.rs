//! Classes that a side of the split lacks.

use std::collections::BTreeMap;

use brasa_data::{Role, name_list};

use crate::prepared::Prepared;

/// In how many groups the rows of a class are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Groups {
    /// In none that were seen yet.
    None,
    One(u32),
    Several,
}

impl Groups {
    fn and(self, group: u32) -> Self {
        match self {
            Self::None => Self::One(group),
            Self::One(known) if known == group => self,
            _ => Self::Several,
        }
    }
}

impl Prepared {
    /// Classes that occur in the data but not on the validation or test side, a sentence for all classes that the same
    /// sides lack for the same reason: the scores of those sides say nothing about them.
    pub fn absent_classes(&self) -> Vec<String> {
        let counts = Role::ALL.map(|role| (role, self.data.class_counts(self.split.side(role))));
        let groups = self.groups_of_classes();
        let mut lacking: BTreeMap<(Vec<Role>, bool), Vec<&str>> = BTreeMap::new();
        for (class, name) in self.data.class_names().iter().enumerate() {
            let without = counts.iter().filter(|(_, counts)| counts.get(class) == Some(&0));
            let without: Vec<Role> = without.map(|(role, _)| *role).collect();
            let judged = |role: &Role| *role != Role::Train && !self.split.side(*role).is_empty();
            let missing: Vec<Role> = without.iter().copied().filter(judged).collect();
            // A class without any row is nobody's to judge.
            if !missing.is_empty() && without.len() < counts.len() {
                let of_one_group = matches!(groups.get(class), Some(Groups::One(_)));
                lacking.entry((missing, of_one_group)).or_default().push(name);
            }
        }
        let say = |((sides, of_one_group), names): ((Vec<Role>, bool), Vec<&str>)| {
            sentence(&sides, &names, of_one_group)
        };
        lacking.into_iter().map(say).collect()
    }

    fn groups_of_classes(&self) -> Vec<Groups> {
        let mut of_classes = vec![Groups::None; self.data.class_count()];
        let Some(groups) = &self.data.groups else { return of_classes };
        for row in Role::ALL.iter().flat_map(|role| self.split.side(*role)) {
            let class = self.data.labels().get(*row).and_then(|&label| of_classes.get_mut(label as usize));
            if let (Some(class), Some(&group)) = (class, groups.get(*row)) {
                *class = class.and(group);
            }
        }
        of_classes
    }
}

fn sentence(sides: &[Role], names: &[&str], of_one_group: bool) -> String {
    let sides: Vec<String> = sides.iter().map(Role::to_string).collect();
    let (have, say) = match sides.len() {
        1 => ("side has", "its scores say"),
        _ => ("sides have", "their scores say"),
    };
    let (them, reason) = match (names.len(), of_one_group) {
        (1, true) => ("it", " All its rows are of one group, which can be on one side only."),
        (_, true) => ("them", " All rows of each are of one group, which can be on one side only."),
        (1, false) => ("it", ""),
        (_, false) => ("them", ""),
    };
    let (sides, names) = (sides.join(" and "), name_list(names));
    format!("The {sides} {have} no rows of {names}, so {say} nothing about {them}.{reason}")
}

#[cfg(test)]
mod tests {
    use brasa_data::Role;

    use super::sentence;

    #[test]
    fn one_sentence_names_ten_classes_and_counts_the_rest() {
        let names: Vec<String> = (0..632).map(|class| format!("c{class}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(
            sentence(&[Role::Valid, Role::Test], &names, false),
            "The valid and test sides have no rows of c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ... and 622 more, so \
             their scores say nothing about them."
        );
        assert_eq!(
            sentence(&[Role::Test], &names[..1], true),
            "The test side has no rows of c0, so its scores say nothing about it. All its rows are of one group, which \
             can be on one side only."
        );
    }
}
