//! A draft as fields.

use super::Engine;
use super::wire::ErrorBody;
use super::wire::{Choice, Field, FieldKind, Form, FormRequest, Origin};
use crate::config::{self, form};

impl Engine {
    /// See the command table.
    pub fn form(&self, request: FormRequest) -> Result<Form, ErrorBody> {
        let draft = request.draft;
        let path = request.path.unwrap_or_default();
        let overlay = draft.environment.as_deref();
        let reading = config::read_text(&self.root, &draft.file, &draft.text, overlay, &*self.world.env);
        Ok(match form::fields(&reading, &path) {
            Ok(form) => {
                Form { fields: form.fields.into_iter().map(field).collect(), unreadable: None, in_part: form.in_part }
            }
            Err(reason) => Form { unreadable: Some(reason), ..Form::default() },
        })
    }
}

fn field(from: form::Field) -> Field {
    Field {
        path: from.path,
        label: from.label,
        help: from.help.to_owned(),
        kind: kind(from.kind),
        written: from.written,
        effective: from.effective,
        origin: match from.origin {
            config::Origin::Nowhere => Origin::Nowhere,
            config::Origin::Default => Origin::Default,
            config::Origin::Here => Origin::Here,
            config::Origin::Parent { file } => Origin::Parent { file },
            config::Origin::Environment { file } => Origin::Environment { file },
        },
        required: from.required,
        advanced: from.advanced,
        deprecated: from.deprecated,
        span: from.span,
        problems: from.problems,
        children: from.children.into_iter().map(field).collect(),
    }
}

fn kind(from: form::Kind) -> FieldKind {
    match from {
        form::Kind::Section => FieldKind::Section,
        form::Kind::Map => FieldKind::Map,
        form::Kind::List { scalar } => FieldKind::List { scalar },
        form::Kind::Text { file, long } => FieldKind::Text { file, long },
        form::Kind::Integer => FieldKind::Integer,
        form::Kind::Number => FieldKind::Number,
        form::Kind::Boolean => FieldKind::Boolean,
        form::Kind::Choice(values) => FieldKind::Choice {
            values: values
                .into_iter()
                .map(|(value, help)| Choice { value: value.to_owned(), help: help.to_owned() })
                .collect(),
        },
        form::Kind::Raw => FieldKind::Raw,
    }
}
