//! Whether a level of compression is one that its codec has.

use super::view::{Entries, Mark};
use crate::config::findings::Findings;
use crate::config::options::CompressionOption;
use crate::config::settings::Compression;
use crate::diagnostic::{Diagnostic, code};

/// A section that says a level.
struct Section<'o> {
    codec: Option<CompressionOption>,
    level: Option<u32>,
    /// Of the platform, where the section says none.
    default: Option<&'o CompressionOption>,
}

impl Section<'_> {
    /// What is wrong with its level, if anything is.
    fn finding(&self) -> Option<Diagnostic> {
        let level = self.level?;
        let codec = self.codec.or(self.default.copied()).map_or(Compression::Snappy, Compression::from);
        let Some((least, most)) = codec.levels() else {
            let text = format!("`parquet_compression_level` has no effect, because `{}` has no levels", codec.as_str());
            return Some(
                Diagnostic::warning(code::CFG024, text)
                    .help("remove it, or set `parquet_compression` to gzip, brotli or zstd"),
            );
        };
        (!(least..=most).contains(&level)).then(|| {
            let text =
                format!("`parquet_compression_level` of {} must be {least} to {most}, not {level}", codec.as_str());
            Diagnostic::error(code::CFG016, text)
                .help("higher levels are smaller and slower; without it the codec chooses")
        })
    }
}

pub(super) fn check(entries: &Entries<'_>, findings: &mut Findings) {
    let platform = entries.around.platform;
    let bronze = platform.bronze.as_ref().and_then(|layer| layer.output_defaults.as_ref());
    let silver = platform.silver.as_ref().and_then(|layer| layer.output_defaults.as_ref());
    for (layer, defaults) in [("bronze", bronze), ("silver", silver)] {
        let section = defaults.map(|defaults| Section {
            codec: defaults.parquet_compression,
            level: defaults.parquet_compression_level,
            default: None,
        });
        if let Some(finding) = section.and_then(|section| section.finding()) {
            let path = format!("platform.{layer}.output_defaults.parquet_compression_level");
            entries.report(findings, &path, Mark::Value, finding);
        }
    }
    for dataset in entries.datasets() {
        let run = dataset.run().map(|run| Section {
            codec: run.parquet_compression,
            level: run.parquet_compression_level,
            default: bronze.and_then(|defaults| defaults.parquet_compression.as_ref()),
        });
        let promoted = dataset.silver().map(|options| Section {
            codec: options.parquet_compression,
            level: options.parquet_compression_level,
            default: silver.and_then(|defaults| defaults.parquet_compression.as_ref()),
        });
        for (path, section) in [("source.run", run), ("silver", promoted)] {
            if let Some(finding) = section.and_then(|section| section.finding()) {
                dataset.report(findings, &format!("{path}.parquet_compression_level"), Mark::Value, finding);
            }
        }
    }
}
