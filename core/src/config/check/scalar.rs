//! One value against the type of its key.

use serde_json::{Number, Value as Json};

use super::walk::{Given, kind_name};
use crate::config::path::Path;
use crate::config::schema::allowed;
use crate::config::syntax::{Scalar, ScalarKind};
use crate::diagnostic::{Code, code};
use crate::nearest::nearest;

/// Why a value does not fit its key.
pub(super) struct Problem {
    /// CFG015 or CFG016.
    pub(super) code: Code,
    cause: Cause,
    /// What to do.
    pub(super) help: Option<String>,
    /// What to write instead.
    pub(super) fix: Option<String>,
}

enum Cause {
    /// It must be this.
    Wanted(String),
    /// It is none of the values allowed.
    NotAllowed,
    /// It must be greater or less: "at least 1".
    Bound(String),
    Empty,
}

impl Problem {
    /// Whether the fix is what the text certainly means, not the nearest of what it could mean.
    pub(super) const fn is_certain(&self) -> bool {
        !matches!(self.cause, Cause::NotAllowed)
    }
    /// The message, about a value that is `written` so, and `described` so with its kind.
    pub(super) fn message(&self, path: &Path<'_>, written: &str, described: &str) -> String {
        match &self.cause {
            Cause::Wanted(wanted) => format!("{} must be {wanted}, not {described}", path.name()),
            Cause::NotAllowed => format!("{} cannot be {written}", path.name()),
            Cause::Bound(bound) => format!("{} must be {bound}, not {written}", path.name()),
            Cause::Empty => format!("{} must not be empty", path.name()),
        }
    }
}

fn wanted<T>(form: &Json, help: Option<String>, fix: Option<String>) -> Result<T, Problem> {
    Err(Problem { code: code::CFG015, cause: Cause::Wanted(kind_name(form)), help, fix })
}

fn bound<T>(text: String) -> Result<T, Problem> {
    Err(Problem { code: code::CFG016, cause: Cause::Bound(text), help: None, fix: None })
}

/// Whether a scalar can be of a type at all, to choose between alternatives.
pub(super) fn fits(wanted: &str, scalar: &Scalar) -> bool {
    match wanted {
        "integer" => scalar.kind == ScalarKind::Integer,
        "number" => matches!(scalar.kind, ScalarKind::Integer | ScalarKind::Float),
        "boolean" => matches!(scalar.kind, ScalarKind::Bool(_)),
        _ => scalar.kind == ScalarKind::Text,
    }
}

/// The value in the type of its key.
pub(super) fn read(form: &Json, wanted: &str, given: &Given<'_>) -> Result<Json, Problem> {
    if let Some(values) = allowed(form) {
        return one_of(form, &values, given);
    }
    match wanted {
        "boolean" => boolean(form, given),
        "integer" => integer(form, given),
        "number" => number(form, given),
        _ => text(form, given),
    }
}

/// The value in the type that YAML gives it.
pub(super) fn free(scalar: &Scalar) -> Json {
    match scalar.kind {
        ScalarKind::Null => Json::Null,
        ScalarKind::Bool(value) => Json::Bool(value),
        ScalarKind::Integer => {
            whole(&scalar.text).and_then(json_integer).unwrap_or_else(|| Json::String(scalar.text.clone()))
        }
        ScalarKind::Float => scalar
            .text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map_or_else(|| Json::String(scalar.text.clone()), Json::Number),
        ScalarKind::Text => Json::String(scalar.text.clone()),
    }
}

fn one_of(form: &Json, values: &[&str], given: &Given<'_>) -> Result<Json, Problem> {
    let text = given.scalar.text.trim();
    if let Some(value) = values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
        return Ok(Json::String((*value).to_owned()));
    }
    let meant = if given.replaced { None } else { nearest(text, values.iter().copied()) };
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`? It can be {}", kind_name(form)),
        None => format!("it can be {}", kind_name(form)),
    };
    Err(Problem { code: code::CFG016, cause: Cause::NotAllowed, help: Some(help), fix: meant.map(str::to_owned) })
}

fn boolean(form: &Json, given: &Given<'_>) -> Result<Json, Problem> {
    if let ScalarKind::Bool(value) = given.scalar.kind {
        return Ok(Json::Bool(value));
    }
    let meant = match given.scalar.text.trim().to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "1" | "true" => Some("true"),
        "no" | "off" | "n" | "0" | "false" => Some("false"),
        _ => None,
    };
    wanted(form, meant.map(|meant| format!("write `{meant}`, without quotes")), meant.map(str::to_owned))
}

fn integer(form: &Json, given: &Given<'_>) -> Result<Json, Problem> {
    let scalar = &given.scalar;
    let Some(value) = (scalar.kind == ScalarKind::Integer).then(|| whole(&scalar.text)).flatten() else {
        if scalar.kind == ScalarKind::Integer {
            return bound("a number of at most 64 bits".into());
        }
        let plain = scalar.text.trim().replace(['_', ' '], "");
        let meant = whole(&plain).filter(|_| !plain.is_empty());
        let help = meant.map(|meant| format!("write `{meant}`, digits only and without quotes"));
        return wanted(form, help, meant.map(|meant| meant.to_string()));
    };
    let least = form.get("minimum").and_then(Json::as_f64);
    let most = match form.get("format").and_then(Json::as_str) {
        Some("uint32") => form.get("maximum").and_then(Json::as_f64).or(Some(f64::from(u32::MAX))),
        _ => form.get("maximum").and_then(Json::as_f64),
    };
    #[expect(clippy::cast_precision_loss, reason = "bounds are small; only values far beyond them lose digits")]
    bounds(form, value as f64, least, most)?;
    match json_integer(value) {
        Some(value) => Ok(value),
        None => bound("a number of at most 64 bits".into()),
    }
}

fn number(form: &Json, given: &Given<'_>) -> Result<Json, Problem> {
    let scalar = &given.scalar;
    let value = match scalar.kind {
        #[expect(clippy::cast_precision_loss, reason = "the key takes a binary fraction")]
        ScalarKind::Integer => whole(&scalar.text).map(|value| value as f64),
        ScalarKind::Float => scalar.text.parse::<f64>().ok(),
        _ => {
            let plain = scalar.text.trim();
            let meant = plain.strip_suffix('%').unwrap_or(plain).trim();
            let meant = meant.parse::<f64>().ok().filter(|value| value.is_finite()).map(|_| meant.to_owned());
            return wanted(form, meant.as_ref().map(|meant| format!("write `{meant}`, without quotes or unit")), meant);
        }
    };
    let Some((value, number)) = value.and_then(|value| Some((value, Number::from_f64(value)?))) else {
        return bound("a finite number".into());
    };
    bounds(form, value, form.get("minimum").and_then(Json::as_f64), form.get("maximum").and_then(Json::as_f64))?;
    Ok(Json::Number(number))
}

fn bounds(form: &Json, value: f64, least: Option<f64>, most: Option<f64>) -> Result<(), Problem> {
    match (least, most) {
        (Some(least), Some(most)) if (value < least || value > most) && (least - most).abs() < f64::EPSILON => {
            return bound(format!("{least}"));
        }
        (Some(least), _) if value < least => return bound(format!("at least {least}")),
        (_, Some(most)) if value > most => return bound(format!("at most {most}")),
        _ => {}
    }
    match form.get("exclusiveMinimum").and_then(Json::as_f64) {
        Some(least) if value <= least => bound(format!("more than {least}")),
        _ => Ok(()),
    }
}

fn text(form: &Json, given: &Given<'_>) -> Result<Json, Problem> {
    let scalar = &given.scalar;
    // A number where a text is meant may have lost what made it one: `007`, `1.10`, `0x1F`.
    if !given.replaced && scalar.kind != ScalarKind::Text {
        let quoted = format!("\"{}\"", given.written);
        let help = match scalar.kind {
            ScalarKind::Null => None,
            _ => Some(format!("put it in quotes: `{quoted}`")),
        };
        let fix = help.is_some().then_some(quoted);
        return wanted(form, help, fix);
    }
    if scalar.text.is_empty() && form.get("minLength").and_then(Json::as_u64).unwrap_or_default() > 0 {
        return Err(Problem { code: code::CFG016, cause: Cause::Empty, help: None, fix: None });
    }
    Ok(Json::String(scalar.text.clone()))
}

/// A whole number in any of YAML's notations.
fn whole(text: &str) -> Option<i128> {
    if let Some(digits) = text.strip_prefix("0x") {
        return i128::from_str_radix(digits, 16).ok();
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return i128::from_str_radix(digits, 8).ok();
    }
    text.parse().ok()
}

fn json_integer(value: i128) -> Option<Json> {
    u64::try_from(value).map(Json::from).or_else(|_| i64::try_from(value).map(Json::from)).ok()
}
