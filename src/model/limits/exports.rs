//! Caps of files for other programs.

/// Rows of one sheet of a workbook, without its heading: what Excel opens (1,048,576 with it). The CSV set has no such bound.
pub const SHEET_ROWS_MAX: u64 = 1_048_575;

/// Characters of one cell of a workbook, as UTF-16 counts them: what Excel keeps.
pub const SHEET_CELL_CHARS_MAX: usize = 32_767;

/// Characters of a name of a device in NetBox.
pub const NETBOX_NAME_CHARS_MAX: usize = 64;

/// Characters of the name of a type, a manufacturer, a role or a site in NetBox, and of its slug.
pub const NETBOX_TYPE_CHARS_MAX: usize = 100;

/// Characters of a serial number in NetBox.
pub const NETBOX_SERIAL_CHARS_MAX: usize = 50;

/// Characters of a description in NetBox.
pub const NETBOX_DESCRIPTION_CHARS_MAX: usize = 200;

/// Bytes of a file with the key of pseudonyms: a key is a line, and a larger file is another one taken by mistake.
pub const REDACTION_KEY_BYTES_MAX: u64 = 64 * 1_024;

/// Bytes of a key of pseudonyms: fewer could be tried out.
pub const REDACTION_KEY_BYTES_MIN: usize = 16;

/// Words of a name or a serial number that is looked for in texts; a longer one is still replaced where it stands alone.
pub const REDACTION_WORDS_MAX: usize = 12;
