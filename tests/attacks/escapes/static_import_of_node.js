// Tries: to use the modules of another runtime for what they do there: files, programs, sockets, code.

import child_process, { execSync } from "node:child_process";
import fs, { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import net from "node:net";
import process from "node:process";
import vm from "node:vm";
import { Worker } from "node:worker_threads";

const attempts = [
    () => readFileSync("/etc/passwd", "utf8"), () => fs.readdirSync("/"), () => fs.openSync("/proc/self/mem"), () => readFile("/etc/passwd"), () => execSync("id"), () => child_process.spawn("sh"),
    () => net.connect(80, "127.0.0.1"), () => net.createServer().listen(0), () => vm.runInThisContext("1"), () => new vm.Script("1").runInThisContext(), () => new Worker("x", { eval: true }),
    () => process.binding("fs"), () => process.dlopen({}, "/lib/x.so"), () => process.kill(1), () => process.exit(0), () => process.abort(), () => process.chdir("/etc"),
    () => createRequire("/")("./index.js"), () => createRequire("/")("insula:ops.js"), () => process.getBuiltinModule("insula:ops.js").ops, () => createRequire("/")("node:node/errors.js"),
];

export default {
    async fetch() {
        const through = [], said = [];
        for (const attempt of attempts) {
            try {
                through.push(`${attempt}: ${String(await attempt()).slice(0, 100)}`);
            } catch (error) {
                said.push(error.message);
            }
        }
        return Response.json({ through, said });
    },
};
