//! The first line of a new file: where editors find the schema.

use std::path::{Component, Path, PathBuf};

/// How the line begins.
pub(crate) const SCHEMA_LINE: &str = "# yaml-language-server: $schema=";
/// The published schema.
pub(crate) const SCHEMA_FILE: &str = "medallion.schema.json";
/// Where workspaces keep the published schema, nearest first.
const PLACES: [&str; 3] = [SCHEMA_FILE, "schema/medallion.schema.json", "configs/schema/medallion.schema.json"];

/// `# yaml-language-server: $schema=…` for a config at `file`, absolute: the schema file of the nearest
/// folder that has one, at or below `root`; otherwise one that would stand beside the config.
pub(super) fn schema_line(file: &Path, root: &Path) -> String {
    let folder = file.parent().unwrap_or(file);
    let above = folder.ancestors().take_while(|above| above.starts_with(root));
    let standing =
        above.flat_map(|above| PLACES.iter().map(move |place| above.join(place))).find(|schema| schema.is_file());
    let path = standing.map_or_else(|| PLACES[0].to_owned(), |schema| relative(&schema, folder));
    format!("{SCHEMA_LINE}{path}\n")
}

/// How `path` is written in a config in `folder`: relative where both have more in common than the
/// root, with `./` in front. Both absolute and without `..`.
pub(super) fn relative(path: &Path, folder: &Path) -> String {
    let (mut path_parts, mut folder_parts) = (path.components().peekable(), folder.components().peekable());
    let mut common = 0;
    while let (Some(a), Some(b)) = (path_parts.peek(), folder_parts.peek()) {
        if a != b {
            break;
        }
        common += usize::from(matches!(a, Component::Normal(_)));
        path_parts.next();
        folder_parts.next();
    }
    let up = folder_parts.count();
    if common == 0 && up > 0 {
        return path.display().to_string();
    }
    let mut relative = PathBuf::new();
    for _ in 0..up {
        relative.push("..");
    }
    relative.extend(path_parts);
    let text = relative.display().to_string();
    if up > 0 { text } else { format!("./{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_where_that_says_more() {
        for (path, folder, expected) in [
            ("/w/data/a.csv", "/w", "./data/a.csv"),
            ("/w/data/a.csv", "/w/configs/team", "../../data/a.csv"),
            ("/data/a.csv", "/w/configs", "/data/a.csv"),
            ("/w/a.csv", "/w", "./a.csv"),
            ("/a.csv", "/", "./a.csv"),
        ] {
            assert_eq!(relative(Path::new(path), Path::new(folder)), expected, "{path} from {folder}");
        }
    }

    #[test]
    fn the_nearest_schema_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let config = root.join("configs/team/a.yaml");
        assert_eq!(schema_line(&config, root), "# yaml-language-server: $schema=medallion.schema.json\n");
        std::fs::create_dir_all(root.join("configs/schema")).unwrap();
        std::fs::write(root.join("configs/schema/medallion.schema.json"), "{}").unwrap();
        assert_eq!(schema_line(&config, root), "# yaml-language-server: $schema=../schema/medallion.schema.json\n");
        assert_eq!(
            schema_line(&root.join("b.yaml"), root),
            "# yaml-language-server: $schema=./configs/schema/medallion.schema.json\n"
        );
    }
}
