// Tries: to keep the teller of an error's causes at a list without an end.
// flags: --cpu-ms 1000
// expect: 500 tenant-exception

export default {
    fetch() {
        const errors = [];
        errors.length = 2 ** 32 - 1;
        const { proxy, revoke } = Proxy.revocable({}, {});
        Object.setPrototypeOf(errors, proxy);
        revoke();
        const error = new Error("x");
        error.errors = errors;
        throw error;
    },
};
