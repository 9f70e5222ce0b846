//! A map in parts, each with a lock of its own, for what begins and ends on all
//! threads at once. Its keys are numbers that nobody can choose.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Parts<K, V>([Mutex<Part<K, V>>; PARTS]);

type Part<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

const PARTS: usize = 16;

/// With room for no more than these, 9 KiB, a part is kept as it is: to begin and to
/// end a few thousand tasks again and again is not to resize it each time.
const FEW: usize = 448;

impl<K: Eq + Hash, V> Parts<K, V> {
    pub(crate) const fn new() -> Self {
        Self([const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; PARTS])
    }

    /// The part in which this key is, or would be.
    #[inline]
    fn of(&self, key: &K) -> MutexGuard<'_, Part<K, V>> {
        let mut hasher = NumberHasher::default();
        key.hash(&mut hasher);
        // Not the bits by which the map sorts.
        let part = usize::from(hasher.finish().to_le_bytes()[4]) % PARTS;
        // Nothing that can panic runs under these locks.
        self.0[part].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(crate) fn get(&self, key: &K) -> Option<V>
    where
        V: Clone,
    {
        self.of(key).get(key).cloned()
    }

    /// The value that was there is let go of outside of the lock.
    #[inline]
    pub(crate) fn insert(&self, key: K, value: V) {
        let mut part = self.of(&key);
        let before = part.insert(key, value);
        drop(part);
        drop(before);
    }

    /// The value is let go of outside of the lock.
    #[inline]
    pub(crate) fn remove(&self, key: &K) -> Option<V> {
        let mut part = self.of(key);
        let value = part.remove(key);
        if part.len() < part.capacity() / 8 && part.capacity() > FEW {
            shrink(&mut part);
        }
        value
    }
}

/// Gives memory back, which a map does not by itself: the fullest moment of a
/// process would cost for ever.
#[cold]
#[inline(never)]
fn shrink<K: Eq + Hash, V>(part: &mut Part<K, V>) {
    part.shrink_to(FEW.max(2 * part.len()));
}

#[derive(Default)]
pub(crate) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    #[inline]
    fn write_u64(&mut self, number: u64) {
        // The golden ratio: Knuth's multiplicative hashing.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, PARTS, Parts};

    fn room<K, V>(parts: &Parts<K, V>) -> usize {
        let parts = parts.0.iter();
        parts.map(|part| part.lock().unwrap().capacity()).sum()
    }

    #[test]
    fn what_was_taken_out_leaves_no_memory_behind() {
        let parts = Parts::new();
        for key in 0..100_000_usize {
            parts.insert(key, ());
        }
        for key in 0..100_000 {
            assert!(room(&parts) >= 100_000 - key);
            parts.remove(&key).unwrap();
        }
        assert!(room(&parts) <= FEW * PARTS);
    }

    #[test]
    fn one_that_comes_and_goes_does_not_resize_it_each_time() {
        let parts = Parts::new();
        let comes_and_goes = |key: usize| {
            let rooms: Vec<_> = (0..20)
                .flat_map(|_| {
                    parts.insert(key, ());
                    let with = room(&parts);
                    parts.remove(&key);
                    [with, room(&parts)]
                })
                .collect();
            // By one it differs if what was taken out is where no other can be.
            let resized = rooms.windows(2).filter(|two| two[0].abs_diff(two[1]) > 1);
            assert!(resized.count() <= 1, "{rooms:?} with {key}");
        };
        for key in 0..20_000 {
            if key % 10 == 0 {
                comes_and_goes(key);
            }
            parts.insert(key, ());
        }
        for key in 0..20_000 {
            parts.remove(&key);
            if key % 10 == 0 {
                comes_and_goes(key);
            }
        }
    }
}
