//! Splits that the data bring along: a column, or a file for each, in every format that can.

use brasa_data::{DataConfig, Files, Labelled, Result, Role, Split, load, make_split};

fn read(recipe: &str, files: &[(&str, &str)]) -> Result<(Labelled, Split)> {
    let config: DataConfig = toml::from_str(recipe).unwrap();
    let config = config.check()?;
    let files = files.iter().map(|&(name, text)| -> (&'static str, &'static [u8]) {
        (name.to_owned().leak(), text.as_bytes().to_vec().leak())
    });
    let files: &'static [(&'static str, &'static [u8])] = files.collect::<Vec<_>>().leak();
    let data = load(&config, &Files::embedded(files))?;
    let split = make_split(&data, config.split())?;
    Ok((data, split))
}

fn message(recipe: &str, files: &[(&str, &str)]) -> String {
    read(recipe, files).unwrap_err().to_string().replace(" (embedded)", "")
}

fn split(train: &[usize], valid: &[usize], test: &[usize]) -> Split {
    Split { train: train.to_vec(), valid: valid.to_vec(), test: test.to_vec() }
}

const GIVEN: &str = "[split]\nkind = \"given\"\n";

#[test]
fn tables_come_in_a_file_for_each_split() {
    let recipe = format!(
        "[csv]\nfiles = {{ train = \"a.csv\", valid = \"b.csv\", test = \"c.csv\" }}\ntarget = \"y\"\n{GIVEN}"
    );
    // The columns of the others are found by name, and their classes are numbered with all.
    let a = "x,z,y\n1,2,oak\n3,4,oak\n";
    let (b, c) = ("y,z,x\nelm,20,10\n", "z,x,y\n40,30,ash\n");
    let (data, found) = read(&recipe, &[("a.csv", a), ("b.csv", b), ("c.csv", c)]).unwrap();
    assert_eq!(found, split(&[0, 1], &[2], &[3]));
    assert_eq!(
        (data.class_names().join(" "), data.labels()),
        ("ash elm oak".into(), [2, 2, 1, 0].as_slice())
    );
    let rows = (0..4).map(|row| data.samples.row_f32(row)).collect::<Vec<_>>();
    assert_eq!(rows, [[1.0, 2.0], [3.0, 4.0], [10.0, 20.0], [30.0, 40.0]]);
    assert_eq!(
        data.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(),
        ["a.csv", "b.csv", "c.csv"]
    );

    let lacking = message(&recipe, &[("a.csv", a), ("b.csv", "y,x\nelm,1\n"), ("c.csv", c)]);
    assert_eq!(lacking, "b.csv: there is no column `z`; the columns are `y`, `x`");
    let one = message(&recipe, &[("a.csv", a), ("b.csv", "x,z,y\n1,2,oak\n"), ("c.csv", "x,z,y\n1,2,oak\n")]);
    assert!(one.contains("all rows are of the class `oak`"), "{one}");
}

#[test]
fn a_dropped_column_may_be_absent_from_the_files_of_the_other_splits() {
    let recipe = format!(
        "[csv]\nfiles = {{ train = \"a.csv\", valid = \"b.csv\", test = \"c.csv\" }}\ntarget = \"y\"\n\
         drop = [\"id\"]\n{GIVEN}"
    );
    let files = [("a.csv", "id,x,y\na,1,oak\n"), ("b.csv", "x,y\n2,elm\n"), ("c.csv", "y,id,x\noak,c,3\n")];
    let (data, _) = read(&recipe, &files).unwrap();
    assert_eq!(data.feature_names, ["x"]);
    assert_eq!((0..3).map(|row| data.samples.row_f32(row)).collect::<Vec<_>>(), [[1.0], [2.0], [3.0]]);
    let lacking = message(&recipe, &[("a.csv", "x,y\n1,oak\n"), files[1], files[2]]);
    assert_eq!(lacking, "a.csv: there is no column `id`; the columns are `x`, `y`");
}

#[test]
fn without_a_validation_file_validation_is_cut_from_training() {
    let recipe = format!(
        "[csv]\nfiles = {{ train = \"a.csv\", test = \"c.csv\" }}\ntarget = \"y\"\n{GIVEN}valid = 0.25\n"
    );
    let a =
        "x,y\n".to_owned() + &(0..16).map(|n| format!("{n},{}\n", ["oak", "elm"][n % 2])).collect::<String>();
    let files = [("a.csv", a.as_str()), ("c.csv", "x,y\n50,oak\n51,elm\n")];
    let (data, found) = read(&recipe, &files).unwrap();
    assert_eq!((found.train.len(), found.valid.len(), found.test), (12, 4, vec![16, 17]));
    assert_eq!(data.class_counts(&found.valid), [2, 2], "by class");

    let grouped = recipe.replace("target", "group = \"g\"\ntarget");
    let a = "x,g,y\n".to_owned()
        + &(0..16).map(|n| format!("{n},g{},{}\n", n / 2, ["oak", "elm"][n / 2 % 2])).collect::<String>();
    let (data, found) = read(&grouped, &[("a.csv", &a), ("c.csv", "x,g,y\n50,h,oak\n51,h,elm\n")]).unwrap();
    assert_eq!(data.group_names.len(), 9);
    assert!(found.valid.chunks(2).all(|pair| pair[0] / 2 == pair[1] / 2), "{:?}", found.valid);
    assert_eq!((found.train.len(), found.valid.len()), (12, 4));
}

#[test]
fn numbers_to_predict_come_in_files_too() {
    let recipe = format!(
        "task = \"regression\"\n[csv]\nfiles = {{ train = \"a.csv\", valid = \"b.csv\" }}\ntarget = [\"u\", \"v\"]\n{GIVEN}"
    );
    let (data, found) =
        read(&recipe, &[("a.csv", "x,u,v\n1,2,3\n4,5,6\n"), ("b.csv", "v,u,x\n9,8,7\n")]).unwrap();
    assert_eq!(data.numbers().unwrap().values, [2.0, 3.0, 5.0, 6.0, 8.0, 9.0]);
    assert_eq!(found, split(&[0, 1], &[2], &[]));
}

#[test]
fn a_column_names_the_splits_by_any_words() {
    let names = "split_names = { train = \"A\", valid = \"B\", test = \"C\" }\n";
    let recipe = format!("[csv]\nfile = \"a.csv\"\ntarget = \"y\"\nsplit = \"use\"\n{names}{GIVEN}");
    let (data, found) = read(&recipe, &[("a.csv", "x,use,y\n1,A,n\n2,C,p\n3,B,p\n")]).unwrap();
    assert_eq!(
        (data.feature_names.as_slice(), found),
        (["x".to_owned()].as_slice(), split(&[0], &[2], &[1]))
    );
    let other = message(&recipe, &[("a.csv", "x,use,y\n1,A,n\n2,train,p\n")]);
    assert_eq!(other, "a.csv: line 3, column `use`: expected A, B or C, found `train`");
    // The key's old name.
    let old = recipe.replace("split = \"use\"\n", "side = \"use\"\n");
    assert_eq!(
        read(&old, &[("a.csv", "x,use,y\n1,A,n\n2,C,p\n3,B,p\n")]).unwrap().1,
        split(&[0], &[2], &[1])
    );
}

const SERIES: &str = "[series]\nseries = \"id\"\nstep = \"t\"\nfeatures = [\"v\"]\ntarget = \"y\"\n";

#[test]
fn series_come_with_a_column_of_splits_or_a_file_for_each() {
    let x = "id,t,v\na,0,1\na,1,2\nb,0,3\nb,1,4\nc,0,5\nc,1,6\n";
    let labels = "id,y,use\nc,q,test\na,p,train\nb,q,valid\n";
    let recipe = format!("{SERIES}file = \"x.csv\"\nlabels = \"y.csv\"\nsplit = \"use\"\n{GIVEN}");
    let expected = split(&[0], &[1], &[2]);
    let (data, found) = read(&recipe, &[("x.csv", x), ("y.csv", labels)]).unwrap();
    assert_eq!((data.labels(), &found), ([0, 1, 1].as_slice(), &expected));
    let wrong = message(&recipe, &[("x.csv", x), ("y.csv", &labels.replace("valid", "later"))]);
    assert_eq!(wrong, "y.csv: line 4, column `use`: expected train, valid or test, found `later`");

    // The same in every row of the readings.
    let rows =
        "id,t,v,y,use\na,0,1,p,train\na,1,2,p,train\nb,0,3,q,val\nb,1,4,q,val\nc,0,5,q,test\nc,1,6,q,test\n";
    let recipe = format!("{SERIES}file = \"x.csv\"\nsplit = \"use\"\n{GIVEN}");
    assert_eq!(read(&recipe, &[("x.csv", rows)]).unwrap().1, expected);
    let two = message(&recipe, &[("x.csv", &rows.replace("1,2,p,train", "1,2,p,test"))]);
    assert!(two.contains("series `a`") && two.contains("`train`") && two.contains("`test`"), "{two}");

    let files = "files = { train = \"a.csv\", valid = \"b.csv\", test = \"c.csv\" }\n";
    let labels = "labels = { train = \"ya.csv\", valid = \"yb.csv\", test = \"yc.csv\" }\n";
    let recipe = format!("{SERIES}{files}{labels}{GIVEN}");
    let parts = [
        ("a.csv", "id,t,v\na,0,1\na,1,2\n"),
        ("ya.csv", "id,y\na,p\n"),
        ("b.csv", "id,t,v\nb,0,3\nb,1,4\n"),
        ("yb.csv", "id,y\nb,q\n"),
        ("c.csv", "id,t,v\nc,0,5\nc,1,6\n"),
        ("yc.csv", "id,y\nc,q\n"),
    ];
    let (joined, found) = read(&recipe, &parts).unwrap();
    assert_eq!((&joined.samples, joined.labels(), found), (&data.samples, data.labels(), expected));
}

#[test]
fn texts_come_with_a_field_of_splits_or_a_file_for_each() {
    let lines = "{\"title\":\"red cup\",\"category\":\"A\",\"use\":\"train\"}\n{\"title\":\"blue cup\",\"category\":\"B\",\"use\":\"valid\"}\n\
        {\"title\":\"red hat\",\"category\":\"A\",\"use\":\"test\"}\n";
    let table = "title,use,category\nred cup,train,A\nblue cup,valid,B\nred hat,test,A\n";
    let expected = split(&[0], &[1], &[2]);
    for (name, text) in [("x.jsonl", lines), ("x.csv", table)] {
        let recipe = format!("[text]\nfile = \"{name}\"\nsplit = \"use\"\n{GIVEN}");
        let (data, found) = read(&recipe, &[(name, text)]).unwrap();
        assert_eq!((data.labels(), &found), ([0, 1, 0].as_slice(), &expected), "{name}");
        let wrong = message(&recipe, &[(name, &text.replace("valid", "later"))]);
        assert!(wrong.contains("`use`: expected train, valid or test, found `later`"), "{wrong}");
    }
    let recipe =
        format!("[text]\nfiles = {{ train = \"a.csv\", valid = \"b.csv\", test = \"c.csv\" }}\n{GIVEN}");
    let parts = [
        ("a.csv", "title,category\nred cup,A\n"),
        ("b.csv", "title,category\nblue cup,B\n"),
        ("c.csv", "title,category\nred hat,A\n"),
    ];
    let (data, found) = read(&recipe, &parts).unwrap();
    assert_eq!((data.labels(), found), ([0, 1, 0].as_slice(), expected));
    // One vocabulary over all.
    assert_eq!(data.text.unwrap().vocabulary, ["cup", "red", "blue", "hat"]);
}

#[test]
fn images_as_text_have_the_names_of_their_splits_in_the_recipe() {
    let names = "split_names = { train = \"Training\", valid = \"PublicTest\", test = \"PrivateTest\" }\n";
    let table = "[pixels]\nfile = \"f.csv\"\npixels = \"p\"\nlabel = \"l\"\nsize = [1, 2]\nclasses = [\"a\", \"b\"]\nsplit = \"use\"\n";
    let text = "l,p,use\n0,1 2,Training\n1,3 4,PublicTest\n0,5 6,PrivateTest\n";
    assert_eq!(
        read(&format!("{table}{names}{GIVEN}"), &[("f.csv", text)]).unwrap().1,
        split(&[0], &[1], &[2])
    );
    // Without names they are called as everywhere.
    let plain = text.replace("PublicTest", "valid").replace("PrivateTest", "test");
    assert_eq!(read(&format!("{table}{GIVEN}"), &[("f.csv", &plain)]).unwrap().1, split(&[0], &[1], &[2]));
    let wrong = message(&format!("{table}{GIVEN}"), &[("f.csv", text)]);
    assert_eq!(wrong, "f.csv: line 3, column `use`: expected train, valid or test, found `PublicTest`");
}

#[test]
fn keys_that_contradict_each_other_say_so() {
    for (recipe, expected) in [
        (
            "[csv]\nfile = \"a\"\nfiles = { train = \"a\", test = \"b\" }\ntarget = \"y\"",
            "`csv.files`: `file` is there, too; keep one of them",
        ),
        (
            "[csv]\nfiles = { train = \"a\" }\ntarget = \"y\"",
            "`csv.files`: names the training file alone; use the key `file`, or name a test file, too",
        ),
        ("[csv]\nfiles = { train = \"a\", test = \"a\" }\ntarget = \"y\"", "`csv.files`: names `a` twice"),
        (
            "[csv]\nfiles = { train = \"a\", test = \"b\" }\ntarget = \"y\"\nsplit = \"s\"",
            "`csv.split`: `files` gives the splits, too; keep one of them",
        ),
        (
            "[csv]\nfile = \"a\"\ntarget = \"y\"\nsplit_names = { train = \"A\" }",
            "`csv.split_names`: needs `split`, the column in which these names are",
        ),
        (
            "[csv]\nfile = \"a\"\ntarget = \"y\"\ndrop = [\"y\"]",
            "`csv.drop`: `y` is the target, group or split column, which is no feature anyway",
        ),
        (
            "[csv]\nfile = \"a\"\ntarget = \"y\"\ndrop = [\"a\"]\nfeatures = [\"b\"]",
            "`csv.drop`: `features` names the columns that stay; keep one of them",
        ),
        (
            "[text]\nfiles = { train = \"a.csv\", test = \"b.csv\" }\nsplit = \"s\"",
            "`text.split`: `files` gives the splits, too; keep one of them",
        ),
        (
            &format!("{SERIES}files = {{ train = \"a\", test = \"b\" }}\nlabels = \"y\""),
            "`series.labels`: names one file; give one for each of `files`: labels = { train = \"...\", ... }",
        ),
        (
            &format!("{SERIES}files = {{ train = \"a\", test = \"b\" }}\nlabels = {{ train = \"y\" }}"),
            "`series.labels`: names no file for test, and `files` does",
        ),
        (
            &format!("{SERIES}file = \"a\"\n{GIVEN}"),
            "`split.kind`: \"given\" needs in [data.series] the key `split`, a column that says which split each row belongs to, or `files`, with a file for each split",
        ),
    ] {
        let config: DataConfig = toml::from_str(recipe).unwrap();
        assert_eq!(config.check().unwrap_err().to_string(), format!("[data] {expected}"));
    }
}

#[test]
fn dropped_columns_are_no_features_and_must_exist() {
    let recipe = "[csv]\nfile = \"a.csv\"\ntarget = \"y\"\ndrop = [\"Id\", \"note\"]\n";
    let text = "Id,x,note,y\n1,5,first,n\n2,6,second,p\n3,7,third,n\n4,8,fourth,p\n5,9,,n\n6,9,,p\n";
    let files = [("a.csv", text)];
    let config: DataConfig = toml::from_str(&format!("{recipe}[split]\nvalid = 0.4\n")).unwrap();
    let _ = config.check().unwrap();
    let (data, _) = read(&format!("{recipe}[split]\nvalid = 0.4\n"), &files).unwrap();
    assert_eq!(
        (data.feature_names.as_slice(), data.samples.row_f32(1)),
        (["x".to_owned()].as_slice(), vec![6.0])
    );
    let missing = message(&recipe.replace("note", "notes"), &files);
    assert_eq!(missing, "a.csv: there is no column `notes`; the columns are `Id`, `x`, `note`, `y`");
}

#[test]
fn labels_that_look_alike_are_one_class_in_every_format() {
    let accents = ["caf\u{e9}", "cafe\u{301}", " caf\u{e9}\u{200b}", "tea", "tea\u{a0}", "tea"];
    let csv = "x,y\n".to_owned()
        + &accents.iter().enumerate().map(|(n, y)| format!("{n},{y}\n")).collect::<String>();
    let text =
        "title,category\n".to_owned() + &accents.iter().map(|y| format!("cup,{y}\n")).collect::<String>();
    let series = "id,t,v,y\n".to_owned()
        + &accents.iter().enumerate().map(|(n, y)| format!("s{n},0,1,{y}\n")).collect::<String>();
    let recipes = [
        ("[csv]\nfile = \"f.csv\"\ntarget = \"y\"\n".to_owned(), csv),
        ("[text]\nfile = \"f.csv\"\n".to_owned(), text),
        (format!("{SERIES}file = \"f.csv\"\n"), series),
    ];
    for (recipe, content) in recipes {
        let (data, _) = read(&format!("{recipe}[split]\nvalid = 0.4\n"), &[("f.csv", &content)]).unwrap();
        assert_eq!(data.class_names(), ["caf\u{e9}", "tea"], "{recipe}");
        assert_eq!(data.labels(), [0, 0, 0, 1, 1, 1], "{recipe}");
        assert!(data.warnings.is_empty(), "{recipe}");
    }
}

#[test]
fn what_looks_like_an_accident_is_among_the_warnings_of_what_is_loaded() {
    let text = "Id,x,y\n".to_owned()
        + &(0..12)
            .map(|n| format!("{n},{},{}\n", n * n % 7, ["cat", "Cat", "dog"][n % 3]))
            .collect::<String>();
    let recipe = "[csv]\nfile = \"f.csv\"\ntarget = \"y\"\n";
    let (data, _) = read(recipe, &[("f.csv", &text)]).unwrap();
    assert_eq!(
        data.warnings,
        [
            "The classes `Cat` (4 rows) and `cat` (4 rows) may be one, spelt differently; if so, spell them alike in the data.",
            "The column `Id` grows by 1 from row to row, as a row number does: what a model learns from the order of the rows is \
             of no use for new ones. Unless it means something, leave it out with drop = [\"Id\"] in [data.csv], or without \
             its line in [data.csv.columns].",
        ]
    );
    let mended = format!("{recipe}drop = [\"Id\"]\n");
    let (data, _) = read(&mended, &[("f.csv", &text.replace("Cat", "cat"))]).unwrap();
    assert!(data.warnings.is_empty(), "{:?}", data.warnings);
}

#[test]
fn every_role_has_its_file() {
    let files = brasa_data::SplitFiles { train: "a".into(), valid: None, test: Some("c".into()) };
    assert_eq!(files.iter().collect::<Vec<_>>(), [(Role::Train, "a"), (Role::Test, "c")]);
    assert_eq!((files.of(Role::Valid), files.of(Role::Test)), (None, Some("c")));
}
