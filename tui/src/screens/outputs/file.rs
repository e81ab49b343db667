//! A look into a file as text to be read: what Parquet is made of, or the text itself.

use medallion_core::api::wire::{FileView, ParquetView};

use crate::theme::Theme;
use crate::widgets::text;

/// What it is in a few words, and what is in it.
pub(super) fn told(view: &FileView, theme: Theme) -> (String, String) {
    let dot = theme.dot();
    let size = text::bytes(view.bytes.0);
    match (&view.parquet, &view.text) {
        (Some(parquet), _) => {
            let groups = text::counted(parquet.groups.len() as u64, "row group", "row groups");
            let about = format!("{}{dot}{groups}{dot}{size}", text::counted(parquet.rows.0, "row", "rows"));
            (about, parquet_text(parquet, theme))
        }
        (None, Some(piece)) if piece.to < view.bytes => {
            let shown = text::bytes(piece.to.0 - piece.from.0);
            (format!("the first {shown} of {size}"), piece.text.clone())
        }
        (None, Some(piece)) => (size, piece.text.clone()),
        (None, None) => (size, String::new()),
    }
}

fn parquet_text(parquet: &ParquetView, theme: Theme) -> String {
    let mut lines = vec![
        format!("written by   {}", parquet.created_by),
        format!("format       version {}, footer {}", parquet.version, text::bytes(parquet.footer_bytes.0)),
        String::new(),
        "Columns".to_owned(),
    ];
    let wide = parquet.columns.iter().map(|column| text::width(&column.path)).max().unwrap_or(0).min(28);
    for column in &parquet.columns {
        let name = text::left(&column.path, wide, theme);
        let logical = column.logical.as_ref().map(|logical| format!(" {logical}")).unwrap_or_default();
        let nulls = column.nulls.map(|nulls| format!(", {} null", text::count(nulls.0))).unwrap_or_default();
        lines.push(format!("{name}  {} {}{logical} as {}{nulls}", column.repetition, column.physical, column.arrow));
        lines.push(format!(
            "{}  {} of {}, {}, {}",
            " ".repeat(wide),
            text::bytes(column.compressed.0),
            text::bytes(column.uncompressed.0),
            column.compression.join(" "),
            column.encodings.join(" ")
        ));
    }
    lines.push(String::new());
    lines.push("Row groups".to_owned());
    for (at, group) in parquet.groups.iter().enumerate() {
        let sorted = if group.sorted_by.is_empty() {
            String::new()
        } else {
            format!(", sorted by {}", group.sorted_by.join(", "))
        };
        lines.push(format!(
            "{at:>4}  {}, {} of {}{sorted}",
            text::counted(group.rows.0, "row", "rows"),
            text::bytes(group.compressed.0),
            text::bytes(group.uncompressed.0)
        ));
    }
    if !parquet.chunks.is_empty() {
        lines.push(String::new());
        lines.push(format!("Row group {}: least and greatest values", parquet.group));
        for chunk in &parquet.chunks {
            let name = text::left(&chunk.column, wide, theme);
            let bound = |bound: &Option<String>| bound.as_deref().map_or_else(|| "not told".to_owned(), text::clean);
            let pages = chunk
                .pages
                .map(|pages| format!("  {}", text::counted(u64::from(pages), "page", "pages")))
                .unwrap_or_default();
            let bloom = if chunk.bloom { "  Bloom filter" } else { "" };
            let about = if chunk.exact { "" } else { "  (bounds)" };
            lines.push(format!("{name}  {} to {}{about}{pages}{bloom}", bound(&chunk.least), bound(&chunk.greatest)));
        }
    }
    if !parquet.metadata.is_empty() {
        lines.push(String::new());
        lines.push("Key-value metadata".to_owned());
        lines.extend(parquet.metadata.iter().map(|pair| format!("{} = {}", pair.key, pair.value)));
    }
    lines.push(String::new());
    lines.push("Schema".to_owned());
    lines.push(parquet.schema.clone());
    lines.join("\n")
}
