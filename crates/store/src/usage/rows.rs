//! The rows of counts, and the queries about them.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

/// A key in a usage plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberKey {
    /// The account that owns both.
    pub account: Box<str>,
    /// The region that they live in.
    pub region: Box<str>,
    /// The plan's id.
    pub plan: Box<str>,
    /// The key's id.
    pub key: Box<str>,
}

/// What is written of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// Whose.
    pub member: MemberKey,
    /// Days that changed.
    pub days: Vec<DayRow>,
    /// What was used of its quota.
    pub quota: Option<QuotaRow>,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRow {
    /// Days since 1970-01-01.
    pub day: u16,
    /// Requests.
    pub used: u64,
    /// What was left of the quota; nothing where there was none.
    pub remaining: Option<i64>,
}

/// What was used of a quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaRow {
    /// `DAY`, `WEEK` or `MONTH`.
    pub period: Box<str>,
    /// The first day of the period.
    pub start: u16,
    /// Requests; below zero where more was granted.
    pub used: i64,
}

/// Where the counts of a member stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageState {
    /// Of the quota.
    pub quota: Option<QuotaRow>,
    /// Requests of the day that was asked about.
    pub today: u64,
}

pub(super) fn write(connection: &Connection, row: &UsageRow) -> rusqlite::Result<()> {
    let MemberKey {
        account,
        region,
        plan,
        key,
    } = &row.member;
    let sql = "INSERT OR REPLACE INTO day VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    for day in &row.days {
        let used = i64::try_from(day.used).unwrap_or(i64::MAX);
        let values = params![account, region, plan, key, day.day, used, day.remaining];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    if let Some(quota) = &row.quota {
        let sql = "INSERT OR REPLACE INTO quota VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let QuotaRow {
            period,
            start,
            used,
        } = quota;
        let values = params![account, region, plan, key, period, start, used];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

pub(super) fn all(
    connection: &Connection,
    today: u16,
) -> rusqlite::Result<HashMap<MemberKey, UsageState>> {
    let mut all: HashMap<MemberKey, UsageState> = HashMap::new();
    let mut quotas =
        connection.prepare("SELECT account, region, plan, key, period, start, used FROM quota")?;
    for found in quotas.query_map([], |row| Ok((member(row)?, quota(row, 4)?)))? {
        let (member, quota) = found?;
        all.entry(member).or_default().quota = Some(quota);
    }
    let mut days =
        connection.prepare("SELECT account, region, plan, key, used FROM day WHERE day = ?1")?;
    for found in days.query_map([today], |row| Ok((member(row)?, number(row, 4)?)))? {
        let (member, used) = found?;
        all.entry(member).or_default().today = used;
    }
    Ok(all)
}

pub(super) fn state(
    connection: &Connection,
    member: &MemberKey,
    today: u16,
) -> rusqlite::Result<UsageState> {
    let MemberKey {
        account,
        region,
        plan,
        key,
    } = member;
    let sql = "SELECT period, start, used FROM quota WHERE account = ?1 AND region = ?2 AND plan = ?3 AND key = ?4";
    let quota = connection
        .prepare_cached(sql)?
        .query_row(params![account, region, plan, key], |row| quota(row, 0))
        .optional()?;
    let today = days(connection, member, today, today)?;
    Ok(UsageState {
        quota,
        today: today.first().map_or(0, |day| day.used),
    })
}

pub(super) fn days(
    connection: &Connection,
    member: &MemberKey,
    first: u16,
    last: u16,
) -> rusqlite::Result<Vec<DayRow>> {
    let MemberKey {
        account,
        region,
        plan,
        key,
    } = member;
    let sql = "SELECT day, used, remaining FROM day WHERE account = ?1 AND region = ?2 AND plan = ?3 AND key = ?4 \
               AND day BETWEEN ?5 AND ?6 ORDER BY day";
    let mut statement = connection.prepare_cached(sql)?;
    let values = params![account, region, plan, key, first, last];
    let found = statement.query_map(values, |row| {
        Ok(DayRow {
            day: row.get(0)?,
            used: number(row, 1)?,
            remaining: row.get(2)?,
        })
    })?;
    found.collect()
}

fn member(row: &Row<'_>) -> rusqlite::Result<MemberKey> {
    Ok(MemberKey {
        account: row.get(0)?,
        region: row.get(1)?,
        plan: row.get(2)?,
        key: row.get(3)?,
    })
}

fn quota(row: &Row<'_>, at: usize) -> rusqlite::Result<QuotaRow> {
    Ok(QuotaRow {
        period: row.get(at)?,
        start: row.get(at + 1)?,
        used: row.get(at + 2)?,
    })
}

fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(at)?.max(0) as u64)
}
