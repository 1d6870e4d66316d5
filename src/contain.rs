//! Panics of other people's parsers, kept inside.
//!
//! A library that panics on a hostile document must cost that document, not the program. Only calls into
//! such libraries are contained; a panic of our own is a mistake of ours and ends the program.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a parser; `None` when it panicked. `parse` must not touch anything that outlives it.
pub fn contained<T>(parse: impl FnOnce() -> T) -> Option<T> {
    let before = CONTAINED.replace(true);
    let parsed = catch_unwind(AssertUnwindSafe(parse)).ok();
    CONTAINED.set(before);
    parsed
}

/// Makes the panic hook silent about contained panics. Call once, before any other hook is put on top.
pub fn silence_contained() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_contained() {
            before(panic);
        }
    }));
}

/// Whether this thread is inside a contained call: for hooks.
pub fn is_contained() -> bool {
    CONTAINED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_is_none_outside() {
        assert_eq!(contained(|| 7), Some(7));
        assert_eq!(contained(|| "99999999999999999999".parse::<u64>().unwrap()), None);
        assert!(!is_contained());
    }
}
