use crate::prison::{run, seen, users};

#[test]
fn nobody_else_is_there() {
    for user in users() {
        let log = run(user, &["look"]).log;
        assert_eq!(seen(&log, "process"), "1", "{user:?}");
        assert_eq!(seen(&log, "parent"), "None", "{user:?}");
        assert_eq!(seen(&log, "others"), "0", "{user:?}");
    }
}
