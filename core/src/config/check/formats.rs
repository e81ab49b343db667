//! Which files a layer writes: what the dataset wants and the platform allows, and that is something.

use super::view::{DatasetView, Mark};
use crate::config::findings::Findings;
use crate::config::options::OutputDefaults;
use crate::config::resolve;
use crate::diagnostic::{Diagnostic, code};

struct Layer<'o> {
    /// Section of the dataset.
    section: &'static str,
    /// Section of the platform.
    defaults_path: &'static str,
    name: &'static str,
    parquet: Option<bool>,
    csv: Option<bool>,
    defaults: Option<&'o OutputDefaults>,
}

pub(super) fn check(dataset: &DatasetView<'_>, findings: &mut Findings) {
    let platform = dataset.around().platform;
    layer(
        dataset,
        &Layer {
            section: "source.run",
            defaults_path: "platform.bronze.output_defaults",
            name: "Bronze",
            parquet: dataset.run().and_then(|run| run.write_parquet),
            csv: dataset.run().and_then(|run| run.write_csv),
            defaults: platform.bronze.as_ref().and_then(|bronze| bronze.output_defaults.as_ref()),
        },
        findings,
    );
    if let Some(silver) = dataset.silver() {
        layer(
            dataset,
            &Layer {
                section: "silver",
                defaults_path: "platform.silver.output_defaults",
                name: "Silver",
                parquet: silver.write_parquet,
                csv: silver.write_csv,
                defaults: platform.silver.as_ref().and_then(|silver| silver.output_defaults.as_ref()),
            },
            findings,
        );
    }
}

fn layer(dataset: &DatasetView<'_>, layer: &Layer<'_>, findings: &mut Findings) {
    let path = |key: &str| format!("{}.{key}", layer.section);
    let wrong = |key: &str, read: Option<bool>| read.is_none() && dataset.given(&path(key));
    if wrong("write_parquet", layer.parquet) || wrong("write_csv", layer.csv) {
        return;
    }
    let formats = resolve::formats(layer.parquet, layer.csv, layer.defaults);
    if !formats.parquet && !formats.csv {
        let place =
            if layer.parquet.is_some() || layer.csv.is_none() { path("write_parquet") } else { path("write_csv") };
        let finding =
            Diagnostic::error(code::CFG024, format!("{} would be written neither as Parquet nor as CSV", layer.name))
                .help(format!(
                    "set `write_parquet` or `write_csv` under `{}` to true; `{}` must allow it",
                    layer.section, layer.defaults_path
                ));
        dataset.report(findings, &place, Mark::Value, finding);
        return;
    }
    for (key, wanted, written) in
        [("write_parquet", layer.parquet, formats.parquet), ("write_csv", layer.csv, formats.csv)]
    {
        if wanted == Some(true) && !written {
            let allow = key.replace("write", "allow");
            let help = format!("remove it, or allow it: `{}.{allow}: true`", layer.defaults_path);
            dataset.idle(findings, &path(key), &format!(", because `{allow}` is false"), &help);
        }
    }
}
