//! What a saved model says of files: `cargo run --release -p brasa-predict --example predict -- MODEL FILE...`, where MODEL is
//! the folder `model` of a run.

use brasa_models::select_device;
use brasa_predict::{Prediction, SavedModel};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name the folder of a model, then files")?;
    let model = SavedModel::load(folder.as_ref(), &select_device("flex")?)?;
    for file in arguments {
        let raw = model.card().input.read(&file, &std::fs::read(&file)?, None)?;
        for (name, answer) in raw.names.iter().zip(model.predict(&raw)?) {
            match answer {
                Prediction::Class(answer) => println!("{name}\t{}\t{:.4}", answer.class, answer.probability),
                Prediction::Numbers { values } => println!("{name}\t{values:?}"),
                Prediction::NotFinite => println!("{name}\tthe output is not finite"),
            }
        }
    }
    Ok(())
}
