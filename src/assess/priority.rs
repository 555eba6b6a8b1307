//! What is left to do first: a bucket with its reasons, not a score.
//!
//! | bucket | when |
//! |---|---|
//! | now | affected, and known to be exploited, or usable from the network and reached from another part of the plant |
//! | next | affected, and a fix exists |
//! | watch | affected without a fix, or not usable from the network, or its service not seen in a week of traffic |
//!
//! A high probability of exploitation (EPSS) lifts a finding by one; so does a critical zone, and one of high criticality out of
//! *watch*. A zone of low criticality lowers it by one. What is known to be exploited is never lowered, and what cannot be
//! used from the network is never lifted to *now*.

use std::collections::BTreeSet;

use crate::assess::exposure::{self, Around, Seen};
use crate::assess::hints;
use crate::model::{Exposure, Judgement, Kind, Priority, Verdict, Weight};

/// How much a finding matters: what of it was seen, and what is left to do first. Nothing when nothing is left to do.
pub fn weigh(judgement: &Judgement, services: &BTreeSet<Box<str>>, around: &Around<'_>) -> Weight {
    if !matches!(judgement.verdict, Verdict::Affected | Verdict::Unknown(_)) {
        return Weight::default();
    }
    let seen = match judgement.kind {
        Kind::Advisory => exposure::of(judgement.vector.as_deref(), services, around),
        Kind::EndOfSupport | Kind::Exposure => whole(around),
    };
    let mut because = vec![seen.because.clone()];
    let mut weight = Weight { exposure: Some(seen.exposure), ..Weight::default() };
    if judgement.verdict == Verdict::Affected {
        weight.priority = Some(bucket(judgement, &seen, around, &mut because));
    }
    // Of what has no advisory, only where it is reached from says something.
    if judgement.kind != Kind::Advisory && seen.across.is_empty() {
        because.remove(0);
        weight.exposure = None;
    }
    weight.because = because;
    weight
}

/// The device as a whole: who reaches it, through whatever.
fn whole(around: &Around<'_>) -> Seen {
    let serving = around.heard.iter().filter(|heard| heard.is_used() && !heard.asks);
    let across = exposure::reaching(&serving.collect::<Vec<_>>());
    let exposure = if across.is_empty() { Exposure::Unknown } else { Exposure::SeenAcrossZones };
    let because = format!("the device answers {}", exposure::list(&across, ""));
    Seen { exposure, because, across }
}

fn bucket(
    judgement: &Judgement,
    seen: &Seen,
    around: &Around<'_>,
    because: &mut Vec<String>,
) -> Priority {
    if judgement.kev == Some(true) {
        // The document's own word is among the sentences of the judgement.
        let dated = judgement.because.iter().any(|sentence| hints::is_exploited(sentence));
        let by = if dated { "by a date in the advisory" } else { "KEV" };
        because.push(format!("now: it is known to be exploited ({by})"));
        return Priority::Now;
    }
    let (first, why) = first(judgement, seen, around);
    because.push(format!("{}: {why}", first.name()));
    let most = match seen.exposure {
        Exposure::NotReachable => Priority::Next,
        _ => Priority::Now,
    };
    let mut bucket = first;
    if let Some(likely) = judgement.epss.filter(|likely| *likely >= EPSS_LIFTS_FROM) {
        let lifted = lifted(bucket).max(most);
        if lifted < bucket {
            because.push(format!("{}: likely to be exploited (EPSS {likely:.2})", lifted.name()));
            bucket = lifted;
        }
    }
    let zone = around.zone.map(|zone| format!(" ({zone})")).unwrap_or_default();
    let moved = match around.criticality {
        Some("critical") => lifted(bucket).max(most),
        Some("high") if bucket == Priority::Watch => Priority::Next,
        Some("low") => lowered(bucket),
        _ => bucket,
    };
    if let (true, Some(word)) = (moved != bucket, around.criticality) {
        because.push(format!("{}: its zone{zone} is of {word} criticality", moved.name()));
    }
    moved
}

/// The bucket before anything lifts or lowers it.
fn first(judgement: &Judgement, seen: &Seen, around: &Around<'_>) -> (Priority, String) {
    let network = match judgement.kind {
        Kind::Advisory => {
            // A document without a vector does not say that the network is no way.
            matches!(exposure::attack_vector(judgement.vector.as_deref()), Some('N') | None)
        }
        Kind::Exposure => true,
        Kind::EndOfSupport => false,
    };
    let fixable = match judgement.kind {
        Kind::Advisory => {
            !judgement.fixed_in.is_empty() || judgement.remediation.as_deref() == Some("vendor_fix")
        }
        Kind::Exposure => true,
        Kind::EndOfSupport => !seen.across.is_empty(),
    };
    if seen.exposure == Exposure::NotReachable {
        return (Priority::Watch, "it cannot be used from the network".to_owned());
    }
    if network && !seen.across.is_empty() {
        let places = exposure::list(&seen.across, "");
        return (Priority::Now, format!("the network is a way to it, and {places} reach it"));
    }
    if seen.exposure == Exposure::NotSeen && around.watched >= LOOKED_LONG_ENOUGH {
        return (Priority::Watch, "what it needs was not seen in all that time".to_owned());
    }
    match (fixable, judgement.kind) {
        (true, Kind::Advisory) => (Priority::Next, "a fix exists".to_owned()),
        (true, Kind::Exposure) => (Priority::Next, "a setting changes it".to_owned()),
        (true, Kind::EndOfSupport) => {
            (Priority::Next, "no fix will come, and other parts of the plant reach it".to_owned())
        }
        (false, Kind::EndOfSupport) => (Priority::Watch, "no fix will come".to_owned()),
        (false, _) => (Priority::Watch, "no fix is named".to_owned()),
    }
}

fn lifted(bucket: Priority) -> Priority {
    match bucket {
        Priority::Watch => Priority::Next,
        Priority::Next | Priority::Now => Priority::Now,
    }
}

fn lowered(bucket: Priority) -> Priority {
    match bucket {
        Priority::Now => Priority::Next,
        Priority::Next | Priority::Watch => Priority::Watch,
    }
}

/// From this probability on, exploitation within 30 days is likely enough to go first: some 5 % of all vulnerabilities reach it.
pub const EPSS_LIFTS_FROM: f64 = 0.1;

/// Traffic in which a service must stay unseen before that lowers anything: a week holds the weekly back-up and the shift that
/// opens the web page.
const LOOKED_LONG_ENOUGH: u64 = 7 * 86_400 * 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::exposure::tests::{around, heard};
    use crate::model::{Certainty, Grade, Substance, Why};

    fn judgement(vector: &str, fixed_in: &[&str]) -> Judgement {
        Judgement {
            kind: Kind::Advisory,
            advisory: "A".into(),
            substance: Substance::default(),
            title: "T".into(),
            cve: "CVE-2024-1".into(),
            verdict: Verdict::Affected,
            grade: Grade::E1,
            certainty: Certainty::Certain,
            because: vec!["it is".to_owned()],
            clause: String::new(),
            fixed_in: fixed_in.iter().map(|text| (*text).to_owned()).collect(),
            remediation: None,
            cvss: None,
            vector: Some(vector.into()),
            kev: None,
            epss: None,
        }
    }

    const NETWORK: &str = "CVSS:3.1/AV:N/AC:L/PR:N";
    const LOCAL: &str = "CVSS:3.1/AV:L/AC:L/PR:N";

    fn http() -> BTreeSet<Box<str>> {
        [Box::from("http")].into()
    }

    fn office() -> Around<'static> {
        let mut heard = heard("tcp/80", Some("http"), "PC-7");
        heard.peer.across = Some("zone Office".to_owned());
        around(vec![heard], 1)
    }

    fn priority(judgement: &Judgement, around: &Around<'_>) -> Option<Priority> {
        weigh(judgement, &http(), around).priority
    }

    #[test]
    fn only_what_is_affected_has_a_priority() {
        let mut one = judgement(NETWORK, &["2.0"]);
        one.kev = Some(true);
        for verdict in [Verdict::Fixed, Verdict::NotAffected] {
            one.verdict = verdict;
            assert_eq!(weigh(&one, &http(), &office()), Weight::default());
        }
        one.verdict = Verdict::Unknown(Why::Model);
        let weight = weigh(&one, &http(), &office());
        assert_eq!((weight.priority, weight.exposure), (None, Some(Exposure::SeenAcrossZones)));
    }

    #[test]
    fn buckets_follow_exploitation_reach_and_fix() {
        let inside = around(vec![heard("tcp/80", Some("http"), "HMI")], 1);
        let (fixable, open) = (judgement(NETWORK, &["2.0"]), judgement(NETWORK, &[]));
        assert_eq!(priority(&fixable, &office()), Some(Priority::Now));
        assert_eq!(priority(&open, &office()), Some(Priority::Now));
        assert_eq!(priority(&fixable, &inside), Some(Priority::Next));
        assert_eq!(priority(&open, &inside), Some(Priority::Watch));
        assert_eq!(priority(&judgement(LOCAL, &["2.0"]), &office()), Some(Priority::Watch));
        assert_eq!(
            priority(&judgement("CVSS:3.1/AV:A/AC:L", &["2.0"]), &office()),
            Some(Priority::Next)
        );
        let mut exploited = judgement(LOCAL, &[]);
        exploited.kev = Some(true);
        assert_eq!(priority(&exploited, &Around::default()), Some(Priority::Now));
    }

    #[test]
    fn only_a_long_look_lowers_what_was_not_seen() {
        let modbus = |days| around(vec![heard("tcp/502", Some("modbus"), "HMI")], days);
        let fixable = judgement(NETWORK, &["2.0"]);
        assert_eq!(priority(&fixable, &modbus(6)), Some(Priority::Next));
        assert_eq!(priority(&fixable, &modbus(7)), Some(Priority::Watch));
    }

    #[test]
    fn probability_and_zone_move_by_one_and_say_so() {
        let inside = around(vec![heard("tcp/80", Some("http"), "HMI")], 1);
        let mut likely = judgement(NETWORK, &["2.0"]);
        likely.epss = Some(0.1);
        let weight = weigh(&likely, &http(), &inside);
        assert_eq!(weight.priority, Some(Priority::Now));
        assert_eq!(
            weight.because.last().map(String::as_str),
            Some("now: likely to be exploited (EPSS 0.10)")
        );
        likely.epss = Some(0.099);
        assert_eq!(priority(&likely, &inside), Some(Priority::Next));
        let zone =
            |word| Around { criticality: Some(word), zone: Some("Cell 3"), ..inside.clone() };
        let plain = judgement(NETWORK, &["2.0"]);
        assert_eq!(priority(&plain, &zone("critical")), Some(Priority::Now));
        assert_eq!(priority(&plain, &zone("high")), Some(Priority::Next));
        assert_eq!(priority(&judgement(NETWORK, &[]), &zone("high")), Some(Priority::Next));
        assert_eq!(priority(&plain, &zone("medium")), Some(Priority::Next));
        assert_eq!(priority(&plain, &zone("low")), Some(Priority::Watch));
        let weight = weigh(&plain, &http(), &zone("low"));
        assert_eq!(
            weight.because.last().map(String::as_str),
            Some("watch: its zone (Cell 3) is of low criticality")
        );
    }

    #[test]
    fn what_cannot_be_used_from_the_network_is_never_lifted_to_now() {
        let mut local = judgement(LOCAL, &["2.0"]);
        local.epss = Some(0.9);
        let critical = Around { criticality: Some("critical"), ..office() };
        assert_eq!(priority(&local, &critical), Some(Priority::Next));
    }

    #[test]
    fn what_is_known_to_be_exploited_is_never_lowered() {
        let mut exploited = judgement(NETWORK, &["2.0"]);
        exploited.kev = Some(true);
        let low = Around { criticality: Some("low"), ..office() };
        assert_eq!(priority(&exploited, &low), Some(Priority::Now));
    }
}
