//! Rows and profiles as text to be read.

use medallion_core::api::wire::{CellValue, ColumnProfile, RowDetail};

use crate::theme::Theme;
use crate::widgets::text;

/// Columns of a bar.
const BAR: usize = 24;

/// All values of a row, one below the other.
pub(super) fn row(detail: &RowDetail, theme: Theme) -> String {
    let wide = detail.cells.iter().map(|cell| text::width(&cell.column)).max().unwrap_or(0).min(30);
    let mut lines = Vec::new();
    for cell in &detail.cells {
        let name = text::left(&cell.column, wide, theme);
        let value = value(cell, theme);
        let mut parts = value.split('\n');
        lines.push(format!("{name}  {}", parts.next().unwrap_or_default()));
        lines.extend(parts.map(|part| format!("{}  {part}", " ".repeat(wide))));
    }
    lines.join("\n")
}

/// A value; NULL and the empty text look different.
pub(super) fn value(cell: &CellValue, theme: Theme) -> String {
    match &cell.text {
        None => "NULL (no value)".to_owned(),
        Some(text) if text.is_empty() => "\"\" (an empty text)".to_owned(),
        Some(text) if cell.cut => {
            format!(
                "{text}{} (the first {} of {})",
                theme.ellipsis(),
                text::bytes(text.len() as u64),
                text::bytes(cell.bytes.0)
            )
        }
        Some(text) => text.clone(),
    }
}

/// What the values of a column are like.
pub(super) fn profile(profile: &ColumnProfile, theme: Theme) -> String {
    let mut lines = Vec::new();
    let mut fact = |name: &str, value: String| lines.push(format!("{name:<12} {value}"));
    let rows = profile.rows.0;
    let percent = |part: u64| if rows == 0 { 0.0 } else { part as f64 * 100.0 / rows as f64 };
    let share = |part: u64| format!("{}  ({:.1} %)", text::count(part), percent(part));
    fact("rows", text::count(rows));
    fact("NULL", share(profile.nulls.0));
    let about = if profile.distinct_exact { "" } else { "about " };
    fact("distinct", format!("{about}{}", text::count(profile.distinct.0)));
    fact("least", profile.least.clone().unwrap_or_else(|| "none".to_owned()));
    fact("greatest", profile.greatest.clone().unwrap_or_else(|| "none".to_owned()));
    if let Some(lengths) = &profile.lengths {
        fact("empty", share(profile.empty.0));
        let (least, greatest) = (text::count(lengths.least.0), text::count(lengths.greatest.0));
        fact("length", format!("{least} to {greatest} characters, {:.1} on average", lengths.mean));
    }
    if let Some(numbers) = &profile.numbers {
        fact("sum", numbers.sum.clone().unwrap_or_else(|| "too large".to_owned()));
        fact("mean", format!("{}", numbers.mean));
        fact("deviation", format!("{}", numbers.deviation));
        if numbers.not_finite.0 > 0 {
            fact("not finite", share(numbers.not_finite.0));
        }
        for quantile in &numbers.quantiles {
            let about = if numbers.quantiles_exact { "" } else { "about " };
            let name = if (quantile.percent - 50.0).abs() < 0.01 {
                "median".to_owned()
            } else {
                format!("{} %", quantile.percent)
            };
            fact(&name, format!("{about}{}", quantile.value));
        }
    }
    let bar = |part: u64, most: u64| {
        let length = (part * BAR as u64).checked_div(most).map_or(0, |length| usize::try_from(length).unwrap_or(BAR));
        text::left(&theme.pick("▇", "#").repeat(length.max(usize::from(part > 0))), BAR, theme)
    };
    if !profile.histogram.is_empty() {
        lines.push(String::new());
        lines.push("How the values spread".to_owned());
        let most = profile.histogram.iter().map(|bucket| bucket.count.0).max().unwrap_or(0);
        let wide = profile.histogram.iter().map(|bucket| text::width(&bucket.from)).max().unwrap_or(0).min(26);
        for bucket in &profile.histogram {
            let from = text::right(&bucket.from, wide, theme);
            lines.push(format!("{from}  {} {}", bar(bucket.count.0, most), text::count(bucket.count.0)));
        }
    }
    if !profile.top.is_empty() {
        lines.push(String::new());
        let exact = if profile.top_exact { "" } else { ", of the first 200,000 different ones" };
        lines.push(format!("Most frequent values{exact}"));
        let most = profile.top.first().map_or(0, |top| top.count.0);
        let shown = |value: &str| if value.is_empty() { "\"\"".to_owned() } else { text::clean(value) };
        let wide = profile.top.iter().map(|top| text::width(&shown(&top.value))).max().unwrap_or(0).min(26);
        for top in &profile.top {
            let name = text::left(&shown(&top.value), wide, theme);
            lines.push(format!("{name}  {} {}", bar(top.count.0, most), share(top.count.0)));
        }
    }
    lines.join("\n")
}
