//! One core's recent requests, as bytes in a few segments of memory. The oldest segment makes room for the newest request, so that memory
//! is bounded and keeping a request is one copy.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::entry;
use super::kept::{Kept, Ran};
use crate::effects::Outcome;
use crate::plan::StagePlan;
use crate::record::Record;

/// What is made room for at once. A request that is longer has a segment of its own.
const SEGMENT_BYTES: usize = 64 << 10;

/// Requests of one core, the latest last.
#[derive(Debug)]
pub(crate) struct Ring {
    segments: VecDeque<Segment>,
    /// Bytes that all segments have room for.
    bytes: usize,
    bytes_max: usize,
    /// Where a request is written before its length is known.
    draft: Vec<u8>,
}

/// Requests one after the other, each behind its length, and the stages that they ran on.
#[derive(Debug, Default)]
struct Segment {
    bytes: Vec<u8>,
    ran: Vec<Ran>,
}

/// Bytes of the length before each request.
const LENGTH_BYTES: usize = size_of::<u32>();

impl Ring {
    /// An empty ring.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            segments: VecDeque::new(),
            bytes: 0,
            bytes_max,
            draft: Vec::new(),
        }
    }

    /// Keeps a request that has ended; one that is longer than the ring is left out.
    pub(crate) fn push(&mut self, record: &Record, outcomes: &[Outcome]) {
        let mut draft = std::mem::take(&mut self.draft);
        draft.clear();
        entry::write(&mut draft, record, outcomes);
        let length = LENGTH_BYTES + draft.len();
        if let (true, Ok(written)) = (self.make_room(length), u32::try_from(draft.len()))
            && let Some(segment) = self.segments.back_mut()
        {
            let ran = record.stage().map(|stage| segment.number(stage));
            segment.bytes.extend_from_slice(&written.to_le_bytes());
            let start = segment.bytes.len();
            segment.bytes.extend_from_slice(&draft);
            entry::set_ran(&mut segment.bytes[start..], ran);
        }
        // A body of megabytes was an exception.
        draft.shrink_to(SEGMENT_BYTES);
        self.draft = draft;
    }

    /// The latest request with this id.
    pub(crate) fn find(&self, id: &str) -> Option<Kept> {
        let mut segments = self.segments.iter().rev();
        segments.find_map(|segment| segment.find(id))
    }

    /// The ids of an API's deployments that requests ran on.
    pub(crate) fn deployments(&self, api: &str) -> Vec<Box<str>> {
        let ran = self.segments.iter().flat_map(|segment| &segment.ran);
        let ids = ran.filter(|ran| *ran.api.id == *api);
        let ids = ids.map(|ran| ran.settings.deployment_id.as_str().into());
        let ids: BTreeSet<Box<str>> = ids.collect();
        ids.into_iter().collect()
    }

    /// Makes the last segment one with room for `length` bytes; whether there is any.
    fn make_room(&mut self, length: usize) -> bool {
        let last = self.segments.back();
        if last.is_some_and(|last| last.bytes.capacity() - last.bytes.len() >= length) {
            return true;
        }
        let wanted = length.max(SEGMENT_BYTES);
        if wanted > self.bytes_max {
            return false;
        }
        let mut free = None;
        while self.bytes + wanted > self.bytes_max {
            let Some(oldest) = self.segments.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes.capacity();
            free = Some(oldest);
        }
        let mut segment = free.filter(|free| free.bytes.capacity() == wanted);
        if let Some(segment) = &mut segment {
            segment.bytes.clear();
            segment.ran.clear();
        }
        let segment = segment.unwrap_or_else(|| Segment {
            bytes: Vec::with_capacity(wanted),
            ran: Vec::new(),
        });
        self.bytes += segment.bytes.capacity();
        self.segments.push_back(segment);
        true
    }
}

impl Segment {
    /// The number of a stage among those of this segment.
    fn number(&mut self, stage: &StagePlan) -> u16 {
        let known = self
            .ran
            .iter()
            .rposition(|ran| Arc::ptr_eq(&ran.settings, &stage.settings));
        let number = known.unwrap_or_else(|| {
            self.ran.push(Ran::of(stage));
            self.ran.len() - 1
        });
        // A segment has no room for so many requests.
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    fn find(&self, id: &str) -> Option<Kept> {
        let mut rest = &self.bytes[..];
        let mut found = None;
        while let Some((length, behind)) = rest.split_first_chunk::<LENGTH_BYTES>() {
            let length = u32::from_le_bytes(*length) as usize;
            let Some((entry, after)) = behind.split_at_checked(length) else {
                break;
            };
            if entry::has_id(entry, id) {
                found = Some(entry);
            }
            rest = after;
        }
        entry::read(found?, &self.ran)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Arrival;
    use tollgate_model::clock::Clock;
    use tollgate_model::random::Random;

    fn record(number: u64, header_bytes: usize) -> Record {
        let value = "x".repeat(header_bytes);
        let mut record = Record::of_test(&[("X-Long", &value)]);
        record.arrival = Arrival::now(&Clock::at(number), &mut Random::seeded(number));
        record
    }

    #[test]
    fn the_oldest_make_room_and_memory_stays_within_its_bound() {
        const BYTES_MAX: usize = 4 * SEGMENT_BYTES;
        let mut ring = Ring::new(BYTES_MAX);
        let ids: Vec<_> = (0..2_000)
            .map(|number| {
                let record = record(number, 500);
                ring.push(&record, &[]);
                assert!(ring.bytes <= BYTES_MAX);
                record.arrival.request_id().to_owned()
            })
            .collect();
        let kept = ids.iter().filter(|id| ring.find(id).is_some()).count();
        assert!((200..500).contains(&kept), "{kept}");
        let first_kept = ids.iter().position(|id| ring.find(id).is_some());
        assert_eq!(first_kept, Some(ids.len() - kept));
        let last = ring.find(&ids[1_999]).expect("the latest is there");
        assert_eq!(last.arrival.now_ms, 1_999);
        let sum: usize = ring.segments.iter().map(|it| it.bytes.capacity()).sum();
        assert_eq!(sum, ring.bytes);
    }

    #[test]
    fn what_is_longer_than_a_segment_has_its_own_and_what_is_longer_than_the_ring_is_left_out() {
        let mut ring = Ring::new(8 * SEGMENT_BYTES);
        let (long, longer) = (record(1, 3 * SEGMENT_BYTES), record(2, 9 * SEGMENT_BYTES));
        ring.push(&long, &[]);
        ring.push(&longer, &[]);
        ring.push(&record(3, 10), &[]);
        assert!(ring.find(long.arrival.request_id()).is_some());
        assert!(ring.find(longer.arrival.request_id()).is_none());
        assert!(ring.bytes <= 8 * SEGMENT_BYTES);
    }

    #[test]
    fn the_latest_of_two_with_one_id_is_found() {
        let mut ring = Ring::new(1 << 20);
        let (first, mut second) = (record(1, 10), record(2, 10));
        second.arrival.request_id = first.arrival.request_id;
        ring.push(&first, &[]);
        ring.push(&second, &[]);
        let found = ring.find(first.arrival.request_id()).expect("kept");
        assert_eq!(found.arrival.now_ms, 2);
        let by_extended = ring.find(first.arrival.extended_request_id());
        assert_eq!(by_extended.expect("kept").arrival.now_ms, 1);
    }
}
