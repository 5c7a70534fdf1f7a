//! Decision planes and animations: what is seen where, and what is refused.

use brasa_plot::colours::categorical;
use brasa_plot::{Animation, DecisionLine, DecisionPlane, PlaneGrid, PlotError, Regions, RgbFrame};

fn plane() -> DecisionPlane {
    let grid = PlaneGrid { x: (0.0, 1.0), y: (0.0, 1.0), columns: 2, rows: 2 };
    DecisionPlane {
        title: "Two classes".into(),
        x_label: "x1".into(),
        y_label: "x2".into(),
        groups: vec![("left".into(), vec![(0.1, 0.1)]), ("right".into(), vec![(0.9, 0.9)])],
        regions: Some(Regions::of_classifier(grid, |x, _| usize::from(x > 0.5))),
        ..DecisionPlane::default()
    }
}

/// The pixel at a share of the width and the height.
fn pixel(picture: &RgbFrame, x: f64, y: f64) -> [u8; 3] {
    let column = (x * f64::from(picture.width)) as usize;
    let row = (y * f64::from(picture.height)) as usize;
    let start = (row * picture.width as usize + column) * 3;
    picture.pixels[start..start + 3].try_into().unwrap()
}

#[test]
fn regions_have_the_light_colour_of_their_class_in_the_pixels_too() {
    let picture = plane().to_rgb().unwrap();
    let distance = |seen: [u8; 3], class: usize| {
        let (r, g, b) = categorical(class);
        seen.iter().zip([r, g, b]).map(|(&a, b)| u32::from(a).abs_diff(u32::from(b))).sum::<u32>()
    };
    let (left, right) = (pixel(&picture, 0.4, 0.52), pixel(&picture, 0.7, 0.52));
    assert!(distance(left, 0) < distance(left, 1), "{left:?}");
    assert!(distance(right, 1) < distance(right, 0), "{right:?}");
    assert!(left.iter().chain(&right).all(|&channel| channel > 150), "light: {left:?} {right:?}");
}

#[test]
fn text_is_drawn_in_the_pixels() {
    let dark = |plane: &DecisionPlane| {
        let picture = plane.to_rgb().unwrap();
        let header = picture.width as usize * 3 * 50;
        picture.pixels[..header].chunks(3).filter(|p| p.iter().all(|&channel| channel < 0x60)).count()
    };
    let without = DecisionPlane { title: String::new(), ..plane() };
    assert!(dark(&plane()) > dark(&without) + 200);
}

#[test]
fn points_and_lines_outside_the_ranges_are_not_drawn() {
    let line = Some(DecisionLine { w1: 1.0, w2: 1.0, b: -1.0 });
    let markers = |plane: &DecisionPlane| {
        let svg = plane.to_svg().unwrap();
        (svg.matches("fill=\"#0072B2\"").count(), svg.matches("stroke=\"#222222\"").count())
    };
    let whole = DecisionPlane { line, ..plane() };
    let (points, lines) = markers(&whole);
    let zoomed = DecisionPlane { x_range: Some((0.6, 1.0)), y_range: Some((0.6, 1.0)), ..whole };
    assert_eq!(markers(&zoomed), (points - 1, lines - 1));
}

#[test]
fn one_frame_stays_for_the_time_it_is_given_and_the_last_is_the_still_picture() {
    let frame = |grey: u8| RgbFrame { width: 3, height: 2, pixels: vec![grey; 18] };
    let frames = vec![frame(10), frame(20), frame(30)];
    let file = Animation { frames, milliseconds_each: 120, last_milliseconds: 2500 }.to_apng().unwrap();
    assert_eq!(image::load_from_memory(&file).unwrap().to_rgb8().get_pixel(0, 0).0, [30; 3]);

    let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    assert_eq!(reader.info().animation_control().unwrap().num_frames, 3);
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let mut seen = Vec::new();
    reader.next_frame(&mut pixels).unwrap();
    for _ in 0..3 {
        reader.next_frame(&mut pixels).unwrap();
        let control = reader.info().frame_control().unwrap();
        seen.push((pixels[0], f64::from(control.delay_num) / f64::from(control.delay_den)));
    }
    assert_eq!(seen, [(10, 0.12), (20, 0.12), (30, 2.5)]);
}

#[test]
fn wrong_shapes_are_refused_with_the_place() {
    let grid = PlaneGrid { x: (0.0, 1.0), y: (0.0, 1.0), columns: 3, rows: 2 };
    let short = DecisionPlane { regions: Some(Regions::Classes { grid, classes: vec![0; 5] }), ..plane() };
    assert_eq!(
        short.to_svg().unwrap_err().to_string(),
        "decision regions: 3 x 2 cells need 6 values, but 5 came"
    );
    let empty = DecisionPlane { x_range: Some((2.0, 2.0)), ..plane() };
    assert_eq!(
        empty.to_svg().unwrap_err().to_string(),
        "horizontal axis of \"Two classes\": the range 2 to 2 is empty; give finite numbers, the lower one first"
    );
    let frame = |width: u32| RgbFrame { width, height: 1, pixels: vec![0; width as usize * 3] };
    let animation = |frames| Animation { frames, milliseconds_each: 1, last_milliseconds: 1 }.to_apng();
    assert!(matches!(animation(vec![]), Err(PlotError::NoPictures)));
    assert!(matches!(
        animation(vec![frame(2), frame(3)]),
        Err(PlotError::FrameDiffers { frame: 1, width: 3, first_width: 2, .. })
    ));
    let torn = RgbFrame { width: 2, height: 2, pixels: vec![0; 11] };
    assert!(matches!(animation(vec![torn]), Err(PlotError::FrameSize { frame: 0, found: 11, .. })));
}
