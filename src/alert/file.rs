//! Notices as lines of a file, for an agent that reads it; past a size a new one is begun, and the older ones are numbered.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::alert::format::Message;
use crate::alert::plan::Rotation;

/// A file that grows.
#[derive(Debug)]
pub(super) struct LineFile {
    path: PathBuf,
    rotation: Rotation,
    open: Option<File>,
}

impl LineFile {
    pub(super) fn new(path: &Path, rotation: Rotation) -> Self {
        Self { path: path.to_owned(), rotation, open: None }
    }

    /// Appends messages, a line each. When this is done, they are on disk; when it fails, none of them is in the file.
    pub(super) fn append(&mut self, messages: &[Message]) -> io::Result<()> {
        let mut lines = String::new();
        for message in messages {
            lines.push_str(&message.text);
            lines.push('\n');
        }
        let mut file = match self.open.take() {
            // Another program may have moved it away, as logrotate does.
            Some(file) if is_at(&file, &self.path) => file,
            _ => open(&self.path)?,
        };
        let length = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let mut before = file.metadata()?.len();
        if before > 0 && before.saturating_add(length) > self.rotation.bytes {
            drop(file);
            self.rotate()?;
            file = open(&self.path)?;
            before = file.metadata()?.len();
        }
        if let Err(error) = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data()) {
            // A full disk leaves part of a line. Should this fail too, the file is cut to whole lines when it is opened next.
            let _ = file.set_len(before);
            return Err(error);
        }
        self.open = Some(file);
        Ok(())
    }

    /// Its path, for people.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// `notices.ndjson` becomes `notices.ndjson.1`, that one `.2`; the oldest goes.
    fn rotate(&self) -> io::Result<()> {
        let numbered = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        if self.rotation.keep == 0 {
            return std::fs::remove_file(&self.path);
        }
        for number in (1..self.rotation.keep).rev() {
            match std::fs::rename(numbered(number), numbered(number.saturating_add(1))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        std::fs::rename(&self.path, numbered(1))
    }
}

/// Opens it, and cuts a last line that a crash or a full disk left unfinished: what it was to say comes again.
fn open(path: &Path) -> io::Result<File> {
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(FILE_MODE).open(path)?;
    let length = file.metadata()?.len();
    let mut end = length;
    let mut block = [0_u8; 4_096];
    while end > 0 {
        let start = end.saturating_sub(4_096);
        file.seek(SeekFrom::Start(start))?;
        let wanted = usize::try_from(end.saturating_sub(start)).unwrap_or(block.len());
        let part = block.get_mut(..wanted).unwrap_or_default();
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            end = start.saturating_add(u64::try_from(at).unwrap_or(0)).saturating_add(1);
            break;
        }
        end = start;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(file)
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Readable to the group, which an agent can be put into.
const FILE_MODE: u32 = 0o640;

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(numbers: std::ops::Range<u64>) -> Vec<Message> {
        let message = |number: u64| Message { number, text: format!("{number}"), shortened: false };
        numbers.map(message).collect()
    }

    #[test]
    fn a_file_past_its_size_is_put_aside_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n");
        let mut file = LineFile::new(&path, Rotation { bytes: 8, keep: 2 });
        for number in 0..5 {
            file.append(&messages(number * 3..number * 3 + 3)).unwrap();
        }
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("n"), "12\n13\n14\n");
        assert_eq!(read("n.1"), "9\n10\n11\n");
        assert_eq!(read("n.2"), "6\n7\n8\n");
        assert!(!folder.path().join("n.3").exists());
    }

    #[test]
    fn a_file_that_was_moved_away_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n");
        let mut file = LineFile::new(&path, Rotation { bytes: 1_000, keep: 2 });
        file.append(&messages(1..2)).unwrap();
        std::fs::rename(&path, folder.path().join("elsewhere")).unwrap();
        file.append(&messages(2..3)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "2\n");
    }

    #[test]
    fn an_unfinished_line_is_cut_before_more_is_added() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("n");
        for (left, kept) in [("1\n{\"half", "1\n"), ("half", ""), ("1\n", "1\n")] {
            std::fs::write(&path, left).unwrap();
            let mut file = LineFile::new(&path, Rotation { bytes: 1_000, keep: 2 });
            file.append(&messages(2..3)).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{kept}2\n"));
        }
        let long = format!("1\n{}", "x".repeat(10_000));
        std::fs::write(&path, long).unwrap();
        drop(open(&path).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n");
    }
}
