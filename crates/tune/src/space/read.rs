//! Reads a dimension from what stands behind its key in a recipe.

use serde_json::{Map, Value};

use super::dimension::{Condition, Dimension};
use super::domain::{Domain, WORDS};
use super::unit::same;
use crate::SettingError;
use crate::error::require;

/// Reads and checks one dimension; that its condition fits the other keys is seen to by the space.
pub(super) fn dimension(key: &str, table: &Value) -> Result<Dimension, SettingError> {
    let fault = |problem: String| SettingError::new(key, problem);
    let Value::Object(table) = table else {
        return Err(fault(format!("expected a table such as {{ uniform = [0, 1] }}, got {table}")));
    };
    let mut words = table.iter().filter(|(word, _)| *word != "when");
    let (word, arguments) = match (words.next(), words.next()) {
        (Some(only), None) => only,
        (None, _) => return Err(fault(format!("expected one of {}", WORDS.join(", ")))),
        (Some((first, _)), Some((second, _))) => {
            return Err(fault(format!("has both `{first}` and `{second}`; a key has one domain")));
        }
    };
    let domain = domain(key, word, arguments)?;
    check(key, &domain)?;
    let when = table.get("when").map(|when| condition(key, when)).transpose()?;
    Ok(Dimension { key: key.into(), domain, when })
}

fn domain(key: &str, word: &str, arguments: &Value) -> Result<Domain, SettingError> {
    let fault = |problem: String| SettingError::new(key, problem);
    let Some(list) = arguments.as_array() else {
        return Err(fault(format!("`{word}` expects a list, got {arguments}")));
    };
    Ok(match word {
        "choice" => Domain::Choice(list.clone()),
        "grid" => Domain::Grid(list.clone()),
        "uniform" => {
            floats(key, word, list, ["low", "high"]).map(|[low, high]| Domain::Uniform { low, high })?
        }
        "loguniform" => {
            floats(key, word, list, ["low", "high"]).map(|[low, high]| Domain::LogUniform { low, high })?
        }
        "quniform" => {
            let [low, high, q] = floats(key, word, list, ["low", "high", "q"])?;
            Domain::QUniform { low, high, q, whole: list.iter().all(Value::is_i64) }
        }
        "randint" => wholes(key, word, list).map(|[low, high]| Domain::RandInt { low, high })?,
        "lograndint" => wholes(key, word, list).map(|[low, high]| Domain::LogRandInt { low, high })?,
        "normal" => floats(key, word, list, ["mean", "sd"]).map(|[mean, sd]| Domain::Normal { mean, sd })?,
        _ => {
            let nearest = WORDS.into_iter().max_by(|a, b| {
                let likeness = |known| strsim::jaro_winkler(known, word);
                likeness(a).total_cmp(&likeness(b))
            });
            let nearest = nearest.map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
            return Err(fault(format!("`{word}` is not a domain{nearest} Domains are {}", WORDS.join(", "))));
        }
    })
}

fn floats<const N: usize>(
    key: &str,
    word: &str,
    list: &[Value],
    names: [&str; N],
) -> Result<[f64; N], SettingError> {
    let numbers: Option<Vec<f64>> =
        list.iter().map(|value| value.as_f64().filter(|x| x.is_finite())).collect();
    numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(|| {
        let got = Value::from(list);
        SettingError::new(key, format!("`{word}` expects {N} numbers [{}], got {got}", names.join(", ")))
    })
}

fn wholes(key: &str, word: &str, list: &[Value]) -> Result<[i64; 2], SettingError> {
    let numbers: Option<Vec<i64>> = list.iter().map(Value::as_i64).collect();
    numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(|| {
        let got = Value::from(list);
        SettingError::new(key, format!("`{word}` expects 2 whole numbers [low, high], got {got}"))
    })
}

/// Whether a domain has values, and each once.
pub(super) fn check(key: &str, domain: &Domain) -> Result<(), SettingError> {
    let word = domain.word();
    let ordered = |low: f64, high: f64| {
        require(low != high, key, || {
            format!("`{word}` has the same bound twice: {low}; nothing is searched")
        })?;
        require(low < high, key, || {
            format!("`{word} = [{low}, {high}]` is reversed; swap the bounds: [{high}, {low}]")
        })
    };
    match domain {
        Domain::Choice(values) | Domain::Grid(values) => {
            require(!values.is_empty(), key, || format!("`{word}` is empty; it needs at least one value"))?;
            let twice =
                values.iter().enumerate().find(|(i, value)| values.iter().take(*i).any(|v| same(v, value)));
            twice.map_or(Ok(()), |(_, value)| {
                Err(SettingError::new(key, format!("`{word}` has {value} twice; each value may stand once")))
            })
        }
        Domain::Uniform { low, high } => ordered(*low, *high),
        Domain::LogUniform { low, high } => {
            ordered(*low, *high)?;
            require(*low > 0.0, key, || format!("`{word}` needs a lower bound above 0, got {low}"))
        }
        Domain::QUniform { low, high, q, .. } => {
            ordered(*low, *high)?;
            require(*q > 0.0, key, || format!("`{word}` needs a step q above 0, got {q}"))?;
            require((high - low) / q < 1e9, key, || format!("`{word}` has too many steps of {q}"))
        }
        Domain::RandInt { low, high } => ordered(*low as f64, *high as f64),
        Domain::LogRandInt { low, high } => {
            ordered(*low as f64, *high as f64)?;
            require(*low >= 1, key, || format!("`{word}` needs a lower bound of at least 1, got {low}"))
        }
        Domain::Normal { sd, .. } => {
            require(*sd > 0.0, key, || format!("`{word}` needs a standard deviation above 0, got {sd}"))
        }
    }
}

fn condition(key: &str, when: &Value) -> Result<Condition, SettingError> {
    let entry =
        when.as_object().filter(|table| table.len() == 1).and_then(|table: &Map<_, _>| table.iter().next());
    let Some((other, values)) = entry else {
        let problem = format!(
            "`when` expects a table of one key, such as {{ \"optimizer.kind\" = \"sgd\" }}, got {when}"
        );
        return Err(SettingError::new(key, problem));
    };
    let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
    require(!values.is_empty(), key, || format!("`when` lists no value of `{other}`"))?;
    Ok(Condition { key: other.clone(), values })
}
