//! Files of API keys: whatever they hold, they are read or refused with a line, and what is read is in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_model::api_key_csv::{FIELD_BYTES_MAX, ROWS_MAX, read};

fuzz_target!(|data: &[u8]| {
    match read(data) {
        Ok(rows) => {
            assert!(rows.len() <= ROWS_MAX);
            for row in rows {
                assert!(!row.name.is_empty() && !row.value.is_empty());
                assert!(row.name.len() <= FIELD_BYTES_MAX && row.value.len() <= FIELD_BYTES_MAX);
                let ids = row.usage_plan_ids;
                assert!(ids.iter().all(|id| !id.is_empty() && !id.contains(',')));
            }
        }
        // No text of a refusal may quote a key.
        Err(error) => assert!(error.to_string().len() < 200),
    }
});
