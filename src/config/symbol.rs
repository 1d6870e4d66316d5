use crate::model::{Account, is_symbol};

/// A symbol for somebody new: from the name or the account, not taken by anybody.
pub fn propose_symbol(name: Option<&str>, account: &Account, taken: &[String]) -> String {
    let letters = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
    };
    let handle = account.handle.trim_start_matches('@').split(['@', '.']).next().unwrap_or_default();
    let handle = handle.trim_start_matches("https://").trim_start_matches("http://");
    let mut sources: Vec<String> = name.unwrap_or_default().split_whitespace().map(letters).collect();
    sources.push(letters(handle));
    let base = sources
        .into_iter()
        .find(|source| source.len() >= 2 && source.starts_with(|c: char| c.is_ascii_alphabetic()))
        .unwrap_or_else(|| account.network.code().to_owned());
    let base: String = base.chars().take(4).collect();
    let free = |symbol: &String| is_symbol(symbol) && !taken.contains(symbol);
    std::iter::once(base.clone())
        .chain(
            (2..100)
                .map(|n| format!("{}{n}", base.chars().take(if n < 10 { 4 } else { 3 }).collect::<String>())),
        )
        .find(free)
        .unwrap_or_else(|| format!("P{}", taken.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels;

    #[test]
    fn symbols_come_from_names() {
        let account = |handle: &str| Account::new(channels::network("bluesky").unwrap(), handle);
        let taken = ["ADA".to_owned(), "YOU".to_owned()];
        let propose = |name, handle| propose_symbol(name, &account(handle), &taken);
        assert_eq!(propose(Some("Zoë Brandt 林"), "zoe.example.org"), "ZO");
        assert_eq!(propose(Some("Ada Lindqvist"), "ada.example.org"), "ADA2");
        assert_eq!(propose(None, "@ken@hachy.example"), "KEN");
        assert_eq!(propose(Some("林檎"), "x.example.org"), "BSKY");
        assert_eq!(propose(None, "wolfeschlegelstein.bsky.social"), "WOLF");
    }
}
