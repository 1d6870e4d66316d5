//! Frames for terminals that cannot be trusted with more than ASCII: drawn as always, then rewritten cell by cell.
//!
//! Every sign has one of ASCII that says the same beside its neighbours: `▲ ▼` become `^ v`, `█ ┃` become `# |`.

use super::canvas::Canvas;
use crate::app::Glyphs;
use crate::text;
use ratatui::layout::Rect;

/// Signs the screens draw, and what stands for them.
const SIGNS: &[(&str, char)] = &[
    ("▲▴↑", '^'),
    ("▼▾↓", 'v'),
    ("◂←◄‹«", '<'),
    ("▸→►›»", '>'),
    ("●■◆★◇○∙•", '*'),
    ("▪", 'o'),
    ("▫", 'L'),
    ("≈", '~'),
    ("∅", '0'),
    ("‖", '"'),
    ("░", ':'),
    // Eight steps of a bar; the halves of a candle that closed lower are among them.
    ("▁", '_'),
    ("▂", '.'),
    ("▃", '-'),
    ("▄", '='),
    ("▅", '+'),
    ("▆", '*'),
    ("▇", '%'),
    ("▮█▀", '#'),
    ("·┈┄╌", '.'),
    ("─═", '-'),
    ("│┃╷╵╻╹╿╽┊┆", '|'),
    ("┌┐└┘├┤┬┴┼", '+'),
    ("✓", 'Y'),
    ("⏎", '/'),
    ("⌫", '<'),
    ("Δ", 'd'),
    ("√", 'V'),
    ("∑Σ", 'S'),
    ("−–—", '-'),
    ("×", 'x'),
    ("±", '~'),
    ("≥", '>'),
    ("≤", '<'),
    ("…", '.'),
    ("▏", '|'),
    ("“”„", '"'),
    ("‘’", '\''),
    ("\u{a0}\u{2009}\u{202f}", ' '),
];

/// A key as it can be written: its name where its sign cannot be.
pub(super) fn key(glyphs: Glyphs, label: &str) -> String {
    if glyphs == Glyphs::Unicode {
        return label.to_owned();
    }
    [("↑↓ ", ""), ("⏎", "enter"), ("⌫", "bksp"), ("↑", "up"), ("↓", "down"), ("←", "left"), ("→", "right")]
        .into_iter()
        .fold(label.to_owned(), |label, (sign, name)| label.replace(sign, name))
}

fn sign(symbol: &str) -> Option<char> {
    let c = symbol.chars().next()?;
    SIGNS.iter().find(|(signs, _)| signs.contains(c)).map(|(_, plain)| *plain)
}

/// Rewrites a finished frame.
pub(super) fn rewrite(glyphs: Glyphs, area: Rect, canvas: &mut Canvas<'_>) {
    if glyphs == Glyphs::Unicode {
        return;
    }
    for y in area.y..area.y + area.height {
        for x in area.x..area.x + area.width {
            let symbol = canvas[(x, y)].symbol();
            if symbol.is_ascii() {
                continue;
            }
            let plain = match sign(symbol) {
                Some(plain) => plain,
                None if ('\u{2800}'..='\u{28ff}').contains(&symbol.chars().next().unwrap_or(' ')) => '*',
                // A letter whose width terminals agree on stays; with an accent they may not.
                None => match text::base_letter(symbol) {
                    Some(letter) => letter,
                    None if glyphs == Glyphs::Ascii && text::width(symbol) == 2 => continue,
                    None => '?',
                },
            };
            let wide = text::width(symbol) == 2;
            canvas[(x, y)].set_char(plain);
            if wide && x + 1 < area.x + area.width {
                canvas[(x + 1, y)].set_char('?');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::Buffer;
    use ratatui::style::Style;

    fn rewritten(words: &str, glyphs: Glyphs) -> String {
        let area = Rect::new(0, 0, 24, 1);
        let mut buffer = Buffer::empty(area);
        buffer.set_string(0, 0, words, Style::new());
        rewrite(glyphs, area, &mut Canvas::new(&mut buffer, area));
        let mut skip = false;
        let cells = buffer.content().iter().filter(|cell| {
            let hidden = std::mem::replace(&mut skip, text::width(cell.symbol()) == 2);
            !hidden
        });
        cells.map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn signs_keep_their_meaning_and_their_columns() {
        assert_eq!(rewritten("▸YOU 61.42* ▲ +0.83 ▁▃█", Glyphs::Ascii), ">YOU 61.42* ^ +0.83 _-#");
        assert_eq!(rewritten("┌─ Zoë 林 ─┐ ░ ≥", Glyphs::Ascii), "+- Zoe 林 -+ : >");
        assert_eq!(rewritten("Zoë 林│", Glyphs::Bytes), "Zoe ??|");
    }
}
