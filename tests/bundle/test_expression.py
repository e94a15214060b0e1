from __future__ import annotations

import ast
import random

import pytest
from monai.bundle.reference_resolver import ReferenceResolver

from monai_seg.bundle.confined import path_problem
from monai_seg.bundle.expression import expression_problems


@pytest.mark.parametrize("expression", [
    "@train::trainer.run()", "@network.parameters()", "@cases.cases(@split)", "@cases.training", "torch.uint8",
    "min(@image_size)", "[int(0.4 * @max_epochs), int(0.6 * @max_epochs)]", "dict(L=1, RGB=3)[@image_mode]",
    "str(@output_dir) + '/tensorboard'", "str(@overlays).lower() == 'false'", "max(2, @out_channels)", "2 ** @bits - 1",
    "monai.handlers.from_engine(['pred', 'label'])", "torch.device('cpu')", "not @resume", "-1", "@a and @b or None",
    "@min_area_share * @image_size[0] * @image_size[1]",
])
def test_our_dialect_passes(expression: str):
    assert list(expression_problems(expression)) == []


@pytest.mark.parametrize(("expression", "problem"), [
    ("'@f{1}'", "reference inside of quotes"),
    ("@a @ @b", "holds a lone @"),
    ("@", "is no expression"),
    ("-@a@b + 1", "is no expression"),
    ("f@a", "is no expression"),
    ("@a.run", "uses .run, which is not listed"),
    ("@a.state.metrics", "uses .metrics, which is not listed"),
    ("torch.nn.functional.relu(@a)", "calls torch.nn.functional.relu, which is not listed"),
    ("monai.utils.optional_import('os')", "which is not listed"),
    ("torch.uint8.run()", "calls torch.uint8.run, which is not listed"),
    ("str(1).lower()", "calls .lower, which is not listed"),
    ("dict(**@a)", "keyword None"),
    ("max(*@a)", "holds a star"),
    ("@a % 2", "holds a %"),
    ("'%s' % @a", "computes with the text '%s'"),
    ("1 << 99", "holds a shift"),
    ("2 ** 99", "holds a power"),
    ("@a ** 2", "holds a power"),
    ("2 ** 2 ** @a", "holds a power"),
    ("'a' * 9", "computes with the text 'a'"),
    ("'/etc' + '/passwd'", "computes with the text '/etc'"),
    ("str(@a) + '/../x'", "computes with the text"),
    ("str(@a) + '.x'", "computes with the text"),
    ("b'x'", "holds a bytes"),
    ("...", "holds a ellipsis"),
    ("1j", "holds a complex"),
    ("1e999", "holds a number beyond"),
    ("reference_0_", "kept for checking"),
    ("x\ny", "holds others than plain ones"),
    ("a" * 501, "is longer than 500"),
    ("{1, 2}", "holds a Set"),
])
def test_what_is_not_listed_is_refused(expression: str, problem: str):
    assert problem in " ".join(expression_problems(expression))


@pytest.mark.parametrize(("text", "problem"), [
    ("data/siim", ""), ("a..b", ""), ("runs/x.y", ""), ("8 % of all", ""), ("time: 3", ""),
    ("/data", "absolute"), ("\\data", "absolute"), ("c:\\x", "absolute"), ("~x", "absolute"), ("a/../b", "climbs"),
    ("..", "climbs"), ("a\\..\\b", "climbs"), ("https://x.org", "address"), ("see file:x", "address"),
    ("$HOME/x", "environment"), ("a/${X}", "environment"), ("%APPDATA%", "environment"),
])
def test_texts_that_lead_out_are_told(text: str, problem: str):
    assert problem in path_problem(text) and bool(problem) == bool(path_problem(text))


TOKENS = ("@a", "@b::c", "(", ")", "[", "]", "+", "*", "**", "/", ",", ".", "::", "'x'", "'", '"', "'/y'", "str(",
          "max(", "dict(", "torch.uint8", ".run()", ".lower()", "if ", "not ", "and ", "f'", "{", "}", "1", "2", "9e9",
          "\\", "-")


class _Unnamed(ast.NodeTransformer):
    """Put one name into the place of what MONAI makes of a reference."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "__local_refs":
            return ast.Name("reference", ast.Load())
        return self.generic_visit(node)


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")  # 1if, odd escapes in texts
@pytest.mark.parametrize("seed", range(4))
def test_what_passes_is_read_by_python_as_it_was_read_by_the_check(seed: int):
    """MONAI puts references in as text; for whatever passes, this makes neither more nor other code."""
    draw, passed = random.Random(seed), 0
    for _ in range(20_000):
        expression = "".join(draw.choices(TOKENS, k=draw.randint(1, 7)))
        if list(expression_problems(expression)):
            continue
        passed += 1
        ids = ReferenceResolver.match_refs_pattern(f"${expression}")
        text = ReferenceResolver.update_refs_pattern(f"${expression}", dict.fromkeys(ids, 0))
        ours = ast.parse(ReferenceResolver.id_matcher.sub(" reference ", expression).strip(), mode="eval")
        assert ast.dump(_Unnamed().visit(ast.parse(text[1:].strip(), mode="eval"))) == ast.dump(ours), expression
    assert passed > 50
