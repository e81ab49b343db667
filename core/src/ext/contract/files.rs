//! Checks of single files.

use std::io::{ErrorKind, Read, Write};

use super::super::{Key, StorageError};
use super::{Bench, ID, Outcome, same, told};

/// Whole files are read as they were put, and replaced whole.
pub(super) fn small(bench: &Bench<'_>) -> Outcome {
    let key = bench.key("deep/down/file.json");
    bench.missing(&key)?;
    match bench.store.open(&key) {
        Err(StorageError::Missing { .. }) => {}
        Err(other) => return Err(format!("opening what is not there: {}", told(&other))),
        Ok(_) => return Err("what is not there could be opened".into()),
    }
    let contents: [&[u8]; 4] = [b"first", b"", b"a longer one than the first", &[0, 255, 13, 10, 0]];
    for content in contents {
        bench.store.replace(&key, content, ID).map_err(|error| told(&error))?;
        same("a replaced file", &bench.read(&key)?, &content.to_vec())?;
        let opened = bench.store.open(&key).map_err(|error| told(&error))?;
        same("its size", &opened.0.len(), &(content.len() as u64))?;
    }
    same("its folder", &bench.names(&bench.key("deep/down"))?, &vec!["file.json".to_owned()])?;
    Ok(contents.len())
}

/// Bytes that differ at every place, so that pieces in the wrong order are seen.
fn pattern(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn upload(bench: &Bench<'_>, key: &Key, bytes: &[u8], step: usize) -> Result<(), String> {
    let mut upload = bench.store.create(key).map_err(|error| told(&error))?;
    for piece in bytes.chunks(step.max(1)) {
        upload.write_all(piece).map_err(|error| told(&error))?;
    }
    upload.finish().map_err(|error| told(&error))
}

/// Files of any size arrive as they were written, in steps of any size.
pub(super) fn uploads(bench: &Bench<'_>) -> Outcome {
    let large = bench.effort.large;
    let sizes = [(0, 1), (1, 1), (70_000, 999), (5 << 20, 1 << 20), (8 << 20, 8 << 20), (large, 131_071)];
    for (index, (size, step)) in sizes.into_iter().filter(|(size, _)| *size <= large).enumerate() {
        let key = bench.key(&format!("part-{index:04}.bin"));
        let bytes = pattern(size);
        upload(bench, &key, &bytes, step)?;
        let opened = bench.store.open(&key).map_err(|error| told(&error))?;
        same("the size of an upload", &opened.0.len(), &(size as u64))?;
        let mut read = Vec::with_capacity(size);
        let mut reader = opened.0.reader(0).map_err(|error| told(&error))?;
        reader.read_to_end(&mut read).map_err(|error| told(&error))?;
        if read != bytes {
            return Err(format!("an upload of {size} bytes came back different"));
        }
    }
    bench.store.settle(std::slice::from_ref(&bench.folder)).map_err(|error| told(&error))?;
    Ok(sizes.len())
}

/// A name that is taken stays what it is.
pub(super) fn create_only(bench: &Bench<'_>) -> Outcome {
    let key = bench.key("_commits/1.json");
    bench.put(&key, b"one")?;
    for content in [b"two".as_slice(), b"one", b""] {
        match bench.store.put_new(&key, content, ID) {
            Err(StorageError::Exists { .. }) => {}
            Err(other) => return Err(format!("a taken name: {}", told(&other))),
            Ok(()) => return Err("a taken name was given again".into()),
        }
    }
    same("what had the name", &bench.read(&key)?, &b"one".to_vec())?;
    bench.store.remove(&key).map_err(|error| told(&error))?;
    bench.put(&key, b"again")?;
    same("a name that was free again", &bench.read(&key)?, &b"again".to_vec())?;
    Ok(5)
}

/// Of many that want a name at once exactly one gets it, and each is told the truth.
pub(super) fn race(bench: &Bench<'_>) -> Outcome {
    for round in 1..=bench.effort.rounds {
        let key = bench.key(&format!("_commits/{round}.json"));
        let contents: Vec<String> =
            (0..bench.effort.rivals).map(|rival| format!("round {round} rival {rival}")).collect();
        let results: Vec<_> = std::thread::scope(|scope| {
            let putting: Vec<_> = contents
                .iter()
                .enumerate()
                .map(|(rival, content)| {
                    let (key, store) = (&key, bench.store);
                    scope.spawn(move || store.put_new(key, content.as_bytes(), &format!("{rival:016x}")))
                })
                .collect();
            putting.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        let mut winners = Vec::new();
        for (content, result) in contents.iter().zip(results) {
            match result {
                Ok(Ok(())) => winners.push(content),
                Ok(Err(StorageError::Exists { .. })) => {}
                Ok(Err(other)) => return Err(format!("round {round}: {}", told(&other))),
                Err(_) => return Err(format!("round {round}: a writer panicked")),
            }
        }
        let [winner] = winners.as_slice() else {
            return Err(format!("round {round}: {} of {} got the name", winners.len(), bench.effort.rivals));
        };
        same("the winner's content", &bench.read(&key)?, &winner.as_bytes().to_vec())?;
    }
    Ok(bench.effort.rounds * bench.effort.rivals)
}

/// Exactly the bytes of a range, wherever it lies; none past the end.
pub(super) fn ranges(bench: &Bench<'_>) -> Outcome {
    let key = bench.key("ranges.bin");
    let size = 300_001;
    let bytes = pattern(size);
    upload(bench, &key, &bytes, 10_000)?;
    let opened = bench.store.open(&key).map_err(|error| told(&error))?;
    let end = size as u64;
    let ranges = [0..1, 0..end, 1..8, 131_072..131_073, 200_000..300_001, end - 8..end, end - 1..end, 5..5, end..end];
    for range in ranges.clone() {
        let found = opened.0.bytes(range.clone()).map_err(|error| told(&error))?;
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
        if found.as_ref() != &bytes[at(range.start)..at(range.end)] {
            return Err(format!("the bytes of {range:?} are others"));
        }
    }
    match opened.0.bytes(end - 1..end + 1) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
        Err(error) => return Err(format!("a range past the end: {error}")),
        Ok(_) => return Err("a range past the end was given".into()),
    }
    // Two readers of one file do not move each other.
    let mut readers = [opened.0.reader(7), opened.0.reader(299_999)];
    for (reader, expected) in readers.iter_mut().zip([&bytes[7..17], &bytes[299_999..]]) {
        let reader = reader.as_mut().map_err(|error| told(error))?;
        let mut found = vec![0; expected.len()];
        reader.read_exact(&mut found).map_err(|error| told(&error))?;
        same("what a reader reads", &found, &expected.to_vec())?;
    }
    let mut rest = Vec::new();
    let [first, _] = readers;
    let mut first = first.map_err(|error| told(&error))?;
    first.read_to_end(&mut rest).map_err(|error| told(&error))?;
    if rest != bytes[17..] {
        return Err("a reader lost its place".into());
    }
    Ok(ranges.len() + 4)
}

/// What is open gives the bytes of the moment it was opened, or an error; never others.
pub(super) fn pinned(bench: &Bench<'_>) -> Outcome {
    let old = pattern(200_000);
    let new: Vec<u8> = old.iter().map(|byte| !byte).collect();
    for (index, change) in ["replaced", "removed"].into_iter().enumerate() {
        let key = bench.key(&format!("pinned{index}"));
        bench.store.replace(&key, &old, ID).map_err(|error| told(&error))?;
        let opened = bench.store.open(&key).map_err(|error| told(&error))?;
        let changed = match change {
            "replaced" => bench.store.replace(&key, &new, ID),
            _ => bench.store.remove(&key),
        };
        changed.map_err(|error| told(&error))?;
        for range in [0..100, 100_000..100_100, 199_900..200_000] {
            if let Ok(bytes) = opened.0.bytes(range.start as u64..range.end as u64)
                && bytes != old[range.clone()]
            {
                return Err(format!("a file that was {change} while open gave other bytes at {range:?}"));
            }
        }
        let mut all = Vec::new();
        if opened.0.reader(0).and_then(|mut reader| reader.read_to_end(&mut all)).is_ok() && all != old {
            return Err(format!("a file that was {change} while open was read as another"));
        }
    }
    Ok(8)
}

/// What is removed is gone, and may be removed again.
pub(super) fn removing(bench: &Bench<'_>) -> Outcome {
    let (gone, stays) = (bench.key("a/gone"), bench.key("a/gone-not"));
    bench.put(&gone, b"x")?;
    bench.put(&stays, b"y")?;
    for _ in 0..2 {
        bench.store.remove(&gone).map_err(|error| told(&error))?;
        bench.missing(&gone)?;
    }
    bench.store.remove_if_empty(&bench.key("a")).map_err(|error| told(&error))?;
    same("its neighbour", &bench.read(&stays)?, &b"y".to_vec())?;
    bench.store.remove(&stays).map_err(|error| told(&error))?;
    bench.store.remove_if_empty(&bench.key("a")).map_err(|error| told(&error))?;
    bench.store.remove_if_empty(&bench.key("never-there")).map_err(|error| told(&error))?;
    // A service may list a folder for a while after its last file went; it has nothing in it.
    let left = bench.names(&bench.folder)?;
    if left != ["a/"] {
        same("a folder without files", &left, &Vec::new())?;
    }
    same("what is in it", &bench.names(&bench.key("a"))?, &Vec::new())?;
    Ok(5)
}
