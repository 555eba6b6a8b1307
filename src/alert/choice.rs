//! Which notices a receiver wants.

use crate::model::{Notice, NoticeKind, Severity, Topic};

/// Which notices a receiver wants: those that pass all three.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// Of these topics.
    pub topics: Vec<Topic>,
    /// At least this severe.
    pub least: Severity,
    /// Of these kinds; of all when there are none.
    pub kinds: Vec<NoticeKind>,
}

impl Choice {
    /// Everything.
    pub fn all() -> Self {
        Self { topics: Topic::ALL.to_vec(), least: Severity::Informational, kinds: Vec::new() }
    }

    /// Reads it as people write it.
    ///
    /// # Errors
    ///
    /// The key that is wrong, and what is wrong with it.
    pub fn read(
        topics: Option<&[String]>,
        least: Option<&str>,
        kinds: Option<&[String]>,
    ) -> Result<Self, (&'static str, String)> {
        let all = Self::all();
        let topics = match topics {
            None => all.topics,
            Some(names) => several("what", names, &Topic::ALL, |topic| topic.name())?,
        };
        let kinds = match kinds {
            None => all.kinds,
            Some(names) => several("kinds", names, &NoticeKind::ALL, |kind| kind.name())?,
        };
        let least = match least {
            None => all.least,
            Some(name) => Severity::named(name).ok_or_else(|| {
                let names = Severity::ALL.map(Severity::name).join(", ");
                ("min_severity", format!("must be one of {names}"))
            })?,
        };
        if let Some(kind) = kinds.iter().find(|kind| !topics.contains(&kind.topic())) {
            let cause = format!("{kind} is of the topic {}, which what leaves out", kind.topic());
            return Err(("kinds", cause));
        }
        Ok(Self { topics, least, kinds })
    }

    /// Whether it wants this one.
    pub fn takes(&self, notice: &Notice) -> bool {
        self.topics.contains(&notice.kind.topic())
            && notice.severity <= self.least
            && (self.kinds.is_empty() || self.kinds.contains(&notice.kind))
    }
}

fn several<T: Copy>(
    key: &'static str,
    given: &[String],
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<Vec<T>, (&'static str, String)> {
    let find = |wanted: &String| all.iter().copied().find(|one| name(*one) == wanted);
    let found: Option<Vec<T>> = given.iter().map(find).collect();
    found.filter(|found| !found.is_empty()).ok_or_else(|| {
        let names: Vec<&str> = all.iter().copied().map(name).collect();
        (key, format!("must name one or more of {}", names.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_choice_names_what_there_is() {
        let choice = Choice::read(Some(&words(&["finding"])), Some("warning"), None).unwrap();
        assert_eq!((choice.topics, choice.least), (vec![Topic::Finding], Severity::Warning));
        let kinds = words(&["asset_new"]);
        assert!(Choice::read(None, None, Some(&kinds)).is_ok());
        for (what, least, kinds, key) in [
            (Some(&[][..]), None, None, "what"),
            (Some(&["findings"][..]), None, None, "what"),
            (None, Some("info"), None, "min_severity"),
            (None, None, Some(&["asset"][..]), "kinds"),
            (Some(&["sensor"][..]), None, Some(&["asset_new"][..]), "kinds"),
        ] {
            let (what, kinds) = (what.map(words), kinds.map(words));
            let wrong = Choice::read(what.as_deref(), least, kinds.as_deref()).unwrap_err();
            assert_eq!(wrong.0, key);
        }
    }
}
