//! Caps on advisories, what is concluded from them, and what people write about them.

use super::ADVISORY_PRODUCTS_MAX;

/// Bytes of the place of a fault in a document: members and positions, as deep as documents go.
pub const ADVISORY_FAULT_BYTES_MAX: usize = 512;

/// Characters of a name from a document that a message quotes.
pub const ADVISORY_NAME_CHARS_MAX: usize = 64;

/// Levels of a document that are looked at for faults: branches within branches, with what is in the deepest.
pub const ADVISORY_SHAPE_DEPTH_MAX: usize = 100;

/// Complaints kept of one document when documents are looked through; the rest is counted. Alike ones are one, so that a
/// document with more is broken from end to end.
pub const LINT_COMPLAINTS_MAX: usize = 4_096;

/// Characters of a document's text that a complaint shows: two lines of a terminal.
pub const LINT_TEXT_CHARACTERS_MAX: usize = 160;

/// Bytes of the address of an advisory: browsers take no more than some thousands.
pub const ADVISORY_URL_BYTES_MAX: usize = 2_048;

/// Remediations of one advisory for one product that a VEX document repeats: real ones name three or four.
pub const VEX_REMEDIES_MAX: usize = 16;

/// Bytes of one text that a VEX document takes over from an advisory; what is longer is cut, and says so.
pub const VEX_TEXT_BYTES_MAX: usize = 4_096;

/// Frames that one component of a bill of materials cites. More prove nothing more; the evidence is all in `-o ndjson`.
pub const VEX_OCCURRENCES_MAX: usize = 32;

/// Bytes of a VEX document that a new one replaces: 100,000 statements have some 100 MiB.
pub const VEX_BYTES_MAX: u64 = 512 * 1_024 * 1_024;

/// Revisions that a VEX document lists: one a day for 27 years.
pub const VEX_REVISIONS_MAX: usize = 10_000;

/// Services and ports kept of the texts of one vulnerability: real ones name five at most.
pub const SERVICES_PER_FLAW_MAX: usize = 16;

/// Bytes of a file of EPSS scores, unpacked: FIRST lists some 300,000 vulnerabilities in 10 MB.
pub const SCORES_BYTES_MAX: u64 = 128 * 1_024 * 1_024;

/// Peers of one device that the weight of its findings names: the rest is counted.
pub const PEERS_NAMED_MAX: usize = 3;

/// Frames named by one exposure finding, and shown by `explain`.
pub const EXPOSURE_FRAMES_MAX: usize = 8;

/// Entries about findings and patches that one command writes: a rack of modules in each of a thousand cells fits.
pub const HANDLINGS_PER_COMMAND_MAX: usize = 65_536;

/// Bytes of a file of decisions: some hundred thousand entries.
pub const DECISIONS_FILE_BYTES_MAX: usize = 16 * 1_024 * 1_024;

/// Bytes of a file that tells how a list of patches is written as XML: it has some tens of lines.
pub const MAPPING_BYTES_MAX: usize = 256 * 1_024;

/// Rows of a list of patches: the largest suppliers list some thousand a year.
pub const PATCH_ROWS_MAX: usize = 65_536;

/// Elements of XML inside one another in a list of patches.
pub const PATCH_XML_DEPTH_MAX: usize = 64;

/// Findings of which `findings show` prints all there is to say: more is no page that anybody reads.
pub const FINDINGS_EXPLAINED_MAX: usize = 64;

/// Bundles whose content a store keeps, so that one can go back to them: what two bundles share is kept once, so each costs
/// little more than its scores.
pub const BUNDLES_KEPT_MAX: usize = 8;

/// Bytes of a part of a bundle that is no document, unpacked: scores of all vulnerabilities there are take 12 MB, all
/// assignments of MAC addresses 6 MB.
pub const FEED_BYTES_MAX: usize = 128 * 1_024 * 1_024;

/// Differences between two revisions of a document that are told: as many as it may have products.
pub const ADVISORY_CHANGES_MAX: usize = ADVISORY_PRODUCTS_MAX;

/// Runs of matching that are listed: a plant that scans every day lists a year.
pub const MATCHINGS_SHOWN_MAX: u64 = 400;

/// Bytes of one bundle: that of the public corpus has 12 MB.
pub const BUNDLE_BYTES_MAX: usize = 512 * 1_024 * 1_024;

/// Bytes of the list of contents of a bundle: some 500 for each part.
pub const BUNDLE_MANIFEST_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Parts of one bundle: all advisories that CSAF providers have ever published are below 100,000.
pub const BUNDLE_PARTS_MAX: usize = 131_072;

/// Bytes that all parts of a bundle unpack to: the public corpus has 65 MB.
pub const BUNDLE_UNPACKED_BYTES_MAX: u64 = 4 * 1_024 * 1_024 * 1_024;

/// Bytes of one name in the list of contents of a bundle.
pub const BUNDLE_NAME_BYTES_MAX: usize = 4_096;

/// Public keys in one file: an owner has a handful.
pub const BUNDLE_KEYS_MAX: usize = 1_024;

/// Files in one archive of advisories, and in a directory of them: documents with their checksums and signatures are three each.
pub const ARCHIVE_FILES_MAX: usize = 524_288;

/// Bytes of one archive of advisories.
pub const ARCHIVE_BYTES_MAX: u64 = 2 * 1_024 * 1_024 * 1_024;

/// Bytes that all files of an archive which are read unpack to.
pub const ARCHIVE_UNPACKED_BYTES_MAX: u64 = 4 * 1_024 * 1_024 * 1_024;

/// Bytes of a checksum, a signature or a key beside a document: OpenPGP signatures have below 1,000, keys with many certifications
/// some 100,000.
pub const SIDECAR_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// OpenPGP signatures beside one document: an issuer and a republisher are two.
pub const OPENPGP_SIGNATURES_MAX: usize = 16;

/// Names of files left out that the list of contents of a bundle keeps; the rest is counted.
pub const BUNDLE_LEFT_OUT_MAX: usize = 10_000;
