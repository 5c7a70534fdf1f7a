//! `--json`: stdout is one object, and nothing of the answer is told on stderr too.

use brasa_tests::{Finished, Home};

/// Every verb of `iris`, in an order in which each finds what it needs.
const LINES: [&str; 32] = [
    "train --recipe course --set training.epochs=2 --set data.csv.features=[\"petal_length\",\"petal_width\"]",
    "cv --folds 2 --jobs 1 --set training.epochs=1",
    "eval",
    "eval --split test",
    "eval --on flowers.csv",
    "predict new.csv",
    "look regions",
    "explain --rows 20 --repeats 2 --partial 1",
    "inspect",
    "summary",
    "summary --graph net.svg",
    "export",
    "recipes",
    "recipes course",
    "keys",
    "keys adam",
    "tune --recipe search.toml --jobs 1",
    "study list",
    "study show",
    "study best",
    "study importance",
    "study export",
    "runs list",
    "runs show",
    "runs compare latest latest",
    "runs push",
    "bench --steps 2 --warm-up 0 --batch 4",
    "data show",
    "data check",
    "lesson batch-size --set training.epochs=1",
    "completions bash",
    "weights list",
];

/// What does not depend on clocks.
fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit() && *c != ' ').collect()
}

/// The same command for a person and for a program: the program gets an object, and on stderr only what the person
/// gets there, too.
fn assert_json_is_all(person: &Finished, program: &Finished) {
    let _ = program.json();
    assert_eq!(program.stdout.lines().count(), 1, "{program}");
    assert!(person.stdout.lines().count() > 0, "{person}");
    assert_eq!(without_numbers(&program.stderr), without_numbers(&person.stderr), "{person}\n{program}");
}

#[test]
fn every_verb_prints_one_object_and_repeats_nothing_on_stderr() {
    let home = Home::new();
    home.write("new.csv", "petal_length,petal_width\n1.4,0.2\n5.0,1.9\n");
    home.write("flowers.csv", "species,petal_width,petal_length\nsetosa,0.2,1.4\nvirginica,1.9,5.0\n");
    home.write(
        "search.toml",
        "[data.csv]\nfile = \"iris.csv\"\ntarget = \"species\"\n[model]\nhidden = [4]\n[training]\nepochs = 2\n[search]\ntrials = 2\n\
         [search.space]\n\"optimizer.lr\" = { loguniform = [1e-3, 1e-1] }\n",
    );
    for line in LINES {
        let run = |more: &str| home.iris(&format!("{line}{more}")).run().succeeds();
        assert_json_is_all(&run(""), &run(" --json"));
    }
    let help = home.iris("--help").run().succeeds().stdout;
    let (_, verbs) = help.split_once("Commands:").unwrap();
    let (verbs, _) = verbs.split_once("Options:").unwrap();
    for verb in verbs.lines().filter_map(|line| line.split_whitespace().next()) {
        assert!(LINES.iter().any(|line| line.split(' ').next() == Some(verb)), "no line for `{verb}` above");
    }
}

#[test]
fn verbs_that_only_some_apps_have_do_so_too() {
    let home = Home::new();
    let compare = |more: &str| home.fashion(&format!("compare{more}")).run().succeeds();
    assert_json_is_all(&compare(""), &compare(" --json"));
    let synth =
        |more: &str| home.command("floor", &format!("data synth made --samples 2{more}")).run().succeeds();
    assert_json_is_all(&synth(""), &synth(" --json"));
}

#[test]
fn an_error_is_an_object_on_stdout_and_one_message_on_stderr() {
    let home = Home::new();
    for (line, part) in [
        ("eval --json", "no run `latest`"),
        ("train --json --recipe none", "no recipe `none`"),
        ("train --json --sed 3", "--sed"),
        ("train --json --seed 9223372036854775808", "from 0 to 9223372036854775807"),
        ("fly --json", "'fly'"),
    ] {
        let finished = home.iris(line).run().fails(2, &[part]);
        let said = finished.json();
        assert!(brasa_tests::text(&said, "/error").contains(part), "{finished}");
    }
}
