"""The figures of a story that held, beside those of the newspaper of 24 December 2023."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from deploy.demo.memory import IS_SHARED_OUT
from deploy.demo.scene import Scene
from deploy.demo.stories.village_certificate import Outcome
from deploy.demo.teller import Row
from deploy.demo.wording import milliseconds
from shared.standards.text import Text

TITLE = Text("小结", "Summary")
NEWSPAPER = 30 * 60  # seconds, "within half an hour"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    start: float  # until every department is ready
    story: float  # from the sample data to the last check


def rows(scene: Scene, outcome: Outcome, timing: Timing, memory: Mapping[str, float]) -> Iterator[Row]:
    """`memory`: MiB by process, see `memory.resident`."""
    yield Row(
        Text("从申请到持证", "application to certificate"),
        Text(
            f"{outcome.seconds:.2f}秒（报道：半小时，即{NEWSPAPER}秒；这里无人阅读、思考，仅是系统用时）",
            f"{outcome.seconds:.2f} s (newspaper: half an hour, {NEWSPAPER} s; here nobody reads or thinks, "
            "this is the system's share)",
        ),
    )
    kept, typed = len(outcome.kept), len(outcome.typed)
    yield Row(
        Text("表单", "the form"),
        Text(
            f"共{outcome.fields}项：填写{typed}项，预填未动{kept}项",
            f"{outcome.fields} fields: {typed} typed, {kept} pre-filled and kept",
        ),
    )
    yield Row(Text("证照文件", "the document"), _same(str(outcome.paper.file)))
    waits = [exchange.milliseconds for exchange in scene.exchanges]
    tries = sum(exchange.tries for exchange in scene.exchanges)
    yield Row(Text("以上请求", "requests above"), _same(f"{_spread(waits)}, {tries} tries"))
    feeds = [event.feed for event in scene.journeys.published]
    counts = ", ".join(f"{feed} {feeds.count(feed)}" for feed in dict.fromkeys(feeds))
    yield Row(Text("跟踪的公开事件", "public events followed"), _same(f"{len(feeds)}: {counts}"))
    hops = scene.journeys.hops
    for road in dict.fromkeys(hop.road for hop in hops):
        took = [hop.milliseconds for hop in hops if hop.road == road]
        yield Row(Text("多久得知", "knew after"), _same(f"{road}: {_spread(took)}"))
    parts = ", ".join(f"{name} {size:.0f}" for name, size in memory.items())
    yield Row(
        Text("内存（PSS，共享页分摊计算）", "memory (PSS, shared pages divided among processes)")
        if IS_SHARED_OUT
        else Text("内存（RSS，共享页重复计算）", "memory (RSS, shared pages counted in each process)"),
        _same(f"{sum(memory.values()):.0f} MiB: {parts}"),
    )
    yield Row(
        Text("用时", "took"),
        Text(
            f"启动{timing.start:.1f}秒，故事{timing.story:.1f}秒",
            f"start {timing.start:.1f} s, story {timing.story:.1f} s",
        ),
    )


def _same(text: str) -> Text:
    """Figures read the same in both languages."""
    return Text(text, text)


def _spread(took: Sequence[float]) -> str:
    return f"n={len(took)}, p50 {milliseconds(median(took))}, max {milliseconds(max(took))}"
