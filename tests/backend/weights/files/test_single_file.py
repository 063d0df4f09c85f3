# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.loaders import single_file_utils as theirs
from safetensors.torch import load_file, save_file

from backend.weights.files.original_layout import CONTROL, UNET, VAE, clip_sources, unet_sources, vae_sources
from backend.weights.files.releases import Release
from backend.weights.files.single_file import config_of, empty
from backend.weights.runtime.base_model import Context
from backend.weights.runtime.checkpoints import RELEASES, Companions, load_checkpoint
from shared.errors import BadRequest, MissingWeights
from tests.backend.pipelines import (
    CPU,
    load,
    small_release,
    write_control,
    write_control_file,
    write_folder,
    write_single,
)

Files = tuple[Release, Path, Path]


@pytest.fixture(
    scope="module", params=[("sd15", False), ("sd15", True), ("sdxl", False), ("sdxl", True)], ids=str
)
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Files:
    base, inpaint = request.param
    root = tmp_path_factory.mktemp(base)
    release = small_release(root / "configs", base)
    folder = write_folder(root / "folder", release, inpaint=inpaint)
    return release, folder, write_single(root / "single.safetensors", folder, release)


def answers(model: Any) -> list[torch.Tensor]:
    """A prompt, latents, a picture and a denoised step."""
    words, empty_words = model.encode_prompt("a red cup"), model.encode_prompt("", negative=True)
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    latents = model.encode(picture)
    context = Context(words, empty_words, torch.ones(1, 1, 8, 8), latents)
    parts = [words.embedding, latents, model.decode(latents), model.denoise(latents, 500, context, 3.0)]
    return parts + ([words.pooled] if words.pooled is not None else [])


def test_one_file_answers_as_the_folder_does(files: Files) -> None:
    release, folder, single = files
    ours, wanted = answers(load(single, release)), answers(load(folder, release))
    assert len(wanted) == len(release.texts) + 3
    for a, b in zip(ours, wanted, strict=True):
        assert torch.equal(a, b)
        assert float(b.std()) > 0


def test_the_file_is_laid_out_as_diffusers_reads_it(files: Files) -> None:
    release, folder, single = files
    stored = load_file(single)
    unet = theirs.convert_ldm_unet_checkpoint(dict(stored), config_of(release, "unet"))
    assert same(unet, load_file(folder / "unet/diffusion_pytorch_model.safetensors"))
    vae = theirs.convert_ldm_vae_checkpoint(dict(stored), config_of(release, "vae"))
    assert same(vae, load_file(folder / "vae/diffusion_pytorch_model.safetensors"))
    words = theirs.convert_ldm_clip_checkpoint(dict(stored))
    assert same(bare(words), bare(load_file(folder / "text_encoder/model.safetensors")))
    if len(release.texts) > 1:
        second = empty("CLIPTextModelWithProjection", config_of(release, "text_encoder_2"))
        words = theirs.convert_open_clip_checkpoint(second, dict(stored), prefix=release.texts[1].prefix)
        assert same(bare(words), bare(load_file(folder / "text_encoder_2/model.safetensors")))


def bare(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix("text_model."): tensor for name, tensor in state.items()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize(
    ("base", "millions", "tensors"), [("sd15", 859.5, 686), ("sdxl", 2567.5, 1680)], ids=["sd15", "sdxl"]
)
def test_the_shipped_configs_are_of_full_size(base: str, millions: float, tensors: int) -> None:
    release = RELEASES[base]
    config = config_of(release, "unet")
    unet = empty("UNet2DConditionModel", config)
    assert sum(weight.numel() for weight in unet.parameters()) / 1e6 == pytest.approx(millions, abs=0.1)
    state = unet.state_dict()
    stored = {UNET + source.name: state[n] for n, source in unet_sources(state, 2).items()}
    assert len(stored) == tensors
    assert {n: t.shape for n, t in theirs.convert_ldm_unet_checkpoint(stored, config).items()} == {
        n: t.shape for n, t in state.items()
    }


@pytest.mark.parametrize(
    ("base", "name", "shape"),
    [
        ("sd15", "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", (320, 768)),
        ("sd15", "output_blocks.5.2.conv.weight", (1280, 1280, 3, 3)),
        ("sd15", "middle_block.1.proj_in.weight", (1280, 1280, 1, 1)),
        ("sdxl", "input_blocks.8.1.transformer_blocks.9.attn2.to_k.weight", (1280, 2048)),
        ("sdxl", "label_emb.0.0.weight", (1280, 2816)),
    ],
)
def test_names_and_shapes_of_the_releases(base: str, name: str, shape: tuple[int, ...]) -> None:
    state = empty("UNet2DConditionModel", config_of(RELEASES[base], "unet")).state_dict()
    shapes = {source.name: tuple(state[n].shape) for n, source in unet_sources(state, 2).items()}
    assert shapes[name] == shape


def test_other_parts_of_full_size() -> None:
    for base in RELEASES:
        vae = empty("AutoencoderKL", config_of(RELEASES[base], "vae"))
        assert sum(weight.numel() for weight in vae.parameters()) == 83_653_863
        assert len(set(vae_sources(vae.state_dict(), 4).values())) == 248
    big = empty("CLIPTextModelWithProjection", config_of(RELEASES["sdxl"], "text_encoder_2"))
    assert sum(weight.numel() for weight in big.parameters()) == 694_659_840
    names = {source.name for source in clip_sources(big.state_dict(), open_clip=True).values()}
    assert "transformer.resblocks.31.attn.in_proj_weight" in names
    small = empty("CLIPTextModel", config_of(RELEASES["sd15"], "text_encoder"))
    assert sum(weight.numel() for weight in small.parameters()) == 123_060_480


def test_an_autoencoder_of_its_own(files: Files, tmp_path: Path) -> None:
    release, folder, single = files
    other = write_folder(tmp_path / "other", release, seed=9)
    vae = {
        name.removeprefix(VAE): tensor
        for name, tensor in load_file(write_single(tmp_path / "o.safetensors", other, release)).items()
        if name.startswith(VAE)
    }
    save_file(vae, tmp_path / "vae.safetensors")
    picture = torch.zeros(1, 3, 64, 64)
    wanted = load(other, release).encode(picture)
    for place in (tmp_path / "vae.safetensors", other / "vae"):
        for checkpoint in (single, folder):
            assert torch.equal(load(checkpoint, release, Companions(vae=place)).encode(picture), wanted)


def test_a_controlnet_in_one_file(files: Files, tmp_path: Path) -> None:
    release, folder, _ = files
    write_control(tmp_path / "control", load(folder, release).unet)
    single = write_control_file(tmp_path / "control.safetensors", tmp_path / "control")
    assert f"{CONTROL}zero_convs.0.0.weight" in load_file(single)
    if release.base == "sdxl":
        return
    converted = theirs.convert_controlnet_checkpoint(load_file(single), {"layers_per_block": 1})
    assert same(converted, load_file(tmp_path / "control/diffusion_pytorch_model.safetensors"))


def test_what_is_missing_or_cut_short_is_told(files: Files, tmp_path: Path) -> None:
    release, _, single = files
    state = load_file(single)
    lost = f"{UNET}out.2.weight"
    save_file({name: tensor for name, tensor in state.items() if name != lost}, tmp_path / "lost.safetensors")
    with pytest.raises(MissingWeights, match=r"lost cannot be loaded.*out\.2\.weight is missing.*Download"):
        load(tmp_path / "lost.safetensors", release)
    (tmp_path / "cut.safetensors").write_bytes(single.read_bytes()[:-100])
    with pytest.raises(MissingWeights, match="cut cannot be loaded"):
        load(tmp_path / "cut.safetensors", release)
    with pytest.raises(MissingWeights, match="bytes are missing at its end"):
        load_checkpoint(tmp_path / "cut.safetensors", CPU)


WRONG = {
    "sd2": {f"{UNET}input_blocks.0.0.weight": (320, 4, 1, 1), f"{UNET}out.2.weight": (4, 320, 1, 1)}
    | {f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (2, 1024)},
    "flux": {"double_blocks.0.img_attn.qkv.weight": (4, 4)},
    "sd3": {f"{UNET}joint_blocks.0.x_block.attn.qkv.weight": (4, 4)},
    "refiner": {f"{UNET}input_blocks.0.0.weight": (384, 4, 1, 1), f"{UNET}out.2.weight": (4, 384, 1, 1)}
    | {f"{UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (2, 1280)},
}


@pytest.mark.parametrize("kind", WRONG)
def test_other_families_are_refused_with_a_remedy(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"{kind}.safetensors"
    save_file({name: torch.zeros(shape) for name, shape in WRONG[kind].items()}, file)
    with pytest.raises(BadRequest, match=f"{kind} cannot be used") as refusal:
        load_checkpoint(file, CPU)
    assert "Stable Diffusion 1.5 or XL" in refusal.value.remedy


def test_pickles_and_absent_files_are_refused(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "old.ckpt")
    with pytest.raises(MissingWeights, match="pickled"):
        load_checkpoint(tmp_path / "old.ckpt", CPU)
    with pytest.raises(MissingWeights, match="not there any more"):
        load_checkpoint(tmp_path / "none.safetensors", CPU)
    with pytest.raises(MissingWeights, match="not on this disk"):
        load_checkpoint("nobody/nothing", CPU)
