//! What this version cannot run, although the configuration is right.

use super::findings::known;
use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::event::Layer;
use crate::run::available;

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let mut probes = Vec::new();
    for (file, dataset) in patient.datasets() {
        for layer in [Layer::Bronze, Layer::Silver] {
            if let Err(error) = available::check(dataset, layer) {
                let about = About {
                    group: CheckGroup::Configuration,
                    title: format!("run {}", dataset.name),
                    datasets: vec![dataset.name.clone()],
                    file: file.display.clone(),
                    span: None,
                };
                probes.push(known(about, Verdict::error(&error)));
                // What Bronze lacks, Silver lacks too.
                break;
            }
        }
    }
    probes
}
