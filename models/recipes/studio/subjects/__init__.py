# SPDX-License-Identifier: GPL-3.0-or-later
"""Parametric subjects of our own: one function per category, traits in, figure out."""

from collections.abc import Callable

from models.recipes.studio.shapes import Figure
from models.recipes.studio.subjects.belongings import book, crown, hat, ice_cream, leaf, umbrella
from models.recipes.studio.subjects.faces import face
from models.recipes.studio.subjects.pets import cat, dog
from models.recipes.studio.subjects.plants import flower, mushroom, tree
from models.recipes.studio.subjects.sky import balloon, cloud, moon, star, sun
from models.recipes.studio.subjects.small_animals import penguin, rabbit, snail, turtle
from models.recipes.studio.subjects.things import apple, cup, house, teapot
from models.recipes.studio.subjects.vehicles import airplane, car, sailboat, shoe
from models.recipes.studio.subjects.wildlife import bird, butterfly, fish
from models.recipes.studio.traits import Traits

SUBJECTS: dict[str, Callable[[Traits], Figure]] = {
    "face": face,
    "cup": cup,
    "teapot": teapot,
    "apple": apple,
    "house": house,
    "cat": cat,
    "dog": dog,
    "fish": fish,
    "bird": bird,
    "butterfly": butterfly,
    "car": car,
    "sailboat": sailboat,
    "airplane": airplane,
    "shoe": shoe,
    "flower": flower,
    "tree": tree,
    "mushroom": mushroom,
    "sun": sun,
    "moon": moon,
    "star": star,
    "cloud": cloud,
    "balloon": balloon,
    "hat": hat,
    "umbrella": umbrella,
    "book": book,
    "crown": crown,
    "ice cream": ice_cream,
    "leaf": leaf,
    "rabbit": rabbit,
    "penguin": penguin,
    "snail": snail,
    "turtle": turtle,
}
