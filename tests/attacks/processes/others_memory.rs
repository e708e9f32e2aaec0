//! Tries: to read a cordon's memory, descriptors and environment as another cordon's user.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::cordons::*;

/// What would tell a neighbour's secrets.
const FILES: [&str; 7] = ["mem", "environ", "maps", "auxv", "fd/0", "stack", "syscall"];

pub async fn attack(scene: &Scene) {
    let cordons = cordons(scene).await;
    let victim = cordons[0];
    // The user of another cordon: the same one outside, when it is not root that runs the server.
    let user = status(cordons[1], "Uid").and_then(|line| line.split(' ').next()?.parse().ok());
    let user: u32 = user.expect("a user");
    for file in FILES {
        let path = format!("/proc/{}/{file}", victim.id());
        let mut command = Command::new("head");
        command.args(["-c", "1", &path]);
        if rustix::process::geteuid().is_root() {
            command.uid(user).gid(user);
        }
        let output = command.output().expect("run head");
        assert!(output.stdout.is_empty(), "{path} can be read: {output:?}");
    }
    scene.delete("alone").await;
}
