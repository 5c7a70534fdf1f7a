//! What a person's terminal gets: no character that it would obey, and no flood of lines.

use brasa_tests::{Finished, Home, list, text};

/// Colours, a bell, a line that is drawn anew, text from right to left, a name that looks like another.
const NAMES: [&str; 3] = ["\u{1b}[31mred\u{7}", "\u{202e}der\u{2066}", "red\u{200b}\u{9b}2K\u{8}"];

fn own_data(home: &Home) {
    let row = |i: usize| format!("{},{},\"{}\"\n", i % 13, (i * 7) % 5, NAMES[i % 3]);
    let table: String = (0..60).map(row).collect();
    home.write("own/t.csv", format!("\u{1b}[2Jx,y\u{202d},kind\n{table}"));
    let recipe =
        "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n[data.split]\ntest = 0.2\n[training]\nepochs = 2\n";
    home.write("own/t.toml", recipe);
}

/// Nothing but text that is shown as it is, and the escaped form of what is not.
fn assert_harmless(finished: &Finished, escaped: &[&str]) {
    let told = format!("{}{}", finished.stdout, finished.stderr);
    let obeyed = |c: char| {
        c.is_control() && c != '\n'
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
            || c == '\u{200b}'
    };
    let found: Vec<char> = told.chars().filter(|c| obeyed(*c)).collect();
    assert!(found.is_empty(), "{found:?} in {:?}", told);
    for part in escaped {
        assert!(told.contains(part), "no {part}\n{finished}");
    }
}

#[test]
fn names_from_data_cannot_command_the_terminal() {
    let home = Home::new();
    own_data(&home);
    let shown = ["\\u{1b}[31mred\\u{7}", "\\u{202e}der\\u{2066}", "red\\u{9b}2K\\u{8}"];
    let recipe = "--recipe own/t.toml --data own";
    let inspected = home.iris(&format!("inspect {recipe}")).run().succeeds();
    assert_harmless(&inspected, &shown);
    assert_harmless(&inspected, &["\\u{1b}[2Jx", "y\\u{202d}"]);
    assert_harmless(&home.iris(&format!("train {recipe}")).run().succeeds(), &shown);
    assert_harmless(&home.iris(&format!("cv --folds 2 {recipe}")).run().succeeds(), &shown);
    assert_harmless(&home.iris("eval").run().succeeds(), &shown);
    assert_harmless(&home.iris("runs show").run().succeeds(), &shown);
    home.write("new\u{1b}[1m\u{200b}.csv", "1,2\n3,4\n");
    let predicted = home.iris("predict").args(["new\u{1b}[1m\u{200b}.csv"]).run().succeeds();
    assert_harmless(&predicted, &["new\\u{1b}[1m\\u{200b}.csv"]);

    let json = home.iris("eval --json").run().succeeds().json();
    let classes: Vec<&str> = list(&json, "/scores/per_class").iter().map(|c| text(c, "/name")).collect();
    // What cannot be seen is no part of a class's name.
    let mut names = NAMES.map(|name| name.replace('\u{200b}', ""));
    names.sort_unstable();
    assert_eq!(classes, names, "a program gets the names as they are");
}

#[test]
fn messages_cannot_command_it_either() {
    let home = Home::new();
    own_data(&home);
    home.write("own/t.csv", "x,kind\n1,a\n\u{1b}[31m\u{202e},b\n");
    let cell = home.iris("train --recipe own/t.toml --data own").run().fails(2, &["t.csv", "line 3"]);
    assert_harmless(&cell, &["\\u{1b}[31m\\u{202e}"]);
    for args in [
        ["train", "--recipe", "\u{1b}[31mx.toml"],
        ["train", "--recipe", "\u{202e}x"],
        ["train", "--set", "model.\u{1b}[31m=1"],
        ["predict", "--run", "\u{1b}[31m"],
        ["train", "--seed", "\u{1b}[31m"],
        ["train", "--data", "\u{1b}[31m"],
    ] {
        let finished = home.iris("").args(args).run();
        assert_eq!(finished.code, Some(2), "{finished}");
        assert_harmless(&finished, &[]);
    }
}

#[test]
fn long_class_names_stay_apart_in_tables() {
    let home = Home::new();
    let name = |class: usize| format!("{}{class}{}", "long ".repeat(12), " name".repeat(12));
    let table: String = (0..60).map(|i| format!("{},{}\n", i % 7, name(i % 3))).collect();
    home.write("own/t.csv", format!("x,kind\n{table}"));
    home.write("own/t.toml", "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n[training]\nepochs = 1\n");
    let rows = |finished: &Finished| {
        let lines = finished.stdout.lines().filter(|line| line.starts_with("long long"));
        let mut names: Vec<String> =
            lines.map(|line| line.split("  ").next().unwrap().chars().take(40).collect()).collect();
        names.sort();
        names.dedup();
        names.len()
    };
    let inspected = home.iris("inspect --recipe own/t.toml --data own").run().succeeds();
    assert_eq!(rows(&inspected), 3, "{inspected}");
    let trained = home.iris("train --recipe own/t.toml --data own").run().succeeds();
    assert!(rows(&trained) >= 3, "{trained}");
    assert!(trained.stdout.lines().all(|line| line.chars().count() <= 140), "{trained}");
}

#[test]
fn a_list_of_classes_in_a_message_is_folded_after_ten() {
    let home = Home::new();
    let table = |names: &dyn Fn(usize) -> String| -> String {
        (0..240).map(|i| format!("{},{}\n", i % 7, names(i % 40))).collect()
    };
    home.write("own/t.csv", format!("x,kind\n{}", table(&|class| format!("class{class:02}"))));
    home.write("own/t.toml", "[data.csv]\nfile = \"t.csv\"\ntarget = \"kind\"\n[training]\nepochs = 1\n");
    let _ = home.iris("train --recipe own/t.toml --data own").run().succeeds();
    home.write("own/t.csv", format!("x,kind\n{}", table(&|class| format!("other{class:02}"))));
    let finished =
        home.iris("eval").run().fails(2, &["class09, ... and 30 more", "other09, ... and 30 more"]);
    assert!(!finished.stderr.contains("class10"), "{finished}");
}

#[test]
fn three_hundred_epochs_off_a_terminal_are_some_twenty_lines() {
    let home = Home::new();
    let lines = |args: &str| -> Vec<String> {
        let finished = home.iris(&format!("train --recipe course {args}")).run().succeeds();
        finished.stderr.lines().filter(|line| line.starts_with("epoch ")).map(ToString::to_string).collect()
    };
    let long = lines("--set training.epochs=300");
    assert!((20..=23).contains(&long.len()), "{long:#?}");
    assert!(long[0].contains("epoch   1/300") && long.iter().any(|line| line.contains("epoch 300/300")));
    for line in &long {
        for part in ["/300", "train loss", "valid loss", "lr"] {
            assert!(line.contains(part), "a line that says too little: {line}");
        }
    }
    assert_eq!(lines("--set training.epochs=3").len(), 3);
    let stopped = lines("--set training.epochs=1000 --set training.patience=1 --set optimizer.lr=0.5");
    assert!(stopped.len() <= 23 && stopped.last().unwrap().contains("/1000"), "{stopped:#?}");
}
