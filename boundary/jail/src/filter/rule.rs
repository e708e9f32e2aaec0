/// What happens to a system call, under conditions.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The call, and what sets this rule apart from others of the same call.
    pub name: &'static str,
    /// What the kernel does.
    pub verdict: Verdict,
    /// What it is needed for.
    pub why: &'static str,
    /// Whether it is only for a cordon that makes machine code.
    pub machine_code: bool,
    pub(crate) number: libc::c_long,
    /// All of them must hold.
    pub(crate) when: &'static [Condition],
}

impl Rule {
    /// A call that the rule is about: its number, and arguments. Those that the rule does not look
    /// at make no sense, so the kernel does nothing when it lets the call through.
    pub fn example(&self) -> (libc::c_long, [usize; 6]) {
        let mut arguments = [usize::MAX; 6];
        for condition in self.when {
            let (at, value) = match *condition {
                Condition::Is(at, value) | Condition::Masked(at, _, value) => (at, value as usize),
                Condition::IsWide(at, value) => (at, value as usize),
                Condition::Lacks(at, bits) => (at, !bits as usize),
                Condition::IsSelf(at) => {
                    (at, rustix::process::getpid().as_raw_nonzero().get().unsigned_abs() as usize)
                }
            };
            if let Some(argument) = arguments.get_mut(usize::from(at)) {
                *argument = value;
            }
        }
        (self.number, arguments)
    }
}

/// What the kernel does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Performs it.
    Allow,
    /// Fails it with this error number, without looking at it.
    Refuse(i32),
    /// Ends the process.
    Kill,
}

/// A list of rules, and what happens to a call that none of them names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) rules: &'static [Rule],
    pub(crate) otherwise: Verdict,
}

/// A condition on one argument, counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition {
    /// The low half equals.
    Is(u8, u32),
    /// Both halves equal.
    IsWide(u8, u64),
    /// None of these bits of the low half is set.
    Lacks(u8, u32),
    /// The low half, reduced to the mask, equals.
    Masked(u8, u32, u32),
    /// It is this process's own id.
    IsSelf(u8),
}

pub(crate) const fn allow(
    name: &'static str,
    number: libc::c_long,
    when: &'static [Condition],
    why: &'static str,
) -> Rule {
    Rule { name, verdict: Verdict::Allow, why, machine_code: false, number, when }
}

impl Rule {
    /// The same, only for a cordon that makes machine code.
    pub(crate) const fn for_machine_code(self) -> Self {
        Self { machine_code: true, ..self }
    }
}

pub(crate) const fn refuse(
    name: &'static str,
    number: libc::c_long,
    error: i32,
    when: &'static [Condition],
    why: &'static str,
) -> Rule {
    Rule { name, verdict: Verdict::Refuse(error), why, machine_code: false, number, when }
}

pub(crate) const fn kill(
    name: &'static str,
    number: libc::c_long,
    when: &'static [Condition],
    why: &'static str,
) -> Rule {
    Rule { name, verdict: Verdict::Kill, why, machine_code: false, number, when }
}
