use std::collections::{HashSet, VecDeque};

/// Keys remembered for one place. What is older has long left the caller's log, too.
const MOST: usize = 20_000;

/// A number of 128 bits for a key, the same on every machine and for ever (FNV-1a).
pub fn fingerprint(key: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    key.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

/// The keys that a place has been told, the oldest forgotten first.
#[derive(Debug, Default)]
pub(super) struct Known {
    keys: HashSet<u128>,
    order: VecDeque<u128>,
}

impl Known {
    /// Whether the key is new. From now on it is not.
    pub(super) fn learn(&mut self, key: &str) -> bool {
        let key = fingerprint(key);
        if !self.keys.insert(key) {
            return false;
        }
        self.order.push_back(key);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
        }
        true
    }

    /// What did not arrive may be handed in again.
    pub(super) fn forget(&mut self, key: &str) {
        let key = fingerprint(key);
        if self.keys.remove(&key)
            && let Some(at) = self.order.iter().rposition(|known| *known == key)
        {
            self.order.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_those_of_fnv() {
        // From the test vectors of its authors.
        assert_eq!(fingerprint(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fingerprint("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(fingerprint("foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn what_is_known_is_bounded_and_can_be_taken_back() {
        let mut known = Known::default();
        assert!(known.learn("first"));
        assert!(!known.learn("first"));
        known.forget("first");
        known.forget("never heard of");
        assert!(known.learn("first"));
        for n in 0..MOST {
            assert!(known.learn(&n.to_string()));
        }
        assert_eq!((known.keys.len(), known.order.len()), (MOST, MOST));
        assert!(known.learn("first"), "the oldest is forgotten");
        assert!(!known.learn("19999"));
    }
}
