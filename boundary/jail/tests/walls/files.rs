use crate::prison::{run, seen, users};

#[test]
fn there_is_no_file_and_none_can_be_made() {
    for user in users() {
        let sentence = run(user, &["look"]);
        assert!(sentence.status.success(), "{user:?}: {sentence:?}");
        let log = sentence.log;
        assert_eq!(seen(&log, "folder"), "Ok(\"/\")", "{user:?}");
        // Nothing is in the root, or not even that may be looked at.
        let entries = seen(&log, "entries");
        assert!(["Ok(0)", "Err(PermissionDenied)"].contains(&entries.as_str()), "{entries}");
        assert_eq!(seen(&log, "above"), "Err(NotFound)", "{user:?}");
        assert_eq!(seen(&log, "proc"), "Err(NotFound)", "{user:?}");
        let write = seen(&log, "write");
        assert!(["Err(ReadOnlyFilesystem)", "Err(PermissionDenied)"].contains(&write.as_str()));
    }
}

#[test]
fn descriptors_are_the_link_and_the_log() {
    for user in users() {
        assert_eq!(seen(&run(user, &["look"]).log, "descriptors"), "[0, 1, 2]", "{user:?}");
    }
}
