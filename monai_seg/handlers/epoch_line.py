"""An epoch in one line, and times as people say them."""

from __future__ import annotations

from collections.abc import Mapping


def epoch_line(
    epoch: int,
    max_epochs: int | None,
    loss: float | None = None,
    scores: Mapping[str, float] | None = None,
    learning_rate: float | None = None,
    images_per_second: float | None = None,
    best: tuple[float, int] | None = None,
) -> str:
    """Return what is known of an epoch, e.g. ``epoch 3/20  loss 0.412  val_dice 0.710  lr 1e-3  41 img/s  best 0.730
    (epoch 2)``; what is None is left out.

    Args:
        epoch: number of the epoch, from 1.
        max_epochs: number of the last epoch.
        loss: training loss.
        scores: validation metrics by name.
        learning_rate: rate of the last batch.
        images_per_second: training speed.
        best: best key metric so far, and its epoch.
    """
    parts = [f"epoch {epoch}" if max_epochs is None else f"epoch {epoch}/{max_epochs}"]
    if loss is not None:
        parts.append(f"loss {loss:.3f}")
    parts += [f"{name} {score:.3f}" for name, score in (scores or {}).items()]
    if learning_rate is not None:
        parts.append(f"lr {short_power(learning_rate)}")
    if images_per_second is not None:
        parts.append(f"{short_speed(images_per_second)} img/s")
    if best is not None:
        parts.append(f"best {best[0]:.3f} (epoch {best[1]})")
    return "  ".join(parts)


def short_power(value: float) -> str:
    """Return ``value`` with up to three digits and a power of ten: 1e-3, 3.33e-4, 0."""
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{float(mantissa):g}e{int(exponent)}" if value and exponent else f"{value:g}"


def short_speed(value: float) -> str:
    """Return ``value`` with a decimal only where it says something: 41, 0.8."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def in_words(seconds: float) -> str:
    """Return a duration rounded to what matters: 45 s, 12 min, 3 h 05 min."""
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
