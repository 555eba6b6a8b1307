//! What to ask so that a verdict can be given.

use crate::model::Why;

/// The question that gives the missing fact, to whoever stands in front of the device or knows its maker.
pub fn question(why: Why) -> &'static str {
    match why {
        Why::FirmwareVersion => "Which firmware or software version is on the device?",
        Why::Model => "Which model exactly is it? Read the type label.",
        Why::SeriesLetter => {
            "Which series letter is on the type label, behind the catalogue number?"
        }
        Why::HardwareRevision => "Which hardware revision or function state is on the type label?",
        Why::SignedOrUnsigned => "Is the firmware on the device a signed or an unsigned one?",
        Why::SerialNumber => "Which serial number or date of production is on the type label?",
        Why::Configuration => {
            "Is the option, module or setting that the advisory names present and in use?"
        }
        Why::UpdateLevel => {
            "Which monthly update is installed? Ask whoever maintains the computer."
        }
        Why::VersionOrder => {
            "Is the version on the device older or newer than the one with the fix? Ask the maker."
        }
        Why::Gap => {
            "Is the version on the device affected, between the last affected and the first fixed one? Ask the maker."
        }
        Why::FixedOnly => {
            "From which version on is the product affected? The advisory names the fixed one only; ask the maker."
        }
        Why::RangeText => "Which versions does the advisory mean? Read it, or ask the maker.",
        Why::Contradiction => {
            "Which of its statements about this product does the advisory mean? Ask the maker."
        }
        Why::Damaged => {
            "What does the advisory say as its publisher has it? Fetch the document again."
        }
        Why::NotFinal => "Is there a final or later version of the advisory?",
        Why::Candidate => "Is the device the product that the advisory names?",
    }
}
