/// What happens to a system call, under conditions.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The call, and what sets this rule apart from others of the same call.
    pub name: &'static str,
    /// What the kernel does.
    pub verdict: Verdict,
    /// What it is needed for.
    pub why: &'static str,
    pub(crate) number: libc::c_long,
    /// All of them must hold.
    pub(crate) when: &'static [Condition],
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
    Rule { name, verdict: Verdict::Allow, why, number, when }
}

pub(crate) const fn refuse(
    name: &'static str,
    number: libc::c_long,
    error: i32,
    when: &'static [Condition],
    why: &'static str,
) -> Rule {
    Rule { name, verdict: Verdict::Refuse(error), why, number, when }
}

pub(crate) const fn kill(
    name: &'static str,
    number: libc::c_long,
    when: &'static [Condition],
    why: &'static str,
) -> Rule {
    Rule { name, verdict: Verdict::Kill, why, number, when }
}
