//! Which known word somebody may have meant.

/// The candidate nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // Distances of very long words are dear and mean nothing.
    if word.len() > 64 {
        return None;
    }
    let folded = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(folded.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to say to somebody whose `word` is none of `known`: the nearest, else the first ones there are.
pub(crate) fn nearest_or_all(word: &str, known: &[&str]) -> Option<String> {
    const SHOWN: usize = 12;
    if let Some(nearest) = nearest(word, known.iter().copied()) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    let shown: Vec<String> = known.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = match known.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| format!("there are {}{more}", shown.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_or_all};

    #[test]
    fn who_means_nothing_that_there_is_hears_what_there_is() {
        let names: Vec<String> = (0..14).map(|number| format!("column_{number}")).collect();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(nearest_or_all("colum_3", &known).as_deref(), Some("did you mean `column_3`?"));
        assert_eq!(nearest_or_all("zzz", &known[..2]).as_deref(), Some("there are `column_0`, `column_1`"));
        assert!(nearest_or_all("zzz", &known).is_some_and(|said| said.ends_with("`column_11` and 2 more")));
        assert_eq!(nearest_or_all("zzz", &[]), None);
    }

    #[test]
    fn typing_errors_are_recognised_and_other_words_are_not() {
        let known = ["delimiter", "path", "has_header", "encoding"];
        assert_eq!(nearest("delimeter", known), Some("delimiter"));
        assert_eq!(nearest("hasHeader", known), Some("has_header"));
        assert_eq!(nearest("PATH", known), Some("path"));
        assert_eq!(nearest("bucket", known), None);
        assert_eq!(nearest(&"x".repeat(10_000), known), None);
    }
}
