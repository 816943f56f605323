"""Medians, tables and the file of results."""
import json
import os
import statistics
import time

from load import median


def ratios(rounds, reference):
    """CPU per request against the reference's in the same round, each against its backend's (of new connections, the load's): what the
    machine's other work does to a round it does to the backend too."""
    return [(ours['cpu_us'] / ours['yardstick_us']) / (theirs['cpu_us'] / theirs['yardstick_us'])
            for ours, theirs in zip(rounds, reference)]


def proxies(results, memory, reference='nginx'):
    lines = []
    for load, row in results.items():
        equal = f'at {row["rate"]:.0f} requests/s'
        lines += ['', load, f'  {"":10} {equal:^46} │{"at full load":^64} │',
                  f'  {"":10}{"CPU ratio":>10}{"quartiles":>13}{"plain":>7}{"CPU µs":>9}{"user":>7} │'
                  f'{"ratio":>7}{"plain":>7}{"CPU µs":>9}{"user":>6}{"req/s":>9}{"p50 µs":>9}{"p99 µs":>9}{"core":>6}   │{"MiB":>6}{"others":>8}{"failed":>8}']
        paced, full = row['paced'], row['full']
        for name in sorted(paced, key=lambda name: ratio(paced[name], paced[reference])):
            ours, theirs = paced[name], paced[reference]
            lines.append(
                f'  {name:10}{ratio(ours, theirs):10.2f}{quartiles(ours, theirs):>13}{plain(ours, theirs):7.2f}{median(ours, "cpu_us"):9.1f}'
                f'{median(ours, "user_share") * 100:6.0f}% │{ratio(full[name], full[reference]):7.2f}{plain(full[name], full[reference]):7.2f}'
                f'{cells(full[name])}{median(full[name], "busy") * 100:5.0f}%   │{memory[name]:6.1f}{median(ours, "noise"):8.2f}{sum(each["bad"] for each in ours + full[name]):8}')
    return '\n'.join(lines)


def ratio(rounds, reference):
    return statistics.median(ratios(rounds, reference))


def plain(rounds, reference):
    """As above, but not held against the backend."""
    return statistics.median(ours['cpu_us'] / theirs['cpu_us'] for ours, theirs in zip(rounds, reference))


def quartiles(rounds, reference):
    values = ratios(rounds, reference)
    if len(values) < 2:
        return ''
    low, _, high = statistics.quantiles(values, n=4)
    return f'{low:.2f}–{high:.2f}'


def cells(rounds):
    return (f'{median(rounds, "cpu_us"):9.1f}{median(rounds, "user_share") * 100:5.0f}%{median(rounds, "rps"):9.0f}'
            f'{latency(rounds, "p50_us"):>9}{latency(rounds, "p99_us"):>9}')


def latency(rounds, key):
    return '–' if rounds[0][key] is None else f'{median(rounds, key):.0f}'


def alone(rows):
    lines = ['', f'{"Tollgate alone":44}{"CPU µs":>9}{"user":>6}{"req/s":>9}{"p50 µs":>9}{"p99 µs":>9}{"failed":>8}']
    for name, rounds in rows.items():
        lines.append(f'  {name:42}{cells(rounds)}{sum(each["bad"] for each in rounds):8}')
    return '\n'.join(lines)


def figures(rest):
    lines = ['']
    if 'control' in rest:
        control = rest['control']
        lines.append(f'Control calls, one client: {control["writes_per_second"]:.0f} durable writes/s, '
                     f'{control["reads_per_second"]:.0f} reads/s, {control["cpu_us"]:.0f} µs of CPU each')
    if 'start' in rest:
        start = rest['start']
        lines.append(f'Start to first answer, empty store: {start["median_ms"]:.0f} ms (worst {start["worst_ms"]:.0f}); '
                     f'restart to the first answer of an API: {rest["restart"]["ms"]:.0f} ms')
    if 'idle' in rest:
        lines.append(f'Idle memory: {rest["idle"]["mib"]:.1f} MiB; program file {rest["idle"]["program_mib"]:.1f} MiB')
    return '\n'.join(lines)


def save(result, folder):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, time.strftime('%Y%m%d-%H%M%S.json'))
    with open(path, 'w') as file:
        json.dump(result, file, indent=1)
    return path
