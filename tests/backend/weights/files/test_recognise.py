# SPDX-License-Identifier: GPL-3.0-or-later
"""Models are told from headers with the names and shapes of real ones; the files are sparse."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend.weights.files.recognise import SUFFIXES, recognise
from benchmarks import model_headers as made
from benchmarks.model_headers import Shapes, write_header
from tests.backend import tiny
from tests.backend.weights.seen import changed, seen

EMBEDDED = Path(__file__).parents[4] / "models" / "embedded"


@pytest.mark.parametrize("base", ["sd15", "sdxl"])
@pytest.mark.parametrize("channels", [4, 9])
def test_whole_models_in_the_original_names(tmp_path: Path, base: str, channels: int) -> None:
    wanted: dict[str, Any] = {"kind": "checkpoint", "base": base, "layout": "original"}
    if channels == 9:
        wanted["inpaint"] = True
    assert seen(tmp_path, made.checkpoint(base, channels)) == wanted


def test_our_original_names_are_those_that_diffusers_reads() -> None:
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint

    with torch.device("meta"):
        whole = {name: torch.empty(shape) for name, shape in made.checkpoint("sdxl").items()}
    config = {"layers_per_block": 2, "class_embed_type": None, **made.UNETS["sdxl"]}
    read = {name: tuple(t.shape) for name, t in convert_ldm_unet_checkpoint(dict(whole), config).items()}
    assert read == made.unet("sdxl")
    levels = {"down_block_types": (1,) * 4, "up_block_types": (1,) * 4, "block_out_channels": (1,) * 4}
    assert set(convert_ldm_vae_checkpoint(dict(whole), levels)) == set(made.vae())


def test_second_version_is_told_and_left_alone(tmp_path: Path) -> None:
    found = recognise(write_header(tmp_path / "v2.safetensors", made.checkpoint("sd2")))
    assert (found.kind, found.base, found.usable) == ("checkpoint", "sd2", False)
    assert "Stable Diffusion 2" in found.problem and found.remedy


@pytest.mark.parametrize("base", ["sd15", "sdxl"])
def test_unets_alone(tmp_path: Path, base: str) -> None:
    assert seen(tmp_path, made.unet(base)) == {"kind": "unet", "base": base, "layout": "diffusers"}
    bare = dict(made.original_unet(made.unet(base)))
    wanted = {"kind": "unet", "base": base, "layout": "original"}
    assert seen(tmp_path, bare) == wanted
    assert seen(tmp_path, {f"model.diffusion_model.{name}": s for name, s in bare.items()}) == wanted


@pytest.mark.parametrize(("part", "word"), [("cond_stage", "text encoder"), ("first_stage", "VAE")])
def test_a_part_that_was_left_out_is_named(tmp_path: Path, part: str, word: str) -> None:
    shapes = {name: shape for name, shape in made.checkpoint("sd15").items() if not name.startswith(part)}
    found = seen(tmp_path, shapes)
    assert (found["kind"], found["base"]) == ("checkpoint", "sd15")
    assert word in found["problem"]


def test_what_a_unet_says_of_itself(tmp_path: Path) -> None:
    marked = {**made.checkpoint("sdxl"), "v_pred": (0,), "ztsnr": (0,)}
    assert seen(tmp_path, marked)["prediction"] == "v_prediction"
    notes = {"modelspec.prediction_type": "epsilon", "modelspec.title": "Very Lightning 4 steps"}
    noted = seen(tmp_path, made.checkpoint("sdxl"), **notes)
    assert (noted["prediction"], noted["few_steps"]) == ("epsilon", "Lightning")
    guided = {**made.unet("sd15"), "time_embedding.cond_proj.weight": (320, 256)}
    assert seen(tmp_path, guided)["few_steps"] == "LCM"


@pytest.mark.parametrize(("channels", "word"), [(8, "instruction"), (5, "depth map"), (7, "7 channels")])
def test_unets_that_want_other_input(tmp_path: Path, channels: int, word: str) -> None:
    assert word in seen(tmp_path, made.unet("sd15", channels))["problem"]


def test_relatives_of_xl(tmp_path: Path) -> None:
    short = {n: s for n, s in made.unet("sdxl").items() if not re.search(r"transformer_blocks\.[4-9]\.", n)}
    assert "shortened" in seen(tmp_path, short)["problem"]
    assert "EDM" in seen(tmp_path, {**made.checkpoint("sdxl"), "edm_mean": (4,)})["problem"]
    prefix = "model.diffusion_model."
    refiner = {
        f"{prefix}input_blocks.0.0.weight": (384, 4, 3, 3),
        f"{prefix}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (768, 1280),
        f"{prefix}out.2.weight": (4, 384, 3, 3),
        "conditioner.embedders.0.model.token_embedding.weight": (49408, 1280),
        "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
    }
    found = seen(tmp_path, refiner)
    assert (found["kind"], found["base"]) == ("checkpoint", "sdxl_refiner") and "refiner" in found["problem"]


OTHERS: dict[str, Shapes] = {
    "flux": {"double_blocks.0.img_attn.qkv.weight": (9216, 3072)},
    "sd3": {"joint_blocks.0.x_block.attn.qkv.weight": (4608, 1536)},
    "pixart": {"adaln_single.linear.weight": (6912, 1152), "pos_embed.proj.weight": (1152, 4, 2, 2)},
    "cascade": {"clip_txt_mapper.weight": (2048, 1280)},
    "unknown": {"blocks.0.cross_attn.k.weight": (1536, 1536)},
}


@pytest.mark.parametrize("base", OTHERS)
@pytest.mark.parametrize("prefix", ["", "model.diffusion_model."])
def test_other_families_are_listed_as_not_usable(tmp_path: Path, base: str, prefix: str) -> None:
    found = seen(tmp_path, {prefix + name: shape for name, shape in OTHERS[base].items()})
    assert found["kind"] == "unet" and found.get("base", "unknown") == base
    assert "cannot be painted with" in found["problem"] and found["remedy"]


@pytest.mark.parametrize("base", ["sd15", "sdxl"])
def test_controlnets(tmp_path: Path, base: str) -> None:
    wanted = {"kind": "controlnet", "base": base, "layout": "diffusers", "guides": "picture"}
    assert seen(tmp_path, made.controlnet(base)) == wanted
    original = {n: s for n, s in made.original_unet(made.unet(base)) if not n.startswith("out")}
    original |= {"input_hint_block.0.weight": (16, 3, 3, 3), "zero_convs.0.0.weight": (320, 320, 1, 1)}
    assert seen(tmp_path, original) == {**wanted, "layout": "original"}
    assert seen(tmp_path, {f"control_model.{n}": s for n, s in original.items()}) == {
        **wanted,
        "layout": "original",
    }


def test_relatives_of_controlnets(tmp_path: Path) -> None:
    assert "union" in seen(tmp_path, {**made.controlnet("sdxl"), "task_embedding": (6, 320)})["problem"]
    assert "Control-LoRA" in seen(tmp_path, {"lora_controlnet": (0,)})["problem"]
    assert "LLLite" in seen(tmp_path, {"lllite_unet_input_blocks_4_1.down.0.weight": (64, 640)})["problem"]


@pytest.mark.parametrize(
    ("kind", "channels", "base", "guides"),
    [
        ("full_adapter", 1, "sd15", "lines"),
        ("full_adapter", 3, "sd15", "picture"),
        ("light_adapter", 3, "sd15", "colour"),
        ("full_adapter_xl", 1, "sdxl", "lines"),
        ("full_adapter_xl", 3, "sdxl", "picture"),
    ],
)
def test_adapters(tmp_path: Path, kind: str, channels: int, base: str, guides: str) -> None:
    shapes = made.adapter(kind, channels)
    wanted = {"kind": "t2i_adapter", "base": base, "layout": "diffusers", "guides": guides}
    assert seen(tmp_path, shapes) == wanted
    inner = r"body.\1.body.\2." if kind == "light_adapter" else r"body.\1."
    original = changed(changed(shapes, r"^adapter\.", ""), r"body\.(\d)\.resnets\.(\d)\.", inner)
    assert seen(tmp_path, original) == {**wanted, "layout": "original"}


def test_autoencoders(tmp_path: Path) -> None:
    assert seen(tmp_path, made.vae()) == {"kind": "vae", "base": "unknown", "layout": "diffusers"}
    original = dict(made.original_vae(made.vae()))
    assert seen(tmp_path, original) == {"kind": "vae", "base": "unknown", "layout": "original"}
    assert "Flux" in seen(tmp_path, {**made.vae(), "decoder.conv_in.weight": (512, 16, 3, 3)})["problem"]
    assert seen(tmp_path, made.tiny_vae()) == {"kind": "tiny_vae", "base": "unknown", "layout": "diffusers"}
    half = {"1.weight": (64, 4, 3, 3), "3.conv.0.weight": (64, 64, 3, 3)}
    assert "half" in seen(tmp_path, half)["problem"]


@pytest.mark.parametrize(("width", "base"), [(768, "sd15"), (1024, "sd2"), (1280, "sdxl")])
@pytest.mark.parametrize("prefix", ["", "text_model.", "transformer.text_model."])
def test_text_encoders(tmp_path: Path, prefix: str, width: int, base: str) -> None:
    words = {f"{prefix}embeddings.token_embedding.weight": (49408, width)}
    assert seen(tmp_path, words) == {"kind": "text_encoder", "base": base, "layout": "diffusers"}


def test_other_parts(tmp_path: Path) -> None:
    assert "T5" in seen(tmp_path, {"encoder.block.0.layer.0.SelfAttention.q.weight": (4096, 4096)})["problem"]
    picture = {"vision_model.embeddings.patch_embedding.weight": (1280, 3, 14, 14)}
    assert seen(tmp_path, picture)["kind"] == "image_encoder"
    assert seen(tmp_path, {"model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)})["kind"] == "upscaler"
    assert "IP-Adapter" in seen(tmp_path, {"image_proj.proj.weight": (3072, 1024)})["problem"]
    assert "no model" in seen(tmp_path, {"weight": (3,)})["problem"]
    assert "no model" in seen(tmp_path, {})["problem"]


@pytest.mark.parametrize(
    ("shapes", "base", "tokens", "layout"),
    [
        ({"emb_params": (8, 768)}, "sd15", 8, "original"),
        ({"emb_params": (3, 1024)}, "sd2", 3, "original"),
        ({"clip_l": (5, 768), "clip_g": (5, 1280)}, "sdxl", 5, "original"),
        ({"<cup>": (768,)}, "sd15", 1, "diffusers"),
        ({"<cup>": (4, 128)}, "embedded", 4, "diffusers"),
    ],
)
def test_learnt_words(tmp_path: Path, shapes: Shapes, base: str, tokens: int, layout: str) -> None:
    found = seen(tmp_path, shapes)
    assert (found["kind"], found["base"], found["tokens"], found["layout"]) == (
        "textual_inversion",
        base,
        tokens,
        layout,
    )
    assert ("problem" in found) == (base == "sd2")


def test_names_of_files_decide_nothing(tmp_path: Path) -> None:
    named = tmp_path / "sdxl_lora_controlnet.safetensors"
    assert recognise(write_header(named, made.checkpoint("sd15"))).base == "sd15"


def test_titles(tmp_path: Path) -> None:
    def title(name: str) -> str:
        return recognise(write_header(tmp_path / name, {"clip_l": (1, 768)})).title

    assert title("My word.safetensors") == "My word"
    assert title("lcm/pytorch_lora_weights.safetensors") == "lcm"
    assert title("family/unet/diffusion_pytorch_model.fp16.safetensors") == "family"
    assert title("models--a--b-c/snapshots/0f3/diffusion_pytorch_model.safetensors") == "b-c"


@pytest.mark.parametrize("suffix", sorted(SUFFIXES - {".safetensors"}))
def test_pickles_are_refused_unopened(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"\x80\x02")
    path.chmod(0)
    found = recognise(path)
    assert not found.usable and "safetensors" in found.remedy and found.size_bytes == 2


def test_damage_is_an_entry(tmp_path: Path) -> None:
    path = write_header(tmp_path / "a.safetensors", {"clip_l": (1, 768)})
    path.write_bytes(path.read_bytes()[:-1])
    assert "1 of 1,536 bytes are missing" in recognise(path).problem
    assert "cannot be read" in recognise(tmp_path / "gone.safetensors").problem


@pytest.mark.parametrize("kind", ["embedded", "sd15"])
def test_a_folder_in_diffusers_layout(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "mine"
    tiny.write_family(folder, kind)
    found = recognise(folder)
    assert (found.kind, found.layout, found.title) == ("checkpoint", "diffusers", "mine")
    weights = [
        folder / p / f for p, f in (("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model"))
    ]
    weights.append(folder / "text_encoder/model")
    assert found.size_bytes == sum(w.with_suffix(".safetensors").stat().st_size for w in weights)
    assert found.prediction == tiny.KINDS[kind].prediction
    assert (found.base, found.usable) == ("unknown", False), "no family has such widths"


@pytest.mark.weights
def test_the_embedded_family() -> None:
    found = recognise(EMBEDDED)
    assert (found.base, found.inpaint, found.usable) == ("embedded", True, True)
    guides = {path.name: recognise(next(path.glob("*.safetensors"))) for path in EMBEDDED.glob("adapters/*")}
    assert {name: f.guides for name, f in guides.items()} == {
        "contour": "lines",
        "detail": "lines",
        "colour": "colour",
    }
    assert all(found.base == "embedded" and found.usable for found in guides.values())


def family(folder: Path, *, half: bool = True) -> Path:
    """A folder with the headers of Stable Diffusion 1.5, half of its files in the variant fp16."""
    variant = ".fp16" if half else ""
    for part, shapes in (("unet", made.unet("sd15")), ("vae", made.vae())):
        write_header(folder / part / f"diffusion_pytorch_model{variant}.safetensors", shapes)
    write_header(folder / "text_encoder/model.safetensors", made.text_encoder(made.CLIP_L))
    (folder / "tokenizer").mkdir()
    (folder / "scheduler").mkdir()
    (folder / "scheduler/scheduler_config.json").write_text('{"prediction_type": "epsilon"}')
    index = {"unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}
    index |= {"text_encoder": ["transformers", "CLIPTextModel"], "safety_checker": [None, None]}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def test_a_published_folder(tmp_path: Path) -> None:
    found = recognise(family(tmp_path / "mine"))
    assert (found.base, found.prediction, found.problem) == ("sd15", "epsilon", "")


def test_folders_with_something_wrong(tmp_path: Path) -> None:
    folder = family(tmp_path / "mine")
    unet = folder / "unet/diffusion_pytorch_model.fp16.safetensors"
    (folder / "tokenizer").rmdir()
    assert "tokenizer" in recognise(folder).problem
    (folder / "tokenizer").mkdir()
    unet.rename(unet.with_suffix(".bin"))
    assert "pickled" in recognise(folder).problem
    unet.with_suffix(".bin").unlink()
    assert "missing" in recognise(folder).problem
    write_header(unet, made.vae())
    assert "Its unet is none" in recognise(folder).problem
    unet.write_bytes(b"<html>")
    assert "web page" in recognise(folder).problem
    for text in ("[", "[1]", '{"unet": 3, "vae": [[]], "transformer": {}}'):
        (folder / "model_index.json").write_text(text)
        assert recognise(folder).problem


def test_a_folder_of_another_family(tmp_path: Path) -> None:
    index = {"transformer": ["diffusers", "FluxTransformer2DModel"], "vae": [None, None]}
    shapes = {"single_transformer_blocks.0.attn.to_q.weight": (3072, 3072)}
    write_header(tmp_path / "flux/transformer/diffusion_pytorch_model-00001-of-00003.safetensors", shapes)
    (tmp_path / "flux/model_index.json").write_text(json.dumps(index))
    found = recognise(tmp_path / "flux")
    assert (found.kind, found.base, found.usable) == ("checkpoint", "flux", False)


NAMES = sorted(
    {
        "conv_in.weight",
        "conv_out.weight",
        "time_embedding.linear_1.weight",
        "input_blocks.0.0.weight",
        "out.2.weight",
        "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
        "input_hint_block.0.weight",
        "controlnet_cond_embedding.conv_in.weight",
        "decoder.conv_in.weight",
        "encoder.conv_in.weight",
        "decoder.layers.0.weight",
        "encoder.layers.0.weight",
        "1.weight",
        "3.conv.0.weight",
        "body.0.in_conv.weight",
        "body.0.block1.weight",
        "body.0.body.0.block1.weight",
        "embeddings.token_embedding.weight",
        "emb_params",
        "clip_l",
        "clip_g",
        "lora_unet_x.lora_down.weight",
        "unet.attn2.to_k.lora_A.weight",
        "lora_te_q_proj.lora_down.weight",
        "x.hada_w1_a",
        "body.0.weight",
    }
)
SHAPES = st.lists(st.sampled_from([0, 1, 4, 64, 128, 320, 768, 1280]), max_size=4).map(tuple)


@given(shapes=st.dictionaries(st.sampled_from(NAMES), SHAPES, max_size=6))
def test_any_names_with_any_shapes_are_an_entry(
    tmp_path_factory: pytest.TempPathFactory, shapes: Shapes
) -> None:
    path = write_header(tmp_path_factory.getbasetemp() / "any.safetensors", shapes)
    found = recognise(path)
    assert found.size_bytes == path.stat().st_size and bool(found.problem) == bool(found.remedy)
