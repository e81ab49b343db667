//! `effective_config`: what counts for a config file, and who said it.

use super::Engine;
use super::wire::{EffectiveConfig, EffectiveValue, ErrorBody, Origin, Target};
use crate::config;
use crate::diagnostic::code;

impl Engine {
    /// See the command table.
    pub fn effective_config(&self, target: Target) -> Result<EffectiveConfig, ErrorBody> {
        let environment = target.environment.clone();
        let mut files = self.load_config(&target).files;
        let (Some(file), true) = (files.pop(), files.is_empty()) else {
            return Err(ErrorBody {
                code: code::CFG026,
                message: format!("`{}` is a folder with several configurations", target.path),
                causes: Vec::new(),
                hint: Some("name one file".into()),
                diagnostics: Vec::new(),
                exit: 1,
                transient: false,
            });
        };
        let path = file.path.to_string_lossy();
        let told = config::effective(&self.root, &path, &file.text, environment.as_deref());
        let values = told.values().into_iter().map(|(path, told)| EffectiveValue {
            path,
            value: told.effective,
            written: told.written,
            origin: Origin::from(told.origin),
            line: told.span.map(|span| span.line),
        });
        Ok(EffectiveConfig {
            values: values.collect(),
            layers: told.layers(),
            environments: config::environments(&self.root, &path),
            file: file.display,
            diagnostics: file.diagnostics,
        })
    }
}

impl From<config::Origin> for Origin {
    fn from(origin: config::Origin) -> Self {
        match origin {
            config::Origin::Nowhere => Self::Nowhere,
            config::Origin::Default => Self::Default,
            config::Origin::Here => Self::Here,
            config::Origin::Parent { file } => Self::Parent { file },
            config::Origin::Environment { file } => Self::Environment { file },
        }
    }
}
