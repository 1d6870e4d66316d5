//! A frame as a picture: SVG, with the theme's own colours, for a README or a report.

use crate::app::Ground;
use crate::text;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

/// Width and height of a cell in the picture's units.
const CELL: (f64, f64) = (8.4, 17.0);

/// The sixteen colours as xterm has them, for themes that leave them to the terminal.
const SIXTEEN: [&str; 16] = [
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5", "#7f7f7f",
    "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
];

fn colour(color: Color) -> Option<String> {
    let named = |place: usize| Some(SIXTEEN[place].to_owned());
    match color {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Indexed(i @ 0..=15) => named(usize::from(i)),
        Color::Indexed(i @ 232..) => {
            let grey = 8 + 10 * (i - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
        Color::Indexed(i) => {
            let part = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            let i = i - 16;
            Some(format!("#{:02x}{:02x}{:02x}", part(i / 36), part(i / 6 % 6), part(i % 6)))
        }
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
    }
}

fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Draws a frame on a ground. `title` is read out by screen readers.
pub fn svg(frame: &Buffer, ground: Ground, title: &str) -> String {
    let (paper, ink) = match ground {
        Ground::Dark => ("#101216", "#d8dce2"),
        Ground::Light => ("#ffffff", "#1c1f24"),
    };
    let (columns, rows) = (frame.area.width, frame.area.height);
    let (width, height) = (f64::from(columns) * CELL.0 + 16.0, f64::from(rows) * CELL.1 + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" role=\"img\" \
         font-family=\"'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{paper}\"/>\n",
        escape(title)
    );
    for y in 0..rows {
        let mut x = 0;
        while x < columns {
            let first = &frame[(x, y)];
            let alike = |place: u16| {
                let cell = &frame[(place, y)];
                (cell.fg, cell.bg, cell.modifier) == (first.fg, first.bg, first.modifier)
            };
            let mut run = String::new();
            let mut end = x;
            // Columns are apart by blanks: what stands behind two of them has a place of its own, so that no letter
            // of another font can move it.
            while end < columns && alike(end) && !(run.ends_with("  ") && frame[(end, y)].symbol() != " ") {
                let symbol = frame[(end, y)].symbol();
                run.push_str(symbol);
                end += u16::try_from(text::width(symbol).max(1)).unwrap_or(1);
            }
            put(&mut out, &run, (x, y, end - x), first, (paper, ink));
            x = end;
        }
    }
    out.push_str("</svg>\n");
    out
}

/// One run of cells that look alike.
fn put(
    out: &mut String,
    run: &str,
    (x, y, length): (u16, u16, u16),
    cell: &ratatui::buffer::Cell,
    (paper, ink): (&str, &str),
) {
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    if run.trim().is_empty() && !reversed {
        return;
    }
    let (mut fg, mut bg) = (colour(cell.fg).unwrap_or_else(|| ink.to_owned()), colour(cell.bg));
    if reversed {
        let back = bg.unwrap_or_else(|| paper.to_owned());
        bg = Some(std::mem::replace(&mut fg, back));
    }
    let (left, top) = (8.0 + f64::from(x) * CELL.0, 8.0 + f64::from(y) * CELL.1);
    let wide = f64::from(length) * CELL.0;
    if let Some(bg) = bg {
        out.push_str(&format!(
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" fill=\"{bg}\"/>\n",
            CELL.1
        ));
    }
    let words = run.trim_end();
    let lead = words.len() - words.trim_start().len();
    let words = words.trim_start();
    if words.is_empty() {
        return;
    }
    let left = left + lead as f64 * CELL.0;
    let bold = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let long = text::width(words) as f64 * CELL.0;
    // The length keeps every run in its columns, whatever font the reader has.
    out.push_str(&format!(
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{long:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
         xml:space=\"preserve\" fill=\"{fg}\"{bold}>{}</text>\n",
        top + 13.0,
        escape(words)
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn a_picture_has_the_words_the_colours_and_nothing_that_runs() {
        let mut frame = Buffer::empty(Rect::new(0, 0, 20, 2));
        frame.set_string(0, 0, "  a<b & c", Style::new().fg(Color::Rgb(1, 2, 3)));
        frame.set_string(0, 1, "picked", Style::new().add_modifier(Modifier::REVERSED));
        let picture = svg(&frame, Ground::Light, "A \"title\" <x>");
        assert!(picture.contains("fill=\"#010203\">a&lt;b &amp; c</text>"), "{picture}");
        assert!(picture.contains("<title>A \"title\" &lt;x&gt;</title>"));
        assert!(
            picture.contains("fill=\"#1c1f24\"/>") && picture.contains("fill=\"#ffffff\">picked"),
            "reversed"
        );
        assert!(!picture.contains("<script") && !picture.contains('\x1b'));
    }
}
