//! The primitive steps on a local disk, as a seam.
//!
//! Everything that changes the disk goes through [`Disk`], one call for each step that can fail or
//! be the last one before a crash. Tests pass a disk that fails, or kills the process, at the n-th
//! step. Reading needs no seam, except for the room that is left.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A file being written.
pub trait DiskFile: Write + Send {
    /// Forces content to the disk.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn sync(&mut self) -> io::Result<()>;
}

/// Steps that change a disk. Each is one system call, or a few that a crash cannot part usefully.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Makes a folder and those above it; one that exists is fine.
    ///
    /// # Errors
    ///
    /// What the system says; likewise for all methods below.
    fn create_folders(&self, path: &Path) -> io::Result<()>;
    /// Makes a new file; one that exists is an error.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file a second name, which must not exist.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Renames a file over another.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder if it is empty.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Forces the names in a folder to the disk.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// The kind of file system that the folder `path`, absolute, is on, such as `ext4` or `fuse.s3fs`;
    /// `None` where the system does not tell.
    fn file_system(&self, path: &Path) -> Option<String> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        kind_of_mount(&mounts, path).map(str::to_owned)
    }
    /// Bytes that may still be written below the folder `path`.
    fn free_space(&self, path: &Path) -> io::Result<u64> {
        fs4::available_space(path)
    }
    /// Gives the file `to` the permissions of the file `from`.
    fn copy_mode(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::set_permissions(to, fs::metadata(from)?.permissions())
    }
}

/// The kind of the innermost mount around `path`, of lines as the Linux kernel writes them:
/// `36 35 98:0 / /mnt rw - ext4 /dev/root rw`. Spaces in a folder's name are written `\040`.
fn kind_of_mount<'m>(mounts: &'m str, path: &Path) -> Option<&'m str> {
    let mount = |line: &'m str| {
        let (before, after) = line.split_once(" - ")?;
        let folder = before.split(' ').nth(4)?.replace("\\040", " ");
        let kind = after.split(' ').next()?;
        path.starts_with(&folder).then_some((folder.len(), kind))
    };
    // Of mounts on one folder the last one counts.
    mounts.lines().filter_map(mount).max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

impl Disk for RealDisk {
    fn create_folders(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(OpenOptions::new().write(true).create_new(true).open(path)?))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
    #[cfg(unix)]
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
    /// Other systems have no such call; their renames are made durable by the file's own sync.
    #[cfg(not(unix))]
    fn sync_folder(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_counts() {
        let mounts = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n\
                      2 1 0:5 / /mnt/my\\040lake rw shared:1 - fuse.s3fs s3fs rw\n\
                      3 1 0:6 / /mnt rw - nfs4 host:/x rw\n";
        for (path, kind) in [("/mnt/my lake/bronze", "fuse.s3fs"), ("/mnt/other", "nfs4"), ("/home/x", "ext4")] {
            assert_eq!(kind_of_mount(mounts, Path::new(path)), Some(kind), "{path}");
        }
        assert_eq!(kind_of_mount("nonsense", Path::new("/")), None);
    }
}
