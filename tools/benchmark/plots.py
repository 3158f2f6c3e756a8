"""Results as pictures for documents."""

import matplotlib

matplotlib.use("svg")

from matplotlib import pyplot  # noqa: E402

from report import median_of, middle, rates  # noqa: E402

# Text stays text, and two runs with the same figures give the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "usher", "font.size": 9,
                            "axes.grid": True, "grid.alpha": 0.3, "axes.spines.top": False,
                            "axes.spines.right": False})


def throughput(results, path):
    """Calls a second over how many are in flight, with least and most, and pgbench as a line."""
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for rpc, color in (("GetInvitation", "tab:blue"), ("CreateInvitation", "tab:orange")):
        points = sorted((int(name.rsplit(", ", 1)[1]), rates(result))
                        for name, result in results.items()
                        if name.startswith(f"{rpc}, ") and name.rsplit(", ", 1)[1].isdigit()
                        and name.count(", ") == 1)
        if not points:
            continue
        levels = [level for level, _ in points]
        axes.plot(levels, [middle(each) for _, each in points], "o-", color=color, label=rpc)
        axes.fill_between(levels, [min(each) for _, each in points],
                          [max(each) for _, each in points], color=color, alpha=0.2)
        ceiling = results.get(f"pgbench of {rpc}")
        if ceiling:
            axes.axhline(middle(rates(ceiling)), color=color, linestyle=":",
                         label=f"pgbench, the same statement")
    axes.set(xscale="log", xlabel="calls in flight", ylabel="calls a second")
    axes.set_xticks(levels, [str(level) for level in levels])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.legend()
    _save(figure, path)


def latency(results, path):
    """Percentiles over the rate at which calls arrive, from the moment each was due."""
    figure, axes = pyplot.subplots(figsize=(7, 4))
    colors = iter(("tab:green", "tab:blue", "tab:orange", "tab:red"))
    for rpc in ("CheckAccess", "GetInvitation", "CreateInvitation", "AcceptInvitation"):
        timed = sorted((middle(rates(result)), result) for name, result in results.items()
                       if name.startswith(f"{rpc}, ") and name.endswith("of its rate"))
        color = next(colors)
        if not timed:
            continue
        for quantile, line in (("p50", ":"), ("p99", "-")):
            axes.plot([rate for rate, _ in timed],
                      [median_of(result, "ms", quantile) for _, result in timed], line,
                      marker="o", color=color, label=f"{rpc} {quantile}")
    axes.set(xlabel="calls a second, arriving at random", ylabel="milliseconds", yscale="log")
    axes.legend()
    _save(figure, path)


def _save(figure, path):
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})
    pyplot.close(figure)
