use crate::prison::{run, users};

#[test]
fn threads_from_before_the_filter_are_under_it() {
    for user in users() {
        let sentence = run(user, &["end", "thread"]);
        assert!(sentence.is_killed_for_a_call(), "{user:?}: {sentence:?}");
    }
}
