//! Which environment is laid over all configs, and what choosing another one means for the screens.

use super::App;
use super::choice::{Choice, Choosing, Detail, Item};
use super::shared::Overlay;
use crate::keys::Action;
use crate::screens::{Can, ScreenId};
use crate::theme::Mark;

/// What stands in the list for no environment; no file is called so, since a name has no space.
const NONE: &str = "no environment";

impl App {
    /// Names that can be chosen.
    fn environments(&self) -> &[String] {
        self.shared.datasets.value().map_or(&[], |list| list.environments.as_slice())
    }

    pub(super) fn can_choose_environment(&self) -> Can {
        let some = !self.environments().is_empty() || self.shared.target.environment.is_some();
        Can::when(some, "there is no file environments/<name>.yaml that could be laid over the configs")
    }

    /// What the title says of it: nothing where there is nothing to choose.
    pub(super) fn environment_label(&self) -> Option<String> {
        match &self.shared.target.environment {
            Some(name) => Some(format!("env {name}")),
            None => (!self.environments().is_empty()).then(|| NONE.to_owned()),
        }
    }

    pub(super) fn ask_environment(&mut self) {
        let chosen = self.shared.target.environment.clone();
        let mut items = vec![Item::new(NONE, "the configs as they are", Detail::Text(String::new()))];
        let mut names = self.environments().to_vec();
        // One that was named at the start stays in the list, also when its file is gone.
        names.extend(chosen.clone().filter(|name| !names.contains(name)));
        for name in &names {
            let note = format!("environments/{name}.yaml is laid over them");
            items.push(Item::new(name.clone(), note, Detail::Text(String::new())));
        }
        let mut choice = Choice::new(Choosing::Environment, "Environment", items)
            .about("All screens show what counts under it, and runs use it.");
        choice.at = chosen.and_then(|name| names.iter().position(|other| *other == name)).map_or(0, |at| at + 1);
        self.shared.overlay = Some(Overlay::Choice(choice));
    }

    pub(super) fn choose_environment(&mut self, chosen: Option<String>) {
        let chosen = chosen.filter(|name| name != NONE);
        if chosen == self.shared.target.environment {
            return;
        }
        let said = chosen.as_ref().map_or_else(|| NONE.to_owned(), |name| format!("environment {name}"));
        self.shared.target.environment = chosen;
        // What is known was found under the other one.
        self.doctor = None;
        self.preview.forget();
        self.outputs.forget();
        self.shared.ask_datasets();
        self.shared.ask_watch();
        self.config.environment_changed(&mut self.shared);
        if self.screen == ScreenId::Outputs {
            let (screen, shared) = self.active();
            screen.act(Action::Refresh, shared);
        }
        self.shared.say(Mark::Ok, format!("{said}: everything is read again"));
    }
}
