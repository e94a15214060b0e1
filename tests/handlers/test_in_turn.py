from __future__ import annotations

from ignite.engine import Engine, Events

from monai_seg.handlers import InTurn


class Noting:
    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes = name, notes

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self.notes.append, self.name)


def test_handlers_act_in_their_order() -> None:
    engine, notes = Engine(lambda *_: None), []
    InTurn([Noting("first", notes), Noting("second", notes)]).attach(engine)
    engine.run([0])
    assert notes == ["first", "second"]
