//! The storage scope: whether folders that must be on own machines are mounts of cloud storage. What
//! the config itself says of its storage was judged by its check.

use std::path::PathBuf;
use std::sync::Arc;

use super::{About, Patient, Probe, Verdict};
use crate::api::wire::CheckGroup;
use crate::cancel::CancelToken;
use crate::diagnostic::code;
use crate::storage::Disk;
use crate::world::STORAGE_SCOPE;

/// Words in the names of file systems that keep their files in a cloud.
const CLOUDS: [&str; 10] =
    ["s3fs", "mountpoint-s3", "goofys", "geesefs", "gcsfuse", "blobfuse", "rclone", "s3ql", "juicefs", "gdrive"];

pub(super) fn probes(patient: &Patient) -> Vec<Box<dyn Probe>> {
    let asked = patient.world.env.var(STORAGE_SCOPE).is_some_and(|scope| scope.eq_ignore_ascii_case("onprem"));
    let bound =
        |file: &str| asked || patient.files.iter().any(|subject| subject.file.display == file && subject.survey.onprem);
    let probe = |place: &super::Place| {
        let folder = place.folder()?;
        let about = About {
            group: CheckGroup::Storage,
            title: format!("keep {} on own machines", place.shown),
            datasets: place.datasets.clone(),
            file: place.file.clone(),
            span: None,
        };
        Some(Box::new(OwnMachine { about, folder, disk: patient.world.disk.clone() }) as Box<dyn Probe>)
    };
    patient.places.iter().filter(|place| bound(&place.file)).filter_map(probe).collect()
}

/// Asks what kind of file system a folder is on.
#[derive(Debug)]
struct OwnMachine {
    about: About,
    folder: PathBuf,
    disk: Arc<dyn Disk>,
}

impl Probe for OwnMachine {
    fn about(&self) -> About {
        self.about.clone()
    }
    fn lane(&self) -> Option<PathBuf> {
        Some(self.folder.clone())
    }
    fn examine(&self, _: &CancelToken) -> Verdict {
        // A link may lead out of the folder that it stands in.
        let there = self.folder.ancestors().find_map(|above| above.canonicalize().ok());
        match there.and_then(|there| self.disk.file_system(&there)) {
            None => Verdict::skipped("the system does not tell what it is mounted from"),
            Some(kind) if CLOUDS.iter().any(|cloud| kind.contains(cloud)) => Verdict::warned(
                code::DOC011,
                format!("`storage_scope` is `onprem`, and the folder is a mount of `{kind}`"),
            ),
            Some(kind) => Verdict::passed(format!("it is on {kind}")),
        }
    }
}
