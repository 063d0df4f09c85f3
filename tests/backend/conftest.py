# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny families, written and loaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from backend.weights.files.catalogue import Family
    from backend.weights.runtime.base_model import BaseModel


@pytest.fixture(scope="session")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Family]:
    from tests.backend import tiny

    return {kind: tiny.write_family(tmp_path_factory.mktemp(kind), kind) for kind in tiny.KINDS}


@pytest.fixture(scope="session")
def models(families: dict[str, Family]) -> dict[str, BaseModel]:
    from tests.backend import tiny

    return {kind: tiny.load(family) for kind, family in families.items()}


@pytest.fixture
def model(models: dict[str, BaseModel]) -> BaseModel:
    """An inpainting family with 16 latent channels, as the embedded one."""
    return models["embedded"]
