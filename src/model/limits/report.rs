//! Caps of reports for people: how much of it one file may show. What is left out is counted where it is missing.

/// Jobs on the first page: what a manager reads to the end.
pub const REPORT_JOBS_FIRST_MAX: usize = 5;

/// Rows of one table of a report: some thirty printed pages. All rows are in the workbook and in NDJSON.
pub const REPORT_ROWS_MAX: usize = 1_000;

/// Rows of the appendix of evidence: a row is a fact, and a device has some six.
pub const REPORT_EVIDENCE_ROWS_MAX: usize = 3_000;

/// Names listed in one cell of a report; the number of the others stands behind them.
pub const REPORT_NAMES_MAX: usize = 8;

/// Characters of one text in a cell of a report: two lines of a name that somebody made long on purpose.
pub const REPORT_CELL_CHARS_MAX: usize = 400;

/// Devices drawn in one box of the map; the number of the others stands below them.
pub const MAP_DEVICES_PER_BOX_MAX: usize = 12;

/// Boxes drawn in one band of the map: a plant has some ten zones on a level. The smaller ones are drawn as one box.
pub const MAP_BOXES_PER_BAND_MAX: usize = 16;

/// Lines drawn on the map, the busiest first, and those that skip a level before all others.
pub const MAP_LINES_MAX: usize = 160;

/// Rows of the table beside the map.
pub const MAP_ROWS_MAX: usize = 500;

/// Bytes of one file in an auditor pack, unpacked: NDJSON of 10,000 devices with 133,000 findings has an eighth of it.
pub const PACK_FILE_BYTES_MAX: u64 = 2 * 1_024 * 1_024 * 1_024;

/// Bytes of all files of an auditor pack, unpacked: checking one takes no longer than half a minute, whoever made it.
pub const PACK_UNPACKED_BYTES_MAX: u64 = 8 * 1_024 * 1_024 * 1_024;

/// Bytes of an auditor pack: the most that a zip archive without its 64-bit extension holds.
pub const PACK_BYTES_MAX: u64 = 4 * 1_024 * 1_024 * 1_024 - 1;

/// Files in an auditor pack that is checked: one that is made has some twenty.
pub const PACK_FILES_MAX: usize = 1_000;

/// Bytes of the manifest of an auditor pack: a capture an hour for ten years, with 200 bytes each, and as much again.
pub const PACK_MANIFEST_BYTES_MAX: u64 = 32 * 1_024 * 1_024;

/// Notices about devices that an auditor pack takes over from a store, the latest ones.
pub const PACK_NOTICES_MAX: usize = 100_000;
