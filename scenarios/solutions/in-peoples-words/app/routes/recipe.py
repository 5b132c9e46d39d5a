"""CRUD routes for recipes."""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Response, status
from pydantic import BaseModel, Field

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/recipes", tags=["recipes"])


class RecipeIngredient(BaseModel):
    """One of the ingredients of a Recipe."""

    name: str
    amount: float


class RecipeBase(BaseModel):
    """Fields of a Recipe."""

    title: str
    ingredients: list[RecipeIngredient] = Field(default_factory=list)


class RecipeCreate(RecipeBase):
    """Body of POST and PUT."""


class RecipeRead(RecipeBase):
    """What the API returns."""

    id: int


def row_to_dict(
    connection: sqlite3.Connection, row: sqlite3.Row
) -> dict[str, Any]:
    """Turn a database row into what the API returns."""
    item = dict(row)
    rows = connection.execute(
        "SELECT name, amount FROM recipes_ingredients WHERE "
        "recipe_id = ? ORDER BY id",
        (item["id"],),
    ).fetchall()
    item["ingredients"] = [dict(row) for row in rows]
    return item


def load_recipe(
    connection: sqlite3.Connection, recipe_id: int
) -> dict[str, Any]:
    """Read one Recipe or answer 404."""
    row = connection.execute(
        ("SELECT id, title FROM recipes WHERE id = ?"),
        (recipe_id,),
    ).fetchone()
    if row is None:
        logger.warning("Recipe %s not found", recipe_id)
        raise HTTPException(status_code=404, detail="Recipe not found")
    return row_to_dict(connection, row)


def save_details(
    connection: sqlite3.Connection,
    recipe_id: int,
    payload: RecipeCreate,
) -> None:
    """Replace the rows that belong to the entity."""
    connection.execute(
        "DELETE FROM recipes_ingredients WHERE recipe_id = ?",
        (recipe_id,),
    )
    for row in payload.ingredients:
        values = row.model_dump(mode="json")
        values["recipe_id"] = recipe_id
        connection.execute(
            "INSERT INTO recipes_ingredients (recipe_id, name, amount) "
            "VALUES (:recipe_id, :name, :amount)",
            values,
        )


@router.post(
    "", response_model=RecipeRead, status_code=status.HTTP_201_CREATED
)
def create_recipe(
    payload: RecipeCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Store a new Recipe."""
    cursor = connection.execute(
        ("INSERT INTO recipes (title) VALUES (:title)"),
        payload.model_dump(mode="json"),
    )
    recipe_id = int(cursor.lastrowid or 0)
    save_details(connection, recipe_id, payload)
    connection.commit()
    logger.info("Created Recipe %s", recipe_id)
    return load_recipe(connection, recipe_id)


@router.get("", response_model=list[RecipeRead])
def list_recipes(
    connection: sqlite3.Connection = Depends(get_connection),
) -> list[dict[str, Any]]:
    """Return every Recipe."""
    rows = connection.execute(
        ("SELECT id, title FROM recipes ORDER BY id")
    ).fetchall()
    return [row_to_dict(connection, row) for row in rows]


@router.get("/{recipe_id}", response_model=RecipeRead)
def get_recipe(
    recipe_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Return one Recipe."""
    return load_recipe(connection, recipe_id)


@router.put("/{recipe_id}", response_model=RecipeRead)
def update_recipe(
    recipe_id: int,
    payload: RecipeCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Replace one Recipe."""
    load_recipe(connection, recipe_id)
    data = payload.model_dump(mode="json")
    data["id"] = recipe_id
    connection.execute(
        ("UPDATE recipes SET title = :title WHERE id = :id"),
        data,
    )
    save_details(connection, recipe_id, payload)
    connection.commit()
    logger.info("Updated Recipe %s", recipe_id)
    return load_recipe(connection, recipe_id)


@router.delete("/{recipe_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_recipe(
    recipe_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> Response:
    """Remove one Recipe."""
    load_recipe(connection, recipe_id)
    try:
        connection.execute(
            "DELETE FROM recipes WHERE id = ?",
            (recipe_id,),
        )
    except sqlite3.IntegrityError as error:
        logger.warning("Recipe %s is in use", recipe_id)
        raise HTTPException(
            status_code=409, detail="Recipe is still in use"
        ) from error
    connection.commit()
    logger.info("Deleted Recipe %s", recipe_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
