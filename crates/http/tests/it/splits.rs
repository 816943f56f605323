//! Every message, cut at every byte, means the same.

use tollgate_http::fuzzing;

const REQUESTS: &[&str] = &[
    "GET /a?b=c HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-two:  2 \r\n\r\n",
    "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello worldGET /next HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\nGET /n HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
    "GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /old HTTP/1.0\r\n\r\n",
    "\r\n\r\nGET http://A/abs?x HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nGET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nBad Name: 1\r\n\r\n",
    "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "HEAD /h HTTP/1.1\r\nHost: a\r\n\r\nDELETE /d HTTP/1.1\r\nHost: a\r\n\r\n",
];

const REPLIES: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x\r\n!\r\n0\r\nT: 1\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
    "HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
];

#[test]
fn requests_mean_the_same_cut_anywhere() {
    for request in REQUESTS {
        let request = request.as_bytes();
        let whole = fuzzing::connection(request, &[]);
        let answers = || String::from_utf8_lossy(&whole).into_owned();
        assert!(whole.starts_with(b"HTTP/1.1 "), "{}", answers());
        // The echo of a stream is framed as it comes: its pieces are not compared.
        for cut in 1..request.len() {
            let (first, rest) = (cut.min(255) as u8, (request.len() - cut).min(255) as u8);
            assert_eq!(
                fuzzing::connection(request, &[first, rest]),
                whole,
                "cut at {cut}: {}",
                answers()
            );
        }
        assert_eq!(
            fuzzing::connection(request, &[1]),
            whole,
            "byte by byte: {}",
            answers()
        );
    }
}

#[test]
fn replies_mean_the_same_cut_anywhere() {
    for reply in REPLIES {
        let reply = reply.as_bytes();
        let whole = fuzzing::reply(reply, &[]);
        assert!(whole.contains('['), "{whole}");
        for cut in 1..reply.len() {
            let (first, rest) = (cut.min(255) as u8, (reply.len() - cut).min(255) as u8);
            assert_eq!(fuzzing::reply(reply, &[first, rest]), whole, "cut at {cut}");
        }
        assert_eq!(fuzzing::reply(reply, &[1]), whole, "byte by byte");
    }
}
