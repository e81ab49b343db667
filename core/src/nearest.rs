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

#[cfg(test)]
mod tests {
    use super::nearest;

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
