//! verdicts
#![allow(missing_docs)]
use crate::advisory::Index;
use crate::model::{Judgement, Nameplate};
#[derive(Debug)]
pub struct Families;
impl Families {
    pub fn embedded() -> Result<Self, String> {
        Ok(Self)
    }
}
pub fn judge(_: &Nameplate, _: &Index, _: &Families) -> Vec<Judgement> {
    Vec::new()
}
