"""Every kind of client that a soak has, and the process that runs some of them."""
import collections
import threading

import clients
import http2_clients

KINDS = {
    "mock": clients.Mock, "template": clients.Template, "proxy": clients.Proxy, "mortal backend": clients.Mortal, "cut answers": clients.Cut,
    "slow backend": clients.Slow, "large bodies": clients.Large, "over TLS": clients.OverTls, "TLS handshakes": clients.Handshakes,
    "TLS resets": clients.TlsResets, "resets": clients.Resetting, "trickles": clients.Trickling, "hostile": clients.Hostile,
    "deployments": clients.Changing, "versions": clients.Version, "HTTP/2 streams": http2_clients.Streams,
    "HTTP/2 resets": http2_clients.StreamResets, "HTTP/2 slow": http2_clients.SlowStreams, "HTTP/2 breaks": http2_clients.Http2Breaks,
}


def run(world, threads, results):
    """Runs so many threads of each kind; puts counts and notes into `results`."""
    counts, notes, lock = collections.Counter(), [], threading.Lock()
    running = []
    for kind, number in threads.items():
        for _ in range(number):
            client = KINDS[kind](world, counts, notes, lock)
            running.append(threading.Thread(target=client.loop, args=(kind,)))
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    results.put((counts, notes))
