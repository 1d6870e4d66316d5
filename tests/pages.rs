#![allow(clippy::unwrap_used, reason = "a test ends at the first thing that is wrong")]
//! `docs/networks` says what the code says. Stale pages are written anew by
//! `CLOUTOP_PAGES=update cargo test --test pages`.

use cloutop::channels;
use cloutop::model::Network;
use cloutop::report;
use cloutop::score::Constants;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "docs", "networks"].iter().collect()
}

fn all() -> Vec<Network> {
    channels::networks().collect()
}

/// Every file of the folder as it should be.
fn pages() -> BTreeMap<String, String> {
    let constants = Constants::reference();
    let mut pages: BTreeMap<String, String> = all()
        .into_iter()
        .map(|network| (format!("{}.md", network.id()), report::page(network, &constants)))
        .collect();
    pages.insert("README.md".to_owned(), report::index(&all()));
    pages
}

#[test]
fn pages_say_what_the_code_says() {
    let wanted = pages();
    if std::env::var("CLOUTOP_PAGES").is_ok_and(|wish| wish == "update") {
        let _ = std::fs::remove_dir_all(folder());
        std::fs::create_dir_all(folder()).unwrap();
        for (name, page) in &wanted {
            std::fs::write(folder().join(name), page).unwrap();
        }
        return;
    }
    let there: BTreeMap<String, String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    for name in there.keys() {
        assert!(wanted.contains_key(name), "{name} is about no network; see the head of this test");
    }
    for (name, page) in &wanted {
        let there = there.get(name).unwrap_or_else(|| panic!("{name} is missing; see the head of this test"));
        for (kept, made) in there.lines().zip(page.lines()) {
            assert_eq!(kept, made, "{name} is stale; see the head of this test");
        }
        assert_eq!(there, page, "{name} is stale; see the head of this test");
    }
}

/// A page is made of sentences whose full stop is the page's, in cells and lists that stay whole.
#[test]
fn what_a_network_states_fits_into_its_page() {
    for network in all() {
        let facts = network.0.facts;
        let lines =
            facts.reads.iter().chain(facts.unknown).chain([&facts.cost, &facts.limits, &network.0.hint]);
        for line in lines {
            assert!(
                !line.trim().is_empty() && !line.ends_with('.') && !line.contains('\n'),
                "{network}: {line:?}"
            );
        }
        assert!(
            !facts.reads.is_empty() && !facts.unknown.is_empty(),
            "{network}: a page says what is read and what not"
        );
        let page = report::page(network, &Constants::reference());
        assert!(!page.contains("NaN") && !page.contains("inf "), "{page}");
    }
}

/// The example on a page is the score's own arithmetic: mastodon's numbers, worked by hand.
#[test]
fn the_example_of_a_page_is_the_scores_arithmetic() {
    let page = report::page(channels::network("mastodon").unwrap(), &Constants::reference());
    // x = (10*1 + 4*2 + 2*3 + 1*3) / 10 = 2.7; g = 2.7 / (0.414214 * (1 + 1.923538)) = 2.229627
    // body = 0.693147/90 * g = 0.017172; buzz = 0.693147 * g = 1.545459
    // T = 0.25 * 2*0.017172/1.017172 + 0.6 * 0.017172 + 0.15 * 1.545459 = 0.250563; sqrt = 0.500563
    for line in [
        "x     = (10*1 + 4*2 + 2*3 + 1*3) / 10 = 2.7\n",
        "g     = 2.7 / (0.4142 (1 + sqrt(1 + 2.7))) = 2.2296\n",
        "body  = ln2/90 * 2.2296 = 0.0172      buzz = ln2/1 * 2.2296 = 1.5455\n",
        "T     = 0.25*2*1*0.0172/(1 + 0.0172) + 0.6*0.0172 + 0.15*1.5455 = 0.2506\n",
        "score = 100 sqrt(0.2506) / (2 + sqrt(0.2506)) = 20.02\n",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn the_command_prints_the_table_and_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_cloutop"))
            .arg("networks")
            .args(arguments)
            .env_clear()
            .env("CLOUTOP_CONFIG", folder.path().join("config.toml"))
            .env("CLOUTOP_DATA_DIR", folder.path().join("data"))
            .output()
            .unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), out, err)
    };
    let (code, out, _) = run(&[]);
    assert_eq!(code, 0);
    for network in all() {
        assert!(
            out.lines().any(|line| line.starts_with(network.id()) && line.contains(network.code())),
            "{out}"
        );
    }
    let (code, out, _) = run(&["gh"]);
    assert_eq!((code, out), (0, pages()["github.md"].clone()));
    let (_, out, _) = run(&["--json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["schema"], "cloutop/networks/1");
    assert_eq!(json["networks"].as_array().unwrap().len(), all().len());
    let (_, out, _) = run(&["fedi", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let mastodon = &json["networks"][0];
    assert_eq!(
        (mastodon["id"].as_str(), mastodon["key_name"].as_str()),
        (Some("mastodon"), Some("mastodon@SERVER"))
    );
    assert_eq!(mastodon["counts"]["reshare"]["word"], "boosts");
    assert_eq!(mastodon["counts"]["reshare"]["weight"], 3.0);
    let (code, _, err) = run(&["mastodn"]);
    assert_eq!(code, 2);
    assert!(err.contains("did you mean \"mastodon\"?"), "{err}");
}
