//! For how long changes are kept: a stated number of revisions, and of changes, because one revision may be a large
//! import. Who asks for older ones reads everything anew, which the gateway does in any case when it starts.

use rusqlite::{Connection, Transaction};

use super::Options;

/// After how many revisions old changes are cleared away.
const CLEAR_EVERY_REVS: u64 = 256;

/// What is kept, and how much of it there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    revs_max: u64,
    changes_max: u64,
    /// The changes that there are.
    changes: u64,
    cleared_at_rev: u64,
}

impl Retention {
    /// As the options say, of what is stored.
    pub(super) fn new(connection: &Connection, options: &Options) -> rusqlite::Result<Self> {
        let changes = connection.query_row("SELECT count(*) FROM change", [], |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(Self {
            revs_max: options.changes_kept_revs,
            changes_max: options.changes_kept_max,
            changes: changes as u64,
            cleared_at_rev: 0,
        })
    }

    /// Counts what a group of commits up to `rev` was told as, and forgets what is too old by now.
    pub(super) fn pass(
        &mut self,
        transaction: &Transaction<'_>,
        rev: u64,
        made: u64,
    ) -> rusqlite::Result<()> {
        self.changes += made;
        if rev >= self.cleared_at_rev + CLEAR_EVERY_REVS {
            self.forget(transaction, rev.saturating_sub(self.revs_max))?;
            self.cleared_at_rev = rev;
        }
        if self.changes > self.changes_max {
            // A quarter at once, lest every further commit clear away a little.
            let excess = self.changes - self.changes_max + self.changes_max / 4;
            self.forget(transaction, rev_at(transaction, excess)?)?;
        }
        Ok(())
    }

    /// Forgets the changes up to and with this revision.
    fn forget(&mut self, transaction: &Transaction<'_>, rev: u64) -> rusqlite::Result<()> {
        let gone = transaction.execute("DELETE FROM change WHERE rev <= ?", [rev as i64])?;
        self.changes = self.changes.saturating_sub(gone as u64);
        transaction.execute(
            "UPDATE present SET forgotten_rev = ?1 WHERE forgotten_rev < ?1",
            [rev as i64],
        )?;
        Ok(())
    }
}

/// The revision of the change at this place, but the last revision never.
fn rev_at(transaction: &Transaction<'_>, place: u64) -> rusqlite::Result<u64> {
    let sql = "SELECT min(last, ifnull(there, last)) FROM
                   (SELECT max(rev) - 1 AS last FROM change),
                   (SELECT (SELECT rev FROM change ORDER BY rev, position LIMIT 1 OFFSET ?) AS there)";
    let mut statement = transaction.prepare_cached(sql)?;
    statement.query_row([place as i64], |row| Ok(row.get::<_, i64>(0)? as u64))
}
