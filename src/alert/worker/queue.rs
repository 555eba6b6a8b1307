//! What an output sends next: where it begins, what it passes over, what it gives up.

use std::time::Duration;

use crate::alert::cursor::Gap;
use crate::alert::settings::Begin;
use crate::alert::worker::{Batch, StepError, Worker};
use crate::alert::{Backlog, BacklogError, Cursor, now};
use crate::model::limits::OUTPUT_BATCH_MAX;
use crate::model::{Notice, NoticeKind, OutputHealth, Severity};

impl Worker {
    /// Reads how far it is, and makes sure that the backlog is the one that this is about.
    pub(super) fn begin(&mut self) -> Result<(), StepError> {
        if self.cursor.is_some() && self.verified {
            return Ok(());
        }
        let known = match &self.cursor {
            Some(cursor) => Some(cursor.clone()),
            None => Cursor::load(&self.folder, &self.plan.name)?,
        };
        let range = self.backlog()?.range()?;
        let mut cursor = match known {
            Some(cursor) => cursor,
            None => {
                let number = match (range, self.plan.begin) {
                    (None, _) => 0,
                    (Some((_, newest)), Begin::Now) => newest,
                    (Some((oldest, newest)), Begin::Oldest) => {
                        oldest.saturating_sub(1).max(newest.saturating_sub(self.plan.spool))
                    }
                };
                let health = OutputHealth { number, ..OutputHealth::default() };
                Cursor { health, ..Cursor::default() }
            }
        };
        let number = cursor.health.number;
        if let Some(before) = number.checked_sub(1) {
            let there = self.backlog()?.after(before, 1)?.into_iter().next();
            let is_another = there.is_some_and(|notice| {
                notice.number == number && cursor.told_ns != 0 && notice.told.0 != cursor.told_ns
            });
            if is_another {
                (cursor.health.number, cursor.told_ns) = (0, 0);
            }
        }
        cursor.health.name = self.plan.name.clone();
        cursor.health.to = self.plan.target.to_string();
        cursor.health.shortened = 0;
        self.sent = cursor.health.number;
        (self.cursor, self.verified) = (Some(cursor), true);
        self.save();
        Ok(())
    }

    /// The next notices to send; `None` when there are none now.
    pub(super) fn take(&mut self) -> Result<Option<Batch>, StepError> {
        let Some((oldest, newest)) = self.backlog()?.range()? else { return Ok(None) };
        if newest < self.sent {
            // Numbers that go back: the store was made anew, or is an older copy of itself. Twice is better than never.
            self.start_over();
            self.set(0, 0);
            self.sent = 0;
        }
        let number = self.cursor.as_ref().map_or(0, |cursor| cursor.health.number);
        if let Some(cursor) = &mut self.cursor {
            cursor.health.waiting = newest.saturating_sub(number);
        }
        let is_over = newest.saturating_sub(self.sent) > self.plan.spool
            || oldest.saturating_sub(1) > self.sent;
        if is_over && !self.floating.is_empty() {
            // What is under way comes first: it is known soon whether that arrived.
            return Ok(None);
        }
        if is_over {
            self.give_up(oldest, newest)?;
        }
        let (sent, limit) = (self.sent, self.limit);
        let mut notices = self.backlog()?.after(sent, limit)?;
        self.give_up_aged(&mut notices);
        let Some(last) = notices.last() else {
            // That something was given up is told at once, and not with the next notice.
            let told_ns = self.cursor.as_ref().map_or(0, |cursor| cursor.told_ns);
            let gap = self.batch(&[], self.sent, told_ns);
            return Ok(Some(gap).filter(|gap| gap.tells_gap));
        };
        let (number, told_ns) = (last.number, last.told.0);
        let wanted: Vec<&Notice> =
            notices.iter().filter(|notice| self.plan.choice.takes(notice)).collect();
        Ok(Some(self.batch(&wanted, number, told_ns)))
    }

    fn batch(&mut self, wanted: &[&Notice], number: u64, told_ns: i64) -> Batch {
        let mut messages: Vec<_> =
            wanted.iter().map(|notice| self.plan.form.write(notice)).collect();
        let mut count = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
        let shortened = messages.iter().filter(|message| message.shortened).count();
        let (mut number, mut told_ns) = (number, told_ns);
        let gap = self.cursor.as_ref().and_then(|cursor| cursor.gap);
        let tells_gap = gap.is_some() && self.floating.iter().all(|mark| !mark.tells_gap);
        if let Some(gap) = gap.filter(|_| tells_gap) {
            let message = self.plan.form.write(&gap_notice(&gap));
            if self.limit == 1 {
                // A receiver that refuses things gets this one alone.
                messages.clear();
                count = 0;
                number = self.sent;
                told_ns = self.cursor.as_ref().map_or(told_ns, |cursor| cursor.told_ns);
            }
            messages.insert(0, message);
        }
        if let Some(cursor) = &mut self.cursor {
            let shortened = u64::try_from(shortened).unwrap_or(0);
            cursor.health.shortened = cursor.health.shortened.saturating_add(shortened);
        }
        Batch { messages, number, told_ns, count, tells_gap }
    }

    /// Leaves out what is gone, and what is more than may wait, from the oldest on.
    fn give_up(&mut self, oldest: u64, newest: u64) -> Result<(), StepError> {
        let before = oldest.saturating_sub(1);
        if before > self.sent {
            // Nobody can say any more which of these the receiver would have got.
            let count = before.saturating_sub(self.sent);
            self.drop_up_to(before, 0, count);
        }
        let last = newest.saturating_sub(self.plan.spool);
        while self.sent < last {
            let most = usize::try_from(last.saturating_sub(self.sent)).unwrap_or(usize::MAX);
            let sent = self.sent;
            let page = self.backlog()?.after(sent, most.min(OUTPUT_BATCH_MAX))?;
            let Some(end) = page.last() else { break };
            let (number, told_ns) = (end.number, end.told.0);
            let count = self.wanted(&page);
            self.drop_up_to(number, told_ns, count);
        }
        self.save();
        Ok(())
    }

    /// Leaves out what has waited for too long.
    fn give_up_aged(&mut self, notices: &mut Vec<Notice>) {
        let Some(age) = self.plan.spool_age.filter(|_| self.floating.is_empty()) else { return };
        let since = now().0.saturating_sub(nanoseconds(age));
        let aged = notices.iter().take_while(|notice| notice.told.0 < since).count();
        let old: Vec<Notice> = notices.drain(..aged).collect();
        if let Some(last) = old.last() {
            let count = self.wanted(&old);
            self.drop_up_to(last.number, last.told.0, count);
            self.save();
        }
    }

    fn wanted(&self, notices: &[Notice]) -> u64 {
        let wanted = notices.iter().filter(|notice| self.plan.choice.takes(notice)).count();
        u64::try_from(wanted).unwrap_or(u64::MAX)
    }

    /// Gives up all up to a number, of which the receiver would have got so many. To be asked for when nothing is under way.
    pub(super) fn drop_up_to(&mut self, number: u64, told_ns: i64, count: u64) {
        let first = self.sent.saturating_add(1);
        if let Some(cursor) = self.cursor.as_mut().filter(|_| count > 0) {
            cursor.health.dropped = cursor.health.dropped.saturating_add(count);
            let before = cursor.gap.unwrap_or(Gap { first, last: number, count: 0 });
            let count = before.count.saturating_add(count);
            cursor.gap = Some(Gap { last: number, count, ..before });
        }
        self.pass(number, told_ns);
    }

    pub(super) fn forget_gap(&mut self) {
        if let Some(cursor) = &mut self.cursor {
            cursor.gap = None;
        }
    }

    /// Counts all up to a number as done.
    pub(super) fn pass(&mut self, number: u64, told_ns: i64) {
        self.sent = number;
        self.set(number, told_ns);
        self.unsaved = true;
    }

    fn set(&mut self, number: u64, told_ns: i64) {
        if let Some(cursor) = &mut self.cursor {
            cursor.advance(number, told_ns);
        }
    }

    fn backlog(&mut self) -> Result<&mut Box<dyn Backlog>, BacklogError> {
        match &mut self.backlog {
            Some(backlog) => Ok(backlog),
            empty => Ok(empty.insert((self.open)()?)),
        }
    }
}

/// What a receiver is told of notices that it does not get. It has the number of the last of them.
fn gap_notice(gap: &Gap) -> Notice {
    let Gap { first, last, count } = gap;
    let text = match count {
        1 => "1 notice for this output was given up".to_owned(),
        _ => format!("{count} notices for this output were given up"),
    };
    let detail = |name: &str, value: u64| (name.into(), value.to_string().into());
    Notice {
        number: *last,
        at: now(),
        told: now(),
        kind: NoticeKind::SensorDegraded,
        severity: Severity::Warning,
        site: "".into(),
        asset: None,
        name: "".into(),
        addresses: Vec::new(),
        finding: None,
        text: format!(
            "{text}: they waited for a receiver that did not take them, beyond what is kept for it; numbers {first} to {last}"
        )
        .into(),
        details: vec![detail("dropped", *count), detail("first", *first), detail("last", *last)],
    }
}

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
