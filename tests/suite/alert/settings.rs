//! What a configuration may say, and what is said about one that is wrong.

use std::os::unix::fs::PermissionsExt;

use nameplate::alert::read;

use super::settings;

#[test]
fn an_output_that_is_left_alone_has_what_the_page_says() {
    let all = settings(
        "[site]\nname = 'Plant A'\n[[output]]\nkind = 'syslog'\nformat = 'rfc5424'\nto = 'tcp+tls://siem:6514'\n\
         what = ['finding', 'change', 'sensor']\n[[output]]\nkind = 'file'\nto = '/var/log/n.ndjson'",
    );
    if cfg!(feature = "tls") {
        let plan = all[0].plan().unwrap();
        assert_eq!(
            (&*plan.name, plan.target.to_string()),
            ("tcp+tls-siem-6514", "tcp+tls://siem:6514".to_owned())
        );
    } else {
        let error = all[0].plan().unwrap_err().to_string();
        assert!(error.contains("no TLS"), "{error}");
    }
    assert_eq!(all[1].plan().unwrap().name, "var-log-n.ndjson");
    assert!(read("[site]\nname = 'x'", "x").unwrap().is_empty());
    let written = toml::to_string(&all[0]).unwrap();
    assert_eq!(toml::from_str::<nameplate::alert::OutputSettings>(&written).unwrap(), all[0]);
}

#[test]
fn what_is_wrong_is_said_with_its_output_and_key() {
    let syslog = "kind = 'syslog'\nto = 'udp://h'";
    let hook = "kind = 'webhook'\nto = 'http://h/'";
    let file = "kind = 'file'\nto = '/tmp/x'";
    for (output, said) in [
        (format!("{syslog}\nfacility = 'local8'"), "facility"),
        (format!("{syslog}\nmin_severity = 'high'"), "min_severity: must be one of critical"),
        (format!("{syslog}\nwhat = []"), "what: must name"),
        (format!("{syslog}\nkinds = ['asset']"), "kinds: must name"),
        (format!("{syslog}\nframing = 'lf'"), "framing: is for tcp"),
        (format!("{syslog}\nca_file = '/x'"), "ca_file: is for tcp+tls"),
        (format!("{syslog}\ntoken_file = '/x'"), "token_file: is for webhooks"),
        (format!("{syslog}\nformat = 'json'"), "format: a syslog output writes"),
        (format!("{syslog}\nheader = 'none'"), "header: is for the format cef"),
        (format!("{syslog}\nmax_bytes = 100"), "max_bytes: must be from 1024"),
        (format!("{syslog}\nspool = 0"), "spool: must be from 1"),
        (format!("{syslog}\nspool_age = '7 days'"), "spool_age: must be a number"),
        (format!("{syslog}\ntimeout = '0s'"), "timeout: must be a number"),
        (format!("{syslog}\nname = '../x'"), "name: must have"),
        (format!("{syslog}\nhostname = 'a b'"), "hostname"),
        (format!("{hook}\nformat = 'cef'"), "format: a webhook writes"),
        (format!("{hook}\nbatch = 0"), "batch: must be from 1"),
        (format!("{hook}\ntoken_scheme = 'Splunk'"), "token_scheme: does nothing"),
        (format!("{file}\nrotate = '10'"), "rotate: must be a size"),
        (format!("{file}\nbatch = 2"), "batch: is for webhooks"),
        ("kind = 'syslog'\nto = 'tcp://h'".to_owned(), "to: the address has no port"),
        ("kind = 'file'\nto = 'udp://h'".to_owned(), "to: a file output goes"),
        ("kind = 'webhook'\nto = 'http://u:pass@h/'".to_owned(), "token_file"),
    ] {
        let error = settings(&format!("[[output]]\n{output}"))[0].plan().unwrap_err().to_string();
        assert!(error.starts_with("output ") && error.contains(said), "{output}: {error}");
        assert!(!error.contains("pass@"), "{error}");
    }
    for (text, said) in [
        ("[[output]]\nkind = 'syslog'\nto = 'udp://h'\nfacilty = 'x'", "unknown field `facilty`"),
        ("[[output]]\nkind = 'splunk'\nto = 'x'", "unknown variant `splunk`"),
        ("[[output]]\nkind = 'file'", "missing field `to`"),
        ("[output", "line 1"),
        ("output = 3", "invalid type"),
    ] {
        let error = read(text, "outputs.toml").unwrap_err().to_string();
        assert!(error.contains(said) && error.contains("outputs.toml"), "{text}: {error}");
    }
}

#[test]
fn a_secret_that_everybody_can_read_and_a_token_in_the_clear_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    let output = format!(
        "[[output]]\nkind = 'webhook'\nto = 'http://h/'\nname = 'hook'\ntoken_file = '{}'",
        token.display()
    );
    let settings = settings(&output);
    let error = settings[0].check().unwrap_err().to_string();
    assert!(error.contains("token_file: cannot read"), "{error}");
    std::fs::write(&token, "s3cret").unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let words = settings[0].check().unwrap();
    assert_eq!(words.len(), 2, "{words:?}");
    assert!(words[0].contains("everybody on this machine") && words[1].contains("in the clear"));
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(settings[0].check().unwrap().len(), 1);
    let shown = format!("{words:?} {:?} {:?}", settings[0], settings[0].plan().unwrap());
    assert!(!shown.contains("s3cret"));
}
