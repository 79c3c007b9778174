"""The README's figures are those of the last whole `make bench`."""

from xml.etree import ElementTree as ET

from tests.benchmarks._figures import Figure, Spread
from tests.benchmarks._plots import bars
from tests.benchmarks._results import BEGIN, END, README, RESULTS, in_readme


def test_the_readme_states_the_figures_of_the_results() -> None:
    """Each line of the README's section stands in RESULTS.md; without results it states none."""
    results = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    text = README.read_text(encoding="utf-8")
    assert BEGIN in text
    assert END in text
    stated = [line for line in in_readme() if line.startswith("* ")]
    assert (
        stated == [line for line in results[: results.index("## Acks")] if line.startswith("* ")]
        if results
        else not stated
    )


def test_a_plot_has_a_bar_for_each_contender() -> None:
    """The longest bar is that of the largest median, and a name is text, whatever is in it."""
    figure = Figure("ack", "3 ×", reached=True, unit="s", cells={"a & b": Spread([2.0]), "c": Spread([1.0])})
    plot = ET.fromstring(bars("Acks", [figure]))  # noqa: S314 - our own
    widths = [float(each.attrib["width"]) for each in plot.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[0] == 2 * widths[1]
