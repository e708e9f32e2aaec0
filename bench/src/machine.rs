//! Where and with what a run was made.

use std::{fs, process::Command};

use crate::args::Args;

/// Lines for the head of the report.
pub fn describe(args: &Args) -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let mut lines = vec![
        format!(
            "{}, {cores} cores, Linux {}",
            processor(),
            file_line("/proc/sys/kernel/osrelease")
        ),
        format!(
            "{} rounds of {} s each, {} connections, {} threads of wrk on the same machine",
            args.rounds, args.seconds, args.connections, args.threads
        ),
    ];
    let insula = args.bin_dir.join("insula");
    let workerd = args.bench_dir.join(".cache/node_modules/.bin/workerd");
    for program in [insula.as_path(), workerd.as_path()] {
        lines.extend(output(Command::new(program).arg("--version")));
    }
    lines.extend(output(Command::new("date").args(["-u", "+%Y-%m-%d"])));
    lines
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name"));
    let name = model.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim());
    name.unwrap_or("unknown processor").to_owned()
}

fn file_line(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The first line that the command prints, if it runs at all.
fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}
