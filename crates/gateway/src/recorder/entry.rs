//! One request as bytes of a ring. Only this process reads what it wrote, so there is no version and nothing is compressed; what does not fit
//! the form all the same is taken for nothing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Headers, Negotiated, Version};

use super::file::FileIdentified;
use super::kept::{Kept, KeptBody, Ran};
use crate::cache;
use crate::callers::Identified;
use crate::effects::{Answered, ClientFault, Failure, Outcome};
use crate::identity::Finding;
use crate::private::PrivateEndpoint;
use crate::record::{Arrival, Record};
use crate::table::Vacant;
use crate::throttle::Verdict;

const ID_BYTES: usize = 36;
const EXTENDED_ID_BYTES: usize = 16;
const ENTROPY_BYTES: usize = 20;

/// Where the number of the stage stands.
const RAN_AT: usize = ID_BYTES + EXTENDED_ID_BYTES;

const NO_STAGE: u16 = u16::MAX;

/// Whether a request has this id: `x-amzn-RequestId` or `x-amz-apigw-id`.
pub(super) fn has_id(entry: &[u8], id: &str) -> bool {
    let id = id.as_bytes();
    entry.get(..ID_BYTES) == Some(id) || entry.get(ID_BYTES..RAN_AT) == Some(id)
}

/// Fills in the number of the stage.
pub(super) fn set_ran(entry: &mut [u8], number: Option<u16>) {
    let number = number.unwrap_or(NO_STAGE).to_le_bytes();
    entry[RAN_AT..RAN_AT + number.len()].copy_from_slice(&number);
}

/// Appends a request that has ended.
pub(super) fn write(out: &mut Vec<u8>, record: &Record, outcomes: &[Outcome]) {
    let (arrival, head) = (&record.arrival, record.head());
    out.extend_from_slice(&arrival.request_id);
    out.extend_from_slice(&arrival.extended_request_id);
    out.extend_from_slice(&NO_STAGE.to_le_bytes());
    out.extend_from_slice(&arrival.trace_entropy);
    number(out, arrival.now_ms);
    number(out, record.latency_ms().unwrap_or_default());
    number(out, record.end.map_or(0, |end| end.body_bytes));
    out.extend_from_slice(&record.status.to_le_bytes());
    out.push(u8::from(record.end.is_some_and(|end| end.complete)));
    out.push(u8::from(record.secure));
    out.push(version(head.version()));
    let tls = record.tls.as_ref();
    part(out, tls.map_or("", |tls| tls.version).as_bytes());
    part(out, tls.map_or("", |tls| tls.cipher_suite).as_bytes());
    address(out, record.peer);
    address(out, record.local);
    part(out, head.method().as_bytes());
    part(out, head.target().as_bytes());
    fields(out, head.headers());
    match &record.kept_body {
        KeptBody::Unread if record.request_bytes > 0 => {
            body(out, &KeptBody::Left(record.request_bytes));
        }
        kept => body(out, kept),
    }
    vacant(out, record.vacant.as_ref());
    identified(out, record.identified.as_deref());
    let endpoint = record.private_endpoint.as_ref();
    part(out, endpoint.map_or("", |it| &it.id).as_bytes());
    part(out, endpoint.map_or("", |it| &it.vpc).as_bytes());
    let token = record
        .token
        .as_ref()
        .and_then(|it| serde_json::to_vec(&**it).ok());
    part(out, &token.unwrap_or_default());
    let reason = record.error.as_ref().map(|error| &error.reason.text);
    part(out, reason.map_or(&[][..], |text| text.as_bytes()));
    let verdict = record.verdict().and_then(|it| serde_json::to_vec(&it).ok());
    part(out, &verdict.unwrap_or_default());
    let told = record.cache.and_then(|told| serde_json::to_vec(&told).ok());
    part(out, &told.unwrap_or_default());
    number(out, outcomes.len() as u64);
    for it in outcomes {
        outcome(out, it);
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn part(out: &mut Vec<u8>, part: &[u8]) {
    // Heads and bodies have bounds far below.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&part[..length as usize]);
}

fn fields(out: &mut Vec<u8>, headers: &Headers) {
    number(out, headers.len() as u64);
    for (name, value) in headers.iter() {
        part(out, name.as_bytes());
        part(out, value);
    }
}

fn address(out: &mut Vec<u8>, address: SocketAddr) {
    match address.ip() {
        IpAddr::V4(ip) => part(out, &ip.octets()),
        IpAddr::V6(ip) => part(out, &ip.octets()),
    }
    out.extend_from_slice(&address.port().to_le_bytes());
}

fn version(version: Version) -> u8 {
    match version {
        Version::Http10 => 0,
        Version::Http11 => 1,
        Version::Http2 => 2,
    }
}

fn body(out: &mut Vec<u8>, body: &KeptBody) {
    match body {
        KeptBody::Unread => out.push(0),
        KeptBody::Whole(bytes) => {
            out.push(1);
            part(out, bytes);
        }
        KeptBody::Left(length) => {
            out.push(2);
            number(out, *length);
        }
    }
}

fn vacant(out: &mut Vec<u8>, vacant: Option<&Vacant>) {
    let (kind, reason) = match vacant {
        None => (0, ""),
        Some(Vacant::Api) => (1, ""),
        Some(Vacant::Stage) => (2, ""),
        Some(Vacant::Disabled) => (3, ""),
        Some(Vacant::Broken(reason)) => (4, &**reason),
    };
    out.push(kind);
    part(out, reason.as_bytes());
}

/// Rare enough to have the form that it has in a file.
fn identified(out: &mut Vec<u8>, identified: Option<&Identified>) {
    let told = identified.map(FileIdentified::of);
    let told = told.map(|told| serde_json::to_vec(&told).unwrap_or_default());
    part(out, &told.unwrap_or_default());
}

fn outcome(out: &mut Vec<u8>, outcome: &Outcome) {
    number(out, outcome.elapsed_ms);
    let mut failed = |kind: u8, text: &str| {
        out.push(kind);
        part(out, text.as_bytes());
    };
    match &outcome.result {
        Ok(answered) => {
            out.push(0);
            out.extend_from_slice(&answered.status.to_le_bytes());
            fields(out, &answered.headers);
            body(out, &answered.kept());
        }
        Err(Failure::Unreachable(text)) => failed(1, text),
        Err(Failure::Network(text)) => failed(2, text),
        Err(Failure::Timeout(text)) => failed(3, text),
        Err(Failure::TooLarge(text)) => failed(4, text),
        Err(Failure::RequestBody(ClientFault::TooLarge)) => failed(5, ""),
        Err(Failure::RequestBody(ClientFault::Broken(text))) => failed(6, text),
        Err(Failure::Overloaded(text)) => failed(7, text),
    }
}

/// Reads a request again.
pub(super) fn read(entry: &[u8], stages: &[Ran]) -> Option<Kept> {
    let mut from = Reader(entry);
    let (request_id, extended_request_id) = (from.array()?, from.array()?);
    let ran = u16::from_le_bytes(from.array()?);
    let trace_entropy: [u8; ENTROPY_BYTES] = from.array()?;
    let arrival = Arrival {
        request_id,
        extended_request_id,
        trace_entropy,
        now_ms: from.number()?,
    };
    Some(Kept {
        arrival,
        ran: stages.get(usize::from(ran)).cloned(),
        latency_ms: from.number()?,
        sent_bytes: from.number()?,
        status: u16::from_le_bytes(from.array()?),
        is_complete: from.byte()? == 1,
        secure: from.byte()? == 1,
        version: from.version()?,
        tls: Negotiated::named(&from.text()?, &from.text()?),
        peer: from.address()?,
        local: from.address()?,
        method: from.text()?,
        target: from.text()?,
        headers: from.fields()?,
        body: from.body()?,
        vacant: from.vacant()?,
        identified: from.identified()?,
        private_endpoint: from.private_endpoint()?,
        token: from.token()?,
        reason: Some(from.text()?).filter(|text| !text.is_empty()),
        verdict: from.verdict()?,
        cache: from.told()?,
        outcomes: from.many(Reader::outcome)?,
    })
}

/// What is left to read.
struct Reader<'e>(&'e [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn part(&mut self) -> Option<Vec<u8>> {
        let length = u32::from_le_bytes(self.array()?) as usize;
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part.to_vec())
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.part()?).ok()
    }

    fn many<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| one(self)).collect()
    }

    fn fields(&mut self) -> Option<Vec<(String, Vec<u8>)>> {
        self.many(|from| Some((from.text()?, from.part()?)))
    }

    fn headers(&mut self) -> Option<Headers> {
        let mut headers = Headers::new();
        for (name, value) in self.fields()? {
            headers.push(&name, &value).ok()?;
        }
        Some(headers)
    }

    fn address(&mut self) -> Option<SocketAddr> {
        let part = self.part()?;
        let ip = match part.len() {
            4 => IpAddr::from(<[u8; 4]>::try_from(part).ok()?),
            _ => IpAddr::from(<[u8; 16]>::try_from(part).ok()?),
        };
        Some((ip, u16::from_le_bytes(self.array()?)).into())
    }

    fn version(&mut self) -> Option<Version> {
        match self.byte()? {
            0 => Some(Version::Http10),
            1 => Some(Version::Http11),
            2 => Some(Version::Http2),
            _ => None,
        }
    }

    fn body(&mut self) -> Option<KeptBody> {
        match self.byte()? {
            0 => Some(KeptBody::Unread),
            1 => Some(KeptBody::Whole(Bytes::from(self.part()?))),
            2 => Some(KeptBody::Left(self.number()?)),
            _ => None,
        }
    }

    fn verdict(&mut self) -> Option<Option<Verdict>> {
        let part = self.part()?;
        match part.is_empty() {
            true => Some(None),
            false => serde_json::from_slice(&part).ok().map(Some),
        }
    }

    fn vacant(&mut self) -> Option<Option<Vacant>> {
        let kind = self.byte()?;
        let reason = self.text()?;
        match kind {
            0 => Some(None),
            1 => Some(Some(Vacant::Api)),
            2 => Some(Some(Vacant::Stage)),
            3 => Some(Some(Vacant::Disabled)),
            4 => Some(Some(Vacant::Broken(reason))),
            _ => None,
        }
    }

    fn identified(&mut self) -> Option<Option<Box<Identified>>> {
        let told = self.part()?;
        if told.is_empty() {
            return Some(None);
        }
        let told: FileIdentified = serde_json::from_slice(&told).ok()?;
        Some(Some(Box::new(told.identified().ok()?)))
    }

    fn private_endpoint(&mut self) -> Option<Option<Arc<PrivateEndpoint>>> {
        let (id, vpc) = (self.text()?, self.text()?);
        let endpoint = || PrivateEndpoint {
            id: id.as_str().into(),
            vpc: vpc.into(),
            networks: Vec::new(),
        };
        Some((!id.is_empty()).then(|| Arc::new(endpoint())))
    }

    fn told(&mut self) -> Option<Option<cache::Told>> {
        let part = self.part()?;
        match part.is_empty() {
            true => Some(None),
            false => serde_json::from_slice(&part).ok().map(Some),
        }
    }

    fn token(&mut self) -> Option<Option<Finding>> {
        let part = self.part()?;
        match part.is_empty() {
            true => Some(None),
            false => serde_json::from_slice(&part).ok().map(Some),
        }
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let elapsed_ms = self.number()?;
        let result = match self.byte()? {
            0 => Ok(Answered::of(
                u16::from_le_bytes(self.array()?),
                self.headers()?,
                self.body()?,
            )),
            1 => Err(Failure::Unreachable(self.text()?)),
            2 => Err(Failure::Network(self.text()?)),
            3 => Err(Failure::Timeout(self.text()?)),
            4 => Err(Failure::TooLarge(self.text()?)),
            5 => {
                self.text()?;
                Err(Failure::RequestBody(ClientFault::TooLarge))
            }
            6 => Err(Failure::RequestBody(ClientFault::Broken(self.text()?))),
            7 => Err(Failure::Overloaded(self.text()?)),
            _ => return None,
        };
        Some(Outcome { elapsed_ms, result })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes() -> Vec<Outcome> {
        let mut headers = Headers::new();
        headers.push("X-Bytes", b"\xff\xfe").expect("a header");
        let answered = |body| Outcome {
            elapsed_ms: 7,
            result: Ok(Answered::of(503, headers.clone(), body)),
        };
        let failed = |failure| Outcome {
            elapsed_ms: 29_000,
            result: Err(failure),
        };
        vec![
            answered(KeptBody::Whole(Bytes::from_static(b"whole"))),
            answered(KeptBody::Left(1 << 40)),
            failed(Failure::Unreachable("nobody".to_owned())),
            failed(Failure::Network("cut".to_owned())),
            failed(Failure::Timeout("slow".to_owned())),
            failed(Failure::TooLarge("long".to_owned())),
            failed(Failure::Overloaded("full".to_owned())),
            failed(Failure::RequestBody(ClientFault::TooLarge)),
            failed(Failure::RequestBody(ClientFault::Broken("x".to_owned()))),
        ]
    }

    fn record() -> Record {
        let mut record = Record::of_test(&[("X-One", "1"), ("x-two", "ä")]);
        record.kept_body = KeptBody::Whole(Bytes::from_static(b"\0body"));
        record.vacant = Some(Vacant::Broken("why".to_owned()));
        record.private_endpoint = Some(Arc::new(PrivateEndpoint {
            id: "vpce-1".into(),
            vpc: "vpc-1".into(),
            networks: Vec::new(),
        }));
        let finding = Finding::Expired("it expired 7 s ago (exp)".to_owned());
        record.token = Some(std::rc::Rc::new(finding));
        record.peer = "[2001:db8::1]:9".parse().expect("an address");
        record.status = 500;
        record.tls = Negotiated::named("TLSv1.3", "TLS_AES_256_GCM_SHA384");
        record
    }

    #[test]
    fn what_is_written_is_read_again() {
        let (record, outcomes) = (record(), outcomes());
        let mut entry = Vec::new();
        write(&mut entry, &record, &outcomes);
        let kept = read(&entry, &[]).expect("its own form");
        assert_eq!(kept.arrival, record.arrival);
        assert_eq!(
            (kept.method.as_str(), kept.target.as_str(), kept.status),
            ("POST", "/", 500)
        );
        assert_eq!(kept.headers[1], ("x-two".to_owned(), "ä".into()));
        assert_eq!((kept.peer, kept.body), (record.peer, record.kept_body));
        assert_eq!(kept.vacant, record.vacant);
        assert_eq!(kept.private_endpoint, record.private_endpoint);
        assert_eq!(kept.token.as_ref(), record.token.as_deref());
        assert!(kept.tls.is_some());
        assert_eq!(kept.tls, record.tls);
        let shown = |outcomes: &[Outcome]| format!("{outcomes:?}");
        assert_eq!(shown(&kept.outcomes), shown(&outcomes));
    }

    #[test]
    fn what_is_cut_is_nothing() {
        let mut entry = Vec::new();
        write(&mut entry, &record(), &outcomes());
        for length in 0..entry.len() {
            assert!(read(&entry[..length], &[]).is_none(), "{length}");
        }
    }
}
