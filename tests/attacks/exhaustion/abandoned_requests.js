// Tries: to leave requests open that nobody can ever answer.
// expect: 500 tenant-exception
// requests: 2
// at once: 50

export default {
    fetch() {
        return new Promise(() => {});
    },
};
