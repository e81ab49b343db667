//! Reading rows through the door: filters, sorts, finds, profiles, exports, files and the tree, over
//! Parquet and CSV alike.
#![expect(clippy::expect_used, reason = "a failed expectation is what a test reports")]

use std::fmt::Write as _;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use medallion_core::api::Engine;
use medallion_core::api::wire::*;
use medallion_core::world::World;
use medallion_tests::Project;

const CONFIG: &str = "config_version: 1
platform:
  bronze: {storage_backend: local, output_dir: ./bronze}
  silver: {storage_backend: local, output_dir: ./silver}
sources:
  - name: t
    source:
      type: file
      system: s
      table: t
      file: {path: './t_{run_date}.csv', format: csv}
      run:
        load_pattern: full
        max_rows_per_file: 7
        schema: {id: integer, amount: 'decimal(18,2)', status: text, day: date, at: timestamptz, share: float, ok: boolean}
        FORMAT
    silver: {domain: d, entity: e, model: scd_type_1, primary_keys: [id]}
";

/// Twenty rows; the ids are beyond what a double holds.
fn rows(shift: u64) -> String {
    let mut text = String::from("id,amount,status,day,at,share,ok,note\n");
    for row in 0..20_u64 {
        let id = 9_007_199_254_740_993 + row + shift;
        let status = ["paid", "open", "", "Paid back"][(row % 4) as usize];
        let status = if status.is_empty() { "\"\"" } else { status };
        let amount = if row == 7 { String::new() } else { format!("{}.{:02}", row * 10, row) };
        let note = if row == 13 { "tail 100% done_now" } else { "" };
        let share = if row == 3 { "nan".to_owned() } else { format!("{}", row as f64 / 4.0) };
        writeln!(
            text,
            "{id},{amount},{status},2025-01-{:02},2025-01-01T00:{row:02}:00Z,{share},{},{note}",
            row % 5 + 1,
            row % 2 == 0
        )
        .expect("text");
    }
    text
}

struct Bench {
    project: Project,
    engine: Engine,
}

impl Bench {
    fn new(format: &str) -> Self {
        let project = Project::empty();
        project.write("t.yaml", CONFIG.replace("FORMAT", format));
        let engine = Engine::open(project.path(""), World::real());
        let bench = Self { project, engine };
        bench.land("2025-01-01", &rows(0));
        bench
    }

    fn land(&self, date: &str, text: &str) {
        self.run(date, text, Layers::Both);
    }

    fn run(&self, date: &str, text: &str, layers: Layers) {
        self.project.write(&format!("t_{date}.csv"), text);
        let target = Target::at("t.yaml");
        let request = RunRequest { target, date: date.parse().ok(), layers, ..RunRequest::default() };
        let report = self.engine.run(request, &mut |_| {}).expect("the config is right");
        assert_eq!(report.exit, 0, "{report:#?}");
    }

    fn of(layer: Layer) -> PartitionRef {
        PartitionRef::new(DatasetRef { target: Target::at("t.yaml"), dataset: "t".into() }, layer, "")
    }

    fn rows_of(filter: &str, sort: &str) -> RowsOf {
        let keys = sort.split_whitespace().map(|key| match key.strip_prefix('-') {
            Some(column) => SortKey { column: column.into(), descending: true },
            None => SortKey { column: key.into(), descending: false },
        });
        RowsOf { filter: filter.into(), sort: keys.collect(), ..RowsOf::table(Self::of(Layer::Bronze), "") }
    }

    fn read(&self, rows: RowsOf, column: &str, offset: u64, limit: u32) -> Result<String, ErrorBody> {
        let request = RowsRequest { columns: vec![column.into()], ..RowsRequest::window(rows, offset, limit) };
        let table = self.engine.rows(request)?;
        let mut said = Vec::new();
        for batch in &table.batches {
            let options = FormatOptions::default().with_null("∅");
            let values = ArrayFormatter::try_new(batch.column(0), &options).expect("a printable column");
            said.extend((0..batch.num_rows()).map(|row| values.value(row).to_string()));
        }
        Ok(said.join(" "))
    }

    /// The last two digits of the ids that a filter leaves.
    fn ids(&self, filter: &str, sort: &str) -> String {
        match self.read(Self::rows_of(filter, sort), "id", 0, 100) {
            Ok(ids) => {
                let short =
                    |id: &str| id.parse::<u64>().map_or(String::new(), |id| (id - 9_007_199_254_740_000).to_string());
                ids.split(' ').map(short).collect::<Vec<_>>().join(" ")
            }
            Err(error) => {
                let span = error.diagnostics.first().and_then(|finding| finding.span);
                let place = span.map(|span| format!(" {}..{}", span.start, span.end)).unwrap_or_default();
                format!("{}{place} {} ({})", error.code, error.message, error.hint.unwrap_or_default())
            }
        }
    }
}

#[test]
fn filters_mean_the_same_in_parquet_and_csv() {
    let cases = [
        ("amount > 160", "1009 1010 1011 1012"),
        ("amount >= 160.16 and amount < 180.185", "1009 1010 1011"),
        ("amount = 10.010", "994"),
        ("amount = 10.0101", ""),
        ("amount <> 10.01 and id < 9007199254740996", "993 995"),
        ("id = 9007199254740993", "993"),
        ("id > 9007199254741010.5", "1011 1012"),
        ("id in (9007199254740995, 9007199254740994, 1e40)", "994 995"),
        ("id < 99999999999999999999999999999999999999999999 and id > 9007199254741011", "1012"),
        ("amount is null", "1000"),
        ("not amount is not null", "1000"),
        ("status = ''", "995 999 1003 1007 1011"),
        ("status contains 'PAID' and amount > 150", "1008 1009 1012"),
        ("status like 'p%' and amount > 110", "1005 1009"),
        ("status ilike 'p%' and amount > 110", "1004 1005 1008 1009 1012"),
        ("note contains '100%'", "1006"),
        ("note contains '_'", "1006"),
        ("status starts with 'pa' and not status ends with 'd' and amount > 150", "1008 1012"),
        ("day between '2025-01-02' and '2025-01-02'", "994 999 1004 1009"),
        ("at >= '2025-01-01T00:18:00Z'", "1011 1012"),
        ("ok and amount > 150", "1009 1011"),
        ("ok = false and amount > 150", "1008 1010 1012"),
        ("share > 4", "1010 1011 1012"),
        ("share = 0", "993"),
        ("share <> 0 and id < 9007199254740998", "994 995 996 997"),
        ("(status = 'open' or status = 'paid') and not (amount > 100)", "993 994 997 998 1001 1002"),
        ("\"status\" = 'it''s'", ""),
        ("STATUS = 'open' and amount > 150", "1010"),
        (
            "amount >",
            "QRY001 8..8 the condition cannot be understood: a value is missing (at character 9) (Conditions look like `amount > 100 and status = 'paid'`; there are `= <> < <= > >=`, `between … and …`, `in (…)`, `like`, `contains`, `starts with`, `ends with`, `is null`, `and`, `or`, `not`. Names with other characters than letters, digits and `_` stand in double quotes, texts in single ones.)",
        ),
        (
            "statsu = 'x'",
            "QRY001 0..6 the condition cannot be understood: there is no column `statsu` (at character 1) (did you mean `status`?)",
        ),
        (
            " amount = 'x'",
            "QRY001 10..13 the condition cannot be understood: `amount` is decimal(18,2) and cannot be compared with this (at character 10) (write a number, without quotes)",
        ),
        (
            "status = 5",
            "QRY001 9..10 the condition cannot be understood: `status` is text and cannot be compared with this (at character 10) (write a text in single quotes)",
        ),
    ];
    for format in ["write_parquet: true", "write_parquet: false\n        write_csv: true"] {
        let bench = Bench::new(format);
        for (filter, expected) in cases {
            assert_eq!(bench.ids(filter, ""), expected, "{filter} with {format}");
        }
    }
}

#[test]
fn sorts_are_stable_and_put_null_last() {
    let bench = Bench::new("write_parquet: true");
    assert_eq!(bench.ids("amount > 150 or amount is null", "amount"), "1008 1009 1010 1011 1012 1000");
    assert_eq!(bench.ids("amount > 150 or amount is null", "-amount"), "1012 1011 1010 1009 1008 1000");
    assert_eq!(bench.ids("id < 9007199254741001", "status -id"), "999 995 1000 996 998 994 997 993");
    assert_eq!(bench.ids("", "-day id").split(' ').take(5).collect::<Vec<_>>(), ["997", "1002", "1007", "1012", "996"]);
    assert!(bench.ids("", "nothing").starts_with("QRY002 there is no column `nothing`"));
    // Windows of a sorted view fit together.
    let rows = || Bench::rows_of("", "-id");
    let all = bench.read(rows(), "id", 0, 100).expect("rows");
    let pieces: Vec<String> = (0..5).map(|at| bench.read(rows(), "id", at * 4, 4).expect("rows")).collect();
    assert_eq!(all, pieces.join(" "));
}

#[test]
fn rows_and_values_come_whole_and_cut() {
    let bench = Bench::new("write_parquet: true");
    let long = "é".repeat(3_000);
    bench.land("2025-01-02", &format!("{}1,1,paid,2025-01-01,2025-01-01T00:00:00Z,1,true,{long}\n", rows(0)));
    let of = Bench::rows_of("note contains 'é'", "");
    let row = bench.engine.row(RowRequest { rows: of.clone(), row: Count(0) }).expect("the row");
    assert_eq!((row.row_of_file, row.cells.len(), row.cells[1].text.as_deref()), (Count(6), 8, Some("1.00")));
    assert!(row.file.contains("part-0003"), "{}", row.file);
    assert_eq!((row.cells[7].text.as_ref().map(String::len), row.cells[7].cut), (Some(6_000), false));
    let piece =
        |from, limit| CellRequest { rows: of.clone(), row: Count(0), column: "note".into(), from: Count(from), limit };
    let cell = bench.engine.cell(piece(3, 4)).expect("the value");
    assert_eq!((cell.text.as_deref(), cell.bytes, cell.cut), (Some("éé"), Count(6_000), true));
    let request = RowsRequest { cut: Some(11), ..RowsRequest::window(of, 0, 10) };
    let table = bench.engine.rows(request).expect("rows");
    assert!(table.info.cut);
    let shown = medallion_tests::lake::text(&table);
    assert!(shown.ends_with(&format!("note={}…", "é".repeat(5))), "{shown}");
    let none = bench.engine.row(RowRequest { rows: Bench::rows_of("", ""), row: Count(99) }).expect_err("no such row");
    assert_eq!((none.code, none.message.as_str()), (code::RUN012, "there is no row 100: there are 21"));
}

#[test]
fn opening_tells_keys_and_what_is_left() {
    let bench = Bench::new("write_parquet: true");
    let mut events = 0;
    let request = OpenRowsRequest { rows: Bench::rows_of("amount > 100", "-id"), job: String::new() };
    let opened = bench.engine.open_rows(request, &mut |_| events += 1).expect("rows");
    assert_eq!(
        (opened.total, opened.unfiltered, opened.keys.as_slice()),
        (Count(10), Count(20), &["id".to_owned()][..])
    );
    assert_eq!((events, opened.columns.len(), opened.version), (1, 8, Count(1)));
}

#[test]
fn a_whole_layer_is_one_table_with_the_columns_of_its_paths() {
    let bench = Bench::new("write_parquet: true");
    bench.run("2025-01-02", &rows(1_000), Layers::Bronze);
    let whole = |filter: &str, sort: &str| RowsOf { whole: true, ..Bench::rows_of(filter, sort) };
    assert_eq!(bench.read(whole("amount = 10.01", ""), "dt", 0, 10).expect("rows"), "2025-01-01 2025-01-02");
    assert_eq!(
        bench.read(whole("dt = '2025-01-02' and amount < 11", "-amount"), "id", 0, 10).expect("rows"),
        "9007199254741994 9007199254741993"
    );
    assert_eq!(bench.read(whole("", "-dt -id"), "pattern", 0, 1).expect("rows"), "full");
    let opened = bench.engine.open_rows(OpenRowsRequest { rows: whole("", ""), job: String::new() }, &mut |_| {});
    let opened = opened.expect("rows");
    assert_eq!((opened.total, opened.partitions, opened.columns[1].data_type.as_str()), (Count(40), Count(2), "date"));
}

#[test]
fn a_text_is_found_forwards_and_backwards_in_any_order() {
    for format in ["write_parquet: true", "write_parquet: false\n        write_csv: true"] {
        let bench = Bench::new(format);
        let find = |filter: &str, sort: &str, text: &str, column: Option<&str>, from: u64, backwards: bool| {
            let rows = Bench::rows_of(filter, sort);
            let column = column.map(str::to_owned);
            let (text, from, job) = (text.to_owned(), Count(from), String::new());
            let request = FindRequest { rows, text, column, from, backwards, count: false, job };
            let counting = FindRequest { count: true, ..request.clone() };
            let counted = bench.engine.find_row(counting, &mut |_| {}).expect("a count");
            match bench.engine.find_row(request, &mut |_| {}).expect("a search") {
                FindEvent::Found { row, column } => {
                    assert!(matches!(counted, FindEvent::Counted { hits: Count(1..), .. }), "{counted:?}");
                    format!("{row} {column}")
                }
                _ => "absent".to_owned(),
            }
        };
        assert_eq!(find("", "", "DONE_now", None, 0, false), "13 note");
        assert_eq!(find("", "", "done", None, 14, false), "absent");
        assert_eq!(find("", "", "done", None, 19, true), "13 note");
        assert_eq!(find("", "", "9007199254740995", None, 0, false), "2 id");
        assert_eq!(find("", "", "paid", Some("status"), 1, false), "3 status");
        assert_eq!(find("", "", "paid", Some("status"), 2, true), "0 status");
        assert_eq!(find("", "", "paid", Some("amount"), 0, false), "absent");
        assert_eq!(find("amount > 100", "", "done", None, 0, false), "3 note");
        assert_eq!(find("amount > 100", "", "done", None, 9, true), "3 note");
        assert_eq!(find("", "-id", "done", None, 0, false), "6 note");
        assert_eq!(find("", "-id", "done", None, 19, true), "6 note");
        assert_eq!(find("", "-id", "2025-01-05", Some("day"), 0, false), "0 day");
        let count = |filter: &str, sort: &str, text: &str, from: u64| {
            let rows = Bench::rows_of(filter, sort);
            let (text, from, job) = (text.to_owned(), Count(from), String::new());
            let request =
                FindRequest { rows, text, column: Some("status".into()), from, backwards: false, count: true, job };
            match bench.engine.find_row(request, &mut |_| {}).expect("a count") {
                FindEvent::Counted { hits, before } => (hits.0, before.0),
                other => panic!("{other:?}"),
            }
        };
        let paid = |filter: &str| {
            let filter = if filter.is_empty() {
                "status contains 'paid'".to_owned()
            } else {
                format!("({filter}) and status contains 'paid'")
            };
            let request = OpenRowsRequest { rows: Bench::rows_of(&filter, ""), job: String::new() };
            bench.engine.open_rows(request, &mut |_| {}).expect("rows").total.0
        };
        assert_eq!(count("", "", "PAID", 0), (paid(""), 0));
        assert_eq!(count("", "", "paid", 1), (paid(""), 1));
        assert_eq!(count("", "", "paid", 100), (paid(""), paid("")));
        assert_eq!(count("", "-id", "paid", 100), (paid(""), paid("")));
        assert_eq!(count("amount > 100", "", "paid", 0), (paid("amount > 100"), 0));
        assert_eq!(count("amount > 100", "id", "paid", 100), (paid("amount > 100"), paid("amount > 100")));
        assert_eq!(count("", "", "nobody", 0), (0, 0));
    }
}

#[test]
fn profiles_are_exact() {
    let bench = Bench::new("write_parquet: true");
    let profile = |column: &str, filter: &str| {
        let request = ProfileRequest { rows: Bench::rows_of(filter, ""), column: column.into(), job: String::new() };
        bench.engine.profile_column(request, &mut |_| {}).expect("a profile")
    };
    let ids = profile("id", "");
    assert_eq!((ids.rows, ids.nulls, ids.distinct, ids.distinct_exact), (Count(20), Count(0), Count(20), true));
    assert_eq!((ids.least.as_deref(), ids.greatest.as_deref()), (Some("9007199254740993"), Some("9007199254741012")));
    assert_eq!(ids.numbers.as_ref().and_then(|numbers| numbers.sum.as_deref()), Some("180143985094820050"));
    assert_eq!(ids.histogram.iter().map(|bucket| bucket.count.0).sum::<u64>(), 20);
    let amounts = profile("amount", "");
    let numbers = amounts.numbers.expect("numbers");
    assert_eq!((amounts.nulls, numbers.sum.as_deref()), (Count(1), Some("1831.83")));
    let median = numbers.quantiles.iter().find(|quantile| (quantile.percent - 50.0).abs() < 0.1).expect("a median");
    assert_eq!(median.value, "100.10");
    let status = profile("status", "amount > 5");
    let top: Vec<String> = status.top.iter().map(|top| format!("{}={}", top.value, top.count)).collect();
    assert_eq!(top, ["=5", "open=5", "Paid back=4", "paid=4"]);
    assert_eq!((status.empty, status.lengths.map(|lengths| lengths.greatest)), (Count(5), Some(Count(9))));
    let days = profile("day", "");
    assert_eq!((days.least.as_deref(), days.histogram.len(), days.numbers.is_none()), (Some("2025-01-01"), 5, true));
    let share = profile("share", "");
    assert_eq!((share.least.as_deref(), share.greatest.as_deref()), (Some("0.0"), Some("4.75")));
    assert_eq!(share.numbers.map(|numbers| numbers.not_finite), Some(Count(1)));
}

#[test]
fn exports_are_whole_and_never_over_another_file() {
    let bench = Bench::new("write_parquet: true");
    let export = |sort: &str, format, path: &str, replace| {
        let request = ExportRequest {
            rows: Bench::rows_of("amount > 170", sort),
            columns: vec!["status".into(), "id".into(), "amount".into(), "note".into()],
            format,
            path: path.into(),
            replace,
            job: String::new(),
        };
        bench.engine.export_rows(request, &mut |_| {})
    };
    let text = |path: &str| std::fs::read_to_string(bench.project.path(path)).expect("the file");
    drop(export("-id", ExportFormat::Csv, "out.csv", false).expect("an export"));
    assert_eq!(
        text("out.csv"),
        "status,id,amount,note\nPaid back,9007199254741012,190.19,\n\"\",9007199254741011,180.18,\nopen,9007199254741010,170.17,\n"
    );
    let again = export("", ExportFormat::Csv, "out.csv", false).expect_err("it is there");
    assert_eq!((again.code, again.exit), (code::QRY004, 1));
    drop(export("", ExportFormat::Csv, "out.csv", true).expect("an export"));
    assert!(text("out.csv").lines().nth(1).is_some_and(|line| line.starts_with("open,")));
    drop(export("", ExportFormat::Jsonl, "out.jsonl", false).expect("an export"));
    assert_eq!(
        text("out.jsonl").lines().next(),
        Some(r#"{"status":"open","id":"9007199254741010","amount":"170.17","note":null}"#)
    );
    let exported = export("", ExportFormat::Parquet, "out.parquet", false).expect("an export");
    assert!(matches!(exported, ExportEvent::Exported { rows: Count(3), .. }), "{exported:?}");
    let nowhere = export("", ExportFormat::Csv, "nowhere/out.csv", false).expect_err("no such folder");
    assert_eq!((nowhere.code, nowhere.exit), (code::QRY005, 3));
    let left: Vec<String> = bench.project.files("").into_iter().filter(|file| file.contains(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_tree_shows_what_stands_also_without_a_config() {
    let bench = Bench::new("write_parquet: true");
    bench.land("2025-01-02", &rows(1));
    bench.project.write("bronze/foreign/dt=2020-01-01/data.csv", "a\n");
    let browse = |layer, path: Option<&str>, after: Option<String>, limit| {
        let root = if layer == Layer::Bronze { "bronze" } else { "silver" };
        let folder = path.map(|path| FolderRef { root: root.into(), path: path.into() });
        let request = BrowseRequest { target: Target::at("t.yaml"), layer, folder, after, limit };
        bench.engine.browse(request).expect("a page")
    };
    let names = |page: &BrowsePage| page.entries.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>().join(" ");
    let roots = browse(Layer::Bronze, None, None, 10).roots;
    assert_eq!((roots.len(), roots[0].root.as_str(), roots[0].storage.as_str()), (1, "bronze", "local"));
    assert_eq!(names(&browse(Layer::Bronze, Some(""), None, 10)), "foreign system=s");
    let table = browse(Layer::Bronze, Some("system=s/table=t"), None, 10);
    assert_eq!((names(&table).as_str(), table.entries[0].dataset.as_deref()), ("pattern=full", Some("t")));
    let first = browse(Layer::Bronze, Some("system=s/table=t/pattern=full"), None, 1);
    assert_eq!((names(&first).as_str(), first.total), ("dt=2025-01-02", Some(Count(2))), "the newest first");
    let second = browse(Layer::Bronze, Some("system=s/table=t/pattern=full"), first.next, 1);
    assert_eq!((names(&second).as_str(), second.next), ("dt=2025-01-01", None));
    let paths: Vec<String> = [&first.entries[0], &second.entries[0]]
        .iter()
        .map(|entry| entry.path.clone())
        .chain(["foreign".into()])
        .collect();
    let request = GlanceRequest { target: Target::at("t.yaml"), layer: Layer::Bronze, root: "bronze".into(), paths };
    let glances = bench.engine.glance(request).expect("glances");
    let seen: Vec<_> = glances.iter().map(|glance| (glance.partition, glance.rows.0)).collect();
    assert_eq!(seen, [(true, 20), (true, 20), (false, 0)]);
    // A folder is read without asking a config; nothing outside the root is.
    let folder = |path: &str| PartitionRef {
        folder: Some(FolderRef { root: "bronze".into(), path: path.into() }),
        ..Bench::of(Layer::Bronze)
    };
    let rows = RowsOf::table(folder("system=s/table=t/pattern=full/dt=2025-01-01"), "");
    assert_eq!(bench.read(rows, "id", 0, 1).expect("rows"), "9007199254740993");
    let outside = bench.read(RowsOf::table(folder("../silver"), ""), "id", 0, 1).expect_err("outside");
    assert_eq!(outside.code, code::QRY006);
    let loads = browse(Layer::Silver, Some("domain=d/entity=e/v1"), None, 10);
    assert_eq!(names(&loads), "load_date=2025-01-02 load_date=2025-01-01");
    let silver = PartitionRef {
        folder: Some(FolderRef { root: "silver".into(), path: loads.entries[0].path.clone() }),
        ..Bench::of(Layer::Silver)
    };
    let detail = bench.engine.partition_detail(silver).expect("a load");
    assert_eq!(detail.summary.rows, Count(20));
    assert!(detail.control.iter().any(|file| file.path.ends_with("_metadata.json")), "{:?}", detail.control);
}

#[test]
fn files_are_looked_into() {
    let bench = Bench::new("write_parquet: true");
    bench.land("2025-01-01", &rows(2).lines().take(12).fold(String::new(), |all, line| format!("{all}{line}\n")));
    let detail = bench.engine.partition_detail(Bench::of(Layer::Bronze)).expect("a partition");
    assert_eq!(detail.history[0].changes, ["9 rows fewer", "2 parts new, 3 gone"]);
    let view = |path: &str, from: u64, limit: u32| {
        let (path, from) = (path.to_owned(), Count(from));
        bench.engine.view_file(FileRequest { of: Bench::of(Layer::Bronze), path, from, limit, group: 0 })
    };
    let parquet = view(&detail.files[0].path, 0, 10).expect("a file").parquet.expect("Parquet");
    assert_eq!((parquet.rows, parquet.groups.len(), parquet.columns.len()), (Count(7), 1, 8));
    assert_eq!((parquet.columns[1].physical.as_str(), parquet.columns[1].nulls), ("INT64", Some(Count(0))));
    assert_eq!(parquet.chunks[0].least.as_deref(), Some("9007199254740995"));
    assert_eq!(parquet.chunks[3].greatest.as_deref(), Some("2025-01-05"));
    assert!(parquet.schema.contains("OPTIONAL") && parquet.footer_bytes.0 > 0, "{}", parquet.schema);
    let metadata = view("_metadata.json", 0, 1_000_000).expect("a file").text.expect("text");
    assert!(metadata.text.starts_with('{') && metadata.text.contains("run_id"), "{}", metadata.text);
    let piece = view("_metadata.json", 2, 5).expect("a file").text.expect("text");
    assert_eq!((piece.from, piece.to, piece.text.len()), (Count(2), Count(7), 5));
    assert_eq!(view("../t.yaml", 0, 10).expect_err("no file of it").code, code::QRY006);
}

#[test]
fn a_cancelled_sort_stops() {
    let bench = Bench::new("write_parquet: true");
    let engine = &bench.engine;
    let request = OpenRowsRequest { rows: Bench::rows_of("", "-amount"), job: "j".into() };
    // The job is known while it runs; before and after there is nothing to cancel.
    assert!(!engine.cancel(CancelRequest { job: "j".into() }).expect("an answer").found);
    drop(engine.open_rows(request, &mut |_| {}).expect("rows"));
    assert!(!engine.cancel(CancelRequest { job: "j".into() }).expect("an answer").found);
}
