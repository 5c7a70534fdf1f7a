//! Inside a convolutional network.

use brasa_models::{Network, Sequential};
use brasa_plot::{HeatColours, HeatGrid, HeatOverlay, HeatRange, HeatTile, ImageSheet, SheetImage};
use burn::tensor::Tensor;

use crate::{Result, RunError};
use brasa_models::read_back;

const COLUMNS: usize = 8;

/// Side that a tile is enlarged to, about, in pixels.
const TILE: usize = 72;

const GRAD_CAM_NOTE: &str = "Right of each picture: where the network finds the class that it said, from violet (nothing) to \
                             yellow (most in this picture).";

/// Share of the map's colours in a Grad-CAM picture.
const OPACITY: f64 = 0.5;

/// The kernels of the first layer: a tile for each map, or for each channel of each map of a coloured picture.
///
/// # Errors
/// [`RunError::NoPicture`] for a network that begins otherwise.
pub fn kernels(network: &Network) -> Result<HeatGrid> {
    let weights = network.as_sequential().and_then(Sequential::first_kernels);
    let weights =
        weights.ok_or_else(|| no_picture("kernels", "the network does not begin with a convolution"))?;
    let [maps, channels, height, width] = weights.dims();
    let names = (0..maps).flat_map(|map| (0..channels).map(move |channel| (map, channel)));
    let numbers = read_back(weights, "kernels")?;
    let tiles = names.zip(numbers.chunks(height * width)).map(|((map, channel), kernel)| HeatTile {
        values: kernel.to_vec(),
        width,
        height,
        caption: vec![match channels {
            1 => format!("{}", map + 1),
            _ => format!("{}, channel {}", map + 1, channel + 1),
        }],
    });
    Ok(HeatGrid {
        title: format!("Kernels of the first layer ({height} x {width})"),
        value_label: "weight".into(),
        tiles: tiles.collect(),
        columns: if channels == 1 { COLUMNS } else { channels * (COLUMNS / channels).max(1) },
        scale: scale(width),
        colours: HeatColours::Diverging,
        range: HeatRange::Shared,
    })
}

/// The feature maps of one image after layer `layer` of [`Sequential::map_layers`].
///
/// # Shapes
/// `input [1, features]`, scaled as the network takes it.
///
/// # Errors
/// [`RunError::NoPicture`] for a network or a layer without maps.
pub fn feature_maps(network: &Network, input: Tensor<2>, layer: usize) -> Result<HeatGrid> {
    let cnn = cnn(network, "feature maps")?;
    let name = layer_name(cnn, layer)?;
    let maps = cnn.maps(input, layer).ok_or_else(|| no_layer(cnn, &layer.to_string()))?;
    let [_, _, height, width] = maps.dims();
    let numbers = read_back(maps, "feature maps")?;
    let tiles = numbers.chunks(height * width).enumerate().map(|(map, values)| HeatTile {
        values: values.to_vec(),
        width,
        height,
        caption: vec![format!("{}", map + 1)],
    });
    Ok(HeatGrid {
        title: format!("Feature maps after {name}"),
        value_label: "activation".into(),
        tiles: tiles.collect(),
        columns: COLUMNS,
        scale: scale(width),
        colours: HeatColours::Sequential,
        range: HeatRange::EachTile,
    })
}

/// Each picture beside the places that speak for its class (Grad-CAM): `classes` are the class numbers asked about.
///
/// # Shapes
/// `input [pictures, features]`, scaled as the network takes it.
///
/// # Errors
/// As [`feature_maps`]; [`RunError::Plot`] where a picture cannot be drawn.
pub fn grad_cam(
    network: &Network,
    input: Tensor<2>,
    pictures: Vec<SheetImage>,
    classes: &[usize],
    layer: usize,
) -> Result<ImageSheet> {
    let cnn = cnn(network, "Grad-CAM")?;
    layer_name(cnn, layer)?;
    let mut images = Vec::new();
    let mut widest = 1;
    for (row, (picture, &class)) in pictures.into_iter().zip(classes).enumerate() {
        let heat = cnn.grad_cam(input.clone().narrow(0, row, 1), layer, class);
        let heat = heat.ok_or_else(|| no_layer(cnn, &layer.to_string()))?;
        let [_, heat_height, heat_width] = heat.dims();
        let heat = read_back(heat, "class map")?;
        widest = widest.max(picture.width);
        let caption = picture.caption.clone();
        let overlay = HeatOverlay { picture, heat, heat_width, heat_height, opacity: OPACITY, caption };
        images.push(overlay.beside()?);
    }
    let note = GRAD_CAM_NOTE.to_string();
    Ok(ImageSheet { images, columns: 5, scale: scale(widest as usize), note })
}

/// The layer called `wanted`: all of its name as the summary shows it (`layers.4 conv 32 5x5`), `layers.4`, `4`, or the
/// first that has the words `conv 32 5x5`.
///
/// # Errors
/// [`RunError::NoPicture`] with the layers there are.
pub fn find_layer(network: &Network, wanted: &str) -> Result<usize> {
    let cnn = cnn(network, "feature maps")?;
    let named = |name: &str| {
        name == wanted
            || name.split_once(' ').is_some_and(|(place, words)| {
                [words, place, place.trim_start_matches("layers.")].contains(&wanted)
            })
    };
    let layers = cnn.map_layers();
    let found = layers.iter().find(|(_, name)| named(name));
    found.map(|(index, _)| *index).ok_or_else(|| no_layer(cnn, wanted))
}

/// The layer to look at where none is named: the `first` or else the last one that computes maps, after its
/// activation.
///
/// # Errors
/// [`RunError::NoPicture`] for a network without such a layer.
pub fn default_layer(network: &Network, first: bool) -> Result<usize> {
    let cnn = cnn(network, "feature maps")?;
    let found = if first { cnn.first_computed_maps() } else { cnn.last_computed_maps() };
    found.ok_or_else(|| no_picture("feature maps", "the network has no convolution"))
}

fn scale(side: usize) -> u32 {
    (TILE / side.max(1)).clamp(1, 12) as u32
}

fn cnn<'a>(network: &'a Network, what: &'static str) -> Result<&'a Sequential> {
    network.as_sequential().ok_or_else(|| no_picture(what, "the network is not convolutional"))
}

fn layer_name(cnn: &Sequential, layer: usize) -> Result<String> {
    let name = cnn.map_layers().into_iter().find(|(index, _)| *index == layer);
    name.map(|(_, name)| name.to_string()).ok_or_else(|| no_layer(cnn, &layer.to_string()))
}

fn no_layer(cnn: &Sequential, wanted: &str) -> RunError {
    let layers: Vec<&str> = cnn.map_layers().into_iter().map(|(_, name)| name).collect();
    no_picture("feature maps", &format!("no layer `{wanted}`; those with maps are {}", layers.join(", ")))
}

fn no_picture(what: &'static str, problem: &str) -> RunError {
    RunError::NoPicture { what, problem: problem.into() }
}
