//! A convolutional network of one's own: trained with a callback, saved, loaded, predicting.
//! `cargo run --release -p brasa-train --example own_cnn -- digits.csv`, a table of 64 pixels and a column `digit`.

use brasa_data::{CsvConfig, DataConfig, Files, Scaling};
use brasa_models::{Input, Model, select_device};
use brasa_predict::{Answers, ModelCard, SavedModel, save_model};
use brasa_train::{Callback, Control, EpochRecord, Prepared, Recipe, train};
use burn::module::Module;
use burn::nn::{Linear, LinearConfig, conv::Conv2d, conv::Conv2dConfig};
use burn::tensor::{Device, Tensor, activation::relu};

#[derive(Module, Debug)]
struct Cnn {
    maps: Conv2d,
    output: Linear,
}

impl Cnn {
    fn new(device: &Device) -> Self {
        Self {
            maps: Conv2dConfig::new([1, 8], [3, 3]).init(device),
            output: LinearConfig::new(8 * 36, 10).init(device),
        }
    }
}

impl Model for Cnn {
    fn forward(&self, input: &Input) -> Tensor<2> {
        let maps = self.maps.forward(input.flat().reshape([input.batch(), 1, 8, 8]));
        self.output.forward(relu(maps).flatten(1, 3))
    }
}

struct Log;

impl Callback for Log {
    fn on_epoch(&mut self, record: &EpochRecord) -> brasa_train::Result<Control> {
        println!("epoch {}: loss {:.4}", record.epoch, record.valid.loss());
        Ok(Control::Continue)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("name a CSV file with 64 pixels and a column `digit`")?;
    let csv = CsvConfig { file: Some(file.clone()), target: Some("digit".into()), ..CsvConfig::default() };
    let data = DataConfig { csv: Some(csv), scaling: Scaling::Standard, ..DataConfig::default() };
    let (recipe, device) = (Recipe::new(data).check()?, select_device("flex")?);
    let prepared = Prepared::new(&recipe, &Files::directory("."))?;
    let outcome = train(&recipe, &prepared, Cnn::new(&device), &device, &mut [&mut Log])?;

    let answers = Answers::Classes { classes: prepared.data.class_names().to_vec() };
    let input = recipe.data().input_of(&prepared.data);
    let card = ModelCard::new("digits", input, (*prepared.scaler).clone(), answers);
    save_model("digits-model".as_ref(), &card, &outcome.model)?;
    let saved = SavedModel::load_into("digits-model".as_ref(), Cnn::new(&device), &device)?;
    let raw = saved.card().input.read(&file, &std::fs::read(&file)?, None)?;
    println!("{:?}", saved.predict_samples(&raw.samples)?.first());
    Ok(())
}
