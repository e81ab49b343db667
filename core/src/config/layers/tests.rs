//! Layers: what counts when several files speak, what is said when they cannot, and laws of merging.

use std::path::Path;

use proptest::prelude::*;

use super::merge;
use crate::config::dialect::equal;
use crate::config::syntax;
use crate::config::text::Source;
use crate::config::{Loaded, LoadedFile, Origin, effective, load, load_text};
use crate::world::FixedEnvironment;

const ORDERS: &str = "config_version: 1\nsources:\n  - name: orders\n    source: {type: file, system: shop, table: orders, file: {path: a.csv}}\n";

fn workspace(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn read(root: &Path, target: &str, overlay: Option<&str>) -> Loaded {
    load(root, target, overlay, &FixedEnvironment([("SECRET".into(), "hunter2".into())].into()))
}

/// `file:line:column CODE message` of all findings, errors and warnings only where `infos` is false.
fn told(files: &[LoadedFile]) -> Vec<String> {
    let line = |finding: &crate::diagnostic::Diagnostic| {
        assert!(!format!("{finding:?}").contains("hunter2"), "{finding:?}");
        let place = finding.span.map_or_else(String::new, |span| format!(":{}:{}", span.line, span.column));
        let related: Vec<String> = finding
            .related
            .iter()
            .map(|related| format!(" ({} {}:{})", related.message, related.file, related.span.line))
            .collect();
        format!("{}{place} {} {}{}", finding.file, finding.code, finding.message, related.concat())
    };
    files.iter().flat_map(|file| file.diagnostics.iter().map(line)).collect()
}

#[test]
fn a_file_counts_more_than_its_parents_and_an_overlay_more_than_both() {
    let folder = workspace(&[
        (
            "_far.yaml",
            "platform: {bronze: {output_dir: ./far, prefix: far, output_defaults: {allow_csv: false, max_file_size_mb: 1}}}\n",
        ),
        (
            "base/_near.yaml",
            "extends: ../_far.yaml\nplatform:\n  bronze:\n    prefix: near\n    output_defaults: {max_file_size_mb: 2}\n",
        ),
        (
            "base/_other.yaml",
            "platform: {silver: {output_dir: ./other}}\nsources:\n  - name: orders\n    silver: {domain: retail}\n",
        ),
        (
            "team/a.yaml",
            "config_version: 1\nextends: [../base/_near.yaml, ../base/_other.yaml]\nplatform:\n  bronze:\n    prefix: own\nsources:\n  - name: orders\n    source: {type: file, system: shop, table: orders, file: {path: ./a.csv}, run: {max_rows_per_file: 7}}\n",
        ),
        (
            "environments/prod.yaml",
            "platform: {bronze: {output_dir: ./prod}}\nsources:\n  - name: orders\n    source: {run: {max_rows_per_file: 9}}\n    silver: {version: 3}\n",
        ),
    ]);
    let root = folder.path();
    let loaded = read(root, "team/a.yaml", None);
    assert_eq!(told(&loaded.files), [""; 0]);
    let dataset = &loaded.files[0].pipeline.as_ref().unwrap().datasets[0];
    // A relative path starts at the folder of the file in which it is written.
    assert_eq!(dataset.bronze.storage.local_root().unwrap(), root.join("far"));
    assert_eq!((dataset.bronze.prefix.as_str(), dataset.bronze.max_file_size_bytes), ("own", Some(2 * 1024 * 1024)));
    assert_eq!(dataset.bronze.max_rows_per_file, 7);
    let silver = dataset.silver.as_ref().unwrap();
    assert_eq!(
        (silver.storage.local_root().unwrap().to_owned(), silver.domain.as_str(), silver.version),
        (root.join("base/other"), "retail", 1)
    );

    let loaded = read(root, "team/a.yaml", Some("prod"));
    assert_eq!(told(&loaded.files), [""; 0]);
    let dataset = &loaded.files[0].pipeline.as_ref().unwrap().datasets[0];
    // In an overlay it starts at the folder in which `environments` is.
    assert_eq!(
        (dataset.bronze.storage.local_root().unwrap().to_owned(), dataset.bronze.max_rows_per_file),
        (root.join("prod"), 9)
    );
    assert_eq!(dataset.silver.as_ref().unwrap().version, 3);
    let layers: Vec<_> =
        loaded.files[0].layers.iter().map(|path| path.strip_prefix(root).unwrap().to_str().unwrap()).collect();
    assert_eq!(layers, ["base/_near.yaml", "_far.yaml", "base/_other.yaml", "environments/prod.yaml"]);

    let text = std::fs::read_to_string(root.join("team/a.yaml")).unwrap();
    let all = effective(root, "team/a.yaml", &text, Some("prod"));
    for (path, value, origin) in [
        ("platform.bronze.output_dir", Some("./prod"), Origin::Environment { file: "environments/prod.yaml".into() }),
        ("platform.bronze.prefix", Some("own"), Origin::Here),
        ("platform.bronze.output_defaults.allow_csv", Some("false"), Origin::Parent { file: "_far.yaml".into() }),
        (
            "platform.bronze.output_defaults.max_file_size_mb",
            Some("2"),
            Origin::Parent { file: "base/_near.yaml".into() },
        ),
        ("sources[0].name", Some("orders"), Origin::Here),
        ("sources[0].silver.domain", Some("retail"), Origin::Parent { file: "base/_other.yaml".into() }),
        ("sources[0].source.run.timezone", Some("UTC"), Origin::Default),
        ("sources[0].source.run.deadline_seconds", None, Origin::Nowhere),
        ("sources[1].name", None, Origin::Nowhere),
        ("no path[", None, Origin::Nowhere),
    ] {
        let told = all.at(path);
        assert_eq!((told.effective.as_deref(), told.origin), (value, origin), "{path}");
    }
    for (path, told) in all.values() {
        assert_eq!(all.at(&path), told, "{path}");
    }
}

#[test]
fn values_of_variables_are_not_told() {
    let text =
        "sources:\n  - {name: a, source: {system: '${SECRET}', table: \"x${SECRET:d}\", file: {path: '$${SECRET}'}}}\n";
    let all = effective(Path::new("/"), "a.yaml", text, None);
    for (path, written, value) in [
        ("sources[0].source.system", "${SECRET}", None),
        ("sources[0].source.table", "x${SECRET:d}", None),
        ("sources[0].source.file.path", "$${SECRET}", Some("${SECRET}")),
    ] {
        let told = all.at(path);
        assert_eq!((told.written.as_deref(), told.effective.as_deref()), (Some(written), value), "{path}");
    }
}

#[test]
fn a_finding_names_the_file_it_is_in() {
    let folder = workspace(&[
        (
            "_base.yaml",
            "platform:\n  bronze:\n    prefixx: p\nsources:\n  - name: orders\n    source: {type: file, system: shop, table: orders, file: {path: a.csv}}\n",
        ),
        (
            "a.yaml",
            "config_version: 1\nextends: ./_base.yaml\nsources:\n  - name: more\n    source: {type: file, system: shop, table: orders, file: {path: a.csv}}\n    silver: {versoin: 2}\n",
        ),
        (
            "environments/prod.yaml",
            "platform: {bronze: {output_dir: [1]}}\nsources:\n  - silver: {}\n  - name: nobody\n",
        ),
    ]);
    insta::assert_snapshot!(told(&read(folder.path(), "a.yaml", Some("prod")).files).join("\n"), @r##"
    a.yaml:6:14 CFG013 unknown key `versoin`
    _base.yaml:3:5 CFG013 unknown key `prefixx`
    _base.yaml:6:47 CFG020 the Bronze of this dataset is at the same path as that of sources[0] (the other one a.yaml:5)
    environments/prod.yaml:1:21 CFG015 `output_dir` must be a text, not a list
    environments/prod.yaml:3:5 CFG047 an entry of an overlay names no dataset
    environments/prod.yaml:4:11 CFG047 no dataset is called `nobody`, so this entry changes nothing
    "##);
    // A fix of a finding in another file is one of that file.
    let loaded = read(folder.path(), "a.yaml", None);
    let finding = loaded.files[0].diagnostics.iter().find(|finding| finding.file == "_base.yaml").unwrap();
    let base = std::fs::read_to_string(folder.path().join("_base.yaml")).unwrap();
    let edit = &finding.fix.as_ref().unwrap().edits[0];
    assert_eq!(&base[edit.span.start as usize..edit.span.end as usize], "prefixx");
}

#[test]
fn what_cannot_be_extended_is_said() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("itself", &[("a.yaml", "extends: a.yaml\n")]),
        (
            "a circle",
            &[
                ("a.yaml", "extends: b.yaml\n"),
                ("b.yaml", "extends: sub/c.yaml\n"),
                ("sub/c.yaml", "extends: ../a.yaml\n"),
            ],
        ),
        ("missing", &[("a.yaml", "extends: [none.yaml, '']\n")]),
        ("a folder", &[("a.yaml", "extends: .\n")]),
        ("no mapping", &[("a.yaml", "extends: b.yaml\n"), ("b.yaml", "- 1\n")]),
        ("broken", &[("a.yaml", "extends: b.yaml\n"), ("b.yaml", "x: [1\n")]),
        ("empty", &[("a.yaml", "extends: b.yaml\n"), ("b.yaml", "# nothing\n")]),
        ("variable", &[("a.yaml", "extends: ${SECRET}\n")]),
        ("wrong type", &[("a.yaml", "extends: {a: 1}\n")]),
        ("not UTF-8, two documents", &[("a.yaml", "extends: b.yaml\n"), ("b.yaml", "a: 1\n---\nb: 2\n")]),
    ];
    let mut all = String::new();
    for (name, files) in cases {
        let folder = workspace(files);
        let path = folder.path().join("a.yaml");
        let text = format!("{}{ORDERS}", std::fs::read_to_string(&path).unwrap());
        std::fs::write(&path, text).unwrap();
        all += &format!("{name}\n");
        for line in told(&read(folder.path(), "a.yaml", None).files) {
            all += &format!("  {}\n", line.replace(folder.path().to_str().unwrap(), "ROOT"));
        }
    }
    insta::assert_snapshot!(all, @r##"
    itself
      a.yaml:1:10 CFG040 the file extends itself
    a circle
      sub/c.yaml:1:10 CFG040 files extend each other in a circle: a.yaml → b.yaml → sub/c.yaml → a.yaml
    missing
      a.yaml:1:11 CFG041 there is no file `none.yaml`
      a.yaml:1:22 CFG041 `ROOT` is neither a file nor a folder
    a folder
      a.yaml:1:10 CFG041 `ROOT` is neither a file nor a folder
    no mapping
      b.yaml:1:1 CFG011 the file is not a mapping of keys to values
    broken
      b.yaml:1:4 CFG010 a bracket `[` that is not closed
    empty
    variable
      a.yaml:1:10 CFG041 `extends` takes no variable
    wrong type
      a.yaml:1:1 CFG015 `extends` must be a text or a list, not a mapping
    not UTF-8, two documents
      b.yaml:1:1 CFG013 unknown key `a`
      b.yaml:2:1 CFG028 a second document starts here
    "##);
}

#[test]
fn budgets_hold_over_all_layers() {
    let mut files: Vec<(String, String)> =
        (0..20).map(|n| (format!("_{n}.yaml"), format!("extends: _{}.yaml\n", n + 1))).collect();
    files.push(("_20.yaml".into(), "x-a: 1\n".into()));
    files.push(("a.yaml".into(), format!("extends: _0.yaml\n{ORDERS}")));
    let wide: Vec<String> = (0..80).map(|n| format!("w{n}.yaml")).collect();
    files.extend(wide.iter().map(|name| (name.clone(), "x-b: 1\n".to_owned())));
    files.push(("b.yaml".into(), format!("extends: [{}]\n{ORDERS}", wide.join(", "))));
    // Each file doubles what its parents bring; all together would be a bomb.
    for n in 0..12 {
        files.push((format!("_d{n}.yaml"), format!("extends: [_d{}.yaml, _d{}.yaml]\n", n + 1, n + 1)));
    }
    files.push(("_d12.yaml".into(), "x-c: 1\n".into()));
    files.push(("c.yaml".into(), format!("extends: _d0.yaml\n{ORDERS}")));
    let large = format!("x-d: {}\n", "y".repeat(6 * 1024 * 1024));
    files.extend((0..3).map(|n| (format!("_l{n}.yaml"), large.clone())));
    files.push(("d.yaml".into(), format!("extends: [_l0.yaml, _l1.yaml, _l2.yaml]\n{ORDERS}")));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = workspace(&files);
    let codes = |name: &str| -> Vec<String> {
        read(folder.path(), name, None).files[0].diagnostics.iter().map(|finding| finding.code.to_string()).collect()
    };
    assert_eq!(codes("a.yaml"), ["CFG027"]);
    assert!(codes("b.yaml").iter().all(|code| code == "CFG027") && !codes("b.yaml").is_empty());
    assert_eq!(codes("c.yaml"), [""; 0]);
    assert_eq!(codes("d.yaml"), ["CFG027"]);
}

#[test]
fn environments_are_looked_for_beside_the_file_then_in_the_workspace() {
    let overlay =
        |rows: u32| format!("sources:\n  - name: shop.orders\n    source: {{run: {{max_rows_per_file: {rows}}}}}\n");
    let orders = ORDERS.replace("name: orders\n    ", "");
    let folder = workspace(&[
        ("team/a.yaml", &orders),
        ("other/b.yaml", &orders.replace("orders", "returns")),
        ("team/environments/prod.yml", &overlay(1)),
        ("environments/prod.yaml", &overlay(2)),
        ("environments/test.yaml", &overlay(3)),
        ("environments/.hidden.yaml", ""),
    ]);
    let rows = |target: &str, name: &str| {
        let loaded = read(folder.path(), target, Some(name));
        loaded.files[0].pipeline.as_ref().unwrap().datasets.first().map(|dataset| dataset.bronze.max_rows_per_file)
    };
    assert_eq!((rows("team/a.yaml", "prod"), rows("team/a.yaml", "test")), (Some(1), Some(3)));
    assert_eq!(rows("", "prod"), Some(100_000), "the overlay has no entry for `returns`, which is first");
    assert_eq!(rows("team/a.yaml", "prdo"), None);
    insta::assert_snapshot!(told(&read(folder.path(), "team", Some("prdo")).files).join("\n"), @"team/a.yaml CFG042 there is no environment `prdo`");
    assert_eq!(told(&read(folder.path(), "", Some("prod")).files), [""; 0]);
    assert_eq!(crate::config::environments(folder.path(), "team/a.yaml"), ["prod", "test"]);
    for odd in ["../a", "", "a/b", ".hidden"] {
        assert_eq!(rows("team/a.yaml", odd), None, "{odd:?}");
    }
}

#[test]
fn parts_are_no_configurations_of_their_own() {
    let folder = workspace(&[
        ("_base.yaml", "platform: {bronze: {prefix: p}}\n"),
        ("shared.yaml", "platform: {silver: {prefix: q}}\n"),
        ("lonely.yaml", "platform: {silver: {prefix: q}}\n"),
        ("environments/prod.yaml", "platform: {bronze: {prefix: prod}}\n"),
        ("a.yaml", &format!("extends: [_base.yaml, shared.yaml]\n{ORDERS}")),
    ]);
    let names = |target: &str| -> Vec<String> {
        read(folder.path(), target, None)
            .files
            .iter()
            .map(|file| format!("{} {}", file.display, file.diagnostics.len()))
            .collect()
    };
    // `lonely.yaml` describes nothing and serves nobody: no version, no dataset.
    assert_eq!(names(""), ["a.yaml 0", "lonely.yaml 2"]);
    for part in ["_base.yaml", "shared.yaml", "environments/prod.yaml"] {
        assert_eq!(names(part), [format!("{part} 0")]);
    }
    let wrong = "platform: {bronze: {prefixx: prod}}\nsources:\n  - name: orders\n    silver: {version: two}\n";
    let file = load_text(folder.path(), "environments/prod.yaml", wrong, None, &FixedEnvironment::default());
    let codes: Vec<&str> = file.diagnostics.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["CFG013", "CFG015"], "what is there is checked, what is missing is not missed");
}

#[test]
fn nothing_keeps_and_null_takes_away() {
    let folder = workspace(&[
        ("_base.yaml", "sources:\n  - name: orders\n    silver: {domain: d, version: 2, primary_keys: [a, b]}\n"),
        ("a.yaml", &format!("extends: _base.yaml\n{ORDERS}    silver:\n")),
        ("b.yaml", &format!("extends: _base.yaml\n{ORDERS}    silver: ~\n")),
        (
            "c.yaml",
            &format!("extends: _base.yaml\n{ORDERS}    silver: {{version: null, domain: , primary_keys: [c]}}\n"),
        ),
    ]);
    let silver = |name: &str| {
        let loaded = read(folder.path(), name, None);
        assert_eq!(told(&loaded.files), [""; 0], "{name}");
        let silver = loaded.files[0].pipeline.as_ref().unwrap().datasets[0].silver.clone();
        silver.map(|silver| (silver.domain, silver.version, silver.primary_keys.join(",")))
    };
    assert_eq!(silver("a.yaml"), Some(("d".into(), 2, "a,b".into())));
    assert_eq!(silver("b.yaml"), None);
    assert_eq!(silver("c.yaml"), Some(("d".into(), 1, "c".into())));
}

/// A small mapping: keys and names from few, so that layers meet. As in the schema, a key has one kind:
/// `m` and `n` are sections, the others are values.
fn yaml(depth: u32) -> BoxedStrategy<String> {
    let value = prop_oneof![Just("1"), Just("x"), Just("[1, 2]"), Just("[]"), Just("''")];
    let values = prop::collection::btree_map("[abc]", value.prop_map(str::to_owned), 0..4);
    let sections = if depth == 0 {
        Just(std::collections::BTreeMap::new()).boxed()
    } else {
        prop::collection::btree_map("[mn]", yaml(depth - 1), 0..3).boxed()
    };
    (values, sections)
        .prop_map(|(values, sections)| {
            let entries: Vec<String> =
                values.into_iter().chain(sections).map(|(key, value)| format!("{key}: {value}")).collect();
            format!("{{{}}}", entries.join(", "))
        })
        .boxed()
}

fn document() -> impl Strategy<Value = String> {
    let sources = prop::collection::btree_map("[pqr]", yaml(2), 0..3).prop_map(|map| {
        let items: Vec<String> =
            map.into_iter().map(|(name, value)| format!("{{name: {name}, source: {value}}}")).collect();
        format!("[{}]", items.join(", "))
    });
    (yaml(3), prop::option::of(sources)).prop_map(|(keys, sources)| match sources {
        Some(sources) if keys == "{}" => format!("{{sources: {sources}}}"),
        Some(sources) => keys.replacen('{', &format!("{{sources: {sources}, "), 1),
        None => keys,
    })
}

fn tree(text: &str) -> std::rc::Rc<syntax::Node> {
    let (root, problems) = syntax::parse(&Source::new(text));
    assert!(problems.is_empty(), "{text}: {problems:?}");
    root.unwrap()
}

/// Equal but for the order of datasets, which is that of the file that was asked for.
fn same(one: &syntax::Node, other: &syntax::Node) -> bool {
    let names = |node: &syntax::Node| {
        let mut items: Vec<_> = node.entry("sources").and_then(|entry| entry.node.items()).unwrap_or_default().to_vec();
        items.sort_by_key(|item| item.entry("name").and_then(|entry| entry.node.text().map(str::to_owned)));
        items
    };
    let rest = |node: &syntax::Node| {
        let entries = node.entries().unwrap_or_default().iter().filter(|entry| entry.key != "sources").cloned();
        syntax::Node::mapping(node.extent, entries.collect())
    };
    let (a, b) = (names(one), names(other));
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| equal(a, b)) && equal(&rest(one), &rest(other))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn extending_is_associative(a in document(), b in document(), c in document()) {
        let (a, b, c) = (tree(&a), tree(&b), tree(&c));
        let left = merge::extend(&merge::extend(&a, &b), &c);
        let right = merge::extend(&a, &merge::extend(&b, &c));
        prop_assert!(same(&left, &right), "{left:?}\n{right:?}");
    }

    #[test]
    fn extending_twice_or_nothing_changes_nothing(a in document()) {
        let (a, nothing) = (tree(&a), tree("{}"));
        for merged in [merge::extend(&a, &a), merge::extend(&nothing, &a), merge::extend(&a, &nothing), merge::overlay(&a, &nothing).root] {
            prop_assert!(same(&merged, &a), "{merged:?}");
        }
        prop_assert!(same(&merge::overlay(&a, &a).root, &a));
    }

    #[test]
    fn the_upper_layer_wins_wherever_it_says_something(a in document(), b in document()) {
        let (lower, upper) = (tree(&a), tree(&b));
        for merged in [merge::extend(&lower, &upper), merge::overlay(&lower, &upper).root] {
            for entry in upper.entries().unwrap().iter().filter(|entry| entry.key != "sources") {
                prop_assert!(wins(&merged.entry(&entry.key).unwrap().node, &entry.node));
            }
            for entry in lower.entries().unwrap().iter().filter(|entry| upper.entry(&entry.key).is_none()) {
                prop_assert!(merged.entry(&entry.key).is_some_and(|same| equal(&same.node, &entry.node)));
            }
        }
    }
}

fn wins(merged: &syntax::Node, upper: &syntax::Node) -> bool {
    match upper.entries() {
        Some(entries) => {
            entries.iter().all(|entry| merged.entry(&entry.key).is_some_and(|other| wins(&other.node, &entry.node)))
        }
        None => equal(merged, upper),
    }
}

/// Keys of a file may stand in any order, and so may files that have different keys.
#[test]
fn the_order_of_keys_and_of_independent_parents_does_not_matter() {
    let parents = [("_p.yaml", "platform: {bronze: {prefix: p}}\n"), ("_q.yaml", "platform: {silver: {prefix: q}}\n")];
    let settings = |extends: &str, swap: bool| {
        let (head, tail) = (format!("extends: {extends}\n"), ORDERS.to_owned());
        let text = if swap { format!("{tail}{head}") } else { format!("{head}{tail}") };
        let folder = workspace(&[parents[0], parents[1], ("a.yaml", &text)]);
        let loaded = read(folder.path(), "a.yaml", None);
        assert_eq!(told(&loaded.files), [""; 0]);
        let debug = format!("{:?}", loaded.files[0].pipeline);
        debug.replace(folder.path().to_str().unwrap(), "ROOT")
    };
    let first = settings("[_p.yaml, _q.yaml]", false);
    assert_eq!(first, settings("[_q.yaml, _p.yaml]", false));
    assert_eq!(first, settings("[_q.yaml, _p.yaml]", true));
}
