//! Looks at the write-ahead log before the engine does. The engine reads it up to the first frame whose checksum is wrong and forgets the
//! rest: right after a power failure, whose last commit may be torn, and silent loss where the file was damaged later.
//!
//! The two can be told apart. Each frame carries the checksum over all before it, so that frames behind a wrong one can still be followed
//! from each other. A commit is synced before the next is begun, so of two commits that follow each other the first was once on disk: what
//! stands before them is damaged, not torn. Damage in the very last commit looks like a torn one and is taken for it. <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use crate::StoreError;

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The last bit says whether checksums are of big-endian words.
const MAGIC: u32 = 0x377f_0682;
/// What the engine can have written.
const PAGE_BYTES: std::ops::RangeInclusive<usize> = 512..=65_536;
/// From a wrong frame on, the first commit may be the torn one's own end.
const COMMITS_OF_A_TORN_END: u64 = 1;

/// What is known of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// All of it can be read.
    Whole,
    /// What cannot be read is the end of a commit that nobody was told of.
    Torn,
    /// The header is wrong, so that nothing can be read.
    Header,
    /// A frame is wrong, and so many commits that were on disk cannot be read for it.
    Frame { number: u64, commits_lost: u64 },
}

/// Refuses a log that lost commits which were acknowledged.
pub(super) fn check(path: &Path) -> Result<(), StoreError> {
    let found = match File::open(path) {
        Ok(file) => examine(BufReader::with_capacity(1 << 16, file)),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => Err(error),
    };
    let found = found.map_err(|error| StoreError::Unusable {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    let detail = match found {
        Found::Whole => return Ok(()),
        Found::Torn => {
            tracing::info!(log = %path.display(), "the write-ahead log ends in a commit that was not finished, and which nobody was told of; it is left out");
            return Ok(());
        }
        Found::Header => "its header is not what was written".to_owned(),
        Found::Frame {
            number,
            commits_lost,
        } => format!(
            "frame {number} is not what was written, and {commits_lost} or more commits cannot be read for it"
        ),
    };
    Err(StoreError::DamagedLog {
        path: path.to_owned(),
        detail,
    })
}

fn examine(mut log: impl Read) -> io::Result<Found> {
    let mut header = [0; HEADER_BYTES];
    if !filled(&mut log, &mut header)? || header == [0; HEADER_BYTES] {
        return Ok(Found::Whole);
    }
    let Some(mut reading) = Reading::new(&header) else {
        return Ok(Found::Header);
    };
    let mut frame = vec![0; FRAME_HEADER_BYTES + reading.page_bytes];
    while filled(&mut log, &mut frame)? {
        reading.frame(&frame);
    }
    Ok(reading.found())
}

/// False at the end, also where only a part is left.
fn filled(from: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// How far a log was read.
struct Reading {
    big_endian: bool,
    page_bytes: usize,
    /// What every frame of this log carries; those of an older round, which the file may still hold, carry another.
    salt: [u8; 8],
    /// The checksum over all so far, as it is written and as it follows: behind a wrong frame either may be the right one.
    sums: [(u32, u32); 2],
    frames: u64,
    /// The first wrong frame.
    wrong: Option<u64>,
    /// Commits since the last wrong frame, that frame's own included.
    commits: u64,
    /// The most of them in a row.
    commits_max: u64,
    /// Whether any frame of this round cannot be read.
    is_torn: bool,
}

impl Reading {
    /// Nothing where the header is wrong.
    fn new(header: &[u8; HEADER_BYTES]) -> Option<Self> {
        let magic = word(header, 0);
        let page_bytes = match word(header, 8) {
            1 => 65_536,
            bytes => bytes as usize,
        };
        let big_endian = magic & 1 == 1;
        let sum = checksum((0, 0), &header[..24], big_endian);
        let is_right = magic & !1 == MAGIC
            && PAGE_BYTES.contains(&page_bytes)
            && sum == (word(header, 24), word(header, 28));
        is_right.then(|| Self {
            big_endian,
            page_bytes,
            salt: header[16..24].try_into().expect("eight bytes"),
            sums: [sum, sum],
            frames: 0,
            wrong: None,
            commits: 0,
            commits_max: 0,
            is_torn: false,
        })
    }

    /// Takes the next frame.
    fn frame(&mut self, frame: &[u8]) {
        self.frames += 1;
        let told = (word(frame, 16), word(frame, 20));
        let [written, followed] = self.sums;
        let sum = self.sum(written, frame);
        let is_right = sum == told || (written != followed && self.sum(followed, frame) == told);
        let is_of_this_round = frame[8..16] == self.salt;
        if !is_of_this_round || !is_right {
            self.wrong.get_or_insert(self.frames);
            self.commits = 0;
            self.is_torn |= is_of_this_round;
        }
        // The size of the database, which only the last frame of a commit carries.
        if self.wrong.is_some() && word(frame, 4) != 0 {
            self.commits += 1;
            self.commits_max = self.commits_max.max(self.commits);
        }
        self.sums = [told, if is_right { told } else { sum }];
    }

    fn sum(&self, before: (u32, u32), frame: &[u8]) -> (u32, u32) {
        let head = checksum(before, &frame[..8], self.big_endian);
        checksum(head, &frame[FRAME_HEADER_BYTES..], self.big_endian)
    }

    fn found(&self) -> Found {
        match self.wrong {
            Some(number) if self.commits_max > COMMITS_OF_A_TORN_END => Found::Frame {
                number,
                commits_lost: self.commits_max,
            },
            Some(_) if self.is_torn => Found::Torn,
            Some(_) | None => Found::Whole,
        }
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// The engine's checksum, carried on over more bytes: pairs of words, of the endianness that the header names.
fn checksum(before: (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let words = bytes.chunks_exact(4).map(|chunk| {
        let bytes: [u8; 4] = chunk.try_into().expect("four bytes");
        match big_endian {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        }
    });
    let (mut one, mut two) = before;
    let mut is_first = true;
    for word in words {
        match is_first {
            true => one = one.wrapping_add(word).wrapping_add(two),
            false => two = two.wrapping_add(word).wrapping_add(one),
        }
        is_first = !is_first;
    }
    (one, two)
}
