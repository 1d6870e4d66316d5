use std::sync::LazyLock;
use vader_parity::SentimentIntensityAnalyzer;

/// Characters weighed at most: a reply says what it thinks of you before that.
const WEIGHED: usize = 2_000;

/// Sentiment of English words from -1 (hostile) to 1 by VADER's lexicon and rules; 0 where it knows none of
/// the words, as in other languages; `None` where there are none.
pub fn tone(text: &str) -> Option<f64> {
    static ANALYZER: LazyLock<SentimentIntensityAnalyzer> = LazyLock::new(SentimentIntensityAnalyzer::new);
    let text = text.trim();
    let end = text.char_indices().nth(WEIGHED).map_or(text.len(), |(end, _)| end);
    let weighed = text.get(..end).filter(|weighed| !weighed.is_empty())?;
    Some(ANALYZER.polarity_scores(weighed).compound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn friendly_and_hostile_words_are_told_apart() {
        for friendly in ["Great work, love it!", "thank you so much 🥰", "not bad at all", "GOOD :)"] {
            assert!(tone(friendly).unwrap() > 0.3, "{friendly}");
        }
        for hostile in ["I hate this, you are an idiot", "what a horrible, stupid idea!!", "not good 😡"] {
            assert!(tone(hostile).unwrap() < -0.3, "{hostile}");
        }
    }

    #[test]
    fn what_holds_no_word_it_knows_is_neither() {
        for neutral in ["!!!!", "Das liest sich gut", "مرحبا بالعالم", "\u{202e}\u{0}\u{fffd}", "林檎", "7"]
        {
            assert_eq!(tone(neutral), Some(0.0), "{neutral:?}");
        }
        assert_eq!((tone(""), tone(" \n\u{2003}")), (None, None));
    }

    #[test]
    fn a_very_long_text_is_weighed_by_its_beginning() {
        let long = format!("{}{}", "lovely ".repeat(300), "horrible ".repeat(12_000));
        assert!(tone(&long).unwrap() > 0.9);
        assert!(tone(&"😡".repeat(25_000)).is_some());
    }

    proptest! {
        #[test]
        fn whatever_is_said_has_a_tone(text in "\\PC*|[\\x00-\\x{ff}]*|.*|(but|bad|not|no|least|😀| ){0,60}") {
            prop_assert!(tone(&text).is_none_or(|tone| (-1.0..=1.0).contains(&tone)));
        }
    }
}
