//! Picture sheets: the pixels that go in come out, and wrong shapes are refused.

use brasa_plot::{ImageSheet, PlotError, SheetImage};

fn picture(pixels: Vec<u8>, width: u32, height: u32, channels: u8) -> SheetImage {
    SheetImage { pixels, width, height, channels, caption: vec!["caption".into()] }
}

#[test]
fn a_png_sheet_holds_every_pixel_enlarged() {
    let grey = picture(vec![10, 20, 30, 40], 2, 2, 1);
    let red = picture(vec![200, 0, 0], 1, 1, 3);
    let sheet =
        ImageSheet { images: vec![grey.clone(), red, grey], columns: 2, scale: 3, note: String::new() };
    let decoded = image::load_from_memory(&sheet.to_png().unwrap()).unwrap().to_rgb8();
    assert_eq!(decoded.dimensions(), (6 + 2 + 6, 6 + 2 + 6));
    let at = |x, y| decoded.get_pixel(x, y).0;
    assert_eq!(at(0, 0), [10; 3]);
    assert_eq!(at(5, 5), [40; 3]);
    assert_eq!(at(6, 0), [255; 3], "gap");
    assert_eq!(at(8, 0), [200, 0, 0]);
    assert_eq!(at(11, 0), [255; 3], "beside the smaller picture");
    assert_eq!(at(3, 8), [20; 3]);
}

#[test]
fn an_svg_sheet_embeds_every_picture_and_its_caption() {
    let sheet = ImageSheet {
        images: vec![picture(vec![1; 12], 2, 2, 3); 5],
        columns: 3,
        scale: 4,
        note: String::new(),
    };
    let svg = sheet.to_svg().unwrap();
    assert_eq!(svg.matches("href=\"data:image/png;base64,iVBOR").count(), 5);
    assert_eq!(svg.matches("caption").count(), 5);
}

#[test]
fn wrong_shapes_are_refused_with_their_index() {
    let good = picture(vec![0; 4], 2, 2, 1);
    let sheet = |bad: SheetImage| ImageSheet {
        images: vec![good.clone(), bad],
        columns: 2,
        scale: 1,
        note: String::new(),
    };
    let short = sheet(picture(vec![0; 11], 2, 2, 3)).to_svg().unwrap_err();
    assert_eq!(short.to_string(), "picture 1: 2 x 2 pixels with 3 channel(s) need 12 bytes, but 11 came");
    assert!(matches!(
        sheet(picture(vec![0; 8], 2, 2, 2)).to_png(),
        Err(PlotError::Channels { picture: 1, found: 2 })
    ));
    assert!(matches!(sheet(picture(vec![], 0, 5, 1)).to_png(), Err(PlotError::EmptyPicture { .. })));
    let huge = picture(vec![0; 4], u32::MAX, u32::MAX, 3);
    assert!(matches!(sheet(huge).to_svg(), Err(PlotError::PixelCount { .. })));
    let sheet = ImageSheet { images: vec![good.clone()], columns: 0, scale: 1, note: String::new() };
    assert!(matches!(sheet.to_svg(), Err(PlotError::ZeroSetting { setting: "columns" })));
    let sheet = ImageSheet { images: vec![good], columns: 1, scale: 100_000, note: String::new() };
    assert!(matches!(sheet.to_png(), Err(PlotError::TooLarge { width: 200_000, .. })));
}

#[test]
fn a_note_stands_below_the_pictures_and_is_broken_to_their_width() {
    let sheet = |note: &str| ImageSheet {
        images: vec![picture(vec![9; 100], 10, 10, 1); 3],
        columns: 3,
        scale: 4,
        note: note.into(),
    };
    let height = |svg: &str| {
        let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split('"').next().unwrap();
        size.split(' ').nth(1).unwrap().parse::<f64>().unwrap()
    };
    let without = sheet("").to_svg().unwrap();
    let with = sheet("yellow is where it looked, violet where it did not").to_svg().unwrap();
    assert!(height(&with) > height(&without));
    assert!(with.contains("\nyellow is where"), "{with}");
    assert!(!with.contains("looked, violet where it did not"), "one line would be wider than the sheet");
    assert_eq!(sheet("x").to_png().unwrap(), sheet("").to_png().unwrap(), "pixels alone");
}
