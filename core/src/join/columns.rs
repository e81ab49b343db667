//! The columns of a result: which, under which names, and where each comes from. A pair of keys is one
//! column under the name of the left side; what else is called alike gets `_right`.

use std::collections::HashMap;

use arrow::datatypes::DataType;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::pairs::{self, Pair};
use super::{JoinError, Side};
use crate::batch;
use crate::config::settings::JoinType;
use crate::nearest::nearest;

/// What a column of the right side gets behind its name where the left side has that name too.
const CLASHING: &str = "_right";

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutColumn {
    /// Its name.
    pub(crate) name: String,
    /// Where it comes from.
    pub(crate) from: From,
    /// Its type.
    pub(crate) arrow: DataType,
}

/// Where the values of a column come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// A column of the left side, by its place.
    Left(usize),
    /// A column of the right side.
    Right(usize),
    /// The keys of a pair, by its place: the left side's value, or the right side's where there is no left row.
    Either(usize),
}

impl OutColumn {
    /// The side and the column there, as lineage tells it.
    pub(crate) fn lineage(&self, left: &Side, right: &Side, pairs: &[Pair]) -> (&'static str, String) {
        match self.from {
            From::Left(at) => ("left", left.columns()[at].name.clone()),
            From::Right(at) => ("right", right.columns()[at].name.clone()),
            From::Either(pair) => ("both", left.columns()[pairs[pair].left].name.clone()),
        }
    }

    /// As `column_lineage` of the metadata has it.
    pub(crate) fn lineage_json(&self, left: &Side, right: &Side, pairs: &[Pair]) -> Value {
        let (side, original) = self.lineage(left, right, pairs);
        let of = match self.from {
            From::Left(_) | From::Either(_) => &left.name,
            From::Right(_) => &right.name,
        };
        json!({ "column": self.name, "source": side, "dataset": of, "original": original, "type": batch::type_name(&self.arrow) })
    }
}

/// Chooses columns by the names that a config has for them.
struct Chooser<'a> {
    left: &'a Side,
    right: &'a Side,
    pairs: &'a [Pair],
    /// Rows of the right side alone are in the result.
    has_right_only: bool,
    /// Columns of the right side can be in the result.
    has_right: bool,
}

/// The columns of a result; `select` maps columns to names, empty for all.
pub(super) fn columns(
    left: &Side,
    right: &Side,
    pairs: &[Pair],
    join_type: JoinType,
    select: &IndexMap<String, String>,
) -> Result<Vec<OutColumn>, JoinError> {
    let has_right_only = matches!(join_type, JoinType::Right | JoinType::Full);
    let has_right = !matches!(join_type, JoinType::Semi | JoinType::Anti);
    let chooser = Chooser { left, right, pairs, has_right_only, has_right };
    let columns = if select.is_empty() {
        chooser.all()?
    } else {
        let chosen = select.iter().map(|(column, name)| chooser.named(column, name));
        chosen.collect::<Result<Vec<_>, _>>()?
    };
    distinct(&columns, &chooser)?;
    Ok(columns)
}

impl Chooser<'_> {
    fn all(&self) -> Result<Vec<OutColumn>, JoinError> {
        let mut columns = Vec::new();
        for (at, column) in self.left.columns().iter().enumerate() {
            columns.push(self.of_left(at, &column.name)?);
        }
        let keys: Vec<usize> = self.pairs.iter().map(|pair| pair.right).collect();
        let rest = self.right.columns().iter().enumerate().filter(|(at, _)| self.has_right && !keys.contains(at));
        for (at, column) in rest {
            let clashes = self.left.at(&column.name).is_some();
            let name = if clashes { format!("{}{CLASHING}", column.name) } else { column.name.clone() };
            columns.push(self.of_right(at, &name));
        }
        Ok(columns)
    }

    /// A column of the left side; the key of a pair has values also where there is no left row.
    fn of_left(&self, at: usize, name: &str) -> Result<OutColumn, JoinError> {
        let pair = self.pairs.iter().position(|pair| pair.left == at).filter(|_| self.has_right_only);
        let (from, arrow) = match pair {
            None => (From::Left(at), self.left.columns()[at].arrow.clone()),
            Some(pair) => (From::Either(pair), self.held_by_both(pair)?),
        };
        Ok(OutColumn { name: name.to_owned(), from, arrow })
    }

    fn held_by_both(&self, pair: usize) -> Result<DataType, JoinError> {
        let Pair { left, right, .. } = self.pairs[pair];
        let (ours, theirs) = (&self.left.columns()[left], &self.right.columns()[right]);
        let held = match (ours.nulls_only, theirs.nulls_only) {
            (true, _) => Some(theirs.arrow.clone()),
            (false, true) => Some(ours.arrow.clone()),
            (false, false) => pairs::common(&ours.arrow, &theirs.arrow),
        };
        held.ok_or_else(|| JoinError::Types {
            left: format!("{}.{}", self.left.name, ours.name),
            left_type: batch::type_name(&ours.arrow),
            right: format!("{}.{}", self.right.name, theirs.name),
            right_type: batch::type_name(&theirs.arrow),
        })
    }

    fn of_right(&self, at: usize, name: &str) -> OutColumn {
        OutColumn { name: name.to_owned(), from: From::Right(at), arrow: self.right.columns()[at].arrow.clone() }
    }

    /// `left.a`, `right.a`, or `a` of the left side if it has that, otherwise of the right one. A column
    /// whose own name begins so is found by its whole name too.
    fn named(&self, column: &str, name: &str) -> Result<OutColumn, JoinError> {
        if let Some(at) = self.left.at(column) {
            return self.of_left(at, name);
        }
        if let Some(bare) = column.strip_prefix("left.") {
            let at = self.left.must(bare)?;
            let arrow = self.left.columns()[at].arrow.clone();
            return Ok(OutColumn { name: name.to_owned(), from: From::Left(at), arrow });
        }
        let bare = column.strip_prefix("right.").unwrap_or(column);
        // What the rule for clashing names calls it.
        let ruled = || bare.strip_suffix(CLASHING).filter(|bare| self.left.at(bare).is_some());
        let found = self.right.at(column).or_else(|| self.right.at(bare)).or_else(|| self.right.at(ruled()?));
        match found.filter(|_| self.has_right) {
            Some(at) => Ok(self.of_right(at, name)),
            None => Err(self.nowhere(column, bare)),
        }
    }

    fn nowhere(&self, column: &str, bare: &str) -> JoinError {
        let sides: &[&Side] = if self.has_right { &[self.left, self.right] } else { &[self.left] };
        let sides = if column.starts_with("right.") && self.has_right { &sides[1..] } else { sides };
        let known = sides.iter().flat_map(|side| side.columns()).map(|column| column.name.as_str());
        let side = sides.iter().map(|side| side.name.as_str()).collect::<Vec<_>>().join("` and `");
        JoinError::NoColumn { side, column: bare.to_owned(), nearest: nearest(bare, known).map(str::to_owned) }
    }
}

fn distinct(columns: &[OutColumn], chooser: &Chooser<'_>) -> Result<(), JoinError> {
    let mut known: HashMap<&str, &OutColumn> = HashMap::new();
    let told = |column: &OutColumn| {
        let (side, original) = column.lineage(chooser.left, chooser.right, chooser.pairs);
        format!("`{}.{original}`", if side == "right" { &chooser.right.name } else { &chooser.left.name })
    };
    for column in columns {
        if let Some(first) = known.insert(&column.name, column) {
            return Err(JoinError::Clash { name: column.name.clone(), first: told(first), second: told(column) });
        }
    }
    Ok(())
}
