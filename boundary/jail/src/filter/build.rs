use std::collections::BTreeMap;
use std::env::consts::ARCH;

use rustix::process::getpid;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use super::rule::{Condition, Profile, Rule, Verdict};
use crate::JailError;

/// Puts all threads of this process, and those to come, under `profile`, or under those of its rules
/// that a process needs which makes no `machine_code`.
pub(crate) fn install(profile: Profile, machine_code: bool) -> Result<(), JailError> {
    for program in programs(profile, machine_code).map_err(JailError::FilterBuild)? {
        let installed = seccompiler::apply_filter_all_threads(&program);
        installed.map_err(JailError::FilterInstall)?;
    }
    Ok(())
}

/// One program for each verdict, in the order of their installation. The kernel asks all of them
/// and the strictest answer counts: the last one decides on what no rule names, those before it
/// only look at what it would let through.
fn programs(profile: Profile, machine_code: bool) -> Result<Vec<BpfProgram>, BackendError> {
    let rules: Vec<_> =
        profile.rules.iter().filter(|rule| machine_code || !rule.machine_code).collect();
    let mut stricter: BTreeMap<Option<i32>, Vec<&Rule>> = BTreeMap::new();
    for rule in &rules {
        match rule.verdict {
            Verdict::Allow => {}
            Verdict::Refuse(error) => stricter.entry(Some(error)).or_default().push(rule),
            Verdict::Kill => stricter.entry(None).or_default().push(rule),
        }
    }
    let mut programs = Vec::new();
    for (error, rules) in stricter {
        let verdict = error.map_or(Verdict::Kill, Verdict::Refuse);
        programs.push(program(rules, action(verdict), SeccompAction::Allow)?);
    }
    // What is to be killed must not be turned into an error by the last program.
    programs.push(program(rules, SeccompAction::Allow, action(profile.otherwise))?);
    Ok(programs)
}

fn action(verdict: Verdict) -> SeccompAction {
    match verdict {
        Verdict::Allow => SeccompAction::Allow,
        Verdict::Refuse(error) => SeccompAction::Errno(error.unsigned_abs()),
        Verdict::Kill => SeccompAction::KillProcess,
    }
}

fn program<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    matched: SeccompAction,
    otherwise: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let mut by_call: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for rule in rules {
        // A call without alternatives needs no condition.
        let alternatives = by_call.entry(rule.number).or_default();
        if !rule.when.is_empty() {
            let conditions: Result<Vec<_>, _> = rule.when.iter().map(condition).collect();
            alternatives.push(SeccompRule::new(conditions?)?);
        }
    }
    let target: TargetArch = ARCH.try_into()?;
    SeccompFilter::new(by_call, otherwise, matched, target)?.try_into()
}

fn condition(condition: &Condition) -> Result<SeccompCondition, BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    use SeccompCmpOp::{Eq, MaskedEq};
    match *condition {
        Condition::Is(index, value) => SeccompCondition::new(index, Dword, Eq, value.into()),
        Condition::IsWide(index, value) => SeccompCondition::new(index, Qword, Eq, value),
        Condition::Lacks(index, bits) => {
            SeccompCondition::new(index, Dword, MaskedEq(bits.into()), 0)
        }
        Condition::Masked(index, mask, value) => {
            SeccompCondition::new(index, Dword, MaskedEq(mask.into()), value.into())
        }
        Condition::IsSelf(index) => {
            let own = getpid().as_raw_nonzero().get().unsigned_abs();
            SeccompCondition::new(index, Dword, Eq, own.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CORDON, HOST, RELAY};
    use super::*;

    #[test]
    fn tables_compile_into_programs_that_the_kernel_takes() {
        for profile in [CORDON, RELAY, HOST] {
            let programs = programs(profile, true).expect("builds");
            assert!(programs.iter().all(|program| program.len() < 4096));
        }
        // Allow and kill; no such file; no such call; not permitted.
        assert_eq!(programs(CORDON, true).expect("builds").len(), 4);
        // Allow and not permitted; kill; no such call.
        assert_eq!(programs(HOST, true).expect("builds").len(), 3);
    }

    #[test]
    fn a_rule_without_conditions_is_the_only_one_of_its_call() {
        for profile in [CORDON, RELAY, HOST] {
            for rule in profile.rules.iter().filter(|rule| rule.when.is_empty()) {
                let same = profile.rules.iter().filter(|other| other.number == rule.number);
                assert_eq!(same.count(), 1, "{}", rule.name);
            }
        }
    }

    #[test]
    fn rules_have_names_of_their_own_and_reasons() {
        for profile in [CORDON, RELAY, HOST] {
            let mut names: Vec<_> = profile.rules.iter().map(|rule| rule.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), profile.rules.len());
            assert!(profile.rules.iter().all(|rule| rule.why.contains(' ')));
        }
    }
}
