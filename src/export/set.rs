//! Formats that are several files: into a directory, or into one zip archive.
//!
//! Beside the files lies a manifest that says what they are made of, and their hashes; it is written last, so that a set without one is
//! not whole. Names of files are fixed, and never from the wire.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::export::csv::record;
use crate::export::tables::{Cell, Holding, Table};
use crate::export::{Report, escape, json, origin};

/// Where the files of a set go.
pub trait Place {
    /// Starts a file.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    fn file(&mut self, name: &str) -> io::Result<Box<dyn Write + '_>>;
}

/// A directory.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the directory where it is not there. What says that a set is whole is taken away until this one is.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or not be written to.
    pub fn create(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        match fs::remove_file(path.join(MANIFEST)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self(path.to_owned())),
        }
    }
}

impl Place for Folder {
    fn file(&mut self, name: &str) -> io::Result<Box<dyn Write + '_>> {
        Ok(Box::new(BufWriter::new(File::create(self.0.join(name))?)))
    }
}

/// A zip archive. Its files have no times: the same set gives the same bytes.
pub struct Archive<W: Write>(ZipWriter<StreamWriter<W>>);

impl<W: Write> Archive<W> {
    /// Begins one.
    pub fn new(out: W) -> Self {
        Self(ZipWriter::new_stream(out))
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// When the rest of it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        self.0.finish()?.into_inner().flush()
    }
}

impl<W: Write> Place for Archive<W> {
    fn file(&mut self, name: &str) -> io::Result<Box<dyn Write + '_>> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        self.0.start_file(name, options)?;
        Ok(Box::new(BufWriter::new(&mut self.0)))
    }
}

/// A file of a set, as the manifest has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetFile {
    /// Its name.
    pub name: String,
    /// What a row of it is.
    pub about: &'static str,
    /// Rows, without the heading.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of it, in lower-case hexadecimal.
    pub sha256: String,
}

/// A set while it is written.
pub(super) struct Set<'p> {
    place: &'p mut dyn Place,
    files: Vec<SetFile>,
}

impl<'p> Set<'p> {
    pub(super) fn new(place: &'p mut dyn Place) -> Self {
        Self { place, files: Vec::new() }
    }

    /// Adds a CSV file (RFC 4180) with these columns, and the rows that `rows` makes.
    pub(super) fn csv(
        &mut self,
        (name, about): (String, &'static str),
        heads: &[&str],
        rows: impl FnOnce(&mut dyn FnMut(&[Cell<'_>]) -> io::Result<()>) -> io::Result<u64>,
    ) -> io::Result<()> {
        let mut out = Hashed::new(self.place.file(&name)?);
        let mut file =
            ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(&mut out);
        record(&mut file, heads)?;
        let count = rows(&mut |row| {
            record(&mut file, row.iter().map(|cell| escape::csv(&cell.words()).into_owned()))
        })?;
        file.flush()?;
        drop(file);
        let (bytes, sha256) = out.end()?;
        self.files.push(SetFile { name, about, rows: count, bytes, sha256 });
        Ok(())
    }

    /// Adds what tells people and programs what the files are, and ends the set.
    pub(super) fn finish(
        self,
        format: &str,
        report: &Report<'_>,
        notes: &[String],
    ) -> io::Result<()> {
        let Self { place, files } = self;
        let mut out = place.file(READ_ME)?;
        writeln!(
            out,
            "{format}: files for other programs, made by nameplate. Nothing was sent to make them.\n"
        )?;
        origin::lines(report).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        writeln!(out, "\nFiles, in the order in which they are read:\n")?;
        for SetFile { name, about, rows, .. } in &files {
            writeln!(out, "{name}: {rows} rows, {about}")?;
        }
        if !notes.is_empty() {
            writeln!(out)?;
            notes.iter().try_for_each(|note| writeln!(out, "{}", escape::term(note)))?;
        }
        out.flush()?;
        drop(out);
        let mut out = place.file(MANIFEST)?;
        json::set(format, report, &files, &mut out)?;
        out.flush()
    }
}

/// All tables, each as a file: what machines read.
///
/// # Errors
///
/// When a file cannot be written.
pub fn csv_set(holding: &Holding<'_>, place: &mut dyn Place) -> io::Result<()> {
    let mut set = Set::new(place);
    for table in Table::ALL {
        let heads = table.heads();
        let heads: Vec<&str> = heads.iter().map(|head| head.name).collect();
        let name = format!("{}.csv", table.name());
        set.csv((name, table.about()), &heads, |each| table.rows(holding, each))?;
    }
    set.finish("csv", holding.report, &[])
}

/// Counts and hashes what goes through it.
struct Hashed<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), bytes: 0 }
    }

    fn end(mut self) -> io::Result<(u64, String)> {
        self.out.flush()?;
        let digest = self.hash.finalize();
        Ok((self.bytes, digest.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What says that a set is whole, and what it is made of.
const MANIFEST: &str = "manifest.json";
/// The same for people.
const READ_ME: &str = "README.txt";
