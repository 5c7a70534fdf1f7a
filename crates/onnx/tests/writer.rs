//! What is written, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasa_onnx::{Data, Dim, Element, Graph, OnnxError, Operator, Opset, initializers};

/// A graph that is whole but for what `change` does to it.
fn finish(change: impl Fn(&mut Graph)) -> Result<Vec<u8>, OnnxError> {
    let mut graph = Graph::new("test");
    let x = graph.input("x", Element::F32, &[Dim::named("batch"), 2.into()]);
    let y = graph.node("Relu", &[&x], []);
    graph.output("y", &y, Element::F32, &[Dim::named("batch"), 2.into()]);
    change(&mut graph);
    graph.finish(Opset::V17, "test", "1")
}

#[track_caller]
fn refuses(change: impl Fn(&mut Graph), words: &[&str]) {
    let error = finish(change).unwrap_err();
    assert!(matches!(error, OnnxError::Graph { .. }), "{error}");
    let error = error.to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
}

#[test]
fn equal_calls_give_equal_bytes() {
    let build = |graph: &mut Graph| {
        graph.doc("twice");
        graph.metadata("key", "value");
        let w = graph.initializer("w", &[1], vec![1.0_f32]);
        let _ = graph.nodes("Split", &[Some(&w), None], [("axis", 0.into())], 2);
        let _ = graph.node(Operator::ml("Normalizer"), &[&w], [("norm", "MAX".into())]);
    };
    let bytes = finish(build).unwrap();
    assert_eq!(bytes, finish(build).unwrap());
    for text in ["twice", "key", "value", "ai.onnx.ml", "Split_1_0", "Split_1_1", "Normalizer_2"] {
        assert!(bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
    }
    assert!(finish(|graph| graph.doc("other")).unwrap() != bytes);
}

#[test]
fn what_is_written_is_read_again() {
    let data: [Data; 7] = [
        vec![1.5_f32, f32::MIN_POSITIVE].into(),
        vec![i64::MIN, i64::MAX].into(),
        vec![i8::MIN, i8::MAX].into(),
        vec![0_u8, 255].into(),
        vec![true, false].into(),
        ["no", "sí"].as_slice().into(),
        vec![0.1_f64, -0.0].into(),
    ];
    let bytes = finish(|graph| {
        for data in &data {
            graph.initializer(data.element().to_string(), &[2, 1], data.clone());
        }
        graph.constant_f32(0.5);
        graph.constant_i64(&[-1, 3]);
        graph.constant(&[0], Vec::<String>::new());
    });
    let read = initializers(&bytes.unwrap()).unwrap();
    for (initializer, data) in read.iter().zip(&data) {
        assert_eq!(initializer.name, initializer.element().to_string());
        assert_eq!((&initializer.shape[..], &initializer.data), (&[2, 1][..], data));
    }
    let rest: Vec<_> = read[data.len()..].iter().map(|read| (&read.shape[..], read.data.clone())).collect();
    let expected: [(&[usize], Data); 3] =
        [(&[], vec![0.5_f32].into()), (&[2], vec![-1_i64, 3].into()), (&[0], Data::String(Vec::new()))];
    assert_eq!(rest, expected);
}

#[test]
fn generated_names_give_way_to_the_callers() {
    let bytes = finish(|graph| {
        let w = graph.initializer("Abs_1", &[1], vec![1.0_f32]);
        let _ = graph.node("Abs", &[&w], []);
    });
    let bytes = bytes.unwrap();
    assert!(bytes.windows(6).any(|window| window == b"Abs_1_"));
}

#[test]
fn names_are_unique_and_not_empty() {
    refuses(|graph| drop(graph.input("x", Element::F32, &[])), &["\"test\"", "\"x\" twice"]);
    refuses(|graph| drop(graph.initializer("y", &[], vec![1_u8])), &["\"y\" twice"]);
    refuses(|graph| drop(graph.initializer("", &[], vec![1_u8])), &["found none"]);
    refuses(|graph| drop(graph.input("z", Element::F32, &[Dim::named("")])), &["\"z\"", "dimensions"]);
    refuses(|graph| drop(graph.node("", &[], [])), &["node 1", "operator"]);
    refuses(|graph| drop(graph.node("Relu", &[], [("a", 1.into()), ("a", 1.into())])), &["node 1", "\"a\""]);
    let twice = |graph: &mut Graph| {
        graph.metadata("key", "one");
        graph.metadata("key", "two");
    };
    refuses(twice, &["metadata", "\"key\""]);
}

#[test]
fn shapes_have_as_many_elements_as_there_are() {
    refuses(|graph| drop(graph.initializer("w", &[2, 2], vec![1_u8])), &["\"w\"", "4 elements", "found 1"]);
    refuses(|graph| drop(graph.constant(&[usize::MAX, 2], vec![1_u8])), &["a constant", "fewer"]);
    refuses(|graph| drop(graph.input("z", Element::F32, &[usize::MAX.into()])), &["2^63"]);
}

#[test]
fn values_of_other_graphs_are_refused() {
    let mut other = Graph::new("other");
    let foreign = other.input("x", Element::F32, &[]);
    refuses(|graph| drop(graph.node("Relu", &[&foreign], [])), &["node 1 (Relu): input 0", "\"other\""]);
    refuses(|graph| graph.output("z", &foreign, Element::F32, &[]), &["output \"z\"", "\"other\""]);
    // Of an equal name, too.
    let foreign = Graph::new("test").input("x", Element::F32, &[]);
    refuses(|graph| drop(graph.node("Relu", &[&foreign], [])), &["another graph"]);
}

#[test]
fn the_first_fault_is_told() {
    let faults = |graph: &mut Graph| {
        graph.metadata("", "");
        graph.metadata("second", "");
        graph.metadata("second", "");
    };
    refuses(faults, &["found \"\""]);
    let empty = Graph::new("empty").finish(Opset::V18, "test", "1").unwrap_err().to_string();
    assert!(empty.contains("outputs: expected at least one"), "{empty}");
    let nameless = Graph::new("").finish(Opset::V18, "test", "1").unwrap_err().to_string();
    assert!(nameless.contains("its name"), "{nameless}");
}
