//! Reading notices as a person asks for them: of some topics, from some time on, those that are kept and those that come.

use crate::alert::{Backlog, BacklogError, Choice};
use crate::model::limits::OUTPUT_BATCH_MAX;
use crate::model::{Notice, Timestamp};

/// A look through notices, from the oldest that is kept to the newest, and on.
#[derive(Debug)]
pub struct Browse {
    /// Which of them.
    pub choice: Choice,
    /// From which time on: when they happened.
    pub since: Option<Timestamp>,
    number: u64,
}

impl Browse {
    /// From the beginning.
    pub fn new(choice: Choice, since: Option<Timestamp>) -> Self {
        Self { choice, since, number: 0 }
    }

    /// The next of them; `None` when nothing more is kept now. A part of them may hold none that was asked for.
    ///
    /// # Errors
    ///
    /// When they cannot be read now; what follows is where this was.
    pub fn more(&mut self, backlog: &mut dyn Backlog) -> Result<Option<Vec<Notice>>, BacklogError> {
        match backlog.range()? {
            None => return Ok(None),
            // The store was made anew.
            Some((_, newest)) if newest < self.number => self.number = 0,
            Some(_) => {}
        }
        let mut notices = backlog.after(self.number, OUTPUT_BATCH_MAX)?;
        let Some(last) = notices.last() else { return Ok(None) };
        self.number = last.number;
        notices.retain(|notice| {
            self.choice.takes(notice) && self.since.is_none_or(|since| notice.at >= since)
        });
        Ok(Some(notices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Kept;
    use crate::model::{NoticeKind, Severity};

    fn notice(at: i64) -> Notice {
        Notice {
            number: 0,
            at: Timestamp(at),
            told: Timestamp(at),
            kind: NoticeKind::AssetNew,
            severity: Severity::Notice,
            site: "".into(),
            asset: None,
            name: "".into(),
            addresses: Vec::new(),
            finding: None,
            text: "".into(),
            details: Vec::new(),
        }
    }

    #[test]
    fn a_look_goes_on_where_it_was_and_begins_anew_with_the_store() {
        let mut kept = Kept::default();
        let mut browse = Browse::new(Choice::all(), Some(Timestamp(2)));
        let numbers = |browse: &mut Browse, kept: &mut Kept| {
            let found = browse.more(kept).unwrap();
            found.map(|all| all.iter().map(|notice| notice.number).collect::<Vec<_>>())
        };
        assert_eq!(numbers(&mut browse, &mut kept), None);
        for at in 1..=3 {
            kept.add(notice(at));
        }
        assert_eq!(numbers(&mut browse, &mut kept), Some(vec![2, 3]));
        assert_eq!(numbers(&mut browse, &mut kept), None);
        kept.add(notice(4));
        assert_eq!(numbers(&mut browse, &mut kept), Some(vec![4]));
        kept.begin_anew();
        kept.add(notice(5));
        assert_eq!(numbers(&mut browse, &mut kept), Some(vec![1]));
    }
}
