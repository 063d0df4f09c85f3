# SPDX-License-Identifier: GPL-3.0-or-later
"""What a painting needs before it starts: words read, defaults filled in, LoRAs and the student loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from backend.acts.denoising.denoise import Job
from backend.acts.denoising.loras import Tag, loras_of, read_tags, unet_parts, words_under
from backend.acts.denoising.textual_inversions import inversions_of
from backend.acts.report import Report
from backend.adapters.attached import attached
from backend.adapters.inversion import Inversions
from backend.adapters.lora import Lora, LoraPart, read_lora
from backend.weights.files.few_steps import FewSteps, few_steps_of
from backend.weights.runtime.base_model import BaseModel, PromptEmbedding
from models.networks.sketch_fusion import Strengths
from shared.acts import PaintRequest


class Room(NamedTuple):
    """How much to compute at a time, and what the artist is told about it."""

    tile_px: int
    note: str


def job_of(model: BaseModel, request: PaintRequest, report: Report, room: Room) -> Job:
    """Read the words, and fill in the family's defaults.

    Raises:
        BadRequest: the prompt names a LoRA that is not there or does not fit.
    """
    prompt, tags = read_tags(request.prompt)
    loras = loras_of(model, tags)
    student = student_of(model) if request.quick else None
    few = None if student else few_steps(model, tags)
    guidance = 1.0 if student else request.guidance or (few or model).guidance
    words, negative = words_of(model, request, prompt, guidance, loras)
    if words.left_out:
        report.progress(0, 1, f"The description is too long; left out: {words.left_out}")
    return Job(
        model=model,
        report=report,
        edge=room.tile_px,
        seed=request.seed,
        steps=model.quick_steps if student else request.steps or (few or model).steps,
        guidance=guidance,
        words=words,
        negative=negative,
        strengths=Strengths(request.strengths.contour, request.strengths.detail, request.strengths.colour),
        loras=[*unet_parts(loras), *([student] if student else [])],
        jumps=student is not None or (few is not None and few.sampler == "jump"),
        sampler=few.sampler if few else "usual",
    )


def detailing(job: Job) -> Job:
    """The same painting for a pass over what is painted: the family's student does it, if it has one."""
    student = None if job.jumps else student_of(job.model)
    if student is None:
        return job
    made = replace(job, guidance=1.0, negative=None, loras=[*job.loras, student], jumps=True)
    made.done = job.done
    return made


def few_steps(model: BaseModel, tags: Sequence[Tag]) -> FewSteps | None:
    """How a few-step LoRA of the prompt, or a few-step model, is stepped; None for the usual way."""
    names = [*(tag.name for tag in tags if tag.strength > 0), model.title]
    return next((few for name in names if (few := few_steps_of(name))), None)


def words_of(
    model: BaseModel, request: PaintRequest, prompt: str, guidance: float, loras: Sequence[Lora]
) -> tuple[PromptEmbedding, PromptEmbedding | None]:
    """The prompt, and the negative one where guidance would make a difference."""
    differ = prompt.strip() != request.negative_prompt.strip()
    drawn = any((request.contour, request.detail, request.colours))
    guided = guidance > 1 and (differ or (model.strokes_guided and drawn))
    learnt = Inversions(inversions_of(model, [prompt, request.negative_prompt]))
    with words_under(model, loras), attached(model.text, [learnt]):
        words = model.encode_prompt(prompt)
        negative = model.encode_prompt(request.negative_prompt, negative=True) if guided else None
    return words, negative


def student_of(model: BaseModel) -> LoraPart | None:
    """The family's few-step student; None where it has none and paints as usual."""
    if model.student is None:
        return None
    return read_lora(model.student, {"unet": model.unet}).parts["unet"]
