use brasa_plot::PlotError;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A chart or a picture of the report could not be drawn.
    #[error("the report's picture {picture:?} could not be drawn: {source}")]
    Picture {
        /// Name of the picture, without its file ending.
        picture: String,
        /// What is wrong with it.
        source: PlotError,
    },
}
