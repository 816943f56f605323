//! The kinds of anonymous requests that a resource policy can tell apart: for each thing that it weighs the values to try, and the doubts that
//! are left where these cannot be all.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>

use std::collections::BTreeSet;
use std::net::IpAddr;

use tollgate_iam::{Piece, Principal, Samples, Scope};

use super::Networks;
use super::knock::Ask;
use crate::authorize::{INVOKE, resource::start};
use crate::gateway::Settings;
use crate::plan::{Resource, StagePlan};
use crate::private::{PrivateEndpoint, PrivateEndpoints};

/// Where anonymous callers are unless somebody cares: addresses of documentation.
const SOMEWHERE: [IpAddr; 2] = [
    IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7)),
    IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)),
];

/// Keys that only callers whom IAM knows have; AWS leaves them out where nobody signed.
const OF_CALLERS: [&str; 9] = [
    "aws:principal",
    "aws:userid",
    "aws:username",
    "aws:multifactorauth",
    "aws:tokenissuetime",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "aws:rolesessionname",
    "aws:assumedroot",
];

/// Keys whose values are tried.
const TRIED: [&str; 9] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:referer",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:vpcsourceip",
];

/// What is tried of each thing that may matter.
#[derive(Debug)]
pub(super) struct Kinds {
    paths: Vec<String>,
    addresses: Vec<IpAddr>,
    secure: Vec<bool>,
    agents: Vec<Option<String>>,
    referers: Vec<Option<String>>,
    moments: Vec<u64>,
    endpoints: Vec<Option<(PrivateEndpoints, String)>>,
    /// Why these may not be all.
    pub(super) doubts: Vec<String>,
    is_private: bool,
}

impl Kinds {
    /// Those of requests that meet this resource with this method.
    pub(super) fn of(
        stage: &StagePlan,
        settings: &Settings,
        networks: Networks,
        resource: &Resource,
        method: &str,
    ) -> Self {
        let endpoint = &stage.deployment.endpoint;
        let now = settings.clock.now_ms();
        let mut kinds = Self {
            paths: paths(stage, resource),
            addresses: vec![SOMEWHERE[0]],
            secure: vec![true],
            agents: vec![None],
            referers: vec![None],
            moments: vec![now],
            endpoints: vec![None],
            doubts: Vec::new(),
            is_private: endpoint.is_private,
        };
        let start = start(stage, method);
        let policy = stage.deployment.policy.as_deref();
        let scope =
            policy.map(|it| it.scope(Principal::Anonymous, INVOKE, &pieces(&start, resource)));
        let weighs = scope.as_ref().filter(|scope| !scope.never_allows());
        if endpoint.is_private {
            kinds.private(weighs, settings, networks);
        }
        if let Some(scope) = weighs {
            kinds.vary(scope, &start, now);
        }
        kinds
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        let sizes = self.sizes().into_iter();
        sizes.fold(1, usize::saturating_mul)
    }

    /// A request of the kind with this number.
    pub(super) fn get(&self, number: usize, method: &str) -> Option<Ask> {
        if number >= self.count() {
            return None;
        }
        let mut left = number;
        let [path, address, secure, agent, referer, moment, endpoint] = self.sizes().map(|size| {
            let at = left % size;
            left /= size;
            at
        });
        let header = |name: &str, value: &Option<String>| {
            let value = value.clone();
            value.map(|value| (name.to_owned(), value))
        };
        let headers = [
            header("User-Agent", &self.agents[agent]),
            header("Referer", &self.referers[referer]),
        ];
        Some(Ask {
            method: method.to_owned(),
            path: self.paths[path].clone(),
            headers: headers.into_iter().flatten().collect(),
            from: self.addresses[address],
            is_address_needed: self.addresses.len() > 1,
            is_secure: self.secure[secure],
            now_ms: self.moments[moment],
            endpoints: self.endpoints[endpoint].clone(),
        })
    }

    fn sizes(&self) -> [usize; 7] {
        [
            self.paths.len(),
            self.addresses.len(),
            self.secure.len(),
            self.agents.len(),
            self.referers.len(),
            self.moments.len(),
            self.endpoints.len(),
        ]
    }

    /// What a policy weighs of a request.
    fn vary(&mut self, scope: &Scope<'_>, start: &str, now: u64) {
        let keys = scope.keys();
        let has = |key: &str| keys.contains(key);
        self.unknown(&keys);
        if has("aws:securetransport") {
            self.secure = vec![true, false];
        }
        if has("aws:useragent") {
            let texts = self.sure("aws:UserAgent", scope.texts("aws:UserAgent"));
            self.agents = headers(texts);
        }
        if has("aws:referer") {
            let texts = self.sure("aws:Referer", scope.texts("aws:Referer"));
            self.referers = headers(texts);
        }
        for key in ["aws:CurrentTime", "aws:EpochTime"] {
            let named = self.sure(key, scope.moments(key));
            self.moments.extend(moments(&named, now));
        }
        self.moments.sort_unstable();
        self.moments.dedup();
        let key = self.address_key();
        let ranges = self.sure(key, scope.ranges(key));
        if !ranges.is_empty() {
            self.addresses = addresses(&ranges, self.addresses.clone());
        }
        let resources = scope.resources();
        if !resources.is_complete {
            let doubt = "the policy speaks of single paths of this route";
            self.doubts.push(doubt.to_owned());
        }
        let named = resources.values.iter();
        let named = named.filter_map(|arn| arn.strip_prefix(start));
        for path in named.map(|path| format!("/{path}")) {
            if !self.paths.contains(&path) {
                self.paths.push(path);
            }
        }
    }

    /// Requests to a private API have the address within its network, and no other.
    fn address_key(&self) -> &'static str {
        match self.is_private {
            true => "aws:VpcSourceIp",
            false => "aws:SourceIp",
        }
    }

    /// From which networks a private API is called.
    fn private(&mut self, scope: Option<&Scope<'_>>, settings: &Settings, networks: Networks) {
        match networks {
            Networks::Configured => {
                let configured = &settings.private_endpoints;
                let ranges: Vec<_> = configured.networks().map(|it| it.range()).collect();
                self.addresses = addresses(&ranges, self.addresses.clone());
            }
            Networks::Any => {
                let named = |key: &str, own: &str| {
                    let texts = scope.map(|scope| scope.texts(key));
                    let mut named = texts.map(|it| it.values).unwrap_or_default();
                    named.insert(0, unlike(own, &named));
                    named
                };
                let ids = named("aws:SourceVpce", "vpce-any");
                let clouds = named("aws:SourceVpc", "vpc-any");
                let pairs = ids
                    .iter()
                    .flat_map(|id| clouds.iter().map(move |it| (id, it)));
                self.endpoints = pairs.map(|(id, vpc)| Some(made_up(id, vpc))).collect();
            }
        }
        for key in ["aws:SourceVpce", "aws:SourceVpc"] {
            if let Some(scope) = scope.filter(|_| networks == Networks::Any) {
                self.sure(key, scope.texts(key));
            }
        }
    }

    /// The values, and a doubt where they are not all.
    fn sure<T>(&mut self, key: &str, samples: Samples<T>) -> Vec<T> {
        if !samples.is_complete {
            let doubt = format!("the policy holds {key} against more than can be tried");
            self.doubts.push(doubt);
        }
        samples.values
    }

    fn unknown(&mut self, keys: &BTreeSet<String>) {
        let is_known = |key: &str| {
            let of_caller = OF_CALLERS.iter().any(|start| key.starts_with(start));
            of_caller || TRIED.contains(&key)
        };
        for key in keys.iter().filter(|key| !is_known(key)) {
            let doubt = format!("the policy asks for {key}, of which Tollgate knows nothing");
            self.doubts.push(doubt);
        }
    }
}

/// A text like this one that is none of those.
fn unlike(own: &str, named: &[String]) -> String {
    let mut text = own.to_owned();
    while named.iter().any(|it| it.eq_ignore_ascii_case(&text)) {
        text.push('x');
    }
    text
}

/// The header left out, empty, with something that nobody names, and with each that is named.
fn headers(named: Vec<String>) -> Vec<Option<String>> {
    let other = unlike("anybody", &named);
    let mut all = vec![None, Some(other), Some(String::new())];
    let cases = named.into_iter().flat_map(|it| {
        let (upper, lower) = (it.to_uppercase(), it.to_lowercase());
        [it, upper, lower]
    });
    for value in cases.map(Some) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// Where on the line of time something that is named begins or ends, from now on. `aws:EpochTime` counts whole seconds.
fn moments(named: &[i64], now: u64) -> impl Iterator<Item = u64> {
    let edges = named.iter().flat_map(|ms| {
        let second = ms.div_euclid(1000) * 1000;
        [
            *ms,
            ms.saturating_add(1),
            second,
            second.saturating_add(1000),
        ]
    });
    let edges = edges.filter_map(|ms| u64::try_from(ms).ok());
    edges
        .filter(move |ms| *ms > now)
        .collect::<Vec<_>>()
        .into_iter()
}

/// One address of each stretch between the ends of ranges, the usual ones first.
fn addresses(ranges: &[(IpAddr, IpAddr)], known: Vec<IpAddr>) -> Vec<IpAddr> {
    const MAPPED: [u128; 2] = [0xffff << 32, 0x1_0000 << 32];
    let mut fourth = BTreeSet::from([0]);
    let mut sixth = BTreeSet::from([0, MAPPED[0], MAPPED[1]]);
    // Stretches that another list of ranges has made stay apart.
    let kept = known.iter().map(|address| (*address, *address));
    let kept: Vec<_> = kept.filter(|_| known.len() > 1).collect();
    for (first, last) in ranges.iter().chain(&kept) {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                fourth.insert(first.to_bits());
                fourth.extend(last.to_bits().checked_add(1));
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                sixth.insert(first.to_bits());
                sixth.extend(last.to_bits().checked_add(1));
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
        }
    }
    let [IpAddr::V4(usual_4), IpAddr::V6(usual_6)] = SOMEWHERE else {
        return known;
    };
    let of_4 = picked(&fourth, u32::MAX, usual_4.to_bits(), |it| it.checked_add(1));
    let of_6 = picked(&sixth, u128::MAX, usual_6.to_bits(), |it| it.checked_add(1));
    let of_4 = of_4.into_iter().map(|it| IpAddr::V4(it.into()));
    let of_6 = of_6.into_iter().map(|it| IpAddr::V6(it.into()));
    let mut all: Vec<IpAddr> = of_4.chain(of_6).collect();
    all.sort_by_key(|address| !SOMEWHERE.contains(address));
    all
}

/// One of each stretch: the usual one where it lies in it, else the second, as the first often is a network's own.
fn picked<T: Copy + Ord>(
    starts: &BTreeSet<T>,
    last: T,
    usual: T,
    next: impl Fn(T) -> Option<T>,
) -> Vec<T> {
    let starts: Vec<T> = starts.iter().copied().collect();
    let picked = starts.iter().enumerate().map(|(index, start)| {
        let end = starts.get(index + 1).copied();
        let has = |it: T| it >= *start && end.map_or(it <= last, |end| it < end);
        let second = next(*start).filter(|it| has(*it));
        if has(usual) {
            usual
        } else {
            second.unwrap_or(*start)
        }
    });
    picked.collect()
}

/// An endpoint that everybody comes through.
fn made_up(id: &str, vpc: &str) -> (PrivateEndpoints, String) {
    let everywhere = ["0.0.0.0/0", "::/0"].into_iter();
    let endpoint = PrivateEndpoint {
        id: id.into(),
        vpc: vpc.into(),
        networks: everywhere.filter_map(|it| it.parse().ok()).collect(),
    };
    (PrivateEndpoints::new([endpoint]), format!("{id} of {vpc}"))
}

/// The resource's ARNs, all of them.
fn pieces<'r>(start: &'r str, resource: &'r Resource) -> Vec<Piece<'r>> {
    let mut pieces = vec![Piece::Text(start)];
    let path = resource.path.strip_prefix('/').unwrap_or(&resource.path);
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            pieces.push(Piece::Text("/"));
        }
        pieces.push(match variable(segment) {
            Some(name) if name.ends_with('+') => Piece::Rest,
            Some(_) => Piece::Segment,
            None => Piece::Text(segment),
        });
    }
    pieces
}

fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// Paths of which the first meets the resource, unless its siblings take what it has no segment for.
fn paths(stage: &StagePlan, resource: &Resource) -> Vec<String> {
    let all = stage.deployment.resources.iter();
    let named: Vec<String> = all
        .flat_map(|it| it.path.split('/').map(str::to_owned))
        .collect();
    let fill = unlike("x", &named);
    let filled = |rest: &str| {
        let segments = resource.path.split('/').map(|it| match variable(it) {
            Some(name) if name.ends_with('+') => rest,
            Some(_) => &fill,
            None => it,
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let mut paths = vec![filled(&fill)];
    if resource.path.ends_with("+}") {
        paths.push(filled(&format!("{fill}/{fill}")));
        paths.push(filled(&format!("{fill}/{fill}/{fill}")));
    }
    paths
}
