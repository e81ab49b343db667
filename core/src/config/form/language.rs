//! The schema as a tree to walk by keys: what may stand where, in which order, with which help.

use serde_json::{Map, Value as Json};

use crate::config::edit::Step;
use crate::config::schema;

/// A place of the language: what may stand there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The schema as written at the key, with its help.
    pub(super) own: &'static Json,
    /// What it allows, references followed and null left out.
    pub(super) forms: Vec<&'static Json>,
}

impl Place {
    /// The whole document.
    pub(super) fn root() -> Self {
        Self::of(schema::annotated())
    }

    pub(super) fn of(own: &'static Json) -> Self {
        Self { own, forms: schema::alternatives(schema::annotated(), own) }
    }

    /// The place at the end of `steps`, if the language has it.
    pub(super) fn at(steps: &[Step]) -> Option<Self> {
        steps.iter().try_fold(Self::root(), |place, step| match step {
            Step::Key(key) => place.key(key),
            Step::Index(_) => place.items(),
        })
    }

    /// What may stand at a key.
    pub(super) fn key(&self, key: &str) -> Option<Self> {
        self.properties().and_then(|all| all.get(key)).map(Self::of).or_else(|| self.entries())
    }

    /// The keys of a section, in order.
    pub(super) fn properties(&self) -> Option<&'static Map<String, Json>> {
        self.forms.iter().find_map(|form| schema::properties(form))
    }

    /// The form that has the keys.
    pub(super) fn section(&self) -> Option<&'static Json> {
        self.forms.iter().copied().find(|form| schema::properties(form).is_some())
    }

    /// What may stand at a key of the user's choice.
    pub(super) fn entries(&self) -> Option<Self> {
        self.forms
            .iter()
            .find_map(|form| form.get("additionalProperties"))
            .filter(|form| form.is_object())
            .map(Self::of)
    }

    /// What an item may be.
    pub(super) fn items(&self) -> Option<Self> {
        self.forms.iter().find_map(|form| form.get("items")).map(Self::of)
    }

    /// An annotation or keyword, at the key or in what it refers to.
    pub(super) fn note(&self, name: &str) -> Option<&'static Json> {
        self.own.get(name).or_else(|| self.forms.iter().find_map(|form| form.get(name)))
    }

    /// Whether an annotation is `true`.
    pub(super) fn is(&self, name: &str) -> bool {
        self.note(name).and_then(Json::as_bool).unwrap_or_default()
    }

    /// The help.
    pub(super) fn help(&self) -> &'static str {
        let text = self.own.get("description").or_else(|| self.note("description")).and_then(Json::as_str);
        text.unwrap_or_default()
    }
}

/// The keys of the section at `steps` in the order of the language.
pub(crate) fn order(steps: &[Step]) -> Vec<String> {
    let properties = Place::at(steps).and_then(|place| place.properties());
    properties.map(|all| all.keys().cloned().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::path::steps;

    #[test]
    fn keys_come_in_the_order_of_the_language() {
        let of = |path: &str| order(&steps(path).unwrap());
        assert_eq!(of("")[..2], ["config_version", "platform"]);
        assert_eq!(of("sources[3]")[..3], ["name", "source", "silver"]);
        assert_eq!(of("sources[0].source")[..3], ["type", "system", "table"]);
        assert!(of("sources[0].source.run.schema").is_empty(), "the user's own keys have no order");
        assert!(of("nothing.at[0].all").is_empty());
    }
}
