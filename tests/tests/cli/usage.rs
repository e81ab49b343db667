//! What is common to all verbs: help, version, bad arguments, streams, colour.

use std::process::Stdio;

use insta::assert_snapshot;
use medallion_tests::Project;

#[test]
fn help_lists_the_verbs() {
    assert_snapshot!(Project::empty().medallion(&["--help"]), @"
    exit: 0
    --- stdout
    Turn sources into Bronze and Silver datasets: one YAML file for each dataset, one engine.

    Without a verb the terminal app opens on the current folder.

    Usage: medallion [OPTIONS] [COMMAND]

    Commands:
      new         Write a config from a template, by flags or by questions on a terminal
      discover    Write a config that describes a file or a folder of files
      validate    Check configuration and report every problem
      doctor      Check configuration, variables, sources, storage and this machine; mends what is safe
      plan        Show what a run would do; writes nothing
      preview     Show the first records of a source, typed as Bronze would type them; writes nothing
      bronze      Extract sources to Bronze
      silver      Promote Bronze to Silver
      run         Extract to Bronze, then promote to Silver
      join        Join two Silver datasets into a third
      ls          List datasets, or the partitions of one
      show        Show one partition: files, columns, history, problems
      rows        Print rows of a partition, filtered and sorted if wished
      quarantine  Show rows that were set aside: in groups, or one by one
      verify      Hold files against what was committed: hashes, footers, rows, columns; writes nothing
      gc          Remove what crashes left and nobody needs
      retention   Show Bronze partitions older than `platform.bronze.retention`; removes them with --yes
      adopt       Make Bronze of the Python predecessor ours, as it is; writes commits with --write
      profile     Show what the values of a column are like
      export      Write rows to a CSV, JSON lines or Parquet file
      config      Show what counts for a config, all files and defaults considered, and who said it
      migrate     Rewrite configs of older forms to the canonical form; comments stay
      explain     Explain a code such as CFG013, or list all codes
      web         Serve the workbench to a browser on this machine
      lsp         Help an editor: completion, findings and fixes while a config is written
      app         Open the terminal app
      help        Print this message or the help of the given subcommand(s)

    Options:
          --list-backends
              List the kinds of storage that this program has, and what each needs

          --storage-scope <SCOPE>
              Where data may be stored: `onprem` refuses storage in clouds whatever a config says

              Possible values:
              - onprem: On own machines only
              - any:    Where the config says

              [default: any]

          --json
              Write the reply as JSON

      -q, --quiet
              Say nothing but data and errors

      -v, --verbose
              Say more

          --color <WHEN>
              When to use colour; NO_COLOR is respected

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Always
              - never:  Never

              [default: auto]

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Exit codes: 0 success, 1 configuration or usage, 2 extraction, 3 storage, 4 validation, 130
    cancelled.
    Data goes to standard output, everything else to standard error.
    --- stderr
    ");
}

#[test]
fn version_is_one_line() {
    let run = Project::empty().medallion(&["--version"]).ended(0);
    assert_eq!(run.stdout, format!("medallion {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn without_a_verb_and_without_a_terminal_it_prints_help() {
    let run = Project::empty().medallion(&[]).ended(1);
    assert!(run.stdout.is_empty() && run.stderr.contains("Usage: medallion"), "{run}");
}

#[test]
fn bad_usage_is_exit_1_with_a_code() {
    assert_snapshot!(Project::empty().medallion(&["run", "--date", "2013-02-30"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG026]: invalid value '2013-02-30' for '--date <DATE[..DATE]>': there is no such day

    For more information, try '--help'.
    ");
    assert_snapshot!(Project::empty().medallion(&["run", "--date", "2013-01-03..2013-01-01"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG026]: invalid value '2013-01-03..2013-01-01' for '--date <DATE[..DATE]>': the last date is before the first

    For more information, try '--help'.
    ");
    assert_snapshot!(Project::empty().medallion(&["runn"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG026]: unrecognized subcommand 'runn'

      tip: a similar subcommand exists: 'run'

    Usage: medallion [OPTIONS] [COMMAND]

    For more information, try '--help'.
    ");
    assert_snapshot!(Project::empty().medallion(&["ls", "--layer", "gold", "--source", "x"]), @"
    exit: 1
    --- stdout
    --- stderr
    error[CFG026]: invalid value 'gold' for '--layer <LAYER>'
      [possible values: bronze, silver]

    For more information, try '--help'.
    ");
}

#[test]
fn bad_usage_as_json() {
    let run = Project::empty().medallion(&["run", "--json", "--date", "today"]).ended(1);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((&error["code"], &error["exit"]), (&"CFG026".into(), &1.into()), "{run}");
    assert!(run.stdout.is_empty(), "{run}");
}

#[test]
fn a_folder_that_does_not_exist() {
    for verb in ["validate", "plan", "run", "ls", "show", "rows", "preview"] {
        let run = Project::empty().medallion(&[verb, "nowhere"]).ended(1);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("nowhere") && said.contains("error[CFG"), "{verb}: {run}");
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_is_called_that() {
    use std::os::unix::ffi::OsStrExt as _;
    let output =
        Project::empty().command(&["validate"]).arg(std::ffi::OsStr::from_bytes(b"folder\xff")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error[CFG026]: an argument is not UTF-8 text\n  help: rename"), "{said}");
}

#[test]
fn colour_is_a_choice() {
    let project = Project::people();
    let coloured = |arguments: &[&str], no_color: bool| {
        let mut command = project.command(arguments);
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let output = command.output().unwrap();
        output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b)
    };
    assert!(!coloured(&["validate"], false), "no terminal, no colour");
    assert!(coloured(&["validate", "--color", "always"], false));
    assert!(coloured(&["validate", "--color", "always"], true), "the flag is stronger than the variable");
    assert!(!coloured(&["validate", "--color", "never"], false));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let project = Project::people();
    let mut command = project.command(&["explain"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn quiet_says_nothing_but_data() {
    let project = Project::people();
    let run = project.medallion(&["run", "--date", "2025-01-01", "--quiet"]).ended(0);
    assert!(run.stderr.is_empty() && run.stdout.contains("people"), "{run}");
}
