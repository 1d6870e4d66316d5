//! Strangers' text made safe, and text made to fit columns.
//!
//! [`clean`] runs once, before a stranger's words become part of an observation: ratatui drops control
//! characters but leaves their remains (`[31m`, `]0;title`) and lets bidi overrides and zero-width
//! characters through.

mod nearest;
mod tone;

pub use nearest::{nearest, suggestion};
pub use tone::tone;

use crate::model::Time;
use chrono::TimeDelta;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Longest text kept of anything a stranger wrote, in characters.
pub const LONGEST: usize = 300;

/// One line of plain text: no escape sequences, no control, bidi, zero-width, joining or tag characters,
/// no runs of blanks, at most two combining marks on a letter, at most [`LONGEST`] characters.
///
/// What terminals disagree about is taken apart rather than trusted: joined emoji become single ones,
/// flags become their two letters, so that every terminal counts the columns this program counts.
pub fn clean(text: &str) -> String {
    clean_within(text, LONGEST)
}

/// The same with at most so many characters.
pub fn clean_within(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len().min(4 * longest));
    let mut length = 0;
    let mut marks = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if length >= longest {
            out.push('…');
            break;
        }
        let c = match c {
            '\u{1b}' | '\u{9b}' | '\u{90}' | '\u{9d}' | '\u{98}' | '\u{9e}' | '\u{9f}' => {
                skip_escape(c, &mut chars);
                continue;
            }
            c if c.is_whitespace() || c == '\u{2028}' || c == '\u{2029}' || c == '\u{2800}' => ' ',
            c if c.is_control() || invisible(c) => continue,
            // Regional indicators: two of them make a flag whose width terminals disagree about.
            '\u{1f1e6}'..='\u{1f1ff}' => {
                char::from_u32(u32::from(c) - 0x1f1e6 + u32::from('A')).unwrap_or('?')
            }
            c => c,
        };
        match c.width() {
            Some(0) | None => {
                marks += 1;
                if marks > 2 || out.is_empty() || out.ends_with(' ') {
                    continue;
                }
            }
            Some(_) => marks = 0,
        }
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        out.push(c);
        length += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// Characters that draw nothing, change direction, or join others into something of unknown width.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// Swallows the rest of an escape sequence whose first character was `first`.
fn skip_escape(first: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let kind = if first == '\u{1b}' { chars.next() } else { Some(first) };
    match kind {
        // Control sequence: parameters, then one final byte.
        Some('[' | '\u{9b}') => {
            while let Some(&c) = chars.peek() {
                if !matches!(c, ' '..='~') {
                    break;
                }
                chars.next();
                if matches!(c, '@'..='~') {
                    break;
                }
            }
        }
        // Strings (title, hyperlink, device control): up to BEL or ST, and never past 200 characters.
        Some(']' | 'P' | 'X' | '^' | '_' | '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}') => {
            for _ in 0..200 {
                match chars.next() {
                    None | Some('\u{7}' | '\u{9c}') => break,
                    Some('\u{1b}') => {
                        chars.next_if_eq(&'\\');
                        break;
                    }
                    Some(_) => {}
                }
            }
        }
        // Character set and other two-character forms.
        Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
            chars.next();
        }
        _ => {}
    }
}

/// The words of an HTML fragment, cleaned. Block ends become blanks; scripts and styles are left out.
pub fn from_html(html: &str) -> String {
    use html5gum::{Token, Tokenizer};
    let mut words = String::new();
    let mut silent = false;
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::String(text) if !silent => words.push_str(&String::from_utf8_lossy(&text)),
            Token::StartTag(tag) => {
                let name: &[u8] = &tag.name;
                silent = matches!(name, b"script" | b"style") && !tag.self_closing;
                if matches!(name, b"p" | b"br" | b"li" | b"div" | b"h1" | b"h2" | b"h3" | b"blockquote") {
                    words.push(' ');
                }
            }
            Token::EndTag(tag) => {
                let name: &[u8] = &tag.name;
                if matches!(name, b"script" | b"style") {
                    silent = false;
                }
                if matches!(name, b"p" | b"li" | b"div" | b"h1" | b"h2" | b"h3" | b"blockquote") {
                    words.push(' ');
                }
            }
            _ => {}
        }
        if words.len() > 16 * LONGEST {
            break;
        }
    }
    clean(&words)
}

/// The addresses that an HTML fragment links to, as written, a few at most.
pub fn hrefs(html: &str) -> Vec<String> {
    use html5gum::{Token, Tokenizer};
    let mut found = Vec::new();
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        let Token::StartTag(tag) = token else { continue };
        let name: &[u8] = &tag.name;
        let href = tag.attributes.iter().find(|(name, _)| AsRef::<[u8]>::as_ref(*name) == b"href");
        if let (b"a", Some((_, href))) = (name, href) {
            found.push(String::from_utf8_lossy(href.as_ref()).trim().to_owned());
        }
        if found.len() >= 8 {
            break;
        }
    }
    found
}

/// Columns that `text` takes on the screen.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in exactly `columns` columns: padded on the right, or cut with `…`.
pub fn fit(text: &str, columns: usize) -> String {
    let mut out = cut(text, columns);
    let used = width(&out);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    out
}

/// `text` in exactly `columns` columns: padded on the left, or cut with `…`.
pub fn fit_right(text: &str, columns: usize) -> String {
    let cut = cut(text, columns);
    let mut out = " ".repeat(columns.saturating_sub(width(&cut)));
    out.push_str(&cut);
    out
}

/// `text` in at most `columns` columns.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used + w + 1 > columns {
            break;
        }
        out.push(c);
        used += w;
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// The end of `text`, as much of it as has room in `columns` columns: what is being typed.
pub fn tail(text: &str, columns: usize) -> String {
    let mut from = text.len();
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        from = at;
    }
    text.get(from..).unwrap_or_default().to_owned()
}

/// The ASCII letter under the marks of a symbol, if there is one: `e` for `ë`.
pub fn base_letter(symbol: &str) -> Option<char> {
    let plain = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(symbol);
    plain.chars().next().filter(char::is_ascii)
}

/// Lines of at most `columns` columns, broken at blanks; a longer word has a line of its own.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// `1284`, `12.3k`, `4.1M`: at most five columns.
pub fn compact(n: u64) -> String {
    match n {
        0..=9_999 => n.to_string(),
        10_000..=99_949 => format!("{:.1}k", n as f64 / 1e3),
        99_950..=999_499 => format!("{:.0}k", n as f64 / 1e3),
        999_500..=99_949_999 => format!("{:.1}M", n as f64 / 1e6),
        99_950_000..=999_499_999 => format!("{:.0}M", n as f64 / 1e6),
        _ => format!("{:.1}G", n as f64 / 1e9),
    }
}

/// Groups of three digits, apart by a blank: `12 300`.
pub fn grouped(n: u64) -> String {
    grouped_by(n, ' ')
}

/// Groups of three digits with a sign of the user's between them.
pub fn grouped_by(n: u64, sign: char) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(sign);
        }
        out.push(c);
    }
    out
}

/// A span of time in one unit: `12s`, `41m`, `3h`, `2d`.
pub fn span(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3_599 => format!("{}m", seconds / 60),
        3_600..=172_799 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// A span of time in at most two units: `4 m 19 s`, `5 h 17 m`, `2 d 3 h`.
pub fn span_long(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=599 if seconds % 60 > 0 => format!("{} m {} s", seconds / 60, seconds % 60),
        60..=3_599 => format!("{} m", seconds / 60),
        3_600..=86_399 => format!("{} h {} m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// How long before `now` it was, in one unit; nothing in the future is negative.
pub fn age(at: Time, now: Time) -> String {
    span(now - at)
}

/// Score with two decimals.
pub fn score(points: f64) -> String {
    format!("{points:.2}")
}

/// Points as [`score`] shows them.
pub fn cents(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// A change as shown: the difference of the two scores as shown, so that a reader's subtraction is right.
pub fn change(open: f64, close: f64) -> f64 {
    cents(close) - cents(open)
}

/// Signed points with two decimals; what rounds to nothing has no sign.
pub fn signed(points: f64) -> String {
    match format!("{points:+.2}").as_str() {
        "+0.00" | "-0.00" => "0.00".to_owned(),
        other => other.to_owned(),
    }
}

/// `▲`, `▼` or `=`, by the two decimals that are shown.
pub fn arrow(points: f64) -> &'static str {
    if points >= 0.005 {
        "▲"
    } else if points <= -0.005 {
        "▼"
    } else {
        "="
    }
}

/// Rounds `parts` to `decimals` so that the shown digits add up to the shown total: what rounding leaves
/// over goes to the parts that lost most (largest remainder).
pub fn adding_up(parts: &[f64], total: f64, decimals: i32) -> Vec<f64> {
    let unit = 10f64.powi(decimals);
    let mut floors: Vec<f64> = parts.iter().map(|part| (part * unit).floor()).collect();
    let mut by_loss: Vec<usize> = (0..parts.len()).collect();
    let loss = |i: usize| parts[i] * unit - (parts[i] * unit).floor();
    by_loss.sort_by(|&a, &b| loss(b).total_cmp(&loss(a)));
    let mut missing = (total * unit).round() - floors.iter().sum::<f64>();
    // Fewer units are missing than there are parts, unless the parts do not sum to the total.
    for &part in &by_loss {
        if missing < 0.5 {
            break;
        }
        floors[part] += 1.0;
        missing -= 1.0;
    }
    // A total that is itself a difference of two rounded numbers may lie below all floors.
    for &part in by_loss.iter().rev() {
        if missing > -0.5 {
            break;
        }
        floors[part] -= 1.0;
        missing += 1.0;
    }
    // Adding zero turns a negative zero into a plain one.
    floors.into_iter().map(|part| part / unit + 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_leave_no_remains() {
        for (hostile, plain) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("a\u{1b}]0;title\u{7}b", "ab"),
            ("a\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\b", "alinkb"),
            ("a\u{9b}31mb", "ab"),
            ("\u{1b}(0lqk\u{1b}(B", "lqk"),
            ("\u{1b}Pq#0;2;0;0;0#0~~\u{1b}\\x", "x"),
            ("x\u{1b}", "x"),
            ("one\r\ntwo\tthree", "one two three"),
        ] {
            assert_eq!(clean(hostile), plain, "{hostile:?}");
        }
    }

    #[test]
    fn direction_and_width_tricks_are_taken_apart() {
        assert_eq!(clean("abc\u{202e}def\u{2066}"), "abcdef");
        assert_eq!(clean("a\u{200b}b\u{feff}c"), "abc");
        assert_eq!(clean("👩\u{200d}👩\u{200d}👧"), "👩👩👧");
        assert_eq!(clean("🇩🇪"), "DE");
        assert_eq!(clean("❤\u{fe0f}"), "❤");
        assert_eq!(clean("z\u{300}\u{301}\u{302}\u{303}\u{304}"), "z\u{300}\u{301}");
        assert_eq!(clean("\u{300}\u{300}x"), "x");
        assert_eq!(clean("   \u{2800} \u{3164} "), "");
    }

    #[test]
    fn a_very_long_name_is_cut() {
        let clean = clean(&"x".repeat(10_000));
        assert_eq!(clean.chars().count(), LONGEST + 1);
        assert!(clean.ends_with('…'));
    }

    #[test]
    fn html_becomes_words() {
        assert_eq!(from_html("<p>Hello <b>you</b> &amp; me</p><p>two</p>"), "Hello you & me two");
        assert_eq!(from_html("<script>alert(1)</script>text<style>p{}</style>"), "text");
        assert_eq!(from_html("&#27;[31mred"), "red");
        assert_eq!(from_html("a<br/>b<"), "a b<");
        assert_eq!(
            hrefs("<A HREF=' https://a.example/?a&amp;b '>x</a><a>y</a><b href=z>"),
            ["https://a.example/?a&b"]
        );
    }

    #[test]
    fn columns_are_exact() {
        assert_eq!(fit("Zoë Brandt 林", 15), "Zoë Brandt 林  ");
        assert_eq!(fit("Zoë Brandt 林檎", 14), "Zoë Brandt 林…");
        assert_eq!(fit("Zoë Brandt 林檎", 13), "Zoë Brandt … ");
        assert_eq!(fit_right("61.42", 7), "  61.42");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(cut("abc", 1), "…");
    }

    #[test]
    fn numbers_read_at_a_glance() {
        assert_eq!(compact(9_999), "9999");
        assert_eq!(compact(12_345), "12.3k");
        assert_eq!(compact(99_960), "100k");
        assert_eq!(compact(4_100_000), "4.1M");
        assert_eq!(grouped(1_234_567), "1 234 567");
        assert_eq!(signed(-0.004), "0.00");
        assert_eq!(signed(0.83), "+0.83");
        assert_eq!(span(TimeDelta::seconds(59)), "59s");
        assert_eq!(span_long(TimeDelta::seconds(19_020)), "5 h 17 m");
    }

    #[test]
    fn shown_digits_add_up() {
        assert_eq!(adding_up(&[23.1434, 12.4394, 3.9342], 39.517, 2), [23.14, 12.44, 3.94]);
        assert_eq!(adding_up(&[], 0.0, 2), Vec::<f64>::new());
    }

    proptest! {
        #[test]
        fn clean_text_is_safe_and_stable(text in "\\PC*|[\\x00-\\x{ff}]*|.*") {
            let once = clean(&text);
            prop_assert!(!once.chars().any(char::is_control));
            prop_assert_eq!(clean(&once), once.clone());
            let by_char: usize = once.chars().map(|c| c.width().unwrap_or(0)).sum();
            prop_assert_eq!(width(&once), by_char);
        }

        #[test]
        fn fitted_text_is_exactly_as_wide_as_asked(text in ".*", columns in 0usize..40) {
            let text = clean(&text);
            prop_assert_eq!(width(&fit(&text, columns)), columns);
            prop_assert_eq!(width(&fit_right(&text, columns)), columns);
        }

        #[test]
        fn parts_add_up_in_shown_digits(parts in prop::collection::vec(-30.0f64..30.0, 1..9)) {
            let total: f64 = parts.iter().sum();
            let shown = adding_up(&parts, total, 2);
            let sum: f64 = shown.iter().sum();
            prop_assert!((sum - (total * 100.0).round() / 100.0).abs() < 1e-9);
            for (part, shown) in parts.iter().zip(&shown) {
                prop_assert!((part - shown).abs() <= 0.010_000_1, "{} shown as {}", part, shown);
            }
        }
    }
}
