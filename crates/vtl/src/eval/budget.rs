//! What a rendering has left of its [`Limits`].

use super::Halt;
use crate::limits::Limits;

/// Steps, bytes and depth that are left.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    steps: u64,
    made: usize,
    depth: usize,
}

/// How many bytes a method looks at in one step.
const BYTES_PER_STEP: usize = 64;

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            steps: limits.steps_max,
            made: limits.made_bytes_max,
            depth: 0,
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes steps.
    pub(super) fn steps(&mut self, count: u64) -> Result<(), Halt> {
        match self.steps.checked_sub(count) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(Halt::fault(format!(
                "the template takes more than {} steps",
                self.limits.steps_max
            ))),
        }
    }

    /// Takes the steps for looking at a text.
    pub(super) fn look(&mut self, bytes: usize) -> Result<(), Halt> {
        self.steps(1 + (bytes / BYTES_PER_STEP) as u64)
    }

    /// Takes memory.
    pub(super) fn make(&mut self, bytes: usize) -> Result<(), Halt> {
        match self.made.checked_sub(bytes) {
            Some(left) => {
                self.made = left;
                Ok(())
            }
            None => {
                let max = self.limits.made_bytes_max;
                Err(Halt::fault(format!(
                    "the template makes values of more than {max} bytes"
                )))
            }
        }
    }

    /// Memory that is left.
    pub(super) fn makeable(&self) -> usize {
        self.made
    }

    /// Goes one level deeper.
    pub(super) fn enter(&mut self) -> Result<(), Halt> {
        if self.depth == self.limits.depth_max {
            return Err(Halt::fault(format!(
                "blocks and texts run in each other deeper than {} levels",
                self.limits.depth_max
            )));
        }
        self.depth += 1;
        Ok(())
    }

    /// Comes back.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }
}
