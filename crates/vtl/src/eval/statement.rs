//! Statements: text, references among it, `#set`, `#if`, `#foreach`, `#define` and the ways out.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use tollgate_jsonpath::Value as Data;

use super::value::{Block as Named, Items, Loop, Value};
use super::{Halt, Outcome, Rendering};
use crate::ast::{Expression, Foreach, If, Print, Slot, Statement};

impl<'r> Rendering<'r> {
    /// Statements one after another.
    pub(super) fn block(&mut self, statements: &'r [Statement]) -> Outcome<()> {
        for statement in statements {
            self.statement(statement)?;
        }
        Ok(())
    }

    fn statement(&mut self, statement: &'r Statement) -> Outcome<()> {
        match statement {
            Statement::Text(text) => self.out.put(text),
            Statement::Print(print) => self.print(print),
            Statement::Set(set) => self.set(&set.target, &set.value),
            Statement::If(branches) => self.branches(branches),
            Statement::Foreach(foreach) => self.foreach(foreach),
            Statement::Define(define) => {
                self.budget.steps(1)?;
                self.budget.make(size_of::<Named<'_>>())?;
                let block = Named {
                    define,
                    running: Cell::new(0),
                };
                self.variables[define.variable] = Some(Value::Block(Rc::new(block)));
                Ok(())
            }
            Statement::Break(None) => Err(Halt::Break(None)),
            Statement::Break(Some(scope)) => self.break_from(scope),
            Statement::Stop => Err(Halt::Stop),
        }
    }

    fn print(&mut self, print: &'r Print) -> Outcome<()> {
        if self.print_member(print)? {
            return Ok(());
        }
        let value = self.reference(&print.reference)?;
        if print.escaped {
            self.out.put(&print.prefix)?;
            return self.out.put(&print.fallback);
        }
        if let Value::Block(block) = &value {
            // As in Velocity, a block prints without what stands before it.
            if self.run(block)? {
                return Ok(());
            }
        }
        self.out.put(&print.prefix)?;
        match value {
            Value::Block(_) => self.out.put(&print.fallback),
            value => self.put_value(&value).map(drop),
        }
    }

    /// Prints `$variable.name` where that is a member of data, as most references are: neither the map nor the member is taken out for it. False
    /// for whatever is something else, of which nothing is printed then.
    fn print_member(&mut self, print: &Print) -> Outcome<bool> {
        let Some((slot, name, at)) = print.member() else {
            return Ok(false);
        };
        let Some(Value::Data(Data::Map(map))) = &self.variables[slot] else {
            return Ok(false);
        };
        if self.tracer.is_some() || self.hidden.contains(&slot) {
            return Ok(false);
        }
        let members = map.borrow();
        let Some(member) = members.get(name).filter(|member| !member.is_null()) else {
            return Ok(false);
        };
        self.at = at;
        self.budget.steps(2)?;
        self.out.put(&print.prefix)?;
        self.out.put_data(member, &mut self.budget)?;
        Ok(true)
    }

    fn branches(&mut self, branches: &'r If) -> Outcome<()> {
        for (condition, body) in &branches.branches {
            if self.holds(condition)? {
                return self.nested(body);
            }
        }
        match &branches.otherwise {
            Some(body) => self.nested(body),
            None => Ok(()),
        }
    }

    /// A block one level deeper.
    fn nested(&mut self, body: &'r [Statement]) -> Outcome<()> {
        self.budget.enter()?;
        let done = self.block(body);
        self.budget.leave();
        done
    }

    fn foreach(&mut self, foreach: &'r Foreach) -> Outcome<()> {
        let collection = self.value(&foreach.items)?;
        let Some((items, first)) = self.items(&collection)? else {
            return Ok(());
        };
        self.budget.make(size_of::<Loop<'_>>())?;
        let running = Rc::new(Loop {
            index: Cell::new(0),
            has_next: Cell::new(false),
            own: OnceCell::new(),
            parent: self
                .loops
                .foreach
                .and_then(|slot| self.variables[slot].clone()),
        });
        let saved = self.save(foreach.variable);
        let done = self.rounds(foreach, &items, first, &running);
        if let Value::Iterator(iterator) = &collection {
            iterator.next.set(items.len());
        }
        if matches!(done, Err(Halt::Fault(_))) {
            return done;
        }
        self.restore(foreach, saved)?;
        match done {
            Err(Halt::Break(None)) => Ok(()),
            Err(Halt::Break(Some(identity))) if identity == running.identity() => Ok(()),
            done => done,
        }
    }

    fn rounds(
        &mut self,
        foreach: &'r Foreach,
        items: &Items,
        first: usize,
        running: &Rc<Loop<'r>>,
    ) -> Outcome<()> {
        let length = items.len();
        // Velocity leaves further items out without a word. Guess: so does AWS, whose guide speaks of 1,000 rounds.
        let rounds = length
            .saturating_sub(first)
            .min(self.budget.limits().rounds_max);
        if let Some(slot) = self.loops.foreach {
            self.variables[slot] = Some(Value::Loop(running.clone()));
        }
        for round in 0..rounds {
            self.budget.steps(1)?;
            let has_next = first + round + 1 < length;
            running.index.set(round);
            running.has_next.set(has_next);
            if let Some(slot) = self.loops.count {
                self.variables[slot] = Some(Value::from(round as i64 + 1));
            }
            if let Some(slot) = self.loops.has_next {
                self.variables[slot] = Some(Value::from(has_next));
            }
            self.round(foreach, items.get(first + round))?;
            if items.len() != length {
                self.at = foreach.at;
                // Java notices when it looks for the next item, and takes the end for the end.
                let ended = items.len() == first + round + 1;
                return if ended {
                    Ok(())
                } else {
                    Err(Halt::fault(
                        "the collection grew or shrank while #foreach ran over it",
                    ))
                };
            }
        }
        Ok(())
    }

    fn round(&mut self, foreach: &'r Foreach, item: Value<'r>) -> Outcome<()> {
        let hidden = self.hidden.len();
        if item.is_null() {
            self.hidden.push(foreach.variable);
        }
        self.variables[foreach.variable] = Some(item);
        let done = self.nested(&foreach.body);
        self.hidden.truncate(hidden);
        done
    }

    fn save(&self, variable: Slot) -> [Option<Value<'r>>; 4] {
        let of = |slot: Option<Slot>| slot.and_then(|slot| self.variables[slot].clone());
        [
            of(Some(variable)),
            of(self.loops.foreach),
            of(self.loops.count),
            of(self.loops.has_next),
        ]
    }

    /// Gives the loop's variables the values they had before.
    fn restore(&mut self, over: &Foreach, saved: [Option<Value<'r>>; 4]) -> Outcome<()> {
        let [item, foreach, count, has_next] = saved;
        let variable = over.variable;
        for (slot, value) in [(self.loops.count, count), (self.loops.has_next, has_next)] {
            if let Some(slot) = slot {
                self.variables[slot] = value;
            }
        }
        if let Some(slot) = self.loops.foreach.filter(|slot| *slot != variable) {
            // What the template itself made of $foreach stays.
            if matches!(self.variables[slot], Some(Value::Loop(_))) {
                self.variables[slot] = foreach;
            }
        } else if self.loops.foreach.is_some() && matches!(item, None | Some(Value::Loop(_))) {
            // Velocity loses its own variable here, and stumbles.
            self.at = over.at;
            return Err(Halt::fault(
                "#foreach cannot run over a variable named $foreach, which it sets itself",
            ));
        }
        self.variables[variable] = item;
        Ok(())
    }

    fn break_from(&mut self, scope: &'r Expression) -> Outcome<()> {
        match self.value(scope)? {
            Value::Loop(running) => Err(Halt::Break(Some(running.identity()))),
            _ => Err(Halt::fault("#break wants a loop such as $foreach.parent")),
        }
    }

    /// Runs a block by name; false where it already runs within itself, which Velocity allows once.
    pub(super) fn run(&mut self, block: &Named<'r>) -> Outcome<bool> {
        const RUNNING_MAX: usize = 2;
        if block.running.get() == RUNNING_MAX {
            return Ok(false);
        }
        block.running.set(block.running.get() + 1);
        let done = self.nested(&block.define.body);
        block.running.set(block.running.get() - 1);
        match done {
            Ok(()) | Err(Halt::Break(None)) => Ok(true),
            Err(halt) => Err(halt),
        }
    }
}

impl Loop<'_> {
    /// What tells this loop from the others that run.
    fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}
