//! A saved model as an ONNX file: raw samples in, answers out.

use brasa_data::{ColumnScale, InputSpec, Scaler};
use brasa_models::WeightType;
use brasa_onnx::{Data, Dim, Element, Graph, Opset, Value};

use crate::{Answers, Decision, PredictError, Result, SavedModel};

/// Numbers of element types, as `Cast` has them.
const FLOAT: i64 = 1;
const INT64: i64 = 7;

/// Levels of a column: whole numbers up to this are exact in 32 bits of a float.
const MOST_LEVELS: u32 = 1 << 24;

/// Columns stay within this once they are scaled; see [`ColumnScale::Number`].
const LIMIT: f64 = 3.0;

impl SavedModel {
    /// The model as an ONNX file (opset 17) that takes raw samples: its scaling is part of the graph, and so is what its outputs
    /// mean.
    ///
    /// | samples | input |
    /// |---|---|
    /// | columns of a table | `input`, `[batch, columns]` of 64-bit floats: numbers as they are written, NaN where one is missing, codes of levels |
    /// | images | `input`, `[batch, channels, height, width]` of 32-bit floats from 0 to 255 |
    /// | time series | `input`, `[batch, steps, channels]` of 32-bit floats |
    /// | texts | `input`, `[batch, words]` of 64-bit integers: places in the vocabulary, 0 for padding |
    ///
    /// Outputs are `probabilities` `[batch, classes]` and `class` `[batch]`, a text; or `values` `[batch, numbers]` in the units of the
    /// data. The card is in the metadata, under `brasa.card`: it has the names of columns and their levels, and the vocabulary.
    ///
    /// # Errors
    /// [`PredictError::Onnx`] for a model beyond 2 GB, [`PredictError::Model`] where the device fails,
    /// [`PredictError::Broken`] for a model of one's own.
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        self.to_onnx_as(WeightType::F32)
    }

    /// As [`to_onnx`](Self::to_onnx), with weights of this type.
    ///
    /// # Errors
    /// As there.
    pub fn to_onnx_as(&self, weights: WeightType) -> Result<Vec<u8>> {
        let card = self.card();
        let network = card.network.as_ref().ok_or_else(|| PredictError::Broken {
            path: "model.json".into(),
            problem: "names no architecture: a model of one's own is exported by its code".into(),
        })?;
        let mut graph = Graph::new(&card.data);
        graph.doc(format!("trained on {} by brasa", card.data));
        let text = serde_json::to_string(card).map_err(|error| PredictError::Broken {
            path: "model.json".into(),
            problem: format!("cannot be written: {error}"),
        })?;
        graph.metadata("brasa.card", text);
        let shape = card.input.shape();
        let element = match (&card.input, shape.len()) {
            (InputSpec::Text(_), _) => Element::I64,
            (_, 1) => Element::F64,
            _ => Element::F32,
        };
        let batch = || Dim::named("batch");
        let dims: Vec<Dim> = [batch()].into_iter().chain(shape.iter().map(|&side| side.into())).collect();
        let input = graph.input("input", element, &dims);
        if let Scaler::Robust { columns } = &card.scaler
            && columns
                .iter()
                .any(|column| matches!(column, ColumnScale::Level { levels, .. } if *levels > MOST_LEVELS))
        {
            return Err(PredictError::Broken {
                path: "model.json".into(),
                problem: format!("names more than {MOST_LEVELS} levels of a column"),
            });
        }
        let scaled = match element {
            Element::I64 => input,
            _ => scale(&mut graph, &input, element == Element::F64, &shape, &card.scaler),
        };
        let outputs = network.emit_as(self.model(), &mut graph, &scaled, weights)?;
        let width = card.answers.names().len();
        match &card.answers {
            Answers::Classes { classes } => {
                let probabilities = graph.node("Softmax", &[&outputs], [("axis", 1.into())]);
                graph.output("probabilities", &probabilities, Element::F32, &[batch(), width.into()]);
                let best = match card.decision {
                    None => graph.node("ArgMax", &[&outputs], [("axis", 1.into()), ("keepdims", 0.into())]),
                    Some(Decision { positive, threshold }) => {
                        let place = |class: usize| vec![class as i64];
                        let own = graph.initializer("decision.positive", &[1], place(positive));
                        let other = graph.initializer("decision.other", &[1], place(1 - positive.min(1)));
                        let threshold = graph.initializer("decision.threshold", &[1], vec![threshold as f32]);
                        let chance = graph.node("Gather", &[&probabilities, &own], [("axis", 1.into())]);
                        let reached = graph.node("GreaterOrEqual", &[&chance, &threshold], []);
                        let class = graph.node("Where", &[&reached, &own, &other], []);
                        let flat = graph.initializer("decision.flat", &[1], vec![-1_i64]);
                        graph.node("Reshape", &[&class, &flat], [])
                    }
                };
                let names = graph.initializer("classes", &[width], classes.clone());
                let class = graph.node("Gather", &[&names, &best], []);
                graph.output("class", &class, Element::String, &[batch()]);
            }
            Answers::Numbers { mean, std, .. } => {
                let to = |numbers: &[f64]| numbers.iter().map(|&number| number as f32).collect::<Vec<_>>();
                let (std, mean) = (
                    graph.initializer("target.std", &[width], to(std)),
                    graph.initializer("target.mean", &[width], to(mean)),
                );
                let values = graph.node("Mul", &[&outputs, &std], []);
                let values = graph.node("Add", &[&values, &mean], []);
                graph.output("values", &values, Element::F32, &[batch(), width.into()]);
            }
        }
        Ok(graph.finish(Opset::V17, "brasa", env!("CARGO_PKG_VERSION"))?)
    }
}

/// Raw numbers as the network takes them, in 32 bits; `wide` where they come in 64.
fn scale(graph: &mut Graph, input: &Value, wide: bool, shape: &[usize], scaler: &Scaler) -> Value {
    let scaled = match scaler {
        Scaler::Identity => input.clone(),
        Scaler::Standard { mean, std } | Scaler::Channels { mean, std } => {
            let mean = numbers(graph, "scaler.mean", wide, &repeated(mean, shape), shape);
            let std = numbers(graph, "scaler.std", wide, &repeated(std, shape), shape);
            let centred = graph.node("Sub", &[input, &mean], []);
            graph.node("Div", &[&centred, &std], [])
        }
        Scaler::Pixels { mean, std } => {
            let over: Vec<usize> = [mean.len()].into_iter().chain(shape.iter().skip(1).map(|_| 1)).collect();
            let pairs = mean.iter().zip(std).map(|(mean, std)| (f64::from(*mean), f64::from(*std)));
            let (factors, offsets): (Vec<_>, Vec<_>) =
                pairs.map(|(mean, std)| (1.0 / (255.0 * std), -mean / std)).unzip();
            let factors = numbers(graph, "scaler.factor", wide, &factors, &over);
            let offsets = numbers(graph, "scaler.offset", wide, &offsets, &over);
            let product = graph.node("Mul", &[input, &factors], []);
            graph.node("Add", &[&product, &offsets], [])
        }
        Scaler::Robust { columns } => return robust(graph, input, columns),
    };
    match wide {
        true => graph.node("Cast", &[&scaled], [("to", FLOAT.into())]),
        false => scaled,
    }
}

/// Columns that repeat along the sample.
fn repeated(numbers: &[f64], shape: &[usize]) -> Vec<f64> {
    numbers.iter().copied().cycle().take(shape.iter().product()).collect()
}

fn numbers(graph: &mut Graph, name: &str, wide: bool, numbers: &[f64], shape: &[usize]) -> Value {
    let data: Data = match wide {
        true => numbers.to_vec().into(),
        false => numbers.iter().map(|&number| number as f32).collect::<Vec<_>>().into(),
    };
    graph.initializer(name, shape, data)
}

/// Columns each by itself: numbers by [`ColumnScale::Number`], levels by whether training has seen them.
fn robust(graph: &mut Graph, input: &Value, columns: &[ColumnScale]) -> Value {
    let (mut parts, mut order) = (Vec::new(), Vec::new());
    let of_numbers = columns.iter().enumerate().filter_map(|(place, column)| match column {
        ColumnScale::Number { median, factor } => Some((place as i64, *median, *factor)),
        ColumnScale::Level { .. } => None,
    });
    let of_numbers: Vec<_> = of_numbers.collect();
    if !of_numbers.is_empty() {
        order.extend(of_numbers.iter().map(|(place, ..)| *place));
        let medians: Vec<f64> = of_numbers.iter().map(|(_, median, _)| *median).collect();
        let factors: Vec<f64> = of_numbers.iter().map(|(.., factor)| *factor).collect();
        parts.push(scaled_numbers(graph, input, &order, &medians, &factors));
    }
    for (place, column) in columns.iter().enumerate() {
        if let ColumnScale::Level { levels, unseen } = column {
            order.push(place as i64);
            let known = |level: u32| if unseen.contains(&level) { 0.0 } else { level as f32 };
            let table: Vec<f32> = (0..=*levels).map(known).collect();
            parts.push(scaled_level(graph, input, place as i64, table));
        }
    }
    let joined = graph.node("Concat", &parts.iter().collect::<Vec<_>>(), [("axis", 1.into())]);
    // Back to the order of the columns.
    let mut places = vec![0; order.len()];
    for (at, &place) in order.iter().enumerate() {
        if let Some(slot) = places.get_mut(place as usize) {
            *slot = at as i64;
        }
    }
    let places = graph.constant_i64(&places);
    graph.node("Gather", &[&joined, &places], [("axis", 1.into())])
}

fn scaled_numbers(
    graph: &mut Graph,
    input: &Value,
    places: &[i64],
    medians: &[f64],
    factors: &[f64],
) -> Value {
    let places = graph.constant_i64(places);
    let raw = graph.node("Gather", &[input, &places], [("axis", 1.into())]);
    let medians = numbers(graph, "scaler.median", true, medians, &[medians.len()]);
    let factors = numbers(graph, "scaler.factor", true, factors, &[factors.len()]);
    let centred = graph.node("Sub", &[&raw, &medians], []);
    let x = graph.node("Mul", &[&centred, &factors], []);
    let mut constant = |number: f64| graph.constant(&[], vec![number]);
    // What is far out stays so, and its square is a number.
    let (least, most, limit, one, zero) =
        (constant(-1e100), constant(1e100), constant(LIMIT), constant(1.0), constant(0.0));
    let x = graph.node("Max", &[&x, &least], []);
    let x = graph.node("Min", &[&x, &most], []);
    let part = graph.node("Div", &[&x, &limit], []);
    let square = graph.node("Mul", &[&part, &part], []);
    let square = graph.node("Add", &[&square, &one], []);
    let root = graph.node("Sqrt", &[&square], []);
    let scaled = graph.node("Div", &[&x, &root], []);
    let missing = graph.node("IsNaN", &[&raw], []);
    let scaled = graph.node("Where", &[&missing, &zero, &scaled], []);
    graph.node("Cast", &[&scaled], [("to", FLOAT.into())])
}

/// A level's number by a table, in which 0 stands for what training has not seen.
fn scaled_level(graph: &mut Graph, input: &Value, place: i64, table: Vec<f32>) -> Value {
    let levels = table.len() as i64 - 1;
    let places = graph.constant_i64(&[place]);
    let raw = graph.node("Gather", &[input, &places], [("axis", 1.into())]);
    let zero = graph.constant(&[], vec![0.0]);
    let missing = graph.node("IsNaN", &[&raw], []);
    let raw = graph.node("Where", &[&missing, &zero, &raw], []);
    let level = graph.node("Cast", &[&raw], [("to", INT64.into())]);
    let (none, most) = (graph.constant(&[], vec![0_i64]), graph.constant(&[], vec![levels]));
    let beyond = graph.node("Greater", &[&level, &most], []);
    let below = graph.node("Less", &[&level, &none], []);
    let outside = graph.node("Or", &[&beyond, &below], []);
    let level = graph.node("Where", &[&outside, &none, &level], []);
    let table = graph.constant(&[table.len()], table);
    graph.node("Gather", &[&table, &level], [("axis", 0.into())])
}
