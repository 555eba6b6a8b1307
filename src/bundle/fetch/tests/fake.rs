//! A web that is a table.

use std::collections::BTreeMap;
use std::sync::Mutex;

use sha2::{Digest, Sha256, Sha512};

use crate::bundle::fetch::{Answer, Question, Trouble, Web};
use crate::bundle::hex;

/// Answers by address: one after the other, the last one again and again. What is not there answers 404.
#[derive(Debug, Default)]
pub(super) struct Fake {
    pages: Mutex<BTreeMap<String, Vec<Result<Answer, Trouble>>>>,
    asked: Mutex<Vec<String>>,
    waited: Mutex<Vec<u64>>,
}

impl Fake {
    pub(super) fn page(&self, url: &str, text: &str) {
        self.tagged(url, text, "1");
    }

    pub(super) fn tagged(&self, url: &str, text: &str, tag: &str) {
        let answer = Answer { tag: Some(tag.to_owned()), ..ok(text.as_bytes()) };
        self.script(url, vec![Ok(answer)]);
    }

    pub(super) fn script(&self, url: &str, answers: Vec<Result<Answer, Trouble>>) {
        self.pages.lock().unwrap().insert(url.to_owned(), answers);
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn waited(&self) -> Vec<u64> {
        self.waited.lock().unwrap().clone()
    }

    pub(super) fn forget(&self) {
        self.asked.lock().unwrap().clear();
    }
}

impl Web for Fake {
    fn ask(&self, question: &Question<'_>) -> Result<Answer, Trouble> {
        let url = question.address.to_string();
        self.asked.lock().unwrap().push(url.clone());
        let mut pages = self.pages.lock().unwrap();
        let Some(answers) = pages.get_mut(&url) else {
            return Ok(Answer { status: 404, ..Answer::default() });
        };
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        let answer = answer?;
        if answer.body.len() > question.bytes_max {
            return Err(Trouble::TooLong);
        }
        if answer.tag.is_some() && answer.tag.as_deref() == question.known.tag {
            return Ok(Answer { status: 304, ..Answer::default() });
        }
        Ok(answer)
    }

    fn wait(&self, seconds: u64) {
        self.waited.lock().unwrap().push(seconds);
    }
}

pub(super) fn ok(bytes: &[u8]) -> Answer {
    Answer { status: 200, body: bytes.to_owned(), ..Answer::default() }
}

pub(super) fn document(name: &str) -> String {
    format!(r#"{{"document":{{"title":"{name}"}}}}"#)
}

pub(super) fn sum(text: &str) -> String {
    format!("{}  name.json\n", hex(&Sha512::digest(text)))
}

pub(super) fn sum256(text: &str) -> String {
    format!("{}  name.json\n", hex(&Sha256::digest(text)))
}

/// A feed of documents by path and date, each with a checksum and a signature.
pub(super) fn feed(base: &str, rows: &[(&str, &str)]) -> String {
    let entries = rows.iter().map(|(path, date)| {
        format!(
            r#"{{"id":"{path}","updated":"{date}","content":{{"type":"application/json","src":"{base}{path}"}},
                "link":[{{"rel":"self","href":"{base}{path}"}},{{"rel":"hash","href":"{base}{path}.sha512"}},
                        {{"rel":"signature","href":"{base}{path}.asc"}}]}}"#
        )
    });
    let entries: Vec<String> = entries.collect();
    format!(r#"{{"feed":{{"id":"f","entry":[{}]}}}}"#, entries.join(","))
}
