use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Problems whose words are kept. One defect may fail every request.
const KEPT: usize = 30;

/// What happened how often. The soak is one task, so nothing is locked.
#[derive(Debug, Default)]
pub struct Ledger {
    innocent: RefCell<BTreeMap<&'static str, u64>>,
    hostile: RefCell<BTreeMap<&'static str, BTreeMap<String, u64>>>,
    done: RefCell<BTreeMap<&'static str, u64>>,
    /// What has to happen at least once, or the soak has not tried it.
    wanted: RefCell<BTreeMap<&'static str, &'static str>>,
    failed: Cell<u64>,
    problems: RefCell<Vec<String>>,
    more: Cell<u64>,
}

impl Ledger {
    /// An innocent tenant of this kind answered rightly.
    pub fn innocent(&self, kind: &'static str) {
        *self.innocent.borrow_mut().entry(kind).or_default() += 1;
    }

    /// An innocent tenant of this kind did not.
    pub fn innocent_failed(&self, kind: &'static str, problem: String) {
        self.failed.set(self.failed.get() + 1);
        self.problem(format!("{kind}: {problem}"));
    }

    /// What a hostile tenant or client got. `expected` is what it may get; the first is what it is
    /// there for.
    pub fn hostile(&self, kind: &'static str, outcome: &str, expected: &[&'static str]) {
        let mut hostile = self.hostile.borrow_mut();
        *hostile.entry(kind).or_default().entry(outcome.to_owned()).or_default() += 1;
        self.wanted.borrow_mut().insert(kind, expected[0]);
        if !expected.contains(&outcome) {
            self.problem(format!("{kind} got {outcome}, not one of {expected:?}"));
        }
    }

    /// The operator, or an accident, did this.
    pub fn done(&self, what: &'static str) {
        *self.done.borrow_mut().entry(what).or_default() += 1;
    }

    /// Something is wrong.
    pub fn problem(&self, problem: String) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < KEPT {
            eprintln!("problem: {problem}");
            problems.push(problem);
        } else {
            self.more.set(self.more.get() + 1);
        }
    }

    /// Right answers of innocents so far, and wrong ones.
    pub fn requests(&self) -> (u64, u64) {
        (self.innocent.borrow().values().sum(), self.failed.get())
    }

    /// Right answers of innocents, by kind.
    pub fn by_kind(&self) -> BTreeMap<&'static str, u64> {
        self.innocent.borrow().clone()
    }

    /// What hostile tenants and clients got, by kind.
    pub fn by_outcome(&self) -> BTreeMap<&'static str, BTreeMap<String, u64>> {
        self.hostile.borrow().clone()
    }

    /// What else happened how often.
    pub fn events(&self) -> BTreeMap<&'static str, u64> {
        self.done.borrow().clone()
    }

    /// All that went wrong.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.problems.borrow().clone();
        let more = self.more.get();
        problems.extend((more > 0).then(|| format!("and {more} more")));
        problems
    }

    /// What should have happened and never did.
    pub fn untried(&self) -> Vec<String> {
        let (wanted, hostile) = (self.wanted.borrow(), self.hostile.borrow());
        let untried = wanted.iter().filter(|(kind, first)| !hostile[*kind].contains_key(**first));
        untried.map(|(kind, first)| format!("{kind} never got {first}")).collect()
    }
}
