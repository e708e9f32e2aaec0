// Tries: to reach files, processes and the machine through what is offered under Node's names.

const doors = {
    binding: () => process.binding("fs"),
    dlopen: () => process.dlopen({ exports: {} }, "/lib/x86_64-linux-gnu/libc.so.6"),
    chdir: () => process.chdir("/"),
    kill: () => process.kill(1, 0),
    exit: () => process.exit(0),
    abort: () => process.abort(),
    umask: () => process.umask(0),
    loadEnvFile: () => process.loadEnvFile("/proc/self/environ"),
    constructor: () => process.constructor.constructor("return 1")(),
    mainModule: () => process.mainModule.require("fs"),
    getBuiltinModule: () => process.getBuiltinModule("fs").readFileSync("/etc/passwd"),
    inheritedEnvironment: () => process.env.PATH,
    realPid: () => (process.pid > 1 && process.ppid > 1 ? `${process.pid} ${process.ppid}` : undefined),
    open: () => Deno.open("/etc/passwd"),
    readTextFile: () => Deno.readTextFileSync("/etc/passwd"),
    run: () => new Deno.Command("id").outputSync(),
};

export default {
    async fetch() {
        const through = [], said = [];
        for (const [name, door] of Object.entries(doors)) {
            try {
                const got = await door();
                if (got !== undefined) through.push(`${name}: ${String(got)}`);
            } catch (error) {
                said.push(error.message);
            }
        }
        return Response.json({ through, said });
    },
};
