use super::*;

fn read_text(text: &str) -> Result<Configuration, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nameplate.toml");
    std::fs::write(&file, text).unwrap();
    read(&Sources { file: Some(file), ..Sources::default() })
}

/// All mistakes, without the folder of their file.
fn wrong(text: &str) -> Vec<String> {
    let Err(ConfigError::Wrong(mistakes)) = read_text(text) else { return Vec::new() };
    let short = |one: &Mistake| {
        let line = one.to_string();
        line.split_once("nameplate.toml:").map_or(line.clone(), |(_, rest)| rest.to_owned())
    };
    mistakes.iter().map(short).collect()
}

/// A value that is not what is built in, for every kind.
fn other(kind: Kind, name: &str) -> &'static str {
    match (kind, name) {
        (Kind::Word(words), _) => words.last().copied().unwrap(),
        (Kind::Text, _) => "other",
        (Kind::Path, _) => "/other",
        (Kind::Size(..), _) => "300MiB",
        (Kind::Duration(_), _) => "77d",
        (Kind::Number(..), _) => "1500",
        (Kind::Switch, _) => "false",
        (Kind::Names, _) => "eth7,eth8",
        (Kind::Listen, _) => "[::1]:99",
    }
}

#[test]
fn every_key_sets_something_and_is_shown_as_it_was_set() {
    let plain = read_text("").unwrap();
    for (variable, name) in environment::variables() {
        let kind = kind_of(&name).unwrap();
        let environment = vec![(variable.clone(), other(kind, &name).to_owned())];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("nameplate.toml");
        std::fs::write(&file, "").unwrap();
        let sources = Sources { file: Some(file), environment, options: Vec::new() };
        let set = read(&sources).unwrap();
        assert_ne!(set.settings, plain.settings, "{name}");
        let shown = shown(&set);
        let one = shown.iter().find(|one| one.key == name).unwrap();
        assert_eq!(one.origin, Origin::Environment(variable), "{name}");
        // What is shown is what the file would say.
        let (section, key) = name.split_once('.').unwrap();
        let again = format!("[{section}]\n{key} = {}\n", one.value.as_ref().unwrap());
        assert_eq!(read_text(&again).unwrap().settings, set.settings, "{again}");
    }
}

#[test]
fn later_places_stand_above_earlier_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nameplate.toml");
    std::fs::write(&file, "[store]\npath = \"/file\"\nmax = \"1GiB\"\nkeep = \"9d\"\n").unwrap();
    let variable = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let environment = vec![
        variable("NAMEPLATE_STORE_PATH", "/variable"),
        variable("NAMEPLATE_STORE_MAX", "2GiB"),
    ];
    let option = OptionGiven { key: "store.path", option: "--store", text: "/option".to_owned() };
    let sources = Sources { file: Some(file.clone()), environment, options: vec![option] };
    let Configuration { settings, origins, .. } = read(&sources).unwrap();
    assert_eq!(settings.store.path, Path::new("/option"));
    assert_eq!(settings.store.max_bytes, 2 << 30);
    assert_eq!(settings.store.keep, SignedDuration::from_hours(9 * 24));
    assert_eq!(origins["store.path"], Origin::Option("--store"));
    assert_eq!(origins["store.max"], Origin::Environment("NAMEPLATE_STORE_MAX".to_owned()));
    assert_eq!(origins["store.keep"], Origin::File(file, 4));
    assert_eq!(origins["web.listen"], Origin::BuiltIn);
}

#[test]
fn all_mistakes_are_told_with_line_column_and_what_to_write() {
    let text = "\
[capture]
interfaces = \"eth0\"
filtre = \"\"
ring = \"20\"
  snap = 70000000
promiscuous = \"yes\"

[store]
path = \"store\"
max = 20
keep = \"5m\"
listen = \"127.0.0.1:1\"

[evidence]
keep = \"frame\"

[sotre]
path = \"/x\"
";
    let told = wrong(text);
    for (place, words) in [
        ("2:14: ", "capture.interfaces: write a list"),
        ("3:1: ", "there is no key \"filtre\" in [capture]; do you mean filter?"),
        ("4:8: ", "capture.ring: \"20\" is not within 1MiB and 2047MiB"),
        ("5:10: ", "capture.snap: write a whole number from 256 to 262144"),
        ("6:15: ", "capture.promiscuous: write true or false"),
        ("9:8: ", "store.path: \"store\" depends on the current folder"),
        ("10:7: ", "store.max: write a size in quotes"),
        ("11:8: ", "store.keep: \"5m\" can mean minutes or months"),
        ("12:1: ", "it belongs below [web]"),
        ("15:8: ", "evidence.keep: \"frame\" is not known; do you mean \"frames\"?"),
        ("17:2: ", "there is no section \"sotre\"; do you mean [store]?"),
    ] {
        let found = told.iter().any(|line| line.starts_with(place) && line.contains(words));
        assert!(found, "{place}{words} is not among {told:#?}");
    }
    assert_eq!(told.len(), 11, "{told:#?}");
}

#[test]
fn slips_of_the_pen_are_told_alone() {
    let told = wrong("[store\npath = \"/x\"\n[evidence]\nkeep = \n");
    assert!(told.len() >= 2, "{told:?}");
    assert!(told[0].starts_with("1:"), "{told:?}");
}

#[test]
fn outputs_are_checked_and_secrets_refused() {
    let sound = "[[output]]\nkind = \"syslog\"\nto = \"udp://siem:514\"\nwhat = [\"finding\"]\n";
    assert_eq!(read_text(sound).unwrap().settings.outputs.len(), 1);
    let told = wrong(
        "[[output]]\nkind = \"webhook\"\ntoken = \"geheim\"\nwhat = [\"findings\"]\nmin_severty = \"error\"\n",
    );
    let all = told.join("\n");
    assert!(
        all.contains("3:1: there is no key \"token\"") && all.contains("name that as token_file"),
        "{all}"
    );
    assert!(all.contains("do you mean \"finding\"?"), "{all}");
    assert!(all.contains("do you mean min_severity?"), "{all}");
    assert!(all.contains("1:1: this output has no key \"to\""), "{all}");
    assert!(!all.contains("geheim"), "{all}");
}

#[test]
fn zones_are_those_of_the_file_of_zones() {
    let told = wrong(
        "[[zone]]\nname = \"A\"\nvlans = [3]\n[[zone]]\nname = \"B\"\nvlans = [3]\n[[zone]]\nsubnet = []\n",
    );
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("4:1: vlan 3") && told[1].contains("do you mean subnets?"),
        "{told:?}"
    );
}

#[test]
fn variables_that_are_nearly_a_key_are_cautioned_about() {
    let variable = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nameplate.toml");
    std::fs::write(&file, "").unwrap();
    let environment = vec![
        variable("NAMEPLATE_STROE_PATH", "/x"),
        variable("NAMEPLATE_SERVICE_HOST", "10.0.0.1"),
        variable("NAMEPLATE_LOG", "debug"),
        variable("PATH", "/bin"),
    ];
    let sources = Sources { file: Some(file.clone()), environment, options: Vec::new() };
    let cautions = read(&sources).unwrap().cautions;
    assert_eq!(cautions.len(), 1, "{cautions:?}");
    assert!(cautions[0].contains("do you mean NAMEPLATE_STORE_PATH?"), "{cautions:?}");
    let environment = vec![variable("NAMEPLATE_CAPTURE_SNAP", "much")];
    let sources = Sources { file: Some(file), environment, options: Vec::new() };
    let error = read(&sources).unwrap_err().to_string();
    assert_eq!(error, "NAMEPLATE_CAPTURE_SNAP: capture.snap: \"much\" is no whole number");
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let sources =
        Sources { file: Some(PathBuf::from("/nowhere/at/all.toml")), ..Sources::default() };
    let error = read(&sources).unwrap_err().to_string();
    assert!(error.contains("/nowhere/at/all.toml") && error.contains("config init"), "{error}");
}

#[test]
fn the_default_file_with_every_key_switched_on_is_sound() {
    let switched: Vec<String> = default_file()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting.to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    let configuration = read_text(&switched.join("\n")).unwrap();
    assert_eq!(configuration.settings.outputs.len(), 1);
    let mut plain = read_text(&default_file()).unwrap().settings;
    assert_eq!(plain, read_text("").unwrap().settings);
    plain.zones = configuration.settings.zones.clone();
    assert_ne!(plain.zones, Zones::default());
}
