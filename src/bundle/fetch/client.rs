//! Requests with what surrounds them: which addresses may be asked, where a redirect may lead, when to try again, when to give a host
//! up. What sends is behind the trait [`Web`], so that all of this is tested without a network.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::bundle::fetch::address::Address;
use crate::model::limits::{
    FETCH_BYTES_TOTAL_MAX, FETCH_FAILURES_PER_HOST_MAX, FETCH_REDIRECTS_MAX, FETCH_WAIT_SECONDS_MAX,
};

/// What sends requests, and waits.
pub trait Web: Sync {
    /// Sends one request, and follows no redirect.
    ///
    /// # Errors
    ///
    /// When there is no answer, or not all of it.
    fn ask(&self, question: &Question<'_>) -> Result<Answer, Trouble>;

    /// Waits for some seconds.
    fn wait(&self, seconds: u64);
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What is asked for.
    pub address: &'a Address,
    /// How long the answer may be.
    pub bytes_max: usize,
    /// What is here already: nothing needs to be sent when it is still the same.
    pub known: Known<'a>,
}

/// By what a server tells whether a file is still the same.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Known<'a> {
    /// The entity tag it came with.
    pub tag: Option<&'a str>,
    /// The date it came with.
    pub modified: Option<&'a str>,
}

/// What a server answered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The entity tag.
    pub tag: Option<String>,
    /// The date of the file.
    pub modified: Option<String>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// It may go better the next time.
    Passing(String),
    /// It will not.
    Lasting(String),
    /// The answer is longer than it may be.
    TooLong,
}

/// A file that was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Got {
    /// Here it is.
    File(File),
    /// It is the one that is known.
    Same,
    /// The server has none.
    Absent,
}

/// A file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct File {
    /// Where it was found in the end: links in it are meant from there.
    pub at: Address,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// The entity tag it came with.
    pub tag: Option<String>,
    /// The date it came with.
    pub modified: Option<String>,
}

/// Why a file was not fetched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Miss {
    /// It could not be.
    Failed(String),
    /// It must not be: it breaks a rule.
    Refused(String),
}

impl Miss {
    /// The reason.
    pub(super) fn why(self) -> String {
        let (Self::Failed(why) | Self::Refused(why)) = self;
        why
    }
}

/// Sends requests by the rules.
pub(super) struct Client<'a> {
    web: &'a dyn Web,
    tries: u32,
    allow_plain: bool,
    /// Requests in a row that failed, by host.
    failures: Mutex<BTreeMap<String, usize>>,
    bytes: AtomicU64,
}

impl<'a> Client<'a> {
    /// With how often a request is tried again, and whether this machine may be asked without encryption.
    pub(super) fn new(web: &'a dyn Web, tries: u32, allow_plain: bool) -> Self {
        let (failures, bytes) = (Mutex::default(), AtomicU64::new(0));
        Self { web, tries, allow_plain, failures, bytes }
    }

    /// Bytes that were fetched.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Fetches a file.
    ///
    /// # Errors
    ///
    /// When it could not be fetched, or must not be.
    pub(super) fn get(
        &self,
        address: &Address,
        bytes_max: usize,
        known: Known<'_>,
    ) -> Result<Got, Miss> {
        self.permitted(address).map_err(Miss::Refused)?;
        let mut at = address.clone();
        for _ in 0..=FETCH_REDIRECTS_MAX {
            let Answer { status, location, tag, modified, body, .. } =
                self.answer(&Question { address: &at, bytes_max, known })?;
            match status {
                200 => return Ok(Got::File(File { at, bytes: body, tag, modified })),
                304 if known != Known::default() => return Ok(Got::Same),
                301 | 302 | 303 | 307 | 308 => {
                    let location = location.unwrap_or_default();
                    let refused = |why| Miss::Refused(format!("redirected to {location}: {why}"));
                    at = self.link(&at, &location).map_err(refused)?;
                }
                404 | 410 => return Ok(Got::Absent),
                401 | 403 => {
                    return Err(Miss::Failed(format!("the server lets nobody in: {status}")));
                }
                status => return Err(Miss::Failed(format!("the server answers {status}"))),
            }
        }
        Err(Miss::Refused(format!("redirected more than {FETCH_REDIRECTS_MAX} times")))
    }

    /// Where a link on a page leads: never from an encrypted page to one that is not.
    ///
    /// # Errors
    ///
    /// With the reason when it is no address, or one that must not be asked.
    pub(super) fn link(&self, page: &Address, link: &str) -> Result<Address, String> {
        let address = page.link(link)?;
        if page.is_secure() && !address.is_secure() {
            return Err("it leads from https to http".to_owned());
        }
        self.permitted(&address)?;
        Ok(address)
    }

    fn permitted(&self, address: &Address) -> Result<(), String> {
        if address.is_secure() {
            return Ok(());
        }
        match (address.is_loopback(), self.allow_plain) {
            (true, true) => Ok(()),
            (true, false) => Err("it is http: --allow-http allows it on this machine".to_owned()),
            (false, _) => Err("it is http, and advisories are fetched by https only".to_owned()),
        }
    }

    /// One answer, after as many tries as it takes and may.
    fn answer(&self, question: &Question<'_>) -> Result<Answer, Miss> {
        let host = question.address.authority();
        if self.failures(&host) >= FETCH_FAILURES_PER_HOST_MAX {
            return Err(Miss::Failed(format!("{host} is asked no more: too many requests failed")));
        }
        if self.bytes() > FETCH_BYTES_TOTAL_MAX {
            return Err(Miss::Refused(format!(
                "more than {FETCH_BYTES_TOTAL_MAX} bytes were fetched in this run"
            )));
        }
        let mut pause: u64 = 1;
        for left in (0..=self.tries).rev() {
            let (why, wanted) = match self.web.ask(question) {
                Ok(answer) if matches!(answer.status, 408 | 425 | 429 | 500 | 502..=504) => {
                    (format!("the server answers {}", answer.status), answer.retry_after)
                }
                Ok(answer) => {
                    let bytes = u64::try_from(answer.body.len()).unwrap_or(u64::MAX);
                    self.bytes.fetch_add(bytes, Ordering::Relaxed);
                    self.count(&host, true);
                    return Ok(answer);
                }
                Err(Trouble::Passing(why)) => (why, None),
                Err(Trouble::TooLong) => {
                    let most = question.bytes_max;
                    return Err(Miss::Refused(format!("it has more than {most} bytes")));
                }
                Err(Trouble::Lasting(why)) => {
                    self.count(&host, false);
                    return Err(Miss::Failed(why));
                }
            };
            if left == 0 {
                self.count(&host, false);
                return Err(Miss::Failed(why));
            }
            self.web.wait(wanted.unwrap_or(pause).min(FETCH_WAIT_SECONDS_MAX));
            pause = pause.saturating_mul(2);
        }
        Err(Miss::Failed("it was not tried".to_owned()))
    }

    fn failures(&self, host: &str) -> usize {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(host).copied().unwrap_or_default()
    }

    fn count(&self, host: &str, is_fine: bool) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if is_fine {
            failures.remove(host);
        } else {
            let count = failures.entry(host.to_owned()).or_default();
            *count = count.saturating_add(1);
        }
    }
}

/// How long a server asks to wait: seconds, or a date (RFC 9110 §10.2.3).
pub fn retry_after(text: &str, now: jiff::Timestamp) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(u64::try_from(at.duration_since(now).as_secs()).unwrap_or(0))
}
