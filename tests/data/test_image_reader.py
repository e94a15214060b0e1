from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.data import PILReader
from monai.transforms import Compose, Flipd, Invertd, LoadImage, LoadImaged, Resized, SaveImaged
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from monai_seg.data.image_reader import PictureReader
from monai_seg.errors import InputError, find_input_error

Store = Callable[..., bytes]


def load(path: Path, **options: Any) -> Any:
    return LoadImage(reader=PictureReader(**options), dtype=None, ensure_channel_first=True)(path)


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "BMP"])
@pytest.mark.parametrize("stored_mode", ["L", "RGB"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_clean_file_reads_as_by_monai_rows_first(
    tmp_path: Path, stored: Store, noise: NDArray, picture_format: str, stored_mode: str, mode: str
) -> None:
    path = tmp_path / "x.any"
    path.write_bytes(stored(Image.fromarray(noise).convert(stored_mode), picture_format))
    oracle = PILReader(reverse_indexing=False, converter=lambda image: image.convert(mode))
    expected, expected_meta = oracle.get_data(oracle.read(path))
    reader = PictureReader(mode)
    array, meta = reader.get_data(reader.read(path))
    assert array.dtype == expected.dtype
    assert np.array_equal(array, expected)
    assert meta.keys() >= expected_meta.keys() - {"mode", "format"}
    assert str(meta["original_channel_dim"]) == str(expected_meta["original_channel_dim"])
    assert tuple(meta["spatial_shape"]) == (20, 30)


@pytest.mark.parametrize("stored_mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_mixed_files_come_out_alike(tmp_path: Path, stored: Store, stored_mode: str) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(stored(Image.new(stored_mode, (30, 20))))
    image = load(path, mode="RGB", depth=16)
    assert image.shape == (3, 20, 30)
    assert image.dtype == torch.int32  # MONAI's type for uint16
    assert torch.equal(image.affine, torch.eye(4, dtype=torch.float64))


def test_depth_is_declared(tmp_path: Path, deep_png: Callable[[NDArray], bytes]) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(deep_png(np.array([[1, 65535]], np.uint16)))
    with pytest.raises(InputError, match=r"x\.png: has 16 bits per sample, 8 are declared; declare depth 16"):
        load(path, mode="L")
    assert load(path, mode="L", depth=16).tolist() == [[[1, 65535]]]


def test_8_bits_are_scaled_exactly_to_16(tmp_path: Path, stored: Store) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(stored(np.arange(256, dtype=np.uint8)[None]))
    reader = PictureReader("L", depth=16)
    array, _ = reader.get_data(reader.read(path))
    assert array.dtype == np.uint16
    assert np.array_equal(array[0], np.arange(256) * 257)


def test_monai_does_not_read_what_was_refused(tmp_path: Path, noise: NDArray, stored: Store) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(stored(noise))
    with pytest.raises(InputError, match="the limit is 10"):  # PILReader, MONAI's next choice, would take it
        load(path, mode="RGB", max_pixels=10)
    pipeline = Compose([LoadImaged("image", reader=PictureReader("RGB", max_pixels=10))])
    with pytest.raises(RuntimeError) as caught:
        pipeline({"image": path})
    assert isinstance(find_input_error(caught.value), InputError)


def test_the_content_decides_not_the_suffix(tmp_path: Path, stored: Store, noise: NDArray) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(stored(noise, "PNG"))
    assert np.array_equal(load(path, mode="RGB").numpy(), np.moveaxis(noise, -1, 0))


def test_saving_and_inverting_work(tmp_path: Path, stored: Store, noise: NDArray) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(stored(noise))
    forward = Compose([
        LoadImaged("image", reader=PictureReader("RGB"), ensure_channel_first=True),
        Flipd("image", spatial_axis=1),
        Resized("image", (40, 60), mode="nearest"),
    ])
    sample = forward({"image": path})
    sample["pred"] = sample["image"].clone()
    sample = Invertd("pred", forward, orig_keys="image", nearest_interp=True)(sample)
    assert np.array_equal(sample["pred"].numpy(), np.moveaxis(noise, -1, 0))
    save = SaveImaged("pred", output_dir=tmp_path / "out", output_ext=".png", output_dtype=np.uint8, resample=False,
                      separate_folder=False, output_postfix="pred", print_log=False)
    save.set_options(write_kwargs={"reverse_indexing": False})
    save(sample)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / "x_pred.png")), noise)


def test_private_text_is_never_logged(
    tmp_path: Path, stored: Store, noise: NDArray, caplog: pytest.LogCaptureFixture
) -> None:
    text = PngInfo()
    text.add_text("Patient", "Jane Doe")
    (tmp_path / "x.png").write_bytes(stored(noise, pnginfo=text, icc_profile=b"Jane Doe"))
    (tmp_path / "x.tif").write_bytes(stored(noise, "TIFF", description="Jane Doe"))
    with caplog.at_level(logging.DEBUG):
        for path in tmp_path.iterdir():
            load(path, mode="RGB")
    assert "Doe" not in caplog.text


@pytest.mark.parametrize(("options", "message"), [
    ({"mode": "RGBA"}, "mode is 'RGBA'; choose one of 'L', 'RGB'"),
    ({"mode": "L", "alpha": "ignore"}, "alpha is 'ignore'; choose one of 'drop', 'black', 'white'"),
    ({"mode": "L", "depth": 12}, "depth is 12; choose one of 8, 16"),
])
def test_choices_are_listed(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PictureReader(**options)


def test_several_files_are_no_image(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one of 2 files, expected one per image"):
        LoadImage(reader=PictureReader("L"))([tmp_path / "a.png", tmp_path / "b.png"])
