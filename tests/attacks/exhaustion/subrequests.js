// Tries: to make the host fetch without bound.
// flags: --cpu-ms 5000
// at once: 4

export default {
    async fetch(request, { ORIGIN: origin }) {
        const once = (_, n) => fetch(`http://${origin}/?/${n}`, { redirect: "manual" });
        const made = await Promise.allSettled(Array.from({ length: 2000 }, once));
        const done = made.filter((one) => one.status === "fulfilled").length;
        return Response.json({ through: done > 50 ? [`${done} subrequests`] : [], done });
    },
};
