// Tries: to reach files, processes and the machine through the globals that are named as Node's and Deno's.

const doors = {
    constructor: () => process.constructor.constructor("return 1")(),
    loadEnvFile: () => process.loadEnvFile("/proc/self/environ"),
    mainModule: () => process.mainModule.require("fs"),
    getBuiltinModule: () => process.getBuiltinModule("fs").openSync("/etc/passwd"),
    umask: () => process.umask(0),
    open: () => Deno.open("/etc/passwd"),
    readTextFile: () => Deno.readTextFileSync("/etc/passwd"),
    run: () => new Deno.Command("id").outputSync(),
};

/** What is there to be read, and says nothing of the machine. */
const plain = {
    inheritedEnvironment: () => process.env.PATH,
    realPid: () => (process.pid > 1 || process.ppid > 1 ? `${process.pid} ${process.ppid}` : undefined),
};

export default {
    async fetch() {
        const through = [], said = [];
        for (const [name, door] of Object.entries(doors)) {
            try {
                through.push(`${name}: ${String(await door())}`);
            } catch (error) {
                said.push(error.message);
            }
        }
        for (const [name, read] of Object.entries(plain)) {
            if (read() !== undefined) through.push(`${name}: ${read()}`);
        }
        return Response.json({ through, said });
    },
};
