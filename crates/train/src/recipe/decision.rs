//! The `[decision]` table: which of two classes is answered.

use brasa_data::TaskKind;
use brasa_data::keys::{Fault, Table};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::Recipe;

/// What a threshold is the best one by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecideBy {
    /// The largest F1 of the class.
    #[default]
    F1,
    /// The largest mean of both classes' recall.
    BalancedAccuracy,
    /// The least cost of the errors.
    Cost,
}

impl DecideBy {
    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::F1 => "the largest F1",
            Self::BalancedAccuracy => "the largest balanced accuracy",
            Self::Cost => "the least cost",
        }
    }
}

brasa_data::table! {
    /// Which of two classes is answered: one of them from a threshold of its probability on, chosen on the validation rows. Without this table it is the
    /// more probable one. Scores of a split are of the more probable class all the same; those of the decision stand beside.
    pub struct DecisionRecipe = "decision" {
        /// The class with the threshold; left out, that with fewer training rows.
        positive: String = String::new();
        /// What the threshold is the best one by: "f1" of that class, "balanced-accuracy", or "cost".
        by: DecideBy = DecideBy::default();
        /// For "cost": what a false positive costs, and what a false negative.
        costs: Vec<f64> = vec![];
    }
}

impl Serialize for DecisionRecipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

impl DecisionRecipe {
    /// What a false positive costs, and what a false negative; where that decides.
    pub fn errors_cost(&self) -> Option<[f64; 2]> {
        self.costs.as_slice().try_into().ok().filter(|_| self.by == DecideBy::Cost)
    }
}

/// Refuses what would be without effect.
pub(super) fn check(recipe: &Recipe) -> Result<(), Fault> {
    let Some(decision) = &recipe.decision else { return Ok(()) };
    if recipe.data.task != TaskKind::Classification {
        return Err(Fault::refused("decision", "is for two classes; numbers are predicted as they come"));
    }
    let costs = decision.costs.as_slice();
    let sound = matches!(costs, [a, b] if a + b > 0.0 && a.min(*b) >= 0.0 && (a + b).is_finite());
    match (decision.by, costs) {
        (DecideBy::Cost, _) if !sound => {
            let expected =
                "two numbers from 0, not both 0: what a false positive costs, and a false negative";
            Err(Fault::value("decision.costs", expected, format!("{costs:?}")))
        }
        (DecideBy::Cost, _) | (_, []) => Ok(()),
        _ => Err(Fault::refused("decision.costs", "needs decision.by = \"cost\"")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
        [data.csv]
        file = "t.csv"
        target = "y"
        [decision]
        positive = "yes"
        by = "cost"
        costs = [1, 5]
    "#;

    #[test]
    fn a_decision_is_read_written_and_refused_where_it_cannot_be() {
        let recipe = Recipe::parse("r", RECIPE, &[]).unwrap().check().unwrap();
        let decision = recipe.recipe().decision.clone().unwrap();
        assert_eq!((decision.positive.as_str(), decision.errors_cost()), ("yes", Some([1.0, 5.0])));
        let text = recipe.recipe().to_toml().unwrap();
        assert_eq!(Recipe::parse("again", &text, &[]).unwrap().decision, Some(decision), "{text}");
        for (change, part) in [
            ("data.task=regression", "`decision`: is for two classes"),
            ("decision.costs=[1]", "`decision.costs`: expected two numbers from 0"),
            ("decision.costs=[0, 0]", "`decision.costs`: expected two numbers from 0"),
            ("decision.by=f1", "needs decision.by = \"cost\""),
            ("decision.cost=[1, 5]", "did you mean `costs`?"),
        ] {
            let checked = Recipe::parse("r", RECIPE, &[change.into()]).and_then(Recipe::check);
            let message = checked.unwrap_err().to_string();
            assert!(message.contains(part), "{change}: {message}");
        }
    }
}
