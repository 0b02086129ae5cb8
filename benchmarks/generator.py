"""Clients that each send a request, wait for its answer and send the next: a process of its own, to know its CPU share.

aiohttp, of the load tools compared: wrk and hey are light, but are no Python packages, and hey sends one body only; the
percentiles of locust are rounded, and it takes twice the CPU. Reads a :class:`Job` as JSON, prints what it found.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count, pairwise
from typing import Any, Final

import aiohttp

WINDOWS: Final = 10
ROUNDS: Final = 3
# Past this no more answers are waited for, and the point is reported with what there is.
LONGEST: Final = 60.0


@dataclass(frozen=True)
class Job:
    """What to send.

    Attributes:
        url: where to.
        field: name of the list of texts in the body.
        fields: the rest of the body.
        texts: distinct texts; taken in turn.
        clients: requests under way at any time.
        size: texts in a request.
        seconds: at least so long, and until each client has had some :data:`ROUNDS` answers.
    """

    url: str
    field: str
    fields: dict[str, str]
    texts: list[str]
    clients: int
    size: int
    seconds: float

    def bodies(self) -> list[bytes]:
        """Bodies of requests, which use every text once; made beforehand, to keep the CPU for the server."""
        starts = range(0, len(self.texts) - self.size + 1, self.size)
        return [
            json.dumps({**self.fields, self.field: self.texts[start : start + self.size]}).encode() for start in starts
        ]

    def to_json(self) -> str:
        """For the standard input of the process."""
        return json.dumps(asdict(self))


async def run(job: Job) -> dict[str, Any]:
    """Send requests and give rates by window, latencies in milliseconds, failures and the CPU share of this process.

    A request that is refused for lack of room is sent again when the answer says so, as a good client does; its latency
    runs on meanwhile.
    """
    bodies, turn, refused = job.bodies(), count(), count()
    ends: list[tuple[float, float]] = []
    failures: list[str] = []
    warm = asyncio.Event()
    waiting = set(range(job.clients))

    async def client(number: int, session: aiohttp.ClientSession) -> None:
        while True:
            begun, sent = time.perf_counter(), bodies[next(turn) % len(bodies)]
            while True:
                async with session.post(job.url, data=sent) as answer:
                    body = await answer.read()
                if answer.status != 429 or "Retry-After" not in answer.headers:
                    break
                next(refused)
                await asyncio.sleep(float(answer.headers["Retry-After"]))
            end = time.perf_counter()
            if answer.status != 200:
                failures.append(f"{answer.status}: {body[:200].decode('utf-8', 'replace')}")
                await asyncio.sleep(0.1)
            elif warm.is_set():
                ends.append((end, end - begun))
            waiting.discard(number)
            if not waiting:
                warm.set()

    headers = {"Content-Type": "application/json"}
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=2 * LONGEST)
    async with aiohttp.ClientSession(headers=headers, connector=connector, timeout=timeout) as session:
        tasks = [asyncio.create_task(client(number, session)) for number in range(job.clients)]
        try:
            await _either(asyncio.wait_for(warm.wait(), 2 * LONGEST), tasks)
            begun, cpu = time.perf_counter(), time.process_time()
            while (now := time.perf_counter() - begun) < LONGEST:
                if now >= job.seconds and len(ends) >= ROUNDS * job.clients:
                    break
                await _either(asyncio.sleep(0.05), tasks)
            # To the last answer: where all come at once, after a long while, none is half counted.
            lasted, used = ends[-1][0] - begun if ends else time.perf_counter() - begun, time.process_time() - cpu
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    facts = {"failures": failures[:5], "failed": len(failures), "refused": next(refused), "cpu": used / lasted}
    return summary(job, begun, lasted, ends) | facts


async def _either(wait: Any, tasks: list[asyncio.Task[None]]) -> None:
    """Wait, unless a client ends first, which it does by an error alone."""
    waited = asyncio.ensure_future(wait)
    done, _ = await asyncio.wait([waited, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for each in done:
        each.result()


def summary(job: Job, begun: float, lasted: float, ends: list[tuple[float, float]]) -> dict[str, Any]:
    """Sentences in each of at most :data:`WINDOWS` windows and the seconds of each, and percentiles of the latencies.

    A window ends with an answer, and has room for one to each client: a server that is fair answers those that began
    together together, and a window that ended before would have none of them.

    Args:
        job: what was sent.
        begun: when the measurement began.
        lasted: its seconds.
        ends: of each answer, when it came and how many seconds it took.
    """
    windows = max(1, min(WINDOWS, len(ends) // job.clients))
    bounds = [len(ends) * window // windows for window in range(windows + 1)]
    order = sorted(end for end, _ in ends)
    times = [begun, *(order[bound - 1] for bound in bounds[1:] if bound)]
    latencies = sorted(1000 * latency for _, latency in ends)

    def percentile(share: float) -> float | None:
        return round(latencies[min(len(latencies) - 1, int(share * len(latencies)))], 2) if latencies else None

    return {
        "clients": job.clients,
        "size": job.size,
        "requests": len(ends),
        "sentences": [job.size * (last - first) for first, last in pairwise(bounds)],
        "seconds": [last - first for first, last in pairwise(times)] if ends else [lasted],
        "p50": percentile(0.5),
        "p95": percentile(0.95),
        "p99": percentile(0.99),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Job(**json.load(sys.stdin))))))
