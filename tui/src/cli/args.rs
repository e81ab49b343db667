//! The command line as typed: verbs, flags and their help text.
//!
//! Owns names and forms; decides nothing about data. The help text of a verb is its doc comment.

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use medallion_core::api::RenderStyle;
use medallion_core::api::wire::{
    AdoptRequest, Answer, DoctorRequest, GcRequest, Layer, Layers, LifecycleProvider, LifecycleRequest, PartitionRef,
    RetentionRequest, RowsOf, SortKey, Target, VerifyRequest,
};

use super::join::JoinArgs;
use super::plan::PlanArgs;
use super::quarantine::QuarantineArgs;
use super::run::RunArgs;

/// Turn sources into Bronze and Silver datasets: one YAML file for each dataset, one engine.
///
/// Without a verb the terminal app opens on the current folder.
#[derive(Debug, Parser)]
#[command(
    name = "medallion",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 success, 1 configuration or usage, 2 extraction, 3 storage, 4 validation, 130 cancelled.\n\
                  Data goes to standard output, everything else to standard error."
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
    /// List the kinds of storage that this program has, and what each needs.
    #[arg(long)]
    pub(crate) list_backends: bool,
    /// Flags of every verb.
    #[command(flatten)]
    pub(crate) global: Global,
}

/// Flags that every verb understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Write the reply as JSON.
    #[arg(long, global = true, display_order = 100)]
    pub(crate) json: bool,
    /// Say nothing but data and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = 101)]
    pub(crate) quiet: bool,
    /// Say more.
    #[arg(short, long, global = true, display_order = 102)]
    pub(crate) verbose: bool,
    /// Where data may be stored: `onprem` refuses storage in clouds whatever a config says.
    #[arg(long, global = true, value_name = "SCOPE", default_value = "any", display_order = 91)]
    pub(crate) storage_scope: ScopeArg,
    /// When to use colour; NO_COLOR is respected.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = 103)]
    pub(crate) color: ColorWhen,
}

/// Where data may be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeArg {
    /// On own machines only.
    Onprem,
    /// Where the config says.
    Any,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs, in the order of the work.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write a config from a template, by flags or by questions on a terminal.
    New(NewArgs),
    /// Write a config that describes a file or a folder of files.
    Discover(DiscoverArgs),
    /// Check configuration and report every problem.
    Validate(ValidateArgs),
    /// Check configuration, variables, sources, storage and this machine; mends what is safe.
    Doctor(DoctorArgs),
    /// Show what a run would do; writes nothing.
    Plan(PlanArgs),
    /// Show the first records of a source, typed as Bronze would type them; writes nothing.
    Preview(PreviewArgs),
    /// Extract sources to Bronze.
    Bronze(RunArgs),
    /// Promote Bronze to Silver.
    Silver(RunArgs),
    /// Extract to Bronze, then promote to Silver.
    Run(RunArgs),
    /// Join two Silver datasets into a third.
    Join(JoinArgs),
    /// List datasets, or the partitions of one.
    Ls(LsArgs),
    /// Show one partition: files, columns, history, problems.
    Show(PartitionArgs),
    /// Print rows of a partition, filtered and sorted if wished.
    Rows(RowsArgs),
    /// Show rows that were set aside: in groups, or one by one.
    Quarantine(QuarantineArgs),
    /// Hold files against what was committed: hashes, footers, rows, columns; writes nothing.
    Verify(VerifyArgs),
    /// Remove what crashes left and nobody needs.
    Gc(GcArgs),
    /// Show Bronze partitions older than `platform.bronze.retention`; removes them with --yes.
    Retention(RetentionArgs),
    /// Make Bronze of the Python predecessor ours, as it is; writes commits with --write.
    Adopt(AdoptArgs),
    /// Show what the values of a column are like.
    Profile(ProfileArgs),
    /// Write rows to a CSV, JSON lines or Parquet file.
    Export(ExportArgs),
    /// Show what counts for a config, all files and defaults considered, and who said it.
    Config(ConfigArgs),
    /// Rewrite configs of older forms to the canonical form; comments stay.
    Migrate(MigrateArgs),
    /// Explain a code such as CFG013, or list all codes.
    Explain(ExplainArgs),
    /// Serve the workbench to a browser on this machine.
    Web(WebArgs),
    /// Help an editor: completion, findings and fixes while a config is written.
    ///
    /// A language server on standard input and output; editors start it themselves. docs/editors.md has
    /// the settings of Neovim, Helix and VS Code.
    Lsp,
    /// Open the terminal app.
    App(AppArgs),
}

/// The argument of every verb that works on datasets.
#[derive(Clone, Debug, Args)]
pub(crate) struct TargetArg {
    /// A config file, or a workspace folder with config files.
    #[arg(value_name = "CONFIG_OR_FOLDER", default_value = ".")]
    path: String,
    #[command(flatten)]
    environment: EnvironmentArg,
}

/// Which environment, for every verb that takes a config.
#[derive(Clone, Debug, Args)]
pub(crate) struct EnvironmentArg {
    /// Lay environments/NAME.yaml over each config.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new(), display_order = 90)]
    env: Option<String>,
}

impl TargetArg {
    /// As the engine wants it.
    pub(crate) fn target(&self) -> Target {
        Target { environment: self.environment.env.clone(), ..Target::at(self.path.as_str()) }
    }
}

/// `medallion validate`
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) target: TargetArg,
    /// How findings are written; --json means `--format json`.
    #[arg(short, long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: ReportFormat,
    /// Apply the safe fixes, after showing what they change.
    #[arg(long)]
    pub(crate) fix: bool,
    /// Show what --fix would change; writes nothing.
    #[arg(long, conflicts_with_all = ["fix", "watch", "format"])]
    pub(crate) diff: bool,
    /// Stay, and check again whenever a file changes. Ctrl-C ends, with the exit code of the last state.
    #[arg(short, long)]
    pub(crate) watch: bool,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// With the lines that are meant.
    Pretty,
    /// One line each: FILE:LINE:COLUMN: SEVERITY[CODE]: MESSAGE.
    Plain,
    /// The reply as JSON.
    Json,
    /// Annotations of a GitHub workflow.
    Github,
    /// SARIF 2.1.0.
    Sarif,
}

impl ReportFormat {
    /// The engine's name for it.
    pub(crate) const fn style(self, colour: bool) -> RenderStyle {
        match self {
            Self::Plain => RenderStyle::Lines,
            Self::Github => RenderStyle::Github,
            _ if colour => RenderStyle::Colour,
            _ => RenderStyle::Plain,
        }
    }
}

/// `medallion new`
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The template. Without it, questions are asked on a terminal.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) template: Option<String>,
    /// The answer to a question of the template; may be repeated. Default: as the template says.
    #[arg(long, value_name = "QUESTION=ANSWER", value_parser = answer)]
    pub(crate) set: Vec<Answer>,
    /// The file to write. Default: standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Write over a file that is there.
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// List the templates.
    #[arg(short, long, conflicts_with_all = ["template", "set", "output"])]
    pub(crate) list: bool,
}

/// `medallion discover`
#[derive(Debug, Args)]
pub(crate) struct DiscoverArgs {
    /// A file, a folder of files, the address of a database (or env:VARIABLE that holds it), or of an API.
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// The file to write. Default: standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Environment variable with the token of an API, sent as a bearer token.
    #[arg(long, value_name = "NAME")]
    pub(crate) auth_env_var: Option<String>,
    /// Name of the system that the data comes from. Default: from the folder or address.
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,
    /// Write over a file that is there.
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// `medallion doctor`
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Config files, or workspace folders with config files.
    #[arg(value_name = "CONFIG_OR_FOLDER", default_value = ".")]
    paths: Vec<String>,
    #[command(flatten)]
    environment: EnvironmentArg,
    /// Check the configuration only: no source, no storage, no network.
    #[arg(long)]
    offline: bool,
    /// Seconds that one check may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3600))]
    timeout: u32,
    /// Show what safe fixes would change in the configs, and apply them after asking.
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: apply without asking.
    #[arg(short, long, requires = "fix")]
    pub(crate) yes: bool,
}

impl DoctorArgs {
    /// As the engine wants it.
    pub(crate) fn request(&self, job: &str) -> DoctorRequest {
        let environment = &self.environment.env;
        let target = |path: &String| Target { environment: environment.clone(), ..Target::at(path.as_str()) };
        let mut targets = self.paths.iter().map(target);
        DoctorRequest {
            target: targets.next().unwrap_or_default(),
            also: targets.collect(),
            offline: self.offline,
            timeout_seconds: Some(self.timeout),
            job: job.into(),
        }
    }
}

/// `medallion preview`
#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    #[command(flatten)]
    pub(crate) target: TargetArg,
    /// The dataset; may be left out where there is only one.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// The date for `{run_date}`. Default: today.
    #[arg(short, long, value_name = "DATE", value_parser = date)]
    pub(crate) date: Option<NaiveDate>,
    /// At most this many records.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) limit: u32,
    /// At most this many pages of an API.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) pages: u32,
    /// At most this long.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) seconds: u32,
    /// Start where a run would start, not at the beginning. For sources with a cursor.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Show the requests and answers too, without secrets.
    #[arg(long)]
    pub(crate) requests: bool,
    /// How rows are written.
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

/// `medallion ls`
#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    pub(crate) target: TargetArg,
    /// List the partitions of this dataset.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// With --source: one layer only.
    #[arg(long, value_name = "LAYER", requires = "source")]
    pub(crate) layer: Option<LayerArg>,
    /// With --source: at most this many partitions of each layer, newest first.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// Which partition: `medallion show`, `medallion rows`
#[derive(Clone, Debug, Args)]
pub(crate) struct PartitionArgs {
    #[command(flatten)]
    pub(crate) target: TargetArg,
    /// The dataset; may be left out where there is only one.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// The layer. Default: Silver if the dataset has a load, else Bronze.
    #[arg(long, value_name = "LAYER")]
    pub(crate) layer: Option<LayerArg>,
    /// The partition of this date. Default: the newest.
    #[arg(short, long, value_name = "DATE", value_parser = date)]
    pub(crate) date: Option<NaiveDate>,
    /// The partition with this id, as `ls --json` has it.
    #[arg(long, value_name = "ID", conflicts_with = "date")]
    pub(crate) partition: Option<String>,
}

/// Which rows, for every verb that reads them.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhichRows {
    #[command(flatten)]
    pub(crate) of: PartitionArgs,
    /// The table inside the partition, as `show` lists them; `_errors` has the bad rows.
    #[arg(short, long, value_name = "TABLE", default_value = "")]
    pub(crate) table: String,
    /// Only rows that fulfil a condition, such as "amount > 100 and status = 'paid'".
    #[arg(short = 'w', long = "where", value_name = "CONDITION", default_value = "")]
    pub(crate) condition: String,
    /// Sort by these columns; one that begins with `-` from the greatest down.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', allow_hyphen_values = true)]
    sort: Vec<String>,
    /// All partitions of the layer as one table, with the columns of their paths.
    #[arg(long)]
    pub(crate) whole: bool,
}

impl WhichRows {
    /// As the engine wants it.
    pub(crate) fn rows(&self, of: PartitionRef) -> RowsOf {
        let key = |key: &String| match key.strip_prefix('-') {
            Some(column) => SortKey { column: column.to_owned(), descending: true },
            None => SortKey { column: key.clone(), descending: false },
        };
        RowsOf {
            of,
            table: self.table.clone(),
            whole: self.whole,
            filter: self.condition.clone(),
            sort: self.sort.iter().map(key).collect(),
        }
    }
}

/// `medallion profile`
#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    #[command(flatten)]
    pub(crate) rows: WhichRows,
    /// The column.
    #[arg(short, long, value_name = "COLUMN")]
    pub(crate) column: String,
}

/// `medallion export`
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) rows: WhichRows,
    /// Only these columns, in this order.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// The file: .csv, .jsonl or .parquet.
    #[arg(long, value_name = "FILE")]
    pub(crate) to: String,
    /// Replace a file of that name.
    #[arg(long)]
    pub(crate) replace: bool,
}

/// `medallion rows`
#[derive(Debug, Args)]
pub(crate) struct RowsArgs {
    #[command(flatten)]
    pub(crate) rows: WhichRows,
    /// Only these columns, in this order.
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Skip this many rows.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) offset: u64,
    /// At most this many rows.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, conflicts_with = "all")]
    pub(crate) limit: u64,
    /// All rows.
    #[arg(long)]
    pub(crate) all: bool,
    /// How rows are written.
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RowFormat,
}

/// `medallion verify`
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A config file, a workspace folder, or a folder with Bronze or Silver below it.
    #[arg(value_name = "CONFIG_OR_FOLDER", default_value = ".")]
    path: String,
    #[command(flatten)]
    environment: EnvironmentArg,
    /// Only this dataset; may be repeated, or a list with commas. Default: all.
    #[arg(short, long = "source", value_name = "NAME", value_delimiter = ',')]
    sources: Vec<String>,
    /// One layer only.
    #[arg(long, value_name = "LAYER")]
    layer: Option<LayerArg>,
    /// The partition with this id only, as `ls --json` has it.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    partition: String,
    /// Sizes and footers only; no file is read whole.
    #[arg(long)]
    quick: bool,
}

impl VerifyArgs {
    /// As the engine wants it.
    pub(crate) fn request(&self, job: &str) -> VerifyRequest {
        VerifyRequest {
            target: Target { environment: self.environment.env.clone(), ..Target::at(self.path.as_str()) },
            sources: self.sources.clone(),
            layer: self.layer.map(Layer::from),
            partition: self.partition.clone(),
            quick: self.quick,
            job: job.into(),
        }
    }
}

/// `medallion gc`
#[derive(Debug, Args)]
pub(crate) struct GcArgs {
    #[command(flatten)]
    target: TargetArg,
    /// Only this dataset; may be repeated, or a list with commas. Default: all.
    #[arg(short, long = "source", value_name = "NAME", value_delimiter = ',')]
    sources: Vec<String>,
    /// List what would be removed; removes nothing.
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl GcArgs {
    /// As the engine wants it.
    pub(crate) fn request(&self, job: &str) -> GcRequest {
        GcRequest {
            target: self.target.target(),
            sources: self.sources.clone(),
            dry_run: self.dry_run,
            job: job.into(),
        }
    }
}

/// `medallion retention`
#[derive(Debug, Args)]
pub(crate) struct RetentionArgs {
    #[command(flatten)]
    target: TargetArg,
    /// Only this dataset; may be repeated, or a list with commas. Default: all.
    #[arg(short, long = "source", value_name = "NAME", value_delimiter = ',')]
    sources: Vec<String>,
    /// Remove what is listed as removable.
    #[arg(short, long)]
    yes: bool,
    /// Also what Silver needs to be built again.
    #[arg(long)]
    force: bool,
    /// Print rules with which an object store removes old files by itself; removes nothing.
    #[arg(long, value_name = "PROVIDER", conflicts_with = "yes")]
    pub(crate) print_lifecycle: Option<ProviderArg>,
}

/// Whose form lifecycle rules have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProviderArg {
    /// Amazon S3, and services like it.
    S3,
    /// Azure Storage.
    Azure,
}

impl RetentionArgs {
    /// As the engine wants it.
    pub(crate) fn request(&self, job: &str) -> RetentionRequest {
        RetentionRequest {
            target: self.target.target(),
            sources: self.sources.clone(),
            apply: self.yes,
            force: self.force,
            job: job.into(),
        }
    }

    /// The question for rules.
    pub(crate) fn lifecycle(&self, provider: ProviderArg) -> LifecycleRequest {
        LifecycleRequest {
            target: self.target.target(),
            sources: self.sources.clone(),
            provider: match provider {
                ProviderArg::S3 => LifecycleProvider::S3,
                ProviderArg::Azure => LifecycleProvider::Azure,
            },
            force: self.force,
        }
    }
}

/// `medallion adopt`
#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// A folder with Bronze of the predecessor in it or below it; or a config, for the Bronze of its
    /// datasets, also in an object store.
    #[arg(value_name = "PATH")]
    path: String,
    /// Write the commits. Without it, it is only said what would be adopted.
    #[arg(short, long)]
    write: bool,
}

impl AdoptArgs {
    /// As the engine wants it.
    pub(crate) fn request(&self, job: &str) -> AdoptRequest {
        AdoptRequest { path: self.path.clone(), write: self.write, job: job.into() }
    }
}

/// `medallion config`
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    pub(crate) target: TargetArg,
    /// Show the defaults of keys that nobody gives, too.
    #[arg(long)]
    pub(crate) defaults: bool,
}

/// `medallion migrate`
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Config files, or folders with config files.
    #[arg(value_name = "FILE", required = true)]
    paths: Vec<String>,
    /// Write the new text to the files. Without it the changes are only shown.
    #[arg(short, long)]
    pub(crate) write: bool,
}

impl MigrateArgs {
    /// As the engine wants them.
    pub(crate) fn targets(&self) -> impl Iterator<Item = Target> + '_ {
        self.paths.iter().map(|path| Target::at(path.as_str()))
    }
}

/// `medallion explain`
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The code, in any case. Without it, all codes are listed.
    #[arg(value_name = "CODE", default_value = "")]
    pub(crate) code: String,
    /// List the keys that are still read although they have a successor.
    #[arg(long, conflicts_with = "code")]
    pub(crate) deprecated: bool,
}

/// `medallion web`
#[derive(Debug, Args)]
pub(crate) struct WebArgs {
    #[command(flatten)]
    pub(crate) target: TargetArg,
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(short, long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
}

/// `medallion app`
#[derive(Debug, Args)]
pub(crate) struct AppArgs {
    #[command(flatten)]
    pub(crate) target: TargetArg,
}

/// One of the two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayerArg {
    /// Raw landing.
    Bronze,
    /// Curated.
    Silver,
}

impl From<LayerArg> for Layer {
    fn from(layer: LayerArg) -> Self {
        match layer {
            LayerArg::Bronze => Self::Bronze,
            LayerArg::Silver => Self::Silver,
        }
    }
}

impl From<LayerArg> for Layers {
    fn from(layer: LayerArg) -> Self {
        match layer {
            LayerArg::Bronze => Self::Bronze,
            LayerArg::Silver => Self::Silver,
        }
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// A table for people: NULL is written NULL, the empty string "".
    Table,
    /// CSV: NULL is an empty field, the empty string "".
    Csv,
    /// One JSON object a line; 64-bit integers and decimals are text, so no reader rounds them.
    Jsonl,
    /// An Arrow IPC stream.
    Arrow,
}

/// A first and perhaps a last date, inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dates {
    pub(crate) first: NaiveDate,
    pub(crate) last: Option<NaiveDate>,
}

fn answer(text: &str) -> Result<Answer, String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "answers are written question=answer".to_owned())?;
    Ok(Answer { name: name.trim().to_owned(), value: value.to_owned() })
}

pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    let form = || "dates are written YYYY-MM-DD".to_owned();
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return Err(form()) };
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return Err(form());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "there is no such day".to_owned())
}

pub(crate) fn dates(text: &str) -> Result<Dates, String> {
    let Some((first, last)) = text.split_once("..") else {
        return Ok(Dates { first: date(text)?, last: None });
    };
    let (first, last) = (date(first)?, date(last)?);
    if last < first {
        Err("the last date is before the first".to_owned())
    } else {
        Ok(Dates { first, last: Some(last) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn dates_are_strict() {
        let day = |d| NaiveDate::from_ymd_opt(2013, 1, d);
        assert_eq!(date("2013-01-02").ok(), day(2));
        for (text, message) in [
            ("2013-02-30", "there is no such day"),
            ("2013-13-01", "there is no such day"),
            ("2013-1-2", "dates are written YYYY-MM-DD"),
            ("+2013-01-02", "dates are written YYYY-MM-DD"),
            ("today", "dates are written YYYY-MM-DD"),
            ("", "dates are written YYYY-MM-DD"),
        ] {
            assert_eq!(date(text), Err(message.to_owned()), "{text}");
        }
        assert_eq!(dates("2013-01-01..2013-01-03").map(|dates| (Some(dates.first), dates.last)), Ok((day(1), day(3))));
        assert_eq!(dates("2013-01-03..2013-01-01"), Err("the last date is before the first".to_owned()));
        assert!(dates("2013-01-01..").is_err());
    }

    #[test]
    fn sources_may_be_repeated_or_listed() {
        let arguments = Arguments::try_parse_from(["medallion", "run", "w", "-s", "a,b", "--source", "c"]).unwrap();
        let Some(Verb::Run(run)) = arguments.verb else { panic!("another verb") };
        assert_eq!(run.request(Layers::Both, "").sources, ["a", "b", "c"]);
    }
}
