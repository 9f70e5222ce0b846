//! A map in parts, each with a lock of its own, for what begins and ends on all
//! threads at once. Its keys are numbers that nobody can choose.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Parts<K, V>([Mutex<Part<K, V>>; PARTS]);

type Part<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

const PARTS: usize = 16;

impl<K: Eq + Hash, V> Parts<K, V> {
    pub(crate) const fn new() -> Self {
        Self([const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; PARTS])
    }

    /// The part in which this key is, or would be.
    #[inline]
    pub(crate) fn of(&self, key: &K) -> MutexGuard<'_, Part<K, V>> {
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

    #[inline]
    pub(crate) fn insert(&self, key: K, value: V) {
        self.of(&key).insert(key, value);
    }

    /// The value is let go of outside of the lock.
    #[inline]
    pub(crate) fn remove(&self, key: &K) -> Option<V> {
        self.of(key).remove(key)
    }
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
