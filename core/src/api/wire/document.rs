//! Wire types of authoring: drafts of config files, their edits, completions, hovers and forms.
//!
//! A draft is a text that may not be saved yet. Every place in it is a byte offset, as in [`Span`];
//! front ends convert to the units of their editor. An edit answers with [`TextEdit`]s, which the
//! editor applies as one change, so that its undo covers text and form alike.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Count, Diagnostic, Span, TextEdit};

/// The text of a config file as it stands in an editor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Draft {
    /// The file it is, or will be, as `validate` names it. It decides where relative paths start and
    /// need not exist yet.
    pub file: String,
    /// The whole text.
    pub text: String,
    /// Overlay `environments/<name>.yaml` that is laid over the file.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub environment: Option<String>,
}

/// What was found in a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftCheck {
    /// Names of the datasets that could be understood.
    pub datasets: Vec<String>,
    /// Everything found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the draft differs from the saved file; true when there is none.
    pub changed: bool,
}

/// A place in a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CursorRequest {
    /// The draft.
    pub draft: Draft,
    /// Bytes before the cursor.
    pub offset: u32,
}

/// What may stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Completions {
    /// What an accepted completion replaces; empty at the cursor when nothing is typed yet.
    pub span: Option<Span>,
    /// Best first.
    pub items: Vec<Completion>,
}

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Completion {
    /// As listed.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside the label: the type, "required", where the value comes from.
    pub detail: String,
    /// The page about it, Markdown; may be empty.
    pub documentation: String,
    /// What is inserted in place of [`Completions::span`]. May hold several lines, already indented.
    pub insert: String,
    /// Where the cursor goes: bytes from the start of `insert`.
    pub cursor: u32,
}

/// Kinds of proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    /// A key of the language.
    Key,
    /// A value of the language.
    Value,
    /// Name of an environment variable.
    Variable,
    /// A file or folder.
    File,
    /// A column of the source.
    Column,
    /// Several lines.
    Snippet,
}

/// What is known about the place of the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Hover {
    /// What it is about; `None` when there is nothing to say.
    pub span: Option<Span>,
    /// Markdown; empty when there is nothing to say.
    pub text: String,
}

/// The document as fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Form {
    /// Fields of the top level, in the order of the schema, then unknown keys.
    pub fields: Vec<Field>,
    /// Why there is no form: the text is not valid YAML.
    pub unreadable: Option<String>,
    /// Whether there are so many datasets that only the one asked for is listed with everything that
    /// could be written ([`FormRequest::path`]).
    pub in_part: bool,
}

/// One field with those below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Field {
    /// Where: `sources[0].source.file.path`.
    pub path: String,
    /// The key, or `1`, `2`, … in a list, or the name of a dataset.
    pub label: String,
    /// Help, Markdown; the first sentence stands alone.
    pub help: String,
    /// How it is edited.
    pub kind: FieldKind,
    /// As written here, without quotes; `None` if it is not written in this file.
    pub written: Option<String>,
    /// What counts, all layers and defaults considered. `None` if there is nothing, or if it comes from
    /// a variable, whose value is never shown.
    pub effective: Option<String>,
    /// Where `effective` comes from.
    pub origin: Origin,
    /// Must be given.
    pub required: bool,
    /// Shown only on request, unless written.
    pub advanced: bool,
    /// Read, but has a successor.
    pub deprecated: bool,
    /// Place of the value in the text, if written here.
    pub span: Option<Span>,
    /// Positions in the list of the draft's diagnostics of those about this very field.
    pub problems: Vec<u32>,
    /// Fields of a section, entries of a map, items of a list.
    #[ts(type = "Array<Field>")]
    pub children: Vec<Self>,
}

/// How a field is edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldKind {
    /// Keys of the language.
    Section,
    /// Keys of the user's choice; a new entry is set at `path.key`.
    Map,
    /// Items; a new one is inserted. `scalar`: its items are single values.
    List {
        /// Whether items are single values.
        scalar: bool,
    },
    /// Text.
    Text {
        /// Whether it may name a file or folder.
        file: bool,
        /// Whether it is long, such as a query.
        long: bool,
    },
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of a few.
    Choice {
        /// Which.
        values: Vec<Choice>,
    },
    /// Something this form does not understand, such as an unknown key: shown as it is.
    Raw,
}

/// One value of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Choice {
    /// As written.
    pub value: String,
    /// What it means.
    pub help: String,
}

/// Where a value comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// Nobody gave one, and there is no default.
    #[default]
    Nowhere,
    /// The language.
    Default,
    /// This file.
    Here,
    /// A file that this one extends.
    Parent {
        /// As the user would name it.
        file: String,
    },
    /// The overlay of the environment.
    Environment {
        /// As the user would name it.
        file: String,
    },
}

/// Asks for the form of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormRequest {
    /// The draft.
    pub draft: Draft,
    /// A path in the dataset at hand. Of a file with more than 20 datasets only this one is listed with
    /// everything that could be written; of the others only what is.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub path: Option<String>,
}

/// Changes to a draft, in their order; each sees the text that those before it left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EditRequest {
    /// The draft.
    pub draft: Draft,
    /// What to change.
    pub edits: Vec<Edit>,
}

/// One change at a path. Nothing else in the text changes: not comments, quoting, order, anchors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Edit {
    /// Gives `path` a value; the key and the sections around it are added where they are missing.
    Set {
        /// Where.
        path: String,
        /// What.
        value: EditValue,
    },
    /// Removes the key or item at `path` with everything below it and its own comments.
    Unset {
        /// Where.
        path: String,
    },
    /// Adds an item to the list at `path`.
    Insert {
        /// The list.
        path: String,
        /// Before this item, from 0; `None`: at the end.
        index: Option<u32>,
        /// What.
        value: EditValue,
    },
    /// Gives the key at `path` another name.
    Rename {
        /// Where.
        path: String,
        /// The new key.
        key: String,
    },
    /// Moves the key or item at `path` to another place.
    Move {
        /// Where.
        path: String,
        /// The new path: of a key, or of the item before which it goes.
        to: String,
    },
}

/// A value to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "as", content = "text", rename_all = "snake_case")]
pub enum EditValue {
    /// A text; quoted where YAML would read it as something else.
    Text(String),
    /// A number, `true`, `false` or `null`, written as it is.
    Literal(String),
    /// Any YAML, such as a whole list item; indented as its place needs.
    Yaml(String),
}

/// A draft after its edits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Edited {
    /// The whole new text.
    pub text: String,
    /// How to get there from the old text: in its order, not overlapping, all in old offsets.
    pub changes: Vec<TextEdit>,
}

/// A draft against the saved file, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextDiff {
    /// Stretches of change with three lines around them. Empty: nothing changed.
    pub hunks: Vec<Hunk>,
    /// Lines added.
    pub added: Count,
    /// Lines removed.
    pub removed: Count,
}

/// A stretch of change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Hunk {
    /// Its lines, in order.
    pub lines: Vec<DiffLine>,
}

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiffLine {
    /// What happens to it.
    pub kind: DiffKind,
    /// Its number in the old text, from 1.
    pub old_line: Option<u32>,
    /// Its number in the new text, from 1.
    pub new_line: Option<u32>,
    /// The line without its end.
    pub text: String,
}

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// It stays.
    Same,
    /// It is new.
    Added,
    /// It goes.
    Removed,
}

/// Asks to write a draft to its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveRequest {
    /// The file, as `validate` names it.
    pub file: String,
    /// The whole text.
    pub text: String,
    /// [`super::ConfigText::revision`] of the text that the editing began with; `None` for a file that
    /// does not exist yet. Another one on disk is a conflict, and nothing is written.
    pub base: Option<String>,
}

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Saved {
    /// The file holds the text now.
    Saved {
        /// Identifies the text now in the file.
        revision: String,
    },
    /// The file was changed by someone else; nothing was written.
    Conflict {
        /// What stands in the file now; `None` if it is gone.
        theirs: Option<String>,
        /// Identifies it; the base for saving over it.
        revision: Option<String>,
        /// Both changes together, if they touch different lines.
        merged: Option<String>,
    },
}

/// Asks how a standing file and a draft got apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CompareRequest {
    /// The draft.
    pub draft: Draft,
    /// The text that the editing began with.
    pub base: String,
}

/// How a standing file and a draft got apart since the editing began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ThreeWay {
    /// From the text that the editing began with to the draft.
    pub ours: TextDiff,
    /// From the text that the editing began with to what stands in the file now.
    pub theirs: TextDiff,
    /// What stands in the file now; `None` if it is gone.
    pub text: Option<String>,
    /// Identifies it; the base for saving over it.
    pub revision: Option<String>,
    /// Both changes together, if they touch different lines.
    pub merged: Option<String>,
}
