// Tries: to break out of a redirect's location.
// expect: 500 tenant-exception or 302
// requests: 4

const urls = ["http://a/\r\nset-cookie: x=1", "http://a/\r\n\r\n<script>", "http://a/\0", "/\n/"];
let turn = 0;

export default {
    fetch() {
        const response = Response.redirect(urls[turn++ % urls.length]);
        const location = response.headers.get("location");
        if (/[\r\n\0]/.test(location)) return Response.json({ through: [location] });
        return response;
    },
};
