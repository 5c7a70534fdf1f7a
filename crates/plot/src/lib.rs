//! Charts and picture sheets as small, self-contained SVG (and PNG) files.
//!
//! Every chart is a plain struct with public fields and a method `to_svg`, which checks the fields and draws;
//! [`RgbFrame::from_svg`] makes pixels of any of them. The drawing primitives are those of [`plotters`], and
//! pixels come from [`resvg`]; no system font, no C library and no display is needed, so the same bytes come
//! out on every machine.
//!
//! All SVGs share one look: a white background (fine in print and on dark pages), a `viewBox` with
//! `width="100%"` (they fit their container), 12 to 15 px text at a base width of 480 px, and the
//! colour-blind-safe palette of Okabe and Ito ([`colours`]). All text is escaped. Values that are not finite
//! leave a gap, and an empty chart says "no data" instead of failing.
//!
//! ```
//! use brasa_plot::{Line, LineChart};
//!
//! let svg = LineChart {
//!     title: "Loss".into(),
//!     x_label: "epoch".into(),
//!     y_label: "cross-entropy (nats)".into(),
//!     series: vec![Line { name: "train".into(), points: vec![(1.0, 0.9), (2.0, 0.5)], dashed: false }],
//!     marks: vec![(2.0, "best epoch".into())],
//!     ..LineChart::default()
//! }
//! .to_svg()?;
//! assert!(svg.starts_with("<svg"));
//! # Ok::<(), brasa_plot::PlotError>(())
//! ```

mod animation;
mod axis;
mod bar;
mod canvas;
mod cells;
mod cloud;
pub mod colours;
mod confusion;
mod error;
mod frame;
mod heat;
mod histogram;
mod legend;
mod line;
mod names;
mod overlay;
mod parallel;
mod plane;
mod plane_grid;
mod png;
mod predicted;
mod raster;
mod reliability;
mod residuals;
mod scatter;
mod scatter_matrix;
mod sheet;
mod strip;
mod text;

pub use animation::Animation;
pub use bar::{BarChart, BarSeries};
pub use confusion::{ConfusionChart, frequent_mistakes};
pub use error::{PlotError, Result};
pub use heat::{HeatColours, HeatGrid, HeatRange, HeatTile};
pub use histogram::{HistogramBin, HistogramChart};
pub use line::{Line, LineChart};
pub use overlay::HeatOverlay;
pub use parallel::{ParallelAxis, ParallelChart, ParallelLine};
pub use plane::{DecisionLine, DecisionPlane};
pub use plane_grid::{PlaneGrid, Regions};
pub use png::data_uri as png_data_uri;
pub use predicted::PredictedChart;
pub use raster::RgbFrame;
pub use reliability::{ReliabilityBin, ReliabilityChart};
pub use residuals::ResidualChart;
pub use scatter::Scatter;
pub use scatter_matrix::ScatterMatrix;
pub use sheet::{ImageSheet, SheetImage};
pub use strip::{Strip, StripChart};
