//! Trainings that a tracking server follows, where the binary was built with one.

#[cfg(not(feature = "mlflow"))]
mod absent;
#[cfg(feature = "mlflow")]
mod mlflow;

#[cfg(not(feature = "mlflow"))]
pub(crate) use absent::*;
#[cfg(feature = "mlflow")]
pub(crate) use mlflow::*;
