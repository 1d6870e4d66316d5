pub(super) const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// A row of bars, one per value, from the lowest to the highest; unknown values are dots.
pub(super) fn spark(values: &[Option<f64>], width: usize) -> String {
    let known = || values.iter().flatten().copied();
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    // Fewer values than columns are drawn wider, more are thinned out.
    (0..width)
        .map(|column| match values.get(column * values.len() / width.max(1)) {
            Some(value) => bar(*value, low, high),
            None => "·",
        })
        .collect()
}

/// The bar of one value; what moves by less than a hundredth of a point is flat.
pub(super) fn bar(value: Option<f64>, low: f64, high: f64) -> &'static str {
    match value {
        None => "·",
        Some(_) if high - low < 0.01 => BARS[0],
        Some(value) => {
            let part = (value - low) / (high - low);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of eight")]
            let place = (part * 7.0).round() as usize;
            BARS[place.min(7)]
        }
    }
}

/// How something grew from nothing to all of it: a bar per step.
pub(super) fn growth(parts: &[Option<f64>], width: usize) -> String {
    if parts.is_empty() {
        return String::new();
    }
    (0..width).map(|column| bar(parts[column * parts.len() / width.max(1)], 0.0, 1.0)).collect()
}

/// A bar for an amount beside the largest amount; nothing for nothing.
pub(super) fn amount(value: u64, largest: u64) -> &'static str {
    if value == 0 || largest == 0 {
        return " ";
    }
    let eighths = (value * 8).div_ceil(largest).clamp(1, 8);
    BARS[usize::try_from(eighths - 1).unwrap_or(7)]
}

/// A horizontal bar of blocks for a part of a whole.
pub(super) fn blocks(part: f64, width: usize, sign: &str) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a width")]
    let length = (part.clamp(0.0, 1.0) * width as f64).round() as usize;
    sign.repeat(if part > 0.0 { length.max(1).min(width) } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_span_from_lowest_to_highest() {
        assert_eq!(spark(&[Some(1.0), Some(2.0), None, Some(8.0)], 4), "▁▂·█");
        assert_eq!(spark(&[Some(5.0), Some(5.001)], 2), "▁▁");
        assert_eq!(spark(&[Some(5.0), Some(6.0)], 4), "▁▁██");
        assert_eq!(spark(&[], 2), "··");
        assert_eq!(spark(&[Some(1.0)], 0), "");
    }

    #[test]
    fn amounts_show_even_when_small() {
        assert_eq!((amount(0, 9), amount(1, 900), amount(9, 9)), (" ", "▁", "█"));
        assert_eq!(blocks(0.001, 10, "█"), "█");
        assert_eq!(blocks(0.5, 10, "░"), "░░░░░");
        assert_eq!(blocks(0.0, 10, "█"), "");
    }
}
