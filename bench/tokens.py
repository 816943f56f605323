"""Tokens of identity providers: what a token that was not seen before costs, as a multiple of its RS256 signature alone in the same run."""
import json
import os
import subprocess

import peers

TARGET = os.environ.get('CARGO_TARGET_DIR', os.path.join(peers.ROOT, 'target'))
# What a whole verification may cost beside the signature.
RATIO_MAX = 1.3


def measure(tell):
    tell('tokens: RS256')
    build = ['cargo', 'build', '--release', '--quiet', '--locked', '--package', 'tollgate-jwt', '--example', 'cost']
    subprocess.run(build, cwd=peers.ROOT, check=True)
    done = subprocess.run([os.path.join(TARGET, 'release/examples/cost'), '50000'], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def report(found):
    whole, bare = found['token_ns'] / 1000, found['signature_ns'] / 1000
    return (f'\nRS256, a token not seen before: {whole:.1f} µs, its signature alone {bare:.1f} µs: '
            f'{found["ratio"]:.2f} × (target ≤ {RATIO_MAX})')
