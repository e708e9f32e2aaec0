use insula_jail::system_calls;

use crate::prison::{run, users};

#[test]
fn every_rule_lets_its_call_through_or_refuses_it() {
    for user in users() {
        for rule in system_calls() {
            let sentence = run(user, &["rule", rule.name]);
            assert!(sentence.status.success(), "{user:?}: {}: {sentence:?}", rule.name);
        }
    }
}
