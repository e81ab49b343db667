//! Checksums of the blocks of a part, so that a piece of it can be trusted without reading all of it.
//!
//! A commit has them beside the SHA-256 of the whole part and is sealed itself. Where blocks begin and
//! end depends on the size of the part alone. Knows no store.

use std::ops::Range;

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};

/// Bytes of a block of a part that is not large.
const BLOCK: u64 = 64 << 10;
/// Blocks of a part at most; when there would be more, each two become one. Even.
const MOST: usize = 1_024;

/// The checksums of all blocks of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sums {
    /// Bytes of every block but the last.
    #[serde(rename = "bytes")]
    block: u64,
    /// CRC-32 of each, as gzip has it; eight hexadecimal digits for every block.
    #[serde(with = "words")]
    crc32: Vec<u32>,
}

impl Sums {
    /// Whether these can be the sums of a file of this size.
    pub(super) fn fit(&self, size: u64) -> bool {
        self.block > 0 && self.crc32.len() as u64 == size.div_ceil(self.block)
    }

    /// Bytes of every block but the last.
    pub(super) const fn block(&self) -> u64 {
        self.block
    }

    /// The range widened to whole blocks of a file of this size.
    pub(super) fn around(&self, range: &Range<u64>, size: u64) -> Range<u64> {
        let end = range.end.div_ceil(self.block).saturating_mul(self.block).min(size);
        range.start / self.block * self.block..end
    }

    /// Whether whole blocks, the first of which begins at `start`, are what was summed.
    pub(super) fn hold(&self, start: u64, bytes: &[u8]) -> bool {
        let Ok(block) = usize::try_from(self.block) else { return false };
        let Ok(first) = usize::try_from(start / self.block) else { return false };
        let sums = self.crc32.get(first..).unwrap_or_default();
        let blocks = bytes.chunks(block);
        blocks.len() <= sums.len() && blocks.zip(sums).all(|(block, sum)| crc32fast::hash(block) == *sum)
    }
}

/// Sums being made of bytes as they come.
#[derive(Debug)]
pub(super) struct Summing {
    /// Blocks at most.
    most: usize,
    block: u64,
    done: Vec<u32>,
    open: Hasher,
    /// Bytes in the open block, less than a block.
    filled: u64,
}

impl Summing {
    pub(super) fn new() -> Self {
        Self::within(MOST)
    }

    fn within(most: usize) -> Self {
        Self { most, block: BLOCK, done: Vec::new(), open: Hasher::new(), filled: 0 }
    }

    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.filled == 0 && self.done.len() == self.most {
                self.halve();
            }
            let room = usize::try_from(self.block - self.filled).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.open.update(now);
            self.filled += now.len() as u64;
            bytes = later;
            if self.filled == self.block {
                self.end_block();
            }
        }
    }

    pub(super) fn finish(mut self) -> Sums {
        if self.filled > 0 {
            self.end_block();
        }
        Sums { block: self.block, crc32: self.done }
    }

    fn end_block(&mut self) {
        self.done.push(std::mem::take(&mut self.open).finalize());
        self.filled = 0;
    }

    /// Makes one block of each two; all of them are whole.
    fn halve(&mut self) {
        let summed = |crc: u32| Hasher::new_with_initial_len(crc, self.block);
        let pair = |two: &[u32]| {
            let mut both = summed(two[0]);
            two[1..].iter().for_each(|second| both.combine(&summed(*second)));
            both.finalize()
        };
        self.done = self.done.chunks(2).map(pair).collect();
        self.block *= 2;
    }
}

/// Words as one text of eight hexadecimal digits each.
mod words {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::figures::hex;

    pub(super) fn serialize<S: Serializer>(words: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        serializer.serialize_str(&hex(&bytes))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if !text.is_ascii() || !text.len().is_multiple_of(8) {
            return Err(D::Error::custom("not eight hexadecimal digits for every block"));
        }
        let word = |at: usize| u32::from_str_radix(&text[at..at + 8], 16).map_err(D::Error::custom);
        (0..text.len()).step_by(8).map(word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Summing, Sums};

    /// Few, so that tests are small.
    const MOST: usize = 8;
    /// A block in memory.
    const WHOLE: usize = 64 << 10;

    fn sums(bytes: &[u8], piece: usize) -> Sums {
        let mut summing = Summing::within(MOST);
        bytes.chunks(piece).for_each(|piece| summing.add(piece));
        summing.finish()
    }

    #[test]
    fn blocks_follow_from_the_size_alone_and_are_few() {
        let most = BLOCK * MOST as u64;
        for (size, block, count) in [
            (0, BLOCK, 0),
            (1, BLOCK, 1),
            (BLOCK, BLOCK, 1),
            (BLOCK + 1, BLOCK, 2),
            (most, BLOCK, MOST as u64),
            (most + 1, 2 * BLOCK, MOST as u64 / 2 + 1),
            (2 * most + 1, 4 * BLOCK, MOST as u64 / 2 + 1),
        ] {
            let bytes: Vec<u8> = (0..size).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[1]).collect();
            let whole = sums(&bytes, bytes.len().max(1));
            assert_eq!((whole.block, whole.crc32.len() as u64), (block, count), "{size}");
            let length = usize::try_from(whole.block).unwrap();
            assert!(whole.fit(size) && !whole.fit(size + block), "{size}");
            assert_eq!(whole, sums(&bytes, 99_991), "{size}: it does not matter how the bytes come");
            for (start, block) in (0..size).step_by(length).zip(bytes.chunks(length)) {
                assert!(whole.hold(start, block), "{size}: a folded sum is that of the bytes");
            }
            let text = serde_json::to_string(&whole).unwrap();
            assert_eq!(serde_json::from_str::<Sums>(&text).unwrap(), whole);
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed_also_at_the_edges() {
        let bytes: Vec<u8> = (0..BLOCK + 100).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[1]).collect();
        let sums = sums(&bytes, 1_000);
        assert!(sums.hold(0, &bytes) && sums.hold(BLOCK, &bytes[WHOLE..]));
        for byte in [0, 1, WHOLE - 1, WHOLE, bytes.len() - 1] {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[byte] ^= 1 << bit;
                assert!(!sums.hold(0, &flipped), "byte {byte}, bit {bit}");
            }
        }
        assert!(!sums.hold(0, &bytes[..bytes.len() - 1]), "cut");
        assert!(!sums.hold(0, &[&bytes[..], &vec![0; WHOLE]].concat()), "more than was summed");
        assert_eq!(sums.around(&(5..BLOCK + 1), bytes.len() as u64), 0..bytes.len() as u64);
        assert_eq!(sums.around(&(5..6), bytes.len() as u64), 0..BLOCK);
    }

    #[test]
    fn what_is_no_list_of_sums_is_refused() {
        for text in [
            r#"{"bytes": 1, "crc32": "0011223"}"#,
            r#"{"bytes": 1, "crc32": "zzzzzzzz"}"#,
            r#"{"bytes": 1, "crc32": "ééää"}"#,
        ] {
            assert!(serde_json::from_str::<Sums>(text).is_err(), "{text}");
        }
        let none = Sums { block: 0, crc32: Vec::new() };
        assert!(!none.fit(0));
    }
}
