//! The keys of a bucket as dense numbers, from 0 in the order in which they were met. Their bytes stand
//! in one piece, so that a key costs no allocation of its own. Knows nothing about keys but their bytes.

use hashbrown::HashTable;
use twox_hash::XxHash3_64;

/// A key: an encoding under which equal keys are equal bytes, and its hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'k> {
    bytes: &'k [u8],
    hash: u64,
}

impl<'k> Key<'k> {
    /// Of these bytes.
    #[cfg(test)]
    pub(crate) fn of(bytes: &'k [u8]) -> Self {
        Self { bytes, hash: hash(bytes) }
    }
    /// Of bytes whose [`hash`] is known.
    pub(crate) fn hashed(bytes: &'k [u8], hash: u64) -> Self {
        Self { bytes, hash }
    }
    /// Its bytes.
    pub(crate) fn bytes(self) -> &'k [u8] {
        self.bytes
    }
    /// Which of so many lots it falls in: about equally many keys into each. Two of the numbers `draw`
    /// give lots that have nothing to do with each other.
    pub(crate) fn lot(self, draw: Draw, of: usize) -> usize {
        let part = match draw {
            Draw::Bucket => self.hash >> 32,
            Draw::Thread => self.hash & 0xffff,
            Draw::Shard => self.hash >> 16 & 0xffff,
        };
        usize::try_from(part).unwrap_or_default() % of.max(1)
    }
}

/// What keys are divided for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draw {
    /// To hold some of them at a time.
    Bucket,
    /// To work on several threads.
    Thread,
    /// To stay in the processor's cache.
    Shard,
}

/// The hash of a key.
pub(crate) fn hash(key: &[u8]) -> u64 {
    XxHash3_64::oneshot(key)
}

/// Keys with their numbers.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    numbers: HashTable<u32>,
    bytes: Bytes,
}

/// Keys one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    all: Vec<u8>,
    /// For each key, one past its last byte.
    ends: Vec<usize>,
}

impl Bytes {
    /// Puts one at the end.
    pub(crate) fn push(&mut self, key: &[u8]) {
        self.all.extend_from_slice(key);
        self.ends.push(self.all.len());
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).map(|number| self.of(number))
    }

    fn of(&self, number: usize) -> &[u8] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.all[start..self.ends[number]]
    }
}

impl Keys {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.bytes.ends.len()
    }

    /// The number of `key`, which is [`Self::len`] as it was if the key is new. There are fewer than 2³²
    /// keys: a bucket holds some millions of rows.
    pub(crate) fn number(&mut self, key: Key<'_>) -> u32 {
        let Self { numbers, bytes } = self;
        if let Some(number) = numbers.find(key.hash, |number| bytes.of(*number as usize) == key.bytes) {
            return *number;
        }
        let number = u32::try_from(bytes.ends.len()).unwrap_or(u32::MAX);
        bytes.push(key.bytes);
        numbers.insert_unique(key.hash, number, |number| hash(bytes.of(*number as usize)));
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_have_one_number() {
        let mut keys = Keys::default();
        for round in 0..2 {
            for number in 0..10_000_u32 {
                // Of differing lengths, the empty one among them.
                let key = if number < 4 { vec![7; number as usize] } else { number.to_be_bytes().to_vec() };
                assert_eq!(keys.number(Key::of(&key)), number, "round {round}");
            }
        }
        assert_eq!(keys.len(), 10_000);
    }

    #[test]
    fn lots_are_about_equal_and_independent() {
        let mut counts = [[0; 4]; 3];
        for number in 0..60_000_u64 {
            let bytes = number.to_be_bytes();
            let key = Key::of(&bytes);
            counts[key.lot(Draw::Thread, 3)][key.lot(Draw::Shard, 4)] += 1;
        }
        assert!(counts.as_flattened().iter().all(|count| (4_500..5_500).contains(count)), "{counts:?}");
    }
}
