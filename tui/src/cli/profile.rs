//! `medallion profile`: what the values of a column are like.

use medallion_core::api::wire::{ColumnProfile, ProfileRequest};

use super::args::ProfileArgs;
use super::output::{Failure, harmless};
use super::table::count;
use super::{Context, show};

/// Prints the profile.
pub(crate) fn answer(context: &Context, args: &ProfileArgs) -> Result<u8, Failure> {
    let rows = args.rows.rows(show::partition(context, &args.rows.of)?);
    let request = ProfileRequest { rows, column: args.column.clone(), job: String::new() };
    let profile = context.engine.profile_column(request, &mut |_| {})?;
    if context.output.json {
        context.output.reply(&profile)?;
    } else {
        context.output.data(&text(&profile))?;
    }
    Ok(0)
}

fn text(profile: &ColumnProfile) -> String {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    let share = |part: u64| match profile.rows.0 {
        0 => count(part),
        rows => format!("{} ({:.1} %)", count(part), part as f64 * 100.0 / rows as f64),
    };
    fact("type", profile.data_type.clone());
    fact("rows", count(profile.rows.0));
    fact("null", share(profile.nulls.0));
    fact("distinct", format!("{}{}", if profile.distinct_exact { "" } else { "about " }, count(profile.distinct.0)));
    let or_none = |value: &Option<String>| value.as_deref().map_or_else(|| "none".to_owned(), harmless);
    fact("least", or_none(&profile.least));
    fact("greatest", or_none(&profile.greatest));
    if let Some(lengths) = &profile.lengths {
        fact("empty", share(profile.empty.0));
        fact("length", format!("{} to {}, mean {:.1}", lengths.least, lengths.greatest, lengths.mean));
    }
    if let Some(numbers) = &profile.numbers {
        fact("sum", numbers.sum.clone().unwrap_or_else(|| "too large".to_owned()));
        fact("mean", numbers.mean.to_string());
        fact("deviation", numbers.deviation.to_string());
        for quantile in &numbers.quantiles {
            let about = if numbers.quantiles_exact { "" } else { "about " };
            fact(&format!("{} %", quantile.percent), format!("{about}{}", quantile.value));
        }
    }
    for top in &profile.top {
        let value = if top.value.is_empty() { "\"\"".to_owned() } else { harmless(&top.value) };
        fact("top", format!("{value}: {}", share(top.count.0)));
    }
    if !profile.top_exact && !profile.top.is_empty() {
        fact("", "(of the first 200,000 different values)".to_owned());
    }
    facts.iter().fold(String::new(), |all, (name, value)| format!("{all}{name:<10} {value}\n"))
}
