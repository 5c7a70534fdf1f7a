//! Pictures of what a model has learned and of what it was given: kernels, feature maps, where it looks, its decision
//! regions, its mistakes, samples.

mod augmented;
mod maps;
mod mistakes;
mod pictures;
mod regions;

pub use augmented::augment_sheet;
pub use maps::{default_layer, feature_maps, find_layer, grad_cam, kernels};
pub use mistakes::mistakes;
pub(crate) use mistakes::probability;
pub use pictures::{first_of_each_class, picture, sample_sheet};
pub use regions::{points_by_class, regions};
