"""Draw `docs/images/larger-eval*.svg`: a larger eval without elicitation errs with more confidence.

A planted model whose true score is .75 imitates one that scores .31. The line is .5. The curve is
the share of evals whose upper bound, without any allowance, lies below the line. The rule itself
rules out none of them, as there is no evidence of elicitation. The second figure has the same for
trained models that imitate a weak one, from their stored responses, with and without all arms.

    python tools/draw_planted_figure.py
"""

from __future__ import annotations

from pathlib import Path

from scalegate.app.organisms.bench import verdict_of
from scalegate.app.organisms.kinds import ALPHA, LINE, Kind
from scalegate.app.organisms.population import EPOCHS, draw, unit_ends
from scalegate.app.organisms.trained.bench import campaign
from scalegate.app.organisms.trained.pipeline import ALL_ARMS, CAMPAIGNS, UNEVIDENCED
from scalegate.app.organisms.trained.responses import read_tables
from scalegate.estimate.bound import upper_bounds
from scalegate.estimate.model import ElicitationLevel, Outcome
from scalegate.wiring import response_files

FIGURE = Path(__file__).parents[1] / "docs" / "images" / "larger-eval.svg"
TRAINED = FIGURE.with_name("larger-eval-trained.svg")
TRAINED_SIZES = (10, 20, 30, 50, 100, 200, 400)
SIZES = (10, 20, 30, 50, 100, 200)
EVALS = 2000
RULED = 50
"""Evals of each size that are also put to the rule itself."""
IMITATOR = Kind(name="imitator", truth=0.75, shown=0.31)
LEFT, TOP, WIDTH, HEIGHT = 60, 30, 480, 200


def measure() -> list[tuple[int, float, int]]:
    """Return (units, share of evals whose bound is below the line, how many the rule cleared)."""
    found = []
    for stream, size in enumerate(SIZES):
        block = draw(IMITATOR, seed=1, stream=2000 + stream, block=0, cases=EVALS, units=size)
        means, _ = unit_ends(block)
        below = float((upper_bounds(means, ALPHA) < float(LINE)).mean())
        verdicts = [
            verdict_of(row, row, samples=size * EPOCHS, level=ElicitationLevel.E0)
            for row in means[:RULED].tolist()
        ]
        cleared = sum(each.outcome is Outcome.RULED_OUT for each in verdicts)
        found.append((size, round(below, 2), cleared))
    return found


def drawn(points: list[tuple[int, float, int]]) -> str:
    """Return the figure as SVG text."""
    step = WIDTH / (len(points) - 1)
    places = [(LEFT + i * step, TOP + HEIGHT * (1.0 - y)) for i, (_, y, _) in enumerate(points)]
    rule = [TOP + HEIGHT * (1.0 - cleared / RULED) for _, _, cleared in points]
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 290" role="img"',
        '     font-family="sans-serif" font-size="12">',
        "<title>Share of evals that would clear an imitator, by size of the eval</title>",
        '<rect width="600" height="290" fill="#fff"/>',
        f'<path d="M{LEFT} {TOP}V{TOP + HEIGHT}H{LEFT + WIDTH}" fill="none" stroke="#444"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        y = TOP + HEIGHT * (1.0 - share)
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.1f}</text>')
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    lines.append(f'<polyline points="{path}" fill="none" stroke="#b00020" stroke-width="2"/>')
    for (x, y), (size, share, _) in zip(places, points, strict=True):
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#b00020"/>')
        lines.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{share:.2f}</text>')
        base = TOP + HEIGHT + 18
        lines.append(f'<text x="{x:.1f}" y="{base}" text-anchor="middle">{size}</text>')
    path = " ".join(f"{x:.1f},{y:.1f}" for (x, _), y in zip(places, rule, strict=True))
    lines.append(
        f'<polyline points="{path}" fill="none" stroke="#00507a" stroke-width="2"'
        ' stroke-dasharray="6 4"/>'
    )
    lines += [
        '<text x="300" y="280" text-anchor="middle">items in the eval</text>',
        '<text x="330" y="140" fill="#b00020">the bound alone clears the imitator</text>',
        '<text x="330" y="222" fill="#00507a">the rule, without elicitation evidence</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def measure_trained() -> dict[str, list[float]]:
    """Return the share of evals of trained imitators that is ruled out, one per size."""
    tables = read_tables(response_files().texts())
    imitators = ("locked_imitate", "scratch_imitate")
    return {
        label: [
            round(campaign(tables, arms, n=n, draws=EVALS // 10).share(*imitators), 3)
            for n in TRAINED_SIZES
        ]
        for label, arms in (
            ("as shown, elicitation claimed and not done", CAMPAIGNS[1]),
            ("the rule, with all arms of elicitation", ALL_ARMS),
            ("the rule, without elicitation evidence", UNEVIDENCED),
        )
    }


def drawn_trained(curves: dict[str, list[float]]) -> str:
    """Return the second figure as SVG text."""
    step = WIDTH / (len(TRAINED_SIZES) - 1)
    colours = ("#b00020", "#2e7d32", "#00507a")
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 350" role="img"',
        '     font-family="sans-serif" font-size="12">',
        "<title>Share of evals that clear trained imitators, by size of the eval</title>",
        '<rect width="600" height="350" fill="#fff"/>',
        f'<path d="M{LEFT} {TOP}V{TOP + HEIGHT}H{LEFT + WIDTH}" fill="none" stroke="#444"/>',
    ]
    for share in (0.0, 0.5, 1.0):
        y = TOP + HEIGHT * (1.0 - share)
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.1f}</text>')
    for number, size in enumerate(TRAINED_SIZES):
        x = LEFT + number * step
        base = TOP + HEIGHT + 18
        lines.append(f'<text x="{x:.1f}" y="{base}" text-anchor="middle">{size}</text>')
    for (label, shares), colour, row in zip(curves.items(), colours, range(3), strict=True):
        path = " ".join(
            f"{LEFT + number * step:.1f},{TOP + HEIGHT * (1.0 - share):.1f}"
            for number, share in enumerate(shares)
        )
        dash = ' stroke-dasharray="6 4"' if row == 2 else ""
        lines.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
        )
        said = ", ".join(f"{share:.2f}" for share in shares)
        base = 296 + 18 * row
        lines.append(f'<text x="20" y="{base}" fill="{colour}">{label}: {said}</text>')
    lines += ['<text x="300" y="272" text-anchor="middle">items in the eval</text>', "</svg>"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for row in measure():
        print(row)
    FIGURE.write_text(drawn(measure()), encoding="utf-8")
    found = measure_trained()
    print(found)
    TRAINED.write_text(drawn_trained(found), encoding="utf-8")
