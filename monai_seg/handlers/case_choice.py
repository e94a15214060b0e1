"""Which cases of a validation list are worth watching."""

from __future__ import annotations

from bisect import insort


class CaseChoice:
    """Choose cases by their place in the list alone, so that the choice is the same in each run and after a resume.

    A quarter of ``count`` (rounded down) is for cases without a lesion, the rest for cases with one, each the first
    of the list. Where one kind is short, the other takes its places.

    Args:
        count: number of cases, at least 1.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"count must be 1 or more, got {count}")
        self.count = count
        self._lesion: list[int] = []  # sorted, the first ``count`` of those offered
        self._empty: list[int] = []

    def offer(self, index: int, has_lesion: bool) -> bool:
        """Return whether case ``index`` may be chosen, judged by the cases offered so far."""
        kind = self._lesion if has_lesion else self._empty
        if index not in kind:
            insort(kind, index)
            del kind[self.count :]
        return index in kind

    def chosen(self) -> list[int]:
        """Return the places of the chosen cases, sorted."""
        reserved = min(self.count // 4, len(self._empty))
        lesion = self._lesion[: self.count - reserved]
        return sorted(lesion + self._empty[: self.count - len(lesion)])
